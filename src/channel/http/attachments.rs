//! Files: taken from customers as they come in, and given to whoever knows their address.

use super::Door;
use super::address::Caller;
use super::body::Asking;
use super::problem::{Problem, ProblemDetails};
use super::visitor::Visitor;
use crate::desk::{DeskError, Sender};
use crate::domain::attachment::file_type;
use crate::domain::{self, Conversation};
use crate::store::OpenFile;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use bytes::Bytes;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::io::SeekFrom;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(upload))
}

/// Any page may show what it knows the address of, and nobody need be signed in.
pub fn file_routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(file))
}

/// A file on a slow line takes longer than any other request may.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);
/// Of a file that is refused so much more is read and thrown away, for so long: a client that is cut off while it sends never reads why.
const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;
const DISCARD_FOR: Duration = Duration::from_secs(60);
const PIECE_BYTES: usize = 64 * 1024;
/// Browsers keep what they were shown for an hour; longer, and an erased picture would still be seen.
const CACHED: &str = "private, max-age=3600";

/// For routes that take a file.
pub fn uploading(router: Router<Arc<Door>>) -> Router<Arc<Door>> {
    router
        .layer(CatchPanicLayer::custom(super::frame::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, UPLOAD_TIMEOUT))
}

/// A file that can stand in a turn.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachment {
    pub id: String,
    /// Safe to show and to save under; the sender's own name, tidied.
    pub name: String,
    /// Its media type, by its bytes.
    #[serde(rename = "type")]
    pub kind: String,
    pub bytes: u64,
    /// On this server; whoever knows it may read the file.
    pub url: String,
    /// Of pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl Attachment {
    pub fn of(attachment: &domain::Attachment) -> Self {
        Self {
            id: attachment.id.to_string(),
            name: attachment.name.clone(),
            kind: attachment.kind.clone(),
            bytes: attachment.bytes,
            url: url_of(&attachment.key),
            width: attachment.width,
            height: attachment.height,
        }
    }
}

/// Where a file of this key is.
pub fn url_of(key: &str) -> String {
    format!("/api/v1/attachments/{key}")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Uploading {
    /// The client's own id of this upload: sent again, it is the same file. 1 to 200 characters.
    client_id: String,
    /// What the file is called; its ending must be of the type that the bytes say.
    #[serde(default)]
    name: String,
}

/// Takes a file, as the raw body. It is shown to nobody until a turn names it, and forgotten after a day if none does.
#[utoipa::path(post, path = "/conversations/{id}/attachments", tag = "customer",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path), Uploading), security(("conversation_token" = [])), responses(
    (status = 201, description = "Kept", body = Attachment),
    (status = 200, description = "Kept before, under this client id", body = Attachment),
    (status = 401, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 413, response = ProblemDetails),
    (status = 415, response = ProblemDetails),
    (status = 429, response = ProblemDetails),
    (status = 507, response = ProblemDetails),
))]
async fn upload(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Visitor(conversation): Visitor,
    Asking(asked): Asking<Uploading>,
    request: Request,
) -> Result<(StatusCode, Json<Attachment>), Problem> {
    let sender = asked.by(None);
    let gate = || door.gates.upload(caller, &conversation.id);
    door.take_file(conversation.clone(), sender, gate, request).await
}

impl Uploading {
    pub fn by(self, agent: Option<domain::AgentId>) -> Sender {
        Sender { agent, client_id: self.client_id, name: self.name }
    }
}

impl Door {
    /// Answers as early as it can, and reads on for a while all the same.
    pub(super) async fn take_file(
        &self,
        conversation: Conversation,
        sender: Sender,
        gate: impl FnOnce() -> Result<(), Problem>,
        request: Request,
    ) -> Result<(StatusCode, Json<Attachment>), Problem> {
        // Who waits for a "100 Continue" has not sent anything yet and learns at once.
        let is_sending = !request.headers().contains_key(header::EXPECT);
        let declared = declared(request.headers());
        let mut body = request.into_body().into_data_stream();
        let taken = async {
            if let Some(known) = self.desk.uploaded_before(&conversation, &sender).await? {
                return Ok((StatusCode::OK, Attachment::of(&known)));
            }
            gate()?;
            let mut incoming = self.desk.begin_upload(conversation, sender, declared).await?;
            while let Some(piece) = body.next().await {
                let piece = piece.map_err(|_| broken_off())?;
                incoming.take(&piece).await?;
            }
            let (kept, is_repeated) = self.desk.keep_upload(incoming).await?;
            let status = if is_repeated { StatusCode::OK } else { StatusCode::CREATED };
            Ok::<_, Problem>((status, Attachment::of(&kept)))
        };
        let taken = taken.await;
        if is_sending {
            discard(body);
        }
        taken.map(|(status, kept)| (status, Json(kept)))
    }
}

/// RFC 9110, section 8.6; a body in chunks declares nothing.
fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn broken_off() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "broken_off", "The file could not be read to its end.")
}

/// A small file, whole.
pub(super) async fn whole(body: Body, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    let (mut body, mut bytes) = (body.into_data_stream(), vec![]);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| broken_off())?;
        if bytes.len() + piece.len() > max_bytes {
            discard(body);
            return Err(DeskError::FileTooLarge { max_bytes: max_bytes as u64 }.into());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// What is still on its way is read beside the answer.
fn discard(mut body: impl futures::Stream<Item = Result<Bytes, axum::Error>> + Unpin + Send + 'static) {
    let reading = async move {
        let mut n_read = 0;
        while let Some(Ok(piece)) = body.next().await {
            n_read += piece.len();
            if n_read > MAX_DISCARDED_BYTES {
                break;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(DISCARD_FOR, reading));
}

/// Reads a file. Whoever knows its address may; pictures are shown, everything else is only saved.
#[utoipa::path(get, path = "/attachments/{key}", tag = "customer", params(("key" = String, Path)), responses(
    (status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 206, description = "The part that a Range header asked for", body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 404, response = ProblemDetails),
    (status = 416, response = ProblemDetails),
))]
async fn file(State(door): State<Arc<Door>>, Path(key): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let found = door.desk.open_file(&key).await.map_err(DeskError::from)?;
    let mut open = found.ok_or_else(no_such_file)?;
    let range = match headers.get(header::RANGE) {
        Some(asked) => asked_range(asked, open.bytes)?,
        None => None,
    };
    let (first, bytes) = range.unwrap_or((0, open.bytes));
    if first > 0 {
        open.file.seek(SeekFrom::Start(first)).await.map_err(|_| Problem::internal())?;
    }
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, harmless(&open)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if range.is_some()
        && let Ok(part) = HeaderValue::from_str(&format!("bytes {first}-{}/{}", first + bytes - 1, open.bytes))
    {
        headers.insert(header::CONTENT_RANGE, part);
    }
    *response.body_mut() = Body::from_stream(pieces(open, bytes));
    Ok(response)
}

fn no_such_file() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_attachment", "There is no such file, or it was erased.")
}

/// What keeps a browser from running anything in it, wherever it is opened.
fn harmless(open: &OpenFile) -> HeaderMap {
    let kind = file_type(&open.kind);
    let is_inline = kind.is_some_and(|kind| kind.is_inline);
    let mut headers = HeaderMap::new();
    let fixed = [
        (header::CONTENT_TYPE, kind.map_or("application/octet-stream", |kind| kind.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, CACHED),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let disposition = disposition(is_inline, open.name.as_deref());
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers
}

/// RFC 6266, with the name in UTF-8 as RFC 8187 says, and one in ASCII for who cannot read that.
fn disposition(is_inline: bool, name: Option<&str>) -> Option<HeaderValue> {
    let kind = if is_inline { "inline" } else { "attachment" };
    let Some(name) = name else { return HeaderValue::from_str(kind).ok() };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-()".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let is_kept = |b: u8| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b);
    let encoded: String =
        name.bytes().map(|b| if is_kept(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect();
    HeaderValue::from_str(&format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")).ok()
}

/// One range of bytes (RFC 9110, section 14.1.2) as its first byte and how many; several at once are answered with the whole.
fn asked_range(asked: &HeaderValue, of: u64) -> Result<Option<(u64, u64)>, Problem> {
    let Some(spec) = asked.to_str().ok().and_then(|text| text.strip_prefix("bytes=")) else { return Ok(None) };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else { return Ok(None) };
    let (first, last): (Option<u64>, Option<u64>) = (first.trim().parse().ok(), last.trim().parse().ok());
    let (first, last) = match (first, last) {
        (Some(first), Some(last)) if first <= last => (first, last.min(of.saturating_sub(1))),
        (Some(_), Some(_)) => return Ok(None),
        (Some(first), None) => (first, of.saturating_sub(1)),
        (None, Some(n)) => (of.saturating_sub(n), of.saturating_sub(1)),
        (None, None) => return Ok(None),
    };
    if first >= of {
        let sentence = format!("The file has only {of} bytes.");
        return Err(Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "bad_range", sentence));
    }
    Ok(Some((first, last - first + 1)))
}

fn pieces(open: OpenFile, bytes: u64) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    futures::stream::try_unfold(open.file.take(bytes), |mut left| async move {
        let mut piece = Vec::with_capacity(PIECE_BYTES.min(left.limit() as usize));
        let n = left.read_buf(&mut piece).await?;
        Ok((n > 0).then(|| (Bytes::from(piece), left)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_headers() {
        let check = |is_inline: bool, name: Option<&str>, expected: &str| {
            assert_eq!(disposition(is_inline, name).unwrap(), expected);
        };
        check(true, None, "inline");
        check(true, Some("cat.png"), "inline; filename=\"cat.png\"; filename*=UTF-8''cat.png");
        check(false, Some("猫 1.txt"), "attachment; filename=\"_ 1.txt\"; filename*=UTF-8''%E7%8C%AB%201.txt");
        check(
            false,
            Some("a\"; x=\r\n.txt"),
            "attachment; filename=\"a__ x___.txt\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A.txt",
        );
    }

    #[test]
    fn ranges() {
        let check = |asked: &str, expected: Option<(u64, u64)>| {
            let got = asked_range(&HeaderValue::from_str(asked).unwrap(), 10).unwrap();
            assert_eq!(got, expected, "{asked}");
        };
        check("bytes=0-3", Some((0, 4)));
        check("bytes=8-", Some((8, 2)));
        check("bytes=-3", Some((7, 3)));
        check("bytes=0-99", Some((0, 10)));
        check("bytes=5-2", None);
        check("bytes=0-1,3-4", None);
        check("lines=1-2", None);
        check("bytes=-", None);
        let beyond = asked_range(&HeaderValue::from_static("bytes=10-"), 10).unwrap_err();
        assert_eq!(beyond.status, 416);
    }
}
