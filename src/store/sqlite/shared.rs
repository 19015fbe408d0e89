//! Reads that every console asks for alike: made once after each change, however many ask.
//!
//! Fifty consoles over five thousand conversations read the head of the line a few hundred times a second, and each reading took
//! longer than the turn that had caused it. Law: whoever asks after a write was answered reads what it wrote.

use super::{Cursor, Narrow, Row, StoreError, View};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Questions that are remembered at once; more than the pages that teams keep open.
const MAX_KEYS: usize = 256;

/// Counts commits. The writer raises it before it answers.
#[derive(Clone, Default)]
pub struct Age(Arc<AtomicU64>);

impl Age {
    pub fn rise(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A page of a view that looks the same to everybody.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ListPage {
    view: View,
    narrow: Narrow,
    limit: u32,
    after: Option<Cursor>,
}

impl ListPage {
    /// `None` for what is one agent's own.
    pub fn of(view: &View, narrow: &Narrow, limit: u32, after: Option<&Cursor>) -> Option<Self> {
        match view {
            View::Waiting(_) | View::Bot | View::Resolved => {}
            View::Mine(_) | View::Mentioned(_) | View::Snoozed(_) | View::FollowUps(_) => return None,
        }
        Some(Self { view: view.clone(), narrow: narrow.clone(), limit, after: after.cloned() })
    }
}

/// Answers of one kind, each good until something is written.
pub struct Shared<K, T> {
    age: Age,
    answers: Mutex<HashMap<K, Answer<T>>>,
}

/// Whoever holds the lock reads; the others wait for it instead of reading the same.
type Answer<T> = Arc<tokio::sync::Mutex<Option<(u64, T)>>>;

impl<K: Clone + Eq + Hash, T: Clone> Shared<K, T> {
    pub fn new(age: &Age) -> Self {
        Self { age: age.clone(), answers: Mutex::default() }
    }

    /// What `read` gives now, or gave since the last write.
    pub async fn get(&self, key: &K, read: impl AsyncFnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let asked_at = self.age.now();
        let answer = self.answer(key);
        let mut answer = answer.lock().await;
        if let Some((_, known)) = answer.as_ref().filter(|(age, _)| *age >= asked_at) {
            return Ok(known.clone());
        }
        // It may be younger than this says, never older.
        let age = self.age.now();
        let fresh = read().await?;
        *answer = Some((age, fresh.clone()));
        Ok(fresh)
    }

    /// What was erased stays in no answer that nobody asks for again.
    pub fn forget(&self) {
        self.answers.lock().expect("nothing panics under this lock").clear();
    }

    fn answer(&self, key: &K) -> Answer<T> {
        let mut answers = self.answers.lock().expect("nothing panics under this lock");
        if answers.len() >= MAX_KEYS && !answers.contains_key(key) {
            answers.clear();
        }
        answers.entry(key.clone()).or_default().clone()
    }
}

/// Rows of pages.
pub type Pages = Shared<ListPage, Arc<[Row]>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_good_until_something_is_written() {
        let age = Age::default();
        let shared = Shared::<u8, u32>::new(&age);
        let n_reads = AtomicU64::new(0);
        let ask = |key: u8| {
            let n_reads = &n_reads;
            let shared = &shared;
            async move { shared.get(&key, async || Ok(n_reads.fetch_add(1, Ordering::Relaxed) as u32)).await.unwrap() }
        };
        assert_eq!((ask(1).await, ask(1).await, ask(2).await), (0, 0, 1));
        age.rise();
        assert_eq!((ask(1).await, ask(2).await, ask(2).await), (2, 3, 3));
        // What was written while it was read makes it old again.
        age.rise();
        let read = shared.get(&1, async || {
            age.rise();
            Ok(70)
        });
        assert_eq!(read.await.unwrap(), 70);
        assert_eq!(ask(1).await, 4);
        // A failure is nobody's answer.
        age.rise();
        let failed = shared.get(&1, async || Err(StoreError::Conflict)).await;
        assert!(failed.is_err());
        assert_eq!(ask(1).await, 5);
    }

    #[tokio::test]
    async fn many_who_ask_at_once_read_once_and_memory_is_bounded() {
        let shared = Shared::<usize, u32>::new(&Age::default());
        let n_reads = AtomicU64::new(0);
        let ask = |key: usize| {
            let (shared, n_reads) = (&shared, &n_reads);
            async move {
                let read = async || {
                    tokio::task::yield_now().await;
                    Ok(n_reads.fetch_add(1, Ordering::Relaxed) as u32)
                };
                shared.get(&key, read).await.unwrap()
            }
        };
        assert_eq!(futures::future::join_all((0..50).map(|_| ask(0))).await, [0; 50]);
        futures::future::join_all((0..3 * MAX_KEYS).map(ask)).await;
        assert!((1..=MAX_KEYS).contains(&shared.answers.lock().unwrap().len()));
        shared.forget();
        assert_eq!(shared.answers.lock().unwrap().len(), 0);
    }
}
