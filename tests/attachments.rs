//! Files over the real HTTP: taken, bounded, judged by their bytes, said in turns, served harmlessly, erased from the disk.

use crate::cast::{Agent, Customer, DEADLINE, Server, Setup, binary, http, send};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn quick() -> Setup {
    Setup { without_encoder: true, ..Setup::default() }
}

fn with(config: &str) -> Setup {
    Setup { config: config.into(), ..quick() }
}

/// As much of a picture as says how large it is.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

fn uploads_of(server: &Server, customer: &Customer) -> String {
    format!("{}/api/v1/conversations/{}/attachments", server.url, customer.conversation)
}

async fn upload(server: &Server, customer: &Customer, id: &str, name: &str, bytes: impl Into<Vec<u8>>) -> (u16, Value) {
    let query = [("client_id", id), ("name", name)];
    let request = http().post(uploads_of(server, customer)).query(&query).bearer_auth(&customer.token);
    send(request.body(bytes.into())).await
}

async fn uploaded(server: &Server, customer: &Customer, id: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Value {
    let (status, file) = upload(server, customer, id, name, bytes).await;
    assert_eq!(status, 201, "{file}");
    file
}

async fn fetched(server: &Server, file: &Value) -> reqwest::Response {
    http().get(format!("{}{}", server.url, file["url"].as_str().unwrap())).send().await.unwrap()
}

/// Every file under `attachments/`.
fn on_disk(server: &Server) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![], vec![server.data().join("attachments")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// A connection on which a test says exactly what it wants, at its own pace.
struct Line(TcpStream);

impl Line {
    /// Sends the head of an upload.
    async fn uploads(server: &Server, customer: &Customer, id: &str, headers: &str) -> Self {
        let host = server.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST /api/v1/conversations/{}/attachments?client_id={id}&name=a.txt HTTP/1.1\r\nHost: {host}\r\n\
             Authorization: Bearer {}\r\n{headers}\r\n\r\n",
            customer.conversation, customer.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(stream)
    }

    async fn sends(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The status and the body, as far as they came by the end of a problem document.
    async fn hears(&mut self) -> (u16, Value) {
        let reading = async {
            let mut text = vec![];
            loop {
                let n = self.0.read_buf(&mut text).await.unwrap();
                let heard = String::from_utf8_lossy(&text).into_owned();
                let body = heard.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body.trim()).ok());
                if let Some(body) = body {
                    return (heard[9..12].parse().unwrap(), body);
                }
                assert!(n > 0, "closed after {heard:?}");
            }
        };
        tokio::time::timeout(DEADLINE, reading).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_along_with_a_turn_and_comes_back_harmless() {
    let server = Server::start(quick());
    let mut customer = Customer::arrives(&server, "a", "en").await;
    let stranger = Customer::arrives(&server, "b", "en").await;
    let picture = png(3, 2);
    let file = uploaded(&server, &customer, "1", "截图 \"1\".png", picture.clone()).await;
    assert_eq!((&file["type"], &file["width"], &file["height"]), (&json!("image/png"), &json!(3), &json!(2)));
    assert_eq!((&file["name"], &file["bytes"]), (&json!("截图 _1_.png"), &json!(picture.len())));
    let key = file["url"].as_str().unwrap().strip_prefix("/api/v1/attachments/").unwrap();
    assert_eq!(key.len(), 64);
    let (status, again) = upload(&server, &customer, "1", "other.png", png(9, 9)).await;
    assert_eq!((status, &again), (200, &file), "the same id again is the same file");

    let shown = fetched(&server, &file).await;
    let header = |name: &str| shown.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(shown.status(), 200);
    assert_eq!(header("content-type").unwrap(), "image/png");
    let name = "inline; filename=\"__ _1_.png\"; filename*=UTF-8''%E6%88%AA%E5%9B%BE%20_1_.png";
    assert_eq!(header("content-disposition").unwrap(), name);
    assert_eq!(header("x-content-type-options").unwrap(), "nosniff");
    assert_eq!(header("content-security-policy").unwrap(), "sandbox; default-src 'none'");
    assert_eq!(header("cross-origin-resource-policy").unwrap(), "cross-origin");
    assert!(header("cache-control").unwrap().starts_with("private, max-age="));
    assert_eq!(shown.bytes().await.unwrap(), picture);
    let at = format!("{}{}", server.url, file["url"].as_str().unwrap());
    let part = http().get(&at).header("range", "bytes=1-3").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().as_ref()), (206, b"PNG".as_ref()));
    let head = http().head(&at).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].clone()), (200, picture.len().into()));
    let (status, problem) = send(http().get(format!("{at}0"))).await;
    assert_eq!((status, &problem["code"]), (404, &json!("unknown_attachment")));

    // Nobody else may send it.
    let stolen = json!({ "client_id": "1", "attachments": [file["id"]] });
    let (status, problem) = stranger.post("turns", stolen).await;
    assert_eq!((status, &problem["code"]), (422, &json!("unknown_attachment")));
    let (status, problem) = customer.post("turns", json!({ "client_id": "1", "text": " ", "attachments": [] })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("empty_text")));

    // Without a word: the bot asks, and a person is one tap away. Sent again, it is the same turn.
    let body = json!({ "client_id": "2", "text": "", "attachments": [file["id"]] });
    let said = customer.sends(body.clone()).await;
    assert_eq!(said["turn"]["attachments"], json!([file]));
    let reply = &said["replies"][0];
    assert_eq!((&reply["kind"], &reply["options"][0]["article"]), (&json!("clarification"), &json!("human")), "{said}");
    let again = customer.sends(body).await;
    assert_eq!((&again["turn"], &again["replies"]), (&said["turn"], &said["replies"]));
    let (status, problem) =
        customer.post("turns", json!({ "client_id": "3", "text": "Again", "attachments": [file["id"]] })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("attachment_used")));
    let eleven: Vec<String> = (1..=11).map(|n: u8| n.to_string()).collect();
    let (status, problem) = customer.post("turns", json!({ "client_id": "3", "attachments": eleven })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("bad_input")));

    // A second one without a word goes to people, who see both and what the customer needs.
    let text = uploaded(&server, &customer, "4", "log", "Error 17\n").await;
    assert_eq!((&text["name"], &text["type"]), (&json!("log.txt"), &json!("text/plain")));
    let said = customer.sends(json!({ "client_id": "4", "attachments": [text["id"]] })).await;
    assert_eq!(said["phase"]["name"], "waiting", "{said}");
    let saved = fetched(&server, &text).await;
    assert!(saved.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    let mut anna = server.agent("anna@shop.example", "Anna").await;
    assert_eq!(anna.claims(&customer.conversation).await.0, 200);
    let opened = anna.opens(&customer.conversation).await;
    assert_eq!(opened["brief"]["need"], "log.txt", "{opened}");
    let sent: Vec<&Value> = opened["turns"].as_array().unwrap().iter().filter_map(|t| t.get("attachments")).collect();
    assert_eq!(sent, [&json!([file]), &json!([text])]);

    the_agent_answers_with_a_file(&server, &mut anna, &mut customer).await;
}

async fn the_agent_answers_with_a_file(server: &Server, anna: &mut Agent, customer: &mut Customer) {
    let id = customer.conversation.clone();
    let upload = |id: String, cookie: String, bytes: Vec<u8>| {
        let url = format!("{}/api/v1/desk/conversations/{id}/attachments", server.url);
        let request = http().post(url).query(&[("client_id", "1"), ("name", "how-to.pdf")]).header("cookie", cookie);
        send(request.header("origin", &server.url).body(bytes))
    };
    let (status, guide) = upload(id.clone(), anna.cookie().into(), b"%PDF-1.7 how".to_vec()).await;
    assert_eq!((status, &guide["type"]), (201, &json!("application/pdf")), "{guide}");
    let other = server.agent("ben@shop.example", "Ben").await;
    let (status, problem) = upload(id.clone(), other.cookie().into(), b"%PDF-1.7 how".to_vec()).await;
    assert_eq!((status, &problem["code"]), (409, &json!("not_yours")));
    let url = format!("{}/api/v1/desk/conversations/{id}/attachments?client_id=9&name=a.pdf", server.url);
    let foreign = http().post(url).header("cookie", anna.cookie()).header("origin", "https://evil.example");
    assert_eq!(send(foreign.body(b"%PDF-1.7".to_vec())).await.0, 403);

    let avatar = http().post(format!("{}/api/v1/desk/me/avatar", server.url)).header("cookie", anna.cookie());
    let (status, set) = send(avatar.try_clone().unwrap().body(png(64, 64))).await;
    assert_eq!(status, 200, "{set}");
    let (status, problem) = send(avatar.try_clone().unwrap().body("<svg/>")).await;
    assert_eq!((status, &problem["code"]), (415, &json!("bad_type")));
    let (status, problem) = send(avatar.body(vec![0; 600 * 1024])).await;
    assert_eq!((status, &problem["code"]), (413, &json!("too_large")));

    let reply = json!({ "client_id": "r1", "attachments": [guide["id"]] });
    let (status, said) = anna.post(&format!("conversations/{id}/reply"), reply).await;
    assert_eq!(status, 200, "{said}");
    let heard = customer.hears("the guide", |turn| turn["attachments"][0]["name"] == "how-to.pdf").await;
    assert_eq!(heard["agent"], json!({ "name": "Anna", "avatar": set["avatar"] }));
    assert_eq!(customer.phase["agent"]["avatar"], set["avatar"]);
    let picture = http().get(format!("{}{}", server.url, set["avatar"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(
        (picture.status().as_u16(), picture.headers()["content-disposition"].as_bytes()),
        (200, b"inline".as_ref())
    );
    let away = http().delete(format!("{}/api/v1/desk/me/avatar", server.url)).header("cookie", anna.cookie());
    assert_eq!(send(away).await.0, 200);
    assert_eq!(on_disk(server).len(), 3, "the picture is gone, the files are not");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_what_it_says_is_refused_and_leaves_nothing() {
    let server = Server::start(quick());
    let customer = Customer::arrives(&server, "a", "en").await;
    let html = "<!DOCTYPE html><script>alert(1)</script>";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;".to_vec();
    let check = async |name: &str, bytes: Vec<u8>, status: u16, code: &str| {
        let (got, problem) = upload(&server, &customer, &format!("{name} {}", bytes.len()), name, bytes).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{name:?}: {problem}");
        problem
    };
    let problem = check("a.png", html.into(), 415, "bad_type").await;
    assert!(problem["types"].as_array().unwrap().contains(&json!("image/png")));
    check("a.html", html.into(), 415, "bad_type").await;
    check("a.svg", svg.into(), 415, "bad_type").await;
    check("a.png", svg.into(), 415, "bad_type").await;
    check("a.jpg", png(1, 1), 415, "bad_type").await;
    check("a.png", gif, 415, "bad_type").await;
    check("a.png.exe", png(1, 1), 415, "bad_type").await;
    check("photo\u{202e}gnp.exe", png(1, 1), 415, "bad_type").await;
    check("a.exe", b"MZ\x90\0\x03\0\0\0".to_vec(), 415, "bad_type").await;
    check("a.zip", b"PK\x03\x04\x14\0\0\0".to_vec(), 415, "bad_type").await;
    check("a.png", vec![], 415, "bad_type").await;
    check("a.png", b"\x89PNG\r\n\x1a\n".to_vec(), 415, "bad_type").await;
    // Few bytes that would unfold into gigabytes.
    let problem = check("a.png", png(60_000, 60_000), 413, "too_large").await;
    assert_eq!(problem["max_pixels"], 100_000_000);
    check("a.png", png(u32::MAX, 1), 413, "too_large").await;
    check("a.png", png(25_000, 25_000), 413, "too_large").await;
    let (status, problem) = upload(&server, &customer, "", "a.png", png(1, 1)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("bad_input")));
    let (status, _) =
        send(http().post(uploads_of(&server, &customer)).query(&[("client_id", "1")]).body(png(1, 1))).await;
    assert_eq!(status, 401);
    assert_eq!(on_disk(&server), [""; 0].map(PathBuf::from));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_tamed() {
    let server = Server::start(quick());
    let customer = Customer::arrives(&server, "a", "en").await;
    for (n, (given, expected)) in [
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png".to_owned()),
        ("../../../etc/passwd.png", "passwd.png".to_owned()),
        ("C:\\Windows\\system32\\a.png", "a.png".to_owned()),
        ("\"; filename=\"evil.html\".png", "_; filename=_evil.html_.png".to_owned()),
        ("gpj\u{202e}\u{200b}.png", "gpj.png".to_owned()),
        ("退款凭证.png", "退款凭证.png".to_owned()),
        ("", "file.png".to_owned()),
        (&format!("{}.png", "я".repeat(300)), format!("{}.png", "я".repeat(116))),
    ]
    .into_iter()
    .enumerate()
    {
        let file = uploaded(&server, &customer, &n.to_string(), given, png(1, 1)).await;
        assert_eq!(file["name"], expected.as_str(), "{given:?}");
        let shown = fetched(&server, &file).await;
        assert!(!shown.headers().contains_key("set-cookie"));
        let disposition = shown.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
    }
    let names: Vec<String> =
        on_disk(&server).iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert!(
        names.len() == 8 && names.iter().all(|name| name.len() == 64),
        "on the disk no name is anybody's: {names:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_as_early_as_can_be_and_what_breaks_off_leaves_nothing() {
    let server =
        Server::start(with("[attachments]\nmax_mb = 1\nconversation_mb = 2\n[limits]\nquestions_per_minute = 0\n"));
    let customer = Customer::arrives(&server, "a", "en").await;
    const MIB: usize = 1024 * 1024;
    let too_large = |(status, problem): (u16, Value)| {
        assert_eq!(
            (status, &problem["code"], &problem["max_bytes"]),
            (413, &json!("too_large"), &json!(MIB)),
            "{problem}"
        );
    };
    // Declared: no byte of it need come.
    let mut line = Line::uploads(&server, &customer, "1", &format!("Content-Length: {}", 10 * MIB)).await;
    too_large(line.hears().await);
    let headers = format!("Expect: 100-continue\r\nContent-Length: {}", 10 * MIB);
    too_large(Line::uploads(&server, &customer, "1", &headers).await.hears().await);
    // A client that sends all of it first still reads why.
    too_large(upload(&server, &customer, "1", "a.txt", "x".repeat(3 * MIB)).await);
    // In pieces, without a word about how much.
    let mut line = Line::uploads(&server, &customer, "2", "Transfer-Encoding: chunked").await;
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        line.sends(piece.as_bytes()).await;
    }
    too_large(line.hears().await);
    // What it is decides long before its end.
    let mut line = Line::uploads(&server, &customer, "3", &format!("Content-Length: {MIB}")).await;
    line.sends(&[b"MZ\x90\0".to_vec(), vec![0; 10_000]].concat()).await;
    assert_eq!(line.hears().await.0, 415);

    // Given up in the middle: it was there, and then nothing is.
    let mut line = Line::uploads(&server, &customer, "4", "Content-Length: 1000000").await;
    line.sends("x".repeat(500_000).as_bytes()).await;
    until("half of it is there", || on_disk(&server).len() == 1).await;
    drop(line);
    until("nothing of it is left", || on_disk(&server).is_empty()).await;
    // The same id is free, and a whole conversation has a bound too.
    assert_eq!(upload(&server, &customer, "4", "a.txt", "x".repeat(MIB)).await.0, 201);
    assert_eq!(upload(&server, &customer, "5", "a.txt", "x".repeat(MIB)).await.0, 201);
    let (status, problem) = upload(&server, &customer, "6", "a.txt", "x").await;
    assert_eq!((status, &problem["code"]), (413, &json!("conversation_full")));
    assert_eq!(on_disk(&server).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_and_switches() {
    let server = Server::start(with("[limits]\ninclude_loopback = true\nuploads_per_hour = 2\n"));
    let customer = Customer::arrives(&server, "a", "en").await;
    for id in ["1", "2"] {
        uploaded(&server, &customer, id, "a.png", png(1, 1)).await;
    }
    let (status, problem) = upload(&server, &customer, "3", "a.png", png(1, 1)).await;
    assert_eq!((status, &problem["code"]), (429, &json!("too_many_requests")));
    assert_eq!(upload(&server, &customer, "1", "a.png", png(1, 1)).await.0, 200, "what is there needs no room");

    let server = Server::start(with("[attachments]\nenabled = false\n"));
    let customer = Customer::arrives(&server, "a", "en").await;
    let (status, problem) = upload(&server, &customer, "1", "a.png", png(1, 1)).await;
    assert_eq!((status, &problem["code"]), (404, &json!("attachments_off")));
}

fn run(server: &Server, args: &[&str]) -> String {
    let output = binary().args(args).arg("--config").arg(server.config_file()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_exported_backed_up_erased_and_restored() {
    let mut server = Server::start(quick());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut customer = Customer::arrives(&server, "a", "en").await;
    let other = Customer::arrives(&server, "b", "en").await;
    let file = uploaded(&server, &customer, "1", "Zanzibar.txt", "Where is Zanzibar?").await;
    let unsaid = uploaded(&server, &customer, "2", "b.png", png(1, 1)).await;
    let others = uploaded(&server, &other, "1", "c.png", png(1, 1)).await;
    customer.sends(json!({ "client_id": "1", "text": "See Zanzibar", "attachments": [file["id"]] })).await;

    let out = elsewhere.path().join("export.json");
    run(&server, &["export", "--conversation", &customer.conversation, "--out", out.to_str().unwrap()]);
    let export: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let listed = export["conversations"][0]["attachments"].as_array().unwrap();
    assert_eq!(
        listed.iter().map(|file| file["id"].clone()).collect::<Vec<_>>(),
        [&file["id"], &unsaid["id"]].map(Value::clone)
    );
    assert_eq!((&listed[0]["turn"], &listed[1]["turn"], &listed[0]["key"]), (&json!(1), &Value::Null, &Value::Null));
    let files = elsewhere.path().join("export.json.files");
    let copy = std::fs::read(files.join(listed[0]["file"].as_str().unwrap())).unwrap();
    assert_eq!(copy, b"Where is Zanzibar?");
    assert_eq!(std::fs::read_dir(&files).unwrap().count(), 2);

    let backup = elsewhere.path().join("backup.db");
    let said = run(&server, &["backup", "--out", backup.to_str().unwrap()]);
    assert!(said.contains("with 3 files"), "{said}");

    let said = run(&server, &["erase", "--conversation", &customer.conversation, "--yes"]);
    assert!(said.contains("and 2 files"), "{said}");
    for gone in [&file, &unsaid] {
        assert_eq!(fetched(&server, gone).await.status(), 404);
    }
    assert_eq!(fetched(&server, &others).await.status(), 200);
    assert_eq!(on_disk(&server).len(), 1);
    assert!(!everything(&server.data()).iter().any(|bytes| has(bytes, "Zanzibar")), "no file holds the words");

    // The copy from before has all of them.
    server.kill();
    std::fs::remove_dir_all(server.data()).unwrap();
    std::fs::create_dir(server.data()).unwrap();
    std::fs::copy(&backup, server.data().join("firstline.db")).unwrap();
    std::fs::rename(elsewhere.path().join("backup.db.files"), server.data().join("attachments")).unwrap();
    server.start_again();
    for back in [&file, &unsaid, &others] {
        assert_eq!(fetched(&server, back).await.status(), 200);
    }
}

fn everything(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => found.extend(everything(&entry.path())),
            kind if kind.is_file() => found.push(std::fs::read(entry.path()).unwrap()),
            _ => {}
        }
    }
    found
}

fn has(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_every_file_that_was_acknowledged_is_whole_and_no_other_is_left() {
    let mut server = Server::start(quick());
    let customer = Customer::arrives(&server, "a", "en").await;
    let bytes = "Where is my refund? ".repeat(2_000);
    let mut kept: Vec<Value> = vec![];
    for round in 0..4 {
        let sending = (0..40).map(|n| {
            let (url, token, bytes) = (uploads_of(&server, &customer), customer.token.clone(), bytes.clone());
            tokio::spawn(async move {
                let query = [("client_id", format!("{round}-{n}")), ("name", "a.txt".to_owned())];
                let sent = http().post(url).query(&query).bearer_auth(token).body(bytes).send().await.ok()?;
                (sent.status() == 201).then_some(sent.json::<Value>().await.ok()).flatten()
            })
        });
        let sending: Vec<_> = sending.collect();
        until("some are there", || on_disk(&server).len() > kept.len() + 5).await;
        server.kill();
        for sent in sending {
            kept.extend(sent.await.unwrap());
        }
        server.start_again();
        for file in &kept {
            let whole = fetched(&server, file).await;
            assert_eq!((whole.status().as_u16(), whole.text().await.unwrap()), (200, bytes.clone()));
        }
        let data: Value =
            serde_json::from_str(&run(&server, &["export", "--conversation", &customer.conversation])).unwrap();
        let rows = data["conversations"][0]["attachments"].as_array().unwrap().len();
        assert_eq!(on_disk(&server).len(), rows, "each row has its file, and each file its row");
        assert!(rows >= kept.len());
    }
}
