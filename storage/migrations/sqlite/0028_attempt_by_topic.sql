-- A topic's attempts, newest first.
CREATE INDEX attempt_by_topic ON attempt (student_id, topic, seq);
