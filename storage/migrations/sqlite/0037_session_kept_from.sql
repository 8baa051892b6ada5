-- Texts and facts from this rev on are still needed by the conversation.
ALTER TABLE session ADD COLUMN kept_from INTEGER NOT NULL DEFAULT 0;
