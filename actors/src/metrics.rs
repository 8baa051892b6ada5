//! Names of this crate's metrics. Labels are from closed lists, never ids or text.

/// Steps that became durable.
pub const STEPS_COMMITTED: &str = "learnflow_actors_steps_committed_total";
/// Group commits, by outcome.
pub const BATCHES: &str = "learnflow_actors_batches_total";
/// Seconds of a group commit, retries included.
pub const COMMIT_SECONDS: &str = "learnflow_actors_commit_seconds";
/// Steps of a group commit.
pub const BATCH_STEPS: &str = "learnflow_actors_batch_steps";
/// Sessions that are resident.
pub const SESSIONS: &str = "learnflow_actors_sessions_active";
/// Sessions that were restored.
pub const RESTORED: &str = "learnflow_actors_sessions_restored_total";
/// Sessions that were passivated.
pub const PASSIVATED: &str = "learnflow_actors_sessions_passivated_total";
/// Times that a resident session let its texts go.
pub const TEXTS_RELEASED: &str = "learnflow_actors_texts_released_total";
/// Sessions that failed and were started again.
pub const RESTARTED: &str = "learnflow_actors_sessions_restarted_total";
/// Students that were quarantined.
pub const QUARANTINED: &str = "learnflow_actors_sessions_quarantined_total";
/// Partitions that are served.
pub const PARTITIONS: &str = "learnflow_actors_partitions_served";
/// Partitions lost to the fence.
pub const FENCED: &str = "learnflow_actors_partitions_fenced_total";
/// Times that committer and publisher were started again after one of them failed.
pub const PIPELINES_RESTARTED: &str = "learnflow_actors_pipelines_restarted_total";
/// Intents that were appended to the log, repeats included.
pub const INTENTS_RELAYED: &str = "learnflow_actors_intents_relayed_total";
/// Records, by what became of them.
pub const RECORDS: &str = "learnflow_actors_records_total";
/// Passing frames that were dropped because the publisher was behind.
pub const PASSING_DROPPED: &str = "learnflow_actors_passing_frames_dropped_total";
/// Seconds from a command's record to its durable step.
pub const ACCEPT_SECONDS: &str = "learnflow_actors_accept_seconds";
/// Answers that were held back, by what they would have given away.
pub const ANSWERS_GUARDED: &str = "learnflow_actors_answers_guarded_total";
/// Seconds for which the guard of an answer held text back.
pub const HINT_HOLD_SECONDS: &str = "learnflow_actors_hint_hold_seconds";
/// Turns, by how they ended.
pub const TURNS: &str = "learnflow_actors_turns_total";

/// Counts one in a gauge for as long as it lives, however its owner ends.
#[derive(Debug)]
pub struct Living(&'static str);

impl Living {
    /// Counts one more.
    pub fn new(gauge: &'static str) -> Self {
        ::metrics::gauge!(gauge).increment(1.0);
        Self(gauge)
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        ::metrics::gauge!(self.0).decrement(1.0);
    }
}
