-- Hints that were given; `seq` is the event's number. Text-free.
CREATE TABLE hint (
    student_id UUID NOT NULL,
    turn UUID NOT NULL,
    exercise TEXT NOT NULL,
    topic TEXT NOT NULL,
    rung SMALLINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (student_id, turn)
);
