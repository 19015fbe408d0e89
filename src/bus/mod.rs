//! The bus room: says "look at X again".
//!
//! May: carry hints between parts of the process, and who is typing, which is kept nowhere.
//! May not: carry content or truth. Losing every hint costs only time.

use crate::domain::{AgentId, ConversationId};
use tokio::sync::broadcast;

/// What to look at again.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    Conversation(ConversationId),
    /// Somebody's hands began or ceased to type.
    Typing {
        conversation: ConversationId,
        by: Typist,
        is_typing: bool,
    },
    /// Other agents look at a conversation, or write there, than before.
    Lookers(ConversationId),
    /// The waiting line changed.
    Queue,
    /// Something waits to be carried to a channel.
    Outbox,
    /// Articles or their findings changed.
    Knowledge,
    /// A question was judged.
    Judged,
}

/// Whose hands are on a keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typist {
    Customer,
    Agent(AgentId),
}

/// Hints within this process. A listener that falls behind by more than `BACKLOG` hints must look at everything again.
#[derive(Clone)]
pub struct Bus {
    hints: broadcast::Sender<Hint>,
}

const BACKLOG: usize = 4096;

impl Bus {
    pub fn in_process() -> Self {
        Self { hints: broadcast::channel(BACKLOG).0 }
    }

    pub fn hint(&self, hint: Hint) {
        // No listener is no failure: a hint is allowed to be lost.
        let _ = self.hints.send(hint);
    }

    pub fn listen(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }
}
