//! What is kept of changes to people, rules and data.

use crate::domain::{AgentId, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audited {
    SignedIn,
    /// Too many wrong passwords or codes.
    LockedOut,
    SecondFactorOn,
    SecondFactorOff,
    AgentAdded,
    AgentDisabled,
    PasswordSet,
    WorkSet,
    QueueSet,
    QueueUnset,
    CannedReplySet,
    CannedReplyRemoved,
    PhraseAccepted,
    PhraseRejected,
    LookSet,
    LookUnset,
    CustomerBlocked,
    CustomerUnblocked,
    CustomerExported,
    CustomerErased,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Rises.
    pub id: i64,
    pub at: Timestamp,
    /// `None`: whoever works on the server itself.
    pub agent: Option<AgentId>,
    pub what: Audited,
    /// The e-mail address, name or id of what was changed; no customer's words.
    pub about: String,
}

/// Wrong passwords and codes in a row for one e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedSignIns {
    pub n: u32,
    pub last_at: Timestamp,
}
