-- Who teaches a section.
CREATE TABLE section_instructor (
    section_id UUID NOT NULL REFERENCES section (id),
    user_id UUID NOT NULL REFERENCES account (user_id),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (section_id, user_id)
);
