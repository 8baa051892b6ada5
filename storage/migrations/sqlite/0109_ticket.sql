-- One-use tickets for sockets. `hash` is SHA-256 of the ticket, `token_hash` names the sign-in.
CREATE TABLE ticket (
    hash BLOB PRIMARY KEY,
    student_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
