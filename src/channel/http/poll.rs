//! Long polling, for networks that let no socket through: a page as soon as something changed, else the same page after a while.

use super::Door;
use super::address::Caller;
use super::hub::Heard;
use super::live::QUEUE_PACE;
use super::wire::{Page, Titles};
use crate::desk::DeskError;
use crate::domain::{Conversation, Seq};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Shorter than the limit of every request and than what proxies usually allow.
pub const MAX_WAIT: Duration = Duration::from_secs(25);

/// What a client knows and how much of the rest it wants.
pub struct Wish {
    pub after: Seq,
    pub limit: u32,
    pub wait: Duration,
    /// Of the last page; `None`: whatever stands now is known.
    pub standing: Option<String>,
}

impl Door {
    /// Turns, phase, place in line, marks of reading, typing: whichever changes first.
    pub(super) async fn poll(
        &self,
        caller: Caller,
        conversation: &Conversation,
        wish: Wish,
    ) -> Result<Page, DeskError> {
        let wait = wish.wait.min(MAX_WAIT);
        // A poll that waits takes a socket's place. Without one it is answered at once, as if nothing had changed.
        let place = if wait.is_zero() { None } else { self.places.take(caller).ok() };
        // Before the first look, so that nothing is missed between the two.
        let mut hints = self.hub.listen(&conversation.id, self.desk.bus());
        let first = self.page(conversation, &wish).await?;
        let standing = wish.standing.as_ref().unwrap_or(&first.standing);
        let is_news = |page: &Page| !page.turns.is_empty() || page.through > wish.after || page.standing != *standing;
        if place.is_none() || is_news(&first) {
            return Ok(first);
        }
        let until = Instant::now() + wait;
        let mut looked_at = Instant::now();
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return Ok(first),
                heard = timeout_at(until, hints.hear()) => match heard {
                    Ok(Heard::Conversation) => {}
                    Ok(Heard::Queue) if first.queue.is_none() => continue,
                    Ok(Heard::Queue) => sleep_until((looked_at + QUEUE_PACE).min(until)).await,
                    Err(_) => return Ok(first),
                },
            }
            looked_at = Instant::now();
            let page = self.page(conversation, &wish).await?;
            if is_news(&page) {
                return Ok(page);
            }
        }
    }

    async fn page(&self, conversation: &Conversation, wish: &Wish) -> Result<Page, DeskError> {
        let update = self.desk.update(&conversation.id, wish.after, wish.limit).await?;
        Ok(Page::of(update, &Titles::for_conversation(&self.desk, conversation)))
    }
}
