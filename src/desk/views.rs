//! What customers and agents read: updates of one conversation, lists, and the full view with brief and traces.

use super::{Desk, DeskError};
use crate::domain::event::ContactKind;
use crate::domain::{AgentId, Brief, Conversation, ConversationId, Phase, Seq, Trace, Turn, TurnKind, clocks};
use crate::store::{Counts, Cursor, Past, Profile, Row, StoreError, View};

/// Whatever changed in a conversation after a number.
#[derive(Clone, Debug)]
pub struct Update {
    pub turns: Vec<Turn>,
    /// Resume from here.
    pub through: Seq,
    pub phase: Phase,
    /// While it waits.
    pub standing: Option<Standing>,
    /// The name of the agent who has it.
    pub agent_name: Option<String>,
}

/// Where a waiting customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// From 1.
    pub position: u32,
    /// From and to; `None` while too few were taken lately.
    pub wait_secs: Option<(u64, u64)>,
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
    /// What was merged into it, with its turns, oldest first.
    pub absorbed: Vec<(ConversationId, Vec<Turn>)>,
    /// What the customer left to be reached by, newest first.
    pub contacts: Vec<(ContactKind, String)>,
    /// Signed by the site.
    pub profile: Option<Profile>,
    /// Other conversations of the customer, the latest first.
    pub past: Vec<Past>,
    pub deadlines: Vec<clocks::Deadline>,
    /// What will never arrive: the turn, and why.
    pub undelivered: Vec<(Seq, String)>,
}

/// Earlier conversations that an agent is shown.
const MAX_PAST: u32 = 20;

impl Desk {
    /// As the customer may read it: without notes. `limit` is 1 to 500.
    pub async fn update(&self, id: &ConversationId, after: Seq, limit: u32) -> Result<Update, DeskError> {
        let store = &self.parts.store;
        // Turns first: the phase read after them may be newer, never older, than what they show.
        let page = store.turns(id, after, limit).await?;
        let conversation = self.read(id).await?;
        Ok(Update {
            turns: page.turns.into_iter().filter(|turn| turn.kind != TurnKind::Note).collect(),
            through: page.through,
            standing: self.standing(&conversation).await?,
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
        let store = &self.parts.store;
        let (turns, through) = self.all_turns(id).await?;
        let conversation = self.read(id).await?;
        let brief = store.brief(id).await?;
        let position = self.position(&conversation).await?;
        let agent_name = self.owner_name(&conversation).await?;
        let cursor = Cursor { key: 0, id: id.clone() };
        let need = brief.as_ref().map(|brief| brief.need.clone());
        let row = Row { conversation, last_turn: turns.last().cloned(), need, cursor };
        let mut absorbed = vec![];
        for other in store.merged_into(id).await? {
            let turns = self.all_turns(&other).await?.0;
            absorbed.push((other, turns));
        }
        Ok(FullView {
            contacts: store.contacts(id).await?,
            profile: store.profile(&row.conversation.customer).await?,
            past: store.past_of(id, MAX_PAST).await?,
            deadlines: clocks::deadlines(&row.conversation, &self.rules()),
            undelivered: store.undelivered(id).await?,
            traces: store.traces(id).await?,
            row,
            brief,
            turns,
            through,
            position,
            agent_name,
            absorbed,
        })
    }

    async fn all_turns(&self, id: &ConversationId) -> Result<(Vec<Turn>, Seq), DeskError> {
        const TURNS: u32 = 500;
        let mut turns: Vec<Turn> = vec![];
        let mut through = 0;
        loop {
            let page = self.parts.store.turns(id, through, TURNS).await?;
            let is_last = page.turns.len() < TURNS as usize;
            through = page.through;
            turns.extend(page.turns);
            if is_last {
                return Ok((turns, through));
            }
        }
    }

    /// Whether `id` was merged into `into`.
    pub async fn was_merged(&self, id: &ConversationId, into: &ConversationId) -> Result<bool, StoreError> {
        Ok(self.parts.store.merged_into(into).await?.contains(id))
    }

    async fn position(&self, conversation: &Conversation) -> Result<Option<u32>, StoreError> {
        match &conversation.phase {
            Phase::Waiting { queue, .. } => Ok(Some(self.parts.store.place(&conversation.id, queue).await?)),
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. } => Ok(None),
        }
    }

    async fn standing(&self, conversation: &Conversation) -> Result<Option<Standing>, StoreError> {
        let (Phase::Waiting { queue, .. }, Some(position)) = (&conversation.phase, self.position(conversation).await?)
        else {
            return Ok(None);
        };
        let wait_secs = self.expected_wait(queue, position, self.parts.clock.now()).await?;
        Ok(Some(Standing { position, wait_secs }))
    }

    async fn owner_name(&self, conversation: &Conversation) -> Result<Option<String>, StoreError> {
        match conversation.phase.agent() {
            Some(agent) => self.agent_name(agent).await,
            None => Ok(None),
        }
    }
}
