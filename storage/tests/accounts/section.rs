//! Sections: who belongs to them, who teaches them, and what that lets anybody see.

use std::collections::BTreeMap;

use learnflow_engine::event::v1::Policy as SessionPolicy;
use learnflow_engine::id::{CommandId, SectionId, StudentId, UserId};
use learnflow_engine::port::log::CommandKind;
use learnflow_engine::port::vault::{Place, Vault as _};
use learnflow_engine::session::command::Command;
use learnflow_storage::account::{NewAccount, Role};
use learnflow_storage::read::page::PageRequest;
use learnflow_storage::section::{
    self, HIGHEST_RUNG, Joined, Policy, Section, SectionError, Transcripts, session_policy,
};

use learnflow_storage::{intent, keys};

use crate::world::{NOW, World, new_student, on_both};

on_both! {
    a_section_is_found_by_id_and_by_its_code,
    a_section_needs_a_name_and_a_rung,
    an_instructor_sees_their_own_sections_page_by_page,
    teaching_reaches_students_of_open_sections_only,
    members_come_in_pages,
    a_changed_policy_reaches_the_session_of_each_student_as_the_strictest_of_theirs,
    who_joins_belongs_at_once_and_their_session_hears_of_it,
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

/// The command of each student's intent, opened.
async fn told(world: &World, count: usize) -> BTreeMap<StudentId, Command> {
    let rows = intent::take_due(&world.db, NOW, 64).await.unwrap();
    assert_eq!(rows.len(), count);
    let mut told = BTreeMap::new();
    for row in rows {
        assert_eq!(row.kind, CommandKind::Enrolled.as_str());
        let wrapped = keys::key_row(&world.db, row.student).await.unwrap().unwrap();
        let key = world.vault.unwrap_key(row.student, &wrapped).unwrap();
        let place = Place::Command(CommandId::new(row.id.as_uuid()));
        let body = world.vault.open(&key, place, &row.body).unwrap();
        told.insert(row.student, Command::decode(&body).unwrap());
    }
    told
}

fn enrolled(sections: &[&Section], highest_rung: u8) -> Command {
    let mut ids: Vec<SectionId> = sections.iter().map(|section| section.id).collect();
    ids.sort_unstable();
    let policy = SessionPolicy { highest_rung };
    Command::Enrolled { version: NOW.as_micros(), sections: ids, policy }
}

async fn a_changed_policy_reaches_the_session_of_each_student_as_the_strictest_of_theirs(
    world: &World,
) {
    let (first, second) = (class(world, 1).await, class(world, 2).await);
    let maya = world.student_of(&first, "maya@x.example", 11).await;
    let james = world.student_of(&first, "james@x.example", 12).await;
    let strict = Policy { highest_rung: 2, transcripts: Transcripts::Closed };
    let joined =
        section::join(&world.db, &world.vault, james, &second.class_code, NOW, 7 << 96).await;
    assert!(matches!(joined, Ok(Joined::Now(..))), "{joined:?}");
    told(world, 1).await;
    let changed =
        section::change_policy(&world.db, &world.vault, second.id, strict, NOW, 8 << 96).await;
    let (section, commands) = changed.unwrap();
    assert_eq!((section.policy, commands.len()), (strict, 1));
    assert_eq!(told(world, 1).await, [(james, enrolled(&[&first, &second], 2))].into());
    let looser = Policy { highest_rung: 4, ..Policy::default() };
    let changed =
        section::change_policy(&world.db, &world.vault, first.id, looser, NOW, 9 << 96).await;
    assert_eq!(changed.unwrap().1.len(), 2);
    let expected =
        [(maya, enrolled(&[&first], 4)), (james, enrolled(&[&first, &second], 2))].into();
    assert_eq!(told(world, 2).await, expected, "the strictest of each one's sections");
    for (id, rung) in [(SectionId::from_seed(NOW, 99), 3), (first.id, 6), (first.id, 0)] {
        let policy = Policy { highest_rung: rung, ..Policy::default() };
        let refused = section::change_policy(&world.db, &world.vault, id, policy, NOW, 1).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    told(world, 0).await;
}

async fn who_joins_belongs_at_once_and_their_session_hears_of_it(world: &World) {
    let class = class(world, 1).await;
    let maya = world.student("maya@x.example", 11).await;
    let join = |code: String| async move {
        section::join(&world.db, &world.vault, maya, &code, NOW, 7 << 96).await.unwrap()
    };
    assert_eq!(join("ZZZZZZZZ".to_owned()).await, Joined::UnknownCode);
    assert_eq!(join("no code".to_owned()).await, Joined::UnknownCode);
    let typed = class.class_code.to_lowercase();
    let Joined::Now(section, command) = join(typed.clone()).await else { panic!("joined") };
    assert_eq!(section, class);
    assert_eq!(section::student_ids(&world.db, class.id).await.unwrap(), [maya]);
    assert_eq!(told(world, 1).await, [(maya, enrolled(&[&class], 5))].into());
    assert_eq!(join(typed).await, Joined::Already(class));
    told(world, 0).await;
    assert_eq!(intent::settled(&world.db, &[command]).await.unwrap(), []);
}
