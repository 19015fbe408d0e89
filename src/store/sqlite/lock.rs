//! `serve.lock`: one process at a time has a data folder.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Held as long as it lives. The kernel gives it back when the process ends, even by `kill -9`, so a lock is never stale.
#[derive(Debug)]
pub struct DataLock {
    // The file itself is never deleted: whoever deleted it could delete one that another process has just locked.
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "the data folder {} is in use by another Firstline{}; stop it first, or choose another folder with --data",
        folder.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse { folder: PathBuf, pid: Option<u32> },
    #[error("cannot lock {}: {source}; check that this user may write there", file.display())]
    Failed {
        file: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl DataLock {
    /// Takes `serve.lock` in `folder`, which is made when it is missing.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join("serve.lock");
        let failed = |source| LockError::Failed { file: path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::InUse { folder: folder.to_owned(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// `None` in the moment between locking and writing the number.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_is_refused_and_told_by_whom() {
        let folder = tempfile::tempdir().unwrap();
        let lock = DataLock::take(folder.path()).unwrap();
        let refused = DataLock::take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains("--data"), "{refused}");
        drop(lock);
        DataLock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let refused = DataLock::take(&folder.path().join("file/data")).unwrap_err().to_string();
        assert!(refused.contains("file/data/serve.lock"), "{refused}");
    }
}
