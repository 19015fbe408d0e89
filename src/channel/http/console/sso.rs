//! Agents sign in at the operator's own provider. Only those who were added here get in.

use super::super::Door;
use super::super::address::Caller;
use super::super::body::Asking;
use super::super::oidc::{Begun, OidcError};
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::{self, COOKIE_SECS};
use crate::desk::DeskError;
use crate::store::Audited;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(options)).routes(routes!(start)).routes(routes!(callback))
}

/// Where the provider sends browsers back to, below `public_url`.
pub const CALLBACK: &str = "/api/v1/desk/sso/callback";
/// Whoever takes longer at the provider begins anew.
const BEGUN_SECS: i64 = 600;
const MAX_CODE_CHARS: usize = 4_096;

/// How else one may sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInOptions {
    sso: Option<SsoOption>,
}

#[derive(Serialize, ToSchema)]
pub struct SsoOption {
    /// What the button says.
    name: String,
}

/// How one may sign in beside e-mail and password.
#[utoipa::path(get, path = "/sign_in_options", tag = "console", responses(
    (status = 200, description = "Null: no other way", body = SignInOptions),
))]
async fn options(State(door): State<Arc<Door>>) -> Json<SignInOptions> {
    Json(SignInOptions { sso: door.oidc.as_ref().map(|oidc| SsoOption { name: oidc.name().to_owned() }) })
}

/// Sends the browser to the provider.
#[utoipa::path(get, path = "/sso/start", tag = "console", responses(
    (status = 303, description = "To the provider, or back to the console with `?sso=failed`"),
    (status = 429, response = ProblemDetails),
))]
async fn start(State(door): State<Arc<Door>>, caller: Caller) -> Result<Response, Problem> {
    let Some(oidc) = &door.oidc else { return Ok(back("failed")) };
    door.gates.sign_in_begun(caller)?;
    let clock = door.desk.clock();
    let now = clock.now();
    let begun = Begun {
        state: clock.new_secret(),
        nonce: clock.new_secret(),
        verifier: clock.new_secret(),
        at_secs: now.as_second(),
    };
    Ok(match oidc.address(&begun, now).await {
        Ok(address) => {
            let cookie = door.begun_cookie(&begun.text(), BEGUN_SECS);
            let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, address.to_string())];
            (StatusCode::SEE_OTHER, AppendHeaders(headers)).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "a sign-in at the provider could not begin");
            back("failed")
        }
    })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Where the provider sends the browser back to.
#[utoipa::path(get, path = "/sso/callback", tag = "console", params(Returned), responses(
    (status = 303, description = "To the console: signed in, or with `?sso=` failed, cancelled, unknown_agent, unverified or expired"),
))]
async fn callback(State(door): State<Arc<Door>>, headers: HeaderMap, Asking(returned): Asking<Returned>) -> Response {
    match door.signed_in_by_provider(&headers, returned).await {
        Ok(cookie) => {
            let gone = door.begun_cookie("", 0);
            let headers = [(header::SET_COOKIE, cookie), (header::SET_COOKIE, gone)];
            let to = [(header::LOCATION, "/console")];
            (StatusCode::SEE_OTHER, AppendHeaders(headers), to).into_response()
        }
        Err(why) => back(why),
    }
}

fn back(why: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/console?sso={why}"))]).into_response()
}

impl Door {
    /// The cookie of a fresh sign-in, or the word for what went wrong.
    async fn signed_in_by_provider(&self, headers: &HeaderMap, returned: Returned) -> Result<String, &'static str> {
        let Some(oidc) = &self.oidc else { return Err("failed") };
        let now = self.desk.clock().now();
        let begun = sign_in::cookie_of(headers, self.begun_name()).and_then(Begun::read).ok_or("expired")?;
        if now.as_second() - begun.at_secs > BEGUN_SECS {
            return Err("expired");
        }
        // Another page's answer would sign this browser in as somebody else.
        let state = returned.state.unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(begun.state.as_bytes())) {
            return Err("expired");
        }
        if let Some(error) = returned.error {
            tracing::info!(error = %error.chars().take(100).collect::<String>(), "the provider signed nobody in");
            return Err(if error == "access_denied" { "cancelled" } else { "failed" });
        }
        let code = returned.code.filter(|code| code.chars().count() <= MAX_CODE_CHARS).ok_or("failed")?;
        let email = oidc.email(&begun, &code, now).await.map_err(|error| {
            tracing::warn!(%error, "a sign-in at the provider failed");
            match error {
                OidcError::Unverified => "unverified",
                OidcError::Provider(_) | OidcError::Token(_) => "failed",
            }
        })?;
        let signed_in = self.desk.sign_in_vouched(&email).await.map_err(|error| match error {
            DeskError::NoSuchAgent => "unknown_agent",
            error => {
                tracing::error!(%error, "an agent whom the provider signed in could not be let in");
                "failed"
            }
        })?;
        tracing::info!(agent = %signed_in.agent.id, "an agent signed in at the provider");
        self.desk.note_audit(Some(&signed_in.agent), Audited::SignedIn, &signed_in.agent.email).await;
        Ok(sign_in::cookie(&signed_in.cookie, COOKIE_SECS, self.is_https()))
    }

    /// With https nobody beside this host can set it.
    fn begun_name(&self) -> &'static str {
        if self.is_https() { "__Host-firstline_sso" } else { "firstline_sso" }
    }

    /// Lax: the provider's page leads back here.
    fn begun_cookie(&self, text: &str, max_age_secs: i64) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        let name = self.begun_name();
        format!("{name}={text}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age_secs}{secure}")
    }
}
