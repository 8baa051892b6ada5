//! Sections: who belongs to them, who teaches them, and what that lets anybody see.

use learnflow_engine::id::{SectionId, UserId};
use learnflow_storage::account::{NewAccount, Role};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::section::{
    self, HIGHEST_RUNG, Policy, Section, SectionError, Transcripts, session_policy,
};

use crate::world::{NOW, World, new_student, on_both};

on_both! {
    a_section_is_found_by_id_and_by_its_code,
    a_section_needs_a_name_and_a_rung,
    an_instructor_sees_their_own_sections_page_by_page,
    teaching_reaches_students_of_open_sections_only,
    members_come_in_pages,
}

async fn class(world: &World, seed: u128) -> Section {
    let seed = seed << 96 | seed;
    section::create(&world.db, "Python 101", Policy::default(), NOW, seed).await.unwrap()
}

async fn instructor(world: &World, email: &str, seed: u128) -> UserId {
    let new = NewAccount { role: Role::Instructor, ..new_student(email) };
    world.create(new, seed << 96).await.unwrap().user
}

async fn a_section_is_found_by_id_and_by_its_code(world: &World) {
    let made = class(world, 1).await;
    let other = class(world, 2).await;
    assert_ne!(made.class_code, other.class_code);
    assert_eq!(section::find(&world.db, made.id).await.unwrap(), Some(made.clone()));
    let typed = format!("{}-{}", &made.class_code[..4], made.class_code[4..].to_lowercase());
    let found = section::by_class_code(&world.db, &typed).await.unwrap();
    assert_eq!(found, Some(made));
    assert_eq!(section::find(&world.db, SectionId::from_seed(NOW, 9)).await.unwrap(), None);
    assert_eq!(section::by_class_code(&world.db, "ZZZZZZZZ").await.unwrap(), None);
    assert_eq!(section::by_class_code(&world.db, "no code").await.unwrap(), None);
}

async fn a_section_needs_a_name_and_a_rung(world: &World) {
    let rung = |highest_rung| Policy { highest_rung, transcripts: Transcripts::Closed };
    let long = "x".repeat(121);
    for name in ["", "  ", &long] {
        let error = section::create(&world.db, name, rung(1), NOW, 1).await.unwrap_err();
        assert!(matches!(error, SectionError::InvalidName), "{error}");
    }
    for wrong in [0, 6, 255] {
        let error = section::create(&world.db, "A", rung(wrong), NOW, 1).await.unwrap_err();
        assert!(matches!(error, SectionError::InvalidRung), "{error}");
    }
    let made = section::create(&world.db, " A ", rung(1), NOW, 1).await.unwrap();
    assert_eq!((made.name.as_str(), made.policy), ("A", rung(1)));
    assert_eq!(section::find(&world.db, made.id).await.unwrap(), Some(made));
}

async fn an_instructor_sees_their_own_sections_page_by_page(world: &World) {
    let ada = instructor(world, "ada@school.example", 1).await;
    let bob = instructor(world, "bob@school.example", 2).await;
    let mut mine = Vec::new();
    for seed in 1..=5 {
        let made = class(world, seed).await;
        section::add_instructor(&world.db, made.id, ada, NOW).await.unwrap();
        section::add_instructor(&world.db, made.id, ada, NOW).await.unwrap();
        mine.push(made.id);
    }
    let other = class(world, 6).await;
    section::add_instructor(&world.db, other.id, bob, NOW).await.unwrap();
    world.student_of(&other, "maya@school.example", 3).await;

    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest::parse(Some(2), cursor.as_deref()).unwrap();
        let page = section::of_instructor(&world.db, ada, &request).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.iter().map(|item| item.section.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    mine.sort_unstable();
    assert_eq!(seen, mine);
    let bobs = section::of_instructor(&world.db, bob, &PageRequest::first(10)).await.unwrap().items;
    assert_eq!(bobs.iter().map(|item| item.students_total).collect::<Vec<_>>(), [1]);
    let all = section::all(&world.db, &PageRequest::first(10)).await.unwrap();
    assert_eq!((all.items.len(), all.next_cursor), (6, None));
}

async fn teaching_reaches_students_of_open_sections_only(world: &World) {
    let ada = instructor(world, "ada@school.example", 1).await;
    let open = class(world, 1).await;
    let foreign = class(world, 2).await;
    let maya = world.student_of(&open, "maya@school.example", 3).await;
    let james = world.student_of(&foreign, "james@school.example", 4).await;
    let alone = world.student("lee@school.example", 5).await;
    assert!(!section::teaches(&world.db, ada, maya).await.unwrap());

    section::add_instructor(&world.db, open.id, ada, NOW).await.unwrap();
    assert!(section::teaches(&world.db, ada, maya).await.unwrap());
    assert!(section::is_instructor(&world.db, ada, open.id).await.unwrap());
    assert!(!section::is_instructor(&world.db, ada, foreign.id).await.unwrap());
    for student in [james, alone] {
        assert!(!section::teaches(&world.db, ada, student).await.unwrap());
    }
    world.execute("UPDATE section SET closed_at = 1 WHERE class_code = $1", &open.class_code).await;
    assert!(!section::teaches(&world.db, ada, maya).await.unwrap(), "a closed section gives none");
    assert!(section::of_student(&world.db, maya).await.unwrap().is_empty());

    world
        .execute("UPDATE section SET closed_at = NULL WHERE class_code = $1", &open.class_code)
        .await;
    section::remove_instructor(&world.db, open.id, ada).await.unwrap();
    assert!(!section::teaches(&world.db, ada, maya).await.unwrap());

    let stranger = UserId::from_seed(NOW, 7);
    let error = section::add_instructor(&world.db, open.id, stranger, NOW).await.unwrap_err();
    assert!(matches!(error, SectionError::UnknownInstructor), "{error}");
    let nowhere = SectionId::from_seed(NOW, 8);
    let error = section::add_instructor(&world.db, nowhere, ada, NOW).await.unwrap_err();
    assert!(matches!(error, SectionError::UnknownSection), "{error}");
}

async fn members_come_in_pages(world: &World) {
    let class = class(world, 1).await;
    let mut all = Vec::new();
    for number in 0..5_u128 {
        all.push(world.student_of(&class, &format!("s{number}@school.example"), number + 2).await);
    }
    all.sort_unstable();
    let first = section::members(&world.db, class.id, &PageRequest::first(3)).await.unwrap();
    let next = PageRequest::parse(Some(3), first.next_cursor.as_deref()).unwrap();
    let second = section::members(&world.db, class.id, &next).await.unwrap();
    assert_eq!(second.next_cursor, None);
    let seen: Vec<_> =
        first.items.iter().chain(&second.items).map(|member| member.student).collect();
    assert_eq!(seen, all);
    assert_eq!(section::student_ids(&world.db, class.id).await.unwrap(), all);
}

#[test]
fn a_student_is_under_the_strictest_of_their_sections() {
    let rung = |highest_rung| Policy { highest_rung, transcripts: Transcripts::Readable };
    for (rungs, expected) in [(vec![], HIGHEST_RUNG), (vec![4], 4), (vec![5, 2, 3], 2)] {
        let policies: Vec<Policy> = rungs.iter().copied().map(rung).collect();
        assert_eq!(session_policy(&policies).highest_rung, expected, "{rungs:?}");
    }
}
