//! The rules in force: what the config file fixes, over what the console set, over the built-in lines.

use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::rules::Queue;
use crate::domain::{QueueName, Rules};
use crate::store::{AgentRecord, StoreError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a queue comes from; the file's cannot be changed in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    File,
    Console,
    BuiltIn,
}

/// The key under which the console's queues are kept, as a JSON array.
const QUEUES: &str = "queues";
/// Of one installation.
const MAX_QUEUES: usize = 100;

impl Desk {
    pub fn rules(&self) -> Arc<Rules> {
        self.parts.rules.load_full()
    }

    pub async fn queues(&self) -> Result<Vec<(Queue, Source)>, DeskError> {
        let set = self.set_in_console().await?;
        let source = |queue: &Queue| {
            let is_in = |queues: &[Queue]| queues.iter().any(|other| other.name == queue.name);
            match (is_in(&self.parts.settings.queues), is_in(&set)) {
                (true, _) => Source::File,
                (false, true) => Source::Console,
                (false, false) => Source::BuiltIn,
            }
        };
        Ok(self.rules().queues.iter().map(|queue| (queue.clone(), source(queue))).collect())
    }

    /// Makes a queue or replaces the one of this name.
    pub async fn set_queue(&self, queue: Queue, by: &AgentRecord) -> Result<(), DeskError> {
        self.may_set_queues(&queue.name, by)?;
        queue.check().map_err(DeskError::BadInput)?;
        let mut queues = self.set_in_console().await?;
        queues.retain(|other| other.name != queue.name);
        if queues.len() >= MAX_QUEUES {
            return Err(DeskError::BadInput(format!("there are {MAX_QUEUES} queues already; remove one first")));
        }
        queues.push(queue);
        self.keep_queues(&queues, by).await
    }

    /// Takes back what the console set; a built-in queue is as it was. Who waits there goes on waiting.
    pub async fn unset_queue(&self, name: &QueueName, by: &AgentRecord) -> Result<(), DeskError> {
        self.may_set_queues(name, by)?;
        let mut queues = self.set_in_console().await?;
        let before = queues.len();
        queues.retain(|queue| &queue.name != name);
        if queues.len() == before {
            return Err(DeskError::NoSuchQueue);
        }
        self.keep_queues(&queues, by).await
    }

    fn may_set_queues(&self, name: &QueueName, by: &AgentRecord) -> Result<(), DeskError> {
        if !by.role.is_lead() {
            return Err(DeskError::LeadsOnly);
        }
        match self.parts.settings.queues.iter().any(|queue| &queue.name == name) {
            true => Err(DeskError::FixedInFile(format!("the queue {name}"))),
            false => Ok(()),
        }
    }

    async fn set_in_console(&self) -> Result<Vec<Queue>, DeskError> {
        let Some(json) = self.parts.store.setting(QUEUES).await? else { return Ok(vec![]) };
        let unreadable =
            |error: serde_json::Error| StoreError::Corrupt { what: "the queues", detail: error.to_string() };
        Ok(serde_json::from_str(&json).map_err(unreadable)?)
    }

    async fn keep_queues(&self, queues: &[Queue], by: &AgentRecord) -> Result<(), DeskError> {
        let json = serde_json::to_string(queues).map_err(|error| DeskError::BadInput(error.to_string()))?;
        self.parts.store.set_setting(QUEUES, Some(json), &by.id, self.parts.clock.now()).await?;
        tracing::info!(agent = %by.id, n_queues = queues.len(), "the queues were changed in the console");
        self.take_up_rules().await
    }

    /// Reads what the console set, and moves every deadline and place in line to what follows. At the start and after a change.
    pub async fn take_up_rules(&self) -> Result<(), DeskError> {
        let settings = &self.parts.settings;
        let mut queues = settings.queues.clone();
        for queue in self.set_in_console().await?.into_iter().chain(Rules::default().queues) {
            if queues.iter().all(|other| other.name != queue.name) {
                queues.push(queue);
            }
        }
        let rules = Arc::new(Rules { queues, silence: settings.silence, mail_after_secs: settings.mail_after_secs });
        self.parts.rules.store(rules.clone());
        self.parts.store.follow_rules(&rules).await?;
        self.parts.bus.hint(Hint::Queue);
        Ok(())
    }
}
