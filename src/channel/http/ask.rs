//! `POST /ask`: what the bot would say to a question, with everything that it knew. Nothing is stored.

use super::Door;
use super::address::Caller;
use super::body::JsonBody;
use super::console::wire::{Candidate, Trace};
use super::keys::bearer;
use super::openapi::names;
use super::problem::{Problem, ProblemDetails};
use super::wire::Choice;
use crate::desk::asked::{AskedWire, ask_once};
use crate::desk::{DeskError, MAX_TEXT_CHARS};
use crate::domain::Language;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(ask))
}

/// While the first articles are loading nobody is kept waiting longer than this.
const LOADING_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize, ToSchema)]
pub struct AskBody {
    /// 1 to 4000 characters.
    text: String,
    /// A BCP 47 tag; the words may say otherwise.
    language: Option<String>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes desk::asked::AskedWire, which knows nothing of OpenAPI")]
pub struct Asked {
    decision: names::Decision,
    reason: Option<names::Reason>,
    /// Calibrated probability that the first candidate is right.
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    language: names::Language,
    answer: Option<Answer>,
    /// With `clarify`.
    options: Option<Vec<Choice>>,
    candidates: Vec<Candidate>,
    trace: Trace,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "describes desk::asked::AnswerWire")]
pub struct Answer {
    article: String,
    title: String,
    language: names::Language,
    text: String,
    html: String,
}

/// What the bot would say, and why.
#[utoipa::path(post, path = "/ask", tag = "programs", request_body = AskBody, security((), ("api_key" = [])), responses(
    (status = 200, description = "The decision with its evidence", body = Asked),
    (status = 401, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn ask(
    State(door): State<Arc<Door>>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<AskBody>,
) -> Result<Json<AskedWire>, Problem> {
    door.gates.question(caller, None)?;
    if !caller.is_local && !bearer(&headers).is_some_and(|key| door.api_keys.iter().any(|known| known.fits(key))) {
        let sentence = "From another machine this needs an API key: Authorization: Bearer KEY.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "bad_api_key", sentence));
    }
    if body.text.trim().is_empty() {
        return Err(DeskError::TextEmpty.into());
    }
    if body.text.chars().count() > MAX_TEXT_CHARS {
        return Err(DeskError::TextTooLong.into());
    }
    let language = body.language.as_deref().and_then(Language::parse);
    let asked = tokio::time::timeout(LOADING_TIMEOUT, ask_once(door.desk.answering(), &body.text, language)).await;
    let asked = asked.map_err(|_| Problem::unavailable("The articles are still being loaded. Try again."))?;
    Ok(Json(asked.wire()))
}
