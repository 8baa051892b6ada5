-- Graded attempts: signature, misconception, rung and deltas. Text-free.
CREATE TABLE attempt (
    student_id UUID NOT NULL,
    id UUID NOT NULL,
    exercise TEXT NOT NULL,
    topic TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    signature TEXT,
    misconception TEXT,
    rung SMALLINT NOT NULL,
    deltas TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (student_id, id)
);
