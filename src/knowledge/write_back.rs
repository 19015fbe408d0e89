//! Writes taught phrases into the articles' files, so that the folder stays the truth. Everything else in a file stays as it is,
//! byte for byte; a file in which that cannot be done safely is left alone and said.

use super::article::{self, Source, digest};
use super::base::{KnowledgeBase, holds};
use super::finding::Mark;
use crate::domain::{Article, TaughtPhrase};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What came of it. Numbers are positions in what was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenBack {
    /// Files that were changed, relative to the folder, in order.
    pub files: Vec<String>,
    /// Phrases that stand in a file now, by this or from before.
    pub standing: Vec<usize>,
    /// Phrases that stand in none, with a sentence that says why.
    pub left: Vec<(usize, String)>,
}

/// Adds each phrase to the file of the translation nearest to its language, behind its last one. `base` must have been loaded from
/// `folder`, without taught phrases.
/// A rehearsal says what would come of it and changes nothing.
pub fn write_back(folder: &Path, base: &KnowledgeBase, taught: &[TaughtPhrase], is_rehearsal: bool) -> WrittenBack {
    let mut result = WrittenBack::default();
    let mut by_file: BTreeMap<&str, (&Source, Vec<usize>)> = BTreeMap::new();
    for (i, phrase) in taught.iter().enumerate() {
        let translations = base.sources().filter_map(|source| Some((source, source.article.as_ref()?)));
        let of_article = translations.filter(|(_, article)| article.id == phrase.article);
        let nearest =
            of_article.min_by_key(|(_, article)| (phrase.language.distance(article.language), article.language));
        match nearest {
            None => result.left.push((i, format!("there is no article {:?} any more", phrase.article.as_str()))),
            Some((_, article)) if holds(article, &phrase.text) => result.standing.push(i),
            Some((source, _)) => by_file.entry(&source.file).or_insert((source, vec![])).1.push(i),
        }
    }
    for (file, (source, of_file)) in by_file {
        let mut texts: Vec<&str> = vec![];
        for &i in &of_file {
            if !texts.contains(&taught[i].text.as_str()) {
                texts.push(&taught[i].text);
            }
        }
        match add(&folder.join(file), source, &texts, is_rehearsal) {
            Ok(()) => {
                result.files.push(file.to_owned());
                result.standing.extend(of_file);
            }
            Err(why) => result.left.extend(of_file.into_iter().map(|i| (i, format!("{file}: {why}")))),
        }
    }
    result.standing.sort_unstable();
    result.left.sort();
    result
}

const BY_HAND: &str = "its phrases are not a list with a line each, so add them by hand";

fn add(path: &Path, source: &Source, texts: &[&str], is_rehearsal: bool) -> Result<(), String> {
    let before = std::fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
    if digest(&before) != source.digest {
        return Err("it was changed meanwhile; run this again".to_owned());
    }
    let text = String::from_utf8(before).map_err(|_| BY_HAND.to_owned())?;
    let article = source.article.as_ref().ok_or_else(|| BY_HAND.to_owned())?;
    let after = with_phrases(&text, source, texts).ok_or_else(|| BY_HAND.to_owned())?;
    if !is_only_more(&article::read(&source.file, after.as_bytes()), article, texts) {
        return Err(BY_HAND.to_owned());
    }
    if is_rehearsal {
        return Ok(());
    }
    replace(path, &after).map_err(|error| format!("it cannot be written: {error}"))
}

/// `None` where the last phrase does not stand on a line of its own.
fn with_phrases(text: &str, source: &Source, texts: &[&str]) -> Option<String> {
    let Mark { line, column } = *source.marks.phrases.last()?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let last = lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let lead: String = last.chars().take(usize::try_from(column).ok()?.checked_sub(1)?).collect();
    if lead.trim() != "-" {
        return None;
    }
    let end = if last.ends_with("\r\n") { "\r\n" } else { "\n" };
    // What YAML reads as a double-quoted text, JSON writes.
    let added = texts.iter().map(|text| serde_json::to_string(text).map(|quoted| format!("{lead}{quoted}{end}")));
    let added: String = added.collect::<Result<_, _>>().ok()?;
    let at = usize::try_from(line).ok()?;
    Some(format!("{}{added}{}", lines[..at].concat(), lines[at..].concat()))
}

/// Whether the file says what it said before, and these phrases behind the others.
fn is_only_more(after: &Source, before: &Arc<Article>, texts: &[&str]) -> bool {
    let mut expected = (**before).clone();
    expected.phrases.extend(texts.iter().map(|text| (*text).to_owned()));
    after.article.as_deref() == Some(&expected)
}

/// All of it or nothing: whoever reads the folder meanwhile sees the old file or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // A leading dot keeps it out of the articles.
    let beside = path.with_file_name(format!(".{name}.new"));
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::set_permissions(&beside, std::fs::metadata(path)?.permissions()))
        .and_then(|()| std::fs::rename(&beside, path))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&beside);
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ArticleId, Language};
    use jiff::civil::date;

    fn phrase(article: &str, language: Language, text: &str) -> TaughtPhrase {
        TaughtPhrase { article: ArticleId::new(article), language, text: text.into() }
    }

    fn written(files: &[(&str, &str)], taught: &[TaughtPhrase]) -> (WrittenBack, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let base = KnowledgeBase::load(folder.path(), date(2026, 6, 15), None).unwrap();
        let rehearsed = write_back(folder.path(), &base, taught, true);
        for (file, text) in files {
            assert_eq!(std::fs::read_to_string(folder.path().join(file)).unwrap(), *text, "a rehearsal");
        }
        let result = write_back(folder.path(), &base, taught, false);
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(result, rehearsed);
        assert_eq!(names.len(), files.len(), "nothing is left beside them");
        (result, files.iter().map(|(file, _)| std::fs::read_to_string(folder.path().join(file)).unwrap()).collect())
    }

    #[test]
    fn phrases_stand_behind_the_last_and_nothing_else_moves() {
        let en = "---\nid: a # mine\ntitle: 'A'\nlanguage: en\nphrases:\n    - one\n    - \"two\" # second\ntags: [x]\n---\nBody\n";
        let ru = "---\r\nid: a\r\ntitle: А\r\nlanguage: ru\r\nphrases:\r\n- раз\r\n---\r\nТекст\r\n";
        let taught = [
            phrase("a", Language::En, "it's \"three\": now # here"),
            phrase("a", Language::Ru, "два"),
            phrase("a", Language::En, "ONE"),
            phrase("gone", Language::En, "four"),
        ];
        let (result, texts) = written(&[("a.en.md", en), ("a.ru.md", ru)], &taught);
        assert_eq!(result.files, ["a.en.md", "a.ru.md"]);
        assert_eq!(result.standing, [0, 1, 2], "the third stood there before");
        assert_eq!(result.left, [(3, "there is no article \"gone\" any more".to_owned())]);
        assert_eq!(
            texts[0],
            en.replace("# second\n", "# second\n    - \"it's \\\"three\\\": now # here\"\n"),
            "only a line more"
        );
        assert_eq!(texts[1], ru.replace("- раз\r\n", "- раз\r\n- \"два\"\r\n"));
    }

    #[test]
    fn what_cannot_be_done_safely_is_left_to_people() {
        let flow = "---\nid: a\ntitle: A\nlanguage: en\nphrases: [one]\n---\nBody\n";
        let none = "---\nid: b\ntitle: B\nlanguage: en\n---\nBody\n";
        let folded = "---\nid: c\ntitle: C\nlanguage: en\nphrases:\n  - one\n    and more\n---\nBody\n";
        let taught = ["a", "b", "c"].map(|id| phrase(id, Language::En, "two"));
        let (result, texts) = written(&[("a.md", flow), ("b.md", none), ("c.md", folded)], &taught);
        assert_eq!((result.files, result.standing), (vec![], vec![]));
        let by_hand = |i: usize| (i, format!("{}.md: {BY_HAND}", ["a", "b", "c"][i]));
        assert_eq!(result.left, [by_hand(0), by_hand(1), by_hand(2)]);
        assert_eq!(texts, [flow, none, folded]);
    }
}
