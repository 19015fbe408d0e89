//! What an operator says of one site: which pages may embed the widget, who must be known, what is asked first, and how it looks.

use super::Language;
use super::colour::Colour;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// One of the operator's sites, as the file says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub name: String,
    /// Empty: any page.
    pub origins: Vec<OriginPattern>,
    pub identity: IdentityRule,
    /// A conversation survives closing the browser for so long.
    pub keep_days: u32,
    pub pre_chat: Vec<AskedField>,
    pub look: Look,
    pub proactive: Vec<Proactive>,
}

impl Site {
    /// What holds where nothing is configured.
    pub fn usual(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            origins: vec![],
            identity: IdentityRule::Off,
            keep_days: DEFAULT_KEEP_DAYS,
            pre_chat: vec![],
            look: Look::default(),
            proactive: vec![],
        }
    }

    pub fn allows_any_page(&self) -> bool {
        self.origins.is_empty()
    }

    /// Whether pages of this origin may embed the widget and call for its conversations.
    pub fn allows(&self, origin: &Url) -> bool {
        self.allows_any_page() || self.origins.iter().any(|pattern| pattern.fits(origin))
    }

    /// What would be wrong, with the key that it is about.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=MAX_NAME_CHARS).contains(&self.name.chars().count()) {
            return Err(format!("name: must have 1 to {MAX_NAME_CHARS} characters"));
        }
        if !(1..=MAX_KEEP_DAYS).contains(&self.keep_days) {
            return Err(format!("keep_days: {} is not between 1 and {MAX_KEEP_DAYS}", self.keep_days));
        }
        for (i, asked) in self.pre_chat.iter().enumerate() {
            if asked.field == DetailField::Attributes {
                return Err("pre_chat: attributes come from the page and cannot be asked for".into());
            }
            if self.pre_chat[..i].iter().any(|other| other.field == asked.field) {
                return Err(format!("pre_chat: asks for {} twice", asked.field.name()));
            }
        }
        self.look.check().map_err(|detail| format!("look.{detail}"))?;
        if self.proactive.len() > MAX_PROACTIVE {
            return Err(format!("proactive: {} are more than {MAX_PROACTIVE}", self.proactive.len()));
        }
        for (i, proactive) in self.proactive.iter().enumerate() {
            proactive.check().map_err(|detail| format!("proactive, number {}: {detail}", i + 1))?;
        }
        Ok(())
    }
}

pub const MAX_NAME_CHARS: usize = 100;
const DEFAULT_KEEP_DAYS: u32 = 30;
const MAX_KEEP_DAYS: u32 = 3650;
/// Pixels from the page's edge; more would put the button out of sight on a phone.
const MAX_OFFSET_PX: u32 = 400;
const DEFAULT_OFFSET_PX: u32 = 20;
const MAX_TITLE_CHARS: usize = 80;
const MAX_GREETING_CHARS: usize = 500;
const MAX_PROACTIVE: usize = 20;
const MAX_PAGE_CHARS: usize = 200;
const MAX_AFTER_SECS: u32 = 86_400;

/// Whether the site vouches for its own users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityRule {
    Off,
    Optional,
    /// Nobody talks without a signed token.
    Required,
}

/// `https://shop.example`, or `https://*.shop.example` for every name below it; a port where it is not the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    scheme: String,
    /// As browsers send it: lower case, other alphabets in Punycode.
    host: String,
    port: Option<u16>,
    is_any_below: bool,
}

impl OriginPattern {
    /// The error is a sentence for the end of "origins: ".
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "such as https://shop.example or https://*.shop.example";
        let wrong = |why: &str| Err(format!("{text:?} {why}, {example}"));
        let (is_any_below, plain) = match text.split_once("://*.") {
            Some((scheme, rest)) => (true, format!("{scheme}://{rest}")),
            None => (false, text.to_owned()),
        };
        let Ok(url) = Url::parse(&plain) else { return wrong("is no origin") };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("must begin with https:// or http://");
        }
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username() == "";
        if !is_bare || plain.ends_with('/') {
            return wrong("must be a scheme and a name alone");
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        if host.contains('*') {
            return wrong("may have one star, in front of the name");
        }
        if is_any_below && !host.contains('.') {
            return wrong("is too wide");
        }
        Ok(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default(), is_any_below })
    }

    /// As the operator wrote it, in the form that is compared.
    pub fn text(&self) -> String {
        let below = if self.is_any_below { "*." } else { "" };
        let usual = match self.scheme.as_str() {
            "https" => Some(443),
            _ => Some(80),
        };
        let port = self.port.filter(|port| Some(*port) != usual).map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{below}{}{port}", self.scheme, self.host)
    }

    fn fits(&self, origin: &Url) -> bool {
        if origin.scheme() != self.scheme || origin.port_or_known_default() != self.port {
            return false;
        }
        let host = origin.host_str().unwrap_or_default();
        match self.is_any_below {
            true => host.strip_suffix(&self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            false => host == self.host,
        }
    }
}

/// What can be asked before the first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DetailField {
    Name,
    Email,
    Phone,
    Order,
    Topic,
    /// Not asked for: what the page's script says of its visitor, a line each.
    Attributes,
}

impl DetailField {
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Order => "order",
            Self::Topic => "topic",
            Self::Attributes => "attributes",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedField {
    pub field: DetailField,
    #[serde(default)]
    pub required: bool,
}

/// What a customer filled in before the first words. Nobody has checked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    pub field: DetailField,
    pub text: String,
}

/// The same words in several languages.
pub type Texts = BTreeMap<Language, String>;

/// In the language that is asked for, else in the other script of it, else in English, else in any.
pub fn pick(texts: &Texts, language: Option<Language>) -> Option<&str> {
    let distance = |other: &Language| {
        let asked = language.map_or(2, |language| language.distance(*other));
        (asked, *other != Language::En)
    };
    texts.iter().min_by_key(|(language, _)| distance(language)).map(|(_, text)| text.as_str())
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// `#rrggbb`; `None`: Firstline's own.
    pub colour: Option<String>,
    /// The same for dark pages.
    pub colour_dark: Option<String>,
    pub position: Side,
    pub theme: Theme,
    pub title: Texts,
    /// The words beside the button.
    pub launcher: Texts,
    pub greeting: Texts,
    /// Pixels.
    pub offset_x: u32,
    pub offset_y: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            colour: None,
            colour_dark: None,
            position: Side::Right,
            theme: Theme::Auto,
            title: Texts::new(),
            launcher: Texts::new(),
            greeting: Texts::new(),
            offset_x: DEFAULT_OFFSET_PX,
            offset_y: DEFAULT_OFFSET_PX,
        }
    }
}

impl Look {
    /// What would be wrong, with the key that it is about.
    pub fn check(&self) -> Result<(), String> {
        for (key, colour) in [("colour", &self.colour), ("colour_dark", &self.colour_dark)] {
            if let Some(colour) = colour.as_ref().filter(|colour| Colour::parse(colour).is_none()) {
                return Err(format!("{key}: {colour:?} is no colour such as #0a6c74"));
            }
        }
        for (key, offset) in [("offset_x", self.offset_x), ("offset_y", self.offset_y)] {
            if offset > MAX_OFFSET_PX {
                return Err(format!("{key}: {offset} is not between 0 and {MAX_OFFSET_PX}"));
            }
        }
        check_texts("title", &self.title, MAX_TITLE_CHARS)?;
        check_texts("launcher", &self.launcher, MAX_TITLE_CHARS)?;
        check_texts("greeting", &self.greeting, MAX_GREETING_CHARS)
    }
}

fn check_texts(key: &str, texts: &Texts, max_chars: usize) -> Result<(), String> {
    for (language, text) in texts {
        if text.trim().is_empty() || text.chars().count() > max_chars {
            return Err(format!("{key}.{language}: must have 1 to {max_chars} characters"));
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Right,
    Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the visitor's system has it.
    Auto,
    Light,
    Dark,
}

/// Words that the widget shows by itself, once a visit, when all that is said of the page holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proactive {
    /// The path of the page; a star stands for anything.
    #[serde(default)]
    pub page: Option<String>,
    #[serde(default)]
    pub after_secs: Option<u32>,
    /// How much of the page was scrolled through.
    #[serde(default)]
    pub scroll_percent: Option<u32>,
    pub text: Texts,
}

impl Proactive {
    fn check(&self) -> Result<(), String> {
        let is_path = |page: &&String| page.starts_with(['/', '*']) && page.chars().count() <= MAX_PAGE_CHARS;
        if let Some(page) = self.page.as_ref().filter(|page| !is_path(page)) {
            let sentence = format!("must begin with / or * and have at most {MAX_PAGE_CHARS} characters");
            return Err(format!("page: {page:?} {sentence}"));
        }
        if let Some(secs) = self.after_secs.filter(|secs| *secs > MAX_AFTER_SECS) {
            return Err(format!("after_secs: {secs} is not between 0 and {MAX_AFTER_SECS}"));
        }
        if let Some(percent) = self.scroll_percent.filter(|percent| *percent > 100) {
            return Err(format!("scroll_percent: {percent} is not between 0 and 100"));
        }
        if self.text.is_empty() {
            return Err("text: is missing; give it in one language at least, such as text = { en = \"…\" }".into());
        }
        check_texts("text", &self.text, MAX_GREETING_CHARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_pages_fit() {
        let check = |pattern: &str, origin: &str, expected: bool| {
            let pattern = OriginPattern::parse(pattern).unwrap();
            assert_eq!(pattern.fits(&Url::parse(origin).unwrap()), expected, "{pattern:?} {origin}");
        };
        check("https://shop.example", "https://shop.example", true);
        check("https://Shop.example", "https://shop.EXAMPLE", true);
        check("https://shop.example", "https://shop.example:443", true);
        check("https://shop.example:8443", "https://shop.example:8443", true);
        check("https://магазин.example", "https://магазин.example", true);
        check("http://localhost:3000", "http://localhost:3000", true);
        check("https://shop.example", "http://shop.example", false);
        check("https://shop.example", "https://shop.example:444", false);
        check("https://shop.example", "https://www.shop.example", false);
        check("https://shop.example", "https://shop.example.evil.example", false);
        check("https://*.shop.example", "https://www.shop.example", true);
        check("https://*.shop.example", "https://a.b.shop.example", true);
        check("https://*.shop.example", "https://shop.example", false);
        check("https://*.shop.example", "https://evilshop.example", false);
        check("https://*.shop.example", "https://www.shop.example.evil.example", false);
        check("https://*.shop.example:8443", "https://www.shop.example", false);
    }

    #[test]
    fn origins_that_are_none() {
        for wrong in [
            "shop.example",
            "ftp://shop.example",
            "https://shop.example/",
            "https://shop.example/shop",
            "https://*.example*",
            "https://*",
            "https://*.example",
            "https://www.*.example",
            "https://anna@shop.example",
            "null",
            "",
        ] {
            let error = OriginPattern::parse(wrong).expect_err(wrong);
            assert!(error.contains(&format!("{wrong:?}")) && error.contains("https://*.shop.example"), "{error}");
        }
    }

    #[test]
    fn texts_in_the_nearest_language() {
        let texts = |languages: &[Language]| -> Texts {
            languages.iter().map(|language| (*language, language.tag().to_owned())).collect()
        };
        let check = |languages: &[Language], asked: Option<Language>, expected: Option<&str>| {
            assert_eq!(pick(&texts(languages), asked), expected, "{languages:?} {asked:?}");
        };
        use Language::{En, Ru, ZhHans, ZhHant};
        check(&[En, Ru], Some(Ru), Some("ru"));
        check(&[En, Ru], Some(ZhHans), Some("en"));
        check(&[En, ZhHant], Some(ZhHans), Some("zh-Hant"));
        check(&[Ru], Some(En), Some("ru"));
        check(&[Ru, En], None, Some("en"));
        check(&[], Some(En), None);
    }

    #[test]
    fn mistakes_name_their_key() {
        let check = |change: &dyn Fn(&mut Site), key: &str| {
            let mut site = Site::usual("shop");
            change(&mut site);
            let error = site.check().expect_err(key);
            assert!(error.starts_with(key), "{error} does not begin with {key}");
        };
        assert_eq!(Site::usual("shop").check(), Ok(()));
        check(&|site| site.name.clear(), "name");
        check(&|site| site.keep_days = 0, "keep_days");
        check(&|site| site.keep_days = 3651, "keep_days");
        let email = AskedField { field: DetailField::Email, required: false };
        check(&|site| site.pre_chat = vec![email, email], "pre_chat");
        check(&|site| site.look.colour = Some("red".into()), "look.colour");
        check(&|site| site.look.colour_dark = Some("#12345".into()), "look.colour_dark");
        check(&|site| site.look.offset_x = 401, "look.offset_x");
        check(&|site| drop(site.look.title.insert(Language::Ru, "  ".into())), "look.title.ru");
        let proactive = Proactive { page: None, after_secs: None, scroll_percent: None, text: Texts::new() };
        check(&|site| site.proactive = vec![proactive.clone()], "proactive, number 1: text");
        let said = Proactive { text: Texts::from([(Language::En, "Hi".into())]), ..proactive.clone() };
        let with = |change: &dyn Fn(&mut Proactive)| {
            let mut said = said.clone();
            change(&mut said);
            said
        };
        check(&|site| site.proactive = vec![with(&|p| p.page = Some("checkout".into()))], "proactive, number 1: page");
        check(&|site| site.proactive = vec![with(&|p| p.after_secs = Some(86_401))], "proactive, number 1: after");
        check(&|site| site.proactive = vec![with(&|p| p.scroll_percent = Some(101))], "proactive, number 1: scroll");
    }
}
