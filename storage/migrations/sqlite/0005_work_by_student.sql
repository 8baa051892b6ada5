-- A gateway asks which turn of a student runs.
CREATE INDEX work_by_student ON work (student_id);
