//! How the widget looks on each site: as the config file says, or, where it says nothing, as an admin sets it in the console.

use super::{Desk, DeskError};
use crate::domain::Timestamp;
use crate::domain::site::{Look, Site};
use crate::store::{AgentRecord, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A look that was set in the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptLook {
    pub look: Look,
    pub at: Timestamp,
    /// The name of whoever set it, then.
    pub by: String,
}

/// The site of pages that name none, which is there without any config.
pub const DEFAULT_SITE: &str = "default";

fn key(site: &str) -> String {
    format!("look.{site}")
}

/// Whether the config file says anything of its look: then the console may not.
pub fn has_look(site: &Site) -> bool {
    site.look != Look::default()
}

impl Desk {
    /// The sites that can be dressed: the file's, or the one of pages that name none.
    pub fn sites(&self) -> Vec<Site> {
        match self.parts.settings.sites.as_slice() {
            [] => vec![Site::usual(DEFAULT_SITE)],
            sites => sites.to_vec(),
        }
    }

    /// What was set in the console for a site, if anything was that the file leaves to it.
    pub fn kept_look(&self, site: &str) -> Option<KeptLook> {
        self.parts.looks.load().get(site).cloned()
    }

    /// From the next request of a widget on. Errors: `NoSuchSite`, `FixedInFile`, `BadInput` with the key.
    pub async fn keep_look(&self, admin: &AgentRecord, site: &str, look: Look) -> Result<(), DeskError> {
        self.check_look(site, &look)?;
        if has_look(&self.site(site)?) {
            return Err(DeskError::FixedInFile(format!("the look of the site {site:?}")));
        }
        let now = self.parts.clock.now();
        let kept = KeptLook { look, at: now, by: admin.name.clone() };
        let json = serde_json::to_string(&kept).map_err(|error| DeskError::BadInput(error.to_string()))?;
        self.parts.store.set_setting(&key(site), Some(json), &admin.id, now).await?;
        Ok(self.take_up_looks().await?)
    }

    /// Back to the widget's own look.
    pub async fn forget_look(&self, admin: &AgentRecord, site: &str) -> Result<(), DeskError> {
        self.site(site)?;
        self.parts.store.set_setting(&key(site), None, &admin.id, self.parts.clock.now()).await?;
        Ok(self.take_up_looks().await?)
    }

    pub fn check_look(&self, site: &str, look: &Look) -> Result<Site, DeskError> {
        let site = Site { look: look.clone(), ..self.site(site)? };
        site.look.check().map_err(|detail| DeskError::BadInput(format!("look.{detail}")))?;
        Ok(site)
    }

    /// Errors: `NoSuchSite`.
    pub fn site(&self, name: &str) -> Result<Site, DeskError> {
        self.sites().into_iter().find(|site| site.name == name).ok_or(DeskError::NoSuchSite)
    }

    /// Reads what the console set. At the start and after a change.
    pub async fn take_up_looks(&self) -> Result<(), StoreError> {
        let mut looks = BTreeMap::new();
        for site in self.sites().into_iter().filter(|site| !has_look(site)) {
            let Some(json) = self.parts.store.setting(&key(&site.name)).await? else { continue };
            match serde_json::from_str::<KeptLook>(&json) {
                Ok(kept) => {
                    looks.insert(site.name, kept);
                }
                Err(error) => {
                    tracing::error!(site = %site.name, %error, "the look set in the console cannot be read; the usual one holds")
                }
            }
        }
        self.parts.looks.store(looks.into());
        Ok(())
    }
}
