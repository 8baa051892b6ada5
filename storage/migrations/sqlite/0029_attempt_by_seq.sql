-- A student's attempts, newest first.
CREATE INDEX attempt_by_seq ON attempt (student_id, seq);
