//! Two reports side by side.

use std::fmt::Write;

use crate::report::Report;

/// A table of all figures that both reports or one of them have: before, after, and the ratio.
pub fn compare(before: &Report, after: &Report) -> String {
    let (old, new) = (before.figures(), after.figures());
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out = String::new();
    let mut line = |name: &str, old: &str, new: &str, ratio: &str| {
        // Writing to memory doesn't fail.
        let _in_memory = writeln!(out, "{name:<28}{old:>14}{new:>14}{ratio:>9}");
    };
    line("figure", "before", "after", "ratio");
    for name in names {
        let (old, new) = (old.get(name), new.get(name));
        line(name, &shown(old), &shown(new), &ratio(old, new));
    }
    for difference in differences(before, after) {
        // The same: a warning is one more line of the table.
        let _in_memory = writeln!(out, "not alike: {difference}");
    }
    out
}

/// What makes the two hard to compare.
fn differences(before: &Report, after: &Report) -> Vec<&'static str> {
    let (old, new) = (&before.scenario, &after.scenario);
    let checks = [
        (before.machine != after.machine, "the machine"),
        ((old.students, old.turns) != (new.students, new.turns), "students or turns"),
        (old.think_ms != new.think_ms, "the time to think"),
        (old.rate_per_s != new.rate_per_s, "the rate"),
        (
            old.provider_first_token_ms != new.provider_first_token_ms,
            "the provider's time to first token",
        ),
        (before.interrupted || after.interrupted, "one was interrupted"),
        (before.saturated || after.saturated, "the load tester was saturated"),
    ];
    checks.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect()
}

fn shown(value: Option<&f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}

fn ratio(before: Option<&f64>, after: Option<&f64>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if *before > 0.0 => format!("x{:.2}", after / before),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn ratios_are_after_over_before() {
        let table = compare(&sample(10.0), &sample(25.0));
        let line = table.lines().find(|line| line.starts_with("ack_p99_ms")).expect("a line");
        assert_eq!(line.split_whitespace().collect::<Vec<_>>()[1..], ["10.00", "25.00", "x2.50"]);
        assert!(!table.contains("not alike"));
    }

    #[test]
    fn a_ratio_needs_both_and_no_zero() {
        assert_eq!(ratio(Some(&0.0), Some(&1.0)), "-");
        assert_eq!(ratio(None, Some(&1.0)), "-");
    }

    #[test]
    fn what_differs_is_told() {
        let mut after = sample(10.0);
        after.scenario.think_ms = 9;
        after.saturated = true;
        let table = compare(&sample(10.0), &after);
        assert!(table.contains("not alike: the time to think"));
        assert!(table.contains("not alike: the load tester was saturated"));
    }
}
