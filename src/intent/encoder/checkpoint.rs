//! A model folder in sentence-transformers layout: what its files say, and whether they are whole. Needs no libtorch.

use super::{EncoderError, Precision};
use crate::domain::Language;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Longer texts are cut here. The shipped model was trained on up to 64 tokens; longer ones work, weakly (its card).
pub const MAX_TOKENS: usize = 256;
/// A safetensors header names the tensors, some hundred bytes each.
const MAX_HEADER_BYTES: u64 = 16 << 20;
const FETCH: &str = "Fetch the model again (make model NAME=…), or name another folder with --model.";

/// What the other files of a folder say about how to use its weights.
#[derive(Debug)]
pub struct Checkpoint {
    pub name: String,
    pub config: PathBuf,
    pub tokenizer: PathBuf,
    pub weights: PathBuf,
    pub pooling: Pooling,
    /// Ids of one text at most, `[CLS]` and `[SEP]` included.
    pub max_tokens: usize,
    /// Put before every text.
    pub prefix: String,
    pub languages: Vec<Language>,
    /// `firstline adapt` made it.
    pub is_adapted: bool,
}

/// How the vectors of tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    Mean,
    FirstToken,
}

impl Checkpoint {
    pub fn read(folder: &Path) -> Result<Self, EncoderError> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let here = |file: &str| folder.join(file);
        let (config, tokenizer, weights) = (here("config.json"), here("tokenizer.json"), here("model.safetensors"));
        for file in [folder, &config, &tokenizer, &weights] {
            if !file.exists() {
                return Err(EncoderError::Missing { file: file.to_owned(), advice: FETCH });
            }
        }
        let bert: BertFile = read_json(&config)?;
        if bert.model_type != "bert" {
            let problem = format!("its model_type is {:?}, and only \"bert\" is supported", bert.model_type);
            return Err(unusable(&config, problem));
        }
        check_whole(&weights)?;
        let known = match Known::beside(folder)? {
            Some(known) => Some(known),
            None => Manifest::find(folder, &name)?,
        };
        Ok(Self {
            pooling: read_pooling(folder)?,
            max_tokens: read_max_tokens(folder)?.min(bert.max_position_embeddings).clamp(8, MAX_TOKENS),
            languages: known.as_ref().map_or(Language::ALL.to_vec(), Known::languages),
            is_adapted: known.as_ref().is_some_and(|known| known.is_adapted),
            prefix: known.map(|known| known.prefix).unwrap_or_default(),
            name,
            config,
            tokenizer,
            weights,
        })
    }

    /// SHA-256 over all that a vector depends on, the number format aside. Reads every byte of the weights.
    pub fn hash(&self) -> Result<[u8; 32], EncoderError> {
        let mut hasher = Sha256::new();
        for file in [&self.weights, &self.tokenizer, &self.config] {
            let copied = File::open(file).and_then(|mut open| io::copy(&mut open, &mut hasher));
            copied.map_err(|error| unusable(file, error))?;
        }
        hasher.update(format!("{:?} {} {}", self.pooling, self.max_tokens, self.prefix));
        Ok(hasher.finalize().into())
    }
}

/// 16 hexadecimal digits.
pub fn fingerprint(hash: &[u8; 32], precision: Precision) -> String {
    let digest = Sha256::new().chain_update(hash).chain_update(precision.to_string()).finalize();
    hex::encode(&digest[..8])
}

pub fn unusable(file: &Path, problem: impl ToString) -> EncoderError {
    EncoderError::Unusable { file: file.to_owned(), problem: problem.to_string() }
}

#[derive(Deserialize)]
struct BertFile {
    #[serde(default)]
    model_type: String,
    max_position_embeddings: usize,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    r#type: String,
}

#[derive(Deserialize)]
struct PoolingFile {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

#[derive(Deserialize)]
struct SentenceBertFile {
    max_seq_length: Option<usize>,
}

/// `modules.json` names the steps; without it, mean pooling, as sentence-transformers assumes.
fn read_pooling(folder: &Path) -> Result<Pooling, EncoderError> {
    let file = folder.join("modules.json");
    if !file.exists() {
        return Ok(Pooling::Mean);
    }
    let modules: Vec<Module> = read_json(&file)?;
    let mut pooling = Pooling::Mean;
    for Module { path, r#type } in modules {
        match r#type.rsplit('.').next().unwrap_or_default() {
            // Every vector is normalised here, whether the model asks for it or not: all scores are cosines.
            "Transformer" | "Normalize" => {}
            "Pooling" => pooling = read_pooling_mode(&folder.join(path).join("config.json"))?,
            other => return Err(unusable(&file, format!("its step {other} is not supported"))),
        }
    }
    Ok(pooling)
}

fn read_pooling_mode(file: &Path) -> Result<Pooling, EncoderError> {
    let pooling: PoolingFile = read_json(file)?;
    match (pooling.pooling_mode_mean_tokens, pooling.pooling_mode_cls_token) {
        (true, false) => Ok(Pooling::Mean),
        (false, true) => Ok(Pooling::FirstToken),
        _ => Err(unusable(file, "only mean or first-token pooling is supported")),
    }
}

fn read_max_tokens(folder: &Path) -> Result<usize, EncoderError> {
    let file = folder.join("sentence_bert_config.json");
    if !file.exists() {
        return Ok(MAX_TOKENS);
    }
    Ok(read_json::<SentenceBertFile>(&file)?.max_seq_length.unwrap_or(MAX_TOKENS))
}

/// Whether a safetensors file ends where its header says (format: github.com/huggingface/safetensors). A download that
/// broke off is told apart from a model of another shape here.
fn check_whole(weights: &Path) -> Result<(), EncoderError> {
    let broken = |problem: String| unusable(weights, format!("{problem}. {FETCH}"));
    let mut file = File::open(weights).map_err(|error| unusable(weights, error))?;
    let length = file.metadata().map_err(|error| unusable(weights, error))?.len();
    let mut size = [0; 8];
    file.read_exact(&mut size).map_err(|_| broken(format!("it is cut short, at {length} bytes")))?;
    let header_bytes = u64::from_le_bytes(size);
    if header_bytes > MAX_HEADER_BYTES {
        return Err(broken("it is damaged, or not a safetensors file".to_owned()));
    }
    let mut header = vec![0; header_bytes as usize];
    file.read_exact(&mut header).map_err(|_| broken(format!("it is cut short, at {length} bytes")))?;
    let tensors: serde_json::Map<String, Value> =
        serde_json::from_slice(&header).map_err(|_| broken("its header is damaged".to_owned()))?;
    let end = tensors.values().filter_map(|tensor| tensor["data_offsets"][1].as_u64()).max().unwrap_or(0);
    let expected = end.saturating_add(8 + header_bytes);
    if length != expected {
        return Err(broken(format!("it has {length} bytes instead of {expected}")));
    }
    Ok(())
}

/// `manifest.toml` beside the folder. A folder that it does not name may know any language.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    model: Vec<Known>,
}

/// How to use a model; of the manifest, or `firstline.json` in the folder of one that was made here.
#[derive(Deserialize, Serialize)]
pub struct Known {
    pub name: String,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub is_adapted: bool,
}

impl Manifest {
    fn find(folder: &Path, name: &str) -> Result<Option<Known>, EncoderError> {
        let file = folder.with_file_name("manifest.toml");
        let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
        let manifest: Self = toml::from_str(&text).map_err(|error| unusable(&file, error))?;
        Ok(manifest.model.into_iter().find(|known| known.name == name))
    }
}

impl Known {
    pub const FILE: &str = "firstline.json";

    pub fn beside(folder: &Path) -> Result<Option<Self>, EncoderError> {
        let file = folder.join(Self::FILE);
        if file.exists() { read_json(&file).map(Some) } else { Ok(None) }
    }

    #[cfg(feature = "bert")]
    pub fn write(&self, folder: &Path) -> Result<(), EncoderError> {
        let file = folder.join(Self::FILE);
        let written = serde_json::to_vec_pretty(self).map_err(io::Error::from).and_then(|text| fs::write(&file, text));
        written.map_err(|error| unusable(&file, error))
    }

    fn languages(&self) -> Vec<Language> {
        let tags: Vec<Language> = self.languages.iter().filter_map(|tag| Language::parse(tag)).collect();
        // Traditional is folded to Simplified before it is encoded, so a model that knows one knows both.
        let knows = |language: &Language| {
            tags.contains(language) || language.is_chinese() && tags.iter().any(|tag| tag.is_chinese())
        };
        Language::ALL.into_iter().filter(knows).collect()
    }
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, EncoderError> {
    let bytes = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => EncoderError::Missing { file: file.to_owned(), advice: FETCH },
        _ => unusable(file, error),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| unusable(file, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &[(&str, &str)] = &[
        ("config.json", r#"{"model_type": "bert", "max_position_embeddings": 64}"#),
        ("tokenizer.json", "{}"),
        (
            "modules.json",
            r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#,
        ),
        ("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#),
        ("../manifest.toml", "[[model]]\nname = \"tiny\"\nlanguages = [\"zh-Hans\", \"xx\"]\nprefix = \"query: \""),
    ];

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tiny");
        fs::create_dir_all(folder.join("1_Pooling")).unwrap();
        for (file, text) in TINY {
            fs::write(folder.join(file), text).unwrap();
        }
        fs::write(folder.join("model.safetensors"), weights(8)).unwrap();
        (home, folder)
    }

    fn weights(n_bytes: usize) -> Vec<u8> {
        let header = br#"{"x": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]}}"#;
        [&(header.len() as u64).to_le_bytes()[..], header, &vec![0; n_bytes]].concat()
    }

    #[test]
    fn reads_what_the_files_say() {
        let (_home, folder) = folder();
        let checkpoint = Checkpoint::read(&folder).unwrap();
        assert_eq!(checkpoint.name, "tiny");
        assert_eq!(checkpoint.pooling, Pooling::FirstToken);
        assert_eq!(checkpoint.max_tokens, 64);
        assert_eq!(checkpoint.prefix, "query: ");
        assert_eq!(checkpoint.languages, [Language::ZhHans, Language::ZhHant]);
    }

    #[test]
    fn a_folder_that_no_manifest_names_may_know_every_language() {
        let (_home, folder) = folder();
        fs::remove_file(folder.join("../manifest.toml")).unwrap();
        fs::remove_file(folder.join("modules.json")).unwrap();
        let checkpoint = Checkpoint::read(&folder).unwrap();
        assert_eq!(checkpoint.languages, Language::ALL);
        assert_eq!((checkpoint.pooling, checkpoint.prefix.as_str()), (Pooling::Mean, ""));
    }

    #[test]
    fn what_stands_in_the_folder_itself_wins() {
        let (_home, folder) = folder();
        let known = Known { name: "tiny".into(), languages: vec!["ru".into()], prefix: "q: ".into(), is_adapted: true };
        fs::write(folder.join(Known::FILE), serde_json::to_vec(&known).unwrap()).unwrap();
        let checkpoint = Checkpoint::read(&folder).unwrap();
        assert_eq!((checkpoint.prefix.as_str(), checkpoint.is_adapted), ("q: ", true));
        assert_eq!(checkpoint.languages, [Language::Ru]);
    }

    #[test]
    fn the_fingerprint_follows_whatever_a_vector_depends_on() {
        let (_home, folder) = folder();
        let print = |precision| fingerprint(&Checkpoint::read(&folder).unwrap().hash().unwrap(), precision);
        let first = print(Precision::Float32);
        assert_eq!(first.len(), 16);
        assert_eq!(first, print(Precision::Float32));
        assert_ne!(first, print(Precision::BFloat16));
        fs::write(folder.join("tokenizer.json"), "{ }").unwrap();
        assert_ne!(first, print(Precision::Float32));
    }

    #[test]
    fn errors_name_the_file_and_the_problem() {
        let check = |file: &str, content: Option<Vec<u8>>, expected: &str| {
            let (_home, folder) = folder();
            match content {
                Some(content) => fs::write(folder.join(file), content).unwrap(),
                None => fs::remove_file(folder.join(file)).unwrap(),
            }
            let error = Checkpoint::read(&folder).unwrap_err().to_string();
            let name = Path::new(file).file_name().unwrap().to_string_lossy();
            assert!(error.contains(expected) && error.contains(&*name), "{file}: {error}");
        };
        check("model.safetensors", None, "is missing");
        check("tokenizer.json", None, "make model");
        check("1_Pooling/config.json", None, "is missing");
        check("model.safetensors", Some(vec![]), "cut short, at 0 bytes");
        check("model.safetensors", Some(weights(8)[..20].to_vec()), "cut short");
        check("model.safetensors", Some(weights(7)), "instead of");
        check("model.safetensors", Some(b"<!DOCTYPE html><html>".to_vec()), "not a safetensors file");
        check("config.json", Some(b"{".to_vec()), "EOF");
        check("config.json", Some(br#"{"model_type": "t5", "max_position_embeddings": 9}"#.to_vec()), "t5");
        check("modules.json", Some(br#"[{"path": "2_Dense", "type": "a.b.Dense"}]"#.to_vec()), "Dense");
        check("1_Pooling/config.json", Some(br#"{"pooling_mode_max_tokens": true}"#.to_vec()), "mean or first-token");
        check("firstline.json", Some(b"{".to_vec()), "EOF");
        check("../manifest.toml", Some(b"[[model]".to_vec()), "cannot be used");
        let nowhere = Checkpoint::read(Path::new("/nowhere/at-all")).unwrap_err();
        assert!(nowhere.to_string().starts_with("/nowhere/at-all is missing"), "{nowhere}");
    }
}
