//! Whom notes called.

use super::StoreError;
use super::batch::Batch;
use super::rows::{Step, us};
use crate::domain::{AgentId, Conversation, ConversationId, Timestamp};
use sqlx::{SqliteConnection, SqlitePool};

pub fn call(batch: &mut Batch, conversation: &Conversation, agents: &[AgentId], now: Timestamp) {
    for agent in agents {
        batch
            .then("insert or replace into mentions (agent, conversation, at) values (?, ?, ?)")
            .bind(agent.as_str())
            .bind(conversation.id.as_str())
            .bind(us(now));
    }
}

pub async fn is_called(db: &SqlitePool, agent: &AgentId, conversation: &ConversationId) -> Result<bool, StoreError> {
    sqlx::query_scalar("select exists (select 1 from mentions where agent = ? and conversation = ?)")
        .bind(agent.as_str())
        .bind(conversation.as_str())
        .fetch_one(db)
        .await
        .step("look for a mention")
}

pub async fn looked(db: &mut SqliteConnection, agent: AgentId, conversation: ConversationId) -> Result<(), StoreError> {
    sqlx::query("delete from mentions where agent = ? and conversation = ?")
        .bind(agent.0)
        .bind(conversation.0)
        .execute(db)
        .await
        .step("note that a mention was seen")?;
    Ok(())
}
