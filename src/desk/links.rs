//! Carrying a conversation to another channel: a code is made where it is, and given once where it goes on.

use super::take_turn::hash;
use super::{Desk, DeskError, MAX_PLANS};
use crate::domain::{Channel, Command, Conversation, ConversationId, Event, Timestamp, plan};
use crate::store::StoreError;
use jiff::SignedDuration;

/// A code is typed or tapped at once, or never.
const LINK_SECS: i64 = 600;
/// Hexadecimal digits: 128 random bits, and few enough for a button of any channel (64 bytes).
const CODE_CHARS: usize = 32;

impl Desk {
    /// An older code of the conversation ends.
    pub async fn make_link(&self, id: &ConversationId) -> Result<(String, Timestamp), DeskError> {
        let mut code = self.parts.clock.new_secret();
        code.truncate(CODE_CHARS);
        let expires_at = self.parts.clock.now() + SignedDuration::from_secs(LINK_SECS);
        self.parts.store.keep_link(id, hash(&code), expires_at).await?;
        Ok((code, expires_at))
    }

    /// The conversation of the code goes on at `to`. What was said there before is merged into it. `None`: the code opens nothing.
    pub async fn follow_link(&self, code: &str, to: Channel) -> Result<Option<Conversation>, DeskError> {
        let now = self.parts.clock.now();
        let Some(id) = self.parts.store.take_link(&hash(code), now).await? else { return Ok(None) };
        for _ in 0..MAX_PLANS {
            let conversation = self.read(&id).await?;
            let rules = self.rules();
            let mut here = plan(&conversation, &Command::Move { to: to.clone() }, &rules, now)?;
            if here.is_empty() {
                return Ok(Some(conversation));
            }
            let mut changes = vec![];
            if let Some(there) = self.parts.store.conversation_by_channel(&to).await? {
                // Both hands hold the same code: it is one person.
                if there.customer != conversation.customer {
                    self.parts.store.unite_customers(&there.customer, &conversation.customer).await?;
                    continue;
                }
                let merge = Command::Merge { agent: None, into: id.clone() };
                let mut gone = vec![Event::Moved { from: to.clone(), to: Channel::Web }];
                gone.extend(plan(&there, &merge, &rules, now)?);
                changes.push(self.change(&there, gone, now));
                here.insert(0, Event::Absorbed { agent: None, from: there.id.clone() });
            }
            changes.push(self.change(&conversation, here, now));
            match self.commit_together(changes).await {
                Ok(mut after) => return Ok(after.pop()),
                Err(StoreError::Conflict) => continue,
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
