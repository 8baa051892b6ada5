//! Alerts: raised, changed, closed and raised again, one open at a time of a kind and topic.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::ReadChange;
use learnflow_storage::pool::Database;
use learnflow_storage::read::learning::{self, AlertRow, AlertScope};

use crate::change::{alert, at, batch, closed, id};
use crate::world::{NOW, World, assert_refused, on_both};

on_both![
    an_alert_comes_back_as_it_was_raised,
    a_closed_alert_keeps_all_else,
    an_alert_that_is_written_again_stays_snoozed,
    an_alert_may_open_and_close_within_one_batch,
    one_batch_closes_an_alert_and_opens_the_next,
    the_last_word_opens_an_alert_again,
    closing_what_is_unknown_or_anothers_changes_nothing,
    each_kind_and_topic_has_one_open_alert,
];

const TOPIC: Option<&str> = Some("basics.loops");

async fn alerts(world: &World, student: StudentId, scope: AlertScope) -> Vec<AlertRow> {
    learning::alerts(world.db(), student, scope).await.unwrap()
}

/// Number, status and end of each alert, newest first.
async fn ends(world: &World, student: StudentId) -> Vec<(u128, String, Option<Timestamp>)> {
    let rows = alerts(world, student, AlertScope::All).await;
    rows.into_iter().map(|row| (row.id.as_u128(), row.status, row.closed_at)).collect()
}

fn open(number: u128) -> (u128, String, Option<Timestamp>) {
    (number, "open".to_owned(), None)
}

fn over(number: u128, seq: i64) -> (u128, String, Option<Timestamp>) {
    (number, "closed".to_owned(), Some(at(seq)))
}

async fn snooze(world: &World, number: u128, until: Timestamp) {
    const SNOOZE: &str = "UPDATE alert SET snoozed_until = $2 WHERE id = $1";
    let query = (id(number), until.as_micros());
    let done = match world.db() {
        Database::Postgres(postgres) => {
            let query = sqlx::query(SNOOZE).bind(query.0).bind(query.1);
            query.execute(postgres.pool()).await.unwrap().rows_affected()
        }
        Database::Sqlite(_) => {
            let mut connection = world.scratch.sqlite_connection().await.unwrap();
            let query = sqlx::query(SNOOZE).bind(query.0).bind(query.1);
            query.execute(&mut connection).await.unwrap().rows_affected()
        }
    };
    assert_eq!(done, 1);
}

async fn an_alert_comes_back_as_it_was_raised(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![alert(10, TOPIC, 4, None), alert(11, None, 5, None)];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let about_a_topic = AlertRow {
        id: id(10),
        kind: "stuck".to_owned(),
        severity: "high".to_owned(),
        topic: TOPIC.map(str::to_owned),
        exercise: Some("basics.loops.first".to_owned()),
        status: "open".to_owned(),
        opened_at: at(4),
        closed_at: None,
        snoozed_until: None,
        evidence: "{\"failed\":4}".to_owned(),
        seq: 4,
    };
    let about_none = AlertRow {
        id: id(11),
        severity: "low".to_owned(),
        topic: None,
        exercise: None,
        opened_at: at(5),
        evidence: "{\"failed\":5}".to_owned(),
        seq: 5,
        ..about_a_topic.clone()
    };
    let expected = [about_none, about_a_topic];
    assert_eq!(alerts(world, maya, AlertScope::Open).await, expected);
    assert_eq!(alerts(world, maya, AlertScope::All).await, expected);
}

async fn a_closed_alert_keeps_all_else(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![alert(10, TOPIC, 4, None), alert(11, None, 5, None)];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    snooze(world, 10, NOW).await;
    let before = alerts(world, maya, AlertScope::All).await;
    let closing = batch(&mut writer, maya, 2, vec![vec![closed(10, at(9))]]);
    world.commit(&closing).await;
    world.commit(&closing).await;
    let mut expected = before;
    expected[1].status = "closed".to_owned();
    expected[1].closed_at = Some(at(9));
    assert_eq!(expected[1].snoozed_until, Some(NOW));
    assert_eq!(alerts(world, maya, AlertScope::All).await, expected);
    assert_eq!(alerts(world, maya, AlertScope::Open).await, expected[..1]);
}

async fn an_alert_that_is_written_again_stays_snoozed(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    world.commit(&batch(&mut writer, maya, 1, vec![vec![alert(10, TOPIC, 4, None)]])).await;
    let until = NOW.plus_millis(60_000);
    snooze(world, 10, until).await;
    for (rev, change) in [(2, alert(10, TOPIC, 4, None)), (3, alert(10, TOPIC, 4, Some(at(8))))] {
        world.commit(&batch(&mut writer, maya, rev, vec![vec![change]])).await;
        let rows = alerts(world, maya, AlertScope::All).await;
        assert_eq!((rows.len(), rows[0].snoozed_until), (1, Some(until)), "rev {rev}");
    }
    assert_eq!(ends(world, maya).await, [over(10, 8)]);
}

async fn an_alert_may_open_and_close_within_one_batch(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let steps = vec![vec![alert(10, TOPIC, 4, None)], vec![closed(10, at(6))]];
    world.commit(&batch(&mut writer, maya, 1, steps)).await;
    assert_eq!(ends(world, maya).await, [over(10, 6)]);
    assert_eq!(alerts(world, maya, AlertScope::Open).await, []);
}

/// An alert stands; one batch ends it and raises the next. Neither the order of the rows, nor that
/// of the ids, nor how the end is told makes a difference.
async fn one_batch_closes_an_alert_and_opens_the_next(world: &World) {
    let mut writer = world.claim(1).await;
    let mut number = 0;
    for (old, new) in [(20, 30), (30, 20)] {
        for in_full in [true, false] {
            for opens_first in [true, false] {
                number += 1;
                let maya = world.student(number).await;
                let (old, new) = (old + number * 100, new + number * 100);
                let standing = vec![vec![alert(old, TOPIC, 1, None)]];
                world.commit(&batch(&mut writer, maya, 1, standing)).await;
                let end =
                    if in_full { alert(old, TOPIC, 1, Some(at(2))) } else { closed(old, at(2)) };
                let mut reads = vec![end, alert(new, TOPIC, 3, None)];
                if opens_first {
                    reads.reverse();
                }
                let both = batch(&mut writer, maya, 2, vec![reads]);
                world.commit(&both).await;
                world.commit(&both).await;
                let told = ends(world, maya).await;
                assert_eq!(told, [open(new), over(old, 2)], "{in_full} {opens_first}");
            }
        }
    }
    // Three in a row within one batch.
    let maya = world.student(99).await;
    let steps = vec![
        vec![alert(9_903, TOPIC, 1, None)],
        vec![closed(9_903, at(2)), alert(9_902, TOPIC, 3, None)],
        vec![closed(9_902, at(4)), alert(9_901, TOPIC, 5, None)],
    ];
    world.commit(&batch(&mut writer, maya, 1, steps)).await;
    assert_eq!(ends(world, maya).await, [open(9_901), over(9_902, 4), over(9_903, 2)]);
}

async fn the_last_word_opens_an_alert_again(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    world.commit(&batch(&mut writer, maya, 1, vec![vec![alert(10, TOPIC, 4, None)]])).await;
    let reads = vec![closed(10, at(5)), alert(10, TOPIC, 4, None)];
    world.commit(&batch(&mut writer, maya, 2, vec![reads])).await;
    assert_eq!(ends(world, maya).await, [open(10)]);
}

async fn closing_what_is_unknown_or_anothers_changes_nothing(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(1).await;
    world.commit(&batch(&mut writer, maya, 1, vec![vec![alert(10, TOPIC, 4, None)]])).await;
    let reads = vec![closed(77, NOW), closed(10, NOW), alert(10, None, 5, Some(NOW))];
    for (rev, change) in (1..).zip(reads) {
        world.commit(&batch(&mut writer, james, rev, vec![vec![change]])).await;
    }
    assert_eq!(ends(world, maya).await, [open(10)]);
    assert_eq!(ends(world, james).await, []);
}

async fn each_kind_and_topic_has_one_open_alert(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(1).await;
    let reads =
        vec![alert(10, TOPIC, 1, None), alert(11, None, 2, None), alert(12, Some("x"), 3, None)];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    world.commit(&batch(&mut writer, james, 1, vec![vec![alert(13, TOPIC, 1, None)]])).await;
    for second in [alert(20, TOPIC, 4, None), alert(20, None, 4, None)] {
        let mut refused = writer.clone();
        let refused = batch(&mut refused, maya, 2, vec![vec![closed(12, at(4)), second]]);
        assert_refused(&world.store.commit(&refused).await);
    }
    assert_eq!(ends(world, maya).await, [open(12), open(11), open(10)]);
    let other = ReadChange::Alert {
        id: id(20),
        kind: "struggling",
        severity: "low",
        topic: TOPIC.map(str::to_owned),
        exercise: None,
        status: "open",
        opened_at: at(4),
        closed_at: None,
        evidence: "{}".to_owned(),
        seq: 4,
    };
    world.commit(&batch(&mut writer, maya, 2, vec![vec![other]])).await;
    assert_eq!(ends(world, maya).await[0], open(20));
}
