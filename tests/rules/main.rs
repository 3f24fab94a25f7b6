//! The rows of `rows.json`: what may be written at every depth, what is said where it may not, and what an
//! absent member means. Each is patched as text and as a struct, which have to agree, or it is a PUT or a save.

use entity_patch::{
    Dialect, Entity, Error, Format, MemberWrite, PatchDocument, PatchedJson, Pointer, Policy, http, patch_stored_with,
    patch_with,
    superoffice::{Save, save},
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
    body: Value,
    #[serde(default)]
    changed: Option<Vec<String>>,
    #[serde(default)]
    result: Map<String, Value>,
    #[serde(default)]
    error: Option<Map<String, Value>>,
}

/// Writes no street and no number, and does not see an e-mail address.
struct Guest;

impl<E> Policy<E> for Guest {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        !write.is_within("/address/street") && !write.is_within("/phones/number")
    }

    fn may_read(&self, path: &Pointer) -> bool {
        path.as_str() != "/email"
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
    fn check_result<E: Entity>(&self, name: &str, patched: &PatchedJson) -> E {
        let changed = self.changed.as_ref().map(|list| list.iter().map(String::as_str).collect());
        assert_eq!(Some(&patched.changed), changed.as_ref(), "{name}");
        let result: Value = serde_json::from_slice(&patched.json).expect("JSON");
        for (path, expected) in &self.result {
            let found = result.pointer(path).unwrap_or(&Value::Null);
            assert_eq!(found, expected, "{name}: {path} of {result}");
        }
        serde_json::from_slice(&patched.json).expect("the result is read back")
    }

    fn check_error(&self, name: &str, error: &Error) {
        let told = told(error);
        for (part, expected) in self.error.iter().flatten() {
            assert_eq!(&told[part], expected, "{name}: {part} of {told}");
        }
    }
}

fn check<E: Entity + Default + PartialEq + std::fmt::Debug>(row: &Row, mut stored: Value, dialect: &Dialect) {
    let name = format!("{} ({})", row.name, if dialect.ignore_case { "superoffice" } else { "rfc" });
    let members = stored.as_object_mut().expect("an entity");
    members.extend(row.set.clone());
    members.retain(|name, _| !row.unset.contains(name));
    let (text, body) = (stored.to_string(), row.body.to_string());
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
    let typed = matches!(row.call, Call::Patch).then(|| {
        let entity: E = serde_json::from_value(stored).expect("an entity");
        let document = PatchDocument::parse(body, Format::ByShape, dialect)?;
        patch_with(&entity, &document, dialect, policy)
    });
    match (&written, &row.error) {
        (Ok(written), None) => {
            let read: E = row.check_result(&name, written);
            if let Some(typed) = typed {
                let typed = typed.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!((&typed.changed, typed.entity), (&written.changed, read), "{name}");
            }
        }
        (Err(error), Some(_)) => {
            row.check_error(&name, error);
            if let Some(typed) = typed {
                assert_eq!(typed.err().as_ref(), Some(error), "{name}");
            }
        }
        _ => panic!("{name}: {written:?}"),
    }
}

#[test]
fn each_row_holds() {
    let rows: Rows = serde_json::from_str(include_str!("rows.json")).expect("rows");
    for row in &rows.rows {
        for (name, dialect) in [("rfc", Dialect::RFC), ("superoffice", Dialect::SUPEROFFICE)] {
            if !row.dialects.is_empty() && !row.dialects.iter().any(|given| given == name) {
                continue;
            }
            match row.entity.as_deref() {
                None => check::<User>(row, user(), &dialect),
                Some("contact") => check::<Contact>(row, contact(), &dialect),
                Some(other) => panic!("{other} is not an entity"),
            }
        }
    }
    assert!(rows.rows.len() > 40);
}
