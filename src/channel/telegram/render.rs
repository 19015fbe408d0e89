//! One turn → the messages that carry it to a Telegram chat. Pure: the same turn gives the same parts on every attempt.

use super::buttons::{self, Keyboard};
use super::from_html;
use super::rich::{MESSAGE_UNITS, Marks, Rich};
use crate::domain::{Language, Phase, Speaker, Turn};

#[derive(Debug)]
pub struct Rendered {
    /// In order; empty for a turn without words.
    pub parts: Vec<Rich>,
    /// Under the last part.
    pub keyboard: Keyboard,
}

/// `phase` is the conversation's, now: it decides which buttons still make sense.
pub fn render(turn: &Turn, phase: &Phase, language: Language) -> Rendered {
    Rendered { parts: words(turn).split(MESSAGE_UNITS), keyboard: buttons::under(turn, phase, language) }
}

fn words(turn: &Turn) -> Rich {
    match &turn.by {
        Speaker::Bot => {
            let article = turn.html.as_deref().map(from_html::rich).filter(|rich| !rich.is_blank());
            article.unwrap_or_else(|| Rich::plain_text(&turn.text))
        }
        // To Telegram everything comes from the bot, so a person's words are signed.
        Speaker::Agent(_) => {
            let mut rich = Rich::default();
            if let Some(name) = turn.agent_name.as_deref().filter(|_| !turn.text.trim().is_empty()) {
                rich.push(name, Marks { bold: true, ..Marks::default() });
                rich.push("\n", Marks::default());
            }
            rich.push(&turn.text, Marks::default());
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
        check(turn(Speaker::System, TurnKind::Notice, "You are next.", None), &["You are next."]);
        check(turn(Speaker::Bot, TurnKind::SmallTalk, " ", None), &[]);
        check(turn(agent(), TurnKind::Text, " ", None), &[]);
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
