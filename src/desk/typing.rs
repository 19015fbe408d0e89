//! Who is typing right now. Kept in memory alone and for seconds: never what is typed, and losing all of it costs nothing.

use crate::bus::{Bus, Hint, Typist};
use crate::domain::{AgentId, ConversationId};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Whoever does not say so again is not typing any more.
pub const TYPING_FOR: Duration = Duration::from_secs(6);
/// One side of a conversation is heard at most so often.
const MIN_GAP: Duration = Duration::from_secs(1);
/// People who type at once; whoever comes on top types unseen.
const MAX_TYPISTS: usize = 10_000;

/// The hands on all keyboards. Cheap to clone.
#[derive(Clone)]
pub struct Typing {
    hands: Arc<DashMap<Key, Hand>>,
    bus: Bus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Customer,
    Agent,
}

type Key = (ConversationId, Side);

struct Hand {
    by: Typist,
    /// `None`: it has stopped, and is remembered for `MIN_GAP`.
    until: Option<Instant>,
    heard_at: Instant,
}

impl Hand {
    /// When there is next something to do about it.
    fn next(&self) -> Instant {
        self.until.unwrap_or(self.heard_at + MIN_GAP)
    }
}

impl Typing {
    pub fn new(bus: Bus) -> Self {
        Self { hands: Arc::default(), bus }
    }

    /// Begins, or goes on. Needs a tokio runtime.
    pub fn begins(&self, id: &ConversationId, by: Typist) {
        let key = (id.clone(), side(&by));
        if self.begins_at(&key, by, Instant::now()) {
            tokio::spawn(self.clone().follow(key));
        }
    }

    /// Whether somebody must `follow` from now on.
    fn begins_at(&self, key: &Key, by: Typist, now: Instant) -> bool {
        let is_full = self.hands.len() >= MAX_TYPISTS;
        let mut is_new = false;
        match self.hands.entry(key.clone()) {
            Entry::Occupied(mut known) => {
                let hand = known.get_mut();
                if now < hand.heard_at + MIN_GAP {
                    return false;
                }
                let goes_on = hand.until.is_some() && hand.by == by;
                *hand = Hand { by: by.clone(), until: Some(now + TYPING_FOR), heard_at: now };
                if goes_on {
                    return false;
                }
            }
            Entry::Vacant(_) if is_full => return false,
            Entry::Vacant(free) => {
                free.insert(Hand { by: by.clone(), until: Some(now + TYPING_FOR), heard_at: now });
                is_new = true;
            }
        }
        self.tell(&key.0, by, true);
        is_new
    }

    /// Nothing when that one was not typing.
    pub fn ends(&self, id: &ConversationId, by: &Typist) {
        let Some(mut hand) = self.hands.get_mut(&(id.clone(), side(by))) else { return };
        if hand.by == *by && hand.until.take().is_some() {
            drop(hand);
            self.tell(id, by.clone(), false);
        }
    }

    pub fn is_customer_typing(&self, id: &ConversationId) -> bool {
        self.hands.get(&(id.clone(), Side::Customer)).is_some_and(|hand| hand.until.is_some())
    }

    pub fn is_agent_typing(&self, id: &ConversationId, agent: &AgentId) -> bool {
        let hand = self.hands.get(&(id.clone(), Side::Agent));
        hand.is_some_and(|hand| hand.until.is_some() && hand.by == Typist::Agent(agent.clone()))
    }

    /// Until the hand has rested for so long that nothing need be known of it.
    async fn follow(self, key: Key) {
        loop {
            let Some(next) = self.hands.get(&key).map(|hand| hand.next()) else { return };
            sleep_until(next).await;
            if self.is_over(&key, Instant::now()) {
                return;
            }
        }
    }

    /// Ends what has not been said again; `true` once nothing need be known of the hand any more.
    fn is_over(&self, key: &Key, now: Instant) -> bool {
        let rested = self.hands.get_mut(key).and_then(|mut hand| {
            let has_ended = hand.until.is_some_and(|until| until <= now);
            if has_ended {
                hand.until = None;
            }
            has_ended.then(|| hand.by.clone())
        });
        if let Some(by) = rested {
            self.tell(&key.0, by, false);
        }
        self.hands.remove_if(key, |_, hand| hand.until.is_none() && hand.heard_at + MIN_GAP <= now).is_some()
    }

    fn tell(&self, id: &ConversationId, by: Typist, is_typing: bool) {
        self.bus.hint(Hint::Typing { conversation: id.clone(), by, is_typing });
    }
}

fn side(by: &Typist) -> Side {
    match by {
        Typist::Customer => Side::Customer,
        Typist::Agent(_) => Side::Agent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::broadcast::Receiver;

    /// One conversation, and a time that moves only when told to.
    struct Room {
        typing: Typing,
        hints: Receiver<Hint>,
        id: ConversationId,
        now: Instant,
    }

    impl Room {
        fn new() -> Self {
            let bus = Bus::in_process();
            Self { hints: bus.listen(), typing: Typing::new(bus), id: ConversationId::new("c"), now: Instant::now() }
        }

        fn begins(&mut self, by: &Typist) -> Vec<bool> {
            self.typing.begins_at(&(self.id.clone(), side(by)), by.clone(), self.now);
            self.hears()
        }

        fn ends(&mut self, by: &Typist) -> Vec<bool> {
            self.typing.ends(&self.id, by);
            self.hears()
        }

        fn after(&mut self, ms: u64) -> Vec<bool> {
            self.now += Duration::from_millis(ms);
            for side in [Side::Customer, Side::Agent] {
                self.typing.is_over(&(self.id.clone(), side), self.now);
            }
            self.hears()
        }

        fn hears(&mut self) -> Vec<bool> {
            let mut heard = vec![];
            while let Ok(hint) = self.hints.try_recv() {
                let Hint::Typing { is_typing, .. } = hint else { panic!("{hint:?}") };
                heard.push(is_typing);
            }
            heard
        }
    }

    const CUSTOMER: Typist = Typist::Customer;
    const NOTHING: [bool; 0] = [];

    #[tokio::test]
    async fn it_begins_goes_on_and_ends_by_itself() {
        let mut room = Room::new();
        assert_eq!(room.begins(&CUSTOMER), [true]);
        assert_eq!(room.after(4_000), NOTHING);
        assert_eq!(room.begins(&CUSTOMER), NOTHING, "told once");
        assert_eq!(room.after(5_900), NOTHING);
        assert!(room.typing.is_customer_typing(&room.id));
        assert_eq!(room.after(200), [false]);
        assert!(!room.typing.is_customer_typing(&room.id));
        assert_eq!(room.typing.hands.len(), 0, "nothing is remembered");
    }

    #[tokio::test]
    async fn one_a_second_is_heard() {
        let mut room = Room::new();
        assert_eq!(room.begins(&CUSTOMER), [true]);
        assert_eq!(room.ends(&CUSTOMER), [false]);
        for _ in 0..20 {
            assert_eq!(room.begins(&CUSTOMER), NOTHING);
            assert_eq!(room.ends(&CUSTOMER), NOTHING);
        }
        assert_eq!(room.after(999), NOTHING);
        assert_eq!(room.begins(&CUSTOMER), NOTHING, "remembered for a second");
        assert_eq!(room.after(1), NOTHING);
        assert_eq!(room.typing.hands.len(), 0);
        assert_eq!(room.begins(&CUSTOMER), [true]);
    }

    #[tokio::test]
    async fn both_sides_type_apart_and_another_agent_is_another() {
        let mut room = Room::new();
        let (anna, boris) = (AgentId::new("anna"), AgentId::new("boris"));
        assert_eq!(room.begins(&CUSTOMER), [true]);
        assert_eq!(room.begins(&Typist::Agent(anna.clone())), [true]);
        assert_eq!(room.ends(&Typist::Agent(boris.clone())), NOTHING);
        assert!(room.typing.is_agent_typing(&room.id, &anna) && room.typing.is_customer_typing(&room.id));
        room.after(2_000);
        assert_eq!(room.begins(&Typist::Agent(boris.clone())), [true]);
        assert!(room.typing.is_agent_typing(&room.id, &boris) && !room.typing.is_agent_typing(&room.id, &anna));
    }
}
