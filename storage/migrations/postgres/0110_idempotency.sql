-- Answers to requests that came with an Idempotency-Key; `status` is NULL while the first runs.
CREATE TABLE idempotency (
    account UUID NOT NULL,
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    status SMALLINT,
    response BYTEA,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, route, idempotency_key)
);
