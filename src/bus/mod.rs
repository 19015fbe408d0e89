//! The bus room: says "look at X again".
//!
//! May: carry hints between parts of the process.
//! May not: carry content or truth. Losing every hint costs only time.

use crate::domain::ConversationId;
use tokio::sync::broadcast;

/// What to look at again.
#[derive(Clone, Debug, PartialEq)]
pub enum Hint {
    Conversation(ConversationId),
    /// The waiting line changed.
    Queue,
    /// Something waits to be carried to a channel.
    Outbox,
    /// Articles or their findings changed.
    Knowledge,
    /// A question was judged.
    Judged,
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
