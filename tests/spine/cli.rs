//! The command line: exit codes, settings, and the commands that work on a store.

use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::provider::{Pace, provider, question};
use crate::server::{BINARY, Setup};
use crate::socket::Socket;

/// A folder to work in, and an environment that is empty but for what a test sets.
struct Shell {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Shell {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), settings: Vec::new() }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With what the commands on a store need.
    fn with_store(self) -> Self {
        let store = format!("sqlite:{}", self.folder.path().join("store.sqlite").display());
        self.set("LEARNFLOW__STORE__URL", &store)
            .set("LEARNFLOW__KEYS__MASTER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    }

    async fn run(&self, line: &str) -> Output {
        self.run_with(line, "").await
    }

    async fn run_with(&self, line: &str, input: &str) -> Output {
        let mut command = Command::new(BINARY);
        command.args(line.split_whitespace()).env_clear().current_dir(self.folder.path());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input");
        // A command that reads no input may have ended already.
        drop(stdin.write_all(input.as_bytes()).await);
        drop(stdin);
        child.wait_with_output().await.expect("its output")
    }

    /// Runs a command that must end with this code; what it printed on both.
    async fn ends(&self, line: &str, code: i32) -> (String, String) {
        let output = self.run(line).await;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{line}\n{out}\n{err}");
        (out, err)
    }
}

#[tokio::test]
async fn usage_errors_end_with_2_and_help_and_version_with_0() {
    let shell = Shell::new();
    for line in ["", "nonsense", "migrate", "migrate sideways", "demo --no-such-flag", "user add"] {
        let (out, err) = shell.ends(line, 2).await;
        assert!(out.is_empty() && !err.is_empty(), "{line}: {out}");
    }
    let (version, _) = shell.ends("--version", 0).await;
    assert!(version.starts_with("learnflow 0."), "{version}");
    let (help, _) = shell.ends("--help", 0).await;
    for command in ["demo", "serve", "migrate", "doctor", "config", "healthcheck", "session"] {
        assert!(help.contains(command), "{command} is missing in {help}");
    }
}

#[tokio::test]
async fn serve_without_settings_names_everything_that_is_wrong_and_ends_with_78() {
    let shell = Shell::new().set("LEARNFLOW__RETENTION__TEXT_DAYS", "0");
    let (out, err) = shell.ends("serve", 78).await;
    let wrong = [
        "LF0901",
        "store.url",
        "keys.master",
        "kafka.bootstrap_servers",
        "model.api_key",
        "retention.text_days",
    ];
    for setting in wrong {
        assert!(err.contains(setting), "{setting} is not named in {err}{out}");
    }
    let (_, checked) = shell.ends("config check", 78).await;
    for setting in wrong {
        assert!(checked.contains(setting), "{setting} is not named in {checked}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_an_error_with_a_suggestion() {
    let shell = Shell::new().set("LEARNFLOW__SERVER__LISTTEN", "127.0.0.1:1");
    let (_, err) = shell.ends("config check", 78).await;
    assert!(err.contains("listten") && err.contains("did you mean `listen`"), "{err}");
    let shell = Shell::new();
    std::fs::write(shell.folder.path().join("learnflow.toml"), "[kafka]\npartitons = 3\n")
        .expect("a file");
    let (_, err) = shell.ends("config show", 78).await;
    assert!(err.contains("did you mean `partitions`") && err.contains("learnflow.toml"), "{err}");
    let (_, err) = Shell::new().ends("--config no-such-file.toml config show", 78).await;
    assert!(err.contains("no-such-file.toml"), "{err}");
}

#[tokio::test]
async fn the_configuration_is_shown_with_its_sources_and_without_secrets() {
    let secret = "sk-very-secret";
    let shell = Shell::new()
        .set("OPENAI_API_KEY", secret)
        .set("DATABASE_URL", "postgres://user:very-secret@127.0.0.1/learnflow")
        .set("LEARNFLOW__KAFKA__PARTITIONS", "24");
    std::fs::write(shell.folder.path().join("key"), "bXktc2VjcmV0LWtleS12ZXJ5LXNlY3JldA==\n")
        .expect("a file");
    let shell = shell.set("LEARNFLOW__KEYS__MASTER_FILE", "key");
    std::fs::write(
        shell.folder.path().join("learnflow.toml"),
        "[kafka]\npartitions = 3\ngroup = \"mine\"\n",
    )
    .expect("a file");
    for line in ["config show", "--output json config show"] {
        let (out, _) = shell.ends(line, 0).await;
        assert!(!out.contains("very-secret") && !out.contains("bXktc2Vj"), "{out}");
        assert!(out.contains("***"), "{out}");
    }
    let (out, _) = shell.ends("--output json config show", 0).await;
    let shown: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(shown["kafka.partitions"]["value"], 24, "a variable is above a file");
    assert_eq!(shown["kafka.group"]["value"], "mine", "a file is above the default");
    assert_eq!(shown["server.listen"]["value"], "127.0.0.1:8080");
    assert_eq!(shown["model.api_key"]["value"], "***");
    let origin = |key: &str| shown[key]["origin"].as_str().unwrap_or_default().to_owned();
    assert!(origin("kafka.group").contains("learnflow.toml"), "{}", shown["kafka.group"]);
    assert!(origin("kafka.partitions").contains("environment"), "{}", shown["kafka.partitions"]);
    assert!(origin("server.listen").contains("default"), "{}", shown["server.listen"]);
    let (example, _) = shell.ends("config example", 0).await;
    assert!(example.parse::<toml::Table>().is_ok_and(|table| table.contains_key("kafka")));
}

#[tokio::test]
async fn migrate_status_tells_what_is_missing_and_serve_refuses_until_it_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.sqlite").display().to_string();
    let shell = Shell::new()
        .with_store()
        .set("LEARNFLOW__LOG__KIND", "embedded")
        .set("LEARNFLOW__LOG__PATH", &log)
        .set("LEARNFLOW__MODEL__KIND", "offline");
    shell.ends("migrate status", 1).await;
    let (_, err) = shell.ends("serve --listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0", 1).await;
    assert!(err.contains("migrate up"), "{err}");
    shell.ends("migrate up", 0).await;
    let (out, _) = shell.ends("--output json migrate status", 0).await;
    let status: Value = serde_json::from_str(&out).expect("JSON");
    let all = status.as_array().expect("a list");
    assert!(!all.is_empty() && all.iter().all(|one| one["applied"] == true), "{status}");
    shell.ends("migrate up", 0).await;
}

#[tokio::test]
async fn documents_are_what_they_say() {
    let shell = Shell::new();
    let (openapi, _) = shell.ends("openapi", 0).await;
    let openapi: Value = serde_json::from_str(&openapi).expect("JSON");
    assert!(openapi["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    for path in ["/v1/auth/sign-in", "/v1/ws-tickets", "/v1/students/{id}/transcript", "/readyz"] {
        assert!(openapi["paths"][path].is_object(), "{path} is missing");
    }
    let (asyncapi, _) = shell.ends("asyncapi", 0).await;
    assert!(asyncapi.starts_with("asyncapi:"), "{asyncapi:.80}");
    let (completions, _) = shell.ends("completions bash", 0).await;
    assert!(completions.contains("learnflow"));
    let (man, _) = shell.ends("man", 0).await;
    assert!(man.contains(".TH"), "{man:.80}");
}

#[tokio::test]
async fn user_add_makes_or_takes_a_password_and_refuses_a_known_email() {
    let shell = Shell::new().with_store();
    shell.ends("migrate up", 0).await;
    let line = "--output json user add --role admin --email root@school.example";
    let (out, _) = shell.ends(line, 0).await;
    let made: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&made["role"], &made["student_id"]), (&"admin".into(), &Value::Null));
    assert!(made["password"].as_str().is_some_and(|text| text.len() >= 15), "{made}");
    let (_, err) = shell.ends(line, 1).await;
    assert!(!err.is_empty());

    let add = "--output json user add --role student --email sam@school.example";
    let weak = shell.run_with(add, "short\n").await;
    assert_eq!(weak.status.code(), Some(1), "{weak:?}");
    let given = shell.run_with(add, "a long pass phrase of mine\n").await;
    assert!(given.status.success(), "{given:?}");
    let text = String::from_utf8(given.stdout).expect("text");
    assert!(!text.contains("pass phrase"), "a given password is not printed: {text}");
    let made: Value = serde_json::from_str(&text).expect("JSON");
    let student = made["student_id"].as_str().expect("a student").to_owned();

    let (shown, _) = shell.ends(&format!("--output json session show {student}"), 0).await;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((&shown["student"], &shown["last_frame"]), (&student.into(), &0.into()));
    let (_, err) = shell.ends("session show 00000000-0000-7000-8000-000000000000", 1).await;
    assert!(err.contains("no session"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_and_session_show_tell_of_a_running_server() {
    let provider = provider(Pace::Quick).await;
    let mut server = Setup::demo().model(&provider).start().await;
    let student = server.student().await;
    let asked = question();
    Socket::greeted(&server, &student, 0).await.converse(&asked).await;
    let url = format!("http://{}", server.address());
    let healthy = server.run(&["healthcheck", &url]).await;
    assert_eq!(healthy.status.code(), Some(0), "{healthy:?}");
    let shown = server.run(&["session", "show", &student.student_id.to_string()]).await;
    let shown = String::from_utf8(shown.stdout).expect("text");
    assert!(shown.contains("last_frame: 3"), "{shown}");
    assert!(!shown.contains(&asked), "no text of a student: {shown}");
    server.kill().await;
    let gone = server.run(&["healthcheck", &url]).await;
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_port_ends_with_1_and_says_so() {
    let server = Setup::demo().start().await;
    let line = format!("demo --listen {} --metrics-listen 127.0.0.1:0", server.address());
    let (_, err) = Shell::new().ends(&line, 1).await;
    assert!(err.contains("server.listen"), "{err}");
    let (_, err) = Shell::new().ends("demo --listen 0.0.0.0:0", 78).await;
    assert!(err.contains("loopback"), "{err}");
}
