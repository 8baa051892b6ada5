-- Who owns a partition, and how far it has come.
CREATE TABLE owner (
    partition INTEGER PRIMARY KEY,
    generation BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL DEFAULT 0,
    batch BIGINT NOT NULL DEFAULT 0,
    next_offset BIGINT NOT NULL DEFAULT 0,
    top BIGINT NOT NULL DEFAULT -1,
    out_seq BIGINT NOT NULL DEFAULT 0,
    published_seq BIGINT NOT NULL DEFAULT 0,
    claims BIGINT NOT NULL DEFAULT 0,
    clean BOOLEAN NOT NULL DEFAULT FALSE,
    cluster_id TEXT NOT NULL DEFAULT '',
    digest BYTEA,
    trying BIGINT
) WITH (fillfactor = 50);
