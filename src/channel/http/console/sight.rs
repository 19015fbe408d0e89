//! Keeps agents to what they may see: every route below a conversation passes through here.

use super::super::Door;
use super::super::body::{JsonBody, Nothing};
use super::super::problem::{Problem, ProblemDetails};
use super::act::Acted;
use super::sign_in::{SignedIn, SignedInLead};
use crate::domain::ConversationId;
use crate::store::Audited;
use axum::Json;
use axum::extract::{MatchedPath, Path, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(tag)).routes(routes!(tags)).routes(routes!(block)).routes(routes!(unblock))
}

/// The part of a route's pattern that stands before the id of a conversation.
const CONVERSATION: &str = "/desk/conversations/{id}";

/// Refuses with 403 `not_your_queue`, and whoever is not signed in: nothing below a conversation is for strangers.
pub async fn keep_to_own(
    State(door): State<Arc<Door>>,
    pattern: MatchedPath,
    params: RawPathParams,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let id = params.iter().find(|(name, _)| *name == "id").map(|(_, id)| ConversationId::new(id));
    let id = id.filter(|_| pattern.as_str().contains(CONVERSATION));
    let Some(id) = id else { return Ok(next.run(request).await) };
    let (mut parts, body) = request.into_parts();
    let signed_in = SignedIn::read(&parts, &door).await?;
    door.desk.must_see(&signed_in.agent, &id).await?;
    parts.extensions.insert(signed_in);
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Tags are lower-cased; at most 20 on a conversation, 40 characters each, without comma and #.
#[derive(Deserialize, ToSchema)]
pub struct TagBody {
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

/// Puts tags on a conversation and takes others off.
#[utoipa::path(post, path = "/conversations/{id}/tag", tag = "console", request_body = TagBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "As it is now", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn tag(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<TagBody>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.tag(&id, &agent, &body.add, &body.remove).await;
    door.acted(&id, done).await
}

/// Ends the conversation, tells the customer once, and lets the customer write nowhere any more.
#[utoipa::path(post, path = "/conversations/{id}/block", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Blocked", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn block(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.block(&id, &agent).await;
    if let Ok(conversation) = &done {
        door.desk.note_audit(Some(&agent), Audited::CustomerBlocked, conversation.customer.as_str()).await;
    }
    door.acted(&id, done).await
}

/// Lets the customer of a conversation write again. For leads.
#[utoipa::path(post, path = "/conversations/{id}/unblock", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Not blocked", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn unblock(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.unblock(&id).await;
    if let Ok(conversation) = &done {
        door.desk.note_audit(Some(&lead), Audited::CustomerUnblocked, conversation.customer.as_str()).await;
    }
    door.acted(&id, done).await
}

#[derive(Serialize, ToSchema)]
pub struct TagList {
    tags: Vec<TagUse>,
}

#[derive(Serialize, ToSchema)]
pub struct TagUse {
    tag: String,
    /// Conversations that have it.
    n: u32,
}

/// Tags in use.
#[utoipa::path(get, path = "/tags", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "The most used first, 500 at most", body = TagList),
    (status = 401, response = ProblemDetails),
))]
async fn tags(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<TagList>, Problem> {
    let tags = door.desk.tags().await?.into_iter();
    Ok(Json(TagList { tags: tags.map(|(tag, n)| TagUse { tag: tag.to_string(), n }).collect() }))
}
