//! The knowledge room: reads the folder of articles, reports what is wrong in it, and finds words in it.
//!
//! May: read the folder, own its tantivy index, hand out immutable snapshots.
//! May not: know that conversations exist.
