//! Canned replies: agents keep their own, leads keep everybody's.

use super::sight::tags_of;
use super::{Desk, DeskError, MAX_TEXT_CHARS};
use crate::store::{AgentRecord, CannedReply, Keeping, StoreError};

/// What an agent wishes to keep.
#[derive(Clone, Debug)]
pub struct CannedWish {
    /// `None`: a new one.
    pub id: Option<String>,
    pub is_shared: bool,
    pub name: String,
    pub text: String,
    pub ends: bool,
    pub tags: Vec<String>,
}

const MAX_NAME_CHARS: usize = 60;

impl Desk {
    /// Everybody's and the agent's own, by name.
    pub async fn canned(&self, agent: &AgentRecord) -> Result<Vec<CannedReply>, StoreError> {
        self.parts.store.canned(&agent.id).await
    }

    pub async fn keep_canned(&self, agent: &AgentRecord, wish: CannedWish) -> Result<CannedReply, DeskError> {
        if wish.is_shared && !agent.role.is_lead() {
            return Err(DeskError::LeadsOnly);
        }
        let name = wish.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(DeskError::BadInput(format!("name: must have 1 to {MAX_NAME_CHARS} characters on one line")));
        }
        let text = wish.text.trim().to_owned();
        if text.is_empty() {
            return Err(DeskError::TextEmpty);
        }
        if text.chars().count() > MAX_TEXT_CHARS {
            return Err(DeskError::TextTooLong);
        }
        let is_new = wish.id.is_none();
        let reply = CannedReply {
            id: wish.id.unwrap_or_else(|| self.parts.clock.new_id()),
            owner: (!wish.is_shared).then(|| agent.id.clone()),
            name,
            text,
            ends: wish.ends,
            tags: tags_of("tags", &wish.tags)?,
            updated_at: self.parts.clock.now(),
        };
        match self.parts.store.keep_canned(reply.clone(), is_new).await? {
            Keeping::Kept => Ok(reply),
            Keeping::NameTaken => Err(DeskError::BadInput(format!("name: there is another {:?}", reply.name))),
            Keeping::Full => Err(DeskError::BadInput("name: there are 500 already; remove some first".into())),
            Keeping::Unknown => Err(DeskError::NoSuchCanned),
        }
    }

    pub async fn remove_canned(&self, agent: &AgentRecord, id: &str, is_shared: bool) -> Result<(), DeskError> {
        if is_shared && !agent.role.is_lead() {
            return Err(DeskError::LeadsOnly);
        }
        let owner = (!is_shared).then_some(&agent.id);
        match self.parts.store.remove_canned(owner, id).await? {
            true => Ok(()),
            false => Err(DeskError::NoSuchCanned),
        }
    }
}
