-- Hints that were given; `seq` is the event's number. Text-free.
CREATE TABLE hint (
    student_id BLOB NOT NULL,
    turn BLOB NOT NULL,
    exercise TEXT NOT NULL,
    topic TEXT NOT NULL,
    rung INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (student_id, turn)
) STRICT;
