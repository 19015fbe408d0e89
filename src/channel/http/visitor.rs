//! The customer of a request: the conversation that its address names and its token opens.

use super::Door;
use super::keys::bearer;
use super::problem::Problem;
use super::sites::SiteSeen;
use crate::desk::DeskError;
use crate::domain::{Conversation, ConversationId, Seq};
use axum::extract::{FromRequestParts, Path};
use axum::http::Method;
use axum::http::request::Parts;
use std::sync::Arc;

/// The conversation that the address names and the bearer token opens, for a page that its site lets in.
pub struct Visitor(pub Conversation);

impl FromRequestParts<Arc<Door>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, door).await.map_err(|_| Problem::bad_token())?;
        let token = bearer(&parts.headers).ok_or_else(Problem::bad_token)?;
        let conversation = door.opened_by(&ConversationId::new(id), token).await?;
        let Ok(seen) = SiteSeen::from_request_parts(parts, door).await;
        seen.set(&conversation.site);
        door.admit_to(&conversation, &parts.headers)?;
        if parts.method != Method::GET {
            door.desk.must_not_be_blocked(&conversation.customer).await?;
        }
        door.presence.is_here(&conversation.id, door.desk.clock().now());
        Ok(Self(conversation))
    }
}

impl Door {
    /// With somebody else's token another conversation looks like none at all, so nobody learns which there are.
    pub(super) async fn opened_by(&self, id: &ConversationId, token: &str) -> Result<Conversation, Problem> {
        let opened = self.desk.conversation_by_token(token).await?.ok_or_else(Problem::bad_token)?;
        // Whoever still calls it by the name that it had before a merge means the one it went on in.
        if opened.id == *id || self.desk.was_merged(id, &opened.id).await? {
            return Ok(opened);
        }
        Err(DeskError::NoSuchConversation.into())
    }
}

/// A number that no conversation reaches is as good as any beyond it, and the store counts in 64 signed bits.
pub fn within_range(after: Option<Seq>) -> Seq {
    after.unwrap_or(0).min(i64::MAX as Seq)
}
