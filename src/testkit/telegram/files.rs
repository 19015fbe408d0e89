//! Files: what customers send and the bot fetches, and what the bot sends.

use super::params::{GivenFile, Params};
use super::state::{Message, Shared, Telegram};
use super::{Refused, methods};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

/// Bot API, getFile.
const FETCHED_AT_MOST: usize = 20 * 1024 * 1024;
/// Bot API, sendPhoto and sendDocument.
const PHOTO_AT_MOST: usize = 10 * 1024 * 1024;
const FILE_AT_MOST: usize = 50 * 1024 * 1024;
const CAPTION_UNITS: usize = 1024;

/// A file that the bot sent, as it stands in the chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentFile {
    /// `photo`, `voice`, `document`, …
    pub way: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Keeps a customer's file. Returns its id.
pub fn keep(telegram: &mut Telegram, bytes: Vec<u8>) -> String {
    let id = format!("file-{}", telegram.files.len() + 1);
    telegram.files.insert(id.clone(), bytes);
    id
}

pub fn get_file(telegram: &Telegram, params: &Params) -> Result<Value, Refused> {
    let id = params.text("file_id").unwrap_or_default();
    let Some(bytes) = telegram.files.get(id) else {
        return Err(Refused::bad_request("wrong file_id or the file is temporarily unavailable"));
    };
    if bytes.len() > FETCHED_AT_MOST {
        return Err(Refused::bad_request("file is too big"));
    }
    let path = match &telegram.local_files {
        Some(folder) => folder.join(id).display().to_string(),
        None => format!("files/{id}"),
    };
    Ok(json!({"file_id": id, "file_unique_id": id, "file_size": bytes.len(), "file_path": path}))
}

/// `GET /file/bot<token>/<file_path>`.
pub async fn give(State(shared): State<Arc<Shared>>, Path((bot, path)): Path<(String, String)>) -> Response {
    shared.wait_for_ever(|telegram| (!telegram.holds_files).then_some(())).await;
    let entered = shared.change(|telegram| methods::enter(telegram, &bot, "file").map(|_| ()).is_ok());
    let id = path.strip_prefix("files/").unwrap_or_default();
    let bytes = shared.read(|telegram| telegram.files.get(id).cloned()).filter(|_| entered);
    let mut response = Response::new(Body::from(bytes.clone().unwrap_or_default()));
    if bytes.is_none() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// `method` is in lower case: `sendphoto` and its like.
pub fn send(telegram: &mut Telegram, method: &str, params: &Params) -> Result<Value, Refused> {
    let chat = methods::chat(telegram, params)?;
    let way = method.strip_prefix("send").unwrap_or_default();
    let Some(GivenFile { name, bytes }) = params.file(way) else {
        return Err(Refused::bad_request(&format!("there is no {way} in the request")));
    };
    let most = if way == "photo" { PHOTO_AT_MOST } else { FILE_AT_MOST };
    if bytes.len() > most {
        return Err(Refused::new(413, "Request Entity Too Large"));
    }
    if way == "photo" && !is_picture(bytes) {
        return Err(Refused::bad_request("IMAGE_PROCESS_FAILED"));
    }
    let caption = methods::words_of(params, "caption", CAPTION_UNITS, "message caption is too long")?;
    let buttons = methods::keyboard(params)?.unwrap_or_default();
    let file = SentFile { way: way.to_owned(), name: name.clone(), bytes: bytes.clone() };
    let now = Instant::now();
    telegram.count_message(chat, now)?;
    let message = Message {
        message_id: telegram.new_message_id(),
        chat,
        text: caption.text,
        sent: caption.sent,
        is_html: caption.is_html,
        buttons,
        has_preview: false,
        file: Some(file),
        at: now,
        n_edits: 0,
    };
    let answer = telegram.message_json(&message);
    telegram.messages.push(message);
    Ok(answer)
}

fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"RIFF")
}

/// A picture of one pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d,
    0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// The beginning of a voice message: an Ogg page with an Opus head.
pub const OGG: &[u8] = b"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00";
