//! Customers' words as phrases of articles: proposed by what was judged, taught or rejected by leads.

use crate::domain::{AgentId, ArticleId, ConversationId, Language, Seq, TaughtPhrase, Timestamp};
use serde::{Deserialize, Serialize};

/// The words of a question that the bot did not answer with what was judged to be right.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedPhrase {
    pub conversation: ConversationId,
    pub question: Seq,
    pub article: ArticleId,
    pub language: Language,
    /// As it was typed; the turns of a burst stand a line each.
    pub text: String,
    pub judged_at: Timestamp,
}

/// A phrase that a lead taught.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptPhrase {
    pub conversation: ConversationId,
    pub question: Seq,
    pub phrase: TaughtPhrase,
    /// The article's file has it, so it is the file's to keep or to lose.
    pub is_exported: bool,
    pub at: Timestamp,
}

/// A phrase as it was when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhraseVersion {
    pub conversation: ConversationId,
    pub question: Seq,
    pub at: Timestamp,
}

impl KeptPhrase {
    pub fn version(&self) -> PhraseVersion {
        PhraseVersion { conversation: self.conversation.clone(), question: self.question, at: self.at }
    }
}

/// What a lead decided about the words of one question.
#[derive(Clone, Debug)]
pub struct PhraseDecision {
    pub conversation: ConversationId,
    pub question: Seq,
    /// The article and how it is asked for; `None`: no phrase of any.
    pub taught: Option<(ArticleId, String)>,
    pub lead: AgentId,
    pub now: Timestamp,
}
