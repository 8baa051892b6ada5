//! What a student does over HTTP: sign up, sign in, fetch a ticket for the socket.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The longest wait for an HTTP answer.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

/// The address is not one that can be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no target: expected http://HOST:PORT without a path")]
pub struct InvalidTarget(String);

/// The server under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    base: String,
    host: String,
}

impl Target {
    /// Reads a base URL.
    ///
    /// # Errors
    ///
    /// It is not `http://HOST:PORT`. TLS is not spoken: put the tester beside the server.
    pub fn parse(url: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget(url.to_owned());
        let parsed: reqwest::Url = url.parse().map_err(|_| invalid())?;
        let is_plain = parsed.scheme() == "http" && parsed.path() == "/";
        let is_bare = parsed.query().is_none() && parsed.username().is_empty();
        let host = parsed.host_str().filter(|_| is_plain && is_bare).ok_or_else(invalid)?;
        let port = parsed.port_or_known_default().ok_or_else(invalid)?;
        Ok(Self { base: format!("{host}:{port}"), host: host.to_owned() })
    }

    /// Whether the server is on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        let is_loopback = |ip: std::net::IpAddr| ip.is_loopback();
        host == "localhost" || host.parse().is_ok_and(is_loopback)
    }

    /// The address of an HTTP path.
    pub fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.base)
    }

    /// The address of the socket.
    pub fn socket(&self) -> String {
        format!("ws://{}/v1/socket", self.base)
    }
}

/// A student's account, as far as a client needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it signs in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// The student.
    pub student_id: Uuid,
    /// The bearer token of the latest sign-in.
    pub token: String,
}

/// The server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It answered with a problem.
    #[error("{request} was answered by {status} {code}")]
    Refused {
        /// Method and path.
        request: &'static str,
        /// The status.
        status: u16,
        /// The problem's code, or nothing.
        code: String,
        /// When to try again.
        retry_ms: Option<u64>,
    },
    /// It could not be reached, or broke off.
    #[error("{request} failed: {reason}")]
    Unreachable {
        /// Method and path.
        request: &'static str,
        /// What the transport says.
        reason: String,
    },
    /// Its answer lacks what the contract promises.
    #[error("{request} was answered without {missing}")]
    Incomplete {
        /// Method and path.
        request: &'static str,
        /// The field.
        missing: &'static str,
    },
}

impl HttpError {
    fn unreachable(request: &'static str, problem: &reqwest::Error) -> Self {
        Self::Unreachable { request, reason: problem.to_string() }
    }

    /// The status of a refusal; none when the server was not reached.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unreachable { .. } | Self::Incomplete { .. } => None,
        }
    }

    /// The wait that the server asked for.
    pub fn retry_ms(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_ms, .. } => *retry_ms,
            Self::Unreachable { .. } | Self::Incomplete { .. } => None,
        }
    }
}

/// Talks HTTP to one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Http {
    target: Target,
    client: reqwest::Client,
}

impl Http {
    /// A client for this server.
    ///
    /// # Errors
    ///
    /// The HTTP client can't be set up on this machine.
    pub fn new(target: Target) -> Result<Self, HttpError> {
        let built = reqwest::Client::builder()
            .timeout(REQUEST_LIMIT)
            .pool_max_idle_per_host(16)
            .no_proxy()
            .build();
        let client = built.map_err(|problem| HttpError::unreachable("the set-up", &problem))?;
        Ok(Self { target, client })
    }

    /// The server.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Makes an account of a student.
    ///
    /// # Errors
    ///
    /// [`HttpError`]; a refusal with 409 says that the e-mail is taken.
    pub async fn sign_up(
        &self,
        email: &str,
        password: &str,
        display_name: &str,
    ) -> Result<Account, HttpError> {
        const REQUEST: &str = "POST /v1/auth/sign-up";
        let body = json!({
            "email": email, "password": password, "display_name": display_name,
            "birth_year": 1990,
        });
        let answer = self.post(REQUEST, "/v1/auth/sign-up", None, Some(&body)).await?;
        self.account(REQUEST, &answer, email, password).await
    }

    /// Signs a student in.
    ///
    /// # Errors
    ///
    /// [`HttpError`]; a refusal with 401 says that e-mail or password is wrong.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Account, HttpError> {
        const REQUEST: &str = "POST /v1/auth/sign-in";
        let body = json!({"email": email, "password": password});
        let answer = self.post(REQUEST, "/v1/auth/sign-in", None, Some(&body)).await?;
        self.account(REQUEST, &answer, email, password).await
    }

    async fn account(
        &self,
        request: &'static str,
        answer: &Value,
        email: &str,
        password: &str,
    ) -> Result<Account, HttpError> {
        let missing = |missing| HttpError::Incomplete { request, missing };
        let token = answer["token"].as_str().ok_or_else(|| missing("token"))?;
        let told = answer["user"]["student_id"].as_str().map(str::to_owned);
        let student = match told {
            Some(student) => student,
            None => self.student_of(token).await?,
        };
        Ok(Account {
            email: email.to_owned(),
            password: password.to_owned(),
            student_id: student.parse().map_err(|_| missing("student_id"))?,
            token: token.to_owned(),
        })
    }

    /// Whether a bearer token is still good.
    ///
    /// # Errors
    ///
    /// [`HttpError`] but for 401, which is the answer `false`.
    pub async fn is_signed_in(&self, token: &str) -> Result<bool, HttpError> {
        match self.student_of(token).await {
            Ok(_) => Ok(true),
            Err(HttpError::Refused { status: 401, .. }) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    async fn student_of(&self, token: &str) -> Result<String, HttpError> {
        const REQUEST: &str = "GET /v1/me";
        let get = self.client.get(self.target.http("/v1/me")).bearer_auth(token);
        let answer = get.send().await.map_err(|e| HttpError::unreachable(REQUEST, &e))?;
        let me = read(REQUEST, answer).await?;
        let student = me["student_id"].as_str().map(str::to_owned);
        student.ok_or(HttpError::Incomplete { request: REQUEST, missing: "student_id" })
    }

    /// Fetches a ticket for one socket.
    ///
    /// # Errors
    ///
    /// [`HttpError`]; a refusal with 401 says that the sign-in is over.
    pub async fn ticket(&self, token: &str) -> Result<String, HttpError> {
        const REQUEST: &str = "POST /v1/ws-tickets";
        let answer = self.post(REQUEST, "/v1/ws-tickets", Some(token), None).await?;
        let ticket = answer["ticket"].as_str().map(str::to_owned);
        ticket.ok_or(HttpError::Incomplete { request: REQUEST, missing: "ticket" })
    }

    async fn post(
        &self,
        request: &'static str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value, HttpError> {
        let mut post = self.client.post(self.target.http(path));
        if let Some(token) = token {
            post = post.bearer_auth(token);
        }
        if let Some(body) = body {
            post = post.json(body);
        }
        let answer = post.send().await.map_err(|e| HttpError::unreachable(request, &e))?;
        read(request, answer).await
    }
}

async fn read(request: &'static str, answer: Response) -> Result<Value, HttpError> {
    let status = answer.status();
    let retry_after = answer.headers().get(reqwest::header::RETRY_AFTER).cloned();
    let bytes = answer.bytes().await.map_err(|e| HttpError::unreachable(request, &e))?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if status == StatusCode::OK || status == StatusCode::CREATED {
        return Ok(body);
    }
    let after_ms = retry_after
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    Err(HttpError::Refused {
        request,
        status: status.as_u16(),
        code: body["code"].as_str().unwrap_or_default().to_owned(),
        retry_ms: body["retry_ms"].as_u64().or(after_ms),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_plain_http_without_a_path() {
        let target = Target::parse("http://127.0.0.1:8080").expect("a target");
        assert_eq!(target.socket(), "ws://127.0.0.1:8080/v1/socket");
        assert_eq!(target.http("/v1/me"), "http://127.0.0.1:8080/v1/me");
        for url in ["127.0.0.1:8080", "https://a:1", "http://a/v1", "http://u@a", "http://a?b"] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (url, expected) in [
            ("http://localhost:1", true),
            ("http://127.1.2.3", true),
            ("http://[::1]:8080", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example", false),
        ] {
            let target = Target::parse(url).expect("a target");
            assert_eq!(target.is_loopback(), expected, "{url}");
        }
    }
}
