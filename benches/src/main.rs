//! `learnflow-bench`: load tester and provider simulator.

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    cli::Cli::parse().execute().await.into()
}
