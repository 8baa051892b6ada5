-- Snapshots are small and replaced often.
ALTER TABLE session ALTER COLUMN state SET STORAGE MAIN;
