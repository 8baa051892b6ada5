-- A student's wrapped data key. Without its row nothing that is sealed of the student opens.
CREATE TABLE student_key (
    student_id BLOB PRIMARY KEY,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
