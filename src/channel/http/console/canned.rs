//! Replies that agents keep to send again.

use super::super::Door;
use super::super::body::{Asking, JsonBody};
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedIn;
use super::staff::Done;
use crate::desk::CannedWish;
use crate::store::{Audited, CannedReply};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(canned, keep_canned)).routes(routes!(remove_canned))
}

/// A text with a short name.
#[derive(Serialize, ToSchema)]
#[schema(as = CannedReply)]
pub struct CannedShape {
    id: String,
    name: String,
    text: String,
    /// Everybody's; otherwise yours.
    is_shared: bool,
    /// Sending it ends the conversation as solved.
    ends: bool,
    /// Sending it puts these on the conversation.
    tags: Vec<String>,
}

impl CannedShape {
    fn of(reply: CannedReply) -> Self {
        let tags = reply.tags.iter().map(ToString::to_string).collect();
        let is_shared = reply.owner.is_none();
        Self { id: reply.id, name: reply.name, text: reply.text, is_shared, ends: reply.ends, tags }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CannedList {
    replies: Vec<CannedShape>,
}

/// Everybody's canned replies and your own.
#[utoipa::path(get, path = "/canned", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "By name", body = CannedList),
    (status = 401, response = ProblemDetails),
))]
async fn canned(State(door): State<Arc<Door>>, SignedIn { agent, .. }: SignedIn) -> Result<Json<CannedList>, Problem> {
    let replies = door.desk.canned(&agent).await?;
    Ok(Json(CannedList { replies: replies.into_iter().map(CannedShape::of).collect() }))
}

#[derive(Deserialize, ToSchema)]
pub struct CannedBody {
    /// Absent: a new one.
    id: Option<String>,
    /// 1 to 60 characters on one line, unique among yours or everybody's.
    name: String,
    /// 1 to 4000 characters. `{customer}`, `{agent}` and `{conversation}` are filled in where it is inserted.
    text: String,
    /// Everybody's; for leads.
    #[serde(default)]
    is_shared: bool,
    /// Sending it ends the conversation as solved.
    #[serde(default)]
    ends: bool,
    /// Sending it puts these on the conversation; at most 20, 40 characters each.
    #[serde(default)]
    tags: Vec<String>,
}

/// Keeps a canned reply, or changes the one of this id.
#[utoipa::path(post, path = "/canned", tag = "console", request_body = CannedBody, security(("agent_cookie" = [])),
    responses(
    (status = 200, description = "Kept", body = CannedShape),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn keep_canned(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(body): JsonBody<CannedBody>,
) -> Result<Json<CannedShape>, Problem> {
    let CannedBody { id, name, text, is_shared, ends, tags } = body;
    let kept = door.desk.keep_canned(&agent, CannedWish { id, is_shared, name, text, ends, tags }).await?;
    if kept.owner.is_none() {
        door.desk.note_audit(Some(&agent), Audited::CannedReplySet, &kept.name).await;
    }
    Ok(Json(CannedShape::of(kept)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhoseQuery {
    /// Everybody's; for leads.
    #[serde(default)]
    pub(super) is_shared: bool,
}

/// Removes a canned reply.
#[utoipa::path(delete, path = "/canned/{id}", tag = "console", params(("id" = String, Path), WhoseQuery),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Removed", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn remove_canned(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    Asking(whose): Asking<WhoseQuery>,
) -> Result<Json<Done>, Problem> {
    door.desk.remove_canned(&agent, &id, whose.is_shared).await?;
    if whose.is_shared {
        door.desk.note_audit(Some(&agent), Audited::CannedReplyRemoved, &id).await;
    }
    Ok(Json(Done {}))
}
