-- What the relay appends next.
CREATE INDEX intent_due ON intent (next_try_at);
