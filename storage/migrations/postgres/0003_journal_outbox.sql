-- Read back when a partition is claimed, and by class feeds.
CREATE INDEX journal_outbox ON journal (partition, out_seq);
