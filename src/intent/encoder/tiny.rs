//! A model small enough to be written by a test.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One layer, eight dimensions, as a folder. Weights follow a fixed pattern.
pub struct TinyFolder {
    pub home: TempDir,
    pub config: Value,
    pub tokenizer: Value,
    pub n_tokens: usize,
}

impl TinyFolder {
    pub fn new() -> Self {
        let pieces = [("▁query", -3.0), (":", -3.0), ("▁re", -4.0), ("fund", -4.0), ("退", -5.0), ("款", -5.0)];
        Self::of(pieces.map(|(piece, score)| (piece.to_owned(), score)).into())
    }

    /// One token a word.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: BTreeSet<&str> = words.into_iter().collect();
        Self::of(words.into_iter().map(|word| (format!("▁{word}"), -3.0)).collect())
    }

    fn of(more: Vec<(String, f64)>) -> Self {
        let pieces = [vec![("<unk>".to_owned(), 0.0), ("▁".to_owned(), -2.0)], more].concat();
        let config = json!({
            "model_type": "bert", "hidden_act": "gelu", "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
            "hidden_size": 8, "initializer_range": 0.02, "intermediate_size": 16, "max_position_embeddings": 32,
            "num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 2, "vocab_size": pieces.len(),
        });
        let tokenizer = json!({
            "version": "1.0", "truncation": null,
            "padding": {"strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 1,
                "pad_type_id": 0, "pad_token": "▁"},
            "added_tokens": [], "normalizer": null,
            "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
            "post_processor": null, "decoder": null,
            "model": {"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": false},
        });
        Self { home: tempfile::tempdir().unwrap(), config, tokenizer, n_tokens: pieces.len() }
    }

    pub fn write(&self) -> PathBuf {
        self.write_into(self.home.path())
    }

    pub fn write_into(&self, home: &Path) -> PathBuf {
        let folder = home.join("tiny-unigram");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), self.config.to_string()).unwrap();
        fs::write(folder.join("tokenizer.json"), self.tokenizer.to_string()).unwrap();
        fs::write(folder.join("model.safetensors"), self.weights()).unwrap();
        folder
    }

    fn weights(&self) -> Vec<u8> {
        let mut tensors = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![self.n_tokens, 8]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![32, 8]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, 8]),
        ];
        let layer = "encoder.layer.0";
        for (name, shape) in [
            (format!("{layer}.attention.self.query"), [8, 8]),
            (format!("{layer}.attention.self.key"), [8, 8]),
            (format!("{layer}.attention.self.value"), [8, 8]),
            (format!("{layer}.attention.output.dense"), [8, 8]),
            (format!("{layer}.intermediate.dense"), [16, 8]),
            (format!("{layer}.output.dense"), [8, 16]),
        ] {
            tensors.push((format!("{name}.weight"), shape.to_vec()));
            tensors.push((format!("{name}.bias"), vec![shape[0]]));
        }
        for name in ["embeddings".to_owned(), format!("{layer}.attention.output"), format!("{layer}.output")] {
            tensors.push((format!("{name}.LayerNorm.weight"), vec![8]));
            tensors.push((format!("{name}.LayerNorm.bias"), vec![8]));
        }
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        for (name, shape) in tensors {
            let start = data.len();
            // Normalisation changes nothing at first, and rows of a table look unlike each other.
            let value = |i: usize| match name.as_str() {
                _ if name.ends_with("LayerNorm.weight") => 1.0,
                _ if name.ends_with("bias") => 0.0,
                _ => (((start + i) * (i + 3)) as f32 * 0.7).sin() * if name.contains("word") { 1.0 } else { 0.2 },
            };
            for i in 0..shape.iter().product::<usize>() {
                data.extend(value(i).to_le_bytes());
            }
            header.insert(name, json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]}));
        }
        let header = Value::Object(header).to_string();
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
    }
}
