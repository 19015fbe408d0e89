//! What only Telegram needs said; everything else the bot says is in `domain::texts`. The words stand in `locales/`.

use crate::domain::{Language, texts};

pub fn helped(language: Language) -> String {
    texts::say(language, "telegram-helped")
}

pub fn did_not_help(language: Language) -> String {
    texts::say(language, "telegram-did-not-help")
}

/// Shown for a moment over the chat.
pub fn thanks_for_feedback(language: Language) -> String {
    texts::say(language, "telegram-thanks-for-feedback")
}

/// Shown for a moment over the chat.
pub fn stale_button(language: Language) -> String {
    texts::say(language, "telegram-stale-button")
}

pub fn help(language: Language) -> String {
    texts::say(language, "telegram-help")
}

/// A sticker, a place, a dice: said while the bot has the conversation.
pub fn only_text(language: Language) -> String {
    texts::say(language, "telegram-only-text")
}

/// The same while a person has the conversation or is waited for.
pub fn only_text_for_person(language: Language) -> String {
    texts::say(language, "telegram-only-text-for-person")
}

/// What the agent sees in place of something that is not text. `what` is a name from `Unread::name`.
pub fn unread_placeholder(what: &str) -> String {
    format!("[{what}]")
}

pub fn photo(language: Language) -> String {
    texts::say(language, "telegram-photo")
}

pub fn voice(language: Language) -> String {
    texts::say(language, "telegram-voice")
}

pub fn video(language: Language) -> String {
    texts::say(language, "telegram-video")
}

pub fn audio(language: Language) -> String {
    texts::say(language, "telegram-audio")
}

pub fn file(language: Language) -> String {
    texts::say(language, "telegram-file")
}

pub fn sticker(language: Language) -> String {
    texts::say(language, "telegram-sticker")
}

pub fn location(language: Language) -> String {
    texts::say(language, "telegram-location")
}

pub fn contact(language: Language) -> String {
    texts::say(language, "telegram-contact")
}

pub fn something(language: Language) -> String {
    texts::say(language, "telegram-something")
}

pub fn was_cut(language: Language, n_chars: usize) -> String {
    texts::say_with(language, "telegram-was-cut", [("chars", n_chars.into())])
}

/// To somebody who asks for a person while one is there.
pub fn with_person(language: Language) -> String {
    texts::say(language, "telegram-with-person")
}

pub fn private_only(language: Language) -> String {
    texts::say(language, "telegram-private-only")
}

/// Something broke while the message was being kept, and trying again will not help.
pub fn trouble(language: Language) -> String {
    texts::say(language, "telegram-trouble")
}

/// For the command list of Telegram's apps.
pub fn command_human(language: Language) -> String {
    texts::say(language, "telegram-command-human")
}

pub fn command_help(language: Language) -> String {
    texts::say(language, "telegram-command-help")
}

pub fn command_stop(language: Language) -> String {
    texts::say(language, "telegram-command-stop")
}

pub fn command_language(language: Language) -> String {
    texts::say(language, "telegram-command-language")
}

pub fn stopped(language: Language) -> String {
    texts::say(language, "telegram-stopped")
}

pub fn stopped_with_person(language: Language) -> String {
    texts::say(language, "telegram-stopped-with-person")
}

pub fn choose_language(language: Language) -> String {
    texts::say(language, "telegram-choose-language")
}

/// In the language that was chosen.
pub fn language_chosen(language: Language) -> String {
    texts::say(language, "telegram-language-chosen")
}

// Files that could not be taken.

/// To the customer. `file` is a name such as `photo` gives, `why` a sentence's part such as `lost_too_large` gives.
pub fn file_lost(language: Language, file: &str, why: &str) -> String {
    texts::say_with(language, "telegram-file-lost", [("file", file.to_owned().into()), ("why", why.to_owned().into())])
}

pub fn lost_too_large(language: Language) -> String {
    texts::say(language, "telegram-lost-too-large")
}

pub fn lost_bad_type(language: Language) -> String {
    texts::say(language, "telegram-lost-bad-type")
}

pub fn lost_no_room(language: Language) -> String {
    texts::say(language, "telegram-lost-no-room")
}

pub fn lost_unfetched(language: Language) -> String {
    texts::say(language, "telegram-lost-unfetched")
}

// Being forgotten.

pub fn command_forget(language: Language) -> String {
    texts::say(language, "telegram-command-forget")
}

pub fn ask_to_forget(language: Language) -> String {
    texts::say(language, "telegram-ask-to-forget")
}

pub fn forget_button(language: Language) -> String {
    texts::say(language, "telegram-forget-button")
}

pub fn nothing_to_forget(language: Language) -> String {
    texts::say(language, "telegram-nothing-to-forget")
}

/// The last thing that a forgotten customer hears.
pub fn forgotten(language: Language) -> String {
    texts::say(language, "telegram-forgotten")
}

/// Shown for a moment over the chat.
pub fn already_forgotten(language: Language) -> String {
    texts::say(language, "telegram-already-forgotten")
}

/// `/start` with a code that opens nothing any more.
pub fn link_expired(language: Language) -> String {
    texts::say(language, "telegram-link-expired")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_over_the_chat_is_short() {
        for language in Language::ALL {
            // Bot API, answerCallbackQuery: at most 200 characters.
            assert!(stale_button(language).chars().count() <= 200);
            assert!(thanks_for_feedback(language).chars().count() <= 200);
            assert!(already_forgotten(language).chars().count() <= 200);
            // Bot API, BotCommand: at most 256 characters.
            assert!(command_human(language).chars().count() <= 256);
            assert!(command_help(language).chars().count() <= 256);
            assert!(command_stop(language).chars().count() <= 256);
            assert!(command_language(language).chars().count() <= 256);
            assert!(command_forget(language).chars().count() <= 256);
        }
    }
}
