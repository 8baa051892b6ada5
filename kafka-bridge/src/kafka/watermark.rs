//! A partition's start and end, asked for until the broker knows them.
//!
//! Right after a topic was made, or while a partition changes its leader, the answer is an error
//! that passes by itself.

use std::thread;
use std::time::{Duration, Instant};

use learnflow_engine::port::log::LogError;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::settings::Context;

/// When a broker that isn't ready is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// The first offset that is there, and the offset of the next record.
///
/// # Errors
/// [`LogError::Unavailable`] when nobody has answered until the deadline.
pub(super) fn watermarks(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    partition: i32,
    deadline: Instant,
) -> Result<(i64, i64), LogError> {
    loop {
        let remaining = deadline.saturating_duration_since(Instant::now());
        match consumer.fetch_watermarks(topic, partition, remaining) {
            Ok(watermarks) => return Ok(watermarks),
            Err(error) if remaining > ASK_AGAIN_AFTER => {
                tracing::debug!(topic, partition, %error, "watermarks are asked for again");
                thread::sleep(ASK_AGAIN_AFTER);
            }
            Err(error) => return Err(LogError::Unavailable(error.to_string())),
        }
    }
}
