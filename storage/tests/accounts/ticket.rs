//! Tickets: one use, 30 s, bound to the sign-in; and what a gateway asks every 30 s.

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::Store as _;
use learnflow_storage::account::{NewAccount, Role};
use learnflow_storage::session_token::{self, SignedIn};
use learnflow_storage::ticket::{self, LIFETIME_MS, Presence, Standing, TicketError};
use learnflow_storage::{account, keys};
use secrecy::ExposeSecret as _;

use crate::world::{NOW, World, new_student, on_both};

on_both! {
    a_ticket_opens_one_socket,
    of_many_gateways_one_redeems,
    a_ticket_ends_after_its_lifetime,
    a_ticket_is_bound_to_its_sign_in_and_to_the_key,
    only_students_get_tickets,
    a_gateway_asks_how_its_students_stand,
}

async fn signed_in(world: &World, email: &str, seed: u128) -> SignedIn {
    let account = world.create(new_student(email), seed << 96).await.unwrap();
    let issued = session_token::issue(&world.db, account.user, NOW).await.unwrap();
    session_token::find(&world.db, issued.token.expose_secret(), NOW).await.unwrap().unwrap()
}

async fn a_ticket_opens_one_socket(world: &World) {
    let maya = signed_in(world, "maya@school.example", 1).await;
    let student = maya.student_id.unwrap();
    world.step(student, 1, 3, 4, b"sealed facts", None).await;
    let issued = ticket::issue(&world.db, &maya, NOW).await.unwrap();
    assert_eq!(issued.expires_at, NOW.plus_millis(30_000));
    let token = issued.token.expose_secret();
    let redeemed = ticket::redeem(&world.db, token, NOW).await.unwrap().unwrap();
    assert_eq!((redeemed.student, redeemed.user), (student, maya.user));
    assert_eq!((redeemed.token_hash, redeemed.newest_seq), (maya.token_hash, 3));
    let key = keys::key_row(&world.db, student).await.unwrap().unwrap();
    assert_eq!(redeemed.wrapped_key, key);
    assert_eq!(ticket::redeem(&world.db, token, NOW).await.unwrap(), None, "it is used");
    for wrong in ["", "nonsense", &"A".repeat(43)] {
        assert_eq!(ticket::redeem(&world.db, wrong, NOW).await.unwrap(), None, "{wrong}");
    }
}

async fn of_many_gateways_one_redeems(world: &World) {
    let maya = signed_in(world, "maya@school.example", 1).await;
    let issued = ticket::issue(&world.db, &maya, NOW).await.unwrap();
    let token = issued.token.expose_secret();
    let (a, b, c, d) = tokio::join!(
        ticket::redeem(&world.db, token, NOW),
        ticket::redeem(&world.db, token, NOW),
        ticket::redeem(&world.db, token, NOW),
        ticket::redeem(&world.db, token, NOW),
    );
    let winners = [a, b, c, d].into_iter().filter(|one| one.as_ref().unwrap().is_some()).count();
    assert_eq!(winners, 1);
}

async fn a_ticket_ends_after_its_lifetime(world: &World) {
    let maya = signed_in(world, "maya@school.example", 1).await;
    let one = ticket::issue(&world.db, &maya, NOW).await.unwrap();
    let two = ticket::issue(&world.db, &maya, NOW).await.unwrap();
    let last = NOW.plus_millis(LIFETIME_MS - 1);
    let end = NOW.plus_millis(LIFETIME_MS);
    assert!(ticket::redeem(&world.db, one.token.expose_secret(), last).await.unwrap().is_some());
    assert!(ticket::redeem(&world.db, two.token.expose_secret(), end).await.unwrap().is_none());
    assert_eq!(ticket::sweep(&world.db, last).await.unwrap(), 0);
    assert_eq!(ticket::sweep(&world.db, end).await.unwrap(), 2);
}

async fn a_ticket_is_bound_to_its_sign_in_and_to_the_key(world: &World) {
    let maya = signed_in(world, "maya@school.example", 1).await;
    let james = signed_in(world, "james@school.example", 2).await;
    let lee = signed_in(world, "lee@school.example", 3).await;
    let mut tickets = Vec::new();
    for who in [&maya, &james, &lee] {
        tickets.push(ticket::issue(&world.db, who, NOW).await.unwrap());
    }
    session_token::revoke(&world.db, maya.token_hash, NOW).await.unwrap();
    keys::destroy(&world.db, james.student_id.unwrap()).await.unwrap();
    account::disable(&world.db, lee.user, NOW).await.unwrap();
    for issued in tickets {
        let redeemed = ticket::redeem(&world.db, issued.token.expose_secret(), NOW).await;
        assert_eq!(redeemed.unwrap(), None);
    }
}

async fn only_students_get_tickets(world: &World) {
    let new = NewAccount { role: Role::Instructor, ..new_student("ada@school.example") };
    let ada = world.create(new, 1).await.unwrap();
    let issued = session_token::issue(&world.db, ada.user, NOW).await.unwrap();
    let found = session_token::find(&world.db, issued.token.expose_secret(), NOW).await.unwrap();
    let refused = ticket::issue(&world.db, &found.unwrap(), NOW).await;
    assert!(matches!(refused, Err(TicketError::NotAStudent)), "{refused:?}");
}

async fn a_gateway_asks_how_its_students_stand(world: &World) {
    let mut pairs = Vec::new();
    for (seed, email) in (1..).zip(["a@school.example", "b@school.example", "c@school.example"]) {
        let who = signed_in(world, email, seed).await;
        pairs.push((who.student_id.unwrap(), who.token_hash));
    }
    world.step(pairs[0].0, 1, 7, 9, b"sealed", None).await;
    session_token::revoke(&world.db, pairs[1].1, NOW).await.unwrap();
    keys::destroy(&world.db, pairs[2].0).await.unwrap();
    // A stranger, and the first student once more, with the second's sign-in.
    pairs.push((StudentId::from_seed(NOW, 99), pairs[0].1));
    pairs.push((pairs[0].0, pairs[1].1));
    let answers = ticket::standing(&world.db, &pairs, NOW).await.unwrap();
    let asked: Vec<_> = answers.iter().map(|one| (one.student, one.token_hash)).collect();
    assert_eq!(asked, pairs);
    let told: Vec<_> = answers.iter().map(|one| (one.newest_seq, one.key, one.sign_in)).collect();
    let (present, gone) = (Presence::Present, Presence::Gone);
    let expected = [
        (7, present, present),
        (0, present, gone),
        (0, gone, present),
        (0, gone, present),
        (7, present, gone),
    ];
    assert_eq!(told, expected);
    let rests_until = NOW.plus_millis(60_000);
    world.db.quarantine(pairs[0].0, Some(rests_until), 1).await.unwrap();
    let rests =
        |answers: &[Standing]| answers.iter().map(|one| one.rests_until).collect::<Vec<_>>();
    let answers = ticket::standing(&world.db, &pairs, NOW).await.unwrap();
    assert_eq!(rests(&answers), [Some(rests_until), None, None, None, Some(rests_until)]);
    let answers = ticket::standing(&world.db, &pairs, rests_until).await.unwrap();
    assert_eq!(rests(&answers), [None; 5], "it is over");
    assert!(ticket::standing(&world.db, &[], NOW).await.unwrap().is_empty());
    let late = NOW.plus_millis(session_token::LIFETIME_MS);
    let answers = ticket::standing(&world.db, &pairs, late).await.unwrap();
    assert!(answers.iter().all(|one| one.sign_in == gone));
}
