//! What a letter says, and the bytes that travel. The same letter is the same bytes, whenever they are made.

use crate::channel::transcript::{self, PAGE_AFTER, escaped, page_before, speaker, turn_as_html};
use crate::desk::Written;
use crate::domain::{Mailbox, letter_texts as texts};
use crate::store::LetterKind;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::time::SystemTime;
use url::Url;

/// Ready for the server.
pub struct Packed {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    pub message_id: String,
}

/// Characters of a subject.
const MAX_SUBJECT_CHARS: usize = 120;

pub fn pack(letter: &Written, from: &Mailbox, reply_to: Option<&Mailbox>) -> Result<Packed, Box<dyn Error>> {
    let to: Address = letter.address.parse()?;
    let id = name_of(&format!("{}/{}", letter.conversation, letter.id));
    let message_id = format!("<{id}@{}>", from.domain());
    let said = say(letter);
    let mut message = Message::builder()
        .message_id(Some(message_id.clone()))
        .date(SystemTime::from(letter.created_at))
        .from(boxed(from)?)
        .to(lettre::message::Mailbox::new(None, to.clone()))
        .subject(one_line(&said.subject))
        // So that a customer's mail program shows what belongs together.
        .references(format!("<{}@{}>", name_of(letter.conversation.as_str()), from.domain()))
        // RFC 3834: no program answers a program.
        .header(AutoSubmitted);
    if let Some(reply_to) = reply_to {
        message = message.reply_to(boxed(reply_to)?);
    }
    let parts = MultiPart::alternative()
        .boundary(format!("firstline-{id}"))
        .singlepart(part(ContentType::TEXT_PLAIN, said.text)?)
        .singlepart(part(ContentType::TEXT_HTML, said.html)?);
    let message = message.multipart(parts)?;
    Ok(Packed {
        envelope: Envelope::new(Some(from.address().parse()?), vec![to])?,
        bytes: message.formatted(),
        message_id,
    })
}

struct Said {
    subject: String,
    text: String,
    html: String,
}

fn say(letter: &Written) -> Said {
    match letter.kind {
        LetterKind::Transcript => say_transcript(letter),
        LetterKind::Replies => say_replies(letter),
    }
}

fn say_transcript(letter: &Written) -> Said {
    let language = letter.said.language;
    let why = texts::transcript_why(language);
    let foot = format!("<p class=\"small apart\">{}</p>\n{PAGE_AFTER}", escaped(&why));
    Said {
        subject: texts::transcript_subject(language),
        text: format!("{}\n-- \n{why}\n", transcript::as_text(&letter.said)),
        html: transcript::as_html(&letter.said).replace(PAGE_AFTER, &foot),
    }
}

fn say_replies(letter: &Written) -> Said {
    let (language, zone) = (letter.said.language, &letter.said.zone);
    let name = letter.said.turns.last().map_or_else(|| texts::team(language), |turn| speaker(turn, language));
    let (subject, greeting) = (texts::replies_subject(language, &name), texts::replies_greeting(language, &name));
    let link = letter.page_url.as_deref().and_then(web_address);
    let go_on = match &link {
        Some(_) => texts::replies_go_on(language),
        None => texts::replies_go_on_without_link(language),
    };
    let why = texts::replies_why(language);

    let mut text = format!("{greeting}\n");
    for turn in &letter.said.turns {
        text += &format!("\n{} ({}):\n", speaker(turn, language), transcript::moment(turn.at, zone));
        for line in transcript::words(turn, language).lines() {
            text += &format!("> {line}\n");
        }
    }
    text += &match &link {
        Some(link) => format!("\n{go_on}\n{link}\n"),
        None => format!("\n{go_on}\n"),
    };
    text += &format!("\n-- \n{why}\n");

    let mut html = page_before(language, &escaped(&subject));
    html += &format!("<p>{}</p>\n", escaped(&greeting));
    for turn in &letter.said.turns {
        html += &turn_as_html(turn, language, zone);
    }
    html += &match &link {
        Some(link) => {
            let link = escaped(link.as_str());
            format!("<p class=\"apart\">{} <a href=\"{link}\">{link}</a></p>\n", escaped(&go_on))
        }
        None => format!("<p class=\"apart\">{}</p>\n", escaped(&go_on)),
    };
    html += &format!("<p class=\"small apart\">{}</p>\n{PAGE_AFTER}", escaped(&why));
    Said { subject, text, html }
}

/// The page's address as a browser told it: only what a browser opens as a page. Parsed and written again, it holds no line break.
fn web_address(told: &str) -> Option<Url> {
    let url = Url::parse(told).ok()?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    (matches!(url.scheme(), "https" | "http") && !has_login).then_some(url)
}

/// What people are called may hold anything, and a header is one line.
fn one_line(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_SUBJECT_CHARS).collect()
}

/// Tells nobody the conversation's own id, and 128 bits of it are enough to be no other's.
fn name_of(what: &str) -> String {
    hex::encode(&Sha256::digest(format!("firstline letter {what}"))[..16])
}

fn boxed(mailbox: &Mailbox) -> Result<lettre::message::Mailbox, Box<dyn Error>> {
    Ok(lettre::message::Mailbox::new(mailbox.name().map(str::to_owned), mailbox.address().parse()?))
}

/// Base64 passes every server, whatever the language, and no line of it is too long.
fn part(kind: ContentType, body: String) -> Result<SinglePart, Box<dyn Error>> {
    let body = Body::new_with_encoding(body, ContentTransferEncoding::Base64).map_err(|_| "base64 takes every text")?;
    Ok(SinglePart::builder().header(kind).body(body))
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Transcript;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, ConversationId, Language, Speaker, Turn, TurnId, TurnKind};
    use jiff::tz::TimeZone;

    fn letter(language: Language, name: &str, text: &str, page_url: Option<&str>) -> Written {
        let turn = Turn {
            seq: 5,
            id: TurnId::of(&ConversationId::new("c"), 5),
            rev: 0,
            client_id: None,
            by: Speaker::Agent(AgentId::new("a")),
            agent_name: Some(name.to_owned()),
            kind: TurnKind::Text,
            text: text.to_owned(),
            html: None,
            at: at(0),
            options: vec![],
            decision: None,
            article: None,
            agent_avatar: None,
            is_withdrawn: false,
            attachments: vec![],
        };
        Written {
            id: 7,
            conversation: ConversationId::new("c"),
            kind: LetterKind::Replies,
            address: "anna@mail.example".into(),
            said: Transcript { language, zone: TimeZone::UTC, turns: vec![turn] },
            page_url: page_url.map(str::to_owned),
            created_at: at(0),
        }
    }

    fn shop() -> Mailbox {
        Mailbox::parse("Shop <help@shop.example>").unwrap()
    }

    fn headers(bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split("\r\n\r\n").next().unwrap().to_owned()
    }

    #[test]
    fn the_same_letter_is_the_same_bytes() {
        let letter = letter(Language::ZhHant, "小王", "您的訂單已寄出。", Some("https://shop.example/cart"));
        let (once, twice) = (pack(&letter, &shop(), None).unwrap(), pack(&letter, &shop(), None).unwrap());
        assert_eq!(once.bytes, twice.bytes);
        assert!(
            headers(&once.bytes).contains(&format!("Message-ID: {}\r\n", once.message_id)),
            "{}",
            headers(&once.bytes)
        );
        let other = Written { id: 8, ..letter };
        assert_ne!(pack(&other, &shop(), None).unwrap().message_id, once.message_id);
        assert!(once.bytes.is_ascii() && once.bytes.split(|b| *b == b'\n').all(|line| line.len() < 200));
    }

    #[test]
    fn nothing_that_people_wrote_becomes_a_header() {
        for name in ["Ann\r\nBcc: eve@mail.example", "Ann\nX: y", "Ann\u{2028}X: y", "Анна\r\nBcc: eve@mail.example"]
        {
            let letter = letter(Language::En, name, "\r\n.\r\nBcc: eve@mail.example", None);
            let packed = pack(&letter, &shop(), Some(&shop())).unwrap();
            let names: Vec<_> = headers(&packed.bytes)
                .lines()
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap().to_owned())
                .collect();
            let expected = [
                "Message-ID",
                "Date",
                "From",
                "To",
                "Subject",
                "References",
                "Auto-Submitted",
                "Reply-To",
                "MIME-Version",
                "Content-Type",
            ];
            assert_eq!(names, expected, "{name:?}");
            assert_eq!(packed.envelope.to().len(), 1);
        }
        let mut to_many = letter(Language::En, "Ann", "Hi", None);
        to_many.address = "a@mail.example, eve@mail.example".into();
        assert!(pack(&to_many, &shop(), None).is_err());
    }

    #[test]
    fn what_a_letter_about_replies_says() {
        let said =
            say(&letter(Language::En, "Ann", "Is it <b>this</b>?\nTell me.", Some("https://shop.example/a?b=1&c='")));
        assert_eq!(said.subject, "Ann has answered you");
        let expected = "Hello! Ann wrote to you while you were away:\n\nAnn (2027-01-15 08:00):\n> Is it <b>this</b>?\n> Tell me.\n\n\
                        Go on with the conversation here:\nhttps://shop.example/a?b=1&c=%27\n\n-- \n";
        assert!(said.text.starts_with(expected), "{}", said.text);
        assert!(said.html.contains("Is it &lt;b&gt;this&lt;/b&gt;?"), "{}", said.html);
        assert!(said.html.contains("<a href=\"https://shop.example/a?b=1&amp;c=%27\">"), "{}", said.html);
    }

    #[test]
    fn a_link_leads_to_a_page_or_is_left_out() {
        let check = |url: &str, expected: Option<&str>| {
            assert_eq!(web_address(url).as_ref().map(Url::as_str), expected, "{url}");
        };
        check("https://shop.example/cart", Some("https://shop.example/cart"));
        check("https://shop.example/\r\nBcc: x", Some("https://shop.example/Bcc:%20x"));
        check("javascript:alert(1)", None);
        check("data:text/html,x", None);
        check("file:///etc/passwd", None);
        check("https://shop.example@evil.example/", None);
        check("cart", None);
        let said = say(&letter(Language::Ru, "Анна", "Да", Some("javascript:alert(1)")));
        assert!(!said.html.contains("javascript") && !said.html.contains("href"), "{}", said.html);
        assert!(said.text.contains("снова откройте чат"), "{}", said.text);
    }
}
