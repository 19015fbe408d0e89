//! Customers' words as phrases of articles: what is judged proposes them, leads teach or reject them, the files take them up.

use super::{Desk, DeskError};
use crate::domain::{ArticleId, TurnId};
use crate::store::{AgentRecord, KeptPhrase, PhraseDecision, PhraseVersion, ProposedPhrase};

/// What waits for a lead, and what was taught; the newest first.
#[derive(Clone, Debug, Default)]
pub struct Phrases {
    pub proposed: Vec<ProposedPhrase>,
    pub taught: Vec<KeptPhrase>,
}

/// What a lead makes of customers' words.
#[derive(Clone, Debug)]
pub struct ReviewedPhrase {
    pub article: ArticleId,
    pub text: String,
}

/// Proposed phrases of one page.
const MAX_PROPOSED: u32 = 100;
/// Longer ones are stories, and say little about how an article is asked for.
const MAX_PHRASE_CHARS: usize = 300;

impl Desk {
    pub async fn phrases(&self) -> Result<Phrases, DeskError> {
        let proposed = self.parts.store.proposed_phrases(MAX_PROPOSED).await?;
        Ok(Phrases { proposed, taught: self.parts.store.taught_phrases().await? })
    }

    /// Teaches the words of a judged question, or changes what was taught. `question` names the turn that asked. The bot knows it
    /// within seconds.
    pub async fn teach_phrase(
        &self,
        lead: &AgentRecord,
        question: &TurnId,
        phrase: ReviewedPhrase,
    ) -> Result<(), DeskError> {
        let text = phrase.text.trim();
        let n_chars = text.chars().count();
        if !(1..=MAX_PHRASE_CHARS).contains(&n_chars) || text.chars().any(char::is_control) {
            return Err(DeskError::BadInput(format!(
                "text: must have 1 to {MAX_PHRASE_CHARS} characters on one line, has {n_chars}"
            )));
        }
        let answering = &self.parts.answering;
        if !answering.knows(&phrase.article) {
            return Err(match answering.health().is_ready {
                true => DeskError::BadInput(format!("article: there is no article {:?}", phrase.article.as_str())),
                false => DeskError::StillLoading,
            });
        }
        self.decide_phrase(lead, question, Some((phrase.article, text.to_owned()))).await
    }

    /// Takes what was taught back, or never asks about it again.
    pub async fn reject_phrase(&self, lead: &AgentRecord, question: &TurnId) -> Result<(), DeskError> {
        self.decide_phrase(lead, question, None).await
    }

    /// Gives what is taught by now to answering.
    pub async fn take_up_taught_phrases(&self) -> Result<(), DeskError> {
        let _turn = self.parts.answering.turn_to_teach().await;
        let taught = self.parts.store.taught_phrases().await?;
        self.parts
            .answering
            .taught(taught.into_iter().filter(|kept| !kept.is_exported).map(|kept| kept.phrase).collect());
        Ok(())
    }

    /// The articles' files have these now.
    pub async fn phrases_exported(&self, exported: Vec<PhraseVersion>) -> Result<(), DeskError> {
        self.parts.store.phrases_exported(exported).await?;
        self.take_up_taught_phrases().await
    }

    async fn decide_phrase(
        &self,
        lead: &AgentRecord,
        question: &TurnId,
        taught: Option<(ArticleId, String)>,
    ) -> Result<(), DeskError> {
        let (conversation, question) = question.parts().ok_or(DeskError::NoSuchPhrase)?;
        let is_the_files = self
            .parts
            .store
            .taught_phrases()
            .await?
            .iter()
            .any(|kept| kept.is_exported && kept.question == question && kept.conversation == conversation);
        if is_the_files {
            return Err(DeskError::BadInput("it stands in the article's file by now: change it there".into()));
        }
        let is_taught = taught.is_some();
        let (lead, now) = (lead.id.clone(), self.parts.clock.now());
        let decision = PhraseDecision { conversation: conversation.clone(), question, taught, lead, now };
        if !self.parts.store.decide_phrase(decision).await? {
            return Err(DeskError::NoSuchPhrase);
        }
        tracing::info!(%conversation, question, is_taught, "a phrase was decided about");
        self.take_up_taught_phrases().await
    }
}
