//! The page in a real browser: Debian's Chromium, told what to do over WebDriver.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    events::WEBHOOK,
    harness::{PATIENCE, Server},
    rows::{RENAME, webhook},
};

/// A browser; both processes end when it is dropped.
struct Browser {
    client: Client,
    driver: Child,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// Shows the page of a server; the scheme is 0 for dark and 1 for light.
    async fn open(server: &Server, scheme: u8) -> Browser {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a chromedriver");
        let profile = TempDir::new().unwrap();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1360,1000",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--blink-settings=preferredColorScheme={scheme}"));
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let start = Instant::now();
        let client = loop {
            match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(client) => break client,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let browser = Browser { client, driver, _profile: profile };
        browser.client.goto(&format!("http://{}/", server.address)).await.unwrap();
        browser.wait_for("#list button", |_| true).await;
        browser
    }

    /// The text of an element, once it is as it should be.
    async fn wait_for(&self, css: &str, fits: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = match self.client.find(Locator::Css(css)).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::from("not there"),
            };
            if text != "not there" && fits(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "{css} is {text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn value(&self, css: &str) -> Value {
        let text = self.wait_for(css, |_| true).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{css}: {error}: {text}"))
    }

    /// Presses keys, wherever the focus is.
    async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Goes to an element by the key Tab alone.
    async fn tab_to(&self, id: &str) {
        for _ in 0..60 {
            let focused = self.client.active_element().await.unwrap();
            if focused.attr("id").await.unwrap().as_deref() == Some(id) {
                return;
            }
            self.press(&Key::Tab.to_string()).await;
        }
        panic!("Tab does not lead to {id}");
    }

    async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }
}

fn server() -> Server {
    let server = Server::start(&[]);
    for body in [
        json!({ "Name": "Sales", "Events": ["sale.sold", "sale.lost"], "TargetUrl": "https://www.example.com/hook",
                "Secret": "hush", "Headers": { "X-Key": "k" }, "Properties": { "team": { "size": 3 } } }),
        json!({ "Name": "Support", "Events": ["ticket.created"], "State": "Stopped" }),
    ] {
        assert_eq!(server.send("POST", "/api/v1/Webhook", &[], body.to_string().as_bytes()).status, 201);
    }
    server
}

fn block_on<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn a_webhook_is_changed_by_keyboard_and_the_change_is_undone() {
    block_on(async {
        let server = server();
        let browser = Browser::open(&server, 1).await;
        // The first webhook of the list, by Tab and Enter.
        for _ in 0..30 {
            let focused = browser.client.active_element().await.unwrap();
            if focused.attr("data-id").await.unwrap().as_deref() == Some("1") {
                break;
            }
            browser.press(&Key::Tab.to_string()).await;
        }
        browser.press(&Key::Enter.to_string()).await;
        browser.wait_for("#editor-name", |name| name == "Webhook 1, version \"1\"").await;

        // While one types, both patches show what the change would be.
        browser.tab_to("field-Name").await;
        browser.press(" & more").await;
        assert_eq!(browser.value("#merge").await, json!({ "Name": "Sales & more" }));
        assert_eq!(
            browser.value("#patch").await,
            json!([{ "op": "replace", "path": "/Name", "value": "Sales & more" }])
        );
        browser.tab_to("field-Events").await;
        browser.press(&format!("{}{}sale.changed", Key::End, Key::Enter)).await;
        let events = json!(["sale.sold", "sale.lost", "sale.changed"]);
        assert_eq!(browser.value("#merge").await, json!({ "Name": "Sales & more", "Events": events }));
        assert_eq!(
            browser.value("#patch").await[1],
            json!({ "op": "add", "path": "/Events/2", "value": "sale.changed" })
        );

        // Sent with If-Match, from any field.
        browser.press(&format!("{}{}", Key::Control, Key::Enter)).await;
        browser.wait_for("#status", |status| status == "The change is stored.").await;
        browser.wait_for("#editor-name", |name| name.ends_with("version \"2\"")).await;
        let (stored, _) = server.stored(1).unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!((&stored["Name"], &stored["Events"]), (&json!("Sales & more"), &events));
        browser.wait_for("#answer", |answer| answer.starts_with("200 OK") && answer.contains("etag: \"2\"")).await;
        browser.wait_for("#list button", |name| name.starts_with("Sales & more")).await;
        assert_eq!(browser.value("#patch").await, json!([]));

        // Undone is what was changed here, and not what somebody else has changed since.
        assert_eq!(server.send("PATCH", WEBHOOK, &[], br#"{"TargetUrl":"https://theirs.example/"}"#).status, 200);
        browser.press(&Key::Null.to_string()).await;
        browser.tab_to("undo").await;
        browser.press(&Key::Enter.to_string()).await;
        browser.wait_for("#status", |status| status.contains("has changed")).await;
        browser.tab_to("rebase").await;
        browser.press(&Key::Enter.to_string()).await;
        browser.wait_for("#editor-name", |name| name.ends_with("version \"3\"")).await;
        browser.tab_to("undo").await;
        browser.press(&Key::Enter.to_string()).await;
        browser.wait_for("#status", |status| status == "The change is undone.").await;
        let (stored, version) = server.stored(1).unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!((&stored["Name"], version), (&json!("Sales"), 4));
        assert_eq!(stored["Events"], json!(["sale.sold", "sale.lost"]));
        assert_eq!(stored["TargetUrl"], "https://theirs.example/");
        browser.client.clone().close().await.unwrap();
    });
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn what_is_refused_is_told_at_its_place() {
    block_on(async {
        let server = server();
        let browser = Browser::open(&server, 1).await;
        let client = &browser.client;
        client.find(Locator::Css("[data-id='1']")).await.unwrap().click().await.unwrap();
        browser.wait_for("#editor-name", |name| name.starts_with("Webhook 1")).await;
        let headers = client.find(Locator::Css("#field-Headers")).await.unwrap();

        // What is not JSON is not sent.
        headers.clear().await.unwrap();
        headers.send_keys("{\"X-Key\": ").await.unwrap();
        browser.wait_for("#problem-Headers", |problem| problem.starts_with("not JSON")).await;
        assert_eq!(
            client.find(Locator::Css("#send")).await.unwrap().attr("disabled").await.unwrap().as_deref(),
            Some("true")
        );

        // What the server refuses is told with its words, at the member.
        headers.send_keys("5}").await.unwrap();
        browser.wait_for("#problem-Headers", str::is_empty).await;
        client.find(Locator::Css("#send")).await.unwrap().click().await.unwrap();
        browser.wait_for("#problem-Headers", |problem| problem.contains("/Headers/X-Key")).await;
        assert_eq!(headers.attr("aria-invalid").await.unwrap().as_deref(), Some("true"));
        browser.wait_for("#answer", |answer| answer.starts_with("422 ")).await;

        // Somebody else was faster: the change goes on top of what they stored.
        headers.clear().await.unwrap();
        headers.send_keys("{\"X-Key\": \"new\"}").await.unwrap();
        let other = server.send("PATCH", WEBHOOK, &[], br#"{"Name":"Theirs"}"#);
        assert_eq!(other.status, 200);
        client.find(Locator::Css("#send")).await.unwrap().click().await.unwrap();
        browser.wait_for("#status", |status| status.contains("has changed")).await;
        client.find(Locator::Css("#rebase")).await.unwrap().click().await.unwrap();
        browser.wait_for("#editor-name", |name| name.ends_with("version \"2\"")).await;
        assert_eq!(browser.value("#merge").await, json!({ "Headers": { "X-Key": "new" } }));
        client.find(Locator::Css("[value=merge]")).await.unwrap().click().await.unwrap();
        client.find(Locator::Css("#send")).await.unwrap().click().await.unwrap();
        browser.wait_for("#status", |status| status == "The change is stored.").await;
        let (stored, _) = server.stored(1).unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!((&stored["Name"], &stored["Headers"]), (&json!("Theirs"), &json!({ "X-Key": "new" })));

        // Null in an object is what no merge patch can say, and a JSON Patch can.
        let properties = client.find(Locator::Css("#field-Properties")).await.unwrap();
        properties.clear().await.unwrap();
        properties.send_keys("{\"team\": null}").await.unwrap();
        browser.wait_for("#merge", |merge| merge.starts_with("No merge patch")).await;
        assert_eq!(
            browser.value("#patch").await,
            json!([{ "op": "replace", "path": "/Properties/team", "value": null }])
        );
        browser.client.clone().close().await.unwrap();
    });
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn webhooks_are_made_and_removed() {
    block_on(async {
        let mut server = server();
        let browser = Browser::open(&server, 0).await;
        let client = &browser.client;
        client.find(Locator::Css("#new")).await.unwrap().click().await.unwrap();
        browser.wait_for("#editor-name", |name| name == "A new webhook").await;
        client.find(Locator::Css("#field-Name")).await.unwrap().send_keys("Third").await.unwrap();
        // Whoever sends twice has it once.
        browser.run("const { editor } = document.forms; editor.requestSubmit(); editor.requestSubmit();").await;
        browser.wait_for("#editor-name", |name| name == "Webhook 3, version \"1\"").await;
        browser.wait_for("#status", |status| status == "It is stored.").await;
        assert_eq!(server.send("GET", "/api/v1/Webhook/4", &[], b"").status, 404);
        assert_eq!(server.send("GET", "/api/v1/Webhook/3", &[], b"").json()["Name"], "Third");
        client.find(Locator::Css("#delete")).await.unwrap().click().await.unwrap();
        browser.wait_for("#status", |status| status == "It is gone.").await;
        assert_eq!(server.send("GET", "/api/v1/Webhook/3", &[], b"").status, 404);
        // A long name stays in its place.
        let long = json!({ "Name": "A".repeat(300) }).to_string();
        assert_eq!(server.send("POST", "/api/v1/Webhook", &[], long.as_bytes()).status, 201);
        client.refresh().await.unwrap();
        browser.wait_for("#list li:nth-child(3) button", |name| name.starts_with("AAA")).await;
        assert_eq!(browser.run("return document.documentElement.scrollWidth <= innerWidth").await, json!(true));
        // What changed long ago is not taken for what is stored now.
        server.insert(&webhook(9), 7);
        client.refresh().await.unwrap();
        for version in ["7", "8"] {
            browser.wait_for("[data-id='9']", |_| true).await;
            client.find(Locator::Css("[data-id='9']")).await.unwrap().click().await.unwrap();
            browser.wait_for("#editor-name", |name| name == format!("Webhook 9, version \"{version}\"")).await;
            assert_eq!(server.send("PATCH", "/api/v1/Webhook/9", &[], RENAME.as_bytes()).status, 200);
        }
        // What was typed is not lost where another one is chosen.
        let name = client.find(Locator::Css("#field-Name")).await.unwrap();
        name.send_keys(" and more").await.unwrap();
        client.find(Locator::Css("[data-id='1']")).await.unwrap().click().await.unwrap();
        browser.wait_for("#status", |status| status == "Send or discard your changes first.").await;
        assert_eq!(browser.value("#merge").await, json!({ "Name": "new and more" }));
        client.find(Locator::Css("#reset")).await.unwrap().click().await.unwrap();
        server.kill();
        client.find(Locator::Css("#new")).await.unwrap().click().await.unwrap();
        browser.wait_for("#status", |status| status == "The server does not answer.").await;
        browser.client.clone().close().await.unwrap();
    });
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn it_is_light_and_dark_and_loads_nothing_from_elsewhere() {
    block_on(async {
        let server = server();
        let mut backgrounds = Vec::new();
        for (scheme, name) in [(1, "light"), (0, "dark")] {
            let browser = Browser::open(&server, scheme).await;
            let client = &browser.client;
            client.find(Locator::Css("[data-id='1']")).await.unwrap().click().await.unwrap();
            browser.wait_for("#editor-name", |name| name.starts_with("Webhook 1")).await;
            client.find(Locator::Css("#field-Name")).await.unwrap().send_keys(" and support").await.unwrap();
            client.find(Locator::Css("#field-Events")).await.unwrap().send_keys("\nsale.changed").await.unwrap();
            let color = browser.run("return getComputedStyle(document.body).backgroundColor").await;
            backgrounds.push(color.as_str().unwrap().to_owned());
            let picture = client.screenshot().await.unwrap();
            assert!(picture.len() > 20_000, "{} bytes", picture.len());
            if let Some(directory) = std::env::var_os("SCREENSHOTS") {
                std::fs::write(std::path::Path::new(&directory).join(format!("{name}.png")), picture).unwrap();
            }
            // Everything that it has loaded is this server's, and what it is told to load from elsewhere is refused.
            let loaded =
                browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)").await;
            let own = format!("http://{}/", server.address);
            assert!(loaded.as_array().unwrap().iter().all(|name| name.as_str().unwrap().starts_with(&own)), "{loaded}");
            browser
                .run(
                    "window.refused = [];
                     document.addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective));
                     for (const [name, source] of [['img', 'src'], ['script', 'src'], ['iframe', 'src']]) {
                         const element = document.createElement(name);
                         element[source] = 'http://127.0.0.1:9/';
                         document.body.append(element);
                     }
                     const inline = document.createElement('script');
                     inline.textContent = 'window.has_run = true';
                     document.body.append(inline);
                     fetch('http://127.0.0.1:9/').catch(() => {});",
                )
                .await;
            let start = Instant::now();
            let expected = ["connect-src", "frame-src", "img-src", "script-src-elem", "script-src-elem"];
            loop {
                let mut refused: Vec<String> =
                    serde_json::from_value(browser.run("return window.refused").await).unwrap();
                refused.sort_unstable();
                if refused == expected {
                    break;
                }
                assert!(start.elapsed() < PATIENCE, "{refused:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(browser.run("return window.has_run ?? null").await, Value::Null);
            browser.client.clone().close().await.unwrap();
        }
        assert_eq!(backgrounds, ["rgb(251, 250, 248)", "rgb(20, 23, 27)"]);
    });
}
