//! PUT and the agents that write.

use entity_patch::superoffice::Webhook;
use serde_json::json;

use crate::{
    harness::{Kind, Server, on_both},
    rows::*,
};

fn putting(kind: Kind) {
    check_all(kind, &[], PUTTING);
}

fn saving(kind: Kind) {
    check_all(kind, &[], SAVING);
}

on_both!(
    putting,
    saving,
    a_put_of_what_a_get_shows_stores_the_body_as_sent,
    save_creates_and_stamps,
    a_post_to_the_list_creates,
    webhooks_are_deleted,
    where_no_id_is_left_none_is_given_out,
    webhooks_are_listed,
    an_entity_grows_up_to_the_limit,
    updated_is_never_earlier_than_before,
    a_row_that_is_no_webhook_is_the_servers_fault,
    what_is_stored_is_what_is_shown,
);

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
    // The types of patches carry the JSON of an entity here.
    Row { request: PUT, headers: &[JSON_PATCH], body: RENAME, writes: true, ..ROW },
    Row { request: PUT, headers: &[MERGE_PATCH], body: RENAME, writes: true, ..ROW },
    Row { request: PUT, headers: &[JSON_PATCH], body: "[]", status: 400, shows: &["not-an-object"], ..ROW },
    Row {
        request: PUT,
        headers: &[MERGE_PATCH],
        body: "null",
        status: 400,
        shows: &["not-an-object", r#""a webhook is sent as an object, such as {\"Name\": \"sales\"}""#],
        ..ROW
    },
    Row { request: PUT, headers: &[("Prefer", "handling=lenient")], body: r#"{"Nmae":"x"}"#, writes: true, ..ROW },
    // Codings and encodings.
    Row {
        request: PUT,
        headers: &[("Content-Encoding", "gzip")],
        body: RENAME,
        status: 415,
        answers: &[("accept-encoding", "identity"), ("accept", ""), ("accept-patch", "")],
        shows: &["must not be compressed"],
        ..ROW
    },
    Row { request: PUT, headers: &[("Content-Encoding", "")], body: RENAME, writes: true, ..ROW },
    Row { request: PUT, headers: &[("Content-Encoding", "identity")], body: RENAME, writes: true, ..ROW },
    Row {
        request: PUT,
        headers: &[("Content-Type", "text/xml; charset=\"UTF-16\"")],
        body: "<Webhook/>",
        status: 415,
        shows: &["charset"],
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[("Content-Type", "application/x-www-form-urlencoded; charset=us-ascii")],
        body: "Name=a",
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<?xml version='1.0' encoding='US-ASCII'?><Webhook><Name>new</Name></Webhook>",
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<?xml version='1.0' encoding='iso-8859-1'?><Webhook/>",
        status: 415,
        shows: &["its encoding has to be UTF-8 or US-ASCII"],
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<Webhook xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><Secret xsi:nil=\"1\"/><Name xsi:nil='0'>n</Name></Webhook>",
        shows: &[r#""Name":"n""#, r#""Secret":null"#],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<Webhook><WebhookId type=\"integer\">1</WebhookId></Webhook>",
        status: 400,
        shows: &["a `type` is none of null, boolean, number, string, json, array and object"],
        ..ROW
    },
    Row { request: PUT, headers: &[XML], body: "<Webhook nil='maybe'/>", status: 400, shows: &["a `nil` is"], ..ROW },
    Row {
        request: PUT,
        headers: &[XML],
        body: "<Webhook id='1'/>",
        status: 400,
        shows: &["an attribute other than `type`, `nil` and `xmlns`"],
        ..ROW
    },
    // Forms.
    Row {
        request: PUT,
        headers: &[FORM],
        body: "Events[]=a&Events[]=b&Properties[a][b]=1&Properties[a][c]=2",
        shows: &[r#""Events":["a","b"]"#, r#""Properties":{"a":{"b":"1","c":"2"}}"#],
        writes: true,
        ..ROW
    },
    Row {
        request: PUT,
        headers: &[FORM],
        body: "events[0]=a&Events[1]=b",
        shows: &[r#"["a","b"]"#],
        writes: true,
        ..ROW
    },
    Row { request: PUT, headers: &[FORM], body: "Events[7]=a", status: 400, shows: &["`Events[7]`"], ..ROW },
    Row {
        request: PUT,
        headers: &[FORM],
        body: "Headers%5B%22X%22%5D=a",
        status: 400,
        shows: &["`Headers[", "quotes"],
        ..ROW
    },
    Row { request: PUT, headers: &[FORM], body: "Headers[]=a", status: 400, shows: &["`Headers[]`", "empty"], ..ROW },
    Row { request: PUT, headers: &[FORM], body: "Name[a]=a", status: 400, shows: &["`Name[a]`"], ..ROW },
    Row { request: PUT, headers: &[FORM], body: "Headers[X=a", status: 400, shows: &["`Headers[X`"], ..ROW },
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
        shows: &["duplicate-name", r#""detail":"a name occurs twice in one object""#],
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
    Row { request: SAVE, headers: &[MERGE_PATCH], body: r#"{"WebhookId":{id},"Name":"new"}"#, writes: true, ..ROW },
    Row { request: SAVE, headers: &[JSON_PATCH], body: "[]", status: 400, shows: &["not-an-object"], ..ROW },
    Row {
        request: SAVE,
        headers: &[("Content-Type", "text/plain")],
        body: "{}",
        status: 415,
        answers: &[("accept", READABLE), ("accept-patch", "")],
        ..ROW
    },
    Row {
        request: SAVE,
        headers: &[("Content-Encoding", "br")],
        body: "{}",
        status: 415,
        answers: &[("accept-encoding", "identity"), ("accept-patch", "")],
        ..ROW
    },
    // What a browser sends for a page of another site.
    Row {
        request: SAVE,
        headers: &[FORM, ("Sec-Fetch-Site", "cross-site")],
        body: "WebhookId={id}&Name=new",
        status: 403,
        shows: &["SoForbiddenException"],
        ..ROW
    },
    Row {
        request: SAVE,
        headers: &[("Sec-Fetch-Site", "same-origin")],
        body: r#"{"WebhookId":{id},"Name":"new"}"#,
        writes: true,
        ..ROW
    },
];

fn a_put_of_what_a_get_shows_stores_the_body_as_sent(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    for (media_type, tag) in [("application/json", "\"7\""), ("application/xml", "\"7-xml\"")] {
        let shown = server.send("GET", "/api/v1/Webhook/1", &[("Accept", media_type)], b"");
        let headers = [("Accept", media_type), ("Content-Type", media_type)];
        let put = server.send("PUT", "/api/v1/Webhook/1", &headers, &shown.body);
        assert_eq!((put.status, put.header("etag"), put.header("last-modified")), (200, Some(tag), Some(UPDATED)));
        assert_eq!(put.text(), shown.text());
    }
    assert_eq!(server.stored(1).unwrap().1, 7, "nothing has changed");
}

fn save_creates_and_stamps(kind: Kind) {
    let server = Server::on(kind, &[]);
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

fn updated_is_never_earlier_than_before(kind: Kind) {
    let server = Server::on(kind, &[]);
    let future = "2999-01-01T00:00:00+01:00";
    server.insert(&Webhook { webhook_id: 1, updated: Some(future.parse().unwrap()), ..Webhook::default() }, 1);
    let patched = server.send("PATCH", "/api/v1/Webhook/1", &[], RENAME.as_bytes());
    assert_eq!((patched.header("etag"), &patched.json()["Updated"]), (Some("\"2\""), &json!(future)));
    assert_eq!(patched.header("last-modified"), None, "a date that is still to come is not told");
    let unmodified = [("If-Unmodified-Since", "Mon, 31 Dec 2998 22:59:59 GMT")];
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &unmodified, b"{}").status, 412);
}

fn a_row_that_is_no_webhook_is_the_servers_fault(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert_json(1, "{\"Secret\":\"hush\"", 1);
    for (method, body) in [("GET", ""), ("PATCH", "{}"), ("PUT", "{}")] {
        let answer = server.send(method, "/api/v1/Webhook/1", &[], body.as_bytes());
        assert_eq!((answer.status, &answer.json()["code"]), (500, &json!("malformed-target")), "{method}");
        assert!(!answer.text().contains("hush") && !server.log().contains("hush"), "{method}");
    }
}

fn what_is_stored_is_what_is_shown(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 1);
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

fn a_post_to_the_list_creates(kind: Kind) {
    let server = Server::on(kind, &[]);
    for (path, id) in [("/api/v1/Webhook", 1), ("/api/v1/webhook/", 2)] {
        let created = server.send("POST", path, &[], br#"{"WebhookId":0,"name":"sales"}"#);
        assert_eq!((created.status, created.header("etag")), (201, Some("\"1\"")), "{}", created.text());
        let location = format!("http://{}/api/v1/Webhook/{id}", server.address);
        assert_eq!(created.header("location"), Some(location.as_str()));
        assert_eq!((&created.json()["WebhookId"], &created.json()["_Links"]["Self"]), (&json!(id), &json!(location)));
        assert_eq!(server.stored(id).unwrap().1, 1);
    }
    let with_id = server.send("POST", "/api/v1/Webhook", &[], br#"{"WebhookId":1}"#);
    assert_eq!((with_id.status, &with_id.json()["code"]), (422, &json!("read-only")));
    let condition = server.send("POST", "/api/v1/Webhook", &[("If-Match", "*")], b"{}");
    assert_eq!(condition.status, 412);
}

/// Header fields of a request.
type Fields<'f> = &'f [(&'f str, &'f str)];

fn webhooks_are_deleted(kind: Kind) {
    const AGENT: &str = "/api/v1/Agents/Webhook/DeleteWebhook?WebhookId=";

    let server = Server::on(kind, &[]);
    for id in 1..=4 {
        server.insert(&webhook(id), 7);
    }
    let rows: [(&str, &str, Fields<'_>, u16); 9] = [
        ("DELETE", "/api/v1/Webhook/1", &[("If-Match", "\"6\"")], 412),
        ("DELETE", "/api/v1/Webhook/1", &[("If-Unmodified-Since", BEFORE)], 412),
        ("DELETE", "/api/v1/Webhook/1", &[("If-Match", "\"7\"")], 204),
        ("DELETE", "/api/v1/Webhook/1", &[], 404),
        ("DELETE", "/api/v1/Webhook/2", &[("Accept", "application/xml")], 204),
        ("POST", &format!("{AGENT}3"), &[], 204),
        ("POST", &format!("{AGENT}3"), &[], 404),
        ("POST", &format!("{AGENT}4"), &[("Sec-Fetch-Site", "cross-site")], 403),
        ("POST", AGENT, &[], 400),
    ];
    for (method, path, headers, status) in rows {
        let answer = server.send(method, path, headers, b"");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
    }
    assert!((1..4).all(|id| server.stored(id).is_none()) && server.stored(4).is_some());
    // The id of a webhook that is gone is not given out again.
    let created = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &[], b"{}");
    assert!(kind == Kind::Postgres || created.json()["WebhookId"] == 5, "{}", created.text());
}

fn where_no_id_is_left_none_is_given_out(kind: Kind) {
    let server = Server::on(kind, &[]);
    server.insert(&webhook(i32::MAX), 7);
    if kind == Kind::Postgres {
        server.execute("SELECT setval(pg_get_serial_sequence('webhook', 'id'), 2147483647)");
    }
    for path in ["/api/v1/Webhook", "/api/v1/Agents/Webhook/SaveWebhook"] {
        let refused = server.send("POST", path, &[], RENAME.as_bytes());
        assert_eq!((refused.status, &refused.json()["code"]), (507, &json!("storage-full")), "{}", refused.text());
    }
    let path = format!("/api/v1/Webhook/{}", i32::MAX);
    assert_eq!(server.send("PATCH", &path, &[], RENAME.as_bytes()).json()["Name"], "new");
    assert_eq!(server.send("DELETE", &path, &[], b"").status, 204);
    assert_eq!(server.send("POST", "/api/v1/Webhook", &[], b"{}").status, 507, "none is given out again");
}

fn webhooks_are_listed(kind: Kind) {
    let server = Server::on(kind, &[]);
    // More than are read at once.
    for id in 1..=40 {
        let state = if id % 2 == 0 { "Stopped" } else { "Active" };
        let body = json!({ "Name": format!("n{}", id % 10), "Events": [format!("e{}", id % 4)], "State": state });
        let saved = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &[], body.to_string().as_bytes());
        assert_eq!(saved.status, 200);
    }
    let ids = |filters: &str| -> Vec<i64> {
        let listed = server.send("POST", "/api/v1/Agents/Webhook/GetAllWebhooks", &[], filters.as_bytes());
        assert_eq!(listed.status, 200, "{filters}: {}", listed.text());
        listed.json().as_array().unwrap().iter().map(|webhook| webhook["WebhookId"].as_i64().unwrap()).collect()
    };
    let all: Vec<i64> = (1..=40).collect();
    let of = |fits: fn(i64) -> bool| all.iter().copied().filter(|id| fits(*id)).collect::<Vec<_>>();
    let rows = [
        ("", all.clone()),
        ("{}", all.clone()),
        (r#"{"NameFilter":null,"EventFilter":null,"StatusFilter":"Unknown"}"#, all.clone()),
        (r#"{"nameFilter":"n3"}"#, of(|id| id % 10 == 3)),
        (r#"{"nameFilter":"n"}"#, vec![]),
        (r#"{"eventFilter":"e1"}"#, of(|id| id % 4 == 1)),
        (r#"{"statusFilter":"Stopped"}"#, of(|id| id % 2 == 0)),
        (r#"{"statusFilter":1}"#, of(|id| id % 2 == 1)),
        (r#"{"nameFilter":"n1","eventFilter":"e1","statusFilter":"active"}"#, of(|id| id % 10 == 1 && id % 4 == 1)),
    ];
    for (filters, expected) in rows {
        assert_eq!(ids(filters), expected, "{filters}");
    }
    let xml = server.send(
        "POST",
        "/api/v1/Agents/Webhook/GetAllWebhooks?$select=name",
        &[("Accept", "text/xml")],
        br#"{"nameFilter":"n3"}"#,
    );
    assert_eq!(xml.text().matches("<Webhook><WebhookId type=\"null\"/><Name>n3</Name>").count(), 4, "{}", xml.text());
    assert!(xml.text().ends_with("</Webhook></ArrayOfWebhook>"), "{}", xml.text());
    let rows = [
        (("Accept", "*/*"), "[]", 400, "filters are sent as an object"),
        (MERGE_PATCH, "null", 400, "filters are sent as an object"),
        (("Accept", "*/*"), r#"{"nmae":1}"#, 422, "unknown-member"),
        (("Accept", "*/*"), r#"{"nameFilter":1}"#, 422, "invalid-value"),
        (("Content-Encoding", "gzip"), "{}", 415, "must not be compressed"),
        (("Content-Type", "application/json; charset=utf-16"), "{}", 415, "charset"),
        (XML, "<Filters/>", 415, "the body has to be one of application/json, text/json"),
        (("Content-Type", "text/plain"), "", 415, "the body has to be one of application/json, text/json"),
    ];
    for (header, filters, status, shown) in rows {
        let refused = server.send("POST", "/api/v1/Agents/Webhook/GetAllWebhooks", &[header], filters.as_bytes());
        assert_eq!(refused.status, status, "{header:?} {filters}: {}", refused.text());
        assert!(refused.text().contains(shown) && refused.header("accept-patch").is_none(), "{}", refused.text());
    }
}

/// What one request cannot store, many cannot either.
fn an_entity_grows_up_to_the_limit(kind: Kind) {
    let server = Server::on(kind, &["--entity-limit", "100000"]);
    server.insert(&webhook(1), 7);
    let mut last = 0;
    for number in 0..20 {
        let body = json!([{ "op": "add", "path": format!("/Properties/{number}"), "value": "x".repeat(9_000) }]);
        let answer = server.send("PATCH", "/api/v1/Webhook/1", &[], body.to_string().as_bytes());
        let is_small = (number + 2) * 9_000 < 100_000;
        match answer.status {
            200 => assert!(number == last, "one that is too large is followed by none that fits"),
            status => assert!(!is_small && status == 422 && answer.json()["code"] == "entity-too-large", "{status}"),
        }
        last = if answer.status == 200 { number + 1 } else { last };
    }
    let (json, _) = server.stored(1).unwrap();
    assert!((90_000..=100_000).contains(&json.len()), "{}", json.len());
    let large = json!({ "Name": "x".repeat(200_000) }).to_string();
    for path in ["/api/v1/Agents/Webhook/SaveWebhook", "/api/v1/Webhook"] {
        assert_eq!(server.send("POST", path, &[], large.as_bytes()).json()["code"], "entity-too-large");
    }
    assert_eq!(server.send("PUT", "/api/v1/Webhook/1", &[], large.as_bytes()).json()["code"], "entity-too-large");
    // The way back.
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], br#"{"Properties":null}"#).status, 200);
}
