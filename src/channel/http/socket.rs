//! What all live sockets share: how many there may be, staying alive, sending to slow readers, saying goodbye.

use super::address::Caller;
use super::limits::Limits;
use super::problem::Problem;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use dashmap::DashMap;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

const PING_EVERY: Duration = Duration::from_secs(20);
/// With this many pings unanswered the other end is taken for dead: 60 seconds.
const MAX_SILENT_PINGS: u32 = 3;
/// A reader that lets a frame wait longer than this is cut off; it comes back and resumes where it was.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// Clients have nothing to say here but pongs.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
/// The library's 128 KiB for each socket would be more than a gigabyte for ten thousand.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Close codes (RFC 6455, section 7.4, and its registry).
pub mod goodbye {
    /// The server is going down.
    pub const AWAY: u16 = 1001;
    /// The token, the sign-in or the conversation is gone.
    pub const POLICY: u16 = 1008;
    /// Too much was missed; come back and read everything again.
    pub const TRY_AGAIN: u16 = 1013;
}

/// Places for live sockets: so many in all, so many for one address.
pub struct Places {
    all: Arc<Semaphore>,
    by_address: DashMap<IpAddr, usize>,
    per_address: usize,
}

/// Held for as long as a socket lives.
pub struct Place {
    places: Arc<Places>,
    bucket: Option<IpAddr>,
    _one_of_all: OwnedSemaphorePermit,
}

impl Places {
    pub fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.sockets.min(Semaphore::MAX_PERMITS))),
            by_address: DashMap::new(),
            per_address: limits.sockets_per_address,
        }
    }

    /// Callers on this machine share only the places of all.
    pub fn take(self: &Arc<Self>, caller: Caller) -> Result<Place, Problem> {
        let full = || {
            Problem::unavailable("Too many live connections. Ask for changes with GET turns?after instead.")
                .retry_after(5)
        };
        let one_of_all = self.all.clone().try_acquire_owned().map_err(|_| full())?;
        let bucket = (!caller.is_local).then(|| caller.bucket());
        if let Some(bucket) = bucket {
            let mut n_here = self.by_address.entry(bucket).or_insert(0);
            if *n_here >= self.per_address {
                return Err(full());
            }
            *n_here += 1;
        }
        metrics::gauge!("firstline_http_sockets").increment(1.0);
        Ok(Place { places: self.clone(), bucket, _one_of_all: one_of_all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(bucket) = self.bucket {
            self.places.by_address.entry(bucket).and_modify(|n_here| *n_here -= 1);
            self.places.by_address.remove_if(&bucket, |_, n_here| *n_here == 0);
        }
        metrics::gauge!("firstline_http_sockets").decrement(1.0);
    }
}

pub type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// The upgrade with our bounds, or why this request is none.
pub fn bounded(upgrade: Upgrade) -> Result<WebSocketUpgrade, Problem> {
    let upgrade = upgrade.map_err(|rejection| {
        let sentence = format!("This address is a WebSocket: {}.", rejection.body_text());
        Problem::new(StatusCode::UPGRADE_REQUIRED, "not_a_websocket", sentence)
    })?;
    Ok(upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER_BYTES))
}

/// The other end is gone or does not keep up. Nothing is left to do but to leave.
#[derive(Debug)]
pub struct Gone;

/// A socket with its heartbeat.
pub struct Line {
    socket: WebSocket,
    pings: Interval,
    n_silent_pings: u32,
    n_pings: u32,
}

/// What happened on the line.
#[derive(Debug, PartialEq, Eq)]
pub enum Beat {
    /// Call `ping`.
    PingDue,
    /// The other end spoke; it has nothing to say that counts.
    Spoke,
}

impl Line {
    pub fn new(socket: WebSocket) -> Self {
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { socket, pings, n_silent_pings: 0, n_pings: 0 }
    }

    /// Waits for the next sign of life or the next duty. Giving up on it loses nothing.
    pub async fn beat(&mut self) -> Result<Beat, Gone> {
        tokio::select! {
            _ = self.pings.tick() => Ok(Beat::PingDue),
            message = self.socket.recv() => match message {
                Some(Ok(_)) => {
                    self.n_silent_pings = 0;
                    Ok(Beat::Spoke)
                }
                Some(Err(_)) | None => Err(Gone),
            }
        }
    }

    /// Returns how many pings went out so far.
    pub async fn ping(&mut self) -> Result<u32, Gone> {
        if self.n_silent_pings >= MAX_SILENT_PINGS {
            return Err(Gone);
        }
        self.n_silent_pings += 1;
        self.n_pings = self.n_pings.wrapping_add(1);
        self.push(Message::Ping(Default::default())).await?;
        Ok(self.n_pings)
    }

    pub async fn send(&mut self, frame: &impl Serialize) -> Result<(), Gone> {
        let text = serde_json::to_string(frame).map_err(|error| {
            tracing::error!(%error, "a frame could not be written as JSON");
            Gone
        })?;
        self.push(Message::text(text)).await
    }

    async fn push(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    pub async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code, reason: reason.into() };
        let _ = timeout(GOODBYE_TIMEOUT, self.socket.send(Message::Close(Some(frame)))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str, is_local: bool) -> Caller {
        Caller { address: address.parse().unwrap(), is_local }
    }

    #[test]
    fn places_are_bounded_and_come_back() {
        let limits = Limits { sockets: 3, sockets_per_address: 1, ..Limits::default() };
        let places = Arc::new(Places::new(&limits));
        let (a, b, local) = (caller("203.0.113.1", false), caller("203.0.113.2", false), caller("127.0.0.1", true));
        let first = places.take(a).ok().unwrap();
        assert_eq!(places.take(a).err().map(|p| p.status.as_u16()), Some(503));
        let _second = places.take(b).ok().unwrap();
        let _third = places.take(local).ok().unwrap();
        assert!(places.take(local).is_err(), "all three are taken");
        drop(first);
        assert!(places.take(a).is_ok());
        assert_eq!(places.by_address.len(), 1);
    }
}
