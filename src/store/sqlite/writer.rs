//! The one writer: a thread that owns the only connection that writes. What waits is written together and synced once.
//!
//! Tried and left: a pool of writing connections (each pays its own sync and waits for the others' locks), and a task on the
//! shared runtime (a caller's long computation would hold up everyone's writes).

use super::StoreError;
use super::shared::Age;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait. A caller beyond them waits for room.
const MAILBOX: usize = 1024;
/// Writes that share one transaction and one sync.
const GROUP: usize = 64;

/// Law: `write` answers `Ok` only after the commit of its group has returned. A caller that leaves is no reason not to write.
pub struct Writer {
    /// `None` once stopped.
    mailbox: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    stopped: tokio::sync::watch::Receiver<()>,
    /// Rises with every commit, before its callers are answered.
    pub age: Age,
    /// A test's wish: SQLite refuses writes while it is true.
    #[cfg(feature = "testkit")]
    pub read_only: Arc<std::sync::atomic::AtomicBool>,
}

impl Writer {
    /// `connection` is ready; `options` make another one should this break.
    pub fn start((connection, options): (SqliteConnection, SqliteConnectOptions)) -> Result<Self, StoreError> {
        let (mailbox, jobs) = mpsc::channel(MAILBOX);
        let (alive, stopped) = tokio::sync::watch::channel(());
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| unavailable("start", e))?;
        #[cfg(feature = "testkit")]
        let read_only = Arc::<std::sync::atomic::AtomicBool>::default();
        let age = Age::default();
        let writing = Writing {
            connection,
            options,
            age: age.clone(),
            #[cfg(feature = "testkit")]
            read_only: read_only.clone(),
        };
        std::thread::Builder::new()
            .name("firstline-writer".into())
            .spawn(move || {
                runtime.block_on(serve(jobs, writing));
                drop(alive);
            })
            .map_err(|e| unavailable("start", e))?;
        Ok(Self {
            mailbox: Mutex::new(Some(mailbox)),
            stopped,
            age,
            #[cfg(feature = "testkit")]
            read_only,
        })
    }

    /// Runs `work` inside the writer's transaction. An error from it undoes what it wrote, and nothing else.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        self.hand_in(work, Undoing::BySavepoint).await
    }

    /// The same for work whose only writing is one `Batch`, as its last step: a batch undoes itself, so the call that a savepoint costs is
    /// saved. What that gives was not told apart from the noise of a busy machine; `speed` measures it.
    pub async fn write_batch<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        self.hand_in(work, Undoing::ByItself).await
    }

    async fn hand_in<T, W>(&self, work: W, undoing: Undoing) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        let closed = || unavailable("take writes", "it is closed");
        let mailbox = self.mailbox.lock().expect("nothing panics under this lock").clone().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        let job = Pending { work: Some(work), result: None, answer, undoing };
        mailbox.send(Box::new(job)).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// Takes no more, and waits until all that was taken is answered.
    pub async fn stop(&self) {
        drop(self.mailbox.lock().expect("nothing panics under this lock").take());
        // Nothing is ever sent: the error says that the thread has let go.
        let _ = self.stopped.clone().changed().await;
    }
}

/// What the writer's thread owns.
struct Writing {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    age: Age,
    #[cfg(feature = "testkit")]
    read_only: Arc<std::sync::atomic::AtomicBool>,
}

async fn serve(mut jobs: mpsc::Receiver<Box<dyn Job>>, writing: Writing) {
    let Writing { mut connection, options, age, .. } = writing;
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        #[cfg(feature = "testkit")]
        pretend(&mut connection, writing.read_only.load(std::sync::atomic::Ordering::Relaxed)).await;
        let written = write_together(&mut connection, &mut group).await.map_err(Arc::new);
        age.rise();
        for job in group.drain(..) {
            job.answer(written.clone());
        }
        if let Err(failure) = written {
            tracing::error!(%failure, "A group of writes failed and was undone; its callers were told to come again.");
            recover(&mut connection, &options).await;
        }
    }
    if let Err(failure) = connection.close().await {
        tracing::warn!(%failure, "The database did not close tidily; the next start recovers it.");
    }
}

/// As on a disk that the system has turned read-only: SQLite itself refuses (`SQLITE_READONLY`).
#[cfg(feature = "testkit")]
async fn pretend(db: &mut SqliteConnection, is_read_only: bool) {
    let sql = if is_read_only { "pragma query_only = on" } else { "pragma query_only = off" };
    execute(db, sql).await.expect("the pragma touches no file");
}

/// An error here undoes the whole group: the disk is full, say, or does not answer.
async fn write_together(db: &mut SqliteConnection, group: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    execute(db, "begin immediate").await?;
    for job in group.iter_mut() {
        match job.undoing() {
            Undoing::BySavepoint => {
                execute(db, "savepoint job").await?;
                // It takes back its own rows and leaves the others'.
                let end = match job.run(db).await {
                    Ran::Well => "release job",
                    Ran::Failed | Ran::Panicked => "rollback to job; release job",
                };
                execute(db, end).await?;
            }
            Undoing::ByItself => match job.run(db).await {
                Ran::Well => {}
                // Of some failures SQLite undoes the whole transaction; then the others' rows are gone, and a `begin` succeeds.
                Ran::Failed if execute(db, "begin").await.is_ok() => {
                    return Err(sqlx::Error::Protocol("the transaction was undone".into()));
                }
                Ran::Failed => {}
                // Whatever it had written is nobody's.
                Ran::Panicked => return Err(sqlx::Error::Protocol("a write panicked".into())),
            },
        }
    }
    execute(db, "commit").await
}

/// Leaves a connection outside any transaction, a new one if need be.
async fn recover(db: &mut SqliteConnection, options: &SqliteConnectOptions) {
    // Some failures have rolled back already; then there is nothing to roll back, and that is well.
    let _ = execute(db, "rollback").await;
    if execute(db, "begin").await.is_ok() && execute(db, "rollback").await.is_ok() {
        return;
    }
    match options.connect().await {
        Ok(fresh) => *db = fresh,
        Err(failure) => {
            tracing::error!(%failure, "The database cannot be opened again; the next write tries once more.")
        }
    }
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(db).await.map(|_| ())
}

/// How the rows of a write that failed are taken back.
#[derive(Clone, Copy)]
enum Undoing {
    BySavepoint,
    ByItself,
}

enum Ran {
    Well,
    Failed,
    Panicked,
}

#[async_trait::async_trait]
trait Job: Send {
    fn undoing(&self) -> Undoing;
    /// Does the work and keeps its result.
    async fn run(&mut self, db: &mut SqliteConnection) -> Ran;
    /// Tells the caller, after the commit or its failure.
    fn answer(self: Box<Self>, written: Result<(), Arc<sqlx::Error>>);
}

struct Pending<T, W> {
    work: Option<W>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
    undoing: Undoing,
}

#[async_trait::async_trait]
impl<T, W> Job for Pending<T, W>
where
    T: Send + 'static,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
{
    fn undoing(&self) -> Undoing {
        self.undoing
    }

    async fn run(&mut self, db: &mut SqliteConnection) -> Ran {
        let work = self.work.take().expect("a job runs once");
        // A bug in one write must not take the writer away from everybody.
        let result = AssertUnwindSafe(async { work(db).await }).catch_unwind().await;
        let ran = match &result {
            Ok(Ok(_)) => Ran::Well,
            Ok(Err(_)) => Ran::Failed,
            Err(_) => Ran::Panicked,
        };
        self.result = Some(result.unwrap_or_else(|_| Err(unavailable("finish this write", "it panicked"))));
        ran
    }

    fn answer(self: Box<Self>, written: Result<(), Arc<sqlx::Error>>) {
        let result = match (self.result, written) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(_)) | None, Err(failure)) => Err(unavailable("commit", failure)),
            (None, Ok(())) => Err(unavailable("commit", "the write never ran")),
        };
        // Who is gone need not be told.
        let _ = self.answer.send(result);
    }
}

fn unavailable(step: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable { step, source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::super::batch::Batch;
    use super::super::rows::Step;
    use super::super::testing::{Fixture, customer_says, keep, open_web, usual};
    use super::*;
    use crate::domain::testing::at;
    use crate::store::Store;

    async fn insert_customer(db: &mut SqliteConnection, id: &'static str) -> Result<(), StoreError> {
        sqlx::query("insert into customers (id, created_at) values (?1, 0)")
            .bind(id)
            .execute(db)
            .await
            .step("insert")?;
        Ok(())
    }

    /// Runs both in one group: they arrive while the writer is held up.
    async fn together<A, B>(
        writer: &Writer,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        let (begun, has_begun) = oneshot::channel::<()>();
        let (open, gate) = oneshot::channel::<()>();
        let holding_up = writer.write(move |_| {
            async move {
                let _ = begun.send(());
                let _ = gate.await;
                Ok(())
            }
            .boxed()
        });
        let opening = async {
            // Both wait in the mailbox by now: `join!` asks its parts in order.
            let _ = open.send(());
        };
        let after = async {
            has_begun.await.unwrap();
            tokio::join!(first, second, opening)
        };
        let (held_up, (first, second, ())) = tokio::join!(holding_up, after);
        held_up.unwrap();
        (first, second)
    }

    #[tokio::test]
    async fn a_failure_in_a_group_undoes_only_itself() {
        let fixture = Fixture::new().await;
        let writer = &fixture.store.writer;
        let good = |id| writer.write(move |db| insert_customer(db, id).boxed());
        let half = writer.write(|db| {
            async move {
                insert_customer(db, "half").await?;
                Err::<(), _>(StoreError::Conflict)
            }
            .boxed()
        });
        let panicking = writer.write(|db| {
            async move {
                insert_customer(db, "panicked").await?;
                if true {
                    panic!("a bug");
                }
                Ok(())
            }
            .boxed()
        });
        let failing = async { tokio::join!(half, panicking) };
        let good = async { tokio::join!(good("a"), good("b")) };
        let ((half, panicking), (a, b)) = together(writer, failing, good).await;
        a.unwrap();
        b.unwrap();
        assert!(matches!(half, Err(StoreError::Conflict)));
        assert!(matches!(panicking, Err(StoreError::Unavailable { .. })));
        assert_eq!(fixture.look::<String>("select id from customers order by id").await, ["a", "b"]);
    }

    /// Two rows of one batch; the second may offend.
    fn two_customers(first: &'static str, second: &'static str) -> Batch {
        let mut batch = Batch::after(0);
        for id in [first, second] {
            batch.then("insert into customers (id, created_at) values (?, 0)").bind(id);
        }
        batch
    }

    #[tokio::test]
    async fn a_batch_that_fails_undoes_only_itself() {
        let fixture = Fixture::new().await;
        let writer = &fixture.store.writer;
        let write = |first, second| {
            writer.write_batch(move |db| async move { two_customers(first, second).write(db, "insert").await }.boxed())
        };
        let bad = async { tokio::join!(write("a", "b"), write("half", "a")) };
        let refused = writer.write_batch(|_| async { Err::<(), _>(StoreError::Conflict) }.boxed());
        let good = async { tokio::join!(refused, write("c", "d")) };
        let ((first, half), (refused, last)) = together(writer, bad, good).await;
        first.unwrap();
        last.unwrap();
        assert!(matches!(half, Err(StoreError::Unavailable { .. })), "{half:?}");
        assert!(matches!(refused, Err(StoreError::Conflict)));
        assert_eq!(fixture.look::<String>("select id from customers order by id").await, ["a", "b", "c", "d"]);
    }

    #[tokio::test]
    async fn a_panic_after_a_batch_leaves_none_of_it() {
        let fixture = Fixture::new().await;
        let writer = &fixture.store.writer;
        let panicking = writer.write_batch(|db| {
            async move {
                two_customers("a", "b").write(db, "insert").await?;
                if true {
                    panic!("a bug");
                }
                Ok(())
            }
            .boxed()
        });
        assert!(matches!(panicking.await, Err(StoreError::Unavailable { .. })));
        assert_eq!(fixture.look::<i64>("select count(*) from customers").await, [0]);
        writer.write(|db| insert_customer(db, "a").boxed()).await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_that_leaves_is_no_reason_not_to_write() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        // Polled once: it is in the mailbox, and then its caller is gone.
        let _ = store.keep(&id, customer_says("1", "Hello?"), &usual(), at(1)).now_or_never();
        assert!(keep(store, &id, customer_says("1", "Hello?")).await.repeated);
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_for_the_whole_group_and_heals() {
        let fixture = Fixture::new().await;
        let writer = &fixture.store.writer;
        // A deferred foreign key is looked at by the commit: the one way to make it fail on any machine.
        let dangling = writer.write(|db| {
            async move {
                execute(db, "pragma defer_foreign_keys = on").await.step("defer")?;
                sqlx::query("insert into words (customer, text) values ('nobody', '')")
                    .execute(db)
                    .await
                    .step("insert")?;
                Ok(())
            }
            .boxed()
        });
        let innocent = writer.write(|db| insert_customer(db, "a").boxed());
        let (dangling, innocent) = together(writer, dangling, innocent).await;
        assert!(matches!(dangling, Err(StoreError::Unavailable { .. })), "{dangling:?}");
        assert!(matches!(innocent, Err(StoreError::Unavailable { .. })), "{innocent:?}");
        assert_eq!(fixture.look::<i64>("select count(*) from customers").await, [0]);
        writer.write(|db| insert_customer(db, "a").boxed()).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_refuses_and_loses_nothing() {
        let fixture = Fixture::new().await;
        let store = &fixture.store;
        let id = open_web(store, "a").await;
        keep(store, &id, customer_says("1", "Hello?")).await;
        limit_pages(store, "pragma max_page_count = 1").await;
        let long = "Nothing works! ".repeat(10_000);
        let refused = store.keep(&id, customer_says("2", &long), &usual(), at(2)).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        limit_pages(store, "pragma max_page_count = 1000000").await;
        let kept = keep(store, &id, customer_says("2", &long)).await;
        assert!(!kept.repeated);
        assert_eq!(kept.conversation.version, 2);
    }

    async fn limit_pages(store: &crate::store::sqlite::SqliteStore, sql: &'static str) {
        store.writer.write(move |db| async move { execute(db, sql).await.step("limit") }.boxed()).await.unwrap();
    }

    #[tokio::test]
    async fn after_the_end_writes_are_refused() {
        let fixture = Fixture::new().await;
        fixture.store.close().await;
        assert!(matches!(fixture.store.probe().await, Err(StoreError::Unavailable { .. })));
    }
}
