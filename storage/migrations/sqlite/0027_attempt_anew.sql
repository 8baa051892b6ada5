-- Graded exercises and quizzes; scores in hundredths of a point, `seq` is the event's number.
-- Text-free.
CREATE TABLE attempt (
    student_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    topic TEXT NOT NULL,
    score INTEGER NOT NULL,
    signature TEXT,
    misconception TEXT,
    rung INTEGER NOT NULL,
    deltas TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (student_id, id)
) STRICT;
