//! What was said is changed or taken back: by its agent for a while, by a customer in a channel that lets them.

use super::{Desk, DeskError, MAX_PLANS, MAX_TEXT_CHARS};
use crate::domain::plan::edit;
use crate::domain::{Conversation, ConversationId, Event, Phase, Refusal, Seq, Turn, TurnId};
use crate::store::{AgentRecord, Expect, StoreError};
use std::time::Duration;

impl Desk {
    /// `None` takes the turn back. Returns the turn as it stands now. The same words again change nothing.
    pub async fn edit_turn(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        turn: &TurnId,
        text: Option<String>,
    ) -> Result<(Turn, Conversation), DeskError> {
        check(text.as_deref())?;
        let of = turn.parts().filter(|(conversation, _)| conversation == id);
        let (_, first) = of.ok_or(DeskError::Refused(Refusal::NoSuchTurn))?;
        let now = self.parts.clock.now();
        let plan = |conversation: &Conversation, turn: &Turn| {
            edit::by_agent(conversation, turn, &agent.id, text.as_deref(), now)
        };
        self.rewrite(id, first, plan).await
    }

    /// The customer has edited the message that stands as `turn`. One that nothing reacted to yet is the question from now on; of an
    /// answered one the agents see the new words, and nothing is asked again.
    pub async fn edit_heard(
        &self,
        id: &ConversationId,
        first: Seq,
        text: &str,
        pause: Duration,
    ) -> Result<(), DeskError> {
        check(Some(text))?;
        let (turn, conversation) = self.rewrite(id, first, |_, turn| edit::by_customer(turn, text)).await?;
        if conversation.unanswered.contains(&turn.seq)
            && matches!(conversation.phase, Phase::WithBot { .. } | Phase::Waiting { .. })
        {
            self.begin_to_think_after(id.clone(), pause);
        }
        Ok(())
    }

    async fn rewrite(
        &self,
        id: &ConversationId,
        first: Seq,
        plan: impl Fn(&Conversation, &Turn) -> Result<Vec<Event>, Refusal>,
    ) -> Result<(Turn, Conversation), DeskError> {
        for _ in 0..MAX_PLANS {
            let conversation = self.read(id).await?;
            let turn = self.parts.store.turn(id, first).await?.ok_or(DeskError::Refused(Refusal::NoSuchTurn))?;
            let events = plan(&conversation, &turn)?;
            if events.is_empty() {
                return Ok((turn, conversation));
            }
            let mut change = self.change(&conversation, events, self.parts.clock.now());
            change.expect = Expect::Version(conversation.version);
            match self.commit(change).await {
                Ok(after) => {
                    let turn =
                        self.parts.store.turn(id, first).await?.ok_or(DeskError::Refused(Refusal::NoSuchTurn))?;
                    return Ok((turn, after));
                }
                Err(StoreError::Conflict) => continue,
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The messages as which a turn stands in its channel, part by part.
    pub async fn messages_of(&self, turn: &Turn) -> Result<Vec<i64>, StoreError> {
        match turn.id.parts() {
            Some((conversation, first)) => self.parts.store.channel_messages(&conversation, first).await,
            None => Ok(vec![]),
        }
    }

    /// One more part of the turn of a delivery stands in its channel.
    pub async fn note_message(&self, delivery: i64, part: usize, message: i64) -> Result<(), StoreError> {
        self.parts.store.note_channel_message(delivery, part as u32, message).await
    }

    /// It stands there no longer.
    pub async fn forget_message(&self, bot: &str, chat: i64, message: i64) -> Result<(), StoreError> {
        self.parts.store.forget_channel_message(bot, chat, message).await
    }

    /// The customer's turn that came as this message of a bot.
    pub async fn turn_heard_as(&self, id: &ConversationId, bot: &str, message: i64) -> Result<Option<Seq>, StoreError> {
        self.parts.store.turn_heard_as(id, bot, message).await
    }
}

fn check(text: Option<&str>) -> Result<(), DeskError> {
    match text {
        Some(text) if text.trim().is_empty() => Err(DeskError::TextEmpty),
        Some(text) if text.chars().count() > MAX_TEXT_CHARS => Err(DeskError::TextTooLong),
        Some(_) | None => Ok(()),
    }
}
