//! Agents: added, signed in, recognised.

use super::take_turn::hash;
use super::{Desk, DeskError};
use crate::domain::AgentId;
use crate::store::{AgentRecord, Audited, Role, SignIn, StoreError};
use argon2::password_hash::PasswordVerifier;
use argon2::{Argon2, PasswordHasher};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct NewAgent {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password: String,
}

/// A fresh sign-in; `cookie` is given out once.
#[derive(Debug)]
pub struct SignedIn {
    pub agent: AgentRecord,
    pub cookie: String,
}

/// Failures in a row for one e-mail address, known or not, after which nothing is checked for a while.
const MAX_FAILED: u32 = 10;
const LOCK_SECS: i64 = 15 * 60;
const MIN_PASSWORD_CHARS: usize = 8;
const MAX_PASSWORD_CHARS: usize = 200;
/// A sign-in waits this long for a free place to be checked.
const CHECK_WAIT: Duration = Duration::from_secs(5);

impl Desk {
    pub async fn add_agent(&self, new: NewAgent) -> Result<AgentRecord, DeskError> {
        let email = new.email.trim().to_lowercase();
        if !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) || email.len() > 254
        {
            return Err(DeskError::BadInput(format!("email: {email:?} is not an e-mail address")));
        }
        if new.name.trim().is_empty() || new.name.chars().count() > 100 {
            return Err(DeskError::BadInput("name: must have 1 to 100 characters".into()));
        }
        let agent = AgentRecord {
            id: AgentId::new(self.parts.clock.new_id()),
            email,
            name: new.name.trim().to_owned(),
            role: new.role,
            password_hash: hash_password(new.password).await?,
            is_disabled: false,
            created_at: self.parts.clock.now(),
            avatar: None,
            totp_secret: None,
        };
        match self.parts.store.add_agent(agent.clone()).await {
            Ok(()) => Ok(agent),
            Err(StoreError::Conflict) => Err(DeskError::EmailTaken),
            Err(failure) => Err(failure.into()),
        }
    }

    pub async fn agents(&self) -> Result<Vec<AgentRecord>, DeskError> {
        Ok(self.parts.store.agents().await?)
    }

    pub async fn disable_agent(&self, email: &str) -> Result<(), DeskError> {
        let found = self.parts.store.disable_agent(&email.trim().to_lowercase()).await?;
        if found { Ok(()) } else { Err(DeskError::NoSuchAgent) }
    }

    /// As an admin does it; an admin stays, so that one always can.
    pub async fn disable_other_agent(&self, admin: &AgentRecord, email: &str) -> Result<(), DeskError> {
        if email.trim().to_lowercase() == admin.email {
            return Err(DeskError::BadInput("email: nobody can disable themselves".into()));
        }
        self.disable_agent(email).await?;
        tracing::info!(by = %admin.id, "an agent was disabled");
        Ok(())
    }

    pub async fn set_agent_password(&self, email: &str, password: String) -> Result<(), DeskError> {
        let password_hash = hash_password(password).await?;
        let email = email.trim().to_lowercase();
        if !self.parts.store.set_agent_password(&email, &password_hash).await? {
            return Err(DeskError::NoSuchAgent);
        }
        Ok(self.parts.store.forgive_sign_ins(&hash(&email)).await?)
    }

    /// `code`: of the second factor, for an agent who has one.
    pub async fn sign_in(&self, email: &str, password: String, code: Option<&str>) -> Result<SignedIn, DeskError> {
        let email = email.trim().to_lowercase();
        let has_failed = self.must_not_be_locked_out(&email).await?;
        let known = self.parts.store.agent_by_email(&email).await?.filter(|agent| !agent.is_disabled);
        // An unknown address costs the same time as a wrong password, so timing tells nobody who works here.
        let stored = known.as_ref().map_or(DECOY, |agent| agent.password_hash.as_str()).to_owned();
        let is_right = self.is_password(stored, password).await?;
        let Some(agent) = known.clone().filter(|_| is_right) else {
            return Err(self.failed(&email, known.as_ref(), DeskError::BadCredentials).await?);
        };
        match self.check_code(&agent, code).await {
            Err(DeskError::BadCode) => return Err(self.failed(&email, known.as_ref(), DeskError::BadCode).await?),
            checked => checked?,
        }
        if has_failed {
            self.parts.store.forgive_sign_ins(&hash(&email)).await?;
        }
        self.let_in(agent).await
    }

    /// As somebody whom the operator trusts vouches for the e-mail address. Whoever is not an agent here is not let in.
    pub async fn sign_in_vouched(&self, email: &str) -> Result<SignedIn, DeskError> {
        let known = self.parts.store.agent_by_email(&email.trim().to_lowercase()).await?;
        self.let_in(known.filter(|agent| !agent.is_disabled).ok_or(DeskError::NoSuchAgent)?).await
    }

    async fn let_in(&self, agent: AgentRecord) -> Result<SignedIn, DeskError> {
        let cookie = self.parts.clock.new_secret();
        let now = self.parts.clock.now();
        let expires_at = now + jiff::SignedDuration::from_secs(self.parts.settings.sign_in_secs);
        let sign_in = SignIn { token_hash: hash(&cookie), agent: agent.id.clone(), at: now, expires_at };
        self.parts.store.sign_in(sign_in).await?;
        Ok(SignedIn { agent, cookie })
    }

    /// For what takes the password of somebody who is signed in.
    pub(super) async fn check_password(&self, agent: &AgentRecord, password: String) -> Result<(), DeskError> {
        self.must_not_be_locked_out(&agent.email).await?;
        if self.is_password(agent.password_hash.clone(), password).await? {
            return Ok(());
        }
        Err(self.failed(&agent.email, Some(agent), DeskError::WrongPassword).await?)
    }

    async fn is_password(&self, stored: String, password: String) -> Result<bool, DeskError> {
        let waiting = self.parts.password_checks.acquire();
        let _place = tokio::time::timeout(CHECK_WAIT, waiting).await.map_err(|_| DeskError::Busy)?;
        Ok(verify(stored, password).await)
    }

    /// Whether there were failures lately.
    async fn must_not_be_locked_out(&self, email: &str) -> Result<bool, DeskError> {
        let Some(failed) = self.parts.store.failed_sign_ins(&hash(email)).await? else { return Ok(false) };
        let secs = LOCK_SECS - self.parts.clock.now().duration_since(failed.last_at).as_secs();
        if failed.n >= MAX_FAILED && secs > 0 {
            return Err(DeskError::LockedOut { secs: secs as u64 });
        }
        Ok(true)
    }

    /// Counts a failure and gives back what to say of it.
    async fn failed(&self, email: &str, agent: Option<&AgentRecord>, error: DeskError) -> Result<DeskError, DeskError> {
        let now = self.parts.clock.now();
        let since = now - jiff::SignedDuration::from_secs(LOCK_SECS);
        let n = self.parts.store.fail_sign_in(&hash(email), since, now).await?;
        if n == MAX_FAILED && agent.is_some() {
            self.note_audit(None, Audited::LockedOut, email).await;
        }
        Ok(error)
    }

    pub async fn signed_in(&self, cookie: &str) -> Result<Option<AgentRecord>, DeskError> {
        Ok(self.parts.store.signed_in(&hash(cookie), self.parts.clock.now()).await?)
    }

    /// Where the agent is signed in, the newest first, with whether it is the one of this cookie.
    pub async fn sign_ins(&self, agent: &AgentRecord, cookie: &str) -> Result<Vec<(SignIn, bool)>, DeskError> {
        let (this, now) = (hash(cookie), self.parts.clock.now());
        let all = self.parts.store.sign_ins(&agent.id, now).await?;
        Ok(all
            .into_iter()
            .map(|sign_in| {
                let is_this = sign_in.token_hash == this;
                (sign_in, is_this)
            })
            .collect())
    }

    /// Ends one of the agent's own sign-ins.
    pub async fn end_sign_in(&self, agent: &AgentRecord, id: &str) -> Result<(), DeskError> {
        if self.parts.store.end_sign_in(&agent.id, id).await? { Ok(()) } else { Err(DeskError::NoSuchSignIn) }
    }

    pub async fn sign_out(&self, cookie: &str) -> Result<(), DeskError> {
        Ok(self.parts.store.sign_out(&hash(cookie)).await?)
    }
}

/// The hash of a password that nobody has, with the same costs as real ones.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// argon2id with the crate's defaults (19 MiB, 2 passes, 1 lane: OWASP's password storage advice).
async fn hash_password(password: String) -> Result<String, DeskError> {
    let n_chars = password.chars().count();
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&n_chars) {
        let sentence =
            format!("password: must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters, has {n_chars}");
        return Err(DeskError::BadInput(sentence));
    }
    let hashing = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
    let hashed = tokio::task::spawn_blocking(hashing).await.map_err(|_| DeskError::Busy)?;
    hashed.map_err(|error| DeskError::BadInput(format!("password: cannot be hashed: {error}")))
}

async fn verify(stored: String, password: String) -> bool {
    let checking = move || {
        let Ok(parsed) = argon2::PasswordHash::new(&stored) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
    };
    tokio::task::spawn_blocking(checking).await.unwrap_or(false)
}
