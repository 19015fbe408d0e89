//! Opens `firstline.db`: folder, file, pragmas, tables. Each thing that can be wrong is told apart and says what to do.

use super::StoreError;
use super::rows::Step;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

pub const FILE: &str = "firstline.db";
/// Readers that may read at once; each is a connection with a thread of its own.
const READERS: u32 = 4;
/// Another process (a backup, a reading command) may hold a lock for this long before a call fails.
const BUSY_SECS: u64 = 5;
/// A reader waits this long for a free connection.
const READER_WAIT_SECS: u64 = 5;
/// A write-ahead log that grew beyond this is cut back when it is next reset.
const LOG_BYTES: &str = "67108864";

static TABLES: Migrator = sqlx::migrate!("migrations/sqlite");

type Opened = ((SqliteConnection, SqliteConnectOptions), SqlitePool);

pub async fn open(folder: &Path) -> Result<Opened, StoreError> {
    let file = folder.join(FILE);
    make(folder, &file).map_err(|source| unwritable(folder, source))?;
    let options = writing(&file);
    let mut writer = options.connect().await.map_err(|failure| explain(folder, failure))?;
    bring_up_to_date(&mut writer).await.map_err(|failure| explain_tables(folder, failure))?;
    Ok(((writer, options), readers(&file).await?))
}

/// `None` where nobody has made a database. Writes nothing and needs no lock.
pub async fn open_to_read(folder: &Path) -> Result<Option<SqlitePool>, StoreError> {
    let file = folder.join(FILE);
    if file.exists() { readers(&file).await.map(Some) } else { Ok(None) }
}

/// A reader brings nothing up to date, so it must refuse what it does not know.
pub async fn is_up_to_date(readers: &SqlitePool) -> Result<(), StoreError> {
    let there: i64 = sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations")
        .fetch_one(readers)
        .await
        .step("read the version of the tables")?;
    let known = known_version();
    match there.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        order => Err(StoreError::Corrupt {
            what: FILE,
            detail: format!(
                "its tables are at {there}, this program knows {known}; {}",
                if order.is_lt() {
                    "start the server once, it brings them up to date"
                } else {
                    "use the Firstline that made them"
                }
            ),
        }),
    }
}

/// The version of the tables that this program makes.
pub fn known_version() -> i64 {
    TABLES.iter().map(|migration| migration.version).max().unwrap_or(0)
}

async fn readers(file: &Path) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        // A file does not hang up: asking each time whether it is still there would double the cost of a small read.
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(READER_WAIT_SECS))
        .connect_with(reading(file))
        .await
        .step("open the database for reading")
}

/// SQLite would make the file readable by everyone; what it makes beside it copies the mode of this one.
fn make(folder: &Path, file: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(file) {
        // The new name itself must survive a power cut.
        Ok(_) => File::open(folder)?.sync_all(),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => OpenOptions::new().write(true).open(file).map(|_| ()),
        Err(e) => Err(e),
    }
}

pub fn writing(file: &Path) -> SqliteConnectOptions {
    shared(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("secure_delete", "on")
        .pragma("journal_size_limit", LOG_BYTES)
}

pub fn reading(file: &Path) -> SqliteConnectOptions {
    shared(file).read_only(true)
}

fn shared(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(Duration::from_secs(BUSY_SECS))
        // A sort that spills must not leave customers' words in the system's temporary folder.
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// With nothing to do it writes nothing.
async fn bring_up_to_date(db: &mut SqliteConnection) -> Result<(), MigrateError> {
    TABLES.run(db).await
}

fn unwritable(folder: &Path, source: std::io::Error) -> StoreError {
    let advice = format!(
        "{} cannot be written: {source}; check its owner and mode, or choose another with --data",
        folder.display()
    );
    StoreError::Unavailable { step: "open its data folder", source: std::io::Error::new(source.kind(), advice).into() }
}

fn explain(folder: &Path, failure: sqlx::Error) -> StoreError {
    match Err::<(), _>(failure).step("open the database") {
        Err(StoreError::Corrupt { detail, .. }) => StoreError::Corrupt {
            what: FILE,
            detail: format!("{detail}; move {} away or restore a backup", folder.join(FILE).display()),
        },
        Err(other) => other,
        Ok(()) => unreachable!("a failure stays one"),
    }
}

fn explain_tables(folder: &Path, failure: MigrateError) -> StoreError {
    let known = known_version();
    let file = folder.join(FILE);
    let detail = match failure {
        MigrateError::Execute(failure) | MigrateError::ExecuteMigration(failure, _) => return explain(folder, failure),
        MigrateError::VersionMissing(version) => format!(
            "{} was made by a newer Firstline (its tables are at {version}, this program knows {known}); run that version or a later one",
            file.display()
        ),
        MigrateError::VersionMismatch(version) => format!(
            "step {version} of the tables in {} is not the one that this program knows; it was made by another build of Firstline",
            file.display()
        ),
        other => other.to_string(),
    };
    StoreError::Corrupt { what: FILE, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::testing::{Fixture, customer_says, keep, open_web};
    use std::os::unix::fs::PermissionsExt;

    async fn refusal(folder: &Path) -> String {
        match SqliteStore::open(folder).await {
            Ok(_) => panic!("it opened"),
            Err(e) => match std::error::Error::source(&e) {
                Some(source) => format!("{e}: {source}"),
                None => e.to_string(),
            },
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let said = refusal(&folder.path().join("file/data")).await;
        assert!(said.contains("cannot be written") && said.contains("--data"), "{said}");

        std::fs::write(folder.path().join(FILE), "This is a shopping list, not a database. ".repeat(200)).unwrap();
        let said = refusal(folder.path()).await;
        assert!(said.contains("not a database") && said.contains("restore a backup"), "{said}");
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_and_left_alone() {
        let fixture = Fixture::new().await;
        let folder = fixture.close().await;
        let mut db = writing(&folder.path().join(FILE)).connect().await.unwrap();
        sqlx::query("insert into _sqlx_migrations values (9999, 'later', 'then', true, x'00', 0)")
            .execute(&mut db)
            .await
            .unwrap();
        sqlx::Connection::close(db).await.unwrap();
        let said = refusal(folder.path()).await;
        assert!(said.contains("newer Firstline") && said.contains("9999"), "{said}");
    }

    #[tokio::test]
    async fn only_the_owner_may_read_the_files() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("data");
        let store = SqliteStore::open(&folder).await.unwrap();
        let id = open_web(&store, "a").await;
        keep(&store, &id, customer_says("1", "Where is my refund?")).await;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 2, "{files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    #[tokio::test]
    async fn a_commit_waits_for_the_disk() {
        let fixture = Fixture::new().await;
        let pragmas = fixture
            .store
            .writer
            .write(|db| {
                Box::pin(async move {
                    let mut found = vec![];
                    for sql in
                        ["pragma synchronous", "pragma secure_delete", "pragma foreign_keys", "pragma temp_store"]
                    {
                        found.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut *db).await.step("look")?);
                    }
                    Ok(found)
                })
            })
            .await
            .unwrap();
        assert_eq!(pragmas, [2, 1, 1, 2], "full, on, on, memory");
    }
}
