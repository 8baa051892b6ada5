-- The snapshot of a session, guarded by its own rev.
CREATE TABLE session (
    student_id UUID PRIMARY KEY,
    partition INTEGER NOT NULL,
    rev BIGINT NOT NULL,
    next_timer BIGINT,
    quarantined_until BIGINT,
    quarantines SMALLINT NOT NULL DEFAULT 0,
    state BYTEA
) WITH (fillfactor = 50);
