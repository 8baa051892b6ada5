CREATE INDEX enrolment_by_student ON enrolment (student_id, section_id);
