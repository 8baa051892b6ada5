-- A student's wrapped data key. Without its row nothing that is sealed of the student opens.
CREATE TABLE student_key (
    student_id UUID PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
