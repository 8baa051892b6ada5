-- Who read or changed a student's record: append-only, each row bound to the one before.
CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor UUID NOT NULL,
    action TEXT NOT NULL,
    student_id UUID,
    section_id UUID,
    detail TEXT NOT NULL,
    master_id BIGINT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);
