//! `learnflow-bench run learning`.

use learnflow_bench::learning::{self, Setting};

use super::progress::Progress;
use super::{Exit, RunArgs, complain, load, say};

/// The scenario's name.
pub(super) const NAME: &str = "learning";

/// Simulates learning and tells what came of it. Needs no server.
pub(super) fn run(args: &RunArgs) -> Exit {
    let usual = Setting::default();
    let setting = Setting {
        students: args
            .students
            .map_or(usual.students, |students| usize::try_from(students).unwrap_or(usize::MAX)),
        days: args.days.unwrap_or(usual.days),
        seed: args.seed.unwrap_or(usual.seed),
    };
    if setting.students == 0 || setting.days == 0 {
        return complain(Exit::Usage, &"students and days must be at least 1");
    }
    let progress = Progress::new();
    let lessons = u64::try_from(setting.students).unwrap_or(u64::MAX).saturating_mul(3);
    progress.begin("lessons", lessons);
    let report = learning::run(setting, |done| progress.at(done as u64));
    progress.end();
    let report = match report {
        Ok(report) => report,
        Err(problem) => return complain(Exit::Failed, &problem),
    };
    say(report.to_text().trim_end());
    match load::write_json(args.json.as_deref(), &report) {
        Ok(()) => Exit::Fine,
        Err(problem) => complain(Exit::Failed, &problem),
    }
}
