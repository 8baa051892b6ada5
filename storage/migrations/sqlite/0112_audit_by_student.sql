CREATE INDEX audit_by_student ON audit (student_id, id);
