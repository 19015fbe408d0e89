//! What a decision obeys: thresholds and bounds.

use super::QueueName;
use serde::{Deserialize, Serialize};

/// Thresholds are confidences, 0 to 1. The built-in numbers are provisional and careful.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// At or above: answer.
    pub answer_at: f64,
    /// The first candidate must lead the second by this much, or the two are offered.
    pub margin: f64,
    /// At or above, but below `answer_at`: offer what competes.
    pub clarify_at: f64,
    /// Candidates below this are not offered.
    pub option_at: f64,
    /// 1 to 4.
    pub max_options: usize,
    /// Clarifications in a row before a person is called.
    pub max_clarifications: u8,
    /// While a customer waits, the notice is repeated at most this often.
    pub notice_every_secs: i64,
}

/// Where a handoff goes when its topic names no queue.
pub const DEFAULT_QUEUE: &str = "general";

pub fn queue_or_default(queue: Option<QueueName>) -> QueueName {
    queue.unwrap_or_else(|| QueueName::new(DEFAULT_QUEUE))
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            answer_at: 0.80,
            margin: 0.10,
            clarify_at: 0.25,
            option_at: 0.05,
            max_options: 4,
            max_clarifications: 1,
            notice_every_secs: 120,
        }
    }
}
