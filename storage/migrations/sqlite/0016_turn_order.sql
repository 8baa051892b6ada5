-- The transcript's order.
CREATE INDEX turn_order ON turn (student_id, question_rev);
