//! The values behind the golden files.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::model::{ExerciseId, TopicId};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::StepTexts;
use learnflow_engine::event::v1::{
    AgeBand, AttemptCause, Consent, Event, Policy, Timer, TurnStatus,
};
use learnflow_engine::id::{CommandId, SectionId, TurnId};
use learnflow_engine::port::model::{AnswerSource, FinishReason, Usage};
use learnflow_engine::session::command::Rating;
use learnflow_engine::tutor::triage::Agent;
use uuid::Uuid;

#[path = "practice.rs"]
pub(crate) mod practice;

/// A step and the name of its file.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) events: Vec<Event>,
    pub(crate) texts: StepTexts,
}

/// Names every variant. A new one doesn't compile until it has a line here, and its line asks for
/// a golden file.
macro_rules! variants {
    ($($variant:ident)*) => {
        pub(crate) const VARIANTS: &[&str] = &[$(stringify!($variant)),*];

        pub(crate) fn variant_name(event: &Event) -> &'static str {
            match event {
                Event::Practice(practice) => practice.as_str(),
                $(Event::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

variants! {
    Created Asked Started AttemptRaised Ended CancelAccepted Rated RouteAdded RouteRemoved Folded
    ActiveSeen TimerSet TimerCleared EnrolmentChanged
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + second * 1_000)
}

fn turn(number: u128) -> TurnId {
    TurnId::new(Uuid::from_u128(0x0192_f0c1_2345_7abc_8def_0000_0000_0000 + number))
}

fn command(number: u128) -> CommandId {
    CommandId::new(Uuid::from_u128(0x0192_f0c1_2345_7abc_8def_0000_0000_c000 + number))
}

fn loops() -> Option<TopicId> {
    TopicId::parse("control_flow.for_loops").ok()
}

fn created() -> Event {
    Event::Created {
        age_band: AgeBand::Teen,
        consent: Consent::NotNeeded,
        sections: vec![SectionId::new(Uuid::from_u128(0x5e)), SectionId::new(Uuid::from_u128(1))],
        policy: Policy { highest_rung: 4 },
        at: at(0),
    }
}

fn asked(number: u128) -> Event {
    Event::Asked {
        turn: turn(number),
        command: command(number),
        tokens: 300,
        exercise: ExerciseId::parse("control_flow.for_loops.sum_to").ok(),
        topic: loops(),
        at: at(1),
    }
}

fn started(number: u128) -> Event {
    Event::Started {
        turn: turn(number),
        agent: Agent::Debug,
        topic: loops(),
        confidence_pct: 86,
        at: at(2),
    }
}

fn ended(number: u128) -> Event {
    Event::Ended {
        turn: turn(number),
        status: TurnStatus::Complete,
        agent: Some(Agent::Debug),
        source: Some(AnswerSource::Model),
        finish: Some(FinishReason::Stop),
        usage: Some(Usage { prompt_tokens: 412, completion_tokens: 96 }),
        tokens: 130,
        ms: 2_345,
        code: None,
        at: at(4),
    }
}

/// A turn that ended in the least that can be said of it.
fn cancelled_in_the_queue(number: u128) -> Event {
    Event::Ended {
        turn: turn(number),
        status: TurnStatus::Cancelled,
        agent: None,
        source: None,
        finish: None,
        usage: None,
        tokens: 0,
        ms: 0,
        code: None,
        at: at(4),
    }
}

fn ended_as(
    status: TurnStatus,
    source: AnswerSource,
    finish: FinishReason,
    code: ErrorCode,
) -> Event {
    Event::Ended {
        turn: turn(1),
        status,
        agent: Some(Agent::Concepts),
        source: Some(source),
        finish: Some(finish),
        usage: None,
        tokens: 1,
        ms: -1,
        code: Some(code),
        at: at(-1),
    }
}

fn started_by(agent: Agent) -> Event {
    Event::Started { turn: turn(1), agent, topic: None, confidence_pct: 0, at: at(2) }
}

fn raised(attempt: i16, cause: AttemptCause) -> Event {
    Event::AttemptRaised { turn: turn(1), attempt, cause }
}

fn born(age_band: AgeBand, consent: Consent) -> Event {
    let (sections, policy) = (Vec::new(), Policy { highest_rung: 5 });
    Event::Created { age_band, consent, sections, policy, at: at(0) }
}

fn overdue(number: u128) -> Timer {
    Timer::TurnOverdue(turn(number))
}

fn silent(name: &'static str, events: Vec<Event>) -> Sample {
    Sample { name, events, texts: StepTexts::default() }
}

/// Every golden file of facts.
pub(crate) fn samples() -> Vec<Sample> {
    let mut all = one_of_each();
    all.extend(shapes_of_texts());
    all.extend(closed_lists());
    all.extend(practice::samples());
    all
}

fn one_of_each() -> Vec<Sample> {
    let extract = "Asked: why é? Answered: Because.".to_owned();
    vec![
        silent("created", vec![created()]),
        silent("asked", vec![asked(1)]),
        silent("started", vec![started(1)]),
        silent("attempt_raised", vec![raised(2, AttemptCause::Crash)]),
        silent("attempt_raised_to_rewrite", vec![raised(2, AttemptCause::Rewrite)]),
        silent("ended", vec![ended(1)]),
        silent("ended_in_the_queue", vec![cancelled_in_the_queue(1)]),
        silent(
            "cancel_accepted",
            vec![Event::CancelAccepted { command: command(2), turn: turn(1) }],
        ),
        silent(
            "rated",
            vec![Event::Rated { command: command(3), turn: turn(1), rating: Rating::Up }],
        ),
        silent("route_added", vec![Event::RouteAdded { slot: 3, slot_epoch: 70_000 }]),
        silent("route_removed", vec![Event::RouteRemoved { slot: 3, slot_epoch: 70_000 }]),
        silent("folded", vec![Event::Folded { turn: turn(1), extract }]),
        silent("active_seen", vec![Event::ActiveSeen { at: at(60) }]),
        silent("timer_set", vec![Event::TimerSet { timer: overdue(1), due: at(150) }]),
        silent("timer_cleared", vec![Event::TimerCleared { timer: overdue(1) }]),
    ]
}

fn shapes_of_texts() -> Vec<Sample> {
    let accepted = || vec![asked(1), started(1)];
    let question = StepTexts {
        question: Some("Why é \u{1F980}\n\"so\"?".to_owned()),
        ..StepTexts::default()
    };
    let with_code = StepTexts { code: Some("for i in x:\n\tpass".to_owned()), ..question.clone() };
    let answer =
        StepTexts { answer: Some("Because </b> of \\ this.\n".to_owned()), ..StepTexts::default() };
    let follow_ups = vec!["And then?".to_owned(), "What of while?".to_owned()];
    let with_follow_ups = StepTexts { follow_ups, ..answer.clone() };
    let nothing_kept = StepTexts { answer: Some(String::new()), ..StepTexts::default() };
    let reason = StepTexts { reason: Some("too long".to_owned()), ..StepTexts::default() };
    let rated = Event::Rated { command: command(3), turn: turn(1), rating: Rating::Down };
    let next = vec![ended(1), Event::TimerCleared { timer: overdue(1) }, started(2)];
    let sample = |name, events, texts| Sample { name, events, texts };
    vec![
        sample("texts_question", accepted(), question),
        sample("texts_question_and_code", accepted(), with_code),
        sample("texts_answer", vec![ended(1)], answer),
        sample("texts_answer_and_follow_ups", next, with_follow_ups),
        sample(
            "texts_nothing_kept",
            vec![ended_as(
                TurnStatus::Failed,
                AnswerSource::Model,
                FinishReason::Stop,
                ErrorCode::TurnAbandoned,
            )],
            nothing_kept,
        ),
        sample("texts_reason", vec![rated], reason),
    ]
}

/// The values of closed lists are stored by their place: none may move.
fn closed_lists() -> Vec<Sample> {
    let agents = [
        Agent::Concepts,
        Agent::CodeReview,
        Agent::Debug,
        Agent::Exercise,
        Agent::Progress,
        Agent::Clarify,
        Agent::OffTopic,
    ];
    let ends = [
        (TurnStatus::Complete, AnswerSource::Model, FinishReason::Stop),
        (TurnStatus::Cancelled, AnswerSource::Cache, FinishReason::Length),
        (TurnStatus::Failed, AnswerSource::Authored, FinishReason::ContentFilter),
        (TurnStatus::Complete, AnswerSource::Offline, FinishReason::Length),
    ];
    let causes = [AttemptCause::Crash, AttemptCause::HandOver, AttemptCause::StreamCut];
    let people = [
        (AgeBand::Unknown, Consent::NotNeeded),
        (AgeBand::Under13, Consent::Missing),
        (AgeBand::Teen, Consent::Granted),
        (AgeBand::Adult, Consent::NotNeeded),
    ];
    let code = ErrorCode::ModelTimeout;
    vec![
        silent("list_agents", agents.map(started_by).to_vec()),
        silent(
            "list_ends",
            ends.map(|(status, source, finish)| ended_as(status, source, finish, code)).to_vec(),
        ),
        silent("list_causes", causes.map(|cause| raised(i16::MAX, cause)).to_vec()),
        silent("list_people", people.map(|(age, consent)| born(age, consent)).to_vec()),
        silent("list_error_codes", error_codes()),
    ]
}

/// The codes that stood when version 1 was written.
fn error_codes() -> Vec<Event> {
    const KNOWN: usize = 51;
    let (status, source) = (TurnStatus::Failed, AnswerSource::Authored);
    let ended = |code| ended_as(status, source, FinishReason::Stop, code);
    ErrorCode::all().take(KNOWN).map(ended).collect()
}

/// Steps that leave something in every part of a state.
pub(crate) fn busy_steps() -> Vec<Vec<Event>> {
    let due = at(150);
    vec![
        vec![created()],
        vec![Event::RouteAdded { slot: 3, slot_epoch: 7 }],
        vec![asked(1), started(1), Event::TimerSet { timer: overdue(1), due }],
        vec![asked(2)],
        vec![ended(1), Event::TimerCleared { timer: overdue(1) }, started(2)],
        vec![Event::Rated { command: command(9), turn: turn(1), rating: Rating::Up }],
        vec![ended(2)],
        vec![Event::Folded { turn: turn(1), extract: "Asked: é Answered: so".to_owned() }],
        vec![asked(3), started(3), Event::TimerSet { timer: overdue(3), due }],
        vec![asked(4)],
        vec![asked(5)],
        vec![Event::AttemptRaised { turn: turn(3), attempt: 2, cause: AttemptCause::Crash }],
        vec![Event::CancelAccepted { command: command(8), turn: turn(1) }],
        vec![Event::RouteAdded { slot: 4, slot_epoch: 1 }],
        vec![Event::ActiveSeen { at: at(90) }],
    ]
}

/// What a state can hold since version 3.
pub(crate) fn since_version_3() -> Vec<Event> {
    let mut events = practice::exposed();
    events.push(Event::AttemptRaised { turn: turn(3), attempt: 3, cause: AttemptCause::Rewrite });
    events
}
