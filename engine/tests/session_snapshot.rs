//! The snapshot in the fullest state that a session can reach, and in wrong hands.
#![cfg(test)]

use learnflow_engine::clock::Timestamp;
use learnflow_engine::course::model::{Course, ExerciseId, TopicId};
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::event::DecodeError;
use learnflow_engine::event::practice::{Climb, Practice};
use learnflow_engine::event::v1::{
    AgeBand, AttemptCause, Consent, Event, Policy, Timer, TurnStatus,
};
use learnflow_engine::id::{CommandId, SectionId, StudentId, TurnId};
use learnflow_engine::invariants;
use learnflow_engine::port::model::{AnswerSource, FinishReason, Usage};
use learnflow_engine::progress::quiz_round::{QuizRound, RoundEnd};
use learnflow_engine::progress::review::Card;
use learnflow_engine::progress::{Change, Correctness, Known, Points, struggle};
use learnflow_engine::session::command::Rating;
use learnflow_engine::session::evolve::{StepHead, apply};
use learnflow_engine::session::state::{
    COMMAND_LIMIT, Position, QUEUE_LIMIT, ROUTE_LIMIT, SHOWN_LIMIT, SUMMARY_LIMIT_BYTES, State,
    WINDOW_LIMIT,
};
use learnflow_engine::snapshot;
use learnflow_engine::tutor::leak::Exposure;
use learnflow_engine::tutor::triage::Agent;
use uuid::Uuid;

/// Turns that the student has had, of every kind.
const TURNS: u64 = 10_000;
/// Longest last part of an exercise's id.
const NAME_LIMIT_BYTES: usize = 40;
const COMMAND_RING_BYTES: usize = 3_072;

struct Builder {
    state: State,
    topics: Vec<TopicId>,
    longest: TopicId,
    exercise: ExerciseId,
    commands: u64,
}

impl Builder {
    fn new() -> Self {
        let course = Course::builtin().expect("the course that comes with the engine is valid");
        let topics: Vec<TopicId> = course.topics().iter().map(|topic| topic.id.clone()).collect();
        let longest = topics.iter().max_by_key(|topic| topic.as_str().len()).unwrap().clone();
        let name = "x".repeat(NAME_LIMIT_BYTES);
        let exercise = ExerciseId::parse(&format!("{longest}.{name}")).expect("an id");
        let state = State::new(StudentId::new(Uuid::from_u128(u128::MAX)));
        Self { state, topics, longest, exercise, commands: 0 }
    }

    fn step(&mut self, events: &[Event]) {
        let before = self.state.clone();
        let offset = 1 << 40 | self.state.rev;
        let position = Some(Position { generation: i64::MAX, partition: i32::MAX, offset });
        let head = StepHead { rev: self.state.rev + 1, position, at: self.at() };
        apply(&mut self.state, &head, events);
        assert_eq!(invariants::step(&before, events, &self.state), Ok(()));
    }

    /// Microseconds of a far year: as long as a time gets.
    fn at(&self) -> Timestamp {
        Timestamp::from_millis(4_000_000_000_000 + self.state.rev * 1_000)
    }

    fn command(&mut self) -> CommandId {
        self.commands += 1;
        CommandId::new(Uuid::from_u128(u128::from(self.commands) << 64))
    }

    fn asked(&mut self, number: u64) -> Event {
        Event::Asked {
            turn: turn(number),
            command: self.command(),
            tokens: 60_000,
            exercise: Some(self.exercise.clone()),
            topic: Some(self.longest.clone()),
            at: self.at(),
        }
    }

    fn started(&self, number: u64, topic: TopicId) -> [Event; 2] {
        let timer = Timer::TurnOverdue(turn(number));
        let started = Event::Started {
            turn: turn(number),
            agent: Agent::OffTopic,
            topic: Some(topic),
            confidence_pct: 100,
            at: self.at(),
        };
        [started, Event::TimerSet { timer, due: self.at().plus_millis(150_000) }]
    }

    fn ended(&self, number: u64, status: TurnStatus) -> Event {
        Event::Ended {
            turn: turn(number),
            status,
            agent: Some(Agent::OffTopic),
            source: Some(AnswerSource::Offline),
            finish: Some(FinishReason::Length),
            usage: Some(Usage { prompt_tokens: 60_000, completion_tokens: u32::MAX }),
            tokens: 60_000,
            ms: i64::MAX,
            code: Some(ErrorCode::Internal),
            at: self.at(),
        }
    }

    /// One turn of each kind in its turn; every thirteenth is rated, every seventh recovered.
    fn turn(&mut self, number: u64) {
        let asked = self.asked(number);
        let topic = usize::try_from(number).unwrap() % self.topics.len();
        let [started, timer] = self.started(number, self.topics[topic].clone());
        self.step(&[asked, started, timer]);
        if number.is_multiple_of(7) {
            let cause = [AttemptCause::Crash, AttemptCause::HandOver, AttemptCause::StreamCut]
                [usize::try_from(number % 3).unwrap()];
            self.step(&[Event::AttemptRaised { turn: turn(number), attempt: 2, cause }]);
        }
        let status = [TurnStatus::Complete, TurnStatus::Cancelled, TurnStatus::Failed]
            [usize::try_from(number % 3).unwrap()];
        let timer = Timer::TurnOverdue(turn(number));
        let mut events = vec![self.ended(number, status), Event::TimerCleared { timer }];
        if self.state.window.len() == WINDOW_LIMIT {
            let extract = "\u{1F980}".repeat(185);
            events.push(Event::Folded { turn: self.state.window[0].turn, extract });
        }
        self.step(&events);
        if number.is_multiple_of(13) {
            let command = self.command();
            self.step(&[Event::Rated { command, turn: turn(number), rating: Rating::Down }]);
        }
    }
}

impl Builder {
    /// Everything of the course, to the highest numbers: each topic graded in every way and many
    /// times, each exercise passed, all ladders climbed.
    fn practise(&mut self) {
        let course = Course::builtin().unwrap();
        let full = Points::FULL;
        for topic in course.topics() {
            let key = topic.id.key();
            let mut card = Card::of_parts(260_000_000, 10_000_000, u32::MAX, u32::MAX);
            (card.reviews, card.lapses) = (u16::MAX, u8::MAX);
            let mut events = vec![
                Change::Quality { topic: key, points: full, component: full },
                Change::Traced { topic: key, known: Known::from_millionths(999_999) },
                Change::Reviewed { topic: key, card },
                Change::StreakDay { day: u16::MAX, days: u16::MAX },
            ];
            events.extend(topic.quiz.iter().map(|item| Change::Quiz {
                topic: key,
                item: item.id.key(),
                correctness: Correctness::Correct,
                component: full,
                round: QuizRound { base: Some(full), correct: 4, answered: 4 },
                end: RoundEnd::Ended { percent: full },
            }));
            events.extend(topic.exercises.iter().map(|exercise| Change::Exercise {
                topic: key,
                exercise: exercise.id.key(),
                points: full,
                correctness: Correctness::Correct,
                component: full,
            }));
            // Counters stop at 9,999.
            let many =
                topic.exercises.iter().cycle().take(10_000).map(|exercise| Change::Exercise {
                    topic: key,
                    exercise: exercise.id.key(),
                    points: full,
                    correctness: Correctness::Correct,
                    component: full,
                });
            events.extend(many);
            let practised = |change| Event::Practice(Practice::Learned { change });
            self.step(&events.into_iter().map(practised).collect::<Vec<_>>());
            for exercise in &topic.exercises {
                self.hint(&exercise.id);
            }
        }
        let exercise = self.exercise.clone();
        self.step(&[Event::Practice(Practice::Opened { exercise, at: self.at() })]);
    }

    /// A hint of the last rung, whose turn is folded at once: the window stays as it is.
    fn hint(&mut self, exercise: &ExerciseId) {
        let number = u64::MAX / 2 + self.commands;
        let command = self.command();
        let given = Event::Practice(Practice::HintGiven {
            turn: turn(number),
            command,
            exercise: exercise.clone(),
            rung: 5,
            climb: Climb::Climbed,
            wait_ms: u32::MAX,
            tokens: 60_000,
            at: self.at(),
        });
        let folded = Event::Folded { turn: turn(number), extract: String::new() };
        self.step(&[given, folded]);
    }
}

/// An id whose bytes are all in use.
fn turn(number: u64) -> TurnId {
    TurnId::new(Uuid::from_u128(u128::MAX - u128::from(number)))
}

fn fullest() -> State {
    let mut builder = Builder::new();
    let sections = (0..8).map(|n| SectionId::new(Uuid::from_u128(u128::MAX - n))).collect();
    let at = builder.at();
    builder.step(&[Event::Created {
        age_band: AgeBand::Adult,
        consent: Consent::Granted,
        sections,
        policy: Policy { highest_rung: 5 },
        at,
    }]);
    for slot in 0..10 {
        let slot = i32::MAX - slot;
        builder.step(&[Event::RouteAdded { slot, slot_epoch: i64::MAX }]);
    }
    for number in 0..TURNS {
        builder.turn(number);
    }
    builder.practise();
    let asked = builder.asked(TURNS);
    let [started, timer] = builder.started(TURNS, builder.longest.clone());
    builder.step(&[asked, started, timer]);
    for waiting in 1..=u64::try_from(QUEUE_LIMIT).unwrap() {
        let asked = builder.asked(TURNS + waiting);
        builder.step(&[asked]);
    }
    let cause = AttemptCause::HandOver;
    builder.step(&[Event::AttemptRaised { turn: turn(TURNS), attempt: i16::MAX, cause }]);
    let exercises = Course::builtin().unwrap();
    let exercises = exercises.topics().iter().flat_map(|topic| &topic.exercises);
    for exercise in exercises.take(2 * SHOWN_LIMIT) {
        let shown = Exposure::from_bits(u32::MAX);
        let exposed = Practice::Exposed { exercise: exercise.id.clone(), shown, at: builder.at() };
        builder.step(&[Event::Practice(exposed)]);
    }
    let cause = AttemptCause::Rewrite;
    builder.step(&[Event::AttemptRaised { turn: turn(TURNS), attempt: i16::MAX, cause }]);
    // A full summary: what was folded so far leaves room for whole extracts only.
    let room = SUMMARY_LIMIT_BYTES - builder.state.summary.len() - 1;
    let oldest = builder.state.window[0].turn;
    builder.step(&[Event::Folded { turn: oldest, extract: "y".repeat(room) }]);
    let (question_rev, tokens) = (builder.state.rev, u32::MAX);
    builder.state.window.push_back(learnflow_engine::session::state::WindowTurn {
        turn: oldest,
        question_rev,
        answer_rev: question_rev,
        tokens,
    });
    builder.state
}

#[test]
fn the_fullest_state_takes_at_most_8_kib_and_so_does_each_part() {
    let state = fullest();
    assert_eq!(invariants::state(&state), Ok(()));
    assert_eq!(state.learning.topics().len(), 31, "every topic of the course was touched");
    assert_eq!(state.commands.len(), COMMAND_LIMIT);
    assert_eq!(state.window.len(), WINDOW_LIMIT);
    assert_eq!(state.queue.len(), QUEUE_LIMIT);
    assert_eq!(state.routes.len(), ROUTE_LIMIT);
    assert_eq!(state.summary.len(), SUMMARY_LIMIT_BYTES);
    assert!(state.running.is_some() && state.timers.len() == 1);
    assert!(state.turns_total > 10_000 && state.complete_total > 3_000);

    let size = |part: Result<Vec<u8>, postcard::Error>| part.expect("a part encodes").len();
    let ring = size(postcard::to_stdvec(&state.commands));
    // The length of the ring takes two bytes more.
    assert_eq!(ring, COMMAND_RING_BYTES + 2);
    assert!(size(postcard::to_stdvec(&state.summary)) <= SUMMARY_LIMIT_BYTES + 2);
    let learning = size(postcard::to_stdvec(&state.learning));
    let ladders = size(postcard::to_stdvec(&state.ladders));
    assert!(learning + ladders <= 3_072, "learning takes {learning} and {ladders} bytes");
    let whole = snapshot::encode(&state);
    // What is remembered of struggles has a bound and tests of its own.
    let struggle = size(postcard::to_stdvec(&state.struggle));
    let fullest = whole.len() - struggle + struggle::LIMIT_BYTES;
    println!("snapshot: {fullest} bytes, learning {learning}, ladders {ladders}, ring {ring}");
    assert!(fullest <= snapshot::LIMIT_BYTES, "the whole takes {fullest} bytes");
    assert_eq!(snapshot::decode(&whole), Ok(state));
}

#[test]
fn an_empty_state_rests_and_comes_back() {
    let state = State::new(StudentId::new(Uuid::from_u128(1)));
    assert_eq!(snapshot::decode(&snapshot::encode(&state)), Ok(state));
}

#[test]
fn what_is_no_snapshot_of_this_version_says_so() {
    let bytes = snapshot::encode(&State::new(StudentId::new(Uuid::from_u128(1))));
    let mut later = bytes.clone();
    later[0] = 9;
    assert_eq!(snapshot::decode(&later), Err(DecodeError::UnknownVersion(9)));
    for wrong in [
        &[][..],
        &[1],
        &[2],
        &[1, 2, 3, 4],
        &[2, 2, 3, 4, 5],
        &[3, 2, 3, 4, 5],
        &bytes[..bytes.len() - 1],
    ] {
        assert_eq!(snapshot::decode(wrong), Err(DecodeError::Damaged), "{wrong:?}");
    }
    // A right checksum over too much.
    let mut longer = bytes[..bytes.len() - 4].to_vec();
    longer.push(0);
    longer.extend_from_slice(&blake3::hash(&longer).as_bytes()[..4]);
    assert_eq!(snapshot::decode(&longer), Err(DecodeError::Damaged));
}
