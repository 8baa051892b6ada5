-- Work that runs; a new owner takes it up.
CREATE TABLE work (
    partition INTEGER NOT NULL,
    student_id UUID NOT NULL,
    id UUID NOT NULL,
    kind SMALLINT NOT NULL,
    attempt SMALLINT NOT NULL,
    crashes SMALLINT NOT NULL,
    PRIMARY KEY (partition, student_id, id)
) WITH (fillfactor = 50);
