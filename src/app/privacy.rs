//! A customer's data from the command line and by the clock: read out, erased, backed up.

use super::carry_out;
use crate::channel::admin::{AdminCommand, Done, PrivacyCommand};
use crate::clock::Clock;
use crate::config::{Config, RetentionConfig};
use crate::desk::{Desk, Export};
use crate::store::files::Files;
use crate::store::sqlite;
pub use crate::store::sqlite::{BackedUp, Copied, Copying};
pub use crate::store::{Erased, OneCustomer};
use anyhow::{Context, bail};
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often what has grown old is looked for.
const ERASE_EVERY: Duration = Duration::from_secs(3600);
/// How often a log that could not be cleared is tried again.
const CLEAR_EVERY: Duration = Duration::from_secs(10);

/// Everything about one customer; `None`: there is no such customer. Reads only, beside a running server too.
pub async fn export(config: &Config, one: &OneCustomer) -> anyhow::Result<Option<Export>> {
    let data = sqlite::customer_data_in(&config.data, one).await?;
    Ok(data.map(|data| Export::of(data, Clock::system().now())))
}

/// Copies the files of an export to `OUT.files`, which must not be there yet; nothing where there are none. Returns how many. What was
/// erased meanwhile is left out.
pub fn export_files(config: &Config, export: &Export, out: &Path) -> anyhow::Result<usize> {
    let files = Files::of(&config.data);
    let mut folder = out.as_os_str().to_owned();
    folder.push(".files");
    let folder = Path::new(&folder);
    let all: Vec<_> = export.data.conversations.iter().flat_map(|conversation| &conversation.attachments).collect();
    if all.is_empty() {
        return Ok(0);
    }
    let made = DirBuilder::new().mode(0o700).create(folder);
    made.with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut n_copied = 0;
    for attachment in all {
        match std::fs::copy(files.path(&attachment.key), folder.join(&attachment.file)) {
            Ok(_) => n_copied += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("{} cannot be copied to {}", attachment.file, folder.display()));
            }
        }
    }
    Ok(n_copied)
}

pub async fn erase(config: &Config, one: OneCustomer) -> anyhow::Result<Erased> {
    match carry_out(config, AdminCommand::Privacy(PrivacyCommand::Erase { one })).await? {
        Done::Erased(erased) => Ok(erased),
        Done::Agents(_) | Done::Exported { .. } => {
            bail!("the running server answered another command; is it of the same version?")
        }
    }
}

/// A copy of the database, beside a running server too. A Ctrl-C leaves nothing half-made.
pub async fn back_up(config: &Config, out: &Path, copying: Copying<'_>) -> anyhow::Result<BackedUp> {
    tokio::select! {
        copied = sqlite::back_up(&config.data, out, copying) => Ok(copied?),
        _ = tokio::signal::ctrl_c() => bail!("interrupted; {} was not made", out.display()),
    }
}

pub async fn verify_backup(file: &Path) -> anyhow::Result<BackedUp> {
    Ok(sqlite::verify_backup(file).await?)
}

/// Erases by age every hour, forgets files that nobody sent, and clears the log of what readers held back. What a restart interrupts the next start goes on with.
pub async fn forget(desk: Desk, retention: RetentionConfig, closing: CancellationToken) {
    let mut erase_at = Instant::now();
    loop {
        if Instant::now() >= erase_at {
            erase_at = Instant::now() + ERASE_EVERY;
            if let Some(days) = retention.resolved_after_days {
                erase_by_age(&desk, days, &closing).await;
            }
            match desk.forget_unsaid_files().await {
                Ok(0) => {}
                Ok(n_files) => tracing::info!(n_files, "files that were uploaded and never sent are gone"),
                Err(error) => tracing::error!(%error, "files that nobody sent could not be forgotten"),
            }
        }
        if let Err(error) = desk.remove_unwanted_files().await {
            tracing::warn!(%error, "files of what was erased cannot be removed; it is tried again");
        }
        if let Err(error) = desk.clear_log().await {
            tracing::warn!(%error, "the log cannot be cleared of what was erased; it is tried again");
        }
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(CLEAR_EVERY) => {}
        }
    }
}

async fn erase_by_age(desk: &Desk, days: u32, closing: &CancellationToken) {
    let mut n_erased = 0;
    while !closing.is_cancelled() {
        match desk.erase_older_than(days).await {
            Ok(0) => break,
            Ok(n) => n_erased += n,
            Err(error) => {
                tracing::error!(%error, "what has grown old could not be erased; it is tried again in an hour");
                break;
            }
        }
    }
    if n_erased > 0 {
        tracing::info!(n_conversations = n_erased, days, "conversations resolved long ago lost their words");
    }
}

#[cfg(all(test, feature = "testkit"))]
mod tests {
    use super::*;
    use crate::answering::{Answering, Options};
    use crate::bus::Bus;
    use crate::desk::{EndingWish, NewAgent, Opening, Settings};
    use crate::domain::plan::Heard;
    use crate::domain::{Channel, ConversationId, PolicyWish};
    use crate::store::sqlite::SqliteStore;
    use crate::store::{AgentWork, Role};
    use std::sync::Arc;

    const DAY_SECS: i64 = 24 * 3600;

    async fn first_text(desk: &Desk, id: &ConversationId) -> String {
        desk.update(id, 0, 10).await.unwrap().turns[0].text.clone()
    }

    #[tokio::test]
    async fn words_go_when_their_time_has_come_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let options = Options {
            knowledge: folder.path().to_owned(),
            model: None,
            cache: None,
            threads: 0,
            encoder_wait: Duration::ZERO,
            policy: PolicyWish::default(),
        };
        let store = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let answering = Answering::unloaded(options, clock.clone());
        let desk = Desk::new(store, Bus::in_process(), answering, clock.clone(), Settings::default());
        let (email, password) = ("ann@shop.example".into(), "correct horse".into());
        let ann = desk.add_agent(NewAgent { email, name: "Ann".into(), role: Role::Agent, password }).await.unwrap();
        let all_of_them = AgentWork { capacity: Some(100), languages: None };
        desk.set_agent_work("ann@shop.example", all_of_them).await.unwrap();
        // More than one step erases, and one that is still open.
        let mut ids = vec![];
        for n in 0..60 {
            let opening = Opening {
                queue: None,
                client_id: n.to_string(),
                site: "shop".into(),
                channel: Channel::Web,
                language: None,
                page: None,
                time_zone: None,
                vouched: None,
            };
            let id = desk.open(opening).await.unwrap().conversation.id;
            let heard =
                Heard { client_id: "1".into(), text: "Where is my refund?".into(), option: None, attachments: vec![] };
            desk.hear(&id, heard).await.unwrap();
            desk.ask_for_person(&id).await.unwrap();
            desk.claim(&id, &ann).await.unwrap();
            ids.push(id);
        }
        for id in &ids[1..] {
            desk.resolve(id, &ann, EndingWish::solved()).await.unwrap();
        }
        let go_on = CancellationToken::new();
        clock.advance_secs(29 * DAY_SECS);
        erase_by_age(&desk, 30, &go_on).await;
        assert_eq!(first_text(&desk, &ids[59]).await, "Where is my refund?");
        clock.advance_secs(DAY_SECS + 60);
        erase_by_age(&desk, 30, &go_on).await;
        for id in &ids[1..] {
            assert_eq!(first_text(&desk, id).await, "");
        }
        assert_eq!(first_text(&desk, &ids[0]).await, "Where is my refund?", "an open one is kept");

        // The loop ends when all is closed.
        go_on.cancel();
        forget(desk, RetentionConfig { resolved_after_days: Some(30) }, go_on).await;
    }
}
