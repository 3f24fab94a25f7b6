//! Stored values of another kind than their type declares: a struct as an array, as serde reads it, too, or a list that was
//! a map once. Which of their parts are hidden or read-only is not known, so nothing in them is shown, taken or guessed.

use std::collections::BTreeMap;

use entity_patch::{Dialect, Entity, Format, http, patch_stored, visible};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Part {
    size: u8,
    #[entity(read_only)]
    serial: u8,
    #[entity(hidden)]
    secret: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Shelf {
    name: String,
    free: Value,
    #[entity(nested)]
    one: Option<Part>,
    #[entity(nested)]
    list: Vec<Part>,
    #[entity(nested)]
    map: BTreeMap<String, Part>,
    #[entity(nested)]
    around: Option<Around>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Around {
    #[entity(nested)]
    part: Part,
}

/// The status and code, or the names that changed.
fn outcome(stored: &Value, body: &Value) -> Result<Vec<&'static str>, (u16, &'static str)> {
    let (stored, body) = (stored.to_string(), body.to_string());
    let mut dialect = Dialect::RFC.clone();
    dialect.move_and_copy = true;
    patch_stored::<Shelf>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &dialect)
        .map(|patched| patched.changed)
        .map_err(|error| (error.status(), error.code()))
}

/// Each way to store a secret where its type does not have it: what is stored, and where it is.
fn stored(secret: &str) -> [(Value, &'static str); 8] {
    let part = json!({"size": 1, "serial": 2, "secret": secret});
    [
        (json!({"one": [1, 2, secret]}), "/one"),
        (json!({"list": [[1, 2, secret]]}), "/list/0"),
        (json!({"map": {"k": [1, 2, secret]}}), "/map/k"),
        (json!({"around": {"part": [1, 2, secret]}}), "/around/part"),
        (json!({"list": part}), "/list"),
        (json!({"list": {"k": part}}), "/list"),
        (json!({"list": [[part]]}), "/list/0"),
        (json!({"map": [part]}), "/map"),
    ]
}

#[test]
fn nothing_tells_what_is_in_them() {
    for ((stored, place), (other, _)) in stored("planted").into_iter().zip(stored("another")) {
        let value = stored.pointer(place).expect("it is there").clone();
        let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
        let mut bodies = vec![
            json!([{"op": "test", "path": place, "value": value}]),
            json!([{"op": "copy", "from": place, "path": "/free"}]),
            json!([{"op": "move", "from": place, "path": "/free"}]),
            json!([{"op": "copy", "from": parent, "path": "/free"}]),
        ];
        for end in ["/0", "/2", "/secret", "/k", "/k/secret", "/0/secret", "/0/0/secret"] {
            let path = format!("{place}{end}");
            for guess in ["planted", "another"] {
                bodies.push(json!([{"op": "test", "path": path, "value": guess}]));
                bodies.push(json!([{"op": "replace", "path": path, "value": guess}]));
            }
            bodies.push(json!([{"op": "copy", "from": path, "path": "/name"}]));
            bodies.push(json!([{"op": "move", "from": path, "path": "/free"}]));
        }
        for body in bodies {
            let result = outcome(&stored, &body);
            assert!(result.is_err(), "{body} on {stored}: {result:?}");
            assert_eq!(outcome(&other, &body), result, "{body}");
        }
    }
}

#[test]
fn nothing_of_them_is_shown_but_what_the_type_reads() {
    for (stored, _) in stored("planted") {
        let shown = visible::<Shelf>(stored.to_string().as_bytes()).expect("an object");
        let shown = String::from_utf8(shown).expect("UTF-8");
        assert!(!shown.contains("planted"), "{shown}");
    }
}

/// A struct that is stored as an array is not written over: the new one would lose what its array holds.
#[test]
fn an_array_for_a_struct_keeps_what_a_client_cannot_write() {
    let rows = [
        (json!({"one": [1, 2, "planted"]}), json!({"one": {"size": 7}})),
        (json!({"map": {"k": [1, 2, "planted"]}}), json!({"map": {"k": {"size": 7}}})),
        (json!({"list": [[1, 2, "planted"]]}), json!({"list": [{"size": 7}]})),
        (json!({"around": {"part": [1, 2, "planted"]}}), json!({"around": {"part": {"size": 7}}})),
    ];
    for (stored, body) in rows {
        assert_eq!(outcome(&stored, &body), Err((422, "invalid-value")), "{body} on {stored}");
        let (stored, body) = (stored.to_string(), body.to_string());
        let put = http::put::<Shelf>(stored.as_bytes(), body.as_bytes(), &Dialect::RFC);
        assert_eq!(put.map_err(|error| error.code()).err(), Some("invalid-value"), "{body} on {stored}");
    }
    // Other members can be written, and what is stored can be removed as a whole.
    let stored = json!({"one": [1, 2, "planted"], "list": [[1, 2, "planted"], {"size": 3}]});
    assert_eq!(outcome(&stored, &json!({"name": "n"})), Ok(vec!["name"]));
    assert_eq!(outcome(&stored, &json!({"one": null})), Ok(vec!["one"]));
    assert_eq!(outcome(&stored, &json!([{"op": "remove", "path": "/list/0"}])), Ok(vec!["list"]));
}

/// What a patch writes and takes away again is not lost on the way.
#[test]
fn an_array_for_a_struct_is_not_moved_as_an_empty_one() {
    let body = json!([
        {"op": "add", "path": "/around", "value": {"part": [1]}},
        {"op": "move", "from": "/around", "path": "/free"},
    ]);
    assert_eq!(outcome(&json!({}), &body), Err((422, "invalid-value")));
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Keyed {
    #[entity(nested, by = "key")]
    list: Vec<Element>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Element {
    #[entity(key)]
    key: i64,
    #[entity(hidden)]
    secret: String,
}

/// A zero with a sign is the key that it was: the element keeps what is hidden.
#[test]
fn a_key_of_minus_zero_is_zero() {
    let stored = br#"{"list":[{"key":0,"secret":"planted"},{"key":10,"secret":"other"}]}"#;
    for zero in ["-0", "-0.0", "0e1"] {
        let body = format!(r#"[{{"op":"replace","path":"/list/0/key","value":{zero}}}]"#);
        if let Ok(patched) = patch_stored::<Keyed>(stored, body.as_bytes(), Format::JsonPatch, &Dialect::RFC) {
            assert_eq!((patched.json, patched.changed), (stored.to_vec(), vec![]), "{zero}");
        }
    }
}
