-- Leases of gateways: one partition of the reply topic each.
CREATE TABLE slot (
    slot INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
