//! The mailbox: two bounded lanes, live questions before bulk, and the choice of the next batch.

use super::stats::{Counters, EncoderStats};
use super::{EncoderError, Vector};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};

/// Live questions in line. At 1.5 ms each the last of them is about to be late anyway.
pub const LIVE_MAILBOX: usize = 256;
/// Bulk texts in line, over all callers.
pub const BULK_MAILBOX: usize = 1024;
/// Padded tokens of one batch, whatever the pace: what one forward pass may hold in memory.
pub const MAX_BATCH_TOKENS: usize = 4096;
/// However slow the machine is now. Smaller batches encode less per second, so a budget of time alone would shrink them
/// further just when the machine is overloaded: tried, and 64 questions went through in 23 batches.
const MIN_BATCH_TOKENS: usize = 256;
/// A live batch is sized to take at most this long: larger ones encode no more per second, and their first question
/// waits for their last.
const LIVE_BATCH: Duration = Duration::from_millis(80);
/// A bulk batch is sized to take at most this long: it is what a live question may have to wait for.
const BULK_BATCH: Duration = Duration::from_millis(40);
/// After so many live batches in a row one bulk batch is let through, so that a busy day does not stop a changed
/// article from going live.
const LIVE_STREAK: u32 = 8;

pub type Answer = Result<Vector, EncoderError>;

/// One text on its way to the model.
pub struct Job {
    /// 1 to `MAX_TOKENS`.
    pub ids: Vec<u32>,
    pub asked: Instant,
    pub reply: Reply,
}

pub enum Reply {
    Live(oneshot::Sender<Answer>),
    Bulk { row: usize, to: mpsc::UnboundedSender<(usize, Answer)> },
}

impl Reply {
    fn nobody_waits(&self) -> bool {
        match self {
            Self::Live(sender) => sender.is_closed(),
            Self::Bulk { to, .. } => to.is_closed(),
        }
    }

    pub fn send(self, answer: Answer) {
        // A caller that left needs nothing.
        match self {
            Self::Live(sender) => drop(sender.send(answer)),
            Self::Bulk { row, to } => drop(to.send((row, answer))),
        }
    }
}

pub struct Mailbox {
    lanes: Mutex<Lanes>,
    bell: Condvar,
    bulk_room: Semaphore,
    pub counters: Counters,
}

#[derive(Default)]
struct Lanes {
    live: VecDeque<Job>,
    bulk: VecDeque<Job>,
    live_streak: u32,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The last handle is gone.
    Closed,
    /// The owner is gone.
    Down,
}

impl Mailbox {
    pub fn new() -> Self {
        Self {
            lanes: Mutex::default(),
            bell: Condvar::new(),
            bulk_room: Semaphore::new(BULK_MAILBOX),
            counters: Counters::default(),
        }
    }

    /// Never waits: `Full` or `Down` at once.
    pub fn put_live(&self, job: Job) -> Result<(), EncoderError> {
        let mut lanes = self.lock();
        if lanes.state == State::Down {
            return Err(EncoderError::Down);
        }
        if lanes.live.len() >= LIVE_MAILBOX {
            self.skip_the_gone(&mut lanes.live);
        }
        if lanes.live.len() >= LIVE_MAILBOX {
            self.counters.n_full.add(1);
            return Err(EncoderError::Full);
        }
        lanes.live.push_back(job);
        self.bell.notify_one();
        Ok(())
    }

    /// All at once, so that the first batch is as full as it may be. To be called while holding room for them.
    pub fn put_bulk(&self, jobs: Vec<Job>) -> Result<(), EncoderError> {
        let mut lanes = self.lock();
        if lanes.state == State::Down {
            return Err(EncoderError::Down);
        }
        if lanes.bulk.len() + jobs.len() > BULK_MAILBOX {
            // Callers that left gave their room back, and their texts still lie here.
            self.skip_the_gone(&mut lanes.bulk);
        }
        lanes.bulk.extend(jobs);
        self.bell.notify_one();
        Ok(())
    }

    /// Waits until `n` bulk texts fit. `None` cannot happen: the semaphore is never closed.
    pub async fn room_for_bulk(&self, n: usize) -> Option<SemaphorePermit<'_>> {
        self.bulk_room.acquire_many(n.min(BULK_MAILBOX) as u32).await.ok()
    }

    /// Waits for work; `None` when the last handle is gone. `us_per_token` sizes the batch.
    pub fn next_batch(&self, us_per_token: f64) -> Option<Vec<Job>> {
        let mut lanes = self.lock();
        loop {
            if lanes.state != State::Open {
                return None;
            }
            self.skip_the_gone(&mut lanes.live);
            self.skip_the_gone(&mut lanes.bulk);
            let bulk_turn = lanes.live_streak >= LIVE_STREAK && !lanes.bulk.is_empty();
            if !lanes.live.is_empty() && !bulk_turn {
                lanes.live_streak += 1;
                return Some(take(&mut lanes.live, budget_tokens(LIVE_BATCH, us_per_token)));
            }
            lanes.live_streak = 0;
            if !lanes.bulk.is_empty() {
                return Some(take(&mut lanes.bulk, budget_tokens(BULK_BATCH, us_per_token)));
            }
            lanes = self.bell.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits out `pause`, or less when the last handle goes meanwhile. `true`: carry on.
    pub fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut lanes = self.lock();
        while lanes.state == State::Open {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            lanes = self.bell.wait_timeout(lanes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }

    pub fn close(&self) {
        self.end(State::Closed);
    }

    /// The owner is gone for good: whoever waits learns it now.
    pub fn go_down(&self) {
        self.end(State::Down);
    }

    /// Why an answer never came.
    pub fn why_lost(&self) -> EncoderError {
        match self.lock().state {
            State::Down => EncoderError::Down,
            State::Open | State::Closed => EncoderError::failed("encode", "its thread panicked over this batch"),
        }
    }

    pub fn stats(&self) -> EncoderStats {
        let (n_live_waiting, n_bulk_waiting) = {
            let lanes = self.lock();
            (lanes.live.len() as u64, lanes.bulk.len() as u64)
        };
        EncoderStats { n_live_waiting, n_bulk_waiting, ..self.counters.read() }
    }

    fn end(&self, state: State) {
        let mut lanes = self.lock();
        lanes.state = state;
        lanes.live.clear();
        lanes.bulk.clear();
        self.bell.notify_all();
    }

    fn skip_the_gone(&self, lane: &mut VecDeque<Job>) {
        let before = lane.len();
        lane.retain(|job| !job.reply.nobody_waits());
        self.counters.n_skipped.add((before - lane.len()) as u64);
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        // Nothing panics while the lock is held, and the lanes are whole between any two of its statements.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn budget_tokens(time: Duration, us_per_token: f64) -> usize {
    let fits = time.as_micros() as f64 / us_per_token.max(0.1);
    (fits as usize).clamp(MIN_BATCH_TOKENS, MAX_BATCH_TOKENS)
}

fn take(lane: &mut VecDeque<Job>, budget_tokens: usize) -> Vec<Job> {
    let chosen = choose(lane.iter().map(|job| job.ids.len()), budget_tokens);
    let mut rest = VecDeque::with_capacity(lane.len());
    let mut batch = Vec::with_capacity(chosen.len());
    let mut next = chosen.iter().peekable();
    for (place, job) in lane.drain(..).enumerate() {
        if next.next_if(|chosen| **chosen == place).is_some() { batch.push(job) } else { rest.push_back(job) }
    }
    *lane = rest;
    batch
}

/// Places of the next batch: the oldest, and what waits with it of like length, as long as rows times the longest stays
/// within the budget. The oldest goes even when it alone exceeds it.
fn choose(lengths: impl Iterator<Item = usize>, budget_tokens: usize) -> Vec<usize> {
    let mut chosen = Vec::new();
    let (mut shortest, mut longest) = (usize::MAX, 0);
    for (place, length) in lengths.enumerate() {
        let (low, high) = (shortest.min(length), longest.max(length));
        if place == 0 || are_alike(low, high) && (chosen.len() + 1) * high <= budget_tokens {
            (shortest, longest) = (low, high);
            chosen.push(place);
        }
    }
    chosen
}

/// At most about a third of a row may be padding; very short rows cost next to nothing padded.
fn are_alike(shortest: usize, longest: usize) -> bool {
    longest <= shortest + shortest / 2 + 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(n_tokens: usize) -> (Job, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        (Job { ids: vec![1; n_tokens], asked: Instant::now(), reply: Reply::Live(sender) }, receiver)
    }

    fn bulk(n_tokens: usize) -> (Job, mpsc::UnboundedReceiver<(usize, Answer)>) {
        let (to, receiver) = mpsc::unbounded_channel();
        (Job { ids: vec![2; n_tokens], asked: Instant::now(), reply: Reply::Bulk { row: 0, to } }, receiver)
    }

    #[test]
    fn a_batch_is_the_oldest_and_its_like() {
        let check = |lengths: &[usize], budget: usize, expected: &[usize]| {
            assert_eq!(choose(lengths.iter().copied(), budget), expected, "{lengths:?} within {budget}");
        };
        check(&[], 4096, &[]);
        check(&[10], 4096, &[0]);
        check(&[10, 12, 11], 4096, &[0, 1, 2]);
        check(&[10, 200, 12], 4096, &[0, 2]);
        check(&[200, 10, 12], 4096, &[0]);
        check(&[10, 10, 10, 10], 30, &[0, 1, 2]);
        check(&[10, 19, 10], 30, &[0, 2]);
        check(&[256, 256], 100, &[0]);
        check(&[3, 8, 12], 4096, &[0, 1]);
        check(&[256; 20], 4096, &(0..16).collect::<Vec<_>>());
    }

    #[test]
    fn live_goes_first_and_bulk_is_not_starved() {
        let mailbox = Mailbox::new();
        let (job, _bulk_waits) = bulk(5);
        mailbox.put_bulk(vec![job]).unwrap();
        let mut kept = Vec::new();
        let mut order = String::new();
        for _ in 0..LIVE_STREAK + 2 {
            let (job, receiver) = live(5);
            mailbox.put_live(job).unwrap();
            kept.push(receiver);
            let batch = mailbox.next_batch(1.0).unwrap();
            order.push(if matches!(batch[0].reply, Reply::Live(_)) { 'l' } else { 'b' });
        }
        assert_eq!(order, "llllllllbl");
    }

    #[test]
    fn the_pace_bounds_a_batch() {
        let mailbox = Mailbox::new();
        let waiting: Vec<_> = (0..100).map(|_| live(10)).collect();
        let mut receivers = Vec::new();
        for (job, receiver) in waiting {
            mailbox.put_live(job).unwrap();
            receivers.push(receiver);
        }
        // 80 ms at 200 µs per token are 400 tokens.
        assert_eq!(mailbox.next_batch(200.0).unwrap().len(), 40);
        assert_eq!(mailbox.next_batch(1e9).unwrap().len(), MIN_BATCH_TOKENS / 10);
        assert_eq!(mailbox.next_batch(1.0).unwrap().len(), 35);
    }

    #[test]
    fn it_is_bounded_and_those_who_left_make_room() {
        let mailbox = Mailbox::new();
        let mut receivers = Vec::new();
        for _ in 0..LIVE_MAILBOX {
            let (job, receiver) = live(5);
            mailbox.put_live(job).unwrap();
            receivers.push(receiver);
        }
        let refused = mailbox.put_live(live(5).0);
        assert_eq!(refused, Err(EncoderError::Full));
        receivers.truncate(10);
        let (job, _receiver) = live(5);
        mailbox.put_live(job).unwrap();
        assert_eq!(mailbox.next_batch(1.0).unwrap().len(), 11);
        let stats = mailbox.stats();
        assert_eq!((stats.n_full, stats.n_skipped), (1, LIVE_MAILBOX as u64 - 10));
    }

    #[test]
    fn when_it_is_down_everyone_knows_at_once() {
        let mailbox = Mailbox::new();
        let (job, mut receiver) = live(5);
        mailbox.put_live(job).unwrap();
        mailbox.go_down();
        assert!(receiver.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert_eq!(mailbox.why_lost(), EncoderError::Down);
        assert_eq!(mailbox.put_live(live(5).0), Err(EncoderError::Down));
        assert!(mailbox.next_batch(1.0).is_none());
    }
}
