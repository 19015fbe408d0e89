//! Records planned events: numbers each and gathers its rows, then the conversation's own. Called by the writer alone.

use super::attachments;
use super::batch::Batch;
use super::handoffs::{self, NewHandoff};
use super::judged::{self, Draw};
use super::letters;
use super::mentions;
use super::rows::{self, name_of, number, us};
use super::tags;
use super::{Brief, StoreError, Trace};
use crate::domain::clocks;
use crate::domain::{
    AgentId, Channel, Conversation, ConversationId, Event, NewTurn, Outcome, Phase, Rules, Seq, Speaker, Timestamp,
    TurnKind,
};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

/// A conversation with what only the tables know.
pub struct Stored {
    pub conversation: Conversation,
    last_words: i64,
}

/// What a query must select for `Stored`, from `conversations c`.
macro_rules! stored_columns {
    () => {
        "c.state, coalesce((select max(id) from words), 0) as last_words"
    };
}
pub(super) use stored_columns;

impl Stored {
    pub fn of(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self { conversation: rows::conversation(row)?, last_words: rows::get(row, "last_words")? })
    }
}

/// What a change brings beside its events; each is stored with the first event that it belongs to.
#[derive(Default)]
pub struct Extras {
    pub trace: Option<Trace>,
    pub brief: Option<Brief>,
    pub comment: Option<String>,
    pub contact: Option<String>,
    /// The customer's words were judged by the bot, and this is what the lot of the answer came to.
    pub question: Option<Draw>,
}

pub async fn record(
    db: &mut SqliteConnection,
    before: Stored,
    events: &[Event],
    extras: Extras,
    rules: &Rules,
    now: Timestamp,
) -> Result<Conversation, StoreError> {
    let mut batch = Batch::after(before.last_words);
    let after = gather(&mut batch, &before, events, extras, rules, now)?;
    batch.write(db, "keep a change").await?;
    Ok(after)
}

fn gather(
    batch: &mut Batch,
    before: &Stored,
    events: &[Event],
    mut extras: Extras,
    rules: &Rules,
    now: Timestamp,
) -> Result<Conversation, StoreError> {
    let mut after = before.conversation.clone();
    for event in events {
        let seq = after.apply(event, now);
        insert_event(batch, &after, seq, event, now)?;
        match event {
            Event::Said(turn) => {
                insert_turn(batch, &after, seq, turn, now)?;
                if turn.by != Speaker::Customer && turn.kind != TurnKind::Note {
                    insert_delivery(batch, &after, seq, now);
                }
                letters::insert_after_reply(batch, &after, seq, turn, rules, now);
            }
            Event::Rewritten { .. } => rewrite_turn(batch, &after, seq, event, now),
            Event::Decided { .. } => {
                if let Some(trace) = extras.trace.take() {
                    insert_trace(batch, &after, seq, &trace)?;
                }
            }
            Event::HandedOff { reason, queue } => {
                handoffs::close(batch, &after, "superseded", now);
                let new = NewHandoff { reason: *reason, queue, brief: extras.brief.take(), now };
                handoffs::insert(batch, &after, seq, new)?;
            }
            Event::Claimed { agent, .. } => handoffs::claim(batch, &after, agent, now),
            Event::HandedBack { agent: Some(_), .. } => handoffs::close(batch, &after, "handed_back", now),
            Event::HandedBack { agent: None, .. } => handoffs::close(batch, &after, "did_not_wait", now),
            Event::Resolved { outcome: Outcome::Solved, .. } => handoffs::close(batch, &after, "solved", now),
            Event::Resolved { outcome: Outcome::Unsolved, .. } => handoffs::close(batch, &after, "unsolved", now),
            Event::Abandoned | Event::Resolved { outcome: Outcome::Abandoned, .. } => {
                handoffs::close(batch, &after, "did_not_wait", now);
            }
            Event::Merged { into, .. } => {
                handoffs::close(batch, &after, "superseded", now);
                follow(batch, &after, into);
            }
            Event::Resolved { outcome: Outcome::Merged, .. } | Event::Reopened => {
                handoffs::close(batch, &after, "superseded", now);
            }
            Event::Transferred { queue, .. } => handoffs::move_to(batch, &after, queue),
            Event::ContactLeft { kind } => {
                let name = name_of(kind, "a kind of contact")?;
                insert_contact(batch, &after, seq, name, extras.contact.take(), now);
            }
            Event::Rated { score } => insert_rating(batch, &after, seq, *score, extras.comment.take(), now),
            Event::Helped { seq: answer, helped } => judged::helped(batch, &after, *answer, *helped, now),
            Event::Moved { .. } => move_address(batch, &after),
            Event::Tagged { tags, .. } => tags::set(batch, &after, tags),
            Event::Released { .. }
            | Event::Reminded
            | Event::LanguageChosen { .. }
            | Event::Escalated { .. }
            | Event::Snoozed { .. }
            | Event::Woken { .. }
            | Event::Absorbed { .. }
            | Event::Warned { .. }
            | Event::Breached { .. }
            | Event::FollowUpSet { .. }
            | Event::FollowUpDue
            | Event::FollowUpDone { .. } => {}
        }
    }
    if let Some(draw) = extras.question {
        judged::asked(batch, &before.conversation, events, draw, now)?;
    }
    handoffs::stand_in_line(batch, &before.conversation, &after, rules);
    count_open(batch, before.conversation.phase.agent(), after.phase.agent(), now);
    update_conversation(batch, &after, rules, now)?;
    Ok(after)
}

fn insert_event(
    batch: &mut Batch,
    conversation: &Conversation,
    seq: Seq,
    event: &Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    batch
        .then("insert into events (conversation, seq, at, event) values (?, ?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(us(now))
        .bind(rows::to_json(event, "an event")?);
    Ok(())
}

fn insert_turn(
    batch: &mut Batch,
    conversation: &Conversation,
    seq: Seq,
    turn: &NewTurn,
    now: Timestamp,
) -> Result<(), StoreError> {
    let words = batch.words(&conversation.customer, &turn.text);
    let html = turn.html.as_ref().map(|html| batch.words(&conversation.customer, html));
    let (by_kind, agent) = match &turn.by {
        Speaker::Customer => ("customer", None),
        Speaker::Bot => ("bot", None),
        Speaker::System => ("system", None),
        Speaker::Agent(agent) => ("agent", Some(agent.as_str())),
    };
    batch
        .then(
            "insert into turns (conversation, first_seq, seq, by_kind, agent, kind, client_id, words, html, options, \
             decision, article, queue, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(number(seq))
        .bind(by_kind)
        .bind(agent)
        .bind(name_of(&turn.kind, "a turn's kind")?)
        .bind(turn.client_id.as_deref())
        .bind(words)
        .bind(html)
        .bind(rows::to_json(&turn.options, "a turn's options")?)
        .bind(turn.decision.map(|decision| name_of(&decision, "a turn's decision")).transpose()?)
        .bind(turn.article.as_ref().map(|article| article.as_str()))
        .bind(turn.queue.as_ref().map(|queue| queue.as_str()))
        .bind(us(now));
    attachments::say(batch, &conversation.id, number(seq), &turn.attachments);
    mentions::call(batch, conversation, &turn.mentions, now);
    Ok(())
}

/// The words before are overwritten where they lie; an agent's new ones are delivered, unless the turn itself still waits to be.
fn rewrite_turn(batch: &mut Batch, conversation: &Conversation, seq: Seq, event: &Event, now: Timestamp) {
    let Event::Rewritten { turn, by, kind, is_withdrawn, text, .. } = event else { return };
    let (id, turn) = (conversation.id.as_str(), number(*turn));
    batch
        .then(
            "update words set text = printf('%*s', octet_length(text), '') where id in ( \
             select words from turns where conversation = ? and first_seq = ? \
             union select html from turns where conversation = ? and first_seq = ?)",
        )
        .bind(id)
        .bind(turn)
        .bind(id)
        .bind(turn);
    let words = batch.words(&conversation.customer, text);
    batch
        .then(
            "update turns set seq = ?, rev = rev + 1, words = ?, html = null, is_withdrawn = ? \
             where conversation = ? and first_seq = ?",
        )
        .bind(number(seq))
        .bind(words)
        .bind(*is_withdrawn)
        .bind(id)
        .bind(turn);
    if *is_withdrawn {
        attachments::withdraw(batch, &conversation.id, turn);
    }
    if let (Speaker::Agent(_), true, Channel::Telegram { bot, chat }) =
        (by, *kind != TurnKind::Note, &conversation.channel)
    {
        batch
            .then(
                "insert into outbox (conversation, turn, channel, bot, chat, created, due_at) \
                 select ?, ?, 'telegram', ?, ?, ?, ? where not exists (select 1 from outbox \
                 where conversation = ? and turn = ? and channel = 'telegram' and state = 'due' and attempts = 0)",
            )
            .bind(id)
            .bind(turn)
            .bind(bot)
            .bind(*chat)
            .bind(us(now))
            .bind(us(now))
            .bind(id)
            .bind(turn);
    }
}

/// Nothing for a channel that fetches by itself.
fn insert_delivery(batch: &mut Batch, conversation: &Conversation, seq: Seq, now: Timestamp) {
    let Channel::Telegram { bot, chat } = &conversation.channel else { return };
    batch
        .then(
            "insert into outbox (conversation, turn, channel, bot, chat, created, due_at) values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(rows::channel_kind(&conversation.channel))
        .bind(bot)
        .bind(*chat)
        .bind(us(now))
        .bind(us(now));
}

fn insert_trace(batch: &mut Batch, conversation: &Conversation, seq: Seq, trace: &Trace) -> Result<(), StoreError> {
    let words = batch.words(&conversation.customer, &rows::to_json(trace, "a trace")?);
    batch
        .then("insert into traces (conversation, seq, words) values (?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(words);
    Ok(())
}

fn insert_rating(
    batch: &mut Batch,
    conversation: &Conversation,
    seq: Seq,
    score: u8,
    comment: Option<String>,
    now: Timestamp,
) {
    let comment = comment.map(|comment| batch.words(&conversation.customer, &comment));
    batch
        .then("insert into ratings (conversation, seq, score, comment, at) values (?, ?, ?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(score)
        .bind(comment)
        .bind(us(now));
}

fn insert_contact(
    batch: &mut Batch,
    conversation: &Conversation,
    seq: Seq,
    kind: String,
    contact: Option<String>,
    now: Timestamp,
) {
    let words = batch.words(&conversation.customer, contact.as_deref().unwrap_or_default());
    batch
        .then("insert into contacts (conversation, seq, kind, words, at) values (?, ?, ?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(kind)
        .bind(words)
        .bind(us(now));
}

/// Its tokens open the other one from now on, and so do those of what was merged into it before.
fn follow(batch: &mut Batch, merged: &Conversation, into: &ConversationId) {
    batch
        .then("update conversation_tokens set conversation = ? where conversation = ?")
        .bind(into.as_str())
        .bind(merged.id.as_str());
    attachments::follow(batch, &merged.id, into);
    batch
        .then("update conversations set merged_into = ? where merged_into = ?")
        .bind(into.as_str())
        .bind(merged.id.as_str());
}

fn move_address(batch: &mut Batch, after: &Conversation) {
    batch
        .then("update conversations set channel = ?, address = ? where id = ?")
        .bind(rows::channel_kind(&after.channel))
        .bind(rows::address(&after.channel))
        .bind(after.id.as_str());
}

/// Who has it gets one more, who had it one less. A trigger refuses more than the agent's capacity.
fn count_open(batch: &mut Batch, before: Option<&AgentId>, after: Option<&AgentId>, now: Timestamp) {
    if before == after {
        return;
    }
    if let Some(agent) = before {
        batch.then("update agents set open = max(open - 1, 0) where id = ?").bind(agent.as_str());
    }
    if let Some(agent) = after {
        batch.then("update agents set open = open + 1, given_at = ? where id = ?").bind(us(now)).bind(agent.as_str());
    }
}

/// No version is compared here: a change planned on another state would number its events with a gap or twice, and the table of
/// events refuses both.
fn update_conversation(
    batch: &mut Batch,
    after: &Conversation,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (queue, waiting_since) = match &after.phase {
        Phase::Waiting { queue, since, .. } => (Some(queue.as_str()), Some(us(*since))),
        Phase::WithAgent { queue, waiting_since, .. } => (Some(queue.as_str()), Some(us(*waiting_since))),
        Phase::WithBot { .. } | Phase::Resolved { .. } => (None, None),
    };
    batch
        .then(
            "update conversations set state = ?, phase = ?, phase_since = ?, agent = ?, queue = ?, waiting_since = ?, \
             version = ?, owner_epoch = ?, updated_at = ?, priority = ?, due_at = ?, is_snoozed = ?, \
             follow_up_at = ?, follow_up_by = ?, merged_into = ?, last_queue = ?, \
             oldest_unanswered_at = (select at from turns where conversation = ? and seq = ?) where id = ?",
        )
        .bind(rows::to_json(after, "a conversation's state")?)
        .bind(after.phase.name())
        .bind(us(after.phase.since()))
        .bind(after.phase.agent().map(|agent| agent.as_str()))
        .bind(queue)
        .bind(waiting_since)
        .bind(number(after.version))
        .bind(number(after.owner_epoch))
        .bind(us(now))
        .bind(after.priority)
        .bind(clocks::next_due(after, rules).map(us))
        .bind(after.phase.snoozed().is_some())
        .bind(after.follow_up.as_ref().map(|follow_up| us(follow_up.due_at)))
        .bind(after.follow_up.as_ref().map(|follow_up| follow_up.agent.as_str()))
        .bind(after.merged_into.as_ref().map(|into| into.as_str()))
        .bind(after.last_queue.as_ref().map(|queue| queue.as_str()))
        .bind(after.id.as_str())
        .bind(after.unanswered.first().map(|seq| number(*seq)))
        .bind(after.id.as_str());
    Ok(())
}
