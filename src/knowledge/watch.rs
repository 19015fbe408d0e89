//! Says that the folder changed, once for each burst of changes.

use super::error::KnowledgeError;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Watches until it is dropped; a call that began before may still end after.
#[derive(Debug)]
pub struct Watch {
    stop: Sender<Notice>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The thread is gone already when `on_change` panicked.
        let _ = self.stop.send(Notice::Stop);
    }
}

/// A burst ends when nothing changed for this long: an editor's rename, a `git pull`, a copied folder.
const QUIET_MS: u64 = 300;
/// And is told at the latest after this long, so that changes are live within two seconds.
const LATEST_MS: u64 = 1000;

/// Calls `on_change` on a thread of its own, after each burst of changes to articles below `folder`. Changes may be told that are none;
/// none is kept back. The folder may be replaced as a whole while it is watched.
pub fn watch(folder: &Path, on_change: impl Fn() + Send + 'static) -> Result<Watch, KnowledgeError> {
    let failed = |source: notify::Error| KnowledgeError::Watch { folder: folder.to_owned(), source };
    let path = folder.canonicalize().map_err(|error| failed(error.into()))?;
    let (stop, notices) = channel();
    let heard = stop.clone();
    let mut watcher = notify::recommended_watcher(move |event| {
        // After the end nobody listens, which is no failure.
        let _ = heard.send(Notice::Heard(event));
    })
    .map_err(failed)?;
    watcher.watch(&path, RecursiveMode::Recursive).map_err(failed)?;
    // The folder itself can be renamed away and replaced; only its parent sees that.
    if let Some(parent) = path.parent() {
        let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
    }
    let listener = Listener { folder: path, watcher, notices };
    std::thread::Builder::new()
        .name("knowledge-watch".into())
        .spawn(move || listener.run(on_change))
        .map_err(|error| failed(error.into()))?;
    Ok(Watch { stop })
}

enum Notice {
    Heard(notify::Result<Event>),
    Stop,
}

struct Listener {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    notices: Receiver<Notice>,
}

impl Listener {
    fn run(mut self, on_change: impl Fn()) {
        while let Ok(Notice::Heard(event)) = self.notices.recv() {
            if self.matters(event) {
                if !self.wait_until_quiet() {
                    return;
                }
                on_change();
            }
        }
    }

    /// False when watching ends meanwhile.
    fn wait_until_quiet(&mut self) -> bool {
        let latest = Instant::now() + Duration::from_millis(LATEST_MS);
        let mut quiet_at = Instant::now() + Duration::from_millis(QUIET_MS);
        loop {
            let wait = quiet_at.min(latest).saturating_duration_since(Instant::now());
            match self.notices.recv_timeout(wait) {
                Ok(Notice::Heard(event)) => {
                    if self.matters(event) {
                        quiet_at = Instant::now() + Duration::from_millis(QUIET_MS);
                    }
                    if Instant::now() >= latest {
                        return true;
                    }
                }
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => return true,
            }
        }
    }

    fn matters(&mut self, event: notify::Result<Event>) -> bool {
        // An overflow or a lost watch: look again rather than miss something.
        let Ok(event) = event else { return true };
        if event.paths.contains(&self.folder) && !matches!(event.kind, EventKind::Access(_)) {
            // A replaced folder is another inode, which needs a watch of its own.
            let _ = self.watcher.unwatch(&self.folder);
            let _ = self.watcher.watch(&self.folder, RecursiveMode::Recursive);
            return true;
        }
        concerns_articles(&event, &self.folder)
    }
}

/// Whether an event below `folder` can change what is loaded. Editors' own files and mere reading cannot.
fn concerns_articles(event: &Event, folder: &Path) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    event.need_rescan() || event.paths.iter().filter_map(|path| path.strip_prefix(folder).ok()).any(may_hold_articles)
}

fn may_hold_articles(path: &Path) -> bool {
    let mut names = path.components().map(|part| part.as_os_str().to_string_lossy());
    // A mounted volume swaps its link `..data`; other hidden names are `.git` and editors' own.
    if names.clone().any(|name| name.starts_with("..")) {
        return true;
    }
    let is_hidden = names.any(|name| name.starts_with('.') || name.ends_with('~') || name.starts_with('#'));
    // Anything else may be a folder, which can be told from a file no longer when it is gone.
    let is_draft =
        path.extension().is_some_and(|extension| DRAFTS.iter().any(|draft| extension.eq_ignore_ascii_case(draft)));
    !is_hidden && !is_draft
}

/// What editors and downloads write before they rename it.
const DRAFTS: [&str; 8] = ["swp", "swx", "swo", "tmp", "temp", "bak", "part", "crdownload"];

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind};

    #[test]
    fn what_can_change_articles() {
        let check = |path: &str, expected: bool| {
            let event = Event::new(EventKind::Create(CreateKind::Any)).add_path(path.into());
            assert_eq!(concerns_articles(&event, Path::new("/kb")), expected, "{path}");
        };
        check("/kb/en/a.md", true);
        check("/kb/en", true);
        check("/kb/..data", true);
        check("/kb/en/.a.md.swp", false);
        check("/kb/en/.#a.md", false);
        check("/kb/en/a.md~", false);
        check("/kb/en/a.md.tmp", false);
        check("/kb/version 1.2", true);
        check("/kb/.git/index", false);
        check("/elsewhere/a.md", false);
        let read = Event::new(EventKind::Access(AccessKind::Any)).add_path("/kb/a.md".into());
        assert!(!concerns_articles(&read, Path::new("/kb")));
    }

    #[test]
    fn a_burst_is_told_once_and_silence_follows_the_end() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().join("kb");
        std::fs::create_dir_all(folder.join("en")).unwrap();
        let (tell, told) = channel();
        let watch = watch(&folder, move || tell.send(()).expect("the test listens")).expect("watched");
        let soon = Duration::from_secs(3);

        for i in 0..5 {
            std::fs::write(folder.join(format!("en/{i}.md")), "x").unwrap();
        }
        told.recv_timeout(soon).expect("a burst is told");
        told.recv_timeout(Duration::from_millis(600)).expect_err("once");

        std::fs::write(folder.join("en/.0.md.tmp"), "new").unwrap();
        std::fs::rename(folder.join("en/.0.md.tmp"), folder.join("en/0.md")).unwrap();
        told.recv_timeout(soon).expect("an atomic rename is told");

        std::fs::rename(&folder, root.path().join("old")).unwrap();
        std::fs::create_dir_all(folder.join("ru")).unwrap();
        told.recv_timeout(soon).expect("a replaced folder is told");
        while told.recv_timeout(Duration::from_millis(600)).is_ok() {}
        std::fs::write(folder.join("ru/a.md"), "x").unwrap();
        told.recv_timeout(soon).expect("the new folder is watched");
        while told.recv_timeout(Duration::from_millis(600)).is_ok() {}

        drop(watch);
        std::fs::write(folder.join("ru/b.md"), "x").unwrap();
        told.recv_timeout(Duration::from_millis(600)).expect_err("nothing after the end");
    }
}
