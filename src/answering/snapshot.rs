//! What answers questions right now: one immutable set of index, vectors, classifier and calibration, swapped as one.

use super::gather::Question;
use crate::domain::{Article, ArticleId, ChannelKind, Evidence, Language, Policy};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum AnsweringError {
    #[error("no article has been loaded yet")]
    NotReady,
}

#[derive(Clone, Debug)]
pub struct Options {}

/// For `/readyz` and the console.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Health {
    /// Questions are answered with all the evidence there will be.
    pub is_ready: bool,
    /// What is missing, as sentences; empty when all is well.
    pub degraded: Vec<String>,
    /// Articles that may answer today, translations counted.
    pub articles: usize,
    pub findings: usize,
    /// 16 hexadecimal digits.
    pub knowledge_version: String,
    pub encoder: Option<String>,
}

pub struct Answering {}

impl Answering {
    pub async fn gather(&self, _question: Question<'_>) -> Result<Evidence, AnsweringError> {
        Err(AnsweringError::NotReady)
    }

    /// The article in the language nearest to `language`, if it may answer on this channel today.
    pub fn article(&self, _id: &ArticleId, _language: Language, _channel: ChannelKind) -> Option<Arc<Article>> {
        None
    }

    pub fn policy(&self) -> Policy {
        Policy::default()
    }

    pub fn health(&self) -> Health {
        Health {
            is_ready: false,
            degraded: vec![],
            articles: 0,
            findings: 0,
            knowledge_version: String::new(),
            encoder: None,
        }
    }
}
