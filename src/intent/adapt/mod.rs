//! Trains an encoder on what customers of this knowledge base say: texts of one intent move together, of different ones apart.
//!
//! Supervised contrastive learning over pairs (Khosla 2020), as SetFit does for few examples (Tunstall 2022). The tables of
//! tokens stay as they are, and the layers begin to move from the top. The new weights then stand part of the way between
//! the old and the trained ones, which keeps what the old ones knew of questions that nobody wrote down (WiSE-FT,
//! Wortsman 2022).

mod batches;
mod folder;
mod loss;
#[cfg(test)]
mod tests;

pub use folder::seal;

use super::encoder::EncoderError;
use super::encoder::Precision;
use super::encoder::bert::{BertTokenizer, Net, RANDOM, Weights, read_config, settle_threads};
use super::encoder::checkpoint::{Checkpoint, unusable};
use super::encoder::model::Tokenize;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::PoisonError;
use tch::Tensor;
use tch::nn::{self, OptimizerConfig};

/// A text, and the intent that it asks for.
#[derive(Clone, Debug)]
pub struct Lesson {
    pub text: String,
    pub intent: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// Passes over all lessons.
    pub n_passes: usize,
    /// Steps at most, however many lessons there are: the bound on time.
    pub max_steps: usize,
    /// Pairs of a step.
    pub n_pairs: usize,
    /// What cosines are divided by, above 0.
    pub temperature: f64,
    /// Highest step size of AdamW (Loshchilov 2019).
    pub rate: f64,
    /// Part of the steps in which the rate rises, 0 to 1; then it falls to 0.
    pub warm_up: f64,
    /// Layers that move, from the top.
    pub n_layers: i64,
    /// How far from the old weights to the trained ones the new ones stand, 0 to 1.
    pub share: f64,
    pub seed: u64,
    /// 0 is all processors.
    pub threads: usize,
}

impl Default for Course {
    /// Chosen on BANKING77's train split with a sixth of the intents left out.
    fn default() -> Self {
        Self {
            n_passes: 12,
            max_steps: 300,
            n_pairs: 64,
            temperature: 0.07,
            rate: 5e-5,
            warm_up: 0.1,
            n_layers: 4,
            share: 0.8,
            seed: 1,
            threads: 0,
        }
    }
}

/// Part of the steps in which only the upper half of the layers moves.
const UPPER_HALF_FIRST: f64 = 0.25;
/// Texts that go through the model at once.
const PART: usize = 16;
/// Length of a step's slope at most: one odd batch must not throw the weights about.
const MAX_SLOPE: f64 = 1.0;

/// How many steps `train` takes: 0 where there are not two intents to tell apart.
pub fn n_steps(lessons: &[Lesson], course: &Course) -> usize {
    steps(&intents_of(lessons), course).len()
}

/// Makes the folder `into`, a model like the one in `source` with what `lessons` make of its weights; it is there whole or not
/// at all. `progress` hears of each step. The same inputs give the same weights on the same machine. Blocks for
/// seconds to minutes.
pub fn train(
    source: &Path,
    lessons: &[Lesson],
    course: &Course,
    into: &Path,
    progress: impl FnMut(),
) -> Result<(), EncoderError> {
    let checkpoint = Checkpoint::read(source)?;
    let draft = into.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|error| unusable(&draft, error))?;
    }
    folder::copy_around_weights(source, &draft)?;
    folder::note(&checkpoint, &draft)?;
    trained(&checkpoint, lessons, course, progress)?.write(&draft.join(folder::WEIGHTS))?;
    fs::rename(&draft, into).map_err(|error| unusable(into, error))
}

fn trained(
    checkpoint: &Checkpoint,
    lessons: &[Lesson],
    course: &Course,
    mut progress: impl FnMut(),
) -> Result<Weights, EncoderError> {
    let tokenizer = BertTokenizer::load(checkpoint)?;
    let config = read_config(checkpoint)?;
    let mut weights = Weights::read(checkpoint)?;
    weights.must_cover(checkpoint, &tokenizer)?;
    let net = Net::build(checkpoint, &config, &weights, Precision::Float32)?;
    let ids: Vec<Vec<u32>> = lessons.iter().map(|lesson| tokenizer.ids(&lesson.text)).collect::<Result<_, _>>()?;
    let intents = intents_of(lessons);

    let _alone = RANDOM.lock().unwrap_or_else(PoisonError::into_inner);
    tch::set_num_threads(settle_threads(course.threads) as i32);
    tch::manual_seed(course.seed as i64);
    let mut optimizer =
        nn::AdamW::default().build(&net.store, course.rate).map_err(|error| EncoderError::failed("train", error))?;
    let steps = steps(&intents, course);
    let mut n_moving = 0;
    for (number, batch) in steps.iter().enumerate() {
        let done = number as f64 / steps.len() as f64;
        let wanted = if done < UPPER_HALF_FIRST { (course.n_layers + 1) / 2 } else { course.n_layers };
        if n_moving != wanted {
            n_moving = wanted;
            let lowest = config.num_hidden_layers - n_moving;
            for (name, variable) in net.store.variables() {
                let _ = variable.set_requires_grad(layer_of(&name).is_some_and(|layer| layer >= lowest));
            }
        }
        let rise = ((number + 1) as f64 / steps.len() as f64 / course.warm_up.max(f64::MIN_POSITIVE)).min(1.0);
        let fall = (1.0 - done) / (1.0 - course.warm_up).max(f64::MIN_POSITIVE);
        optimizer.set_lr(course.rate * rise.min(fall));
        // Like lengths go through together: one long text would fill up all others.
        let mut batch = batch.clone();
        batch.sort_by_key(|lesson| ids[*lesson].len());
        let parts = batch.chunks(PART).map(|part| {
            let rows: Vec<&[u32]> = part.iter().map(|lesson| ids[*lesson].as_slice()).collect();
            net.pooled(&rows, true).map_err(|error| EncoderError::failed("train", error))
        });
        let vectors = Tensor::cat(&parts.collect::<Result<Vec<_>, _>>()?, 0);
        let of_batch: Vec<u32> = batch.iter().map(|lesson| intents[*lesson]).collect();
        let loss = loss::contrastive(&vectors, &of_batch, course.temperature);
        optimizer.backward_step_clip_norm(&loss, MAX_SLOPE);
        progress();
    }
    let trained: HashMap<String, Tensor> =
        net.store.variables().into_iter().filter(|(name, _)| layer_of(name).is_some()).collect();
    weights.move_towards(trained, course.share);
    Ok(weights)
}

fn intents_of(lessons: &[Lesson]) -> Vec<u32> {
    lessons.iter().map(|lesson| lesson.intent).collect()
}

/// The lessons of each step.
fn steps(intents: &[u32], course: &Course) -> Vec<Vec<usize>> {
    if intents.iter().all(|intent| *intent == intents[0]) {
        return vec![];
    }
    let passes = (0..course.n_passes).flat_map(|n| batches::pass(intents, course.n_pairs, course.seed, n));
    passes.take(course.max_steps).collect()
}

/// The layer that a variable is part of, counted from 0 at the bottom; `None` for the tables.
fn layer_of(name: &str) -> Option<i64> {
    name.strip_prefix("encoder.layer.")?.split('.').next()?.parse().ok()
}
