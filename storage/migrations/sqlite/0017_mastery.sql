-- What a student knows of a topic. Text-free.
CREATE TABLE mastery (
    student_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    score REAL NOT NULL,
    estimate REAL NOT NULL,
    level TEXT NOT NULL,
    graded_total INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (student_id, topic)
) STRICT;
