//! The second factor of a sign-in: codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds, one step of leeway).

use super::{Desk, DeskError};
use crate::store::AgentRecord;
use totp_rs::{Builder, Secret, Totp};

/// RFC 4226, section 4: 160 bits.
const SECRET_BYTES: usize = 20;
const ISSUER: &str = "Firstline";

/// What an app needs; nothing is switched on before a code of it was shown to work.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Base 32.
    pub secret: String,
    /// `otpauth://…`, to be drawn as a QR code.
    pub url: String,
}

impl Desk {
    pub fn offer_second_factor(&self, agent: &AgentRecord) -> Result<Offered, DeskError> {
        let bytes: Vec<u8> = hex::decode(self.parts.clock.new_secret()).unwrap_or_default();
        let totp = totp(&agent.email, Secret::from(bytes[..SECRET_BYTES].to_vec()))?;
        let url = totp.to_url().map_err(|error| DeskError::BadInput(format!("email: {error}")))?;
        Ok(Offered { secret: totp.secret().to_base32(), url })
    }

    /// `code` is one of the app that was given `secret`; from now on one is wanted at each sign-in.
    pub async fn set_second_factor(
        &self,
        agent: &AgentRecord,
        password: String,
        secret: &str,
        code: &str,
    ) -> Result<(), DeskError> {
        self.check_password(agent, password).await?;
        let wrong = || DeskError::BadInput("secret: is not one that was offered".into());
        let bytes = Secret::try_from_base32(secret.trim()).map_err(|_| wrong())?;
        if bytes.as_ref().len() != SECRET_BYTES {
            return Err(wrong());
        }
        let step = self.step_of(&totp(&agent.email, bytes)?, code).ok_or(DeskError::BadCode)?;
        let store = &self.parts.store;
        store.set_second_factor(&agent.email, Some(secret.trim().to_owned())).await?;
        // The code that switched it on signs nobody in.
        store.use_code(&agent.id, step).await?;
        Ok(())
    }

    /// Whoever sits at an unlocked computer cannot: it takes the password.
    pub async fn end_second_factor(&self, agent: &AgentRecord, password: String) -> Result<(), DeskError> {
        self.check_password(agent, password).await?;
        self.reset_second_factor(&agent.email).await
    }

    /// For an agent whose phone is gone.
    pub async fn reset_second_factor(&self, email: &str) -> Result<(), DeskError> {
        let found = self.parts.store.set_second_factor(&email.trim().to_lowercase(), None).await?;
        if found { Ok(()) } else { Err(DeskError::NoSuchAgent) }
    }

    /// Each code counts once.
    pub(super) async fn check_code(&self, agent: &AgentRecord, code: Option<&str>) -> Result<(), DeskError> {
        let Some(secret) = &agent.totp_secret else { return Ok(()) };
        let code = code.map(str::trim).filter(|code| !code.is_empty()).ok_or(DeskError::CodeWanted)?;
        let secret = Secret::try_from_base32(secret).map_err(|error| {
            tracing::error!(agent = %agent.id, %error, "the secret of a second factor cannot be read");
            DeskError::BadCode
        })?;
        let step = self.step_of(&totp(&agent.email, secret)?, code).ok_or(DeskError::BadCode)?;
        if self.parts.store.use_code(&agent.id, step).await? { Ok(()) } else { Err(DeskError::BadCode) }
    }

    fn step_of(&self, totp: &Totp, code: &str) -> Option<u64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        totp.check(&digits, self.parts.clock.now().as_second().max(0) as u64)
    }
}

fn totp(email: &str, secret: Secret) -> Result<Totp, DeskError> {
    let built = Builder::new().with_secret(secret).with_account_name(email).with_issuer(Some(ISSUER)).build();
    built.map_err(|error| DeskError::BadInput(format!("email: {error}")))
}
