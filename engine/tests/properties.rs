//! What holds of a session whatever happens to it, in whatever order.
#![cfg(test)]

#[path = "properties/onlooker.rs"]
mod onlooker;
#[path = "properties/play.rs"]
mod play;
#[path = "session_rules/world.rs"]
mod world;

use std::sync::{Arc, LazyLock};

use learnflow_engine::course::model::Course;
use learnflow_engine::event::v1::{AgeBand, Consent, Event};
use learnflow_engine::id::CommandId;
use learnflow_engine::session::command::Command;
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::evolve::apply;
use learnflow_engine::session::input::Input;
use learnflow_engine::session::state::{Position, State};
use learnflow_engine::snapshot;
use learnflow_engine::tutor::prompt::{Prompt, Scope};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use play::{Play, any_op};
use uuid::Uuid;
use world::World;

/// Few and long: what goes wrong goes wrong late. The seed is fixed, so that a red run stays red.
const CASES: u32 = 64;
const OPS: usize = 70;
const SEED: RngSeed = RngSeed::Fixed(0x1ea7);

static BUILTIN: LazyLock<Arc<Course>> =
    LazyLock::new(|| Course::builtin().expect("the course that comes with the engine is valid"));

/// What a session asks the model for a question that is its first.
fn prompt(text: String) -> Prompt {
    let mut world = World::created(AgeBand::Adult, Consent::NotNeeded);
    world.course = &BUILTIN;
    let outcome = world.step(&Input::Command {
        id: CommandId::new(Uuid::from_u128(1)),
        position: Position { generation: 1, partition: 0, offset: 0 },
        at: world.now,
        command: Command::Ask { text, code: None, exercise: None, topic: None },
    });
    match outcome.effects.into_iter().next() {
        Some(Effect::CallModel { prompt, .. }) => *prompt,
        other => panic!("an ask calls the model, it doesn't do {other:?}"),
    }
}

/// However a question of the course is spaced, everybody gets the same prompt.
fn check_shared(typed: String, authored: &str) {
    let (mine, theirs) = (prompt(typed), prompt(authored.to_owned()));
    assert!(matches!(mine.scope(), Scope::Course(_)), "{authored}");
    assert_eq!(mine.scope(), theirs.scope(), "{authored}");
    assert_eq!(mine.messages(), theirs.messages(), "{authored}");
    assert_eq!(mine.brief(), theirs.brief(), "{authored}");
}

#[test]
fn every_question_of_the_course_is_shared_however_it_is_spaced() {
    for topic in BUILTIN.topics() {
        for authored in topic.authored_questions() {
            for space in ["\n", "\n    ", "\u{a0}", "\r\n\r\n"] {
                check_shared(authored.replace(' ', space), authored);
            }
        }
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        rng_seed: SEED,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// [`Play`] and its onlooker check each step: invariants, numbering, order of a turn's frames, what a
    /// client holds, the work list, the calls; and that late and repeated inputs change nothing.
    #[test]
    fn every_acknowledged_ask_ends_in_exactly_one_done(ops in vec(any_op(), 1..OPS)) {
        let mut play = Play::new();
        for op in &ops {
            play.take(op);
        }
        play.drain();
        play.check_end();
    }

    #[test]
    fn folding_what_was_stored_gives_the_live_state_at_every_prefix(
        ops in vec(any_op(), 1..OPS),
    ) {
        let mut play = Play::new();
        let mut folded = State::new(play.world.state.student);
        let mut taken = 0;
        for op in &ops {
            play.take(op);
            for row in &play.world.rows[taken..] {
                apply(&mut folded, &row.head, &row.events());
            }
            taken = play.world.rows.len();
            prop_assert_eq!(&folded, &play.world.state);
        }
    }

    #[test]
    fn a_snapshot_of_any_prefix_and_later_events_give_the_full_replay(
        ops in vec(any_op(), 1..OPS),
    ) {
        let mut play = Play::new();
        let mut snapshots = Vec::new();
        for op in &ops {
            play.take(op);
            let bytes = snapshot::encode(&play.world.state);
            prop_assert!(bytes.len() <= snapshot::LIMIT_BYTES);
            snapshots.push((play.world.rows.len(), bytes));
        }
        let events: Vec<Vec<Event>> = play.world.rows.iter().map(world::Row::events).collect();
        for (stored, bytes) in snapshots {
            let mut state = snapshot::decode(&bytes).expect("a snapshot decodes");
            for (row, events) in play.world.rows.iter().zip(&events).skip(stored) {
                apply(&mut state, &row.head, events);
            }
            prop_assert_eq!(&state, &play.world.state);
        }
    }

    #[test]
    fn a_session_that_forgets_everything_after_every_input_says_the_same(
        ops in vec(any_op(), 1..OPS),
    ) {
        let (mut steady, mut forgetful) = (Play::new(), Play::new());
        for op in &ops {
            steady.take(op);
            forgetful.take(op);
            // Only what was streamed is volatile, and a crash would end the attempt with it.
            if forgetful.world.texts.streamed().is_empty() {
                forgetful.world.lose_memory();
            }
            prop_assert_eq!(&steady.world.state, &forgetful.world.state);
            prop_assert_eq!(&steady.onlooker.calls, &forgetful.onlooker.calls);
        }
    }

    /// White space is all that a student adds to one of the course's questions, and even that
    /// doesn't reach what everybody gets.
    #[test]
    fn a_shared_prompt_holds_nothing_that_the_student_typed(
        topic in any::<prop::sample::Index>(),
        question in any::<prop::sample::Index>(),
        spaces in vec("[ \t\n\r\u{a0}\u{2003}]{1,5}", 40),
    ) {
        let topic = topic.get(BUILTIN.topics());
        let questions: Vec<&str> = topic.authored_questions().collect();
        let authored = *question.get(&questions);
        let words = authored.split_whitespace().zip(&spaces);
        let typed: String = words.flat_map(|(word, space)| [space.as_str(), word]).collect();
        check_shared(typed + &spaces[39], authored);
    }

    #[test]
    fn damage_to_a_snapshot_is_found(
        ops in vec(any_op(), 1..20),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut play = Play::new();
        for op in &ops {
            play.take(op);
        }
        let mut bytes = snapshot::encode(&play.world.state);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(snapshot::decode(&bytes).is_err());
        prop_assert!(snapshot::decode(&bytes[..place]).is_err());
    }
}
