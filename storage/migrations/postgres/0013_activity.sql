-- What a student has done in all. Text-free.
CREATE TABLE activity (
    student_id UUID PRIMARY KEY,
    turns_total BIGINT NOT NULL,
    complete_total BIGINT NOT NULL,
    last_active_at BIGINT NOT NULL
) WITH (fillfactor = 50);
