//! No student's word rests unsealed: words that cannot be there by chance are said, folded,
//! snapshotted and survived, and then looked for on every disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use learnflow_bench::client::Account;
use learnflow_bench::provider::Provider;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::provider::{Pace, provider, question};
use crate::server::{Server, Setup};
use crate::services;
use crate::socket::{Socket, turn_of};

/// Turns: enough for a fold of the first and a snapshot after it.
const TURNS: usize = 9;
/// The smallest window that there is.
const WINDOW_TOKENS: &str = "256";

/// The ways in which a word may lie on a disk without being sealed.
fn disguises(word: &str) -> Vec<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect();
    let mut all: Vec<Vec<u8>> =
        vec![word.into(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), hex(word).into()];
    all.extend(hex(word).to_uppercase().lines().map(|line| line.as_bytes().to_vec()));
    for before in 0..3_usize {
        // In the middle of something longer the word begins at any of three places of a group;
        // characters that hold bits of its neighbours are left out.
        let shifted = [vec![0; before], word.as_bytes().to_vec()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            let (from, to) = (before.div_ceil(3) * 4, text.len() / 4 * 4 - 4);
            all.push(text[from..to].into());
        }
    }
    all
}

fn hex(word: &str) -> String {
    let digit = |four_bits: u8| char::from_digit(four_bits.into(), 16).expect("four bits");
    word.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Words to look for, by their first two bytes: a disk is read once, whatever is looked for.
struct Needles {
    all: Vec<Vec<u8>>,
    begins: Vec<bool>,
}

impl Needles {
    fn new(words: &[String]) -> Self {
        let all: Vec<Vec<u8>> = words.iter().flat_map(|word| disguises(word)).collect();
        let mut begins = vec![false; 1 << 16];
        for needle in &all {
            begins[beginning(needle[0], needle[1])] = true;
        }
        Self { all, begins }
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        for at in 1..bytes.len() {
            if self.begins[beginning(bytes[at - 1], bytes[at])]
                && self.all.iter().any(|needle| bytes[at - 1..].starts_with(needle))
            {
                return true;
            }
        }
        false
    }
}

fn beginning(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// The files below some places that hold one of the words in any disguise.
fn found(places: &[PathBuf], words: &[String]) -> Vec<String> {
    let needles = Needles::new(words);
    let mut waiting = places.to_vec();
    let (mut found, mut files) = (Vec::new(), 0);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            waiting.extend(entries.map(|entry| entry.path()));
        } else if let Some(bytes) = on_disk(&path) {
            files += 1;
            if needles.are_in(&bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    assert!(files > 0, "nothing was read in {places:?}");
    found
}

/// A file's bytes; none when it was deleted meanwhile, or is one large hole.
fn on_disk(path: &Path) -> Option<Vec<u8>> {
    const LARGE_BYTES: u64 = 1 << 20;
    let metadata = fs::metadata(path).ok()?;
    let is_hole = metadata.len() >= LARGE_BYTES && metadata.blocks() == 0;
    if is_hole { None } else { fs::read(path).ok() }
}

fn canary() -> String {
    format!("canary{}", Uuid::new_v4().simple())
}

/// Says the words, and goes on until their turn is folded and snapshotted.
async fn say(socket: &mut Socket, words: &[String; 3]) {
    let [question_word, code_word, reason_word] = words;
    let cmd = Uuid::now_v7();
    let text = format!("I am {question_word}. {}", question());
    let code = format!("{code_word} = 1\nfor i in range({code_word}):\n    print(i)\n");
    socket.say(&json!({"type": "ask", "cmd": cmd, "text": text, "code": code})).await;
    let turn = turn_of(&socket.first("ack").await);
    socket.turn(turn).await;
    let rate = Uuid::now_v7();
    let feedback = json!({
        "type": "feedback", "cmd": rate, "turn": turn, "rating": "down",
        "reason": format!("It calls me {reason_word}."),
    });
    socket.say(&feedback).await;
    socket.until(|frame| frame["type"] == "ack" && frame["cmd"] == rate.to_string()).await;
    for _ in 1..TURNS {
        let frames = socket.converse(&question()).await;
        assert_eq!(frames.last().expect("done")["status"], "complete");
    }
}

/// The first turn is no message of the newest prompt any more, but its beginning is in it: it was
/// folded into the summary.
fn assert_folded(provider: &Provider, words: &[String; 3]) {
    let newest = provider.ledger().items.last().and_then(|call| call.body.clone());
    let newest = newest.expect("the newest call's body");
    assert!(newest.contains(&words[0]), "the summary lacks the first question");
    assert!(!newest.contains(&words[1]), "the first question still stands in the window");
}

async fn assert_snapshotted(server: &Server, student: &Account) {
    let id = student.student_id.to_string();
    let shown = server.run(&["--output", "json", "session", "show", &id]).await;
    assert!(shown.status.success(), "{shown:?}");
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert!(shown["snapshot_rev"].as_u64().is_some_and(|rev| rev >= 8), "{shown}");
}

/// Says words, kills, restarts, asks on. Answers the words, which must be nowhere.
async fn live_through(server: &mut Server, provider: &Provider) -> [String; 3] {
    let words = [canary(), canary(), canary()];
    let student = server.student().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    say(&mut socket, &words).await;
    assert_folded(provider, &words);
    server.kill().await;
    assert_snapshotted(server, &student).await;
    server.start().await;
    let mut socket = Socket::greeted(server, &student, 0).await;
    socket.until(|frame| frame["type"] == "done").await;
    socket.ask(&question()).await;
    socket.until(|frame| frame["type"] == "ack").await;
    let kept = server.api().transcript(&student.token).await;
    let first = kept[0].to_string();
    assert!(first.contains(&words[0]) && first.contains(&words[1]), "the words were kept: {first}");
    words
}

#[test]
fn a_word_is_found_in_every_disguise() {
    let word = canary();
    for (number, disguise) in disguises(&word).into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("below").join("it.bin");
        fs::create_dir(folder.path().join("below")).expect("a folder below");
        fs::write(&file, [b"c\0ca".as_slice(), &disguise, b"after"].concat()).expect("a file");
        let place = [folder.path().to_path_buf()];
        assert_eq!(found(&place, std::slice::from_ref(&word)).len(), 1, "disguise {number}");
        assert_eq!(found(&place, &[canary()]), Vec::<String>::new());
    }
    for before in ["", "x", "xy"] {
        let folder = tempfile::tempdir().expect("a folder");
        let text = STANDARD_NO_PAD.encode(format!("{before}{word} and more"));
        fs::write(folder.path().join("base64"), text).expect("a file");
        assert_eq!(found(&[folder.path().to_path_buf()], std::slice::from_ref(&word)).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_student_rests_unsealed_in_the_demo() {
    let provider = provider(Pace::Quick).await;
    let setup = Setup::demo().model(&provider).set("RUST_LOG", "debug");
    let mut server = setup.set("LEARNFLOW__SESSION__WINDOW_TOKENS", WINDOW_TOKENS).start().await;
    let words = live_through(&mut server, &provider).await;
    let places = [server.data_folder(), server.log_file()];
    assert_eq!(found(&places, &words), Vec::<String>::new());
    server.kill().await;
    assert_eq!(found(&places, &words), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_student_rests_unsealed_in_kafka_or_postgresql() {
    let Some((services, _turn)) = services::shared().await else { return };
    let provider = provider(Pace::Quick).await;
    let setup = Setup::serve(&services).await.model(&provider).set("RUST_LOG", "debug");
    let mut server = setup.set("LEARNFLOW__SESSION__WINDOW_TOKENS", WINDOW_TOKENS).start().await;
    let words = live_through(&mut server, &provider).await;
    services.checkpoint().await;
    let mut places = services.data.clone();
    assert_eq!(places.len(), 2, "the data folders are not known: use deploy/dev/services.sh");
    places.push(server.log_file());
    assert_eq!(found(&places, &words), Vec::<String>::new());
}
