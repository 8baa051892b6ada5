-- Work that runs; a new owner takes it up.
CREATE TABLE work (
    partition INTEGER NOT NULL,
    student_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    PRIMARY KEY (partition, student_id, id)
) STRICT;
