//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// An AI tutor for people who learn to program, and the live picture of a class.
#[derive(Debug, Parser)]
#[command(name = "learnflow", version, max_term_width = 100)]
#[command(after_long_help = "First time here: `learnflow demo` needs nothing but this program.")]
pub(crate) struct Cli {
    /// A configuration file, above ./learnflow.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Output::Human)]
    pub output: Output,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts everything in one process with a sample class: no broker, no database, no key.
    Demo(DemoArgs),
    /// Starts the server on Apache Kafka and PostgreSQL.
    Serve(ServeArgs),
    /// Brings the database schema up to date, or shows where it stands.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Checks everything that the server needs, and says how to mend it.
    Doctor {
        /// The same as --output json.
        #[arg(long)]
        json: bool,
    },
    /// Shows, checks or explains the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Asks a running server whether it is ready: exit code 0 or 1.
    Healthcheck {
        /// Its base URL.
        #[arg(default_value = "http://127.0.0.1:8080")]
        url: String,
    },
    /// Prints the OpenAPI document.
    Openapi,
    /// Prints the `AsyncAPI` document.
    Asyncapi,
    /// Checks a course.
    #[command(subcommand)]
    Course(CourseCommand),
    /// Makes accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Looks at a student's session.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Looks after the command log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Prints shell completions.
    Completions {
        /// For which shell.
        shell: Shell,
    },
    /// Prints the manual page.
    Man,
}

/// `learnflow demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where pages, HTTP and WebSocket are served.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where Prometheus scrapes.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// Where database, log and key are kept.
    #[arg(long, value_name = "DIR", default_value = "learnflow-data")]
    pub data_dir: PathBuf,
    /// Leaves the sample class still.
    #[arg(long)]
    pub no_simulated_class: bool,
}

/// `learnflow serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// What this process does.
    #[arg(long, value_delimiter = ',', value_enum, default_values_t = [Role::Gateway, Role::Engine])]
    pub roles: Vec<Role>,
    /// Where pages, HTTP and WebSocket are served.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where Prometheus scrapes.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Pages, HTTP and WebSocket.
    Gateway,
    /// Sessions.
    Engine,
}

/// `learnflow migrate`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Migrate {
    /// Applies what is missing.
    Up,
    /// Shows what is applied; exit code 1 when something is missing.
    Status,
}

/// `learnflow config`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Every setting and where it came from; secrets as ***.
    Show,
    /// Names everything that is wrong; exit code 78 then.
    Check,
    /// The commented file of defaults.
    Example,
}

/// `learnflow course`.
#[derive(Debug, Subcommand)]
pub(crate) enum CourseCommand {
    /// Names everything that is wrong with a course folder.
    Check {
        /// The folder.
        dir: PathBuf,
    },
    /// Prints the JSON Schema of a course's files.
    Schema {
        /// Which file.
        #[arg(value_enum)]
        file: CourseFileKind,
    },
}

/// Files of a course that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CourseFileKind {
    /// `course.toml`.
    Course,
    /// `<module>/<topic>.toml`.
    Topic,
}

/// `learnflow user`.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account. The password comes from standard input, or is made and printed.
    Add {
        /// Its role.
        #[arg(long, value_enum)]
        role: AccountRole,
        /// Its e-mail.
        #[arg(long)]
        email: String,
        /// How it is shown; the e-mail's first part by default.
        #[arg(long)]
        display_name: Option<String>,
        /// A section's class code, for students.
        #[arg(long)]
        class_code: Option<String>,
    },
}

/// Roles of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AccountRole {
    /// Learns.
    Student,
    /// Teaches.
    Instructor,
    /// Runs the place.
    Admin,
}

/// `learnflow session`.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Shows what the store has of a student's session: numbers and ids, no text.
    Show {
        /// The student's id.
        student: String,
    },
}

/// `learnflow log`.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Accepts a log that was replaced: raises the generation and sets where reading begins.
    Adopt {
        /// Where reading begins.
        #[arg(long, value_enum, default_value_t = AdoptFrom::Start)]
        from: AdoptFrom,
    },
}

/// Where reading of an adopted log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdoptFrom {
    /// At its first record.
    Start,
    /// After its last record.
    End,
}
