//! The lines and their clocks: what is due, who is served first, how long people waited, what follows from new rules.

use super::StoreError;
use super::rows::{self, Step, us};
use crate::domain::assignment::InLine;
use crate::domain::outlook::Pickup;
use crate::domain::{AgentId, Conversation, ConversationId, Phase, QueueName, Rules, Timestamp, clocks};
use crate::store::Past;
use sqlx::{SqliteConnection, SqlitePool};

const PAGE_ROWS: u32 = 500;

pub async fn due(db: &SqlitePool, now: Timestamp, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
    let ids = sqlx::query_scalar("select id from conversations where due_at <= ?1 order by due_at, id limit ?2")
        .bind(us(now))
        .bind(limit.clamp(1, PAGE_ROWS))
        .fetch_all(db)
        .await
        .step("look for clocks that have run out")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

/// One page of conversations after `after` that are open or promised something. Returns the last id; `None` at the end.
pub async fn follow_rules(
    db: &mut SqliteConnection,
    rules: &Rules,
    after: &str,
) -> Result<(usize, Option<String>), StoreError> {
    let page = sqlx::query(
        "select id, state, due_at from conversations \
         where id > ?1 and (phase <> 'resolved' or follow_up_at is not null) order by id limit ?2",
    )
    .bind(after)
    .bind(PAGE_ROWS)
    .fetch_all(&mut *db)
    .await
    .step("read the open conversations")?;
    let (mut n_moved, mut last) = (0, None);
    for row in &page {
        let conversation = rows::conversation(row)?;
        let was_due: Option<i64> = rows::get(row, "due_at")?;
        let due = clocks::next_due(&conversation, rules).map(us);
        if due != was_due {
            n_moved += 1;
            set_due(db, &conversation, due).await?;
        }
        if let Phase::Waiting { queue, .. } = &conversation.phase {
            set_priority(db, &conversation, conversation.priority + rules.queue(queue).priority).await?;
        }
        last = Some(conversation.id.0);
    }
    Ok((n_moved, last.filter(|_| page.len() == PAGE_ROWS as usize)))
}

async fn set_due(db: &mut SqliteConnection, of: &Conversation, due: Option<i64>) -> Result<(), StoreError> {
    sqlx::query("update conversations set due_at = ?2 where id = ?1")
        .bind(of.id.as_str())
        .bind(due)
        .execute(db)
        .await
        .step("set a clock")?;
    Ok(())
}

async fn set_priority(db: &mut SqliteConnection, of: &Conversation, priority: i32) -> Result<(), StoreError> {
    sqlx::query("update queue_entries set priority = ?2 where conversation = ?1 and priority <> ?2")
        .bind(of.id.as_str())
        .bind(priority)
        .execute(db)
        .await
        .step("set a place in line")?;
    Ok(())
}

pub async fn in_line(db: &SqlitePool, queues: &[QueueName], limit: u32) -> Result<Vec<InLine>, StoreError> {
    let rows = sqlx::query(
        "select e.conversation, e.queue, e.for_lead, c.state ->> '$.language' as language \
         from queue_entries e join conversations c on c.id = e.conversation \
         where e.queue in (select value from json_each(?1)) order by e.rank, e.conversation limit ?2",
    )
    .bind(rows::to_json(&queues, "names of queues")?)
    .bind(limit.clamp(1, PAGE_ROWS))
    .fetch_all(db)
    .await
    .step("read the lines")?;
    let entry = |row| {
        let language: Option<String> = rows::get(row, "language")?;
        Ok(InLine {
            conversation: ConversationId(rows::get(row, "conversation")?),
            queue: QueueName(rows::get(row, "queue")?),
            language: language.as_deref().and_then(crate::domain::Language::parse),
            for_lead: rows::get(row, "for_lead")?,
        })
    };
    rows.iter().map(entry).collect()
}

pub async fn pickups(
    db: &SqlitePool,
    queue: &QueueName,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Pickup>, StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select claimed_at, claimed_at - at from handoffs where queue = ?1 and claimed_at >= ?2 and reason <> 'agent_requested' \
         order by claimed_at desc limit ?3",
    )
    .bind(queue.as_str())
    .bind(us(since))
    .bind(limit)
    .fetch_all(db)
    .await
    .step("read how long people waited")?;
    let secs = |us: i64| us.max(0).unsigned_abs() / 1_000_000;
    let pickup = |(at, waited)| Ok(Pickup { at: rows::moment(at, "a claim's time")?, waited_secs: secs(waited) });
    rows.into_iter().map(pickup).collect()
}

pub async fn owned_by(db: &SqlitePool, agent: &AgentId, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
    let ids = sqlx::query_scalar(
        "select id from conversations where phase = 'with_agent' and agent = ?1 order by phase_since, id limit ?2",
    )
    .bind(agent.as_str())
    .bind(limit.clamp(1, PAGE_ROWS))
    .fetch_all(db)
    .await
    .step("read what an agent has")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

pub async fn merged_into(db: &SqlitePool, id: &ConversationId) -> Result<Vec<ConversationId>, StoreError> {
    let ids = sqlx::query_scalar("select id from conversations where merged_into = ?1 order by created_at, id")
        .bind(id.as_str())
        .fetch_all(db)
        .await
        .step("read what was merged")?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

pub async fn past_of(db: &SqlitePool, id: &ConversationId, limit: u32) -> Result<Vec<Past>, StoreError> {
    let rows = sqlx::query(
        "select c.id, c.phase, c.updated_at, c.state ->> '$.rating' as rating, \
           (select json_extract(b.text, '$.need') from handoffs f join words b on b.id = f.brief \
            where f.conversation = c.id order by f.seq desc limit 1) as need \
         from conversations me join conversations c on c.customer = me.customer and c.id <> me.id \
         where me.id = ?1 and c.version > 0 order by c.updated_at desc, c.id desc limit ?2",
    )
    .bind(id.as_str())
    .bind(limit.clamp(1, PAGE_ROWS))
    .fetch_all(db)
    .await
    .step("read earlier conversations")?;
    let past = |row| {
        Ok(Past {
            id: ConversationId(rows::get(row, "id")?),
            phase: rows::get(row, "phase")?,
            at: rows::moment(rows::get(row, "updated_at")?, "a conversation's last change")?,
            need: rows::get(row, "need")?,
            rating: rows::get(row, "rating")?,
        })
    };
    rows.iter().map(past).collect()
}

/// Each line is an invariant; the number says how many conversations break it.
const INVARIANTS: [(&str, &str); 5] = [
    (
        "waiting without an entry in a queue",
        "select count(*) from conversations c where c.phase = 'waiting' \
         and not exists (select 1 from queue_entries e where e.conversation = c.id)",
    ),
    (
        "in a queue but not waiting",
        "select count(*) from queue_entries e join conversations c on c.id = e.conversation where c.phase <> 'waiting'",
    ),
    (
        "with people but without an open handoff",
        "select count(*) from conversations c where c.phase in ('waiting', 'with_agent') \
         and not exists (select 1 from handoffs h where h.conversation = c.id and h.closed_at is null)",
    ),
    (
        "waiting or with an agent and no clock runs",
        "select count(*) from conversations c where c.due_at is null and (c.phase = 'waiting' \
         or (c.phase = 'with_agent' and c.is_snoozed = 0))",
    ),
    (
        "agents whose count of open conversations is wrong",
        "select count(*) from agents a where a.open <> \
         (select count(*) from conversations c where c.phase = 'with_agent' and c.agent = a.id)",
    ),
];

pub async fn broken(db: &SqlitePool) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let mut found = vec![];
    for (name, sql) in INVARIANTS {
        let n: i64 = sqlx::query_scalar(sql).fetch_one(db).await.step("look for broken invariants")?;
        if n > 0 {
            found.push((name, n.unsigned_abs()));
        }
    }
    Ok(found)
}

/// Counts of open conversations follow from the conversations.
pub async fn mend(db: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(
        "update agents set open = (select count(*) from conversations c where c.phase = 'with_agent' and c.agent = agents.id) \
         where open > (select count(*) from conversations c where c.phase = 'with_agent' and c.agent = agents.id)",
    )
    .execute(&mut *db)
    .await
    .step("count what agents have")?;
    sqlx::query(
        "delete from queue_entries where conversation in \
         (select e.conversation from queue_entries e join conversations c on c.id = e.conversation \
          where c.phase <> 'waiting')",
    )
    .execute(&mut *db)
    .await
    .step("take ghosts out of the lines")?;
    sqlx::query(
        "insert into queue_entries (conversation, queue, priority, since) \
         select id, queue, priority, waiting_since from conversations c where c.phase = 'waiting' \
         and not exists (select 1 from queue_entries e where e.conversation = c.id)",
    )
    .execute(db)
    .await
    .step("put the forgotten in line")?;
    Ok(())
}

pub async fn undelivered(db: &SqlitePool, id: &ConversationId) -> Result<Vec<(u64, String)>, StoreError> {
    let rows: Vec<(i64, Option<String>)> =
        sqlx::query_as("select turn, why from outbox where conversation = ?1 and state = 'dead' order by id")
            .bind(id.as_str())
            .fetch_all(db)
            .await
            .step("read what could not be delivered")?;
    Ok(rows.into_iter().map(|(turn, why)| (turn.unsigned_abs(), why.unwrap_or_default())).collect())
}
