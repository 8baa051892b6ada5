//! Who needs help: the rules one by one, in time, and whatever happens.
#![cfg(test)]

#[path = "struggle/phrases.rs"]
mod phrases;
#[path = "struggle/play.rs"]
mod play;
#[path = "struggle/properties.rs"]
mod properties;
#[path = "struggle/rules.rs"]
mod rules;
#[path = "struggle/timers.rs"]
mod timers;
