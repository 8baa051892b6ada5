-- Who needs help and why; `seq` is the number of the event that raised it. Text-free.
CREATE TABLE alert (
    id BLOB PRIMARY KEY,
    student_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    topic TEXT,
    exercise TEXT,
    status TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    snoozed_until INTEGER,
    evidence TEXT NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
