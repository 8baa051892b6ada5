//! What the limiter promises: bounds, order, fairness, and rates in every minute.

use super::*;

const FREE: Rules = Rules {
    concurrency_max: 1,
    queue_max: 2_000,
    queue_per_student_max: 2,
    requests_per_minute: 0,
    tokens_per_minute: 0,
};

fn student(number: u8) -> StudentId {
    StudentId::new(uuid::Uuid::from_bytes([number; 16]))
}

fn full(rules: Rules, now: Instant) -> Limiter {
    let mut limiter = Limiter::new(rules, now);
    for _ in 0..rules.concurrency_max {
        assert_eq!(limiter.offer(Ticket(u64::MAX), student(255), 100, now), Offer::Admitted);
    }
    limiter
}

#[test]
fn places_and_queues_are_bounded() {
    let now = Instant::now();
    let mut limiter = full(Rules { queue_max: 3, ..FREE }, now);
    for (ticket, who, expected) in [
        (1, 1, Offer::Queued),
        (2, 1, Offer::Queued),
        (3, 1, Offer::Refused),
        (4, 2, Offer::Queued),
        (5, 3, Offer::Refused),
    ] {
        assert_eq!(limiter.offer(Ticket(ticket), student(who), 100, now), expected, "{ticket}");
    }
    assert_eq!((limiter.running(), limiter.queued()), (1, 3));
    assert_eq!(limiter.admit_ready(now), []);
}

#[test]
fn a_place_given_back_goes_to_the_next_in_turn() {
    let now = Instant::now();
    let mut limiter = full(FREE, now);
    for (ticket, who) in [(1, 1), (2, 1), (3, 2)] {
        assert_eq!(limiter.offer(Ticket(ticket), student(who), 2_000, now), Offer::Queued);
    }
    let mut order = Vec::new();
    for _ in 0..3 {
        limiter.release(0, 0, now);
        order.extend(limiter.admit_ready(now));
    }
    assert_eq!(order, [Ticket(1), Ticket(3), Ticket(2)], "students take turns");
    assert_eq!(limiter.queued(), 0);
    limiter.release(0, 0, now);
    assert_eq!(limiter.offer(Ticket(4), student(1), 2_000, now), Offer::Admitted);
}

#[test]
fn a_forgotten_call_frees_its_place_in_the_queue() {
    let now = Instant::now();
    let mut limiter = full(FREE, now);
    assert_eq!(limiter.offer(Ticket(1), student(1), 100, now), Offer::Queued);
    assert!(limiter.forget(Ticket(1), student(1)));
    assert!(!limiter.forget(Ticket(1), student(1)));
    limiter.release(0, 0, now);
    assert_eq!(limiter.admit_ready(now), []);
    assert_eq!(limiter.queued(), 0);
}

#[test]
fn a_greedy_student_gets_no_more_tokens_than_the_others() {
    let now = Instant::now();
    let rules = Rules { queue_per_student_max: 1_000, ..FREE };
    let mut limiter = full(rules, now);
    // Student 0 asks a hundred times as often, and longer; 1 to 9 ask ten times each.
    let mut asked = HashMap::new();
    let mut next = 0;
    let mut ask = |limiter: &mut Limiter, who: u8, tokens: u32| {
        next += 1;
        asked.insert(Ticket(next), (who, tokens));
        assert_eq!(limiter.offer(Ticket(next), student(who), tokens, now), Offer::Queued);
    };
    for _ in 0..1_000 {
        ask(&mut limiter, 0, 4_000);
    }
    for who in 1..10 {
        for _ in 0..10 {
            ask(&mut limiter, who, 1_000);
        }
    }
    let mut served: HashMap<u8, u32> = HashMap::new();
    while (1..10).any(|who| served.get(&who).copied().unwrap_or(0) < 10_000) {
        limiter.release(0, 0, now);
        for ticket in limiter.admit_ready(now) {
            let (who, tokens) = asked[&ticket];
            *served.entry(who).or_default() += tokens;
        }
    }
    let greedy = served.get(&0).copied().unwrap_or(0);
    assert!((4_000..=16_000).contains(&greedy), "{greedy} tokens while the others got 10,000");
}

/// Offers calls of `tokens` as fast as the limiter takes them and counts them by the second.
fn admitted_by_second(rules: Rules, tokens: u32, seconds: usize) -> Vec<u32> {
    let start = Instant::now();
    let mut limiter = Limiter::new(rules, start);
    let mut counts = vec![0; seconds];
    for (second, count) in counts.iter_mut().enumerate() {
        for tenth in 0..10 {
            let offset =
                Duration::from_millis(u64::try_from(second * 1_000 + tenth * 100).unwrap());
            let now = start + offset;
            while limiter.try_take(tokens, now) {
                limiter.release(tokens, tokens, now);
                *count += 1;
            }
        }
    }
    counts
}

#[test]
fn no_minute_sees_more_than_its_limit_and_nine_tenths_are_used() {
    for (rules, tokens, limit) in [
        (Rules { requests_per_minute: 600, ..FREE }, 0, 600),
        (Rules { tokens_per_minute: 60_000, ..FREE }, 100, 600),
        (Rules { requests_per_minute: 60, ..FREE }, 0, 60),
    ] {
        let counts = admitted_by_second(rules, tokens, 180);
        for window in counts.windows(60) {
            let sum: u32 = window.iter().sum();
            assert!(sum <= limit, "{sum} of {limit}");
            assert!(sum * 10 >= limit * 9 - 10, "only {sum} of {limit}");
        }
    }
}

#[test]
fn tokens_that_were_not_used_come_back() {
    let now = Instant::now();
    let rules = Rules { tokens_per_minute: 10_000, concurrency_max: 10, ..FREE };
    let mut limiter = Limiter::new(rules, now);
    assert_eq!(limiter.offer(Ticket(1), student(1), 1_000, now), Offer::Admitted);
    assert_eq!(limiter.offer(Ticket(2), student(2), 500, now), Offer::Queued);
    assert_eq!(limiter.admit_ready(now), []);
    limiter.release(1_000, 200, now);
    assert_eq!(limiter.admit_ready(now), [Ticket(2)]);
}

#[test]
fn the_wait_for_tokens_is_known_and_true() {
    let start = Instant::now();
    let rules = Rules { tokens_per_minute: 6_000, concurrency_max: 10, ..FREE };
    let mut limiter = Limiter::new(rules, start);
    assert_eq!(limiter.offer(Ticket(1), student(1), 600, start), Offer::Admitted);
    assert_eq!(limiter.offer(Ticket(2), student(2), 90, start), Offer::Queued);
    let wait = limiter.until_refilled(start).unwrap();
    assert_eq!(wait, Duration::from_secs(1));
    assert_eq!(limiter.admit_ready(start + wait - Duration::from_millis(1)), []);
    assert_eq!(limiter.admit_ready(start + wait), [Ticket(2)]);
}

#[test]
fn a_call_larger_than_the_burst_is_let_through_and_paid_off() {
    let start = Instant::now();
    let rules = Rules { tokens_per_minute: 6_000, concurrency_max: 10, ..FREE };
    let mut limiter = Limiter::new(rules, start);
    assert_eq!(limiter.offer(Ticket(1), student(1), 3_000, start), Offer::Admitted);
    assert_eq!(limiter.offer(Ticket(2), student(2), 90, start), Offer::Queued);
    assert!(limiter.until_refilled(start).unwrap() > Duration::from_secs(20));
}
