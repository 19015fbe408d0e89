//! What customers do besides talking: call a person, leave the line, rate, say whether an answer helped.

use super::Door;
use super::address::Caller;
use super::body::{Asking, JsonBody, Nothing};
use super::problem::{Problem, ProblemDetails};
use super::qr::{self, Qr};
use super::visitor::{Visitor, within_range};
use super::wire::{Page, Titles};
use crate::domain::{Conversation, Seq, Timestamp};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(handoff))
        .routes(routes!(back_to_bot))
        .routes(routes!(rate))
        .routes(routes!(feedback))
        .routes(routes!(contact))
        .routes(routes!(link))
}

/// Turns that one answer brings along.
const MAX_NEWS: u32 = 500;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// Turns after this number come back; when absent, what this call changed.
    after: Option<Seq>,
}

/// Calls a person.
#[utoipa::path(post, path = "/conversations/{id}/handoff", tag = "customer", request_body = Nothing,
    params(("id" = String, Path), After), security(("conversation_token" = [])), responses(
    (status = 200, description = "In line, or already with a person", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn handoff(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<After>,
) -> Result<Json<Page>, Problem> {
    door.gates.handoff(caller, &conversation.id)?;
    door.desk.ask_for_person(&conversation.id).await?;
    door.news(&conversation, asked).await
}

/// Leaves the line and talks to the bot again.
#[utoipa::path(post, path = "/conversations/{id}/back_to_bot", tag = "customer", request_body = Nothing,
    params(("id" = String, Path), After), security(("conversation_token" = [])), responses(
    (status = 200, description = "With the bot", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn back_to_bot(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<After>,
) -> Result<Json<Page>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    door.desk.back_to_bot(&conversation.id).await?;
    door.news(&conversation, asked).await
}

#[derive(Deserialize, ToSchema)]
pub struct RatingBody {
    #[schema(minimum = 1, maximum = 5)]
    score: i64,
    comment: Option<String>,
}

/// Rates a resolved conversation.
#[utoipa::path(post, path = "/conversations/{id}/rating", tag = "customer", request_body = RatingBody,
    params(("id" = String, Path), After), security(("conversation_token" = [])), responses(
    (status = 200, description = "Rated", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn rate(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<After>,
    JsonBody(body): JsonBody<RatingBody>,
) -> Result<Json<Page>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    // What fits no byte is no rating either; the desk knows which numbers are.
    let score = u8::try_from(body.score).unwrap_or(u8::MAX);
    let comment = body.comment.filter(|comment| !comment.trim().is_empty());
    door.desk.rate(&conversation.id, score, comment).await?;
    door.news(&conversation, asked).await
}

#[derive(Deserialize, ToSchema)]
pub struct FeedbackBody {
    /// The number of the answer.
    seq: Seq,
    helped: bool,
}

/// Says whether an answer helped.
#[utoipa::path(post, path = "/conversations/{id}/feedback", tag = "customer", request_body = FeedbackBody,
    params(("id" = String, Path), After), security(("conversation_token" = [])), responses(
    (status = 200, description = "Noted", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn feedback(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<After>,
    JsonBody(body): JsonBody<FeedbackBody>,
) -> Result<Json<Page>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    door.desk.feedback(&conversation.id, body.seq, body.helped).await?;
    door.news(&conversation, asked).await
}

#[derive(Deserialize, ToSchema)]
pub struct ContactBody {
    /// An e-mail address or a phone number.
    contact: String,
}

/// Leaves an e-mail address or a phone number, so that somebody can write or call. Only agents see it.
#[utoipa::path(post, path = "/conversations/{id}/contact", tag = "customer", request_body = ContactBody,
    params(("id" = String, Path), After), security(("conversation_token" = [])), responses(
    (status = 200, description = "Kept", body = Page),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn contact(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<After>,
    JsonBody(body): JsonBody<ContactBody>,
) -> Result<Json<Page>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    door.desk.leave_contact(&conversation.id, &body.contact).await?;
    door.news(&conversation, asked).await
}

/// A one-time code that carries the conversation to another channel.
#[derive(Serialize, ToSchema)]
pub struct Link {
    /// Given to the other channel once: in Telegram as `/start CODE`.
    code: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Where the site has a bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    telegram: Option<TelegramWay>,
}

/// The code as an address that opens the bot.
#[derive(Serialize, ToSchema)]
pub struct TelegramWay {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<Qr>,
}

/// Makes a code with which the conversation goes on in Telegram. Good once, for ten minutes; an older one ends.
#[utoipa::path(post, path = "/conversations/{id}/link", tag = "customer", request_body = Nothing,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 200, description = "The code", body = Link),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn link(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Link>, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    let (code, expires_at) = door.desk.make_link(&conversation.id).await?;
    let bot = door.offers.bot_of(&conversation.site);
    let telegram = bot.map(|bot| {
        let url = format!("{bot}?start={code}");
        TelegramWay { qr: qr::of(&url), url }
    });
    Ok(Json(Link { code, expires_at, telegram }))
}

impl Door {
    /// What a command changed, or everything after the number that the client knows.
    async fn news(&self, before: &Conversation, asked: After) -> Result<Json<Page>, Problem> {
        let after = asked.after.map_or(before.version, |after| within_range(Some(after)));
        let update = self.desk.update(&before.id, after, MAX_NEWS).await?;
        Ok(Json(Page::of(update, &Titles::for_conversation(&self.desk, before))))
    }
}
