//! The second factor, and the audit log.

use super::super::Door;
use super::super::body::{Asking, JsonBody, Nothing};
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::super::qr::{self, Qr};
use super::agents::WhichAgentBody;
use super::sign_in::{SignedIn, SignedInAdmin};
use super::staff::Done;
use crate::domain::{AgentId, Timestamp};
use crate::store::Audited;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(offer))
        .routes(routes!(confirm))
        .routes(routes!(end))
        .routes(routes!(reset))
        .routes(routes!(audit))
}

/// For an authenticator app. Nothing is switched on yet.
#[derive(Serialize, ToSchema)]
pub struct OfferedFactor {
    /// Base 32, to be typed.
    secret: String,
    /// `otpauth://…`
    url: String,
    /// The address as a QR code.
    qr: Option<Qr>,
}

/// Offers a secret for your second factor.
#[utoipa::path(post, path = "/me/second_factor/offer", tag = "console", request_body = Nothing,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "For an authenticator app", body = OfferedFactor),
    (status = 401, response = ProblemDetails),
))]
async fn offer(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<OfferedFactor>, Problem> {
    let offered = door.desk.offer_second_factor(&agent)?;
    Ok(Json(OfferedFactor { qr: qr::of(&offered.url), secret: offered.secret, url: offered.url }))
}

#[derive(Deserialize, ToSchema)]
pub struct FactorBody {
    #[schema(format = Password)]
    password: String,
    /// As it was offered.
    secret: String,
    /// Six digits that the app shows now.
    code: String,
}

/// Switches your second factor on: from now on a code is wanted at each sign-in.
#[utoipa::path(post, path = "/me/second_factor", tag = "console", request_body = FactorBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "On", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn confirm(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(body): JsonBody<FactorBody>,
) -> Result<Json<Done>, Problem> {
    door.desk.set_second_factor(&agent, body.password, &body.secret, &body.code).await?;
    door.desk.note_audit(Some(&agent), Audited::SecondFactorOn, &agent.email).await;
    Ok(Json(Done {}))
}

#[derive(Deserialize, ToSchema)]
pub struct EndFactorBody {
    #[schema(format = Password)]
    password: String,
}

/// Switches your second factor off.
#[utoipa::path(post, path = "/me/second_factor/end", tag = "console", request_body = EndFactorBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Off", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn end(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(body): JsonBody<EndFactorBody>,
) -> Result<Json<Done>, Problem> {
    door.desk.end_second_factor(&agent, body.password).await?;
    door.desk.note_audit(Some(&agent), Audited::SecondFactorOff, &agent.email).await;
    Ok(Json(Done {}))
}

/// Switches off the second factor of an agent whose phone is gone. For admins, and never one's own.
#[utoipa::path(post, path = "/agents/reset_second_factor", tag = "console", request_body = WhichAgentBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Off", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn reset(
    State(door): State<Arc<Door>>,
    SignedInAdmin(admin): SignedInAdmin,
    JsonBody(body): JsonBody<WhichAgentBody>,
) -> Result<Json<Done>, Problem> {
    if body.email.trim().to_lowercase() == admin.email {
        let sentence = "email: your own ends with your password, under your sign-in.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence));
    }
    door.desk.reset_second_factor(&body.email).await?;
    door.desk.note_audit(Some(&admin), Audited::SecondFactorOff, &body.email).await;
    Ok(Json(Done {}))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only entries older than this id.
    before: Option<i64>,
    /// 1 to 200; 50 when absent.
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    entries: Vec<AuditShape>,
    /// Give it as `before` to read on; null at the end.
    next: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditShape {
    id: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The name of whoever did it; null: on the server itself.
    agent: Option<String>,
    #[schema(value_type = names::Audited)]
    what: Audited,
    /// The e-mail address, name or id of what was changed.
    about: String,
}

const DEFAULT_ENTRIES: u32 = 50;
const MAX_ENTRIES: u32 = 200;

/// Who changed what about people, rules and data. For admins.
#[utoipa::path(get, path = "/audit", tag = "console", params(AuditQuery), security(("agent_cookie" = [])), responses(
    (status = 200, description = "The newest first", body = AuditPage),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
))]
async fn audit(
    State(door): State<Arc<Door>>,
    _: SignedInAdmin,
    Asking(query): Asking<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_ENTRIES).clamp(1, MAX_ENTRIES);
    let names: HashMap<AgentId, String> =
        door.desk.agents().await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
    let entries = door.desk.audit(query.before, limit).await?;
    let next = entries.last().filter(|_| entries.len() == limit as usize).map(|entry| entry.id);
    let shape = |entry: crate::store::AuditEntry| AuditShape {
        id: entry.id,
        at: entry.at,
        agent: entry.agent.map(|id| names.get(&id).cloned().unwrap_or(id.0)),
        what: entry.what,
        about: entry.about,
    };
    Ok(Json(AuditPage { entries: entries.into_iter().map(shape).collect(), next }))
}
