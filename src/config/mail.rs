//! The key `[mail]`: through which server letters go, and in whose name.

use super::{ConfigError, Secret, bad};
use crate::domain::Mailbox;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct MailConfig {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// Certificates (PEM) that are trusted beside the public ones.
    pub ca: Option<Vec<u8>>,
    pub from: Mailbox,
    pub reply_to: Option<Mailbox>,
    pub login: Option<(String, Secret)>,
    /// Letters of any hour, 1 to 10,000; the others wait.
    pub per_hour: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// In clear at first, encrypted before anything that matters; a server that cannot is not spoken to (RFC 3207).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
    None,
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailFile {
    host: String,
    #[serde(default = "submission")]
    port: u16,
    #[serde(default)]
    tls: MailTls,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    from: String,
    #[serde(default)]
    reply_to: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password_env: Option<String>,
    #[serde(default)]
    password_file: Option<PathBuf>,
    #[serde(default = "usual_per_hour")]
    per_hour: u32,
}

/// RFC 6409: where programs hand letters in.
fn submission() -> u16 {
    587
}

fn usual_per_hour() -> u32 {
    100
}

impl MailFile {
    /// `secret` looks the password up, as for every other secret.
    pub(super) fn check(
        self,
        secret: impl Fn(&str, Option<String>, Option<PathBuf>) -> Result<Option<Secret>, ConfigError>,
    ) -> Result<MailConfig, ConfigError> {
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if self.host.is_empty() || !self.host.chars().all(is_host) {
            return Err(bad("mail.host", format!("{:?} is no name or address of a mail server", self.host)));
        }
        if self.port == 0 {
            return Err(bad("mail.port", "0 is no port; the usual ones are 587 (starttls), 465 (tls) and 25 (none)"));
        }
        if !(1..=10_000).contains(&self.per_hour) {
            return Err(bad("mail.per_hour", format!("{} is not between 1 and 10000", self.per_hour)));
        }
        let password = secret("mail password", self.password_env, self.password_file)?;
        let login = match (self.username, password) {
            (None, None) => None,
            (Some(username), Some(password)) => Some((username, password)),
            (Some(_), None) => {
                return Err(bad("mail.username", "needs password_env (a variable's name) or password_file"));
            }
            (None, Some(_)) => {
                return Err(bad("mail.password", "needs username; leave both out where none is asked for"));
            }
        };
        if self.tls == MailTls::None && login.is_some() && !is_this_machine(&self.host) {
            return Err(bad("mail.tls", "\"none\" would send the password in clear; use \"starttls\" or \"tls\""));
        }
        let ca = self.ca_file.map(certificates).transpose()?;
        Ok(MailConfig {
            host: self.host,
            port: self.port,
            tls: self.tls,
            ca,
            from: mailbox("mail.from", &self.from)?,
            reply_to: self.reply_to.map(|text| mailbox("mail.reply_to", &text)).transpose()?,
            login,
            per_hour: self.per_hour,
        })
    }
}

/// Read now, so that a mistake stops the start. What is in them is judged when the server is spoken to.
fn certificates(file: PathBuf) -> Result<Vec<u8>, ConfigError> {
    const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";
    let pem = std::fs::read(&file).map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
    match pem.windows(MARK.len()).any(|window| window == MARK) {
        true => Ok(pem),
        false => Err(bad("mail.ca_file", format!("{} holds no certificate in PEM", file.display()))),
    }
}

fn mailbox(what: &str, text: &str) -> Result<Mailbox, ConfigError> {
    Mailbox::parse(text).ok_or_else(|| bad(what, format!("{text:?} is not like \"Shop <help@shop.example>\"")))
}

pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;

    fn load(mail: &str, without_secrets: bool) -> Result<Option<MailConfig>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firstline.toml");
        std::fs::write(&path, format!("[mail]\n{mail}")).unwrap();
        let flags = Flags { config: Some(path), without_secrets, ..Flags::default() };
        let env = |name: &str| (name == "MAIL_PASSWORD").then(|| "hunter2".to_owned());
        Config::load(&flags, env).map(|config| config.mail).map_err(|error| error.to_string())
    }

    const SHOP: &str = "host = \"mail.shop.example\"\nfrom = \"Shop <help@shop.example>\"\n";

    #[test]
    fn the_usual_values() {
        let mail = load(SHOP, false).unwrap().unwrap();
        assert_eq!((mail.port, mail.tls, mail.per_hour, mail.login), (587, MailTls::Starttls, 100, None));
        assert_eq!((mail.from.name(), mail.from.address()), (Some("Shop"), "help@shop.example"));
        let with_login =
            format!("{SHOP}username = \"shop\"\npassword_env = \"MAIL_PASSWORD\"\nport = 465\ntls = \"tls\"\n");
        let mail = load(&with_login, false).unwrap().unwrap();
        assert_eq!(
            mail.login.as_ref().map(|(name, secret)| (name.as_str(), secret.reveal())),
            Some(("shop", "hunter2"))
        );
        assert!(!format!("{mail:?}").contains("hunter2"));
    }

    #[test]
    fn every_mistake_names_its_key() {
        let check = |mail: &str, words: &[&str]| {
            let error = load(mail, false).expect_err(mail);
            for word in words {
                assert!(error.contains(word), "{mail:?} gave {error:?} without {word:?}");
            }
        };
        check("host = \"a\"\n", &["from"]);
        check("from = \"a@b.example\"\n", &["host"]);
        check("host = \"a b\"\nfrom = \"a@b.example\"\n", &["mail.host", "a b"]);
        check("host = \"a\"\nfrom = \"nobody\"\n", &["mail.from", "Shop <help@shop.example>"]);
        check("host = \"a\"\nfrom = \"A\\r\\nBcc: x <a@b.example>\"\n", &["mail.from"]);
        check(&format!("{SHOP}reply_to = \"us\"\n"), &["mail.reply_to"]);
        check(&format!("{SHOP}port = 0\n"), &["mail.port", "587"]);
        check(&format!("{SHOP}port = 70000\n"), &["port"]);
        check(&format!("{SHOP}per_hour = 0\n"), &["mail.per_hour", "10000"]);
        check(&format!("{SHOP}tls = \"ssl\"\n"), &["tls", "starttls"]);
        check(&format!("{SHOP}username = \"u\"\n"), &["mail.username", "password_env"]);
        check(&format!("{SHOP}password_env = \"MAIL_PASSWORD\"\n"), &["mail.password", "username"]);
        check(&format!("{SHOP}username = \"u\"\npassword_env = \"NOPE\"\n"), &["NOPE", "not set"]);
        check(&format!("{SHOP}password = \"p\"\n"), &["password"]);
        check(&format!("{SHOP}ca_file = \"/nonexistent/ca.pem\"\n"), &["/nonexistent/ca.pem"]);
        check(&format!("{SHOP}ca_file = \"Cargo.toml\"\n"), &["mail.ca_file", "Cargo.toml", "PEM"]);
        let in_clear = "tls = \"none\"\nusername = \"u\"\npassword_env = \"MAIL_PASSWORD\"\n";
        check(&format!("{SHOP}{in_clear}"), &["mail.tls", "in clear"]);
        assert!(load(&format!("host = \"localhost\"\nfrom = \"a@b.example\"\n{in_clear}"), false).is_ok());
    }

    #[test]
    fn a_command_that_speaks_to_no_one_sends_no_letters() {
        let with_login = format!("{SHOP}username = \"shop\"\npassword_env = \"NOPE\"\n");
        assert!(load(&with_login, true).unwrap().is_none());
    }
}
