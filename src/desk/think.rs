//! The bot's side of a turn: gather, decide, plan, commit, announce. Nothing here can leave a customer hanging.

use super::{Desk, DeskError, MAX_PLANS};
use crate::answering::{Gathered, Question};
use crate::bus::Hint;
use crate::domain::contacts;
use crate::domain::decision::Asked;
use crate::domain::evidence::{Evidence, Timings};
use crate::domain::outlook::Outlook;
use crate::domain::plan::Reaction;
use crate::domain::{
    Article, ArticleId, Choice, Command, Conversation, ConversationId, Decision, Event, HandoffRule, Language, Phase,
    Policy, QueueName, Reason, Refusal, Speaker, Trace, Turn, TurnKind, decide, plan,
};
use crate::store::{Change, Expect, StoreError};
use std::sync::Arc;

/// Turns of one burst that are read together.
const MAX_BURST: u32 = 100;

impl Desk {
    /// Thinks in the background. When there is no room for another thought the sweep will take it up.
    pub(super) fn begin_to_think(&self, id: ConversationId) {
        let Ok(room) = self.parts.thoughts.clone().try_acquire_owned() else {
            tracing::warn!(conversation = %id, "no room for another thought; the sweep will take it up");
            return;
        };
        let desk = self.clone();
        tokio::spawn(async move {
            let _room = room;
            if let Err(failure) = desk.think(&id).await {
                tracing::error!(conversation = %id, error = %failure, "a turn could not be answered; the sweep will try again");
            }
        });
    }

    /// Reacts to every unanswered turn of a conversation. Returns at once when there is none.
    pub async fn think(&self, id: &ConversationId) -> Result<(), DeskError> {
        let place = ThinkingPlace::at(self, id);
        let _one_at_a_time = place.lock.lock().await;
        self.think_alone(id).await
    }

    /// Thinks again about turns whose thought was lost: the process died, the store was busy, a conflict never ended.
    /// Returns how many conversations were taken up.
    pub async fn sweep(&self) -> Result<usize, DeskError> {
        let now = self.parts.clock.now();
        let since = now - jiff::SignedDuration::from_secs(self.parts.settings.sweep_after_secs);
        self.think_about_unanswered(since).await
    }

    /// Like `sweep`, for a start after a crash: nobody else is thinking, so nothing needs to be old, or even past: the clock may have
    /// been put back.
    pub async fn sweep_at_start(&self) -> Result<usize, DeskError> {
        self.think_about_unanswered(crate::domain::Timestamp::MAX).await
    }

    async fn think_about_unanswered(&self, since: crate::domain::Timestamp) -> Result<usize, DeskError> {
        const PAGE: u32 = 200;
        let left = self.parts.store.unanswered(since, PAGE).await?;
        for id in &left {
            if let Err(failure) = self.think(id).await {
                tracing::error!(conversation = %id, error = %failure, "a swept turn could not be answered");
            }
        }
        Ok(left.len())
    }

    async fn think_alone(&self, id: &ConversationId) -> Result<(), DeskError> {
        for _ in 0..MAX_PLANS {
            let Some(conversation) = self.parts.store.conversation(id).await? else {
                return Err(DeskError::NoSuchConversation);
            };
            let Some(&through) = conversation.unanswered.last() else { return Ok(()) };
            let burst = self.burst(&conversation).await?;
            if burst.iter().any(|turn| is_tap(turn, Choice::BACK_TO_BOT))
                && matches!(conversation.phase, Phase::Waiting { .. })
            {
                // Its notice answers the tap and whatever was said just before it.
                self.back_to_bot(id).await?;
                continue;
            }
            if let (Phase::Waiting { .. }, Some(left)) = (&conversation.phase, contact_left(&burst)) {
                // Typed where the notice asked for it; no form is needed.
                self.leave_contact(id, left).await?;
                continue;
            }
            let considered = self.consider(&conversation, &burst).await;
            match self.react(&conversation, through, considered).await {
                Ok(()) => return Ok(()),
                Err(DeskError::Store(StoreError::Conflict)) => continue,
                // An agent claimed meanwhile, or the customer called for a person: the bot's words are no longer wanted.
                Err(DeskError::Refused(Refusal::Superseded)) => return Ok(()),
                Err(failure) => return Err(failure),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The customer's turns that nothing reacted to.
    async fn burst(&self, conversation: &Conversation) -> Result<Vec<Turn>, DeskError> {
        let Some(&first) = conversation.unanswered.first() else { return Ok(vec![]) };
        let page = self.parts.store.turns(&conversation.id, first - 1, MAX_BURST).await?;
        Ok(page.turns.into_iter().filter(|turn| conversation.unanswered.contains(&turn.seq)).collect())
    }

    /// Reads the world; never fails: what cannot be known becomes `Asked::Unknown`.
    async fn consider(&self, conversation: &Conversation, burst: &[Turn]) -> Considered {
        let parts = &self.parts;
        let language = conversation.language.unwrap_or(parts.settings.default_language);
        let nothing = |asked| Considered { asked, evidence: no_evidence(language), policy: parts.answering.policy() };
        if let Phase::Waiting { .. } | Phase::WithAgent { .. } = conversation.phase {
            return nothing(Asked::Unknown);
        }
        let channel = conversation.channel.kind();
        if let Some(tap) = burst.last().filter(|turn| turn.kind == TurnKind::Option) {
            let option = tap.article.as_ref().map_or("", ArticleId::as_str);
            if let Some(article) = parts.answering.article(&ArticleId::new(option), language, channel) {
                return nothing(Asked::Article(article));
            }
            return nothing(match option {
                Choice::HUMAN => Asked::Human,
                Choice::BACK_TO_BOT => Asked::BackToBot,
                _ => Asked::SomethingElse,
            });
        }
        let text = burst.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>().join("\n");
        if text.trim().is_empty() {
            return nothing(Asked::File);
        }
        let question = Question { text: &text, language: conversation.language, channel };
        let gathered = tokio::time::timeout(parts.settings.gather_timeout, parts.answering.gather(question)).await;
        match gathered {
            Ok(Ok(Gathered { evidence, policy, .. })) => {
                Considered { asked: Asked::Words(evidence.clone()), evidence, policy }
            }
            Ok(Err(failure)) => {
                tracing::error!(conversation = %conversation.id, error = %failure, "no evidence could be gathered");
                nothing(Asked::Unknown)
            }
            Err(_) => {
                tracing::error!(conversation = %conversation.id, "gathering evidence took too long");
                nothing(Asked::Unknown)
            }
        }
    }

    async fn react(&self, conversation: &Conversation, through: u64, considered: Considered) -> Result<(), DeskError> {
        let parts = &self.parts;
        let policy = considered.policy;
        let decision = decide(conversation, &considered.asked, &policy);
        let trace = Trace::of(&considered.evidence, &decision, &policy);
        let language = considered.evidence.language;
        let now = parts.clock.now();
        let reaction = Reaction {
            through,
            confidence: considered.evidence.confidence(),
            language,
            policy,
            outlook: self.outlook_after(conversation, &decision).await?,
            suggests: self.suggests(conversation, &decision, &considered.evidence),
            decision: decision.clone(),
        };
        let rules = self.rules();
        let events = plan(conversation, &Command::React(reaction), &rules, now)?;
        let brief = match handed_off(&events) {
            Some((reason, queue)) => Some(self.brief(conversation, reason, queue, Some(trace.clone())).await?),
            None => None,
        };
        log_decision(conversation, &trace);
        let lot = is_question(&considered.asked, &decision).then(|| parts.clock.new_lot());
        let change = Change {
            conversation: conversation.id.clone(),
            expect: Expect::Version(conversation.version),
            events,
            trace: Some(trace),
            brief,
            comment: None,
            contact: None,
            lot,
            rules,
            now,
        };
        self.commit(change).await?;
        Ok(())
    }

    /// Commits, then tells everyone who may care. Hints may be lost; the rows are there.
    pub(super) async fn commit(&self, change: Change) -> Result<Conversation, StoreError> {
        let told = Told::of(std::slice::from_ref(&change));
        let after = self.parts.store.commit(change).await?;
        self.announce(&told, std::slice::from_ref(&after));
        Ok(after)
    }

    /// Like `commit` for several conversations: all or none.
    pub(super) async fn commit_together(&self, changes: Vec<Change>) -> Result<Vec<Conversation>, StoreError> {
        let told = Told::of(&changes);
        let after = self.parts.store.commit_together(changes).await?;
        self.announce(&told, &after);
        Ok(after)
    }

    fn announce(&self, told: &Told, after: &[Conversation]) {
        let bus = &self.parts.bus;
        after.iter().for_each(|conversation| bus.hint(Hint::Conversation(conversation.id.clone())));
        if told.moves_line {
            bus.hint(Hint::Queue);
        }
        if told.is_judged {
            bus.hint(Hint::Judged);
        }
        if after.iter().any(|conversation| conversation.channel.is_pushed_to()) {
            bus.hint(Hint::Outbox);
        }
    }

    async fn outlook_after(&self, conversation: &Conversation, decision: &Decision) -> Result<Outlook, DeskError> {
        let queue = match (&conversation.phase, decision) {
            (Phase::Waiting { queue, .. }, _) => Some(queue.clone()),
            (_, Decision::HandOff { queue, .. }) => Some(conversation.line(queue.clone())),
            (_, Decision::Answer { article, .. }) if article.handoff == HandoffRule::Always => {
                Some(conversation.line(article.queue.clone()))
            }
            (
                _,
                Decision::Answer { .. }
                | Decision::Clarify { .. }
                | Decision::SmallTalk { .. }
                | Decision::OfferPerson
                | Decision::AskAboutFile
                | Decision::StaySilent,
            ) => None,
        };
        match queue {
            Some(queue) => Ok(self.outlook(&conversation.id, &queue).await?),
            None => Ok(Outlook::next_in_line(self.parts.clock.now())),
        }
    }

    /// What else was asked in the same turn, then what the article suggests.
    fn suggests(&self, conversation: &Conversation, decision: &Decision, evidence: &Evidence) -> Vec<Choice> {
        let Decision::Answer { article, .. } = decision else { return vec![] };
        let find = |id: &ArticleId| self.parts.answering.article(id, evidence.language, conversation.channel.kind());
        let also = evidence.also.iter().map(|candidate| candidate.article.clone());
        let mut articles: Vec<Arc<Article>> = also.collect();
        for suggested in article.suggests.iter().filter_map(find) {
            if articles.iter().all(|one| one.id != suggested.id) {
                articles.push(suggested);
            }
        }
        articles.iter().map(|article| Choice::new(article.id.as_str(), &article.title)).collect()
    }
}

/// Where the thoughts of one conversation line up. The last to leave, finished or given up, takes it away.
struct ThinkingPlace<'a> {
    desk: &'a Desk,
    id: &'a ConversationId,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl<'a> ThinkingPlace<'a> {
    fn at(desk: &'a Desk, id: &'a ConversationId) -> Self {
        let lock = desk.parts.thinking.entry(id.clone()).or_default().clone();
        Self { desk, id, lock }
    }
}

impl Drop for ThinkingPlace<'_> {
    fn drop(&mut self) {
        // The map's own and this one: nobody else stands here.
        self.desk.parts.thinking.remove_if(self.id, |_, lock| Arc::strong_count(lock) <= 2);
    }
}

/// What others may care about in a change.
struct Told {
    moves_line: bool,
    is_judged: bool,
}

impl Told {
    fn of(changes: &[Change]) -> Self {
        let mut events = changes.iter().flat_map(|change| &change.events);
        Self {
            moves_line: events.clone().any(moves_line),
            is_judged: events.any(|event| matches!(event, Event::Helped { .. })),
        }
    }
}

struct Considered {
    asked: Asked,
    evidence: Evidence,
    policy: Policy,
}

pub(super) fn no_evidence(language: Language) -> Evidence {
    Evidence {
        language,
        candidates: vec![],
        also: vec![],
        word_for_word: None,
        builtin: None,
        degraded: vec![],
        knowledge_version: String::new(),
        timings: Timings::default(),
    }
}

/// Whether the bot judged a customer's own words: then a person may judge it after. Small talk and taps ask nothing new.
fn is_question(asked: &Asked, decision: &Decision) -> bool {
    match asked {
        Asked::Words(evidence) => evidence.builtin.is_none() || matches!(decision, Decision::Answer { .. }),
        Asked::Unknown => matches!(decision, Decision::HandOff { .. }),
        Asked::Article(_) | Asked::Human | Asked::SomethingElse | Asked::File | Asked::BackToBot => false,
    }
}

/// Words that are an e-mail address or a phone number and nothing else.
fn contact_left(burst: &[Turn]) -> Option<&str> {
    let last = burst.last().filter(|turn| turn.kind == TurnKind::Text)?;
    contacts::contact(&last.text).map(|_| last.text.as_str())
}

fn is_tap(turn: &Turn, choice: &str) -> bool {
    turn.by == Speaker::Customer
        && turn.kind == TurnKind::Option
        && turn.article.as_ref().is_some_and(|a| a.as_str() == choice)
}

pub(super) fn handed_off(events: &[Event]) -> Option<(Reason, QueueName)> {
    events.iter().find_map(|event| match event {
        Event::HandedOff { reason, queue } => Some((*reason, queue.clone())),
        _ => None,
    })
}

/// Whether the lines, or what an agent has of them, look different after it.
fn moves_line(event: &Event) -> bool {
    match event {
        Event::HandedOff { .. }
        | Event::Claimed { .. }
        | Event::Released { .. }
        | Event::Transferred { .. }
        | Event::Escalated { .. }
        | Event::Snoozed { .. }
        | Event::Woken { .. }
        | Event::HandedBack { .. }
        | Event::Resolved { .. }
        | Event::Abandoned
        | Event::Merged { .. }
        | Event::Warned { .. }
        | Event::Breached { .. }
        | Event::FollowUpSet { .. }
        | Event::FollowUpDue
        | Event::FollowUpDone { .. } => true,
        Event::Said(_)
        | Event::Decided { .. }
        | Event::Reminded
        | Event::LanguageChosen { .. }
        | Event::Rewritten { .. }
        | Event::Absorbed { .. }
        | Event::Moved { .. }
        | Event::Reopened
        | Event::Rated { .. }
        | Event::Helped { .. }
        | Event::ContactLeft { .. }
        | Event::Tagged { .. } => false,
    }
}

/// One line per decision, with ids and numbers, never the customer's words.
fn log_decision(conversation: &Conversation, trace: &Trace) {
    tracing::info!(
        conversation = %conversation.id,
        decision = ?trace.decision,
        reason = trace.reason.map(Reason::name),
        rule = trace.rule.as_deref(),
        language = %trace.language,
        confidence = trace.confidence,
        total_us = trace.timings.total_us,
        "the bot decided"
    );
}
