//! What an answer must not give away: one rewrite, then the course's own words, and never more.

use std::sync::{Arc, LazyLock};

use learnflow_engine::course::model::Course;
use learnflow_engine::event::practice::Practice;
use learnflow_engine::event::v1::{AgeBand, Consent, Event};
use learnflow_engine::session::effect::Effect;
use learnflow_engine::tutor::leak::LeakReason;
use learnflow_engine::tutor::prompt::Prompt;

use super::script::{Script, check};
use super::world::{Outcome, World};

const OPEN: &str = "control_flow.for_loops.total_price";
const ASK: &str = "ask c1 @control_flow.for_loops.total_price why is my total wrong?";
const ASKED: (&str, &str) = (ASK, "1 ack c1 t1 | 2 route t1 | guarded call t1#1");

static PYTHON: LazyLock<Arc<Course>> = LazyLock::new(|| Course::builtin().unwrap());

fn world() -> World {
    let mut world = World::created(AgeBand::Adult, Consent::NotNeeded);
    world.course = &PYTHON;
    world
}

fn instructions(outcome: &Outcome) -> String {
    let prompt = outcome.effects.iter().find_map(|effect| {
        if let Effect::CallModel { prompt, .. } = effect { Some(prompt) } else { None }
    });
    let prompt: &Prompt = prompt.expect("a call");
    prompt.messages().iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n")
}

fn authored(outcome: &Outcome) -> String {
    let text = outcome.effects.iter().find_map(|effect| {
        if let Effect::Answer { text, .. } = effect { Some(text.clone()) } else { None }
    });
    text.expect("an answer of the course")
}

#[test]
fn a_leak_is_rewritten_once_and_then_the_course_speaks() {
    check(
        world(),
        &[
            ASKED,
            ("say The fix:", "token t1#1@0 The fix:"),
            ("leak", "guarded call t1#2"),
            ("late t1#1 leak", ""),
            ("late t1#1 say more", ""),
            ("say Put it", "token t1#2@0 Put it"),
            ("leak", "answer t1#3"),
            ("late t1#2 leak", ""),
            ("say A hint.", "token t1#3@0 A hint."),
            ("end", "3 done t1 complete model: A hint."),
        ],
    );
}

#[test]
fn each_question_has_a_rewrite_of_its_own() {
    check(
        world(),
        &[
            ASKED,
            ("leak", "guarded call t1#2"),
            ("say x", "token t1#2@0 x"),
            ("end", "3 done t1 complete model: x"),
            (
                "ask c2 @control_flow.for_loops.total_price and now?",
                "4 ack c2 t2 | 5 route t2 | guarded call t2#1",
            ),
            ("leak", "guarded call t2#2"),
        ],
    );
}

#[test]
fn an_owner_that_dies_does_not_give_the_model_another_chance() {
    check(
        world(),
        &[
            ASKED,
            ("leak", "guarded call t1#2"),
            ("crash t1", "guarded call t1#3"),
            ("leak", "answer t1#4"),
            ("crash t1", "answer t1#5"),
        ],
    );
}

#[test]
fn the_rewrite_is_told_why_and_the_courses_words_are_the_nudge() {
    let mut script = Script::new(world());
    let first = script.outcome(ASK);
    assert!(instructions(&first).contains("The shopping list"));
    assert!(!instructions(&first).contains("gave the solution away"));
    let second = script.outcome("leak");
    assert!(instructions(&second).contains("gave the solution away"));
    let guarded: Vec<_> = second
        .events
        .iter()
        .filter_map(|event| {
            if let Event::Practice(Practice::AnswerGuarded { attempt, reason, .. }) = event {
                Some((*attempt, *reason))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(guarded, [(1, LeakReason::Solution)]);
    let exercise = PYTHON.exercise(&OPEN.parse().unwrap()).unwrap();
    assert!(authored(&script.outcome("leak")).contains(exercise.hint(1).unwrap()));
}

#[test]
fn what_is_open_is_guarded_and_nothing_else() {
    check(
        world(),
        &[
            ("ask c1 how do I mend a for loop?", "1 ack c1 t1 | 2 route t1 | call t1#1"),
            ("say x", "token t1#1@0 x"),
            ("end", "3 done t1 complete model: x"),
            (
                "ask c2 @control_flow.for_loops.total_price why?",
                "4 ack c2 t2 | 5 route t2 | guarded call t2#1",
            ),
            ("say x", "token t2#1@0 x"),
            ("end", "6 done t2 complete model: x"),
            // It is still open, whether the question names it or not.
            ("ask c3 how do I mend a for loop?", "7 ack c3 t3 | 8 route t3 | guarded call t3#1"),
        ],
    );
}

#[test]
fn a_question_of_the_quiz_is_guarded_and_the_prompt_says_so() {
    let topic = PYTHON.topic(&"control_flow.for_loops".parse().unwrap()).unwrap();
    for item in &topic.quiz {
        let code = item.code.as_deref().unwrap_or_default();
        let mut script = Script::new(world());
        let outcome = script.outcome(&format!("ask c1 I don't get this: {}\n{code}", item.stem));
        let guarded = outcome
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::CallModel { guard: Some(_), .. }));
        assert!(guarded, "{}", item.stem);
        assert!(instructions(&outcome).contains("question of the student's quiz"));
    }
}

#[test]
fn what_answers_have_shown_is_remembered_until_the_end() {
    let id = "control_flow.for_loops.count_letter";
    let exercise = PYTHON.exercise(&id.parse().unwrap()).unwrap();
    let line = exercise.key.solution.lines().nth(3).unwrap().trim();
    let mut script = Script::new(world());
    drop(script.outcome(&format!("ask c1 @{id} where do I begin?")));
    drop(script.outcome(&format!("say Try `{line}` first.")));
    let ended = script.outcome("end");
    let shown = |event: &Event| matches!(event, Event::Practice(Practice::Exposed { .. }));
    assert_eq!(ended.events.iter().filter(|event| shown(event)).count(), 1, "{:?}", ended.events);
    let known = script.world.state.shown.of(exercise.id.key());
    assert_ne!(known.bits(), 0);
    script.world.lose_memory();
    assert_eq!(script.world.state.shown.of(exercise.id.key()), known);
}
