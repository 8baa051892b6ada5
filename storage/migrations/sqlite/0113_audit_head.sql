-- The end of the audit trail: its one row is the lock under which entries are appended.
CREATE TABLE audit_head (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    id INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
