//! Signs of people: who is typing, how far each side has read, what was filled in before the first words, whose conversation it is.

use super::lookers::Looker;
use super::take_turn::check_client_id;
use super::{Desk, DeskError, Vouched};
use crate::bus::{Hint, Typist};
use crate::domain::brief::KnownCustomer;
use crate::domain::{AgentId, Conversation, ConversationId, Detail, Refusal, Seq, rules};
use crate::store::{AgentRecord, Identified, Reader, StoreError};
use tokio::time::Instant;

/// Characters of one field of the form before the first words.
pub const MAX_DETAIL_CHARS: usize = 200;

impl Desk {
    pub fn customer_types(&self, id: &ConversationId, is_typing: bool) {
        match is_typing {
            true => self.parts.typing.begins(id, Typist::Customer),
            false => self.parts.typing.ends(id, &Typist::Customer),
        }
    }

    /// Only the owner's hands are shown to the customer.
    pub async fn agent_types(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        is_typing: bool,
    ) -> Result<(), DeskError> {
        let by = Typist::Agent(agent.id.clone());
        if !is_typing {
            self.parts.typing.ends(id, &by);
            return Ok(());
        }
        if self.read(id).await?.phase.agent() != Some(&agent.id) {
            return Err(Refusal::NotYours.into());
        }
        self.parts.typing.begins(id, by);
        Ok(())
    }

    /// The agent looks at the conversation, perhaps writes there, or has gone. Returns the others who look.
    pub async fn looks(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        is_writing: bool,
        is_gone: bool,
    ) -> Result<Vec<Looker>, DeskError> {
        self.read(id).await?;
        let now = Instant::now();
        let looker = Looker { agent: agent.id.clone(), name: agent.name.clone(), is_writing };
        self.parts.lookers.tell(id, looker, is_gone, now);
        Ok(self.parts.lookers.of(id, now).into_iter().filter(|one| one.agent != agent.id).collect())
    }

    pub fn is_customer_typing(&self, id: &ConversationId) -> bool {
        self.parts.typing.is_customer_typing(id)
    }

    pub(super) fn is_owner_typing(&self, conversation: &Conversation) -> bool {
        let owner = conversation.phase.agent();
        owner.is_some_and(|owner| self.parts.typing.is_agent_typing(&conversation.id, owner))
    }

    /// What was being typed has been said.
    pub(super) fn hand_rests(&self, id: &ConversationId, agent: Option<&AgentId>) {
        let by = agent.map_or(Typist::Customer, |agent| Typist::Agent(agent.clone()));
        self.parts.typing.ends(id, &by);
    }

    /// Everything up to this number was on somebody's screen. A number that is known already changes nothing.
    pub async fn mark_read(&self, id: &ConversationId, by: Reader, through: Seq) -> Result<(), DeskError> {
        if self.parts.store.mark_read(id, by, through).await? {
            self.parts.bus.hint(Hint::Conversation(id.clone()));
        }
        Ok(())
    }

    /// The site vouches for the customer of a conversation that began before it could. Expects attributes of the conversation's site.
    pub async fn identify(&self, conversation: &Conversation, vouched: Vouched) -> Result<(), DeskError> {
        let priority = rules::priority_of(&vouched.attributes);
        let profile =
            KnownCustomer { site: conversation.site.clone(), subject: vouched.subject, attributes: vouched.attributes };
        let id = &conversation.id;
        match self.parts.store.identify(id, profile, priority, self.parts.clock.now()).await? {
            Identified::As(_) => {}
            Identified::OtherCustomer => return Err(DeskError::OtherCustomer),
            Identified::NoSuchConversation => return Err(DeskError::NoSuchConversation),
        }
        self.parts.bus.hint(Hint::Conversation(id.clone()));
        if priority != conversation.priority {
            self.parts.bus.hint(Hint::Queue);
        }
        Ok(())
    }

    /// Whose `(site, client_id)` opened something before.
    pub async fn has_begun(&self, site: &str, client_id: &str) -> Result<bool, DeskError> {
        check_client_id(client_id)?;
        Ok(self.parts.store.conversation_by_client(site, client_id).await?.is_some())
    }

    /// What the customer filled in before the first words; a field that is given again is replaced.
    pub async fn fill_in(&self, id: &ConversationId, details: Vec<Detail>) -> Result<(), DeskError> {
        if details.is_empty() || self.parts.store.keep_details(id, details, self.parts.clock.now()).await? {
            return Ok(());
        }
        Err(DeskError::NoSuchConversation)
    }

    /// A client id that came again: of a stranger, or of the customer whom the site vouches for now.
    pub(super) async fn open_again(
        &self,
        conversation: &Conversation,
        vouched: Option<Vouched>,
    ) -> Result<(), DeskError> {
        match vouched {
            Some(vouched) => self.identify(conversation, vouched).await,
            None if self.is_known(conversation).await? => Err(DeskError::OtherCustomer),
            None => Ok(()),
        }
    }

    async fn is_known(&self, conversation: &Conversation) -> Result<bool, StoreError> {
        Ok(self.parts.store.profile(&conversation.customer).await?.is_some())
    }
}
