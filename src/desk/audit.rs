//! The audit log: who changed what about people, rules and data.

use super::Desk;
use crate::store::{AgentRecord, AuditEntry, Audited, StoreError};

/// What one entry says of its subject.
const MAX_ABOUT_CHARS: usize = 200;

impl Desk {
    /// After the change. One that cannot be written is in the server's own log and undoes nothing.
    pub async fn note_audit(&self, by: Option<&AgentRecord>, what: Audited, about: &str) {
        let agent = by.map(|agent| agent.id.clone());
        let about: String = about.chars().take(MAX_ABOUT_CHARS).collect();
        if let Err(error) = self.parts.store.note_audit(agent.clone(), what, about, self.parts.clock.now()).await {
            tracing::error!(?agent, ?what, %error, "a change could not be written to the audit log");
        }
    }

    /// The newest first, at most `limit` (1 to 200); `before`: older than this entry.
    pub async fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.parts.store.audit(before, limit).await
    }
}
