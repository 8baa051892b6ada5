//! Read models: figures, transcripts and journals, page by page.

use learnflow_engine::id::{StudentId, TurnId};
use learnflow_storage::read::journal::{self, Position, ROWS_MAX};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::read::student::TopicProgress;
use learnflow_storage::read::{class, student, transcript};
use learnflow_storage::section::{self, Policy};

use crate::world::{NOW, Turn, World, on_both};

on_both! {
    an_overview_has_a_students_figures,
    progress_is_by_topic,
    a_class_list_has_every_students_figures,
    a_transcript_comes_newest_first_with_its_sealed_texts,
    a_journal_is_read_from_a_frame_or_an_event_on,
    a_swept_journal_names_its_floor,
}

async fn an_overview_has_a_students_figures(world: &World) {
    let maya = world.student("maya@school.example", 1).await;
    let fresh = student::overview(&world.db, maya).await.unwrap().unwrap();
    assert_eq!((fresh.student, fresh.display_name.as_str()), (maya, "Maya"));
    assert_eq!((fresh.activity.turns_total, fresh.activity.complete_total), (0, 0));
    let later = NOW.plus_millis(5_000);
    world.activity(maya, 12, 9, later).await;
    let overview = student::overview(&world.db, maya).await.unwrap().unwrap();
    assert_eq!((overview.activity.turns_total, overview.activity.complete_total), (12, 9));
    assert_eq!(overview.activity.last_active_at, Some(later));
    let stranger = StudentId::from_seed(NOW, 9);
    assert_eq!(student::overview(&world.db, stranger).await.unwrap(), None);
}

async fn progress_is_by_topic(world: &World) {
    let maya = world.student("maya@school.example", 1).await;
    let james = world.student("james@school.example", 2).await;
    world.topic(maya, "control_flow.for_loops", 3, NOW).await;
    world.topic(maya, "basics.variables", 1, NOW.plus_millis(1)).await;
    world.topic(james, "basics.strings", 8, NOW).await;
    let expected = [
        TopicProgress {
            topic: "basics.variables".into(),
            asked_total: 1,
            last_at: NOW.plus_millis(1),
        },
        TopicProgress { topic: "control_flow.for_loops".into(), asked_total: 3, last_at: NOW },
    ];
    assert_eq!(student::progress(&world.db, maya).await.unwrap(), expected);
    let stranger = StudentId::from_seed(NOW, 9);
    assert!(student::progress(&world.db, stranger).await.unwrap().is_empty());
}

async fn a_class_list_has_every_students_figures(world: &World) {
    let made =
        section::create(&world.db, "Python 101", Policy::default(), NOW, 9 << 96).await.unwrap();
    let mut all = Vec::new();
    for number in 1..=5_u128 {
        let email = format!("s{number}@school.example");
        all.push(world.student_of(&made, &email, number).await);
    }
    all.sort_unstable();
    world.student("elsewhere@school.example", 7).await;
    world.activity(all[1], 4, 3, NOW).await;
    world.topic(all[1], "basics.variables", 4, NOW).await;
    world.step(all[1], 1, 1, 2, b"facts", Some(b"text")).await;
    world.turn(all[1], &Turn { number: 1, question_rev: 1, answer_rev: None }).await;

    let first = class::students(&world.db, made.id, &PageRequest::first(3)).await.unwrap();
    let next = PageRequest::parse(Some(3), first.next_cursor.as_deref()).unwrap();
    let second = class::students(&world.db, made.id, &next).await.unwrap();
    let seen: Vec<StudentId> =
        first.items.iter().chain(&second.items).map(|row| row.student).collect();
    assert_eq!((seen, second.next_cursor), (all, None));
    let busy = &first.items[1];
    assert_eq!((busy.activity.turns_total, busy.activity.complete_total), (4, 3));
    assert_eq!((busy.topics_total, busy.open_turns_total), (1, 1));
    assert_eq!((first.items[0].topics_total, first.items[0].open_turns_total), (0, 0));
}

async fn a_transcript_comes_newest_first_with_its_sealed_texts(world: &World) {
    let maya = world.student("maya@school.example", 1).await;
    let james = world.student("james@school.example", 2).await;
    for number in 0..5_i64 {
        let (question_rev, answer_rev) = (2 * number + 1, 2 * number + 2);
        let question = format!("question {number}");
        world.step(maya, question_rev, 0, 0, b"facts", Some(question.as_bytes())).await;
        world.step(maya, answer_rev, 0, 0, b"facts", None).await;
        let turn = Turn {
            number: 10 + u128::from(number.unsigned_abs()),
            question_rev,
            answer_rev: Some(answer_rev),
        };
        world.turn(maya, &turn).await;
    }
    world.step(maya, 11, 0, 0, b"facts", Some(b"still open")).await;
    world.turn(maya, &Turn { number: 20, question_rev: 11, answer_rev: None }).await;
    world.step(james, 1, 0, 0, b"facts", Some(b"another's")).await;
    world.turn(james, &Turn { number: 30, question_rev: 1, answer_rev: None }).await;

    let first = transcript::turns(&world.db, maya, &PageRequest::first(4)).await.unwrap();
    let next = PageRequest::parse(Some(4), first.next_cursor.as_deref()).unwrap();
    let second = transcript::turns(&world.db, maya, &next).await.unwrap();
    assert_eq!(second.next_cursor, None);
    let turns: Vec<_> = first.items.iter().chain(&second.items).collect();
    assert_eq!(turns.iter().map(|turn| turn.question.rev).collect::<Vec<_>>(), [11, 9, 7, 5, 3, 1]);
    assert_eq!(turns[0].question.text.as_deref(), Some(b"still open".as_slice()));
    assert_eq!((turns[0].answer.clone(), turns[0].status.as_str()), (None, "running"));
    let newest_done = turns[1];
    assert_eq!(newest_done.turn, TurnId::new(uuid::Uuid::from_u128(14)));
    assert_eq!(newest_done.question.text.as_deref(), Some(b"question 4".as_slice()));
    let answer = newest_done.answer.as_ref().unwrap();
    assert_eq!((answer.rev, answer.text.clone()), (10, None), "a swept text is left out");
    assert_eq!((newest_done.status.as_str(), newest_done.asked_at), ("complete", NOW));
}

async fn a_journal_is_read_from_a_frame_or_an_event_on(world: &World) {
    let maya = world.student("maya@school.example", 1).await;
    let stranger = StudentId::from_seed(NOW, 9);
    // rev, frames and events after it: an attach (no frame), an ask (2), an answer (1).
    for (rev, last_frame, last_event) in [(1, 0, 2), (2, 2, 4), (3, 3, 5), (4, 3, 6)] {
        world.step(maya, rev, last_frame, last_event, &[u8::try_from(rev).unwrap()], None).await;
    }
    let revs_by_frame =
        [(0, vec![2, 3, 4]), (1, vec![2, 3, 4]), (2, vec![3, 4]), (3, vec![]), (9, vec![])];
    for (after, expected) in revs_by_frame {
        let steps = journal::frames_after(&world.db, maya, after, 10).await.unwrap();
        let revs: Vec<i64> = steps.iter().map(|step| step.rev).collect();
        assert_eq!(revs, expected, "frames after {after}");
    }
    for (after, expected) in
        [(0, vec![0, 1, 2, 3, 4]), (1, vec![1, 2, 3, 4]), (3, vec![2, 3, 4]), (6, vec![])]
    {
        let steps = journal::events_after(&world.db, maya, after, ROWS_MAX).await.unwrap();
        let revs: Vec<i64> = steps.iter().map(|step| step.rev).collect();
        assert_eq!(revs, expected, "events after {after}");
    }
    let two = journal::events_after(&world.db, maya, 1, 2).await.unwrap();
    assert_eq!(two.iter().map(|step| step.facts.clone()).collect::<Vec<_>>(), [vec![1], vec![2]]);
    assert!(journal::events_after(&world.db, stranger, 0, 10).await.unwrap().is_empty());

    let expected = Position {
        last_frame: 3,
        last_event: 6,
        frame_floor: 0,
        event_floor: 0,
        running: None,
        rests_until: None,
    };
    assert_eq!(journal::position(&world.db, maya).await.unwrap(), Some(expected));
    assert_eq!(journal::position(&world.db, stranger).await.unwrap(), None);
    world.work(maya, 77).await;
    let running = Some(TurnId::new(uuid::Uuid::from_u128(77)));
    let position = journal::position(&world.db, maya).await.unwrap();
    assert_eq!(position, Some(Position { running, ..expected }));
}

async fn a_swept_journal_names_its_floor(world: &World) {
    let maya = world.student("maya@school.example", 1).await;
    for (rev, last_frame, last_event) in [(1, 2, 3), (2, 5, 6), (3, 6, 8)] {
        world.step(maya, rev, last_frame, last_event, b"facts", None).await;
    }
    world.execute_number("DELETE FROM journal WHERE rev < $1", 2).await;
    let position = journal::position(&world.db, maya).await.unwrap().unwrap();
    assert_eq!((position.frame_floor, position.event_floor), (5, 6));
    assert_eq!((position.last_frame, position.last_event), (6, 8));
    let steps = journal::frames_after(&world.db, maya, 5, 10).await.unwrap();
    assert_eq!(steps.iter().map(|step| step.rev).collect::<Vec<_>>(), [3]);
}
