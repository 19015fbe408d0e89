//! Whom a site vouches for: a token that it signed for its own user (JWT, RFC 7519), checked with the site's secret.

use super::Door;
use super::problem::Problem;
use crate::desk::Vouched;
use crate::domain::IdentityRule;
use axum::http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

/// A site's secrets: the one in use, and the one before it while they are being changed.
#[derive(Clone)]
pub struct SiteKeys {
    pub site: String,
    pub secrets: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    attributes: serde_json::Map<String, serde_json::Value>,
}

/// Clocks of sites may be wrong by this much.
const SKEW_SECS: u64 = 60;
/// A token that is good for longer is no session's.
const MAX_LIFE_SECS: i64 = 24 * 3600;
const MAX_TOKEN_BYTES: usize = 8 * 1024;
const MAX_SUBJECT_CHARS: usize = 200;

impl Door {
    /// Errors: 401 `bad_identity` with what is wrong, never with what the token held.
    pub(super) fn vouched(&self, site: &str, token: &str) -> Result<Vouched, Problem> {
        let hosted = self.sites.iter().find(|hosted| hosted.site.name == site && !hosted.keys.secrets.is_empty());
        let hosted = hosted.ok_or_else(|| bad("no secret is configured for this site"))?;
        if hosted.site.identity == IdentityRule::Off {
            return Err(bad("this site does not vouch for its users"));
        }
        check(&hosted.keys, token, self.desk.clock().now().as_second())
    }
}

/// Nobody talks on this site without one.
pub fn identity_required() -> Problem {
    let sentence = "This site wants to know its customers: send `identity`, a token that it signed.";
    Problem::new(StatusCode::UNAUTHORIZED, "identity_required", sentence)
}

fn bad(why: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad_identity", format!("identity: {why}."))
}

fn check(keys: &SiteKeys, token: &str, now: i64) -> Result<Vouched, Problem> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(bad("the token is too long"));
    }
    // Only this algorithm, whatever the token's header says. Times are compared with our own clock below.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[&keys.site]);
    validation.set_required_spec_claims(&["sub", "exp", "aud"]);
    validation.validate_exp = false;
    let tried =
        keys.secrets.iter().map(|secret| decode::<Claims>(token, &DecodingKey::from_secret(secret), &validation));
    let claims = tried.flatten().next().ok_or_else(|| bad("the signature or the audience is not right"))?.claims;
    if claims.exp + (SKEW_SECS as i64) < now {
        return Err(bad("the token has expired"));
    }
    if claims.exp > now + MAX_LIFE_SECS + SKEW_SECS as i64 {
        return Err(bad("the token is good for more than 24 hours"));
    }
    if claims.sub.is_empty() || claims.sub.chars().count() > MAX_SUBJECT_CHARS {
        return Err(bad("sub must have 1 to 200 characters"));
    }
    Ok(Vouched { subject: claims.sub, attributes: claims.attributes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    #[test]
    fn only_what_the_site_signed() {
        let keys = SiteKeys { site: "shop".into(), secrets: vec![b"new secret".to_vec(), b"old secret".to_vec()] };
        let now = 1_800_000_000;
        let sign = |algorithm, claims: serde_json::Value, secret: &[u8]| {
            encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        let claims = |exp: i64| json!({ "sub": "u-1", "aud": "shop", "exp": exp, "attributes": { "vip": true } });
        let check_it = |token: String, expected: Result<&str, &str>| {
            let got = check(&keys, &token, now);
            let got = got.as_ref().map(|vouched| vouched.subject.as_str()).map_err(|problem| problem.detail.as_ref());
            match (got, expected) {
                (Ok(got), Ok(expected)) => assert_eq!(got, expected),
                (Err(got), Err(expected)) => assert!(got.contains(expected), "{got} without {expected}"),
                (got, expected) => panic!("{got:?} instead of {expected:?}"),
            }
        };
        check_it(sign(Algorithm::HS256, claims(now + 60), b"new secret"), Ok("u-1"));
        check_it(sign(Algorithm::HS256, claims(now + 60), b"old secret"), Ok("u-1"));
        check_it(sign(Algorithm::HS256, claims(now - 30), b"new secret"), Ok("u-1")); // within the skew
        check_it(sign(Algorithm::HS256, claims(now - 61), b"new secret"), Err("expired"));
        check_it(sign(Algorithm::HS256, claims(now + 90_000), b"new secret"), Err("24 hours"));
        check_it(sign(Algorithm::HS256, claims(now + 60), b"guessed"), Err("signature"));
        check_it(sign(Algorithm::HS512, claims(now + 60), b"new secret"), Err("signature"));
        let elsewhere = json!({ "sub": "u-1", "aud": "other", "exp": now + 60 });
        check_it(sign(Algorithm::HS256, elsewhere, b"new secret"), Err("audience"));
        let for_all = json!({ "sub": "u-1", "exp": now + 60 });
        check_it(sign(Algorithm::HS256, for_all, b"new secret"), Err("audience"));
        let nobody = json!({ "sub": "", "aud": "shop", "exp": now + 60 });
        check_it(sign(Algorithm::HS256, nobody, b"new secret"), Err("sub"));
        // {"alg":"none"} and no signature.
        check_it(
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEiLCJhdWQiOiJzaG9wIiwiZXhwIjoxODAwMDAwMDYwfQ.".into(),
            Err("signature"),
        );
        check_it("x".repeat(10_000), Err("too long"));
    }
}
