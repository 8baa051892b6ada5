-- Turns, for lists and for the order of the transcript; their texts stay in the journal.
CREATE TABLE turn (
    student_id BLOB NOT NULL,
    turn BLOB NOT NULL,
    question_rev INTEGER NOT NULL,
    answer_rev INTEGER,
    status TEXT NOT NULL,
    agent TEXT,
    topic TEXT,
    source TEXT,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (student_id, turn)
) STRICT;
