-- Who needs help and why. Text-free.
CREATE TABLE alert (
    id UUID PRIMARY KEY,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    topic TEXT,
    status TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    snoozed_until BIGINT,
    evidence TEXT NOT NULL
) WITH (fillfactor = 50);
