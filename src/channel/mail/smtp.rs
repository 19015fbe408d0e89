//! One letter, one connection: greeting, encryption, login, letter, goodbye.
//!
//! Tried and left: lettre's ready-made transport. It tells neither at which step a server refused (a wrong password looks like a refused
//! letter) nor whether the letter had left when the connection broke.

use super::letter::Packed;
use super::{MailOptions, Tls};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::timeout;

pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    /// For both ways of encrypting.
    parameters: Option<TlsParameters>,
    login: Option<Credentials>,
    hello: ClientId,
    send_within: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub enum SendError {
    /// Down, busy, or not to be reached. The letter was not taken.
    Away(String),
    /// Something between the server and us that only a person can put right. The letter was not taken.
    Misfit(String),
    /// The server wants this letter never.
    Refused(String),
    /// The letter had left when the connection broke or the server fell silent: it may have been taken.
    Unclear(String),
}

/// For the goodbye, once the letter is taken.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);
/// Characters of a server's answer that are kept.
const MAX_ANSWER_CHARS: usize = 200;

/// How far it went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Meeting,
    Agreeing,
    Handing,
    /// The letter has left.
    Waiting,
}

impl Smtp {
    pub fn new(options: &MailOptions) -> Result<Self, String> {
        let parameters = match options.tls {
            Tls::None => None,
            Tls::Starttls | Tls::FromTheFirstByte => Some(parameters(options)?),
        };
        let login = options.login.clone().map(|login| Credentials::new(login.username, login.password));
        Ok(Self {
            host: options.host.clone(),
            port: options.port,
            tls: options.tls,
            parameters,
            login,
            hello: ClientId::Domain(options.from.domain().to_owned()),
            send_within: options.send_within,
        })
    }

    /// When this returns `Ok` the server has taken the letter.
    pub async fn send(&self, letter: &Packed) -> Result<(), SendError> {
        let step = Mutex::new(Step::Meeting);
        let reached = || *step.lock().expect("nothing panics under this lock");
        let mut connection = None;
        match timeout(self.send_within, self.hand_over(letter, &step, &mut connection)).await {
            Ok(Ok(())) => {
                if let Some(mut connection) = connection {
                    // It is taken, whatever the goodbye comes to.
                    let _ = timeout(GOODBYE_WITHIN, connection.quit()).await;
                }
                Ok(())
            }
            Ok(Err(failed)) => Err(failed),
            Err(_) => {
                let why = format!("the server was silent for {} s", self.send_within.as_secs());
                Err(if reached() == Step::Waiting { SendError::Unclear(why) } else { SendError::Away(why) })
            }
        }
    }

    async fn hand_over(
        &self,
        letter: &Packed,
        step: &Mutex<Step>,
        kept: &mut Option<AsyncSmtpConnection>,
    ) -> Result<(), SendError> {
        let at = |reached: Step| *step.lock().expect("nothing panics under this lock") = reached;
        let from_the_first_byte = self.parameters.clone().filter(|_| self.tls == Tls::FromTheFirstByte);
        let server = (self.host.as_str(), self.port);
        let connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.send_within), &self.hello, from_the_first_byte, None);
        let connection = connection.await.map_err(|error| judged(&error, Step::Meeting))?;
        let connection = kept.insert(connection);
        at(Step::Agreeing);
        let agreeing = |error: lettre::transport::smtp::Error| judged(&error, Step::Agreeing);
        if let (Tls::Starttls, Some(parameters)) = (self.tls, &self.parameters) {
            if !connection.can_starttls() {
                let why = "the server offers no STARTTLS; with tls = \"tls\" or \"none\" it may be the wrong port";
                return Err(SendError::Misfit(why.into()));
            }
            connection.starttls(parameters.clone(), &self.hello).await.map_err(agreeing)?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await.map_err(agreeing)?;
        }
        at(Step::Handing);
        let handing = |error: lettre::transport::smtp::Error| judged(&error, Step::Handing);
        connection.command(Mail::new(letter.envelope.from().cloned(), vec![])).await.map_err(handing)?;
        for to in letter.envelope.to() {
            connection.command(Rcpt::new(to.clone(), vec![])).await.map_err(handing)?;
        }
        connection.command(Data).await.map_err(handing)?;
        at(Step::Waiting);
        connection.message(&letter.bytes).await.map_err(|error| judged(&error, Step::Waiting))?;
        Ok(())
    }
}

fn parameters(options: &MailOptions) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(options.host.clone());
    if let Some(pem) = &options.ca {
        let certificate =
            Certificate::from_pem(pem).map_err(|error| format!("ca_file holds no certificate: {error}"))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| format!("the server's name fits no certificate: {error}"))
}

fn judged(error: &lettre::transport::smtp::Error, step: Step) -> SendError {
    let why = whole(error);
    let has_code = error.status().is_some();
    // rustls speaks so of every certificate that it refuses; its error comes wrapped, and differently for the two ways of encrypting.
    let is_certificate = why.contains("invalid peer certificate");
    match step {
        Step::Meeting | Step::Agreeing if is_certificate || error.is_tls() || error.is_client() => {
            SendError::Misfit(why)
        }
        // A 5xx greeting, or a password that is refused.
        Step::Agreeing if error.is_permanent() => SendError::Misfit(why),
        Step::Meeting | Step::Agreeing => SendError::Away(why),
        Step::Handing | Step::Waiting if error.is_permanent() => SendError::Refused(why),
        Step::Handing => SendError::Away(why),
        Step::Waiting if has_code => SendError::Away(why),
        Step::Waiting => SendError::Unclear(why),
    }
}

/// With what lies below it, for the operator.
fn whole(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        let cause_said = cause.to_string();
        if !said.contains(&cause_said) {
            said += &format!(": {cause_said}");
        }
        below = cause.source();
    }
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_ANSWER_CHARS).collect()
}

#[cfg(feature = "testkit")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::mail::Login;
    use crate::domain::Mailbox;
    use crate::testkit::mail::{Fault, Security, StandIn};
    use lettre::address::Envelope;

    fn letter() -> Packed {
        let address = |text: &str| text.parse().unwrap();
        let envelope = Envelope::new(Some(address("help@shop.example")), vec![address("anna@mail.example")]).unwrap();
        let bytes = b"Message-ID: <1@shop.example>\r\n\r\n.Dots\r\n..\r\nand more\r\n.\r\nend".to_vec();
        Packed { envelope, bytes, message_id: "<1@shop.example>".into() }
    }

    fn options(server: &StandIn, tls: Tls) -> MailOptions {
        MailOptions {
            host: "localhost".into(),
            port: server.port(),
            tls,
            ca: Some(server.certificate().as_bytes().to_vec()),
            login: None,
            from: Mailbox::parse("help@shop.example").unwrap(),
            reply_to: None,
            per_hour: 100,
            send_within: Duration::from_secs(10),
        }
    }

    async fn send(options: &MailOptions) -> Result<(), SendError> {
        Smtp::new(options).unwrap().send(&letter()).await
    }

    #[tokio::test]
    async fn what_each_fault_means() {
        let server = StandIn::start(Security::None).await;
        let check = async |fault: Fault, kind: &str, words: &str, is_taken: bool| {
            let n_before = server.letters().len();
            server.fails_next(fault);
            let mut options = options(&server, Tls::None);
            if fault == Fault::SilentAfterLetter {
                options.send_within = Duration::from_millis(300);
            }
            let failed = send(&options).await.unwrap_err();
            let (found, why) = match &failed {
                SendError::Away(why) => ("away", why),
                SendError::Misfit(why) => ("misfit", why),
                SendError::Refused(why) => ("refused", why),
                SendError::Unclear(why) => ("unclear", why),
            };
            assert_eq!(found, kind, "{fault:?}: {why}");
            assert!(why.contains(words), "{fault:?}: {why}");
            assert_eq!(server.letters().len() - n_before, usize::from(is_taken), "{fault:?}");
        };
        check(Fault::Closing, "away", "421", false).await;
        check(Fault::HangsUp, "away", "", false).await;
        check(Fault::Greylists, "away", "450", false).await;
        check(Fault::CannotTakeLetterNow, "away", "451", false).await;
        check(Fault::RefusesRecipient, "refused", "No such user here", false).await;
        check(Fault::RefusesLetter, "refused", "552", false).await;
        check(Fault::HangsUpInLetter, "unclear", "", false).await;
        check(Fault::HangsUpAfterLetter, "unclear", "", true).await;
        check(Fault::SilentAfterLetter, "unclear", "silent", true).await;
        send(&options(&server, Tls::None)).await.unwrap();
        let raw = server.letters().pop().unwrap().raw;
        let sent = String::from_utf8(letter().bytes).unwrap();
        assert_eq!(raw, format!("{sent}\r\n"), "dots at the beginning of a line and all");
    }

    #[tokio::test]
    async fn encrypted_or_not_at_all() {
        for (security, tls) in [(Security::Starttls, Tls::Starttls), (Security::Tls, Tls::FromTheFirstByte)] {
            let server = StandIn::start(security).await;
            server.wants_login("shop", "correct horse");
            let login = |password: &str| Some(Login { username: "shop".into(), password: password.into() });
            send(&MailOptions { login: login("correct horse"), ..options(&server, tls) }).await.unwrap();
            assert!(server.letters()[0].was_encrypted);

            let misfit = async |options: MailOptions, words: &str| {
                let failed = send(&options).await.unwrap_err();
                assert!(matches!(&failed, SendError::Misfit(why) if why.contains(words)), "{security:?}: {failed:?}");
            };
            misfit(MailOptions { login: login("wrong"), ..options(&server, tls) }, "535").await;
            misfit(MailOptions { ca: None, login: login("correct horse"), ..options(&server, tls) }, "UnknownIssuer")
                .await;
            assert_eq!(server.letters().len(), 1);
        }
        let in_clear = StandIn::start(Security::None).await;
        let failed = send(&options(&in_clear, Tls::Starttls)).await.unwrap_err();
        assert!(matches!(&failed, SendError::Misfit(why) if why.contains("STARTTLS")), "{failed:?}");
        let nobody = MailOptions { port: 1, ..options(&in_clear, Tls::None) };
        assert!(matches!(send(&nobody).await, Err(SendError::Away(_))));
    }
}
