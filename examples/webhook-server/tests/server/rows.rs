//! One request, one answer: what a row says, and how it is checked. Each row has a webhook of its own.

use entity_patch::superoffice::Webhook;
use serde_json::{Value, json};

use crate::harness::{Kind, Server, names};

pub const JSON: &str = "application/json; charset=utf-8";
pub const READABLE: &str = "application/json, text/json, application/xml, text/xml, application/x-www-form-urlencoded, \
                            application/json-patch+json, application/merge-patch+json";
pub const ALLOW: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT";

/// What is stored before each row, but for the id: version 7.
pub fn webhook(id: i32) -> Webhook {
    let webhook = json!({
        "WebhookId": id, "Name": "sales", "Events": ["sale.sold", "sale.lost"], "TargetUrl": "http://t.example/",
        "Secret": "hush-secret", "State": "Stopped", "Type": "webhook", "Headers": {"X-Key": "hush-header", "X-Two": "2"},
        "Properties": {"count": 1}, "Registered": "2020-01-01T00:00:00Z", "Updated": "2021-01-01T00:00:00.5Z",
        "ErrorsEmail": "errors@example.com", "Newer": {"a": 1},
    });
    serde_json::from_value(webhook).unwrap()
}

pub const UPDATED: &str = "Fri, 01 Jan 2021 00:00:00 GMT";
pub const BEFORE: &str = "Thu, 31 Dec 2020 23:59:59 GMT";

#[derive(Clone, Copy, Default)]
pub struct Row {
    /// Method and path; `{id}` is that of the stored webhook.
    pub request: &'static str,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: &'static str,
    pub status: u16,
    /// Headers of the answer; an empty value means that there is none.
    pub answers: &'static [(&'static str, &'static str)],
    /// Members of the answer's JSON, or what else its text contains. `{id}` and `{host}` are filled in.
    pub shows: &'static [&'static str],
    /// The webhook has version 8 afterwards; otherwise its text is what it was.
    pub writes: bool,
}

pub const GET: &str = "GET /api/v1/Webhook/{id}";
pub const PUT: &str = "PUT /api/v1/Webhook/{id}";
pub const PATCH: &str = "PATCH /api/v1/Webhook/{id}";
pub const SAVE: &str = "POST /api/v1/Agents/Webhook/SaveWebhook";
pub const RENAME: &str = r#"{"name":"new"}"#;
pub const JSON_PATCH: (&str, &str) = ("Content-Type", "application/json-patch+json");
pub const MERGE_PATCH: (&str, &str) = ("Content-Type", "application/merge-patch+json");
pub const XML: (&str, &str) = ("Content-Type", "application/xml");
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A row that is filled in where it differs from a plain 200.
pub const ROW: Row = Row { request: GET, headers: &[], body: "", status: 200, answers: &[], shows: &[], writes: false };

#[track_caller]
fn check(server: &Server, id: i32, row: &Row) {
    let fill = |text: &str| text.replace("{id}", &id.to_string()).replace("{host}", &server.address);
    let label = format!("{} {:?} {}", row.request, row.headers, row.body);
    server.insert(&webhook(id), 7);
    let before = server.stored(id).unwrap();
    let (method, path) = row.request.split_once(' ').unwrap();

    let answer = server.send(method, &fill(path), row.headers, fill(row.body).as_bytes());

    let text = answer.text().to_owned();
    assert_eq!(answer.status, row.status, "{label}: {text}");
    for (name, value) in row.answers {
        assert_eq!(answer.header(name), Some(*value).filter(|value| !value.is_empty()), "{label}: {name}");
    }
    // What is shown of the stored text may be spaced as it was stored.
    let compact = |text: &str| text.replace("\", \"", "\",\"");
    for part in row.shows {
        assert!(compact(&text).contains(&compact(&fill(part))), "{label}: {part} in {text}");
    }
    let after = server.stored(id).unwrap();
    match row.writes {
        true => {
            assert_eq!(after.1, 8, "{label}");
            let json: Value = serde_json::from_str(&after.0).unwrap();
            assert!(json["Updated"].as_str().unwrap() > "2024", "{label}");
            assert_eq!(json["Registered"], "2020-01-01T00:00:00Z", "{label}");
            assert_eq!(names(&after.0), names(&before.0), "{label}");
        }
        false => assert_eq!(after, before, "{label}"),
    }
    if row.status >= 400 {
        assert!(!text.contains("hush"), "{label}: {text}");
        if !text.is_empty() {
            let problem = answer.json();
            assert_eq!(problem["status"], row.status, "{label}");
            assert_eq!(problem["Error"], true, "{label}");
            assert_eq!(problem["ErrorMessage"], problem["detail"], "{label}");
            assert!(
                problem["ErrorType"].as_str().is_some_and(|name| name.starts_with("So") && name.ends_with("Exception"))
            );
        }
    }
}

pub fn check_all(kind: Kind, options: &[&str], rows: &[Row]) {
    let server = Server::on(kind, options);
    for (id, row) in (1..).zip(rows) {
        // Ids that SaveWebhook gives out are above these.
        check(&server, 1000 * id, row);
    }
    let log = server.log();
    assert!(!log.contains("hush") && !log.contains("sales"), "{log}");
}
