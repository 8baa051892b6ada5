-- Changes of a topic's level, for the timeline; `seq` is the event's number. Text-free.
CREATE TABLE leveled (
    student_id UUID NOT NULL,
    topic TEXT NOT NULL,
    seq BIGINT NOT NULL,
    level TEXT NOT NULL,
    score BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (student_id, topic, seq)
);
