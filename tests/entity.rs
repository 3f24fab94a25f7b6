//! The rules of an entity at every depth: what may be written, what is lost, what is hidden, and what is said.

use std::collections::BTreeMap;

use entity_patch::{
    Dialect, Entity, Format, MemberWrite, PatchDocument, Pointer, Policy, UnknownMembers, Violations, http, patch,
    patch_stored, patch_stored_with, patch_with, visible,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
struct User {
    #[entity(read_only, key)]
    id: u64,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    #[entity(nested)]
    address: Address,
    #[serde(default)]
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
    #[serde(default)]
    #[entity(nested)]
    tags: BTreeMap<String, Tag>,
    #[serde(default)]
    weight: f32,
    #[serde(default)]
    #[entity(hidden)]
    password_hash: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
struct Address {
    street: String,
    #[serde(default)]
    zip: Option<String>,
    #[serde(default)]
    #[entity(read_only)]
    verified: bool,
    #[serde(default)]
    #[entity(hidden)]
    geo_key: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Phone {
    #[serde(default)]
    id: Option<u32>,
    number: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    #[entity(read_only)]
    verified: bool,
}

/// An entity of which one member is anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Free {
    name: String,
    other: Value,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Home,
    Work,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Tag {
    label: String,
    #[serde(default)]
    #[entity(read_only)]
    uses: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[entity(hidden)]
    note: Option<String>,
}

fn user() -> Value {
    json!({
        "id": 7, "email": "ann@example.com",
        "address": {"street": "Main 1", "zip": null, "verified": true, "geoKey": 41},
        "phones": [
            {"id": 1, "number": "11", "kind": "home", "verified": true},
            {"id": 2, "number": "22", "kind": "work", "verified": false},
        ],
        "tags": {"red": {"label": "Red", "uses": 3}},
        "weight": 0.1, "passwordHash": "hash-of-ann",
    })
}

/// What comes of a body: the paths that changed and the result, or the code and the path of the refusal. `patch` and
/// `patch_stored` have to agree.
fn outcome(stored: &Value, body: &Value, dialect: &Dialect) -> Result<(Vec<&'static str>, Value), (String, String)> {
    let (stored_text, body) = (stored.to_string(), body.to_string());
    let patched = patch_stored::<User>(stored_text.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
    let entity: User = serde_json::from_value(stored.clone()).expect("a user");
    let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect);
    let typed = document.map_err(Into::into).and_then(|document| patch(&entity, &document, dialect));
    match (patched, typed) {
        (Ok(patched), Ok(typed)) => {
            assert_eq!(patched.changed, typed.changed, "{body}");
            assert_eq!(patched.ignored, typed.ignored, "{body}");
            let read: User = serde_json::from_slice(&patched.json).expect("the result is a user");
            assert_eq!(read, typed.entity, "{body}");
            Ok((patched.changed, serde_json::from_slice(&patched.json).expect("JSON")))
        }
        (Err(error), Err(typed)) => {
            assert_eq!(error, typed, "{body}");
            Err((error.code().to_owned(), error.path().map(ToString::to_string).unwrap_or_default()))
        }
        (patched, typed) => panic!("{body}: {patched:?} and {typed:?}"),
    }
}

#[track_caller]
fn refused(body: Value, code: &str, path: &str) {
    let error = outcome(&user(), &body, &Dialect::RFC).expect_err("it is refused");
    assert_eq!(error, (code.to_owned(), path.to_owned()), "{body}");
}

#[track_caller]
fn passes(body: Value, changed: &[&str]) -> Value {
    let (names, result) = outcome(&user(), &body, &Dialect::RFC).unwrap_or_else(|error| panic!("{body}: {error:?}"));
    assert_eq!(names, changed, "{body}");
    result
}

#[test]
fn read_only_members_hold_at_every_depth() {
    let other = json!({"street": "Main 1", "zip": null, "verified": false});
    refused(json!([{"op": "replace", "path": "/id", "value": 8}]), "read-only", "/id");
    refused(json!([{"op": "replace", "path": "/address/verified", "value": false}]), "read-only", "/address/verified");
    refused(json!({"address": {"verified": false}}), "read-only", "/address/verified");
    refused(json!([{"op": "replace", "path": "/address", "value": other}]), "read-only", "/address/verified");
    refused(
        json!([{"op": "replace", "path": "/phones/0/verified", "value": false}]),
        "read-only",
        "/phones/0/verified",
    );
    let new = json!({"number": "33", "verified": true});
    refused(json!([{"op": "add", "path": "/phones/-", "value": new}]), "read-only", "/phones/2/verified");
    refused(json!([{"op": "copy", "from": "/phones/0", "path": "/phones/-"}]), "invalid-value", "/phones/2/id");
    let keyless =
        json!([{"op": "copy", "from": "/phones/0", "path": "/phones/-"}, {"op": "remove", "path": "/phones/2/id"}]);
    refused(keyless, "read-only", "/phones/2/verified");
    refused(
        json!([{"op": "add", "path": "/tags/blue", "value": {"label": "B", "uses": 1}}]),
        "read-only",
        "/tags/blue/uses",
    );
}

/// Names take any case at every depth, and none is a way around a rule. What is stored has the table's spelling.
#[test]
fn changes_are_pointers_to_what_differs() {
    let rows: [(Value, &[&str]); 8] = [
        (json!({"email": "ann@example.com", "weight": 0.1}), &[]),
        (json!({"nickname": "A", "weight": 0.2}), &["/nickname", "/weight"]),
        (json!({"address": {"zip": "1"}, "tags": {"red": {"label": "R"}}}), &["/address/zip", "/tags/red/label"]),
        (json!([{"op": "remove", "path": "/phones/0"}]), &["/phones/0/id", "/phones/0/number", "/phones/0/verified"]),
        (
            json!([{"op": "add", "path": "/phones/-", "value": {"id": 3, "number": "3"}}]),
            &["/phones/2/id", "/phones/2/number"],
        ),
        (json!([{"op": "move", "from": "/phones/0", "path": "/phones/1"}]), &["/phones"]),
        (json!([{"op": "remove", "path": "/tags/red"}]), &["/tags/red/label", "/tags/red/uses"]),
        (json!([{"op": "add", "path": "/tags/~0a~1", "value": {"label": "Blue"}}]), &["/tags/~0a~1/label"]),
    ];
    for (body, expected) in rows {
        let (stored, body) = (user().to_string(), body.to_string());
        let patched = patch_stored::<User>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
        let changes = patched.and_then(|patched| Ok(patched.changes()?));
        let changes = changes.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(changes.iter().map(Pointer::as_str).collect::<Vec<_>>(), expected, "{body}");
    }
}

/// What is held for each change does not grow with its path, and pointers that are together too long are refused.
#[test]
fn long_paths_of_many_changes_are_refused() {
    let name = "n".repeat(50_000);
    let members = |value: u32| (0..200).map(|member| format!(r#""{member}":{value}"#)).collect::<Vec<_>>().join(",");
    let entity = |value| format!(r#"{{"name":"a","other":{{"{name}":{{{}}}}}}}"#, members(value));
    let body = format!(r#"{{"other":{{"{name}":{{{}}}}}}}"#, members(2));
    let patched = patch_stored::<Free>(entity(1).as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
    let patched = patched.expect("it applies");
    assert_eq!(patched.json, entity(2).into_bytes());
    assert_eq!(patched.changes().map_err(|error| error.code()), Err("too-much-work"));
    let mut dialect = Dialect::RFC;
    dialect.limits.copied_bytes = 20 << 20;
    let patched = patch_stored::<Free>(entity(1).as_bytes(), body.as_bytes(), Format::ByShape, &dialect);
    let changes = patched.expect("it applies").changes().expect("the limit is higher");
    assert_eq!(changes.len(), 200);
    assert_eq!(changes[7].as_str(), format!("/other/{name}/7"));
}

#[test]
fn the_rules_hold_in_any_case() {
    let refused = |body: Value, code: &str, path: &str| {
        let error = outcome(&user(), &body, &Dialect::SUPEROFFICE).expect_err("it is refused");
        assert_eq!(error, (code.to_owned(), path.to_owned()), "{body}");
    };
    let other = json!({"STREET": "Main 1", "Verified": false});
    refused(json!([{"op": "replace", "path": "Address/VERIFIED", "value": false}]), "read-only", "/address/verified");
    refused(json!({"ADDRESS": {"Verified": false}}), "read-only", "/address/verified");
    refused(json!([{"op": "replace", "path": "address", "value": other}]), "read-only", "/address/verified");
    refused(
        json!([{"op": "replace", "path": "phones/0/\u{17F}tate", "value": false}]),
        "unknown-member",
        "/phones/0/\u{17F}tate",
    );
    refused(
        json!([{"op": "add", "path": "PHONES/-", "value": {"Number": "33", "VERIFIED": true}}]),
        "read-only",
        "/phones/2/verified",
    );
    refused(json!({"Address": {"Nope": 1}}), "unknown-member", "/address/Nope");
    refused(json!({"phones": {"Nope": 1}}), "unknown-member", "/phones/-/Nope");
    refused(json!({"PASSWORDHASH": "x"}), "unknown-member", "/PASSWORDHASH");
    refused(json!({"Pa\u{17F}\u{17F}wordHash": "x"}), "unknown-member", "/Pa\u{17F}\u{17F}wordHash");
    refused(
        json!([{"op": "test", "path": "address", "value": {"Street": "Main 1", "GEOKEY": 41}}]),
        "unknown-member",
        "/address",
    );
    let body = json!({"Phones": {"NUMBER": "33", "Kind": "work"}});
    let (changed, result) = outcome(&user(), &body, &Dialect::SUPEROFFICE).expect("it is appended");
    let new = json!({"number": "33", "kind": "work", "id": null, "verified": false});
    assert_eq!((changed, &result["phones"][2]), (vec!["phones"], &new));
}

#[test]
fn an_echo_is_not_a_write() {
    let mut shown = user();
    shown.as_object_mut().expect("an object").remove("passwordHash");
    shown["address"].as_object_mut().expect("an object").remove("geoKey");
    passes(shown.clone(), &[]);
    passes(json!([{"op": "replace", "path": "", "value": shown}]), &[]);
    passes(json!([{"op": "replace", "path": "/address", "value": shown["address"]}]), &[]);
    passes(json!([{"op": "replace", "path": "/phones", "value": shown["phones"]}]), &[]);
    passes(json!([{"op": "test", "path": "", "value": shown}]), &[]);
}

#[test]
fn a_container_may_be_edited_around_its_read_only_members() {
    let result = passes(
        json!([{"op": "replace", "path": "/address", "value": {"street": "B", "verified": true}}]),
        &["address"],
    );
    assert_eq!(result["address"], json!({"street": "B", "zip": null, "verified": true, "geoKey": 41}));
    let result = passes(json!([{"op": "remove", "path": "/phones/0"}]), &["phones"]);
    assert_eq!(result["phones"].as_array().map(Vec::len), Some(1));
    passes(json!({"phones": [user()["phones"][1]]}), &["phones"]);
    passes(json!([{"op": "move", "from": "/phones/0", "path": "/phones/1"}]), &["phones"]);
    let result = passes(json!([{"op": "add", "path": "/phones/-", "value": {"number": "33"}}]), &["phones"]);
    assert_eq!(result["phones"][2], json!({"number": "33", "id": null, "kind": "home", "verified": false}));
    passes(json!({"tags": {"red": null, "blue": {"label": "Blue"}}}), &["tags"]);
}

/// If a type has no null, null means its default, as an absent member does.
#[test]
fn null_stands_for_a_default_in_what_is_new() {
    let new = json!({"id": null, "number": "33", "kind": null, "verified": null});
    for body in [
        json!([{"op": "add", "path": "/phones/-", "value": new}]),
        json!({"phones": [user()["phones"][0], user()["phones"][1], new]}),
    ] {
        let result = passes(body, &["phones"]);
        assert_eq!(result["phones"][2], json!({"id": null, "number": "33", "kind": "home", "verified": false}));
    }
    let result = passes(json!([{"op": "replace", "path": "/phones/1/kind", "value": null}]), &["phones"]);
    assert_eq!(result["phones"][1]["kind"], "home");
    refused(
        json!([{"op": "add", "path": "/phones/-", "value": {"number": null}}]),
        "invalid-value",
        "/phones/2/number",
    );
    let address = json!({"street": "Main 1", "zip": null, "verified": null});
    refused(json!([{"op": "replace", "path": "/address", "value": address}]), "read-only", "/address/verified");
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Shelf {
    #[entity(nested)]
    first: Label,
    #[entity(nested)]
    labels: Vec<Label>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Label {
    text: Option<String>,
    #[entity(hidden)]
    code: u32,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Value>,
}

/// A value is compared as a client sees it, also where it leaves out what has a hidden member, or has a name that what is
/// stored has not.
#[test]
fn what_is_left_out_names_nothing() {
    let stored = br#"{"first": {"text": null, "code": 0}, "labels": [{"text": "a", "code": 7}]}"#;
    let rows = [
        (r#"[{"op": "test", "path": "", "value": {"labels": [{"text": "a"}]}}]"#, "", r#"{"text": "a", "code": 7}"#),
        (r#"[{"op": "test", "path": "", "value": {"labels": []}}]"#, "test-failed", ""),
        (r#"[{"op": "test", "path": "/first", "value": {"own": 1}}]"#, "test-failed", ""),
        (r#"[{"op": "test", "path": "/first", "value": {"code": 0}}]"#, "unknown-member", ""),
        (r#"{"labels": [{"text": "a", "own": 1}]}"#, "", r#"{"text": "a", "own": 1, "code": 0}"#),
        (r#"{"labels": [{"own": 1}, {"text": "a"}]}"#, "", r#"{"own": 1, "text": null, "code": 0}"#),
    ];
    for (body, code, first) in rows {
        match patch_stored::<Shelf>(stored, body.as_bytes(), Format::ByShape, &Dialect::RFC) {
            Ok(patched) => {
                let result: Value = serde_json::from_slice(&patched.json).expect("JSON");
                let expected: Value = serde_json::from_str(first).unwrap_or_else(|_| panic!("{body} is patched"));
                assert_eq!(result["labels"][0], expected, "{body}");
            }
            Err(error) => assert_eq!(error.code(), code, "{body}: {error}"),
        }
    }
}

/// A type that ignores names, and one that is written otherwise than it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Size {
    width: u8,
    #[serde(default)]
    unit: Unit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Unit {
    #[default]
    #[serde(alias = "cm")]
    Centimetre,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Counts {
    name: String,
    #[entity(nested)]
    sizes: Vec<Pile<Size>>,
    #[serde(flatten)]
    #[entity(open)]
    counts: BTreeMap<String, u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Pile<V> {
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, V>,
}

/// What is written into an open map is read by the type of its values, however it is written.
#[test]
fn an_open_map_takes_what_its_values_take() {
    let stored = r#"{"name":"n","a":1,"sizes":[{"s":{"width":1,"unit":"Centimetre"}}]}"#;
    let entity: Counts = serde_json::from_str(stored).expect("an entity");
    let size = |more: &str| stored.replace(r#""Centimetre"}"#, &format!(r#""Centimetre"}}{more}"#));
    // The body, and the entity that comes of it, or the code and the path of the error.
    let rows = [
        (r#"{"a": 2}"#, Ok(stored.replace(r#""a":1"#, r#""a":2"#))),
        (r#"{"a": null}"#, Ok(stored.replace(r#""a":1,"#, ""))),
        (r#"{"a": "x"}"#, Err(("invalid-value", "/a"))),
        (r#"{"a": 256}"#, Err(("invalid-value", "/a"))),
        (r#"{"b": {"c": 1}}"#, Err(("invalid-value", "/b"))),
        (r#"[{"op": "add", "path": "/b", "value": null}]"#, Err(("invalid-value", "/b"))),
        (r#"[{"op": "copy", "from": "/name", "path": "/a"}]"#, Err(("invalid-value", "/a"))),
        (
            r#"[{"op": "replace", "path": "", "value": {"name": "n", "sizes": [], "b": []}}]"#,
            Err(("invalid-value", "/b")),
        ),
        (
            r#"[{"op": "add", "path": "/sizes/0/t", "value": {"width": 2}}]"#,
            Ok(size(r#","t":{"width":2,"unit":"Centimetre"}"#)),
        ),
        (
            r#"[{"op": "add", "path": "/sizes/0/t", "value": {"width": 2, "unit": "cm"}}]"#,
            Ok(size(r#","t":{"width":2,"unit":"Centimetre"}"#)),
        ),
        (r#"[{"op": "replace", "path": "/sizes/0/s/unit", "value": "cm"}]"#, Ok(stored.to_owned())),
        (r#"[{"op": "replace", "path": "/sizes/0/s/width", "value": -1}]"#, Err(("invalid-value", "/sizes/0/s/width"))),
        (r#"[{"op": "add", "path": "/sizes/0/s/depth", "value": 1}]"#, Err(("unknown-member", "/sizes/0/s/depth"))),
        (
            r#"[{"op": "add", "path": "/sizes/0/s", "value": {"width": 1, "depth": 1}}]"#,
            Err(("unknown-member", "/sizes/0/s/depth")),
        ),
        (r#"{"sizes": [{"t": 1}]}"#, Err(("invalid-value", "/sizes/0/t"))),
        (
            r#"[{"op": "add", "path": "/sizes/-", "value": {"t": {"unit": "cm"}}}]"#,
            Err(("invalid-value", "/sizes/1/t")),
        ),
    ];
    for (body, expected) in rows {
        let text = patch_stored::<Counts>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
        let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, &Dialect::RFC).expect("a patch");
        let typed = patch(&entity, &document, &Dialect::RFC);
        match expected {
            Ok(expected) => {
                let expected: Counts = serde_json::from_str(&expected).expect("an entity");
                assert_eq!(typed.unwrap_or_else(|error| panic!("{body}: {error}")).entity, expected, "{body}");
                let json = text.unwrap_or_else(|error| panic!("{body}: {error}")).json;
                assert_eq!(serde_json::from_slice::<Value>(&json).expect("JSON"), json!(expected), "{body}");
            }
            Err((code, path)) => {
                let text = text.err().unwrap_or_else(|| panic!("{body} is refused"));
                assert_eq!((text.code(), text.path().map(Pointer::as_str)), (code, Some(path)), "{body}: {text}");
                assert_eq!(typed.err(), Some(text), "{body}");
            }
        }
    }
    // Under `put`, too.
    let put = |body: &str| http::put::<Counts>(stored.as_bytes(), body.as_bytes(), &Dialect::RFC);
    let error = put(r#"{"name": "n", "sizes": [], "b": "x"}"#).expect_err("it is refused");
    assert_eq!((error.code(), error.path().map(Pointer::as_str)), ("invalid-value", Some("/b")));
    assert!(put(r#"{"name": "n", "sizes": [], "b": 1}"#).is_ok());
}

#[test]
fn an_unknown_name_is_refused_at_every_depth() {
    refused(json!([{"op": "add", "path": "/nope", "value": 1}]), "unknown-member", "/nope");
    refused(json!([{"op": "add", "path": "/address/nope", "value": 1}]), "unknown-member", "/address/nope");
    refused(json!({"address": {"nope": 1}}), "unknown-member", "/address/nope");
    refused(json!({"address": {"nope": null}}), "unknown-member", "/address/nope");
    refused(json!([{"op": "add", "path": "/phones/-", "value": {"nope": 1}}]), "unknown-member", "/phones/2/nope");
    let ignoring = {
        let mut dialect = Dialect::RFC.clone();
        dialect.unknown_members = UnknownMembers::Ignore;
        dialect
    };
    let body = br#"{"address": {"nope": 1, "street": "B"}, "nope": 1}"#;
    let patched = patch_stored::<User>(user().to_string().as_bytes(), body, Format::ByShape, &ignoring);
    let patched = patched.expect("unknown members are skipped");
    let ignored: Vec<String> = patched.ignored.iter().map(ToString::to_string).collect();
    assert_eq!((ignored, patched.changed), (vec!["/address/nope".to_owned(), "/nope".to_owned()], vec!["address"]));
}

#[test]
fn a_hidden_member_does_not_exist() {
    for body in [
        json!([{"op": "test", "path": "/passwordHash", "value": "hash-of-ann"}]),
        json!([{"op": "test", "path": "/passwordHash", "value": "other"}]),
        json!([{"op": "copy", "from": "/passwordHash", "path": "/nickname"}]),
        json!([{"op": "replace", "path": "/passwordHash", "value": "x"}]),
        json!([{"op": "remove", "path": "/passwordHash"}]),
        json!({"passwordHash": "hash-of-ann"}),
        json!([{"op": "test", "path": "/address", "value": {"geoKey": 41}}]),
        json!([{"op": "test", "path": "/address/geoKey", "value": 41}]),
        json!({"address": {"geoKey": 41}}),
    ] {
        let error = outcome(&user(), &body, &Dialect::RFC).expect_err("it is refused");
        assert_eq!(error.0, "unknown-member", "{body}");
    }
    // Serde reads a struct from an array, too: whether the last element is what is hidden may not be told.
    for guess in [41, 42] {
        let address = json!(["Main 1", null, true, guess]);
        let test = json!([{"op": "test", "path": "/address", "value": address}]);
        assert_eq!(outcome(&user(), &test, &Dialect::RFC).expect_err("it is refused").0, "test-failed");
        for body in [json!({"address": address}), json!([{"op": "replace", "path": "/address", "value": address}])] {
            assert_eq!(outcome(&user(), &body, &Dialect::RFC).expect_err("it is refused").0, "invalid-value");
        }
    }
    let result = passes(
        json!([{"op": "replace", "path": "/address", "value": {"street": "B", "verified": true}}]),
        &["address"],
    );
    assert_eq!(result["address"]["geoKey"], 41);
    let shown = visible::<User>(user().to_string().as_bytes()).expect("an object");
    let shown = String::from_utf8(shown).expect("UTF-8");
    assert!(!shown.contains("passwordHash") && !shown.contains("geoKey") && shown.contains("verified"), "{shown}");
}

/// Serde reads a struct from an array: what is shown has names, so that what is hidden can be left out.
#[test]
fn an_array_that_stands_for_a_struct_is_shown_as_the_struct() {
    let mut stored = user();
    stored["address"] = json!(["Main 1", null, true, 41]);
    stored["phones"] = json!([[3, "33", "work", true], {"id": 4, "number": "44"}]);
    stored["tags"] = json!({"red": ["Red", 3, "planted"]});
    let shown = visible::<User>(stored.to_string().as_bytes()).expect("an object");
    let shown: Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!(shown["address"], json!({"street": "Main 1", "zip": null, "verified": true}));
    let phones = json!([
        {"id": 3, "number": "33", "kind": "work", "verified": true},
        {"id": 4, "number": "44", "kind": "home", "verified": false},
    ]);
    assert_eq!((&shown["phones"], &shown["tags"]), (&phones, &json!({"red": {"label": "Red", "uses": 3}})));
    // What the type does not read has no names.
    stored["tags"] = json!({"red": ["Red", "planted", "planted"]});
    let shown = visible::<User>(stored.to_string().as_bytes()).expect("an object");
    let shown: Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!(shown["tags"], json!({"red": []}));
}

#[test]
fn an_invalid_value_says_where_and_what_was_expected() {
    let rows = [
        (
            json!([{"op": "replace", "path": "/phones/1/kind", "value": "fax"}]),
            "/phones/1/kind",
            "one of `home`, `work`",
        ),
        (json!({"tags": {"red": {"label": 5}}}), "/tags/red/label", "a string"),
        (json!([{"op": "add", "path": "/phones/-", "value": {"id": 9}}]), "/phones/2", "missing member number"),
        (json!({"email": null}), "/email", "a string"),
        (json!({"weight": 1e39}), "/weight", "a number"),
        (json!({"phones": 5}), "/phones", "an array"),
        (json!({"address": []}), "/address", "an object"),
    ];
    for (body, path, expected) in rows {
        let stored = user().to_string();
        let error =
            patch_stored::<User>(stored.as_bytes(), body.to_string().as_bytes(), Format::ByShape, &Dialect::RFC)
                .expect_err("it is refused");
        assert_eq!(error.code(), "invalid-value", "{body}: {error}");
        assert_eq!(error.path().map(ToString::to_string).as_deref(), Some(path), "{body}: {error}");
        assert!(error.to_string().contains(expected), "{body}: {error}");
    }
}

#[test]
fn a_value_is_stored_and_compared_as_its_type_spells_it() {
    passes(json!([{"op": "test", "path": "/weight", "value": 0.1}]), &[]);
    let result = passes(
        json!([{"op": "replace", "path": "/weight", "value": 0.2}, {"op": "test", "path": "/weight", "value": 0.2}]),
        &["weight"],
    );
    assert_eq!(result["weight"], json!(0.2));
}

/// May write no `email`, and nothing of tags; may not learn the address.
struct Restricted;

impl Policy<User> for Restricted {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        !write.is_within("/email") && !write.is_within("/tags/label")
    }

    fn may_read(&self, path: &Pointer) -> bool {
        path.as_str() != "/address/street"
    }

    fn validate(&self, stored: &User, patched: &User) -> Result<(), Violations> {
        let mut violations = Violations::default();
        if patched.weight < stored.weight {
            violations.add("/weight".parse().expect("a pointer"), "lighter", "a user only gains weight");
            violations.add(Pointer::ROOT, "unfair", "nothing else is wrong");
        }
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

#[test]
fn a_policy_decides_per_caller() {
    let call = |body: Value| {
        let stored = user().to_string();
        let text = body.to_string();
        let patched =
            patch_stored_with::<User>(stored.as_bytes(), text.as_bytes(), Format::ByShape, &Dialect::RFC, &Restricted);
        let entity: User = serde_json::from_value(user()).expect("a user");
        let document = PatchDocument::parse(text.as_bytes(), Format::ByShape, &Dialect::RFC).expect("a patch");
        let typed = patch_with(&entity, &document, &Dialect::RFC, &Restricted);
        match (patched, typed) {
            (Ok(patched), Ok(typed)) => {
                assert_eq!(patched.changed, typed.changed);
                Ok(patched.changed)
            }
            (Err(error), Err(typed)) => {
                assert_eq!(error, typed, "{body}");
                Err((error.status(), error.code(), error.path().map(ToString::to_string), error.operation()))
            }
            (patched, typed) => panic!("{body}: {patched:?} and {typed:?}"),
        }
    };
    let forbidden = |path: &str, operation| Err((403, "forbidden-member", Some(path.to_owned()), operation));
    assert_eq!(call(json!({"email": "b@example.com"})), forbidden("/email", None));
    assert_eq!(call(json!({"email": "ann@example.com"})), Ok(vec![]));
    let replaced = json!([{"op": "test", "path": "/id", "value": 7}, {"op": "replace", "path": "/tags", "value": {"red": {"label": "R", "uses": 3}}}]);
    assert_eq!(call(replaced), forbidden("/tags/red/label", Some(1)));
    assert_eq!(
        call(json!([{"op": "add", "path": "/tags/blue", "value": {"label": "B"}}])),
        forbidden("/tags/blue/label", Some(0))
    );
    assert_eq!(call(json!([{"op": "remove", "path": "/tags/red"}])), forbidden("/tags/red/label", Some(0)));
    for (operation, path) in [("test", "/address/street"), ("test", "/address"), ("test", "")] {
        let body = json!([{"op": operation, "path": path, "value": {"street": "Main 1"}}]);
        assert_eq!(call(body).map_err(|error| error.1), Err("unknown-member"), "{path}");
    }
    let copy = json!([{"op": "copy", "from": "/address/street", "path": "/nickname"}]);
    assert_eq!(call(copy).map_err(|error| error.1), Err("unknown-member"));
    assert_eq!(call(json!({"weight": 0.05})), Err((422, "invalid-entity", None, None)));
    assert_eq!(call(json!({"weight": 0.5})), Ok(vec!["weight"]));
}

#[test]
fn put_keeps_what_only_the_server_writes() {
    let stored = user().to_string();
    let body = json!({"id": 7, "email": "b@example.com", "address": {"street": "B", "verified": false}, "phones": [{"id": 2, "number": "2", "verified": true}], "passwordHash": "x"});
    let error =
        http::put::<User>(stored.as_bytes(), body.to_string().as_bytes(), &Dialect::RFC).expect_err("a hidden name");
    assert_eq!(error.code(), "unknown-member");
    let mut body = body;
    body.as_object_mut().expect("an object").remove("passwordHash");
    let put = http::put::<User>(stored.as_bytes(), body.to_string().as_bytes(), &Dialect::RFC).expect("it is put");
    let result: Value = serde_json::from_slice(&put.json).expect("JSON");
    assert_eq!(result["address"], json!({"street": "B", "verified": true, "geoKey": 41, "zip": null}));
    assert_eq!(result["phones"], json!([{"id": 2, "number": "2", "verified": false, "kind": "home"}]));
    assert_eq!((&result["passwordHash"], &result["tags"]), (&json!("hash-of-ann"), &json!({})));
    let error = http::put::<User>(stored.as_bytes(), br#"{"id": 8}"#, &Dialect::RFC).expect_err("another key");
    assert_eq!((error.code(), error.path().map(ToString::to_string)), ("read-only", Some("/id".to_owned())));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Thread {
    #[entity(nested)]
    comments: Vec<Comment>,
    #[serde(default)]
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
    #[serde(default)]
    #[entity(nested)]
    first: Notes,
    #[serde(default)]
    #[entity(nested)]
    list: Vec<Notes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Comment {
    #[serde(default)]
    #[entity(read_only)]
    author: String,
    text: String,
    #[serde(default)]
    #[entity(hidden)]
    score: u8,
    #[serde(default)]
    stars: Option<u16>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Notes {
    #[serde(default)]
    #[entity(read_only)]
    stamp: u8,
    #[serde(default)]
    #[entity(hidden)]
    secret: u8,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Value>,
}

#[track_caller]
fn patched(stored: &Value, body: &Value) -> Result<Value, (String, String, Option<usize>)> {
    let (stored, body) = (stored.to_string(), body.to_string());
    let patched = patch_stored::<Thread>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
    patched.map(|patched| serde_json::from_slice(&patched.json).expect("JSON")).map_err(|error| {
        (error.code().to_owned(), error.path().map(ToString::to_string).unwrap_or_default(), error.operation())
    })
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Series {
    #[entity(nested, by = "id")]
    books: Vec<Volume>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Volume {
    id: u32,
    #[entity(hidden)]
    mark: String,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Value>,
}

/// An undeclared member that has a hidden name in another case belongs to its element, whatever takes its place.
#[test]
fn what_no_client_sees_stays_with_its_element() {
    let first = json!({"id": 1, "mark": "a", "MARK": "a", "by": "a"});
    let second = json!({"id": 2, "mark": "b", "Mark": "b", "by": "b"});
    let stored = json!({"books": [first, second]}).to_string();
    for (body, books) in [
        (json!({"books": [{"id": 2}]}), json!([{"id": 2, "mark": "b", "Mark": "b"}])),
        (
            json!([{"op": "replace", "path": "/books/0/id", "value": 2}, {"op": "remove", "path": "/books/1"}]),
            json!([{"id": 2, "mark": "b", "Mark": "b", "by": "a"}]),
        ),
    ] {
        let patched =
            patch_stored::<Series>(stored.as_bytes(), body.to_string().as_bytes(), Format::ByShape, &Dialect::RFC)
                .unwrap_or_else(|error| panic!("{error}: {body}"));
        let result: Value = serde_json::from_slice(&patched.json).expect("JSON");
        assert_eq!(result["books"], books, "{body}");
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Chest {
    #[serde(default)]
    #[entity(nested)]
    one: Option<Inside>,
    #[serde(default)]
    #[entity(nested)]
    list: Vec<Inside>,
    #[serde(default)]
    #[entity(nested)]
    map: BTreeMap<String, Vec<Inside>>,
    #[serde(default)]
    choice: Choice,
    #[serde(flatten)]
    #[entity(open)]
    rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Inside {
    number: u8,
    #[serde(default)]
    choice: Choice,
    #[serde(default)]
    #[entity(hidden)]
    secret: String,
}

/// It takes no fraction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Choice {
    Number(i64),
    Text(String),
}

impl Default for Choice {
    fn default() -> Choice {
        Choice::Number(0)
    }
}

#[test]
fn what_is_hidden_does_not_come_along_into_an_open_map() {
    let inside = json!({"number": 1, "choice": "c", "secret": "planted"});
    let stored = json!({"one": inside, "list": [inside], "map": {"a": [inside]}, "free": {"a": 1}});
    let stored = stored.to_string();
    let mut folding = Dialect::SUPEROFFICE;
    folding.move_and_copy = true;
    for dialect in [Dialect::RFC, folding] {
        for from in ["/one", "/list", "/list/0", "/map", "/map/a", "/map/a/0"] {
            for op in ["move", "copy"] {
                for path in ["/other", "/free/b", "/free"] {
                    let body = json!([{"op": op, "from": from, "path": path}]).to_string();
                    let patched =
                        patch_stored::<Chest>(stored.as_bytes(), body.as_bytes(), Format::JsonPatch, &dialect);
                    let shown = visible::<Chest>(&patched.expect(&body).json).expect("an entity");
                    let shown = String::from_utf8(shown).expect("UTF-8");
                    assert!(shown.contains("\"choice\":\"c\"") && !shown.contains("planted"), "{body}: {shown}");
                }
            }
        }
        // Inside of a list it stays with its element.
        let body = br#"[{"op": "add", "path": "/list/-", "value": {"number": 2}},
            {"op": "move", "from": "/list/0", "path": "/list/1"}]"#;
        let patched = patch_stored::<Chest>(stored.as_bytes(), body, Format::JsonPatch, &dialect).expect("a move");
        let patched: Value = serde_json::from_slice(&patched.json).expect("JSON");
        assert_eq!(patched["list"][1]["secret"], "planted");
    }
}

/// What the laws of `tests/properties/governed.rs` found.
#[test]
fn what_the_laws_found() {
    // An absent member counts as what it reads as, also where elements are told from each other.
    let stored = json!({"comments": [{"text": "a", "score": 7}]});
    let echo = json!({"comments": [{"author": "", "text": "a"}, {"text": "b"}]});
    let result = patched(&stored, &echo).expect("it is patched");
    assert_eq!(result["comments"][0], json!({"text": "a", "score": 7}));

    // A new member that is required may not be null.
    let error = patched(&stored, &json!({"comments": [{"text": null}]})).expect_err("it is refused");
    assert_eq!(error, ("invalid-value".to_owned(), "/comments/0/text".to_owned(), None));

    // A number that is equal to the stored one, and that its type does not read, is not stored.
    let stars = json!({"comments": [{"text": "a", "stars": 1}]});
    let body = json!({"comments": [{"text": "b", "stars": 1.0}]});
    let result = patched(&stars, &body).expect("it is patched");
    assert_eq!(result["comments"][0]["stars"].to_string(), "1");

    // What has no key is told by what a client sees, and keeps what is stored when it is edited inside.
    let stored = json!({"comments": [], "phones": [{"number": "1", "verified": true}]});
    let body = json!([{"op": "replace", "path": "/phones/0/number", "value": "2"}]);
    let result = patched(&stored, &body).expect("it is patched");
    assert_eq!(result["phones"], json!([{"number": "2", "verified": true}]));
    let result = patched(&stored, &json!({"phones": [{"number": "0"}, {"number": "1", "verified": true}]}));
    assert_eq!(result.expect("it is patched")["phones"][1], json!({"number": "1", "verified": true}));

    // An element that is there twice is not one.
    let stored = json!({"comments": [], "phones": [{"id": 1, "number": "1"}]});
    let twice = json!([{"op": "add", "path": "/phones/0", "value": {"id": 1, "number": "1"}}]);
    let error = patched(&stored, &twice).expect_err("it is refused");
    assert_eq!(error, ("invalid-value".to_owned(), "/phones/1/id".to_owned(), Some(0)));

    // A key that is stored twice does no harm to who sends the elements back.
    let stored = json!({"comments": [], "phones": [{"id": 1, "number": "1"}, {"id": 1, "number": "2"}]});
    assert_eq!(patched(&stored, &json!({"phones": stored["phones"]})), Ok(stored));

    // An element that lost its key is new; the operation is told, and what is stored beside is nobody's fault.
    let stored = json!({"comments": [], "phones": [{"id": 1, "number": "1", "verified": true, "other": 1}]});
    let error = patched(&stored, &json!([{"op": "remove", "path": "/phones/0/id"}])).expect_err("it is refused");
    assert_eq!(error, ("read-only".to_owned(), "/phones/0/verified".to_owned(), Some(0)));

    // A new element takes its default as its type writes it, and not another spelling, which its type may not read.
    let moved = json!([{"op": "add", "path": "/one", "value": {"number": 1, "choice": 0.0}}]).to_string();
    let result = patch_stored::<Chest>(b"{}", moved.as_bytes(), Format::JsonPatch, &Dialect::RFC).expect("it is added");
    assert!(serde_json::from_slice::<Chest>(&result.json).is_ok(), "{}", String::from_utf8_lossy(&result.json));

    // An array in place of a struct may hold what is hidden, so it is not copied. It is refused, and not emptied.
    let body =
        json!([{"op": "copy", "from": "/list", "path": "/list/-"}, {"op": "copy", "from": "/list/1", "path": "/list"}]);
    let stored = br#"{"list": [{"number": 1}]}"#;
    let error = patch_stored::<Chest>(stored, body.to_string().as_bytes(), Format::JsonPatch, &Dialect::RFC);
    let error = error.expect_err("it is refused");
    let told = (error.code(), error.path().map(Pointer::as_str), error.operation());
    assert_eq!(told, ("invalid-value", Some("/list/1"), Some(1)));

    // A value that is moved is taken as a client sees it, and not once more for each member in it.
    let stored = json!({"comments": [], "list": [{"stamp": 0, "secret": 9, "other": {"a": 1}}]});
    let result = patched(&stored, &json!([{"op": "move", "from": "/list/0", "path": "/first"}])).expect("it is moved");
    assert_eq!(result["first"]["other"], json!({"a": 1}));

    // A copy of a container has no hidden member, also where the container is absent.
    let result = patched(&stored, &json!([{"op": "copy", "from": "", "path": "/first/all"}])).expect("it is copied");
    assert!(!result["first"]["all"].to_string().contains("secret"), "{result}");

    // A value that is moved to another name of its map takes its hidden members along.
    let mut stored = user();
    stored["tags"] = json!({"red": {"label": "Red", "note": "n"}});
    let (_, result) =
        outcome(&stored, &json!([{"op": "move", "from": "/tags/red", "path": "/tags/blue"}]), &Dialect::RFC)
            .expect("it is moved");
    assert_eq!(result["tags"], json!({"blue": {"label": "Red", "note": "n", "uses": 0}}));

    // What is absent stays absent, also where an object was replaced twice.
    let stored = json!({"comments": [], "first": {"n": 1}});
    let replaced = |n: u8| json!({"op": "add", "path": "/first", "value": {"n": n, "stamp": 0}});
    let emptied = json!({"op": "replace", "path": "/first", "value": 0});
    let result = patched(&stored, &json!([emptied, replaced(2), replaced(3)])).expect("it is patched");
    assert_eq!(result["first"], json!({"n": 3}));

    // PUT of a member that the stored text does not have.
    let put = http::put::<Thread>(br#"{"comments": []}"#, br#"{"comments": [], "first": {"n": 1}}"#, &Dialect::RFC);
    assert_eq!(put.expect("it is put").changed, ["first"]);
}

/// A type that no table knows, and a list of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Hall {
    size: Option<Extent>,
    sizes: Vec<Extent>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Extent {
    width: u8,
    height: u8,
}

/// A name that a type ignores may be stored, and sent back as it is; another value for it is not lost in silence.
#[test]
fn a_stored_name_that_its_type_ignores_can_be_sent_back_but_not_written() {
    let stored = json!({"size": {"width": 1, "depth": 1}, "sizes": [{"width": 1, "depth": 1}, {"depth": 2}]});
    let call = |body: &Value, dialect: &Dialect| {
        let (stored, body) = (stored.to_string(), body.to_string());
        patch_stored::<Hall>(stored.as_bytes(), body.as_bytes(), Format::ByShape, dialect)
    };
    let mut ignoring = Dialect::RFC.clone();
    ignoring.unknown_members = UnknownMembers::Ignore;
    for (body, path) in [
        (json!({"size": {"depth": 5}}), "/size/depth"),
        (json!({"size": {"depth": 5, "width": 7}}), "/size/depth"),
        (json!([{"op": "replace", "path": "/size/depth", "value": 5}]), "/size/depth"),
        (json!([{"op": "replace", "path": "/size", "value": {"width": 1, "depth": 9}}]), "/size/depth"),
        (json!([{"op": "replace", "path": "/sizes/1", "value": {"depth": 9}}]), "/sizes/1/depth"),
        (json!([{"op": "add", "path": "/sizes/0", "value": {"depth": 9}}]), "/sizes/0/depth"),
    ] {
        let error = call(&body, &Dialect::RFC).expect_err("it would be lost");
        assert_eq!(error.code(), "unknown-member", "{body}");
        assert_eq!(error.path().map(Pointer::as_str), Some(path), "{body}");
        let ignored = call(&body, &ignoring).expect("it is skipped").ignored;
        assert_eq!(ignored.iter().map(Pointer::as_str).collect::<Vec<_>>(), [path], "{body}");
    }
    for body in [
        json!({"size": {"depth": 1.0, "width": 7}}),
        json!([{"op": "add", "path": "/sizes/0", "value": {"width": 7}}]),
        json!([{"op": "remove", "path": "/sizes/0"}]),
        json!([{"op": "replace", "path": "/sizes", "value": [{"depth": 2}, {"width": 1, "depth": 1}]}]),
    ] {
        let patched = call(&body, &Dialect::RFC).unwrap_or_else(|error| panic!("{error}: {body}"));
        assert_eq!((patched.changed.len(), patched.ignored.len()), (1, 0), "{body}");
    }
}
