-- A student's alerts, newest first.
CREATE INDEX alert_by_student ON alert (student_id, seq);
