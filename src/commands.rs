//! What each command does, and the exit code that it leaves.

pub(crate) mod course;
mod health;
mod log;
mod migrate;
mod session;
mod settings;
pub(crate) mod user;

use std::fmt::Display;

use clap::CommandFactory;
use serde::Serialize;

use crate::cli::{Cli, Command, Output};
use crate::config::{self, ConfigError, Loaded, Overrides};
use crate::{demo, doctor, wiring};

/// A command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is wrong: exit code 78.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// Anything else: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// What the command printed says it all: exit code 1.
    #[error("")]
    Said,
}

impl Failure {
    /// The process's exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_) => 78,
            Self::Failed(_) | Self::Said => 1,
        }
    }

    /// A failure that is told by its cause.
    pub(crate) fn because(cause: impl Display) -> Self {
        Self::Failed(cause.to_string())
    }
}

/// What a command needs of the command line.
pub(crate) struct Context {
    /// How results are printed.
    pub output: Output,
    config: Option<std::path::PathBuf>,
}

impl Context {
    /// Reads the configuration below the command's flags.
    ///
    /// # Errors
    /// [`Failure::Configuration`].
    pub(crate) fn load(&self, base: &Overrides, flags: &Overrides) -> Result<Loaded, Failure> {
        Ok(config::load(base, self.config.as_deref(), flags)?)
    }

    /// Prints a result: as JSON for programs, else as the closure says it.
    #[expect(clippy::print_stdout, reason = "results of commands go to standard output")]
    pub(crate) fn print<T: Serialize>(&self, value: &T, human: impl FnOnce(&T) -> String) {
        match self.output {
            Output::Human => println!("{}", human(value)),
            Output::Json => match serde_json::to_string_pretty(value) {
                Ok(text) => println!("{text}"),
                Err(error) => tracing::error!(%error, "a result could not be printed"),
            },
        }
    }
}

/// Prints a document as it is.
#[expect(clippy::print_stdout, reason = "results of commands go to standard output")]
pub(crate) fn print_document(text: &str) {
    println!("{}", text.trim_end());
}

/// Runs a command to its end.
///
/// # Errors
/// [`Failure`].
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let context = Context { output: cli.output, config: cli.config };
    match cli.command {
        Command::Demo(args) => runtime()?.block_on(demo::run(&context, args)),
        Command::Serve(args) => runtime()?.block_on(wiring::serve(&context, args)),
        Command::Migrate(what) => runtime()?.block_on(migrate::run(&context, what)),
        Command::Doctor { json } => {
            let output = if json { Output::Json } else { context.output };
            runtime()?.block_on(doctor::run(&Context { output, ..context }))
        }
        Command::Config(what) => settings::run(&context, what),
        Command::Healthcheck { url } => runtime()?.block_on(health::run(&context, &url)),
        Command::Openapi => {
            print_document(&learnflow_api::openapi::document());
            Ok(())
        }
        Command::Asyncapi => {
            print_document(learnflow_api::openapi::ASYNCAPI);
            Ok(())
        }
        Command::Course(what) => course::run(&context, &what),
        Command::User(what) => runtime()?.block_on(user::run(&context, what)),
        Command::Session(what) => runtime()?.block_on(session::run(&context, what)),
        Command::Log(what) => runtime()?.block_on(log::run(&context, what)),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Cli::command(),
                "learnflow",
                &mut std::io::stdout(),
            );
            Ok(())
        }
        Command::Man => clap_mangen::Man::new(Cli::command())
            .render(&mut std::io::stdout())
            .map_err(Failure::because),
    }
}

/// The main runtime. Two threads: the machine's other core serves sockets and the log's reader.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::because)
}
