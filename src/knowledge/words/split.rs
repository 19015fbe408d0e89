//! Several questions in one turn: where one ends and the next begins. What hangs together stays together, because half a
//! question finds the wrong article.

use super::{asking, is_han};

/// Nobody reads more answers than that at once.
pub const MAX_QUESTIONS: usize = 3;
/// A longer turn is a story, and stays whole.
const MAX_CHARS: usize = 2_000;

/// The questions of a turn as it was typed, in order, at most `MAX_QUESTIONS`, each with the sentences that it needs. A turn
/// that is not clearly more than one question comes back whole; an empty one gives nothing.
pub fn questions(text: &str) -> Vec<&str> {
    let text = text.trim();
    if text.is_empty() {
        return vec![];
    }
    let mut found = Found { text, spans: vec![], context: None };
    if text.chars().count() <= MAX_CHARS {
        let is_marked = text.contains(is_question_mark);
        pieces(text).iter().for_each(|piece| found.take(piece, is_marked));
    }
    let spans = found.finish();
    if spans.len() < 2 {
        return vec![text];
    }
    let ends = |c: char| is_mark(c) || c.is_whitespace();
    spans.into_iter().take(MAX_QUESTIONS).map(|(from, to)| text[from..to].trim().trim_end_matches(ends)).collect()
}

struct Found<'t> {
    text: &'t str,
    /// Where each question begins and ends.
    spans: Vec<(usize, usize)>,
    /// What stands before the next question and belongs to it.
    context: Option<Context>,
}

struct Context {
    from: usize,
    to: usize,
    /// It would be a question by itself: "I want to cancel my order."
    requests: bool,
}

impl Found<'_> {
    fn take(&mut self, piece: &Piece, is_marked: bool) {
        if asking::is_courtesy(piece.text) {
            return;
        }
        let asks = piece.asks(is_marked);
        let is_question = piece.is_long_enough() && (asks || piece.is_next && asking::requests(piece.text));
        if piece.is_next && is_question {
            if let Some(request) = self.context.take_if(|context| context.requests) {
                self.spans.push((request.from, request.to));
            }
            self.begin(piece);
        } else if is_question && self.context.is_none() && self.hangs_on_last(piece) {
            self.extend(piece);
        } else if is_question {
            self.begin(piece);
        } else if self.context.is_none() && !self.spans.is_empty() && (asks || asking::refers_back(piece.text)) {
            // "How?", "It was red."
            self.extend(piece);
        } else if piece.is_long_enough() {
            let from = self.context.as_ref().map_or(piece.at, |context| context.from);
            self.context = Some(Context { from, to: piece.end(), requests: asking::requests(piece.text) });
        }
    }

    fn hangs_on_last(&self, piece: &Piece) -> bool {
        let last = self.spans.last().map(|&(from, to)| &self.text[from..to]);
        last.is_some_and(|last| asking::refers_back(piece.text) || asking::says_the_same(last, piece.text))
    }

    fn begin(&mut self, piece: &Piece) {
        let from = self.context.take().map_or(piece.at, |context| context.from);
        self.spans.push((from, piece.end()));
    }

    fn extend(&mut self, piece: &Piece) {
        if let Some(last) = self.spans.last_mut() {
            last.1 = piece.end();
        }
    }

    /// What was said after the last question belongs to it.
    fn finish(mut self) -> Vec<(usize, usize)> {
        if let (Some(last), Some(context)) = (self.spans.last_mut(), self.context) {
            last.1 = context.to;
        }
        self.spans
    }
}

/// A sentence, a line, or what follows a word like "also".
struct Piece<'t> {
    at: usize,
    text: &'t str,
    /// It says so itself: "also", "另外", "2)".
    is_next: bool,
}

impl Piece<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn is_long_enough(&self) -> bool {
        let n_han = self.text.chars().filter(|c| is_han(*c)).count();
        let n_words = asking::words(self.text).len();
        let is_cyrillic = self.text.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я'));
        n_han >= MIN_HAN || n_words >= if is_cyrillic { MIN_CYRILLIC_WORDS } else { MIN_WORDS }
    }

    /// Who marks questions somewhere in a text marks them all, save in the last line of a list.
    fn asks(&self, is_marked: bool) -> bool {
        let text = self.text.trim_end_matches(['"', '\'', ')', '）', '”', '」']);
        text.ends_with(is_question_mark) || !(is_marked && text.ends_with(is_full_stop)) && asking::asks(text)
    }
}

/// "A few words", in the scripts that need more or fewer of them.
const MIN_WORDS: usize = 3;
const MIN_CYRILLIC_WORDS: usize = 2;
const MIN_HAN: usize = 4;

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    let mut at = 0;
    for sentence in sentences(text) {
        let mut rest = sentence;
        let mut is_next = false;
        let mut from = at;
        while let Some((before, after)) = joint(rest) {
            push(&mut pieces, from, &rest[..before], is_next);
            from += after;
            rest = &rest[after..];
            is_next = true;
        }
        push(&mut pieces, from, rest, is_next);
        at += sentence.len();
    }
    pieces
}

fn push<'t>(pieces: &mut Vec<Piece<'t>>, at: usize, text: &'t str, is_next: bool) {
    let (bare, is_listed) = without_opening(text);
    let from = at + (text.len() - bare.len());
    let bare = bare.trim_end();
    if bare.chars().any(char::is_alphanumeric) {
        pieces.push(Piece { at: from, text: bare, is_next: is_next || is_listed });
    }
}

/// Slices that end after their marks, nothing left out.
fn sentences(text: &str) -> Vec<&str> {
    let mut all = vec![];
    let mut begins = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let is_run = next.is_some_and(|next| is_question_mark(next) || is_full_stop(next));
        let ends = match c {
            '\n' => true,
            ' ' => is_numbered(&text[at + 1..]),
            '.' => !is_run && next.is_none_or(char::is_whitespace) && !is_abbreviation(&text[begins..at]),
            c => !is_run && (is_question_mark(c) || is_full_stop(c)),
        };
        if ends {
            let end = at + c.len_utf8();
            all.push(&text[begins..end]);
            begins = end;
        }
    }
    all.push(&text[begins..]);
    all
}

/// "… 2) …" in the middle of a line.
fn is_numbered(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit()) && without_bullet(rest).is_some()
}

fn is_question_mark(c: char) -> bool {
    matches!(c, '?' | '？' | '⁇' | '؟')
}

fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '。' | '！' | ';' | '；' | '…')
}

/// "no. 5", "ул. Ленина", and the "1." that opens a line.
fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    ABBREVIATIONS.contains(&word.as_str())
        || !word.is_empty() && word.chars().all(char::is_numeric) && before.trim().len() == word.len()
}

/// Where a sentence breaks at "also" and its like: the end of what stands before it and the beginning of what follows.
/// Both must ask.
fn joint(sentence: &str) -> Option<(usize, usize)> {
    sentence.char_indices().skip(1).find_map(|(at, _)| {
        let (before, rest) = sentence.split_at(at);
        let after = without_joint(rest)?;
        let is_boundary =
            before.ends_with(|c: char| c.is_whitespace() || is_mark(c)) || rest.starts_with(NEEDS_NO_MARK);
        if !is_boundary {
            return None;
        }
        let piece = |text| Piece { at: 0, text, is_next: false };
        let (first, second) = (piece(without_opening(before).0.trim_end_matches(is_mark).trim_end()), piece(after));
        let asks = |piece: &Piece| piece.is_long_enough() && (asking::asks(piece.text) || asking::requests(piece.text));
        (asks(&first) && asks(&second)).then_some((at, sentence.len() - after.len()))
    })
}

fn is_mark(c: char) -> bool {
    matches!(c, ',' | '，' | '、' | '-' | '–' | '—' | ':' | '：' | '(' | ' ')
}

/// What follows "also", "另外", "еще вопрос".
fn without_joint(text: &str) -> Option<&str> {
    let strip = |text: &'_ str| JOINTS.iter().find_map(|joint| strip_word(text, joint)).map(str::len);
    let rest = &text[text.len() - strip(text)?..];
    if text.starts_with(['还', '還']) && HAN_STILL_HAS.iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    let rest = rest.trim_start_matches(|c| is_mark(c) || is_full_stop(c));
    // "另外,还想问…"
    let rest = strip(rest).map_or(rest, |left| &rest[rest.len() - left..]);
    Some(rest.trim_start_matches(is_mark))
}

/// Without what opens a piece, and whether that says that it is another one: "2) …", "Also, …". A mere "and" is passed over.
fn without_opening(text: &str) -> (&str, bool) {
    let bare = text
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '.' | '。' | '!' | '！'));
    let unlisted = without_bullet(bare);
    let rest = unlisted.unwrap_or(bare);
    let after_and =
        AND.iter().find_map(|and| strip_word(rest, and)).map_or(rest, |rest| rest.trim_start_matches(is_mark));
    match without_joint(rest).or_else(|| without_joint(after_and)) {
        Some(rest) => (rest, true),
        None => (after_and, unlisted.is_some()),
    }
}

/// "1. …", "2) …", "- …", "• …", "①…", "三、…".
fn without_bullet(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix(['-', '–', '—', '•', '*', '·', '①', '②', '③', '④', '⑤']) {
        return Some(rest.trim_start());
    }
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五".contains(c));
    let n_digits = line[..line.len() - after.len()].chars().count();
    let rest = after.strip_prefix(['.', ')', '）', '、', '．', ':', '：'])?;
    ((1..=2).contains(&n_digits) && !rest.starts_with(|c: char| c.is_ascii_digit())).then(|| rest.trim_start())
}

/// Whatever the case, and with ё as е; a word of letters must end there.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for expected in word.chars() {
        let c = rest.next()?.to_lowercase().next()?;
        if c != expected && !(c == 'ё' && expected == 'е') {
            return None;
        }
    }
    let ends = word.ends_with(is_han) || !rest.as_str().starts_with(char::is_alphanumeric);
    ends.then_some(rest.as_str())
}

/// "and also" and the like; longer ones first, because the first that fits is taken.
#[rustfmt::skip]
const JOINTS: &[&str] = &[
    "and also", "also", "and another question", "another question is", "another question", "my other question is",
    "other question", "one more question", "one more thing", "another thing", "second question",
    "my second question is", "secondly", "additionally", "in addition", "besides that", "and one more question",
    "and one more thing", "by the way", "btw", "ps", "p.s", "и еще один вопрос", "и еще вопрос", "и еще такой вопрос",
    "и еще одно", "и еще", "а еще", "еще один вопрос", "еще вопрос", "еще одно", "еще подскажите", "еще хотел узнать",
    "еще хотела узнать", "другой вопрос", "второй вопрос", "и второе", "второе", "также", "а также", "и также",
    "кроме того", "кстати", "и кстати", "заодно", "плюс к этому", "еще хочу узнать", "еще хочу спросить",
    "еще интересует", "еще такой вопрос", "еще скажите", "另外还有一个问题", "另外还想问", "另外想问一下", "另外想问",
    "另外请问", "另外再问", "另外", "還有一個問題", "还有一个问题", "还有个问题", "還有個問題", "还有就是", "還有就是",
    "还有", "還有", "再问一下", "再問一下", "再请问", "再請問", "还想问一下", "还想问", "還想問一下", "還想問",
    "顺便问一下", "顺便问", "順便問一下", "順便問", "第二个问题", "第二個問題", "另一个问题", "另一個問題", "对了",
    "對了",
];

/// Chinese words that join wherever they stand.
const NEEDS_NO_MARK: [char; 2] = ['另', '顺'];

/// After "还有": "still in stock", not "and also".
#[rustfmt::skip]
const HAN_STILL_HAS: &[&str] = &[
    "货", "貨", "没有", "沒有", "吗", "嗎", "多少", "多久", "几", "幾", "现货", "現貨", "库存", "庫存", "效", "优惠吗",
    "優惠嗎", "机会", "機會", "剩", "尺码吗", "余", "餘",
];

/// They open a sentence and join nothing by themselves.
const AND: &[&str] = &[
    "and",
    "but",
    "so",
    "or",
    "firstly",
    "first of all",
    "first question",
    "и",
    "а",
    "но",
    "ну",
    "да и",
    "во-первых",
    "первый вопрос",
    "那么",
    "那麼",
    "首先",
];

#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    "e.g", "g", "i.e", "e", "no", "nr", "mr", "mrs", "ms", "dr", "st", "vs", "etc", "approx", "tel", "ул", "д", "кв",
    "г", "руб", "т", "п", "им", "тел", "шт", "стр", "р", "др", "пр", "обл", "мин", "см", "кг",
];

#[cfg(test)]
mod tests;
