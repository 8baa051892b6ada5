-- Writes by REST that wait for a session to apply them.
CREATE TABLE intent (
    id BLOB PRIMARY KEY,
    student_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL,
    tries INTEGER NOT NULL
) STRICT;
