-- The end of the audit trail: its one row is the lock under which entries are appended.
CREATE TABLE audit_head (
    single SMALLINT PRIMARY KEY CHECK (single = 1),
    id BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
