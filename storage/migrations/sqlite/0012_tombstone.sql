-- Students that were erased: an id and a time, nothing else.
CREATE TABLE tombstone (
    student_id BLOB PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
