//! Who may see which conversation, whose customers may not write, and the tags by which it is found again.

use super::carry_out::who;
use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::{Command, Conversation, ConversationId, CustomerId, Sight, Tag, Timestamp};
use crate::store::{AgentRecord, StoreError};

/// Tags that are offered; more than anybody reads.
const MAX_TAGS_LISTED: u32 = 500;

impl Desk {
    pub fn sight_of(&self, agent: &AgentRecord) -> Sight {
        Sight::of(agent.id.clone(), &agent.email, agent.role.is_lead(), &self.rules().queues)
    }

    /// A conversation that is not there is nobody's secret.
    pub async fn must_see(&self, agent: &AgentRecord, id: &ConversationId) -> Result<(), DeskError> {
        let sight = self.sight_of(agent);
        if sight.hidden().is_empty() {
            return Ok(());
        }
        match self.parts.store.conversation(id).await? {
            Some(conversation) if !sight.sees(&conversation) => Err(DeskError::NotYourQueue),
            Some(_) | None => Ok(()),
        }
    }

    /// Ends the conversation and lets its customer write nowhere any more.
    pub async fn block(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        // Ended first: who may not end it blocks nobody.
        let after = self.carry_out(id, Command::Block { agent: who(agent) }).await?;
        self.parts.store.set_blocked(&after.customer, Some(self.parts.clock.now())).await?;
        self.parts.bus.hint(Hint::Conversation(id.clone()));
        Ok(after)
    }

    pub async fn unblock(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        let conversation = self.read(id).await?;
        self.parts.store.set_blocked(&conversation.customer, None).await?;
        self.parts.bus.hint(Hint::Conversation(id.clone()));
        Ok(conversation)
    }

    pub async fn blocked_at(&self, customer: &CustomerId) -> Result<Option<Timestamp>, StoreError> {
        self.parts.store.blocked_at(customer).await
    }

    pub async fn must_not_be_blocked(&self, customer: &CustomerId) -> Result<(), DeskError> {
        match self.blocked_at(customer).await? {
            Some(_) => Err(DeskError::Blocked),
            None => Ok(()),
        }
    }

    /// Tags as they were typed.
    pub async fn tag(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        add: &[String],
        remove: &[String],
    ) -> Result<Conversation, DeskError> {
        let (add, remove) = (tags_of("add", add)?, tags_of("remove", remove)?);
        self.carry_out(id, Command::Tag { agent: agent.id.clone(), add, remove }).await
    }

    /// With the number of conversations that have them, the most used first.
    pub async fn tags(&self) -> Result<Vec<(Tag, u32)>, StoreError> {
        self.parts.store.tags(MAX_TAGS_LISTED).await
    }
}

/// `field`: where they stood, for the one who reads the error.
pub fn tags_of(field: &str, typed: &[String]) -> Result<Vec<Tag>, DeskError> {
    if typed.len() > Tag::MAX_OF_ONE {
        return Err(DeskError::BadInput(format!("{field}: at most {} tags", Tag::MAX_OF_ONE)));
    }
    let parse = |text: &String| {
        let wrong = || DeskError::BadInput(format!("{field}: {text:?} is not 1 to 40 characters without comma and #"));
        Tag::parse(text).ok_or_else(wrong)
    };
    typed.iter().map(parse).collect()
}
