//! What a customer did → the desk. When `take` returns `Ok`, the update may be confirmed to Telegram.

use super::buttons::{self, Keyboard};
use super::notes::Note;
use super::reading::{Command, Did, Unread, Update};
use super::{TelegramBot, texts};
use crate::desk::{DeskError, MAX_TEXT_CHARS, Opening, Standing, Vouched};
use crate::domain::plan::Heard;
use crate::domain::{Builtin, Channel, Conversation, Language, Outlook, Phase, texts as domain_texts};

impl TelegramBot {
    /// May be repeated: a turn is kept once under an id made of the update's.
    pub(super) async fn take(&self, update: &Update) -> Result<(), DeskError> {
        match &update.did {
            Did::Said { message, text } => self.take_words(update, *message, text).await,
            // Before a conversation would be made for whoever asks.
            Did::Commanded { command: Command::Forget } => self.ask_to_forget(update).await,
            Did::Commanded { command } => self.take_command(update, *command).await,
            Did::Followed { code } => self.follow_link(update, code).await,
            Did::Showed { message, what, caption } => {
                self.take_unread(update, *message, *what, caption.as_deref()).await
            }
            Did::Tapped { query, message, data } => self.take_tap(update, query, *message, data).await,
            Did::WroteInGroup => {
                let text = texts::private_only(self.language_of(None, update));
                self.notes.say(update.chat, Note::PrivateOnly, text, vec![]);
                Ok(())
            }
            Did::Nothing => Ok(()),
        }
    }

    async fn take_words(&self, update: &Update, message: i64, text: &str) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        self.hear_words(&conversation, update, message, text).await
    }

    async fn hear_words(
        &self,
        conversation: &Conversation,
        update: &Update,
        message: i64,
        text: &str,
    ) -> Result<(), DeskError> {
        let language = self.language_of(Some(conversation), update);
        let kept: String = text.chars().take(MAX_TEXT_CHARS).collect();
        let was_cut = kept.len() < text.len();
        // Numbers of updates begin anew after a week of silence; with the message's own number they stay unique.
        let client_id = format!("tg:{}:{}.{message}", self.name, update.id);
        match self.desk.hear(&conversation.id, Heard { client_id, text: kept, option: None }).await {
            Ok(taken) => {
                if was_cut {
                    let text = texts::was_cut(language, MAX_TEXT_CHARS);
                    self.notes.say(update.chat, Note::WasCut, text, vec![]);
                }
                if let (false, Phase::WithBot { .. }) = (taken.repeated, &taken.conversation.phase) {
                    self.notes.show_typing(update.chat);
                }
                Ok(())
            }
            // Nothing but invisible characters.
            Err(DeskError::TextEmpty) => {
                self.say_only_text(conversation, update);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    async fn take_command(&self, update: &Update, command: Command) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        let language = self.language_of(Some(&conversation), update);
        if let Some((line, keyboard)) = self.standing(&conversation, language).await? {
            self.notes.say(update.chat, Note::Standing, line, keyboard);
            return Ok(());
        }
        match command {
            Command::Start => {
                let greeting = domain_texts::small_talk(Builtin::Greeting, language);
                let text = format!("{greeting}\n\n{}", texts::help(language));
                self.notes.say(update.chat, Note::Greeting, text, vec![]);
            }
            Command::Help => {
                self.notes.say(update.chat, Note::Help, texts::help(language), vec![buttons::person(language)]);
            }
            Command::Human => {
                self.desk.ask_for_person(&conversation.id).await?;
            }
            Command::Forget => self.ask_to_forget(update).await?,
        }
        Ok(())
    }

    /// Taken again after a crash the code is used up already: then the conversation is here, and the greeting is enough.
    async fn follow_link(&self, update: &Update, code: &str) -> Result<(), DeskError> {
        let here = self.address(update.chat);
        if self.desk.follow_link(code, here.clone()).await?.is_some() {
            return Ok(());
        }
        if self.desk.conversation_by_channel(&here).await?.is_some() {
            return self.take_command(update, Command::Start).await;
        }
        self.notes.say(update.chat, Note::Greeting, texts::link_expired(self.language_of(None, update)), vec![]);
        Ok(())
    }

    /// A caption is words like any others. What it belongs to is told to the agent by name, if one has the conversation.
    async fn take_unread(
        &self,
        update: &Update,
        message: i64,
        what: Unread,
        caption: Option<&str>,
    ) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        let caption = caption.map(str::trim).filter(|caption| !caption.is_empty());
        match (&conversation.phase, caption) {
            (Phase::Waiting { .. } | Phase::WithAgent { .. }, caption) => {
                let placeholder = texts::unread_placeholder(&name(what, self.language_of(Some(&conversation), update)));
                let text = [Some(placeholder.as_str()), caption].into_iter().flatten().collect::<Vec<_>>().join(" ");
                self.hear_words(&conversation, update, message, &text).await?;
            }
            (Phase::WithBot { .. } | Phase::Resolved { .. }, Some(caption)) => {
                self.hear_words(&conversation, update, message, caption).await?;
            }
            (Phase::WithBot { .. } | Phase::Resolved { .. }, None) => {}
        }
        self.say_only_text(&conversation, update);
        Ok(())
    }

    fn say_only_text(&self, conversation: &Conversation, update: &Update) {
        let language = self.language_of(Some(conversation), update);
        match conversation.phase {
            Phase::WithBot { .. } | Phase::Resolved { .. } => {
                let keyboard = vec![buttons::person(language)];
                self.notes.say(update.chat, Note::OnlyText, texts::only_text(language), keyboard);
            }
            Phase::Waiting { .. } | Phase::WithAgent { .. } => {
                self.notes.say(update.chat, Note::OnlyTextForPerson, texts::only_text_for_person(language), vec![]);
            }
        }
    }

    /// What to tell somebody who asks the bot for something while it has no say: the line, and what stands under it.
    pub(super) async fn standing(
        &self,
        conversation: &Conversation,
        language: Language,
    ) -> Result<Option<(String, Keyboard)>, DeskError> {
        match conversation.phase {
            Phase::WithBot { .. } | Phase::Resolved { .. } => Ok(None),
            Phase::Waiting { .. } => {
                let update = self.desk.update(&conversation.id, conversation.version, 1).await?;
                let standing = update.standing.unwrap_or(Standing { position: 1, wait_secs: None });
                let wait = standing.wait_secs.map(Outlook::wait_in_mins);
                let line = domain_texts::place_and_wait(language, standing.position, wait);
                Ok(Some((line, vec![buttons::back_to_bot(language)])))
            }
            Phase::WithAgent { .. } => Ok(Some((texts::with_person(language), vec![]))),
        }
    }

    pub(super) fn address(&self, chat: i64) -> Channel {
        Channel::Telegram { bot: self.name.clone(), chat }
    }

    /// A private chat has one conversation, for good.
    async fn conversation_of(&self, update: &Update) -> Result<Conversation, DeskError> {
        let channel = self.address(update.chat);
        if let Some(conversation) = self.desk.conversation_by_channel(&channel).await? {
            return Ok(conversation);
        }
        let opening = Opening {
            client_id: format!("tg:{}:{}", self.name, update.chat),
            site: self.site.clone(),
            channel,
            language: update.language_code.as_deref().and_then(Language::parse),
            page: None,
            time_zone: None,
            vouched: Some(Vouched { subject: format!("telegram:{}", update.chat), attributes: update.known.clone() }),
        };
        Ok(self.desk.open(opening).await?.conversation)
    }

    /// The conversation's; before anything was said, the one of the customer's app.
    pub(super) fn language_of(&self, conversation: Option<&Conversation>, update: &Update) -> Language {
        let spoken = conversation.and_then(|conversation| conversation.language);
        let set = || update.language_code.as_deref().and_then(Language::parse);
        spoken.or_else(set).unwrap_or(self.default_language)
    }
}

fn name(what: Unread, language: Language) -> String {
    match what {
        Unread::Photo => texts::photo(language),
        Unread::Voice => texts::voice(language),
        Unread::Video => texts::video(language),
        Unread::File => texts::file(language),
        Unread::Sticker => texts::sticker(language),
        Unread::Location => texts::location(language),
        Unread::Contact => texts::contact(language),
        Unread::Other => texts::something(language),
    }
}
