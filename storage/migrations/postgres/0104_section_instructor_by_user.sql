CREATE INDEX section_instructor_by_user ON section_instructor (user_id, section_id);
