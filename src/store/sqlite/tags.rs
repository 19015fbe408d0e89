//! Which tags conversations have.

use super::StoreError;
use super::batch::Batch;
use super::rows::Step;
use crate::domain::{Conversation, Tag};
use sqlx::SqlitePool;

const MAX_LISTED: u32 = 1_000;

pub fn set(batch: &mut Batch, conversation: &Conversation, tags: &[Tag]) {
    batch.then("delete from conversation_tags where conversation = ?").bind(conversation.id.as_str());
    for tag in tags {
        batch
            .then("insert into conversation_tags (tag, conversation) values (?, ?)")
            .bind(tag.as_str())
            .bind(conversation.id.as_str());
    }
}

/// By how many conversations have them, the most used first. What nobody would write today is left out.
pub async fn in_use(db: &SqlitePool, limit: u32) -> Result<Vec<(Tag, u32)>, StoreError> {
    let rows: Vec<(String, u32)> =
        sqlx::query_as("select tag, count(*) as n from conversation_tags group by tag order by n desc, tag limit ?")
            .bind(limit.clamp(1, MAX_LISTED))
            .fetch_all(db)
            .await
            .step("count tags")?;
    Ok(rows.into_iter().filter_map(|(tag, n)| Some((Tag::parse(&tag)?, n))).collect())
}
