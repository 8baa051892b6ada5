-- Who owns a partition, and how far it has come.
CREATE TABLE owner (
    partition INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    batch INTEGER NOT NULL DEFAULT 0,
    next_offset INTEGER NOT NULL DEFAULT 0,
    top INTEGER NOT NULL DEFAULT -1,
    out_seq INTEGER NOT NULL DEFAULT 0,
    published_seq INTEGER NOT NULL DEFAULT 0,
    claims INTEGER NOT NULL DEFAULT 0,
    clean INTEGER NOT NULL DEFAULT 0,
    cluster_id TEXT NOT NULL DEFAULT '',
    digest BLOB,
    trying INTEGER
) STRICT, WITHOUT ROWID;
