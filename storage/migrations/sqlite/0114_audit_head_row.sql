INSERT INTO audit_head (single, id, hash) VALUES (1, 0, zeroblob(32));
