//! Plain HTTP with JSON, for what the load tester's client has no words for.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

/// One server's HTTP face.
pub(crate) struct Api {
    base: String,
    client: reqwest::Client,
}

impl Api {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).no_proxy();
        Self { base: format!("http://{address}"), client: client.build().expect("a client") }
    }

    /// A request that the caller completes.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// `GET`: status and body.
    pub(crate) async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        said(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// `POST`: status and body.
    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        said(self.request(Method::POST, path).bearer_auth(token).json(body)).await
    }

    /// What `/readyz` says; none when nobody listens.
    pub(crate) async fn readiness(&self) -> Option<(u16, Value)> {
        let answer = self.request(Method::GET, "/readyz").send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap_or_default()))
    }

    /// The components that `/readyz` names as causes; none while it is ready.
    pub(crate) async fn unready_components(&self) -> Vec<String> {
        let Some((503, body)) = self.readiness().await else { return Vec::new() };
        let causes = body["causes"].as_array().cloned().unwrap_or_default();
        let component = |cause: Value| cause["component"].as_str().map(str::to_owned);
        causes.into_iter().filter_map(component).collect()
    }

    /// Signs in: the bearer token.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> String {
        let body = json!({"email": email, "password": password});
        let (status, answer) = self.post("/v1/auth/sign-in", "", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// A ticket for one socket.
    pub(crate) async fn ticket(&self, token: &str) -> String {
        let (status, answer) = self.post("/v1/ws-tickets", token, &Value::Null).await;
        assert_eq!(status, 201, "{answer}");
        answer["ticket"].as_str().expect("a ticket").to_owned()
    }

    /// All turns of one's own transcript, oldest first.
    pub(crate) async fn transcript(&self, token: &str) -> Vec<Value> {
        let mut turns = Vec::new();
        let mut path = "/v1/students/me/transcript?limit=50".to_owned();
        loop {
            let (status, page) = self.get(&path, token).await;
            assert_eq!(status, 200, "{page}");
            turns.extend(page["items"].as_array().expect("items").iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/students/me/transcript?limit=50&cursor={cursor}");
        }
        turns.reverse();
        turns
    }

    /// The one turn with this id in one's own transcript.
    pub(crate) async fn turn(&self, token: &str, turn: Uuid) -> Value {
        let id = turn.to_string();
        let all = self.transcript(token).await;
        let mut found = all.into_iter().filter(|known| known["turn"] == id.as_str());
        let one = found.next().expect("the turn is in the transcript");
        assert_eq!(found.next(), None, "the turn is there twice");
        one
    }
}

/// Sends a request: status and JSON body.
pub(crate) async fn said(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}
