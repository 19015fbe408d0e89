//! Embeddings of articles and phrases on disk, so that a restart encodes nothing. One append-only file per encoder.
//!
//! A header, then records of one size: 16 bytes of key, the vector in half precision (little-endian), 4 bytes of
//! checksum. Laws: it may forget, it never lies: a record that does not add up is skipped, a torn tail is cut off. Two
//! programs may use it at once; records are appended whole. Customers' words are not in it: keys are hashes, and only
//! the bulk lane is kept.

use super::Vector;
use half::f16;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const HEADER: &[u8; 16] = b"firstline-vec-1\n";
const KEY_BYTES: usize = 16;
const CHECK_BYTES: usize = 4;
/// Beyond it the older half is dropped: some 300,000 texts at 384 dimensions.
const MAX_BYTES: u64 = 256 << 20;

/// The first half of the text's SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; KEY_BYTES]);

impl Key {
    pub fn of(text: &str) -> Self {
        let digest = Sha256::digest(text.as_bytes());
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&digest[..KEY_BYTES]);
        Self(key)
    }

    pub fn bytes(&self) -> [u8; KEY_BYTES] {
        self.0
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}

pub struct Cache {
    file: PathBuf,
    dims: usize,
    /// One appends at a time within this program.
    appending: Mutex<()>,
}

impl Cache {
    /// Touches nothing yet; the folder is made when something is kept.
    pub fn new(folder: &Path, fingerprint: &str, dims: usize) -> Self {
        Self { file: folder.join(format!("{fingerprint}.vectors")), dims, appending: Mutex::new(()) }
    }

    /// Those of `keys` that are known; later records win. Unreadable is the same as empty.
    pub fn read(&self, keys: &[Key]) -> HashMap<Key, Vector> {
        let wanted: HashSet<Key> = keys.iter().copied().collect();
        let Ok(bytes) = fs::read(&self.file) else { return HashMap::new() };
        let Some(records) = bytes.strip_prefix(HEADER) else { return HashMap::new() };
        let mut found = HashMap::new();
        for record in records.chunks_exact(self.record_bytes()) {
            let mut key = Key([0; KEY_BYTES]);
            key.0.copy_from_slice(&record[..KEY_BYTES]);
            if wanted.contains(&key)
                && let Some(vector) = self.vector_in(record)
            {
                found.insert(key, vector);
            }
        }
        found
    }

    /// Blocks on the disk. After an error the file is as it was, or is cut back when it is next written.
    pub fn append(&self, fresh: &[(Key, Vector)]) -> io::Result<()> {
        let _one = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let records: Vec<u8> = fresh.iter().flat_map(|(key, vector)| self.record(key, vector)).collect();
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&self.file)?;
        let whole = self.whole_len(&mut file)?;
        if whole == 0 {
            file.set_len(0)?;
            file.write_all(HEADER)?;
        } else if whole < file.metadata()?.len() {
            file.set_len(whole)?;
        }
        let before = file.metadata()?.len();
        if before + records.len() as u64 > MAX_BYTES {
            return self.keep_newer_half(&records);
        }
        // A full disk may take a part of it; that part would shift all that comes after.
        file.write_all(&records).inspect_err(|_| drop(file.set_len(before)))
    }

    /// Length up to which the file consists of whole records; 0 when it is empty or another format.
    fn whole_len(&self, file: &mut File) -> io::Result<u64> {
        let length = file.metadata()?.len();
        let mut header = [0; HEADER.len()];
        file.seek(SeekFrom::Start(0))?;
        if length < HEADER.len() as u64 || file.read_exact(&mut header).is_err() || header != *HEADER {
            return Ok(0);
        }
        Ok(length - (length - HEADER.len() as u64) % self.record_bytes() as u64)
    }

    fn keep_newer_half(&self, fresh: &[u8]) -> io::Result<()> {
        let bytes = fs::read(&self.file)?;
        let records = bytes.get(HEADER.len()..).unwrap_or_default();
        let n_dropped = records.len() / self.record_bytes() / 2 + 1;
        let newer = records.get(n_dropped * self.record_bytes()..).unwrap_or_default();
        let beside = self.file.with_extension("vectors.partial");
        fs::write(&beside, [HEADER, newer, fresh].concat())?;
        fs::rename(&beside, &self.file)
    }

    fn record_bytes(&self) -> usize {
        KEY_BYTES + 2 * self.dims + CHECK_BYTES
    }

    fn record(&self, key: &Key, vector: &[f32]) -> Vec<u8> {
        let mut record = Vec::with_capacity(self.record_bytes());
        record.extend_from_slice(&key.0);
        for x in vector {
            record.extend_from_slice(&f16::from_f32(*x).to_le_bytes());
        }
        record.extend_from_slice(&checksum(&record));
        record
    }

    fn vector_in(&self, record: &[u8]) -> Option<Vector> {
        let (body, check) = record.split_at(record.len() - CHECK_BYTES);
        if checksum(body) != check {
            return None;
        }
        let values = body[KEY_BYTES..].chunks_exact(2);
        Some(values.map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect())
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let digest = Sha256::digest(bytes);
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(seed: usize) -> Vector {
        let raw: Vec<f32> = (0..8).map(|i| ((seed * 8 + i) as f32).sin()).collect();
        Vector::from(super::super::model::settle(&raw).unwrap())
    }

    fn entries(seeds: std::ops::Range<usize>) -> Vec<(Key, Vector)> {
        seeds.map(|seed| (Key::of(&format!("text {seed}")), vector(seed))).collect()
    }

    fn keys(entries: &[(Key, Vector)]) -> Vec<Key> {
        entries.iter().map(|(key, _)| *key).collect()
    }

    #[test]
    fn gives_back_exactly_what_it_was_given() {
        let home = tempfile::tempdir().unwrap();
        let all = entries(0..20);
        let cache = Cache::new(&home.path().join("new/folder"), "print", 8);
        assert!(cache.read(&keys(&all)).is_empty());
        cache.append(&all[..5]).unwrap();
        cache.append(&all[5..]).unwrap();
        let again = Cache::new(&home.path().join("new/folder"), "print", 8);
        assert_eq!(again.read(&keys(&all)), all.iter().cloned().collect::<HashMap<_, _>>());
        assert_eq!(again.read(&keys(&all[3..4])).len(), 1);
        assert!(Cache::new(home.path(), "other", 8).read(&keys(&all)).is_empty());
    }

    #[test]
    fn a_torn_tail_costs_one_record() {
        let home = tempfile::tempdir().unwrap();
        let all = entries(0..4);
        let cache = Cache::new(home.path(), "print", 8);
        cache.append(&all[..3]).unwrap();
        let length = cache.file.metadata().unwrap().len();
        for cut in 1..cache.record_bytes() as u64 {
            OpenOptions::new().write(true).open(&cache.file).unwrap().set_len(length - cut).unwrap();
            assert_eq!(cache.read(&keys(&all)).len(), 2, "{cut} bytes short");
            cache.append(&all[3..]).unwrap();
            assert_eq!(cache.read(&keys(&all)).len(), 3);
            cache.append(&all[2..3]).unwrap();
            assert_eq!(cache.read(&keys(&all)).len(), 4);
            fs::remove_file(&cache.file).unwrap();
            cache.append(&all[..3]).unwrap();
        }
    }

    #[test]
    fn a_damaged_record_is_skipped_and_a_foreign_file_replaced() {
        let home = tempfile::tempdir().unwrap();
        let all = entries(0..3);
        let cache = Cache::new(home.path(), "print", 8);
        cache.append(&all).unwrap();
        let mut bytes = fs::read(&cache.file).unwrap();
        bytes[HEADER.len() + cache.record_bytes() + 20] ^= 1;
        fs::write(&cache.file, &bytes).unwrap();
        let found = cache.read(&keys(&all));
        assert!(found.len() == 2 && !found.contains_key(&all[1].0));
        for foreign in [&b""[..], b"short", b"another file altogether, and a long one"] {
            fs::write(&cache.file, foreign).unwrap();
            assert!(cache.read(&keys(&all)).is_empty());
            cache.append(&all).unwrap();
            assert_eq!(cache.read(&keys(&all)).len(), 3);
        }
    }

    #[test]
    fn the_older_half_goes_when_it_is_full() {
        let home = tempfile::tempdir().unwrap();
        let all = entries(0..11);
        let cache = Cache::new(home.path(), "print", 8);
        cache.append(&all[..10]).unwrap();
        let [kept, fresh] = [&all[6..10], &all[10..]];
        cache.keep_newer_half(&cache.record(&fresh[0].0, &fresh[0].1)).unwrap();
        let found = cache.read(&keys(&all));
        assert_eq!(found, [kept, fresh].concat().into_iter().collect::<HashMap<_, _>>());
    }
}
