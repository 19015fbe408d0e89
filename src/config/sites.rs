//! Reads and checks `[[sites]]`: where the widget may stand, who is vouched for, and how it looks there.

use super::{ConfigError, Secret, bad};
use crate::domain::site::{AskedField, IdentityRule, Look, OriginPattern, Proactive, Site};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct SiteConfig {
    pub site: Site,
    /// The one in use, then the one before it while they are being changed.
    pub identity_secrets: Vec<Secret>,
}

/// One `[[sites]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteFile {
    name: String,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    identity: Option<IdentityRule>,
    #[serde(default)]
    identity_secret_env: Option<String>,
    #[serde(default)]
    identity_secret_file: Option<PathBuf>,
    #[serde(default)]
    identity_previous_env: Option<String>,
    #[serde(default)]
    identity_previous_file: Option<PathBuf>,
    #[serde(default)]
    keep_days: Option<u32>,
    #[serde(default)]
    pre_chat: Vec<AskedField>,
    #[serde(default)]
    look: Look,
    #[serde(default)]
    proactive: Vec<Proactive>,
}

/// RFC 7518, section 3.2: a key for HS256 has at least 256 bits.
const MIN_IDENTITY_BYTES: usize = 32;

/// `secret` finds what a variable or a file holds; `None` for a command that speaks to no one.
pub(super) fn sites(
    files: Vec<SiteFile>,
    secret: impl Fn(&str, Option<String>, Option<PathBuf>) -> Result<Option<Secret>, ConfigError>,
    is_without_secrets: bool,
) -> Result<Vec<SiteConfig>, ConfigError> {
    let mut sites: Vec<SiteConfig> = vec![];
    for file in files {
        if sites.iter().any(|other| other.site.name == file.name) {
            return Err(bad(
                "sites.name",
                format!("two sites are named {:?}; each needs a name of its own", file.name),
            ));
        }
        let what = format!("site {:?}", file.name);
        let now = secret(&format!("{what} identity_secret"), file.identity_secret_env, file.identity_secret_file)?;
        let before =
            secret(&format!("{what} identity_previous"), file.identity_previous_env, file.identity_previous_file)?;
        if now.is_none() && before.is_some() {
            return Err(bad(&what, "identity_previous stands without identity_secret_env or identity_secret_file"));
        }
        let identity_secrets: Vec<Secret> = now.into_iter().chain(before).collect();
        let identity = identity(&what, file.identity, &identity_secrets, is_without_secrets)?;
        let usual = Site::usual(file.name);
        let origins: Result<Vec<_>, _> = file.origins.iter().map(|text| OriginPattern::parse(text)).collect();
        let site = Site {
            origins: origins.map_err(|detail| bad(&what, format!("origins: {detail}")))?,
            identity,
            keep_days: file.keep_days.unwrap_or(usual.keep_days),
            pre_chat: file.pre_chat,
            look: file.look,
            proactive: file.proactive,
            ..usual
        };
        site.check().map_err(|detail| bad(&what, detail))?;
        sites.push(SiteConfig { site, identity_secrets });
    }
    Ok(sites)
}

/// With a secret the site may vouch for its users, without one it cannot.
fn identity(
    what: &str,
    wish: Option<IdentityRule>,
    secrets: &[Secret],
    is_without_secrets: bool,
) -> Result<IdentityRule, ConfigError> {
    if secrets.iter().any(|secret| secret.reveal().len() < MIN_IDENTITY_BYTES) {
        return Err(bad(what, format!("a secret must have at least {MIN_IDENTITY_BYTES} bytes")));
    }
    let usual = if secrets.is_empty() { IdentityRule::Off } else { IdentityRule::Optional };
    match wish.unwrap_or(usual) {
        IdentityRule::Optional | IdentityRule::Required if secrets.is_empty() && !is_without_secrets => {
            Err(bad(what, "identity needs identity_secret_env (a variable's name) or identity_secret_file"))
        }
        rule @ (IdentityRule::Off | IdentityRule::Optional | IdentityRule::Required) => Ok(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;
    use crate::domain::Language;
    use crate::domain::site::{DetailField, Side, Theme, pick};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn load(file: &str, flags: Flags) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firstline.toml");
        std::fs::write(&path, file).unwrap();
        let env = |name: &str| match name {
            "SHOP_SECRET" => Some(SECRET.to_owned()),
            "SHORT" => Some("short".to_owned()),
            _ => None,
        };
        Config::load(&Flags { config: Some(path), ..flags }, env).map_err(|error| error.to_string())
    }

    #[test]
    fn a_site_with_everything() {
        let file = r##"
            [[sites]]
            name = "shop"
            origins = ["https://shop.example", "https://*.shop.example"]
            identity = "required"
            identity_secret_env = "SHOP_SECRET"
            keep_days = 90
            pre_chat = [{ field = "name", required = true }, { field = "email" }]
            [sites.look]
            colour = "#0a6c74"
            position = "left"
            theme = "dark"
            title = { en = "Help", ru = "Помощь" }
            offset_y = 80
            [[sites.proactive]]
            page = "/checkout*"
            after_secs = 20
            text = { en = "Any question?" }
            [[sites]]
            name = "blog"
        "##;
        let config = load(file, Flags::default()).unwrap();
        let [shop, blog] = config.sites.as_slice() else { panic!("{:?}", config.sites) };
        assert_eq!((shop.site.identity, shop.site.keep_days), (IdentityRule::Required, 90));
        assert!(shop.site.allows(&url::Url::parse("https://www.shop.example").unwrap()));
        assert_eq!(shop.site.pre_chat[0], AskedField { field: DetailField::Name, required: true });
        let look = &shop.site.look;
        assert_eq!((look.position, look.theme, look.offset_x, look.offset_y), (Side::Left, Theme::Dark, 20, 80));
        assert_eq!(pick(&look.title, Some(Language::Ru)), Some("Помощь"));
        assert_eq!(shop.site.proactive[0].after_secs, Some(20));
        assert_eq!(blog.site, Site::usual("blog"), "every key but the name has a value of its own");
    }

    #[test]
    fn a_secret_makes_identity_optional() {
        let file = "[[sites]]\nname = \"shop\"\nidentity_secret_env = \"SHOP_SECRET\"\n";
        assert_eq!(load(file, Flags::default()).unwrap().sites[0].site.identity, IdentityRule::Optional);
        let off = format!("{file}identity = \"off\"\n");
        assert_eq!(load(&off, Flags::default()).unwrap().sites[0].site.identity, IdentityRule::Off);
        // A command that speaks to no one needs no secret, whatever the file asks for.
        let needs = "[[sites]]\nname = \"shop\"\nidentity = \"required\"\nidentity_secret_env = \"NOPE\"\n";
        let flags = Flags { without_secrets: true, ..Flags::default() };
        assert_eq!(load(needs, flags).unwrap().sites[0].site.identity, IdentityRule::Required);
    }

    #[test]
    fn every_mistake_names_its_site_and_key() {
        let check = |keys: &str, words: &[&str]| {
            let error = load(&format!("[[sites]]\nname = \"shop\"\n{keys}\n"), Flags::default()).expect_err(keys);
            for word in words {
                assert!(error.contains(word), "{keys:?} gave {error:?} without {word:?}");
            }
        };
        check("origins = [\"shop.example\"]", &["site \"shop\"", "origins", "https://*.shop.example"]);
        check("identity = \"required\"", &["site \"shop\"", "identity", "identity_secret_env"]);
        check("identity = \"maybe\"", &["line 3", "maybe", "required"]);
        check("identity_secret_env = \"NOPE\"", &["site \"shop\" identity_secret", "NOPE", "not set"]);
        check("identity_secret_env = \"SHORT\"", &["site \"shop\"", "32 bytes"]);
        check("identity_previous_env = \"SHOP_SECRET\"", &["site \"shop\"", "identity_previous"]);
        check("keep_days = 4000", &["site \"shop\"", "keep_days", "3650"]);
        check("pre_chat = [{ field = \"age\" }]", &["age", "topic"]);
        check("[sites.look]\ncolour = \"red\"", &["site \"shop\"", "look.colour", "#0a6c74"]);
        check("[sites.look]\ntitle = { de = \"Hilfe\" }", &["line 4", "de", "zh-Hans"]);
        check("[[sites.proactive]]\ntext = {}", &["site \"shop\"", "proactive", "text"]);
        check("[[sites]]\nname = \"shop\"", &["sites.name", "two sites", "shop"]);
        check("colour = \"#000000\"", &["colour"]);
    }
}
