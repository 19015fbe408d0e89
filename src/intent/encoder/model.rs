//! What the mailbox and its owner need of a model, so that both can be tried with a tiny one.

use super::{EncoderError, Precision};
use half::f16;

/// Called on the callers' threads. Laws: equal texts give equal ids; at least one id, at most `MAX_TOKENS`.
pub trait Tokenize: Send + Sync {
    fn ids(&self, text: &str) -> Result<Vec<u32>, EncoderError>;
}

/// Called on the owner's thread only.
pub trait Model {
    fn dims(&self) -> usize;
    fn precision(&self) -> Precision;
    /// Rows of token ids, each at least one long; one vector of length `dims` for each, in order, not yet normalised.
    fn forward(&mut self, rows: &[&[u32]]) -> Result<Embedded, String>;
}

pub struct Embedded {
    pub vectors: Vec<Vec<f32>>,
    /// Microseconds inside the model itself.
    pub forward_us: u64,
}

/// Brings a raw vector to length 1 and its values to half precision, exactly as the cache gives it back; `None` when it
/// has no direction (not finite, or all zero).
pub fn settle(raw: &[f32]) -> Option<Vec<f32>> {
    let length = raw.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    let has_direction = length.is_finite() && length > 1e-12;
    has_direction.then(|| raw.iter().map(|x| f16::from_f64(f64::from(*x) / length).to_f32()).collect())
}
