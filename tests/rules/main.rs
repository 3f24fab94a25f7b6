//! The rows of `rows.json`: what may be written at every depth, what is said where it may not, and what an
//! absent member means. Each is patched as text and as a struct, which have to agree, or it is a PUT or a save. What a
//! patch did can be taken back.

use std::collections::BTreeMap;

use entity_patch::{
    Dialect, Entity, Error, Field, Format, MemberWrite, PatchDocument, Patched, PatchedJson, Pointer, Policy,
    Row as TableRow, Table, UnknownMembers, Violations, apply, http, patch, patch_json, patch_stored,
    patch_stored_with, patch_with,
    superoffice::{Save, save},
    visible_to,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct User {
    email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nick: Option<String>,
    #[serde(default)]
    level: u8,
    #[serde(default)]
    #[entity(read_only)]
    stamp: u8,
    #[serde(default)]
    grid: Vec<Vec<u8>>,
    #[entity(nested)]
    address: Address,
    #[serde(default)]
    #[entity(nested)]
    other: Option<Address>,
    #[serde(default)]
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Address {
    street: String,
    zip: Option<String>,
    #[serde(default)]
    #[entity(read_only)]
    verified: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Phone {
    id: Option<u32>,
    number: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    #[entity(read_only)]
    verified: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Home,
    Work,
}

/// As in `examples/contact.rs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    #[entity(read_only, key)]
    contact_id: i32,
    name: String,
    #[entity(nested)]
    phones: Option<Vec<ContactPhone>>,
    #[entity(nested)]
    category: Option<Category>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct ContactPhone {
    value: String,
    description: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Category {
    id: i32,
    value: Option<String>,
}

/// Its undeclared members are kept; those of its tracks may be written. A hidden member is at each depth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Album {
    title: String,
    #[serde(default)]
    rating: u8,
    #[serde(alias = "remark", default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default)]
    #[entity(read_only)]
    plays: u32,
    #[serde(default)]
    #[entity(hidden)]
    token: Option<String>,
    #[serde(default)]
    #[entity(nested)]
    cover: Option<Box<Cover>>,
    #[serde(default)]
    #[entity(nested)]
    discs: Option<Vec<Disc>>,
    #[serde(default)]
    #[entity(nested)]
    tracks: BTreeMap<String, Track>,
    #[serde(default)]
    #[entity(nested)]
    extras: Option<BTreeMap<String, Track>>,
    #[serde(default)]
    #[entity(nested)]
    covers: BTreeMap<String, Cover>,
    #[serde(default)]
    tags: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    size: Option<Size>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    sleeve: Option<Sleeve>,
    #[serde(default)]
    free: Value,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// No entity: its type alone knows it. It is written otherwise than it may be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Size {
    #[serde(alias = "w")]
    width: u8,
    #[serde(default)]
    heights: Vec<f32>,
    #[serde(default)]
    unit: Unit,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Unit {
    #[default]
    #[serde(alias = "cm")]
    Centimetre,
    Inch,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Cover {
    #[serde(alias = "colour")]
    color: String,
    #[serde(default)]
    width: u8,
    #[serde(default)]
    #[entity(read_only)]
    hash: Option<String>,
    /// It has no default.
    #[entity(hidden)]
    file: String,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// It has no key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Disc {
    number: u8,
    #[serde(default)]
    #[entity(nested)]
    cover: Option<Cover>,
    #[serde(default = "two")]
    sides: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[entity(nested)]
    parts: Option<Vec<Option<Track>>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[entity(nested)]
    voices: BTreeMap<String, Track>,
    #[serde(default)]
    #[entity(read_only)]
    minutes: u8,
    #[serde(default)]
    #[entity(hidden)]
    matrix: Option<String>,
}

fn two() -> Option<u8> {
    Some(2)
}

/// All that it has is nested.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Sleeve {
    #[entity(nested)]
    front: Track,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[entity(nested)]
    sides: BTreeMap<String, Category>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Track {
    name: String,
    #[serde(default)]
    #[entity(read_only)]
    seconds: u16,
    #[serde(default)]
    #[entity(hidden)]
    master: Option<String>,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Rows {
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Call {
    #[default]
    Patch,
    Put,
    /// Of a new entity.
    Save,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(default)]
    entity: Option<String>,
    #[serde(default)]
    call: Call,
    #[serde(default)]
    dialects: Vec<String>,
    /// Whether the caller is one of few rights.
    #[serde(default)]
    policy: bool,
    /// Members that are stored otherwise than in the entity below, and those that are not stored.
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    unset: Vec<String>,
    /// The stored text and what becomes of it, to the letter.
    stored: Option<String>,
    json: Option<String>,
    /// No struct holds what is stored.
    #[serde(default)]
    is_text_only: bool,
    body: Value,
    #[serde(default)]
    changed: Option<Vec<String>>,
    /// The paths that changed, where the row says which.
    changes: Option<Vec<String>>,
    #[serde(default)]
    ignored: Vec<String>,
    #[serde(default)]
    result: Map<String, Value>,
    #[serde(default)]
    error: Option<Map<String, Value>>,
}

/// Writes no street and no number, and does not see an e-mail address, what is said of the second phone and track, or two
/// values that no table governs.
struct Guest;

impl<E> Policy<E> for Guest {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        !write.is_within("/address/street") && write.member().as_str() != "/phones/number"
    }

    fn may_read(&self, path: &Pointer) -> bool {
        !["/email", "/phones/1/number", "/tracks/b/name", "/free/n", "/extra/c/d/0"].contains(&path.as_str())
    }
}

fn user() -> Value {
    json!({
        "email": "a@b", "level": 1, "stamp": 0, "grid": [[1]],
        "address": {"street": "A", "zip": null, "verified": true}, "other": null,
        "phones": [
            {"id": 1, "number": "1", "kind": "home", "verified": true},
            {"id": 2, "number": "2", "kind": "work", "verified": false},
        ],
    })
}

fn contact() -> Value {
    json!({
        "ContactId": 7, "Name": "G", "Phones": [{"Value": "1", "Description": null}],
        "Category": {"Id": 2, "Value": "Supplier"},
    })
}

fn album() -> Value {
    json!({
        "title": "T", "rating": 3, "plays": 9, "token": "s",
        "cover": {"color": "red", "width": 8, "hash": "h", "file": "f", "format": {"of": "png", "dots": null}},
        "discs": [
            {"number": 1, "cover": null, "sides": 2, "minutes": 40, "matrix": "m1"},
            {"number": 2, "cover": {"color": "blue", "width": 1, "hash": null, "file": "g"}, "sides": 1, "minutes": 41, "matrix": "m2"},
        ],
        "tracks": {
            "a": {"name": "A", "seconds": 60, "master": "ma", "key": "C", "more": {"x": 1, "y": [1, 2]}},
            "b": {"name": "B", "seconds": 61, "master": "mb"},
        },
        "extras": null, "covers": {"c": {"color": "c", "width": 0, "hash": null, "file": "k", "own": 1}},
        "tags": {"mood": ["calm"]}, "size": {"width": 3, "heights": [0.1, 2], "unit": "Centimetre"},
        "free": {"disc": {"number": 3, "nope": 1}, "list": [1, {"x": [1, 2]}, 3], "n": 1},
        "flag": true, "none": null, "extra": {"a": 1, "b": null, "c": {"d": [1]}},
    })
}

fn told(error: &Error) -> Value {
    json!({
        "status": error.status(),
        "code": error.code(),
        "operation": error.operation(),
        "path": error.path(),
        "expected": error.expected(),
        "message": error.to_string(),
    })
}

impl Row {
    fn check_result(&self, name: &str, patched: &PatchedJson) {
        let changed = self.changed.as_ref().map(|list| list.iter().map(String::as_str).collect());
        assert_eq!(Some(&patched.changed), changed.as_ref(), "{name}");
        assert_eq!(spelled(&patched.ignored), self.ignored, "{name}");
        if let Some(changes) = &self.changes {
            assert_eq!(&spelled(&patched.changes().expect("short paths")), changes, "{name}");
        }
        if let Some(json) = &self.json {
            assert_eq!(&String::from_utf8_lossy(&patched.json), json, "{name}");
        }
        let result: Value = serde_json::from_slice(&patched.json).expect("JSON");
        for (path, expected) in &self.result {
            let found = result.pointer(path).unwrap_or(&Value::Null);
            assert_eq!(found, expected, "{name}: {path} of {result}");
        }
    }

    fn check_error(&self, name: &str, error: &Error) {
        let told = told(error);
        for (part, expected) in self.error.iter().flatten() {
            assert_eq!(&told[part], expected, "{name}: {part} of {told}");
        }
    }
}

fn spelled(pointers: &[Pointer]) -> Vec<&str> {
    pointers.iter().map(Pointer::as_str).collect()
}

/// A patch does the same to the text as to the struct, and its inverse undoes it.
fn check_agreement<E: Entity + PartialEq + std::fmt::Debug>(
    name: &str,
    stored: &[u8],
    text: &PatchedJson,
    before: &E,
    typed: &Patched<E>,
) {
    let read: E = serde_json::from_slice(&text.json).expect("the result is read back");
    assert_eq!((&typed.changed, &typed.entity), (&text.changed, &read), "{name}");
    assert_eq!((&typed.ignored, typed.changes()), (&text.ignored, text.changes()), "{name}");
    let value = |json: &[u8]| serde_json::from_slice::<Value>(json).expect("JSON");
    let inverse = text.inverse(stored).to_string();
    let undone = patch_json(&text.json, inverse.as_bytes(), Format::JsonPatch, &Dialect::RFC).expect("it applies");
    assert_eq!(value(&undone), value(stored), "{name}");
    let mut undone = json!(typed.entity);
    apply(&mut undone, &typed.inverse(before), &Dialect::RFC).expect("it applies");
    assert_eq!(undone, json!(before), "{name}");
}

fn check<E: Entity + Default + PartialEq + std::fmt::Debug>(
    row: &Row,
    name: &str,
    mut stored: Value,
    dialect: &Dialect,
) {
    if let Some(text) = &row.stored {
        stored = serde_json::from_str(text).expect("JSON");
    }
    let members = stored.as_object_mut().expect("an entity");
    members.extend(row.set.clone());
    members.retain(|name, _| !row.unset.contains(name));
    let (text, body) = (row.stored.clone().unwrap_or_else(|| stored.to_string()), row.body.to_string());
    let (text, body) = (text.as_bytes(), body.as_bytes());
    let policy: &dyn Policy<E> = if row.policy { &Guest } else { &() };
    let written = match row.call {
        Call::Patch => patch_stored_with::<E>(text, body, Format::ByShape, dialect, policy),
        Call::Put => http::put_with::<E>(text, body, dialect, policy),
        Call::Save => save::<E>(body, dialect).map(|saved| match saved {
            Save::Create(created) => created,
            Save::Update(key) => panic!("{name}: it has the key {key}"),
        }),
    };
    let typed = (matches!(row.call, Call::Patch) && !row.is_text_only).then(|| {
        let entity: E = serde_json::from_value(stored).expect("an entity");
        let document = PatchDocument::parse(body, Format::ByShape, dialect).map_err(Error::from);
        (document.and_then(|document| patch_with(&entity, &document, dialect, policy)), entity)
    });
    match (&written, &row.error) {
        (Ok(written), None) => {
            row.check_result(name, written);
            if !row.is_text_only {
                let _: E = serde_json::from_slice(&written.json).expect("the result is read back");
            }
            if let Some((typed, before)) = typed {
                let typed = typed.unwrap_or_else(|error| panic!("{name}: {error}"));
                check_agreement(name, text, written, &before, &typed);
            }
        }
        (Err(error), Some(_)) => {
            row.check_error(name, error);
            if let Some((typed, _)) = typed {
                assert_eq!(typed.err().as_ref(), Some(error), "{name}");
            }
        }
        _ => panic!("{name}: {written:?}"),
    }
}

#[test]
fn each_row_holds() {
    let rows: Rows = serde_json::from_str(include_str!("rows.json")).expect("rows");
    let [mut ignoring, mut creating, mut folding, mut shallow] = [const { Dialect::RFC }; 4];
    ignoring.unknown_members = UnknownMembers::Ignore;
    (creating.create_parents, creating.ignore_missing) = (true, true);
    folding.ignore_case = true;
    shallow.limits.depth = 4;
    let dialects = [
        ("rfc", Dialect::RFC),
        ("superoffice", Dialect::SUPEROFFICE),
        ("ignoring", ignoring),
        ("creating", creating),
        ("folding", folding),
        ("shallow", shallow),
    ];
    for row in &rows.rows {
        for (index, (dialect_name, dialect)) in dialects.iter().enumerate() {
            // Where a row names none, it holds under the two that a server has.
            let is_meant = if row.dialects.is_empty() {
                index < 2
            } else {
                row.dialects.iter().any(|given| given == dialect_name)
            };
            if !is_meant {
                continue;
            }
            let name = format!("{} ({dialect_name})", row.name);
            match row.entity.as_deref() {
                None => check::<User>(row, &name, user(), dialect),
                Some("contact") => check::<Contact>(row, &name, contact(), dialect),
                Some("album") => check::<Album>(row, &name, album(), dialect),
                Some(other) => panic!("{other} is not an entity"),
            }
        }
    }
    assert!(rows.rows.len() > 40);
}

/// An entity without the derive: all that is known of it is its table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Label {
    text: String,
    color: Option<u8>,
    #[serde(skip)]
    cache: u8,
}

impl Entity for Label {
    fn table() -> &'static Table {
        static ROWS: [TableRow; 2] =
            [TableRow::new("text", Field::of::<String>()), TableRow::new("color", Field::of::<Option<u8>>())];
        static TABLE: Table = Table::new(&ROWS);
        &TABLE
    }

    fn adopt(&mut self, row: usize, from: &mut Label) {
        match row {
            0 => std::mem::swap(&mut self.text, &mut from.text),
            _ => std::mem::swap(&mut self.color, &mut from.color),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Parcel {
    #[entity(nested)]
    label: Label,
    #[entity(nested)]
    inner: Option<Box<Parcel>>,
    #[serde(skip)]
    cache: u8,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, u8>,
}

fn merged<E: Entity>(entity: &E, body: &str) -> E {
    let document = PatchDocument::parse(body.as_bytes(), Format::MergePatch, &Dialect::RFC).expect("a merge patch");
    patch(entity, &document, &Dialect::RFC).unwrap_or_else(|error| panic!("{body}: {error}")).entity
}

/// What serde skips stays as it is, also where an entity is in a box. One whose table is written by hand loses it, where
/// it is in another one.
#[test]
fn fields_that_serde_skips_stay() {
    let label = |text: &str, cache| Label { text: text.to_owned(), color: None, cache };
    assert_eq!(merged(&label("a", 1), r#"{"text": "b"}"#), label("b", 1));
    let parcel = |texts: [&str; 2], caches: [u8; 2], others: &[(&str, u8)]| {
        let inner = Parcel { label: label(texts[1], caches[1]), inner: None, cache: 2, others: BTreeMap::new() };
        let others = others.iter().map(|&(name, number)| (name.to_owned(), number)).collect();
        Parcel { label: label(texts[0], caches[0]), inner: Some(Box::new(inner)), cache: 1, others }
    };
    let before = parcel(["a", "b"], [3, 4], &[]);
    for (body, after) in [
        (r#"{"label": {"text": "A"}}"#, parcel(["A", "b"], [0, 4], &[])),
        (r#"{"inner": {"label": {"text": "B"}}}"#, parcel(["a", "B"], [3, 0], &[])),
        (r#"{"other": 1}"#, parcel(["a", "b"], [3, 4], &[("other", 1)])),
    ] {
        assert_eq!(merged(&before, body), after, "{body}");
        assert_eq!(merged(&Box::new(before.clone()), body), Box::new(after), "{body}");
    }
}

/// What no table declares goes with nothing else around it that changes.
#[test]
fn unknown_members_of_nested_entities_are_skipped() {
    let mut dialect = Dialect::RFC;
    dialect.unknown_members = UnknownMembers::Ignore;
    let stored = br#"{"label":{"text":"a","color":1},"inner":null}"#;
    let body = br#"[{"op":"replace","path":"/inner","value":{"label":{"text":"b","color":2,"nope":3},"inner":null}}]"#;
    let patched = patch_stored::<Parcel>(stored, body, Format::JsonPatch, &dialect).expect("it applies");
    let expected = r#"{"label":{"text":"a","color":1},"inner":{"label":{"text":"b","color":2},"inner":null}}"#;
    assert_eq!(String::from_utf8_lossy(&patched.json), expected);
    let ignored: Vec<&str> = patched.ignored.iter().map(|pointer| pointer.as_str()).collect();
    assert_eq!(ignored, ["/inner/label/nope"]);
}

/// Two results of one patch are equal where they changed the same.
#[test]
fn results_differ_where_other_members_changed() {
    let patched = |stored: &str| {
        let body = br#"{"free": {"a": 1, "b": 1}}"#;
        patch_stored_with::<Album>(stored.as_bytes(), body, Format::MergePatch, &Dialect::RFC, &()).expect("it applies")
    };
    let [first, second] =
        [r#"{"title":"T","free":{"a":1,"b":2}}"#, r#"{"title":"T","free":{"a":2,"b":1}}"#].map(patched);
    assert_eq!((&first.json, &first.changed), (&second.json, &second.changed));
    assert_ne!(first, second);
}

/// A policy that lets the first operation write, and sees which one it is.
#[test]
fn a_policy_knows_the_operation() {
    struct First;
    impl<E> Policy<E> for First {
        fn may_write(&self, write: &MemberWrite<'_>) -> bool {
            write.operation() == Some(0)
        }
    }
    let stored = user().to_string();
    for (body, code) in [
        (r#"[{"op": "replace", "path": "/level", "value": 2}]"#, None),
        (
            r#"[{"op": "test", "path": "/level", "value": 1}, {"op": "remove", "path": "/level"}]"#,
            Some("forbidden-member"),
        ),
        (r#"{"level": 2}"#, Some("forbidden-member")),
    ] {
        let patched =
            patch_stored_with::<User>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC, &First);
        assert_eq!(patched.err().map(|error| error.code()), code, "{body}");
    }
}

#[test]
fn a_caller_sees_what_it_may_read() {
    let shown = visible_to::<User>(user().to_string().as_bytes(), &Guest).expect("an object");
    let shown: Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!(
        shown["phones"],
        json!([
            {"id": 1, "number": "1", "kind": "home", "verified": true},
            {"id": 2, "kind": "work", "verified": false},
        ])
    );
    assert_eq!((&shown["email"], &shown["address"]), (&Value::Null, &user()["address"]));
}

#[test]
fn violations_are_told_by_the_first_one() {
    let mut violations = Violations::default();
    let mut told = vec![violations.to_string()];
    for path in [&["a"][..], &[], &["b"]] {
        violations.add(Pointer::from_tokens(path), "c", "not that");
        told.push(violations.to_string());
    }
    let first = "at `/a`: not that";
    assert_eq!(
        told,
        ["the entity is not valid", first, &format!("{first}, and 1 more"), &format!("{first}, and 2 more")]
    );
}

#[test]
fn a_hidden_member_has_no_declared_name() {
    assert_eq!(http::declared_name::<Album>("TITLE"), Some("title"));
    assert_eq!(http::declared_name::<Album>("token"), None);
}
