//! One turn → the messages that carry it to a Telegram chat. Pure: the same turn gives the same parts on every attempt.

use super::buttons::{self, Keyboard};
use super::from_html;
use super::rich::{MESSAGE_UNITS, Marks, Rich, units};
use crate::channel::light;
use crate::domain::{Attachment, Language, Phase, Speaker, Turn};

/// Bot API, sendPhoto: after the marks are read.
const CAPTION_UNITS: usize = 1024;

#[derive(Debug)]
pub struct Rendered {
    /// In order; empty for a turn without words.
    pub parts: Vec<Rich>,
    /// After the parts, one message each.
    pub files: Vec<Attachment>,
    /// Under the first file, instead of parts, where it is short enough.
    pub caption: Option<Rich>,
    /// Under the last message.
    pub keyboard: Keyboard,
}

/// `phase` is the conversation's, now: it decides which buttons still make sense.
pub fn render(turn: &Turn, phase: &Phase, language: Language) -> Rendered {
    let (words, keyboard) = (words(turn), buttons::under(turn, phase, language));
    let files = turn.attachments.clone();
    if !files.is_empty() && units(&words.plain()) <= CAPTION_UNITS {
        let caption = (!words.is_blank()).then_some(words);
        return Rendered { parts: vec![], files, caption, keyboard };
    }
    Rendered { parts: words.split(MESSAGE_UNITS), files, caption: None, keyboard }
}

fn words(turn: &Turn) -> Rich {
    match &turn.by {
        Speaker::Bot => {
            let article = turn.html.as_deref().map(from_html::rich).filter(|rich| !rich.is_blank());
            article.unwrap_or_else(|| Rich::plain_text(&turn.text))
        }
        // To Telegram everything comes from the bot, so what a person sends is signed.
        Speaker::Agent(_) => {
            let mut rich = Rich::default();
            let has_words = !turn.text.trim().is_empty();
            if let Some(name) = turn.agent_name.as_deref().filter(|_| has_words || !turn.attachments.is_empty()) {
                rich.push(name, Marks { bold: true, ..Marks::default() });
            }
            if has_words {
                if turn.agent_name.is_some() {
                    rich.push("\n", Marks::default());
                }
                match light::shown(turn) {
                    Some(html) => rich.append(from_html::rich(&html)),
                    None => rich.push(&turn.text, Marks::default()),
                }
            }
            rich
        }
        Speaker::System | Speaker::Customer => Rich::plain_text(&turn.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, TurnId, TurnKind};

    fn turn(by: Speaker, kind: TurnKind, text: &str, html: Option<&str>) -> Turn {
        Turn {
            seq: 3,
            id: TurnId::new("c.3"),
            rev: 0,
            client_id: None,
            agent_name: matches!(by, Speaker::Agent(_)).then(|| "Ann <3".into()),
            by,
            kind,
            text: text.into(),
            html: html.map(str::to_owned),
            at: at(0),
            options: vec![],
            decision: None,
            article: None,
            agent_avatar: None,
            is_withdrawn: false,
            attachments: vec![],
        }
    }

    #[test]
    fn who_speaks_how() {
        let check = |turn: Turn, expected: &[&str]| {
            let rendered = render(&turn, &Phase::WithBot { since: at(0) }, Language::En);
            assert_eq!(rendered.parts.iter().map(Rich::html).collect::<Vec<_>>(), expected);
        };
        let agent = || Speaker::Agent(AgentId::new("a"));
        check(
            turn(Speaker::Bot, TurnKind::Answer, "Five days.", Some("<p><b>Five</b> days.</p>")),
            &["<b>Five</b> days."],
        );
        check(turn(Speaker::Bot, TurnKind::Answer, "Five <days>.", None), &["Five &lt;days&gt;."]);
        check(turn(Speaker::Bot, TurnKind::Answer, "Five days.", Some("<p> </p>")), &["Five days."]);
        check(turn(agent(), TurnKind::Text, "I <b>look</b>.", None), &["<b>Ann &lt;3</b>\nI &lt;b&gt;look&lt;/b&gt;."]);
        check(
            turn(agent(), TurnKind::Text, "It is *here*:\n- https://a.example/x", None),
            &["<b>Ann &lt;3</b>\nIt is <i>here</i>:\n\n• <a href=\"https://a.example/x\">https://a.example/x</a>"],
        );
        check(turn(Speaker::Customer, TurnKind::Text, "**mine**", None), &["**mine**"]);
        check(turn(Speaker::System, TurnKind::Notice, "You are next.", None), &["You are next."]);
        check(turn(Speaker::Bot, TurnKind::SmallTalk, " ", None), &[]);
        check(turn(agent(), TurnKind::Text, " ", None), &[]);
    }

    #[test]
    fn words_stand_under_the_first_file_where_they_fit() {
        let file = |name: &str| Attachment {
            id: crate::domain::AttachmentId::new(name),
            key: String::new(),
            name: name.into(),
            kind: "image/png".into(),
            bytes: 1,
            width: None,
            height: None,
        };
        let sent = |text: &str| {
            let mut turn = turn(Speaker::Agent(AgentId::new("a")), TurnKind::Text, text, None);
            turn.attachments = vec![file("a.png"), file("b.png")];
            render(&turn, &Phase::WithBot { since: at(0) }, Language::En)
        };
        let check = |text: &str, n_parts: usize, caption: Option<&str>| {
            let sent = sent(text);
            assert_eq!((sent.parts.len(), sent.files.len()), (n_parts, 2));
            assert_eq!(sent.caption.map(|caption| caption.plain()).as_deref(), caption);
        };
        check("", 0, Some("Ann <3"));
        check("This one", 0, Some("Ann <3\nThis one"));
        check(&"x".repeat(1018), 1, None);
    }

    #[test]
    fn long_answers_come_in_parts() {
        let paragraph = format!("<p>{}</p>", "слово ".repeat(300));
        let long = turn(Speaker::Bot, TurnKind::Answer, "", Some(&paragraph.repeat(5)));
        let rendered = render(&long, &Phase::WithBot { since: at(0) }, Language::Ru);
        assert_eq!(rendered.parts.len(), 3);
        assert!(rendered.parts.iter().all(|part| super::super::rich::units(&part.plain()) <= MESSAGE_UNITS));
        assert_eq!(rendered.keyboard.len(), 2, "feedback and a person");
    }
}
