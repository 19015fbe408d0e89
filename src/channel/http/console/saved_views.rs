//! Lists that agents come back to.

use super::super::Door;
use super::super::body::{Asking, JsonBody};
use super::super::problem::{Problem, ProblemDetails};
use super::canned::WhoseQuery;
use super::list::{ListQuery, ViewName};
use super::sign_in::SignedIn;
use super::staff::Done;
use crate::desk::ViewWish;
use crate::store::{SavedView, ViewQuery};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(views, keep_view)).routes(routes!(remove_view))
}

/// A list with a name.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedView)]
pub struct ViewShape {
    id: String,
    name: String,
    /// Everybody's; otherwise yours.
    is_shared: bool,
    #[schema(value_type = ViewName)]
    view: String,
    q: Option<String>,
    queue: Option<String>,
    channel: Option<String>,
    language: Option<String>,
    tag: Option<String>,
}

impl ViewShape {
    fn of(SavedView { id, owner, name, query, .. }: SavedView) -> Self {
        let ViewQuery { view, q, queue, channel, language, tag } = query;
        Self { id, name, is_shared: owner.is_none(), view, q, queue, channel, language, tag }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ViewList {
    views: Vec<ViewShape>,
}

/// Everybody's saved views and your own.
#[utoipa::path(get, path = "/views", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "By name", body = ViewList),
    (status = 401, response = ProblemDetails),
))]
async fn views(State(door): State<Arc<Door>>, SignedIn { agent, .. }: SignedIn) -> Result<Json<ViewList>, Problem> {
    let views = door.desk.saved_views(&agent).await?;
    Ok(Json(ViewList { views: views.into_iter().map(ViewShape::of).collect() }))
}

/// `view` and the filters as lists take them.
#[derive(Deserialize, ToSchema)]
pub struct ViewBody {
    /// Absent: a new one.
    id: Option<String>,
    /// 1 to 40 characters on one line, unique among yours or everybody's.
    name: String,
    /// Everybody's; for leads.
    #[serde(default)]
    is_shared: bool,
    view: ViewName,
    q: Option<String>,
    queue: Option<String>,
    channel: Option<String>,
    language: Option<String>,
    tag: Option<String>,
}

impl ViewBody {
    /// Only what a list would take: a view that can never be opened is worth nothing.
    fn query(&self) -> Result<ViewQuery, Problem> {
        let name = serde_json::to_value(self.view).ok().and_then(|name| name.as_str().map(str::to_owned));
        let asked = ListQuery {
            view: self.view,
            q: self.q.clone(),
            queue: self.queue.clone(),
            channel: self.channel.clone(),
            language: self.language.clone(),
            tag: self.tag.clone(),
            limit: None,
            cursor: None,
        };
        asked.check().map_err(|problem| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", problem.detail))?;
        Ok(ViewQuery {
            view: name.unwrap_or_default(),
            q: asked.q,
            queue: asked.queue,
            channel: asked.channel,
            language: asked.language,
            tag: asked.tag,
        })
    }
}

/// Keeps a view, or changes the one of this id.
#[utoipa::path(post, path = "/views", tag = "console", request_body = ViewBody, security(("agent_cookie" = [])),
    responses(
    (status = 200, description = "Kept", body = ViewShape),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn keep_view(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(body): JsonBody<ViewBody>,
) -> Result<Json<ViewShape>, Problem> {
    let query = body.query()?;
    let ViewBody { id, name, is_shared, .. } = body;
    let kept = door.desk.keep_view(&agent, ViewWish { id, is_shared, name, query }).await?;
    Ok(Json(ViewShape::of(kept)))
}

/// Removes a saved view.
#[utoipa::path(delete, path = "/views/{id}", tag = "console", params(("id" = String, Path), WhoseQuery),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Removed", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn remove_view(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    Asking(whose): Asking<WhoseQuery>,
) -> Result<Json<Done>, Problem> {
    door.desk.remove_view(&agent, &id, whose.is_shared).await?;
    Ok(Json(Done {}))
}
