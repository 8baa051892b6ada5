//! Public error codes: never reused, each with a page in docs/errors.
//!
//! `LF01xx` frames and protocol, `LF02xx` sign-in, `LF03xx` permission, `LF04xx` input and state,
//! `LF05xx` limits, `LF06xx` model, `LF07xx` log, `LF08xx` store, `LF09xx` configuration and start.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether the same request may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request may succeed later.
    Later,
    /// The request must change first.
    Never,
}

/// What is known of a code without the case at hand.
struct Entry {
    code: ErrorCode,
    number: &'static str,
    slug: &'static str,
    title: &'static str,
    status: Option<u16>,
    retry: Retry,
}

/// Makes the enum and its table from one list: variant, number, slug, HTTP status, retry, title.
macro_rules! codes {
    ($($code:ident = $number:ident $slug:literal $status:expr, $retry:ident: $title:literal,)*) => {
        /// A public error code. New ones are added at the end: the position is stored.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", stringify!($number), "`: ", $title, ".")] $code,)*
        }

        /// One entry a code, in the order of [`ErrorCode`].
        static ENTRIES: &[Entry] = &[$(Entry {
            code: ErrorCode::$code,
            number: stringify!($number),
            slug: $slug,
            title: $title,
            status: $status,
            retry: Retry::$retry,
        },)*];
    };
}

codes! {
    UnreadableFrame = LF0101 "unreadable-frame" None, Never: "The frame is not a JSON object",
    UnknownFrame = LF0102 "unknown-frame" None, Never: "The frame's type is not known",
    InvalidFrame = LF0103 "invalid-frame" None, Never: "A field of the frame is missing or wrong",
    HelloExpected = LF0104 "hello-expected" None, Never: "The first frame must be hello",
    InvalidCommandId = LF0105 "invalid-command-id" None, Never: "The command id is not a UUID",
    TextTooLong = LF0106 "text-too-long" None, Never: "The text is too long",
    TooManyFrames = LF0107 "too-many-frames" None, Later: "Too many frames at once",
    InvalidAfterSeq = LF0108 "invalid-after-seq" None, Never: "after_seq is not a frame number",
    FrameTooLarge = LF0109 "frame-too-large" None, Never: "The message is too large",
    UnsupportedVersion = LF0110 "unsupported-version" None, Never: "The protocol version is not spoken here",
    SignInFailed = LF0201 "sign-in-failed" Some(401), Never: "E-mail or password is wrong",
    NotSignedIn = LF0202 "not-signed-in" Some(401), Never: "Not signed in",
    TicketRefused = LF0203 "ticket-refused" Some(401), Never: "The socket ticket is not valid",
    EmailTaken = LF0204 "email-taken" Some(409), Never: "This e-mail can't be used",
    PasswordTooWeak = LF0205 "password-too-weak" Some(422), Never: "The password is too short",
    SignInThrottled = LF0206 "sign-in-throttled" Some(429), Later: "Too many attempts to sign in",
    NotYours = LF0301 "not-yours" Some(403), Never: "Not yours to see",
    RoleNotAllowed = LF0302 "role-not-allowed" Some(403), Never: "Your role may not do this",
    ForeignOrigin = LF0303 "foreign-origin" Some(403), Never: "The request comes from a foreign page",
    ConsentMissing = LF0304 "consent-missing" Some(403), Never: "Consent is missing",
    MalformedBody = LF0401 "malformed-body" Some(400), Never: "The body is not JSON",
    InvalidField = LF0402 "invalid-field" Some(422), Never: "A field is missing or wrong",
    NoSuchPath = LF0403 "no-such-path" Some(404), Never: "There is nothing at this address",
    UnknownTopic = LF0404 "unknown-topic" Some(422), Never: "The course has no such topic",
    UnknownExercise = LF0405 "unknown-exercise" Some(422), Never: "The course has no such exercise",
    Conflict = LF0406 "conflict" Some(409), Never: "It conflicts with what is there",
    IdempotencyMismatch = LF0407 "idempotency-mismatch" Some(422), Never: "The idempotency key was used for something else",
    UnsupportedMediaType = LF0408 "unsupported-media-type" Some(415), Never: "The body must be JSON",
    InvalidCursor = LF0409 "invalid-cursor" Some(422), Never: "The cursor is not one of ours",
    NotOffered = LF0410 "not-offered" None, Never: "This server doesn't offer that yet",
    BodyTooLarge = LF0411 "body-too-large" Some(413), Never: "The body is too large",
    MethodNotAllowed = LF0412 "method-not-allowed" Some(405), Never: "The address doesn't take this method",
    UnknownSession = LF0413 "unknown-session" None, Never: "There is no such student's session",
    Busy = LF0501 "busy" None, Later: "Too many questions are waiting",
    TooManySockets = LF0502 "too-many-sockets" None, Never: "Too many open pages",
    RateLimited = LF0503 "rate-limited" Some(429), Later: "Too many requests",
    ModelUnavailable = LF0601 "model-unavailable" None, Later: "The AI can't be reached",
    ModelTimeout = LF0602 "model-timeout" None, Later: "The AI took too long",
    ModelRefused = LF0603 "model-refused" None, Never: "The AI refused the request",
    TurnAbandoned = LF0604 "turn-abandoned" None, Later: "The answer could not be completed",
    AnswerCut = LF0605 "answer-cut" None, Later: "The answer was cut off",
    LogUnavailable = LF0701 "log-unavailable" Some(503), Later: "The tutor can't take messages at the moment",
    WrongPartitions = LF0702 "wrong-partitions" None, Never: "The log's topics don't fit",
    LogReplaced = LF0703 "log-replaced" None, Never: "The log is not the one that the store knows",
    StoreUnavailable = LF0801 "store-unavailable" Some(503), Later: "The store doesn't answer",
    SchemaOutdated = LF0802 "schema-outdated" None, Never: "The database schema is not up to date",
    SealBroken = LF0803 "seal-broken" None, Never: "A sealed value does not open",
    SessionQuarantined = LF0804 "session-quarantined" None, Later: "This session is resting after repeated failures",
    InvalidConfiguration = LF0901 "invalid-configuration" None, Never: "The configuration is wrong",
    StartRefused = LF0902 "start-refused" None, Never: "The server refuses to start",
    Internal = LF0903 "internal" Some(500), Later: "Something went wrong in the server",
    UnknownItem = LF0414 "unknown-item" Some(422), Never: "The course has no such quiz item",
    QuotaUsedUp = LF0504 "quota-used-up" None, Later: "Today's answers of the AI are used up",
}

impl ErrorCode {
    fn entry(self) -> &'static Entry {
        // The table has one line a code in this order; a test holds it.
        &ENTRIES[self as usize]
    }

    /// All codes.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.code)
    }

    /// The public number, such as `LF0107`.
    pub fn as_str(self) -> &'static str {
        self.entry().number
    }

    /// The last part of the page's address, `/problems/{slug}`.
    pub fn slug(self) -> &'static str {
        self.entry().slug
    }

    /// One line for people.
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// The HTTP status, for codes that HTTP answers carry.
    pub fn status(self) -> Option<u16> {
        self.entry().status
    }

    /// Whether the same request may succeed later.
    pub fn retry(self) -> Retry {
        self.entry().retry
    }

    /// Whether the same request may succeed later, as the wire says it.
    pub fn is_retryable(self) -> bool {
        self.retry() == Retry::Later
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_enum_and_numbers_are_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for (place, entry) in ENTRIES.iter().enumerate() {
            assert_eq!(entry.code as usize, place, "{}", entry.number);
            assert!(seen.insert(entry.number) && seen.insert(entry.slug), "{}", entry.number);
            assert!(entry.number.starts_with("LF") && entry.number.len() == 6);
        }
    }
}
