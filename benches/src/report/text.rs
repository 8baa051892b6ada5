//! The report for a terminal.

use std::fmt::Write;

use super::Report;
use crate::measure::Measure;

/// Renders the report.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to memory doesn't fail.
    let _in_memory = head(&mut out, report)
        .and_then(|()| measures(&mut out, report))
        .and_then(|()| sums(&mut out, report))
        .and_then(|()| ends(&mut out, report));
    out
}

fn head(out: &mut String, report: &Report) -> std::fmt::Result {
    let scenario = &report.scenario;
    let pace = match scenario.rate_per_s {
        Some(rate) => format!("open loop, {rate} asks/s"),
        None => format!("closed loop, {} ms to think", scenario.think_ms),
    };
    let (students, turns) = (scenario.students, scenario.turns);
    writeln!(out, "{}: {students} students x {turns} turns, {pace}", scenario.name)?;
    let machine = &report.machine;
    writeln!(
        out,
        "target {}, {} cores, {} MiB, Linux {}, {}",
        report.target, machine.cores, machine.memory_mib, machine.kernel, machine.processor
    )?;
    if report.interrupted {
        writeln!(out, "INTERRUPTED: the figures are those of a part of the run")?;
    }
    if report.saturated {
        writeln!(out, "SATURATED: the load tester itself stalled; don't blame the server")?;
    }
    Ok(())
}

fn measures(out: &mut String, report: &Report) -> std::fmt::Result {
    let titles = ["ms", "samples", "p50", "p90", "p99", "p99.9", "max"];
    write!(out, "\n{:<18}{:>9}", titles[0], titles[1])?;
    for title in &titles[2..] {
        write!(out, "{title:>11}")?;
    }
    for measure in Measure::ALL {
        let Some(all) = report.measures.get(&measure) else { continue };
        write!(out, "\n{:<18}{:>9}", label(measure), all.count)?;
        for value in [all.p50_ms, all.p90_ms, all.p99_ms, all.p999_ms, all.max_ms] {
            write!(out, "{value:>11.2}")?;
        }
    }
    writeln!(out, "\n(from the intended start; the last line is how late this program woke up)")
}

fn label(measure: Measure) -> &'static str {
    match measure {
        Measure::FirstToken => "first token",
        Measure::AddedFirstToken => "added first token",
        Measure::Stall => "own stall",
        Measure::Connect | Measure::Ack | Measure::Route | Measure::Done | Measure::Resume => {
            measure.name()
        }
    }
}

fn sums(out: &mut String, report: &Report) -> std::fmt::Result {
    let counts = report.counts.iter().map(|(count, value)| format!("{} {value}", count.name()));
    writeln!(out, "\n{}", counts.collect::<Vec<_>>().join(" · "))?;
    writeln!(out, "{:.1} answers/s", report.turns_per_s)?;
    let sources = report.sources.iter().map(|(source, count)| format!("{source} {count}"));
    writeln!(out, "answers by source: {}", listed(&sources.collect::<Vec<_>>()))?;
    let errors = report.errors.iter().map(|(code, count)| format!("{code} {count}"));
    writeln!(out, "errors: {}", listed(&errors.collect::<Vec<_>>()))
}

fn listed(parts: &[String]) -> String {
    if parts.is_empty() { "none".to_owned() } else { parts.join(" · ") }
}

fn ends(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "violations: {}", report.violations_total)?;
    for violation in report.violations.iter().take(20) {
        writeln!(out, "  {violation}")?;
    }
    if report.violations_total > 20 {
        writeln!(out, "  … the JSON report tells more")?;
    }
    for verdict in &report.verdicts {
        let word = if verdict.held { "held" } else { "BROKEN" };
        let actual = verdict.actual.map_or("not measured".to_owned(), |v| format!("{v:.2}"));
        writeln!(out, "{word:<6}  {} ({actual})", verdict.threshold)?;
    }
    Ok(())
}
