//! A file that somebody sent, and which files may be sent: known by their bytes, and called by their right names.

use super::AttachmentId;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A file as a turn shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    /// Unguessable (256 bits, hexadecimal): the file's name on the disk and the end of its address.
    pub key: String,
    /// As `clean_name` leaves it.
    pub name: String,
    /// A media type of `FILE_TYPES`.
    #[serde(rename = "type")]
    pub kind: String,
    pub bytes: u64,
    /// Of images.
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// Files of one turn; as many as an album of Telegram has.
pub const MAX_ATTACHMENTS: usize = 10;
/// Characters of a file's name.
pub const MAX_NAME_CHARS: usize = 120;

/// What may be sent, if the operator wants it. Nothing here is ever run by a browser.
#[derive(Debug, PartialEq, Eq)]
pub struct FileType {
    pub name: &'static str,
    /// Without the dot, the usual one first.
    pub endings: &'static [&'static str],
    /// Shown in the page; everything else is only downloaded.
    pub is_inline: bool,
}

pub const FILE_TYPES: &[FileType] = &[
    FileType { name: "image/png", endings: &["png"], is_inline: true },
    FileType { name: "image/jpeg", endings: &["jpg", "jpeg", "jpe", "jfif"], is_inline: true },
    FileType { name: "image/gif", endings: &["gif"], is_inline: true },
    FileType { name: "image/webp", endings: &["webp"], is_inline: true },
    FileType { name: "image/heif", endings: &["heic", "heif"], is_inline: false },
    FileType { name: "application/pdf", endings: &["pdf"], is_inline: false },
    FileType { name: TEXT, endings: &["txt", "log"], is_inline: false },
    FileType { name: "application/zip", endings: &["zip"], is_inline: false },
    FileType {
        name: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        endings: &["docx"],
        is_inline: false,
    },
    FileType {
        name: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        endings: &["xlsx"],
        is_inline: false,
    },
    FileType { name: "video/mp4", endings: &["mp4", "m4v"], is_inline: false },
    FileType { name: "audio/mpeg", endings: &["mp3"], is_inline: false },
    FileType { name: "audio/ogg", endings: &["ogg", "oga", "opus"], is_inline: false },
];

/// The only one that no mark at the beginning tells.
pub const TEXT: &str = "text/plain";

pub fn file_type(name: &str) -> Option<&'static FileType> {
    FILE_TYPES.iter().find(|known| known.name == name)
}

/// The name that people see: without folders, without what a terminal, a header or a reader's eye could be tricked by, not
/// longer than `MAX_NAME_CHARS`, and with its ending kept. `None` when the ending belongs to another type.
pub fn clean_name(given: &str, kind: &FileType) -> Option<String> {
    let composed: String = given.nfc().collect();
    let last = composed.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = last.chars().filter(|c| !is_hidden(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c });
    let safe: String = safe.collect();
    let words = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = words.trim_end_matches(['.', ' ']);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => {
            kind.endings.iter().find(|known| ending.eq_ignore_ascii_case(known))?;
            (stem, ending)
        }
        Some(_) | None => (name, kind.endings[0]),
    };
    let stem = match stem.trim_matches(['.', ' ']) {
        "" => "file",
        stem => stem,
    };
    let cut: String = stem.chars().take(MAX_NAME_CHARS - 1 - ending.len()).collect();
    Some(format!("{}.{ending}", cut.trim_end()))
}

/// What looks like one: `v1.2 draft` has none.
fn is_ending(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Controls, and the marks that turn the direction of writing or take no room (Unicode TR 36, section 2.10): `exe.gpj` turned round
/// reads as a picture's name.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |given: &str, expected: Option<&str>| {
            let png = file_type("image/png").unwrap();
            assert_eq!(clean_name(given, png).as_deref(), expected, "{given:?}");
        };
        check("cat.png", Some("cat.png"));
        check("Cat.PNG", Some("Cat.PNG"));
        check("猫的照片.png", Some("猫的照片.png"));
        check("../../etc/passwd.png", Some("passwd.png"));
        check("C:\\Windows\\a.png", Some("a.png"));
        check("a\r\nSet-Cookie: x=1.png", Some("aSet-Cookie_ x=1.png"));
        check("\"quoted\" <name>.png", Some("_quoted_ _name_.png"));
        check("photo\u{202e}gnp.exe", None);
        check("gpj\u{202e}.png", Some("gpj.png"));
        check("a.jpg", None);
        check("a.html", None);
        check("a.svg", None);
        check("a.png.exe", None);
        check(".hidden.png", Some("hidden.png"));
        check("png", Some("png.png"));
        check("clipboard", Some("clipboard.png"));
        check("v1.2 draft", Some("v1.2 draft.png"));
        check("", Some("file.png"));
        check(".png", Some("file.png"));
        check("...", Some("file.png"));
        check("a .png", Some("a.png"));
        check(&format!("{}.png", "x".repeat(300)), Some(&format!("{}.png", "x".repeat(MAX_NAME_CHARS - 4))));
        check(&"猫".repeat(300), Some(&format!("{}.png", "猫".repeat(MAX_NAME_CHARS - 4))));
    }

    #[test]
    fn nothing_that_browsers_run_is_known() {
        for name in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "text/xml"] {
            assert_eq!(file_type(name), None, "{name}");
        }
        assert!(FILE_TYPES.iter().all(|known| !known.endings.is_empty()));
    }
}
