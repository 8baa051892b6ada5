//! From features to a route: each specialist gets a score, the best one wins if it is clear.

use super::cue::Cue;
use super::feature::{Features, Seen};
use super::{Agent, Route, SURE_PCT, TriageContext};
use crate::course::model::{Course, TopicId};

/// Words up to which a text can be a mere continuation of the turn before.
const SHORT_WORDS: usize = 12;
/// Ten times the weight up to which a topic's word doesn't change the subject.
const WEAK_TENTHS: u32 = 40;
/// Topics that are offered when asking back.
const OPTION_LIMIT: usize = 3;

/// Decides where a question goes.
pub(super) fn decide(course: &Course, features: &Features, context: &TriageContext) -> Route {
    let topic = topic(course, features, context);
    if let Some(authored) = &features.authored {
        return route(Agent::Concepts, Some(authored.clone()), 95);
    }
    if let Some(stay) = continuation(features, context) {
        return stay;
    }
    let (agent, score, second) = best_agent(features);
    if score < 25 {
        return unclear(course, features, context);
    }
    let confidence_pct = confidence(score, second);
    if agent == Agent::Concepts && torn(features, context) {
        return clarify(course, features, context, 55);
    }
    if confidence_pct < SURE_PCT {
        return clarify(course, features, context, confidence_pct);
    }
    let topic = topic.filter(|_| agent.is_specialist());
    route(agent, topic, confidence_pct)
}

/// A short text that goes on with what was said: it stays with the specialist and the topic.
fn continuation(features: &Features, context: &TriageContext) -> Option<Route> {
    let last = context.last_agent.filter(|agent| agent.is_specialist())?;
    let elsewhere = features.best().is_some_and(|best| best.tenths > WEAK_TENTHS)
        || features.cue(Cue::OffTopic) > 0;
    if elsewhere || features.words > SHORT_WORDS || features.traceback == Seen::Yes {
        return None;
    }
    let follows = features.cue(Cue::FollowUp) > 0 || features.cue(Cue::Confused) > 0;
    let others = [
        (Agent::CodeReview, features.cue(Cue::Review)),
        (Agent::Debug, features.cue(Cue::Debug)),
        (Agent::Exercise, exercise(features, 0)),
        (Agent::Progress, features.cue(Cue::Progress)),
    ];
    let asks_another = others.iter().any(|(agent, tenths)| *agent != last && *tenths >= 50);
    if asks_another || features.code == Seen::Yes {
        return None;
    }
    let again = others.iter().any(|(agent, tenths)| *agent == last && *tenths >= 50);
    (follows || again)
        .then(|| route(last, context.last_topic.clone().or_else(|| context.topic.clone()), 85))
}

/// The specialist with the best score, that score and the second best, in tenths.
fn best_agent(features: &Features) -> (Agent, u32, u32) {
    let mut scores = scores(features);
    scores.sort_by_key(|(_, score)| u32::MAX - *score);
    (scores[0].0, scores[0].1, scores[1].1)
}

fn scores(features: &Features) -> [(Agent, u32); 6] {
    let cue = |cue| features.cue(cue);
    let when = |seen: Seen, tenths: u32| match seen {
        Seen::Yes => tenths,
        Seen::No => 0,
    };
    let topic = features.best().map_or(0, |best| best.tenths.min(100));
    let own = cue(Cue::Own);
    let error = cue(Cue::ErrorName);
    let programming =
        topic + cue(Cue::Programming) + error + features.code_topic.map_or(0, |c| c.1);
    let about = programming > 0;

    let trouble = cue(Cue::Debug);
    let mut debug = trouble + error + when(features.traceback, 140);
    if trouble + error > 0 {
        debug += own.min(45) + when(features.code, 40);
    }
    if error > 0 && (own > 0 || cue(Cue::Concepts) == 0) {
        // An error's name in one's own story, not in a question about errors.
        debug += 40;
    }
    let mut concepts = if about { cue(Cue::Concepts) } else { 0 };
    concepts += topic / 2 + if topic > 0 { 15 } else { 0 } + cue(Cue::Programming).min(50) / 2;
    if about && features.question == Seen::Yes {
        concepts += 10;
    }
    if trouble >= 70 && own > 0 {
        concepts /= 2;
    }
    let mut review = cue(Cue::Review);
    if review > 0 {
        review += own.min(30) + when(features.code, 50);
    } else if trouble + error + cue(Cue::Concepts) == 0
        && features.words < SHORT_WORDS
        && features.question == Seen::No
    {
        // Code and hardly a word: look at it.
        review = when(features.code, 80);
    }
    let mut off_topic = cue(Cue::OffTopic);
    if about {
        off_topic /= 3;
    }
    [
        (Agent::Debug, debug),
        (Agent::CodeReview, review),
        (Agent::Exercise, exercise(features, topic)),
        (Agent::Progress, cue(Cue::Progress) * 5 / 4),
        (Agent::Concepts, concepts),
        (Agent::OffTopic, off_topic),
    ]
}

/// A whole phrase says it all; a mere word such as "task" needs somebody who wants one.
fn exercise(features: &Features, topic: u32) -> u32 {
    let phrase = features.cue(Cue::Exercise);
    let word = features.cue(Cue::Practice);
    let wanted = if features.cue(Cue::Want) > 0 { 40 } else { 0 };
    let by_word = if word > 0 { word + wanted } else { 0 };
    let score = phrase.max(by_word);
    if score >= 90 { score + topic / 4 } else { score }
}

/// 0 to 99: how strong the best score is, and how far ahead of the second.
fn confidence(score: u32, second: u32) -> u8 {
    let strength = 30 * score.min(120) / 120;
    let lead = 30 * score.saturating_sub(second) / score.max(1);
    u8::try_from((45 + strength + lead).min(99)).unwrap_or(99)
}

/// Whether two topics share all the words that speak for them, and nothing else decides.
fn torn(features: &Features, context: &TriageContext) -> bool {
    let [first, second, ..] = features.topics.as_slice() else { return false };
    let tied = first.tenths == second.tenths && first.own_tenths == 0 && second.own_tenths == 0;
    tied && context.topic.is_none() && context.last_topic.is_none()
}

/// The topic that a question is about.
fn topic(course: &Course, features: &Features, context: &TriageContext) -> Option<TopicId> {
    let at = |position: u16| course.topics().get(usize::from(position)).map(|t| t.id.clone());
    let open = context.exercise.as_ref().map(crate::course::model::ExerciseId::topic);
    let around = [context.topic.as_ref(), open.as_ref(), context.last_topic.as_ref()];
    if let Some(best) = features.best() {
        // Of topics that are equally likely, the one that is being looked at.
        let equals = features.topics.iter().take_while(|score| score.tenths == best.tenths);
        let equals: Vec<TopicId> = equals.filter_map(|score| at(score.position)).collect();
        let near = around.into_iter().flatten().find(|topic| equals.contains(topic));
        return near.cloned().or_else(|| equals.into_iter().next());
    }
    let by_code = features.code_topic.and_then(|(position, _)| at(position));
    let context_topic = || around.into_iter().flatten().next().cloned();
    match (features.code, by_code) {
        (_, Some(topic)) => Some(topic),
        (Seen::Yes | Seen::No, None) => context_topic(),
    }
}

/// A text without a clear sign of what it wants.
fn unclear(course: &Course, features: &Features, context: &TriageContext) -> Route {
    let talking = context.last_agent.filter(|agent| agent.is_specialist());
    if features.cue(Cue::OffTopic) > 0 {
        return route(Agent::OffTopic, None, 90);
    }
    match talking {
        // An answer to the tutor's own question, or a word about what it said.
        Some(last) if features.question == Seen::No && features.words <= 2 * SHORT_WORDS => {
            return route(last, context.last_topic.clone(), 72);
        }
        Some(_) | None => {}
    }
    let signs = features.cue(Cue::Confused) + features.cue(Cue::Social) + features.cue(Cue::Own);
    if features.strange > 0 && signs == 0 && features.code == Seen::No {
        return route(Agent::OffTopic, None, 75);
    }
    clarify(course, features, context, 40)
}

fn clarify(
    course: &Course,
    features: &Features,
    context: &TriageContext,
    confidence_pct: u8,
) -> Route {
    let found = features.topics.iter().map(|score| score.position);
    let found = found.chain(features.code_topic.map(|(position, _)| position));
    let found = found.filter_map(|position| course.topics().get(usize::from(position)));
    let mut options: Vec<TopicId> = Vec::new();
    let around = [context.topic.clone(), context.last_topic.clone()].into_iter().flatten();
    let begin = course.topics().iter().filter(|topic| !topic.is_planned());
    let all = found.map(|topic| topic.id.clone()).chain(around);
    for id in all.chain(begin.map(|topic| topic.id.clone())) {
        if options.len() < OPTION_LIMIT && !options.contains(&id) {
            options.push(id);
        }
    }
    let confidence_pct = confidence_pct.min(SURE_PCT - 1);
    Route { agent: Agent::Clarify, topic: None, confidence_pct, options }
}

const fn route(agent: Agent, topic: Option<TopicId>, confidence_pct: u8) -> Route {
    Route { agent, topic, confidence_pct, options: Vec::new() }
}
