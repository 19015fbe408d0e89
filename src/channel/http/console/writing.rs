//! What agents write for each other and for themselves: notes and drafts.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::problem::{Problem, ProblemDetails};
use super::super::wire::Titles;
use super::act::{Replied, ReplyBody};
use super::sign_in::SignedIn;
use super::staff::Done;
use crate::domain::{AgentId, ConversationId};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(note)).routes(routes!(draft, keep_draft))
}

/// Writes a note that only agents see. Anyone may, whoever has the conversation.
#[utoipa::path(post, path = "/conversations/{id}/note", tag = "console", request_body = ReplyBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Kept; the same client id again is the same note", body = Replied),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn note(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ReplyBody>,
) -> Result<Json<Replied>, Problem> {
    let id = ConversationId::new(id);
    let text = body.text()?;
    let mentions = body.mentions.iter().map(AgentId::new).collect();
    let conversation = door.desk.note(&id, &agent, body.client_id.clone(), text, mentions).await?;
    let (turn, through) = door.said(&id, conversation.version, &agent.id, &body.client_id).await?;
    Ok(Json(Replied { turn: Titles::for_conversation(&door.desk, &conversation).turn(&turn), through }))
}

/// What you were writing.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// At most 8000 characters; empty: nothing.
    text: String,
}

/// What you were writing here; it survives whatever happens to the conversation.
#[utoipa::path(get, path = "/conversations/{id}/draft", tag = "console", params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Empty when there is none", body = Draft),
    (status = 401, response = ProblemDetails),
))]
async fn draft(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Draft>, Problem> {
    let text = door.desk.draft(&ConversationId::new(id), &agent).await?;
    Ok(Json(Draft { text: text.unwrap_or_default() }))
}

/// Keeps what you are writing. A reply takes it away.
#[utoipa::path(post, path = "/conversations/{id}/draft", tag = "console", request_body = Draft,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Kept", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn keep_draft(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<Draft>,
) -> Result<Json<Done>, Problem> {
    door.desk.keep_draft(&ConversationId::new(id), &agent, body.text).await?;
    Ok(Json(Done {}))
}
