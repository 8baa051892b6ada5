//! `Idempotency-Key`: once per account, route and key, for 24 h.

use learnflow_engine::id::UserId;
use learnflow_storage::idempotency::{
    self, ABANDONED_MS, Begin, LIFETIME_MS, RequestKey, abandon, begin, finish,
};

use crate::world::{NOW, World, on_both};

on_both! {
    the_second_request_gets_the_first_answer,
    keys_of_others_and_of_other_routes_are_their_own,
    another_body_is_a_mismatch,
    a_dead_request_may_be_done_again,
    a_key_is_forgotten_after_a_day,
    of_two_at_once_one_starts,
}

fn request(account: u128, key: &str) -> RequestKey<'_> {
    RequestKey { account: UserId::from_seed(NOW, account << 96), route: "POST /v1/sections", key }
}

async fn the_second_request_gets_the_first_answer(world: &World) {
    let asked = request(1, "k");
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), Begin::Start);
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), Begin::Running);
    finish(&world.db, asked, 201, b"{\"id\":1}").await.unwrap();
    finish(&world.db, asked, 500, b"a late second answer").await.unwrap();
    let done = Begin::Done { status: 201, response: b"{\"id\":1}".to_vec() };
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), done);
    abandon(&world.db, asked).await.unwrap();
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), done);
}

async fn keys_of_others_and_of_other_routes_are_their_own(world: &World) {
    let other_route = RequestKey { route: "POST /v1/users", ..request(1, "k") };
    for asked in [request(1, "k"), request(2, "k"), request(1, "l"), other_route] {
        assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), Begin::Start, "{asked:?}");
    }
}

async fn another_body_is_a_mismatch(world: &World) {
    let asked = request(1, "k");
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), Begin::Start);
    assert_eq!(begin(&world.db, asked, b"{ }", NOW).await.unwrap(), Begin::Mismatch);
    finish(&world.db, asked, 200, b"").await.unwrap();
    assert_eq!(begin(&world.db, asked, b"{ }", NOW).await.unwrap(), Begin::Mismatch);
}

async fn a_dead_request_may_be_done_again(world: &World) {
    let asked = request(1, "k");
    assert_eq!(begin(&world.db, asked, b"{}", NOW).await.unwrap(), Begin::Start);
    let before = NOW.plus_millis(ABANDONED_MS - 1);
    let after = NOW.plus_millis(ABANDONED_MS);
    assert_eq!(begin(&world.db, asked, b"{}", before).await.unwrap(), Begin::Running);
    assert_eq!(begin(&world.db, asked, b"other", after).await.unwrap(), Begin::Mismatch);
    assert_eq!(begin(&world.db, asked, b"{}", after).await.unwrap(), Begin::Start);
    assert_eq!(begin(&world.db, asked, b"{}", after).await.unwrap(), Begin::Running);
    abandon(&world.db, asked).await.unwrap();
    assert_eq!(begin(&world.db, asked, b"{}", after).await.unwrap(), Begin::Start);
}

async fn a_key_is_forgotten_after_a_day(world: &World) {
    let asked = request(1, "k");
    begin(&world.db, asked, b"{}", NOW).await.unwrap();
    finish(&world.db, asked, 200, b"old").await.unwrap();
    let last = NOW.plus_millis(LIFETIME_MS - 1);
    let end = NOW.plus_millis(LIFETIME_MS);
    assert_eq!(idempotency::sweep(&world.db, last).await.unwrap(), 0);
    let remembered = begin(&world.db, asked, b"{}", last).await.unwrap();
    assert!(matches!(remembered, Begin::Done { .. }), "{remembered:?}");
    assert_eq!(begin(&world.db, asked, b"new body", end).await.unwrap(), Begin::Start);
    assert_eq!(idempotency::sweep(&world.db, end).await.unwrap(), 0, "it is new again");
    let much_later = end.plus_millis(LIFETIME_MS);
    assert_eq!(idempotency::sweep(&world.db, much_later).await.unwrap(), 1);
}

async fn of_two_at_once_one_starts(world: &World) {
    let asked = request(1, "k");
    let (one, two) =
        tokio::join!(begin(&world.db, asked, b"{}", NOW), begin(&world.db, asked, b"{}", NOW),);
    let mut answers = [one.unwrap(), two.unwrap()];
    answers.sort_by_key(|answer| *answer == Begin::Running);
    assert_eq!(answers, [Begin::Start, Begin::Running]);
}
