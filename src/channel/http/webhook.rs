//! Where Telegram brings updates. The path holds the bot's name and never its token; the secret in the header tells Telegram from others.

use super::Door;
use super::problem::Problem;
use crate::channel::telegram::Brought;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::Arc;

/// An update with its longest text is well below.
const MAX_UPDATE_BYTES: usize = 1024 * 1024;
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
const RETRY_AFTER_SECS: u64 = 5;

/// Not under `/api`: it is Telegram's protocol and not ours.
pub fn routes() -> Router<Arc<Door>> {
    Router::new().route("/telegram/{bot}/update", post(take))
}

async fn take(State(door): State<Arc<Door>>, Path(bot): Path<String>, request: Request) -> Result<StatusCode, Problem> {
    let webhook = door.webhooks.get(&bot);
    let secret = request.headers().get(SECRET_HEADER).map(|secret| secret.as_bytes()).unwrap_or_default();
    // A bot that is not there looks like a wrong secret: nobody learns which bots there are.
    let Some(webhook) = webhook.filter(|webhook| webhook.is_right(secret)) else {
        let sentence = "Only Telegram may bring updates here, with the secret that it was given.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "bad_token", sentence));
    };
    let Ok(body) = axum::body::to_bytes(request.into_body(), MAX_UPDATE_BYTES).await else {
        let sentence = format!("An update has at most {MAX_UPDATE_BYTES} bytes.");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", sentence));
    };
    let Ok(update) = serde_json::from_slice(&body) else {
        let sentence = "The body is no JSON.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "bad_json", sentence));
    };
    match webhook.bring(update).await {
        Brought::Taken => Ok(StatusCode::OK),
        Brought::Later => {
            let sentence = "The update could not be kept yet; bring it again.";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", sentence).retry_after(RETRY_AFTER_SECS))
        }
    }
}
