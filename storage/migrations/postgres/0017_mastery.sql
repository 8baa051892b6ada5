-- What a student knows of a topic. Text-free.
CREATE TABLE mastery (
    student_id UUID NOT NULL,
    topic TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    estimate DOUBLE PRECISION NOT NULL,
    level TEXT NOT NULL,
    graded_total BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (student_id, topic)
) WITH (fillfactor = 50);
