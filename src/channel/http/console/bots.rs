//! The Telegram bots, and how they are doing.

use super::super::Door;
use super::super::openapi::names;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedInLead;
use crate::channel::telegram::{BotStanding, Transport};
use crate::domain::{Language, Timestamp};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(bots))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Bot)]
pub struct BotShape {
    /// As the config file names it.
    name: String,
    /// Without `@`; null until Telegram has told it.
    username: Option<String>,
    /// `https://t.me/…`
    link: Option<String>,
    site: String,
    /// How updates come.
    #[schema(value_type = names::Transport)]
    transport: Transport,
    queue: Option<String>,
    #[schema(value_type = names::Language)]
    language: Language,
    /// Sentences; empty: all is well.
    troubles: Vec<String>,
    /// Null: none since the start.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_update_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sent_at: Option<Timestamp>,
    /// Messages that wait.
    n_due: u64,
    /// Since when the oldest of them waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_due_at: Option<Timestamp>,
    /// Messages of the last seven days that could not be delivered.
    n_dead: u64,
}

#[derive(Serialize, ToSchema)]
pub struct BotList {
    bots: Vec<BotShape>,
}

/// The Telegram bots, and how they are doing.
#[utoipa::path(get, path = "/bots", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "In the order of the config file", body = BotList),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
))]
async fn bots(State(door): State<Arc<Door>>, _: SignedInLead) -> Result<Json<BotList>, Problem> {
    let mut bots = vec![];
    for standing in door.bots() {
        let BotStanding {
            name,
            username,
            link,
            site,
            transport,
            queue,
            language,
            troubles,
            last_update_at,
            last_sent_at,
        } = standing;
        let waiting = door.desk.waiting_deliveries(&name).await?;
        bots.push(BotShape {
            queue: queue.map(|queue| queue.to_string()),
            name,
            username,
            link,
            site,
            transport,
            language,
            troubles,
            last_update_at,
            last_sent_at,
            n_due: waiting.n_due,
            oldest_due_at: waiting.oldest_at,
            n_dead: waiting.n_dead,
        });
    }
    Ok(Json(BotList { bots }))
}
