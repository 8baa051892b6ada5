-- A step a row: event store, outbox, source of resume and of the transcript.
CREATE TABLE journal (
    student_id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    last_frame INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    out_seq INTEGER NOT NULL,
    facts BLOB NOT NULL,
    text BLOB,
    PRIMARY KEY (student_id, rev)
) STRICT;
