//! Files that agents send, and their own pictures.

use super::super::Door;
use super::super::attachments::{Attachment, Uploading, url_of, whole};
use super::super::body::Asking;
use super::super::problem::{Problem, ProblemDetails};
use super::sign_in::SignedIn;
use crate::desk::MAX_AVATAR_BYTES;
use crate::domain::ConversationId;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(upload)).routes(routes!(set_avatar, take_avatar_away))
}

/// Takes a file for a reply, as the raw body. The customer sees it once a reply names it.
#[utoipa::path(post, path = "/conversations/{id}/attachments", tag = "console",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path), Uploading), security(("agent_cookie" = [])), responses(
    (status = 201, description = "Kept", body = Attachment),
    (status = 200, description = "Kept before, under this client id", body = Attachment),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 409, response = ProblemDetails),
    (status = 413, response = ProblemDetails),
    (status = 415, response = ProblemDetails),
    (status = 507, response = ProblemDetails),
))]
async fn upload(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    Path(id): Path<String>,
    Asking(asked): Asking<Uploading>,
    request: Request,
) -> Result<(StatusCode, Json<Attachment>), Problem> {
    let id = ConversationId::new(id);
    let conversation = match door.desk.conversation_of(&id, &agent).await {
        Ok(conversation) => conversation,
        Err(error) => return Err(door.refused(&id, error).await),
    };
    door.take_file(conversation, asked.by(Some(agent.id)), || Ok(()), request).await
}

#[derive(Serialize, ToSchema)]
pub struct Avatar {
    /// Where your picture is; null: nowhere.
    avatar: Option<String>,
}

/// Sets your own picture, which customers see beside your name: PNG, JPEG or WebP, at most 512 KiB, as the raw body.
#[utoipa::path(post, path = "/me/avatar", tag = "console",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("agent_cookie" = [])), responses(
    (status = 200, description = "Set", body = Avatar),
    (status = 401, response = ProblemDetails),
    (status = 413, response = ProblemDetails),
    (status = 415, response = ProblemDetails),
))]
async fn set_avatar(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
    request: Request,
) -> Result<Json<Avatar>, Problem> {
    let bytes = whole(request.into_body(), MAX_AVATAR_BYTES).await?;
    let key = door.desk.set_avatar(&agent, &bytes).await?;
    Ok(Json(Avatar { avatar: Some(url_of(&key)) }))
}

/// Takes your picture away.
#[utoipa::path(delete, path = "/me/avatar", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 200, description = "Gone", body = Avatar),
    (status = 401, response = ProblemDetails),
))]
async fn take_avatar_away(
    State(door): State<Arc<Door>>,
    SignedIn { agent, .. }: SignedIn,
) -> Result<Json<Avatar>, Problem> {
    door.desk.take_avatar_away(&agent).await?;
    Ok(Json(Avatar { avatar: None }))
}
