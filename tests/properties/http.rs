//! Laws of what a server asks: PUT, `$select`, preconditions.

use entity_patch::{
    Access, Dialect, Entity, Format,
    http::{HttpDate, Preconditions, Preferences, ProblemDetails, Purpose, Validators, accepted, put},
    superoffice::{Links, Selection, Webhook, represent},
};
use serde_json::{Map, Value};

use super::model;

fn text_of(webhook: &Webhook) -> Vec<u8> {
    serde_json::to_vec(webhook).expect("an entity is JSON")
}

fn members_of(json: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(json)))
}

/// PUT leaves what a client cannot write as it is, tells what it changes, and has nothing left to do when it is sent
/// again.
pub fn put_is_idempotent_and_keeps_what_is_not_the_clients(webhook: &Webhook, body: &str, dialect: &Dialect) {
    let stored = text_of(webhook);
    let Ok(first) = put::<Webhook>(&stored, body.as_bytes(), dialect) else { return };
    let (before, after) = (members_of(&stored), members_of(&first.json));
    for (name, value) in &before {
        let row = Webhook::table().rows().iter().find(|member| member.name() == name);
        match row.map(|member| member.access()) {
            Some(Access::Writable) => {
                let is_changed = first.changed.contains(&name.as_str());
                let now = after.get(name).unwrap_or(&Value::Null);
                assert_eq!(is_changed, !model::equal(value, now), "{name}: {body}");
            }
            Some(Access::ReadOnly | Access::Hidden) | None => {
                assert!(model::equal(value, &after[name]), "{name}: {body}")
            }
        }
    }
    let second = put::<Webhook>(&first.json, body.as_bytes(), dialect).expect("it was valid");
    assert_eq!((second.changed, second.json), (vec![], first.json), "{body}");
}

/// A client may PUT what a GET showed: nothing changes.
pub fn what_is_shown_may_be_put_back(webhook: &Webhook, dialect: &Dialect) {
    let stored = text_of(webhook);
    let links = Links::new("http://localhost", "/api/v1/Webhook", webhook.webhook_id);
    let shown = represent(&stored, &Selection::ALL, Some(&links)).expect("it is an object");
    match put::<Webhook>(&stored, &shown, dialect) {
        Ok(put) => {
            assert_eq!((put.changed, put.json), (vec![], stored));
            // Whatever case its name has: what was stored may have it, too.
            let is_output_only = |name: &String| name.eq_ignore_ascii_case("_Links");
            let mut sent: Vec<_> =
                members_of(&shown).into_iter().map(|(name, _)| name).filter(is_output_only).collect();
            sent.sort_unstable();
            let mut ignored: Vec<_> = put.ignored.iter().map(|path| path.as_str()[1..].to_owned()).collect();
            ignored.sort_unstable();
            assert_eq!(ignored, sent);
        }
        // What was stored by other rules may hold names that are equal under these.
        Err(error) => assert_eq!(error.code(), "duplicate-name", "{}", String::from_utf8_lossy(&shown)),
    }
}

/// A selection keeps every member, and shows each as it is or hides it; what it names at the top it shows, and what it
/// does not name it hides.
pub fn a_selection_shows_or_hides(webhook: &Webhook, list: &str) {
    let text = text_of(webhook);
    let shown = members_of(&represent(&text, &Selection::parse(list), None).expect("it is an object"));
    let mut stored = members_of(&text);
    // Links are the server's to add, and no part of what is stored.
    stored.remove("_Links");
    assert!(covers(&Value::Object(stored.clone()), &Value::Object(shown.clone())), "{list:?}: {shown:?} of {stored:?}");
    let names = list.split(',').map(str::trim);
    for name in names.filter(|name| Webhook::table().rows().iter().any(|member| member.name() == *name)) {
        assert_eq!(shown.get(name), stored.get(name), "{list}");
    }
    let paths: Vec<&str> = list.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
    if paths.is_empty() || paths.contains(&"*") {
        assert_eq!(shown, stored);
    } else if list.is_ascii() && !list.contains('~') {
        for name in Webhook::table().rows().iter().map(|member| member.name()) {
            let first =
                |path: &str| path.strip_prefix('/').unwrap_or(path).split('/').next().map(str::to_ascii_lowercase);
            let is_named = paths.iter().any(|path| first(path) == Some(name.to_ascii_lowercase()));
            assert!(is_named || shown.get(name).is_none_or(Value::is_null), "{name}: {list}");
        }
    }
}

fn covers(stored: &Value, shown: &Value) -> bool {
    match (stored, shown) {
        (Value::Object(stored), Value::Object(shown)) => {
            stored.len() == shown.len()
                && stored.iter().zip(shown).all(|(one, other)| one.0 == other.0 && covers(one.1, other.1))
        }
        (_, Value::Null) => true,
        _ => stored == shown,
    }
}

/// Whatever a header holds, it is judged; and a list of tags that holds garbage names nothing.
pub fn any_header_is_judged(value: &[u8]) {
    let current = Validators::of_version(7);
    for name in ["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"] {
        let preconditions = Preconditions::from_headers([(name, value)]).required();
        for purpose in [Purpose::Read, Purpose::Write] {
            let _ = preconditions.evaluate(purpose, Some(&current));
            let _ = preconditions.evaluate(purpose, None);
        }
    }
    let with_garbage = [value, b",\"7\"x"].concat();
    assert!(Preconditions::from_headers([("If-Match", &with_garbage[..])]).check(&current).is_err());
    // Lines are one list: what is malformed alone makes all of it malformed.
    let lines = [("If-Match", value), ("If-Match", b"\"7\"x"), ("If-Match", b"\"7\"")];
    assert!(Preconditions::from_headers(lines).check(&current).is_err());
    if let Ok(date) = String::from_utf8_lossy(value).parse::<HttpDate>() {
        assert_eq!(date.to_string().parse(), Ok(date));
    }
}

/// Neither case nor parameters say which format a body has, and no text in another character set has one.
pub fn a_content_type_is_read_in_any_case(value: &str) {
    let format = Format::from_content_type(value);
    for other in [value.to_ascii_uppercase(), format!(" {value}"), format!("{value} ; q=1"), format!("{value};")] {
        // A quoted string that does not end takes in what follows.
        let is_open = value.contains('"');
        assert!(is_open || Format::from_content_type(&other) == format, "{other} and {value}");
    }
    for (charset, is_read) in [("utf-8", true), ("US-ASCII", true), ("utf-16", false), ("iso-8859-1", false)] {
        let other = format!("application/json; charset={charset}; {}", value.replace('"', ""));
        assert!(is_read || Format::from_content_type(&other).is_none(), "{other}");
    }
}

/// Whatever a client prefers or accepts, it is understood or ignored; and what was applied is what it prefers.
pub fn any_preference_is_read(value: &str) {
    let preferences = Preferences::from_lines([value]);
    assert_eq!(Preferences::from_lines(preferences.applied()), preferences, "{value}");
    assert_eq!(Preferences::from_lines([value.to_ascii_uppercase().as_str()]), preferences, "{value}");
    let offers = ["application/json", "text/json"];
    assert!(accepted([value], &offers).is_none_or(|offer| offer < offers.len()), "{value}");
}

/// Problem details are read back as they were sent.
pub fn a_problem_is_read_back(status: u16, code: &str, detail: &str, name: &str) {
    let problem = ProblemDetails::new(status, code.to_owned(), detail).with(name, detail);
    let json = serde_json::to_string(&problem).expect("it is JSON");
    assert_eq!(serde_json::from_str::<ProblemDetails>(&json).expect("it was written"), problem, "{json}");
}

/// A date is read back as it was written.
pub fn a_date_is_read_back(unix_seconds: i64) {
    if let Some(date) = HttpDate::from_unix_seconds(unix_seconds) {
        assert_eq!(date.to_string().parse(), Ok(date));
        assert_eq!(date.unix_seconds(), unix_seconds);
    }
}
