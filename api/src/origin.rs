//! Which pages are ours: a browser says in `Origin` which page makes it send a request.

use axum::http::{HeaderMap, header};

use crate::state::Config;

/// The authority that the client asked for.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether the request comes from a page of ours. No answer when it doesn't say: browsers always
/// do when a request changes something, other clients seldom.
pub(crate) fn is_ours(config: &Config, headers: &HeaderMap) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("null");
    if let Some(public) = &config.public_origin {
        return Some(origin == public);
    }
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    Some(authority.is_some() && authority == host(headers))
}

/// Whether an authority (`host` or `host:port`) names this machine and can name no other, however
/// names are resolved.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers
    }

    #[test]
    fn only_the_same_host_or_the_public_origin_is_ours() {
        let open = Config::default();
        let public =
            Config { public_origin: Some("https://learn.example".to_owned()), ..Config::default() };
        let cases = [
            (&open, "127.0.0.1:8080", "http://127.0.0.1:8080", true),
            (&open, "127.0.0.1:8080", "http://127.0.0.1:8081", false),
            (&open, "127.0.0.1:8080", "null", false),
            (&open, "127.0.0.1:8080", "http://evil.example", false),
            (&open, "null", "null", false),
            (&public, "10.0.0.7:8080", "https://learn.example", true),
            (&public, "10.0.0.7:8080", "http://learn.example", false),
            (&public, "10.0.0.7:8080", "https://learn.example.evil.example", false),
        ];
        for (config, host, origin, ours) in cases {
            assert_eq!(is_ours(config, &headers(host, origin)), Some(ours), "{host} {origin}");
        }
        assert_eq!(is_ours(&open, &HeaderMap::new()), None);
    }

    #[test]
    fn loopback_names_are_known() {
        for name in ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "127.9.9.9", "[::1]:8080"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "", "[::2]"]
        {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
