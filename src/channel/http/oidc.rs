//! Signing in at a provider that the operator trusts: OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636).
//!
//! Nothing is remembered here between the way there and the way back: what must fit together travels in a cookie of the browser
//! that began. The e-mail address counts only where the provider says that it is verified.

use crate::domain::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// What the operator agreed on with the provider.
#[derive(Clone)]
pub struct OidcOptions {
    pub issuer: Url,
    pub client_id: String,
    pub client_secret: String,
    /// What the button says.
    pub name: String,
    /// Where the provider sends browsers back to.
    pub redirect: Url,
}

#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the provider cannot be reached or does not answer as agreed: {0}")]
    Provider(String),
    #[error("the provider's token does not hold: {0}")]
    Token(&'static str),
    #[error("the provider does not vouch for the e-mail address")]
    Unverified,
}

/// What a browser brings back to prove that it began here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub at_secs: i64,
}

impl Begun {
    /// For a cookie; `.` stands in none of the parts.
    pub fn text(&self) -> String {
        format!("{}.{}.{}.{}", self.state, self.nonce, self.verifier, self.at_secs)
    }

    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(str::to_owned);
        let begun = Self {
            state: parts.next()?,
            nonce: parts.next()?,
            verifier: parts.next()?,
            at_secs: parts.next()?.parse().ok()?,
        };
        let is_whole = [&begun.state, &begun.nonce, &begun.verifier].iter().all(|part| !part.is_empty());
        (is_whole && parts.next().is_none()).then_some(begun)
    }
}

/// Of the provider's discovery document (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Keys of kinds that we do not know are passed over.
#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    nonce: Option<String>,
    azp: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: serde_json::Value,
}

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A second try for what only reads.
const TRIES: u32 = 2;
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// The discovery document is asked for again after so long.
const METADATA_SECS: i64 = 3600;
/// Clocks of providers may be wrong by this much.
const SKEW_SECS: i64 = 60;
/// Signatures with a public key alone: with a shared secret, whoever knows the client's could sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

pub struct Oidc {
    options: OidcOptions,
    http: reqwest::Client,
    metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

impl Oidc {
    pub fn new(options: OidcOptions) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(CALL_TIMEOUT).redirect(reqwest::redirect::Policy::none());
        Ok(Self { options, http: http.build()?, metadata: Mutex::default() })
    }

    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// Where the browser goes.
    pub async fn address(&self, begun: &Begun, now: Timestamp) -> Result<Url, OidcError> {
        let mut address = self.metadata(now).await?.authorization_endpoint.clone();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.options.client_id)
            .append_pair("redirect_uri", self.options.redirect.as_str())
            .append_pair("scope", "openid email")
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(address)
    }

    /// The verified e-mail address of whoever came back with `code`.
    pub async fn email(&self, begun: &Begun, code: &str, now: Timestamp) -> Result<String, OidcError> {
        let metadata = self.metadata(now).await?;
        let token = self.token(&metadata, begun, code).await?;
        let claims = self.check(&metadata, &token).await?;
        if claims.exp + SKEW_SECS < now.as_second() {
            return Err(OidcError::Token("it has expired"));
        }
        if claims.nonce.as_deref() != Some(begun.nonce.as_str()) {
            return Err(OidcError::Token("it answers another sign-in"));
        }
        if claims.azp.as_ref().is_some_and(|azp| *azp != self.options.client_id) {
            return Err(OidcError::Token("it was given to another client"));
        }
        // Some providers say it in words.
        let is_verified = claims.email_verified == true || claims.email_verified == "true";
        claims.email.filter(|_| is_verified).ok_or(OidcError::Unverified)
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.metadata.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && now.duration_since(*at).as_secs() < METADATA_SECS
        {
            return Ok(metadata.clone());
        }
        let issuer = self.options.issuer.as_str().trim_end_matches('/');
        let metadata: Metadata = self.read(&format!("{issuer}/.well-known/openid-configuration")).await?;
        if metadata.issuer.trim_end_matches('/') != issuer {
            return Err(OidcError::Provider(format!("its document speaks for the issuer {:?}", metadata.issuer)));
        }
        let is_secure = |url: &&Url| url.scheme() == "https" || self.options.issuer.scheme() == "http";
        let all = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if !all.iter().all(is_secure) {
            return Err(OidcError::Provider("its document names an address without https".into()));
        }
        let metadata = Arc::new(metadata);
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// A code is good once, so nothing is tried twice here.
    async fn token(&self, metadata: &Metadata, begun: &Begun, code: &str) -> Result<String, OidcError> {
        let OidcOptions { client_id, client_secret, redirect, .. } = &self.options;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", &begun.verifier),
        ];
        let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
        let by_header = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        if !by_header {
            form.extend([("client_id", client_id.as_str()), ("client_secret", client_secret.as_str())]);
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self.http.post(metadata.token_endpoint.clone()).body(body);
        request =
            request.header("content-type", "application/x-www-form-urlencoded").header("accept", "application/json");
        if by_header {
            // RFC 6749, section 2.3.1: both are form-encoded first.
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(client_id), Some(encoded(client_secret)));
        }
        let tokens: Tokens = answer(request).await?;
        Ok(tokens.id_token)
    }

    async fn check(&self, metadata: &Metadata, token: &str) -> Result<Claims, OidcError> {
        let header = decode_header(token).map_err(|_| OidcError::Token("it is no signed token"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(OidcError::Token("it is signed in a way that is not accepted"));
        }
        let keys: Keys = self.read(metadata.jwks_uri.as_str()).await?;
        let keys = keys.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<Jwk> = keys.filter(|key| header.kid.is_none() || key.common.key_id == header.kid).collect();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[&self.options.client_id]);
        validation.set_issuer(&[&metadata.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
        // Compared with our own clock by whoever asked.
        validation.validate_exp = false;
        let opened = keys.iter().filter_map(|key| DecodingKey::from_jwk(key).ok());
        let mut claims = opened.filter_map(|key| decode::<Claims>(token, &key, &validation).ok());
        let claims = claims.next().ok_or(OidcError::Token("signature, issuer or audience are not right"))?;
        Ok(claims.claims)
    }

    async fn read<T: DeserializeOwned>(&self, address: &str) -> Result<T, OidcError> {
        let mut last = None;
        for _ in 0..TRIES {
            match answer(self.http.get(address)).await {
                Ok(read) => return Ok(read),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| OidcError::Provider(format!("{address} was not asked"))))
    }
}

async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, OidcError> {
    let failed = |error: reqwest::Error| OidcError::Provider(error.to_string());
    let mut response = request.send().await.map_err(failed)?;
    if !response.status().is_success() {
        return Err(OidcError::Provider(format!("{} answers {}", response.url().path(), response.status())));
    }
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(OidcError::Provider(format!("{} answers too much", response.url().path())));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body)
        .map_err(|error| OidcError::Provider(format!("{} answers something else: {error}", response.url().path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_comes_back_whole_or_not_at_all() {
        let begun = Begun { state: "s".into(), nonce: "n".into(), verifier: "v".into(), at_secs: 1_800_000_000 };
        assert_eq!(Begun::read(&begun.text()), Some(begun));
        for wrong in ["", "s.n.v", "s.n.v.x", "s.n.v.1.more", ".n.v.1", "s..v.1"] {
            assert_eq!(Begun::read(wrong), None, "{wrong}");
        }
    }
}
