//! Saved views: agents keep their own, leads keep everybody's.

use super::{Desk, DeskError};
use crate::store::{AgentRecord, Keeping, SavedView, StoreError, ViewQuery};

/// What an agent wishes to come back to. The query's own words were checked by whoever asks lists with it.
#[derive(Clone, Debug)]
pub struct ViewWish {
    /// `None`: a new one.
    pub id: Option<String>,
    pub is_shared: bool,
    pub name: String,
    pub query: ViewQuery,
}

const MAX_NAME_CHARS: usize = 40;

impl Desk {
    /// Everybody's and the agent's own, by name.
    pub async fn saved_views(&self, agent: &AgentRecord) -> Result<Vec<SavedView>, StoreError> {
        self.parts.store.saved_views(&agent.id).await
    }

    pub async fn keep_view(&self, agent: &AgentRecord, wish: ViewWish) -> Result<SavedView, DeskError> {
        if wish.is_shared && !agent.role.is_lead() {
            return Err(DeskError::LeadsOnly);
        }
        let name = wish.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(DeskError::BadInput(format!("name: must have 1 to {MAX_NAME_CHARS} characters on one line")));
        }
        let is_new = wish.id.is_none();
        let view = SavedView {
            id: wish.id.unwrap_or_else(|| self.parts.clock.new_id()),
            owner: (!wish.is_shared).then(|| agent.id.clone()),
            name,
            query: wish.query,
            updated_at: self.parts.clock.now(),
        };
        match self.parts.store.keep_view(view.clone(), is_new).await? {
            Keeping::Kept => Ok(view),
            Keeping::NameTaken => Err(DeskError::BadInput(format!("name: there is another {:?}", view.name))),
            Keeping::Full => Err(DeskError::BadInput("name: there are 50 already; remove some first".into())),
            Keeping::Unknown => Err(DeskError::NoSuchView),
        }
    }

    pub async fn remove_view(&self, agent: &AgentRecord, id: &str, is_shared: bool) -> Result<(), DeskError> {
        if is_shared && !agent.role.is_lead() {
            return Err(DeskError::LeadsOnly);
        }
        let owner = (!is_shared).then_some(&agent.id);
        if self.parts.store.remove_view(owner, id).await? { Ok(()) } else { Err(DeskError::NoSuchView) }
    }
}
