-- What a student has done in all. Text-free.
CREATE TABLE activity (
    student_id BLOB PRIMARY KEY,
    turns_total INTEGER NOT NULL,
    complete_total INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL
) STRICT;
