//! Copies the database while it is in use, and reads copies whole. A copy is one file, with a folder of files beside it; put into a data folder as `firstline.db` it
//! is that folder's database.
//!
//! `vacuum into` reads one moment of the database without holding up writers, and writes only what rows hold: nothing of what was
//! erased travels with it. SQLite's backup API was left: it begins anew whenever somebody writes, or would need the writer.

use super::StoreError;
use super::backup_files::{self, FilesPart};
use super::open::{self, FILE};
use super::rows::Step;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Told while a copy is made. What is unused in the database is not copied, so `done` may end below `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    pub done_bytes: u64,
    pub of_bytes: u64,
}

pub type Copying<'a> = &'a (dyn Fn(Copied) + Send + Sync);

/// What a copy holds, read from the copy itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BackedUp {
    pub bytes: u64,
    /// Of its tables; a newer Firstline brings them up to date, an older one refuses them.
    pub tables: i64,
    pub n_conversations: u64,
    pub n_turns: u64,
    /// In the folder beside it.
    pub n_files: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} holds no {FILE}; name the data folder with --data", folder.display())]
    NothingThere { folder: PathBuf },
    #[error("{} is there already and is not overwritten; name another file", out.display())]
    Exists { out: PathBuf },
    #[error(
        "{} lies in the data folder, where nothing may hold what was erased; name a file elsewhere, best on another disk",
        out.display()
    )]
    InData { out: PathBuf },
    #[error("{}: {detail}; do not restore it", file.display())]
    Damaged { file: PathBuf, detail: String },
    #[error(
        "{} was made by a newer Firstline (its tables are at {there}, this program knows {known}); restore it with that version or a later one",
        file.display()
    )]
    Newer { file: PathBuf, there: i64, known: i64 },
    #[error("{} cannot be {step}: {source}", file.display())]
    Failed {
        step: &'static str,
        file: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Leaves the whole, synced, verified file under its name, or nothing.
pub async fn back_up(folder: &Path, out: &Path, copying: Copying<'_>) -> Result<BackedUp, BackupError> {
    let database = folder.join(FILE);
    let of_bytes = match fs::metadata(&database) {
        Ok(metadata) => metadata.len(),
        Err(_) => return Err(BackupError::NothingThere { folder: folder.to_owned() }),
    };
    let place = place(folder, out)?;
    let part = Part::begin(&place, out)?;
    copy(&database, &part.file, Told { of_bytes, copying }).await?;
    let files = FilesPart::copy(folder, &part.file, backup_files::beside(&part.file)).await?;
    File::open(&part.file).and_then(|file| file.sync_all()).map_err(failed("synced", &part.file))?;
    let backed_up = verify_with(&part.file, files.folder()).await?;
    // The database last: where it stands, all of it stands.
    files.publish(out)?;
    if let Err(failure) = part.publish(out) {
        let _ = fs::remove_dir_all(backup_files::beside(out));
        return Err(failure);
    }
    File::open(&place).and_then(|folder| folder.sync_all()).map_err(failed("synced", &place))?;
    Ok(backed_up)
}

pub async fn verify(file: &Path) -> Result<BackedUp, BackupError> {
    verify_with(file, &backup_files::beside(file)).await
}

async fn verify_with(file: &Path, files: &Path) -> Result<BackedUp, BackupError> {
    let bytes = fs::metadata(file).map_err(failed("read", file))?.len();
    let damaged = |detail: String| BackupError::Damaged { file: file.to_owned(), detail };
    // Nobody writes to a copy: so it is read without making anything beside it.
    let options =
        SqliteConnectOptions::new().filename(file).read_only(true).immutable(true).disable_statement_logging();
    let mut db = options.connect().await.map_err(|e| damaged(format!("it is no database of Firstline ({e})")))?;
    let complaints = complaints(&mut db).await.map_err(|e| damaged(format!("it is no database of Firstline ({e})")))?;
    if let Some(first) = complaints.first() {
        return Err(damaged(format!("it is damaged: {first}")));
    }
    let (tables, n_conversations, n_turns) =
        contents(&mut db).await.map_err(|e| damaged(format!("it is no database of Firstline ({e})")))?;
    let known = open::known_version();
    if tables > known {
        return Err(BackupError::Newer { file: file.to_owned(), there: tables, known });
    }
    let n_files = backup_files::check(&mut db, files).await.map_err(damaged)?;
    db.close().await.step("close a copy")?;
    Ok(BackedUp {
        bytes,
        tables,
        n_files,
        n_conversations: n_conversations.unsigned_abs(),
        n_turns: n_turns.unsigned_abs(),
    })
}

/// The folder of `out`, if a copy may be made there.
fn place(folder: &Path, out: &Path) -> Result<PathBuf, BackupError> {
    if out.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { out: out.to_owned() });
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let place = parent.canonicalize().map_err(failed("written", out))?;
    let data = folder.canonicalize().map_err(failed("read", folder))?;
    if place.starts_with(&data) {
        return Err(BackupError::InData { out: out.to_owned() });
    }
    Ok(place)
}

/// A file under a name of its own, which goes again unless it becomes the copy.
struct Part {
    file: PathBuf,
}

impl Part {
    fn begin(place: &Path, out: &Path) -> Result<Self, BackupError> {
        let mut name = OsString::from(".");
        name.push(out.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let file = place.join(name);
        // SQLite takes an empty file for a new one, and would itself make one that everybody can read.
        let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
        made.map_err(failed("written", &file))?;
        Ok(Self { file })
    }

    fn publish(self, out: &Path) -> Result<(), BackupError> {
        // A link refuses a name that was taken meanwhile, which a rename would not; some file systems know no links.
        match fs::hard_link(&self.file, out) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Exists { out: out.to_owned() }),
            Err(_) => fs::rename(&self.file, out).map_err(failed("written", out)),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

struct Told<'a> {
    of_bytes: u64,
    copying: Copying<'a>,
}

async fn copy(database: &Path, part: &Path, told: Told<'_>) -> Result<(), BackupError> {
    let mut db = open::reading(database).connect().await.step("open the database for reading")?;
    {
        let copying = sqlx::query("vacuum into ?1").bind(part.to_string_lossy().into_owned()).execute(&mut db);
        tokio::pin!(copying);
        loop {
            tokio::select! {
                copied = &mut copying => {
                    copied.step("copy the database")?;
                    break;
                }
                () = tokio::time::sleep(TELL_EVERY) => {
                    let done_bytes = fs::metadata(part).map(|metadata| metadata.len()).unwrap_or(0);
                    (told.copying)(Copied { done_bytes, of_bytes: told.of_bytes });
                }
            }
        }
    }
    db.close().await.step("close the database")?;
    Ok(())
}

/// None for a sound file.
async fn complaints(db: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(10)").fetch_all(&mut *db).await?;
    let mut complaints: Vec<String> = found.into_iter().filter(|line| line != "ok").collect();
    let dangling: Vec<String> =
        sqlx::query_scalar("select distinct \"table\" from pragma_foreign_key_check").fetch_all(db).await?;
    complaints.extend(dangling.into_iter().map(|table| format!("rows of {table} point to nothing")));
    Ok(complaints)
}

async fn contents(db: &mut SqliteConnection) -> Result<(i64, i64, i64), sqlx::Error> {
    sqlx::query_as(
        "select (select coalesce(max(version), 0) from _sqlx_migrations), (select count(*) from conversations), \
         (select count(*) from turns)",
    )
    .fetch_one(db)
    .await
}

fn failed(step: &'static str, file: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |source| BackupError::Failed { step, file: file.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::super::testing::*;
    use super::*;
    use std::sync::Mutex;

    const SILENTLY: Copying<'static> = &|_| {};

    #[tokio::test]
    async fn a_copy_made_beside_writers_is_whole_and_opens() {
        let fixture = Fixture::new().await;
        let (store, elsewhere) = (&fixture.store, tempfile::tempdir().unwrap());
        let id = open_web(store, "a").await;
        for n in 0..20 {
            keep(store, &id, customer_says(&n.to_string(), "Kept before the copy began")).await;
        }
        let out = elsewhere.path().join("copy.db");
        let writing = async {
            for n in 20..120 {
                keep(store, &id, customer_says(&n.to_string(), &"Meanwhile ".repeat(100))).await;
            }
        };
        let (made, ()) = tokio::join!(back_up(fixture.folder.path(), &out, SILENTLY), writing);
        let made = made.unwrap();
        assert!(made.n_turns >= 20, "{made:?}");
        assert_eq!(verify(&out).await.unwrap(), made);
        let names =
            || fs::read_dir(elsewhere.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        assert_eq!(names(), ["copy.db"], "nothing else is left there");
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&out).unwrap().permissions()) & 0o777;
        assert_eq!(mode, 0o600);

        // Restored: it goes on from there.
        let restored = tempfile::tempdir().unwrap();
        fs::copy(&out, restored.path().join(FILE)).unwrap();
        let store = SqliteStore::open(restored.path()).await.unwrap();
        assert_eq!(crate::store::Store::turns(&store, &id, 0, 500).await.unwrap().turns.len() as u64, made.n_turns);
        keep(&store, &id, customer_says("after", "After the restore")).await;

        let again = back_up(fixture.folder.path(), &out, SILENTLY).await.unwrap_err().to_string();
        assert!(again.contains("not overwritten"), "{again}");
        assert_eq!(verify(&out).await.unwrap(), made, "and it is still the first");
    }

    #[tokio::test]
    async fn what_cannot_be_copied_is_said_and_leaves_nothing() {
        let fixture = Fixture::new().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let told = Mutex::new(vec![]);
        let check = async |folder: &Path, out: PathBuf, words: &str| {
            let copying = |copied| told.lock().unwrap().push(copied);
            let refused = back_up(folder, &out, &copying).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
            assert!(!out.exists());
        };
        let data = fixture.folder.path();
        check(data, data.join("copy.db"), "lies in the data folder").await;
        check(data, elsewhere.path().join("no/such/folder/copy.db"), "cannot be written").await;
        check(elsewhere.path(), elsewhere.path().join("copy.db"), "--data").await;
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_damaged_copy_is_known() {
        let fixture = Fixture::new().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let id = open_web(&fixture.store, "a").await;
        for n in 0..200 {
            keep(&fixture.store, &id, customer_says(&n.to_string(), &"Where is my refund? ".repeat(20))).await;
        }
        let out = elsewhere.path().join("copy.db");
        back_up(fixture.folder.path(), &out, SILENTLY).await.unwrap();
        let whole = fs::read(&out).unwrap();
        let check = async |bytes: &[u8], words: &str| {
            let file = elsewhere.path().join("damaged.db");
            fs::write(&file, bytes).unwrap();
            let said = verify(&file).await.unwrap_err().to_string();
            assert!(said.contains(words) && said.contains("do not restore"), "{said}");
        };
        check(&whole[..whole.len() / 2], "damaged").await;
        check(b"a shopping list", "no database").await;
        check(b"", "no database").await;
        let mut scribbled = whole.clone();
        scribbled[40_000..60_000].fill(0x5a);
        check(&scribbled, "damaged").await;
        assert!(verify(&elsewhere.path().join("nowhere.db")).await.is_err());
    }
}
