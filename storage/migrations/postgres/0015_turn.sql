-- Turns, for lists and for the order of the transcript; their texts stay in the journal.
CREATE TABLE turn (
    student_id UUID NOT NULL,
    turn UUID NOT NULL,
    question_rev BIGINT NOT NULL,
    answer_rev BIGINT,
    status TEXT NOT NULL,
    agent TEXT,
    topic TEXT,
    source TEXT,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (student_id, turn)
) WITH (fillfactor = 50);
