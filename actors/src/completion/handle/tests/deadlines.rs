//! What goes wrong upstream: one end each, in time, with counted retries.

use super::*;

/// A fault: what the model does in each call (the last one again and again).
struct Fault {
    name: &'static str,
    scripts: Vec<Vec<Step>>,
    text: &'static str,
    end: CompletionEvent,
    calls: usize,
}

fn fault(name: &'static str, scripts: Vec<Vec<Step>>, end: CompletionEvent, calls: usize) -> Fault {
    Fault { name, scripts, text: "", end, calls }
}

impl Fault {
    fn after(self, text: &'static str) -> Self {
        Self { text, ..self }
    }
}

/// Plays a fault and checks text, end, calls and time.
async fn check(fault: Fault) {
    let Fault { name, mut scripts, text, end, calls } = fault;
    let config = Config::default();
    let usual = scripts.pop().unwrap();
    let setting = Setting::with(config.clone(), usual).await;
    for script in scripts {
        setting.model.then(script);
    }
    let began = Instant::now();
    let heard = hear(setting.handle.complete(question(1))).await;
    assert_eq!(heard, Heard { text: text.to_owned(), end }, "{name}");
    assert_eq!(setting.model.calls(), calls, "{name}: calls");
    assert!(began.elapsed() <= config.total(), "{name}: total deadline");
    if text.is_empty() {
        assert!(began.elapsed() <= Duration::from_secs(15), "{name}: told too late");
    }
    setting.all_streams_close().await;
}

fn fails(error: ModelError) -> Vec<Step> {
    vec![Step::Fail(error)]
}

const LIMITED_2_S: ModelError = ModelError::RateLimited { retry_after_ms: Some(2_000) };
const LIMITED_1_MIN: ModelError = ModelError::RateLimited { retry_after_ms: Some(60_000) };
const LIMITED: ModelError = ModelError::RateLimited { retry_after_ms: None };

#[tokio::test(start_paused = true)]
async fn faults_before_the_first_content_are_retried_where_that_helps() {
    let well = || finished(FinishReason::Stop, AnswerSource::Model);
    let server = ModelError::ServerFailed(500);
    let down = ModelError::Unreachable;
    for fault in [
        fault(
            "refused",
            vec![fails(ModelError::Refused(400))],
            failed(ModelError::Refused(400)),
            1,
        ),
        fault("unreadable", vec![fails(ModelError::Unreadable)], failed(ModelError::Unreadable), 1),
        fault("filtered", vec![fails(ModelError::Filtered)], failed(ModelError::Filtered), 1),
        fault("hang", vec![vec![Step::Hang]], failed(ModelError::FirstContentTimeout), 1),
        fault(
            "empty pieces are no content",
            vec![vec![Step::say(""), Step::Hang]],
            failed(ModelError::FirstContentTimeout),
            1,
        ),
        fault("down", vec![fails(down)], failed(down), 3),
        fault("500", vec![fails(server)], failed(server), 3),
        fault("cut", vec![vec![]], failed(ModelError::Cut), 3),
        fault("429", vec![fails(LIMITED)], failed(LIMITED), 3),
        fault("429 for a minute", vec![fails(LIMITED_1_MIN)], failed(LIMITED_1_MIN), 1),
        fault("empty stop", vec![vec![Step::stop()]], failed(ModelError::Unreadable), 1),
        fault(
            "filter at once",
            vec![vec![Step::Finish(FinishReason::ContentFilter, None)]],
            failed(ModelError::Filtered),
            1,
        ),
        fault("down once", vec![fails(down), loop_answer()], well(), 2).after("A loop repeats."),
        fault("503 twice", vec![fails(server), fails(server), loop_answer()], well(), 3)
            .after("A loop repeats."),
        fault("429 for 2 s", vec![fails(LIMITED_2_S), loop_answer()], well(), 2)
            .after("A loop repeats."),
        fault(
            "hang after a retry",
            vec![fails(down), vec![Step::Hang]],
            failed(ModelError::FirstContentTimeout),
            2,
        ),
    ] {
        check(fault).await;
    }
}

/// One each 4.1 s, up to the total deadline.
const DRIPPED: &str = "...............";

#[tokio::test(start_paused = true)]
async fn faults_after_the_first_content_end_the_call() {
    let said = || Step::say("A loop rep");
    let drip = || -> Vec<Step> {
        (0..100).flat_map(|_| [Step::say("."), Step::Wait(Duration::from_millis(4_100))]).collect()
    };
    for fault in [
        fault("hang", vec![vec![said(), Step::Hang]], failed(ModelError::IdleTimeout), 1),
        fault("cut", vec![vec![said()]], failed(ModelError::Cut), 1),
        fault(
            "failed inside",
            vec![vec![said(), Step::Fail(ModelError::ServerFailed(500))]],
            failed(ModelError::ServerFailed(500)),
            1,
        ),
        fault(
            "garbage",
            vec![vec![said(), Step::Fail(ModelError::Unreadable)]],
            failed(ModelError::Unreadable),
            1,
        ),
        fault(
            "filter",
            vec![vec![said(), Step::Finish(FinishReason::ContentFilter, None)]],
            failed(ModelError::Filtered),
            1,
        ),
        fault(
            "length",
            vec![vec![said(), Step::Finish(FinishReason::Length, None)]],
            finished(FinishReason::Length, AnswerSource::Model),
            1,
        ),
    ] {
        check(fault.after("A loop rep")).await;
    }
    check(fault("drip", vec![drip()], failed(ModelError::TotalTimeout), 1).after(DRIPPED)).await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_as_long_as_the_server_asked() {
    let setting = Setting::new(loop_answer()).await;
    setting.model.then(fails(LIMITED_2_S));
    let began = Instant::now();
    hear(setting.handle.complete(question(1))).await;
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_place_is_told_after_the_queue_s_wait() {
    let config = Config { concurrency_max: 1, ..Config::default() };
    let setting = Setting::with(config, vec![Step::say("A"), Step::Hang]).await;
    let mut first = setting.handle.complete(question(1));
    first.next().await;
    let began = Instant::now();
    let heard = hear(setting.handle.complete(question(2))).await;
    assert_eq!(heard.end, failed(ModelError::Overloaded));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    drop(first);
    setting.all_streams_close().await;
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_is_complete_at_its_limit() {
    let flood = (0..300).map(|_| Step::Say("x".repeat(1_024))).collect();
    let setting = Setting::new(flood).await;
    let heard = hear(setting.handle.complete(question(1))).await;
    assert_eq!(heard.text.len(), crate::completion::config::ANSWER_MAX_BYTES);
    assert_eq!(heard.end, finished(FinishReason::Length, AnswerSource::Model));
}
