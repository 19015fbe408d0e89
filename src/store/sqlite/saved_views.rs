//! The rows of saved views.

use super::StoreError;
use super::rows::{self, Step, moment, us};
use crate::domain::AgentId;
use crate::store::{Keeping, SavedView};
use sqlx::{SqliteConnection, SqlitePool};

/// Of one owner; more is a list that needs a list.
pub const MAX_VIEWS: i64 = 50;

type Columns = (String, Option<String>, String, String, i64);

pub async fn of(db: &SqlitePool, agent: &AgentId) -> Result<Vec<SavedView>, StoreError> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select id, owner, name, query, updated_at from saved_views where owner is null or owner = ? \
         order by name, owner is null, id",
    )
    .bind(agent.as_str())
    .fetch_all(db)
    .await
    .step("read saved views")?;
    let view = |(id, owner, name, query, updated_at): Columns| {
        let query = rows::from_json(&query, "a saved view")?;
        let updated_at = moment(updated_at, "a saved view's moment")?;
        Ok(SavedView { id, owner: owner.map(AgentId), name, query, updated_at })
    };
    rows.into_iter().map(view).collect()
}

pub async fn keep(db: &mut SqliteConnection, view: SavedView, is_new: bool) -> Result<Keeping, StoreError> {
    let owner = view.owner.as_ref().map(AgentId::as_str);
    let (n_others, is_taken, is_there): (i64, bool, bool) = sqlx::query_as(
        "select count(*), coalesce(max(name = ?3 and id <> ?2), 0), coalesce(max(id = ?2), 0) \
         from saved_views where owner is ?1",
    )
    .bind(owner)
    .bind(&view.id)
    .bind(&view.name)
    .fetch_one(&mut *db)
    .await
    .step("look for saved views")?;
    if is_taken {
        return Ok(Keeping::NameTaken);
    }
    if !is_new && !is_there {
        return Ok(Keeping::Unknown);
    }
    if is_new && n_others >= MAX_VIEWS {
        return Ok(Keeping::Full);
    }
    sqlx::query(
        "insert into saved_views (id, owner, name, query, updated_at) values (?1, ?2, ?3, ?4, ?5) \
         on conflict (id) do update set name = excluded.name, query = excluded.query, updated_at = excluded.updated_at",
    )
    .bind(&view.id)
    .bind(owner)
    .bind(&view.name)
    .bind(rows::to_json(&view.query, "a saved view")?)
    .bind(us(view.updated_at))
    .execute(&mut *db)
    .await
    .step("keep a saved view")?;
    Ok(Keeping::Kept)
}

/// `false`: there is none of this id that the owner may remove.
pub async fn remove(db: &mut SqliteConnection, owner: Option<AgentId>, id: String) -> Result<bool, StoreError> {
    let removed = sqlx::query("delete from saved_views where id = ? and owner is ?")
        .bind(id)
        .bind(owner.map(|owner| owner.0))
        .execute(db)
        .await
        .step("remove a saved view")?;
    Ok(removed.rows_affected() > 0)
}
