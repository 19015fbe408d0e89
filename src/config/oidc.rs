//! The key `[oidc]`: where agents may sign in beside e-mail and password.

use super::{ConfigError, Secret, bad};
use serde::Deserialize;
use std::path::PathBuf;
use url::Url;

#[derive(Clone, Debug)]
pub struct OidcConfig {
    pub issuer: Url,
    pub client_id: String,
    pub client_secret: Secret,
    /// What the button says.
    pub name: String,
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OidcFile {
    issuer: String,
    client_id: String,
    #[serde(default)]
    client_secret_env: Option<String>,
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    #[serde(default = "usual_name")]
    name: String,
}

fn usual_name() -> String {
    "single sign-on".into()
}

const MAX_NAME_CHARS: usize = 40;

impl OidcFile {
    /// `secret` looks the client's secret up, as for every other secret.
    pub(super) fn check(
        self,
        public_url: Option<&str>,
        secret: impl Fn(&str, Option<String>, Option<PathBuf>) -> Result<Option<Secret>, ConfigError>,
    ) -> Result<OidcConfig, ConfigError> {
        if public_url.is_none() {
            return Err(bad("oidc", "needs public_url, below which the provider sends browsers back"));
        }
        let no_issuer =
            || bad("oidc.issuer", format!("{:?} is no address such as https://id.example.com", self.issuer));
        let issuer = Url::parse(&self.issuer).map_err(|_| no_issuer())?;
        let is_here = issuer.host_str().is_some_and(super::mail::is_this_machine);
        match issuer.scheme() {
            "https" => {}
            "http" if is_here => {}
            "http" => return Err(bad("oidc.issuer", "http is for this machine only; use https")),
            _ => return Err(no_issuer()),
        }
        if issuer.query().is_some() || issuer.fragment().is_some() {
            return Err(no_issuer());
        }
        if self.client_id.trim().is_empty() {
            return Err(bad("oidc.client_id", "must not be empty; the provider gives it out"));
        }
        if !(1..=MAX_NAME_CHARS).contains(&self.name.trim().chars().count()) {
            return Err(bad("oidc.name", format!("must have 1 to {MAX_NAME_CHARS} characters")));
        }
        let client_secret = secret("oidc client_secret", self.client_secret_env, self.client_secret_file)?;
        let missing = || bad("oidc", "needs client_secret_env (a variable's name) or client_secret_file");
        Ok(OidcConfig {
            issuer,
            client_id: self.client_id,
            client_secret: client_secret.ok_or_else(missing)?,
            name: self.name.trim().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError, Flags};

    fn load(file: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("firstline.toml");
        std::fs::write(&config, file).unwrap();
        let env = |name: &str| (name == "OIDC_SECRET").then(|| "hush".to_owned());
        Config::load(&Flags { config: Some(config), ..Flags::default() }, env)
    }

    #[test]
    fn a_provider_is_described_whole() {
        const HERE: &str = "public_url = \"https://help.example\"\n";
        const ID: &str = "[oidc]\nissuer = \"https://id.example\"\nclient_id = \"desk\"\n";
        let whole = load(&format!("{HERE}{ID}client_secret_env = \"OIDC_SECRET\"\nname = \"Acme\"\n")).unwrap().oidc;
        let whole = whole.unwrap();
        assert_eq!((whole.client_secret.reveal(), whole.name.as_str()), ("hush", "Acme"));
        assert!(load(HERE).unwrap().oidc.is_none());

        let check = |file: String, words: &[&str]| {
            let error = load(&file).err().unwrap().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        };
        let secret = "client_secret_env = \"OIDC_SECRET\"\n";
        check(format!("{ID}{secret}"), &["oidc", "public_url"]);
        check(format!("{HERE}{ID}"), &["oidc", "client_secret_env"]);
        check(format!("{HERE}{ID}client_secret_env = \"NOPE\"\n"), &["NOPE", "not set"]);
        check(
            format!("{HERE}[oidc]\nissuer = \"http://id.example\"\nclient_id = \"x\"\n{secret}"),
            &["oidc.issuer", "https"],
        );
        check(format!("{HERE}[oidc]\nissuer = \"id.example\"\nclient_id = \"x\"\n{secret}"), &["oidc.issuer"]);
        check(
            format!("{HERE}[oidc]\nissuer = \"https://id.example\"\nclient_id = \" \"\n{secret}"),
            &["oidc.client_id"],
        );
        check(format!("{HERE}{ID}{secret}colour = \"red\"\n"), &["colour"]);
    }
}
