//! A customer's data at the console, for leads and admins: read out whole, or erased.

use super::super::Door;
use super::super::body::{JsonBody, Nothing};
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedInLead;
use crate::desk::Export;
use crate::domain::CustomerId;
use crate::store::{Audited, OneCustomer};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(erase))
}

/// Everything that is held about one customer, with `format` and `version`; docs/data.md describes it.
#[utoipa::path(get, path = "/customers/{id}/export", tag = "console", params(("id" = String, Path)),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "As `firstline export` writes it", body = Object),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn export(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
) -> Result<Json<Export>, Problem> {
    let export = door.desk.export_customer(&OneCustomer::Customer(CustomerId::new(id))).await?;
    tracing::info!(agent = %lead.id, customer = %export.data.customer, "an agent exported a customer's data");
    door.desk.note_audit(Some(&lead), Audited::CustomerExported, export.data.customer.as_str()).await;
    Ok(Json(export))
}

#[derive(Serialize, ToSchema)]
pub struct ErasedCustomer {
    /// Conversations whose words went now; none when they had gone before.
    conversations: Vec<String>,
    n_words: u64,
    /// Judged cases that lost their words, and with them their say.
    n_judged: u64,
    /// False: a program that reads the database holds back its log; it is cleared within seconds of that program's end.
    is_log_clear: bool,
}

/// Erases every word of one customer and ends what is open. It cannot be undone; figures stay. Doing it again is no error.
#[utoipa::path(post, path = "/customers/{id}/erase", tag = "console", request_body = Nothing,
    params(("id" = String, Path)), security(("agent_cookie" = [])), responses(
    (status = 200, description = "Erased", body = ErasedCustomer),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
))]
async fn erase(
    State(door): State<Arc<Door>>,
    SignedInLead(lead): SignedInLead,
    Path(id): Path<String>,
    JsonBody(Nothing {}): JsonBody<Nothing>,
) -> Result<Json<ErasedCustomer>, Problem> {
    let customer = CustomerId::new(id);
    let erased = door.desk.erase_customer(&OneCustomer::Customer(customer.clone())).await?;
    tracing::info!(agent = %lead.id, %customer, "an agent erased a customer's words");
    door.desk.note_audit(Some(&lead), Audited::CustomerErased, customer.as_str()).await;
    Ok(Json(ErasedCustomer {
        conversations: erased.conversations.iter().map(ToString::to_string).collect(),
        n_words: erased.n_words,
        n_judged: erased.n_judged,
        is_log_clear: erased.is_log_clear,
    }))
}
