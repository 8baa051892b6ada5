-- Texts and facts from this rev on are still needed by the conversation.
ALTER TABLE session ADD COLUMN kept_from BIGINT NOT NULL DEFAULT 0;
