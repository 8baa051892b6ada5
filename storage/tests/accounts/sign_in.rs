//! Sign-ins: tokens that are rows, and end when they should.

use learnflow_storage::account::{self, NewAccount, Role};
use learnflow_storage::session_token::{self, LIFETIME_MS, SignedIn};
use secrecy::ExposeSecret as _;

use crate::world::{NOW, World, new_student, on_both};

on_both! {
    a_token_says_who_is_signed_in,
    a_token_ends_after_its_lifetime_and_is_swept,
    signing_out_ends_one_sign_in_and_a_new_password_all,
    a_disabled_account_is_signed_in_nowhere,
    the_store_has_no_token,
    use_is_noted_coarsely,
}

async fn a_token_says_who_is_signed_in(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let new = NewAccount { role: Role::Admin, ..new_student("root@school.example") };
    let admin = world.create(new, 2 << 96).await.unwrap();
    for account in [maya, admin] {
        let issued = session_token::issue(&world.db, account.user, NOW).await.unwrap();
        let found = session_token::find(&world.db, issued.token.expose_secret(), NOW).await;
        let expected = SignedIn {
            user: account.user,
            role: account.role,
            student_id: account.student_id,
            token_hash: issued.token_hash,
            expires_at: NOW.plus_millis(LIFETIME_MS),
        };
        assert_eq!(found.unwrap(), Some(expected));
    }
    for wrong in ["", "nonsense", &"A".repeat(43)] {
        assert_eq!(session_token::find(&world.db, wrong, NOW).await.unwrap(), None, "{wrong}");
    }
}

async fn a_token_ends_after_its_lifetime_and_is_swept(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let issued = session_token::issue(&world.db, maya.user, NOW).await.unwrap();
    let token = issued.token.expose_secret();
    let last = NOW.plus_millis(LIFETIME_MS - 1);
    assert!(session_token::find(&world.db, token, last).await.unwrap().is_some());
    assert_eq!(session_token::sweep(&world.db, last).await.unwrap(), 0);
    assert!(session_token::find(&world.db, token, issued.expires_at).await.unwrap().is_none());
    assert_eq!(session_token::sweep(&world.db, issued.expires_at).await.unwrap(), 1);
}

async fn signing_out_ends_one_sign_in_and_a_new_password_all(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let james = world.create(new_student("james@school.example"), 2 << 96).await.unwrap();
    let mut tokens = Vec::new();
    for user in [maya.user, maya.user, maya.user, james.user] {
        tokens.push(session_token::issue(&world.db, user, NOW).await.unwrap());
    }
    session_token::revoke(&world.db, tokens[0].token_hash, NOW).await.unwrap();
    session_token::revoke(&world.db, tokens[0].token_hash, NOW).await.unwrap();
    assert_eq!(standing(world, &tokens).await, [false, true, true, true]);
    assert_eq!(session_token::revoke_all(&world.db, maya.user, NOW).await.unwrap(), 2);
    assert_eq!(standing(world, &tokens).await, [false, false, false, true]);
}

async fn standing(world: &World, tokens: &[session_token::Issued]) -> Vec<bool> {
    let mut standing = Vec::new();
    for issued in tokens {
        let found = session_token::find(&world.db, issued.token.expose_secret(), NOW).await;
        standing.push(found.unwrap().is_some());
    }
    standing
}

async fn a_disabled_account_is_signed_in_nowhere(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let issued = session_token::issue(&world.db, maya.user, NOW).await.unwrap();
    account::disable(&world.db, maya.user, NOW).await.unwrap();
    assert!(!standing(world, &[issued]).await[0]);
    let found = account::by_id(&world.db, maya.user).await.unwrap().unwrap();
    assert_eq!(found.disabled_at, Some(NOW));
}

async fn the_store_has_no_token(world: &World) {
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let issued = session_token::issue(&world.db, maya.user, NOW).await.unwrap();
    let token = issued.token.expose_secret().to_owned();
    let statement = "SELECT count(*) FROM session_token WHERE hash = $1";
    assert_eq!(world.count_of_bytes(statement, token.as_bytes()).await, 0);
    assert_eq!(world.count_of_bytes(statement, issued.token_hash.as_bytes()).await, 1);
}

async fn use_is_noted_coarsely(world: &World) {
    const STATEMENT: &str = "SELECT count(*) FROM session_token WHERE last_used_at = $1";
    let maya = world.create(new_student("maya@school.example"), 1).await.unwrap();
    let issued = session_token::issue(&world.db, maya.user, NOW).await.unwrap();
    let soon = NOW.plus_millis(5 * 60_000);
    let later = NOW.plus_millis(11 * 60_000);
    for (used_at, noted_at) in [(soon, NOW), (later, later)] {
        session_token::find(&world.db, issued.token.expose_secret(), used_at).await.unwrap();
        assert_eq!(world.number(STATEMENT, noted_at.as_micros()).await, 1, "{used_at}");
    }
}
