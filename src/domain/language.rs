//! The languages that Firstline speaks itself. Articles, texts and analysers exist for exactly these.

use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "en")]
    En,
    #[serde(rename = "zh-Hans")]
    ZhHans,
    #[serde(rename = "zh-Hant")]
    ZhHant,
    #[serde(rename = "ru")]
    Ru,
}

impl Language {
    pub const ALL: [Language; 4] = [Self::En, Self::ZhHans, Self::ZhHant, Self::Ru];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhHans => "zh-Hans",
            Self::ZhHant => "zh-Hant",
            Self::Ru => "ru",
        }
    }

    /// As its readers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhHans => "简体中文",
            Self::ZhHant => "繁體中文",
            Self::Ru => "Русский",
        }
    }

    /// Understands the tags that browsers, Telegram and people write: `en-GB`, `zh`, `zh-CN`, `zh-TW`, `zh_Hant_HK`, `ru-RU`.
    /// A bare `zh` is Simplified. `None` for a language that has no analyser here.
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
        let mut parts = tag.split('-');
        match parts.next()? {
            "en" => Some(Self::En),
            "ru" => Some(Self::Ru),
            "zh" => {
                let traditional = parts.any(|p| matches!(p, "hant" | "tw" | "hk" | "mo"));
                Some(if traditional && !tag.contains("hans") { Self::ZhHant } else { Self::ZhHans })
            }
            _ => None,
        }
    }

    pub fn is_chinese(self) -> bool {
        matches!(self, Self::ZhHans | Self::ZhHant)
    }

    /// How near an article in `other` is to a question in `self`: 0 the same language, 1 the same language in
    /// another script, 2 another language. Nearer ones are offered first.
    pub fn distance(self, other: Self) -> u8 {
        if self == other {
            0
        } else if self.is_chinese() && other.is_chinese() {
            1
        } else {
            2
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// CJK ideographs with their extensions and compatibility forms, and the two ideographic marks 々 and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '\u{f900}'..='\u{faff}' | '々' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_people_write() {
        let check = |tag: &str, expected: Option<Language>| assert_eq!(Language::parse(tag), expected, "{tag}");
        check("en", Some(Language::En));
        check("en-GB", Some(Language::En));
        check("zh", Some(Language::ZhHans));
        check("zh-CN", Some(Language::ZhHans));
        check("zh_TW", Some(Language::ZhHant));
        check("zh-Hant-HK", Some(Language::ZhHant));
        check("zh-Hans-HK", Some(Language::ZhHans));
        check(" RU-ru ", Some(Language::Ru));
        check("de", None);
        check("", None);
    }
}
