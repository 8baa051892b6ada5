-- One-use tickets for sockets. `hash` is SHA-256 of the ticket, `token_hash` names the sign-in.
CREATE TABLE ticket (
    hash BYTEA PRIMARY KEY,
    student_id UUID NOT NULL,
    user_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
