//! The key of a stored answer: BLAKE3 over everything that can change its text or its audience.
//!
//! Fields are length-prefixed, so no two field lists have the same bytes, and the scope comes
//! first. A request for nobody else ([`Scope::NoStore`]) has no key at all: without one neither
//! the cache nor a running flight can be reached.
//!
//! A student's words can't be made into a prompt of a shared scope:
//!
//! ```compile_fail,E0451
//! use learnflow_engine::tutor::prompt::{Brief, Message, SharedPrompt};
//!
//! fn share(words: Vec<Message>, brief: Brief) -> SharedPrompt {
//!     SharedPrompt { course: "python@1".into(), messages: words, brief }
//! }
//! ```

use learnflow_engine::tutor::prompt::{Message, Role, Scope, TEMPLATE_VERSION};

/// Raised when the list of fields or their encoding changes.
const SCHEMA: u32 = 1;

/// Separates these digests from every other use of BLAKE3.
const CONTEXT: &str = "learnflow completion cache v1";

/// What answers: answers of different models never meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIdentity {
    /// The model's name.
    pub name: String,
    /// Where it answers: the base URL.
    pub endpoint: String,
}

/// The key of a stored answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; 32]);

/// A digest of a student's words is no public thing: `Debug` shows none of it.
impl std::fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CacheKey(..)")
    }
}

impl CacheKey {
    /// The key of a request, or none where the scope shares with nobody.
    pub fn of(
        scope: &Scope,
        model: &ModelIdentity,
        messages: &[Message],
        max_tokens: u32,
    ) -> Option<Self> {
        Self::of_template(TEMPLATE_VERSION, scope, model, messages, max_tokens)
    }

    fn of_template(
        template: u16,
        scope: &Scope,
        model: &ModelIdentity,
        messages: &[Message],
        max_tokens: u32,
    ) -> Option<Self> {
        let mut fields = Fields(blake3::Hasher::new_derive_key(CONTEXT));
        fields.number(SCHEMA);
        match scope {
            Scope::NoStore => return None,
            Scope::Session(student, turn) => {
                fields.number(1);
                fields.bytes(student.as_uuid().as_bytes());
                fields.bytes(turn.as_uuid().as_bytes());
            }
            Scope::Student(student) => {
                fields.number(2);
                fields.bytes(student.as_uuid().as_bytes());
            }
            Scope::Course(course) => {
                fields.number(3);
                fields.bytes(course.as_bytes());
            }
            Scope::Public => fields.number(4),
        }
        // Taken apart without `..`: a new field must be placed here before this compiles.
        let ModelIdentity { name, endpoint } = model;
        fields.bytes(name.as_bytes());
        fields.bytes(endpoint.as_bytes());
        fields.number(u32::from(template));
        fields.number(max_tokens);
        fields.number(u32::try_from(messages.len()).unwrap_or(u32::MAX));
        for Message { role, content } in messages {
            fields.number(role_number(*role));
            fields.bytes(content.as_bytes());
        }
        Some(Self(*fields.0.finalize().as_bytes()))
    }

    /// Eight bits of the key, to spread lifetimes.
    pub(super) const fn spread(&self) -> u8 {
        self.0[0]
    }
}

const fn role_number(role: Role) -> u32 {
    match role {
        Role::System => 1,
        Role::User => 2,
        Role::Assistant => 3,
    }
}

struct Fields(blake3::Hasher);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&length.to_le_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use learnflow_engine::id::{StudentId, TurnId};

    const MAYA: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
    const JAMES: &str = "0192f0c1-2345-7abc-8def-0123456789ac";

    fn model() -> ModelIdentity {
        ModelIdentity { name: "tutor-1".to_owned(), endpoint: "http://127.0.0.1:1/v1".to_owned() }
    }

    fn messages() -> Vec<Message> {
        vec![
            Message { role: Role::System, content: "Teach.".to_owned() },
            Message { role: Role::User, content: "What is a loop?".to_owned() },
        ]
    }

    fn course() -> Scope {
        Scope::Course("python@1".into())
    }

    fn key(scope: &Scope) -> CacheKey {
        CacheKey::of(scope, &model(), &messages(), 1_000).unwrap()
    }

    fn hex(key: CacheKey) -> String {
        blake3::Hash::from(key.0).to_hex().to_string()
    }

    #[test]
    fn the_key_of_a_known_request_never_changes() {
        let of_template = |template| {
            CacheKey::of_template(template, &course(), &model(), &messages(), 1_000).unwrap()
        };
        assert_eq!(hex(of_template(1)), GOLDEN);
        assert_ne!(hex(of_template(2)), GOLDEN);
    }

    /// Checked against another implementation of BLAKE3's key derivation.
    const GOLDEN: &str = "6b43b8210fb4d54a67bd3af75d77430beebb25da7d4d6a15383cbddb382e9c6c";

    #[test]
    fn a_request_for_nobody_else_has_no_key() {
        assert_eq!(CacheKey::of(&Scope::NoStore, &model(), &messages(), 1_000), None);
    }

    #[test]
    fn every_scope_and_every_id_has_its_own_key() {
        let turn: TurnId = MAYA.parse().unwrap();
        let (maya, james): (StudentId, StudentId) = (MAYA.parse().unwrap(), JAMES.parse().unwrap());
        let keys: Vec<_> = [
            Scope::Session(maya, turn),
            Scope::Session(james, turn),
            Scope::Session(maya, JAMES.parse().unwrap()),
            Scope::Student(maya),
            Scope::Student(james),
            course(),
            Scope::Course("python@2".into()),
            Scope::Public,
        ]
        .iter()
        .map(key)
        .collect();
        let distinct: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn changing_any_field_changes_the_key() {
        let base = key(&course());
        let other_name = ModelIdentity { name: "tutor-2".to_owned(), ..model() };
        let other_endpoint = ModelIdentity { endpoint: "http://[::1]/v1".to_owned(), ..model() };
        for (what, changed) in [
            ("name", CacheKey::of(&course(), &other_name, &messages(), 1_000)),
            ("endpoint", CacheKey::of(&course(), &other_endpoint, &messages(), 1_000)),
            ("max_tokens", CacheKey::of(&course(), &model(), &messages(), 1_001)),
            ("fewer messages", CacheKey::of(&course(), &model(), &messages()[..1], 1_000)),
        ] {
            assert_ne!(changed, Some(base), "{what}");
        }
        let mut role = messages();
        role[0].role = Role::User;
        let mut content = messages();
        content[1].content.push(' ');
        let mut order = messages();
        order.swap(0, 1);
        for (what, changed) in [("role", role), ("content", content), ("order", order)] {
            assert_ne!(CacheKey::of(&course(), &model(), &changed, 1_000), Some(base), "{what}");
        }
    }

    #[test]
    fn moving_a_byte_between_fields_changes_the_key() {
        let (a, b) = (
            ModelIdentity { name: "ab".to_owned(), endpoint: "c".to_owned() },
            ModelIdentity { name: "a".to_owned(), endpoint: "bc".to_owned() },
        );
        assert_ne!(
            CacheKey::of(&course(), &a, &messages(), 1),
            CacheKey::of(&course(), &b, &messages(), 1)
        );
    }
}
