//! The console's live socket: hints about what to read again. It carries no content, so missing one costs only time.

use super::super::Door;
use super::super::address::Caller;
use super::super::origin;
use super::super::problem::{Problem, ProblemDetails};
use super::super::socket::{self, Beat, Gone, Line, Place, goodbye};
use super::sign_in::SignedIn;
use crate::bus::{Hint, Typist};
use crate::domain::{AgentId, ConversationId};
use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub fn routes() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::new().routes(routes!(live))
}

/// Once a minute the sign-in is checked again: whoever was disabled hears nothing more.
const CHECK_EVERY_PINGS: u32 = 3;
/// Hints that wait together go out without repeats, this many at most at a time.
const MAX_GATHERED: usize = 200;

/// What to read again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum HintFrame {
    Conversation {
        #[schema(value_type = String)]
        id: ConversationId,
    },
    /// The customer began or ceased to type.
    Typing {
        #[schema(value_type = String)]
        id: ConversationId,
        customer: bool,
    },
    /// Other agents look at the conversation, or write there, than before.
    Lookers {
        #[schema(value_type = String)]
        id: ConversationId,
    },
    Queue,
    Knowledge,
}

/// A WebSocket of hints: what to read again.
#[utoipa::path(get, path = "/live", tag = "console", security(("agent_cookie" = [])), responses(
    (status = 101, description = "Text frames, each a HintFrame", body = HintFrame),
    (status = 401, response = ProblemDetails),
    (status = 403, response = ProblemDetails),
    (status = 426, response = ProblemDetails),
    (status = 503, response = ProblemDetails),
))]
async fn live(
    State(door): State<Arc<Door>>,
    caller: Caller,
    headers: HeaderMap,
    SignedIn { agent, secret }: SignedIn,
    upgrade: socket::Upgrade,
) -> Result<Response, Problem> {
    // Browsers let any page open a socket with our cookie, and only the origin gives it away.
    origin::check(&headers, door.public_url.as_ref())?;
    let upgrade = socket::bounded(upgrade)?;
    let place = door.places.take(caller)?;
    let hints = door.desk.bus().listen();
    Ok(upgrade.on_upgrade(move |socket| attend(socket, door, hints, secret, agent.id, place)))
}

async fn attend(
    socket: WebSocket,
    door: Arc<Door>,
    mut hints: Receiver<Hint>,
    secret: String,
    agent: AgentId,
    _place: Place,
) {
    let mut line = Line::new(socket);
    door.is_there(&agent).await;
    loop {
        tokio::select! {
            () = door.closing.cancelled() => return line.close(goodbye::AWAY, "the server is going down").await,
            hint = hints.recv() => {
                let gathered = match hint {
                    Ok(hint) => gather(hint, &mut hints),
                    Err(RecvError::Lagged(_)) => Err(Behind),
                    Err(RecvError::Closed) => return line.close(goodbye::AWAY, "the server is going down").await,
                };
                let Ok(frames) = gathered else {
                    return line.close(goodbye::TRY_AGAIN, "hints were missed; read everything again").await;
                };
                for frame in frames {
                    if let Err(Gone) = line.send(&frame).await {
                        return;
                    }
                }
            },
            beat = line.beat() => match beat {
                Ok(Beat::PingDue) => match line.ping().await {
                    // A store that cannot be read right now signs nobody out.
                    Ok(n) if n % CHECK_EVERY_PINGS == 0 => if let Ok(None) = door.desk.signed_in(&secret).await {
                        return line.close(goodbye::POLICY, "signed out").await;
                    } else {
                        door.is_there(&agent).await;
                    },
                    Ok(_) => door.is_there(&agent).await,
                    Err(Gone) => return,
                },
                Ok(Beat::Spoke) => {}
                Err(Gone) => return,
            },
        }
    }
}

impl Door {
    /// An open console is an agent at work. What cannot be noted now is noted with the next ping.
    async fn is_there(&self, agent: &AgentId) {
        if let Err(error) = self.desk.seen(agent).await {
            tracing::warn!(agent = %agent, %error, "it could not be noted that an agent is there");
        }
    }
}

/// So many hints came that some are lost.
#[derive(Debug, PartialEq)]
struct Behind;

/// `first` and whatever waits behind it, each once, in the order of their first coming.
fn gather(first: Hint, hints: &mut Receiver<Hint>) -> Result<Vec<HintFrame>, Behind> {
    let mut frames: Vec<HintFrame> = vec![];
    let mut next = Some(first);
    while let Some(hint) = next {
        if let Some(frame) = frame_of(hint).filter(|frame| !frames.contains(frame)) {
            frames.push(frame);
        }
        if frames.len() >= MAX_GATHERED {
            break;
        }
        next = match hints.try_recv() {
            Ok(hint) => Some(hint),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
            Err(TryRecvError::Lagged(_)) => return Err(Behind),
        };
    }
    Ok(frames)
}

fn frame_of(hint: Hint) -> Option<HintFrame> {
    match hint {
        Hint::Conversation(id) => Some(HintFrame::Conversation { id }),
        Hint::Lookers(id) => Some(HintFrame::Lookers { id }),
        Hint::Queue => Some(HintFrame::Queue),
        Hint::Knowledge => Some(HintFrame::Knowledge),
        Hint::Typing { conversation, by: Typist::Customer, is_typing } => {
            Some(HintFrame::Typing { id: conversation, customer: is_typing })
        }
        Hint::Typing { by: Typist::Agent(_), .. } | Hint::Outbox | Hint::Judged => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Bus;

    #[test]
    fn hints_that_wait_go_out_once() {
        let bus = Bus::in_process();
        let mut hints = bus.listen();
        let (a, b) = (ConversationId::new("a"), ConversationId::new("b"));
        for hint in
            [Hint::Queue, Hint::Conversation(b.clone()), Hint::Outbox, Hint::Conversation(a.clone()), Hint::Knowledge]
        {
            bus.hint(hint);
        }
        let frames = gather(Hint::Conversation(a.clone()), &mut hints).unwrap();
        let json = serde_json::to_value(&frames).unwrap();
        let expected = serde_json::json!([{"hint": "conversation", "id": "a"}, {"hint": "queue"},
            {"hint": "conversation", "id": "b"}, {"hint": "knowledge"}]);
        assert_eq!(json, expected);
    }

    #[test]
    fn falling_behind_is_noticed() {
        let bus = Bus::in_process();
        let mut hints = bus.listen();
        for _ in 0..10_000 {
            bus.hint(Hint::Queue);
        }
        assert_eq!(gather(Hint::Queue, &mut hints), Err(Behind));
    }
}
