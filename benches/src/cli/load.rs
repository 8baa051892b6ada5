//! `learnflow-bench run`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use learnflow_bench::account_file;
use learnflow_bench::client::{Account, Http, Target};
use learnflow_bench::machine::open_file_limit;
use learnflow_bench::measure::Board;
use learnflow_bench::report::Report;
use learnflow_bench::run::{Outcome, run as run_scenario};
use learnflow_bench::scenario::Scenario;
use learnflow_bench::threshold::Threshold;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::progress::Progress;
use super::{Exit, RunArgs, asked_to_stop, complain, say};

/// Files that a run needs besides its sockets.
const SPARE_FILES: u64 = 64;

/// Runs a scenario and tells what came of it.
pub(super) async fn run(args: RunArgs) -> Exit {
    let (scenario, thresholds, target) = match understood(&args) {
        Ok(understood) => understood,
        Err(problem) => return complain(Exit::Usage, &problem),
    };
    if open_file_limit().is_some_and(|limit| limit < u64::from(scenario.students) + SPARE_FILES) {
        let problem = "too few open files are allowed for so many students: see `ulimit -n`";
        return complain(Exit::Failed, &problem);
    }
    let progress = Progress::new();
    let prepared = prepare(&args, &scenario, target, &progress).await;
    let (http, accounts) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            progress.end();
            return complain(Exit::Failed, &problem);
        }
    };
    let started_unix_s = unix_seconds();
    let mut outcome = observed(&scenario, &http, &accounts, &progress).await;
    let histories = std::mem::take(&mut outcome.histories);
    let report = Report::new(&scenario, &args.target, started_unix_s, outcome, &thresholds);
    say(report.to_text().trim_end());
    let written = write_json(args.json.as_deref(), &report)
        .and_then(|()| write_json(args.history.as_deref(), &histories))
        .and_then(|()| args.html.as_deref().map_or(Ok(()), |path| write(path, &report.to_html())));
    if let Err(problem) = written {
        return complain(Exit::Failed, &problem);
    }
    verdict(&report)
}

/// A broken contract weighs more than a broken threshold.
fn verdict(report: &Report) -> Exit {
    let got_no_answer = report.figures().get("answered").is_none_or(|answered| *answered < 1.0);
    if report.violations_total > 0 {
        Exit::Failed
    } else if !report.held() {
        Exit::Threshold
    } else if report.interrupted || got_no_answer {
        Exit::Failed
    } else {
        Exit::Fine
    }
}

/// The scenario with the flags' changes, its thresholds, and the target.
fn understood(args: &RunArgs) -> Result<(Scenario, Vec<Threshold>, Target), String> {
    let mut scenario = match &args.scenario {
        Some(name) => Scenario::find(name).map_err(|problem| problem.to_string())?,
        None => Scenario::unnamed(1, 1),
    };
    change(&mut scenario, args);
    let thresholds = scenario.validate().map_err(|problem| problem.to_string())?;
    let target = Target::parse(&args.target).map_err(|problem| problem.to_string())?;
    if !(target.is_loopback() || args.i_own_this_target) {
        return Err("the target is another machine: say --i-own-this-target".to_owned());
    }
    Ok((scenario, thresholds, target))
}

fn change(scenario: &mut Scenario, args: &RunArgs) {
    scenario.students = args.students.unwrap_or(scenario.students);
    scenario.turns = args.turns.unwrap_or(scenario.turns);
    scenario.think_ms = args.think_ms.unwrap_or(scenario.think_ms);
    scenario.rate_per_s = args.rate.or(scenario.rate_per_s);
    scenario.ramp_ms = args.ramp_ms.or(scenario.ramp_ms);
    scenario.warmup_ms = args.warmup_ms.unwrap_or(scenario.warmup_ms);
    scenario.hold_ms = args.hold_ms.unwrap_or(scenario.hold_ms);
    scenario.deadline_ms = args.deadline_ms.unwrap_or(scenario.deadline_ms);
    scenario.connects_per_s = args.connects.unwrap_or(scenario.connects_per_s);
    scenario.seed = args.seed.unwrap_or(scenario.seed);
    scenario.provider_first_token_ms =
        args.provider_first_token_ms.or(scenario.provider_first_token_ms);
    scenario.thresholds.extend(args.thresholds.iter().cloned());
}

async fn prepare(
    args: &RunArgs,
    scenario: &Scenario,
    target: Target,
    progress: &Progress,
) -> Result<(Http, Vec<Account>), String> {
    let http = Http::new(target).map_err(|problem| problem.to_string())?;
    let known = match &args.accounts {
        Some(path) => account_file::read(path).map_err(|problem| problem.to_string())?,
        None => Vec::new(),
    };
    progress.begin("accounts", u64::from(scenario.students));
    let wanted = usize::try_from(scenario.students).unwrap_or(usize::MAX);
    let spare = known.get(wanted..).map(<[_]>::to_vec).unwrap_or_default();
    let tick = |place: usize| progress.at(place as u64);
    let provided = account_file::provide(&http, known, wanted, args.sign_ups, tick).await;
    let accounts = provided.map_err(|problem| problem.to_string())?;
    if let Some(path) = &args.accounts {
        let all = [accounts.clone(), spare].concat();
        account_file::write(path, &all).map_err(|problem| problem.to_string())?;
    }
    Ok((http, accounts))
}

/// Runs with progress, until it is over or somebody stops it.
async fn observed(
    scenario: &Scenario,
    http: &Http,
    accounts: &[Account],
    progress: &Progress,
) -> Outcome {
    let board = Arc::new(Board::default());
    let stop = CancellationToken::new();
    progress.begin("turns", u64::from(scenario.students) * u64::from(scenario.turns));
    let mut beside = JoinSet::new();
    let (shown, followed) = (progress.clone(), Arc::clone(&board));
    beside.spawn(async move { shown.follow(followed).await });
    let stopper = stop.clone();
    beside.spawn(async move {
        asked_to_stop().await;
        stopper.cancel();
    });
    let name = Uuid::new_v4().simple().to_string()[..8].to_owned();
    let outcome = run_scenario(scenario.clone(), http, accounts, name, board, stop).await;
    beside.shutdown().await;
    progress.end();
    outcome
}

pub(super) fn write_json<T: serde::Serialize>(
    path: Option<&Path>,
    value: &T,
) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let json = serde_json::to_string_pretty(value);
    write(path, &json.map_err(|problem| format!("{}: {problem}", path.display()))?)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|problem| format!("{}: {problem}", path.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the report says when the run was; nothing decides by it"
)]
fn unix_seconds() -> u64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs()
}
