-- Answers to requests that came with an Idempotency-Key; `status` is NULL while the first runs.
CREATE TABLE idempotency (
    account BLOB NOT NULL,
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    status INTEGER,
    response BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, route, idempotency_key)
) STRICT, WITHOUT ROWID;
