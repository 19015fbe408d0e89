//! A trained classifier on disk: magic and version, counts, numbers (little-endian), SHA-256 of all before it.

use super::{Classifier, Pieces};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"firstline-cls-1\n";
const CHECK_BYTES: usize = 32;

/// A caller trains anew after any of them.
#[derive(Debug, thiserror::Error)]
pub enum ClassifierError {
    #[error("{} could not be {step}", file.display())]
    Io {
        file: PathBuf,
        step: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{} is not a classifier of this version, or is damaged", file.display())]
    Damaged { file: PathBuf },
}

impl Classifier {
    /// Replaces the file as a whole; its folder must be there.
    pub fn save(&self, file: &Path) -> Result<(), ClassifierError> {
        let mut bytes = MAGIC.to_vec();
        for count in [self.n_labels, self.dims, self.pieces.indexes.len()] {
            bytes.extend((count as u32).to_le_bytes());
        }
        bytes.extend(self.pieces.scale.to_le_bytes());
        bytes.extend(self.pieces.indexes.iter().flat_map(|index| index.to_le_bytes()));
        bytes.extend(self.pieces.idf.iter().flat_map(|idf| idf.to_le_bytes()));
        bytes.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        let beside = file.with_extension("partial");
        let failed = |step, source| ClassifierError::Io { file: file.to_owned(), step, source };
        fs::write(&beside, &bytes).map_err(|source| failed("written", source))?;
        fs::rename(&beside, file).map_err(|source| failed("put in place", source))
    }

    pub fn load(file: &Path) -> Result<Classifier, ClassifierError> {
        let bytes = fs::read(file);
        let bytes = bytes.map_err(|source| ClassifierError::Io { file: file.to_owned(), step: "read", source })?;
        parse(&bytes).ok_or_else(|| ClassifierError::Damaged { file: file.to_owned() })
    }
}

fn parse(bytes: &[u8]) -> Option<Classifier> {
    let (body, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
    let mut words = body.strip_prefix(MAGIC)?.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
    let digest: [u8; CHECK_BYTES] = Sha256::digest(body).into();
    if digest != check {
        return None;
    }
    let mut count = || words.next().map(|word| u32::from_le_bytes(word) as usize);
    let (n_labels, dims, n_pieces) = (count()?, count()?, count()?);
    let n_weights = dims.checked_add(n_pieces)?.checked_add(1)?.checked_mul(n_labels)?;
    let scale = f32::from_le_bytes(words.next()?);
    let indexes: Vec<u32> = words.by_ref().take(n_pieces).map(u32::from_le_bytes).collect();
    let idf: Vec<f32> = words.by_ref().take(n_pieces).map(f32::from_le_bytes).collect();
    let weights: Vec<f32> = words.map(f32::from_le_bytes).collect();
    let is_whole = idf.len() == n_pieces && weights.len() == n_weights;
    is_whole.then_some(Classifier { n_labels, dims, pieces: Pieces::new(indexes, idf, scale), weights })
}
