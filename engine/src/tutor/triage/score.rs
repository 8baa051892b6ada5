//! From features to a route: the agent by the learned weights, the topic by the course's words.

use super::feature::Features;
use super::learned::{AGENTS, scores};
use super::{Agent, Route, SURE_PCT, TriageContext};
use crate::course::model::{Course, ExerciseId, TopicId};

/// Ten times the weight up to which a topic's word doesn't change the subject.
const WEAK_TENTHS: u32 = 60;
/// Ten times the weight below which words and code say nothing about the topic.
const FAINT_TENTHS: u32 = 20;
/// Ten times the weight from which a topic counts as named.
const NAMED_TENTHS: u32 = 80;
/// Words up to which a text says no more than the words that topics share.
const TORN_WORDS: usize = 4;
/// Lead of the best agent from which a question goes to it, in hundredths of ln(odds).
const SURE_LEAD: i32 = 5;
/// Lead that makes a percent of confidence.
const LEAD_PER_PCT: i32 = 12;
/// Topics that are offered when asking back.
const OPTION_LIMIT: usize = 3;

/// Decides where a question goes.
pub(super) fn decide(course: &Course, features: &Features, context: &TriageContext) -> Route {
    if let Some(authored) = &features.authored {
        return route(Agent::Concepts, Some(authored.clone()), 95);
    }
    let (agent, lead) = best_agent(features, context);
    let asks = match agent {
        Agent::Clarify => true,
        Agent::Concepts => lead < SURE_LEAD || torn(features, context),
        Agent::CodeReview | Agent::Debug | Agent::Exercise | Agent::Progress | Agent::OffTopic => {
            lead < SURE_LEAD
        }
    };
    if asks {
        // Whoever says little while an exercise is open means that exercise: hints, no solution.
        return match &context.exercise {
            Some(exercise) => route(Agent::Debug, Some(exercise.topic()), SURE_PCT),
            None => clarify(course, features, context, lead),
        };
    }
    let topic = match agent {
        Agent::Concepts | Agent::CodeReview | Agent::Debug | Agent::Exercise => {
            topic(course, features, context, agent)
        }
        // Progress is about everything unless a topic is named.
        Agent::Progress => named(course, features),
        Agent::Clarify | Agent::OffTopic => None,
    };
    route(agent, topic, SURE_PCT + pct(lead - SURE_LEAD, 99 - SURE_PCT))
}

/// The best agent, and how far it is ahead of the second.
fn best_agent(features: &Features, context: &TriageContext) -> (Agent, i32) {
    let scores = scores(features, context);
    let mut best = (Agent::Clarify, i32::MIN);
    let mut second = i32::MIN;
    for (agent, score) in AGENTS.into_iter().zip(scores) {
        if score > best.1 {
            second = best.1;
            best = (agent, score);
        } else {
            second = second.max(score);
        }
    }
    (best.0, best.1.saturating_sub(second))
}

/// A lead as percents, at most so many.
fn pct(lead: i32, limit: u8) -> u8 {
    u8::try_from(lead / LEAD_PER_PCT).map_or(limit, |pct| pct.min(limit))
}

/// Whether two topics share all the words that speak for them, and nothing else decides.
fn torn(features: &Features, context: &TriageContext) -> bool {
    let [first, second, ..] = features.topics.as_slice() else { return false };
    if features.tokens.len() > TORN_WORDS {
        return false;
    }
    let tied = first.tenths == second.tenths && first.own_tenths == 0 && second.own_tenths == 0;
    tied && context.topic.is_none() && context.last_topic.is_none()
}

/// The topic that a question is about.
fn topic(
    course: &Course,
    features: &Features,
    context: &TriageContext,
    agent: Agent,
) -> Option<TopicId> {
    let goes_on = context.last_agent == Some(agent) && context.last_topic.is_some();
    if goes_on && features.best().is_none_or(|best| best.tenths <= WEAK_TENTHS) {
        return context.last_topic.clone();
    }
    // What the words say and what the code says add up.
    let mut topics: Vec<(u16, u32)> =
        features.topics.iter().map(|score| (score.position, score.tenths)).collect();
    for (position, tenths) in &features.code_topics {
        match topics.iter_mut().find(|(known, _)| known == position) {
            Some((_, sum)) => *sum += tenths,
            None => topics.push((*position, *tenths)),
        }
    }
    let best = topics.iter().map(|(_, tenths)| *tenths).max().unwrap_or(0);
    if best < FAINT_TENTHS {
        return around(context).next();
    }
    likeliest(course, context, &topics, best)
}

/// Of the topics with the best score the one that is near, or else the first.
fn likeliest(
    course: &Course,
    context: &TriageContext,
    topics: &[(u16, u32)],
    best: u32,
) -> Option<TopicId> {
    let equals = topics.iter().filter(|(_, tenths)| *tenths == best);
    let equals: Vec<TopicId> =
        equals.filter_map(|(position, _)| id_at(course, *position)).collect();
    let near = around(context).find(|topic| equals.contains(topic));
    near.or_else(|| equals.into_iter().next())
}

/// The topic that the words name outright.
fn named(course: &Course, features: &Features) -> Option<TopicId> {
    let best = features.best().filter(|best| best.tenths >= NAMED_TENTHS)?;
    id_at(course, best.position)
}

/// The topics that a question stands near to, the nearest first.
fn around(context: &TriageContext) -> impl Iterator<Item = TopicId> {
    let open = context.exercise.as_ref().map(ExerciseId::topic);
    let around = [context.topic.as_ref(), open.as_ref(), context.last_topic.as_ref()];
    around.map(Option::<&TopicId>::cloned).into_iter().flatten()
}

fn id_at(course: &Course, position: u16) -> Option<TopicId> {
    course.topics().get(usize::from(position)).map(|topic| topic.id.clone())
}

fn clarify(course: &Course, features: &Features, context: &TriageContext, lead: i32) -> Route {
    let found = features.topics.iter().map(|score| score.position);
    let found = found.chain(features.code_topics.iter().map(|(position, _)| *position));
    let found = found.filter_map(|position| id_at(course, position));
    let begin = course.topics().iter().filter(|topic| !topic.is_planned());
    let mut options: Vec<TopicId> = Vec::new();
    for id in found.chain(around(context)).chain(begin.map(|topic| topic.id.clone())) {
        if options.len() < OPTION_LIMIT && !options.contains(&id) {
            options.push(id);
        }
    }
    let confidence_pct = SURE_PCT - 1 - pct(lead, 50);
    Route { agent: Agent::Clarify, topic: None, confidence_pct, options }
}

const fn route(agent: Agent, topic: Option<TopicId>, confidence_pct: u8) -> Route {
    Route { agent, topic, confidence_pct, options: Vec::new() }
}
