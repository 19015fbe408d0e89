//! A customer takes the conversation along: as a file, or by mail.

use super::Door;
use super::address::Caller;
use super::body::{Asking, JsonBody};
use super::problem::{Problem, ProblemDetails};
use super::visitor::Visitor;
use crate::channel::transcript::{as_html, as_text};
use crate::desk::DeskError;
use crate::domain::contacts;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(transcript, mail_transcript))
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    #[default]
    Txt,
    /// One page that needs nothing else and runs nothing.
    Html,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct As {
    /// `txt` when absent.
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// The conversation as a file, in its language and in the customer's own time, without what agents noted.
#[utoipa::path(get, path = "/conversations/{id}/transcript", tag = "customer", params(("id" = String, Path), As),
    security(("conversation_token" = [])), responses(
    (status = 200, description = "A download", content((String = "text/plain"), (String = "text/html"))),
    (status = 400, response = ProblemDetails),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn transcript(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(As { format }): Asking<As>,
) -> Result<Response, Problem> {
    door.gates.question(caller, Some(&conversation.id))?;
    let transcript = door.desk.transcript(&conversation).await?;
    let (kind, ending, body) = match format {
        Format::Txt => ("text/plain; charset=utf-8", "txt", as_text(&transcript)),
        Format::Html => ("text/html; charset=utf-8", "html", as_html(&transcript)),
    };
    let day = door.desk.clock().now().to_zoned(transcript.zone).date();
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"conversation-{day}.{ending}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'".to_owned()),
    ];
    Ok((headers, body).into_response())
}

#[derive(Deserialize, ToSchema)]
pub struct SendBody {
    /// One address, such as `anna@mail.example`.
    email: String,
}

/// Sends the conversation, as it is now, by mail. Three times an hour for a conversation, and to an address.
#[utoipa::path(post, path = "/conversations/{id}/transcript", tag = "customer", request_body = SendBody,
    params(("id" = String, Path)), security(("conversation_token" = [])), responses(
    (status = 202, description = "It will be sent"),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 422, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
))]
async fn mail_transcript(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    JsonBody(body): JsonBody<SendBody>,
) -> Result<StatusCode, Problem> {
    if door.mail.is_none() {
        let sentence =
            "This server sends no mail; the operator sets it up with [mail]. Download the transcript instead.";
        return Err(Problem::new(StatusCode::NOT_FOUND, "mail_off", sentence));
    }
    // Before it is counted: a slip of the finger uses nothing up.
    let address = contacts::email(&body.email).ok_or(DeskError::BadEmail)?;
    door.gates.transcript(caller, &conversation.id, &address)?;
    door.desk.wish_for_transcript(&conversation.id, &address).await?;
    Ok(StatusCode::ACCEPTED)
}
