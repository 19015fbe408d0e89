//! One question outside any conversation: what would the bot do? Stores nothing.

use crate::answering::{Answering, Found, Gathered, N_NONE, Question};
use crate::domain::decision::Asked;
use crate::domain::evidence::TracedCandidate;
use crate::domain::{
    Article, ArticleId, Channel, ChannelKind, Choice, Conversation, ConversationId, CustomerId, Decision, DecisionKind,
    Language, Reason, Timestamp, Trace, decide,
};
use serde::Serialize;
use std::sync::Arc;

/// A decision with everything that led to it.
#[derive(Clone, Debug)]
pub struct AskedOnce {
    pub decision: Decision,
    pub trace: Trace,
    /// Every intent that a part put forward, surest first.
    pub found: Vec<Found>,
    /// What the confidences' model sees of the question itself.
    pub none: [f64; N_NONE],
}

/// The stable form of `POST /api/v1/ask` and `firstline ask --json`.
#[derive(Clone, Debug, Serialize)]
pub struct AskedWire {
    pub decision: DecisionKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Calibrated probability that the first candidate is right, 0 to 1.
    pub confidence: f64,
    pub language: Language,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<Choice>>,
    pub candidates: Vec<TracedCandidate>,
    pub trace: Trace,
}

#[derive(Clone, Debug, Serialize)]
pub struct AnswerWire {
    pub article: ArticleId,
    pub title: String,
    pub language: Language,
    pub text: String,
    pub html: String,
}

/// Gathers and decides as for the first turn of a conversation. A failure to gather becomes the handoff that a customer would get.
pub async fn ask_once(answering: &Answering, text: &str, language: Option<Language>) -> AskedOnce {
    let question = Question { text, language, channel: ChannelKind::Web };
    let blank = blank_conversation(language);
    match answering.gather(question).await {
        Ok(Gathered { evidence, found, none, policy }) => {
            let decision = decide(&blank, &Asked::Words(evidence.clone()), &policy);
            AskedOnce { trace: Trace::of(&evidence, &decision, &policy), decision, found, none }
        }
        Err(failure) => {
            tracing::error!(error = %failure, "no evidence could be gathered");
            let policy = answering.policy();
            let decision = decide(&blank, &Asked::Unknown, &policy);
            let nothing = super::think::no_evidence(language.unwrap_or(Language::En));
            AskedOnce { trace: Trace::of(&nothing, &decision, &policy), decision, found: vec![], none: [0.0; N_NONE] }
        }
    }
}

impl AskedOnce {
    pub fn answer(&self) -> Option<&Arc<Article>> {
        match &self.decision {
            Decision::Answer { article, .. } => Some(article),
            Decision::Clarify { .. }
            | Decision::HandOff { .. }
            | Decision::SmallTalk { .. }
            | Decision::OfferPerson
            | Decision::AskAboutFile
            | Decision::StaySilent => None,
        }
    }

    pub fn wire(&self) -> AskedWire {
        let options = match &self.decision {
            Decision::Clarify { options } => {
                Some(options.iter().map(|a| Choice::new(a.id.as_str(), &a.title)).collect())
            }
            Decision::Answer { .. }
            | Decision::HandOff { .. }
            | Decision::SmallTalk { .. }
            | Decision::OfferPerson
            | Decision::AskAboutFile
            | Decision::StaySilent => None,
        };
        AskedWire {
            decision: self.trace.decision,
            reason: self.trace.reason,
            confidence: self.trace.confidence,
            language: self.trace.language,
            answer: self.answer().map(|article| AnswerWire {
                article: article.id.clone(),
                title: article.title.clone(),
                language: article.language,
                text: article.text.clone(),
                html: article.html.clone(),
            }),
            options,
            candidates: self.trace.candidates.clone(),
            trace: self.trace.clone(),
        }
    }
}

fn blank_conversation(language: Option<Language>) -> Conversation {
    let (id, customer) = (ConversationId::new("ask"), CustomerId::new("ask"));
    Conversation::begin(id, customer, String::new(), Channel::Web, language, Timestamp::UNIX_EPOCH)
}
