//! Agents sign in at a provider of OpenID Connect: a stand-in that signs real tokens, with everything that may go wrong on the way.

use crate::cast::{Server, Setup, send};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the provider says next.
#[derive(Clone)]
struct Says {
    email: Option<&'static str>,
    verified: Value,
    issuer: Option<&'static str>,
    audience: &'static str,
    nonce: Option<&'static str>,
    lives_secs: i64,
    by_another_key: bool,
    denies: bool,
    is_down: bool,
}

type Change = fn(&mut Says);

fn well() -> Says {
    Says {
        email: Some("Anna@Shop.example"),
        verified: json!(true),
        issuer: None,
        audience: "desk",
        nonce: None,
        lives_secs: 60,
        by_another_key: false,
        denies: false,
        is_down: false,
    }
}

struct Provider {
    url: String,
    key: rcgen::KeyPair,
    other_key: rcgen::KeyPair,
    says: Mutex<Says>,
    /// By code: the challenge and the nonce that it was given out for.
    codes: Mutex<HashMap<String, (String, String)>>,
}

impl Provider {
    async fn opens() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = || rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let provider = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            key: key(),
            other_key: key(),
            says: Mutex::new(well()),
            codes: Mutex::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        provider
    }

    fn now_says(&self, change: impl FnOnce(&mut Says)) {
        let mut says = well();
        change(&mut says);
        *self.says.lock().unwrap() = says;
    }

    fn says(&self) -> Says {
        self.says.lock().unwrap().clone()
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Response {
    let url = &provider.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
    }))
    .into_response()
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let point = provider.key.public_key_raw();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let key = json!({ "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256", "x": x, "y": y });
    let of_tomorrow = json!({ "kty": "AKP", "kid": "k2", "alg": "ML-DSA-44", "pub": "…" });
    Json(json!({ "keys": [of_tomorrow, key] }))
}

async fn authorize(State(provider): State<Arc<Provider>>, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", "desk"));
    assert_eq!(asked["scope"], "openid email");
    assert_eq!(asked["code_challenge_method"], "S256");
    let back = |answer: String| Redirect::to(&format!("{}?{answer}&state={}", asked["redirect_uri"], asked["state"]));
    if provider.says().denies {
        return back("error=access_denied".into());
    }
    let mut codes = provider.codes.lock().unwrap();
    let code = format!("code-{}", codes.len());
    codes.insert(code.clone(), (asked["code_challenge"].clone(), asked["nonce"].clone()));
    back(format!("code={code}"))
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let says = provider.says();
    if says.is_down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    // RFC 6749, section 2.3.1: form-encoded before they are joined.
    let expected = format!("Basic {}", STANDARD.encode("desk:hush+%26+hush"));
    assert_eq!(headers["authorization"], expected.as_str());
    let Some((challenge, nonce)) = provider.codes.lock().unwrap().remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes())), challenge);
    assert_eq!(form["redirect_uri"], "http://help.example/api/v1/desk/sso/callback");
    let claims = json!({
        "iss": says.issuer.unwrap_or(&provider.url),
        "aud": says.audience,
        "sub": "4711",
        "exp": jiff::Timestamp::now().as_second() + says.lives_secs,
        "nonce": says.nonce.unwrap_or(&nonce),
        "email": says.email,
        "email_verified": says.verified,
    });
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".into());
    let key = if says.by_another_key { &provider.other_key } else { &provider.key };
    let key = EncodingKey::from_ec_der(&key.serialize_der());
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": encode(&header, &claims, &key).unwrap() }))
        .into_response()
}

/// A browser that follows no redirect by itself and keeps its cookies.
struct Browser {
    http: reqwest::Client,
    cookies: HashMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, cookies: HashMap::new() }
    }

    /// Where it is sent.
    async fn goes(&mut self, url: &str) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(url).header("cookie", cookies.join("; ")).header("sec-fetch-site", "cross-site");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 303, "{url}");
        for line in response.headers().get_all("set-cookie") {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    /// To the provider and back; the path in the console where it ends up.
    async fn signs_in(&mut self, server: &Server) -> String {
        let provider = self.goes(&format!("{}/api/v1/desk/sso/start", server.url)).await;
        let back = self.goes(&provider).await;
        self.goes(&back.replace("http://help.example", &server.url)).await
    }

    async fn asks_who(&self, server: &Server) -> (u16, Value) {
        let cookie = self.cookies.get("firstline_desk").map(|cookie| format!("firstline_desk={cookie}"));
        let request = self.http.get(format!("{}/api/v1/desk/me", server.url));
        send(request.header("cookie", cookie.unwrap_or_default())).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_sign_in_at_the_operators_provider() {
    let provider = Provider::opens().await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "hush & hush\n").unwrap();
    let config = format!(
        "public_url = \"http://help.example\"\n[oidc]\nissuer = \"{}\"\nclient_id = \"desk\"\nname = \"Acme ID\"\n\
         client_secret_file = {:?}\n",
        provider.url,
        secret.path()
    );
    let server = Server::start(Setup { config, without_encoder: true, ..Setup::default() });
    server.agent("anna@shop.example", "Anna").await;
    let options = send(Browser::new().http.get(format!("{}/api/v1/desk/sign_in_options", server.url))).await;
    assert_eq!(options, (200, json!({ "sso": { "name": "Acme ID" } })));

    let mut anna = Browser::new();
    assert_eq!(anna.signs_in(&server).await, "/console");
    assert_eq!(anna.asks_who(&server).await.1["agent"]["email"], "anna@shop.example");
    assert_eq!(anna.cookies["firstline_sso"], "", "what was begun is over");

    let refusals: [(&str, Change); 12] = [
        ("unknown_agent", |says| says.email = Some("eve@shop.example")),
        ("unverified", |says| says.verified = json!(false)),
        ("unverified", |says| says.verified = json!(null)),
        ("unverified", |says| says.email = None),
        ("failed", |says| says.issuer = Some("https://elsewhere.example")),
        ("failed", |says| says.audience = "another client"),
        ("failed", |says| says.nonce = Some("of another sign-in")),
        ("failed", |says| says.lives_secs = -120),
        ("failed", |says| says.by_another_key = true),
        ("failed", |says| says.is_down = true),
        ("cancelled", |says| says.denies = true),
        ("unverified", |says| says.verified = json!({ "really": "yes" })),
    ];
    for (n, (word, change)) in refusals.into_iter().enumerate() {
        provider.now_says(change);
        let mut browser = Browser::new();
        assert_eq!(browser.signs_in(&server).await, format!("/console?sso={word}"), "{n}");
        assert_eq!(browser.asks_who(&server).await.0, 401);
    }

    // Another browser's way back signs nobody in, and a code is good once.
    provider.now_says(|_| {});
    let mut eve = Browser::new();
    let to_provider = eve.goes(&format!("{}/api/v1/desk/sso/start", server.url)).await;
    let back = eve.goes(&to_provider).await.replace("http://help.example", &server.url);
    assert_eq!(Browser::new().goes(&back).await, "/console?sso=expired");
    let mut mallory = Browser::new();
    mallory.goes(&format!("{}/api/v1/desk/sso/start", server.url)).await;
    assert_eq!(mallory.goes(&back).await, "/console?sso=expired");
    let begun = eve.cookies.clone();
    assert_eq!(eve.goes(&back).await, "/console");
    eve.cookies = begun;
    assert_eq!(eve.goes(&back).await, "/console?sso=failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_there_is_no_such_way() {
    let server = Server::start(Setup { without_encoder: true, ..Setup::default() });
    let options = send(Browser::new().http.get(format!("{}/api/v1/desk/sign_in_options", server.url))).await;
    assert_eq!(options, (200, json!({ "sso": null })));
    assert_eq!(Browser::new().goes(&format!("{}/api/v1/desk/sso/start", server.url)).await, "/console?sso=failed");
}
