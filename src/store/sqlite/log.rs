//! The write-ahead log: where changed pages stand until they are copied into the database, and where old ones stay until it is emptied.

use super::StoreError;
use super::open;
use super::rows::Step;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// Writers wait while this waits for readers, so not for long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Copies everything and cuts the log to nothing. `false`: somebody was reading or writing all the time.
pub async fn clear(db: &mut SqliteConnection) -> Result<bool, StoreError> {
    // The first column: 1 if it could not be done.
    let is_busy: i64 =
        sqlx::query_scalar("pragma wal_checkpoint(truncate)").fetch_one(db).await.step("clear the write-ahead log")?;
    Ok(is_busy == 0)
}

/// The same on a connection of its own: the writer's is always inside a transaction.
pub async fn clear_beside(folder: &Path) -> Result<bool, StoreError> {
    let options = open::writing(&folder.join(open::FILE)).busy_timeout(PATIENCE);
    let mut db = options.connect().await.step("open the database to clear its log")?;
    let cleared = clear(&mut db).await;
    db.close().await.step("close the database after clearing its log")?;
    cleared
}
