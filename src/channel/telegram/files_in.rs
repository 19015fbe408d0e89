//! Files in: what customers sent is fetched from Telegram and said to the desk, an album as one turn.
//!
//! Laws: whoever sends text meanwhile waits for no file; a file is fetched at most `ATTEMPTS` times, each time within a bound; what
//! cannot be taken is told to the customer and the agent, with the reason; after a crash it goes on where it was.

use super::api::{ApiError, FILE_WITHIN};
use super::backoff::{backoff, dice};
use super::notes::Note;
use super::reading::FileKind;
use super::{TelegramBot, buttons, texts};
use crate::desk::{DeskError, MAX_TEXT_CHARS, Sender};
use crate::domain::plan::Heard;
use crate::domain::{Attachment, AttachmentId, Conversation, Language, Phase};
use crate::store::{ComingFile, Fetched, Progress, StoreError};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FETCHED_AT_ONCE: usize = 4;
const ATTEMPTS: u32 = 4;
/// The messages of an album come one by one, and nothing tells which is the last.
const ALBUM_QUIET: Duration = Duration::from_secs(1);
/// With nothing to do, it is looked at this seldom: the bell rings for what is new.
const IDLE: Duration = Duration::from_secs(60);
const STORE_PAUSE: Duration = Duration::from_secs(2);
const PIECE_BYTES: usize = 64 * 1024;

/// Until `shutdown`. What is being fetched then is fetched anew after the start.
pub async fn run(bot: &TelegramBot, shutdown: &CancellationToken) {
    let mut under_way: HashSet<(i64, i64)> = HashSet::new();
    let mut tasks = FuturesUnordered::new();
    loop {
        let look_at = match bot.desk.coming_files(&bot.name).await {
            Ok(coming) => {
                let room = FETCHED_AT_ONCE.saturating_sub(tasks.len());
                let now = bot.desk.clock().now();
                let due = coming.iter().filter(|file| {
                    file.progress == Progress::Coming
                        && file.due_at <= now
                        && !under_way.contains(&(file.chat, file.message))
                });
                for file in due.take(room).cloned().collect::<Vec<_>>() {
                    under_way.insert((file.chat, file.message));
                    tasks.push(bot.fetch_and_settle(file).boxed());
                }
                match bot.say_what_is_whole(&coming).await {
                    Ok(true) => Instant::now(),
                    Ok(false) => Instant::now() + bot.next_look(&coming, &under_way),
                    Err(failure) => {
                        tracing::error!(bot = %bot.name, error = %failure, "a file that came cannot be said yet");
                        Instant::now() + STORE_PAUSE
                    }
                }
            }
            Err(failure) => {
                tracing::error!(bot = %bot.name, error = %failure, "the files that come cannot be read");
                Instant::now() + STORE_PAUSE
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            Some(done) = tasks.next(), if !tasks.is_empty() => {
                under_way.remove(&done);
            }
            () = bot.file_bell.notified() => {}
            () = tokio::time::sleep_until(look_at) => {}
        }
    }
}

impl TelegramBot {
    /// When something may be due that no bell rings for.
    fn next_look(&self, coming: &[ComingFile], under_way: &HashSet<(i64, i64)>) -> Duration {
        let now = self.desk.clock().now();
        let until = |moment| Duration::try_from(moment - now).unwrap_or(Duration::ZERO);
        let waits = coming.iter().filter(|file| !under_way.contains(&(file.chat, file.message)));
        let soonest = waits.map(|file| match file.progress {
            // Due already, and there was no room: whoever finishes makes some.
            Progress::Coming if file.due_at <= now => IDLE,
            Progress::Coming => until(file.due_at),
            Progress::Fetched(_) | Progress::Lost(_) => until(file.at + quiet()),
        });
        soonest.min().unwrap_or(IDLE).clamp(Duration::from_millis(20), IDLE)
    }

    async fn fetch_and_settle(&self, file: ComingFile) -> (i64, i64) {
        let fetched = self.fetch(&file).await;
        if let Fetched::Never { why } = &fetched {
            tracing::warn!(bot = %self.name, chat = file.chat, kind = %file.kind, %why, "a file cannot be taken");
        }
        let mut failures = 0;
        while let Err(failure) =
            self.desk.settle_coming_file(&self.name, file.chat, file.message, fetched.clone()).await
        {
            tracing::error!(bot = %self.name, error = %failure, "a fetched file cannot be settled yet");
            tokio::time::sleep(backoff(failures, STORE_PAUSE, IDLE, dice(self.desk.clock()))).await;
            failures += 1;
        }
        (file.chat, file.message)
    }

    async fn fetch(&self, file: &ComingFile) -> Fetched {
        let attempt = tokio::time::timeout(FILE_WITHIN + FILE_WITHIN, self.bring(file)).await;
        let lost = match attempt {
            Ok(Ok(attachment)) => return Fetched::Whole(attachment.id),
            Ok(Err(lost)) => lost,
            Err(_) => Lost::Unfetched,
        };
        if let Lost::Unfetched = lost
            && file.attempts + 1 < ATTEMPTS
        {
            let clock = self.desk.clock();
            let pause = backoff(file.attempts, Duration::from_secs(1), Duration::from_secs(10), dice(clock));
            let pause = jiff::SignedDuration::from_millis(pause.as_millis() as i64);
            return Fetched::Later { due: clock.now() + pause };
        }
        Fetched::Never { why: lost.name().into() }
    }

    async fn bring(&self, file: &ComingFile) -> Result<Attachment, Lost> {
        let address = self.address(file.chat);
        let conversation = self.desk.conversation_by_channel(&address).await?.ok_or(Lost::Unfetched)?;
        let sender = Sender {
            agent: None,
            client_id: format!("tg:{}:file.{}.{}", self.name, file.chat, file.message),
            name: file.name.clone().unwrap_or_else(|| file.kind.clone()),
        };
        if let Some(attachment) = self.desk.uploaded_before(&conversation, &sender).await? {
            return Ok(attachment);
        }
        let found = self.api.file(&file.file).await?;
        let path = found.file_path.ok_or(Lost::Unfetched)?;
        let mut incoming = self.desk.begin_upload(conversation, sender, found.file_size).await?;
        if Path::new(&path).is_absolute() {
            let mut local = self.open_local(Path::new(&path)).await?;
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                match local.read(&mut piece).await.map_err(|_| Lost::Unfetched)? {
                    0 => break,
                    n => incoming.take(&piece[..n]).await?,
                }
            }
        } else {
            let mut download = self.api.download(&path).await?;
            while let Some(piece) = download.piece().await? {
                incoming.take(&piece).await?;
            }
        }
        Ok(self.desk.keep_upload(incoming).await?.0)
    }

    /// A Bot API server of one's own may lay files down where this program can read them: in one folder and nowhere else.
    async fn open_local(&self, path: &Path) -> Result<tokio::fs::File, Lost> {
        let Some(folder) = &self.local_files else {
            tracing::error!(bot = %self.name, "the Bot API server lays files down on the disk: set local_files of this bot");
            return Err(Lost::Unfetched);
        };
        let folder = tokio::fs::canonicalize(folder).await;
        let path = tokio::fs::canonicalize(path).await;
        match (folder, path) {
            (Ok(folder), Ok(path)) if path.starts_with(&folder) => {
                tokio::fs::File::open(path).await.map_err(|_| Lost::Unfetched)
            }
            _ => {
                tracing::error!(bot = %self.name, "a file does not lie in local_files, or cannot be read there");
                Err(Lost::Unfetched)
            }
        }
    }

    /// Says each message or album of which nothing is still to come. Returns whether there was one.
    async fn say_what_is_whole(&self, coming: &[ComingFile]) -> Result<bool, DeskError> {
        let mut groups: BTreeMap<(i64, String), Vec<&ComingFile>> = BTreeMap::new();
        for file in coming {
            let group = file.album.as_ref().map_or_else(|| format!("m{}", file.message), |album| format!("a{album}"));
            groups.entry((file.chat, group)).or_default().push(file);
        }
        let now = self.desk.clock().now();
        let mut is_said = false;
        for files in groups.values() {
            let is_whole = files
                .iter()
                .all(|file| file.progress != Progress::Coming && (file.album.is_none() || file.at + quiet() <= now));
            if is_whole {
                self.say_files(files).await?;
                is_said = true;
            }
        }
        Ok(is_said)
    }

    async fn say_files(&self, files: &[&ComingFile]) -> Result<(), DeskError> {
        let chat = files[0].chat;
        if let Some(conversation) = self.desk.conversation_by_channel(&self.address(chat)).await? {
            let language = conversation.language.unwrap_or(self.default_language);
            self.hear_files(&conversation, files, language).await?;
            // Of an album one line is enough.
            let lost = files.iter().find_map(|file| match &file.progress {
                Progress::Lost(why) => Some((file, why)),
                Progress::Coming | Progress::Fetched(_) => None,
            });
            if let Some((file, why)) = lost {
                self.tell_of_loss(&conversation, file, why, language);
            }
        }
        let mut messages: Vec<i64> = files.iter().map(|file| file.message).collect();
        messages.sort_unstable();
        Ok(self.desk.coming_files_said(&self.name, chat, messages).await?)
    }

    async fn hear_files(
        &self,
        conversation: &Conversation,
        files: &[&ComingFile],
        language: Language,
    ) -> Result<(), DeskError> {
        let fetched = files.iter().filter_map(|file| match &file.progress {
            Progress::Fetched(attachment) => Some(attachment.clone()),
            Progress::Coming | Progress::Lost(_) => None,
        });
        let attachments: Vec<AttachmentId> = fetched.collect();
        let captions = files.iter().filter_map(|file| file.caption.clone());
        let is_with_bot = matches!(conversation.phase, Phase::WithBot { .. } | Phase::Resolved { .. });
        let lost = files.iter().filter_map(|file| match &file.progress {
            // To the bot it would be a question; the customer is told, and that is enough.
            Progress::Lost(_) if is_with_bot => None,
            Progress::Lost(why) => Some(format!("[{}: {}]", name(file, language), reason(why, language))),
            Progress::Coming | Progress::Fetched(_) => None,
        });
        let text = captions.chain(lost).collect::<Vec<_>>().join("\n");
        if text.trim().is_empty() && attachments.is_empty() {
            return Ok(());
        }
        let first = files.iter().map(|file| file.message).min().unwrap_or_default();
        let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
        let heard = Heard { client_id: format!("tg:{}:files.{first}", self.name), text, option: None, attachments };
        match self.desk.hear_in_burst(&conversation.id, heard, self.burst).await {
            Ok(_) => Ok(()),
            // Said before a crash, or erased since: there is nothing to say again.
            Err(DeskError::AttachmentUsed(_) | DeskError::UnknownAttachment(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    fn tell_of_loss(&self, conversation: &Conversation, file: &ComingFile, why: &str, language: Language) {
        let text = texts::file_lost(language, &name(file, language), &reason(why, language));
        let keyboard = match conversation.phase {
            Phase::WithBot { .. } | Phase::Resolved { .. } => vec![buttons::person(language)],
            Phase::Waiting { .. } | Phase::WithAgent { .. } => vec![],
        };
        self.notes.say(file.chat, Note::FileLost, text, keyboard);
    }
}

fn quiet() -> jiff::SignedDuration {
    jiff::SignedDuration::from_millis(ALBUM_QUIET.as_millis() as i64)
}

/// Why a file is not had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    TooLarge,
    BadType,
    NoRoom,
    /// Not this time.
    Unfetched,
}

impl Lost {
    const ALL: [Self; 4] = [Self::TooLarge, Self::BadType, Self::NoRoom, Self::Unfetched];

    /// Stable: it is stored.
    fn name(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::BadType => "bad_type",
            Self::NoRoom => "no_room",
            Self::Unfetched => "unfetched",
        }
    }
}

impl From<ApiError> for Lost {
    fn from(error: ApiError) -> Self {
        match &error {
            // What Telegram's own server says of more than 20 MB.
            ApiError::Refused { code: 400, description, .. } if description.contains("file is too big") => {
                Self::TooLarge
            }
            ApiError::Refused { .. } | ApiError::Unanswered(_) => {
                tracing::warn!(%error, "a file could not be fetched from Telegram");
                Self::Unfetched
            }
        }
    }
}

impl From<DeskError> for Lost {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::FileTooLarge { .. } | DeskError::TooManyPixels { .. } => Self::TooLarge,
            DeskError::BadFileType { .. } | DeskError::FilesOff => Self::BadType,
            DeskError::ConversationFull { .. } | DeskError::StorageFull => Self::NoRoom,
            _ => Self::Unfetched,
        }
    }
}

impl From<StoreError> for Lost {
    fn from(_: StoreError) -> Self {
        Self::Unfetched
    }
}

fn name(file: &ComingFile, language: Language) -> String {
    let kind = match FileKind::parse(&file.kind) {
        Some(FileKind::Photo) => texts::photo(language),
        Some(FileKind::Voice) => texts::voice(language),
        Some(FileKind::Video) => texts::video(language),
        Some(FileKind::Audio) => texts::audio(language),
        Some(FileKind::Document) | None => texts::file(language),
    };
    match &file.name {
        Some(name) => format!("{kind} {}", name.chars().take(80).collect::<String>()),
        None => kind,
    }
}

fn reason(why: &str, language: Language) -> String {
    match Lost::ALL.into_iter().find(|lost| lost.name() == why) {
        Some(Lost::TooLarge) => texts::lost_too_large(language),
        Some(Lost::BadType) => texts::lost_bad_type(language),
        Some(Lost::NoRoom) => texts::lost_no_room(language),
        Some(Lost::Unfetched) | None => texts::lost_unfetched(language),
    }
}
