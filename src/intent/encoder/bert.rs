//! BERT by rust-bert on libtorch, and the Hugging Face tokenizer. Lives on the owner's thread.

use super::EncoderError;
use super::Precision;
use super::checkpoint::{Checkpoint, Pooling, unusable};
use super::model::{Embedded, Model, Tokenize, settle};
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::available_parallelism;
use std::time::Instant;
use tch::{Device, Kind, Tensor, nn};
use tokenizers::{Tokenizer, TruncationParams};

/// Characters of a text that are tokenized at all: more than 256 tokens of any language that a customer writes.
const MAX_CHARS: usize = 2_000;
/// Below this cosine to float32 on every sentence, bfloat16 is not used. On the shipped model it is above 0.999.
const MIN_COSINE: f32 = 0.99;
/// One per script and length: what the precisions are compared on, and what warms the kernels up.
const SENTENCES: [&str; 4] = [
    "Where is my order?",
    "我上周下的订单还没有收到，能帮我查一下物流吗",
    "Как вернуть деньги за отмененный заказ, если оплата была картой?",
    "I was charged twice for the same order and the second payment has not come back after five business days.",
];

pub struct BertTokenizer {
    tokenizer: Tokenizer,
    prefix: String,
}

impl BertTokenizer {
    pub fn load(checkpoint: &Checkpoint) -> Result<Self, EncoderError> {
        let file = &checkpoint.tokenizer;
        let mut tokenizer = Tokenizer::from_file(file).map_err(|error| unusable(file, error))?;
        // The published files pad every text to 128 tokens, which costs five times the work. Batches pad themselves.
        tokenizer.with_padding(None);
        let truncation = TruncationParams { max_length: checkpoint.max_tokens, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|error| unusable(file, error))?;
        Ok(Self { tokenizer, prefix: checkpoint.prefix.clone() })
    }
}

impl Tokenize for BertTokenizer {
    fn ids(&self, text: &str) -> Result<Vec<u32>, EncoderError> {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(end, _)| end);
        let prefixed = format!("{}{}", self.prefix, &text[..end]);
        let encoding = self.tokenizer.encode_fast(prefixed, true);
        let ids = encoding.map_err(|error| EncoderError::failed("tokenize", error))?.get_ids().to_vec();
        if ids.is_empty() { Err(EncoderError::failed("tokenize", "no token came out")) } else { Ok(ids) }
    }
}

/// The model as it is answered with and as it is trained.
pub struct Net {
    pub store: nn::VarStore,
    model: BertModel<BertEmbeddings>,
    pooling: Pooling,
}

pub struct Bert {
    net: Net,
    precision: Precision,
    dims: usize,
    /// For a batch; see `SMALL`.
    threads: usize,
}

/// Tokens of a batch up to which one thread computes it. A question alone is a third slower for it on an idle machine of two
/// cores, and ten times faster on a busy one: libtorch's threads wait for each other spinning.
const SMALL: usize = 128;

impl Bert {
    /// Reads the weights, settles the precision, and runs it once.
    pub fn load(
        checkpoint: &Checkpoint,
        tokenizer: &BertTokenizer,
        threads: usize,
    ) -> Result<Box<dyn Model>, EncoderError> {
        let threads = settle_threads(threads);
        let config = read_config(checkpoint)?;
        let sentences: Vec<Vec<u32>> = SENTENCES.iter().map(|text| tokenizer.ids(text)).collect::<Result<_, _>>()?;
        let weights = Weights::read(checkpoint)?;
        weights.must_cover(checkpoint, tokenizer)?;
        let mut exact = Self::build(checkpoint, &config, &weights, Precision::Float32, threads)?;
        let expected = exact.sentence_vectors(&sentences)?;
        if bfloat16_is_fast(exact.net.store.device()) {
            let mut fast = Self::build(checkpoint, &config, &weights, Precision::BFloat16, threads)?;
            if least_cosine(&expected, &fast.sentence_vectors(&sentences)?) >= MIN_COSINE {
                return Ok(Box::new(fast));
            }
            tracing::warn!("bfloat16 is too coarse for this model; it runs in float32.");
        }
        Ok(Box::new(exact))
    }

    fn build(
        checkpoint: &Checkpoint,
        config: &BertConfig,
        weights: &Weights,
        precision: Precision,
        threads: usize,
    ) -> Result<Self, EncoderError> {
        let net = Net::build(checkpoint, config, weights, precision)?;
        Ok(Self { net, precision, dims: config.hidden_size as usize, threads })
    }

    fn sentence_vectors(&mut self, sentences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EncoderError> {
        let mut vectors = Vec::with_capacity(sentences.len());
        for ids in sentences {
            let embedded = self.forward(&[ids]).map_err(|why| EncoderError::failed("run the model", why))?;
            let settled = embedded.vectors.iter().filter_map(|raw| settle(raw)).next();
            let no_direction = || EncoderError::failed("run the model", "its vectors are not numbers");
            vectors.push(settled.ok_or_else(no_direction)?);
        }
        Ok(vectors)
    }
}

/// libtorch has one stream of random numbers for the whole program. Held by whoever draws from it, so that training, which
/// seeds it, is the same every time.
pub static RANDOM: Mutex<()> = Mutex::new(());

impl Net {
    pub fn build(
        checkpoint: &Checkpoint,
        config: &BertConfig,
        weights: &Weights,
        precision: Precision,
    ) -> Result<Self, EncoderError> {
        // Fresh random tables of this size would cost more than reading the weights, which replace them anyway.
        let seedling = BertConfig { vocab_size: 1, max_position_embeddings: 1, ..config.clone() };
        let store = nn::VarStore::new(Device::cuda_if_available());
        let drawing = RANDOM.lock().unwrap_or_else(PoisonError::into_inner);
        // The pooler is not part of a sentence encoder.
        let model = BertModel::new_with_optional_pooler(store.root(), &seedling, false);
        drop(drawing);
        for (name, mut variable) in store.variables().into_iter().collect::<BTreeMap<_, _>>() {
            let tensor = weights.tensor(checkpoint, &name, &variable)?;
            // A copy: training would write into the weights that were read, where their format is the same.
            tch::no_grad(|| variable.set_data(&tensor.to_kind(kind(precision)).to_device(store.device()).copy()));
        }
        Ok(Self { store, model, pooling: checkpoint.pooling })
    }

    /// One vector a row, not yet normalised, of shape (rows, dims), in float32. `train` drops units at random.
    pub fn pooled(&self, rows: &[&[u32]], train: bool) -> Result<Tensor, String> {
        let (ids, mask, shape) = pad(rows);
        let ids = Tensor::from_slice(&ids).view(shape).to_device(self.store.device());
        let mask = Tensor::from_slice(&mask).view(shape).to_device(self.store.device());
        let output = self.model.forward_t(Some(&ids), Some(&mask), None, None, None, None, None, train);
        Ok(self.pool(&output.map_err(|error| error.to_string())?.hidden_state, &mask))
    }

    /// Token vectors of shape (rows, longest, dims) to one of shape (rows, dims), in float32.
    fn pool(&self, hidden: &Tensor, mask: &Tensor) -> Tensor {
        match self.pooling {
            Pooling::FirstToken => hidden.select(1, 0).to_kind(Kind::Float),
            Pooling::Mean => {
                let weight = mask.unsqueeze(-1).to_kind(Kind::Float);
                let sum = (hidden.to_kind(Kind::Float) * &weight).sum_dim_intlist([1].as_slice(), false, Kind::Float);
                sum / weight.sum_dim_intlist([1].as_slice(), false, Kind::Float)
            }
        }
    }
}

impl Model for Bert {
    fn dims(&self) -> usize {
        self.dims
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn forward(&mut self, rows: &[&[u32]]) -> Result<Embedded, String> {
        let n_tokens = rows.len() * rows.iter().map(|row| row.len()).max().unwrap_or(0);
        tch::no_grad(|| {
            let started = Instant::now();
            tch::set_num_threads(if n_tokens <= SMALL { 1 } else { self.threads as i32 });
            let pooled = self.net.pooled(rows, false)?;
            let flat = Vec::<f32>::try_from(pooled.to_device(Device::Cpu).flatten(0, -1));
            let forward_us = started.elapsed().as_micros() as u64;
            let flat = flat.map_err(|error| error.to_string())?;
            Ok(Embedded { vectors: flat.chunks_exact(self.dims).map(<[f32]>::to_vec).collect(), forward_us })
        })
    }
}

/// Ids and mask, row after row, each row filled up to the longest. The mask keeps the filling out of the result, so its
/// id does not matter.
fn pad(rows: &[&[u32]]) -> (Vec<i64>, Vec<i64>, [i64; 2]) {
    let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let mut ids = vec![0; rows.len() * longest];
    let mut mask = vec![0; rows.len() * longest];
    for (place, row) in rows.iter().enumerate() {
        for (column, id) in row.iter().enumerate() {
            ids[place * longest + column] = i64::from(*id);
            mask[place * longest + column] = 1;
        }
    }
    (ids, mask, [rows.len() as i64, longest as i64])
}

pub struct Weights(HashMap<String, Tensor>);

impl Weights {
    pub fn read(checkpoint: &Checkpoint) -> Result<Self, EncoderError> {
        let tensors = Tensor::read_safetensors(&checkpoint.weights);
        Ok(Self(tensors.map_err(|error| unusable(&checkpoint.weights, error))?.into_iter().collect()))
    }

    /// Some checkpoints were saved from a larger model, whose names begin with `bert.`.
    fn get(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name).or_else(|| self.0.get(&format!("bert.{name}")))
    }

    /// Puts `share` of the way from each tensor to its trained one in its place, in its own number format.
    pub fn move_towards(&mut self, trained: HashMap<String, Tensor>, share: f64) {
        for (name, tensor) in trained {
            let name = if self.0.contains_key(&name) { name } else { format!("bert.{name}") };
            if let Some(kept) = self.0.get_mut(&name) {
                let (from, to) = (kept.to_kind(Kind::Float), tensor.to_device(Device::Cpu).to_kind(Kind::Float));
                *kept = tch::no_grad(|| (&from + (to - &from) * share).to_kind(kept.kind()));
            }
        }
    }

    pub fn write(&self, file: &Path) -> Result<(), EncoderError> {
        let mut tensors: Vec<_> = self.0.iter().collect();
        tensors.sort_by_key(|(name, _)| *name);
        Tensor::write_safetensors(&tensors, file).map_err(|error| unusable(file, error))
    }

    fn tensor(&self, checkpoint: &Checkpoint, name: &str, place: &Tensor) -> Result<&Tensor, EncoderError> {
        let file = &checkpoint.weights;
        let tensor = self.get(name).ok_or_else(|| unusable(file, format!("the tensor {name} is missing")))?;
        let (found, mut expected) = (tensor.size(), place.size());
        // Tables were built with one row.
        if expected.first() == Some(&1) && found.len() == expected.len() {
            expected[0] = found[0];
        }
        if found != expected {
            let problem = format!("the tensor {name} has shape {found:?}, and config.json wants {expected:?}");
            return Err(unusable(file, problem));
        }
        Ok(tensor)
    }

    /// An id beyond the table would panic in the middle of a batch.
    pub fn must_cover(&self, checkpoint: &Checkpoint, tokenizer: &BertTokenizer) -> Result<(), EncoderError> {
        let n_rows = |name: &str| self.get(name).and_then(|table| table.size().first().copied()).unwrap_or(0);
        let n_ids = tokenizer.tokenizer.get_vocab_size(true) as i64;
        let n_known = n_rows("embeddings.word_embeddings.weight");
        if n_ids > n_known {
            let problem = format!("it has {n_ids} tokens, and the weights know {n_known}");
            return Err(unusable(&checkpoint.tokenizer, problem));
        }
        let n_places = n_rows("embeddings.position_embeddings.weight");
        if n_places < checkpoint.max_tokens as i64 {
            return Err(unusable(&checkpoint.weights, format!("it has only {n_places} positions")));
        }
        Ok(())
    }
}

pub fn read_config(checkpoint: &Checkpoint) -> Result<BertConfig, EncoderError> {
    let file = &checkpoint.config;
    let text = fs::read_to_string(file).map_err(|error| unusable(file, error))?;
    let config: BertConfig = serde_json::from_str(&text).map_err(|error| unusable(file, error))?;
    if config.num_attention_heads < 1 || config.hidden_size % config.num_attention_heads != 0 {
        return Err(unusable(file, "hidden_size is not a multiple of num_attention_heads"));
    }
    Ok(config)
}

fn kind(precision: Precision) -> Kind {
    match precision {
        Precision::BFloat16 => Kind::BFloat16,
        Precision::Float32 => Kind::Float,
    }
}

/// Every processor with amx_bf16 has avx512_bf16 as well (Intel's optimisation manual, Sapphire Rapids and later).
/// Elsewhere libtorch emulates bfloat16, slower than float32.
fn bfloat16_is_fast(device: Device) -> bool {
    #[cfg(target_arch = "x86_64")]
    let has_it = std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    let has_it = false;
    has_it && device == Device::Cpu
}

/// Vectors are settled, so the dot product is the cosine.
fn least_cosine(exact: &[Vec<f32>], other: &[Vec<f32>]) -> f32 {
    let dot = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    exact.iter().zip(other).map(dot).fold(1.0, f32::min)
}

/// The number for a batch; 0 is all processors.
pub fn settle_threads(wanted: usize) -> usize {
    // libtorch takes the number of the others once, before its first work.
    static INTER_OP: Once = Once::new();
    INTER_OP.call_once(|| tch::set_num_interop_threads(1));
    let all = available_parallelism().map_or(1, usize::from);
    if wanted == 0 { all } else { wanted.min(all) }
}
