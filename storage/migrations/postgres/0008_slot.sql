-- Leases of gateways: one partition of the reply topic each.
CREATE TABLE slot (
    slot INTEGER PRIMARY KEY,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITH (fillfactor = 50);
