//! One request, one answer: a row a rule. Each row has a webhook of its own.

use entity_patch::{http::ACCEPT_PATCH, superoffice::Webhook};
use serde_json::{Value, json};

use crate::harness::{Server, names};

const JSON: &str = "application/json; charset=utf-8";
const READABLE: &str = "application/json, text/json, application/xml, text/xml, application/x-www-form-urlencoded";
const ALLOW: &str = "GET, HEAD, OPTIONS, PATCH, PUT";

/// What is stored before each row, but for the id: version 7.
fn stored(id: i32) -> Webhook {
    let webhook = json!({
        "WebhookId": id, "Name": "sales", "Events": ["sale.sold", "sale.lost"], "TargetUrl": "http://t.example/",
        "Secret": "hush-secret", "State": "Stopped", "Type": "webhook", "Headers": {"X-Key": "hush-header", "X-Two": "2"},
        "Properties": {"count": 1}, "Registered": "2020-01-01T00:00:00Z", "Updated": "2021-01-01T00:00:00.5Z",
        "ErrorsEmail": "errors@example.com", "Newer": {"a": 1},
    });
    serde_json::from_value(webhook).unwrap()
}

const UPDATED: &str = "Fri, 01 Jan 2021 00:00:00 GMT";
const BEFORE: &str = "Thu, 31 Dec 2020 23:59:59 GMT";

#[derive(Clone, Copy, Default)]
struct Row {
    /// Method and path; `{id}` is that of the stored webhook.
    request: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
    /// Headers of the answer; an empty value means that there is none.
    answers: &'static [(&'static str, &'static str)],
    /// Members of the answer's JSON, or what else its text contains. `{id}` and `{host}` are filled in.
    shows: &'static [&'static str],
    /// The webhook has version 8 afterwards; otherwise its text is what it was.
    writes: bool,
}

const GET: &str = "GET /api/v1/Webhook/{id}";
const PUT: &str = "PUT /api/v1/Webhook/{id}";
const PATCH: &str = "PATCH /api/v1/Webhook/{id}";
const SAVE: &str = "POST /api/v1/Agents/Webhook/SaveWebhook";
const RENAME: &str = r#"{"name":"new"}"#;
const JSON_PATCH: (&str, &str) = ("Content-Type", "application/json-patch+json");
const MERGE_PATCH: (&str, &str) = ("Content-Type", "application/merge-patch+json");
const XML: (&str, &str) = ("Content-Type", "application/xml");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A row that is filled in where it differs from a plain 200.
const ROW: Row = Row { request: GET, headers: &[], body: "", status: 200, answers: &[], shows: &[], writes: false };

/// GET, OPTIONS, and what names no webhook.
const READING: &[Row] = &[
    Row {
        answers: &[("etag", "\"7\""), ("last-modified", UPDATED), ("vary", "Accept"), ("content-type", JSON)],
        shows: &[
            r#""Name":"sales""#,
            r#""Newer":{"a":1}"#,
            r#""_Links":{"Self":"http://{host}/api/v1/Webhook/{id}","Archive":"http://{host}/api/v1/Webhook"}"#,
        ],
        ..ROW
    },
    Row { request: "GET /API/v1/wEBHOOK/{id}", shows: &[r#""Name":"sales""#, "/api/v1/Webhook/{id}"], ..ROW },
    Row { headers: &[("Host", "hooks.example:81")], shows: &[r#""Self":"http://hooks.example:81/api/"#], ..ROW },
    Row { headers: &[("Accept", "text/json")], answers: &[("content-type", "text/json; charset=utf-8")], ..ROW },
    Row {
        headers: &[("Accept", "application/xml")],
        answers: &[("content-type", "application/xml; charset=utf-8"), ("etag", "\"7-xml\""), ("vary", "Accept")],
        shows: &[
            "<Webhook><WebhookId>{id}</WebhookId><Name>sales</Name><Events><string>sale.sold</string>",
            "<UpdatedAssociate type=\"null\"/>",
            "<_Links><Self>http://{host}/api/v1/Webhook/{id}</Self>",
        ],
        ..ROW
    },
    Row { headers: &[("Accept", "application/json-patch+json")], answers: &[("content-type", JSON)], ..ROW },
    Row {
        headers: &[("If-None-Match", "\"7\"")],
        status: 304,
        answers: &[("etag", "\"7\""), ("vary", "Accept")],
        ..ROW
    },
    Row { headers: &[("If-None-Match", "\"7-xml\"")], ..ROW },
    Row { headers: &[("If-Match", "\"6\"")], status: 412, ..ROW },
    Row { request: "HEAD /api/v1/Webhook/{id}", answers: &[("etag", "\"7\""), ("content-type", JSON)], ..ROW },
    Row {
        request: "GET /api/v1/Webhook/{id}?$select=name,department,category/id",
        answers: &[("etag", "\"7\"")],
        shows: &[
            r#"{"WebhookId":null,"Name":"sales","Events":null,"TargetUrl":null,"Secret":null,"State":null,"#,
            "_Links",
        ],
        ..ROW
    },
    Row {
        request: "GET /api/v1/Webhook/{id}?%24select=headers/x-key%2CEVENTS",
        shows: &[r#""Events":["sale.sold", "sale.lost"]"#, r#""Headers":{"X-Key":"hush-header","X-Two":null}"#],
        ..ROW
    },
    Row { request: "GET /api/v1/Webhook/{id}?$select=department", shows: &[r#""Name":null"#, "_Links"], ..ROW },
    Row { request: "GET /api/v1/Webhook/{id}?$select=", shows: &[r#""Name":"sales""#], ..ROW },
    Row {
        request: "GET /api/v1/Webhook/{id}?$select=events",
        headers: &[("Accept", "text/xml")],
        shows: &["<Name type=\"null\"/><Events><string>sale.sold</string>"],
        ..ROW
    },
    Row {
        request: "OPTIONS /api/v1/Webhook/{id}",
        headers: &[("Accept", "image/png")],
        status: 204,
        answers: &[("allow", ALLOW), ("accept-patch", ACCEPT_PATCH)],
        ..ROW
    },
    Row {
        request: "OPTIONS /api/v1/agents/webhook/savewebhook",
        status: 204,
        answers: &[("allow", "OPTIONS, POST")],
        ..ROW
    },
    Row {
        request: "GET /api/v1/Webhook/99999",
        status: 404,
        answers: &[("content-type", "application/problem+json")],
        shows: &[
            r#""type":"about:blank","title":"Not Found","status":404,"detail":"Webhook id 99999 not found""#,
            concat!(
                r#""Error":true,"ErrorType":"SoNotFoundException","#,
                r#""ErrorMessage":"Webhook id 99999 not found","ErrorSource":"entity-patch""#,
            ),
        ],
        ..ROW
    },
    Row { request: "OPTIONS /api/v1/Webhook/99999", status: 404, ..ROW },
    Row { request: "GET /api/v1/Webhook/abc", status: 404, shows: &["no-such-path"], ..ROW },
    Row { request: "GET /api/v1/Webhook/99999999999", status: 404, ..ROW },
    Row { request: "GET /", status: 404, ..ROW },
    Row { request: "DELETE /api/v1/Webhook/{id}", status: 405, answers: &[("allow", ALLOW)], ..ROW },
    Row { request: SAVE_GET, status: 405, answers: &[("allow", "OPTIONS, POST")], ..ROW },
    Row { headers: &[("Accept", "image/png")], status: 406, ..ROW },
];

const SAVE_GET: &str = "GET /api/v1/Agents/Webhook/SaveWebhook";

/// PATCH.
const PATCHING: &[Row] = &[
    Row {
        request: PATCH,
        body: RENAME,
        answers: &[("etag", "\"8\""), ("vary", "Accept"), ("content-type", JSON)],
        shows: &[
            r#""Name":"new","Events":["sale.sold", "sale.lost"]"#,
            r#""Self":"http://{host}/api/v1/Webhook/{id}""#,
        ],
        writes: true,
        ..ROW
    },
    Row {
        request: PATCH,
        headers: &[JSON_PATCH],
        body: r#"[{"op":"test","path":"state","value":2},{"op":"add","path":"/EVENTS/-","value":"x"},{"op":"replace","path":"headers/x-key","value":"k"}]"#,
        shows: &[r#""X-Key":"k""#],
        writes: true,
        ..ROW
    },
    Row { request: PATCH, headers: &[MERGE_PATCH], body: RENAME, writes: true, ..ROW },
    Row { request: PATCH, headers: &[("Content-Type", "TEXT/JSON; charset=utf-8")], body: RENAME, writes: true, ..ROW },
    Row {
        request: "PATCH /api/v1/WEBHOOK/{id}?$select=Name",
        body: RENAME,
        shows: &[r#"{"WebhookId":null,"Name":"new","Events":null"#],
        writes: true,
        ..ROW
    },
    Row {
        request: PATCH,
        headers: &[("Accept", "text/xml")],
        body: RENAME,
        answers: &[("etag", "\"8-xml\""), ("content-type", "text/xml; charset=utf-8")],
        shows: &["<Name>new</Name>"],
        writes: true,
        ..ROW
    },
    Row {
        request: PATCH,
        headers: &[("Prefer", "respond-async, return=minimal")],
        body: RENAME,
        status: 204,
        answers: &[("preference-applied", "return=minimal"), ("etag", "\"8\""), ("content-type", "")],
        writes: true,
        ..ROW
    },
    // Nothing changes.
    Row { request: PATCH, body: "{}", answers: &[("etag", "\"7\""), ("last-modified", UPDATED)], ..ROW },
    Row { request: PATCH, body: r#"{"NAME":"sales","state":"stopped"}"#, answers: &[("etag", "\"7\"")], ..ROW },
    Row {
        request: PATCH,
        body: r#"[{"op":"test","path":"/Name","value":"sales"}]"#,
        answers: &[("etag", "\"7\"")],
        ..ROW
    },
    // Preconditions.
    Row { request: PATCH, headers: &[("If-Match", "\"7\"")], body: RENAME, writes: true, ..ROW },
    Row { request: PATCH, headers: &[("If-Match", "\"6\", \"7-xml\"")], body: RENAME, writes: true, ..ROW },
    Row { request: PATCH, headers: &[("If-Match", "*")], body: RENAME, writes: true, ..ROW },
    Row { request: PATCH, headers: &[("If-Unmodified-Since", UPDATED)], body: RENAME, writes: true, ..ROW },
    Row { request: PATCH, headers: &[("If-Unmodified-Since", "last week")], body: RENAME, writes: true, ..ROW },
    Row {
        request: PATCH,
        headers: &[("If-Match", "\"7\""), ("If-Unmodified-Since", BEFORE)],
        body: RENAME,
        writes: true,
        ..ROW
    },
    Row {
        request: PATCH,
        headers: &[("If-Match", "\"6\"")],
        body: RENAME,
        status: 412,
        shows: &[r#""code":"precondition-failed""#, "SoPreconditionFailedException"],
        ..ROW
    },
    Row { request: PATCH, headers: &[("If-Match", "W/\"7\"")], body: RENAME, status: 412, ..ROW },
    Row { request: PATCH, headers: &[("If-Match", "7")], body: RENAME, status: 412, ..ROW },
    Row { request: PATCH, headers: &[("If-Unmodified-Since", BEFORE)], body: RENAME, status: 412, ..ROW },
    Row { request: PATCH, headers: &[("If-None-Match", "*")], body: RENAME, status: 412, ..ROW },
    // The order of the checks.
    Row { request: "PATCH /api/v1/Webhook/99999", headers: &[("Accept", "image/png")], body: "{", status: 404, ..ROW },
    Row { request: "POST /api/v1/Webhook/{id}", headers: &[("Accept", "image/png")], body: "{", status: 405, ..ROW },
    Row {
        request: PATCH,
        headers: &[("Accept", "image/png"), ("Content-Type", "text/plain")],
        body: "{",
        status: 406,
        ..ROW
    },
    Row {
        request: PATCH,
        headers: &[("Content-Type", "text/plain"), ("If-Match", "\"6\"")],
        body: "{",
        status: 415,
        answers: &[("accept-patch", ACCEPT_PATCH)],
        ..ROW
    },
    Row { request: PATCH, headers: &[("Content-Encoding", "gzip")], body: "{}", status: 415, ..ROW },
    Row { request: PATCH, headers: &[XML], body: "<Webhook/>", status: 415, ..ROW },
    Row { request: PATCH, headers: &[("If-Match", "\"6\"")], body: "{", status: 412, ..ROW },
    // The body.
    Row { request: PATCH, status: 400, shows: &["missing-body"], ..ROW },
    Row { request: PATCH, body: "{", status: 400, shows: &["malformed-json", "SoBadRequestException"], ..ROW },
    Row { request: PATCH, body: "7", status: 400, shows: &["not-an-object"], ..ROW },
    Row { request: PATCH, headers: &[JSON_PATCH], body: "{}", status: 400, shows: &["not-an-array"], ..ROW },
    Row { request: PATCH, headers: &[MERGE_PATCH], body: "[]", status: 400, shows: &["not-an-object"], ..ROW },
    Row { request: PATCH, body: r#"{"Name":"a","name":"b"}"#, status: 400, shows: &["duplicate-name"], ..ROW },
    Row {
        request: PATCH,
        body: r#"[{"op":"test","path":"/Secret","value":"guess"}]"#,
        status: 409,
        shows: &[
            r#""code":"test-failed","operation":0,"path":"/Secret","Error":true,"ErrorType":"SoConflictException""#,
        ],
        ..ROW
    },
    Row {
        request: PATCH,
        body: r#"[{"op":"replace","path":"/Name","value":"new"},{"op":"remove","path":"/Events/2"}]"#,
        status: 409,
        shows: &[r#""code":"index-out-of-bounds","operation":1"#],
        ..ROW
    },
    Row {
        request: PATCH,
        body: r#"[{"op":"move","from":"/Name","path":"/Type"}]"#,
        status: 422,
        shows: &["unsupported-operation", "SoValidationException"],
        ..ROW
    },
    Row {
        request: PATCH,
        body: r#"{"Nmae":"new"}"#,
        status: 422,
        shows: &["unknown-member", r#""path":"/Nmae""#],
        ..ROW
    },
    Row { request: PATCH, body: r#"{"WebhookId":1000000}"#, status: 422, shows: &["read-only"], ..ROW },
    Row { request: PATCH, body: r#"{"Updated":"2030-01-01T00:00:00Z"}"#, status: 422, shows: &["read-only"], ..ROW },
    Row { request: PATCH, body: r#"{"Registered":null}"#, status: 422, shows: &["read-only"], ..ROW },
    Row { request: PATCH, body: r#"{"Secret":7}"#, status: 422, shows: &["invalid-value"], ..ROW },
    Row { request: PATCH, body: r#"{"State":null}"#, shows: &[r#""State":"Active""#], writes: true, ..ROW },
];

/// PUT.
const PUTTING: &[Row] = &[
    Row {
        request: PUT,
        body: RENAME,
        // The body is not what is stored now: it has no validators.
        answers: &[("etag", ""), ("last-modified", ""), ("content-type", JSON), ("vary", "Accept")],
        shows: &[
            r#""Name":"new","Events":null,"TargetUrl":null,"Secret":null,"State":"Active""#,
            r#""Registered":"2020-01-01T00:00:00Z""#,
            r#""Newer":{"a":1}"#,
            r#""Self":"http://{host}/api/v1/Webhook/{id}""#,
        ],
        writes: true,
        ..ROW
    },
    Row {
        request: "PUT /api/v1/Webhook/{id}?$select=name",
        headers: &[("Content-Type", "text/json"), ("Accept", "application/xml")],
        body: RENAME,
        answers: &[("content-type", "application/xml; charset=utf-8")],
        shows: &["<Name>new</Name><Events type=\"null\"/>"],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[("Prefer", "return=minimal")],
        body: RENAME,
        status: 204,
        answers: &[("preference-applied", "return=minimal"), ("etag", "")],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<Webhook><name>new</name><Events><string>a</string></Events><State>3</State><Headers><X-Key>k</X-Key></Headers>\
               <Properties><n type=\"number\">1.5</n></Properties><Updated>whenever</Updated></Webhook>",
        shows: &[
            r#""Name":"new","Events":["a"]"#,
            r#""State":"TooManyErrors""#,
            r#""Headers":{"X-Key":"k"},"Properties":{"n":1.5}"#,
        ],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[("Content-Type", "text/xml; charset=utf-8")],
        body: "<Webhook/>",
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[FORM],
        body: "Name=new+name&Events=one&headers[X-Key]=k&State=1&Secret=%68",
        shows: &[
            r#""Name":"new name","Events":["one"]"#,
            r#""Secret":"h","State":"Active""#,
            r#""Headers":{"X-Key":"k"}"#,
        ],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[FORM],
        body: "Events=one&events=two",
        shows: &[r#"["one","two"]"#],
        writes: true,
        ..ROW
    },
    Row { request: PUT, headers: &[("If-Match", "\"7\"")], body: RENAME, writes: true, ..ROW },
    Row { request: PUT, headers: &[("If-Match", "\"6\"")], body: RENAME, status: 412, ..ROW },
    Row { request: PUT, headers: &[("If-Unmodified-Since", UPDATED)], body: RENAME, writes: true, ..ROW },
    Row { request: PUT, headers: &[("If-Unmodified-Since", BEFORE)], body: RENAME, status: 412, ..ROW },
    Row { request: "PUT /api/v1/Webhook/99999", body: RENAME, status: 404, ..ROW },
    Row {
        request: PUT,
        headers: &[JSON_PATCH, ("If-Match", "\"6\"")],
        body: "[]",
        status: 415,
        answers: &[("accept-patch", ACCEPT_PATCH), ("accept", READABLE)],
        ..ROW
    },
    Row { request: PUT, headers: &[MERGE_PATCH], body: "{}", status: 415, ..ROW },
    Row {
        request: PUT,
        headers: &[("Content-Type", "multipart/form-data; boundary=a")],
        body: "a",
        status: 415,
        ..ROW
    },
    Row { request: PUT, status: 400, shows: &["missing-body"], ..ROW },
    Row { request: PUT, headers: &[XML], status: 400, shows: &["missing-body"], ..ROW },
    Row { request: PUT, headers: &[FORM], status: 400, shows: &["missing-body"], ..ROW },
    Row { request: PUT, body: "[]", status: 400, shows: &["not-an-object"], ..ROW },
    Row { request: PUT, body: r#"{"Name":"a","NAME":"a"}"#, status: 400, shows: &["duplicate-name"], ..ROW },
    Row { request: PUT, headers: &[FORM], body: "Name=a&name=b", status: 400, shows: &["duplicate-name"], ..ROW },
    Row { request: PUT, headers: &[FORM], body: "Name=%", status: 400, shows: &["malformed-form"], ..ROW },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<Webhook><Name>a</Name><name>b</name></Webhook>",
        status: 400,
        shows: &["duplicate-name", r#""detail":"a name stands twice in one object""#],
        ..ROW
    },
    Row { request: PUT, headers: &[XML], body: "<Webhook>", status: 400, shows: &["malformed-xml"], ..ROW },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<!DOCTYPE Webhook [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><Webhook><Name>&b;</Name></Webhook>",
        status: 400,
        shows: &["malformed-xml", "document type"],
        ..ROW
    },
    Row { request: PUT, body: r#"{"WebhookId":1000000}"#, status: 422, shows: &["read-only"], ..ROW },
    Row { request: PUT, body: r#"{"Nmae":"new"}"#, status: 422, shows: &["unknown-member"], ..ROW },
    Row { request: PUT, headers: &[FORM], body: "Nmae=new", status: 422, shows: &["unknown-member"], ..ROW },
    Row { request: PUT, body: r#"{"Secret":["hush-sent"]}"#, status: 422, shows: &["invalid-value"], ..ROW },
];

/// SaveWebhook.
const SAVING: &[Row] = &[
    Row {
        request: SAVE,
        body: r#"{"WebhookId":{id},"Name":"new"}"#,
        answers: &[("etag", ""), ("content-type", JSON)],
        shows: &[r#"{"WebhookId":{id},"Name":"new","Events":null"#],
        writes: true,
        ..ROW
    },
    Row {
        request: "POST /API/V1/AGENTS/WEBHOOK/SAVEWEBHOOK",
        headers: &[XML, ("Accept", "application/xml")],
        body: "<Webhook><WebhookId>{id}</WebhookId><Name>new</Name></Webhook>",
        shows: &["<WebhookId>{id}</WebhookId><Name>new</Name>"],
        writes: true,
        ..ROW
    },
    Row { request: SAVE, headers: &[FORM], body: "WebhookId={id}&Name=new", writes: true, ..ROW },
    Row { request: SAVE, headers: &[("If-Match", "\"6\"")], body: r#"{"WebhookId":{id}}"#, status: 412, ..ROW },
    Row { request: SAVE, headers: &[("If-Match", "\"7\"")], body: r#"{"WebhookId":{id}}"#, writes: true, ..ROW },
    Row { request: SAVE, headers: &[("If-Match", "*")], body: r#"{"Name":"new"}"#, status: 412, ..ROW },
    Row { request: SAVE, body: r#"{"WebhookId":99999}"#, status: 404, shows: &["Webhook id 99999 not found"], ..ROW },
    Row { request: SAVE, body: r#"{"WebhookId":99999999999}"#, status: 404, ..ROW },
    Row { request: SAVE, body: r#"{"WebhookId":-1}"#, status: 404, ..ROW },
    Row { request: SAVE, body: r#"{"WebhookId":"x"}"#, status: 422, shows: &["invalid-value"], ..ROW },
    Row { request: SAVE, body: r#"{"Name":7}"#, status: 422, shows: &["invalid-value"], ..ROW },
    Row { request: SAVE, status: 400, shows: &["missing-body"], ..ROW },
    Row { request: SAVE, headers: &[MERGE_PATCH], body: "{}", status: 415, answers: &[("accept", READABLE)], ..ROW },
];

/// What `--unknown-members ignore` changes.
const IGNORING: &[Row] = &[
    Row { request: PATCH, body: r#"{"Nmae":"x","Name":"new"}"#, shows: &[r#""Name":"new""#], writes: true, ..ROW },
    Row { request: PATCH, body: r#"{"Nmae":"x"}"#, answers: &[("etag", "\"7\"")], ..ROW },
    Row {
        request: PATCH,
        body: r#"[{"op":"test","path":"/Nmae","value":"x"}]"#,
        status: 409,
        shows: &["not-found"],
        ..ROW
    },
    Row { request: PUT, body: r#"{"Nmae":"x","Name":"new"}"#, writes: true, ..ROW },
    Row { request: PUT, headers: &[XML], body: "<Webhook><Nmae>x</Nmae></Webhook>", writes: true, ..ROW },
];

#[track_caller]
fn check(server: &Server, id: i32, row: &Row) {
    let fill = |text: &str| text.replace("{id}", &id.to_string()).replace("{host}", &server.address);
    let label = format!("{} {:?} {}", row.request, row.headers, row.body);
    server.insert(&stored(id), 7);
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

fn check_all(options: &[&str], rows: &[Row]) {
    let server = Server::start(options);
    for (id, row) in (1..).zip(rows) {
        // Ids that SaveWebhook gives out are above these.
        check(&server, 1000 * id, row);
    }
    let log = server.log();
    assert!(!log.contains("hush") && !log.contains("sales"), "{log}");
}

#[test]
fn reading() {
    check_all(&[], READING);
}

#[test]
fn patching() {
    check_all(&[], PATCHING);
}

#[test]
fn putting() {
    check_all(&[], PUTTING);
}

#[test]
fn saving() {
    check_all(&[], SAVING);
}

#[test]
fn ignoring_unknown_members() {
    check_all(&["--unknown-members", "ignore"], IGNORING);
}

#[test]
fn a_put_of_what_a_get_shows_stores_the_body_as_sent() {
    let server = Server::start(&[]);
    server.insert(&stored(1), 7);
    for (media_type, tag) in [("application/json", "\"7\""), ("application/xml", "\"7-xml\"")] {
        let shown = server.send("GET", "/api/v1/Webhook/1", &[("Accept", media_type)], b"");
        let headers = [("Accept", media_type), ("Content-Type", media_type)];
        let put = server.send("PUT", "/api/v1/Webhook/1", &headers, &shown.body);
        assert_eq!((put.status, put.header("etag"), put.header("last-modified")), (200, Some(tag), Some(UPDATED)));
        assert_eq!(put.text(), shown.text());
    }
    assert_eq!(server.stored(1).unwrap().1, 7, "nothing has changed");
}

#[test]
fn save_creates_and_stamps() {
    let server = Server::start(&[]);
    let bodies: [(&str, &str); 5] = [
        ("application/json", r#"{"Name":"sales","Registered":"1999-01-01T00:00:00Z","Updated":5}"#),
        ("application/json", r#"{"WebhookId":0,"Name":"sales"}"#),
        ("application/json", r#"{"webhookid":null,"Name":"sales"}"#),
        ("application/xml", "<Webhook><WebhookId>0</WebhookId><Name>sales</Name></Webhook>"),
        ("application/x-www-form-urlencoded", "WebhookId=&Name=sales"),
    ];
    for (id, (media_type, body)) in (1..).zip(bodies) {
        let headers = [("Content-Type", media_type)];
        let created = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &headers, body.as_bytes());
        assert_eq!(created.status, 200, "{body}: {}", created.text());
        let json = created.json();
        assert_eq!(
            (&json["WebhookId"], &json["Name"], &json["State"]),
            (&json!(id), &json!("sales"), &json!("Active"))
        );
        assert!(json["Registered"].as_str().is_some_and(|registered| registered > "2024"), "{body}");
        assert_eq!(json["Registered"], json["Updated"], "{body}");
        assert_eq!(json.get("_Links"), None, "{body}");
        assert_eq!(server.stored(id).unwrap(), (created.text().to_owned(), 1));
    }
}

#[test]
fn updated_is_never_earlier_than_before() {
    let server = Server::start(&[]);
    let future = "2999-01-01T00:00:00+01:00";
    server.insert(&Webhook { webhook_id: 1, updated: Some(future.parse().unwrap()), ..Webhook::default() }, 1);
    let patched = server.send("PATCH", "/api/v1/Webhook/1", &[], RENAME.as_bytes());
    assert_eq!((patched.header("etag"), &patched.json()["Updated"]), (Some("\"2\""), &json!(future)));
    assert_eq!(patched.header("last-modified"), None, "a date that is still to come is not told");
    let unmodified = [("If-Unmodified-Since", "Mon, 31 Dec 2998 22:59:59 GMT")];
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &unmodified, b"{}").status, 412);
}

#[test]
fn a_row_that_is_no_webhook_is_the_servers_fault() {
    let server = Server::start(&[]);
    server.execute("INSERT INTO webhook (id, entity, version) VALUES (1, '{\"Secret\":\"hush\"', 1)");
    for (method, body) in [("GET", ""), ("PATCH", "{}"), ("PUT", "{}")] {
        let answer = server.send(method, "/api/v1/Webhook/1", &[], body.as_bytes());
        assert_eq!((answer.status, &answer.json()["code"]), (500, &json!("malformed-target")), "{method}");
        assert!(!answer.text().contains("hush") && !server.log().contains("hush"), "{method}");
    }
}

#[test]
fn what_is_stored_is_what_is_shown() {
    let server = Server::start(&[]);
    server.insert(&stored(1), 1);
    let body = r#"[{"op":"add","path":"/Properties/exact","value":12345678901234567890.123456789}]"#;
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], body.as_bytes()).status, 200);
    let patched = server.send("PATCH", "/api/v1/Webhook/1", &[], RENAME.as_bytes());
    assert_eq!(patched.status, 200);
    // What a patch does not touch keeps its bytes, and what is stored is what is shown.
    let (stored, _) = server.stored(1).unwrap();
    let shown = server.send("GET", "/api/v1/Webhook/1", &[], b"");
    let properties = |text: &str| text[text.find("\"Properties\"").unwrap()..].split('}').next().unwrap().to_owned();
    assert_eq!(properties(shown.text()), properties(&stored));
}

/// Requests that no client library would send, and the beginnings of their answers.
#[test]
fn bodies_are_read_up_to_the_limit() {
    let server = Server::start(&[]);
    server.insert(&stored(1), 7);
    let head = |method: &str, headers: &str| {
        format!("{method} /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let limit = 1 << 20;
    let in_chunks = |length: usize| format!("{length:x}\r\n{}\r\n0\r\n\r\n", " ".repeat(length));
    let rows = [
        // It says that it is too long: nothing of it is read.
        (head("PATCH", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "413"),
        (head("PUT", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "413"),
        (head("PATCH", "Transfer-Encoding: chunked\r\n"), in_chunks(limit + 1), "413"),
        (head("PUT", "Content-Type: text/xml\r\nTransfer-Encoding: chunked\r\n"), in_chunks(limit + 1), "413"),
        // At the limit it is only empty.
        (head("PATCH", "Transfer-Encoding: chunked\r\n"), in_chunks(limit), "400"),
        // An earlier check comes first.
        (head("PATCH", &format!("If-Match: \"6\"\r\nContent-Length: {}\r\n", limit + 1)), String::new(), "412"),
        (head("DELETE", &format!("Content-Length: {}\r\n", limit + 1)), String::new(), "405"),
    ];
    for (head, body, status) in rows {
        let answer = server.send_raw(format!("{head}{body}").as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}{answer}");
    }
    assert_eq!(server.stored(1).unwrap().1, 7);
}

#[test]
fn a_request_without_a_host_is_answered_with_the_servers_own() {
    let server = Server::start(&[]);
    server.insert(&stored(1), 7);
    let answer = server.send_raw(b"GET /api/v1/Webhook/1 HTTP/1.0\r\n\r\n");
    assert!(answer.contains(&format!("http://{}/api/v1/Webhook/1", server.address)), "{answer}");
    let answer = server.send_raw(
        b"GET http://user:pass@other.example/api/v1/Webhook/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.contains("\"http://other.example/api/v1/Webhook/1\""), "{answer}");
}

#[test]
fn no_deep_body_ends_the_server() {
    let server = Server::start(&[]);
    server.insert(&stored(1), 7);
    let nested = |open: &str, close: &str, levels: usize| format!("{}{}", open.repeat(levels), close.repeat(levels));
    let xml = format!("<Webhook><Properties>{}</Properties></Webhook>", nested("<a>", "</a>", 100_000));
    let rows = [
        ("PATCH", "application/json", format!(r#"{{"Properties":{}}}"#, nested(r#"{"a":["#, "]}", 100_000)), 422),
        ("PUT", "application/json", format!(r#"{{"Properties":{}}}"#, nested("[", "]", 100_000)), 422),
        ("PUT", "application/xml", xml, 422),
    ];
    for (method, media_type, body, status) in rows {
        let answer = server.send(method, "/api/v1/Webhook/1", &[("Content-Type", media_type)], body.as_bytes());
        assert_eq!(answer.status, status, "{method} {media_type}: {}", answer.text());
        assert_eq!(answer.json()["code"], "too-deep");
    }
}
