-- Graded attempts: signature, misconception, rung and deltas. Text-free.
CREATE TABLE attempt (
    student_id BLOB NOT NULL,
    id BLOB NOT NULL,
    exercise TEXT NOT NULL,
    topic TEXT NOT NULL,
    score REAL NOT NULL,
    signature TEXT,
    misconception TEXT,
    rung INTEGER NOT NULL,
    deltas TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (student_id, id)
) STRICT;
