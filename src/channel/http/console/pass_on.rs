//! What agents do with a conversation beside talking in it: take it over, pass it on, set it aside, merge it.

use super::super::Door;
use super::super::body::{JsonBody, Nothing};
use super::super::problem::{Problem, ProblemDetails};
use super::act::Acted;
use super::sign_in::SignedIn;
use crate::desk::TransferTo;
use crate::domain::{AgentId, ConversationId, QueueName, Timestamp};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(take_over))
        .routes(routes!(transfer))
        .routes(routes!(escalate))
        .routes(routes!(snooze))
        .routes(routes!(wake))
        .routes(routes!(merge))
        .routes(routes!(follow_up))
        .routes(routes!(follow_up_done))
}

/// Takes a conversation from the bot; the customer is told who is there.
#[utoipa::path(post, path = "/conversations/{id}/take_over", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Yours", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn take_over(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.take_over(&id, &agent).await;
    door.acted(&id, done).await
}

/// To an agent or into a queue, with a note for whoever gets it.
#[derive(Deserialize, ToSchema)]
pub struct TransferBody {
    /// The id of an agent; or …
    agent: Option<String>,
    /// … the name of a queue.
    queue: Option<String>,
    /// At most 4000 characters; customers never see it.
    note: Option<String>,
}

/// Passes the conversation on. Its owner may, and a lead.
#[utoipa::path(post, path = "/conversations/{id}/transfer", tag = "console", request_body = TransferBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "With the other agent, or waiting in the queue", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn transfer(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<TransferBody>,
) -> Result<Json<Acted>, Problem> {
    let to = match (body.agent, body.queue) {
        (Some(agent), None) => TransferTo::Agent(AgentId::new(agent)),
        (None, Some(queue)) => TransferTo::Queue(QueueName::new(queue)),
        (None, None) => return Err(Problem::missing_field("queue", "The body lacks whom it goes to: agent or queue.")),
        (Some(_), Some(_)) => {
            let sentence = "It goes to an agent or into a queue: send one of the two.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence));
        }
    };
    let id = ConversationId::new(id);
    let done = door.desk.transfer(&id, &agent, to, body.note).await;
    door.acted(&id, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct EscalateBody {
    /// At most 4000 characters; customers never see it.
    note: Option<String>,
}

/// Passes the conversation to the leads: it waits in front of the line, and only a lead can claim it.
#[utoipa::path(post, path = "/conversations/{id}/escalate", tag = "console", request_body = EscalateBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Waiting for a lead", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn escalate(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<EscalateBody>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.escalate(&id, &agent, body.note).await;
    door.acted(&id, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct SnoozeBody {
    /// RFC 3339, within a year; absent: until the customer writes.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Sets the conversation aside. It comes back at that moment, or when the customer writes.
#[utoipa::path(post, path = "/conversations/{id}/snooze", tag = "console", request_body = SnoozeBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Set aside", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn snooze(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<SnoozeBody>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.snooze(&id, &agent, body.until).await;
    door.acted(&id, done).await
}

/// Takes a conversation up again that was set aside.
#[utoipa::path(post, path = "/conversations/{id}/wake", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Among yours again", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn wake(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.wake(&id, &agent).await;
    door.acted(&id, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct MergeBody {
    /// The conversation that this one goes on in; of the same customer.
    into: String,
}

/// Merges the conversation into another of the same customer. Its token opens the other from then on.
#[utoipa::path(post, path = "/conversations/{id}/merge", tag = "console", request_body = MergeBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "The conversation that both go on in", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn merge(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<MergeBody>,
) -> Result<Json<Acted>, Problem> {
    let (from, into) = (ConversationId::new(id), ConversationId::new(body.into));
    let done = door.desk.merge(&from, &into, &agent).await;
    door.acted(&into, done).await
}

#[derive(Deserialize, ToSchema)]
pub struct FollowUpBody {
    /// RFC 3339, within a year; absent: in 24 hours.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// What is to be done; at most 4000 characters, customers never see it.
    note: Option<String>,
}

/// You will come back to this conversation, whatever its standing. In the place of what was promised before.
#[utoipa::path(post, path = "/conversations/{id}/follow_up", tag = "console", request_body = FollowUpBody,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Among your follow-ups", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn follow_up(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(body): JsonBody<FollowUpBody>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.follow_up(&id, &agent, body.due_at, body.note).await;
    door.acted(&id, done).await
}

/// What was promised to the customer is done.
#[utoipa::path(post, path = "/conversations/{id}/follow_up_done", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Nothing is promised any more", body = Acted),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn follow_up_done(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Acted>, Problem> {
    let id = ConversationId::new(id);
    let done = door.desk.follow_up_done(&id, &agent).await;
    door.acted(&id, done).await
}
