//! Who customers are, as far as sites vouch for them, what they left to be reached, and how they go on elsewhere.

use super::StoreError;
use super::batch::Batch;
use super::rows::{self, Step, named, us};
use crate::domain::brief::KnownCustomer;
use crate::domain::event::ContactKind;
use crate::domain::{ConversationId, CustomerId, Timestamp};
use sqlx::{SqliteConnection, SqlitePool};

/// Makes the customer where the subject is new; keeps the latest attributes.
pub async fn vouch(
    db: &mut SqliteConnection,
    profile: KnownCustomer,
    fresh: CustomerId,
    now: Timestamp,
) -> Result<CustomerId, StoreError> {
    let row = sqlx::query(
        "select (select id from customers where site = ?1 and subject = ?2) as id, \
         (select profile from customers where site = ?1 and subject = ?2) as profile, \
         (select w.text from customers c join words w on w.id = c.profile where c.site = ?1 and c.subject = ?2) as before, \
         coalesce((select max(id) from words), 0) as last",
    )
    .bind(&profile.site)
    .bind(&profile.subject)
    .fetch_one(&mut *db)
    .await
    .step("look for a customer")?;
    let known: Option<String> = rows::get(&row, "id")?;
    let words_before: Option<i64> = rows::get(&row, "profile")?;
    let mut batch = Batch::after(rows::get(&row, "last")?);
    let id = known.clone().map_or(fresh, CustomerId);
    if known.is_none() {
        batch
            .then("insert into customers (id, created_at, site, subject) values (?, ?, ?, ?)")
            .bind(id.as_str())
            .bind(us(now))
            .bind(&profile.site)
            .bind(&profile.subject);
    }
    let attributes = rows::to_json(&profile.attributes, "signed attributes")?;
    let is_same = rows::get::<Option<String>>(&row, "before")?.as_ref() == Some(&attributes);
    if is_same {
        return Ok(id);
    }
    if let Some(words) = words_before {
        // Blanked where it lies, as `privacy` says.
        batch.then("update words set text = printf('%*s', octet_length(text), '') where id = ?").bind(words);
    }
    let words = batch.words(&id, &attributes);
    batch.then("update customers set profile = ? where id = ?").bind(words).bind(id.as_str());
    batch.write(db, "keep whom a site vouches for").await?;
    Ok(id)
}

pub async fn blocked_at(db: &SqlitePool, customer: &CustomerId) -> Result<Option<Timestamp>, StoreError> {
    let since: Option<Option<i64>> = sqlx::query_scalar("select blocked_at from customers where id = ?1")
        .bind(customer.as_str())
        .fetch_optional(db)
        .await
        .step("look whether a customer is blocked")?;
    since.flatten().map(|us| rows::moment(us, "when a customer was blocked")).transpose()
}

pub async fn set_blocked(
    db: &mut SqliteConnection,
    customer: CustomerId,
    since: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update customers set blocked_at = ?2 where id = ?1")
        .bind(customer.0)
        .bind(since.map(us))
        .execute(db)
        .await
        .step("block a customer")?;
    Ok(done.rows_affected() == 1)
}

pub async fn profile(db: &SqlitePool, customer: &CustomerId) -> Result<Option<KnownCustomer>, StoreError> {
    let row = sqlx::query(
        "select c.site, c.subject, w.text from customers c join words w on w.id = c.profile where c.id = ?1",
    )
    .bind(customer.as_str())
    .fetch_optional(db)
    .await
    .step("read a customer")?;
    let Some(row) = row else { return Ok(None) };
    let (site, subject): (Option<String>, Option<String>) = (rows::get(&row, "site")?, rows::get(&row, "subject")?);
    let text: String = rows::get(&row, "text")?;
    let (Some(site), Some(subject)) = (site, subject) else { return Ok(None) };
    Ok(Some(KnownCustomer { site, subject, attributes: rows::from_json(&text, "signed attributes")? }))
}

pub async fn contacts(db: &SqlitePool, id: &ConversationId) -> Result<Vec<(ContactKind, String)>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select c.kind, w.text from contacts c join words w on w.id = c.words \
         where c.conversation = ?1 order by c.seq desc limit 20",
    )
    .bind(id.as_str())
    .fetch_all(db)
    .await
    .step("read what a customer left")?;
    rows.into_iter().map(|(kind, text)| Ok((named(&kind, "a kind of contact")?, text))).collect()
}

/// The customer asked again: older codes open nothing any more. Expired ones go too.
pub async fn keep_link(
    db: &mut SqliteConnection,
    conversation: ConversationId,
    code_hash: String,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("delete from links where conversation = ?1")
        .bind(conversation.as_str())
        .execute(&mut *db)
        .await
        .step("end older codes")?;
    sqlx::query("insert into links (code_hash, conversation, expires_at) values (?1, ?2, ?3)")
        .bind(code_hash)
        .bind(conversation.as_str())
        .bind(us(expires_at))
        .execute(db)
        .await
        .step("keep a code")?;
    Ok(())
}

pub async fn take_link(
    db: &mut SqliteConnection,
    code_hash: String,
    now: Timestamp,
) -> Result<Option<ConversationId>, StoreError> {
    sqlx::query("delete from links where expires_at <= ?1")
        .bind(us(now))
        .execute(&mut *db)
        .await
        .step("end old codes")?;
    let taken: Option<String> = sqlx::query_scalar("delete from links where code_hash = ?1 returning conversation")
        .bind(code_hash)
        .fetch_optional(db)
        .await
        .step("use a code up")?;
    Ok(taken.map(ConversationId))
}

/// A customer whom a site vouches for stays so.
pub async fn unite(db: &mut SqliteConnection, from: CustomerId, into: CustomerId) -> Result<(), StoreError> {
    for (step, sql) in [
        ("unite words", "update words set customer = ?2 where customer = ?1"),
        (
            "unite conversations",
            "update conversations set customer = ?2, state = json_set(state, '$.customer', ?2) where customer = ?1",
        ),
        (
            "unite profiles",
            "update customers set profile = coalesce(profile, (select profile from customers where id = ?1)) where id = ?2",
        ),
        ("forget the second customer", "delete from customers where id = ?1"),
    ] {
        sqlx::query(sql).bind(from.as_str()).bind(into.as_str()).execute(&mut *db).await.step(step)?;
    }
    Ok(())
}
