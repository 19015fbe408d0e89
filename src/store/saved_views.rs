//! Lists that agents come back to.

use crate::domain::{AgentId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a list showed: a view with its filters, as the console asks for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewQuery {
    pub view: String,
    pub q: Option<String>,
    pub queue: Option<String>,
    pub channel: Option<String>,
    pub language: Option<String>,
    pub tag: Option<String>,
}

/// A list with a name, one agent's or everybody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    pub id: String,
    /// `None`: everybody's.
    pub owner: Option<AgentId>,
    /// Unique among the owner's.
    pub name: String,
    pub query: ViewQuery,
    pub updated_at: Timestamp,
}
