//! What the tests of this folder start from: a store in a folder of its own, and people who say and do things.

use super::*;
use crate::domain::event::{ClaimCause, ReleaseCause};
use crate::domain::evidence::{Scores, Timings, TracedCandidate};
use crate::domain::plan::{Ending, Who};
use crate::domain::testing::at;
use crate::domain::{
    ArticleId, Command, CustomerId, DecisionKind, Event, NewTurn, Outlook, Policy, Reason, Speaker, TurnKind, plan,
};
use sha2::Digest;
use tempfile::TempDir;

pub struct Fixture {
    pub store: SqliteStore,
    pub folder: TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: SqliteStore::open(folder.path()).await.unwrap(), folder }
    }

    pub async fn close(self) -> TempDir {
        self.store.close().await;
        self.folder
    }

    /// Every value of one query's first column, in order.
    pub async fn look<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        sqlx::query_scalar(sql).fetch_all(&self.store.readers).await.unwrap()
    }
}

pub fn begun(id: &str, channel: Channel) -> Conversation {
    let customer = CustomerId::new(format!("customer-{id}"));
    Conversation::begin(ConversationId::new(id), customer, "shop".into(), channel, Some(Language::En), at(0))
}

pub fn new_web(client_id: &str) -> NewConversation {
    NewConversation {
        conversation: begun(&format!("c-{client_id}"), Channel::Web),
        client_id: client_id.into(),
        token_hash: format!("token-{client_id}"),
        page: None,
        now: at(0),
    }
}

pub async fn open_web(store: &SqliteStore, client_id: &str) -> ConversationId {
    store.open_conversation(new_web(client_id)).await.unwrap().conversation.id
}

pub async fn open_telegram(store: &SqliteStore, chat: i64) -> ConversationId {
    let new = NewConversation {
        conversation: begun(&format!("c-{chat}"), Channel::Telegram { bot: "shop_bot".into(), chat }),
        client_id: format!("tg:shop_bot:{chat}"),
        token_hash: String::new(),
        page: None,
        now: at(0),
    };
    store.open_conversation(new).await.unwrap().conversation.id
}

pub fn customer_says(client_id: &str, text: &str) -> Heard {
    Heard { client_id: client_id.into(), text: text.into(), option: None, attachments: vec![] }
}

pub async fn keep(store: &SqliteStore, id: &ConversationId, heard: Heard) -> Kept {
    store.keep(id, heard, &usual(), at(1)).await.unwrap().expect("the conversation is there")
}

pub fn change(conversation: &Conversation, events: Vec<Event>, now: Timestamp) -> Change {
    Change {
        conversation: conversation.id.clone(),
        expect: Expect::Version(conversation.version),
        events,
        trace: None,
        brief: None,
        comment: None,
        lot: None,
        contact: None,
        rules: usual(),
        now,
    }
}

pub fn usual() -> Arc<Rules> {
    Arc::new(Rules::default())
}

pub fn who(agent: &str) -> Who {
    Who { id: AgentId::new(agent), name: "Anna".into(), is_lead: false }
}

pub fn next_in_line() -> Outlook {
    Outlook::next_in_line(at(0))
}

pub fn solves(agent: &str) -> Command {
    Command::Resolve { agent: AgentId::new(agent), ending: Ending::Solved { reason: None } }
}

pub fn helps(seq: Seq, helped: bool) -> Command {
    Command::Feedback { seq, helped, outlook: next_in_line() }
}

pub fn releases(agent: &str) -> Command {
    Command::Release { agent: who(agent), cause: ReleaseCause::Released, outlook: next_in_line() }
}

/// Plans on the fresh state and commits.
pub async fn does(store: &SqliteStore, id: &ConversationId, command: Command, secs: i64) -> Conversation {
    let conversation = store.conversation(id).await.unwrap().unwrap();
    let events = plan(&conversation, &command, &usual(), at(secs)).unwrap();
    store.commit(change(&conversation, events, at(secs))).await.unwrap()
}

pub fn asks_for_person() -> Command {
    Command::AskForPerson { outlook: next_in_line() }
}

pub fn claims(agent: &str) -> Command {
    Command::Claim { agent: who(agent), cause: ClaimCause::Claimed }
}

pub fn replies(agent: &str, client_id: &str, text: &str) -> Command {
    Command::Reply { agent: AgentId::new(agent), client_id: client_id.into(), text: text.into(), attachments: vec![] }
}

/// The bot answers all that was said so far.
pub fn bot_answers(conversation: &Conversation, text: &str) -> Vec<Event> {
    let mut turn = NewTurn::new(Speaker::Bot, TurnKind::Answer, text);
    turn.html = Some(format!("<p>{text}</p>"));
    turn.decision = Some(DecisionKind::Answer);
    turn.article = Some(ArticleId::new("refund-time"));
    let decided = Event::Decided {
        through: conversation.version,
        decision: DecisionKind::Answer,
        reason: None,
        article: turn.article.clone(),
        confidence: 0.9,
        language: Language::En,
    };
    vec![decided, Event::Said(turn)]
}

pub fn handed_off(queue: &str) -> Vec<Event> {
    let notice = NewTurn::new(Speaker::System, TurnKind::Notice, "A person will take over.");
    vec![Event::HandedOff { reason: Reason::NotUnderstood, queue: QueueName::new(queue) }, Event::Said(notice)]
}

pub fn trace(rule: &str) -> Trace {
    Trace {
        decision: DecisionKind::Answer,
        reason: None,
        rule: Some(rule.into()),
        language: Language::En,
        confidence: 0.9,
        also: vec![],
        candidates: vec![TracedCandidate {
            article: ArticleId::new("refund-time"),
            title: "When will I get my refund?".into(),
            language: Language::En,
            confidence: 0.9,
            scores: Scores { lexical: Some(7.5), semantic: Some(0.8), classifier: None },
        }],
        thresholds: Policy::default(),
        degraded: vec![],
        knowledge_version: "0123456789abcdef".into(),
        timings: Timings { lexical_us: 10, encoder_us: 20, total_us: 30 },
    }
}

pub fn brief(need: &str) -> Brief {
    Brief {
        reason: Reason::NotUnderstood,
        need: need.into(),
        queue: QueueName::new("payments"),
        language: Some(Language::En),
        at: at(2),
        candidates: vec![],
        plan: Some("Check the carrier first.".into()),
        page: None,
        trace: Some(trace("brief")),
        found: vec![],
        details: vec![],
        customer: None,
        past: vec![],
        suggested: vec![],
        time_zone: None,
    }
}

pub fn agent(id: &str) -> AgentRecord {
    AgentRecord {
        id: AgentId::new(id),
        email: format!("{id}@shop.example"),
        name: "Anna".into(),
        role: Role::Lead,
        password_hash: "$argon2id$…".into(),
        is_disabled: false,
        created_at: at(0),
        avatar: None,
        totp_secret: None,
    }
}

/// A file of a customer, uploaded and not sent yet.
pub async fn kept_file(store: &SqliteStore, id: &ConversationId, client_id: &str, bytes: &[u8]) -> Attachment {
    let n = store.held(id).await.unwrap();
    let unlike = format!("{id} {}", n.n_of_conversation);
    let key = hex::encode(sha2::Sha256::digest(&unlike));
    let mut upload = store.begin_upload(&key).await.unwrap();
    upload.write(bytes).await.unwrap();
    let new = NewAttachment {
        id: AttachmentId::new(&key),
        conversation: id.clone(),
        agent: None,
        client_id: client_id.into(),
        name: format!("{client_id}.txt"),
        kind: "text/plain",
        width: None,
        height: None,
        now: at(1),
    };
    store.keep_attachment(new, upload).await.unwrap().unwrap().attachment
}
