//! The request actor with the real course: the course's own questions are shared, students' words
//! never are, and the offline tutor streams what the engine decided to say.
#![cfg(test)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::StreamExt;
use learnflow_actors::completion::offline::{OfflineTutor, PIECE_DELAY};
use learnflow_actors::completion::scripted::{ScriptedModel, Step};
use learnflow_actors::completion::{Call, CompletionEvent, CompletionHandle, Config, Parts, Reuse};
use learnflow_engine::clock::{Clock, Timestamp};
use learnflow_engine::course::model::{Course, Level};
use learnflow_engine::id::{StudentId, TurnId};
use learnflow_engine::port::model::{AnswerSource, FinishReason, Model};
use learnflow_engine::tutor::offline::{self, OfflineBrief};
use learnflow_engine::tutor::prompt::{
    Again, Material, PersonalPrompt, Prompt, Quiz, SharedPrompt,
};
use learnflow_engine::tutor::triage::{Agent, AskText, Route, TriageContext, triage};

static COURSE: LazyLock<Arc<Course>> = LazyLock::new(|| Course::builtin().unwrap());

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    fn seed(&self) -> u128 {
        0
    }
}

async fn start(model: Arc<dyn Model>) -> CompletionHandle {
    let parts = Parts {
        config: Config::default(),
        model,
        endpoint: "test".to_owned(),
        authored: Arc::new(OfflineTutor::new(Arc::clone(&COURSE), Duration::ZERO)),
        clock: Arc::new(Still),
    };
    CompletionHandle::start(parts, None).await.unwrap()
}

fn route_of(text: &str) -> Route {
    let ask = AskText { text, code: None };
    let context = TriageContext { last_topic: None, last_agent: None, exercise: None, topic: None };
    triage(&COURSE, &ask, &context)
}

fn personal(text: &str, route: &Route) -> Prompt {
    Prompt::Personal(PersonalPrompt::new(&Material {
        course: &COURSE,
        route,
        summary: "",
        window: &[],
        last_route: None,
        question: text,
        code: None,
        level: Level::Beginner,
        open: None,
        quiz: Quiz::Elsewhere,
        again: Again::First,
    }))
}

fn call(who: u8, prompt: Prompt) -> Call {
    let id = uuid::Uuid::from_bytes([who; 16]);
    Call {
        student: StudentId::new(id),
        turn: TurnId::new(id),
        prompt,
        reuse: Reuse::Nothing,
        max_tokens: 500,
        safety_identifier: format!("pseudonym-{who}"),
        traceparent: None,
    }
}

struct Heard {
    pieces: usize,
    text: String,
    end: CompletionEvent,
}

async fn ask(handle: &CompletionHandle, call: Call) -> Heard {
    let mut events: Vec<_> = handle.complete(call).collect().await;
    let end = events.pop().unwrap();
    let pieces = events.len();
    let text = events.into_iter().map(|event| match event {
        CompletionEvent::Text(text) => text,
        CompletionEvent::Finished { .. } | CompletionEvent::Failed { .. } => panic!("two ends"),
    });
    Heard { pieces, text: text.collect(), end }
}

fn finished(source: AnswerSource) -> CompletionEvent {
    CompletionEvent::Finished { reason: FinishReason::Stop, usage: None, source }
}

/// A question that the course suggests, and whose route leads to a model.
fn suggested() -> (&'static str, Route) {
    let questions = COURSE.topics().iter().flat_map(|topic| topic.suggested_questions.iter());
    questions
        .map(|question| (question.as_str(), route_of(question)))
        .find(|(_, route)| route.agent == Agent::Concepts)
        .expect("the course suggests a question about a concept")
}

#[tokio::test(start_paused = true)]
async fn the_courses_own_question_costs_one_call_for_everybody() {
    let (question, route) = suggested();
    let model = Arc::new(ScriptedModel::new(vec![Step::say("An answer."), Step::stop()]));
    let handle = start(Arc::clone(&model) as Arc<dyn Model>).await;
    let typed = [question.to_owned(), format!("  {question} "), question.to_owned()];
    for (who, typed) in (1..).zip(&typed) {
        let shared = SharedPrompt::authored(&COURSE, &route, Level::Beginner, typed).expect(typed);
        let heard = ask(&handle, call(who, Prompt::Shared(shared))).await;
        assert_eq!(heard.text, "An answer.");
        let source = if who == 1 { AnswerSource::Model } else { AnswerSource::Cache };
        assert_eq!(heard.end, finished(source), "{typed}");
    }
    let asked = model.asked();
    assert_eq!(asked.len(), 1);
    let sent: String = asked[0].messages.iter().map(|message| message.content.as_str()).collect();
    assert!(sent.contains(question), "the course's own words are what is asked");
}

#[tokio::test(start_paused = true)]
async fn the_same_words_in_a_conversation_are_never_shared() {
    let (question, route) = suggested();
    let model = Arc::new(ScriptedModel::new(vec![Step::say("An answer."), Step::stop()]));
    let handle = start(Arc::clone(&model) as Arc<dyn Model>).await;
    for who in 1..=3 {
        let heard = ask(&handle, call(who, personal(question, &route))).await;
        assert_eq!(heard.end, finished(AnswerSource::Model));
    }
    assert_eq!(model.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_offline_tutor_streams_what_the_engine_says_at_its_pace() {
    let (question, route) = suggested();
    let tutor = OfflineTutor::new(Arc::clone(&COURSE), PIECE_DELAY);
    let handle = start(Arc::new(tutor)).await;
    let prompt = personal(question, &route);
    let brief = OfflineBrief::of(prompt.brief());
    let expected = offline::answer(&COURSE, &brief).text;
    let began = tokio::time::Instant::now();
    let heard = ask(&handle, call(1, prompt)).await;
    assert_eq!(heard.text, expected);
    assert_eq!(heard.end, finished(AnswerSource::Offline));
    assert!(heard.pieces > 5, "{} pieces", heard.pieces);
    let pieces = u32::try_from(heard.pieces).unwrap();
    assert_eq!(began.elapsed(), PIECE_DELAY * pieces, "the first piece leaves at once");
}

#[tokio::test(start_paused = true)]
async fn asking_back_and_off_topic_need_no_model() {
    let model = Arc::new(ScriptedModel::new(Vec::new()));
    let handle = start(Arc::clone(&model) as Arc<dyn Model>).await;
    for agent in [Agent::Clarify, Agent::OffTopic, Agent::Progress] {
        let route = Route { agent, topic: None, confidence_pct: 40, options: Vec::new() };
        let heard = ask(&handle, call(1, personal("hm", &route))).await;
        assert_eq!(heard.end, finished(AnswerSource::Authored), "{agent:?}");
        assert!(!heard.text.trim().is_empty(), "{agent:?}");
    }
    assert_eq!(model.calls(), 0);
}
