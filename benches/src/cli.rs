//! The command line: what can be asked of `learnflow-bench`, and with which code it ends.

mod learning;
mod load;
mod progress;
mod simulate;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use learnflow_bench::compare::compare;
use learnflow_bench::provider::Fault;
use learnflow_bench::report::Report;
use learnflow_bench::scenario::Scenario;
use learnflow_bench::threshold::figure_names;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As it should.
    Fine,
    /// It failed, or the server broke its contract.
    Failed,
    /// It was asked for something that makes no sense.
    Usage,
    /// A threshold was broken.
    Threshold,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Threshold => 99,
        })
    }
}

/// Load tester of LearnFlow, and a simulated model provider.
#[derive(Debug, Parser)]
#[command(
    name = "learnflow-bench",
    version,
    after_help = "Exit codes: 0 fine, 1 failed or the \
    server broke its contract, 2 usage, 99 a threshold was broken."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let virtual students ask, and measure; `run learning` lets simulated students learn.
    Run(Box<RunArgs>),
    /// Compare two JSON reports.
    Compare {
        /// The report before.
        before: PathBuf,
        /// The report after.
        after: PathBuf,
    },
    /// Show a JSON report.
    Report {
        /// The report.
        file: PathBuf,
        /// Write it as one HTML page.
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Name the scenarios that come along, and all figures that thresholds can hold.
    List,
    /// Check a scenario file.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Be an `OpenAI`-compatible provider whose pace, faults and ledger a test can set and read.
    Provider(ProviderArgs),
}

/// What a run needs.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A scenario that comes along, or a file. Flags change it.
    #[arg(required_unless_present = "students")]
    scenario: Option<String>,
    /// The server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    target: String,
    /// Virtual students.
    #[arg(long)]
    students: Option<u32>,
    /// Simulated days; of `learning` only, which knows `--students`, `--seed` and `--json` besides.
    #[arg(long)]
    days: Option<u16>,
    /// Asks of each student.
    #[arg(long)]
    turns: Option<u32>,
    /// Closed loop: the mean pause between a done and the next ask.
    #[arg(long)]
    think_ms: Option<u64>,
    /// Open loop: asks a second of all students together.
    #[arg(long, value_name = "PER_S")]
    rate: Option<f64>,
    /// Closed loop: spread the first asks over this long.
    #[arg(long)]
    ramp_ms: Option<u64>,
    /// Asks that are due this early don't count.
    #[arg(long)]
    warmup_ms: Option<u64>,
    /// Stay connected this long after the last answer.
    #[arg(long)]
    hold_ms: Option<u64>,
    /// An ask without done after this long is unanswered.
    #[arg(long)]
    deadline_ms: Option<u64>,
    /// Connections a second at the start.
    #[arg(long, value_name = "PER_S")]
    connects: Option<f64>,
    /// What the provider is set to: taken off the time to first token.
    #[arg(long, value_name = "MS")]
    provider_first_token_ms: Option<u64>,
    /// Seeds pauses and questions.
    #[arg(long)]
    seed: Option<u64>,
    /// A file of accounts to use, and to write those to that were made. Holds passwords.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// Sign-ups at a time.
    #[arg(long, default_value_t = 4)]
    sign_ups: usize,
    /// Write the report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as one HTML page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write what every student saw as JSON, without texts.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// What must hold, such as `ack_p99_ms<=100`. May be given more than once.
    #[arg(long = "threshold", value_name = "FIGURE<=NUMBER")]
    thresholds: Vec<String>,
    /// The target may be another machine: it is yours, and its users know.
    #[arg(long)]
    i_own_this_target: bool,
}

/// How the provider behaves.
#[derive(Debug, Args)]
pub(crate) struct ProviderArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// From a call to its first content.
    #[arg(long, default_value_t = 200)]
    first_token_ms: u64,
    /// Tokens a second after the first; 0 sends all at once.
    #[arg(long, default_value_t = 50)]
    tokens_per_s: u32,
    /// Tokens of an answer.
    #[arg(long, default_value_t = 60)]
    answer_tokens: u32,
    /// The fault that calls meet.
    #[arg(long, value_enum, default_value_t = Fault::None)]
    fault: Fault,
    /// The share of calls that meet the fault, 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    fault_rate: f64,
    /// How many calls meet the fault at most.
    #[arg(long)]
    fault_calls: Option<u64>,
    /// How long a hanging call hangs at most.
    #[arg(long, default_value_t = 120_000)]
    hang_ms: u64,
    /// Append a line of JSON to this file whenever a call ends.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Keep request bodies for GET /calls?contains=TEXT. They hold what students wrote.
    #[arg(long)]
    keep_bodies: bool,
}

impl Cli {
    /// Does what was asked.
    pub(crate) async fn execute(self) -> Exit {
        match self.command {
            Command::Run(args) if args.scenario.as_deref() == Some(learning::NAME) => {
                learning::run(&args)
            }
            Command::Run(args) if args.days.is_some() => {
                complain(Exit::Usage, &"--days belongs to `run learning`")
            }
            Command::Run(args) => Box::pin(load::run(*args)).await,
            Command::Provider(args) => simulate::provider(args).await,
            Command::List => say(&list()),
            Command::Check { file } => match Scenario::read(&file) {
                Ok(scenario) => say(&format!("{}: {} is sound", file.display(), scenario.name)),
                Err(problem) => complain(Exit::Failed, &problem),
            },
            Command::Report { file, html } => show(&file, html),
            Command::Compare { before, after } => {
                let both = Report::read(&before).and_then(|old| Ok((old, Report::read(&after)?)));
                match both {
                    Ok((before, after)) => say(&compare(&before, &after)),
                    Err(problem) => complain(Exit::Failed, &problem),
                }
            }
        }
    }
}

fn list() -> String {
    let mut lines = vec!["Scenarios:".to_owned()];
    for name in Scenario::built_in_names() {
        let description = Scenario::find(name).map(|scenario| scenario.description);
        lines.push(format!("  {name:<10} {}", description.unwrap_or_default()));
    }
    lines.push(format!(
        "  {:<10} {}",
        learning::NAME,
        "Simulated students learn for some weeks of simulated time; no server, other figures."
    ));
    lines.push("Figures:".to_owned());
    lines.extend(figure_names().iter().map(|name| format!("  {name}")));
    lines.join("\n")
}

fn show(file: &std::path::Path, html: Option<PathBuf>) -> Exit {
    let report = match Report::read(file) {
        Ok(report) => report,
        Err(problem) => return complain(Exit::Failed, &problem),
    };
    let Some(path) = html else { return say(report.to_text().trim_end()) };
    match std::fs::write(&path, report.to_html()) {
        Ok(()) => Exit::Fine,
        Err(problem) => complain(Exit::Failed, &format!("{}: {problem}", path.display())),
    }
}

/// Writes to standard output. A reader that went away is no failure.
pub(crate) fn say(text: &str) -> Exit {
    match writeln!(io::stdout(), "{text}") {
        Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => Exit::Failed,
        Ok(()) | Err(_) => Exit::Fine,
    }
}

/// Writes to standard error, and answers the exit that it was given.
pub(crate) fn complain(exit: Exit, problem: &dyn std::fmt::Display) -> Exit {
    // Nobody is left to tell that standard error is closed.
    let _unheard = writeln!(io::stderr(), "learnflow-bench: {problem}");
    exit
}

/// Completes when the user or the system asks the program to end.
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _interrupted = tokio::signal::ctrl_c().await;
        }
    }
}
