-- Which sessions must be woken.
CREATE INDEX session_timer ON session (partition, next_timer) WHERE next_timer IS NOT NULL;
