//! Settings of the running tutor.

use learnflow_engine::session::input::Limits;

/// Bounds and times of the actors.
#[derive(Debug, Clone)]
pub struct Config {
    /// Bounds of conversations.
    pub limits: Limits,
    /// A session without anything to do is passivated after so long.
    pub passivate_after_ms: u64,
    /// The texts of a conversation that rests are let go after so long; the session stays.
    pub texts_kept_ms: u64,
    /// A snapshot goes along with every so-many-th step.
    pub snapshot_every: i64,
    /// Records of one partition that may be unsettled.
    pub unsettled_records: usize,
    /// The first step of a batch waits so long for company.
    pub linger_ms: u64,
    /// Steps of a batch.
    pub batch_steps: usize,
    /// Sealed bytes of a batch.
    pub batch_bytes: usize,
    /// Later pieces of an answer are coalesced for so long.
    pub coalesce_ms: u64,
    /// Bytes that wait to be published before rows are read back from the journal.
    pub backlog_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            passivate_after_ms: 120_000,
            texts_kept_ms: 30_000,
            snapshot_every: 8,
            unsettled_records: 1_024,
            linger_ms: 1,
            batch_steps: 64,
            batch_bytes: 512 * 1_024,
            coalesce_ms: 40,
            backlog_bytes: 8 * 1_024 * 1_024,
        }
    }
}

impl Config {
    /// Names every value that can't work.
    ///
    /// # Errors
    /// One line a fault.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let rules = [
            (self.snapshot_every >= 1, "snapshot_every must be at least 1"),
            (self.unsettled_records >= 1, "unsettled_records must be at least 1"),
            (self.batch_steps >= 1, "batch_steps must be at least 1"),
            (self.linger_ms <= 5, "linger_ms must be at most 5"),
            (self.limits.window_tokens >= 256, "window_tokens must be at least 256"),
        ];
        let faults: Vec<String> = rules
            .iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, fault)| (*fault).to_owned())
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}
