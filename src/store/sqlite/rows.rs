//! How values become columns and come back, and how SQLite's failures become the store's.

use super::StoreError;
use crate::domain::{AgentId, ArticleId, ConversationId};
use crate::domain::{Channel, Conversation, Speaker, Timestamp, Turn, TurnId};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer, value};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

/// Names the step that failed: `.step("read the turns")`.
pub trait Step<T> {
    fn step(self, step: &'static str) -> Result<T, StoreError>;
}

impl<T> Step<T> for Result<T, sqlx::Error> {
    fn step(self, step: &'static str) -> Result<T, StoreError> {
        self.map_err(|failure| match &failure {
            sqlx::Error::Database(error) if is_damage(error.code().as_deref()) => {
                StoreError::Corrupt { what: "the database file", detail: error.message().to_owned() }
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                StoreError::Corrupt { what: step, detail: failure.to_string() }
            }
            // A trigger of `0003_lines` speaks so.
            sqlx::Error::Database(error) if error.message().contains("the agent is at capacity") => {
                StoreError::AtCapacity
            }
            _ => StoreError::Unavailable { step, source: failure.into() },
        })
    }
}

/// `SQLITE_CORRUPT` and `SQLITE_NOTADB` (<https://sqlite.org/rescode.html>); the low byte of an extended code is its kind.
fn is_damage(code: Option<&str>) -> bool {
    code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

/// Microseconds: what the clock gives, and what a 64-bit column holds.
pub fn us(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

pub fn moment(us: i64, what: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(us).map_err(|e| StoreError::Corrupt { what, detail: e.to_string() })
}

/// A change's number as a column. No conversation reaches 2^63 changes.
pub fn number(seq: u64) -> i64 {
    i64::try_from(seq).expect("a change's number is far below 2^63")
}

/// The `address` of a channel that is pushed to; a Telegram bot's name holds no slash.
pub fn address(channel: &Channel) -> Option<String> {
    match channel {
        Channel::Web => None,
        Channel::Telegram { bot, chat } => Some(format!("{bot}/{chat}")),
    }
}

pub fn channel_kind(channel: &Channel) -> &'static str {
    match channel {
        Channel::Web => "web",
        Channel::Telegram { .. } => "telegram",
    }
}

pub fn to_json<T: Serialize>(value: &T, what: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| unreadable(what, &e))
}

pub fn from_json<T: DeserializeOwned>(json: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|e| unreadable(what, &e))
}

/// The parser's own sentence may quote what it read, and that may be a customer's words: only the place is told.
fn unreadable(what: &'static str, e: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { what, detail: format!("{:?} error at line {} column {}", e.classify(), e.line(), e.column()) }
}

/// The serialised name of an enum without fields: `TurnKind::SmallTalk` is `small_talk`.
pub fn name_of<T: Serialize>(value: &T, what: &'static str) -> Result<String, StoreError> {
    Ok(to_json(value, what)?.trim_matches('"').to_owned())
}

pub fn named<T: DeserializeOwned>(name: &str, what: &'static str) -> Result<T, StoreError> {
    T::deserialize(name.into_deserializer())
        .map_err(|e: value::Error| StoreError::Corrupt { what, detail: e.to_string() })
}

/// A column by its name in the query.
pub fn get<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    row.try_get(column).step(column)
}

pub fn conversation(row: &SqliteRow) -> Result<Conversation, StoreError> {
    from_json(get::<&str>(row, "state")?, "a conversation's state")
}

/// What a query must select for `turn`, from `turns t`, its words `w`, its HTML `h` and its agent `a`. Each name begins with `turn_`, so
/// that a list may select a conversation beside it.
macro_rules! turn_columns {
    () => {
        "t.conversation as turn_conversation, t.first_seq as turn_first_seq, t.seq as turn_seq, t.rev as turn_rev, t.is_withdrawn as turn_is_withdrawn, \
         t.by_kind as turn_by, t.agent as turn_agent, t.kind as turn_kind, t.client_id as turn_client_id, \
         t.options as turn_options, t.decision as turn_decision, t.article as turn_article, t.at as turn_at, \
         w.text as turn_text, h.text as turn_html, a.name as turn_agent_name, a.avatar as turn_agent_avatar, \
         (select json_group_array(json_object('id', f.id, 'key', f.key, 'type', f.type, 'bytes', f.bytes, \
         'width', f.width, 'height', f.height, 'name', n.text) order by f.place) \
         from attachments f join words n on n.id = f.name \
         where f.conversation = t.conversation and f.turn = t.first_seq) as turn_attachments"
    };
}
/// The joins that `turn_columns` needs after `turns t`.
macro_rules! turn_joins {
    () => {
        " left join words w on w.id = t.words left join words h on h.id = t.html left join agents a on a.id = t.agent "
    };
}
pub(super) use {turn_columns, turn_joins};

/// The turn in a row of `turn_columns`; `None` when an outer join found none.
pub fn turn(row: &SqliteRow) -> Result<Option<Turn>, StoreError> {
    let Some(seq) = get::<Option<i64>>(row, "turn_seq")? else { return Ok(None) };
    let conversation = ConversationId::new(get::<String>(row, "turn_conversation")?);
    let by = match (get::<&str>(row, "turn_by")?, get::<Option<String>>(row, "turn_agent")?) {
        ("customer", _) => Speaker::Customer,
        ("bot", _) => Speaker::Bot,
        ("system", _) => Speaker::System,
        ("agent", Some(agent)) => Speaker::Agent(AgentId(agent)),
        (other, _) => return Err(StoreError::Corrupt { what: "a turn's speaker", detail: other.to_owned() }),
    };
    let decision = get::<Option<&str>>(row, "turn_decision")?;
    let options = get::<&str>(row, "turn_options")?;
    let attachments = get::<&str>(row, "turn_attachments")?;
    Ok(Some(Turn {
        seq: seq as u64,
        id: TurnId::of(&conversation, get::<i64>(row, "turn_first_seq")? as u64),
        rev: get(row, "turn_rev")?,
        is_withdrawn: get(row, "turn_is_withdrawn")?,
        client_id: get(row, "turn_client_id")?,
        by,
        agent_name: get(row, "turn_agent_name")?,
        agent_avatar: get(row, "turn_agent_avatar")?,
        kind: named(get(row, "turn_kind")?, "a turn's kind")?,
        text: get(row, "turn_text")?,
        html: get(row, "turn_html")?,
        at: moment(get(row, "turn_at")?, "a turn's time")?,
        options: if options == "[]" { vec![] } else { from_json(options, "a turn's options")? },
        decision: decision.map(|decision| named(decision, "a turn's decision")).transpose()?,
        article: get::<Option<String>>(row, "turn_article")?.map(ArticleId),
        attachments: if attachments == "[]" { vec![] } else { from_json(attachments, "a turn's files")? },
    }))
}
