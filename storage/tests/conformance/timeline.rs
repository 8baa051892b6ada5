//! The timeline: attempts, hints, levels and alerts in one order, with a cursor that stays true.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::id::StudentId;
use learnflow_storage::read::learning::{self, Occurrence, TimelineEntry};
use learnflow_storage::read::page::PageRequest;

use crate::change::{alert, at, attempt, batch, closed, hint, leveled, mastery, review};
use crate::world::{NOW, World, on_both};

on_both![
    an_entry_tells_what_happened,
    entries_come_newest_first_whatever_made_them,
    a_cursor_stays_true_while_new_things_happen,
    nobody_sees_anothers_timeline,
];

const LOOPS: &str = "basics.loops";

fn entry(seq: i64, topic: Option<&str>, what: Occurrence) -> TimelineEntry {
    TimelineEntry { seq, at: at(seq), topic: topic.map(str::to_owned), what }
}

fn raised(severity: &str, exercise: Option<&str>, closed_at: Option<Timestamp>) -> Occurrence {
    let (kind, severity) = ("stuck".to_owned(), severity.to_owned());
    Occurrence::Alert { kind, severity, exercise: exercise.map(str::to_owned), closed_at }
}

/// The seqs of each page of `limit` entries.
async fn pages(world: &World, student: StudentId, limit: u32) -> Vec<Vec<i64>> {
    let (mut cursor, mut seqs): (Option<String>, _) = (None, Vec::new());
    loop {
        let request = PageRequest::parse(Some(limit), cursor.as_deref()).unwrap();
        let page = learning::timeline(world.db(), student, &request).await.unwrap();
        seqs.push(page.items.iter().map(|entry| entry.seq).collect());
        cursor = page.next_cursor;
        if cursor.is_none() {
            return seqs;
        }
    }
}

async fn an_entry_tells_what_happened(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let first = vec![
        mastery(LOOPS, 5_000, 1),
        review(LOOPS, NOW, 1),
        attempt("exercise", "loops.sum", LOOPS, 2_500, 2),
        hint("loops.sum", 2, 4),
        alert(1, Some(LOOPS), 5, None),
        alert(2, None, 6, None),
    ];
    let second = vec![
        attempt("quiz", "loops.q1", LOOPS, 10_000, 7),
        leveled(LOOPS, "proficient", 8_000, 8),
        closed(2, at(9)),
    ];
    world.commit(&batch(&mut writer, maya, 1, vec![first, second])).await;
    let graded = |kind: &str, item: &str, score: i64, rung: i16| Occurrence::Attempt {
        kind: kind.to_owned(),
        item: item.to_owned(),
        score,
        rung,
    };
    let level = Occurrence::Level { level: "proficient".to_owned(), score: 8_000 };
    let hinted = Occurrence::Hint { exercise: "loops.sum".to_owned(), rung: 2 };
    let expected = [
        entry(8, Some(LOOPS), level),
        entry(7, Some(LOOPS), graded("quiz", "loops.q1", 10_000, 0)),
        entry(6, None, raised("high", None, Some(at(9)))),
        entry(5, Some(LOOPS), raised("low", Some("basics.loops.first"), None)),
        entry(4, Some(LOOPS), hinted),
        entry(2, Some(LOOPS), graded("exercise", "loops.sum", 2_500, 1)),
    ];
    let page = learning::timeline(world.db(), maya, &PageRequest::first(50)).await.unwrap();
    assert_eq!(page.items, expected);
    assert_eq!(page.next_cursor, None);
}

async fn entries_come_newest_first_whatever_made_them(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    // Every kind at every place: the kinds take turns, and events of no entry leave gaps.
    let mut seqs = Vec::new();
    for round in 0..6_i64 {
        let seq = 1 + round * 9;
        let topic = format!("topic.{round}");
        let reads = vec![
            attempt("exercise", "a", &topic, 0, seq),
            hint("a", 1, seq + 1),
            leveled(LOOPS, "beginner", 0, seq + 2),
            alert(u128::from(round.unsigned_abs()), Some(&topic), seq + 3, None),
            leveled(&topic, "beginner", 0, seq + 4),
            attempt("quiz", "q", LOOPS, 0, seq + 6),
        ];
        seqs.extend([seq, seq + 1, seq + 2, seq + 3, seq + 4, seq + 6]);
        world.commit(&batch(&mut writer, maya, round + 1, vec![reads])).await;
    }
    seqs.reverse();
    for limit in [1, 5, 7, 36, 200] {
        let pages = pages(world, maya, limit).await;
        let full = usize::try_from(limit).unwrap();
        assert!(pages[..pages.len() - 1].iter().all(|page| page.len() == full), "{limit}");
        assert_eq!(pages.concat(), seqs, "{limit}");
    }
}

async fn a_cursor_stays_true_while_new_things_happen(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![
        attempt("exercise", "a", LOOPS, 0, 1),
        alert(1, Some(LOOPS), 2, None),
        hint("a", 1, 3),
        leveled(LOOPS, "beginner", 0, 4),
    ];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let first = learning::timeline(world.db(), maya, &PageRequest::first(2)).await.unwrap();
    let seqs: Vec<i64> = first.items.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [4, 3]);
    // The alert on the next page is closed, and something new comes on top.
    let reads = vec![closed(1, at(5)), hint("a", 2, 6)];
    world.commit(&batch(&mut writer, maya, 2, vec![reads])).await;
    let next = PageRequest::parse(Some(2), first.next_cursor.as_deref()).unwrap();
    let second = learning::timeline(world.db(), maya, &next).await.unwrap();
    let seqs: Vec<i64> = second.items.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [2, 1]);
    assert_eq!(second.items[0].what, raised("high", Some("basics.loops.first"), Some(at(5))));
    assert_eq!(pages(world, maya, 3).await, [vec![6, 4, 3], vec![2, 1]]);
}

async fn nobody_sees_anothers_timeline(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(1).await;
    let reads = |number: u128| {
        vec![
            attempt("exercise", "a", LOOPS, 0, 1),
            hint("a", 1, 2),
            leveled(LOOPS, "beginner", 0, 3),
            alert(number, None, 4, None),
        ]
    };
    world.commit(&batch(&mut writer, james, 1, vec![reads(1)])).await;
    assert_eq!(pages(world, maya, 50).await, [vec![0_i64; 0]]);
    world.commit(&batch(&mut writer, maya, 1, vec![reads(2)])).await;
    assert_eq!(pages(world, maya, 50).await, [vec![4, 3, 2, 1]]);
}
