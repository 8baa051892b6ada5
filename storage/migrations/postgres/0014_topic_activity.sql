-- What a student has asked about a topic. Text-free.
CREATE TABLE topic_activity (
    student_id UUID NOT NULL,
    topic TEXT NOT NULL,
    asked_total BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (student_id, topic)
) WITH (fillfactor = 50);
