//! The stored formats, version 1, byte by byte: what was ever written must always read the same.
//!
//! Each file under `golden/v1` holds the stored bytes in hexadecimal and the frames that they
//! yield. Files are added, never edited: a red test here means that the code has to change. Where
//! a file is missing, the failure says what it must hold.
#![cfg(test)]

#[path = "golden/sample.rs"]
mod sample;

use std::collections::BTreeSet;
use std::path::PathBuf;

use learnflow_engine::event::frame::{frame_count, frames, frames_in};
use learnflow_engine::event::{
    DecodeError, StepTexts, decode_facts, decode_texts, encode_facts, encode_texts,
};
use learnflow_engine::id::StudentId;
use learnflow_engine::progress::struggle::Struggle;
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::state::{Position, Quota, State};
use learnflow_engine::snapshot;
use uuid::Uuid;

use sample::{Sample, at, samples, variant_name};

/// The number of the first frame in each file.
const FIRST_SEQ: i64 = 41;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/v1"))
}

/// Snapshots have had more versions than events.
fn snapshots(version: u8) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(format!("v{version}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect("hex"))
        .collect()
}

/// What a sample's file holds.
fn written(sample: &Sample) -> String {
    let facts = format!("facts {}\n", hex(&encode_facts(&sample.events)));
    let texts = encode_texts(&sample.texts).map(|texts| format!("texts {}\n", hex(&texts)));
    let said = frames(&sample.events, &sample.texts, FIRST_SEQ);
    let said = said.iter().map(|frame| format!("frame {}\n", frame.json));
    [facts].into_iter().chain(texts).chain(said).collect::<Vec<_>>().concat()
}

fn field<'a>(file: &'a str, name: &str) -> Option<&'a str> {
    file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
}

/// Reads a golden file, or says what it must hold.
fn golden(name: &str, expected: &str) -> Result<String, String> {
    let path = folder().join(format!("{name}.golden"));
    std::fs::read_to_string(path)
        .map_err(|error| format!("golden/v1/{name}.golden: {error}; it must hold\n{expected}"))
}

fn check(sample: &Sample, file: &str) {
    let name = sample.name;
    let facts = unhex(field(file, "facts").expect("a line of facts"));
    assert_eq!(decode_facts(&facts).as_ref(), Ok(&sample.events), "{name}: facts");
    let texts = field(file, "texts")
        .map_or_else(|| Ok(StepTexts::default()), |texts| decode_texts(&unhex(texts)));
    assert_eq!(texts.as_ref(), Ok(&sample.texts), "{name}: texts");
    assert_eq!(file, written(sample), "{name}: encoding and frames");
    let lines = i64::try_from(file.lines().filter(|line| line.starts_with("frame ")).count());
    assert_eq!(lines, Ok(frames_in(&sample.events)), "{name}: how many frames");
}

#[test]
fn every_golden_file_decodes_to_its_value_and_encodes_to_its_bytes() {
    let mut missing = Vec::new();
    for sample in samples() {
        match golden(sample.name, &written(&sample)) {
            Ok(file) => check(&sample, &file),
            Err(what) => missing.push(what),
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Facts of practice: their names say nothing of their place, so they are listed here.
const PRACTICE: &[&str] = &[
    "quiz_answered",
    "submitted",
    "graded",
    "learned",
    "mastery_changed",
    "review_scheduled",
    "reviews_due",
    "hint_given",
    "exercise_opened",
    "answer_sought",
    "confused",
    "error_seen",
    "alert_raised",
    "alert_cleared",
    "quota_told",
    "answer_guarded",
    "exposed",
];

#[test]
fn every_event_variant_has_a_golden_file_of_its_own() {
    let alone: Vec<Sample> = samples();
    let covered: BTreeSet<&str> = alone.iter().map(|s| variant_name(&s.events[0])).collect();
    for name in sample::VARIANTS.iter().chain(PRACTICE) {
        assert!(covered.contains(name), "no golden file for {name}");
    }
}

#[test]
fn every_file_in_the_folder_is_checked() {
    let names: BTreeSet<String> =
        samples().iter().map(|s| s.name.to_owned()).chain(["snapshot_busy".to_owned()]).collect();
    assert_eq!(names.len(), samples().len() + 1, "names are unique");
    let entries = std::fs::read_dir(folder()).expect("the folder of golden files");
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(names.contains(&name), "nobody reads golden/v1/{name}.golden any more");
    }
}

#[test]
fn an_event_yields_as_many_frames_as_it_counts() {
    for sample in samples() {
        let said = frames(&sample.events, &sample.texts, FIRST_SEQ);
        let counted: i64 = sample.events.iter().map(frame_count).sum();
        assert_eq!(i64::try_from(said.len()), Ok(counted), "{}", sample.name);
        for (place, frame) in (0..).zip(&said) {
            assert_eq!(frame.seq, FIRST_SEQ + place, "{}", sample.name);
            assert!(frame.json.starts_with(&format!("{{\"seq\":{},\"type\":\"", frame.seq)));
        }
    }
}

/// A state with something in every part, folded from the samples' own events.
fn busy() -> State {
    let mut state = State::new(StudentId::new(Uuid::from_u128(0x57)));
    for (place, sample) in (0..).zip(sample::busy_steps()) {
        let position =
            (place > 0).then_some(Position { generation: 2, partition: 5, offset: 100 + place });
        apply(&mut state, &StepHead { rev: place, position, at: at(place) }, &sample);
    }
    state
}

/// The same, with what versions before 3 could not hold.
fn busier() -> State {
    let mut state = busy();
    let head = StepHead { rev: state.rev + 1, position: None, at: at(100) };
    apply(&mut state, &head, &sample::since_version_3());
    assert_eq!(state.rewrites, 1);
    state
}

#[test]
fn a_busy_snapshot_decodes_to_its_state_and_encodes_to_its_bytes() {
    let state = busier();
    assert!(state.running.is_some() && !state.queue.is_empty() && !state.window.is_empty());
    assert!(!state.summary.is_empty() && !state.routes.is_empty() && !state.timers.is_empty());
    assert!(!state.learning.topics().is_empty() && state.commands.len() > 2);
    assert!(state.last_route.is_some());
    let expected = format!("snapshot {}\n", hex(&snapshot::encode(&state)));
    let path = snapshots(3).join("snapshot_busy.golden");
    let file = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!("golden/v3/snapshot_busy.golden: {error}; it must hold\n{expected}")
    });
    let bytes = unhex(field(&file, "snapshot").expect("a line with the snapshot"));
    assert_eq!(snapshot::decode(&bytes), Ok(state));
    assert_eq!(file, expected);
}

#[test]
fn a_snapshot_of_version_2_is_read_as_what_it_meant() {
    let path = snapshots(2).join("snapshot_busy.golden");
    let file = std::fs::read_to_string(path).expect("the file");
    let bytes = unhex(field(&file, "snapshot").expect("a line with the snapshot"));
    // Version 2 remembered nothing of what answers have shown.
    assert_eq!(snapshot::decode(&bytes), Ok(busy()));
}

#[test]
fn a_snapshot_of_version_1_is_read_as_what_it_meant() {
    let file = std::fs::read_to_string(folder().join("snapshot_busy.golden")).expect("the file");
    let bytes = unhex(field(&file, "snapshot").expect("a line with the snapshot"));
    // Version 1 remembered nothing of what its events showed.
    let meant = State { struggle: Struggle::default(), quota: Quota::default(), ..busy() };
    assert_eq!(snapshot::decode(&bytes), Ok(meant));
}

#[test]
fn bytes_of_another_version_or_with_damage_say_so() {
    let sample = samples().into_iter().find(|s| !s.texts.is_empty()).expect("one with texts");
    let facts = encode_facts(&sample.events);
    let texts = encode_texts(&sample.texts).expect("there are texts");
    for bytes in [&facts, &texts] {
        let mut later = bytes.clone();
        later[0] = 9;
        let mut longer = bytes.clone();
        longer.push(0);
        let cases = [
            (Vec::new(), DecodeError::Damaged),
            (vec![1], DecodeError::Damaged),
            (bytes[..bytes.len() - 1].to_vec(), DecodeError::Damaged),
            (longer, DecodeError::Damaged),
            (later, DecodeError::UnknownVersion(9)),
        ];
        for (wrong, error) in cases {
            assert_eq!(decode_facts(&wrong).err(), Some(error), "facts {}", hex(&wrong));
            assert_eq!(decode_texts(&wrong).err(), Some(error), "texts {}", hex(&wrong));
        }
    }
    assert_eq!(encode_texts(&StepTexts::default()), None);
}
