//! The tokens of conversations, for agents who search them: the same that the articles are found by.

use super::Answering;
use crate::domain::Language;
use crate::knowledge::words::{detect, is_han, normalise, search_tokens};

/// Tokens that any of a typed word's forms may have, and its beginning where it may be unfinished.
type Asked = (Vec<String>, Option<String>);

impl Answering {
    /// What a text is found by: every word's stem, words with digits, Chinese words, characters and pairs.
    pub fn findable(text: &str, language: Option<Language>) -> Vec<String> {
        let normalised = normalise(text);
        let mut tokens = search_tokens(&normalised, detect(text, language));
        // As they stand too: an unfinished word is looked for by its letters, and a stem may have others.
        tokens.extend(words_of(&normalised).map(str::to_owned));
        tokens
    }

    /// What an agent looks for, one thing for each word: all of them must stand in a turn. Of Chinese the pairs of neighbours, so that
    /// two characters are found wherever they stand together.
    pub fn asked_for(words: &str) -> Vec<Asked> {
        let normalised = normalise(words);
        let ends_open = !words.ends_with(char::is_whitespace);
        let all: Vec<&str> = words_of(&normalised).collect();
        let mut asked = vec![];
        for (i, word) in all.iter().enumerate() {
            let characters: Vec<char> = word.chars().collect();
            if characters.iter().all(|&c| is_han(c)) {
                let pairs = characters.windows(2).map(|pair| (vec![pair.iter().collect()], None));
                asked.extend(pairs);
                if let [one] = characters[..] {
                    asked.push((vec![one.to_string()], None));
                }
                continue;
            }
            let mut whole = search_tokens(word, detect(words, None));
            whole.push((*word).to_owned());
            whole.dedup();
            let beginning = (ends_open && i + 1 == all.len()).then(|| (*word).to_owned());
            asked.push((whole, beginning));
        }
        asked
    }
}

/// Runs of letters and digits, Chinese apart from everything else: `退款ABC-12` is `退款`, `abc`, `12`.
fn words_of(normalised: &str) -> impl Iterator<Item = &str> {
    normalised.split(|c: char| !c.is_alphanumeric()).flat_map(|run| {
        let mut parts = vec![];
        let mut start = 0;
        let mut before: Option<bool> = None;
        for (at, c) in run.char_indices() {
            let han = is_han(c);
            if before.is_some_and(|before| before != han) {
                parts.push(&run[start..at]);
                start = at;
            }
            before = Some(han);
        }
        parts.push(&run[start..]);
        parts.into_iter().filter(|part| !part.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether an agent who types `asked` finds `said`.
    fn finds(said: &str, asked: &str) -> bool {
        let tokens = Answering::findable(said, None);
        let terms = Answering::asked_for(asked);
        !terms.is_empty()
            && terms.iter().all(|(whole, beginning)| {
                whole.iter().any(|token| tokens.contains(token))
                    || beginning
                        .as_ref()
                        .is_some_and(|beginning| tokens.iter().any(|token| token.starts_with(beginning)))
            })
    }

    #[test]
    fn what_agents_type_finds_what_customers_said() {
        let check =
            |said: &str, asked: &str, expected: bool| assert_eq!(finds(said, asked), expected, "{asked:?} in {said:?}");
        check("Where is my refund? Order A-88123", "refund", true);
        check("Where is my refund? Order A-88123", "REFUNDS", true);
        check("Where is my refund? Order A-88123", "88123", true);
        check("Where is my refund? Order A-88123", "a-88123", true);
        check("Where is my refund? Order A-88123", "8812", true);
        check("Where is my refund? Order A-88123", "8812 ", false);
        check("Where is my refund? Order A-88123", "refund 99", false);
        check("Where is my refund? Order A-88123", "refu", true);
        check("Где мои деньги за возвращённый блендер", "возвращенные", true);
        check("Где мои деньги за возвращённый блендер", "блендеры", true);
        check("Где мои деньги за возвращённый блендер", "чайник", false);
        check("退回去的东西你们都收到了，钱怎么还没退给我", "东西", true);
        check("退回去的東西你們都收到了，錢怎麼還沒退給我", "东西", true);
        check("退回去的东西你们都收到了", "收到东西", false);
        check("订单ABC123什么时候发货", "发货", true);
        check("订单ABC123什么时候发货", "abc123", true);
        check("订单ABC123什么时候发货", "订", true);
        check("write to anna@shop.example please", "anna@shop.example", true);
        check("anything", "", false);
        check("anything", "…!?", false);
    }
}
