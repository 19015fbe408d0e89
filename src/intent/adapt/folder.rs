//! A model folder like the one that it was made from, with other weights.

use crate::intent::encoder::checkpoint::{Checkpoint, Known, unusable};
use crate::intent::encoder::{EncoderError, OutOfFold, out_of_fold};
use std::fs;
use std::path::Path;

pub const WEIGHTS: &str = "model.safetensors";
const CARD: &str = "README.md";

/// All but the weights and what is said of them. `into` is made.
pub fn copy_around_weights(source: &Path, into: &Path) -> Result<(), EncoderError> {
    fs::create_dir_all(into).map_err(|error| unusable(into, error))?;
    for entry in fs::read_dir(source).map_err(|error| unusable(source, error))? {
        let file = entry.map_err(|error| unusable(source, error))?.path();
        let Some(name) = file.file_name() else { continue };
        let is_about = [CARD, Known::FILE, out_of_fold::FILE].iter().any(|about| name == *about);
        let is_text = file.extension().is_some_and(|kind| ["json", "txt", "model"].iter().any(|text| kind == *text));
        if is_text && !is_about {
            fs::copy(&file, into.join(name)).map_err(|error| unusable(&file, error))?;
        }
        // Of the other steps of sentence-transformers, such as pooling, only the configuration matters here.
        let config = file.join("config.json");
        if config.is_file() {
            let to = into.join(name);
            fs::create_dir_all(&to).map_err(|error| unusable(&to, error))?;
            fs::copy(&config, to.join("config.json")).map_err(|error| unusable(&config, error))?;
        }
    }
    Ok(())
}

/// Writes what the manifest says of the source, which does not know the new folder's name.
pub fn note(source: &Checkpoint, into: &Path) -> Result<(), EncoderError> {
    let languages = source.languages.iter().map(ToString::to_string).collect();
    let known = Known { name: source.name.clone(), languages, prefix: source.prefix.clone(), is_adapted: false };
    known.write(into)
}

/// Makes a trained folder one that answers: with its card, and with what encoders that were held back make of all texts.
pub fn seal(folder: &Path, seen: &OutOfFold, card: &str) -> Result<(), EncoderError> {
    let known = Known::beside(folder)?.ok_or_else(|| unusable(folder, "it was not trained here"))?;
    seen.write(&folder.join(out_of_fold::FILE), &Checkpoint::read(folder)?.hash()?)?;
    let file = folder.join(CARD);
    fs::write(&file, card).map_err(|error| unusable(&file, error))?;
    Known { is_adapted: true, ..known }.write(folder)
}
