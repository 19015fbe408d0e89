//! Agents change or take back what they said.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::problem::{Problem, ProblemDetails};
use super::super::wire::Titles;
use super::act::Replied;
use super::sign_in::SignedIn;
use crate::domain::{ConversationId, TurnId};
use crate::store::AgentRecord;
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(edit, withdraw))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    /// 1 to 4000 characters.
    text: String,
}

/// Gives an agent's own turn other words, within 15 minutes: in the widget and in Telegram the words change where they stand. The same words
/// again change nothing. Refused with `too_late`, `not_yours`, `no_such_turn`.
#[utoipa::path(patch, path = "/conversations/{id}/turns/{turn}", tag = "console", request_body = EditBody,
    params(("id" = String, Path), ("turn" = String, Path, description = "The turn's id")), security(("agent_cookie" = [])), responses(
    (status = 200, description = "The turn as it stands now", body = Replied),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn edit(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path((id, turn)): Path<(String, String)>,
    JsonBody(body): JsonBody<EditBody>,
) -> Result<Json<Replied>, Problem> {
    door.rewritten(&agent, id, turn, Some(body.text)).await
}

/// Takes an agent's own turn back, within 15 minutes: its words and files are gone, and "deleted" stands in its place.
#[utoipa::path(delete, path = "/conversations/{id}/turns/{turn}", tag = "console",
    params(("id" = String, Path), ("turn" = String, Path, description = "The turn's id")), security(("agent_cookie" = [])), responses(
    (status = 200, description = "The turn as it stands now", body = Replied),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn withdraw(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path((id, turn)): Path<(String, String)>,
) -> Result<Json<Replied>, Problem> {
    door.rewritten(&agent, id, turn, None).await
}

impl Door {
    async fn rewritten(
        &self,
        agent: &AgentRecord,
        id: String,
        turn: String,
        text: Option<String>,
    ) -> Result<Json<Replied>, Problem> {
        let id = ConversationId::new(id);
        match self.desk.edit_turn(&id, agent, &TurnId::new(turn), text).await {
            Ok((turn, after)) => {
                let shown = Titles::for_conversation(&self.desk, &after).turn(&turn);
                Ok(Json(Replied { turn: shown, through: after.version }))
            }
            Err(error) => Err(self.refused(&id, error).await),
        }
    }
}
