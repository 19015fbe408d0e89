//! What agents do: claim, reply, release, hand back, resolve.

use super::super::Door;
use super::super::body::{JsonBody, Nothing};
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::super::wire::{Titles, Turn};
use super::list::names_of;
use super::sign_in::SignedIn;
use super::wire::{AgentName, Names, Row};
use crate::desk::{DeskError, EndingWish, Reply};
use crate::domain::{self, AgentId, AttachmentId, ConversationId, Refusal, Seq, Speaker, Timestamp};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(claim))
        .routes(routes!(reply))
        .routes(routes!(release))
        .routes(routes!(hand_back))
        .routes(routes!(resolve))
}

#[derive(Serialize, ToSchema)]
pub struct Acted {
    conversation: Row,
}

/// Takes a waiting conversation. Of two agents one wins; the other gets `already_claimed` with the winner's name.
#[utoipa::path(post, path = "/conversations/{id}/claim", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Yours", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn claim(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.claim(&id, &agent).await;
    door.acted(&id, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct ReplyBody {
    /// The client's own id of this reply: sent again, it is the same turn. 1 to 200 characters.
    pub(super) client_id: String,
    /// 1 to 4000 characters; may be missing or empty beside files.
    pub(super) text: Option<String>,
    /// Ids of files uploaded before, at most 10. A note has none.
    #[serde(default)]
    pub(super) attachments: Vec<String>,
    /// Ids of agents whom a note calls, at most 20; they find it in the view `mentioned`. A reply has none.
    #[serde(default)]
    pub(super) mentions: Vec<String>,
}

impl ReplyBody {
    pub(super) fn text(&self) -> Result<String, Problem> {
        match &self.text {
            Some(text) => Ok(text.clone()),
            None if self.attachments.is_empty() => {
                Err(Problem::missing_field("text", "The body lacks something: text."))
            }
            None => Ok(String::new()),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Replied {
    pub(super) turn: Turn,
    /// The number of the last change that this answer knows.
    pub(super) through: Seq,
}

/// Answers the customer.
#[utoipa::path(post, path = "/conversations/{id}/reply", tag = "console", request_body = ReplyBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Said; the same client id again is the same turn", body = Replied),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn reply(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ReplyBody>,
) -> Result<Json<Replied>, Problem> {
    let id = ConversationId::new(id);
    let text = body.text()?;
    let attachments = body.attachments.into_iter().map(AttachmentId).collect();
    let reply = Reply { client_id: body.client_id.clone(), text, attachments };
    let conversation = match door.desk.reply_with(&id, &agent, reply).await {
        Ok(conversation) => conversation,
        Err(error) => return Err(door.refused(&id, error).await),
    };
    let (turn, through) = door.said(&id, conversation.version, &agent.id, &body.client_id).await?;
    Ok(Json(Replied { turn: Titles::for_conversation(&door.desk, &conversation).turn(&turn), through }))
}

/// Puts the conversation back in line, at its old place.
#[utoipa::path(post, path = "/conversations/{id}/release", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Waiting again", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn release(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.release(&id, &agent).await;
    door.acted(&id, done).await
}

/// Gives the conversation back to the bot.
#[utoipa::path(post, path = "/conversations/{id}/hand_back", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "With the bot", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn hand_back(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.hand_back(&id, &agent).await;
    door.acted(&id, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct ResolveBody {
    #[schema(value_type = names::Verdict)]
    outcome: Verdict,
    /// Why, for other agents; at most 4000 characters.
    reason: Option<String>,
    /// What happens next, when unsolved: the customer reads it. At most 4000 characters.
    plan: Option<String>,
    /// When somebody comes back to it, within a year; a day from now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Solved,
    Unsolved,
}

/// Closes the conversation. An unsolved one tells the customer the plan, and reminds you when it is due.
#[utoipa::path(post, path = "/conversations/{id}/resolve", tag = "console", request_body = ResolveBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Resolved", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn resolve(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<ResolveBody>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let is_solved = match body.outcome {
        Verdict::Solved => true,
        Verdict::Unsolved => false,
    };
    let wish = EndingWish { is_solved, reason: body.reason, plan: body.plan, due_at: body.due_at };
    let done = door.desk.resolve(&id, &agent, wish).await;
    door.acted(&id, done).await
}

impl Door {
    /// The row after what was done.
    pub(super) async fn acted(
        &self,
        id: &ConversationId,
        done: Result<domain::Conversation, DeskError>,
    ) -> Result<Json<Acted>, Problem> {
        if let Err(error) = done {
            return Err(self.refused(id, error).await);
        }
        let whole = self.desk.full_view(id).await?;
        let names = names_of(&whole);
        Ok(Json(Acted { conversation: Row::of(whole.row, &names, &self.desk) }))
    }

    /// An agent who loses wants to know to whom.
    pub(super) async fn refused(&self, id: &ConversationId, error: DeskError) -> Problem {
        let owner = if let DeskError::Refused(Refusal::AlreadyClaimed { by }) = &error {
            Some(by.clone())
        } else if let DeskError::Refused(Refusal::NotYours) = &error {
            let now = self.desk.update(id, i64::MAX as Seq, 1).await.ok();
            now.and_then(|update| update.phase.agent().cloned())
        } else {
            None
        };
        let problem = Problem::from(error);
        match owner {
            Some(owner) => {
                let name = self.name_of(&owner).await.unwrap_or_else(|_| owner.to_string());
                let owner = AgentName::of(&owner, &Names::from([(owner.clone(), name)]));
                problem.with("agent", json!(owner))
            }
            None => problem,
        }
    }

    /// The turn that a reply became: the last change, unless it was said before.
    pub(super) async fn said(
        &self,
        id: &ConversationId,
        version: Seq,
        agent: &AgentId,
        client_id: &str,
    ) -> Result<(domain::Turn, Seq), Problem> {
        let is_it = |turn: &domain::Turn| {
            turn.client_id.as_deref() == Some(client_id) && turn.by == Speaker::Agent(agent.clone())
        };
        let newest = self.desk.update(id, version.saturating_sub(1), 100).await?;
        if let Some(turn) = newest.turns.into_iter().find(is_it) {
            return Ok((turn, newest.through));
        }
        let whole = self.desk.full_view(id).await?;
        let turn = whole.turns.into_iter().find(is_it);
        // Whoever used it first was heard, and these words were not.
        let sentence = "client_id: a turn of somebody else has it in this conversation; make a new one.";
        turn.map(|turn| (turn, whole.through))
            .ok_or_else(|| Problem::new(StatusCode::CONFLICT, "client_id_taken", sentence))
    }
}
