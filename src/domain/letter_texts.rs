//! What stands around a customer's own conversation in a transcript, and around replies in a letter. The words are in `locales/`.

use super::Language;
use super::texts::{say, say_with};

pub fn transcript_title(language: Language) -> String {
    say(language, "transcript-title")
}

/// `zone` is an IANA name.
pub fn transcript_zone(language: Language, zone: &str) -> String {
    say_with(language, "transcript-zone", [("zone", zone.into())])
}

pub fn customer(language: Language) -> String {
    say(language, "transcript-customer")
}

pub fn bot(language: Language) -> String {
    say(language, "transcript-bot")
}

pub fn notice(language: Language) -> String {
    say(language, "transcript-notice")
}

/// An agent whose name is not known any more.
pub fn team(language: Language) -> String {
    say(language, "transcript-team")
}

pub fn transcript_subject(language: Language) -> String {
    say(language, "mail-transcript-subject")
}

/// Why whoever reads it gets it.
pub fn transcript_why(language: Language) -> String {
    say(language, "mail-transcript-why")
}

pub fn replies_subject(language: Language, name: &str) -> String {
    say_with(language, "mail-replies-subject", [("name", name.into())])
}

pub fn replies_greeting(language: Language, name: &str) -> String {
    say_with(language, "mail-replies-greeting", [("name", name.into())])
}

/// The link follows.
pub fn replies_go_on(language: Language) -> String {
    say(language, "mail-replies-go-on")
}

pub fn replies_go_on_without_link(language: Language) -> String {
    say(language, "mail-replies-go-on-without-link")
}

/// Why whoever reads it gets it.
pub fn replies_why(language: Language) -> String {
    say(language, "mail-replies-why")
}
