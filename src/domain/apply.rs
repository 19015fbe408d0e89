//! How a conversation changes. `apply` is total: whatever was stored can be applied again.

use super::clocks::Clock;
use super::conversation::{FollowUp, LastAnswer, Snooze, Told};
use super::event::{Event, NewTurn};
use super::policy::DEFAULT_QUEUE;
use super::{
    Channel, Conversation, ConversationId, CustomerId, DecisionKind, Language, Outcome, Phase, QueueName, Reason, Seq,
    Speaker, Timestamp, TurnKind,
};

impl Conversation {
    /// A conversation in which nothing was said yet.
    pub fn begin(
        id: ConversationId,
        customer: CustomerId,
        site: String,
        channel: Channel,
        language: Option<Language>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            customer,
            site,
            channel,
            language,
            phase: Phase::WithBot { since: now },
            version: 0,
            owner_epoch: 0,
            unanswered: vec![],
            clarifications: 0,
            last_answer: None,
            last_notice: None,
            rating: None,
            time_zone: None,
            home_queue: None,
            priority: 0,
            unanswered_since: None,
            reply_wanted_since: None,
            handed_off_at: None,
            first_reply_at: None,
            agent_acted_at: None,
            last_said_at: None,
            told: vec![],
            repeats: 0,
            did_not_help: 0,
            follow_up: None,
            merged_into: None,
            last_queue: None,
            last_agent: None,
            tags: vec![],
        }
    }

    /// The queue of the article that answered last: whom a handoff without a topic of its own goes to.
    pub fn topic_queue(&self) -> Option<QueueName> {
        self.last_answer.as_ref().and_then(|answer| answer.queue.clone())
    }

    /// The line of `queue`, of what the customer came for, or of everyone.
    pub fn line(&self, queue: Option<QueueName>) -> QueueName {
        queue.or_else(|| self.home_queue.clone()).unwrap_or_else(|| QueueName::new(DEFAULT_QUEUE))
    }

    /// Makes `event` the next change and returns its number.
    pub fn apply(&mut self, event: &Event, now: Timestamp) -> Seq {
        self.version += 1;
        let seq = self.version;
        match event {
            Event::Said(turn) => self.said(turn, seq, now),
            Event::Rewritten { before, by, is_withdrawn, .. } => {
                if let Some(place) = self.unanswered.iter().position(|waiting| waiting == before) {
                    self.unanswered.remove(place);
                    if !is_withdrawn {
                        self.unanswered.push(seq);
                    }
                }
                if matches!(by, Speaker::Agent(_)) {
                    self.agent_acted_at = self.agent_acted_at.map(|_| now);
                }
            }
            Event::LanguageChosen { language } => self.language = Some(*language),
            Event::Decided { through, decision, article, language, .. } => {
                self.answered_through(*through, now);
                self.language = Some(*language);
                match decision {
                    DecisionKind::Clarify => self.clarifications = self.clarifications.saturating_add(1),
                    DecisionKind::Answer => {
                        self.clarifications = 0;
                        let last = self.last_answer.as_ref().map(|last| &last.article);
                        let is_again = last.is_some() && last == article.as_ref();
                        self.repeats = if is_again { self.repeats.saturating_add(1) } else { 0 };
                    }
                    DecisionKind::HandOff => self.clarifications = 0,
                    DecisionKind::SmallTalk | DecisionKind::StaySilent => {}
                }
            }
            Event::HandedOff { reason, queue } => {
                self.last_notice = Some(now);
                self.handed_off_at = Some(now);
                self.first_reply_at = None;
                self.reply_wanted_since = Some(now);
                self.told.clear();
                self.last_queue = Some(queue.clone());
                self.wait(*reason, queue.clone(), now, false, false);
            }
            Event::Reminded => self.last_notice = Some(now),
            Event::Claimed { agent, .. } => {
                let (reason, queue, waiting_since) = match &self.phase {
                    Phase::Waiting { reason, queue, since, .. } => (*reason, queue.clone(), *since),
                    Phase::WithAgent { reason, queue, waiting_since, .. } => (*reason, queue.clone(), *waiting_since),
                    Phase::WithBot { .. } | Phase::Resolved { .. } => {
                        self.handed_off_at = Some(now);
                        (Reason::AgentRequested, self.line(self.topic_queue()), now)
                    }
                };
                self.nothing_unanswered();
                self.agent_acted_at = Some(now);
                self.last_queue = Some(queue.clone());
                self.last_agent = Some(agent.clone());
                self.forget(Clock::Claim);
                let agent = agent.clone();
                self.own(Phase::WithAgent { agent, reason, queue, since: now, waiting_since, snoozed: None });
            }
            Event::Released { cause, .. } => {
                if let Phase::WithAgent { reason, queue, waiting_since, .. } = &self.phase {
                    let (reason, queue, since) = (*reason, queue.clone(), *waiting_since);
                    self.last_notice = Some(now);
                    self.wait(reason, queue, since, cause.goes_in_front(), false);
                }
            }
            Event::Transferred { queue, .. } => {
                if let Some((reason, since)) = self.with_people() {
                    self.last_notice = Some(now);
                    self.last_queue = Some(queue.clone());
                    self.wait(reason, queue.clone(), since, false, false);
                }
            }
            Event::Escalated { .. } => {
                if let (Some((reason, since)), Some(queue)) = (self.with_people(), self.phase.queue().cloned()) {
                    self.last_notice = Some(now);
                    self.wait(reason, queue, since, true, true);
                }
            }
            Event::Snoozed { until, .. } => self.set_snooze(Some(Snooze { until: *until }), now),
            Event::Woken { .. } => self.set_snooze(None, now),
            Event::HandedBack { .. } | Event::Reopened => {
                self.leave_people();
                self.merged_into = None;
                self.own(Phase::WithBot { since: now });
            }
            Event::Resolved { outcome, .. } => self.end(*outcome, now),
            Event::Abandoned => self.end(Outcome::Abandoned, now),
            Event::Merged { into, .. } => {
                self.merged_into = Some(into.clone());
                self.end(Outcome::Merged, now);
            }
            Event::Absorbed { .. } => {}
            Event::Moved { to, .. } => self.channel = to.clone(),
            Event::Rated { score } => self.rating = Some(*score),
            Event::Helped { seq: answer, helped } => {
                if let Some(last) = self.last_answer.as_mut().filter(|last| last.seq == *answer) {
                    last.helped = Some(*helped);
                }
                self.did_not_help = if *helped { 0 } else { self.did_not_help.saturating_add(1) };
            }
            Event::ContactLeft { .. } => self.last_notice = Some(now),
            Event::Warned { clock } => self.told.push(Told { clock: *clock, is_breach: false }),
            Event::Breached { clock } => self.told.push(Told { clock: *clock, is_breach: true }),
            Event::FollowUpSet { agent, due_at } => {
                self.follow_up = Some(FollowUp { agent: agent.clone(), due_at: *due_at, is_due: false });
            }
            Event::FollowUpDue => {
                if let Some(follow_up) = &mut self.follow_up {
                    follow_up.is_due = true;
                }
            }
            Event::FollowUpDone { .. } => self.follow_up = None,
            Event::Tagged { tags, .. } => self.tags = tags.clone(),
        }
        seq
    }

    fn said(&mut self, turn: &NewTurn, seq: Seq, now: Timestamp) {
        match &turn.by {
            Speaker::Customer => {
                self.last_said_at = Some(now);
                match self.phase {
                    Phase::WithBot { .. } => self.leave_unanswered(seq, now),
                    Phase::Waiting { .. } => {
                        self.leave_unanswered(seq, now);
                        self.reply_wanted_since.get_or_insert(now);
                    }
                    Phase::WithAgent { .. } => {
                        self.reply_wanted_since.get_or_insert(now);
                    }
                    Phase::Resolved { .. } => {}
                }
            }
            Speaker::Bot => {
                self.last_said_at = Some(now);
                if let (TurnKind::Answer, Some(article)) = (turn.kind, &turn.article) {
                    self.last_answer =
                        Some(LastAnswer { seq, article: article.clone(), queue: turn.queue.clone(), helped: None });
                }
            }
            Speaker::System => self.last_notice = Some(now),
            Speaker::Agent(_) => {
                self.agent_acted_at = Some(now);
                if turn.kind != TurnKind::Note {
                    self.last_said_at = Some(now);
                    self.first_reply_at.get_or_insert(now);
                    self.reply_wanted_since = None;
                    // The clock of the next reply starts anew, so it may be missed anew.
                    self.forget(Clock::NextReply);
                }
            }
        }
    }

    fn leave_unanswered(&mut self, seq: Seq, now: Timestamp) {
        self.unanswered.push(seq);
        self.unanswered_since.get_or_insert(now);
    }

    fn answered_through(&mut self, through: Seq, now: Timestamp) {
        self.unanswered.retain(|waiting| *waiting > through);
        // What was said meanwhile has waited for less than this; the store knows its own time.
        self.unanswered_since = self.unanswered.first().map(|_| now);
    }

    fn nothing_unanswered(&mut self) {
        self.unanswered.clear();
        self.unanswered_since = None;
    }

    /// Why it is with people, and since when it waited for them.
    fn with_people(&self) -> Option<(Reason, Timestamp)> {
        match &self.phase {
            Phase::Waiting { reason, since, .. } => Some((*reason, *since)),
            Phase::WithAgent { reason, waiting_since, .. } => Some((*reason, *waiting_since)),
            Phase::WithBot { .. } | Phase::Resolved { .. } => None,
        }
    }

    fn wait(&mut self, reason: Reason, queue: QueueName, since: Timestamp, in_front: bool, for_lead: bool) {
        self.agent_acted_at = None;
        self.own(Phase::Waiting { reason, queue, since, in_front, for_lead });
    }

    fn set_snooze(&mut self, snooze: Option<Snooze>, now: Timestamp) {
        if let Phase::WithAgent { snoozed, .. } = &mut self.phase {
            *snoozed = snooze;
            self.agent_acted_at = Some(now);
        }
    }

    fn leave_people(&mut self) {
        self.nothing_unanswered();
        self.clarifications = 0;
        self.repeats = 0;
        self.did_not_help = 0;
        self.reply_wanted_since = None;
        self.handed_off_at = None;
        self.first_reply_at = None;
        self.agent_acted_at = None;
        self.told.clear();
    }

    fn end(&mut self, outcome: Outcome, now: Timestamp) {
        self.leave_people();
        self.rating = None;
        self.last_answer = None;
        self.own(Phase::Resolved { outcome, since: now });
    }

    fn forget(&mut self, clock: Clock) {
        self.told.retain(|told| told.clock != clock);
    }

    fn own(&mut self, phase: Phase) {
        self.owner_epoch += 1;
        self.phase = phase;
    }
}
