-- Who is taught in a section.
CREATE TABLE enrolment (
    section_id UUID NOT NULL REFERENCES section (id),
    student_id UUID NOT NULL,
    enrolled_at BIGINT NOT NULL,
    PRIMARY KEY (section_id, student_id)
);
