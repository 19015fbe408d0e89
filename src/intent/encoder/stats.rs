//! What the encoder counts: for the metrics, and for the share of time that it spends outside the model.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sums since the start. The times of callers overlap; those of the owner do not: `busy_us_total` is the time in which
/// it worked on batches, `forward_us_total` the part of it inside the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncoderStats {
    pub n_batches: u64,
    pub n_texts: u64,
    /// Live questions that got no vector before the deadline.
    pub n_late: u64,
    /// Live questions that found the mailbox full.
    pub n_full: u64,
    /// Texts whose caller had left before their batch.
    pub n_skipped: u64,
    pub n_failed: u64,
    pub n_restarts: u64,
    pub n_cache_hits: u64,
    pub tokenize_us_total: u64,
    pub wait_us_total: u64,
    pub busy_us_total: u64,
    pub forward_us_total: u64,
    /// In line now.
    pub n_live_waiting: u64,
    pub n_bulk_waiting: u64,
}

impl EncoderStats {
    /// Share of the owner's working time outside the forward pass, 0 to 1.
    pub fn share_outside_forward(&self) -> f64 {
        if self.busy_us_total == 0 {
            return 0.0;
        }
        1.0 - self.forward_us_total as f64 / self.busy_us_total as f64
    }
}

#[derive(Default)]
pub struct Counters {
    pub n_batches: Counter,
    pub n_texts: Counter,
    pub n_late: Counter,
    pub n_full: Counter,
    pub n_skipped: Counter,
    pub n_failed: Counter,
    pub n_restarts: Counter,
    pub n_cache_hits: Counter,
    pub tokenize_us: Counter,
    pub wait_us: Counter,
    pub busy_us: Counter,
    pub forward_us: Counter,
}

impl Counters {
    pub fn read(&self) -> EncoderStats {
        EncoderStats {
            n_batches: self.n_batches.get(),
            n_texts: self.n_texts.get(),
            n_late: self.n_late.get(),
            n_full: self.n_full.get(),
            n_skipped: self.n_skipped.get(),
            n_failed: self.n_failed.get(),
            n_restarts: self.n_restarts.get(),
            n_cache_hits: self.n_cache_hits.get(),
            tokenize_us_total: self.tokenize_us.get(),
            wait_us_total: self.wait_us.get(),
            busy_us_total: self.busy_us.get(),
            forward_us_total: self.forward_us.get(),
            n_live_waiting: 0,
            n_bulk_waiting: 0,
        }
    }
}

#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
