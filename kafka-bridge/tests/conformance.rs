//! What every log must do: one kit of rules, run against each implementation.
//!
//! The real broker's part needs `KAFKA_BOOTSTRAP_SERVERS`; where it isn't set those rules are
//! skipped with a word on the console, and fail under `CI=true`.
#![cfg(test)]

#[path = "conformance/embedded.rs"]
mod embedded;
#[path = "conformance/kit.rs"]
mod kit;
#[path = "conformance/rules.rs"]
mod rules;

#[cfg(feature = "kafka")]
#[path = "conformance/kafka.rs"]
mod kafka;
#[cfg(feature = "kafka")]
#[path = "conformance/kafka_group.rs"]
mod kafka_group;

/// Writes a test a rule, each with a fresh harness of its own; a harness that isn't to be had
/// (no broker) skips.
macro_rules! conforms {
    ($make:path) => {
        $crate::conforms!($make:
            order_and_partition_are_the_students,
            reading_starts_at_any_offset,
            a_slow_reader_holds_up_its_partition_alone,
            an_undecodable_record_does_not_stop_the_partition,
            an_inspection_tells_what_the_log_holds,
            a_recreated_log_has_another_digest,
            replies_are_seen_from_the_moment_they_were_asked_for,
            a_reply_to_an_unread_slot_is_dropped,
            settled_records_leave_the_last_one,
            a_partition_left_out_of_the_starts_stays_silent,
            a_reopened_partition_comes_anew,
            stop_ends_every_stream_and_refuses_the_rest,
            a_body_of_one_mebibyte_fits_and_more_is_refused,
            public_events_are_taken,
        );
    };
    ($make:path: $($rule:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                if let Some(mut harness) = $make().await {
                    $crate::rules::$rule(&mut harness).await;
                    $crate::kit::Harness::finish(harness).await;
                }
            }
        )*
    };
}
pub(crate) use conforms;
