-- Who read or changed a student's record: append-only, each row bound to the one before.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor BLOB NOT NULL,
    action TEXT NOT NULL,
    student_id BLOB,
    section_id BLOB,
    detail TEXT NOT NULL,
    master_id INTEGER NOT NULL,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
