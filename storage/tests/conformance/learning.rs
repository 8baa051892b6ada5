//! Read models of learning: topics, attempts and hints, the last word of a batch, page by page.

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::{Committed, ReadChange};
use learnflow_storage::read::learning::{
    self, AttemptRow, HintedExercise, MasteryRow, RECENT_MAX, ReviewRow,
};
use learnflow_storage::read::page::PageRequest;

use crate::change::{at, attempt, batch, hint, id, leveled, mastery, review};
use crate::world::{NOW, World, on_both};

on_both![
    mastery_is_the_last_word_about_a_topic,
    reviews_come_by_the_time_they_are_due,
    an_attempt_comes_back_as_it_was_graded,
    attempts_at_a_topic_come_newest_first_page_by_page,
    recent_items_are_quiz_questions_newest_first,
    hints_are_told_by_exercise_with_the_highest_rung,
    an_exercise_is_passed_with_a_full_score,
    the_same_changes_in_a_later_batch_change_nothing,
    a_fenced_partition_writes_nothing_of_learning,
];

fn mastery_row(topic: &str, score: i64, seq: i64) -> MasteryRow {
    let ReadChange::Mastery { exercises, quizzes, quality, streak, estimate, level, .. } =
        mastery(topic, score, seq)
    else {
        panic!("another change")
    };
    MasteryRow {
        topic: topic.to_owned(),
        exercises,
        quizzes,
        quality,
        streak,
        score,
        estimate,
        level: level.to_owned(),
        graded_total: seq * 2,
        known: seq * 3,
        updated_at: at(seq),
    }
}

async fn mastery_is_the_last_word_about_a_topic(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(1).await;
    let first = vec![mastery("basics.loops", 9_000, 1), mastery("basics.strings", 0, 2)];
    let second = vec![mastery("basics.loops", 3_999, 3)];
    let both = batch(&mut writer, maya, 1, vec![first, second]);
    world.commit(&both).await;
    world.commit(&both).await;
    let another = batch(&mut writer, james, 1, vec![vec![mastery("basics.loops", 100, 1)]]);
    world.commit(&another).await;
    let expected = [mastery_row("basics.loops", 3_999, 3), mastery_row("basics.strings", 0, 2)];
    assert_eq!(learning::mastery(world.db(), maya).await.unwrap(), expected);
    assert_eq!((expected[0].quality, expected[1].estimate), (None, None));

    let later = batch(&mut writer, maya, 3, vec![vec![mastery("basics.strings", 6_000, 4)]]);
    world.commit(&later).await;
    let now = learning::mastery(world.db(), maya).await.unwrap();
    assert_eq!(now, [expected[0].clone(), mastery_row("basics.strings", 6_000, 4)]);
    let others = learning::mastery(world.db(), james).await.unwrap();
    assert_eq!(others, [mastery_row("basics.loops", 100, 1)]);
}

async fn reviews_come_by_the_time_they_are_due(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let (soon, late) = (NOW.plus_millis(1_000), NOW.plus_millis(9_000));
    let first = vec![review("a", late, 1), review("c", late, 1), review("b", late, 1)];
    let second = vec![review("c", soon, 3)];
    let both = batch(&mut writer, maya, 1, vec![first, second]);
    world.commit(&both).await;
    let reviews = learning::reviews(world.db(), maya).await.unwrap();
    let order: Vec<&str> = reviews.iter().map(|row| row.topic.as_str()).collect();
    assert_eq!(order, ["c", "a", "b"]);
    let expected = ReviewRow {
        topic: "c".to_owned(),
        due_at: soon,
        reviewed_at: NOW,
        stability: 317_300,
        difficulty: 5_282_434,
        reviews: 3,
        lapses: 1,
    };
    assert_eq!(reviews[0], expected);
    assert_eq!(learning::reviews(world.db(), crate::world::student(9)).await.unwrap(), []);
}

async fn an_attempt_comes_back_as_it_was_graded(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![
        attempt("exercise", "loops.sum", "basics.loops", 3_333, 7),
        attempt("quiz", "loops.q1", "basics.loops", 10_000, 8),
    ];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let request = PageRequest::first(10);
    let page = learning::attempts(world.db(), maya, "basics.loops", &request).await.unwrap();
    let failed = AttemptRow {
        id: id(7),
        kind: "exercise".to_owned(),
        item: "loops.sum".to_owned(),
        topic: "basics.loops".to_owned(),
        score: 3_333,
        signature: Some("NameError/undefined".to_owned()),
        misconception: Some("assigns_to_read".to_owned()),
        rung: 1,
        deltas: "{\"exercises\":3333}".to_owned(),
        seq: 7,
        at: at(7),
    };
    let right = AttemptRow {
        id: id(8),
        kind: "quiz".to_owned(),
        item: "loops.q1".to_owned(),
        score: 10_000,
        signature: None,
        misconception: None,
        rung: 0,
        deltas: "{\"exercises\":10000}".to_owned(),
        seq: 8,
        at: at(8),
        ..failed.clone()
    };
    assert_eq!(page.items, [right, failed]);
    assert_eq!(page.next_cursor, None);
}

async fn attempts_at_a_topic_come_newest_first_page_by_page(world: &World) {
    let (maya, james) = (world.student(1).await, world.student(2).await);
    let mut writer = world.claim(1).await;
    let mut reads: Vec<ReadChange> =
        (1..=7).map(|seq| attempt("exercise", "loops.sum", "basics.loops", 0, seq)).collect();
    reads.push(attempt("exercise", "strings.join", "basics.strings", 0, 8));
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let others = vec![attempt("exercise", "loops.sum", "basics.loops", 0, 5)];
    world.commit(&batch(&mut writer, james, 1, vec![others])).await;
    let (mut cursor, mut seqs): (Option<String>, Vec<Vec<i64>>) = (None, Vec::new());
    loop {
        let request = PageRequest::parse(Some(3), cursor.as_deref()).unwrap();
        let page = learning::attempts(world.db(), maya, "basics.loops", &request).await.unwrap();
        seqs.push(page.items.iter().map(|row| row.seq).collect());
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seqs, [vec![7, 6, 5], vec![4, 3, 2], vec![1]]);
}

async fn recent_items_are_quiz_questions_newest_first(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![
        attempt("quiz", "loops.q1", "basics.loops", 0, 3),
        attempt("exercise", "loops.sum", "basics.loops", 0, 4),
        attempt("quiz", "strings.q1", "basics.strings", 10_000, 5),
        attempt("quiz", "loops.q1", "basics.loops", 10_000, 9),
    ];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let all = [("loops.q1", 9), ("strings.q1", 5), ("loops.q1", 3)];
    let all = all.map(|(item, seq)| (item.to_owned(), seq));
    for (limit, count) in [(0, 0), (1, 1), (2, 2), (RECENT_MAX + 1, 3)] {
        let recent = learning::recent_items(world.db(), maya, limit).await.unwrap();
        assert_eq!(recent, all[..count], "{limit}");
    }
}

async fn hints_are_told_by_exercise_with_the_highest_rung(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let first = vec![hint("loops.sum", 1, 1), hint("loops.sum", 3, 2), hint("loops.max", 1, 3)];
    let second = vec![hint("loops.sum", 2, 4), hint("loops.max", 2, 3)];
    let both = batch(&mut writer, maya, 1, vec![first, second]);
    world.commit(&both).await;
    world.commit(&both).await;
    let hinted = |exercise: &str, rung: i16, seq: i64| HintedExercise {
        exercise: exercise.to_owned(),
        rung,
        at: at(seq),
    };
    let expected = [hinted("loops.max", 2, 3), hinted("loops.sum", 3, 4)];
    assert_eq!(learning::hints(world.db(), maya).await.unwrap(), expected);
}

async fn an_exercise_is_passed_with_a_full_score(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    let reads = vec![
        attempt("exercise", "loops.sum", "basics.loops", 10_000, 1),
        attempt("exercise", "loops.sum", "basics.loops", 10_000, 2),
        attempt("exercise", "loops.sum", "basics.loops", 0, 3),
        attempt("exercise", "loops.max", "basics.loops", 9_999, 4),
        attempt("exercise", "loops.count", "basics.loops", 10_000, 5),
        attempt("quiz", "loops.q1", "basics.loops", 10_000, 6),
    ];
    world.commit(&batch(&mut writer, maya, 1, vec![reads])).await;
    let passed = learning::passed(world.db(), maya).await.unwrap();
    assert_eq!(passed, ["loops.count", "loops.sum"]);
}

/// One change of each kind.
fn one_of_each() -> Vec<ReadChange> {
    vec![
        mastery("basics.loops", 5_000, 1),
        review("basics.loops", NOW, 2),
        attempt("exercise", "loops.sum", "basics.loops", 10_000, 3),
        hint("loops.sum", 2, 4),
        crate::change::alert(5, Some("basics.loops"), 5, None),
        leveled("basics.loops", "learning", 5_000, 6),
    ]
}

/// All that can be read of a student.
async fn everything(world: &World, student: StudentId) -> Vec<String> {
    let db = world.db();
    let request = PageRequest::first(50);
    vec![
        format!("{:?}", learning::mastery(db, student).await.unwrap()),
        format!("{:?}", learning::reviews(db, student).await.unwrap()),
        format!("{:?}", learning::hints(db, student).await.unwrap()),
        format!("{:?}", learning::passed(db, student).await.unwrap()),
        format!("{:?}", learning::alerts(db, student, learning::AlertScope::All).await.unwrap()),
        format!("{:?}", learning::timeline(db, student, &request).await.unwrap().items),
    ]
}

async fn the_same_changes_in_a_later_batch_change_nothing(world: &World) {
    let maya = world.student(1).await;
    let mut writer = world.claim(1).await;
    world.commit(&batch(&mut writer, maya, 1, vec![one_of_each()])).await;
    let before = everything(world, maya).await;
    assert!(before.iter().all(|read| read != "[]"), "{before:?}");
    world.commit(&batch(&mut writer, maya, 2, vec![one_of_each(), one_of_each()])).await;
    assert_eq!(everything(world, maya).await, before);
}

async fn a_fenced_partition_writes_nothing_of_learning(world: &World) {
    let maya = world.student(1).await;
    let mut stale = world.claim(1).await;
    world.claim(1).await;
    let late = batch(&mut stale, maya, 1, vec![one_of_each()]);
    let committed = world.store.commit(&late).await.unwrap();
    assert_eq!(committed, Committed { fenced: vec![stale.owner.partition] });
    assert!(everything(world, maya).await.iter().all(|read| read == "[]"));
}
