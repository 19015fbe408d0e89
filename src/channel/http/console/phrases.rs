//! Customers' words as phrases of articles, for leads to teach or to reject.

use super::super::Door;
use super::super::body::JsonBody;
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedInLead;
use super::staff::Done;
use crate::answering::Shelf;
use crate::desk::ReviewedPhrase;
use crate::domain::{ArticleId, Language, Timestamp, TurnId};
use crate::store::{Audited, KeptPhrase, ProposedPhrase};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(phrases)).routes(routes!(teach, reject))
}

/// Words of a question that the bot did not answer with what was judged to be right.
#[derive(Serialize, ToSchema)]
pub struct ProposedShape {
    /// Give it to `phrases/{id}`.
    id: String,
    conversation: String,
    article: String,
    /// In the language of the question, else the nearest; the id of an article that is gone.
    title: String,
    #[schema(value_type = names::Language)]
    language: Language,
    /// As it was typed, on one line.
    text: String,
    #[schema(value_type = String, format = DateTime)]
    judged_at: Timestamp,
}

/// A phrase that a lead taught.
#[derive(Serialize, ToSchema)]
pub struct TaughtShape {
    id: String,
    conversation: String,
    article: String,
    title: String,
    #[schema(value_type = names::Language)]
    language: Language,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The article's file has it by now, and only there it can be changed.
    is_exported: bool,
}

#[derive(Serialize, ToSchema)]
pub struct PhraseList {
    /// At most 100.
    proposed: Vec<ProposedShape>,
    /// At most 10,000.
    taught: Vec<TaughtShape>,
}

/// Phrases that wait for a lead, and those that were taught. For leads.
#[utoipa::path(get, path = "/phrases", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "The newest first", body = PhraseList),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
))]
async fn phrases(State(door): State<Arc<Door>>, _: SignedInLead) -> Result<Json<PhraseList>, Problem> {
    let phrases = door.desk.phrases().await?;
    let shelf = door.desk.answering().articles();
    let title = |article: &ArticleId, language| title_of(shelf.as_ref(), article, language);
    let proposed = |one: ProposedPhrase| ProposedShape {
        id: TurnId::of(&one.conversation, one.question).0,
        conversation: one.conversation.0,
        title: title(&one.article, one.language),
        article: one.article.0,
        language: one.language,
        text: one.text.split_whitespace().collect::<Vec<_>>().join(" "),
        judged_at: one.judged_at,
    };
    let taught = |one: KeptPhrase| TaughtShape {
        id: TurnId::of(&one.conversation, one.question).0,
        conversation: one.conversation.0,
        title: title(&one.phrase.article, one.phrase.language),
        article: one.phrase.article.0,
        language: one.phrase.language,
        text: one.phrase.text,
        at: one.at,
        is_exported: one.is_exported,
    };
    Ok(Json(PhraseList {
        proposed: phrases.proposed.into_iter().map(proposed).collect(),
        taught: phrases.taught.into_iter().map(taught).collect(),
    }))
}

fn title_of(shelf: Option<&Shelf>, id: &ArticleId, language: Language) -> String {
    let translations = shelf.iter().flat_map(|shelf| &shelf.all).filter(|article| article.id == *id);
    let nearest = translations.min_by_key(|article| (language.distance(article.language), article.language));
    nearest.map_or_else(|| id.to_string(), |article| article.title.clone())
}

#[derive(Deserialize, ToSchema)]
pub struct PhraseBody {
    article: String,
    /// 1 to 300 characters on one line: how customers ask for it, without what only this one has.
    text: String,
}

/// Teaches a phrase, or changes one that was taught. The bot knows it within seconds. For leads.
#[utoipa::path(post, path = "/phrases/{id}", tag = "console", request_body = PhraseBody, params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Taught", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn teach(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<PhraseBody>,
) -> Result<Json<Done>, Problem> {
    let phrase = ReviewedPhrase { article: ArticleId::new(body.article), text: body.text };
    let article = phrase.article.to_string();
    door.desk.teach_phrase(&lead, &TurnId(id), phrase).await?;
    door.desk.note_audit(Some(&lead), Audited::PhraseAccepted, &article).await;
    Ok(Json(Done {}))
}

/// Rejects a proposed phrase, or takes a taught one back; either way it is not proposed again. For leads.
#[utoipa::path(delete, path = "/phrases/{id}", tag = "console", params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Rejected", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn reject(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
) -> Result<Json<Done>, Problem> {
    let id = TurnId(id);
    door.desk.reject_phrase(&lead, &id).await?;
    door.desk.note_audit(Some(&lead), Audited::PhraseRejected, &id.0).await;
    Ok(Json(Done {}))
}
