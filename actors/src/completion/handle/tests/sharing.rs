//! Who shares an answer with whom, and what is never shared.

use super::*;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Starts `count` callers of one course-scoped prompt and waits until each has heard something.
async fn callers(setting: &Setting, tasks: &mut JoinSet<Heard>, count: usize) {
    let (heard, mut first) = mpsc::channel(1);
    for number in 0..count {
        let mut events = setting.ask_in(course(), question(u8::try_from(number % 250).unwrap()));
        let heard = heard.clone();
        tasks.spawn(async move {
            let Some(CompletionEvent::Text(text)) = events.next().await else {
                panic!("no text came first")
            };
            heard.send(()).await.unwrap();
            let rest = hear(events).await;
            Heard { text: text + &rest.text, ..rest }
        });
    }
    drop(heard);
    for _ in 0..count {
        first.recv().await.expect("a caller heard no text first");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_of_one_shared_prompt_cost_one_call() {
    let setting = Setting::new(vec![
        Step::say("A loop "),
        Step::Gate,
        Step::say("repeats"),
        Step::Gate,
        Step::say("."),
        Step::stop(),
    ])
    .await;
    let mut tasks = JoinSet::new();
    let mut leaver = setting.ask_in(course(), question(251));
    assert_eq!(leaver.next().await, Some(CompletionEvent::Text("A loop ".to_owned())));
    callers(&setting, &mut tasks, 500).await;
    drop(leaver);
    setting.model.release();
    callers(&setting, &mut tasks, 500).await;
    setting.model.release();
    let all = tasks.join_all().await;
    assert_eq!(all.len(), 1_000);
    let expected = whole("A loop repeats.", AnswerSource::Model);
    assert!(all.iter().all(|heard| *heard == expected));
    assert_eq!(setting.model.calls(), 1);
    let again = hear(setting.ask_in(course(), question(7))).await;
    assert_eq!(again, whole("A loop repeats.", AnswerSource::Cache));
    assert_eq!(setting.model.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_personal_answer_is_neither_joined_nor_stored() {
    let setting = Setting::new(loop_answer()).await;
    let both = [question(1), question(1)].map(|call| hear(setting.handle.complete(call)));
    for heard in futures_util::future::join_all(both).await {
        assert_eq!(heard, whole("A loop repeats.", AnswerSource::Model));
    }
    hear(setting.handle.complete(question(1))).await;
    assert_eq!(setting.model.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_for_a_student_or_a_turn_stays_theirs() {
    for (reuse, other_turn_shares) in [(Reuse::SameStudent, true), (Reuse::SameTurn, false)] {
        let setting = Setting::new(loop_answer()).await;
        let ask = |who: u8, in_turn: u8| Call { turn: turn(in_turn), reuse, ..question(who) };
        for (call, calls, source) in [
            (ask(1, 1), 1, AnswerSource::Model),
            (ask(1, 1), 1, AnswerSource::Cache),
            (ask(2, 1), 2, AnswerSource::Model),
            (ask(2, 1), 2, AnswerSource::Cache),
        ] {
            let heard = hear(setting.handle.complete(call)).await;
            assert_eq!(heard, whole("A loop repeats.", source), "{reuse:?}");
            assert_eq!(setting.model.calls(), calls, "{reuse:?}");
        }
        hear(setting.handle.complete(ask(1, 2))).await;
        let shared = setting.model.calls() == 2;
        assert_eq!(shared, other_turn_shares, "{reuse:?} and another turn");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_whole_is_never_given_again() {
    let said = || Step::say("A loop rep");
    for script in [
        vec![said()],
        vec![said(), Step::Fail(ModelError::Cut)],
        vec![said(), Step::Fail(ModelError::ServerFailed(500))],
        vec![said(), Step::Fail(ModelError::Unreadable)],
        vec![said(), Step::Hang],
        vec![said(), Step::Crash],
        vec![said(), Step::Finish(FinishReason::Length, None)],
        vec![said(), Step::Finish(FinishReason::ContentFilter, None)],
        vec![Step::say(" "), Step::stop()],
        vec![Step::Finish(FinishReason::Length, None)],
        vec![Step::stop()],
    ] {
        let setting = Setting::new(loop_answer()).await;
        setting.model.then(script.clone());
        let first = hear(setting.ask_in(course(), question(1))).await;
        assert_ne!(first, whole("A loop repeats.", AnswerSource::Model), "{script:?}");
        let second = hear(setting.ask_in(course(), question(2))).await;
        assert_eq!(second, whole("A loop repeats.", AnswerSource::Model), "{script:?}");
        assert_eq!(setting.model.calls(), 2, "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_who_leaves_ends_a_personal_call_wherever_it_is() {
    for script in [
        vec![Step::Hang],
        vec![Step::say("A loop "), Step::Hang],
        vec![Step::Fail(ModelError::Unreachable)],
    ] {
        let setting = Setting::new(script.clone()).await;
        let mut events = setting.handle.complete(question(1));
        for _ in 0..50 {
            // Not idle, so that the paused clock stands: no deadline passes.
            let polled = futures_util::poll!(events.next());
            drop(polled);
            tokio::task::yield_now().await;
        }
        assert_eq!(setting.model.calls(), 1, "{script:?}");
        drop(events);
        setting.all_streams_close().await;
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(setting.model.calls(), 1, "{script:?}: a call for nobody");
        setting.handle.stop(Duration::from_secs(1)).await;
        assert!(setting.handle.inner.shared.tasks.is_empty(), "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shared_answer_is_finished_for_the_next_who_asks() {
    let setting =
        Setting::new(vec![Step::say("A loop "), Step::Gate, Step::say("repeats."), Step::stop()])
            .await;
    let mut events = setting.ask_in(course(), question(1));
    events.next().await;
    drop(events);
    setting.model.release();
    setting.all_streams_close().await;
    let next = hear(setting.ask_in(course(), question(2))).await;
    assert_eq!(next.text, "A loop repeats.");
    assert_eq!(setting.model.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn different_courses_and_lengths_do_not_share() {
    let setting = Setting::new(loop_answer()).await;
    hear(setting.ask_in(course(), question(1))).await;
    hear(setting.ask_in(Scope::Course("python@2".into()), question(1))).await;
    hear(setting.ask_in(course(), Call { max_tokens: 9, ..question(1) })).await;
    assert_eq!(setting.model.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_miss_that_was_under_way_while_its_answer_was_stored_flies_no_second_time() {
    let setting = Setting::new(loop_answer()).await;
    hear(setting.ask_in(course(), question(1))).await;
    let inner = &setting.handle.inner;
    while !inner.shared.tasks.is_empty() {
        tokio::task::yield_now().await;
    }
    // As if this caller had looked into the cache before the first answer came.
    let late = question(2);
    let messages = late.prompt.messages();
    let key = CacheKey::of(&course(), &inner.identity, messages, late.max_tokens);
    let opened = setting.handle.mail(late, key, ScopeKind::Course).await;
    assert!(matches!(opened, Some(Opened::Stored(text)) if &*text == "A loop repeats."));
    assert_eq!(setting.model.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_refuses_at_once() {
    let config = Config { mailbox_max: 1, ..Config::default() };
    let setting = Setting::with(config, loop_answer()).await;
    let _taken = Arc::clone(&setting.handle.inner.credits).try_acquire_owned().unwrap();
    let began = Instant::now();
    let heard = hear(setting.handle.complete(question(1))).await;
    assert_eq!(heard.end, failed(ModelError::Overloaded));
    assert_eq!((began.elapsed(), setting.model.calls()), (Duration::ZERO, 0));
}
