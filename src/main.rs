//! The `learnflow` binary: command line, configuration, wiring, shutdown. No logic of its own.
//!
//! Read [`cli`], [`config`], [`wiring`] (which reads as the architecture's picture), [`shutdown`].

mod cli;
mod clock;
mod commands;
mod config;
mod demo;
mod doctor;
mod shutdown;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use commands::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a command that failed")]
fn report(failure: &Failure) {
    let text = failure.to_string();
    if !text.is_empty() {
        eprintln!("{text}");
    }
}
