//! What a customer did → the desk. When `take` returns `Ok`, the update may be confirmed to Telegram.

use super::buttons::{self, Keyboard, Tap};
use super::notes::Note;
use super::reading::{Command, Did, SentFile, Unread, Update};
use super::{TelegramBot, texts};
use crate::desk::{DeskError, MAX_TEXT_CHARS, Opening, Standing, Vouched};
use crate::domain::plan::Heard;
use crate::domain::{Builtin, Channel, Conversation, Language, Outlook, Phase, texts as domain_texts};
use crate::store::NewComingFile;

impl TelegramBot {
    /// May be repeated: a turn is kept once under an id made of the update's.
    pub(super) async fn take(&self, update: &Update) -> Result<(), DeskError> {
        if self.is_unheard(update).await? {
            // Or the button would turn for half a minute.
            if let Did::Tapped { query, message, .. } = &update.did {
                self.notes.answer_tap(query.to_owned(), None, update.chat, *message);
            }
            return Ok(());
        }
        match &update.did {
            Did::Said { message, text, refers_to } => {
                self.take_words(update, *message, text, refers_to.as_deref()).await
            }
            // Before a conversation would be made for whoever asks.
            Did::Commanded { command: Command::Forget } => self.ask_to_forget(update).await,
            Did::Commanded { command } => self.take_command(update, *command).await,
            Did::Followed { code } => self.follow_link(update, code).await,
            Did::Sent { message, file, caption, album } => {
                self.expect_file(update, *message, file, caption.as_deref(), album.clone()).await
            }
            Did::Showed { message, what, detail } => self.take_shown(update, *message, *what, detail).await,
            Did::Tapped { query, message, data } => self.take_tap(update, query, *message, data).await,
            Did::Edited { message, text } => self.take_edit(update, *message, text).await,
            Did::Left => self.desk.set_reachable(&self.address(update.chat), false).await,
            Did::CameBack => self.desk.set_reachable(&self.address(update.chat), true).await,
            Did::WroteInGroup if !self.answers_groups => Ok(()),
            Did::WroteInGroup => {
                let text = texts::private_only(self.language_of(None, update));
                self.notes.say(update.chat, Note::PrivateOnly, text, vec![]);
                Ok(())
            }
            Did::Nothing => Ok(()),
        }
    }

    /// Of a blocked customer nothing is taken but the wish to be forgotten. That the conversation is over was said when it was closed.
    async fn is_unheard(&self, update: &Update) -> Result<bool, DeskError> {
        match &update.did {
            Did::Commanded { command: Command::Forget }
            | Did::Left
            | Did::CameBack
            | Did::WroteInGroup
            | Did::Nothing => {
                return Ok(false);
            }
            Did::Tapped { data, .. } if matches!(Tap::read(data), Some(Tap::Forget { .. })) => return Ok(false),
            Did::Said { .. }
            | Did::Commanded { .. }
            | Did::Followed { .. }
            | Did::Sent { .. }
            | Did::Showed { .. }
            | Did::Tapped { .. }
            | Did::Edited { .. } => {}
        }
        match self.desk.conversation_by_channel(&self.address(update.chat)).await? {
            Some(conversation) => Ok(self.desk.blocked_at(&conversation.customer).await?.is_some()),
            None => Ok(false),
        }
    }

    /// What the customer replies to stands above the words for a person. The bot is asked the words alone.
    async fn take_words(
        &self,
        update: &Update,
        message: i64,
        text: &str,
        refers_to: Option<&str>,
    ) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        match (&conversation.phase, refers_to) {
            (Phase::Waiting { .. } | Phase::WithAgent { .. }, Some(before)) => {
                let text = format!("{}{text}", quoted(before));
                self.hear_words(&conversation, update, message, &text).await
            }
            (_, _) => self.hear_words(&conversation, update, message, text).await,
        }
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
        let heard = Heard { client_id, text: kept, option: None, attachments: vec![] };
        match self.desk.hear_in_burst(&conversation.id, heard, self.burst).await {
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

    /// What was sent before this version, or was not kept as words, is passed over.
    async fn take_edit(&self, update: &Update, message: i64, text: &str) -> Result<(), DeskError> {
        let Some(conversation) = self.desk.conversation_by_channel(&self.address(update.chat)).await? else {
            return Ok(());
        };
        let Some(first) = self.desk.turn_heard_as(&conversation.id, &self.name, message).await? else {
            tracing::debug!(chat = update.chat, "a message that is not known was edited");
            return Ok(());
        };
        let kept: String = text.chars().take(MAX_TEXT_CHARS).collect();
        match self.desk.edit_heard(&conversation.id, first, &kept, self.burst).await {
            Err(DeskError::Refused(_) | DeskError::TextEmpty) => Ok(()),
            edited => edited,
        }
    }

    async fn take_command(&self, update: &Update, command: Command) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        let language = self.language_of(Some(&conversation), update);
        if command == Command::Start {
            // Whoever had blocked the bot has to begin with this.
            self.desk.set_reachable(&self.address(update.chat), true).await?;
        }
        match command {
            Command::Stop => return self.stop(&conversation, update, language).await,
            Command::Language(Some(chosen)) => return self.choose_language(&conversation, update.chat, chosen).await,
            Command::Language(None) => {
                self.notes.say(update.chat, Note::Language, texts::choose_language(language), buttons::languages());
                return Ok(());
            }
            Command::Start | Command::Help | Command::Human | Command::Forget => {}
        }
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
            // Taken before.
            Command::Forget | Command::Stop | Command::Language(_) => {}
        }
        Ok(())
    }

    /// Whoever waits leaves the line; whoever is with a person tells the person.
    async fn stop(&self, conversation: &Conversation, update: &Update, language: Language) -> Result<(), DeskError> {
        match conversation.phase {
            Phase::Waiting { .. } => {
                self.desk.back_to_bot(&conversation.id).await?;
            }
            Phase::WithAgent { .. } => {
                let client_id = format!("tg:{}:{}.stop", self.name, update.id);
                let heard = Heard { client_id, text: "/stop".into(), option: None, attachments: vec![] };
                self.desk.hear(&conversation.id, heard).await?;
                self.notes.say(update.chat, Note::Stopped, texts::stopped_with_person(language), vec![]);
            }
            Phase::WithBot { .. } | Phase::Resolved { .. } => {
                self.notes.say(update.chat, Note::Stopped, texts::stopped(language), vec![]);
            }
        }
        Ok(())
    }

    pub(super) async fn choose_language(
        &self,
        conversation: &Conversation,
        chat: i64,
        language: Language,
    ) -> Result<(), DeskError> {
        self.desk.speak(&conversation.id, language).await?;
        self.notes.say(chat, Note::LanguageChosen, texts::language_chosen(language), vec![]);
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

    /// The file is fetched later; what stands with it waits for it, so that they are one turn.
    async fn expect_file(
        &self,
        update: &Update,
        message: i64,
        file: &SentFile,
        caption: Option<&str>,
        album: Option<String>,
    ) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        let caption = caption.map(str::trim).filter(|caption| !caption.is_empty());
        let new = NewComingFile {
            bot: self.name.clone(),
            chat: update.chat,
            message,
            conversation: conversation.id,
            album,
            kind: file.kind.name().into(),
            file: file.id.clone(),
            name: file.name.clone(),
            caption: caption.map(str::to_owned),
            now: self.desk.clock().now(),
        };
        self.desk.expect_file(new).await?;
        self.file_bell.notify_one();
        if let Phase::WithBot { .. } = conversation.phase {
            self.notes.show_typing(update.chat);
        }
        Ok(())
    }

    /// To a person it is told by name. The bot can do nothing with it, and says so.
    async fn take_shown(&self, update: &Update, message: i64, what: Unread, detail: &str) -> Result<(), DeskError> {
        let conversation = self.conversation_of(update).await?;
        if let Phase::Waiting { .. } | Phase::WithAgent { .. } = conversation.phase {
            let placeholder = texts::unread_placeholder(&name(what, self.language_of(Some(&conversation), update)));
            let text = format!("{placeholder} {detail}");
            self.hear_words(&conversation, update, message, text.trim()).await?;
        }
        match (&conversation.phase, what) {
            (Phase::Waiting { .. } | Phase::WithAgent { .. }, Unread::Sticker | Unread::Location | Unread::Contact) => {
            }
            (Phase::Waiting { .. } | Phase::WithAgent { .. }, Unread::Other)
            | (Phase::WithBot { .. } | Phase::Resolved { .. }, _) => self.say_only_text(&conversation, update),
        }
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
                let standing = update.standing.unwrap_or(Standing {
                    position: 1,
                    wait_secs: None,
                    is_closed: false,
                    opens_at: None,
                });
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
            language: Some(self.language_of(None, update)),
            page: None,
            time_zone: None,
            queue: self.queue.clone(),
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

/// Lines of a quote, as letters have them; so much of it as tells which message is meant.
fn quoted(text: &str) -> String {
    const CHARS: usize = 200;
    let mut head: String = text.chars().take(CHARS).collect();
    if head.len() < text.len() {
        head.push('…');
    }
    head.lines().map(|line| format!("> {line}\n")).collect()
}

fn name(what: Unread, language: Language) -> String {
    match what {
        Unread::Sticker => texts::sticker(language),
        Unread::Location => texts::location(language),
        Unread::Contact => texts::contact(language),
        Unread::Other => texts::something(language),
    }
}
