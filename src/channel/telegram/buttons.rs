//! Buttons under a message: what stands on them and what they say when tapped. Plain values.

use super::texts;
use crate::domain::{ConversationId, Language, Phase, Seq, Speaker, Turn, TurnKind, texts as domain_texts};
use sha2::{Digest, Sha256};
use std::fmt;
use unicode_segmentation::UnicodeSegmentation;

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub label: String,
    pub tap: Tap,
}

/// What a tapped button asks for. Written as `callback_data`, at most 64 bytes (Bot API, InlineKeyboardButton).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tap {
    /// The option at `index` under the turn `seq`. The turn is read again, so no article id must fit into the button.
    Option {
        seq: Seq,
        index: usize,
    },
    Feedback {
        seq: Seq,
        helped: bool,
    },
    Rating {
        score: u8,
    },
    Person,
    BackToBot,
    Language(Language),
    /// Everything in the conversation whose mark is `of`: a button from before must not erase what came after.
    Forget {
        of: u64,
    },
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option { seq, index } => write!(f, "o:{seq}:{index}"),
            Self::Feedback { seq, helped } => write!(f, "f:{seq}:{}", u8::from(*helped)),
            Self::Rating { score } => write!(f, "r:{score}"),
            Self::Person => f.write_str("h"),
            Self::BackToBot => f.write_str("b"),
            Self::Language(language) => write!(f, "l:{}", index_of(*language)),
            Self::Forget { of } => write!(f, "x:{of}"),
        }
    }
}

impl Tap {
    pub fn forget(conversation: &ConversationId) -> Self {
        let digest = Sha256::digest(conversation.as_str().as_bytes());
        let mark: [u8; 8] = digest[..8].try_into().expect("a digest has 32 bytes");
        Self::Forget { of: u64::from_be_bytes(mark) }
    }

    /// `None` for a button that no version of this program made.
    pub fn read(data: &str) -> Option<Self> {
        let mut parts = data.split(':');
        let kind = parts.next()?;
        let numbers: Option<Vec<u64>> = parts.map(|part| part.parse().ok()).collect();
        match (kind, numbers?.as_slice()) {
            ("o", [seq, index]) => Some(Self::Option { seq: *seq, index: usize::try_from(*index).ok()? }),
            ("f", [seq, helped @ (0 | 1)]) => Some(Self::Feedback { seq: *seq, helped: *helped == 1 }),
            ("r", [score @ 1..=5]) => Some(Self::Rating { score: *score as u8 }),
            ("h", []) => Some(Self::Person),
            ("b", []) => Some(Self::BackToBot),
            ("l", [index]) => Some(Self::Language(*Language::ALL.get(usize::try_from(*index).ok()?)?)),
            ("x", [of]) => Some(Self::Forget { of: *of }),
            _ => None,
        }
    }
}

/// Its place in `Language::ALL`, which only grows at its end.
fn index_of(language: Language) -> usize {
    Language::ALL.iter().position(|one| *one == language).unwrap_or_default()
}

/// What stands under a turn. `phase` is the conversation's, now.
pub fn under(turn: &Turn, phase: &Phase, language: Language) -> Keyboard {
    let option = |(index, choice): (usize, &crate::domain::Choice)| {
        vec![button(&choice.title, Tap::Option { seq: turn.seq, index })]
    };
    let mut rows: Keyboard = turn.options.iter().enumerate().map(option).collect();
    match (turn.kind, phase) {
        (TurnKind::Answer, Phase::WithBot { .. }) => {
            rows.push(helped_or_not(turn.seq, language));
            rows.push(person(language));
        }
        (TurnKind::Answer, Phase::Waiting { .. } | Phase::WithAgent { .. }) => {
            rows.push(helped_or_not(turn.seq, language));
        }
        (TurnKind::Notice, Phase::Resolved { .. }) if asks_for_rating(turn) => rows.push(rating()),
        (TurnKind::Answer | TurnKind::Notice, _) => {}
        (TurnKind::Text | TurnKind::Option | TurnKind::Clarification | TurnKind::SmallTalk | TurnKind::Note, _) => {}
    }
    rows
}

pub fn person(language: Language) -> Vec<Button> {
    vec![button(&domain_texts::person_button(language), Tap::Person)]
}

pub fn back_to_bot(language: Language) -> Vec<Button> {
    vec![button(&domain_texts::back_to_bot_button(language), Tap::BackToBot)]
}

/// One button a language, each in its own words.
pub fn languages() -> Keyboard {
    let button = |language: &Language| button(language.own_name(), Tap::Language(*language));
    Language::ALL.chunks(2).map(|row| row.iter().map(button).collect()).collect()
}

pub fn forget(conversation: &ConversationId, language: Language) -> Vec<Button> {
    vec![button(&texts::forget_button(language), Tap::forget(conversation))]
}

fn helped_or_not(seq: Seq, language: Language) -> Vec<Button> {
    vec![
        button(&texts::helped(language), Tap::Feedback { seq, helped: true }),
        button(&texts::did_not_help(language), Tap::Feedback { seq, helped: false }),
    ]
}

fn rating() -> Vec<Button> {
    (1..=5).map(|score| button(&format!("{score} ⭐"), Tap::Rating { score })).collect()
}

/// After the end the system says two things: that it has ended, and thanks for the rating.
fn asks_for_rating(turn: &Turn) -> bool {
    turn.by == Speaker::System && !Language::ALL.iter().any(|l| domain_texts::thanks_for_rating(*l) == turn.text)
}

/// Telegram sets no limit, but a phone shows about this much of a button.
const LABEL_CHARS: usize = 60;

fn button(label: &str, tap: Tap) -> Button {
    Button { label: cut(label), tap }
}

/// At a word's end where there is one in the last third, never inside a character that the reader sees as one.
fn cut(label: &str) -> String {
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    if label.graphemes(true).count() <= LABEL_CHARS {
        return if label.is_empty() { "…".to_owned() } else { label };
    }
    let head: String = label.graphemes(true).take(LABEL_CHARS - 1).collect();
    let kept = match head.rfind(' ') {
        Some(space) if space > head.len() * 2 / 3 => &head[..space],
        Some(_) | None => head.as_str(),
    };
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':', '-', '–', '—']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::Outcome;
    use crate::domain::testing::at;
    use crate::domain::{Choice, QueueName, Reason, TurnId};

    #[test]
    fn taps_are_written_and_read() {
        let check = |tap: Tap, data: &str| {
            assert_eq!(tap.to_string(), data);
            assert_eq!(Tap::read(data), Some(tap));
            assert!(data.len() <= 64);
        };
        check(Tap::Option { seq: 12, index: 3 }, "o:12:3");
        check(Tap::Option { seq: u64::MAX, index: usize::MAX }, &format!("o:{}:{}", u64::MAX, usize::MAX));
        check(Tap::Feedback { seq: 4, helped: true }, "f:4:1");
        check(Tap::Feedback { seq: 4, helped: false }, "f:4:0");
        check(Tap::Rating { score: 5 }, "r:5");
        check(Tap::Person, "h");
        check(Tap::BackToBot, "b");
        check(Tap::Forget { of: u64::MAX }, &format!("x:{}", u64::MAX));
    }

    #[test]
    fn foreign_data_is_no_tap() {
        for data in
            ["", "x", "o", "o:1", "o:1:2:3", "o:-1:0", "o:a:b", "f:1:2", "f:1", "r:0", "r:6", "h:1", "b:", "буд"]
        {
            assert_eq!(Tap::read(data), None, "{data:?}");
        }
    }

    #[test]
    fn long_labels_are_cut_where_words_end() {
        let check = |label: &str, expected: &str| assert_eq!(cut(label), expected);
        check("Where is my order?", "Where is my order?");
        check("  two \n lines ", "two lines");
        check("", "…");
        check(
            "How do I change the delivery address of an order that has already been handed to the courier?",
            "How do I change the delivery address of an order that has…",
        );
        check(&"长".repeat(60), &"长".repeat(60));
        check(&"长".repeat(61), &format!("{}…", "长".repeat(59)));
        check(&"👨‍👩‍👧".repeat(61), &format!("{}…", "👨‍👩‍👧".repeat(59)));
    }

    fn turn(by: Speaker, kind: TurnKind, text: &str, options: Vec<Choice>) -> Turn {
        Turn {
            seq: 9,
            id: TurnId::new("c.9"),
            rev: 0,
            client_id: None,
            by,
            agent_name: None,
            kind,
            text: text.into(),
            html: None,
            at: at(0),
            options,
            decision: None,
            article: None,
            agent_avatar: None,
            is_withdrawn: false,
            attachments: vec![],
        }
    }

    fn labels(keyboard: &Keyboard) -> Vec<Vec<String>> {
        keyboard.iter().map(|row| row.iter().map(|b| format!("{} [{}]", b.label, b.tap)).collect()).collect()
    }

    #[test]
    fn what_stands_under_which_turn() {
        let with_bot = Phase::WithBot { since: at(0) };
        let waiting = Phase::Waiting {
            reason: Reason::CustomerAsked,
            queue: QueueName::new("q"),
            since: at(0),
            in_front: false,
            for_lead: false,
        };
        let resolved = Phase::Resolved { outcome: Outcome::Solved, since: at(0) };
        let check = |turn: &Turn, phase: &Phase, expected: &[&[&str]]| {
            assert_eq!(labels(&under(turn, phase, Language::En)), expected, "{turn:?} {phase:?}");
        };

        let suggests = vec![Choice::new("refund-status", "Where is my refund?")];
        let answer = turn(Speaker::Bot, TurnKind::Answer, "Five days.", suggests);
        let suggested: &[&str] = &["Where is my refund? [o:9:0]"];
        let judged: &[&str] = &["👍 This helped [f:9:1]", "👎 It did not [f:9:0]"];
        check(&answer, &with_bot, &[suggested, judged, &["Talk to a person [h]"]]);
        check(&answer, &waiting, &[suggested, judged]);
        check(&answer, &resolved, &[suggested]);

        let options = vec![Choice::new("a", "A?"), Choice::new(Choice::HUMAN, "Talk to a person")];
        let clarification = turn(Speaker::Bot, TurnKind::Clarification, "Which?", options);
        check(&clarification, &with_bot, &[&["A? [o:9:0]"], &["Talk to a person [o:9:1]"]]);

        let stars: &[&str] = &["1 ⭐ [r:1]", "2 ⭐ [r:2]", "3 ⭐ [r:3]", "4 ⭐ [r:4]", "5 ⭐ [r:5]"];
        let ended = turn(Speaker::System, TurnKind::Notice, &domain_texts::resolved(Language::Ru), vec![]);
        check(&ended, &resolved, &[stars]);
        check(&ended, &with_bot, &[]);
        let thanks = turn(Speaker::System, TurnKind::Notice, &domain_texts::thanks_for_rating(Language::Ru), vec![]);
        check(&thanks, &resolved, &[]);
        check(&turn(Speaker::Bot, TurnKind::SmallTalk, "Hello!", vec![]), &with_bot, &[]);
    }
}
