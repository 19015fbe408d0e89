//! An approved answer, and the intents that need no article.

use super::{ArticleId, Language, QueueName};
use serde::{Deserialize, Serialize};

/// One article in one language, as a file of the knowledge base says it. The same `id` in other languages is its translation.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    pub id: ArticleId,
    pub language: Language,
    pub title: String,
    /// How customers ask for it; these train the classifier.
    pub phrases: Vec<String>,
    pub tags: Vec<String>,
    /// Where a handoff from this topic goes.
    pub queue: Option<QueueName>,
    pub handoff: HandoffRule,
    /// For the agent only: what to check and offer.
    pub plan: Option<String>,
    /// Follow-up questions, shown as buttons.
    pub suggests: Vec<ArticleId>,
    /// Empty means every channel.
    pub channels: Vec<ChannelKind>,
    pub valid_from: Option<jiff::civil::Date>,
    /// The last day on which it may answer.
    pub valid_until: Option<jiff::civil::Date>,
    /// The body as it was written.
    pub markdown: String,
    /// The body without markup.
    pub text: String,
    /// The body as sanitised HTML: what a widget may show as it is.
    pub html: String,
    /// Pieces of the body that the index holds, in order.
    pub passages: Vec<String>,
    /// The file, relative to the knowledge base folder.
    pub file: String,
}

/// How customers ask for an article, as a lead taught it; it stands beside the article's own phrases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaughtPhrase {
    pub article: ArticleId,
    pub language: Language,
    pub text: String,
}

impl Article {
    pub fn answers_on(&self, channel: ChannelKind) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }

    /// Both ends are inclusive.
    pub fn answers_at(&self, day: jiff::civil::Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_until.is_none_or(|until| day <= until)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffRule {
    Never,
    #[default]
    Offer,
    /// The article is shown and a person follows.
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    Web,
    Telegram,
}

/// Intents that every installation understands without an article. An article whose id is the name of one replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// The customer wants a person.
    Human,
    Greeting,
    Thanks,
    Goodbye,
    WhoAreYou,
    /// "That did not help." Before any answer it is a question like others.
    DidNotHelp,
    /// Abuse, or no patience left. It stands in no answer's way: angry customers have questions too.
    Anger,
    /// Emoji or marks only, and none that say something.
    Wordless,
}

impl Builtin {
    pub const ALL: [Builtin; 8] = [
        Self::Human,
        Self::Greeting,
        Self::Thanks,
        Self::Goodbye,
        Self::WhoAreYou,
        Self::DidNotHelp,
        Self::Anger,
        Self::Wordless,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Greeting => "greeting",
            Self::Thanks => "thanks",
            Self::Goodbye => "goodbye",
            Self::WhoAreYou => "who-are-you",
            Self::DidNotHelp => "did-not-help",
            Self::Anger => "anger",
            Self::Wordless => "wordless",
        }
    }
}
