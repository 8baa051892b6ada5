//! Holds a row's rule before its handler runs: who asks, whether they may, and the audit entry.
//!
//! A handler gets what was proved ([`Caller`], [`Record`], [`Taught`]) and has no way to ask for
//! another record than the one that was allowed.

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use learnflow_engine::error_code::ErrorCode;
use learnflow_engine::id::{InvalidId, SectionId, StudentId};
use learnflow_storage::account::Role;
use learnflow_storage::audit::{self, Action, Ground, NewEntry};
use learnflow_storage::section::{self, Transcripts};
use learnflow_storage::session_token::{self, SignedIn};

use crate::auth::credential::Credential;
use crate::origin;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::state::State;
use crate::table::Who;

/// Who is signed in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) SignedIn);

/// The student whose record may be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record(pub(crate) StudentId);

/// The section that may be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taught(pub(crate) SectionId);

macro_rules! proved {
    ($name:ident) => {
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            /// Only the guard puts it there; without it the row's rule doesn't fit its handler.
            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                parts.extensions.get::<Self>().copied().ok_or_else(|| {
                    tracing::error!("a handler wants what its row doesn't prove");
                    ErrorCode::Internal.into()
                })
            }
        }
    };
}

proved!(Caller);
proved!(Record);
proved!(Taught);

/// Lets a request through to its handler, or refuses it.
pub(crate) async fn hold(
    Shared((state, who)): Shared<(State, Who)>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // What is in the path and isn't text is nobody's id.
    let id = params.iter().flatten().find(|(name, _)| *name == "id").map(|(_, value)| value);
    admit(&state, who, id, &mut parts).await?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}

async fn admit(
    state: &State,
    who: Who,
    id: Option<&str>,
    parts: &mut Parts,
) -> Result<(), Problem> {
    match who {
        Who::Anyone => own_page(state, parts),
        Who::DemoVisitor => {
            demo_visitor(state, parts)?;
            own_page(state, parts)
        }
        Who::SignedIn => signed_in(state, parts).await.map(drop),
        Who::Student => role(state, parts, &[Role::Student]).await.map(drop),
        Who::Staff => role(state, parts, &[Role::Instructor, Role::Admin]).await.map(drop),
        Who::Admin => role(state, parts, &[Role::Admin]).await.map(drop),
        Who::OwnSection => {
            let caller = role(state, parts, &[Role::Instructor, Role::Admin]).await?;
            let (section, _) = taught(state, &caller, id).await?;
            parts.extensions.insert(Taught(section));
            Ok(())
        }
        Who::OwnClass => {
            let caller = role(state, parts, &[Role::Instructor, Role::Admin]).await?;
            let (section, ground) = taught(state, &caller, id).await?;
            let what = (Action::ReadClass, None, Some(section));
            note(state, &caller, what, ground).await?;
            parts.extensions.insert(Taught(section));
            Ok(())
        }
        Who::OwnRecord(action) => {
            let caller = signed_in(state, parts).await?;
            let student = record(state, &caller, id, action).await?;
            parts.extensions.insert(Record(student));
            Ok(())
        }
    }
}

/// Refuses what a foreign page makes a browser send. Who says nothing is no browser.
fn own_page(state: &State, parts: &Parts) -> Result<(), Problem> {
    let foreign = origin::is_ours(&state.config, &parts.headers) == Some(false);
    if foreign && !parts.method.is_safe() { Err(ErrorCode::ForeignOrigin.into()) } else { Ok(()) }
}

/// One-click sign-in is for who sits at this machine: neither for the network, nor for a page
/// whose name was made to resolve to this machine.
fn demo_visitor(state: &State, parts: &Parts) -> Result<(), Problem> {
    let here = Peer::of(parts).is_loopback()
        && origin::host(&parts.headers).is_some_and(origin::is_loopback);
    if here && !state.demo_accounts.is_empty() { Ok(()) } else { Err(ErrorCode::NoSuchPath.into()) }
}

/// Finds out who asks.
async fn signed_in(state: &State, parts: &mut Parts) -> Result<SignedIn, Problem> {
    let credential = Credential::of(&state.config, &parts.headers).ok_or(ErrorCode::NotSignedIn)?;
    if matches!(credential, Credential::Cookie(_)) {
        own_page_only(state, &parts.method, &parts.headers)?;
    }
    let caller = session_token::find(&state.db, credential.token(), state.clock.now())
        .await?
        .ok_or(ErrorCode::NotSignedIn)?;
    parts.extensions.insert(Caller(caller));
    Ok(caller)
}

/// A browser adds the cookie whoever makes it send the request: only our own pages may change
/// anything with it.
fn own_page_only(state: &State, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() || origin::is_ours(&state.config, headers) == Some(true) {
        return Ok(());
    }
    Err(ErrorCode::ForeignOrigin.into())
}

async fn role(state: &State, parts: &mut Parts, allowed: &[Role]) -> Result<SignedIn, Problem> {
    let caller = signed_in(state, parts).await?;
    if allowed.contains(&caller.role) { Ok(caller) } else { Err(ErrorCode::RoleNotAllowed.into()) }
}

/// The section of the path, if the caller teaches it or is an administrator.
async fn taught(
    state: &State,
    caller: &SignedIn,
    id: Option<&str>,
) -> Result<(SectionId, Ground), Problem> {
    let section: SectionId = parse(id)?;
    let ground = match caller.role {
        Role::Instructor if section::is_instructor(&state.db, caller.user, section).await? => {
            Ground::Teaches
        }
        Role::Admin if section::find(&state.db, section).await?.is_some() => Ground::Administers,
        Role::Student | Role::Instructor | Role::Admin => return Err(ErrorCode::NotYours.into()),
    };
    Ok((section, ground))
}

/// The student of the path, if it is the caller or one whom the caller teaches. Somebody else's
/// reading is noted first: what can't be noted isn't answered.
async fn record(
    state: &State,
    caller: &SignedIn,
    id: Option<&str>,
    action: Action,
) -> Result<StudentId, Problem> {
    let student: StudentId = match id {
        Some("me") => caller.student_id.ok_or(ErrorCode::NotYours)?,
        other => parse(other)?,
    };
    let teaches = match caller.role {
        Role::Student if caller.student_id == Some(student) => return Ok(student),
        Role::Instructor => may_read(state, caller, student, action).await?,
        Role::Student | Role::Admin => false,
    };
    if teaches {
        note(state, caller, (action, Some(student), None), Ground::Teaches).await?;
        return Ok(student);
    }
    if caller.role != Role::Student {
        note(state, caller, (Action::Refused, Some(student), None), Ground::None).await?;
    }
    Err(ErrorCode::NotYours.into())
}

/// Whether a section that this instructor teaches lets them read so much of this student.
async fn may_read(
    state: &State,
    caller: &SignedIn,
    student: StudentId,
    action: Action,
) -> Result<bool, Problem> {
    if action != Action::ReadTranscript {
        return Ok(section::teaches(&state.db, caller.user, student).await?);
    }
    for section in section::of_student(&state.db, student).await? {
        let open = section.policy.transcripts == Transcripts::Readable;
        if open && section::is_instructor(&state.db, caller.user, section.id).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

type What = (Action, Option<StudentId>, Option<SectionId>);

async fn note(
    state: &State,
    caller: &SignedIn,
    (action, student, section): What,
    ground: Ground,
) -> Result<(), Problem> {
    let entry = NewEntry { actor: caller.user, action, student, section, ground };
    audit::append(&state.db, state.vault.masters(), entry, state.clock.now()).await?;
    Ok(())
}

/// Notes what an administrator did.
pub(crate) async fn note_administration(
    state: &State,
    caller: &SignedIn,
    action: Action,
    section: Option<SectionId>,
) -> Result<(), Problem> {
    note(state, caller, (action, None, section), Ground::Administers).await
}

fn parse<T: std::str::FromStr<Err = InvalidId>>(id: Option<&str>) -> Result<T, Problem> {
    id.unwrap_or_default().parse().map_err(|error: InvalidId| {
        Problem::new(ErrorCode::InvalidField).with_detail(error.to_string())
    })
}
