-- Students that were erased: an id and a time, nothing else.
CREATE TABLE tombstone (
    student_id UUID PRIMARY KEY,
    at BIGINT NOT NULL
);
