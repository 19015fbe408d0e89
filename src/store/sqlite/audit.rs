//! The audit log, and sign-ins that failed.

use super::StoreError;
use super::rows::{self, Step, moment, name_of, named, us};
use crate::domain::{AgentId, Timestamp};
use crate::store::{AuditEntry, Audited, FailedSignIns};
use sqlx::{Row, SqliteConnection, SqlitePool};

/// Entries kept; older ones go.
const MAX_ENTRIES: i64 = 100_000;
const MAX_LISTED: u32 = 200;
/// Failures of addresses that nobody tried for so long are forgotten.
const FORGET_AFTER_SECS: i64 = 24 * 3600;

pub async fn note(
    db: &mut SqliteConnection,
    agent: Option<AgentId>,
    what: Audited,
    about: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = sqlx::query("insert into audit (at, agent, what, about) values (?, ?, ?, ?)")
        .bind(us(now))
        .bind(agent.map(|agent| agent.0))
        .bind(name_of(&what, "what was changed")?)
        .bind(about)
        .execute(&mut *db)
        .await
        .step("write the audit log")?
        .last_insert_rowid();
    sqlx::query("delete from audit where id <= ?")
        .bind(id - MAX_ENTRIES)
        .execute(db)
        .await
        .step("shorten the audit log")?;
    Ok(())
}

pub async fn entries(db: &SqlitePool, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = sqlx::query("select id, at, agent, what, about from audit where id < ? order by id desc limit ?")
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit.clamp(1, MAX_LISTED))
        .fetch_all(db)
        .await
        .step("read the audit log")?;
    let entry = |row: &sqlx::sqlite::SqliteRow| {
        let agent: Option<String> = rows::get(row, "agent")?;
        Ok(AuditEntry {
            id: row.try_get("id").step("read the audit log")?,
            at: moment(rows::get(row, "at")?, "when something was changed")?,
            agent: agent.map(AgentId),
            what: named(rows::get(row, "what")?, "what was changed")?,
            about: rows::get(row, "about")?,
        })
    };
    rows.iter().map(entry).collect()
}

pub async fn failed(db: &SqlitePool, email_hash: &str) -> Result<Option<FailedSignIns>, StoreError> {
    let row: Option<(u32, i64)> = sqlx::query_as("select n, last_at from failed_sign_ins where email_hash = ?")
        .bind(email_hash)
        .fetch_optional(db)
        .await
        .step("read failed sign-ins")?;
    row.map(|(n, at)| Ok(FailedSignIns { n, last_at: moment(at, "a failed sign-in's moment")? })).transpose()
}

/// Counts one more, or the first again where the last lies before `since`. Returns how many there are.
pub async fn fail(
    db: &mut SqliteConnection,
    email_hash: String,
    since: Timestamp,
    now: Timestamp,
) -> Result<u32, StoreError> {
    sqlx::query("delete from failed_sign_ins where last_at < ?")
        .bind(us(now) - FORGET_AFTER_SECS * 1_000_000)
        .execute(&mut *db)
        .await
        .step("forget failed sign-ins")?;
    sqlx::query_scalar(
        "insert into failed_sign_ins (email_hash, n, last_at) values (?1, 1, ?2) on conflict (email_hash) do update \
         set n = iif(last_at < ?3, 1, n + 1), last_at = excluded.last_at returning n",
    )
    .bind(email_hash)
    .bind(us(now))
    .bind(us(since))
    .fetch_one(db)
    .await
    .step("count a failed sign-in")
}

pub async fn forgive(db: &mut SqliteConnection, email_hash: String) -> Result<(), StoreError> {
    sqlx::query("delete from failed_sign_ins where email_hash = ?")
        .bind(email_hash)
        .execute(db)
        .await
        .step("forget failed sign-ins")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Fixture;
    use super::*;
    use crate::domain::testing::at;
    use crate::store::Store;

    #[tokio::test]
    async fn the_newest_changes_come_first_and_page_by_page() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        let anna = AgentId::new("anna");
        for (n, what) in [Audited::AgentAdded, Audited::PasswordSet, Audited::AgentDisabled].into_iter().enumerate() {
            let by = (n > 0).then(|| anna.clone());
            store.note_audit(by, what, format!("about {n}"), at(n as i64)).await.unwrap();
        }
        let page = store.audit(None, 2).await.unwrap();
        let told: Vec<_> = page.iter().map(|entry| (entry.what, entry.about.as_str(), entry.agent.as_ref())).collect();
        assert_eq!(
            told,
            [(Audited::AgentDisabled, "about 2", Some(&anna)), (Audited::PasswordSet, "about 1", Some(&anna))]
        );
        let rest = store.audit(Some(page[1].id), 2).await.unwrap();
        assert_eq!((rest.len(), rest[0].at, rest[0].agent.clone()), (1, at(0), None));
    }

    #[tokio::test]
    async fn failures_count_in_a_row_and_are_forgotten() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let fail = async |key: &str, since, now| store.fail_sign_in(key, at(since), at(now)).await.unwrap();
        assert_eq!((fail("a", 0, 10).await, fail("a", 0, 20).await, fail("b", 0, 20).await), (1, 2, 1));
        assert_eq!(store.failed_sign_ins("a").await.unwrap(), Some(FailedSignIns { n: 2, last_at: at(20) }));
        assert_eq!(fail("a", 21, 30).await, 1, "the last one was too long ago");
        store.forgive_sign_ins("a").await.unwrap();
        assert_eq!(store.failed_sign_ins("a").await.unwrap(), None);
        fail("c", 0, 30 + FORGET_AFTER_SECS).await;
        assert_eq!(fixture.look::<String>("select email_hash from failed_sign_ins").await, ["c"]);
    }
}
