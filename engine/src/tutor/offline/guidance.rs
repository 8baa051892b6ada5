//! What the tutor says when it doesn't explain: asks back, points the way, is honest about limits.

use super::add;
use crate::course::model::{Course, Topic, TopicId};
use crate::tutor::triage::Route;

/// Asks back what was meant.
pub(super) fn clarify(course: &Course, route: &Route) -> String {
    let mut text = String::from(
        "I want to help with the right thing, and I am not sure yet what you mean. \
         Is it about one of these?\n\n",
    );
    for topic in route.options.iter().filter_map(|id| course.topic(id)) {
        add(&mut text, format_args!("- **{}**: {}\n", topic.title, topic.summary.trim()));
    }
    text.push_str(
        "\nYou can also tell me a little more. These help me most:\n\n\
         - what you want your program to do,\n\
         - the code you have so far (just paste it, it doesn't have to be finished),\n\
         - the error message, if there is one, with its last line.\n\n\
         Any question is fine, however small.\n",
    );
    text
}

/// Brings back to programming.
pub(super) fn off_topic(course: &Course) -> String {
    let mut text = String::from(
        "That is outside what I can help with: I am here for learning to program in Python, \
         and for that I have all the time in the world.\n\n\
         If you like, we can turn what interests you into a small program. Nearly everything can \
         become one: a quiz about animals, a score table for your team, a calculator for \
         pocket money.\n\nOr we go on in the course. Good places to start:\n\n",
    );
    for topic in course.topics().iter().filter(|topic| !topic.is_planned()).take(3) {
        add(&mut text, format_args!("- **{}**: {}\n", topic.title, topic.summary.trim()));
    }
    text.push_str("\nWhat would you like to do?\n");
    text
}

/// Says where progress is shown; this tutor has no numbers.
pub(super) fn progress(course: &Course, topic: Option<&Topic>) -> String {
    let mut text = String::from(
        "Your **progress page** has the exact numbers: for each topic a score, what it is made of \
         and what moved it. I can't see them in this conversation, so I won't guess.\n\n\
         What I can tell you is how to find out for yourself whether a topic sits well:\n\n\
         1. Explain it in two sentences, as if to a friend.\n\
         2. Write a tiny program that uses it, without looking anything up.\n\
         3. Change one thing in it and say what it will print *before* you run it.\n\n\
         If one of these is hard, that is the place to practise, and not a bad sign: it is how \
         learning looks from the inside.\n\n",
    );
    match topic.and_then(|topic| next_after(course, &topic.id)) {
        Some(next) => {
            add(
                &mut text,
                format_args!(
                    "When you are happy with where you are, **{}** comes next: {}\n",
                    next.title,
                    next.summary.trim()
                ),
            );
        }
        None => text.push_str("Tell me a topic, and I give you an exercise for it.\n"),
    }
    text
}

/// The topic is unknown: shows what there is.
pub(super) fn no_topic(course: &Course) -> String {
    let mut text = String::from(
        "I am answering from the course's own pages, and I didn't find which of them your question \
         belongs to. These are its parts:\n\n",
    );
    for module in course.modules() {
        let titles: Vec<&str> = module
            .topics
            .iter()
            .filter_map(|id| course.topic(id))
            .map(|topic| topic.title.as_str())
            .collect();
        add(&mut text, format_args!("- **{}**: {}\n", module.title, titles.join(", ")));
    }
    text.push_str(
        "\nName one of these, or ask with other words, for example \"What is a variable?\". \
         If you have code or an error message, paste it: that often says more than a \
         description.\n",
    );
    text
}

/// What stands before the course's own answer while the model is away.
pub(super) const AWAY: &str = "*The AI can't be reached just now, so this comes from the course itself. You can ask your \
     question again in a moment.*";

/// What stands before the course's own answer when today's answers of the model are used up.
pub(super) const USED_UP: &str = "*Today's answers of the AI are used up, so this comes from the course itself. Hints, quizzes \
     and exercises go on as always.*";

/// The topic after this one in the course.
fn next_after<'a>(course: &'a Course, id: &TopicId) -> Option<&'a Topic> {
    let at = course.topics().iter().position(|topic| topic.id == *id)?;
    course.topics().get(at + 1)
}
