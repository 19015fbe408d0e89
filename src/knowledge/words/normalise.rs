//! What all matching and the encoder see of a text.

use super::fold::fold;
use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case, Traditional folded to Simplified, ё as е, curly quotes as straight ones, invisible characters
/// removed, emoji and control characters as spaces, whitespace collapsed and trimmed. Punctuation stays: the encoder
/// reads it. Doing it twice changes nothing.
pub fn normalise(text: &str) -> String {
    if text.is_ascii() {
        return collapse(text.chars().map(|c| c.to_ascii_lowercase()));
    }
    let visible = text.chars().filter(|&c| !is_invisible(c)).map(|c| if is_pictogram(c) { ' ' } else { c });
    let plain: String = visible.nfkc().flat_map(char::to_lowercase).map(plain).collect();
    collapse(fold(&plain).chars())
}

/// One way to write what people and keyboards write in several.
fn plain(c: char) -> char {
    match c {
        'ё' => 'е',
        '’' | '‘' | 'ʼ' | '‛' | '`' | '´' => '\'',
        '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' => '"',
        '–' | '—' | '‑' | '‐' | '−' => '-',
        other => other,
    }
}

fn collapse(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::with_capacity(chars.size_hint().0);
    for c in chars {
        if !c.is_whitespace() && !c.is_control() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Joins, direction marks, soft hyphens, byte order marks, variation selectors, skin tones and tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{20e3}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Emoji and the symbols that keyboards offer beside them; NFKC would turn some of them into letters (™, ㊗).
fn is_pictogram(c: char) -> bool {
    matches!(c,
        '©' | '®' | '™' | '℠' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '〰' | '〽' | '㊗' | '㊙' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matching_sees() {
        let check = |text: &str, expected: &str| {
            let normal = normalise(text);
            assert_eq!(normal, expected, "{text:?}");
            assert_eq!(normalise(&normal), normal, "{text:?} a second time");
        };
        check("Where is my ORDER?", "where is my order?");
        check("  two\t\tspaces \r\n and lines ", "two spaces and lines");
        check("Ещё ёлка", "еще елка");
        check("Й composed", "й composed");
        check("Ｆｕｌｌ　ｗｉｄｔｈ！", "full width!");
        check("wi\u{200b}fi", "wifi");
        check("soft\u{ad}hyphen", "softhyphen");
        check("\u{feff}start", "start");
        check("bell\u{7}rings", "bell rings");
        check("I won’t pay “twice”", "i won't pay \"twice\"");
        check("great 👍🏽 thanks❤️", "great thanks");
        check("👨‍👩‍👧‍👦🇷🇺1️⃣", "1");
        check("🙏😭", "");
        check("ﬁle №5", "file no5");
        check("Firstline™ app", "firstline app");
        check("設定 → 網路", "设置 网络");
        check("「訂單」，還沒到。", "\"订单\",还没到。");
        check("貨到付款", "货到付款");
        check("", "");
    }
}
