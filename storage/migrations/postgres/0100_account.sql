-- Who can sign in. E-mail is normalised (trimmed, lower case) and in clear: it is no student text.
CREATE TABLE account (
    user_id UUID PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('student', 'instructor', 'admin')),
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT,
    student_id UUID UNIQUE,
    birth_year INTEGER,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    CHECK ((role = 'student') = (student_id IS NOT NULL))
);
