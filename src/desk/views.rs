//! What customers and agents read: updates of one conversation, lists, and the full view with brief and traces.

use super::{Desk, DeskError};
use crate::domain::brief::KnownCustomer;
use crate::domain::event::ContactKind;
use crate::domain::{
    Brief, Clock, Conversation, ConversationId, Detail, Phase, Seq, Timestamp, Trace, Turn, TurnKind, clocks,
};
use crate::store::{AgentRecord, Counts, Cursor, Narrow, Past, ReadMarks, Row, StoreError, View};

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
    pub read: ReadMarks,
    /// The agent who has it is typing.
    pub is_agent_typing: bool,
    /// The key of that agent's picture.
    pub agent_avatar: Option<String>,
}

/// Where a waiting customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// From 1.
    pub position: u32,
    /// From and to; `None` while too few were taken lately.
    pub wait_secs: Option<(u64, u64)>,
    /// The line is out of its hours.
    pub is_closed: bool,
    /// When it opens, if it is closed and an opening is known.
    pub opens_at: Option<Timestamp>,
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
    /// What the customer filled in before the first words.
    pub details: Vec<Detail>,
    /// Signed by the site.
    pub profile: Option<KnownCustomer>,
    pub deadlines: Vec<clocks::Deadline>,
    /// What will never arrive: the turn, and why.
    pub undelivered: Vec<(Seq, String)>,
    /// Since when the customer has blocked the bot: nothing that is said arrives.
    pub unreachable_since: Option<Timestamp>,
    pub read: ReadMarks,
    pub is_customer_typing: bool,
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
        let owner = self.owner(&conversation).await?;
        Ok(Update {
            turns: page.turns.into_iter().filter(|turn| turn.kind != TurnKind::Note).collect(),
            through: page.through,
            standing: self.standing(&conversation).await?,
            read: page.read,
            is_agent_typing: self.is_owner_typing(&conversation),
            agent_avatar: owner.as_ref().and_then(|owner| owner.avatar.clone()),
            agent_name: owner.map(|owner| owner.name),
            phase: conversation.phase,
        })
    }

    pub async fn list(
        &self,
        view: View,
        narrow: &Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError> {
        self.parts.store.list(view, narrow, limit, after).await
    }

    /// The service level that ends next; `None` where none runs.
    pub fn next_level(&self, conversation: &Conversation) -> Option<clocks::Deadline> {
        let levels = [Clock::Claim, Clock::FirstReply, Clock::NextReply, Clock::Resolution];
        let running = clocks::deadlines(conversation, &self.rules());
        running.into_iter().filter(|running| levels.contains(&running.clock)).min_by_key(|running| running.due_at)
    }

    pub async fn counts(&self, agent: &AgentRecord) -> Result<Counts, StoreError> {
        self.parts.store.counts(&agent.id, self.sight_of(agent).hidden()).await
    }

    pub async fn full_view(&self, id: &ConversationId) -> Result<FullView, DeskError> {
        let store = &self.parts.store;
        let (turns, through, read) = self.all_turns(id).await?;
        let conversation = self.read(id).await?;
        let profile = store.profile(&conversation.customer).await?;
        let mut brief = store.brief(id).await?;
        if let Some(brief) = &mut brief {
            // Whoever is known by now was the customer all along.
            brief.customer = brief.customer.take().or_else(|| profile.clone());
        }
        let position = self.position(&conversation).await?;
        let agent_name = self.owner(&conversation).await?.map(|owner| owner.name);
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
            details: store.details(id).await?,
            profile,
            deadlines: clocks::deadlines(&row.conversation, &self.rules()),
            undelivered: store.undelivered(id).await?,
            unreachable_since: store.unreachable_since(id).await?,
            read,
            is_customer_typing: self.is_customer_typing(id),
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

    /// Other conversations of the customer that the agent may see, the latest first.
    pub async fn past(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Vec<Past>, DeskError> {
        let mut past = self.parts.store.past_of(id, MAX_PAST).await?;
        let sight = self.sight_of(agent);
        if !sight.hidden().is_empty() {
            let mut seen = vec![];
            for one in past {
                if sight.sees(&self.read(&one.id).await?) {
                    seen.push(one);
                }
            }
            past = seen;
        }
        Ok(past)
    }

    pub(super) async fn all_turns(&self, id: &ConversationId) -> Result<(Vec<Turn>, Seq, ReadMarks), DeskError> {
        const TURNS: u32 = 500;
        let mut turns: Vec<Turn> = vec![];
        let mut through = 0;
        loop {
            let page = self.parts.store.turns(id, through, TURNS).await?;
            let is_last = page.turns.len() < TURNS as usize;
            through = page.through;
            turns.extend(page.turns);
            if is_last {
                return Ok((turns, through, page.read));
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
        let now = self.parts.clock.now();
        let wait_secs = self.expected_wait(queue, position, now).await?;
        let rules = self.rules();
        let line = rules.queue(queue);
        let closed = line.hours.as_ref().filter(|hours| !hours.is_open(now));
        let opens_at = closed.and_then(|hours| hours.next_opening(now));
        Ok(Some(Standing { position, wait_secs, is_closed: closed.is_some(), opens_at }))
    }

    async fn owner(&self, conversation: &Conversation) -> Result<Option<AgentRecord>, StoreError> {
        match conversation.phase.agent() {
            Some(agent) => self.parts.store.agent(agent).await,
            None => Ok(None),
        }
    }
}
