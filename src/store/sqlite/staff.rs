//! Agents at work: presence, load, languages; what the console set; drafts.

use super::StoreError;
use super::batch::Batch;
use super::rows::{self, Step, moment, name_of, named, us};
use crate::domain::{AgentId, ConversationId, CustomerId, Language, QueueName, Timestamp};
use crate::store::{AgentWork, Presence, Staff};
use sqlx::{Row, SqliteConnection, SqlitePool};
use std::collections::HashMap;

pub async fn staff(db: &SqlitePool) -> Result<Vec<Staff>, StoreError> {
    let mut of_queues = open_of_queues(db).await?;
    let rows = sqlx::query(
        "select id, email, name, role, languages, presence, seen_at, open, capacity, given_at, \
         totp_secret is not null as has_second_factor from agents \
         where is_disabled = 0 order by created_at, id",
    )
    .fetch_all(db)
    .await
    .step("read who is at work")?;
    let one = |row: &sqlx::sqlite::SqliteRow| {
        let id = AgentId(rows::get(row, "id")?);
        let seen: Option<i64> = rows::get(row, "seen_at")?;
        let given: Option<i64> = rows::get(row, "given_at")?;
        let languages: String = rows::get(row, "languages")?;
        let (presence, role): (String, String) = (rows::get(row, "presence")?, rows::get(row, "role")?);
        Ok(Staff {
            n_open_of: of_queues.remove(&id).unwrap_or_default(),
            id,
            email: rows::get(row, "email")?,
            name: rows::get(row, "name")?,
            role: named(&role, "a role")?,
            languages: rows::from_json(&languages, "an agent's languages")?,
            presence: named(&presence, "a presence")?,
            seen_at: seen.map(|us| moment(us, "when an agent was seen")).transpose()?,
            n_open: rows::get(row, "open")?,
            capacity: rows::get(row, "capacity")?,
            has_second_factor: rows::get(row, "has_second_factor")?,
            given_at: given.map(|us| moment(us, "when an agent was given work")).transpose()?,
        })
    };
    rows.iter().map(one).collect()
}

async fn open_of_queues(db: &SqlitePool) -> Result<HashMap<AgentId, Vec<(QueueName, u32)>>, StoreError> {
    let rows: Vec<(String, String, u32)> = sqlx::query_as(
        "select agent, queue, count(*) from conversations where phase = 'with_agent' group by agent, queue",
    )
    .fetch_all(db)
    .await
    .step("count what agents have")?;
    let mut counted: HashMap<AgentId, Vec<(QueueName, u32)>> = HashMap::new();
    for (agent, queue, n) in rows {
        counted.entry(AgentId(agent)).or_default().push((QueueName(queue), n));
    }
    Ok(counted)
}

pub async fn set_presence(
    db: &mut SqliteConnection,
    agent: AgentId,
    presence: Presence,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // Who goes offline on purpose was not lost sight of.
    let seen_at = match presence {
        Presence::Online | Presence::Away => Some(us(now)),
        Presence::Offline => None,
    };
    let done = sqlx::query("update agents set presence = ?2, seen_at = ?3 where id = ?1")
        .bind(agent.0)
        .bind(name_of(&presence, "a presence")?)
        .bind(seen_at)
        .execute(db)
        .await
        .step("set a presence")?;
    Ok(done.rows_affected() == 1)
}

pub async fn seen(db: &mut SqliteConnection, agent: AgentId, now: Timestamp) -> Result<bool, StoreError> {
    let was: Option<String> = sqlx::query_scalar("select presence from agents where id = ?1 and is_disabled = 0")
        .bind(agent.as_str())
        .fetch_optional(&mut *db)
        .await
        .step("read a presence")?;
    let Some(was) = was else { return Ok(false) };
    let is_back = was == "offline";
    sqlx::query(
        "update agents set seen_at = ?2, presence = iif(presence = 'offline', 'online', presence) where id = ?1",
    )
    .bind(agent.as_str())
    .bind(us(now))
    .execute(db)
    .await
    .step("note that an agent is there")?;
    Ok(is_back)
}

pub async fn vanish(db: &mut SqliteConnection, before: Timestamp) -> Result<Vec<AgentId>, StoreError> {
    let rows = sqlx::query(
        "update agents set presence = 'offline' where presence <> 'offline' and coalesce(seen_at, 0) < ?1 returning id",
    )
    .bind(us(before))
    .fetch_all(db)
    .await
    .step("look for agents who are gone")?;
    rows.iter().map(|row| Ok(AgentId(row.try_get(0).step("read an agent who is gone")?))).collect()
}

pub async fn set_work(db: &mut SqliteConnection, email: String, work: AgentWork) -> Result<bool, StoreError> {
    let languages = work.languages.map(|spoken: Vec<Language>| rows::to_json(&spoken, "languages")).transpose()?;
    let done = sqlx::query(
        "update agents set capacity = coalesce(?2, capacity), languages = coalesce(?3, languages) where email = ?1",
    )
    .bind(email)
    .bind(work.capacity)
    .bind(languages)
    .execute(db)
    .await
    .step("set an agent's work")?;
    Ok(done.rows_affected() == 1)
}

pub async fn setting(db: &SqlitePool, key: &str) -> Result<Option<String>, StoreError> {
    let value = sqlx::query_scalar("select value from settings where key = ?1").bind(key).fetch_optional(db).await;
    value.step("read a setting")
}

pub async fn set_setting(
    db: &mut SqliteConnection,
    key: String,
    value: Option<String>,
    agent: AgentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(value) = value else {
        sqlx::query("delete from settings where key = ?1").bind(key).execute(db).await.step("forget a setting")?;
        return Ok(());
    };
    sqlx::query(
        "insert into settings (key, value, agent, at) values (?1, ?2, ?3, ?4) \
         on conflict (key) do update set value = excluded.value, agent = excluded.agent, at = excluded.at",
    )
    .bind(key)
    .bind(value)
    .bind(agent.0)
    .bind(us(now))
    .execute(db)
    .await
    .step("keep a setting")?;
    Ok(())
}

pub async fn keep_draft(
    db: &mut SqliteConnection,
    conversation: ConversationId,
    agent: AgentId,
    text: String,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let customer: Option<String> = sqlx::query_scalar("select customer from conversations where id = ?1")
        .bind(conversation.as_str())
        .fetch_optional(&mut *db)
        .await
        .step("look for a conversation")?;
    let Some(customer) = customer.map(CustomerId) else { return Ok(false) };
    let row = sqlx::query(
        "select (select words from drafts where conversation = ?1 and agent = ?2) as draft, \
         coalesce((select max(id) from words), 0) as last",
    )
    .bind(conversation.as_str())
    .bind(agent.as_str())
    .fetch_one(&mut *db)
    .await
    .step("look for a draft")?;
    let before: Option<i64> = rows::get(&row, "draft")?;
    let mut batch = Batch::after(rows::get(&row, "last")?);
    // A draft is nobody's history: its old words go. Blanked where they lie, as `privacy` says.
    if let Some(words) = before {
        batch
            .then("delete from drafts where conversation = ? and agent = ?")
            .bind(conversation.as_str())
            .bind(agent.as_str());
        batch.then("update words set text = printf('%*s', octet_length(text), '') where id = ?").bind(words);
    }
    if !text.is_empty() {
        let words = batch.words(&customer, &text);
        batch
            .then("insert into drafts (conversation, agent, words, at) values (?, ?, ?, ?)")
            .bind(conversation.as_str())
            .bind(agent.as_str())
            .bind(words)
            .bind(us(now));
    }
    if before.is_some() || !text.is_empty() {
        batch.write(db, "keep a draft").await?;
    }
    Ok(true)
}

pub async fn draft(
    db: &SqlitePool,
    conversation: &ConversationId,
    agent: &AgentId,
) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar(
        "select w.text from drafts d join words w on w.id = d.words where d.conversation = ?1 and d.agent = ?2",
    )
    .bind(conversation.as_str())
    .bind(agent.as_str())
    .fetch_optional(db)
    .await
    .step("read a draft")
}
