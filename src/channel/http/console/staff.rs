//! Who is at work and how much they take, and the queues they work in.

use super::super::Door;
use super::super::body::{JsonBody, Nothing};
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::{SignedIn, SignedInLead};
use crate::desk::Source;
use crate::domain::rules::{Assign, Member, Queue, ServiceLevels};
use crate::domain::{Language, QueueName, Timestamp};
use crate::store::{self, AgentWork, Audited, Presence, Role};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new()
        .routes(routes!(staff))
        .routes(routes!(work))
        .routes(routes!(presence))
        .routes(routes!(heartbeat))
        .routes(routes!(queues, set_queue))
        .routes(routes!(unset_queue))
}

/// An agent, at work or not.
#[derive(Serialize, ToSchema)]
pub struct StaffShape {
    id: String,
    email: String,
    name: String,
    #[schema(value_type = names::Role)]
    role: Role,
    #[schema(value_type = names::Presence)]
    presence: Presence,
    /// Empty: all.
    #[schema(value_type = Vec<names::Language>)]
    languages: Vec<Language>,
    /// Conversations that the agent has.
    open: u32,
    /// At most so many at once.
    capacity: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
    /// A code is wanted at each sign-in.
    has_second_factor: bool,
}

#[derive(Serialize, ToSchema)]
pub struct StaffList {
    agents: Vec<StaffShape>,
}

/// All agents who can sign in, with presence and load.
#[utoipa::path(get, path = "/agents", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "Oldest first", body = StaffList),
    (status = 401, response = ProblemDetails),
))]
async fn staff(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<StaffList>, Problem> {
    let shape = |agent: store::Staff| StaffShape {
        id: agent.id.to_string(),
        email: agent.email,
        name: agent.name,
        role: agent.role,
        presence: agent.presence,
        languages: agent.languages,
        open: agent.n_open,
        capacity: agent.capacity,
        seen_at: agent.seen_at,
        has_second_factor: agent.has_second_factor,
    };
    Ok(Json(StaffList { agents: door.desk.staff().await?.into_iter().map(shape).collect() }))
}

#[derive(Deserialize, ToSchema)]
pub struct WorkBody {
    /// The agent's e-mail address.
    email: String,
    /// Conversations at once, 0 to 1000; absent: as it is.
    capacity: Option<u32>,
    /// Spoken by the agent; empty: all; absent: as it is.
    #[schema(value_type = Option<Vec<names::Language>>)]
    languages: Option<Vec<String>>,
}

/// Sets how much an agent takes at once, and in which languages. For leads.
#[utoipa::path(post, path = "/agents/work", tag = "console", request_body = WorkBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Set", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn work(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    JsonBody(body): JsonBody<WorkBody>,
) -> Result<Json<Done>, Problem> {
    let languages = body.languages.map(|tags| tags.iter().map(|tag| language(tag)).collect()).transpose()?;
    door.desk.set_agent_work(&body.email, AgentWork { capacity: body.capacity, languages }).await?;
    door.desk.note_audit(Some(&lead), Audited::WorkSet, &body.email).await;
    Ok(Json(Done {}))
}

fn language(tag: &str) -> Result<Language, Problem> {
    Language::parse(tag).ok_or_else(|| bad_input(format!("languages: {tag:?} is none of en, zh-Hans, zh-Hant, ru.")))
}

fn bad_input(sentence: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_input", sentence)
}

#[derive(Serialize, ToSchema)]
pub struct Done {}

#[derive(Deserialize, ToSchema)]
pub struct PresenceBody {
    #[schema(value_type = names::Presence)]
    presence: Presence,
}

/// Says whether you take new conversations. `away` keeps what you have; so does `offline`, which needs no heartbeat.
#[utoipa::path(post, path = "/presence", tag = "console", request_body = PresenceBody,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Set", body = Done),
    (status = 401, response = ProblemDetails),
))]
async fn presence(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(body): JsonBody<PresenceBody>,
) -> Result<Json<Done>, Problem> {
    door.desk.set_presence(&agent, body.presence).await?;
    Ok(Json(Done {}))
}

/// Says that you are still there; due every 20 seconds. The live socket does the same by itself. Who was offline is online.
#[utoipa::path(post, path = "/heartbeat", tag = "console", request_body = Nothing,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Noted", body = Done),
    (status = 401, response = ProblemDetails),
))]
async fn heartbeat(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Done>, Problem> {
    door.desk.seen(&agent.id).await?;
    Ok(Json(Done {}))
}

/// A named line of waiting handoffs.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct QueueShape {
    /// 1 to 60 characters of a-z, 0-9, - and _.
    name: String,
    /// What people read; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Empty: all.
    #[serde(default)]
    languages: Vec<String>,
    /// `{"zone": "Europe/Berlin", "mon-fri": "09:00-18:00", "holidays": ["2026-12-25"]}`; absent: always open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<serde_json::Value>,
    /// Empty: everyone works here.
    #[serde(default)]
    members: Vec<MemberShape>,
    /// −100 to 100.
    #[serde(default)]
    priority: i32,
    /// `manual` or `balanced`.
    #[serde(default = "manual")]
    assign: String,
    #[serde(default)]
    levels: LevelsShape,
}

fn manual() -> String {
    "manual".to_owned()
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct MemberShape {
    /// E-mail address.
    agent: String,
    /// 1 to 5; 3 when absent.
    skill: Option<u8>,
    /// Conversations of this queue at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
}

/// Seconds of open time; null: no such level.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LevelsShape {
    claim_secs: Option<u64>,
    first_reply_secs: Option<u64>,
    next_reply_secs: Option<u64>,
    resolution_secs: Option<u64>,
    /// A warning comes when this share of the time has passed, 1 to 100.
    warn_at_percent: u8,
}

impl Default for LevelsShape {
    fn default() -> Self {
        Self::of(ServiceLevels::default())
    }
}

impl LevelsShape {
    fn of(levels: ServiceLevels) -> Self {
        Self {
            claim_secs: levels.claim_secs,
            first_reply_secs: levels.first_reply_secs,
            next_reply_secs: levels.next_reply_secs,
            resolution_secs: levels.resolution_secs,
            warn_at_percent: levels.warn_at_percent,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct QueueRow {
    #[serde(flatten)]
    queue: QueueShape,
    /// What is set in the file cannot be changed here.
    #[schema(value_type = names::QueueSource)]
    source: Source,
    is_open: bool,
}

#[derive(Serialize, ToSchema)]
pub struct QueueList {
    queues: Vec<QueueRow>,
}

impl QueueShape {
    fn of(queue: Queue) -> Result<Self, Problem> {
        let hours = queue.hours.as_ref().map(serde_json::to_value).transpose().map_err(|error| {
            tracing::error!(%error, "hours could not be written as JSON");
            Problem::internal()
        })?;
        let member =
            |member: Member| MemberShape { agent: member.agent, skill: Some(member.skill), capacity: member.capacity };
        Ok(Self {
            name: queue.name.0,
            title: queue.title,
            languages: queue.languages.iter().map(|language| language.tag().to_owned()).collect(),
            hours,
            members: queue.members.into_iter().map(member).collect(),
            priority: queue.priority,
            assign: match queue.assign {
                Assign::Manual => manual(),
                Assign::Balanced => "balanced".to_owned(),
            },
            levels: LevelsShape::of(queue.levels),
        })
    }

    fn queue(self) -> Result<Queue, Problem> {
        let hours = self.hours.map(serde_json::from_value).transpose();
        let assign = match self.assign.as_str() {
            "manual" => Assign::Manual,
            "balanced" => Assign::Balanced,
            other => return Err(bad_input(format!("assign: {other:?} is neither manual nor balanced."))),
        };
        let usual = ServiceLevels::default();
        let member = |member: MemberShape| Member {
            agent: member.agent.trim().to_lowercase(),
            skill: member.skill.unwrap_or(3),
            capacity: member.capacity,
        };
        Ok(Queue {
            name: QueueName::new(self.name),
            title: self.title,
            languages: self.languages.iter().map(|tag| language(tag)).collect::<Result<_, _>>()?,
            hours: hours.map_err(|error| bad_input(format!("hours: {error}.")))?,
            members: self.members.into_iter().map(member).collect(),
            priority: self.priority,
            assign,
            levels: ServiceLevels {
                claim_secs: self.levels.claim_secs,
                first_reply_secs: self.levels.first_reply_secs,
                next_reply_secs: self.levels.next_reply_secs,
                resolution_secs: self.levels.resolution_secs,
                warn_at_percent: if self.levels.warn_at_percent == 0 {
                    usual.warn_at_percent
                } else {
                    self.levels.warn_at_percent
                },
            },
        })
    }
}

/// All queues, with where each is set.
#[utoipa::path(get, path = "/queues", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "The file's first", body = QueueList),
    (status = 401, response = ProblemDetails),
))]
async fn queues(State(door): State<Arc<Door>>, _: SignedIn) -> Result<Json<QueueList>, Problem> {
    let now = door.desk.clock().now();
    let row = |(queue, source): (Queue, Source)| {
        let is_open = queue.is_open(now);
        Ok(QueueRow { queue: QueueShape::of(queue)?, source, is_open })
    };
    let queues = door.desk.queues().await?.into_iter().map(row).collect::<Result<_, Problem>>()?;
    Ok(Json(QueueList { queues }))
}

/// Makes a queue, or replaces the one of this name. For leads. Takes effect at once, for those who wait too.
#[utoipa::path(post, path = "/queues", tag = "console", request_body = QueueShape,
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "In force", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
))]
async fn set_queue(
    State(door): State<Arc<Door>>,
    SignedInLead(agent): SignedInLead,
    JsonBody(body): JsonBody<QueueShape>,
) -> Result<Json<Done>, Problem> {
    let queue = body.queue()?;
    let name = queue.name.clone();
    door.desk.set_queue(queue, &agent).await?;
    door.desk.note_audit(Some(&agent), Audited::QueueSet, name.as_str()).await;
    Ok(Json(Done {}))
}

/// Takes back what the console set of a queue. For leads. Whoever waits there goes on waiting.
#[utoipa::path(post, path = "/queues/{name}/unset", tag = "console", request_body = Nothing,
    params(("name" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "As it was built in, or gone", body = Done),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
))]
async fn unset_queue(
    State(door): State<Arc<Door>>,
    SignedInLead(agent): SignedInLead,
    Path(name): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<Done>, Problem> {
    let name = QueueName::new(name);
    door.desk.unset_queue(&name, &agent).await?;
    door.desk.note_audit(Some(&agent), Audited::QueueUnset, name.as_str()).await;
    Ok(Json(Done {}))
}
