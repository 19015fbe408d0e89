//! Where the widget stands and who its customers are: pages that may call, people that a site vouches for, and signs of life
//! between the two sides.

use crate::cast::{Agent, Customer, DEADLINE, Server, Setup, http, send};
use crate::hardship::means::Faults;
use futures::{SinkExt, StreamExt};
use jsonwebtoken::{EncodingKey, Header, encode};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NEW_SECRET: &str = "fedcba9876543210fedcba9876543210";
const SHOP: &str = "https://www.shop.example";
const EVIL: &str = "https://evil.example";

const SITES: &str = r##"
[[sites]]
name = "shop"
origins = ["https://shop.example", "https://*.shop.example"]
identity_secret_env = "SHOP_SECRET"
keep_days = 90
pre_chat = [{ field = "topic" }]
[sites.look]
colour = "#0a6c74"
position = "left"
title = { en = "Help", zh-Hant = "客服", ru = "Помощь" }
greeting = { en = "Hello! Ask us anything." }
[[sites.proactive]]
page = "/checkout*"
after_secs = 20
text = { en = "Any question about your order?", ru = "Есть вопрос о заказе?" }

[[sites]]
name = "open"
"##;

fn server_with(config: &str, secrets: &[(&str, &str)]) -> Server {
    let env = secrets.iter().map(|(name, secret)| ((*name).to_owned(), (*secret).to_owned())).collect();
    Server::start(Setup { config: config.into(), env, without_encoder: true, ..Setup::default() })
}

fn two_sites() -> Server {
    server_with(SITES, &[("SHOP_SECRET", SECRET)])
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn signed_until(exp: u64, secret: &str, subject: &str, attributes: Value) -> String {
    let claims = json!({ "sub": subject, "aud": "shop", "exp": exp, "attributes": attributes });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn signed(subject: &str, attributes: Value) -> String {
    signed_until(now() + 3_600, SECRET, subject, attributes)
}

/// A page that calls for the widget.
struct Page<'a> {
    server: &'a Server,
    origin: Option<&'a str>,
}

impl Page<'_> {
    fn asks(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        self.origin.into_iter().fold(request, |request, origin| request.header("origin", origin))
    }

    async fn opens(&self, body: Value) -> (u16, Value) {
        send(self.asks(http().post(format!("{}/api/v1/conversations", self.server.url)).json(&body))).await
    }

    async fn gets(&self, path: &str, token: Option<&str>) -> (u16, Value, HeaderMap) {
        let request = self.asks(http().get(format!("{}/api/v1/{path}", self.server.url)));
        let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(), headers)
    }

    async fn posts(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v1/{path}", self.server.url);
        send(self.asks(http().post(url).bearer_auth(token).json(&body))).await
    }
}

fn at<'a>(server: &'a Server, origin: &'a str) -> Page<'a> {
    Page { server, origin: Some(origin) }
}

/// No page: a program of the operator's own, or curl.
fn outside(server: &Server) -> Page<'_> {
    Page { server, origin: None }
}

#[track_caller]
fn refused((status, problem): (u16, Value), expected: u16, code: &str) {
    assert_eq!((status, problem["code"].as_str()), (expected, Some(code)), "{problem}");
}

#[track_caller]
fn done((status, body): (u16, Value)) -> Value {
    assert!((200..300).contains(&status), "{status} {body}");
    body
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// The customer's live socket; the error is the status with which the upgrade was refused.
async fn live(server: &Server, opened: &Value, origin: Option<&str>) -> Result<Socket, u16> {
    let url = format!("{}/api/v1/conversations/{}/live", server.url, text(opened, "conversation"));
    let mut request = url.replace("http://", "ws://").into_client_request().unwrap();
    let protocols = format!("firstline.v1, token.{}", text(opened, "token"));
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// The console's live socket.
async fn console(agent: &Agent) -> Socket {
    let mut request =
        format!("{}/api/v1/desk/live", agent.url).replace("http://", "ws://").into_client_request().unwrap();
    request.headers_mut().insert("cookie", agent.cookie().parse().unwrap());
    request.headers_mut().insert("origin", agent.url.parse().unwrap());
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

/// The next frame that fits; those before it are passed over.
async fn frame(socket: &mut Socket, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let looking = async {
        loop {
            match socket.next().await.expect("the socket stays open").unwrap() {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if fits(&frame) {
                        return frame;
                    }
                }
                Message::Ping(data) => socket.send(Message::Pong(data)).await.unwrap(),
                _ => {}
            }
        }
    };
    tokio::time::timeout(DEADLINE, looking).await.unwrap_or_else(|_| panic!("no frame with {what}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_tells_its_widget_how_it_looks() {
    let server = two_sites();
    let shop = at(&server, SHOP);
    let (status, mut page, headers) = shop.gets("sites/shop?language=ru-RU", None).await;
    assert_eq!(status, 200, "{page}");
    let style = page["look"]["style"].take();
    assert_eq!(
        style["light"],
        json!({ "--x": "20px", "--y": "20px", "--accent": "#0a6c74", "--accent-strong": "#08565d",
        "--on-accent": "#ffffff", "--accent-soft": "#e7f0f1", "--on-accent-soft": "#085157" })
    );
    assert_ne!(style["dark"]["--accent"], style["light"]["--accent"], "on a dark ground it would not be readable");
    let expected = json!({
        "site": "shop", "identity": "optional", "keep_days": 90,
        "look": { "colour": "#0a6c74", "position": "left", "theme": "auto", "title": "Помощь",
            "greeting": "Hello! Ask us anything.", "offset_x": 20, "offset_y": 20, "style": null },
        "proactive": [{ "page": "/checkout*", "after_secs": 20, "text": "Есть вопрос о заказе?" }],
        "pre_chat": [{ "field": "topic", "required": false }],
        "attachments": null, "mail": false, "telegram": null,
    });
    for key in expected.as_object().unwrap().keys().filter(|key| !["attachments", "mail"].contains(&key.as_str())) {
        assert_eq!(page[key], expected[key], "{key}");
    }
    assert!(page.get("attachments").is_some() && page.get("mail").is_some(), "{page}");
    assert_eq!(headers["cache-control"], "max-age=60");
    assert_eq!(headers["access-control-allow-origin"], SHOP);
    assert!(headers.get_all("vary").iter().any(|varies| varies == "origin"), "{headers:?}");
    let (_, page, other) = shop.gets("sites/shop?language=zh-CN", None).await;
    assert_eq!(page["look"]["title"], "客服", "the other script is nearer than English");
    assert_ne!(headers["etag"], other["etag"]);
    let again = http().get(format!("{}/api/v1/sites/shop?language=ru-RU", server.url));
    let again = again.header("if-none-match", headers["etag"].clone()).send().await.unwrap();
    assert_eq!(again.status(), 304);

    let (status, page, headers) = at(&server, EVIL).gets("sites/open", None).await;
    assert_eq!((status, &page["identity"], &page["look"]["position"]), (200, &json!("off"), &json!("right")), "{page}");
    assert_eq!(headers["access-control-allow-origin"], "*", "any page may embed this one");
    let (_, _, headers) = at(&server, EVIL).gets("sites/shop", None).await;
    assert!(!headers.contains_key("access-control-allow-origin"), "{headers:?}");

    // The demo stands on the server itself, and is no site of the operator's.
    let (status, problem, _) = shop.gets("sites/demo", None).await;
    refused((status, problem), 403, "unknown_site");
    let (status, problem, _) = outside(&server).gets("sites/demo", None).await;
    refused((status, problem), 403, "unknown_site");
    let own = http().get(format!("{}/api/v1/sites/demo", server.url)).header("sec-fetch-site", "same-origin");
    let page = done(send(own).await);
    assert_eq!((&page["site"], &page["keep_days"]), (&json!("demo"), &json!(30)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_the_site_may_call_for_it() {
    let server = two_sites();
    let body = |site: &str, client: &str| json!({ "client_id": client, "site": site, "language": "en" });
    let opened = done(at(&server, SHOP).opens(body("shop", "a")).await);
    let (token, id) = (text(&opened, "token"), text(&opened, "conversation"));
    let turns = format!("conversations/{id}/turns");

    refused(at(&server, EVIL).opens(body("shop", "b")).await, 403, "bad_origin");
    refused(at(&server, "null").opens(body("shop", "b")).await, 403, "bad_origin");
    refused(at(&server, "https://shop.example.evil.example").opens(body("shop", "b")).await, 403, "bad_origin");
    refused(at(&server, SHOP).opens(body("blog", "b")).await, 403, "unknown_site");
    refused(outside(&server).opens(body("blog", "b")).await, 403, "unknown_site");
    refused(at(&server, EVIL).opens(json!({ "client_id": "b" })).await, 403, "unknown_site");
    done(at(&server, &server.url).opens(body("demo", "b")).await);
    done(at(&server, EVIL).opens(body("open", "b")).await);
    done(outside(&server).opens(body("shop", "c")).await);

    // A token that leaked opens nothing from a foreign page.
    for path in ["turns", "typing", "read", "identify", "handoff", "contact", "link"] {
        let path = format!("conversations/{id}/{path}");
        refused(at(&server, EVIL).posts(&path, token, json!({})).await, 403, "bad_origin");
    }
    let (status, problem, headers) = at(&server, EVIL).gets(&turns, Some(token)).await;
    refused((status, problem), 403, "bad_origin");
    assert!(!headers.contains_key("access-control-allow-origin"), "{headers:?}");
    let (status, _, headers) = at(&server, SHOP).gets(&turns, Some(token)).await;
    assert_eq!((status, headers["access-control-allow-origin"].to_str().unwrap()), (200, SHOP));
    assert_eq!(outside(&server).gets(&turns, Some(token)).await.0, 200);
    let own = server.url.clone();
    assert_eq!(at(&server, &own).gets(&turns, Some(token)).await.0, 200);

    assert_eq!(live(&server, &opened, Some(EVIL)).await.err(), Some(403));
    assert!(live(&server, &opened, Some(SHOP)).await.is_ok());
    assert!(live(&server, &opened, Some(&own)).await.is_ok());
    assert!(live(&server, &opened, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn preflights_name_the_page_that_asks() {
    let only_shop = "[[sites]]\nname = \"shop\"\norigins = [\"https://*.shop.example\"]\n";
    let check = async |config: &str, origin: &str, expected: Option<&str>| {
        let server = server_with(config, &[("SHOP_SECRET", SECRET)]);
        let url = format!("{}/api/v1/conversations/x/turns", server.url);
        let asked = http().request(reqwest::Method::OPTIONS, url).header("origin", origin);
        let response = asked.header("access-control-request-method", "POST").send().await.unwrap();
        assert_eq!(response.status(), 204);
        let said = response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
        assert_eq!(said, expected, "{origin}");
        assert_eq!(response.headers().contains_key("access-control-allow-headers"), expected.is_some());
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
    };
    check("", EVIL, Some("*")).await;
    check(SITES, EVIL, Some("*")).await;
    check(only_shop, SHOP, Some(SHOP)).await;
    check(only_shop, EVIL, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_wants_to_know_its_customers() {
    let config = "[[sites]]\nname = \"shop\"\nidentity = \"required\"\nidentity_secret_env = \"SHOP_SECRET\"\n";
    let faults = Faults::none_yet();
    let env = vec![("SHOP_SECRET".to_owned(), SECRET.to_owned())];
    let setup = Setup { config: config.into(), env, without_encoder: true, ..Setup::default() };
    let server = Server::start(faults.let_into(setup));
    let page = outside(&server);
    let body = |identity: Value| json!({ "client_id": "a", "site": "shop", "identity": identity });
    refused(page.opens(body(Value::Null)).await, 401, "identity_required");
    refused(page.opens(body(json!("no.such.token"))).await, 401, "bad_identity");
    let expired = signed_until(now() - 120, SECRET, "u-1", json!({}));
    refused(page.opens(body(json!(expired))).await, 401, "bad_identity");
    let identity = json!(signed("u-1", json!({})));
    let opened = done(page.opens(body(identity.clone())).await);
    refused(page.opens(body(Value::Null)).await, 401, "identity_required");
    let (turns, token) = (format!("conversations/{}/turns", text(&opened, "conversation")), text(&opened, "token"));

    // In the middle of it the identity expires: another conversation needs a fresh one, this one goes on.
    faults.put_clock_ahead(2 * 3_600);
    refused(page.opens(body(identity)).await, 401, "bad_identity");
    done(page.posts(&format!("{turns}?wait=0"), token, json!({ "client_id": "1", "text": "Still there?" })).await);
    assert_eq!(page.gets(&turns, Some(token)).await.0, 200);
    let mut socket = live(&server, &opened, None).await.unwrap();
    frame(&mut socket, "the words", |frame| frame["turns"][0]["text"] == "Still there?").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_one_browser() {
    let server = two_sites();
    let page = at(&server, SHOP);
    let as_client = |identity: Value| json!({ "client_id": "browser", "site": "shop", "identity": identity });
    let anna = || json!(signed("u-1", json!({ "name": "Anna" })));
    let boris = || json!(signed("u-2", json!({ "name": "Boris" })));
    let agent = server.lead("lena@shop.example", "Lena").await;

    // Nobody has signed in yet; then somebody has.
    let opened = done(page.opens(as_client(Value::Null)).await);
    let (id, token) = (text(&opened, "conversation"), text(&opened, "token"));
    let identify = format!("conversations/{id}/identify");
    done(page.posts(&format!("conversations/{id}/handoff"), token, json!({})).await);
    refused(page.posts(&identify, token, json!({ "identity": "no.such.token" })).await, 401, "bad_identity");
    assert!(agent.opens(id).await.get("profile").is_none());
    let vip = signed("u-1", json!({ "name": "Anna", "vip": true }));
    assert_eq!(done(page.posts(&identify, token, json!({ "identity": vip })).await), json!({}));
    let whole = agent.opens(id).await;
    assert_eq!(whole["profile"]["attributes"]["name"], "Anna", "{whole}");
    assert_eq!(whole["brief"]["customer"]["subject"], "u-1", "{}", whole["brief"]);
    assert_eq!(whole["conversation"]["priority"], 10, "as if signed at the opening");

    // The same customer again, with other attributes; another one is refused everywhere.
    done(page.posts(&identify, token, json!({ "identity": signed("u-1", json!({ "name": "Anna K." })) })).await);
    assert_eq!(agent.opens(id).await["profile"]["attributes"]["name"], "Anna K.");
    refused(page.posts(&identify, token, json!({ "identity": boris() })).await, 409, "other_customer");
    refused(page.opens(as_client(boris())).await, 409, "other_customer");
    refused(page.opens(as_client(Value::Null)).await, 409, "other_customer");
    let again = done(page.opens(as_client(anna())).await);
    assert_eq!(again["conversation"], opened["conversation"]);
    // The one who sits there now begins anew, and sees nothing of it.
    let fresh = done(page.opens(json!({ "client_id": "other", "site": "shop", "identity": boris() })).await);
    assert_ne!(fresh["conversation"], opened["conversation"]);
    assert_eq!(fresh["turns"], json!([]));

    // What a stranger began is taken along when its browser opens it again with a name.
    let stranger = json!({ "client_id": "laptop", "site": "shop" });
    let begun = done(page.opens(stranger).await);
    let known = done(page.opens(json!({ "client_id": "laptop", "site": "shop", "identity": anna() })).await);
    assert_eq!(begun["conversation"], known["conversation"]);
    let whole = agent.opens(text(&known, "conversation")).await;
    assert_eq!(whole["past"][0]["id"], opened["conversation"], "one customer has both: {whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_changed_without_turning_anyone_away() {
    let config = "[[sites]]\nname = \"shop\"\nidentity_secret_env = \"NEW\"\nidentity_previous_env = \"OLD\"\n";
    let server = server_with(config, &[("NEW", NEW_SECRET), ("OLD", SECRET)]);
    let page = outside(&server);
    let opens = async |client: &str, secret: &str| {
        let identity = signed_until(now() + 60, secret, "u-1", json!({}));
        page.opens(json!({ "client_id": client, "site": "shop", "identity": identity })).await
    };
    done(opens("a", SECRET).await);
    done(opens("b", NEW_SECRET).await);
    done(opens("a", NEW_SECRET).await);
    refused(opens("c", "a secret that nobody ever had, at all").await, 401, "bad_identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_before_the_first_words() {
    let config = "[[sites]]\nname = \"shop\"\nidentity_secret_env = \"SHOP_SECRET\"\n\
        pre_chat = [{ field = \"name\", required = true }, { field = \"order\" }]\n";
    let server = server_with(config, &[("SHOP_SECRET", SECRET)]);
    let page = outside(&server);
    let body = |client: &str, details: Value| json!({ "client_id": client, "site": "shop", "details": details });
    let (status, problem) = page.opens(body("a", json!({ "name": "  ", "order": "A-77" }))).await;
    assert_eq!(problem["field"], "name", "{problem}");
    refused((status, problem), 422, "missing_field");
    refused(page.opens(json!({ "client_id": "a", "site": "shop" })).await, 422, "missing_field");
    refused(page.opens(body("a", json!({ "name": "x".repeat(201) }))).await, 422, "bad_input");
    let filled = json!({ "name": " Anna Zanzibar ", "email": "anna@mail.example", "order": "A-77" });
    let opened = done(page.opens(body("a", filled)).await);
    // Whoever comes back is not asked again, and whom the site knows is not asked what it signed.
    done(page.opens(json!({ "client_id": "a", "site": "shop" })).await);
    let known = signed("u-1", json!({ "name": "Boris" }));
    done(page.opens(json!({ "client_id": "b", "site": "shop", "identity": known })).await);

    let lead = server.lead("lena@shop.example", "Lena").await;
    let (id, token) = (text(&opened, "conversation"), text(&opened, "token"));
    done(page.posts(&format!("conversations/{id}/handoff"), token, json!({})).await);
    let whole = lead.opens(id).await;
    let expected = json!([{ "field": "name", "text": "Anna Zanzibar" }, { "field": "email", "text": "anna@mail.example" },
        { "field": "order", "text": "A-77" }]);
    assert_eq!((&whole["details"], &whole["brief"]["details"]), (&expected, &expected), "{whole}");

    let customer = text(&whole["conversation"]["customer"], "id");
    let export = lead.get(&format!("customers/{customer}/export")).await;
    assert_eq!(export["conversations"][0]["details"][1]["text"], "Anna Zanzibar", "{export}");
    done(lead.post(&format!("customers/{customer}/erase"), json!({})).await);
    assert_eq!(lead.opens(id).await["details"], json!([]));
}

/// Anna has the conversation of a customer who has said one thing.
async fn talk(server: &Server) -> (Agent, Customer) {
    let anna = server.agent("anna@shop.example", "Anna").await;
    let mut customer = Customer::arrives(server, "browser", "en").await;
    customer.says("I want a person").await;
    let id = customer.conversation.clone();
    done(anna.claims(&id).await);
    (anna, customer)
}

fn opened_by(customer: &Customer) -> Value {
    json!({ "conversation": customer.conversation, "token": customer.token })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_sees_how_far_the_other_has_read() {
    let server = server_with("", &[]);
    let (mut anna, customer) = talk(&server).await;
    let id = customer.conversation.clone();
    let replied = done(anna.replies(&id, "Hello, I am Anna.").await);
    let seq = replied["turn"]["seq"].as_u64().unwrap();
    let mut socket = live(&server, &opened_by(&customer), None).await.unwrap();
    let first = frame(&mut socket, "the marks", |frame| frame["read"]["agent"] == 0).await;
    let last = first["through"].as_u64().unwrap();
    assert_eq!(first["read"]["customer"], 0);

    assert_eq!(anna.post(&format!("conversations/{id}/read"), json!({ "through": seq })).await.0, 204);
    frame(&mut socket, "the agent's mark", |frame| frame["read"]["agent"] == seq && frame["turns"] == json!([])).await;
    assert_eq!(customer.post("read", json!({ "through": 999_999_999 })).await.0, 204);
    frame(&mut socket, "the customer's mark", |frame| frame["read"]["customer"] == last).await;
    // It never goes back.
    assert_eq!(customer.post("read", json!({ "through": 1 })).await.0, 204);
    assert_eq!(anna.opens(&id).await["read"], json!({ "agent": seq, "customer": last }));
    assert_eq!(customer.post("read", json!({})).await.0, 400);
    assert_eq!(anna.post("conversations/nowhere/read", json!({ "through": 1 })).await.0, 204, "nothing to note");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_sees_the_other_type() {
    let server = server_with("", &[]);
    let (mut anna, mut customer) = talk(&server).await;
    let boris = server.agent("boris@shop.example", "Boris").await;
    let id = customer.conversation.clone();
    let mut socket = live(&server, &opened_by(&customer), None).await.unwrap();
    let mut desk = console(&boris).await;
    frame(&mut socket, "a frame", |frame| frame["phase"]["name"] == "with_agent").await;

    // The agent: begins, and ends with the reply.
    let typing = format!("conversations/{id}/typing");
    refused(boris.post(&typing, json!({ "typing": true })).await, 409, "not_yours");
    assert_eq!(anna.post(&typing, json!({ "typing": true })).await.0, 204);
    let seen = frame(&mut socket, "typing", |frame| frame.get("typing").is_some()).await;
    assert_eq!(seen["typing"], json!({ "agent": { "name": "Anna" } }));
    done(anna.replies(&id, "One moment.").await);
    frame(&mut socket, "the end of it", |frame| frame.get("typing").is_none()).await;

    // The customer: agents are told, never what; the same second counts once.
    for _ in 0..5 {
        assert_eq!(customer.post("typing", json!({ "typing": true, "text": "secret" })).await.0, 204);
    }
    let mine = |frame: &Value, on: bool| *frame == json!({ "hint": "typing", "id": id, "customer": on });
    let told = frame(&mut desk, "typing", |frame| frame["hint"] == "typing").await;
    assert!(mine(&told, true), "{told}");
    assert_eq!(boris.opens(&id).await["is_customer_typing"], true);
    // Nobody says it again, so it ends by itself.
    let told = frame(&mut desk, "its end", |frame| frame["hint"] == "typing").await;
    assert!(mine(&told, false), "{told}");
    assert!(boris.opens(&id).await.get("is_customer_typing").is_none());
    assert_eq!(customer.post("typing", json!({ "typing": true })).await.0, 204);
    frame(&mut desk, "typing again", |frame| mine(frame, true)).await;
    customer.says("Thank you").await;
    frame(&mut desk, "what was typed is said", |frame| mine(frame, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_brings_what_changes() {
    let server = server_with("", &[]);
    let (mut anna, customer) = talk(&server).await;
    let id = customer.conversation.clone();
    let page = outside(&server);
    let polls = async |known: &Value, wait: u64| {
        let after = &known["through"];
        let standing = known["standing"].as_str().unwrap_or_default();
        let path = format!("conversations/{id}/turns?after={after}&wait={wait}&standing={standing}");
        let (status, page, _) = page.gets(&path, Some(&customer.token)).await;
        assert_eq!(status, 200, "{page}");
        page
    };
    // What is there already comes at once.
    let first = polls(&json!({ "through": 0 }), 25).await;
    let through = first["through"].as_u64().unwrap();
    assert!(!first["turns"].as_array().unwrap().is_empty());
    // Nothing happens: the empty page, after the wait and not before.
    let begun = std::time::Instant::now();
    let nothing = polls(&first, 1).await;
    assert_eq!((&nothing["turns"], &nothing["through"]), (&json!([]), &first["through"]));
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1));

    // Somebody types, reads, says something: each ends the wait, and what happened between two polls ends the next at once.
    let typing = format!("conversations/{id}/typing");
    let (polled, typed) = tokio::join!(polls(&first, 25), anna.post(&typing, json!({ "typing": true })));
    assert_eq!((typed.0, &polled["typing"]["agent"]["name"]), (204, &json!("Anna")), "{polled}");
    anna.post(&typing, json!({ "typing": false })).await;
    let polled = polls(&polled, 25).await;
    assert!(polled.get("typing").is_none(), "{polled}");
    let read = format!("conversations/{id}/read");
    let (polled, _) = tokio::join!(polls(&polled, 25), anna.post(&read, json!({ "through": through })));
    assert_eq!(polled["read"]["agent"].as_u64(), Some(through), "{polled}");
    let (polled, replied) = tokio::join!(polls(&polled, 25), anna.replies(&id, "Hello!"));
    done(replied);
    assert_eq!(polled["turns"][0]["text"], "Hello!", "{polled}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(25), "no wait lasted to its end");
}

/// What an admin sets in the console holds from the next page on and after a restart, where the file says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_dresses_a_site() {
    let mut server = two_sites();
    let mut ada = server.admin("ada@shop.example", "Ada").await;
    let lena = server.lead("lena@shop.example", "Lena").await;
    let anna = server.agent("anna@shop.example", "Anna").await;
    assert_eq!(anna.asks("sites").await.0, 403);
    let sites = lena.get("sites").await;
    let (shop, open) = (&sites["sites"][0], &sites["sites"][1]);
    assert_eq!(
        (shop["name"].as_str(), &shop["is_configured"], &shop["is_fixed"]),
        (Some("shop"), &true.into(), &true.into())
    );
    assert_eq!(shop["origins"], json!(["https://shop.example", "https://*.shop.example"]));
    assert_eq!(
        (&shop["pre_chat"][0]["field"], &shop["proactive"][0]["text"]["en"]),
        (&"topic".into(), &"Any question about your order?".into())
    );
    assert_eq!(
        (open["name"].as_str(), &open["is_fixed"], &open["changed_at"]),
        (Some("open"), &false.into(), &Value::Null)
    );

    let mut look = open["look"].clone();
    look["colour"] = "#aa3300".into();
    look["greeting"] = json!({ "ru": "Здравствуйте!" });
    let body = json!({ "look": look });
    assert_eq!(lena.post("sites/open/look", body.clone()).await.0, 403, "for admins");
    let (status, problem) = ada.post("sites/shop/look", body.clone()).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("fixed_in_file")), "{problem}");
    let preview = json!({ "site": "open", "look": look, "language": "ru" });
    let (status, page) = lena.post("sites/preview", preview).await;
    assert_eq!((status, page["look"]["greeting"].as_str()), (200, Some("Здравствуйте!")), "{page}");
    assert_eq!(page["look"]["style"]["light"]["--accent"], "#aa3300");
    let shown = |url: String| async move { send(http().get(format!("{url}/api/v1/sites/open?language=ru"))).await.1 };
    assert!(shown(server.url.clone()).await["look"]["colour"].is_null(), "a preview is no promise");

    let (status, kept) = ada.post("sites/open/look", body).await;
    assert_eq!((status, kept["changed_by"].as_str(), &kept["look"]), (200, Some("Ada"), &look), "{kept}");
    assert_eq!(shown(server.url.clone()).await["look"], page["look"]);
    for (key, wrong) in [("colour", json!("red")), ("offset_x", json!(4_000))] {
        let mut bad = look.clone();
        bad[key] = wrong;
        let (status, problem) = ada.post("sites/open/look", json!({ "look": bad })).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("bad_input")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().to_lowercase().contains(&format!("look.{key}")), "{problem}");
    }
    assert_eq!(ada.post("sites/nowhere/look", json!({ "look": look })).await.0, 404);

    server.kill_and_start_again();
    ada.finds(&server);
    assert_eq!(shown(server.url.clone()).await["look"], page["look"], "after a restart");
    let (status, back) = ada.delete("sites/open/look").await;
    assert_eq!((status, &back["look"], &back["changed_at"]), (200, &open["look"], &Value::Null), "{back}");
    let log = ada.get("audit").await;
    let what: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    assert!(what.starts_with(&["look_unset", "look_set"]), "{what:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_site_the_usual_one_can_be_dressed() {
    let server = server_with("", &[]);
    let ada = server.admin("ada@shop.example", "Ada").await;
    let sites = ada.get("sites").await;
    assert_eq!((&sites["sites"][0]["name"], &sites["sites"][0]["is_configured"]), (&"default".into(), &false.into()));
    let mut look = sites["sites"][0]["look"].clone();
    look["position"] = "left".into();
    assert_eq!(ada.post("sites/default/look", json!({ "look": look })).await.0, 200);
    let shown = send(http().get(format!("{}/api/v1/sites/default", server.url))).await.1;
    assert_eq!(shown["look"]["position"], "left");
}
