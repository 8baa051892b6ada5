//! How turns end: completion, cancel, failure, time. Each exactly once.

use learnflow_engine::event::v1::{AgeBand, Consent};
use learnflow_engine::id::CommandId;
use learnflow_engine::session::command::Command;
use learnflow_engine::session::input::Input;
use learnflow_engine::session::state::Position;

use super::script::check;
use super::world::World;

const ASKED: (&str, &str) = ("ask c1 loops", "1 ack c1 t1 | 2 route t1 | call t1#1");

fn adult() -> World {
    World::created(AgeBand::Adult, Consent::NotNeeded)
}

#[test]
fn a_cancelled_turn_keeps_what_was_streamed_and_the_next_starts() {
    check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("say Half", "token t1#1@0 Half"),
            (
                "cancel c3 t1",
                "4 ack c3 t1 | 5 done t1 cancelled: Half | 6 route t2 | stop t1 | call t2#1",
            ),
            ("late t1#1 say more", ""),
            ("late t1#1 end", ""),
            ("say x", "token t2#1@0 x"),
        ],
    );
}

#[test]
fn a_waiting_turn_is_cancelled_without_route_and_the_running_one_goes_on() {
    check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("say One", "token t1#1@0 One"),
            ("cancel c3 t2", "4 ack c3 t2 | 5 done t2 cancelled: "),
            ("say  two", "token t1#1@3  two"),
            ("end", "6 done t1 complete model: One two"),
        ],
    );
}

#[test]
fn a_cancel_of_what_does_not_run_is_acked_and_changes_nothing() {
    check(
        adult(),
        &[
            ("cancel c9 t7", "1 ack c9 t?"),
            ("ask c1 loops", "2 ack c1 t1 | 3 route t1 | call t1#1"),
            ("cancel c8 t7", "4 ack c8 t?"),
            ("say x", "token t1#1@0 x"),
            ("end", "5 done t1 complete model: x"),
            ("cancel c2 t1", "6 ack c2 t1"),
            ("cancel c3 t1", "7 ack c3 t1"),
        ],
    );
}

#[test]
fn whichever_of_completion_and_cancel_comes_first_wins() {
    check(
        adult(),
        &[
            ASKED,
            ("say x", "token t1#1@0 x"),
            ("end", "3 done t1 complete model: x"),
            ("cancel c2 t1", "4 ack c2 t1"),
            ("late t1#1 fail cut", ""),
            ("ask c3 loops", "5 ack c3 t2 | 6 route t2 | call t2#1"),
            ("cancel c4 t2", "7 ack c4 t2 | 8 done t2 cancelled:  | stop t2"),
            ("late t2#1 end", ""),
            ("overdue t2", ""),
            ("crash t2", ""),
        ],
    );
}

#[test]
fn an_answer_cut_at_the_token_limit_is_complete_and_marked() {
    check(
        adult(),
        &[
            ASKED,
            ("say long", "token t1#1@0 long"),
            ("end length", "3 done t1 complete model truncated: long"),
        ],
    );
}

#[test]
fn an_answer_that_was_withheld_is_not_complete() {
    check(
        adult(),
        &[
            ASKED,
            ("say kept", "token t1#1@0 kept"),
            ("end filter", "3 done t1 failed LF0603: kept"),
        ],
    );
}

#[test]
fn where_the_model_said_nothing_the_courses_words_come_with_an_honest_source() {
    let cases = [
        ("end", "LF0603"),
        ("end filter", "LF0603"),
        ("fail down", "LF0601"),
        ("fail slow", "LF0602"),
        ("fail silent", "LF0602"),
        ("fail refused", "LF0603"),
        ("fail cut", "LF0605"),
    ];
    for (end, code) in cases {
        let done =
            format!("token t1#1@0 <authored> | 3 done t1 complete authored {code}: <authored>");
        check(
            adult(),
            &[
                ASKED,
                (end, done.as_str()),
                ("ask c2 names", "4 ack c2 t2 | 5 route t2 | call t2#1"),
            ],
        );
    }
}

#[test]
fn white_space_alone_is_no_answer() {
    check(
        adult(),
        &[
            ASKED,
            ("say  ", "token t1#1@0  "),
            ("end", "token t1#1@0 <authored> | 3 done t1 complete authored LF0603: <authored>"),
        ],
    );
}

#[test]
fn a_cut_stream_is_called_once_more_and_no_more() {
    check(
        adult(),
        &[
            ASKED,
            ("say Some", "token t1#1@0 Some"),
            ("fail cut", "call t1#2"),
            ("late t1#1 say thing", ""),
            ("late t1#1 end", ""),
            ("late t1#1 fail cut", ""),
            ("say Again", "token t1#2@0 Again"),
            ("fail cut", "3 done t1 failed LF0605: Again"),
        ],
    );
}

#[test]
fn a_cut_stream_may_be_whole_the_second_time_or_end_in_the_courses_words() {
    let begin = [ASKED, ("say Some", "token t1#1@0 Some"), ("fail cut", "call t1#2")];
    check(
        adult(),
        &[&begin[..], &[("say All", "token t1#2@0 All"), ("end", "3 done t1 complete model: All")]]
            .concat(),
    );
    let authored = "token t1#2@0 <authored> | 3 done t1 complete authored LF0601: <authored>";
    check(adult(), &[&begin[..], &[("fail down", authored)]].concat());
}

#[test]
fn a_stream_that_falls_silent_fails_with_what_was_kept() {
    check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("say kept", "token t1#1@0 kept"),
            ("fail silent", "4 done t1 failed LF0602: kept | 5 route t2 | call t2#1"),
        ],
    );
}

#[test]
fn an_overdue_turn_is_stopped_and_fails_and_its_timer_fires_once() {
    let script = check(
        adult(),
        &[
            ASKED,
            ("ask c2 names", "3 ack c2 t2"),
            ("say kept", "token t1#1@0 kept"),
            ("pass 150000", ""),
            ("overdue t2", ""),
            ("overdue t1", "4 done t1 failed LF0602: kept | 5 route t2 | stop t1 | call t2#1"),
            ("overdue t1", ""),
            ("say x", "token t2#1@0 x"),
        ],
    );
    let due = script.world.now.plus_millis(script.world.limits.overdue_ms);
    assert_eq!(script.world.state.next_timer(), Some(due));
}

#[test]
fn a_question_that_was_read_late_has_the_whole_time_too() {
    let mut world = adult();
    let asked_at = world.now;
    world.now = world.now.plus_millis(1_000_000);
    world.step(&Input::Command {
        id: CommandId::from_seed(asked_at, 7),
        position: Position { generation: 0, partition: 0, offset: 0 },
        at: asked_at,
        command: Command::Ask {
            text: "What is a variable?".to_owned(),
            code: None,
            exercise: None,
            topic: None,
        },
    });
    let due = world.now.plus_millis(world.limits.overdue_ms);
    assert_eq!(world.state.next_timer(), Some(due));
}

#[test]
fn every_attempt_has_the_whole_time_of_an_attempt() {
    for (line, seen) in [("crash t1", "call t1#2"), ("handover t1", "call t1#2")] {
        let script = check(adult(), &[ASKED, ("pass 149000", ""), (line, seen)]);
        let due = script.world.now.plus_millis(script.world.limits.overdue_ms);
        assert_eq!(script.world.state.next_timer(), Some(due), "{line}");
        assert_eq!(script.world.state.timers.len(), 1, "{line}");
    }
}
