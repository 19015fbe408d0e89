//! Mail: letters out of the outbox, to a server of the operator's.
//!
//! May: speak SMTP and call the desk. The only place that names lettre.
//! May not: touch the store, or decide who gets a letter.
//!
//! A letter is handed to the server at least once. Where it is unknown whether the server took it, it goes again, the same to the
//! last byte and under the same Message-ID, by which whoever has it already knows it.

mod carry;
mod health;
mod letter;
mod smtp;

pub use health::MailHealth;

use crate::desk::{Desk, Lookout};
use crate::domain::Mailbox;
use smtp::Smtp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug)]
pub struct MailOptions {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub ca: Option<Vec<u8>>,
    pub login: Option<Login>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    /// Letters of any hour; the others wait.
    pub per_hour: u32,
    /// One letter, from the first byte to the last; `SEND_WITHIN` but for tests.
    pub send_within: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Asked for, and insisted on, before anything else is said.
    Starttls,
    FromTheFirstByte,
    None,
}

#[derive(Clone)]
pub struct Login {
    pub username: String,
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({:?}, …)", self.username)
    }
}

/// RFC 5321, 4.5.3.2, allows ten minutes for the end of the data alone; servers that take letters from programs answer in seconds.
pub const SEND_WITHIN: Duration = Duration::from_secs(60);

struct Carrier {
    desk: Desk,
    lookout: Arc<dyn Lookout>,
    options: MailOptions,
    smtp: Smtp,
    health: Arc<MailHealth>,
}

/// Runs until `shutdown`; then the letter that is being sent is sent and settled. Trouble with the server is told in `health` and never
/// ends it; only a `ca` that holds no certificate does, and is told there too.
pub async fn run(
    desk: Desk,
    options: MailOptions,
    lookout: Arc<dyn Lookout>,
    health: Arc<MailHealth>,
    shutdown: CancellationToken,
) {
    let smtp = match Smtp::new(&options) {
        Ok(smtp) => smtp,
        Err(why) => return health.is_misconfigured(format!("Mail: {why}"), desk.clock().now()),
    };
    let carrier = Carrier { desk, lookout, options, smtp, health };
    tracing::info!(server = %carrier.options.host, from = carrier.options.from.address(), "letters are sent");
    carry::run(&carrier, &shutdown).await;
}
