//! What is accepted, what waits, what is refused, and what is recognised when it comes again.

use learnflow_engine::clock::Timestamp;
use learnflow_engine::event::v1::{AgeBand, Consent, Event};
use learnflow_engine::session::command::Command;
use learnflow_engine::session::input::Input;
use learnflow_engine::session::state::Position;

use super::script::{Script, check, command_id};
use super::world::World;

fn adult() -> World {
    World::created(AgeBand::Adult, Consent::NotNeeded)
}

#[test]
fn an_ask_is_acknowledged_then_routed_then_done_and_the_next_is_accepted_at_once() {
    check(
        adult(),
        &[
            ("ask c1 What is a loop?", "1 ack c1 t1 | 2 route t1 | call t1#1"),
            ("say Round", "token t1#1@0 Round"),
            ("say  and é", "token t1#1@5  and é"),
            ("say !", "token t1#1@11 !"),
            ("end", "3 done t1 complete model: Round and é!"),
            ("ask c2 And a name?", "4 ack c2 t2 | 5 route t2 | call t2#1"),
        ],
    );
}

#[test]
fn one_runs_and_eight_wait_and_the_tenth_is_busy_until_one_is_done() {
    let mut script = Script::new(adult());
    assert_eq!(script.play("ask c1 loops"), "1 ack c1 t1 | 2 route t1 | call t1#1");
    for n in 2..=9 {
        assert_eq!(script.play(&format!("ask c{n} more")), format!("{} ack c{n} t{n}", n + 1));
    }
    assert_eq!(script.play("ask c10 more"), "refused c10 LF0501 retry 2000");
    assert_eq!(script.play("say x"), "token t1#1@0 x");
    assert_eq!(script.play("end"), "11 done t1 complete model: x | 12 route t2 | call t2#1");
    // What was refused as busy may be sent again under its own id.
    assert_eq!(script.play("ask c10 more"), "13 ack c10 t10");
    assert_eq!(script.play("ask c11 more"), "refused c11 LF0501 retry 2000");
}

#[test]
fn waiting_turns_start_in_the_order_of_their_acceptance() {
    check(
        adult(),
        &[
            ("ask c1 one", "1 ack c1 t1 | 2 route t1 | call t1#1"),
            ("ask c2 two", "3 ack c2 t2"),
            ("ask c3 three", "4 ack c3 t3"),
            ("say a", "token t1#1@0 a"),
            ("end", "5 done t1 complete model: a | 6 route t2 | call t2#1"),
            ("say b", "token t2#1@0 b"),
            ("end", "7 done t2 complete model: b | 8 route t3 | call t3#1"),
        ],
    );
}

#[test]
fn a_repeated_command_names_its_ack_and_runs_nothing_whatever_it_now_says() {
    check(
        adult(),
        &[
            ("ask c1 loops", "1 ack c1 t1 | 2 route t1 | call t1#1"),
            ("ask c1 loops", "repeated c1 at 1"),
            ("ask c1 something else", "repeated c1 at 1"),
            ("cancel c2 t1", "3 ack c2 t1 | 4 done t1 cancelled:  | stop t1"),
            ("cancel c2 t1", "repeated c2 at 3"),
            ("rate c3 t1", "5 ack c3 t1"),
            ("rate c3 t1", "repeated c3 at 5"),
            ("rate c4 t1", "6 ack c4 t1"),
            ("ask c2 an id is an id", "repeated c2 at 3"),
        ],
    );
}

#[test]
fn a_command_is_recognised_among_the_last_256_also_after_a_crash() {
    let mut script = Script::new(adult());
    for n in 1..=257 {
        assert_eq!(script.play(&format!("rate c{n} t1")), format!("{n} ack c{n} t?"));
    }
    script.world.lose_memory();
    assert_eq!(script.play("rate c2 t1"), "repeated c2 at 2");
    assert_eq!(script.play("rate c257 t1"), "repeated c257 at 257");
    assert_eq!(script.play("rate c1 t1"), "258 ack c1 t?");
}

#[test]
fn a_record_that_comes_again_is_dropped_by_its_position() {
    check(
        adult(),
        &[
            ("at 1/0/10 attach 3/7", "attached 3/7"),
            ("again", ""),
            ("at 1/0/9 ask c1 earlier in the log", ""),
            ("at 1/0/11 active", ""),
            ("again", ""),
            ("at 1/0/12 ask c2 loops", "1 ack c2 t1 | 2 route t1 | call t1#1"),
            ("again", ""),
        ],
    );
}

#[test]
fn after_a_new_generation_only_later_records_count_until_one_is_applied() {
    check(
        adult(),
        &[
            ("at 1/0/500 active", ""),
            // An old record, in a log that was built anew: its time tells.
            ("at 2/0/3 ask c1 loops", ""),
            ("pass 1", ""),
            ("at 2/0/4 ask c2 loops", "1 ack c2 t1 | 2 route t1 | call t1#1"),
            ("back 1", ""),
            ("at 2/0/5 rate c3 t1", "3 ack c3 t1"),
            ("at 2/0/4 rate c4 t1", ""),
        ],
    );
}

#[test]
fn a_session_that_was_never_created_accepts_nothing() {
    let script = check(
        World::unborn(),
        &[
            ("ask c1 loops", "refused c1 LF0413"),
            ("cancel c2 t1", "refused c2 LF0413"),
            ("rate c3 t1", "refused c3 LF0413"),
            ("attach 3/7", ""),
            ("active", ""),
            ("detach 3/7", ""),
        ],
    );
    assert!(script.world.rows.is_empty());
}

#[test]
fn who_may_converse_follows_from_age_and_consent() {
    let cases = [
        (AgeBand::Unknown, Consent::NotNeeded, true),
        (AgeBand::Adult, Consent::NotNeeded, true),
        (AgeBand::Teen, Consent::NotNeeded, true),
        (AgeBand::Teen, Consent::Missing, false),
        (AgeBand::Under13, Consent::NotNeeded, false),
        (AgeBand::Under13, Consent::Missing, false),
        (AgeBand::Under13, Consent::Granted, true),
    ];
    for (age_band, consent, may) in cases {
        let mut script = Script::new(World::created(age_band, consent));
        let answer = script.play("ask c1 loops");
        let expected =
            if may { "1 ack c1 t1 | 2 route t1 | call t1#1" } else { "refused c1 LF0304" };
        assert_eq!(answer, expected, "{age_band:?} {consent:?}");
        // Nothing that a student typed is stored without consent, ratings neither.
        let rated = if may { "3 ack c2 t1" } else { "refused c2 LF0304" };
        assert_eq!(script.play("rate c2 t1"), rated, "{age_band:?} {consent:?}");
    }
}

#[test]
fn a_students_time_never_runs_backwards() {
    let mut script = Script::new(adult());
    script.play("ask c1 loops");
    let first = script.world.now;
    script.play("back 60000");
    script.play("ask c2 names");
    assert_eq!(script.world.state.last_at, first);
    let asked: Vec<_> = script.world.state.queue.iter().map(|turn| turn.asked_at).collect();
    assert_eq!(asked, [first]);
}

#[test]
fn only_the_courses_own_ids_become_facts() {
    let mut world = adult();
    let ask = |n: i64, exercise: &str, topic: &str| Input::Command {
        id: command_id(&format!("c{n}")),
        position: Position { generation: 1, partition: 0, offset: n },
        at: Timestamp::from_millis(1_800_000_000_000),
        command: Command::Ask {
            text: "loops".to_owned(),
            code: None,
            exercise: exercise.parse().ok(),
            topic: topic.parse().ok(),
        },
    };
    let first = world.step(&ask(1, "my.secret.name", "my.secret"));
    let second = world.step(&ask(2, "basics.loops.none", "basics.names"));
    let ids = |events: &[Event]| {
        let Some(Event::Asked { exercise, topic, .. }) = events.first() else {
            panic!("an ask begins with Asked, not {events:?}")
        };
        (exercise.clone(), topic.as_ref().map(ToString::to_string))
    };
    assert_eq!(ids(&first.events), (None, None));
    assert_eq!(ids(&second.events), (None, Some("basics.names".to_owned())));
}
