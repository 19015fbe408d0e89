//! What keeps the lines moving: clocks that run out, work given to agents, agents who come and go, and the watchdog.
//!
//! All of it reads rows and may be repeated: after a crash the next look finds what the last one left.

use super::carry_out::who;
use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::assignment::{AtWork, InLine, choose};
use crate::domain::event::{ClaimCause, ReleaseCause};
use crate::domain::plan::Who;
use crate::domain::rules::Assign;
use crate::domain::{AgentId, Command, ConversationId, QueueName, Refusal, Timestamp};
use crate::store::{AgentRecord, AgentWork, Presence, Staff, StoreError};
use jiff::SignedDuration;

/// Clocks that one look takes up; the next look comes within a second.
const MAX_DUE: u32 = 200;
/// Of those in line, this many are looked at for one assignment: the first ones are served first.
const MAX_ASSIGNED: u32 = 200;
/// Conversations of one agent who is gone that one look takes back.
const MAX_TAKEN_BACK: u32 = 200;
/// A console says that it is there every 20 seconds; after three it did not say, it is gone.
pub const SEEN_WITHIN_SECS: i64 = 60;
/// Customers' open conversations at once that an agent may be given.
const MAX_CAPACITY: u32 = 1_000;
/// Characters of a draft.
const MAX_DRAFT_CHARS: usize = 8_000;

impl Desk {
    /// Does whatever is due. Returns how many conversations were taken up.
    pub async fn run_clocks(&self) -> Result<usize, DeskError> {
        let due = self.parts.store.due(self.parts.clock.now(), MAX_DUE).await?;
        for id in &due {
            match self.tick(id).await {
                Ok(_) => {}
                // Somebody was faster.
                Err(DeskError::Store(StoreError::Conflict) | DeskError::NoSuchConversation) => {}
                Err(failure) => {
                    tracing::error!(conversation = %id, error = %failure, "a clock ran out and nothing could be done");
                }
            }
        }
        if !due.is_empty() {
            // What nothing was planned for has a deadline that the rules no longer give.
            let still = self.parts.store.due(self.parts.clock.now(), MAX_DUE).await?;
            if still.iter().any(|id| due.contains(id)) {
                self.parts.store.follow_rules(&self.rules()).await?;
            }
        }
        Ok(due.len())
    }

    /// Gives waiting conversations to agents, where the queue does so by itself. Returns how many were given.
    pub async fn assign(&self) -> Result<usize, DeskError> {
        let rules = self.rules();
        let balanced: Vec<QueueName> = rules
            .queues
            .iter()
            .filter(|queue| queue.assign == Assign::Balanced)
            .map(|queue| queue.name.clone())
            .collect();
        if balanced.is_empty() {
            return Ok(0);
        }
        // One at a time: two that ran together would give one agent the work of two.
        let _alone = self.parts.assigning.lock().await;
        let mut at_work: Vec<AtWork> = self.parts.store.staff().await?.iter().filter_map(at_work).collect();
        if at_work.iter().all(|agent| agent.n_open >= agent.capacity) {
            return Ok(0);
        }
        let now = self.parts.clock.now();
        let mut n_given = 0;
        for waiting in self.parts.store.in_line(&balanced, MAX_ASSIGNED).await? {
            let Some(chosen) = choose(&waiting, &rules.queue(&waiting.queue), &at_work, now).map(|a| a.agent.clone())
            else {
                continue;
            };
            if self.give(&waiting, &chosen).await? {
                n_given += 1;
                note_given(&mut at_work, &chosen, &waiting.queue, now);
            } else if let Some(agent) = at_work.iter_mut().find(|agent| agent.agent == chosen) {
                // Somebody was faster, or the agent is full by now: not this one any more in this round.
                agent.capacity = agent.n_open;
            }
        }
        Ok(n_given)
    }

    async fn give(&self, waiting: &InLine, agent: &AgentId) -> Result<bool, DeskError> {
        let Some(record) = self.parts.store.agent(agent).await? else { return Ok(false) };
        let command = Command::Claim { agent: who(&record), cause: ClaimCause::Assigned };
        match self.carry_out(&waiting.conversation, command).await {
            Ok(after) => {
                tracing::info!(conversation = %after.id, agent = %agent, "a conversation was assigned");
                Ok(after.phase.agent() == Some(agent))
            }
            Err(DeskError::Refused(Refusal::AtCapacity | Refusal::AlreadyClaimed { .. } | Refusal::NotWaiting)) => {
                Ok(false)
            }
            Err(DeskError::Refused(Refusal::ForLeads) | DeskError::NoSuchConversation) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// The agent says how things are.
    pub async fn set_presence(&self, agent: &AgentRecord, presence: Presence) -> Result<(), DeskError> {
        let was_there = self.parts.store.set_presence(&agent.id, presence, self.parts.clock.now()).await?;
        if !was_there {
            return Err(DeskError::NoSuchAgent);
        }
        self.parts.bus.hint(Hint::Queue);
        self.assign().await?;
        Ok(())
    }

    /// The agent's console is there. Backlog is picked up the moment somebody comes.
    pub async fn seen(&self, agent: &AgentId) -> Result<(), DeskError> {
        if self.parts.store.seen(agent, self.parts.clock.now()).await? {
            self.parts.bus.hint(Hint::Queue);
            self.assign().await?;
        }
        Ok(())
    }

    /// Agents whose console is gone are offline; what they have goes back in the line, in front, after a while.
    pub async fn look_after_agents(&self) -> Result<usize, DeskError> {
        let now = self.parts.clock.now();
        // After a start nobody could say that they are there: wait as long as they have to say it.
        if now.duration_since(self.parts.opened_at).as_secs() < SEEN_WITHIN_SECS {
            return Ok(0);
        }
        let gone = self.parts.store.vanish(now - SignedDuration::from_secs(SEEN_WITHIN_SECS)).await?;
        if !gone.is_empty() {
            self.parts.bus.hint(Hint::Queue);
        }
        let limit = now - SignedDuration::from_secs(i64::from(self.rules().silence.vanished_secs));
        let mut n_taken = 0;
        for agent in self.parts.store.staff().await?.iter().filter(|agent| has_vanished(agent, limit)) {
            n_taken += self.take_back(agent).await?;
        }
        Ok(n_taken)
    }

    async fn take_back(&self, agent: &Staff) -> Result<usize, DeskError> {
        let owner = Who { id: agent.id.clone(), name: agent.name.clone(), is_lead: false };
        let mut n_taken = 0;
        for id in self.parts.store.owned_by(&agent.id, MAX_TAKEN_BACK).await? {
            if self.read(&id).await?.phase.snoozed().is_some() {
                continue;
            }
            match self.let_go(&id, owner.clone(), ReleaseCause::Vanished).await {
                Ok(_) => n_taken += 1,
                Err(DeskError::Refused(Refusal::NotYours)) => {}
                Err(failure) => return Err(failure),
            }
        }
        if n_taken > 0 {
            tracing::warn!(agent = %agent.id, n_conversations = n_taken, "an agent is gone; the conversations wait again, in front");
        }
        Ok(n_taken)
    }

    /// Looks for conversations that break an invariant, says so, and mends what follows from other rows.
    pub async fn watch(&self) -> Result<Vec<(&'static str, u64)>, DeskError> {
        let broken = self.parts.store.broken().await?;
        for (what, n) in &broken {
            tracing::error!(what, n, "conversations break an invariant");
        }
        if !broken.is_empty() {
            self.parts.store.mend(&self.rules()).await?;
        }
        Ok(broken)
    }

    pub async fn staff(&self) -> Result<Vec<Staff>, DeskError> {
        Ok(self.parts.store.staff().await?)
    }

    /// How much an agent takes at once, and in which languages. For leads.
    pub async fn set_agent_work(&self, email: &str, work: AgentWork) -> Result<(), DeskError> {
        if work.capacity.is_some_and(|capacity| capacity > MAX_CAPACITY) {
            return Err(DeskError::BadInput(format!("capacity: must be at most {MAX_CAPACITY}")));
        }
        let found = self.parts.store.set_agent_work(&email.trim().to_lowercase(), work).await?;
        if !found {
            return Err(DeskError::NoSuchAgent);
        }
        self.assign().await?;
        Ok(())
    }

    /// What an agent is writing. Empty: nothing any more.
    pub async fn keep_draft(&self, id: &ConversationId, agent: &AgentRecord, text: String) -> Result<(), DeskError> {
        if text.chars().count() > MAX_DRAFT_CHARS {
            return Err(DeskError::BadInput(format!("text: a draft has at most {MAX_DRAFT_CHARS} characters")));
        }
        match self.parts.store.keep_draft(id, &agent.id, text, self.parts.clock.now()).await? {
            true => Ok(()),
            false => Err(DeskError::NoSuchConversation),
        }
    }

    pub async fn draft(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Option<String>, DeskError> {
        Ok(self.parts.store.draft(id, &agent.id).await?)
    }
}

fn at_work(staff: &Staff) -> Option<AtWork> {
    (staff.presence == Presence::Online).then(|| AtWork {
        agent: staff.id.clone(),
        email: staff.email.clone(),
        is_lead: staff.role.is_lead(),
        languages: staff.languages.clone(),
        n_open: staff.n_open,
        capacity: staff.capacity,
        n_open_of: staff.n_open_of.clone(),
        idle_since: staff.given_at,
    })
}

fn note_given(at_work: &mut [AtWork], agent: &AgentId, queue: &QueueName, now: Timestamp) {
    let Some(agent) = at_work.iter_mut().find(|other| &other.agent == agent) else { return };
    agent.n_open += 1;
    agent.idle_since = Some(now);
    match agent.n_open_of.iter_mut().find(|(name, _)| name == queue) {
        Some((_, n)) => *n += 1,
        None => agent.n_open_of.push((queue.clone(), 1)),
    }
}

/// Whoever went offline by themselves is not gone: they say how they want to end what they have.
fn has_vanished(agent: &Staff, limit: Timestamp) -> bool {
    agent.presence == Presence::Offline && agent.n_open > 0 && agent.seen_at.is_some_and(|seen| seen < limit)
}
