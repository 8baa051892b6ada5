-- Who needs help and why; `seq` is the number of the event that raised it. Text-free.
CREATE TABLE alert (
    id UUID PRIMARY KEY,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    topic TEXT,
    exercise TEXT,
    status TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    snoozed_until BIGINT,
    evidence TEXT NOT NULL,
    seq BIGINT NOT NULL
) WITH (fillfactor = 50);
