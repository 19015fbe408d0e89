//! `POST /ask`: what the bot would say to a question, with everything that it knew. Nothing is stored.

use super::Door;
use super::address::Caller;
use super::body::JsonBody;
use super::console::wire::{Candidate, Trace};
use super::keys::bearer;
use super::openapi::names;
use super::problem::{Problem, ProblemDetails};
use super::wire::Choice;
use crate::answering::Question;
use crate::desk::{Desk, DeskError, MAX_TEXT_CHARS};
use crate::domain::decision::Asked as WhatWasAsked;
use crate::domain::{self, Channel, ChannelKind, Conversation, ConversationId, CustomerId, Decision, DecisionKind};
use crate::domain::{Evidence, Language, Reason, decide};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(ask))
}

/// While articles are loading nobody is kept waiting longer than this.
const GATHER_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize, ToSchema)]
pub struct AskBody {
    /// 1 to 4000 characters.
    text: String,
    /// A BCP 47 tag; the words may say otherwise.
    language: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Asked {
    #[schema(value_type = names::Decision)]
    decision: DecisionKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<names::Reason>)]
    reason: Option<Reason>,
    /// Calibrated probability that the first candidate is right.
    #[schema(minimum = 0, maximum = 1)]
    confidence: f64,
    #[schema(value_type = names::Language)]
    language: Language,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<Choice>>,
    candidates: Vec<Candidate>,
    trace: Trace,
}

#[derive(Serialize, ToSchema)]
pub struct Answer {
    article: String,
    title: String,
    #[schema(value_type = names::Language)]
    language: Language,
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
) -> Result<Json<Asked>, Problem> {
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
    let (evidence, decision, trace) = considered(&door.desk, &body.text, language).await?;
    Ok(Json(asked(&evidence, &decision, &trace)))
}

/// As the desk would think about the first words of a new conversation.
async fn considered(
    desk: &Desk,
    text: &str,
    language: Option<Language>,
) -> Result<(Evidence, Decision, domain::Trace), Problem> {
    let question = Question { text, language, channel: ChannelKind::Web };
    let gathered = tokio::time::timeout(GATHER_TIMEOUT, desk.answering().gather(question)).await;
    let evidence = match gathered {
        Ok(Ok(evidence)) => evidence,
        Ok(Err(failure)) => {
            tracing::error!(error = %failure, "no evidence could be gathered");
            return Err(Problem::unavailable("Questions cannot be answered right now. Try again."));
        }
        Err(_) => return Err(Problem::unavailable("The articles are still being loaded. Try again.")),
    };
    let nobody = Conversation::begin(
        ConversationId::new("ask"),
        CustomerId::new("ask"),
        String::new(),
        Channel::Web,
        language,
        desk.clock().now(),
    );
    let policy = desk.answering().policy();
    let decision = decide(&nobody, &WhatWasAsked::Words(evidence.clone()), &policy);
    let trace = domain::Trace::of(&evidence, &decision, &policy);
    Ok((evidence, decision, trace))
}

fn asked(evidence: &Evidence, decision: &Decision, trace: &domain::Trace) -> Asked {
    let answer = match decision {
        Decision::Answer { article, .. } => Some(Answer {
            article: article.id.to_string(),
            title: article.title.clone(),
            language: article.language,
            text: article.text.clone(),
            html: article.html.clone(),
        }),
        Decision::Clarify { .. } | Decision::HandOff { .. } | Decision::SmallTalk { .. } | Decision::StaySilent => None,
    };
    let options = match decision {
        Decision::Clarify { options } => Some(
            options.iter().map(|article| Choice { article: article.id.to_string(), title: article.title.clone() }).collect(),
        ),
        Decision::Answer { .. } | Decision::HandOff { .. } | Decision::SmallTalk { .. } | Decision::StaySilent => None,
    };
    Asked {
        decision: decision.kind(),
        reason: decision.reason(),
        confidence: evidence.confidence(),
        language: evidence.language,
        answer,
        options,
        candidates: trace.candidates.iter().map(Candidate::of).collect(),
        trace: Trace::of(trace),
    }
}
