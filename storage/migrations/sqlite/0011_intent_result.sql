-- What became of an intent; kept for a day.
CREATE TABLE intent_result (
    id BLOB PRIMARY KEY,
    student_id BLOB NOT NULL,
    result TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
