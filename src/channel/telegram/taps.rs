//! A tapped button → the desk. Every tap is answered, and the keyboard goes: its message has been dealt with.

use super::buttons::Tap;
use super::reading::Update;
use super::{TelegramBot, texts};
use crate::desk::DeskError;
use crate::domain::plan::Heard;
use crate::domain::{Choice, Conversation, Phase};

/// What the customer sees on the button.
enum Answer {
    /// The reply says it all.
    Done,
    Heard {
        by_bot: bool,
    },
    Thanks,
    /// The bot has no say: in line, or with a person.
    Standing(String),
    Stale,
}

/// Two taps on one button within this are one impatient tap; later, the button is one from earlier.
const DOUBLE_TAP_SECS: i64 = 10;

impl TelegramBot {
    pub(super) async fn take_tap(
        &self,
        update: &Update,
        query: &str,
        message: i64,
        data: &str,
    ) -> Result<(), DeskError> {
        let conversation = self.desk.conversation_by_channel(&self.address(update.chat)).await?;
        let language = self.language_of(conversation.as_ref(), update);
        let tap = Tap::read(data);
        if let Some(Tap::Forget { .. }) = tap {
            return self.take_forget(update, query, message, conversation, tap).await;
        }
        let answer = match (&conversation, tap) {
            (Some(conversation), Some(tap)) => match self.carry_out(conversation, update, message, tap).await {
                Err(DeskError::Refused(_) | DeskError::BadInput(_) | DeskError::NoSuchConversation) => Answer::Stale,
                carried_out => carried_out?,
            },
            (None, _) | (_, None) => Answer::Stale,
        };
        if let Answer::Heard { by_bot: true } = answer {
            self.notes.show_typing(update.chat);
        }
        let line = match answer {
            Answer::Done | Answer::Heard { .. } => None,
            Answer::Thanks => Some(texts::thanks_for_feedback(language)),
            Answer::Standing(line) => Some(line),
            Answer::Stale => Some(texts::stale_button(language)),
        };
        self.notes.answer_tap(query.to_owned(), line, update.chat, message);
        Ok(())
    }

    async fn carry_out(
        &self,
        conversation: &Conversation,
        update: &Update,
        message: i64,
        tap: Tap,
    ) -> Result<Answer, DeskError> {
        match tap {
            Tap::Option { seq, index } => {
                let page = self.desk.update(&conversation.id, seq.saturating_sub(1), 1).await?;
                let turn = page.turns.into_iter().find(|turn| turn.seq == seq);
                match turn.and_then(|turn| turn.options.into_iter().nth(index)) {
                    Some(choice) => self.take_choice(conversation, update, message, tap, choice).await,
                    None => Ok(Answer::Stale),
                }
            }
            Tap::Feedback { seq, helped } => {
                self.desk.feedback(&conversation.id, seq, helped).await?;
                Ok(Answer::Thanks)
            }
            Tap::Rating { score } => {
                self.desk.rate(&conversation.id, score, None).await?;
                Ok(Answer::Thanks)
            }
            Tap::Person => self.ask_for_person(conversation, update).await,
            Tap::Language(language) => {
                self.choose_language(conversation, update.chat, language).await?;
                Ok(Answer::Done)
            }
            Tap::BackToBot => match conversation.phase {
                Phase::Waiting { .. } => {
                    self.desk.back_to_bot(&conversation.id).await?;
                    Ok(Answer::Done)
                }
                Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. } => Ok(Answer::Stale),
            },
            // Taken before: it may be tapped where there is no conversation any more.
            Tap::Forget { .. } => Ok(Answer::Stale),
        }
    }

    async fn take_choice(
        &self,
        conversation: &Conversation,
        update: &Update,
        message: i64,
        tap: Tap,
        choice: Choice,
    ) -> Result<Answer, DeskError> {
        match (choice.article.as_str(), &conversation.phase) {
            (Choice::HUMAN, Phase::Waiting { .. } | Phase::WithAgent { .. }) => {
                return self.ask_for_person(conversation, update).await;
            }
            (Choice::BACK_TO_BOT, Phase::WithBot { .. } | Phase::WithAgent { .. } | Phase::Resolved { .. }) => {
                return Ok(Answer::Stale);
            }
            _ => {}
        }
        // Named after the button, not the update: a finger that taps twice asks once.
        let client_id = format!("tg:{}:tap.{message}.{tap}", self.name);
        let heard = Heard { client_id, text: String::new(), option: Some(choice.article), attachments: vec![] };
        let taken = self.desk.hear(&conversation.id, heard).await?;
        let age = self.desk.clock().now().duration_since(taken.turn.at);
        if taken.repeated && age.as_secs() > DOUBLE_TAP_SECS {
            return Ok(Answer::Stale);
        }
        Ok(Answer::Heard { by_bot: matches!(taken.conversation.phase, Phase::WithBot { .. }) })
    }

    async fn ask_for_person(&self, conversation: &Conversation, update: &Update) -> Result<Answer, DeskError> {
        let language = self.language_of(Some(conversation), update);
        if let Some((line, _)) = self.standing(conversation, language).await? {
            return Ok(Answer::Standing(line));
        }
        self.desk.ask_for_person(&conversation.id).await?;
        Ok(Answer::Done)
    }
}
