//! A small class over some simulated days: the same again, and in an order that makes sense.
#![cfg(test)]

use std::sync::LazyLock;

use learnflow_bench::learning::figures::Figures;
use learnflow_bench::learning::report::LearningReport;
use learnflow_bench::learning::{Setting, run};

const SETTING: Setting = Setting { students: 20, days: 6, seed: 2 };

static REPORT: LazyLock<LearningReport> =
    LazyLock::new(|| run(SETTING, |_| {}).expect("the built-in course is sound"));

#[test]
fn the_same_seed_gives_the_same_report_and_another_seed_another() {
    let small = Setting { students: 6, days: 4, seed: 3 };
    let json = |setting| {
        serde_json::to_string(&run(setting, |_| {}).expect("the built-in course is sound"))
            .expect("JSON")
    };
    assert_eq!(json(small), json(small));
    assert_ne!(json(small), json(Setting { seed: 4, ..small }));
    let back: LearningReport = serde_json::from_str(&json(small)).expect("it is read back");
    assert_eq!(serde_json::to_string(&back).expect("JSON"), json(small));
}

#[test]
fn who_learns_faster_knows_more_and_sooner() {
    let by = |name: &str| &REPORT.guided.by_profile[name];
    let (slow, quick) = (by("remedial"), by("excellent"));
    assert!(slow.topics_known < quick.topics_known, "{slow:?} {quick:?}");
    assert!(slow.recalled < quick.recalled, "{slow:?} {quick:?}");
    assert!(slow.days_to_known > quick.days_to_known, "{slow:?} {quick:?}");
}

/// In the first week. Later the books catch up, as `docs/learning.md` tells.
#[test]
fn with_the_tutor_as_much_is_recalled_after_a_week_as_with_the_whole_book() {
    let (guided, book) = (&REPORT.guided.total, &REPORT.book.total);
    assert!(guided.recalled >= book.recalled, "{} {}", guided.recalled, book.recalled);
    assert!(guided.recalled_per_hour >= book.recalled_per_hour, "{guided:?} {book:?}");
}

#[test]
fn planted_struggles_are_noticed_more_often_than_others() {
    let told = |figures: &Figures| {
        let alerts = &figures.alerts;
        (alerts.recall_pct.unwrap_or(0.0), alerts.others_alerted_pct.unwrap_or(100.0))
    };
    for arm in [&REPORT.guided, &REPORT.book, &REPORT.short_book] {
        let (planted, others) = told(&arm.total);
        assert!(planted > others, "{planted} {others}");
    }
}

#[test]
fn the_report_says_all_of_it_in_words() {
    let text = REPORT.to_text();
    for told in ["20 students x 6 days", "remedial", "excellent", "precision", "recall", "tutor:"] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    println!("{text}");
}
