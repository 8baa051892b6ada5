-- When a topic is due again: stability in hundred-thousandths of a day, difficulty in millionths.
CREATE TABLE review (
    student_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    reviewed_at INTEGER NOT NULL,
    stability INTEGER NOT NULL,
    difficulty INTEGER NOT NULL,
    reviews INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    PRIMARY KEY (student_id, topic)
) STRICT;
