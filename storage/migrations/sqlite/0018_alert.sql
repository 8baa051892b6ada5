-- Who needs help and why. Text-free.
CREATE TABLE alert (
    id BLOB PRIMARY KEY,
    student_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    snoozed_until INTEGER,
    evidence TEXT NOT NULL
) STRICT;
