//! The rows of canned replies.

use super::rows::{Step, moment, us};
use super::{CannedKept, CannedReply, StoreError};
use crate::domain::AgentId;
use sqlx::{SqliteConnection, SqlitePool};

/// Of one owner; more than anybody finds again by name.
pub const MAX_CANNED: i64 = 500;

pub async fn canned(db: &SqlitePool, agent: &AgentId) -> Result<Vec<CannedReply>, StoreError> {
    let rows: Vec<(String, Option<String>, String, String, bool, i64)> = sqlx::query_as(
        "select id, owner, name, text, ends, updated_at from canned_replies where owner is null or owner = ? \
         order by name, owner is null, id",
    )
    .bind(agent.as_str())
    .fetch_all(db)
    .await
    .step("read canned replies")?;
    let reply = |(id, owner, name, text, ends, updated_at): (String, Option<String>, String, String, bool, i64)| {
        let updated_at = moment(updated_at, "a canned reply's moment")?;
        Ok(CannedReply { id, owner: owner.map(AgentId), name, text, ends, updated_at })
    };
    rows.into_iter().map(reply).collect()
}

pub async fn keep(db: &mut SqliteConnection, reply: CannedReply, is_new: bool) -> Result<CannedKept, StoreError> {
    let owner = reply.owner.as_ref().map(AgentId::as_str);
    let (n_others, is_taken, is_there): (i64, bool, bool) = sqlx::query_as(
        "select count(*), coalesce(max(name = ?3 and id <> ?2), 0), coalesce(max(id = ?2), 0) \
         from canned_replies where owner is ?1",
    )
    .bind(owner)
    .bind(&reply.id)
    .bind(&reply.name)
    .fetch_one(&mut *db)
    .await
    .step("look for canned replies")?;
    if is_taken {
        return Ok(CannedKept::NameTaken);
    }
    if !is_new && !is_there {
        return Ok(CannedKept::Unknown);
    }
    if is_new && n_others >= MAX_CANNED {
        return Ok(CannedKept::Full);
    }
    sqlx::query(
        "insert into canned_replies (id, owner, name, text, ends, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6) \
         on conflict (id) do update set name = excluded.name, text = excluded.text, ends = excluded.ends, \
         updated_at = excluded.updated_at",
    )
    .bind(&reply.id)
    .bind(owner)
    .bind(&reply.name)
    .bind(&reply.text)
    .bind(reply.ends)
    .bind(us(reply.updated_at))
    .execute(&mut *db)
    .await
    .step("keep a canned reply")?;
    Ok(CannedKept::Kept)
}

/// `false`: there is none of this id that the owner may remove.
pub async fn remove(db: &mut SqliteConnection, owner: Option<AgentId>, id: String) -> Result<bool, StoreError> {
    let removed = sqlx::query("delete from canned_replies where id = ? and owner is ?")
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .execute(db)
        .await
        .step("remove a canned reply")?;
    Ok(removed.rows_affected() > 0)
}
