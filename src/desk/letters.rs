//! The conversation on paper: a transcript to keep, and letters to customers who are away.

use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::away::{self, Reply, Verdict, Whereabouts};
use crate::domain::event::ContactKind;
use crate::domain::{
    Channel, Conversation, ConversationId, DetailField, Language, Seq, Speaker, Timestamp, Turn, TurnKind, contacts,
};
use crate::store::{Letter, LetterBounds, LetterKind, NewTranscript, Posted, StoreError, WishKept};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use url::Url;

/// Longer than sending one letter may take: a carrier that died keeps others from it for this long.
pub const LETTER_LEASE_SECS: i64 = 300;
/// Letters leased at once; they are sent one after the other.
const AT_ONCE: u32 = 4;
const ERASED: &str = "the words that it would tell were erased";

/// As a customer may keep it: without notes.
#[derive(Clone, Debug)]
pub struct Transcript {
    pub language: Language,
    /// The customer's own, as far as it is known; else UTC.
    pub zone: TimeZone,
    /// In the order in which they were said.
    pub turns: Vec<Turn>,
}

/// A letter that is to be sent now. A repeat is the same in every value.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: i64,
    pub conversation: ConversationId,
    pub kind: LetterKind,
    pub address: String,
    /// Of replies only these; of a transcript all.
    pub said: Transcript,
    /// A page of the site, where the conversation began.
    pub page_url: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug)]
pub enum NextStep {
    Send(Box<Written>),
    Later {
        due: Timestamp,
        why: &'static str,
    },
    /// Nobody needs it any more.
    Moot {
        why: &'static str,
    },
}

/// What the doors know about where customers are.
pub trait Lookout: Send + Sync {
    /// The last sign of life in a conversation since `since`.
    fn last_seen(&self, conversation: &ConversationId) -> Option<Timestamp>;
    fn since(&self) -> Timestamp;
}

impl Desk {
    pub async fn transcript(&self, conversation: &Conversation) -> Result<Transcript, DeskError> {
        let mut turns = self.all_turns(&conversation.id).await?.0;
        turns.retain(|turn| turn.kind != TurnKind::Note);
        turns.sort_by_key(said_as);
        let zone = conversation.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        Ok(Transcript {
            language: conversation.language.unwrap_or(self.parts.settings.default_language),
            zone: zone.unwrap_or(TimeZone::UTC),
            turns,
        })
    }

    /// The transcript, as it is now, goes to an address.
    pub async fn wish_for_transcript(&self, id: &ConversationId, email: &str) -> Result<(), DeskError> {
        let address = contacts::email(email).ok_or(DeskError::BadEmail)?;
        let wish = NewTranscript { conversation: id.clone(), address, now: self.parts.clock.now() };
        match self.parts.store.keep_transcript_wish(wish).await? {
            WishKept::Kept => {
                self.parts.bus.hint(Hint::Outbox);
                Ok(())
            }
            WishKept::NothingSaid => Err(DeskError::NothingSaid),
            WishKept::NoSuchConversation => Err(DeskError::NoSuchConversation),
        }
    }

    pub async fn lease_letters(&self, per_hour: u32) -> Result<Vec<Letter>, StoreError> {
        let now = self.parts.clock.now();
        let until = now + SignedDuration::from_secs(LETTER_LEASE_SECS);
        self.parts.store.lease_letters(LetterBounds { at_once: AT_ONCE, per_hour }, now, until).await
    }

    pub async fn next_letter_at(&self, per_hour: u32) -> Result<Option<Timestamp>, StoreError> {
        self.parts.store.next_letter_at(per_hour, self.parts.clock.now()).await
    }

    pub async fn settle_letter(&self, id: i64, posted: Posted) -> Result<(), StoreError> {
        self.parts.store.settle_letter(id, posted, self.parts.clock.now()).await
    }

    /// What becomes of a leased letter. `Send` counts as an attempt.
    pub async fn write_letter(&self, letter: &Letter, lookout: &dyn Lookout) -> Result<NextStep, DeskError> {
        let conversation = self.read(&letter.conversation).await?;
        let mut said = self.transcript(&conversation).await?;
        let (from, address) = match letter.kind {
            LetterKind::Transcript => (0, String::new()),
            LetterKind::Replies => match self.judge_replies(letter, &conversation, &said, lookout).await? {
                Judged::Mail { from, address } => (from, address),
                Judged::Not(step) => return Ok(step),
            },
        };
        let Some(sealed) = self.parts.store.seal_letter(letter.id, from, address).await? else {
            return Ok(NextStep::Moot { why: ERASED });
        };
        if letter.kind == LetterKind::Replies {
            // What was said between the judging and the sealing is in it too.
            said = self.transcript(&conversation).await?;
            said.turns.retain(is_reply);
        }
        said.turns.retain(|turn| (sealed.from..=sealed.through).contains(&said_as(turn)));
        if said.turns.iter().all(|turn| turn.text.is_empty() && turn.attachments.is_empty()) {
            return Ok(NextStep::Moot { why: ERASED });
        }
        Ok(NextStep::Send(Box::new(Written {
            id: letter.id,
            conversation: letter.conversation.clone(),
            kind: letter.kind,
            address: sealed.address,
            said,
            page_url: self.own_page(&conversation).await?,
            created_at: letter.created_at,
        })))
    }

    /// The page on which the conversation began, if it is one of the site's own: anybody can claim to have been on any page, and a
    /// letter in the site's name must lead nowhere else.
    async fn own_page(&self, conversation: &Conversation) -> Result<Option<String>, DeskError> {
        let sites = &self.parts.settings.sites;
        let site = sites.iter().find(|site| site.name == conversation.site && !site.allows_any_page());
        let Some(site) = site else { return Ok(None) };
        let told = self.parts.store.page(&conversation.id).await?.and_then(|page| page.url);
        Ok(told.filter(|told| Url::parse(told).is_ok_and(|url| site.allows(&url))))
    }

    async fn judge_replies(
        &self,
        letter: &Letter,
        conversation: &Conversation,
        said: &Transcript,
        lookout: &dyn Lookout,
    ) -> Result<Judged, DeskError> {
        let moot = |why| Ok(Judged::Not(NextStep::Moot { why }));
        if conversation.channel != Channel::Web {
            return moot("the conversation went on in another channel");
        }
        let through = letter.sealed.as_ref().map_or(Seq::MAX, |sealed| sealed.through);
        let replies = said.turns.iter().filter(|turn| is_reply(turn));
        let replies = replies.map(|turn| Reply { seq: said_as(turn), at: turn.at });
        let replies: Vec<Reply> = replies.filter(|reply| (letter.turn..=through).contains(&reply.seq)).collect();
        // After a merge the customer's browser is in the other conversation.
        let here = lookout.last_seen(&conversation.id);
        let there = conversation.merged_into.as_ref().and_then(|into| lookout.last_seen(into));
        let whereabouts = Whereabouts {
            last_seen: here.max(there),
            watched_since: lookout.since(),
            read_through: self.all_turns(&conversation.id).await?.2.by_customer,
        };
        let patience = SignedDuration::from_secs(i64::from(self.rules().mail_after_secs.unwrap_or_default()));
        match away::judge(&replies, whereabouts, patience, self.parts.clock.now()) {
            Verdict::Seen => moot("the customer came back"),
            Verdict::LookAgain(due) => {
                Ok(Judged::Not(NextStep::Later { due, why: "the customer may come back by themselves" }))
            }
            // Whoever saw some of it since it was first sent still gets the same letter.
            Verdict::Mail { from } => match self.address_of(conversation).await? {
                Some(address) => Ok(Judged::Mail { from, address }),
                None => moot("no address of the customer is known"),
            },
        }
    }

    /// What the site signed, else what the customer left last, else what was filled in before the first words.
    async fn address_of(&self, conversation: &Conversation) -> Result<Option<String>, DeskError> {
        let profile = self.parts.store.profile(&conversation.customer).await?;
        let signed = profile.as_ref().and_then(|profile| profile.attributes.get("email")?.as_str());
        if let Some(address) = signed.and_then(contacts::email) {
            return Ok(Some(address));
        }
        let left = self.parts.store.contacts(&conversation.id).await?;
        let left = left.iter().filter(|(kind, _)| *kind == ContactKind::Email).map(|(_, text)| text);
        let details = self.parts.store.details(&conversation.id).await?;
        let filled_in = details.iter().filter(|detail| detail.field == DetailField::Email).map(|detail| &detail.text);
        Ok(left.chain(filled_in).find_map(|text| contacts::email(text)))
    }
}

enum Judged {
    Mail { from: Seq, address: String },
    Not(NextStep),
}

fn is_reply(turn: &Turn) -> bool {
    matches!(turn.by, Speaker::Agent(_)) && turn.kind == TurnKind::Text
}

/// The number that names a turn for ever; an edit has a later one.
fn said_as(turn: &Turn) -> Seq {
    turn.id.parts().map_or(turn.seq, |(_, seq)| seq)
}
