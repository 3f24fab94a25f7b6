//! Derived tables: how their fields read and write JSON, under the attributes of serde that say so. A table's names are
//! tested where the derive is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::entity::{field::Field, nested::Entity, shape::Shape};

mod shouted {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text.to_uppercase())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer).map(|text| text.to_lowercase())
    }
}

/// It is written, and nothing reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Computed(u8);

/// Equal in any case.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Caseless(String);

impl PartialEq for Caseless {
    fn eq(&self, other: &Caseless) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

fn seven() -> u8 {
    7
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[derive(Clone, Serialize, Deserialize, crate::Entity)]
#[entity(crate = "crate")]
struct Fields {
    plain: u8,
    option: Option<u8>,
    #[serde(default)]
    default: u8,
    #[serde(default = "seven")]
    seven: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out_of_type: Option<u8>,
    #[serde(default = "seven", skip_serializing_if = "is_zero")]
    not_zero: u8,
    #[serde(with = "shouted")]
    with: String,
    #[serde(serialize_with = "shouted::serialize")]
    written_with: String,
    #[serde(deserialize_with = "shouted::deserialize")]
    read_with: String,
    #[serde(with = "shouted", default)]
    with_default: String,
    #[serde(skip_deserializing)]
    computed: Computed,
    #[entity(eq)]
    caseless: Caseless,
    map: BTreeMap<String, bool>,
}

#[derive(Clone, Serialize, Deserialize, crate::Entity)]
#[entity(crate = "crate")]
#[serde(default)]
struct Defaults {
    name: String,
    #[serde(default)]
    own: u8,
    #[serde(skip_serializing_if = "is_zero")]
    number: u8,
    #[serde(skip_deserializing)]
    computed: Computed,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults { name: "anonymous".to_owned(), own: 1, number: 0, computed: Computed(3) }
    }
}

#[derive(Clone, Serialize, Deserialize, crate::Entity)]
#[entity(crate = "crate")]
#[serde(default = "Generic::new")]
struct Generic<T: Default> {
    value: T,
    others: Vec<T>,
}

impl<T: Default> Generic<T> {
    fn new() -> Generic<T> {
        Generic { value: T::default(), others: vec![T::default()] }
    }
}

fn field<E: Entity>(name: &str) -> Field {
    E::table().rows().iter().find(|row| row.name == name).expect("the struct declares the member").field
}

fn absent<E: Entity>(name: &str) -> Option<String> {
    let json = field::<E>(name).absent?()?;
    Some(String::from_utf8(json.into_owned()).expect("JSON is UTF-8"))
}

#[test]
fn a_field_reads_and_writes_as_serde_does() {
    // What is sent, what the type writes for it, and whether it leaves that out.
    let rows = [
        ("plain", "200", Some(("200", false))),
        ("plain", "null", None),
        ("plain", "256", None),
        ("option", "null", Some(("null", false))),
        ("default", "null", None),
        ("left_out", "null", Some(("null", true))),
        ("left_out", "1", Some(("1", false))),
        ("not_zero", "0", Some(("0", true))),
        ("not_zero", "1", Some(("1", false))),
        ("with", r#""Mixed""#, Some((r#""MIXED""#, false))),
        ("with", "1", None),
        ("written_with", r#""Mixed""#, Some((r#""MIXED""#, false))),
        ("read_with", r#""Mixed""#, Some((r#""mixed""#, false))),
        // Nothing reads it: it is what it is.
        ("computed", r#"{"any": 1}"#, Some((r#"{"any": 1}"#, false))),
        ("map", r#"{"a": true}"#, Some((r#"{"a":true}"#, false))),
        ("map", r#"{"a": 1}"#, None),
    ];
    for (name, sent, expected) in rows {
        let reading = field::<Fields>(name).read(sent.as_bytes(), &mut usize::MAX.clone()).ok();
        let found =
            reading.map(|reading| (String::from_utf8(reading.json).expect("JSON is UTF-8"), reading.is_left_out));
        assert_eq!(found.as_ref().map(|(json, is_left_out)| (json.as_str(), *is_left_out)), expected, "{name}: {sent}");
    }
}

#[test]
fn an_absent_member_reads_as_serde_reads_it() {
    let rows = [
        ("plain", None),
        ("option", Some("null")),
        ("default", Some("0")),
        ("seven", Some("7")),
        ("left_out", Some("null")),
        ("left_out_of_type", Some("null")),
        ("not_zero", Some("7")),
        ("with", None),
        ("read_with", None),
        ("with_default", Some(r#""""#)),
        ("computed", Some("0")),
    ];
    for (name, expected) in rows {
        assert_eq!(absent::<Fields>(name).as_deref(), expected, "{name}");
    }
    for (name, expected) in [("name", r#""anonymous""#), ("own", "0"), ("number", "0"), ("computed", "3")] {
        assert_eq!(absent::<Defaults>(name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(absent::<Generic<bool>>("others").as_deref(), Some("[false]"));
    assert_eq!(absent::<Generic<u8>>("value").as_deref(), Some("0"));
}

#[test]
fn a_type_may_call_more_texts_equal() {
    let equal = field::<Fields>("caseless").equal.expect("the field says `eq`");
    assert!(equal(br#""Name""#, br#""NAME""#));
    assert!(!equal(br#""Name""#, br#""other""#));
    assert!(!equal(br#""Name""#, b"1"));
    assert!(field::<Fields>("plain").equal.is_none());
}

#[test]
fn only_a_type_that_reads_itself_has_a_shape() {
    for (name, has_shape) in [("plain", true), ("seven", true), ("map", true), ("with", false), ("caseless", false)] {
        assert_eq!(field::<Fields>(name).shape != Shape::GENERAL, has_shape, "{name}");
    }
    for name in ["written_with", "read_with", "computed"] {
        assert_eq!(field::<Fields>(name).shape, Shape::GENERAL, "{name}");
    }
    // Where a type is not known, neither is its shape.
    assert_eq!(field::<Generic<u8>>("value").shape, Shape::GENERAL);
}

#[test]
fn a_copy_of_a_row_has_its_place() {
    let table = Fields::table();
    for (place, row) in table.rows().iter().copied().enumerate() {
        assert_eq!(table.order(&row), place, "{}", row.name);
    }
}
