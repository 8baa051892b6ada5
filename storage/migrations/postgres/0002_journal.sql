-- A step a row: event store, outbox, source of resume and of the transcript.
CREATE TABLE journal (
    student_id UUID NOT NULL,
    rev BIGINT NOT NULL,
    partition INTEGER NOT NULL,
    epoch BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    last_frame BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    out_seq BIGINT NOT NULL,
    facts BYTEA NOT NULL,
    text BYTEA,
    PRIMARY KEY (student_id, rev)
);
