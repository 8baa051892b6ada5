-- When a topic is due again: stability in hundred-thousandths of a day, difficulty in millionths.
CREATE TABLE review (
    student_id UUID NOT NULL,
    topic TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    reviewed_at BIGINT NOT NULL,
    stability BIGINT NOT NULL,
    difficulty BIGINT NOT NULL,
    reviews BIGINT NOT NULL,
    lapses BIGINT NOT NULL,
    PRIMARY KEY (student_id, topic)
) WITH (fillfactor = 50);
