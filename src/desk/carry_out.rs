//! Commands of customers and agents that are no questions: planned on what was read, and again on the fresh state after a conflict.

use super::attachments::check_attachments;
use super::think::handed_off;
use super::{Desk, DeskError, MAX_PLANS};
use crate::bus::Hint;
use crate::domain::contacts::{Contact, contact};
use crate::domain::event::{ClaimCause, ContactKind, ReleaseCause, WakeCause};
use crate::domain::outlook::Outlook;
use crate::domain::plan::{Ending, Target, Who};
use crate::domain::{
    AgentId, AttachmentId, Command, Conversation, ConversationId, Language, QueueName, Refusal, Seq, Timestamp, plan,
};
use crate::store::{AgentRecord, Change, Expect, StoreError};

/// Agents whom one note calls.
const MAX_MENTIONS: usize = 20;
/// Days ahead that something may be put off.
const MAX_AHEAD_DAYS: i64 = 365;
/// When an unsolved conversation says no other time.
const FOLLOW_UP_AFTER_SECS: i64 = 24 * 3600;

/// What an agent says about the end.
#[derive(Clone, Debug)]
pub struct EndingWish {
    pub is_solved: bool,
    pub reason: Option<String>,
    pub plan: Option<String>,
    pub due_at: Option<Timestamp>,
}

impl EndingWish {
    pub fn solved() -> Self {
        Self { is_solved: true, reason: None, plan: None, due_at: None }
    }
}

/// What an agent says to the customer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub client_id: String,
    pub text: String,
    pub attachments: Vec<AttachmentId>,
}

/// Whom or where a conversation is passed on to.
#[derive(Clone, Debug)]
pub enum TransferTo {
    Queue(QueueName),
    Agent(AgentId),
}

impl Desk {
    pub async fn ask_for_person(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        let outlook = self.outlook_of(id).await?;
        self.carry_out(id, Command::AskForPerson { outlook }).await
    }

    pub async fn back_to_bot(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::BackToBot).await
    }

    /// The customer chose the language to be spoken to in.
    pub async fn speak(&self, id: &ConversationId, language: Language) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::Speak { language }).await
    }

    pub async fn rate(
        &self,
        id: &ConversationId,
        score: u8,
        comment: Option<String>,
    ) -> Result<Conversation, DeskError> {
        check_words("comment", comment.as_deref())?;
        let command = Command::Rate { score, has_comment: comment.is_some() };
        self.carry_out_with(id, command, Words { comment, ..Words::default() }).await
    }

    pub async fn feedback(&self, id: &ConversationId, seq: Seq, helped: bool) -> Result<Conversation, DeskError> {
        // Who was helped is handed to nobody.
        let outlook = match helped {
            true => Outlook::next_in_line(self.parts.clock.now()),
            false => self.outlook_of(id).await?,
        };
        self.carry_out(id, Command::Feedback { seq, helped, outlook }).await
    }

    /// An e-mail address or a phone number, so that somebody can write or call out of hours.
    pub async fn leave_contact(&self, id: &ConversationId, text: &str) -> Result<Conversation, DeskError> {
        let (kind, left) = match contact(text) {
            Some(Contact::Email(address)) => (ContactKind::Email, address),
            Some(Contact::Phone(number)) => (ContactKind::Phone, number),
            None => return Err(DeskError::BadContact),
        };
        let command = Command::LeaveContact { kind, contact: left.clone() };
        self.carry_out_with(id, command, Words { contact: Some(left), ..Words::default() }).await
    }

    pub async fn claim(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::Claim { agent: who(agent), cause: ClaimCause::Claimed }).await
    }

    /// Takes a conversation from the bot.
    pub async fn take_over(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::TakeOver { agent: who(agent) }).await
    }

    /// The same client id again is the same reply.
    pub async fn reply(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        client_id: String,
        text: String,
    ) -> Result<Conversation, DeskError> {
        self.reply_with(id, agent, Reply { client_id, text, attachments: vec![] }).await
    }

    /// With files the words may be missing.
    pub async fn reply_with(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        reply: Reply,
    ) -> Result<Conversation, DeskError> {
        let Reply { client_id, text, attachments } = reply;
        check_attachments(&attachments)?;
        match attachments.is_empty() {
            true => check_said(&client_id, &text)?,
            false => check_length(&client_id, &text)?,
        }
        let command = Command::Reply { agent: agent.id.clone(), client_id: client_id.clone(), text, attachments };
        let after = match self.carry_out(id, command).await {
            // The answer to it was lost, and the conversation has moved on since: it was said all the same.
            Err(DeskError::Refused(Refusal::NotYours)) if self.parts.store.agent_said(id, &client_id).await? => {
                return self.read(id).await;
            }
            other => other?,
        };
        self.hand_rests(id, Some(&agent.id));
        // What was being written has been said. Looked for first: most replies have no draft, and a write waits for its turn.
        if self.parts.store.draft(id, &agent.id).await?.is_some() {
            self.parts.store.keep_draft(id, &agent.id, String::new(), self.parts.clock.now()).await?;
        }
        Ok(after)
    }

    /// For agents only; customers never see one. The same client id again is the same note. `mentions` are called to look.
    pub async fn note(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        client_id: String,
        text: String,
        mentions: Vec<AgentId>,
    ) -> Result<Conversation, DeskError> {
        check_said(&client_id, &text)?;
        self.check_mentions(id, &mentions).await?;
        self.carry_out(id, Command::Note { agent: agent.id.clone(), client_id, text, mentions }).await
    }

    /// Whoever is called must be there and may look.
    async fn check_mentions(&self, id: &ConversationId, mentions: &[AgentId]) -> Result<(), DeskError> {
        if mentions.len() > MAX_MENTIONS {
            return Err(DeskError::BadInput(format!("mentions: at most {MAX_MENTIONS} agents")));
        }
        for mentioned in mentions {
            let agent = self.parts.store.agent(mentioned).await?.filter(|agent| !agent.is_disabled);
            let agent = agent.ok_or(DeskError::NoSuchAgent)?;
            match self.must_see(&agent, id).await {
                Err(DeskError::NotYourQueue) => {
                    let sentence = format!("mentions: {} does not work in the queue of this conversation", agent.name);
                    return Err(DeskError::BadInput(sentence));
                }
                seen => seen?,
            }
        }
        Ok(())
    }

    /// The agent has the conversation in sight: whoever called, need not any more.
    pub async fn mention_seen(&self, id: &ConversationId, agent: &AgentRecord) -> Result<(), DeskError> {
        let store = &self.parts.store;
        if store.is_mentioned(&agent.id, id).await? {
            store.mention_seen(&agent.id, id).await?;
            self.parts.bus.hint(Hint::Conversation(id.clone()));
        }
        Ok(())
    }

    pub async fn release(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.let_go(id, who(agent), ReleaseCause::Released).await
    }

    pub(super) async fn let_go(
        &self,
        id: &ConversationId,
        agent: Who,
        cause: ReleaseCause,
    ) -> Result<Conversation, DeskError> {
        let outlook = self.outlook_of(id).await?;
        self.carry_out(id, Command::Release { agent, cause, outlook }).await
    }

    pub async fn transfer(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        to: TransferTo,
        note: Option<String>,
    ) -> Result<Conversation, DeskError> {
        let note = words_or_nothing("note", note)?;
        let (to, outlook) = match to {
            TransferTo::Queue(name) => {
                let queue = self.rules().queues.iter().find(|queue| queue.name == name).cloned();
                let queue = queue.ok_or(DeskError::NoSuchQueue)?;
                let title = queue.title().to_owned();
                let outlook = self.outlook(id, &name).await?;
                (Target::Queue { name, title }, outlook)
            }
            TransferTo::Agent(next) => {
                let next = self.parts.store.agent(&next).await?.filter(|next| !next.is_disabled);
                let next = next.ok_or(DeskError::NoSuchAgent)?;
                (Target::Agent(who(&next)), Outlook::next_in_line(self.parts.clock.now()))
            }
        };
        self.carry_out(id, Command::Transfer { agent: who(agent), to, note, outlook }).await
    }

    /// Into the line for leads, in front.
    pub async fn escalate(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        note: Option<String>,
    ) -> Result<Conversation, DeskError> {
        let note = words_or_nothing("note", note)?;
        let outlook = self.outlook_of(id).await?;
        self.carry_out(id, Command::Escalate { agent: who(agent), note, outlook }).await
    }

    /// `None`: until the customer writes.
    pub async fn snooze(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        until: Option<Timestamp>,
    ) -> Result<Conversation, DeskError> {
        if let Some(until) = until {
            self.check_ahead("until", until)?;
        }
        self.carry_out(id, Command::Snooze { agent: agent.id.clone(), until }).await
    }

    pub async fn wake(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::Wake { agent: agent.id.clone(), cause: WakeCause::Agent }).await
    }

    pub async fn hand_back(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::HandBack { agent: agent.id.clone() }).await
    }

    pub async fn resolve(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        wish: EndingWish,
    ) -> Result<Conversation, DeskError> {
        let reason = words_or_nothing("reason", wish.reason)?;
        let plan = words_or_nothing("plan", wish.plan)?;
        let ending = match (wish.is_solved, plan) {
            (true, _) => Ending::Solved { reason },
            (false, None) => {
                return Err(DeskError::BadInput("plan: say what happens next; the customer reads it".into()));
            }
            (false, Some(plan)) => Ending::Unsolved { reason, plan, due_at: self.follow_up_at(wish.due_at)? },
        };
        self.carry_out(id, Command::Resolve { agent: agent.id.clone(), ending }).await
    }

    /// The agent comes back to it at `due_at`; `None`: in a day. `note` says for what.
    pub async fn follow_up(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        due_at: Option<Timestamp>,
        note: Option<String>,
    ) -> Result<Conversation, DeskError> {
        let note = words_or_nothing("note", note)?;
        let due_at = self.follow_up_at(due_at)?;
        self.carry_out(id, Command::FollowUp { agent: agent.id.clone(), due_at, note }).await
    }

    fn follow_up_at(&self, wish: Option<Timestamp>) -> Result<Timestamp, DeskError> {
        let usual = self.parts.clock.now() + jiff::SignedDuration::from_secs(FOLLOW_UP_AFTER_SECS);
        let due_at = wish.unwrap_or(usual);
        self.check_ahead("due_at", due_at)?;
        Ok(due_at)
    }

    pub async fn follow_up_done(&self, id: &ConversationId, agent: &AgentRecord) -> Result<Conversation, DeskError> {
        self.carry_out(id, Command::FollowUpDone { agent: agent.id.clone() }).await
    }

    /// `from` goes on in `into`, whose tokens open it from then on. Both are one customer's.
    pub async fn merge(
        &self,
        from: &ConversationId,
        into: &ConversationId,
        agent: &AgentRecord,
    ) -> Result<Conversation, DeskError> {
        self.must_see(agent, into).await?;
        let agent = Some(who(agent));
        for _ in 0..MAX_PLANS {
            let (source, target) = (self.read(from).await?, self.read(into).await?);
            if source.customer != target.customer {
                return Err(Refusal::CannotMerge.into());
            }
            let (now, rules) = (self.parts.clock.now(), self.rules());
            let merged = plan(&source, &Command::Merge { agent: agent.clone(), into: into.clone() }, &rules, now)?;
            if merged.is_empty() {
                return Ok(target);
            }
            let absorb = Command::Absorb { agent: agent.clone(), from: from.clone() };
            let mut absorbed = plan(&target, &absorb, &rules, now)?;
            let mut merged_events = merged;
            if source.channel.is_pushed_to() && !target.channel.is_pushed_to() {
                // Where the customer is reached goes along, or replies would stay unread.
                let web = crate::domain::Channel::Web;
                merged_events.push(moved(&source.channel, &web));
                absorbed.push(moved(&web, &source.channel));
            }
            let changes = vec![self.change(&source, merged_events, now), self.change(&target, absorbed, now)];
            match self.commit_together(changes).await {
                Ok(mut after) => return after.pop().ok_or(DeskError::NoSuchConversation),
                Err(StoreError::Conflict) => continue,
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    pub async fn read(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        self.parts.store.conversation(id).await?.ok_or(DeskError::NoSuchConversation)
    }

    /// Of the line that it stands in or would go back to.
    async fn outlook_of(&self, id: &ConversationId) -> Result<Outlook, DeskError> {
        let conversation = self.read(id).await?;
        let queue = conversation.phase.queue().cloned();
        let queue = queue.unwrap_or_else(|| conversation.line(conversation.topic_queue()));
        Ok(self.outlook(id, &queue).await?)
    }

    fn check_ahead(&self, field: &str, at: Timestamp) -> Result<(), DeskError> {
        let now = self.parts.clock.now();
        if at <= now {
            return Err(Refusal::MomentPassed.into());
        }
        if at.duration_since(now).as_secs() > MAX_AHEAD_DAYS * 24 * 3600 {
            return Err(DeskError::BadInput(format!("{field}: must be within {MAX_AHEAD_DAYS} days")));
        }
        Ok(())
    }

    /// Does all that is due in a conversation.
    pub(super) async fn tick(&self, id: &ConversationId) -> Result<Conversation, DeskError> {
        let outlook = self.outlook_of(id).await?;
        self.carry_out(id, Command::Tick { outlook }).await
    }

    pub(super) async fn carry_out(&self, id: &ConversationId, command: Command) -> Result<Conversation, DeskError> {
        self.carry_out_with(id, command, Words::default()).await
    }

    async fn carry_out_with(
        &self,
        id: &ConversationId,
        command: Command,
        words: Words,
    ) -> Result<Conversation, DeskError> {
        for _ in 0..MAX_PLANS {
            let conversation = self.read(id).await?;
            let (now, rules) = (self.parts.clock.now(), self.rules());
            let events = plan(&conversation, &command, &rules, now)?;
            if events.is_empty() {
                return Ok(conversation);
            }
            let brief = match handed_off(&events) {
                Some((reason, queue)) => Some(self.brief(&conversation, reason, queue, None).await?),
                None => None,
            };
            let mut change = self.change(&conversation, events, now);
            change.brief = brief;
            change.comment = words.comment.clone();
            change.contact = words.contact.clone();
            match self.commit(change).await {
                Ok(after) => return Ok(after),
                Err(StoreError::Conflict) => continue,
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    pub(super) fn change(
        &self,
        conversation: &Conversation,
        events: Vec<crate::domain::Event>,
        now: Timestamp,
    ) -> Change {
        Change {
            conversation: conversation.id.clone(),
            expect: Expect::Epoch(conversation.owner_epoch),
            events,
            trace: None,
            brief: None,
            comment: None,
            contact: None,
            lot: None,
            rules: self.rules(),
            now,
        }
    }
}

/// What a command brings to the store beside its events.
#[derive(Clone, Default)]
struct Words {
    comment: Option<String>,
    contact: Option<String>,
}

fn moved(from: &crate::domain::Channel, to: &crate::domain::Channel) -> crate::domain::Event {
    crate::domain::Event::Moved { from: from.clone(), to: to.clone() }
}

pub(super) fn who(agent: &AgentRecord) -> Who {
    Who { id: agent.id.clone(), name: agent.name.clone(), is_lead: agent.role.is_lead() }
}

fn check_said(client_id: &str, text: &str) -> Result<(), DeskError> {
    if text.trim().is_empty() {
        return Err(DeskError::TextEmpty);
    }
    check_length(client_id, text)
}

fn check_length(client_id: &str, text: &str) -> Result<(), DeskError> {
    if text.chars().count() > super::MAX_TEXT_CHARS {
        return Err(DeskError::TextTooLong);
    }
    super::take_turn::check_client_id(client_id)
}

fn check_words(field: &str, words: Option<&str>) -> Result<(), DeskError> {
    match words.is_some_and(|words| words.chars().count() > super::MAX_TEXT_CHARS) {
        true => Err(DeskError::BadInput(format!("{field}: must have at most {} characters", super::MAX_TEXT_CHARS))),
        false => Ok(()),
    }
}

/// White space is nothing.
fn words_or_nothing(field: &str, words: Option<String>) -> Result<Option<String>, DeskError> {
    check_words(field, words.as_deref())?;
    Ok(words.map(|words| words.trim().to_owned()).filter(|words| !words.is_empty()))
}
