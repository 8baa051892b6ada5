-- What a student knows of a topic: points in hundredths, `known` in millionths. Text-free.
CREATE TABLE mastery (
    student_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    exercises INTEGER,
    quizzes INTEGER,
    quality INTEGER,
    streak INTEGER,
    score INTEGER NOT NULL,
    estimate INTEGER,
    level TEXT NOT NULL,
    graded_total INTEGER NOT NULL,
    known INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (student_id, topic)
) STRICT;
