-- One open alert per student, kind and topic.
CREATE UNIQUE INDEX alert_open ON alert (student_id, kind, (coalesce(topic, ''))) WHERE closed_at IS NULL;
