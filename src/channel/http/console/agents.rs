//! Who works here: admins add and disable agents, and everybody sees where they are signed in.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::{SignedIn, SignedInAdmin};
use super::staff::Done;
use crate::desk::NewAgent;
use crate::domain::Timestamp;
use crate::store::{Audited, Role};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(disable))
        .routes(routes!(password))
        .routes(routes!(sign_ins))
        .routes(routes!(end_sign_in))
}

#[derive(Deserialize, ToSchema)]
pub struct NewAgentBody {
    email: String,
    /// 1 to 100 characters; customers read it.
    name: String,
    #[schema(value_type = names::Role)]
    role: Role,
    /// 8 to 200 characters.
    #[schema(format = Password)]
    password: String,
}

/// An agent who was added.
#[derive(Serialize, ToSchema)]
pub struct AddedAgent {
    id: String,
    email: String,
    name: String,
    #[schema(value_type = names::Role)]
    role: Role,
}

/// Adds an agent. For admins.
#[utoipa::path(post, path = "/agents", tag = "console", request_body = NewAgentBody, security(("agent_cookie" = [])),
    responses(
    (status = 200, description = "Added", body = AddedAgent),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn add(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    JsonBody(body): JsonBody<NewAgentBody>,
) -> Result<Json<AddedAgent>, Problem> {
    let NewAgentBody { email, name, role, password } = body;
    let agent = door.desk.add_agent(NewAgent { email, name, role, password }).await?;
    tracing::info!(agent = %agent.id, by = %admin.id, ?role, "an agent was added");
    door.desk.note_audit(Some(&admin), Audited::AgentAdded, &agent.email).await;
    Ok(Json(AddedAgent { id: agent.id.0, email: agent.email, name: agent.name, role: agent.role }))
}

#[derive(Deserialize, ToSchema)]
pub struct WhichAgentBody {
    pub email: String,
}

/// Disables an agent and ends the sign-ins at once. What the agent had goes back in line when the console is gone. For admins, and
/// never for oneself.
#[utoipa::path(post, path = "/agents/disable", tag = "console", request_body = WhichAgentBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Disabled", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn disable(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    JsonBody(body): JsonBody<WhichAgentBody>,
) -> Result<Json<Done>, Problem> {
    door.desk.disable_other_agent(&admin, &body.email).await?;
    door.desk.note_audit(Some(&admin), Audited::AgentDisabled, &body.email).await;
    Ok(Json(Done {}))
}

#[derive(Deserialize, ToSchema)]
pub struct PasswordBody {
    email: String,
    /// 8 to 200 characters.
    #[schema(format = Password)]
    password: String,
}

/// Sets an agent's password and ends the sign-ins at once. For admins.
#[utoipa::path(post, path = "/agents/password", tag = "console", request_body = PasswordBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Set", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn password(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    JsonBody(body): JsonBody<PasswordBody>,
) -> Result<Json<Done>, Problem> {
    door.desk.set_agent_password(&body.email, body.password).await?;
    tracing::info!(by = %admin.id, "an agent's password was set");
    door.desk.note_audit(Some(&admin), Audited::PasswordSet, &body.email).await;
    Ok(Json(Done {}))
}

/// A browser in which one is signed in.
#[derive(Serialize, ToSchema)]
pub struct SignInShape {
    /// 16 hexadecimal digits.
    id: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The one that asks.
    is_this: bool,
}

#[derive(Serialize, ToSchema)]
pub struct SignIns {
    sign_ins: Vec<SignInShape>,
}

/// Your own sign-ins.
#[utoipa::path(get, path = "/sign_ins", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "The newest first", body = SignIns),
    (status = 401, response = ProblemDetails),
))]
async fn sign_ins(
    State(door): State<Arc<Door>>,
    SignedIn { agent, secret }: SignedIn,
) -> Result<Json<SignIns>, Problem> {
    let shape = |(sign_in, is_this): (crate::store::SignIn, bool)| SignInShape {
        id: sign_in.id().to_owned(),
        at: sign_in.at,
        expires_at: sign_in.expires_at,
        is_this,
    };
    Ok(Json(SignIns { sign_ins: door.desk.sign_ins(&agent, &secret).await?.into_iter().map(shape).collect() }))
}

/// Ends one of your own sign-ins.
#[utoipa::path(delete, path = "/sign_ins/{id}", tag = "console", params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Ended", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn end_sign_in(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Done>, Problem> {
    door.desk.end_sign_in(&agent, &id).await?;
    Ok(Json(Done {}))
}
