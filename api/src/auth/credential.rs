//! What a request shows to prove who sends it.

use axum::http::{HeaderMap, header};

use super::cookie::Kind;
use crate::state::Config;

/// A token and the way it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential<'a> {
    /// In `Authorization`: somebody put it there on purpose.
    Bearer(&'a str),
    /// In the cookie: the browser adds it by itself, whoever made it send the request.
    Cookie(&'a str),
}

impl<'a> Credential<'a> {
    /// The request's credential. With an `Authorization` header the cookie doesn't count.
    pub(crate) fn of(config: &Config, headers: &'a HeaderMap) -> Option<Self> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Kind::of(config, headers).read(headers).map(Self::Cookie);
        };
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Self::Bearer(token.trim()))
    }

    /// The token.
    pub(crate) const fn token(&self) -> &'a str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_goes_before_the_cookie() {
        let config = Config::default();
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost".parse().unwrap());
        assert_eq!(Credential::of(&config, &headers), None);
        headers.insert(header::COOKIE, "learnflow=c".parse().unwrap());
        assert_eq!(Credential::of(&config, &headers), Some(Credential::Cookie("c")));
        headers.insert(header::AUTHORIZATION, "bearer b".parse().unwrap());
        assert_eq!(Credential::of(&config, &headers), Some(Credential::Bearer("b")));
        headers.insert(header::AUTHORIZATION, "Basic b".parse().unwrap());
        assert_eq!(Credential::of(&config, &headers), None);
    }
}
