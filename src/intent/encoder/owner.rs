//! The owner thread: holds the model, works off batches, and comes back after a panic a bounded number of times.

use super::mailbox::{Job, Mailbox};
use super::model::{Model, settle};
use super::{EncoderError, Precision, Vector};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Failures in a row, without one batch that succeeded between them, before the encoder goes down for good.
pub const MAX_RESTARTS: u32 = 5;
/// Before the first restart; doubled for each further one in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 50 });
/// Microseconds per token of the first batch, before any was measured: a slow laptop in float32.
const FIRST_PACE: f64 = 400.0;

/// Where a test lets faults in.
#[cfg(feature = "testkit")]
static BEFORE_EACH_BATCH: std::sync::OnceLock<Box<dyn Fn() + Send + Sync>> = std::sync::OnceLock::new();

/// For the whole process and for good; the first call counts. Runs on the owner's thread, where a panic is the batch's.
#[cfg(feature = "testkit")]
pub fn before_each_batch(strike: impl Fn() + Send + Sync + 'static) {
    let _ = BEFORE_EACH_BATCH.set(Box::new(strike));
}

pub type Load = Box<dyn FnMut() -> Result<Box<dyn Model>, EncoderError> + Send>;

#[derive(Clone, Copy, Debug)]
pub struct Ready {
    pub dims: usize,
    pub precision: Precision,
}

/// Starts the thread and waits until the model is loaded, on that thread: a model never moves between threads.
pub fn start(mailbox: Arc<Mailbox>, load: Load) -> Result<(Ready, JoinHandle<()>), EncoderError> {
    let (tell, told) = sync_channel(1);
    let thread = Builder::new().name("encoder".to_owned()).spawn(move || own(&mailbox, load, &tell));
    let thread = thread.map_err(|error| EncoderError::failed("start its thread", error))?;
    let ready = told.recv().unwrap_or_else(|_| Err(EncoderError::failed("load the model", "its thread ended")))?;
    Ok((ready, thread))
}

fn own(mailbox: &Mailbox, mut load: Load, tell: &SyncSender<Result<Ready, EncoderError>>) {
    let mut model = match load_caught(&mut load) {
        Ok(model) => model,
        Err(error) => return drop(tell.send(Err(error))),
    };
    let ready = Ready { dims: model.dims(), precision: model.precision() };
    if tell.send(Ok(ready)).is_err() {
        return;
    }
    let mut n_in_a_row = 0;
    loop {
        let mut n_succeeded = 0;
        let work = || serve(mailbox, model.as_mut(), &mut n_succeeded);
        if catch_unwind(AssertUnwindSafe(work)).is_ok() {
            return;
        }
        n_in_a_row = if n_succeeded > 0 { 1 } else { n_in_a_row + 1 };
        tracing::error!(n_in_a_row, "The encoder panicked over a batch; its model is loaded again.");
        let Some(fresh) = recover(mailbox, &mut load, &mut n_in_a_row) else { return };
        model = fresh;
    }
}

/// Loads again, with a longer pause each time. `None`: given up, or nobody is left.
fn recover(mailbox: &Mailbox, load: &mut Load, n_in_a_row: &mut u32) -> Option<Box<dyn Model>> {
    while *n_in_a_row <= MAX_RESTARTS {
        if !mailbox.pause(FIRST_PAUSE * 2u32.pow(*n_in_a_row - 1)) {
            return None;
        }
        mailbox.counters.n_restarts.add(1);
        match load_caught(load) {
            Ok(model) => return Some(model),
            Err(error) => tracing::error!(%error, "The encoder's model could not be loaded again."),
        }
        *n_in_a_row += 1;
    }
    tracing::error!("The encoder failed too often and stays down; answers come from words alone.");
    mailbox.go_down();
    None
}

fn load_caught(load: &mut Load) -> Result<Box<dyn Model>, EncoderError> {
    // libtorch and rust-bert panic on configurations that make no sense.
    catch_unwind(AssertUnwindSafe(load)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(EncoderError::failed("load the model", said.unwrap_or_else(|| "it panicked".to_owned())))
    })
}

/// Returns when the mailbox closes.
fn serve(mailbox: &Mailbox, model: &mut dyn Model, n_succeeded: &mut u64) {
    let mut us_per_token = FIRST_PACE;
    while let Some(batch) = mailbox.next_batch(us_per_token) {
        let started = Instant::now();
        let counters = &mailbox.counters;
        let rows: Vec<&[u32]> = batch.iter().map(|job| job.ids.as_slice()).collect();
        let n_tokens = rows.len() * rows.iter().map(|row| row.len()).max().unwrap_or(0);
        counters.n_batches.add(1);
        counters.n_texts.add(rows.len() as u64);
        counters.wait_us.add(batch.iter().map(|job| micros(started - job.asked)).sum());
        #[cfg(feature = "testkit")]
        if let Some(strike) = BEFORE_EACH_BATCH.get() {
            strike();
        }
        match model.forward(&rows) {
            Ok(embedded) => {
                counters.forward_us.add(embedded.forward_us);
                // The average follows the machine's mood within some ten batches.
                us_per_token += 0.2 * (embedded.forward_us as f64 / n_tokens.max(1) as f64 - us_per_token);
                *n_succeeded += 1;
                deliver(mailbox, batch, embedded.vectors);
            }
            Err(why) => refuse(mailbox, batch, &why),
        }
        counters.busy_us.add(micros(started.elapsed()));
    }
}

fn deliver(mailbox: &Mailbox, batch: Vec<Job>, vectors: Vec<Vec<f32>>) {
    for (job, raw) in batch.into_iter().zip(vectors) {
        let vector = settle(&raw).map(Vector::from);
        if vector.is_none() {
            mailbox.counters.n_failed.add(1);
        }
        job.reply.send(vector.ok_or_else(|| EncoderError::failed("encode", "the vector has no direction")));
    }
}

fn refuse(mailbox: &Mailbox, batch: Vec<Job>, why: &str) {
    mailbox.counters.n_failed.add(batch.len() as u64);
    for job in batch {
        job.reply.send(Err(EncoderError::failed("encode", why)));
    }
}

fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}
