//! The composition root: the only place that names the concrete store, bus, encoder and channels.

pub mod privacy;

pub use crate::channel::admin::{AgentCommand, AgentLine};

use crate::answering::{Answering, Options};
use crate::bus::{Bus, Hint};
use crate::channel::admin::{AdminCommand, Done, KnowledgeCommand};
use crate::channel::http::{
    self, AttachmentOffer, HostedSite, HttpState, KeyHash, Limits, Metrics, Network, Offers, Oidc, OidcOptions,
    Presence, SSO_CALLBACK, SiteKeys, TelegramLink,
};
use crate::channel::{admin, mail, telegram};
use crate::clock::Clock;
use crate::config::{AttachmentsConfig, Config, Groups, LimitsConfig, MailConfig, MailTls, SiteConfig, TelegramConfig};
use crate::desk::{Desk, FileRules, MAX_JUDGED_CASES, NewAgent, Settings};
use crate::domain::attachment::file_type;
use crate::domain::{JudgedCase, TaughtPhrase, texts};
use crate::knowledge::{self, KnowledgeBase, WrittenBack};
use crate::store::sqlite::{self, DataLock, LockError, SqliteStore};
use crate::store::{KeptPhrase, Role};
use anyhow::{Context, bail};
use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How often the sweep looks for turns that nothing reacted to.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How often clocks are looked at, and waiting conversations given to agents.
const CLOCKS_EVERY: Duration = Duration::from_secs(1);
/// A customer has so long to come back to a reply by themselves before it is mailed.
const MAIL_AFTER_SECS: u32 = 5 * 60;
/// How often it is looked for agents who are gone, and for rows that break an invariant.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(10);
const WATCH_EVERY: Duration = Duration::from_secs(60);
/// What is said at once is indexed at once.
const INDEX_AFTER: Duration = Duration::from_millis(300);
/// A hint that was missed costs at most this.
const INDEX_EVERY: Duration = Duration::from_secs(30);
/// How long after a judgement the judged cases are read again.
const LEARN_AFTER: Duration = Duration::from_secs(30);
const ADMIN_SOCKET: &str = "admin.sock";
const FIRST_ADMIN: &str = "admin@localhost";
const FIRST_PASSWORD_FILE: &str = "first-password";

/// Runs until SIGINT or SIGTERM. An error means that it could not start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let closing = CancellationToken::new();
    stop_on_signal(closing.clone())?;
    for sentence in &config.texts.warnings {
        tracing::warn!("{sentence}");
    }
    texts::install(config.texts.catalogue.clone());
    let _lock = DataLock::take(&config.data)?;
    let listener = listen(&config).await?;
    let store = Arc::new(SqliteStore::open(&config.data).await?);
    let (clock, bus) = (Clock::system(), Bus::in_process());
    #[cfg(feature = "testkit")]
    let_faults_in(&clock, &store);
    let answering = Answering::start(answering_options(&config), clock.clone(), bus.clone());
    let settings = Settings {
        default_language: config.default_language,
        queues: config.queues.clone(),
        silence: config.silence,
        mail_after_secs: config.mail.is_some().then_some(MAIL_AFTER_SECS),
        files: file_rules(&config.attachments),
        sites: config.sites.iter().map(|configured| configured.site.clone()).collect(),
        ..Settings::default()
    };
    let desk = Desk::new(store.clone(), bus, answering, clock, settings);
    desk.release_leases().await?;
    desk.take_up_rules().await?;
    // Before the articles are loaded, so that the first calibration has them.
    if let Err(error) = desk.take_up_judged_cases().await {
        tracing::error!(%error, "the judged cases could not be read");
    }
    if let Err(error) = desk.take_up_taught_phrases().await {
        tracing::error!(%error, "the taught phrases could not be read");
    }
    desk.take_up_looks().await?;
    first_admin(&desk, &config.data).await?;
    let socket = config.data.join(ADMIN_SOCKET);
    let admin =
        admin::listen(desk.clone(), &socket).with_context(|| format!("{} cannot be opened", socket.display()))?;

    let sweeping = tokio::spawn(sweep(desk.clone(), closing.clone()));
    let clocks = tokio::spawn(keep_lines_moving(desk.clone(), closing.clone()));
    let learning = tokio::spawn(learn(desk.clone(), closing.clone()));
    let indexing = tokio::spawn(index(desk.clone(), closing.clone()));
    let forgetting = tokio::spawn(privacy::forget(desk.clone(), config.retention, closing.clone()));
    let bots = Bots::start(&config.telegram, &desk, &closing);
    let presence = Arc::new(Presence::new(desk.clock().now()));
    let post = config.mail.as_ref().map(|config| Post::start(config, &desk, &presence, &closing));
    let state = HttpState {
        desk: desk.clone(),
        limits: limits(config.limits),
        public_url: config.public_url.as_deref().map(url::Url::parse).transpose().context("public_url")?,
        trusted_proxies: config.trusted_proxies.iter().map(|address| Network::from(*address)).collect(),
        api_keys: config.api_keys.iter().map(|key| KeyHash::of(key.reveal())).collect(),
        sites: config.sites.iter().map(hosted).collect(),
        offers: Offers {
            attachments: attachment_offer(desk.file_rules()),
            telegram: Some(bots.links()),
            mail: post.is_some(),
        },
        metrics: Some(Metrics::install(config.metrics_token.as_ref().map(|token| KeyHash::of(token.reveal())))?),
        telegram: bots.standings(),
        webhooks: bots.webhooks.clone(),
        mail: post.as_ref().map(|post| post.health(&desk)),
        oidc: provider(&config)?,
        presence,
        closing: closing.clone(),
    };
    tracing::info!(address = %listener.local_addr()?, data = %config.data.display(), "Firstline is open");
    http::serve(listener, http::router(state), closing.clone().cancelled_owned())
        .await
        .context("the HTTP server ended")?;

    closing.cancel();
    bots.finish().await;
    if let Some(post) = post {
        post.finish().await;
    }
    sweeping.await.ok();
    clocks.await.ok();
    learning.await.ok();
    indexing.await.ok();
    forgetting.await.ok();
    admin.abort();
    let _ = std::fs::remove_file(&socket);
    store.close().await;
    tracing::info!("Firstline is closed");
    Ok(())
}

/// Adds, lists, changes agents.
pub async fn administer(config: &Config, command: AgentCommand) -> anyhow::Result<Vec<AgentLine>> {
    match carry_out(config, AdminCommand::Agent(command)).await? {
        Done::Agents(lines) => Ok(lines),
        Done::Erased(_) | Done::Exported { .. } => {
            bail!("the running server answered another command; is it of the same version?")
        }
    }
}

/// Runs one command of the operator: through the server that has the data folder, or directly when none does.
async fn carry_out(config: &Config, command: AdminCommand) -> anyhow::Result<Done> {
    let lock = match DataLock::take(&config.data) {
        Ok(lock) => lock,
        Err(LockError::InUse { .. }) => {
            let socket = config.data.join(ADMIN_SOCKET);
            let sent = admin::send(&socket, &command).await;
            let answer = sent.with_context(|| format!("the running server does not answer at {}", socket.display()))?;
            return answer.map_err(anyhow::Error::msg);
        }
        Err(failed) => return Err(failed.into()),
    };
    let store = Arc::new(SqliteStore::open(&config.data).await?);
    let options = answering_options(config);
    let (clock, bus) = (Clock::system(), Bus::in_process());
    let desk = Desk::new(store.clone(), bus, Answering::unloaded(options, clock.clone()), clock, Settings::default());
    let done = admin::execute(&desk, command).await?;
    store.close().await;
    drop(lock);
    Ok(done)
}

/// What people judged in this data folder; none where nobody has served from it. Reads only, beside a running server too.
pub async fn judged_cases(config: &Config) -> anyhow::Result<Vec<JudgedCase>> {
    Ok(sqlite::judged_cases_in(&config.data, MAX_JUDGED_CASES).await?)
}

/// Phrases of one message to a running server.
const PHRASES_AT_ONCE: usize = 500;

/// Writes what leads taught and no file has yet into the articles' files, and notes which of it they have now. Beside a running server
/// too, which sees the files change.
pub async fn export_phrases(config: &Config, is_rehearsal: bool) -> anyhow::Result<Exported> {
    let taught: Vec<_> = taught_phrases(config).await?.into_iter().filter(|kept| !kept.is_exported).collect();
    let base = KnowledgeBase::load(&config.knowledge, Clock::system().today(), None)?;
    let phrases: Vec<_> = taught.iter().map(|kept| kept.phrase.clone()).collect();
    let written = knowledge::write_back(&config.knowledge, &base, &phrases, is_rehearsal);
    if !is_rehearsal {
        let standing: Vec<_> = written.standing.iter().map(|&i| taught[i].version()).collect();
        for some in standing.chunks(PHRASES_AT_ONCE) {
            let command = AdminCommand::Knowledge(KnowledgeCommand::Exported { phrases: some.to_vec() });
            carry_out(config, command).await?;
        }
    }
    Ok(Exported { phrases, written })
}

/// Phrases, and what came of each.
#[derive(Debug)]
pub struct Exported {
    pub phrases: Vec<TaughtPhrase>,
    pub written: WrittenBack,
}

/// What leads taught in this data folder. Reads only, beside a running server too.
pub async fn taught_phrases(config: &Config) -> anyhow::Result<Vec<KeptPhrase>> {
    Ok(sqlite::taught_phrases_in(&config.data).await?)
}

pub fn answering_options(config: &Config) -> Options {
    Options {
        knowledge: config.knowledge.clone(),
        model: config.model_folder(),
        cache: Some(config.data.join("cache")),
        threads: config.threads,
        encoder_wait: config.encoder_wait,
        policy: config.policy,
    }
}

/// A test may make this process's clock jump, its encoder fail, and its disk refuse.
#[cfg(feature = "testkit")]
fn let_faults_in(clock: &Clock, store: &Arc<SqliteStore>) {
    let Some(faults) = crate::testkit::faults::Faults::named_by_environment() else { return };
    let store = store.clone();
    faults.drive(clock.clone(), move |is_read_only| store.pretend_read_only(is_read_only));
    crate::intent::encoder::before_each_batch(move || faults.strike_encoder());
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(config.listen).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "{} is in use by another program; stop it, or choose another address with --listen or FIRSTLINE_LISTEN",
            config.listen
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {}", config.listen)),
    }
}

/// Nothing is asked of the provider before somebody signs in: it may be down while customers are served.
fn provider(config: &Config) -> anyhow::Result<Option<Arc<Oidc>>> {
    let (Some(oidc), Some(public_url)) = (&config.oidc, &config.public_url) else { return Ok(None) };
    let options = OidcOptions {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.reveal().to_owned(),
        name: oidc.name.clone(),
        redirect: url::Url::parse(public_url)?.join(SSO_CALLBACK).context("public_url")?,
    };
    Ok(Some(Arc::new(Oidc::new(options).context("the client for oidc")?)))
}

fn stop_on_signal(closing: CancellationToken) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be awaited")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be awaited")?;
    tokio::spawn(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        tracing::info!("closing");
        closing.cancel();
    });
    Ok(())
}

/// The first start makes an administrator; the password goes to a file that only the owner can read, never to the log.
async fn first_admin(desk: &Desk, data: &Path) -> anyhow::Result<()> {
    if !desk.agents().await?.is_empty() {
        return Ok(());
    }
    let password = desk.clock().new_secret()[..20].to_owned();
    let path = data.join(FIRST_PASSWORD_FILE);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    writeln!(file, "{password}")
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    let admin = NewAgent { email: FIRST_ADMIN.into(), name: "Admin".into(), role: Role::Admin, password };
    desk.add_agent(admin).await?;
    tracing::info!(email = FIRST_ADMIN, password_file = %path.display(), "the first agent may sign in at /console");
    Ok(())
}

async fn sweep(desk: Desk, closing: CancellationToken) {
    if let Err(error) = desk.sweep_at_start().await {
        tracing::error!(%error, "the turns that the last run left unanswered could not be read");
    }
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
        if let Err(error) = desk.sweep().await {
            tracing::error!(%error, "unanswered turns could not be read");
        }
    }
}

/// Clocks, assignment, agents who are gone, and the watchdog. Each failure is logged, and the next round tries again.
async fn keep_lines_moving(desk: Desk, closing: CancellationToken) {
    let mut hints = desk.bus().listen();
    let (mut looked_after, mut watched) = (Instant::now(), Instant::now());
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(CLOCKS_EVERY) => {}
            // Whoever begins to wait need not wait for the next round.
            () = line_has_moved(&mut hints) => {}
        }
        if let Err(error) = desk.run_clocks().await {
            tracing::error!(%error, "the clocks that have run out could not be read");
        }
        if let Err(error) = desk.assign().await {
            tracing::error!(%error, "waiting conversations could not be given to agents");
        }
        if looked_after.elapsed() >= LOOK_AFTER_EVERY {
            looked_after = Instant::now();
            if let Err(error) = desk.look_after_agents().await {
                tracing::error!(%error, "it could not be looked for agents who are gone");
            }
        }
        if watched.elapsed() >= WATCH_EVERY {
            watched = Instant::now();
            match desk.watch().await {
                Ok(broken) => Metrics::broken_invariants(broken.iter().map(|(_, n)| n).sum()),
                Err(error) => tracing::error!(%error, "the watchdog could not look"),
            }
        }
    }
}

async fn line_has_moved(hints: &mut tokio::sync::broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Queue) | Err(RecvError::Lagged(_)) => return,
            Ok(
                Hint::Conversation(_)
                | Hint::Typing { .. }
                | Hint::Lookers(_)
                | Hint::Outbox
                | Hint::Knowledge
                | Hint::Judged,
            ) => {}
            // The bus lives as long as the desk; without it only the rounds are left.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn hosted(config: &SiteConfig) -> HostedSite {
    let bytes = |secret: &crate::config::Secret| secret.reveal().as_bytes().to_vec();
    let secrets = config.identity_secrets.iter().map(bytes).collect();
    HostedSite { site: config.site.clone(), keys: SiteKeys { site: config.site.name.clone(), secrets } }
}

/// Follows what people judge. Who judges does so again and again, so a reading waits for what else comes.
async fn learn(desk: Desk, closing: CancellationToken) {
    let mut hints = desk.bus().listen();
    loop {
        let judged = async {
            loop {
                match hints.recv().await {
                    Ok(Hint::Judged) | Err(RecvError::Lagged(_)) => return true,
                    Ok(
                        Hint::Conversation(_)
                        | Hint::Typing { .. }
                        | Hint::Lookers(_)
                        | Hint::Queue
                        | Hint::Outbox
                        | Hint::Knowledge,
                    ) => {}
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        let next = async {
            judged.await && {
                tokio::time::sleep(LEARN_AFTER).await;
                true
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            goes_on = next => if !goes_on { return },
        }
        if let Err(error) = desk.take_up_judged_cases().await {
            tracing::error!(%error, "the judged cases could not be read");
        }
        // An erased customer's phrases go with their judged cases.
        if let Err(error) = desk.take_up_taught_phrases().await {
            tracing::error!(%error, "the taught phrases could not be read");
        }
    }
}

/// Makes what is said findable for agents: soon after each hint, and now and then without one.
async fn index(desk: Desk, closing: CancellationToken) {
    let mut hints = desk.bus().listen();
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            indexed = desk.index_what_was_said() => {
                if let Err(error) = indexed {
                    tracing::warn!(%error, "what was said could not be made findable; it is tried again");
                }
            }
        }
        let said = async {
            loop {
                match hints.recv().await {
                    Ok(Hint::Conversation(_)) | Err(RecvError::Lagged(_)) => return true,
                    Ok(
                        Hint::Judged
                        | Hint::Typing { .. }
                        | Hint::Lookers(_)
                        | Hint::Queue
                        | Hint::Outbox
                        | Hint::Knowledge,
                    ) => {}
                    Err(RecvError::Closed) => return false,
                }
            }
        };
        tokio::select! {
            () = closing.cancelled() => return,
            goes_on = said => if !goes_on { return },
            () = tokio::time::sleep(INDEX_EVERY) => {}
        }
        // What is said meanwhile comes along.
        tokio::time::sleep(INDEX_AFTER).await;
    }
}

fn limits(config: LimitsConfig) -> Limits {
    Limits {
        questions_per_min: config.questions_per_minute,
        conversations_per_min: config.conversations_per_minute,
        handoffs_per_hour: config.handoffs_per_hour,
        uploads_per_hour: config.uploads_per_hour,
        include_loopback: config.include_loopback,
        ..Limits::default()
    }
}

fn file_rules(config: &AttachmentsConfig) -> FileRules {
    const MIB: u64 = 1024 * 1024;
    FileRules {
        is_on: config.enabled,
        types: config.types.iter().filter_map(|name| file_type(name)).collect(),
        max_bytes: config.max_mb * MIB,
        max_bytes_of_conversation: config.conversation_mb * MIB,
        max_bytes_of_all: config.total_mb * MIB,
    }
}

fn attachment_offer(rules: &FileRules) -> Option<AttachmentOffer> {
    let types = rules.types.iter().map(|kind| kind.name.to_owned()).collect();
    rules.is_on.then_some(AttachmentOffer { max_bytes: rules.max_bytes, types })
}

/// The Telegram bots of the config, each with its health.
struct Bots {
    running: Vec<tokio::task::JoinHandle<()>>,
    known: Vec<KnownBot>,
    webhooks: HashMap<String, telegram::WebhookDoor>,
}

#[derive(Clone)]
struct KnownBot {
    config: TelegramConfig,
    health: Arc<telegram::TelegramHealth>,
}

impl KnownBot {
    fn standing(&self) -> telegram::BotStanding {
        let (last_update_at, last_sent_at) = self.health.last();
        telegram::BotStanding {
            name: self.config.name.clone(),
            username: self.health.username(),
            link: self.health.link(),
            site: self.config.site.clone(),
            transport: match self.config.webhook {
                Some(_) => telegram::Transport::Webhook,
                None => telegram::Transport::Polling,
            },
            queue: self.config.queue.clone(),
            language: self.config.language,
            troubles: self.health.degraded(),
            last_update_at,
            last_sent_at,
        }
    }
}

impl Bots {
    fn start(configs: &[TelegramConfig], desk: &Desk, closing: &CancellationToken) -> Self {
        let mut bots = Self { running: vec![], known: vec![], webhooks: HashMap::new() };
        for config in configs {
            let health = Arc::new(telegram::TelegramHealth::default());
            let token = telegram::Token::new(config.token.reveal());
            let webhook = config.webhook.as_ref().map(|webhook| {
                let secret = webhook.secret.as_ref().map(|secret| secret.reveal());
                let door = telegram::WebhookDoor::new(secret, &token);
                bots.webhooks.insert(config.name.clone(), door.clone());
                telegram::WebhookOptions { url: webhook.url.clone(), max_connections: webhook.max_connections, door }
            });
            let options = telegram::TelegramOptions {
                name: config.name.clone(),
                token,
                api_url: config.api_url.clone(),
                site: config.site.clone(),
                language: config.language,
                queue: config.queue.clone(),
                answers_groups: config.groups == Groups::Refuse,
                webhook,
                burst: config.burst,
                local_files: config.local_files.clone(),
            };
            bots.known.push(KnownBot { config: config.clone(), health: health.clone() });
            bots.running.push(tokio::spawn(telegram::run(desk.clone(), options, health, closing.clone())));
        }
        bots
    }

    /// A site's bot, once Telegram has told its name.
    fn links(&self) -> TelegramLink {
        let known = self.known.clone();
        Arc::new(move |site| {
            let bot = known.iter().find(|bot| bot.config.site == site)?;
            bot.health.link()
        })
    }

    fn standings(&self) -> Option<http::BotStandings> {
        let known = self.known.clone();
        (!known.is_empty())
            .then(|| -> http::BotStandings { Arc::new(move || known.iter().map(KnownBot::standing).collect()) })
    }

    async fn finish(self) {
        /// Longer than a send in flight may take; then the lease brings it back after the next start.
        const PATIENCE: Duration = Duration::from_secs(15);
        for bot in self.running {
            let _ = tokio::time::timeout(PATIENCE, bot).await;
        }
    }
}

/// The carrier of letters, and how it is doing.
struct Post {
    running: tokio::task::JoinHandle<()>,
    health: Arc<mail::MailHealth>,
}

impl Post {
    fn start(config: &MailConfig, desk: &Desk, presence: &Arc<Presence>, closing: &CancellationToken) -> Self {
        let health = Arc::new(mail::MailHealth::default());
        let options = mail::MailOptions {
            host: config.host.clone(),
            port: config.port,
            tls: match config.tls {
                MailTls::Starttls => mail::Tls::Starttls,
                MailTls::Tls => mail::Tls::FromTheFirstByte,
                MailTls::None => mail::Tls::None,
            },
            ca: config.ca.clone(),
            login: config.login.as_ref().map(|(username, password)| mail::Login {
                username: username.clone(),
                password: password.reveal().to_owned(),
            }),
            from: config.from.clone(),
            reply_to: config.reply_to.clone(),
            per_hour: config.per_hour,
            send_within: mail::SEND_WITHIN,
        };
        let running = mail::run(desk.clone(), options, presence.clone(), health.clone(), closing.clone());
        Self { running: tokio::spawn(running), health }
    }

    fn health(&self, desk: &Desk) -> Arc<dyn Fn() -> serde_json::Value + Send + Sync> {
        let (health, clock) = (self.health.clone(), desk.clock().clone());
        Arc::new(move || serde_json::json!({ "degraded": health.degraded(clock.now()) }))
    }

    async fn finish(self) {
        /// What a server has not taken by then goes again after the next start, under the same Message-ID.
        const PATIENCE: Duration = Duration::from_secs(15);
        let _ = tokio::time::timeout(PATIENCE, self.running).await;
    }
}
