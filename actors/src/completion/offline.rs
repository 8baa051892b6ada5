//! The offline tutor as a model: the course's own words, streamed word by word.
//!
//! It answers where no model is configured (labelled `offline`), and for prompts that need none
//! (labelled `authored`). What it says is decided by `learnflow_engine::tutor::offline`; here it
//! only gets its pace, so that a page shows it as it shows any other answer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use learnflow_engine::course::model::Course;
use learnflow_engine::port::log::BoxStream;
use learnflow_engine::port::model::{
    AnswerSource, FinishReason, Model, ModelError, ModelPiece, ModelRequest,
};
use learnflow_engine::tutor::offline::{self, OfflineBrief};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The usual pace: a page shows about eighty words a second.
pub const PIECE_DELAY: Duration = Duration::from_millis(12);

/// The offline tutor.
#[derive(Debug)]
pub struct OfflineTutor {
    course: Arc<Course>,
    piece_delay: Duration,
}

impl OfflineTutor {
    /// A tutor of this course that says a word each `piece_delay`; at zero all words at once.
    pub const fn new(course: Arc<Course>, piece_delay: Duration) -> Self {
        Self { course, piece_delay }
    }
}

impl Model for OfflineTutor {
    fn source(&self) -> AnswerSource {
        AnswerSource::Offline
    }

    fn name(&self) -> &'static str {
        "offline-tutor"
    }

    fn answer(&self, request: ModelRequest) -> BoxStream<Result<ModelPiece, ModelError>> {
        let brief = OfflineBrief::of(&request.brief);
        let text = offline::answer(&self.course, &brief).text;
        let mut said: Vec<_> = words(&text).into_iter().map(ModelPiece::Text).collect();
        said.push(ModelPiece::Finished { reason: FinishReason::Stop, usage: None });
        let pace = Pace::new(self.piece_delay);
        stream::unfold((said.into_iter(), pace), |(mut said, mut pace)| async move {
            let piece = said.next()?;
            pace.wait().await;
            Some((Ok(piece), (said, pace)))
        })
        .boxed()
    }
}

/// A text in pieces of one word each with the space after it; together they are the text.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive(char::is_whitespace).map(str::to_owned).collect()
}

struct Pace(Option<Interval>);

impl Pace {
    fn new(delay: Duration) -> Self {
        Self((!delay.is_zero()).then(|| {
            let mut ticks = interval(delay);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        }))
    }

    async fn wait(&mut self) {
        if let Some(ticks) = &mut self.0 {
            ticks.tick().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_words_and_together_the_text() {
        let text = "A `for` loop\nrepeats.\n\n```python\nfor x in y:\n    print(x)\n```\n";
        let pieces = words(text);
        assert!(pieces.len() > 10);
        assert_eq!(pieces.concat(), text);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_of_zero_waits_for_nothing() {
        let began = tokio::time::Instant::now();
        let mut at_once = Pace::new(Duration::ZERO);
        for _ in 0..100 {
            at_once.wait().await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        let mut paced = Pace::new(PIECE_DELAY);
        for _ in 0..11 {
            paced.wait().await;
        }
        assert_eq!(began.elapsed(), PIECE_DELAY * 10);
    }
}
