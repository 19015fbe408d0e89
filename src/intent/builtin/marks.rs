//! Texts without a word: some emoji say as much as one.

use crate::domain::Builtin;

/// What a text without letters and digits says. `text` is as it was typed: what matching sees has no emoji.
pub fn without_words(text: &str) -> Builtin {
    let meanings: Vec<Option<Builtin>> = text.chars().filter(|c| is_pictogram(*c)).map(meaning).collect();
    if meanings.contains(&Some(Builtin::Anger)) {
        return Builtin::Anger;
    }
    if meanings.is_empty() && smiles(text) {
        return Builtin::Thanks;
    }
    // One that is not known may turn the rest around: 🙏 is thanks, 🙏😭 is not.
    let said: Option<Vec<Builtin>> = meanings.into_iter().collect();
    said.and_then(|said| said.into_iter().max()).unwrap_or(Builtin::Wordless)
}

fn meaning(pictogram: char) -> Option<Builtin> {
    let groups = [(HANDS_UP, Builtin::Greeting), (THANKS, Builtin::Thanks), (ANGER, Builtin::Anger)];
    groups.into_iter().find(|(all, _)| all.contains(pictogram)).map(|(_, builtin)| builtin)
}

/// Symbols that can be seen; not joiners, skin tones, genders and the selectors between them.
fn is_pictogram(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
        && !matches!(c, '♀' | '♂' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// ":)", "=)" and the bare ")))" of Russian keyboards.
fn smiles(text: &str) -> bool {
    let mouth = |c: char| matches!(c, ')' | '）');
    text.contains(mouth) && text.chars().all(|c| mouth(c) || matches!(c, ':' | ';' | '=' | '-' | '^' | ' '))
}

const HANDS_UP: &str = "👋🙋🖐";
const THANKS: &str =
    "👍👌🙏🤝👏🙌🤗🫶🫡✅✔💯🆗❤♥🧡💛💚💙💜🖤🤍🤎💕💖💗💞💝😍🥰😘😊☺🙂😀😃😄😁😉🥳🎉🤩😻🌹💐🌷🌸✨👊🤟🔥";
const ANGER: &str = "😡🤬😠👿💢🖕😤👎💩🤮🤡🔪";

#[cfg(test)]
mod tests {
    use super::*;
    use Builtin::*;

    #[test]
    fn what_marks_say() {
        let check = |text: &str, expected: Builtin| assert_eq!(without_words(text), expected, "{text:?}");
        check("👍", Thanks);
        check("👍🏽👍🏽👍🏽", Thanks);
        check("👌!", Thanks);
        check("🙏", Thanks);
        check("❤️", Thanks);
        check("🙏 🌹", Thanks);
        check("👋🙏", Thanks);
        check(":)", Thanks);
        check(")))", Thanks);
        check("=)", Thanks);
        check("👋", Greeting);
        check("👋🏻", Greeting);
        check("🙋‍♀️", Greeting);
        check("😡", Anger);
        check("🤬🤬🤬!!!", Anger);
        check("🙂😡", Anger);
        check("👎", Anger);
        check("🖕🏿", Anger);
        check("", Wordless);
        check("   ", Wordless);
        check("?", Wordless);
        check("???", Wordless);
        check("？？？", Wordless);
        check("!!!", Wordless);
        check("...", Wordless);
        check("。。。", Wordless);
        check("-", Wordless);
        check(":(", Wordless);
        check("(((", Wordless);
        check("😭", Wordless);
        check("🙏😭", Wordless);
        check("👀", Wordless);
        check("📦❓", Wordless);
        check("🇷🇺", Wordless);
        check("👨‍👩‍👧", Wordless);
    }
}
