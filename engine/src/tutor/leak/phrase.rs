//! Words and signs that together stand for one: "is at least", `x += 1`, `console.log`.

use super::token::{Kind, Reading, Token};
use super::word;

/// The hashes that rules speak of.
pub(super) mod sign {
    use crate::tutor::leak::word::id;

    pub(in crate::tutor::leak) const ASSIGN: u32 = id("=");
    pub(in crate::tutor::leak) const PLUS: u32 = id("+");
    pub(in crate::tutor::leak) const MINUS: u32 = id("-");
    pub(in crate::tutor::leak) const TIMES: u32 = id("*");
    pub(in crate::tutor::leak) const REST: u32 = id("%");
    pub(in crate::tutor::leak) const DOT: u32 = id(".");
    pub(in crate::tutor::leak) const LESS: u32 = id("<");
    pub(in crate::tutor::leak) const GREATER: u32 = id(">");
    pub(in crate::tutor::leak) const IS: u32 = id("is");
    pub(in crate::tutor::leak) const BE: u32 = id("be");
    pub(in crate::tutor::leak) const ONE: u32 = id("1");
    pub(in crate::tutor::leak) const OR: u32 = id("or");
    pub(in crate::tutor::leak) const ELSE: u32 = id("else");
    pub(in crate::tutor::leak) const IF: u32 = id("if");
    pub(in crate::tutor::leak) const ELIF: u32 = id("elif");
    pub(in crate::tutor::leak) const NOT: u32 = id("not");
}

const GREATER_WORDS: [u32; 4] =
    [word::id("greater"), word::id("bigger"), word::id("larger"), word::id("more")];
const LESS_WORDS: [u32; 4] =
    [word::id("less"), word::id("smaller"), word::id("fewer"), word::id("lower")];
const RAISE_WORDS: [u32; 2] = [word::id("increase"), word::id("increment")];
const SET_WORDS: [u32; 3] = [word::id("set"), word::id("assign"), word::id("initialize")];
const JOINING_SIGNS: [u32; 2] = [sign::DOT, word::id("[")];
const PLACE_SIGNS: [u32; 3] = [sign::DOT, word::id("["), word::id("self")];

impl Reading {
    /// Adds a sign; an `is` before it belongs to it.
    pub(super) fn operator(&mut self, id: u32, quoted: bool) {
        if let Some(last) = self.tokens.last()
            && (last.id == sign::IS || last.id == sign::BE)
        {
            self.tokens.pop();
        }
        let mut id = id;
        if let [.., sign, or] = self.tokens.as_slice()
            && id == sign::ASSIGN
            && or.id == sign::OR
            && (sign.id == sign::GREATER || sign.id == sign::LESS)
        {
            // "greater than or equal to"
            id = word::id(if sign.id == sign::LESS { "<=" } else { ">=" });
            self.tokens.truncate(self.tokens.len() - 2);
        }
        if self.tokens.last().is_some_and(|last| last.id == sign::NOT) && id == sign::ASSIGN {
            // "is not equal to"
            id = word::id("!=");
            self.tokens.pop();
            if self.tokens.last().is_some_and(|last| last.id == sign::IS) {
                self.tokens.pop();
            }
        }
        self.push(id, Kind::Kept, quoted);
    }

    /// Joins the words of a phrase that stands for one sign.
    pub(super) fn join_words(&mut self, hash: u32, quoted: bool) {
        let before = |back: usize| self.tokens.iter().rev().nth(back).map_or(0, |token| token.id);
        if hash == word::id("than") {
            let sign = match before(1) {
                id if GREATER_WORDS.contains(&id) => sign::GREATER,
                id if LESS_WORDS.contains(&id) => sign::LESS,
                _ => return,
            };
            self.replace(2, &[sign], quoted);
        } else if hash == word::id("least") && before(1) == word::id("at") {
            self.replace(2, &[word::id(">=")], quoted);
        } else if hash == word::id("most") && before(1) == word::id("at") {
            self.replace(2, &[word::id("<=")], quoted);
        } else if hash == word::id("by") {
            match before(1) {
                id if id == word::id("divided") && before(2) == word::id("floor") => {
                    self.replace(3, &[word::id("//")], quoted);
                }
                id if id == word::id("divided") => self.replace(2, &[word::id("/")], quoted),
                id if id == word::id("multiplied") => self.replace(2, &[word::id("*")], quoted),
                _ if RAISE_WORDS.contains(&before(2)) => {
                    let name = before(1);
                    self.replace(3, &[name, sign::ASSIGN, name, sign::PLUS], quoted);
                }
                _ => {}
            }
        } else if hash == word::id("to") && SET_WORDS.contains(&before(2)) {
            let name = before(1);
            self.replace(3, &[name, sign::ASSIGN], quoted);
        } else if hash == word::id("to") && before(1) == word::id("set") {
            self.replace(2, &[sign::ASSIGN], quoted);
        } else if hash == sign::IF && before(1) == sign::ELSE {
            self.replace(2, &[sign::ELIF], quoted);
        } else if hash == word::id("index") && before(1) == word::id("at") {
            self.replace(2, &[word::id("[")], quoted);
        } else if hash == word::id("log") && before(2) == word::id("console") {
            self.replace(3, &[word::id("print")], quoted);
        }
    }

    /// Puts other tokens in the place of the last ones. Names stay names.
    fn replace(&mut self, count: usize, by: &[u32], quoted: bool) {
        let from = self.tokens.len().saturating_sub(count);
        let old: Vec<(u32, Kind)> = self.tokens[from..].iter().map(|t| (t.id, t.kind)).collect();
        self.tokens.truncate(from);
        for &id in by {
            match old.iter().find(|(old, _)| *old == id) {
                Some((_, kind)) => self.push(id, *kind, quoted),
                None => self.operator(id, quoted),
            }
        }
    }

    /// `x += …` becomes `x = x + …`, for a name, its attribute or its element.
    pub(super) fn compound(&mut self, id: u32, quoted: bool) {
        let line = self.sentences.len().saturating_sub(1);
        let is_part = |token: &Token| {
            usize::from(token.sentence) == line
                && (token.kind == Kind::Name || PLACE_SIGNS.contains(&token.id))
        };
        let mut from = self.tokens.len();
        // A place alternates between names and signs: `self.x`, `counts[key]`.
        while from > 0 && self.tokens.len() - from < 6 && is_part(&self.tokens[from - 1]) {
            from -= 1;
            let before = from.checked_sub(1).and_then(|at| self.tokens.get(at));
            let joins = |token: &Token| JOINING_SIGNS.contains(&token.id);
            if !joins(&self.tokens[from]) && !before.is_some_and(joins) {
                break;
            }
        }
        let place: Vec<(u32, Kind)> =
            self.tokens[from..].iter().map(|token| (token.id, token.kind)).collect();
        self.push(sign::ASSIGN, Kind::Kept, quoted);
        for (id, kind) in place {
            self.push(id, kind, quoted);
        }
        self.push(id, Kind::Kept, quoted);
    }
}
