//! Customers come in: a conversation is opened, a turn is kept, its replies are fetched.

use super::attachments::check_attachments;
use super::{Desk, DeskError, Update};
use crate::bus::Hint;
use crate::domain::brief::KnownCustomer;
use crate::domain::plan::Heard;
use crate::domain::rules;
use crate::domain::{
    Channel, ChannelKind, Choice, Conversation, ConversationId, CustomerId, Language, Page, QueueName, Speaker, Turn,
};
use crate::store::NewConversation;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A customer's wish to begin. The same `client_id` on the same site again gives the same conversation.
#[derive(Clone, Debug)]
pub struct Opening {
    pub client_id: String,
    pub site: String,
    pub channel: Channel,
    pub language: Option<Language>,
    pub page: Option<Page>,
    /// IANA name; one that nobody knows is passed over.
    pub time_zone: Option<String>,
    /// Where the customer waits when nothing that is said leads elsewhere; `None`: the default queue.
    pub queue: Option<QueueName>,
    /// Whom the site vouches for.
    pub vouched: Option<Vouched>,
}

/// What a site signed about its own user.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub subject: String,
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug)]
pub struct Started {
    pub conversation: Conversation,
    /// Given out once; the store keeps only its hash.
    pub token: String,
    pub is_new: bool,
}

/// A turn that is safely kept.
#[derive(Debug)]
pub struct Taken {
    pub turn: Turn,
    pub conversation: Conversation,
    pub repeated: bool,
}

/// Characters of one turn.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Characters of a caller's own id.
pub const MAX_CLIENT_ID_CHARS: usize = 200;

impl Desk {
    pub async fn open(&self, opening: Opening) -> Result<Started, DeskError> {
        let parts = &self.parts;
        check_client_id(&opening.client_id)?;
        let token = parts.clock.new_secret();
        let now = parts.clock.now();
        let fresh = CustomerId::new(parts.clock.new_id());
        let priority = opening.vouched.as_ref().map_or(0, |vouched| rules::priority_of(&vouched.attributes));
        let is_web = opening.channel == Channel::Web;
        let opening_is_vouched = opening.vouched.is_some();
        let customer = match opening.vouched.clone() {
            Some(Vouched { subject, attributes }) => {
                let profile = KnownCustomer { site: opening.site.clone(), subject, attributes };
                parts.store.vouch(profile, fresh, now).await?
            }
            None => fresh,
        };
        if opening_is_vouched {
            self.must_not_be_blocked(&customer).await?;
        }
        let mut conversation = Conversation::begin(
            ConversationId::new(parts.clock.new_id()),
            customer,
            opening.site,
            opening.channel,
            opening.language,
            now,
        );
        conversation.priority = priority;
        conversation.home_queue = opening.queue;
        conversation.time_zone = opening.time_zone.filter(|name| jiff::tz::TimeZone::get(name).is_ok());
        let opened = parts
            .store
            .open_conversation(NewConversation {
                conversation,
                client_id: opening.client_id,
                token_hash: hash(&token),
                page: opening.page,
                now,
            })
            .await?;
        // A channel's own address is proof enough.
        if opened.is_new || !is_web {
            return Ok(Started { conversation: opened.conversation, token, is_new: opened.is_new });
        }
        // The token is given to nobody before it is known that the conversation is theirs.
        self.open_again(&opened.conversation, opening.vouched).await?;
        Ok(Started { conversation: self.read(&opened.conversation.id).await?, token, is_new: false })
    }

    pub async fn conversation_by_token(&self, token: &str) -> Result<Option<Conversation>, DeskError> {
        Ok(self.parts.store.conversation_by_token(&hash(token)).await?)
    }

    pub async fn conversation_by_channel(&self, channel: &Channel) -> Result<Option<Conversation>, DeskError> {
        Ok(self.parts.store.conversation_by_channel(channel).await?)
    }

    /// Keeps what a customer said and begins to think about it. When this returns, the words are safe.
    pub async fn hear(&self, id: &ConversationId, heard: Heard) -> Result<Taken, DeskError> {
        self.hear_in_burst(id, heard, Duration::ZERO).await
    }

    /// Like `hear`, but thinks only when nothing more has come for `pause`: several short messages are one question. What is tapped is
    /// thought about at once.
    pub async fn hear_in_burst(&self, id: &ConversationId, heard: Heard, pause: Duration) -> Result<Taken, DeskError> {
        check_client_id(&heard.client_id)?;
        check_attachments(&heard.attachments)?;
        let heard = self.with_words(id, heard).await?;
        let pause = if heard.option.is_some() { Duration::ZERO } else { pause };
        let kept = self.parts.store.keep(id, heard, &self.rules(), self.parts.clock.now()).await?;
        let kept = kept.ok_or(DeskError::NoSuchConversation)?;
        self.hand_rests(id, None);
        if !kept.repeated {
            self.parts.bus.hint(Hint::Conversation(id.clone()));
        }
        self.begin_to_think_after(id.clone(), pause);
        Ok(Taken { turn: kept.turn, conversation: kept.conversation, repeated: kept.repeated })
    }

    /// What was said in reaction to `turn`; waits at most `wait` for the bot. Empty when the bot has nothing to say or is not done.
    pub async fn replies_to(
        &self,
        id: &ConversationId,
        turn: &Turn,
        wait: Duration,
    ) -> Result<(Vec<Turn>, Update), DeskError> {
        // The thought that covers this turn holds the conversation's lock, or has already let it go.
        let _ = tokio::time::timeout(wait, self.think(id)).await;
        let update = self.update(id, turn.seq, 100).await?;
        let mut replies: Vec<Turn> = vec![];
        for later in &update.turns {
            match later.by {
                // Of a burst, all turns share the replies; after the first reply a customer's turn begins the next exchange.
                Speaker::Customer if replies.is_empty() => {}
                Speaker::Customer => break,
                Speaker::Bot | Speaker::System | Speaker::Agent(_) => replies.push(later.clone()),
            }
        }
        Ok((replies, update))
    }

    /// A tap is kept with the words that stood on the button, in the customer's language.
    async fn with_words(&self, id: &ConversationId, mut heard: Heard) -> Result<Heard, DeskError> {
        if let Some(option) = &heard.option {
            let conversation = self.parts.store.conversation(id).await?.ok_or(DeskError::NoSuchConversation)?;
            let language = conversation.language.unwrap_or(self.parts.settings.default_language);
            heard.text = self
                .choice_title(option.as_str(), language, conversation.channel.kind())
                .ok_or_else(|| DeskError::BadInput(format!("option: there is no article or choice {option:?}")))?;
            return Ok(heard);
        }
        let n_chars = heard.text.chars().count();
        if n_chars > MAX_TEXT_CHARS {
            return Err(DeskError::TextTooLong);
        }
        if heard.text.trim().is_empty() {
            if heard.attachments.is_empty() {
                return Err(DeskError::TextEmpty);
            }
            heard.text.clear();
        }
        Ok(heard)
    }

    pub(super) fn choice_title(&self, option: &str, language: Language, channel: ChannelKind) -> Option<String> {
        use crate::domain::texts;
        let article = crate::domain::ArticleId::new(option);
        if let Some(article) = self.parts.answering.article(&article, language, channel) {
            return Some(article.title.clone());
        }
        match option {
            Choice::HUMAN => Some(texts::person_button(language)),
            Choice::SOMETHING_ELSE => Some(texts::something_else_button(language)),
            Choice::BACK_TO_BOT => Some(texts::back_to_bot_button(language)),
            _ => None,
        }
    }
}

pub(super) fn check_client_id(client_id: &str) -> Result<(), DeskError> {
    match client_id.chars().count() {
        1..=MAX_CLIENT_ID_CHARS => Ok(()),
        _ => Err(DeskError::BadInput(format!("client_id: must have 1 to {MAX_CLIENT_ID_CHARS} characters"))),
    }
}

pub(super) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}
