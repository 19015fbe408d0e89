//! An encoder with a tiny model instead of libtorch, which a test holds up or lets fail.

use super::mailbox::Mailbox;
use super::model::{Embedded, Model, Tokenize};
use super::{Encoder, EncoderError, EncoderInfo, EncoderOptions, Precision, owner};
use crate::domain::Language;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Patient, and made for these languages only.
pub fn made_for(languages: &[Language]) -> Encoder {
    assemble(languages, &Arc::default(), None, PATIENCE, |_| true)
}

/// Patient, and through the gate.
pub fn behind(gate: &Arc<Gate>) -> Encoder {
    encoder(gate, None, PATIENCE, |_| true)
}

const PATIENCE: Duration = Duration::from_secs(60);

/// `may_load` says for the nth load (from 1) whether it succeeds.
pub fn encoder(gate: &Arc<Gate>, cache: Option<PathBuf>, deadline: Duration, may_load: fn(u32) -> bool) -> Encoder {
    assemble(&Language::ALL, gate, cache, deadline, may_load)
}

/// Holds the model up until it is opened, lets it fail, and keeps the sizes of its batches.
#[derive(Default)]
pub struct Gate {
    is_closed: Mutex<bool>,
    bell: Condvar,
    pub batches: Mutex<Vec<usize>>,
    pub n_loads: Mutex<u32>,
    /// Batches that fail from now on.
    pub n_to_fail: Mutex<usize>,
}

impl Gate {
    pub fn set_closed(&self, is_closed: bool) {
        *self.is_closed.lock().unwrap() = is_closed;
        self.bell.notify_all();
    }

    fn is_to_fail(&self) -> bool {
        let mut n_to_fail = self.n_to_fail.lock().unwrap();
        let is_to_fail = *n_to_fail > 0;
        *n_to_fail = n_to_fail.saturating_sub(1);
        is_to_fail
    }

    pub fn n_encoded(&self) -> usize {
        self.batches.lock().unwrap().iter().sum()
    }
}

/// One id for each letter.
struct Letters;

impl Tokenize for Letters {
    fn ids(&self, text: &str) -> Result<Vec<u32>, EncoderError> {
        Ok(text.chars().take(256).map(u32::from).collect())
    }
}

struct Tiny(Arc<Gate>);

const DIMS: usize = 16;

impl Model for Tiny {
    fn dims(&self) -> usize {
        DIMS
    }

    fn precision(&self) -> Precision {
        Precision::Float32
    }

    fn forward(&mut self, rows: &[&[u32]]) -> Result<Embedded, String> {
        let gate = &self.0;
        drop(gate.bell.wait_while(gate.is_closed.lock().unwrap(), |is_closed| *is_closed).unwrap());
        if gate.is_to_fail() {
            return Err("the accelerator is gone".to_owned());
        }
        gate.batches.lock().unwrap().push(rows.len());
        assert!(!rows.iter().any(|ids| ids.contains(&u32::from('☠'))), "poison");
        let vector = |ids: &[u32]| -> Vec<f32> {
            (0..DIMS).map(|i| ids.iter().map(|id| (*id as f32 * (i + 1) as f32).sin()).sum()).collect()
        };
        Ok(Embedded { vectors: rows.iter().map(|ids| vector(ids)).collect(), forward_us: 1 })
    }
}

fn assemble(
    languages: &[Language],
    gate: &Arc<Gate>,
    cache: Option<PathBuf>,
    deadline: Duration,
    may_load: fn(u32) -> bool,
) -> Encoder {
    let mailbox = Arc::new(Mailbox::new());
    let load = {
        let gate = gate.clone();
        Box::new(move || {
            let mut n_loads = gate.n_loads.lock().unwrap();
            *n_loads += 1;
            let model: Box<dyn Model> = Box::new(Tiny(gate.clone()));
            may_load(*n_loads).then_some(model).ok_or(EncoderError::failed("load the model", "the disk is gone"))
        })
    };
    let (ready, owner) = owner::start(mailbox.clone(), load).unwrap();
    let info = EncoderInfo {
        name: "tiny".into(),
        dims: ready.dims,
        languages: languages.to_vec(),
        precision: ready.precision,
        fingerprint: "0123456789abcdef".into(),
    };
    let options = EncoderOptions { model: "tiny".into(), cache, threads: 0, deadline };
    Encoder::assemble(info, options, Arc::new(Letters), mailbox, owner, None)
}
