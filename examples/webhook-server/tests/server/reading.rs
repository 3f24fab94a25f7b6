//! GET, HEAD, OPTIONS, and what names no webhook.

use entity_patch::http::ACCEPT_PATCH;

use crate::{
    harness::{Kind, on_both},
    rows::*,
};

fn reading(kind: Kind) {
    check_all(kind, &[], READING);
}

on_both!(reading);

/// GET, OPTIONS, and what names no webhook.
const READING: &[Row] = &[
    Row {
        answers: &[
            ("etag", "\"7\""),
            ("last-modified", UPDATED),
            ("vary", "Accept"),
            ("cache-control", "no-cache"),
            ("content-type", JSON),
        ],
        shows: &[
            r#""Name":"sales""#,
            r#""Newer":{"a":1}"#,
            r#""_Links":{"Self":"http://{host}/api/v1/Webhook/{id}","Archive":"http://{host}/api/v1/Webhook"}"#,
        ],
        ..ROW
    },
    Row { request: "GET /API/v1/wEBHOOK/{id}", shows: &[r#""Name":"sales""#, "/api/v1/Webhook/{id}"], ..ROW },
    Row { headers: &[("Host", "192.0.2.1:81")], shows: &[r#""Self":"http://192.0.2.1:81/api/"#], ..ROW },
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
        answers: &[("etag", "\"7\""), ("vary", "Accept"), ("cache-control", "no-cache")],
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
    Row { request: "GET /elsewhere", status: 404, shows: &["no-such-path"], ..ROW },
    // Ids that no webhook can have are those of webhooks that are not there.
    Row { request: "GET /api/v1/Webhook/0", status: 404, shows: &["\"Webhook id 0 not found\""], ..ROW },
    Row { request: "PATCH /api/v1/Webhook/-1", status: 404, shows: &["\"Webhook id -1 not found\""], ..ROW },
    Row { request: "GET /api/v1/Webhook/2147483648", status: 404, shows: &["Webhook id 2147483648 not found"], ..ROW },
    Row { request: "POST /api/v1/Webhook/{id}", status: 405, answers: &[("allow", ALLOW)], ..ROW },
    // Dates.
    Row { headers: &[("If-Modified-Since", UPDATED)], status: 304, answers: &[("last-modified", UPDATED)], ..ROW },
    Row { headers: &[("If-Modified-Since", BEFORE)], ..ROW },
    Row { headers: &[("If-Modified-Since", "Sat, 02 Jan 2021 00:00:00 GMT")], status: 304, ..ROW },
    Row { headers: &[("If-Modified-Since", UPDATED), ("If-None-Match", "\"6\"")], ..ROW },
    Row { headers: &[("If-Modified-Since", "last week")], ..ROW },
    Row { headers: &[("If-Unmodified-Since", BEFORE)], status: 412, ..ROW },
    // What is selected.
    Row { request: "GET /api/v1/Webhook/{id}?$select=*", shows: &[r#""Name":"sales""#, r#""Newer":{"a":1}"#], ..ROW },
    Row { request: "GET /api/v1/Webhook/{id}?$select=%FF", status: 400, shows: &["malformed-query"], ..ROW },
    Row { request: "GET /api/v1/Webhook/{id}?$select=%zz", status: 400, shows: &["malformed-query"], ..ROW },
    // What is not stored.
    Row {
        request: "GET /api/v1/Webhook/default",
        shows: &[r#"{"WebhookId":0,"Name":null"#, r#""State":"Active","Type":"webhook""#],
        ..ROW
    },
    Row { request: "GET /api/v1/Webhook", status: 405, answers: &[("allow", "OPTIONS, POST")], ..ROW },
    // Agents.
    Row {
        request: "POST /api/v1/Agents/Webhook/GetWebhook?webhookId={id}",
        body: "null",
        answers: &[("etag", ""), ("content-type", JSON)],
        shows: &[r#"{"WebhookId":{id},"Name":"sales""#],
        ..ROW
    },
    Row {
        request: "POST /api/v1/Agents/Webhook/getwebhook?WEBHOOKID={id}",
        headers: &[("Accept", "text/xml")],
        shows: &["<Name>sales</Name>"],
        ..ROW
    },
    Row { request: "POST /api/v1/Agents/Webhook/GetWebhook?webhookId=0", status: 404, ..ROW },
    Row { request: "POST /api/v1/Agents/Webhook/GetWebhook", status: 400, shows: &["malformed-query"], ..ROW },
    Row { request: "POST /api/v1/Agents/Webhook/GetWebhook?webhookId=x", status: 400, ..ROW },
    Row { request: "POST /api/v1/Agents/Webhook/CreateDefaultWebhook", shows: &[r#"{"WebhookId":0"#], ..ROW },
    Row { request: "POST /api/v1/Agents/Webhook/Other", status: 404, ..ROW },
    Row { request: SAVE_GET, status: 405, answers: &[("allow", "OPTIONS, POST")], ..ROW },
    Row { headers: &[("Accept", "image/png")], status: 406, ..ROW },
];

const SAVE_GET: &str = "GET /api/v1/Agents/Webhook/SaveWebhook";
