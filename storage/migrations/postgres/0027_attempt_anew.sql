-- Graded exercises and quizzes; scores in hundredths of a point, `seq` is the event's number.
-- Text-free.
CREATE TABLE attempt (
    student_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    topic TEXT NOT NULL,
    score BIGINT NOT NULL,
    signature TEXT,
    misconception TEXT,
    rung SMALLINT NOT NULL,
    deltas TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (student_id, id)
);
