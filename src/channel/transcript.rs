//! A conversation on paper: as plain text, and as one page of HTML that needs nothing else and runs nothing.
//!
//! Whatever people wrote is text here: in HTML every character of it that could mean something is escaped.

use crate::desk::Transcript;
use crate::domain::{Choice, Language, Speaker, Timestamp, Turn, TurnKind, letter_texts as texts};
use jiff::tz::TimeZone;
use std::fmt::Write;

pub fn as_text(transcript: &Transcript) -> String {
    let language = transcript.language;
    let mut out = format!("{}\n{}\n", texts::transcript_title(language), zone_line(transcript));
    for turn in &transcript.turns {
        // Writing to a String never fails.
        let _ = write!(
            out,
            "\n[{}] {}\n{}\n",
            moment(turn.at, &transcript.zone),
            speaker(turn, language),
            words(turn, language)
        );
        for title in offered(turn) {
            let _ = writeln!(out, "  • {title}");
        }
    }
    out
}

pub fn as_html(transcript: &Transcript) -> String {
    let language = transcript.language;
    let title = escaped(&texts::transcript_title(language));
    let mut out = page_before(language, &title);
    let _ = write!(out, "<h1>{title}</h1>\n<p class=\"when\">{}</p>\n", escaped(&zone_line(transcript)));
    for turn in &transcript.turns {
        out.push_str(&turn_as_html(turn, language, &transcript.zone));
    }
    out.push_str(PAGE_AFTER);
    out
}

/// One turn with who said it and when.
pub fn turn_as_html(turn: &Turn, language: Language, zone: &TimeZone) -> String {
    let class = match turn.by {
        Speaker::Customer => "turn customer",
        Speaker::Bot | Speaker::Agent(_) | Speaker::System => "turn",
    };
    let mut out = format!(
        "<div class=\"{class}\">\n<p class=\"when\"><b>{}</b> {}</p>\n<p class=\"words\">{}</p>\n",
        escaped(&speaker(turn, language)),
        moment(turn.at, zone),
        escaped(&words(turn, language))
    );
    let offered: Vec<String> = offered(turn).map(|title| format!("<li>{}</li>\n", escaped(title))).collect();
    if !offered.is_empty() {
        let _ = write!(out, "<ul>\n{}</ul>\n", offered.concat());
    }
    out.push_str("</div>\n");
    out
}

/// `title` is escaped already. The policy in the page holds wherever the file is opened.
pub fn page_before(language: Language, title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        language.tag()
    )
}

pub const PAGE_AFTER: &str = "</body>\n</html>\n";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1d2327;background:#fff;max-width:40em;margin:2em auto;padding:0 1em}\
h1{font-size:1.3em}p{margin:0}.turn{border-left:3px solid #c3cbd1;padding-left:.8em;margin:1em 0}\
.customer{border-color:#0a6c74}.when,.small{color:#57606a;font-size:.85em}.words{white-space:pre-wrap;overflow-wrap:anywhere}\
.apart{margin:1em 0}";

/// OWASP's five for element content and quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML allows no other control characters; a NUL would become a question mark in a box.
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

pub fn speaker(turn: &Turn, language: Language) -> String {
    match &turn.by {
        Speaker::Customer => texts::customer(language),
        Speaker::Bot => texts::bot(language),
        Speaker::System => texts::notice(language),
        Speaker::Agent(_) => turn.agent_name.clone().unwrap_or_else(|| texts::team(language)),
    }
}

/// `2026-11-27 09:05`: read the same way everywhere.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// The one place that puts what was said into words. Files stand there by their names.
pub fn words(turn: &Turn, language: Language) -> String {
    if turn.is_withdrawn {
        return crate::domain::texts::withdrawn(language);
    }
    let files = turn.attachments.iter().map(|file| format!("📎 {}", file.name));
    let text = Some(turn.text.trim_end().to_owned()).filter(|text| !text.is_empty());
    text.into_iter().chain(files).collect::<Vec<_>>().join("\n")
}

/// Questions that the bot offered. Its other buttons say nothing on paper.
fn offered(turn: &Turn) -> impl Iterator<Item = &str> {
    let shown = turn.kind == TurnKind::Clarification;
    let articles = turn.options.iter().filter(move |option| shown && !Choice::is_reserved(option.article.as_str()));
    articles.map(|option| option.title.as_str())
}

fn zone_line(transcript: &Transcript) -> String {
    texts::transcript_zone(transcript.language, transcript.zone.iana_name().unwrap_or("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::at;
    use crate::domain::{AgentId, ConversationId, TurnId};

    fn turn(seq: u64, by: Speaker, kind: TurnKind, text: &str) -> Turn {
        Turn {
            seq,
            id: TurnId::of(&ConversationId::new("c"), seq),
            rev: 0,
            client_id: None,
            agent_name: matches!(by, Speaker::Agent(_)).then(|| "Ann <b>".to_owned()),
            by,
            kind,
            text: text.to_owned(),
            html: Some("<script>alert(1)</script>".to_owned()),
            at: at(0),
            options: vec![Choice::new("refund-time", "When & how?"), Choice::new(Choice::HUMAN, "Talk to a person")],
            decision: None,
            article: None,
            agent_avatar: None,
            is_withdrawn: false,
            attachments: vec![],
        }
    }

    fn transcript() -> Transcript {
        Transcript {
            language: Language::En,
            zone: TimeZone::get("Asia/Taipei").unwrap(),
            turns: vec![
                turn(1, Speaker::Customer, TurnKind::Text, "<img src=x onerror=alert(1)>\nMy \"order\" & 'mine'\0"),
                turn(2, Speaker::Bot, TurnKind::Clarification, "Did you mean one of these?"),
                turn(3, Speaker::Agent(AgentId::new("a")), TurnKind::Text, "</p><script>alert(2)</script>"),
                turn(4, Speaker::System, TurnKind::Notice, "Ann has joined."),
            ],
        }
    }

    #[test]
    fn plain_text() {
        let text = as_text(&transcript());
        let expected = "Your conversation\nTimes: Asia/Taipei\n\n[2027-01-15 16:00] You\n<img src=x onerror=alert(1)>\n\
                        My \"order\" & 'mine'\0\n\n[2027-01-15 16:00] Assistant\nDid you mean one of these?\n  • When & how?\n\n\
                        [2027-01-15 16:00] Ann <b>\n</p><script>alert(2)</script>\n\n[2027-01-15 16:00] Notice\nAnn has joined.\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_people_wrote_is_never_markup() {
        let html = as_html(&transcript());
        for markup in ["<img", "<script", "onerror=alert(1)>", "Ann <b>", "\0"] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        for text in
            ["&lt;img src=x onerror=alert(1)&gt;", "&lt;script&gt;alert(2)", "&#39;mine&#39;", "When &amp; how?"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("Talk to a person"));
        // It asks nobody for anything.
        for outside in ["http:", "https:", "src=", "href=", "url("] {
            assert!(!html.replace("src=x", "").contains(outside), "{outside}: {html}");
        }
    }
}
