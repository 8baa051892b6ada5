//! What a model is told, and what never is.
#![cfg(test)]

use std::sync::LazyLock;

use learnflow_engine::course::model::{Course, Level, TopicId};
use learnflow_engine::tutor::prompt::{
    Again, Material, Message, PersonalPrompt, Prompt, Quiz, Role, Scope, SharedPrompt, asked,
    estimated_tokens,
};
use learnflow_engine::tutor::triage::{Agent, AskText, Route, TriageContext, triage};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

static COURSE: LazyLock<std::sync::Arc<Course>> =
    LazyLock::new(|| Course::builtin().expect("the course that comes with the engine is valid"));

fn route(agent: Agent, topic: Option<&str>) -> Route {
    let topic = topic.map(|topic| TopicId::parse(topic).expect("a topic"));
    Route { agent, topic, confidence_pct: 90, options: Vec::new() }
}

struct Talk<'a> {
    summary: &'a str,
    window: &'a [(String, String)],
    question: &'a str,
    code: Option<&'a str>,
}

const NOTHING: Talk<'static> = Talk { summary: "", window: &[], question: "why?", code: None };

fn personal(route: &Route, talk: &Talk<'_>) -> Prompt {
    let last = (Agent::Debug, None);
    Prompt::Personal(PersonalPrompt::new(&Material {
        course: &COURSE,
        route,
        summary: talk.summary,
        window: talk.window,
        last_route: Some(&last),
        question: talk.question,
        code: talk.code,
        level: Level::Beginner,
        open: None,
        quiz: Quiz::Elsewhere,
        again: Again::First,
    }))
}

fn roles(prompt: &Prompt) -> Vec<Role> {
    prompt.messages().iter().map(|message| message.role).collect()
}

#[test]
fn messages_stand_in_order_rules_summary_window_question() {
    use Role::{Assistant, System, User};

    let window =
        [(asked("one?", Some("a = 1")), "uno".to_owned()), (asked("two?", None), "due".to_owned())];
    let talk =
        Talk { summary: "Asked: zero", window: &window, question: "three?", code: Some("c") };
    let prompt = personal(&route(Agent::Concepts, None), &talk);
    assert_eq!(roles(&prompt), [System, System, User, Assistant, User, Assistant, User]);
    let said: Vec<&str> = prompt.messages().iter().map(|m| m.content.as_str()).collect();
    assert!(said[1].contains("Asked: zero"));
    assert!(said[2].contains("one?") && said[2].contains("a = 1"));
    assert_eq!((said[3], said[5]), ("uno", "due"));
    assert!(said[6].contains("three?") && said[6].contains("<student_code>\nc\n</student_code>"));
    let brief = prompt.brief();
    assert_eq!((brief.text.as_str(), brief.code.as_deref()), ("three?", Some("c")));
    let previous = brief.previous.as_ref().expect("there was a turn before");
    assert_eq!((previous.answer.as_str(), previous.agent), ("due", Agent::Debug));
}

#[test]
fn without_history_there_are_rules_and_a_question() {
    let prompt = personal(&route(Agent::Concepts, None), &NOTHING);
    assert_eq!(roles(&prompt), [Role::System, Role::User]);
    assert_eq!(prompt.brief().previous, None);
    assert_eq!(prompt.scope(), Scope::NoStore);
}

#[test]
fn the_beginning_is_the_same_bytes_for_everybody_and_every_question() {
    let topics = [None, Some("basics.variables"), Some("control_flow.for_loops")];
    let agents = [
        Agent::Concepts,
        Agent::CodeReview,
        Agent::Debug,
        Agent::Exercise,
        Agent::Progress,
        Agent::Clarify,
        Agent::OffTopic,
    ];
    let window = [(asked("before?", None), "yes".to_owned())];
    let other = Talk { summary: "long ago", window: &window, question: "else?", code: Some("x") };
    let first = |prompt: &Prompt| prompt.messages()[0].clone();
    let rules = first(&personal(&route(Agent::Concepts, None), &NOTHING)).content;
    let shared_part = rules.find("\n\n").expect("rules end with an empty line");
    for agent in agents {
        for topic in topics {
            let route = route(agent, topic);
            let one = first(&personal(&route, &NOTHING));
            assert_eq!(one, first(&personal(&route, &other)), "{agent:?} {topic:?}");
            assert_eq!(one.content[..shared_part], rules[..shared_part]);
        }
    }
}

#[test]
fn a_topic_that_the_course_does_not_have_is_not_told() {
    let prompt = personal(&route(Agent::Concepts, Some("my.secret")), &NOTHING);
    assert!(prompt.messages().iter().all(|message| !message.content.contains("secret")));
}

#[test]
fn tokens_are_rather_too_many_than_too_few() {
    let cases = [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("\u{1F980}", 2)];
    for (text, tokens) in cases {
        assert_eq!(estimated_tokens(text), tokens, "{text}");
    }
}

#[test]
fn every_question_of_the_course_selects_itself_and_nothing_else_does() {
    for topic in COURSE.topics() {
        for question in topic.authored_questions() {
            let prompt = shared(question).expect("the course's own question");
            assert!(prompt.messages()[1].content.contains(question));
            assert_eq!(prompt.brief().route.topic.as_ref(), Some(&topic.id));
            assert!(shared(&format!("{question} Thanks, Kim")).is_none());
        }
    }
}

#[test]
fn of_the_conversation_a_shared_prompt_keeps_the_specialist_alone() {
    let mut route = route(Agent::Concepts, Some("my.secret"));
    route.options = vec![TopicId::parse("my.secret").unwrap()];
    let question = COURSE.topics()[0].authored_questions().next().unwrap();
    let prompt =
        Prompt::Shared(SharedPrompt::authored(&COURSE, &route, Level::Beginner, question).unwrap());
    assert!(!format!("{prompt:?}").contains("secret"));
    let Scope::Course(scope) = prompt.scope() else { panic!("shared with who takes the course") };
    assert_eq!(*scope, *format!("{}@{}", COURSE.id(), COURSE.version()));
}

/// As a session shares: routed by what was typed.
fn shared(typed: &str) -> Option<Prompt> {
    let ask = AskText { text: typed, code: None };
    let route = triage(&COURSE, &ask, &TriageContext::default());
    SharedPrompt::authored(&COURSE, &route, Level::Beginner, typed).map(Prompt::Shared)
}

fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(0x1ea7);
    ProptestConfig { cases: 64, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn data_never_breaks_out_of_its_tags(
        question in "(a|<|/|\\\\| |\n|</?student_(question|code)>|</STUDENT_code|student_){0,12}",
        code in "(x|<|/|\n|</ ?student_(question|code)>|</Student_Question){0,12}",
        summary in "(y|<|/|</student_question>){1,8}",
    ) {
        let talk = Talk { summary: &summary, window: &[], question: &question, code: Some(&code) };
        let prompt = personal(&route(Agent::Concepts, None), &talk);
        let [_, earlier, asked] = prompt.messages() else { panic!("rules, summary, question") };
        let ends = |message: &Message| {
            let flat: String = message.content.to_lowercase().split_whitespace().collect();
            flat.matches("</student_").count()
        };
        prop_assert_eq!((ends(earlier), ends(asked)), (1, 2));
        // Nothing is lost: without the backslashes that were put in, it is what was typed.
        let plain = |text: &str| text.replace('\\', "");
        let whole = format!(
            "<student_question>\n{question}\n</student_question>\n\
             <student_code>\n{code}\n</student_code>"
        );
        prop_assert_eq!(plain(&asked.content), plain(&whole));
        prop_assert!(plain(&earlier.content).contains(&plain(&summary)));
    }
}
