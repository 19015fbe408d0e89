//! Agents sign in with a password and are known by a cookie from then on.

use super::super::Door;
use super::super::address::Caller;
use super::super::body::{JsonBody, Nothing};
use super::super::problem::{Problem, ProblemDetails};
use super::wire::Me;
use crate::answering::Health;
use crate::channel::telegram::BotStanding;
use crate::store::{AgentRecord, Audited, Role};
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(logout)).routes(routes!(me))
}

pub const COOKIE: &str = "firstline_desk";
/// How long the browser keeps the cookie, 30 days. The desk decides how long it is good for.
pub const COOKIE_SECS: u32 = 30 * 24 * 3600;

#[derive(Deserialize, ToSchema)]
pub struct LoginBody {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// Six digits of the second factor; for an agent who has one.
    code: Option<String>,
}

/// Signs an agent in and sets the cookie.
#[utoipa::path(post, path = "/login", tag = "console", request_body = LoginBody, responses(
    (status = 200, description = "Signed in", body = Me, headers(("set-cookie" = String, description = "firstline_desk"))),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn login(
    State(door): State<Arc<Door>>,
    caller: Caller,
    JsonBody(body): JsonBody<LoginBody>,
) -> Result<impl IntoResponse, Problem> {
    door.gates.sign_in(caller, &body.email)?;
    let signed_in = door.desk.sign_in(&body.email, body.password, body.code.as_deref()).await?;
    tracing::info!(agent = %signed_in.agent.id, "an agent signed in");
    door.desk.note_audit(Some(&signed_in.agent), Audited::SignedIn, &signed_in.agent.email).await;
    let cookie = cookie(&signed_in.cookie, COOKIE_SECS, door.is_https());
    let me = Me::of(&signed_in.agent, door.health_for_agents(), door.public_url.as_ref());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(me)))
}

/// Signs out. Not being signed in is no error.
#[utoipa::path(post, path = "/logout", tag = "console", request_body = Nothing, security(("agent_cookie" = [])), responses(
    (status = 204, description = "Signed out"),
    (status = 403, response = ProblemDetails),
))]
async fn logout(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<impl IntoResponse, Problem> {
    if let Some(secret) = cookie_of(&headers, COOKIE) {
        door.desk.sign_out(secret).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie("", 0, door.is_https()))])))
}

/// Who is signed in.
#[utoipa::path(get, path = "/me", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "The agent and the state of the answering side", body = Me),
    (status = 401, response = ProblemDetails),
))]
async fn me(State(door): State<Arc<Door>>, SignedIn { agent, .. }: SignedIn) -> Json<Me> {
    Json(Me::of(&agent, door.health_for_agents(), door.public_url.as_ref()))
}

impl Door {
    /// Of answering, and of the channels: agents wonder first why nobody writes any more.
    fn health_for_agents(&self) -> Health {
        let mut health = self.desk.answering().health();
        health.degraded.extend(self.bots().into_iter().flat_map(|bot| bot.troubles));
        health
    }

    /// In the order of the config file.
    pub(in super::super) fn bots(&self) -> Vec<BotStanding> {
        self.telegram.as_ref().map(|telegram| telegram()).unwrap_or_default()
    }
}

/// The agent whose cookie came with the request.
#[derive(Clone)]
pub struct SignedIn {
    pub agent: AgentRecord,
    /// The cookie's secret, to ask again later.
    pub secret: String,
}

impl FromRequestParts<Arc<Door>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        match parts.extensions.get::<Self>() {
            Some(known) => Ok(known.clone()),
            None => Self::read(parts, door).await,
        }
    }
}

impl SignedIn {
    pub async fn read(parts: &Parts, door: &Door) -> Result<Self, Problem> {
        let secret = cookie_of(&parts.headers, COOKIE).ok_or_else(Problem::not_signed_in)?.to_owned();
        let agent = door.desk.signed_in(&secret).await?.ok_or_else(Problem::not_signed_in)?;
        Ok(Self { agent, secret })
    }
}

/// A lead or an admin whose cookie came with the request.
pub struct SignedInLead(pub AgentRecord);

impl FromRequestParts<Arc<Door>> for SignedInLead {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let SignedIn { agent, .. } = SignedIn::from_request_parts(parts, door).await?;
        if agent.role.is_lead() { Ok(Self(agent)) } else { Err(Problem::leads_only()) }
    }
}

/// An admin whose cookie came with the request.
pub struct SignedInAdmin(pub AgentRecord);

impl FromRequestParts<Arc<Door>> for SignedInAdmin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let SignedIn { agent, .. } = SignedIn::from_request_parts(parts, door).await?;
        if agent.role == Role::Admin { Ok(Self(agent)) } else { Err(Problem::admins_only()) }
    }
}

impl Door {
    pub(super) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// RFC 6265, section 4.1. Strict: no other site's link or form carries it.
pub fn cookie(secret: &str, max_age_secs: u32, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_secs}{secure}")
}

pub fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, secret)| secret.trim_matches('"')).filter(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_come_and_go() {
        let check = |lines: &[&str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, line.parse().unwrap());
            }
            assert_eq!(cookie_of(&headers, COOKIE), expected, "{lines:?}");
        };
        check(&["firstline_desk=abc"], Some("abc"));
        check(&["a=b; firstline_desk=abc; c=d"], Some("abc"));
        check(&["a=b", "firstline_desk=abc"], Some("abc"));
        check(&["firstline_desk="], None);
        check(&["xfirstline_desk=abc"], None);
        check(&[], None);

        let expected = "firstline_desk=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=60";
        assert_eq!(cookie("abc", 60, false), expected);
        assert_eq!(cookie("abc", 60, true), format!("{expected}; Secure"));
    }
}
