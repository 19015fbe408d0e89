//! The rows of a move to people, and the line they stand in. Gathered by `record` as the phase changes.

use super::batch::Batch;
use super::rows::{self, number, us};
use super::{Brief, StoreError};
use crate::domain::{AgentId, Conversation, Phase, QueueName, Reason, Rules, Seq, Timestamp};

pub struct NewHandoff<'a> {
    pub reason: Reason,
    pub queue: &'a QueueName,
    pub brief: Option<Brief>,
    pub now: Timestamp,
}

pub fn insert(batch: &mut Batch, conversation: &Conversation, seq: Seq, new: NewHandoff<'_>) -> Result<(), StoreError> {
    let brief = new.brief.map(|brief| rows::to_json(&brief, "a brief")).transpose()?;
    let brief = brief.map(|brief| batch.words(&conversation.customer, &brief));
    batch
        .then("insert into handoffs (conversation, seq, reason, queue, at, brief) values (?, ?, ?, ?, ?, ?)")
        .bind(conversation.id.as_str())
        .bind(number(seq))
        .bind(new.reason.name())
        .bind(new.queue.as_str())
        .bind(us(new.now))
        .bind(brief);
    Ok(())
}

pub fn claim(batch: &mut Batch, conversation: &Conversation, agent: &AgentId, now: Timestamp) {
    batch
        .then(
            "update handoffs set claimed_at = coalesce(claimed_at, ?), claimed_by = ? \
             where conversation = ? and closed_at is null",
        )
        .bind(us(now))
        .bind(agent.as_str())
        .bind(conversation.id.as_str());
}

pub fn close(batch: &mut Batch, conversation: &Conversation, outcome: &'static str, now: Timestamp) {
    batch
        .then("update handoffs set closed_at = ?, outcome = ? where conversation = ? and closed_at is null")
        .bind(us(now))
        .bind(outcome)
        .bind(conversation.id.as_str());
}

pub fn move_to(batch: &mut Batch, conversation: &Conversation, queue: &QueueName) {
    batch
        .then("update handoffs set queue = ? where conversation = ? and closed_at is null")
        .bind(queue.as_str())
        .bind(conversation.id.as_str());
}

/// A row in the queue exactly while it waits.
pub fn stand_in_line(batch: &mut Batch, before: &Conversation, after: &Conversation, rules: &Rules) {
    match (&before.phase, &after.phase) {
        (_, Phase::Waiting { .. }) if before.phase == after.phase => {}
        (_, Phase::Waiting { queue, since, in_front, for_lead, .. }) => {
            let priority = after.priority + rules.queue(queue).priority;
            join(batch, after, &Entry { queue, since: *since, priority, in_front: *in_front, for_lead: *for_lead });
        }
        (Phase::Waiting { .. }, Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. }) => {
            leave(batch, after);
        }
        (
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. },
            Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. },
        ) => {}
    }
}

struct Entry<'a> {
    queue: &'a QueueName,
    since: Timestamp,
    priority: i32,
    in_front: bool,
    for_lead: bool,
}

fn join(batch: &mut Batch, conversation: &Conversation, entry: &Entry<'_>) {
    batch
        .then(
            "insert into queue_entries (conversation, queue, priority, since, in_front, for_lead) \
             values (?, ?, ?, ?, ?, ?) on conflict (conversation) do update set queue = excluded.queue, \
             priority = excluded.priority, since = excluded.since, in_front = excluded.in_front, \
             for_lead = excluded.for_lead",
        )
        .bind(conversation.id.as_str())
        .bind(entry.queue.as_str())
        .bind(entry.priority)
        .bind(us(entry.since))
        .bind(entry.in_front)
        .bind(entry.for_lead);
}

fn leave(batch: &mut Batch, conversation: &Conversation) {
    batch.then("delete from queue_entries where conversation = ?").bind(conversation.id.as_str());
}
