//! A table that is written by hand, with what the crate offers to everybody, is the one that the derive writes.

mod common;

use std::collections::BTreeMap;

use common::described;
use entity_patch::__private::{Entity, Field, Inside, Rest, Row, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Clone, Serialize, Deserialize, entity_patch::Entity)]
struct Phone {
    #[entity(key)]
    id: u64,
    number: String,
}

#[derive(Clone, Serialize, Deserialize, entity_patch::Entity)]
#[serde(rename_all = "camelCase")]
#[entity(output_only = "_links")]
struct Derived {
    #[entity(read_only, key)]
    id: u64,
    #[serde(alias = "name", alias = "fullName")]
    display_name: Option<String>,
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
    #[entity(nested)]
    by_name: BTreeMap<String, Option<Phone>>,
    #[entity(hidden)]
    password_hash: String,
    #[entity(nested)]
    parent: Option<Box<Derived>>,
    #[serde(flatten)]
    #[entity(open)]
    others: Map<String, Value>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ByHand {
    id: u64,
    #[serde(alias = "name", alias = "fullName")]
    display_name: Option<String>,
    phones: Vec<Phone>,
    by_name: BTreeMap<String, Option<Phone>>,
    password_hash: String,
    parent: Option<Box<ByHand>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

static BY_HAND: Table = Table::new(&[
    Row::new("id", Field::of::<u64>()).read_only().key(),
    Row::new("displayName", Field::of::<Option<String>>()).aliases(&["fullName", "name"]).rust_name("display_name"),
    Row::new("phones", Field::of::<Vec<Phone>>())
        .inside(Inside::Elements { of: &Inside::Object(Phone::table), by: Some("id") }),
    Row::new("byName", Field::of::<BTreeMap<String, Option<Phone>>>())
        .rust_name("by_name")
        .inside(Inside::Values { of: &Inside::Object(Phone::table) }),
    Row::new("passwordHash", Field::of::<String>()).rust_name("password_hash").hidden(),
    Row::new("parent", Field::of::<Option<Box<ByHand>>>()).inside(Inside::Object(ByHand::table)),
])
.rest(Rest::Open)
.rest_rust_name("others")
.rest_field(Field::of::<Value>())
.output_only(&["_links"]);

impl Entity for ByHand {
    fn table() -> &'static Table {
        &BY_HAND
    }

    fn adopt(&mut self, row: usize, from: &mut ByHand) {
        use std::mem::swap;

        match row {
            0 => swap(&mut self.id, &mut from.id),
            1 => swap(&mut self.display_name, &mut from.display_name),
            2 => swap(&mut self.phones, &mut from.phones),
            3 => swap(&mut self.by_name, &mut from.by_name),
            4 => swap(&mut self.password_hash, &mut from.password_hash),
            5 => swap(&mut self.parent, &mut from.parent),
            6 => swap(&mut self.others, &mut from.others),
            _ => {}
        }
    }
}

#[test]
fn the_derive_writes_what_a_hand_would() {
    assert_eq!(described(ByHand::table()), described(Derived::table()));
}

#[test]
fn an_entity_by_hand_is_nested_as_any_other() {
    #[derive(Clone, Serialize, Deserialize, entity_patch::Entity)]
    struct Outer {
        #[entity(nested, by = "id")]
        contacts: Vec<ByHand>,
    }
    common::check::<Outer>(&[r#"contacts: Elements { of: Object, by: Some("id") }"#], "");
}
