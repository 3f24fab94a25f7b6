//! Targets, queries, media types and stamps: rows, and what becomes of them.

use axum::http::{HeaderMap, header};
use entity_patch::superoffice::Selection;
use jiff::Timestamp;
use webhook_server::{
    clock::later,
    media::shown,
    target::{Query, Target},
};

#[test]
fn paths_are_matched_without_regard_to_case() {
    let rows = [
        ("/api/v1/Webhook/7", Some(Target::Webhook(7))),
        ("/API/V1/WEBHOOK/2147483647", Some(Target::Webhook(i32::MAX.into()))),
        ("/api/v1/webhook/%37", Some(Target::Webhook(7))),
        ("/api/v1/agents/WEBHOOK/saveWebhook", Some(Target::Save)),
        ("/api/v1/Webhook/2147483648", Some(Target::Webhook(1 << 31))),
        ("/api/v1/Webhook/0", Some(Target::Webhook(0))),
        ("/api/v1/Webhook/07", None),
        ("/api/v1/Webhook/+7", None),
        ("/api/v1/Webhook/-7", Some(Target::Webhook(-7))),
        ("/api/v1/Webhook/-0", None),
        ("/api/v1/Webhook/7/", None),
        ("/api/v1/Webhook/", Some(Target::Archive)),
        ("/api/v1/Webhook", Some(Target::Archive)),
        ("/api/v1/webhook/DEFAULT", Some(Target::Default)),
        ("/api/v1/Agents/Webhook/GetAllWebhooks", Some(Target::GetAll)),
        ("/", Some(Target::Page)),
        ("/api/v2/Webhook/7", None),
        ("/api/v1/Webhook/%FF", None),
        ("/api%2Fv1/Webhook/7", None),
        ("/api/v1/Webhook%2F7", None),
        ("//api/v1/Webhook/7", None),
        ("*", None),
        ("", None),
    ];
    for (path, expected) in rows {
        assert_eq!(Target::of(path), expected, "{path}");
    }
}

#[test]
fn the_selection_is_read_from_the_query() {
    let rows = [
        (None, ""),
        (Some(""), ""),
        (Some("$select="), ""),
        (Some("$select=name,events"), "name,events"),
        (Some("a=b&%24Select=name%2Cheaders%2Fx-key&c"), "name,headers/x-key"),
        (Some("$select=name&$select=events"), "name,events"),
        (Some("select=name"), ""),
    ];
    for (query, list) in rows {
        assert_eq!(Query::read(query).unwrap().selection(), Selection::parse(list), "{query:?}");
    }
}

#[test]
fn accept_chooses_the_format() {
    let rows = [
        (&[][..], Some("application/json")),
        (&["application/json; charset=utf-8"], Some("application/json")),
        (&["*/*"], Some("application/json")),
        (&["text/*"], Some("text/json")),
        (&["text/xml"], Some("text/xml")),
        (&["APPLICATION/XML"], Some("application/xml")),
        (&["application/xml, application/json"], Some("application/json")),
        (&["application/xml", "application/json;q=0.9"], Some("application/xml")),
        (&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], Some("application/xml")),
        (&["*/*, application/json;q=0"], Some("text/json")),
        (&["application/merge-patch+json"], Some("application/json")),
        (&["text/html"], None),
        (&["application/json;q=0"], None),
        (&["application/json;q=0.0001, text/html"], None),
        (&["nonsense"], Some("application/json")),
        (&[""], Some("application/json")),
    ];
    for (lines, expected) in rows {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, line.parse().unwrap());
        }
        let chosen = shown(&headers).ok().map(|shown| shown.content_type.split(';').next().unwrap());
        assert_eq!(chosen, expected, "{lines:?}");
    }
}

#[test]
fn a_stamp_is_never_earlier_than_the_one_before() {
    let now: Timestamp = "2024-01-01T12:00:00.5Z".parse().unwrap();
    let rows = [
        (None, "2024-01-01T12:00:00.5000000Z"),
        (Some("2024-01-01T12:00:00.4999999Z"), "2024-01-01T12:00:00.5000000Z"),
        (Some("2024-01-01T12:00:00.5000001"), "2024-01-01T12:00:00.5000001"),
        (Some("2024-01-01T13:00:00.4+01:00"), "2024-01-01T12:00:00.5000000Z"),
        (Some("2024-01-01T13:00:00.6+01:00"), "2024-01-01T13:00:00.6+01:00"),
        (Some("9999-12-31T23:59:59.9999999"), "9999-12-31T23:59:59.9999999"),
        (Some("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z"),
        (Some("0001-01-01T00:00:00"), "2024-01-01T12:00:00.5000000Z"),
    ];
    for (previous, expected) in rows {
        let previous = previous.map(|text| text.parse().unwrap());
        assert_eq!(later(previous.as_ref(), now).as_str(), expected, "{previous:?}");
    }
}
