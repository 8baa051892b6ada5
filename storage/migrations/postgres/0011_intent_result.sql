-- What became of an intent; kept for a day.
CREATE TABLE intent_result (
    id UUID PRIMARY KEY,
    student_id UUID NOT NULL,
    result TEXT NOT NULL,
    at BIGINT NOT NULL
);
