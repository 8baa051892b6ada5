//! Storms, breaks, crashes, and prompts that need no model.

use super::*;

#[tokio::test(start_paused = true)]
async fn retries_of_an_outage_stay_within_the_budget() {
    let config = Config { breaker_calls_min: 1_000_000, ..Config::default() };
    let setting = Setting::with(config, vec![Step::Fail(ModelError::ServerFailed(503))]).await;
    let calls = (0..200).map(|who| hear(setting.handle.complete(question(who))));
    let began = Instant::now();
    let heard = futures_util::future::join_all(calls).await;
    assert!(heard.iter().all(|heard| heard.end == failed(ModelError::ServerFailed(503))));
    // A tenth of the calls, the floor's ten, and one for each second that it took.
    let allowed = 200 + 20 + 10 + usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    let calls = setting.model.calls();
    assert!(calls > 200 && calls <= allowed, "{calls} calls, {allowed} allowed");
}

/// A setting whose breaker has just opened, after twenty calls.
async fn broken() -> Setting {
    let config = Config { retries_max: 0, ..Config::default() };
    let setting = Setting::with(config, loop_answer()).await;
    for _ in 0..20 {
        setting.model.then(vec![Step::Fail(ModelError::Unreachable)]);
    }
    for who in 0..20 {
        let heard = hear(setting.handle.complete(question(who))).await;
        assert_eq!(heard.end, failed(ModelError::Unreachable));
    }
    setting
}

#[tokio::test(start_paused = true)]
async fn a_dead_model_is_not_asked_until_a_probe_finds_it_alive() {
    let setting = broken().await;
    let began = Instant::now();
    let refused = hear(setting.handle.complete(question(1))).await;
    assert_eq!(refused.end, failed(ModelError::Overloaded));
    assert_eq!((began.elapsed(), setting.model.calls()), (Duration::ZERO, 20));
    tokio::time::advance(Duration::from_secs(5)).await;
    for _ in 0..2 {
        let heard = hear(setting.handle.complete(question(1))).await;
        assert_eq!(heard, whole("A loop repeats.", AnswerSource::Model));
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_caller_leaves_lets_the_next_one_probe() {
    let setting = broken().await;
    tokio::time::advance(Duration::from_secs(5)).await;
    setting.model.then(vec![Step::say("A"), Step::Hang]);
    let mut probe = setting.handle.complete(question(1));
    probe.next().await;
    let meanwhile = hear(setting.handle.complete(question(2))).await;
    assert_eq!(meanwhile.end, failed(ModelError::Overloaded));
    drop(probe);
    setting.all_streams_close().await;
    let next = hear(setting.handle.complete(question(2))).await;
    assert_eq!(next, whole("A loop repeats.", AnswerSource::Model));
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_one_flight_fails_its_own_followers_only() {
    let setting = Setting::new(loop_answer()).await;
    setting.model.then(vec![Step::say("A"), Step::Gate, Step::Crash]);
    setting.model.then(vec![Step::say("B"), Step::Gate, Step::say("!"), Step::stop()]);
    let mut doomed = setting.ask_in(course(), question(1));
    doomed.next().await;
    let mut other = setting.ask_in(Scope::Student(student(2)), question(2));
    other.next().await;
    let mut joined = setting.ask_in(course(), question(3));
    joined.next().await;
    setting.model.release();
    for follower in [doomed, joined] {
        assert_eq!(hear(follower).await.end, failed(ModelError::Cut));
    }
    assert_eq!(hear(other).await.text, "!");
    let after = hear(setting.ask_in(course(), question(4))).await;
    assert_eq!(after.text, "A loop repeats.");
    assert_eq!(setting.model.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_supervisor_serves_again() {
    let setting = Setting::new(loop_answer()).await;
    hear(setting.ask_in(course(), question(1))).await;
    let old = setting.handle.inner.supervisor.read().clone();
    old.kill_and_wait(None).await.unwrap();
    let stored = hear(setting.ask_in(course(), question(2))).await;
    assert_eq!(stored, whole("A loop repeats.", AnswerSource::Cache), "hits need no supervisor");
    let missed = hear(setting.handle.complete(question(3))).await;
    assert_eq!(missed.end, failed(ModelError::Overloaded));
    setting.handle.restart(None).await.unwrap();
    let served = hear(setting.handle.complete(question(3))).await;
    assert_eq!(served, whole("A loop repeats.", AnswerSource::Model));
}

#[tokio::test(start_paused = true)]
async fn prompts_that_need_no_model_get_the_course_s_words() {
    let setting = Setting::new(loop_answer()).await;
    for agent in [Agent::Clarify, Agent::OffTopic, Agent::Progress] {
        let heard = hear(setting.handle.complete(call(1, agent))).await;
        assert_eq!(heard, whole("The course says so.", AnswerSource::Authored), "{agent:?}");
    }
    assert_eq!(setting.model.calls(), 0);
    for agent in [Agent::Concepts, Agent::CodeReview, Agent::Debug, Agent::Exercise] {
        let heard = hear(setting.handle.complete(call(1, agent))).await;
        assert_eq!(heard, whole("A loop repeats.", AnswerSource::Model), "{agent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_offline_tutor_says_is_labelled_so_and_never_stored() {
    let model = Arc::new(ScriptedModel::new(loop_answer()).labelled(AnswerSource::Offline));
    let parts = Parts {
        config: Config::default(),
        model: Arc::clone(&model) as Arc<dyn Model>,
        endpoint: String::new(),
        authored: Arc::clone(&model) as Arc<dyn Model>,
        clock: Arc::new(Counter::default()),
    };
    let handle = CompletionHandle::start(parts, None).await.unwrap();
    for _ in 0..2 {
        let heard = hear(handle.open_in(&course(), question(1)).await).await;
        assert_eq!(heard, whole("A loop repeats.", AnswerSource::Offline));
    }
    assert_eq!(model.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_used_is_reported_and_paid_back() {
    let usage = Some(Usage { prompt_tokens: 30, completion_tokens: 5 });
    let config = Config { tokens_per_minute: 20_000, ..Config::default() };
    let answer = vec![Step::say("ok"), Step::Finish(FinishReason::Stop, usage)];
    let setting = Setting::with(config, answer).await;
    // Each call reserves more than a quarter of what may come at once, and uses a little of it.
    for who in 0..30 {
        let began = Instant::now();
        let heard = hear(setting.handle.complete(question(who))).await;
        let end = CompletionEvent::Finished {
            reason: FinishReason::Stop,
            usage,
            source: AnswerSource::Model,
        };
        assert_eq!(heard.end, end);
        assert_eq!(began.elapsed(), Duration::ZERO, "call {who} waited for tokens");
    }
}

#[tokio::test]
async fn wrong_settings_do_not_start() {
    let model: Arc<dyn Model> = Arc::new(ScriptedModel::new(Vec::new()));
    let parts = Parts {
        config: Config { concurrency_max: 0, ..Config::default() },
        model: Arc::clone(&model),
        endpoint: String::new(),
        authored: model,
        clock: Arc::new(Counter::default()),
    };
    let refused = CompletionHandle::start(parts, None).await;
    assert!(matches!(refused, Err(StartError::Config(_))));
}
