//! What encoders that were not trained on a text make of it: the file `out-of-fold.bin` in the folder of an adapted model.
//!
//! Judged by what it learnt by heart, an encoder would seem surer than it is. So some of the texts were held out from each of
//! a few more encoders, and calibration looks at texts through these.
//!
//! Little-endian: a header of 16 bytes; the 32 bytes of the checkpoint's hash that it belongs to; dims, number of encoders
//! and number of texts, 4 bytes each; for each text 16 bytes of key, one byte of which bit `n` says that encoder `n` was
//! trained on it, and one vector of each encoder in half precision; at the end the SHA-256 of all before. Law: what does
//! not add up is an error, never a smaller file.

use super::cache::Key;
use super::{EncoderError, Vector};
use half::f16;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

pub const FILE: &str = "out-of-fold.bin";
const HEADER: &[u8; 16] = b"firstline-oof-1\n";
const HASH_BYTES: usize = 32;
/// As many as a byte has bits.
const MAX_ENCODERS: usize = 8;

#[derive(Debug, PartialEq)]
pub struct OutOfFold {
    dims: usize,
    n_encoders: usize,
    seen: HashMap<Key, Seen>,
    /// 16 hexadecimal digits: changes whenever anything in it does.
    pub stamp: String,
}

/// One text, as the encoders of the folds see it.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    /// Bit `n`: encoder `n` was trained on it.
    trained: u8,
    vectors: Vec<Vector>,
}

/// One text through one encoder: its vector, and whether the encoder was trained on the text.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub vector: Vector,
    pub was_trained_on: bool,
}

impl OutOfFold {
    /// For each text one view an encoder, in their order; of equal texts, the earlier vectors and whatever any was trained on.
    pub fn of(dims: usize, n_encoders: usize, texts: impl IntoIterator<Item = (String, Vec<View>)>) -> Self {
        assert!((1..=MAX_ENCODERS).contains(&n_encoders), "{n_encoders} encoders have no bits");
        let mut seen: HashMap<Key, Seen> = HashMap::new();
        for (text, views) in texts {
            let bits = views.iter().enumerate().map(|(n, view)| u8::from(view.was_trained_on) << n);
            let trained = bits.fold(0, |all, bit| all | bit);
            let vectors = views.into_iter().map(|view| view.vector).collect();
            seen.entry(Key::of(&text)).or_insert(Seen { trained, vectors }).trained |= trained;
        }
        let mut made = Self { dims, n_encoders, seen, stamp: String::new() };
        made.stamp = stamp(&made.bytes(&[0; HASH_BYTES]));
        made
    }

    pub fn n_encoders(&self) -> usize {
        self.n_encoders
    }

    /// `None` for a text that was not there when the model was made.
    pub fn view(&self, text: &str, encoder: usize) -> Option<View> {
        let seen = self.seen.get(&Key::of(text))?;
        let vector = seen.vectors.get(encoder)?.clone();
        Some(View { vector, was_trained_on: seen.trained >> encoder & 1 == 1 })
    }

    pub fn write(&self, file: &Path, belongs_to: &[u8; HASH_BYTES]) -> Result<(), EncoderError> {
        let mut bytes = self.bytes(belongs_to);
        bytes.extend_from_slice(&Sha256::digest(&bytes));
        fs::write(file, bytes).map_err(|error| unusable(file, error))
    }

    /// `None` without the file; an error when it is damaged, or belongs to other weights.
    pub fn read(file: &Path, belongs_to: &[u8; HASH_BYTES], dims: usize) -> Result<Option<Self>, EncoderError> {
        if !file.exists() {
            return Ok(None);
        }
        let bytes = fs::read(file).map_err(|error| unusable(file, error))?;
        let problem =
            |problem: &str| unusable(file, format!("{problem}. Make the model again with `firstline adapt`."));
        let body = bytes.len().checked_sub(HASH_BYTES).and_then(|end| {
            let (body, digest) = bytes.split_at(end);
            (Sha256::digest(body)[..] == *digest).then_some(body)
        });
        let mut rest = Reader(body.ok_or_else(|| problem("it is damaged or cut short"))?);
        if rest.take(HEADER.len()) != Some(HEADER) {
            return Err(problem("it is of another version"));
        }
        if rest.take(HASH_BYTES) != Some(belongs_to) {
            return Err(problem("it belongs to other weights"));
        }
        let counts = [rest.number(), rest.number(), rest.number()];
        let [Some(found), Some(n_encoders @ 1..=MAX_ENCODERS), Some(n_texts)] = counts else {
            return Err(problem("its counts make no sense"));
        };
        if found != dims {
            return Err(problem(&format!("its vectors have {found} dimensions, and the model's {dims}")));
        }
        let mut seen = HashMap::new();
        for _ in 0..n_texts {
            let (key, one) = rest.text(dims, n_encoders).ok_or_else(|| problem("it holds fewer texts than it says"))?;
            seen.insert(key, one);
        }
        if !rest.0.is_empty() {
            return Err(problem("it holds more than it says"));
        }
        let mut read = Self { dims, n_encoders, seen, stamp: String::new() };
        read.stamp = stamp(&read.bytes(&[0; HASH_BYTES]));
        Ok(Some(read))
    }

    /// Without the checksum; sorted, so that equal contents are equal bytes.
    fn bytes(&self, belongs_to: &[u8; HASH_BYTES]) -> Vec<u8> {
        let mut bytes = [HEADER.as_slice(), belongs_to].concat();
        for count in [self.dims, self.n_encoders, self.seen.len()] {
            bytes.extend_from_slice(&(count as u32).to_le_bytes());
        }
        let mut all: Vec<(&Key, &Seen)> = self.seen.iter().collect();
        all.sort_by_key(|(key, _)| **key);
        for (key, Seen { trained, vectors }) in all {
            bytes.extend_from_slice(&key.bytes());
            bytes.push(*trained);
            bytes.extend(vectors.iter().flat_map(|vector| vector.iter()).flat_map(|x| f16::from_f32(*x).to_le_bytes()));
        }
        bytes
    }
}

fn unusable(file: &Path, problem: impl ToString) -> EncoderError {
    EncoderError::Unusable { file: file.to_owned(), problem: problem.to_string() }
}

fn stamp(bytes: &[u8]) -> String {
    hex::encode(&Sha256::digest(bytes)[..8])
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    }

    fn text(&mut self, dims: usize, n_encoders: usize) -> Option<(Key, Seen)> {
        let key = Key::from_bytes(self.take(16)?)?;
        let trained = self.take(1)?[0];
        let mut vectors = Vec::with_capacity(n_encoders);
        for _ in 0..n_encoders {
            let values = self.take(2 * dims)?.chunks_exact(2);
            vectors.push(values.map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect());
        }
        Some((key, Seen { trained, vectors }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: [u8; 32] = [7; 32];

    fn view(values: [f32; 2], was_trained_on: bool) -> View {
        View { vector: values.into(), was_trained_on }
    }

    fn some() -> OutOfFold {
        let texts = [
            ("refund".to_owned(), vec![view([1.0, 0.0], false), view([0.5, 0.25], true)]),
            ("parcel".to_owned(), vec![view([0.0, 1.0], true), view([0.0, -1.0], false)]),
            ("refund".to_owned(), vec![view([1.0, 0.0], true), view([0.5, 0.25], false)]),
        ];
        OutOfFold::of(2, 2, texts)
    }

    #[test]
    fn comes_back_as_it_was_written() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(FILE);
        assert_eq!(OutOfFold::read(&file, &OWNER, 2).unwrap(), None);
        some().write(&file, &OWNER).unwrap();
        let read = OutOfFold::read(&file, &OWNER, 2).unwrap().unwrap();
        assert_eq!(read, some());
        assert_eq!(read.view("parcel", 0), Some(view([0.0, 1.0], true)));
        assert_eq!(read.view("parcel", 1), Some(view([0.0, -1.0], false)));
        // It stood in two articles, so both encoders know it.
        assert!((0..2).all(|encoder| read.view("refund", encoder).unwrap().was_trained_on));
        assert_eq!(read.view("new since then", 0), None);
        assert_eq!(read.view("refund", 2), None);
    }

    #[test]
    fn what_does_not_add_up_is_an_error_that_says_so() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(FILE);
        some().write(&file, &OWNER).unwrap();
        let whole = fs::read(&file).unwrap();
        let check = |bytes: &[u8], owner: [u8; 32], dims: usize, expected: &str| {
            fs::write(&file, bytes).unwrap();
            let error = OutOfFold::read(&file, &owner, dims).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("firstline adapt"), "{error}");
        };
        for length in 0..whole.len() {
            check(&whole[..length], OWNER, 2, "cut short");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            check(&damaged, OWNER, 2, "damaged");
        }
        check(&whole, [8; 32], 2, "other weights");
        check(&whole, OWNER, 3, "2 dimensions, and the model's 3");
        // A right checksum over wrong contents.
        let sealed = |body: Vec<u8>| [body.as_slice(), &Sha256::digest(&body)].concat();
        let body = &whole[..whole.len() - HASH_BYTES];
        check(&sealed(body[..body.len() - 1].to_vec()), OWNER, 2, "fewer texts");
        check(&sealed([body, &[0]].concat()), OWNER, 2, "more than it says");
        check(&sealed([b"firstline-oof-2\n", &body[16..]].concat()), OWNER, 2, "another version");
        let no_encoders = [&body[..52], &[0; 4], &body[56..]].concat();
        check(&sealed(no_encoders), OWNER, 2, "make no sense");
    }
}
