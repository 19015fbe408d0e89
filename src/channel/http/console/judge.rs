//! Which article was right: agents say it of their conversations, leads of answers that were drawn for them.

use super::super::Door;
use super::super::body::{Asking, JsonBody};
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::super::wire::{Titles, Turn};
use super::sign_in::{SignedIn, SignedInLead};
use super::wire::Candidate;
use crate::domain::{ArticleId, ConversationId, Language, Seq, Timestamp, TurnId};
use crate::store::ToJudge;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(judge)).routes(routes!(to_judge)).routes(routes!(judge_drawn))
}

const DEFAULT_DRAWN: u32 = 20;
const MAX_DRAWN: u32 = 100;

#[derive(Deserialize, ToSchema)]
pub struct JudgeBody {
    /// The number of the bot's turn that answered, asked back or handed off.
    seq: Seq,
    /// The article that is right; null: none is.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    article: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Judged {
    /// The number of the customer's turn that was judged.
    question: Seq,
}

/// Says which article is right for the question that a turn of the bot reacted to. Judging again replaces.
#[utoipa::path(post, path = "/conversations/{id}/judge", tag = "console", request_body = JudgeBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Kept", body = Judged),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn judge(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<JudgeBody>,
) -> Result<Json<Judged>, Problem> {
    let id = ConversationId::new(id);
    let question = match door.desk.judge(&id, &agent, body.seq, body.article.map(ArticleId::new)).await {
        Ok(question) => question,
        Err(error) => return Err(door.refused(&id, error).await),
    };
    Ok(Json(Judged { question }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DrawnQuery {
    /// 1 to 100; 20 when absent.
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct Drawn {
    answers: Vec<DrawnAnswer>,
}

/// An answer of the bot that was drawn at random to be judged.
#[derive(Serialize, ToSchema)]
pub struct DrawnAnswer {
    /// Give it to `to_judge/{id}`.
    id: String,
    conversation: String,
    /// What the customer asked.
    question: String,
    #[schema(value_type = names::Language)]
    language: Language,
    answer: Turn,
    /// What the bot chose from, best first.
    candidates: Vec<Candidate>,
    #[schema(value_type = String, format = DateTime)]
    drawn_at: Timestamp,
}

/// Answers that were drawn for a lead to judge, the oldest first. After 30 days nobody is asked any more.
#[utoipa::path(get, path = "/to_judge", tag = "console", params(DrawnQuery), security(("agent_cookie" = [])), responses(
    (status = 200, description = "What waits to be judged", body = Drawn),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
))]
async fn to_judge(
    State(door): State<Arc<Door>>,
    _: SignedInLead,
    Asking(query): Asking<DrawnQuery>,
) -> Result<Json<Drawn>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_DRAWN).clamp(1, MAX_DRAWN);
    let waiting = door.desk.to_judge(limit).await?;
    Ok(Json(Drawn { answers: waiting.into_iter().map(|one| door.drawn_answer(one)).collect() }))
}

#[derive(Deserialize, ToSchema)]
pub struct JudgeDrawnBody {
    /// The article that is right; null: none is.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    article: Option<String>,
}

/// Says which article is right for the question of a drawn answer. Judging again replaces.
#[utoipa::path(post, path = "/to_judge/{id}", tag = "console", request_body = JudgeDrawnBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Kept", body = Judged),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn judge_drawn(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<JudgeDrawnBody>,
) -> Result<Json<Judged>, Problem> {
    let question = door.desk.judge_drawn(&TurnId(id), &lead, body.article.map(ArticleId::new)).await?;
    Ok(Json(Judged { question }))
}

impl Door {
    fn drawn_answer(&self, one: ToJudge) -> DrawnAnswer {
        let candidates = one.trace.map(|trace| trace.candidates).unwrap_or_default();
        DrawnAnswer {
            id: one.answer.id.to_string(),
            conversation: one.conversation.to_string(),
            question: one.text,
            language: one.language,
            answer: Titles::in_language(&self.desk, one.language).turn(&one.answer),
            candidates: candidates.iter().map(Candidate::of).collect(),
            drawn_at: one.drawn_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_named_or_null_but_never_forgotten() {
        let check = |json: &str, expected: Option<Option<&str>>| {
            let found = serde_json::from_str::<JudgeBody>(json).ok().map(|body| body.article);
            assert_eq!(found, expected.map(|article| article.map(str::to_owned)), "{json}");
        };
        check(r#"{"seq": 3, "article": "refund-time"}"#, Some(Some("refund-time")));
        check(r#"{"seq": 3, "article": null}"#, Some(None));
        check(r#"{"seq": 3}"#, None);
        check(r#"{"article": null}"#, None);
        check(r#"{"seq": -1, "article": null}"#, None);
    }
}
