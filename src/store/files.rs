//! The files that people send, in `attachments/` of the data folder: `ab/ab…` by their keys, and `new/` while they come in.
//!
//! A file is written under `new/`, synced, renamed and its folder synced before its row is written, and removed after its row is gone:
//! whatever dies in between leaves a file without a row, which the next start removes, and never a row without a file.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

pub const FOLDER: &str = "attachments";
const NEW: &str = "new";

/// The folder of files. Each is named by its key: 64 hexadecimal digits.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Of a data folder.
    pub fn of(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    pub fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key.get(..2).unwrap_or("xx")).join(key)
    }

    pub async fn begin(&self, key: &str) -> io::Result<Upload> {
        if !is_key(key) {
            return Err(io::Error::new(ErrorKind::InvalidInput, "a key is 64 hexadecimal digits"));
        }
        let folder = self.folder.join(NEW);
        make(&folder)?;
        let part = Unkept(Some(folder.join(key)));
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(folder.join(key)).await?;
        Ok(Upload { key: key.to_owned(), file, part, bytes: 0 })
    }

    /// Gives what was uploaded its place, where it survives a power cut; it goes again unless it is kept.
    pub async fn place(&self, mut upload: Upload) -> io::Result<Unkept> {
        upload.file.flush().await?;
        upload.file.sync_all().await?;
        let (here, there) = (self.folder.join(NEW).join(&upload.key), self.path(&upload.key));
        let placing = move || {
            let folder = there.parent().expect("a key's path has a folder");
            make(folder)?;
            fs::rename(here, &there)?;
            fs::File::open(folder)?.sync_all()?;
            Ok(Unkept(Some(there.clone())))
        };
        let placed = tokio::task::spawn_blocking(placing).await.map_err(io::Error::other)?;
        upload.part.keep();
        placed
    }

    pub async fn open(&self, key: &str) -> io::Result<File> {
        File::open(self.path(key)).await
    }

    /// What is not there any more is as good as removed. Returns what could not be removed.
    pub fn remove(&self, keys: &[String]) -> Vec<String> {
        let mut left = vec![];
        for key in keys {
            let path = self.path(key);
            let removed = match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                // The name must be gone after a power cut too.
                Ok(()) => path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all()),
                Err(error) => Err(error),
            };
            if let Err(error) = removed {
                tracing::warn!(%error, "a file that nobody may have any more cannot be removed; it is tried again");
                left.push(key.clone());
            }
        }
        left
    }

    /// What uploads that died left behind. Only for a start.
    pub fn clear_new(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.folder.join(NEW)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The first two digits of the keys that there may be.
    pub fn beginnings(&self) -> io::Result<Vec<String>> {
        let names = names_in(&self.folder)?;
        Ok(names.into_iter().filter(|name| name.len() == 2 && is_hex(name)).collect())
    }

    pub fn keys(&self, beginning: &str) -> io::Result<Vec<String>> {
        Ok(names_in(&self.folder.join(beginning))?.into_iter().filter(|name| is_key(name)).collect())
    }
}

/// A file that is coming in. Dropped before it is placed, nothing of it stays.
#[derive(Debug)]
pub struct Upload {
    key: String,
    file: File,
    part: Unkept,
    bytes: u64,
}

impl Upload {
    pub async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await?;
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// For looking at what has come in so far.
    pub async fn read_again(&mut self) -> io::Result<fs::File> {
        self.file.flush().await?;
        let path = self.part.0.as_ref().ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        fs::File::open(path)
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A file that goes again when this is dropped, unless somebody keeps it.
#[derive(Debug)]
pub struct Unkept(Option<PathBuf>);

impl Unkept {
    pub fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes a folder that only its owner sees, and sees to it that its name survives a power cut.
fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for above in folder.ancestors().skip(1).take(2) {
        fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

fn is_key(name: &str) -> bool {
    name.len() == 64 && is_hex(name)
}

fn is_hex(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything_under(folder: &Path) -> Vec<PathBuf> {
        let mut found = vec![];
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => found.extend(everything_under(&entry.path())),
                false => found.push(entry.path()),
            }
        }
        found
    }

    #[tokio::test]
    async fn what_is_not_kept_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::of(data.path());
        let key = "ab".repeat(32);
        let mut upload = files.begin(&key).await.unwrap();
        upload.write(b"half").await.unwrap();
        drop(upload);
        assert!(everything_under(data.path()).is_empty(), "cancelled");

        let mut upload = files.begin(&key).await.unwrap();
        upload.write(b"whole").await.unwrap();
        let placed = files.place(upload).await.unwrap();
        assert_eq!(everything_under(data.path()), [files.path(&key)]);
        drop(placed);
        assert!(everything_under(data.path()).is_empty(), "placed, but its row was never written");

        let mut upload = files.begin(&key).await.unwrap();
        upload.write(b"whole").await.unwrap();
        files.place(upload).await.unwrap().keep();
        assert_eq!(fs::read(files.path(&key)).unwrap(), b"whole");
        assert_eq!((files.beginnings().unwrap(), files.keys("ab").unwrap()), (vec!["ab".into()], vec![key.clone()]));
        assert!(files.remove(&[key.clone(), "cd".repeat(32)]).is_empty());
        assert!(everything_under(data.path()).is_empty());
        for bad in ["", "../../etc/passwd", "AB", &"g".repeat(64)] {
            assert!(files.begin(bad).await.is_err(), "{bad:?}");
        }
    }
}
