//! Signs of agents: has read so far, is typing.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::problem::{Problem, ProblemDetails};
use super::super::signs::{ReadBody, TypingBody};
use super::sign_in::SignedIn;
use crate::desk::Looker;
use crate::domain::ConversationId;
use crate::store::Reader;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(mark_read)).routes(routes!(types)).routes(routes!(look))
}

/// Says how far an agent has read; the customer sees it. A lower number than before changes nothing.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "console", request_body = ReadBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 204, description = "Noted"),
    (status = 401, response = ProblemDetails),
))]
async fn mark_read(
    State(door): State<Arc<Door>>,
    _: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ReadBody>,
) -> Result<StatusCode, Problem> {
    door.desk.mark_read(&ConversationId::new(id), Reader::Agent, body.through).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct LookBody {
    /// Something is being written there, for the customer or for colleagues.
    #[serde(default)]
    writing: bool,
    /// You look no more.
    #[serde(default)]
    gone: bool,
}

/// The other agents who look at the conversation.
#[derive(Serialize, ToSchema)]
pub struct Looking {
    agents: Vec<LookerShape>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Looker)]
pub struct LookerShape {
    id: String,
    name: String,
    writing: bool,
}

/// Says that you look at a conversation, and tells who else does. Due every 20 seconds; after 45 you have gone.
#[utoipa::path(post, path = "/conversations/{id}/look", tag = "console", request_body = LookBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Who else looks", body = Looking),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn look(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<LookBody>,
) -> Result<Json<Looking>, Problem> {
    let id = ConversationId::new(id);
    let others = door.desk.looks(&id, &agent, body.writing, body.gone).await?;
    if !body.gone {
        door.desk.mention_seen(&id, &agent).await?;
    }
    let shape = |one: Looker| LookerShape { id: one.agent.to_string(), name: one.name, writing: one.is_writing };
    Ok(Json(Looking { agents: others.into_iter().map(shape).collect() }))
}

/// Says that the agent who has the conversation is typing, or has ceased to. Never what.
#[utoipa::path(post, path = "/conversations/{id}/typing", tag = "console", request_body = TypingBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 204, description = "Told to the customer, at most once a second"),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn types(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<TypingBody>,
) -> Result<StatusCode, Problem> {
    door.desk.agent_types(&ConversationId::new(id), &agent, body.typing).await?;
    Ok(StatusCode::NO_CONTENT)
}
