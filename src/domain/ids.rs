//! Names of things. All ids are opaque strings to whoever is outside.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment, UTC. Serialised as RFC 3339.
pub type Timestamp = jiff::Timestamp;

/// Numbers the changes of one conversation from 1, without gaps. 0 means "before the first".
pub type Seq = u64;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id! {
    /// One customer's ongoing exchange.
    ConversationId,
    /// Whoever asks.
    CustomerId,
    /// A person who takes what is handed off.
    AgentId,
    /// `[a-z0-9-]`, the same for every translation of an article.
    ArticleId,
    /// A file that somebody sent.
    AttachmentId,
    /// A named line of waiting handoffs.
    QueueName,
    /// One thing said; made of the conversation and the sequence number.
    TurnId,
    /// One move to people; made of the conversation and the sequence number.
    HandoffId,
}

impl TurnId {
    /// The id of the turn that was said as change `seq`; derived, so that planning needs no randomness.
    pub fn of(conversation: &ConversationId, seq: Seq) -> Self {
        Self(format!("{conversation}.{seq}"))
    }

    /// What `of` was made from; `None` for what it never made.
    pub fn parts(&self) -> Option<(ConversationId, Seq)> {
        let (conversation, seq) = self.0.rsplit_once('.')?;
        Some((ConversationId::new(conversation), seq.parse().ok()?))
    }
}

impl HandoffId {
    /// The id of the handoff that was change `seq`.
    pub fn of(conversation: &ConversationId, seq: Seq) -> Self {
        Self(format!("{conversation}.h{seq}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turns_id_tells_where_it_stands() {
        let check = |id: &str, expected: Option<(&str, Seq)>| {
            let expected = expected.map(|(conversation, seq)| (ConversationId::new(conversation), seq));
            assert_eq!(TurnId(id.to_owned()).parts(), expected, "{id}");
        };
        check(TurnId::of(&ConversationId::new("01j9zq"), 12).as_str(), Some(("01j9zq", 12)));
        check("a.b.3", Some(("a.b", 3)));
        check("01j9zq", None);
        check("01j9zq.h12", None);
        check("01j9zq.", None);
        check("01j9zq.-1", None);
        check("", None);
    }
}
