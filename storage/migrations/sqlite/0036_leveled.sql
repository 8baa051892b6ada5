-- Changes of a topic's level, for the timeline; `seq` is the event's number. Text-free.
CREATE TABLE leveled (
    student_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    seq INTEGER NOT NULL,
    level TEXT NOT NULL,
    score INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (student_id, topic, seq)
) STRICT;
