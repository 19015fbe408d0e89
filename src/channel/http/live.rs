//! The customer's live socket: a page at once, then a page for every change. Hints only say when to look; the rows are the truth.

use super::Door;
use super::address::Caller;
use super::body::Asking;
use super::hub::Heard;
use super::problem::{Problem, ProblemDetails};
use super::socket::{self, Beat, Gone, Line, Place, goodbye};
use super::visitor::within_range;
use super::wire::{Page, Titles};
use crate::desk::DeskError;
use crate::domain::{Conversation, ConversationId, Seq};
use axum::extract::ws::WebSocket;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(live))
}

/// The subprotocol that we speak.
pub const PROTOCOL: &str = "firstline.v1";
/// A browser can send no header with a socket but this list, and an address would end up in logs.
const TOKEN_PREFIX: &str = "token.";
/// Turns of one frame.
const MAX_FRAME_TURNS: u32 = 100;
/// When the line moves, those who wait in it look again at most this often.
pub const QUEUE_PACE: Duration = Duration::from_secs(1);
/// After the store failed.
const RETRY: Duration = Duration::from_secs(2);
/// Every third ping, so once a minute, everyone looks even without a hint.
const LOOK_EVERY_PINGS: u32 = 3;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Resuming {
    /// Changes up to this number are known.
    after: Option<Seq>,
}

/// A WebSocket of pages: one at once, then one for every change. Offer the subprotocols `firstline.v1` and `token.TOKEN`.
#[utoipa::path(get, path = "/conversations/{id}/live", tag = "customer", params(("id" = String, Path), Resuming,
    ("Sec-WebSocket-Protocol" = String, Header, description = "firstline.v1, token.TOKEN")), responses(
    (status = 101, description = "Text frames, each a Page as `turns` returns it"),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 404, response = ProblemDetails),
    (status = 426, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn live(
    State(door): State<Arc<Door>>,
    caller: Caller,
    Path(id): Path<String>,
    Asking(resuming): Asking<Resuming>,
    headers: HeaderMap,
    upgrade: socket::Upgrade,
) -> Result<Response, Problem> {
    let upgrade = socket::bounded(upgrade)?;
    let token = token(&headers).ok_or_else(Problem::bad_token)?;
    let conversation = door.opened_by(&ConversationId::new(id), token).await?;
    // Browsers let any page open a socket anywhere, and only the origin gives it away.
    door.admit_to(&conversation, &headers)?;
    let place = door.places.take(caller)?;
    let after = within_range(resuming.after);
    Ok(upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| attend(socket, door, conversation, after, place)))
}

/// The token among the offered subprotocols.
fn token(headers: &HeaderMap) -> Option<&str> {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|line| line.to_str().ok());
    let mut names = offered.flat_map(|line| line.split(',')).map(str::trim);
    names.find_map(|name| name.strip_prefix(TOKEN_PREFIX)).filter(|token| !token.is_empty())
}

/// Lives as long as the socket.
async fn attend(socket: WebSocket, door: Arc<Door>, conversation: Conversation, after: Seq, _place: Place) {
    let mut line = Line::new(socket);
    let mut hints = door.hub.listen(&conversation.id, door.desk.bus());
    let mut shown = Shown { through: after, standing: None, is_waiting: false };
    let mut look_at = Some(Instant::now());
    door.presence.is_here(&conversation.id, door.desk.clock().now());
    loop {
        tokio::select! {
            () = door.closing.cancelled() => return line.close(goodbye::AWAY, "the server is going down").await,
            () = due(look_at) => match door.look(&mut line, &conversation, &mut shown).await {
                Ok(()) => look_at = None,
                Err(Failed::Gone) => return,
                Err(Failed::Desk(DeskError::NoSuchConversation)) => {
                    return line.close(goodbye::POLICY, "the conversation is gone").await;
                }
                Err(Failed::Desk(failure)) => {
                    tracing::warn!(conversation = %conversation.id, error = %failure, "a live socket could not be updated");
                    look_at = Some(Instant::now() + RETRY);
                }
            },
            heard = hints.hear() => match heard {
                Heard::Conversation => look_at = Some(Instant::now()),
                Heard::Queue if shown.is_waiting => look_at = look_at.or_else(|| Some(Instant::now() + QUEUE_PACE)),
                Heard::Queue => {}
            },
            beat = line.beat() => match beat {
                Ok(Beat::PingDue) => match line.ping().await {
                    Ok(n) if n % LOOK_EVERY_PINGS == 0 => look_at = Some(Instant::now()),
                    Ok(_) => {}
                    Err(Gone) => return,
                },
                // Pongs too: what was sent to a browser that answers was seen, or could have been.
                Ok(Beat::Spoke) => door.presence.is_here(&conversation.id, door.desk.clock().now()),
                Err(Gone) => return,
            },
        }
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What the other end has been told.
struct Shown {
    through: Seq,
    /// `None` before the first page, which goes out even without turns.
    standing: Option<String>,
    is_waiting: bool,
}

enum Failed {
    /// The other end is gone.
    Gone,
    Desk(DeskError),
}

impl Door {
    /// Reads what changed since `shown` and sends it, page by page.
    async fn look(&self, line: &mut Line, conversation: &Conversation, shown: &mut Shown) -> Result<(), Failed> {
        loop {
            let update =
                self.desk.update(&conversation.id, shown.through, MAX_FRAME_TURNS).await.map_err(Failed::Desk)?;
            let is_whole = update.turns.len() < MAX_FRAME_TURNS as usize;
            let page = Page::of(update, &Titles::for_conversation(&self.desk, conversation));
            if !page.turns.is_empty() || shown.standing.as_ref() != Some(&page.standing) {
                line.send(&page).await.map_err(|Gone| Failed::Gone)?;
            }
            shown.through = page.through.max(shown.through);
            shown.is_waiting = page.queue.is_some();
            shown.standing = Some(page.standing);
            if is_whole {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_one_of_the_subprotocols() {
        let check = |offered: &[&str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for line in offered {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, line.parse().unwrap());
            }
            assert_eq!(token(&headers), expected, "{offered:?}");
        };
        check(&["firstline.v1, token.abc"], Some("abc"));
        check(&["token.abc,firstline.v1"], Some("abc"));
        check(&["firstline.v1", "token.abc"], Some("abc"));
        check(&["firstline.v1"], None);
        check(&["firstline.v1, token."], None);
        check(&[], None);
    }
}
