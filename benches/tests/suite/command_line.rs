//! The built program: its exit codes and the files that it writes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::Ordering;

use learnflow_bench::report::Report;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::PATIENCE;
use crate::fake_server::{FakeServer, Script};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_learnflow-bench"));
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

async fn called(arguments: &[&str]) -> Output {
    let ended = program().args(arguments).output();
    tokio::time::timeout(PATIENCE, ended).await.expect("it ends").expect("it runs")
}

#[track_caller]
fn ended(output: &Output, code: i32, told: &str) {
    let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(told), "{told:?} is not in {text}");
}

#[tokio::test]
async fn what_makes_no_sense_is_a_usage_error() {
    for (arguments, told) in [
        (&["run"][..], "SCENARIO"),
        (&["run", "nowhere"], "no scenario `nowhere`"),
        (&["run", "smoke", "--threshold", "ack<=1"], "no figure `ack`"),
        (&["run", "smoke", "--students", "0"], "students must be"),
        (&["run", "smoke", "--target", "https://localhost"], "is no target"),
        (&["run", "smoke", "--target", "http://192.0.2.1"], "--i-own-this-target"),
        (&["run", "smoke", "--days", "2"], "--days belongs to"),
        (&["run", "learning", "--days", "0"], "at least 1"),
        (&["provider", "--fault-rate", "2"], "0 to 1"),
        (&["provider", "--fault", "odd"], "possible values"),
        (&["dance"], "unrecognized subcommand"),
    ] {
        ended(&called(arguments).await, 2, told);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    ended(&called(&["run", "smoke", "--target", &url]).await, 1, "sign-up failed");
}

#[tokio::test]
async fn a_run_ends_by_what_it_found() {
    let server = FakeServer::start(Script::default()).await;
    let url = server.url();
    let quick = ["run", "smoke", "--think-ms", "0", "--target", &url];
    ended(&called(&quick).await, 0, "held    answered == 15");
    let strict = [&quick[..], &["--threshold", "ack_p99_ms<=0"]].concat();
    ended(&called(&strict).await, 99, "BROKEN  ack_p99_ms<=0");
    server.inside.script.lock().differs = Some("another text".to_owned());
    ended(&called(&strict).await, 1, "TextDiffers");
}

#[tokio::test]
async fn reports_and_accounts_are_written_and_read() {
    let server = FakeServer::start(Script::default()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (json, html, accounts) = (path("a.json"), path("a.html"), path("accounts.json"));
    let (url, history) = (server.url(), path("history.json"));
    let arguments = [
        "run",
        "--students",
        "3",
        "--turns",
        "2",
        "--target",
        &url,
        "--json",
        &json,
        "--html",
        &html,
        "--accounts",
        &accounts,
        "--history",
        &history,
    ];
    ended(&called(&arguments).await, 0, "custom: 3 students x 2 turns");
    ended(&called(&arguments).await, 0, "violations: 0");
    assert_eq!(server.inside.sign_ups.load(Ordering::Relaxed), 3, "the second run reuses them");
    let mode = std::fs::metadata(&accounts).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let report = Report::read(Path::new(&json)).expect("a report");
    assert!(report.figures()["answered"] > 5.0);
    ended(&called(&["report", &json]).await, 0, "custom: 3 students");
    ended(&called(&["report", &json, "--html", &path("b.html")]).await, 0, "");
    let pages = [html, path("b.html")].map(|page| std::fs::read(page).expect("a page"));
    assert_eq!(pages[0], pages[1]);
    ended(&called(&["compare", &json, &json]).await, 0, "x1.00");
    ended(&called(&["report", &accounts]).await, 1, "version 0");
    ended(&called(&["compare", &json, &path("none.json")]).await, 1, "can't be read");
}

#[tokio::test]
async fn scenarios_are_listed_and_checked() {
    ended(&called(&["list"]).await, 0, "added_first_token_p99_ms");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("s.toml");
    let path = file.display().to_string();
    std::fs::write(&file, "name = 'mine'\nstudents = 1\nturns = 1\n").expect("written");
    ended(&called(&["check", &path]).await, 0, "mine is sound");
    std::fs::write(&file, "name = 'mine'\nstudents = 1\nturn = 1\n").expect("written");
    ended(&called(&["check", &path]).await, 1, "turn");
}

#[tokio::test]
async fn the_provider_serves_until_it_is_told_to_stop() {
    let mut child = program()
        .args(["provider", "--listen", "127.0.0.1:0", "--first-token-ms", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let first = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it is quick");
    let line = first.expect("a pipe").expect("a line");
    let base = line.strip_prefix("listening on ").expect("its address");
    let models = reqwest::get(format!("{base}/models")).await.expect("an answer");
    assert_eq!(models.status(), 200);
    let pid = child.id().expect("it runs").to_string();
    let told = std::process::Command::new("kill").arg(pid).status().expect("kill");
    assert!(told.success());
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends");
    assert_eq!(status.expect("a status").code(), Some(0));
    let last = lines.next_line().await.expect("a pipe").expect("a summary");
    assert!(last.starts_with("0 calls"), "{last}");
}
