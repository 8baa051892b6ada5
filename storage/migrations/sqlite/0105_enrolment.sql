-- Who is taught in a section.
CREATE TABLE enrolment (
    section_id BLOB NOT NULL REFERENCES section (id),
    student_id BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    PRIMARY KEY (section_id, student_id)
) STRICT, WITHOUT ROWID;
