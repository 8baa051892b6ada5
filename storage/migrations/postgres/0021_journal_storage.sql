-- Sealed bodies do not compress; most fit into the row.
ALTER TABLE journal ALTER COLUMN facts SET STORAGE MAIN, ALTER COLUMN text SET STORAGE MAIN;
