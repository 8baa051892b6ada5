//! `learnflow session show`: what the store has of a session, without any text.

use learnflow_engine::id::StudentId;
use learnflow_engine::port::store::Store;
use learnflow_storage::read::journal;
use serde_json::json;

use super::{Context, Failure};
use crate::cli::SessionCommand;
use crate::wiring;

/// Runs `learnflow session …`.
///
/// # Errors
/// [`Failure::Failed`] when there is no such session.
pub(crate) async fn run(context: &Context, what: SessionCommand) -> Result<(), Failure> {
    let SessionCommand::Show { student } = what;
    let student: StudentId = student.parse().map_err(Failure::because)?;
    let loaded = context.load(&Vec::new(), &Vec::new())?;
    let db = wiring::open_store(&loaded.config).await?;
    let missing = || Failure::Failed(format!("there is no session of student {student}"));
    let position =
        journal::position(&db, student).await.map_err(Failure::because)?.ok_or_else(missing)?;
    let stored = db.restore(student).await.map_err(Failure::because)?.ok_or_else(missing)?;
    let result = json!({
        "student": student,
        "last_frame": position.last_frame,
        "last_event": position.last_event,
        "frame_floor": position.frame_floor,
        "running": position.running,
        "snapshot_rev": stored.snapshot.as_ref().map(|snapshot| snapshot.rev),
        "snapshot_bytes": stored.snapshot.as_ref().map(|snapshot| snapshot.state.len()),
        "rows_after_snapshot": stored.rows.len(),
        "next_timer": stored.next_timer.map(|at| at.to_string()),
        "quarantined_until": stored.quarantined_until.map(|at| at.to_string()),
    });
    context.print(&result, |result| {
        let object = result.as_object().cloned().unwrap_or_default();
        object.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("\n")
    });
    Ok(())
}
