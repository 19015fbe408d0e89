//! The folder as one immutable value: its articles, what is wrong with it, and a name for this state of it.
//! A broken file never takes a good one down, its own last good version included.

use super::article::{self, Marks, Source, digest};
use super::checks;
use super::error::KnowledgeError;
use super::finding::{Finding, Mark, Severity, bounded};
use super::words;
use crate::domain::{Article, ArticleId, Language, TaughtPhrase};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A snapshot; it never changes once loaded.
#[derive(Clone, Debug, Default)]
pub struct KnowledgeBase {
    /// In order of their files. An id stands at most once in each language.
    pub articles: Vec<Arc<Article>>,
    /// In order of place; at most 1,000 and one that counts the rest.
    pub findings: Vec<Finding>,
    /// Names the articles and their texts: 16 hexadecimal digits. The same files give the same version on every machine.
    pub version: String,
    /// Where each article came from, in the same order.
    sources: Vec<Arc<Source>>,
}

/// A file is never larger; the longest help page is a tenth of it.
pub const MAX_FILE_BYTES: u64 = 1 << 20;
/// Files beyond this many are not read.
pub const MAX_FILES: usize = 50_000;
/// Folders inside folders.
const MAX_DEPTH: usize = 32;
const MAX_READERS: usize = 8;

/// Reads every `.md` file below `folder`. `today` decides what is expired. What a file of `previous` answered stays while
/// that file is broken; unchanged files are not parsed again. Fails only when `folder` itself cannot be read.
pub fn load(folder: &Path, today: Date, previous: Option<&KnowledgeBase>) -> Result<KnowledgeBase, KnowledgeError> {
    let (files, mut findings) = walk(folder)?;
    let before: HashMap<&str, &Arc<Source>> =
        previous.iter().flat_map(|base| &base.sources).map(|source| (source.file.as_str(), source)).collect();
    let settled = settle(read_all(&files, &before), &before, &mut findings);
    findings.extend(checks::across(&settled, today));
    let sources: Vec<_> = settled.into_iter().map(|settled| settled.source).collect();
    Ok(KnowledgeBase {
        articles: sources.iter().filter_map(|source| source.article.clone()).collect(),
        findings: bounded(findings),
        version: version(&sources),
        sources,
    })
}

impl KnowledgeBase {
    /// See [`load`].
    pub fn load(folder: &Path, today: Date, previous: Option<&Self>) -> Result<Self, KnowledgeError> {
        load(folder, today, previous)
    }

    /// Where each article came from, in the same order.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().map(Arc::as_ref)
    }

    /// The same with what leads taught: each phrase stands in the translation nearest to its language, unless it stands there already
    /// or the article is gone. The files stay as they are, and a later load starts from them.
    pub fn with_taught(mut self, taught: &[TaughtPhrase]) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.version.as_bytes());
        let mut is_other = false;
        for phrase in taught {
            let translations = self.articles.iter_mut().filter(|article| article.id == phrase.article);
            let nearest =
                translations.min_by_key(|article| (phrase.language.distance(article.language), article.language));
            let Some(article) = nearest.filter(|article| !holds(article, &phrase.text)) else { continue };
            for part in [article.file.as_str(), phrase.text.as_str()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
            Arc::make_mut(article).phrases.push(phrase.text.clone());
            is_other = true;
        }
        if is_other {
            self.version = hex::encode(&hash.finalize()[..8]);
        }
        self
    }

    /// The articles that may answer on `today`, in order of their files.
    pub fn active(&self, today: Date) -> Vec<Arc<Article>> {
        self.articles.iter().filter(|article| article.answers_at(today)).cloned().collect()
    }

    /// The next day after `today` on which `active` changes: a first day, or the day after a last one.
    pub fn next_boundary(&self, today: Date) -> Option<Date> {
        let boundaries = self
            .articles
            .iter()
            .flat_map(|article| [article.valid_from, article.valid_until.and_then(|last| last.tomorrow().ok())]);
        boundaries.flatten().filter(|&day| day > today).min()
    }

    /// The article `id` in `language`, else its nearest translation, whether it may answer today or not.
    pub fn find(&self, id: &ArticleId, language: Language) -> Option<&Arc<Article>> {
        let translations = self.articles.iter().filter(|article| article.id == *id);
        translations.min_by_key(|article| (language.distance(article.language), article.language))
    }
}

/// Whether one of its phrases is this text, as matching reads both.
pub(super) fn holds(article: &Article, text: &str) -> bool {
    let text = words::normalise(text);
    article.phrases.iter().any(|phrase| words::normalise(phrase) == text)
}

/// An article that made it into the base.
pub(super) struct Settled {
    pub source: Arc<Source>,
    /// False when the file is broken now and this is its last good version, whose marks may be stale.
    pub is_fresh: bool,
}

/// Decides which article each file contributes. On a clash of id and language the first file wins, and a file that reads well
/// wins over one that lives on its last good version.
fn settle(read: Vec<Arc<Source>>, before: &HashMap<&str, &Arc<Source>>, findings: &mut Vec<Finding>) -> Vec<Settled> {
    let mut taken: HashMap<(ArticleId, Language), String> = HashMap::new();
    let mut settled = vec![];
    let mut broken: Vec<(String, Vec<Finding>)> = vec![];
    for source in read {
        let mut own = source.findings.clone();
        let Some(article) = &source.article else {
            broken.push((source.file.clone(), own));
            continue;
        };
        let key = (article.id.clone(), article.language);
        if let Some(first) = taken.get(&key) {
            let message = format!(
                "`{}` in {} stands in {first} already, which answers: remove one of the two or give this one another id",
                key.0, key.1
            );
            own.push(Finding::error("duplicate_article", &source.file, source.marks.id, message));
            broken.push((source.file.clone(), own));
        } else {
            taken.insert(key, source.file.clone());
            findings.append(&mut own);
            settled.push(Settled { source, is_fresh: true });
        }
    }
    for (file, mut own) in broken {
        let last_good = before.get(file.as_str()).filter(|_| own.iter().any(|f| f.severity == Severity::Error));
        if let Some((source, article)) = last_good.and_then(|source| Some((*source, source.article.as_ref()?)))
            && !taken.contains_key(&(article.id.clone(), article.language))
        {
            taken.insert((article.id.clone(), article.language), file);
            settled.push(Settled { source: source.clone(), is_fresh: false });
            for finding in own.iter_mut().filter(|f| f.severity == Severity::Error) {
                finding.message += ". Its last good version keeps answering";
            }
        }
        findings.append(&mut own);
    }
    settled.sort_by(|a, b| a.source.file.cmp(&b.source.file));
    settled
}

fn version(sources: &[Arc<Source>]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        hash.update((source.file.len() as u64).to_le_bytes());
        hash.update(source.file.as_bytes());
        hash.update(source.digest);
    }
    hex::encode(&hash.finalize()[..8])
}

struct File {
    /// Relative to the folder, with `/` between its parts.
    name: String,
    path: PathBuf,
}

/// Rendering takes a third of a millisecond a file, so the processor's cores share it.
fn read_all(files: &[File], before: &HashMap<&str, &Arc<Source>>) -> Vec<Arc<Source>> {
    let n_readers = std::thread::available_parallelism().map_or(1, NonZero::get).min(MAX_READERS);
    let share = files.len().div_ceil(n_readers).max(1);
    std::thread::scope(|scope| {
        let read_share = |share: &[File]| -> Vec<_> { share.iter().filter_map(|file| read(file, before)).collect() };
        let readers: Vec<_> = files.chunks(share).map(|share| scope.spawn(move || read_share(share))).collect();
        let join = |reader: std::thread::ScopedJoinHandle<'_, Vec<Arc<Source>>>| match reader.join() {
            Ok(sources) => sources,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        readers.into_iter().flat_map(join).collect()
    })
}

/// `None` when the file is gone again since the walk.
fn read(file: &File, before: &HashMap<&str, &Arc<Source>>) -> Option<Arc<Source>> {
    let mut bytes = vec![];
    let read = std::fs::File::open(&file.path).and_then(|open| open.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
    let unread = |code, message: String| {
        let findings = vec![Finding::error(code, &file.name, Mark::START, message)];
        let marks = Marks::default();
        Some(Arc::new(Source { file: file.name.clone(), digest: digest(&[]), article: None, marks, findings }))
    };
    match read {
        Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => unread("unreadable", format!("the file cannot be read: {error}. Check its permissions")),
        Ok(n) if n as u64 > MAX_FILE_BYTES => unread(
            "too_large",
            format!("the file is larger than {MAX_FILE_BYTES} bytes: split it into several articles"),
        ),
        Ok(_) => match before.get(file.name.as_str()) {
            Some(same) if same.digest == digest(&bytes) => Some((*same).clone()),
            Some(_) | None => Some(Arc::new(article::read(&file.name, &bytes))),
        },
    }
}

/// All `.md` files below `folder` in order of their names, and what could not be walked. Names that begin with a dot are passed by.
fn walk(folder: &Path) -> Result<(Vec<File>, Vec<Finding>), KnowledgeError> {
    let mut walk = Walk { files: vec![], findings: vec![], seen: HashSet::new(), is_full: false };
    walk.folder(folder, "", 0).map_err(|source| KnowledgeError::Folder { folder: folder.to_owned(), source })?;
    walk.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((walk.files, walk.findings))
}

struct Walk {
    files: Vec<File>,
    findings: Vec<Finding>,
    /// Folders already entered, so that links cannot lead in circles.
    seen: HashSet<PathBuf>,
    is_full: bool,
}

impl Walk {
    fn folder(&mut self, path: &Path, name: &str, depth: usize) -> std::io::Result<()> {
        if depth > MAX_DEPTH || !self.seen.insert(path.canonicalize()?) {
            return Ok(());
        }
        let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let own = entry.file_name().to_string_lossy().into_owned();
            let name = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            if !own.starts_with('.') && !self.is_full {
                self.entry(entry.path(), name, depth);
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: PathBuf, name: String, depth: usize) {
        let is_article = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        // Follows links: a mounted volume often consists of them.
        let Ok(about) = std::fs::metadata(&path) else { return };
        if about.is_dir() {
            if let Err(error) = self.folder(&path, &name, depth + 1) {
                let message = format!("the folder cannot be read: {error}. Check its permissions");
                self.findings.push(Finding::error("unreadable", &name, Mark::START, message));
            }
        } else if is_article && self.files.len() < MAX_FILES {
            self.files.push(File { name, path });
        } else if is_article {
            self.is_full = true;
            let message = format!(
                "more than {MAX_FILES} files: this one and those after it are not read. Move some out of the folder"
            );
            self.findings.push(Finding::error("too_many_files", &name, Mark::START, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 6, 15);

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = Self(tempfile::tempdir().expect("a temporary folder"));
            for (file, text) in files {
                folder.write(file, text);
            }
            folder
        }
        fn write(&self, file: &str, text: &str) {
            let path = self.0.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        fn load(&self, previous: Option<&KnowledgeBase>) -> KnowledgeBase {
            load(self.0.path(), TODAY, previous).expect("the folder is there")
        }
    }

    fn article(id: &str, more: &str) -> String {
        format!("---\nid: {id}\ntitle: About {id}\nphrases: [ask {id}]\n{more}---\nThe answer about {id}.\n")
    }

    fn ids(base: &KnowledgeBase) -> Vec<&str> {
        base.articles.iter().map(|article| article.id.as_str()).collect()
    }

    fn codes(base: &KnowledgeBase) -> Vec<(&str, &str, u32, u32)> {
        base.findings.iter().map(|f| (f.code, f.file.as_str(), f.line, f.column)).collect()
    }

    #[test]
    fn taught_phrases_stand_beside_the_files_own() {
        let folder = Folder::with(&[
            ("en/a.md", "---\nid: a\ntitle: A\nlanguage: en\nphrases: [one]\n---\nA\n"),
            ("zh/a.md", "---\nid: a\ntitle: 甲\nlanguage: zh-Hans\nphrases: [一]\n---\n甲\n"),
        ]);
        let plain = folder.load(None);
        let teach = |language, text: &str| TaughtPhrase { article: ArticleId::new("a"), language, text: text.into() };
        assert_eq!(plain.clone().with_taught(&[teach(Language::En, "ONE")]).version, plain.version, "it stood there");
        let taught = plain.clone().with_taught(&[teach(Language::ZhHant, "二"), teach(Language::En, "two")]);
        assert_eq!(taught.articles[0].phrases, ["one", "two"]);
        assert_eq!(taught.articles[1].phrases, ["一", "二"]);
        assert_ne!(taught.version, plain.version);
        // What is loaded on top of it begins with the files again.
        let again = folder.load(Some(&taught));
        assert_eq!((&again.version, &again.articles[0].phrases), (&plain.version, &vec!["one".to_owned()]));
    }

    #[test]
    fn the_folder_is_read_in_order() {
        let folder = Folder::with(&[
            ("en/b.md", &article("b", "")),
            ("en/deep/er/a.md", &article("a", "")),
            ("en/README.md", "# How we write"),
            ("README.md", "# Articles"),
            (".git/x.md", "no article"),
            ("en/notes.txt", "no article"),
        ]);
        let base = folder.load(None);
        assert_eq!(ids(&base), ["b", "a"]);
        assert_eq!(base.findings, []);
        assert_eq!(base.version.len(), 16);
        assert_eq!(base.version, folder.load(None).version);
        folder.write("en/b.md", &article("b", "tags: [x]\n"));
        assert_ne!(base.version, folder.load(Some(&base)).version);
    }

    #[test]
    fn only_a_missing_folder_is_a_failure() {
        let message = load(Path::new("/no/such/folder"), TODAY, None).expect_err("nothing is there").to_string();
        assert!(message.contains("/no/such/folder") && message.contains("--knowledge"), "{message}");
    }

    #[test]
    fn the_last_good_version_keeps_answering() {
        let folder = Folder::with(&[("en/a.md", &article("a", "")), ("en/b.md", &article("b", ""))]);
        let good = folder.load(None);
        folder.write("en/a.md", "---\nid: a\ntitel: A\n---\nNew.");
        let broken = folder.load(Some(&good));
        assert_eq!(ids(&broken), ["a", "b"]);
        assert!(Arc::ptr_eq(&broken.articles[0], &good.articles[0]));
        assert_eq!(broken.version, good.version);
        assert!(broken.findings[0].message.contains("last good version keeps answering"), "{:?}", broken.findings);
        let still_broken = folder.load(Some(&broken));
        assert_eq!(ids(&still_broken), ["a", "b"]);
        assert_eq!(ids(&folder.load(None)), ["b"]);
        assert!(!folder.load(None).findings[0].message.contains("last good"));
        folder.write("en/c.md", &article("a", ""));
        let moved = folder.load(Some(&broken));
        assert_eq!(moved.articles.iter().map(|a| a.file.as_str()).collect::<Vec<_>>(), ["en/b.md", "en/c.md"]);
        std::fs::remove_file(folder.0.path().join("en/a.md")).unwrap();
        std::fs::remove_file(folder.0.path().join("en/c.md")).unwrap();
        assert_eq!(ids(&folder.load(Some(&broken))), ["b"]);
    }

    #[test]
    fn what_only_a_look_at_all_files_finds() {
        let check = |files: &[(&str, &str)], expected: &[(&str, &str, u32, u32)]| {
            let base = Folder::with(files).load(None);
            assert_eq!(codes(&base), expected, "{:?}", base.findings);
        };
        check(
            &[("en/a.md", &article("a", "")), ("en/b.md", &article("a", ""))],
            &[("duplicate_article", "en/b.md", 2, 5)],
        );
        check(&[("en/a.md", &article("a", "")), ("ru/a.md", &article("a", ""))], &[]);
        check(&[("en/a.md", &article("a", "suggests: [b, a]\n"))], &[("dead_suggestion", "en/a.md", 5, 12)]);
        check(&[("en/a.md", &article("a", "valid_until: 2026-06-15\n"))], &[]);
        check(&[("en/a.md", &article("a", "valid_until: 2026-06-14\n"))], &[("expired", "en/a.md", 5, 14)]);
        check(
            &[
                ("en/a.md", &article("a", "")),
                ("en/b.md", &article("b", "")),
                ("en/c.md", &article("c", "")),
                ("ru/a.md", &article("a", "")),
                ("ru/b.md", &article("b", "")),
            ],
            &[("missing_translation", "en/c.md", 2, 5)],
        );
        check(
            &[
                ("en/a.md", "---\nid: a\ntitle: A\nphrases:\n  - where is my refund\n---\nA"),
                ("en/b.md", "---\nid: b\ntitle: B\nphrases:\n  - something else\n  - Where is the REFUND?\n---\nB"),
                ("ru/a.md", "---\nid: a\ntitle: A\nphrases:\n  - where is my refund\n---\nA"),
                ("ru/b.md", "---\nid: b\ntitle: B\nphrases:\n  - нет\n---\nB"),
            ],
            &[("near_duplicate_phrase", "en/b.md", 6, 5)],
        );
    }

    #[test]
    fn a_file_that_is_too_large_or_not_text_is_a_finding() {
        let folder = Folder::with(&[("en/a.md", &article("a", "")), ("en/large.md", &"x".repeat(1 << 20 | 1))]);
        std::fs::write(folder.0.path().join("en/bytes.md"), b"---\n\xff").unwrap();
        let base = folder.load(None);
        assert_eq!(codes(&base), [("not_utf8", "en/bytes.md", 2, 1), ("too_large", "en/large.md", 1, 1)]);
        assert_eq!(ids(&base), ["a"]);
    }

    #[test]
    fn days_decide_what_is_active() {
        let folder = Folder::with(&[
            ("en/a.md", &article("a", "valid_from: 2026-06-20\nvalid_until: 2026-06-30\n")),
            ("en/b.md", &article("b", "")),
        ]);
        let base = folder.load(None);
        let check = |today: Date, active: &[&str], next: Option<Date>| {
            let found = base.active(today);
            assert_eq!(found.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), active, "{today}");
            assert_eq!(base.next_boundary(today), next, "{today}");
        };
        check(date(2026, 6, 19), &["b"], Some(date(2026, 6, 20)));
        check(date(2026, 6, 20), &["a", "b"], Some(date(2026, 7, 1)));
        check(date(2026, 6, 30), &["a", "b"], Some(date(2026, 7, 1)));
        check(date(2026, 7, 1), &["b"], None);
    }

    #[test]
    fn the_nearest_translation_is_found() {
        let folder = Folder::with(&[
            ("zh-Hans/a.md", &article("a", "")),
            ("ru/a.md", &article("a", "")),
            ("en/a.md", &article("a", "")),
        ]);
        let base = folder.load(None);
        let check = |language: Language, expected: Language| {
            let found = base.find(&ArticleId::new("a"), language).expect("it is there");
            assert_eq!(found.language, expected, "{language}");
        };
        check(Language::ZhHant, Language::ZhHans);
        check(Language::Ru, Language::Ru);
        check(Language::En, Language::En);
        assert!(base.find(&ArticleId::new("b"), Language::En).is_none());
    }

    #[test]
    fn the_shipped_folder_has_no_errors() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge_base");
        let base = load(&shipped, TODAY, None).expect("it is shipped");
        let errors: Vec<_> = base.findings.iter().filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert!(base.articles.len() > 100);
    }
}
