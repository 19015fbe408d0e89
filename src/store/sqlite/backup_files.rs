//! The files that belong to a copy of the database: `COPY.files` beside it, laid out like `attachments/` of a data folder.

use super::super::files::Files;
use super::BackupError;
use super::rows::Step;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where the files of a copy lie. A copy without files has no such folder.
pub fn beside(copy: &Path) -> PathBuf {
    let mut name = copy.file_name().map(OsString::from).unwrap_or_default();
    name.push(".files");
    copy.with_file_name(name)
}

/// A folder that goes again unless it is published.
pub struct FilesPart {
    folder: PathBuf,
}

impl FilesPart {
    /// Copies every file that the copied rows name. What was erased since the rows were copied is gone, so its row goes from the copy too.
    pub async fn copy(data: &Path, database: &Path, folder: PathBuf) -> Result<Self, BackupError> {
        let part = Self { folder };
        let mut db = writing(database).connect().await.step("open the copy")?;
        let named = named_files(&mut db).await.step("read the files of the copy")?;
        if named.is_empty() {
            db.close().await.step("close the copy")?;
            return Ok(part);
        }
        // One that this process's number left behind when it died.
        let _ = fs::remove_dir_all(&part.folder);
        let (files, folder) = (Files::of(data), part.folder.clone());
        let keys: Vec<String> = named.into_iter().map(|(key, _)| key).collect();
        let copying = tokio::task::spawn_blocking(move || copy_all(&files, &folder, keys));
        let copied = copying.await.map_err(io::Error::other).and_then(|copied| copied);
        let gone = copied.map_err(failed("written", &part.folder))?;
        forget(&mut db, gone).await.step("forget files in the copy")?;
        db.close().await.step("close the copy")?;
        Ok(part)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Nothing to do where there are no files.
    pub fn publish(&self, out: &Path) -> Result<(), BackupError> {
        let place = beside(out);
        if place.symlink_metadata().is_ok() {
            return Err(BackupError::Exists { out: place });
        }
        match self.folder.is_dir() {
            true => fs::rename(&self.folder, &place).map_err(failed("written", &place)),
            false => Ok(()),
        }
    }
}

impl Drop for FilesPart {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How many files a copy names, all of which lie in `folder` whole; else what is wrong.
pub async fn check(db: &mut SqliteConnection, folder: &Path) -> Result<u64, String> {
    let named = named_files(db).await.map_err(|error| error.to_string())?;
    let n_files = named.len() as u64;
    let is_whole = |(key, bytes): &(String, Option<i64>)| {
        let there = fs::metadata(path_in(folder, key)).map(|metadata| metadata.len());
        there.is_ok_and(|there| bytes.is_none_or(|bytes| there == bytes.unsigned_abs()))
    };
    match named.iter().filter(|file| !is_whole(file)).count() {
        0 => Ok(n_files),
        n => Err(format!("{n} of its {n_files} files are not whole in {}, which belongs to it", folder.display())),
    }
}

/// Keys, and how long the files are where that is known. A copy of before there were files names none.
async fn named_files(db: &mut SqliteConnection) -> Result<Vec<(String, Option<i64>)>, sqlx::Error> {
    let is_there: bool = sqlx::query_scalar("select count(*) > 0 from sqlite_schema where name = 'attachments'")
        .fetch_one(&mut *db)
        .await?;
    if !is_there {
        return Ok(vec![]);
    }
    sqlx::query_as(
        "select key, bytes from attachments union all select avatar, null from agents where avatar is not null",
    )
    .fetch_all(db)
    .await
}

async fn forget(db: &mut SqliteConnection, keys: Vec<String>) -> Result<(), sqlx::Error> {
    for key in keys {
        sqlx::query("delete from attachments where key = ?1").bind(&key).execute(&mut *db).await?;
        sqlx::query("update agents set avatar = null where avatar = ?1").bind(&key).execute(&mut *db).await?;
    }
    Ok(())
}

/// Returns the keys of those that are gone.
fn copy_all(files: &Files, folder: &Path, keys: Vec<String>) -> io::Result<Vec<String>> {
    DirBuilder::new().mode(0o700).create(folder)?;
    let mut gone = vec![];
    for key in keys {
        let place = path_in(folder, &key);
        let parent = place.parent().expect("it lies in a folder of the folder");
        if !parent.is_dir() {
            DirBuilder::new().mode(0o700).create(parent)?;
        }
        match fs::copy(files.path(&key), &place) {
            Ok(_) => File::open(&place)?.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => gone.push(key),
            Err(error) => return Err(error),
        }
    }
    for entry in fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(folder)?.sync_all()?;
    Ok(gone)
}

fn path_in(folder: &Path, key: &str) -> PathBuf {
    folder.join(key.get(..2).unwrap_or("xx")).join(key)
}

fn writing(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(database).disable_statement_logging()
}

fn failed(step: &'static str, file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |source| BackupError::Failed { step, file: file.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{SqliteStore, back_up, verify_backup};
    use super::*;
    use crate::store::Store;
    use crate::store::files::FOLDER;

    #[tokio::test]
    async fn a_copy_has_its_files_and_is_restored_with_them() {
        let fixture = Fixture::new().await;
        let (store, elsewhere) = (&fixture.store, tempfile::tempdir().unwrap());
        let id = open_web(store, "a").await;
        let (first, gone) = (kept_file(store, &id, "1", b"the first").await, kept_file(store, &id, "2", b"gone").await);
        // Its row was copied, and then it was erased.
        fs::remove_file(Files::of(fixture.folder.path()).path(&gone.key)).unwrap();
        let out = elsewhere.path().join("copy.db");
        let made = back_up(fixture.folder.path(), &out, &|_| {}).await.unwrap();
        assert_eq!(made.n_files, 1);
        assert_eq!(verify_backup(&out).await.unwrap(), made);
        let again = back_up(fixture.folder.path(), &out, &|_| {}).await.unwrap_err().to_string();
        assert!(again.contains("not overwritten"), "{again}");

        let restored = tempfile::tempdir().unwrap();
        fs::copy(&out, restored.path().join("firstline.db")).unwrap();
        fs::rename(beside(&out), restored.path().join(FOLDER)).unwrap();
        let said = verify_backup(&out).await.unwrap_err().to_string();
        assert!(said.contains("1 of its 1 files are not whole"), "{said}");
        let store = SqliteStore::open(restored.path()).await.unwrap();
        assert!(store.open_file(&first.key).await.unwrap().is_some());
        assert!(store.open_file(&gone.key).await.unwrap().is_none());
        assert_eq!(fs::read(Files::of(restored.path()).path(&first.key)).unwrap(), b"the first");
    }
}
