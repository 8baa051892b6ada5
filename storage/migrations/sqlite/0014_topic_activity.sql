-- What a student has asked about a topic. Text-free.
CREATE TABLE topic_activity (
    student_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    asked_total INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (student_id, topic)
) STRICT;
