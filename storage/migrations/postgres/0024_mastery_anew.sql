-- What a student knows of a topic: points in hundredths, `known` in millionths. Text-free.
CREATE TABLE mastery (
    student_id UUID NOT NULL,
    topic TEXT NOT NULL,
    exercises BIGINT,
    quizzes BIGINT,
    quality BIGINT,
    streak BIGINT,
    score BIGINT NOT NULL,
    estimate BIGINT,
    level TEXT NOT NULL,
    graded_total BIGINT NOT NULL,
    known BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (student_id, topic)
) WITH (fillfactor = 50);
