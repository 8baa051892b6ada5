-- A student's hints, newest first.
CREATE INDEX hint_by_seq ON hint (student_id, seq);
