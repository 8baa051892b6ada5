//! Sign-up: everything of a student in one transaction, or nothing.

use learnflow_engine::event::decode_facts;
use learnflow_engine::event::v1::{AgeBand, Consent, Event};
use learnflow_engine::id::partition_of;
use learnflow_engine::port::vault::{Place, Vault as _};
use learnflow_storage::account::{self, Account, AccountError, NewAccount, Role};
use learnflow_storage::section::{Policy, Transcripts};
use learnflow_storage::{keys, read, section};

use crate::world::{NOW, PARTITIONS, World, new_student, on_both};

on_both! {
    a_student_begins_with_a_key_a_first_journal_row_and_a_section,
    an_email_is_one_accounts_however_it_is_typed,
    of_two_at_once_one_gets_the_email,
    nothing_is_left_of_a_refused_sign_up,
    staff_have_no_session,
    a_child_waits_for_consent,
    what_cannot_be_is_refused,
    passwords_change,
}

async fn created(world: &World, account: &Account) -> Event {
    let student = account.student_id.unwrap();
    let wrapped = keys::key_row(&world.db, student).await.unwrap().unwrap();
    let key = world.vault.unwrap_key(student, &wrapped).unwrap();
    let steps = read::journal::events_after(&world.db, student, 0, 10).await.unwrap();
    assert_eq!(steps.len(), 1);
    let step = &steps[0];
    assert_eq!((step.rev, step.last_frame, step.last_event, step.at), (0, 0, 1, NOW));
    assert_eq!(step.text, None);
    let facts = world.vault.open(&key, Place::JournalFacts(0), &step.facts).unwrap();
    let mut events = decode_facts(&facts).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

async fn a_student_begins_with_a_key_a_first_journal_row_and_a_section(world: &World) {
    let policy = Policy { highest_rung: 3, transcripts: Transcripts::Readable };
    let class = section::create(&world.db, "Python 101", policy, NOW, 77).await.unwrap();
    let typed = class.class_code.to_lowercase();
    let new = NewAccount { class_code: Some(typed), ..new_student("maya@school.example") };
    let maya = world.create(new, 1).await.unwrap();
    let student = maya.student_id.unwrap();

    let Event::Created { age_band, consent, sections, policy, at } = created(world, &maya).await
    else {
        panic!("the first event is Created");
    };
    assert_eq!((age_band, consent, at), (AgeBand::Unknown, Consent::NotNeeded, NOW));
    assert_eq!((sections, policy.highest_rung), (vec![class.id], 3));

    let placed = world.number(
        "SELECT count(*) FROM journal WHERE partition = $1 AND epoch = 0 AND generation = 0
         AND position = -1 AND out_seq = 0",
        i64::from(partition_of(student, PARTITIONS).0),
    );
    assert_eq!(placed.await, 1);
    let overview = read::student::overview(&world.db, student).await.unwrap().unwrap();
    assert_eq!(overview.display_name, "Maya");
    assert_eq!(overview.sections.as_slice(), std::slice::from_ref(&class));
    assert_eq!(overview.activity.turns_total, 0);
    assert_eq!(section::student_ids(&world.db, class.id).await.unwrap(), [student]);
}

async fn an_email_is_one_accounts_however_it_is_typed(world: &World) {
    let maya = world.create(new_student("Maya@School.example "), 1).await.unwrap();
    assert_eq!(maya.email, "maya@school.example");
    let again = world.create(new_student("MAYA@school.example"), 2).await;
    assert!(matches!(again, Err(AccountError::EmailTaken)), "{again:?}");

    let found = account::find_by_email(&world.db, " maya@SCHOOL.example").await.unwrap();
    assert_eq!(found, Some(maya.clone()));
    assert_eq!(account::by_id(&world.db, maya.user).await.unwrap(), Some(maya.clone()));
    let by_student = account::by_student(&world.db, maya.student_id.unwrap()).await.unwrap();
    assert_eq!(by_student, Some(maya));
    for unknown in ["james@school.example", "no e-mail", ""] {
        assert_eq!(account::find_by_email(&world.db, unknown).await.unwrap(), None, "{unknown}");
    }
}

async fn of_two_at_once_one_gets_the_email(world: &World) {
    let class = section::create(&world.db, "A", Policy::default(), NOW, 5).await.unwrap();
    let new = || NewAccount {
        class_code: Some(class.class_code.clone()),
        ..new_student("maya@school.example")
    };
    let (one, two) = tokio::join!(world.create(new(), 1 << 96), world.create(new(), 2 << 96));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    let loser = one.err().or(two.err()).unwrap();
    assert!(matches!(loser, AccountError::EmailTaken), "{loser}");
    assert_eq!(section::student_ids(&world.db, class.id).await.unwrap().len(), 1);
}

async fn nothing_is_left_of_a_refused_sign_up(world: &World) {
    world.create(new_student("maya@school.example"), 1).await.unwrap();
    let taken = world.create(new_student("maya@school.example"), 2).await;
    assert!(matches!(taken, Err(AccountError::EmailTaken)), "{taken:?}");
    for code in ["ABCD2345", "not a code"] {
        let new = NewAccount { class_code: Some(code.into()), ..new_student("j@school.example") };
        let refused = world.create(new, 3).await;
        assert!(matches!(refused, Err(AccountError::UnknownClassCode)), "{refused:?}");
    }
    for table in [
        "SELECT count(*) FROM account WHERE created_at > $1",
        "SELECT count(*) FROM student_key WHERE created_at > $1",
        "SELECT count(*) FROM journal WHERE at > $1",
        "SELECT count(*) FROM activity WHERE last_active_at > $1",
    ] {
        assert_eq!(world.number(table, 0).await, 1, "{table}");
    }
}

async fn staff_have_no_session(world: &World) {
    let new = NewAccount { role: Role::Instructor, ..new_student("ada@school.example") };
    let ada = world.create(new, 1).await.unwrap();
    assert_eq!((ada.role, ada.student_id), (Role::Instructor, None));
    assert_eq!(world.number("SELECT count(*) FROM journal WHERE at > $1", 0).await, 0);
    assert_eq!(world.number("SELECT count(*) FROM student_key WHERE created_at > $1", 0).await, 0);
}

async fn a_child_waits_for_consent(world: &World) {
    // The clock of these tests stands in 2026.
    let cases = [
        (2016, AgeBand::Under13, Consent::Missing),
        (2010, AgeBand::Teen, Consent::NotNeeded),
        (1990, AgeBand::Adult, Consent::NotNeeded),
    ];
    for (year, band, expected) in cases {
        let email = format!("born{year}@school.example");
        let new = NewAccount { birth_year: Some(year), ..new_student(&email) };
        let account = world.create(new, u128::try_from(year).unwrap() << 96).await.unwrap();
        assert_eq!(account.birth_year, Some(year));
        let Event::Created { age_band, consent, policy, .. } = created(world, &account).await
        else {
            panic!("the first event is Created");
        };
        assert_eq!((age_band, consent, policy.highest_rung), (band, expected, 5), "{year}");
    }
}

async fn what_cannot_be_is_refused(world: &World) {
    type Case = (NewAccount, fn(&AccountError) -> bool);
    let student = || new_student("maya@school.example");
    let cases: Vec<Case> = vec![
        (NewAccount { email: "maya".into(), ..student() }, |e| {
            matches!(e, AccountError::InvalidEmail)
        }),
        (NewAccount { display_name: " \t".into(), ..student() }, |e| {
            matches!(e, AccountError::InvalidDisplayName)
        }),
        (NewAccount { display_name: "a".repeat(101), ..student() }, |e| {
            matches!(e, AccountError::InvalidDisplayName)
        }),
        (NewAccount { display_name: "Ma\u{7}ya".into(), ..student() }, |e| {
            matches!(e, AccountError::InvalidDisplayName)
        }),
        (NewAccount { birth_year: Some(1899), ..student() }, |e| {
            matches!(e, AccountError::InvalidBirthYear)
        }),
        (NewAccount { birth_year: Some(2027), ..student() }, |e| {
            matches!(e, AccountError::InvalidBirthYear)
        }),
        (NewAccount { role: Role::Admin, birth_year: Some(1990), ..student() }, |e| {
            matches!(e, AccountError::NotAStudent)
        }),
        (NewAccount { role: Role::Admin, class_code: Some("ABCD2345".into()), ..student() }, |e| {
            matches!(e, AccountError::NotAStudent)
        }),
    ];
    for (at, (new, expected)) in cases.into_iter().enumerate() {
        let error = world.create(new, 1).await.unwrap_err();
        assert!(expected(&error), "case {at}: {error}");
    }
    assert_eq!(world.number("SELECT count(*) FROM account WHERE created_at > $1", 0).await, 0);
}

async fn passwords_change(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    assert_eq!(maya.password_hash, None);
    assert!(account::set_password(&world.db, maya.user, "$argon2id$new").await.unwrap());
    let found = account::by_id(&world.db, maya.user).await.unwrap().unwrap();
    assert_eq!(found.password_hash.as_deref(), Some("$argon2id$new"));
    let stranger = learnflow_engine::id::UserId::from_seed(NOW, 99 << 96);
    assert!(!account::set_password(&world.db, stranger, "$argon2id$new").await.unwrap());
}
