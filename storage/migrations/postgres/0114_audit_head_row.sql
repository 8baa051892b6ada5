INSERT INTO audit_head (single, id, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
