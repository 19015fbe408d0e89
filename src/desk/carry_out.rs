//! Commands of customers and agents that are no questions: planned on what was read, and again on the fresh state after a conflict.

use super::think::handed_off;
use super::{Desk, DeskError, MAX_PLANS};
use crate::domain::plan::Place;
use crate::domain::policy::queue_or_default;
use crate::domain::{Command, Conversation, ConversationId, Outcome, Phase, Seq, plan};
use crate::store::{AgentRecord, Change, Expect, StoreError};

impl Desk {
    pub async fn ask_for_person(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        let conversation = self.read(id).await?;
        let queue = queue_or_default(conversation.topic_queue());
        let place = Place(self.parts.store.place(id, &queue).await?);
        self.carry_out(id, Command::AskForPerson { place }, None).await
    }

    pub async fn back_to_bot(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::BackToBot, None).await
    }

    pub async fn rate(
        &self,
        id: &ConversationId,
        score: u8,
        comment: Option<String>,
    ) -> Result<Conversation, DeskError> {
        if comment.as_ref().is_some_and(|c| c.chars().count() > super::MAX_TEXT_CHARS) {
            return Err(DeskError::TextTooLong);
        }
        self.carry_out(id, Command::Rate { score, has_comment: comment.is_some() }, comment).await
    }

    pub async fn feedback(&self, id: &ConversationId, seq: Seq, helped: bool) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::Feedback { seq, helped }, None).await
    }

    pub async fn claim(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        let command = Command::Claim { agent: agent.id.clone(), agent_name: agent.name.clone() };
        self.carry_out(id, command, None).await
    }

    /// The same client id again is the same reply.
    pub async fn reply(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        client_id: String,
        text: String,
    ) -> Result<Conversation, DeskError> {
        if text.trim().is_empty() {
            return Err(DeskError::TextEmpty);
        }
        if text.chars().count() > super::MAX_TEXT_CHARS {
            return Err(DeskError::TextTooLong);
        }
        super::take_turn::check_client_id(&client_id)?;
        self.carry_out(id, Command::Reply { agent: agent.id.clone(), client_id, text }, None).await
    }

    pub async fn release(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        let conversation = self.read(id).await?;
        let place = match &conversation.phase {
            Phase::WithAgent { queue, .. } | Phase::Waiting { queue, .. } => self.parts.store.place(id, queue).await?,
            Phase::WithBot { .. } | Phase::Resolved { .. } => 1,
        };
        self.carry_out(id, Command::Release { agent: agent.id.clone(), place: Place(place) }, None).await
    }

    pub async fn hand_back(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::HandBack { agent: agent.id.clone() }, None).await
    }

    pub async fn resolve(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        outcome: Outcome,
    ) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::Resolve { agent: agent.id.clone(), outcome }, None).await
    }

    pub(super) async fn read(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        self.parts.store.conversation(id).await?.ok_or(DeskError::NoSuchConversation)
    }

    async fn carry_out(
        &self,
        id: &ConversationId,
        command: Command,
        comment: Option<String>,
    ) -> Result<Conversation, DeskError> {
        for _ in 0..MAX_PLANS {
            let conversation = self.read(id).await?;
            let now = self.parts.clock.now();
            let events = plan(&conversation, &command, now)?;
            if events.is_empty() {
                return Ok(conversation);
            }
            let brief = match handed_off(&events) {
                Some((reason, queue)) => Some(self.brief(&conversation, reason, queue, None).await?),
                None => None,
            };
            let change = Change {
                conversation: id.clone(),
                expect: Expect::Epoch(conversation.owner_epoch),
                events,
                trace: None,
                brief,
                comment: comment.clone(),
                lot: None,
                now,
            };
            match self.commit(change).await {
                Ok(after) => return Ok(after),
                Err(StoreError::Conflict) => continue,
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }
}
