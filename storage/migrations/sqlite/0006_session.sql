-- The snapshot of a session, guarded by its own rev.
CREATE TABLE session (
    student_id BLOB PRIMARY KEY,
    partition INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    next_timer INTEGER,
    quarantined_until INTEGER,
    quarantines INTEGER NOT NULL DEFAULT 0,
    state BLOB
) STRICT;
