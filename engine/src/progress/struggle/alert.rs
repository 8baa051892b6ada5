//! Open alerts: at most one for each trigger and topic.

use serde::{Deserialize, Serialize};

use super::trigger::{Severity, Trigger};
use super::window::{Last, Second, Stamp, Tagged};
use crate::clock::Timestamp;
use crate::course::CourseKey;

/// Alerts that may be open at once.
pub const ALERT_LIMIT: usize = 16;
/// Seconds after which an open alert may be raised again.
pub(super) const AGAIN_AFTER_S: u32 = 900;

/// An alert that nothing has cleared yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Tagged", into = "Tagged")]
pub struct Alert {
    /// Why.
    pub trigger: Trigger,
    /// About which topic.
    pub topic: Option<CourseKey>,
    /// How urgent.
    pub severity: Severity,
    pub(super) raised: Stamp,
}

impl Alert {
    /// When it was raised last, to the second.
    pub fn raised_at(&self) -> Timestamp {
        self.raised.at.plus(0)
    }

    /// The number of the event that raised it.
    pub fn event(&self) -> i64 {
        self.raised.event.into()
    }

    pub(super) fn is(&self, trigger: Trigger, topic: Option<CourseKey>) -> bool {
        self.trigger == trigger && self.topic == topic
    }

    /// Whether it was raised so recently that it isn't raised again.
    pub(super) const fn is_fresh(&self, now: Second) -> bool {
        now.since(self.raised.at) < AGAIN_AFTER_S
    }

    /// When it has lived its time.
    pub(super) fn ends_at(&self) -> Timestamp {
        self.raised.at.plus(self.trigger.life_s())
    }
}

/// A stored alert has a trigger or a severity that doesn't exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored alert of an unknown kind: {0:#04x}")]
pub struct UnknownAlert(u8);

impl TryFrom<Tagged> for Alert {
    type Error = UnknownAlert;

    fn try_from(tagged: Tagged) -> Result<Self, UnknownAlert> {
        let unknown = UnknownAlert(tagged.tag());
        let trigger = Trigger::ALL.get(usize::from(tagged.tag() & 0x0f)).ok_or(unknown)?;
        let severity = Severity::ALL.get(usize::from(tagged.tag() >> 4)).ok_or(unknown)?;
        let topic = tagged.topic();
        Ok(Self { trigger: *trigger, topic, severity: *severity, raised: tagged.stamp })
    }
}

impl From<Alert> for Tagged {
    fn from(alert: Alert) -> Self {
        let tag = (alert.severity as u8) << 4 | alert.trigger as u8;
        Self::new(tag, alert.topic, alert.raised)
    }
}

/// The open alerts, the one raised longest ago first.
pub(super) type Alerts = Last<Alert, ALERT_LIMIT>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_takes_thirteen_bytes_and_comes_back() {
        for trigger in Trigger::ALL {
            for severity in Severity::ALL {
                for topic in [None, Some(CourseKey::from_bytes([9; 4]))] {
                    let raised = Stamp::new(Timestamp::from_millis(1_000), 70_000);
                    let alert = Alert { trigger, topic, severity, raised };
                    let bytes = postcard::to_stdvec(&alert).unwrap();
                    assert_eq!(bytes.len(), 13);
                    assert_eq!(postcard::from_bytes::<Alert>(&bytes).unwrap(), alert);
                }
            }
        }
    }

    #[test]
    fn what_is_no_alert_says_so() {
        for tag in [0x08, 0x30, 0x7f] {
            let tagged = Tagged::new(tag, None, Stamp::default());
            assert_eq!(Alert::try_from(tagged), Err(UnknownAlert(tag)));
        }
    }
}
