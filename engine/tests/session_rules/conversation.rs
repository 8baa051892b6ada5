//! What the model is told of the conversation, and what becomes of old turns.

use learnflow_engine::event::v1::{AgeBand, Consent, Event};
use learnflow_engine::session::effect::Effect;
use learnflow_engine::session::state::{SUMMARY_LIMIT_BYTES, WINDOW_LIMIT};
use learnflow_engine::tutor::prompt::{Prompt, Role, Scope};

use super::script::{Script, command_id};
use super::world::{Outcome, World};
use learnflow_engine::session::command::Command;
use learnflow_engine::session::input::Input;
use learnflow_engine::session::state::Position;

fn adult() -> World {
    World::created(AgeBand::Adult, Consent::NotNeeded)
}

/// Asks, and gives the prompt of the call.
fn ask(world: &mut World, number: i64, text: &str, code: Option<&str>) -> Prompt {
    let command = Command::Ask {
        text: text.to_owned(),
        code: code.map(str::to_owned),
        exercise: None,
        topic: None,
    };
    let position = Position { generation: 1, partition: 0, offset: number };
    let id = command_id(&format!("c{number}"));
    let outcome = world.step(&Input::Command { id, position, at: world.now, command });
    prompt_of(&outcome)
}

fn prompt_of(outcome: &Outcome) -> Prompt {
    let calls = outcome.effects.iter().filter_map(|effect| match effect {
        Effect::CallModel { prompt, .. } => Some(prompt.as_ref().clone()),
        Effect::Answer { .. }
        | Effect::SayWithin { .. }
        | Effect::StopModel { .. }
        | Effect::Token { .. }
        | Effect::Attached { .. }
        | Effect::Repeated { .. }
        | Effect::Refused { .. }
        | Effect::Abandoned { .. } => None,
    });
    let calls: Vec<Prompt> = calls.collect();
    assert_eq!(calls.len(), 1, "one call");
    calls.into_iter().next().unwrap()
}

fn answer(world: &mut World, text: &str) -> Outcome {
    let mut script = Script::new(std::mem::replace(world, World::unborn()));
    script.play(&format!("say {text}"));
    let running = script.world.state.running.clone().expect("a turn runs");
    let outcome = script.world.step(&Input::Finished {
        turn: running.turn,
        attempt: running.attempt,
        reason: learnflow_engine::port::model::FinishReason::Stop,
        usage: None,
        source: learnflow_engine::port::model::AnswerSource::Model,
    });
    *world = script.world;
    outcome
}

fn contents(prompt: &Prompt) -> Vec<(Role, &str)> {
    prompt.messages().iter().map(|message| (message.role, message.content.as_str())).collect()
}

#[test]
fn earlier_turns_reach_the_prompt_in_order_with_their_code_also_after_a_crash() {
    let mut world = adult();
    ask(&mut world, 1, "my zebra loop stops", Some("for zebra in herd: pass"));
    answer(&mut world, "It has no body.");
    for lost in [false, true] {
        if lost {
            world.lose_memory();
        }
        let before = world.state.clone();
        let prompt = ask(&mut world, 2, "explain that again", None);
        let said = contents(&prompt);
        assert_eq!(said.len(), 4, "rules, question, answer, question");
        assert_eq!(said[0].0, Role::System);
        assert!(said[1].0 == Role::User && said[1].1.contains("my zebra loop stops"));
        assert!(said[1].1.contains("for zebra in herd: pass"));
        assert_eq!(said[2], (Role::Assistant, "It has no body."));
        assert!(said[3].0 == Role::User && said[3].1.contains("explain that again"));
        let previous = prompt.brief().previous.as_ref().expect("the turn before");
        assert_eq!(previous.answer, "It has no body.");
        assert_eq!(prompt.scope(), Scope::NoStore);
        // The same again from the same state, now without memory.
        world.state = before;
        world.rows.truncate(usize::try_from(world.state.rev + 1).unwrap());
    }
}

#[test]
fn a_turn_that_waited_sees_the_answer_that_just_ended() {
    let mut world = adult();
    ask(&mut world, 1, "my zebra loop", None);
    let mut script = Script::new(world);
    script.play("at 1/0/2 ask c2 explain that again");
    let mut world = script.world;
    let prompt = prompt_of(&answer(&mut world, "Zebras go round."));
    let said = contents(&prompt);
    assert!(said[1].1.contains("my zebra loop"));
    assert_eq!(said[2], (Role::Assistant, "Zebras go round."));
    assert!(said[3].1.contains("explain that again"));
}

#[test]
fn what_no_longer_fits_goes_into_the_summary_and_the_summary_into_the_prompt() {
    let mut world = adult();
    world.limits.window_tokens = 60;
    ask(&mut world, 1, "my zebra loop\nstops too early", None);
    answer(&mut world, &"Because of the break. ".repeat(6));
    assert_eq!(world.state.window.len(), 1, "the turn that just ended stays whatever its size");
    ask(&mut world, 2, "and why does my giraffe loop never stop?", None);
    let outcome = answer(&mut world, &"Giraffes are tall. ".repeat(6));
    let mut extracts = Vec::new();
    for event in &outcome.events {
        if let Event::Folded { extract, .. } = event {
            extracts.push(extract);
        }
    }
    assert_eq!(extracts.len(), 1);
    assert!(extracts[0].starts_with("Asked: my zebra loop stops too early Answered: Because of"));
    assert_eq!(&world.state.summary, extracts[0]);
    world.lose_memory();
    let prompt = ask(&mut world, 3, "explain to me how loops stop", None);
    let said = contents(&prompt);
    assert!(said[1].0 == Role::System && said[1].1.contains("my zebra loop stops too early"));
    assert!(said[2].1.contains("giraffe"), "the newer turn is still told in full");
    assert!(!said.iter().skip(2).any(|(_, text)| text.contains("zebra")));
}

#[test]
fn window_and_summary_stay_within_their_bounds_in_any_script() {
    let mut world = adult();
    world.limits.window_tokens = u32::MAX;
    for number in 1..=60 {
        ask(&mut world, number, &"\u{1F980}".repeat(200), None);
        answer(&mut world, &"\u{1F980}".repeat(200));
        assert!(world.state.window.len() <= WINDOW_LIMIT);
        assert!(world.state.summary.len() <= SUMMARY_LIMIT_BYTES);
    }
    assert_eq!(world.state.window.len(), WINDOW_LIMIT);
    assert!(world.state.summary.lines().all(|line| line.starts_with("Asked: ")), "whole lines");
    assert!(world.state.summary.lines().count() >= 1);
    world.lose_memory();
}

#[test]
fn only_a_question_of_the_course_without_code_is_asked_for_everybody() {
    let mut world = adult();
    let prompt = ask(&mut world, 1, "  What is   a loop? ", None);
    assert!(matches!(prompt.scope(), Scope::Course(_)));
    assert_eq!(prompt.messages().len(), 2);
    answer(&mut world, "Round.");
    let prompt = ask(&mut world, 2, "What is a loop?", Some("x = 1"));
    assert_eq!(prompt.scope(), Scope::NoStore);
    answer(&mut world, "Round.");
    let prompt = ask(&mut world, 3, "What is a loop? I am Kim.", None);
    assert_eq!(prompt.scope(), Scope::NoStore);
}
