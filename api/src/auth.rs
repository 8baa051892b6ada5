//! Signing up, in and out, and what proves a sign-in: a bearer token or a cookie.

pub(crate) mod cookie;
pub(crate) mod credential;
pub(crate) mod me;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod signed_in;
pub(crate) mod ws_ticket;
