//! What customers and agents read: updates of one conversation, lists, and the full view with brief and traces.

use super::{Desk, DeskError};
use crate::domain::{AgentId, Brief, Conversation, ConversationId, Phase, Seq, Trace, Turn};
use crate::store::{Counts, Cursor, Row, StoreError, View};

/// Whatever changed in a conversation after a number.
#[derive(Clone, Debug)]
pub struct Update {
    pub turns: Vec<Turn>,
    /// Resume from here.
    pub through: Seq,
    pub phase: Phase,
    /// While it waits: the place in line, from 1.
    pub position: Option<u32>,
    /// The name of the agent who has it.
    pub agent_name: Option<String>,
}

/// All that an agent sees of one conversation.
#[derive(Clone, Debug)]
pub struct FullView {
    pub row: Row,
    pub brief: Option<Brief>,
    pub turns: Vec<Turn>,
    pub through: Seq,
    pub traces: Vec<(Seq, Trace)>,
    pub position: Option<u32>,
    pub agent_name: Option<String>,
}

impl Desk {
    /// `limit` is 1 to 500.
    pub async fn update(&self, id: &ConversationId, after: Seq, limit: u32) -> Result<Update, DeskError> {
        let store = &self.parts.store;
        // Turns first: the phase read after them may be newer, never older, than what they show.
        let page = store.turns(id, after, limit).await?;
        let conversation = self.read(id).await?;
        Ok(Update {
            turns: page.turns,
            through: page.through,
            position: self.position(&conversation).await?,
            agent_name: self.owner_name(&conversation).await?,
            phase: conversation.phase,
        })
    }

    pub async fn list(&self, view: View, limit: u32, after: Option<Cursor>) -> Result<Vec<Row>, StoreError> {
        self.parts.store.list(view, limit, after).await
    }

    pub async fn counts(&self, agent: &AgentId) -> Result<Counts, StoreError> {
        self.parts.store.counts(agent).await
    }

    pub async fn full_view(&self, id: &ConversationId) -> Result<FullView, DeskError> {
        const TURNS: u32 = 500;
        let store = &self.parts.store;
        let mut turns: Vec<Turn> = vec![];
        let mut through = 0;
        loop {
            let page = store.turns(id, through, TURNS).await?;
            let is_last = page.turns.len() < TURNS as usize;
            through = page.through;
            turns.extend(page.turns);
            if is_last {
                break;
            }
        }
        let conversation = self.read(id).await?;
        let brief = store.brief(id).await?;
        let position = self.position(&conversation).await?;
        let agent_name = self.owner_name(&conversation).await?;
        let cursor = Cursor { key: 0, id: id.clone() };
        let need = brief.as_ref().map(|brief| brief.need.clone());
        let row = Row { conversation, last_turn: turns.last().cloned(), need, cursor };
        Ok(FullView { row, brief, turns, through, traces: store.traces(id).await?, position, agent_name })
    }

    async fn position(&self, conversation: &Conversation) -> Result<Option<u32>, StoreError> {
        match &conversation.phase {
            Phase::Waiting { queue, .. } => Ok(Some(self.parts.store.place(&conversation.id, queue).await?)),
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. } => Ok(None),
        }
    }

    async fn owner_name(&self, conversation: &Conversation) -> Result<Option<String>, StoreError> {
        match conversation.phase.agent() {
            Some(agent) => self.agent_name(agent).await,
            None => Ok(None),
        }
    }
}
