-- Sign-ins. `hash` is SHA-256 of the token, which only its holder has.
CREATE TABLE session_token (
    hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES account (user_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
