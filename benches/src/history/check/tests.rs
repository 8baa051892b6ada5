//! The checker's table: a clean history has no violation, and each kind of damage is found.

use super::*;
use crate::history::Entry;

const STUDENT: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const CMD: Uuid = Uuid::from_u128(10);
const TURN: Uuid = Uuid::from_u128(20);

fn history(student: Uuid, whats: &[What]) -> StudentHistory {
    let entries = whats.iter().map(|what| Entry { at_us: 0, what: what.clone() }).collect();
    StudentHistory { student, sharing: Sharing::Sole, entries }
}

fn frame(seq: u64, kind: &str) -> DurableEntry {
    DurableEntry {
        seq,
        kind: kind.to_owned(),
        cmd: (kind == "ack").then_some(CMD),
        turn: Some(TURN),
        status: (kind == "done").then(|| "complete".to_owned()),
        text: (kind == "done").then(|| Digest::of("text")),
        assembled: if kind == "done" {
            Assembled::Text(Digest::of("text"))
        } else {
            Assembled::Unknown
        },
        frame: Digest::of(&format!("{seq}{kind}")),
    }
}

fn durable(seq: u64, kind: &str) -> What {
    What::Durable(frame(seq, kind))
}

fn changed(seq: u64, kind: &str, change: impl FnOnce(&mut DurableEntry)) -> What {
    let mut entry = frame(seq, kind);
    change(&mut entry);
    What::Durable(entry)
}

fn sent() -> What {
    What::Sent { cmd: CMD, kind: CommandKind::Ask }
}

fn hello(after_seq: u64) -> [What; 2] {
    [What::Hello { after_seq }, What::Welcome { student: STUDENT, seq: after_seq }]
}

/// Hello, one ask, and whatever came then.
fn after_ask(whats: &[What]) -> Vec<What> {
    hello(0).into_iter().chain([sent()]).chain(whats.iter().cloned()).collect()
}

fn turn() -> Vec<What> {
    vec![durable(1, "ack"), durable(2, "route"), durable(3, "done")]
}

#[track_caller]
fn finds(whats: &[What], expected: &[ViolationKind]) {
    let found: Vec<_> = check(&[history(STUDENT, whats)]).iter().map(|v| v.kind).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_clean_turn_has_no_violation() {
    finds(&after_ask(&turn()), &[]);
}

#[test]
fn numbers_are_gapless_and_come_once_a_connection() {
    use ViolationKind::{BeforeWelcome, NoDone, SeqDuplicate, SeqGap};
    let without_route = [durable(1, "ack"), durable(3, "done")];
    finds(&after_ask(&without_route), &[SeqGap, ViolationKind::DoneBeforeRoute]);
    let twice = [turn(), vec![durable(3, "done")]].concat();
    finds(&after_ask(&twice), &[SeqDuplicate]);
    finds(&after_ask(&[durable(1, "ack"), durable(1, "ack")]), &[SeqDuplicate, NoDone]);
    finds(&[durable(1, "notice")], &[BeforeWelcome]);
    let notice = changed(4, "notice", |entry| entry.turn = None);
    let closed = [turn(), vec![What::Closed { code: 1006 }, notice]].concat();
    finds(&after_ask(&closed), &[BeforeWelcome]);
}

#[test]
fn a_resume_starts_where_hello_said() {
    let resumed = |again: &[What]| {
        let before = [durable(1, "ack"), durable(2, "route"), What::Closed { code: 1006 }];
        after_ask(&[before.to_vec(), hello(2).to_vec(), again.to_vec()].concat())
    };
    finds(&resumed(&[durable(3, "done")]), &[]);
    finds(&resumed(&[durable(2, "route"), durable(3, "done")]), &[ViolationKind::SeqDuplicate]);
    let skipped = [changed(4, "done", |_| {})];
    finds(&resumed(&skipped), &[ViolationKind::SeqGap]);
}

#[test]
fn a_frame_that_was_thrown_away_on_purpose_is_no_gap() {
    let lost = [durable(1, "ack"), durable(2, "route"), What::LostOnPurpose { seq: 3 }];
    let again = [hello(2).to_vec(), vec![durable(3, "done")]].concat();
    finds(&after_ask(&[lost.to_vec(), again].concat()), &[]);
}

#[test]
fn a_resync_moves_the_numbers_and_tells_ends() {
    let resync = |state| What::Resync { seq: 9, turns: vec![(TURN, state)] };
    let ended = [durable(1, "ack"), resync(TurnState::Ended), durable(10, "notice")];
    let notice = |whats: &[What]| {
        let mut whats = after_ask(whats);
        if let Some(What::Durable(entry)) = whats.last_mut() {
            entry.turn = None;
        }
        whats
    };
    finds(&notice(&ended), &[]);
    let running = [durable(1, "ack"), resync(TurnState::Running), durable(10, "notice")];
    finds(&notice(&running), &[ViolationKind::NoDone]);
}

#[test]
fn a_repeated_command_gets_the_same_frame() {
    let repeated = |again: What| [turn(), vec![sent(), again]].concat();
    finds(&after_ask(&repeated(durable(1, "ack"))), &[]);
    let other_frame = changed(1, "ack", |entry| entry.frame = Digest::of("other"));
    finds(&after_ask(&repeated(other_frame)), &[ViolationKind::FrameChanged]);
    finds(&after_ask(&repeated(durable(4, "ack"))), &[ViolationKind::SecondAck]);
    let without_repeat = [turn(), vec![durable(1, "ack")]].concat();
    finds(&after_ask(&without_repeat), &[ViolationKind::SeqDuplicate]);
}

#[test]
fn every_acknowledged_ask_has_exactly_one_done() {
    use ViolationKind::{AckWithoutTurn, NoDone, SecondDone};
    finds(&after_ask(&turn()[..2]), &[NoDone]);
    finds(&after_ask(&[turn(), vec![durable(4, "done")]].concat()), &[SecondDone]);
    finds(&after_ask(&[changed(1, "ack", |entry| entry.turn = None)]), &[AckWithoutTurn]);
    finds(&after_ask(&[]), &[]);
}

#[test]
fn a_turn_is_routed_then_streamed_then_done() {
    use ViolationKind::{DoneBeforeRoute, FrameAfterDone, NoToken, SecondRoute, TokenBeforeRoute};
    finds(&after_ask(&[durable(1, "ack"), durable(2, "done")]), &[DoneBeforeRoute]);
    let cancelled = changed(2, "done", |entry| entry.status = Some("cancelled".into()));
    finds(&after_ask(&[durable(1, "ack"), cancelled]), &[]);
    let routed_late = [durable(1, "ack"), durable(2, "done"), durable(3, "route")];
    finds(&after_ask(&routed_late), &[DoneBeforeRoute, FrameAfterDone]);
    let twice = [durable(1, "ack"), durable(2, "route"), durable(3, "route"), durable(4, "done")];
    finds(&after_ask(&twice), &[SecondRoute]);
    let late = |what: What| after_ask(&[turn(), vec![what]].concat());
    finds(&late(durable(4, "graded")), &[FrameAfterDone]);
    finds(&late(What::TokenAfterDone { turn: TURN }), &[FrameAfterDone]);
    finds(&late(What::TokenUnrouted { turn: TURN }), &[TokenBeforeRoute]);
    let silent = changed(3, "done", |entry| entry.assembled = Assembled::Nothing);
    finds(&after_ask(&[durable(1, "ack"), durable(2, "route"), silent]), &[NoToken]);
}

#[test]
fn tokens_come_to_the_text_of_done() {
    let ends = |assembled| {
        let done = changed(3, "done", |entry| entry.assembled = assembled);
        after_ask(&[durable(1, "ack"), durable(2, "route"), done])
    };
    let other = Assembled::Text(Digest::of("other"));
    finds(&ends(other), &[ViolationKind::TextDiffers]);
    finds(&ends(Assembled::Unknown), &[]);
}

#[test]
fn what_is_not_this_student_s_is_found() {
    use ViolationKind::Foreign;
    let stranger = hello(0).into_iter().chain([durable(1, "ack")]).collect::<Vec<_>>();
    finds(&stranger, &[Foreign]);
    let turn_of_other = changed(4, "done", |entry| entry.turn = Some(OTHER));
    let mut whats = after_ask(&turn());
    whats.push(turn_of_other);
    finds(&whats, &[Foreign, ViolationKind::DoneBeforeRoute]);
    let taken_for_other = [What::Hello { after_seq: 0 }, What::Welcome { student: OTHER, seq: 0 }];
    finds(&taken_for_other, &[Foreign]);
    let both = [history(STUDENT, &after_ask(&turn())), history(OTHER, &after_ask(&turn()))];
    let found = check(&both);
    let foreign: Vec<_> = found.iter().filter(|v| v.kind == Foreign).collect();
    // The welcome of another student, and the same command and turn in two histories.
    assert_eq!(foreign.len(), 3, "{found:?}");
}

#[test]
fn frames_that_are_older_than_the_history_may_be_unknown() {
    let older = [What::Hello { after_seq: 0 }, What::Welcome { student: STUDENT, seq: 3 }];
    let whats = [older.to_vec(), turn()].concat();
    finds(&whats, &[]);
}

#[test]
fn two_sockets_of_one_student_see_the_same_frames() {
    let mut second = history(STUDENT, &[hello(0).to_vec(), turn()].concat());
    second.sharing = Sharing::Shared;
    let first = history(STUDENT, &after_ask(&turn()));
    assert_eq!(check(&[first.clone(), second.clone()]), []);
    if let Some(Entry { what: What::Durable(entry), .. }) = second.entries.last_mut() {
        entry.frame = Digest::of("other");
    }
    let found = check(&[first, second]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, ViolationKind::FrameChanged);
}

#[test]
fn an_unreadable_frame_is_found() {
    finds(&after_ask(&[What::Unreadable]), &[ViolationKind::Unreadable]);
}
