//! A stand-in for a mail server: SMTP over TCP on a port of this machine, in clear or encrypted, with faults on demand.
//!
//! It speaks as RFC 5321 asks (the order of the commands, the answers' codes) and refuses what is out of order, with TLS as in RFC 3207
//! and 8314 and the login of RFC 4954. What a fault has it do stands at the fault.
//!
//! ```no_run
//! # use firstline::testkit::mail::{Fault, Security, StandIn};
//! # async fn story() {
//! let server = StandIn::start(Security::None).await;
//! server.fails_next(Fault::SilentAfterLetter);
//! let letter = server.gets(1).await;
//! assert_eq!(letter.to, "anna@mail.example");
//! # }
//! ```

mod letter;

pub use letter::Letter;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a test waits for something that should happen, before it fails with what did happen.
pub const WAIT_AT_MOST: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    None,
    Starttls,
    /// From the first byte.
    Tls,
}

/// What goes wrong with one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 421 instead of a greeting.
    Closing,
    /// Hangs up without a word.
    HangsUp,
    /// 450 to the recipient.
    Greylists,
    /// 550 to the recipient.
    RefusesRecipient,
    /// 552 to the letter itself, once it has all of it; it is not taken.
    RefusesLetter,
    /// 451 to the letter itself; it is not taken.
    CannotTakeLetterNow,
    /// Takes the letter and never answers.
    SilentAfterLetter,
    /// Takes the letter and hangs up before it answers.
    HangsUpAfterLetter,
    /// Hangs up in the middle of the letter, which is not taken.
    HangsUpInLetter,
}

/// Ends when it is dropped.
pub struct StandIn {
    shared: Arc<Shared>,
    port: u16,
    certificate: String,
    _stop: DropGuard,
}

struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<()>,
    security: Security,
    tls: TlsAcceptor,
}

#[derive(Default)]
struct State {
    faults: VecDeque<Fault>,
    letters: Vec<Letter>,
    n_connections: usize,
    login: Option<(String, String)>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, how: impl FnOnce(&mut State)) {
        how(&mut self.state());
        self.changed.send_replace(());
    }
}

impl StandIn {
    pub async fn start(security: Security) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a free port");
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("these names are names");
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the usual versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .expect("the key is the certificate's");
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: watch::channel(()).0,
            security,
            tls: TlsAcceptor::from(Arc::new(config)),
        });
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(listen(listener, shared.clone(), stop.clone())));
        Self { shared, port, certificate: cert.pem(), _stop: stop.drop_guard() }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Of nobody's authority but its own, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// From now on nobody sends without it.
    pub fn wants_login(&self, username: &str, password: &str) {
        self.shared.change(|state| state.login = Some((username.into(), password.into())));
    }

    /// The next connection that has no fault yet gets this one.
    pub fn fails_next(&self, fault: Fault) {
        self.shared.change(|state| state.faults.push_back(fault));
    }

    /// All that were taken, in order, with those that were taken without an answer.
    pub fn letters(&self) -> Vec<Letter> {
        self.shared.state().letters.clone()
    }

    /// Waits until so many were taken in all, and returns the last of them.
    pub async fn gets(&self, n: usize) -> Letter {
        self.until(&format!("{n} letters"), |state| state.letters.get(n - 1).cloned()).await
    }

    /// Waits until so many connections were made in all.
    pub async fn is_called(&self, n: usize) {
        self.until(&format!("{n} connections"), |state| (state.n_connections >= n).then_some(())).await;
    }

    pub fn n_connections(&self) -> usize {
        self.shared.state().n_connections
    }

    async fn until<T>(&self, what: &str, found: impl Fn(&State) -> Option<T>) -> T {
        let mut changed = self.shared.changed.subscribe();
        let looking = async {
            loop {
                changed.mark_unchanged();
                if let Some(found) = found(&self.shared.state()) {
                    return found;
                }
                changed.changed().await.expect("the sender lives in `self`");
            }
        };
        let result = tokio::time::timeout(WAIT_AT_MOST, looking).await;
        result.unwrap_or_else(|_| {
            let state = self.shared.state();
            panic!("{what} never came; {} letters, {} connections", state.letters.len(), state.n_connections)
        })
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    while let Ok((stream, _)) = listener.accept().await {
        let mut fault = None;
        shared.change(|state| {
            state.n_connections += 1;
            fault = state.faults.pop_front();
        });
        let shared = shared.clone();
        // Whatever a client does wrong ends its connection and nothing else.
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            let _ = meet(stream, shared, fault).await;
        }));
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}
type Line = BufReader<Box<dyn Wire>>;

async fn meet(stream: TcpStream, shared: Arc<Shared>, fault: Option<Fault>) -> std::io::Result<()> {
    if fault == Some(Fault::HangsUp) {
        return Ok(());
    }
    let wire: Box<dyn Wire> = match shared.security {
        Security::Tls => Box::new(shared.tls.accept(stream).await?),
        Security::None | Security::Starttls => Box::new(stream),
    };
    let mut line = BufReader::new(wire);
    if fault == Some(Fault::Closing) {
        return say(&mut line, "421 mail.example Service not available, closing transmission channel").await;
    }
    say(&mut line, "220 mail.example ESMTP").await?;
    converse(line, &shared, fault).await
}

/// Where a connection stands.
#[derive(Default)]
struct Talk {
    is_greeted: bool,
    is_encrypted: bool,
    is_logged_in: bool,
    from: Option<String>,
    to: Option<String>,
}

async fn converse(mut line: Line, shared: &Shared, fault: Option<Fault>) -> std::io::Result<()> {
    let mut talk = Talk { is_encrypted: shared.security == Security::Tls, ..Talk::default() };
    loop {
        let Some(command) = hear(&mut line).await? else { return Ok(()) };
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let login = shared.state().login.clone();
        match verb.as_str() {
            "EHLO" => {
                talk.is_greeted = true;
                let mut offers = vec!["250-mail.example"];
                if shared.security == Security::Starttls && !talk.is_encrypted {
                    offers.push("250-STARTTLS");
                } else if login.is_some() {
                    offers.push("250-AUTH PLAIN LOGIN");
                }
                offers.push("250 SIZE 10000000");
                say(&mut line, &offers.join("\r\n")).await?;
            }
            "STARTTLS" if shared.security == Security::Starttls && !talk.is_encrypted => {
                say(&mut line, "220 Ready to start TLS").await?;
                line = BufReader::new(Box::new(shared.tls.accept(line.into_inner()).await?));
                talk = Talk { is_encrypted: true, ..Talk::default() };
            }
            "AUTH" => {
                let given = command.split(' ').nth(2).map(letter::from_base64).unwrap_or_default();
                let wanted = login.map(|(name, password)| format!("\0{name}\0{password}").into_bytes());
                talk.is_logged_in = Some(given) == wanted;
                let answer =
                    if talk.is_logged_in { "235 Welcome" } else { "535 5.7.8 Authentication credentials invalid" };
                say(&mut line, answer).await?;
            }
            "MAIL" if !talk.is_greeted => say(&mut line, "503 Say EHLO first").await?,
            "MAIL" if shared.security == Security::Starttls && !talk.is_encrypted => {
                say(&mut line, "530 Must issue a STARTTLS command first").await?;
            }
            "MAIL" if login.is_some() && !talk.is_logged_in => {
                say(&mut line, "530 5.7.0 Authentication required").await?
            }
            "MAIL" => {
                talk.from = address(&command);
                say(&mut line, "250 OK").await?;
            }
            "RCPT" if talk.from.is_none() => say(&mut line, "503 MAIL first").await?,
            "RCPT" => match fault {
                Some(Fault::Greylists) => say(&mut line, "450 4.2.1 Try again later").await?,
                Some(Fault::RefusesRecipient) => say(&mut line, "550 5.1.1 No such user here").await?,
                _ => {
                    talk.to = address(&command);
                    say(&mut line, "250 OK").await?;
                }
            },
            "DATA" if talk.to.is_none() => say(&mut line, "503 RCPT first").await?,
            "DATA" => {
                say(&mut line, "354 End data with <CR><LF>.<CR><LF>").await?;
                if fault == Some(Fault::HangsUpInLetter) {
                    hear(&mut line).await?;
                    return Ok(());
                }
                let Some(raw) = hear_letter(&mut line).await? else { return Ok(()) };
                match fault {
                    Some(Fault::RefusesLetter) => {
                        say(&mut line, "552 5.3.4 Message too big for system").await?;
                        continue;
                    }
                    Some(Fault::CannotTakeLetterNow) => {
                        say(&mut line, "451 4.3.0 Requested action aborted").await?;
                        continue;
                    }
                    _ => {}
                }
                let (from, to) = (talk.from.take().unwrap_or_default(), talk.to.take().unwrap_or_default());
                let letter = Letter { from, to, raw, was_encrypted: talk.is_encrypted };
                shared.change(|state| state.letters.push(letter));
                match fault {
                    Some(Fault::HangsUpAfterLetter) => return Ok(()),
                    Some(Fault::SilentAfterLetter) => while hear(&mut line).await?.is_some() {},
                    _ => say(&mut line, "250 2.0.0 OK: queued").await?,
                }
            }
            "QUIT" => return say(&mut line, "221 Bye").await,
            "RSET" | "NOOP" => say(&mut line, "250 OK").await?,
            _ => say(&mut line, "500 Command not recognised").await?,
        }
    }
}

/// `MAIL FROM:<a@b.example> …`
fn address(command: &str) -> Option<String> {
    let (_, rest) = command.split_once('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}

async fn say(line: &mut Line, words: &str) -> std::io::Result<()> {
    line.get_mut().write_all(format!("{words}\r\n").as_bytes()).await?;
    line.get_mut().flush().await
}

/// `None`: the other end has left.
async fn hear(line: &mut Line) -> std::io::Result<Option<String>> {
    let mut heard = String::new();
    let n = line.read_line(&mut heard).await?;
    Ok((n > 0).then(|| heard.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Without the dots that were put before dots.
async fn hear_letter(line: &mut Line) -> std::io::Result<Option<String>> {
    let mut raw = String::new();
    loop {
        let Some(heard) = hear(line).await? else { return Ok(None) };
        if heard == "." {
            return Ok(Some(raw));
        }
        raw += heard.strip_prefix('.').unwrap_or(&heard);
        raw += "\r\n";
    }
}
