//! A throw-away PostgreSQL cluster for the tests of one process.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use tempfile::NamedTempFile;

use super::TestingError;

const SCRIPT: &str = include_str!("cluster.sh");

#[derive(Debug)]
struct Cluster {
    url: String,
    /// The script that runs the server. It ends when this process does, since it waits for the
    /// end of its standard input, which this handle holds open.
    _script: Child,
}

static CLUSTER: OnceLock<Result<Cluster, TestingError>> = OnceLock::new();

/// Where the cluster is; starts it when it is asked for first.
pub(super) fn url() -> Result<String, TestingError> {
    match CLUSTER.get_or_init(start) {
        Ok(cluster) => Ok(cluster.url.clone()),
        Err(error) => Err(error.clone()),
    }
}

fn start() -> Result<Cluster, TestingError> {
    let port = free_port().map_err(TestingError::because)?;
    let script = readable_script().map_err(TestingError::because)?;
    let mut child = Command::new("sh")
        .arg(script.path())
        .arg(port.to_string())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(TestingError::because)?;
    let mut told = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut told).map_err(TestingError::because)?;
    }
    if told.trim() != "ready" {
        child.wait().map_err(TestingError::because)?;
        return Err(TestingError(told.trim().to_owned()));
    }
    let url = format!("postgres://learnflow@127.0.0.1:{port}/postgres");
    Ok(Cluster { url, _script: child })
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The script as a file that the unprivileged user may read too.
fn readable_script() -> std::io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = NamedTempFile::new()?;
    std::fs::write(file.path(), SCRIPT)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    Ok(file)
}
