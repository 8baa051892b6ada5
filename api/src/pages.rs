//! What people look at: the pages of LearnFlow, the reference of the API, the error pages.
//!
//! Everything is embedded, so that one program serves it without a network or a folder.

pub(crate) mod docs;
pub(crate) mod embedded;
pub(crate) mod markdown;
pub(crate) mod problem;
pub(crate) mod site;

/// A page's policy: our own scripts, styles and connections, and nothing inline.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
