//! Carries hints from the bus to the sockets that care, so that ten thousand sockets are not all woken by every word.

use crate::bus::{Bus, Hint, Typist};
use crate::domain::ConversationId;
use dashmap::DashMap;
use std::sync::{Arc, Once};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

/// Listens once to the bus, from the first socket on, until the bus is gone.
pub struct Hub {
    conversations: DashMap<ConversationId, watch::Sender<()>>,
    queue: watch::Sender<()>,
    started: Once,
}

impl Default for Hub {
    fn default() -> Self {
        Self { conversations: DashMap::new(), queue: watch::channel(()).0, started: Once::new() }
    }
}

/// What one socket hears. Hints since the last look are one hint.
pub struct Listening {
    hub: Arc<Hub>,
    id: ConversationId,
    /// `None` only while it is being dropped.
    conversation: Option<watch::Receiver<()>>,
    queue: watch::Receiver<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Conversation,
    Queue,
}

impl Hub {
    /// From now on nothing is missed, so read after calling this. Needs a tokio runtime.
    pub fn listen(self: &Arc<Self>, id: &ConversationId, bus: &Bus) -> Listening {
        self.started.call_once(|| {
            tokio::spawn(self.clone().carry(bus.listen()));
        });
        let conversation = self.conversations.entry(id.clone()).or_insert_with(|| watch::channel(()).0).subscribe();
        Listening { hub: self.clone(), id: id.clone(), conversation: Some(conversation), queue: self.queue.subscribe() }
    }

    async fn carry(self: Arc<Self>, mut hints: broadcast::Receiver<Hint>) {
        loop {
            match hints.recv().await {
                // A customer's own hands are no news to the customer.
                Ok(Hint::Typing { by: Typist::Customer, .. } | Hint::Lookers(_)) => {}
                Ok(Hint::Conversation(id) | Hint::Typing { conversation: id, by: Typist::Agent(_), .. }) => {
                    if let Some(listeners) = self.conversations.get(&id) {
                        listeners.send_replace(());
                    }
                }
                Ok(Hint::Queue) => {
                    self.queue.send_replace(());
                }
                Ok(Hint::Outbox | Hint::Knowledge | Hint::Judged) => {}
                // Nobody knows what was missed, so everyone looks again.
                Err(RecvError::Lagged(n_missed)) => {
                    tracing::warn!(n_missed, "live sockets fell behind the bus; all of them look again");
                    self.conversations.iter().for_each(|listeners| {
                        listeners.send_replace(());
                    });
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}

impl Listening {
    /// Waits for the next hint. Giving up on it loses nothing.
    pub async fn hear(&mut self) -> Heard {
        let conversation = self.conversation.as_mut().expect("taken only by drop");
        // Both senders live in the hub, which this holds, so waiting never fails.
        tokio::select! {
            _ = conversation.changed() => Heard::Conversation,
            _ = self.queue.changed() => Heard::Queue,
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.conversation = None;
        self.hub.conversations.remove_if(&self.id, |_, listeners| listeners.receiver_count() == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_those_who_care_are_woken() {
        let (hub, bus) = (Arc::<Hub>::default(), Bus::in_process());
        let (here, there) = (ConversationId::new("here"), ConversationId::new("there"));
        let mut mine = hub.listen(&here, &bus);
        let mut other = hub.listen(&there, &bus);
        bus.hint(Hint::Conversation(here.clone()));
        assert_eq!(mine.hear().await, Heard::Conversation);
        bus.hint(Hint::Queue);
        assert_eq!(mine.hear().await, Heard::Queue);
        assert_eq!(other.hear().await, Heard::Queue);
    }

    #[tokio::test]
    async fn who_has_left_is_forgotten() {
        let (hub, bus) = (Arc::<Hub>::default(), Bus::in_process());
        let id = ConversationId::new("c");
        let (one, two) = (hub.listen(&id, &bus), hub.listen(&id, &bus));
        drop(one);
        assert_eq!(hub.conversations.len(), 1);
        drop(two);
        assert_eq!(hub.conversations.len(), 0);
    }
}
