//! Everything the bot and the system say by themselves, each with its name and its values. No article text stands here.
//!
//! The words stand in `locales/`, and an operator may replace them. The catalogue is set once, before the first customer
//! is spoken to, and is the same for the whole process: no decision depends on a word, and every rule that says
//! something would have to be handed the catalogue otherwise.

use super::catalogue::{Catalogue, Value};
use super::{Builtin, ChannelKind, Language, Reason};
use arc_swap::ArcSwap;
use std::sync::{Arc, LazyLock};

static CATALOGUE: LazyLock<ArcSwap<Catalogue>> = LazyLock::new(|| ArcSwap::from_pointee(Catalogue::built_in()));

/// From now on the whole process speaks with these words.
pub fn install(catalogue: Arc<Catalogue>) {
    CATALOGUE.store(catalogue);
}

/// What a key of `locales/` says.
pub fn say(language: Language, key: &str) -> String {
    say_with(language, key, [])
}

pub fn say_with<'a, const N: usize>(language: Language, key: &str, values: [(&'a str, Value<'a>); N]) -> String {
    CATALOGUE.load().say(language, key, values)
}

pub fn small_talk(builtin: Builtin, language: Language) -> String {
    match builtin {
        Builtin::Greeting => say(language, "small-talk-greeting"),
        Builtin::Thanks => say(language, "small-talk-thanks"),
        Builtin::Goodbye => say(language, "small-talk-goodbye"),
        Builtin::WhoAreYou => say(language, "small-talk-who-are-you"),
        Builtin::Wordless => say(language, "small-talk-wordless"),
        // Wanting a person is answered by a handoff, and so is anger; never by small talk.
        Builtin::Human | Builtin::DidNotHelp | Builtin::Anger => person_button(language),
    }
}

pub fn did_you_mean(language: Language) -> String {
    say(language, "did-you-mean")
}

pub fn something_else_button(language: Language) -> String {
    say(language, "something-else-button")
}

/// The page of an article that is not there any more.
pub fn article_gone(language: Language) -> String {
    say(language, "article-gone")
}

/// In place of a turn that was taken back.
pub fn withdrawn(language: Language) -> String {
    say(language, "turn-withdrawn")
}

pub fn person_button(language: Language) -> String {
    say(language, "person-button")
}

pub fn back_to_bot_button(language: Language) -> String {
    say(language, "back-to-bot-button")
}

pub fn file_received(language: Language) -> String {
    say(language, "file-received")
}

pub fn sorry_offer_person(language: Language) -> String {
    say(language, "sorry-offer-person")
}

/// Why people are called; what happens next follows.
pub fn why_handed_off(reason: Reason, language: Language) -> String {
    let why = match reason {
        Reason::CustomerAsked | Reason::AgentRequested => "handoff-asked",
        Reason::OutOfPatience => "handoff-out-of-patience",
        Reason::NotUnderstood => "handoff-not-understood",
        Reason::DidNotHelp => "handoff-did-not-help",
        Reason::TopicNeedsHuman => "handoff-topic",
        Reason::BotUnavailable => "handoff-bot-unavailable",
    };
    say(language, why)
}

/// What a waiting customer said was kept; what happens next follows.
pub fn noted(language: Language) -> String {
    say(language, "still-waiting")
}

/// From 1: who is next.
pub fn position(language: Language, place: u32) -> String {
    say_with(language, "position", [("place", place.max(1).into())])
}

/// `wait` is the usual wait in minutes, from and to; `None` where nothing is known about it.
pub fn place_and_wait(language: Language, place: u32, wait: Option<(u32, u32)>) -> String {
    let position = position(language, place);
    match wait {
        None => position,
        Some((low, high)) => join(language, &position, &usual_wait(language, low.min(high), high.max(low))),
    }
}

fn usual_wait(language: Language, low: u32, high: u32) -> String {
    /// Above this, minutes would promise more than anybody knows.
    const MAX_MINUTES: u32 = 90;
    match (low, high) {
        (_, 0) => say(language, "wait-under-a-minute"),
        (_, 1) => say(language, "wait-about-a-minute"),
        (_, high) if high > MAX_MINUTES => say_with(language, "wait-hours", [("hours", high.div_ceil(60).into())]),
        (low, high) if low == high => say_with(language, "wait-minutes", [("minutes", high.into())]),
        (low, high) => say_with(language, "wait-range", [("low", low.max(1).into()), ("high", high.into())]),
    }
}

/// Out of hours. `opening` as `moment::in_zone` words it.
pub fn nobody_here(language: Language, opening: Option<String>) -> String {
    match opening {
        Some(opening) => say_with(language, "nobody-here", [("opening", opening.into())]),
        None => say(language, "nobody-here-no-opening"),
    }
}

/// In hours, but nobody is signed in.
pub fn nobody_online(language: Language) -> String {
    say(language, "nobody-online")
}

pub fn contact_kept(language: Language, contact: &str) -> String {
    say_with(language, "contact-kept", [("contact", contact.into())])
}

/// Nobody answered in time, and the conversation is in line again.
pub fn no_reply_yet(language: Language) -> String {
    say(language, "no-reply-yet")
}

pub fn agent_joined(language: Language, name: &str) -> String {
    say_with(language, "agent-joined", [("name", name.into())])
}

/// An agent took the conversation over from the bot.
pub fn person_looking(language: Language, name: &str) -> String {
    say_with(language, "person-looking", [("name", name.into())])
}

/// The conversation is in line again.
pub fn closed_by_team(language: Language) -> String {
    say(language, "closed-by-team")
}

pub fn agent_left(language: Language, name: &str) -> String {
    say_with(language, "agent-left", [("name", name.into())])
}

pub fn transferred(language: Language, queue_title: Option<&str>) -> String {
    match queue_title {
        Some(title) => say_with(language, "transferred-to-queue", [("queue", title.into())]),
        None => say(language, "transferred"),
    }
}

pub fn back_with_bot(language: Language) -> String {
    say(language, "back-with-bot")
}

pub fn resolved(language: Language) -> String {
    say(language, "resolved")
}

pub fn thanks_for_rating(language: Language) -> String {
    say(language, "thanks-for-rating")
}

pub fn closed_for_silence(language: Language) -> String {
    say(language, "closed-for-silence")
}

/// `plan` is an agent's sentence about what happens next, `due` a moment as `moment::in_zone` words it.
pub fn unsolved_plan(language: Language, plan: &str, due: Option<&str>) -> String {
    let mut plan = plan.trim().to_owned();
    if due.is_some() && !plan.ends_with(['.', '!', '?', '…', '。', '！', '？']) {
        plan.push(if language.is_chinese() { '。' } else { '.' });
    }
    let next = say_with(language, "unsolved-plan", [("plan", plan.into())]);
    match due {
        None => next,
        Some(due) => join(language, &next, &say_with(language, "unsolved-due", [("due", due.into())])),
    }
}

/// `channel_name` is where the conversation was before.
pub fn moved_here(language: Language, channel_name: &str) -> String {
    say_with(language, "moved-here", [("channel", channel_name.into())])
}

pub fn channel_name(language: Language, channel: ChannelKind) -> String {
    match channel {
        ChannelKind::Web => say(language, "channel-web"),
        ChannelKind::Telegram => say(language, "channel-telegram"),
    }
}

/// This conversation goes on in another one of the same customer.
pub fn merged(language: Language) -> String {
    say(language, "merged")
}

/// Two sentences, one after the other.
pub fn join(language: Language, first: &str, second: &str) -> String {
    let space = if language.is_chinese() { "" } else { " " };
    format!("{first}{space}{second}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Ru, ZhHans, ZhHant};

    #[test]
    fn the_place_and_the_usual_wait() {
        let check = |language, place, wait, expected: &str| {
            assert_eq!(place_and_wait(language, place, wait), expected, "{language} {place} {wait:?}");
        };
        check(En, 0, None, "You are next in line.");
        check(En, 3, Some((5, 5)), "You are number 3 in line. It usually takes about 5 minutes.");
        check(En, 1, Some((0, 0)), "You are next in line. It usually takes less than a minute.");
        check(En, 1, Some((0, 1)), "You are next in line. It usually takes about a minute.");
        check(En, 2, Some((5, 3)), "You are number 2 in line. It usually takes 3 to 5 minutes.");
        check(En, 2, Some((0, 4)), "You are number 2 in line. It usually takes 1 to 4 minutes.");
        check(En, 9, Some((60, 121)), "You are number 9 in line. It usually takes up to 3 hours.");
        check(ZhHans, 2, Some((3, 5)), "您目前排在第 2 位。通常 3 到 5 分钟。");
        check(ZhHant, 1, None, "您目前排在第 1 位。");
        check(Ru, 1, None, "Вы следующий в очереди.");
        check(Ru, 2, Some((21, 21)), "Вы в очереди под номером 2. Обычно ждут 21 минуту.");
        check(Ru, 2, Some((2, 2)), "Вы в очереди под номером 2. Обычно ждут 2 минуты.");
        check(Ru, 2, Some((5, 5)), "Вы в очереди под номером 2. Обычно ждут 5 минут.");
        check(Ru, 2, Some((3, 21)), "Вы в очереди под номером 2. Обычно ждут от 3 до 21 минуты.");
        check(Ru, 2, Some((90, 100)), "Вы в очереди под номером 2. Обычно ждут до 2 часов.");
    }

    #[test]
    fn a_plan_is_a_sentence_before_its_date() {
        let check = |language, plan, due, expected: &str| assert_eq!(unsolved_plan(language, plan, due), expected);
        check(
            En,
            "We ask the carrier ",
            Some("tomorrow at 18:00"),
            "We could not solve this yet. What happens next: We ask the carrier. We’ll get back to you no later than tomorrow at 18:00.",
        );
        check(En, "We ask", None, "We could not solve this yet. What happens next: We ask");
        check(
            ZhHans,
            "联系承运商",
            Some("明天 18:00"),
            "这个问题暂时还没有解决。接下来：联系承运商。我们最迟会在明天 18:00 给您答复。",
        );
        check(
            Ru,
            "Спросим перевозчика!",
            Some("в понедельник в 18:00"),
            "Пока решить это не удалось. Что будет дальше: Спросим перевозчика! Мы ответим вам не позднее чем в понедельник в 18:00.",
        );
    }

    #[test]
    fn what_people_write_is_said_as_it_is() {
        let contact = "{ $name } 007 <b>";
        assert_eq!(contact_kept(En, contact), format!("Thank you! We’ll get in touch at {contact}."));
        assert_eq!(transferred(ZhHant, Some("付款")), "已為您轉到「付款」，對方看得到先前的對話，您不需要重複說明。");
    }
}
