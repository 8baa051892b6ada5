-- Who teaches a section.
CREATE TABLE section_instructor (
    section_id BLOB NOT NULL REFERENCES section (id),
    user_id BLOB NOT NULL REFERENCES account (user_id),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (section_id, user_id)
) STRICT, WITHOUT ROWID;
