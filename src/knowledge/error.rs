//! What can break in this room. What is wrong in a file is a `Finding`, never one of these.

use std::path::PathBuf;

/// Each message names the step and what an operator can do; the source is kept.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error("cannot read the knowledge base folder {}: {source}. Check that it exists and may be read, or name another with --knowledge DIR", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("cannot build or read the search index in memory")]
    Index(#[from] tantivy::TantivyError),
    #[error("cannot watch the knowledge base folder {}: {source}. On Linux a full table of watches is widened with `sysctl fs.inotify.max_user_watches=524288`", folder.display())]
    Watch { folder: PathBuf, source: notify::Error },
}
