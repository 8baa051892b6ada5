-- Sign-ins. `hash` is SHA-256 of the token, which only its holder has.
CREATE TABLE session_token (
    hash BYTEA PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES account (user_id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    revoked_at BIGINT
);
