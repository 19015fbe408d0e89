//! Reads the operator's own texts, `en.ftl` and so on in one folder, over the built-in ones.

use super::ConfigError;
use crate::domain::Language;
use crate::domain::catalogue::Catalogue;
use std::path::Path;

const ENDING: &str = "ftl";
/// The built-in files hold some 20 KiB each.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The catalogue, and sentences about what is only worth a look.
pub(super) fn load(folder: &Path) -> Result<(Catalogue, Vec<String>), ConfigError> {
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        move |source| ConfigError::Unreadable { file, source }
    };
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let file = entry.map_err(unreadable(folder))?.path();
        if file.extension().is_some_and(|ending| ending == ENDING) {
            files.push(file);
        }
    }
    files.sort();
    let (mut catalogue, mut warnings, mut mistakes) = (Catalogue::built_in(), vec![], vec![]);
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let Some(language) = Language::ALL.into_iter().find(|language| language.tag() == name) else {
            mistakes.push(format!("{}: must be en.ftl, zh-Hans.ftl, zh-Hant.ftl or ru.ftl", file.display()));
            continue;
        };
        let n_bytes = std::fs::metadata(file).map_err(unreadable(file))?.len();
        if n_bytes > MAX_FILE_BYTES {
            mistakes.push(format!("{}: {n_bytes} bytes are more than {MAX_FILE_BYTES}", file.display()));
            continue;
        }
        let words = std::fs::read_to_string(file).map_err(unreadable(file))?;
        // The mistakes of all files at once, so that one start shows them.
        let (found, list) = match catalogue.replace(language, &words) {
            Ok(found) => (found, &mut warnings),
            Err(found) => (found, &mut mistakes),
        };
        list.extend(found.iter().map(|mistake| format!("{}: {mistake}", file.display())));
    }
    if mistakes.is_empty() { Ok((catalogue, warnings)) } else { Err(ConfigError::Texts { mistakes }) }
}
