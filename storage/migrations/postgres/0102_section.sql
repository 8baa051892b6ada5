-- Students who are taught together. Every enrolment locks this row.
CREATE TABLE section (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    class_code TEXT NOT NULL UNIQUE,
    highest_rung SMALLINT NOT NULL CHECK (highest_rung BETWEEN 1 AND 5),
    transcripts TEXT NOT NULL CHECK (transcripts IN ('readable', 'closed')),
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
