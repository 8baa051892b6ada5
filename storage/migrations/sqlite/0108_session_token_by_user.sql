CREATE INDEX session_token_by_user ON session_token (user_id);
