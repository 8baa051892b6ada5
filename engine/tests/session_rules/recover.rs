//! What a new owner does with a turn that it finds running.

use learnflow_engine::event::v1::{AgeBand, Consent};

use super::script::{Script, check};
use super::world::World;

const ASKED: (&str, &str) = ("ask c1 loops", "1 ack c1 t1 | 2 route t1 | call t1#1");

fn adult() -> World {
    World::created(AgeBand::Adult, Consent::NotNeeded)
}

#[test]
fn after_a_crash_the_turn_is_called_again_from_the_beginning() {
    check(
        adult(),
        &[
            ASKED,
            ("say Ha", "token t1#1@0 Ha"),
            ("crash t1", "call t1#2"),
            ("late t1#1 say lf", ""),
            ("late t1#1 end", ""),
            ("say Whole", "token t1#2@0 Whole"),
            ("end", "3 done t1 complete model: Whole"),
        ],
    );
}

#[test]
fn the_third_crash_ends_the_turn_and_leaves_a_trace() {
    check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("crash t1", "call t1#2"),
            ("crash t1", "call t1#3"),
            ("crash t1", "4 done t1 failed LF0604:  | 5 route t2 | abandoned t1 | call t2#1"),
            ("crash t2", "call t2#2"),
        ],
    );
}

#[test]
fn a_clean_hand_over_counts_for_nothing() {
    let mut script = Script::new(adult());
    script.play(ASKED.0);
    for attempt in 2..=9 {
        assert_eq!(script.play("handover t1"), format!("call t1#{attempt}"));
    }
    assert_eq!(script.play("crash t1"), "call t1#10");
    assert_eq!(script.play("crash t1"), "call t1#11");
    assert_eq!(script.play("handover t1"), "call t1#12");
    assert_eq!(script.play("say x"), "token t1#12@0 x");
    assert_eq!(script.play("end"), "3 done t1 complete model: x");
}

#[test]
fn a_cut_that_was_counted_stays_counted_after_a_crash() {
    check(
        adult(),
        &[
            ASKED,
            ("say a", "token t1#1@0 a"),
            ("fail cut", "call t1#2"),
            ("crash t1", "call t1#3"),
            ("say b", "token t1#3@0 b"),
            ("fail cut", "3 done t1 failed LF0605: b"),
        ],
    );
}

#[test]
fn waiting_turns_survive_a_crash_and_start_by_themselves() {
    check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("crash t1", "call t1#2"),
            ("ask c2 names", "repeated c2 at 3"),
            ("crash t2", ""),
            ("say x", "token t1#2@0 x"),
            ("end", "4 done t1 complete model: x | 5 route t2 | call t2#1"),
        ],
    );
}

#[test]
fn recovery_of_a_turn_that_does_not_run_changes_nothing() {
    check(
        adult(),
        &[
            ("crash t1", ""),
            ASKED,
            ("say x", "token t1#1@0 x"),
            ("end", "3 done t1 complete model: x"),
            ("crash t1", ""),
            ("handover t1", ""),
        ],
    );
}
