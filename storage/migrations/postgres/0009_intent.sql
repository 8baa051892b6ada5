-- Writes by REST that wait for a session to apply them.
CREATE TABLE intent (
    id UUID PRIMARY KEY,
    student_id UUID NOT NULL,
    kind TEXT NOT NULL,
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    tries INTEGER NOT NULL
);
