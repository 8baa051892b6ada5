//! The cookie of browsers: no script can read it, no other host or path gets it.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::origin;
use crate::state::Config;

/// Which cookie a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Over TLS: `__Host-` binds it to this host, this path and TLS.
    Secure,
    /// Over plain HTTP on this machine, where browsers take no secure cookie everywhere.
    Loopback,
}

impl Kind {
    /// The kind for a request.
    pub(crate) fn of(config: &Config, headers: &HeaderMap) -> Self {
        let authority = match &config.public_origin {
            Some(public) => public.strip_prefix("http://"),
            None => origin::host(headers),
        };
        if authority.is_some_and(origin::is_loopback) { Self::Loopback } else { Self::Secure }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-learnflow",
            Self::Loopback => "learnflow",
        }
    }

    const fn attributes(self) -> &'static str {
        match self {
            Self::Secure => "Path=/; HttpOnly; SameSite=Lax; Secure",
            Self::Loopback => "Path=/; HttpOnly; SameSite=Lax",
        }
    }

    /// The token that a request's cookie holds.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name()).then_some(value))
    }

    /// Gives the cookie to the client for so long; 0 s takes it away.
    pub(crate) fn set(self, token: &str, max_age_s: i64) -> Option<HeaderValue> {
        let text = format!("{}={token}; Max-Age={max_age_s}; {}", self.name(), self.attributes());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn only_this_machine_gets_a_cookie_without_tls() {
        let cases = [
            (None, "localhost:8080", Kind::Loopback),
            (None, "10.0.0.7:8080", Kind::Secure),
            (Some("https://learn.example"), "127.0.0.1:8080", Kind::Secure),
            (Some("http://localhost:8080"), "localhost:8080", Kind::Loopback),
            (Some("http://learn.example"), "localhost:8080", Kind::Secure),
        ];
        for (public, host, kind) in cases {
            let config = Config { public_origin: public.map(str::to_owned), ..Config::default() };
            assert_eq!(Kind::of(&config, &headers(header::HOST, host)), kind, "{public:?} {host}");
        }
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        let headers = headers(header::COOKIE, "a=1; xlearnflow=2; learnflow=3; __Host-learnflow=4");
        assert_eq!(Kind::Loopback.read(&headers), Some("3"));
        assert_eq!(Kind::Secure.read(&headers), Some("4"));
        assert_eq!(Kind::Secure.read(&HeaderMap::new()), None);
    }

    #[test]
    fn scripts_and_other_sites_get_nothing() {
        let cookie = Kind::Secure.set("token", 60).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-learnflow=token; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
    }
}
