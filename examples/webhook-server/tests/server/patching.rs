//! PATCH.

use entity_patch::http::ACCEPT_PATCH;

use crate::{
    harness::{Kind, on_both},
    rows::*,
};

fn patching(kind: Kind) {
    check_all(kind, &[], PATCHING);
}

fn ignoring_unknown_members(kind: Kind) {
    check_all(kind, &["--unknown-members", "ignore"], IGNORING);
}

on_both!(patching, ignoring_unknown_members);

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
    Row {
        request: PATCH,
        headers: &[("Content-Encoding", "gzip")],
        body: "{}",
        status: 415,
        answers: &[("accept-encoding", "identity"), ("accept-patch", ACCEPT_PATCH)],
        shows: &["must not be compressed"],
        ..ROW
    },
    Row { request: PATCH, headers: &[("Content-Encoding", "")], body: RENAME, writes: true, ..ROW },
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
