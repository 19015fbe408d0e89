//! The rows of canned replies.

use super::rows::{self, Step, moment, us};
use super::{CannedReply, Keeping, StoreError};
use crate::domain::AgentId;
use sqlx::{SqliteConnection, SqlitePool};

/// Of one owner; more than anybody finds again by name.
pub const MAX_CANNED: i64 = 500;

type Columns = (String, Option<String>, String, String, bool, String, i64);

pub async fn canned(db: &SqlitePool, agent: &AgentId) -> Result<Vec<CannedReply>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, owner, name, text, ends, tags, updated_at from canned_replies where owner is null or owner = ? \
         order by name, owner is null, id",
    )
    .bind(agent.as_str())
    .fetch_all(db)
    .await
    .step("read canned replies")?;
    let reply = |(id, owner, name, text, ends, tags, updated_at): Columns| {
        let updated_at = moment(updated_at, "a canned reply's moment")?;
        let tags = rows::from_json(&tags, "a canned reply's tags")?;
        Ok(CannedReply { id, owner: owner.map(AgentId), name, text, ends, tags, updated_at })
    };
    rows.into_iter().map(reply).collect()
}

pub async fn keep(db: &mut SqliteConnection, reply: CannedReply, is_new: bool) -> Result<Keeping, StoreError> {
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
        return Ok(Keeping::NameTaken);
    }
    if !is_new && !is_there {
        return Ok(Keeping::Unknown);
    }
    if is_new && n_others >= MAX_CANNED {
        return Ok(Keeping::Full);
    }
    sqlx::query(
        "insert into canned_replies (id, owner, name, text, ends, tags, updated_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         on conflict (id) do update set name = excluded.name, text = excluded.text, ends = excluded.ends, \
         tags = excluded.tags, updated_at = excluded.updated_at",
    )
    .bind(&reply.id)
    .bind(owner)
    .bind(&reply.name)
    .bind(&reply.text)
    .bind(reply.ends)
    .bind(rows::to_json(&reply.tags, "tags")?)
    .bind(us(reply.updated_at))
    .execute(&mut *db)
    .await
    .step("keep a canned reply")?;
    Ok(Keeping::Kept)
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
