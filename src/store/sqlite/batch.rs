//! The rows of one change, gathered first and written in one call.
//!
//! sqlx keeps SQLite on a thread of its own, and each call to it costs two thread switches: more than SQLite's own work on a
//! row. On two cores busy with other work, one call a statement kept 1,500 turns a second and one call a change 2,800.

use super::StoreError;
use super::rows::Step;
use crate::domain::CustomerId;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

/// Statements in order, each with its values in the order of its `?`. A failure of one is a failure of all.
pub struct Batch {
    /// Made of string literals alone, so nothing foreign can be in it, and there are few of them: each is prepared once.
    sql: String,
    values: SqliteArguments,
    failure: Option<sqlx::Error>,
    last_words: i64,
}

impl Batch {
    /// `last_words` is the highest id in `words`; the writer is alone, so the next ones are free.
    pub fn after(last_words: i64) -> Self {
        Self { sql: String::with_capacity(1024), values: SqliteArguments::default(), failure: None, last_words }
    }

    pub fn then(&mut self, statement: &'static str) -> &mut Self {
        self.sql.push_str(statement);
        self.sql.push(';');
        self
    }

    pub fn bind<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(e) = self.values.add(value) {
            self.failure.get_or_insert(sqlx::Error::Encode(e));
        }
        self
    }

    /// Every text of or about a customer goes through here. Returns what other rows point with.
    pub fn words(&mut self, customer: &CustomerId, text: &str) -> i64 {
        self.last_words += 1;
        let id = self.last_words;
        self.then("insert into words (id, customer, text) values (?, ?, ?)")
            .bind(id)
            .bind(customer.as_str())
            .bind(text);
        id
    }

    /// All of it or nothing, whatever else the transaction holds. Only where SQLite undid the whole transaction is there nothing to go
    /// back to; the writer looks for that.
    pub async fn write(self, db: &mut SqliteConnection, step: &'static str) -> Result<(), StoreError> {
        // SQLite would take a value too few for null.
        debug_assert_eq!(self.sql.matches('?').count(), self.values.len(), "{}", self.sql);
        if let Some(failure) = self.failure {
            return Err(failure).step(step);
        }
        let sql = format!("savepoint batch;{}release batch", self.sql);
        let written = sqlx::query_with(AssertSqlSafe(sql), self.values).execute(&mut *db).await;
        if written.is_err() {
            let _ = sqlx::query("rollback to batch; release batch").execute(db).await;
        }
        written.step(step).map(|_| ())
    }
}
