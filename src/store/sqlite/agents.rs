//! Agents and their sign-ins.

use super::rows::{self, Step, moment, name_of, named, number, us};
use super::{AgentRecord, SignIn, StoreError};
use crate::domain::{AgentId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};

pub async fn add(db: &mut SqliteConnection, agent: AgentRecord) -> Result<(), StoreError> {
    let done = sqlx::query(
        "insert into agents (id, email, name, role, password_hash, is_disabled, created_at) \
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (email) do nothing",
    )
    .bind(agent.id.as_str())
    .bind(&agent.email)
    .bind(&agent.name)
    .bind(name_of(&agent.role, "a role")?)
    .bind(&agent.password_hash)
    .bind(agent.is_disabled)
    .bind(us(agent.created_at))
    .execute(db)
    .await
    .step("add an agent")?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

pub async fn all(db: &SqlitePool) -> Result<Vec<AgentRecord>, StoreError> {
    let rows = sqlx::query("select * from agents order by created_at, id").fetch_all(db).await;
    rows.step("read the agents")?.iter().map(record).collect()
}

pub async fn by_email(db: &SqlitePool, email: &str) -> Result<Option<AgentRecord>, StoreError> {
    let row = sqlx::query("select * from agents where email = ?1").bind(email).fetch_optional(db).await;
    row.step("read an agent")?.as_ref().map(record).transpose()
}

pub async fn by_id(db: &SqlitePool, id: &AgentId) -> Result<Option<AgentRecord>, StoreError> {
    let row = sqlx::query("select * from agents where id = ?1").bind(id.as_str()).fetch_optional(db).await;
    row.step("read an agent")?.as_ref().map(record).transpose()
}

pub async fn disable(db: &mut SqliteConnection, email: String) -> Result<bool, StoreError> {
    let done = sqlx::query("update agents set is_disabled = 1 where email = ?1")
        .bind(&email)
        .execute(&mut *db)
        .await
        .step("disable an agent")?;
    end_sign_ins(db, &email).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn set_password(db: &mut SqliteConnection, email: String, password_hash: String) -> Result<bool, StoreError> {
    let done = sqlx::query("update agents set password_hash = ?2 where email = ?1")
        .bind(&email)
        .bind(password_hash)
        .execute(&mut *db)
        .await
        .step("set a password")?;
    end_sign_ins(db, &email).await?;
    Ok(done.rows_affected() == 1)
}

pub async fn set_second_factor(
    db: &mut SqliteConnection,
    email: String,
    secret: Option<String>,
) -> Result<bool, StoreError> {
    let done = sqlx::query("update agents set totp_secret = ?2, totp_step = 0 where email = ?1")
        .bind(email)
        .bind(secret)
        .execute(db)
        .await
        .step("set a second factor")?;
    Ok(done.rows_affected() == 1)
}

pub async fn use_code(db: &mut SqliteConnection, agent: AgentId, step: u64) -> Result<bool, StoreError> {
    let done = sqlx::query("update agents set totp_step = ?2 where id = ?1 and totp_step < ?2")
        .bind(agent.0)
        .bind(number(step))
        .execute(db)
        .await
        .step("use a code")?;
    Ok(done.rows_affected() == 1)
}

async fn end_sign_ins(db: &mut SqliteConnection, email: &str) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where agent = (select id from agents where email = ?1)")
        .bind(email)
        .execute(db)
        .await
        .step("end sign-ins")?;
    Ok(())
}

pub async fn sign_ins(db: &SqlitePool, agent: &AgentId, now: Timestamp) -> Result<Vec<SignIn>, StoreError> {
    let found: Vec<(String, i64, i64)> = sqlx::query_as(
        "select token_hash, at, expires_at from sign_ins where agent = ?1 and expires_at > ?2 order by at desc, token_hash",
    )
    .bind(agent.as_str())
    .bind(us(now))
    .fetch_all(db)
    .await
    .step("read sign-ins")?;
    let sign_in = |(token_hash, at, expires_at): (String, i64, i64)| {
        let moment = |us| rows::moment(us, "a sign-in's moment");
        Ok(SignIn { token_hash, agent: agent.clone(), at: moment(at)?, expires_at: moment(expires_at)? })
    };
    found.into_iter().map(sign_in).collect()
}

pub async fn end_sign_in(db: &mut SqliteConnection, agent: AgentId, id: String) -> Result<bool, StoreError> {
    let ended = sqlx::query("delete from sign_ins where agent = ?1 and substr(token_hash, 1, 16) = ?2")
        .bind(agent.0)
        .bind(id)
        .execute(db)
        .await
        .step("end a sign-in")?;
    Ok(ended.rows_affected() > 0)
}

/// Takes the expired ones away as well, so they never pile up.
pub async fn sign_in(db: &mut SqliteConnection, sign_in: SignIn) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where expires_at <= ?1")
        .bind(us(sign_in.at))
        .execute(&mut *db)
        .await
        .step("clear expired sign-ins")?;
    sqlx::query("insert into sign_ins (token_hash, agent, at, expires_at) values (?1, ?2, ?3, ?4)")
        .bind(sign_in.token_hash)
        .bind(sign_in.agent.0)
        .bind(us(sign_in.at))
        .bind(us(sign_in.expires_at))
        .execute(db)
        .await
        .step("keep a sign-in")?;
    Ok(())
}

pub async fn signed_in(db: &SqlitePool, token_hash: &str, now: Timestamp) -> Result<Option<AgentRecord>, StoreError> {
    let row = sqlx::query(
        "select a.* from sign_ins s join agents a on a.id = s.agent \
         where s.token_hash = ?1 and s.expires_at > ?2 and a.is_disabled = 0",
    )
    .bind(token_hash)
    .bind(us(now))
    .fetch_optional(db)
    .await;
    row.step("read a sign-in")?.as_ref().map(record).transpose()
}

pub async fn sign_out(db: &mut SqliteConnection, token_hash: String) -> Result<(), StoreError> {
    sqlx::query("delete from sign_ins where token_hash = ?1")
        .bind(token_hash)
        .execute(db)
        .await
        .step("end a sign-in")?;
    Ok(())
}

fn record(row: &SqliteRow) -> Result<AgentRecord, StoreError> {
    Ok(AgentRecord {
        id: AgentId(rows::get(row, "id")?),
        email: rows::get(row, "email")?,
        name: rows::get(row, "name")?,
        role: named(rows::get(row, "role")?, "a role")?,
        password_hash: rows::get(row, "password_hash")?,
        is_disabled: rows::get(row, "is_disabled")?,
        created_at: moment(rows::get(row, "created_at")?, "an agent's time")?,
        avatar: rows::get(row, "avatar")?,
        totp_secret: rows::get(row, "totp_secret")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Fixture, agent};
    use super::*;
    use crate::domain::testing::at;
    use crate::store::{Store, StoreError};

    fn cookie(token: &str, agent: &str) -> SignIn {
        SignIn { token_hash: token.into(), agent: AgentId::new(agent), at: at(0), expires_at: at(100) }
    }

    #[tokio::test]
    async fn agents_are_found_and_an_email_is_taken_once() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        store.add_agent(agent("anna")).await.unwrap();
        let mut other = agent("boris");
        other.email = "anna@shop.example".into();
        assert!(matches!(store.add_agent(other).await, Err(StoreError::Conflict)));
        store.add_agent(agent("boris")).await.unwrap();
        assert_eq!(store.agents().await.unwrap(), [agent("anna"), agent("boris")]);
        assert_eq!(store.agent(&AgentId::new("anna")).await.unwrap(), Some(agent("anna")));
        assert_eq!(store.agent_by_email("anna@shop.example").await.unwrap(), Some(agent("anna")));
        assert_eq!(store.agent_by_email("nobody@shop.example").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_sign_in_ends_by_time_by_hand_and_with_the_agent() {
        let Fixture { store, folder: _folder } = Fixture::new().await;
        for id in ["anna", "boris"] {
            store.add_agent(agent(id)).await.unwrap();
        }
        let who = async |token: &str, secs| store.signed_in(token, at(secs)).await.unwrap().map(|agent| agent.id.0);
        store.sign_in(cookie("t1", "anna")).await.unwrap();
        store.sign_in(cookie("t2", "anna")).await.unwrap();
        store.sign_in(cookie("t3", "boris")).await.unwrap();
        assert_eq!(who("t1", 99).await.as_deref(), Some("anna"));
        assert_eq!(who("t1", 100).await, None, "expired");
        store.sign_out("t1").await.unwrap();
        assert_eq!(who("t1", 1).await, None);
        assert_eq!(who("t2", 1).await.as_deref(), Some("anna"));

        assert!(store.set_agent_password("anna@shop.example", "new").await.unwrap());
        assert_eq!(who("t2", 1).await, None, "a new password ends what the old one began");
        assert_eq!(store.agent(&AgentId::new("anna")).await.unwrap().unwrap().password_hash, "new");
        assert!(store.disable_agent("boris@shop.example").await.unwrap());
        assert_eq!(who("t3", 1).await, None);
        store.sign_in(cookie("t4", "boris")).await.unwrap();
        assert_eq!(who("t4", 1).await, None, "a disabled agent is nobody");
        assert!(!store.disable_agent("nobody@shop.example").await.unwrap());
        assert!(!store.set_agent_password("nobody@shop.example", "x").await.unwrap());
    }

    #[tokio::test]
    async fn expired_sign_ins_do_not_pile_up() {
        let fixture = Fixture::new().await;
        fixture.store.add_agent(agent("anna")).await.unwrap();
        fixture.store.sign_in(cookie("old", "anna")).await.unwrap();
        let later = SignIn { at: at(200), expires_at: at(300), ..cookie("new", "anna") };
        fixture.store.sign_in(later).await.unwrap();
        assert_eq!(fixture.look::<String>("select token_hash from sign_ins").await, ["new"]);
    }
}
