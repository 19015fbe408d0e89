//! What a decision obeys: thresholds and bounds.

use serde::{Deserialize, Serialize};

/// In force for one decision. Thresholds are confidences, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// At or above: answer.
    pub answer_at: f64,
    /// The first candidate must lead the second by this much, or the two are offered.
    pub margin: f64,
    /// Below `answer_at`, offer what competes while the right one is among what is offered with at least this probability.
    #[serde(alias = "clarify_at")]
    pub clarify_floor: f64,
    /// Candidates below this are not offered.
    pub option_at: f64,
    /// 1 to 4.
    pub max_options: usize,
    /// Clarifications in a row before a person is called.
    pub max_clarifications: u8,
    /// While a customer waits, the notice is repeated at most this often.
    pub notice_every_secs: i64,
}

/// What the operator asks for. A threshold set by hand wins over the target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyWish {
    /// Share of answers that should be right, 0 to 1.
    pub target_precision: f64,
    /// Share of strangers' questions to expect, 0 to 1.
    pub stranger_share: f64,
    /// `None`: what calibration finds for the target.
    pub answer_at: Option<f64>,
    /// `None`: what calibration finds for the target.
    pub margin: Option<f64>,
    pub clarify_floor: f64,
    pub option_at: f64,
    pub max_options: usize,
    pub max_clarifications: u8,
    pub notice_every_secs: i64,
}

impl Default for PolicyWish {
    fn default() -> Self {
        Self {
            target_precision: 0.95,
            stranger_share: 0.2,
            answer_at: None,
            margin: None,
            clarify_floor: 0.5,
            option_at: 0.05,
            max_options: 4,
            max_clarifications: 1,
            notice_every_secs: 120,
        }
    }
}

impl PolicyWish {
    /// `answer_at` and `margin` are those that reach the target.
    pub fn at(&self, answer_at: f64, margin: f64) -> Policy {
        Policy {
            answer_at: self.answer_at.unwrap_or(answer_at),
            margin: self.margin.unwrap_or(margin),
            clarify_floor: self.clarify_floor,
            option_at: self.option_at,
            max_options: self.max_options,
            max_clarifications: self.max_clarifications,
            notice_every_secs: self.notice_every_secs,
        }
    }

    /// Careful, while nothing is known.
    pub fn before_calibration(&self) -> Policy {
        self.at(0.8, 0.1)
    }
}

impl Default for Policy {
    fn default() -> Self {
        PolicyWish::default().before_calibration()
    }
}

/// Where a handoff goes when its topic names no queue.
pub const DEFAULT_QUEUE: &str = "general";
