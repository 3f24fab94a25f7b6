//! A field is taken from another value by the number of its row; what serde skips stays where it was.

use std::collections::BTreeMap;

use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Address {
    street: String,
    #[serde(skip)]
    cache: u8,
    #[serde(skip_deserializing)]
    computed: u8,
    #[serde(default, skip_serializing)]
    #[entity(output_only)]
    links: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Home {
    #[entity(nested)]
    address: Option<Box<Address>>,
    #[serde(skip)]
    cache: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
struct Person {
    #[serde(skip)]
    first: u8,
    name: String,
    #[entity(nested)]
    home: Home,
    #[entity(opaque)]
    raw: Home,
    #[entity(nested)]
    others: Vec<Address>,
    #[serde(flatten)]
    undeclared: BTreeMap<String, u8>,
    #[serde(skip)]
    last: u8,
}

fn address(street: &str, skipped: u8) -> Address {
    Address { street: street.to_owned(), cache: skipped, computed: skipped, links: skipped }
}

fn home(street: &str, skipped: u8) -> Home {
    Home { address: Some(Box::new(address(street, skipped))), cache: skipped }
}

fn person(text: &str, skipped: u8) -> Person {
    Person {
        first: skipped,
        name: text.to_owned(),
        home: home(text, skipped),
        raw: home(text, skipped),
        others: vec![address(text, skipped)],
        undeclared: BTreeMap::from([(text.to_owned(), 1)]),
        last: skipped,
    }
}

#[test]
fn each_row_takes_its_field() {
    let (old, new) = (person("old", 1), person("new", 0));
    let expected = [
        Person { name: "new".to_owned(), ..old.clone() },
        // The fields that serde skips stay, however deep they are.
        Person { home: home("new", 1), ..old.clone() },
        Person { raw: home("new", 0), ..old.clone() },
        // Nobody knows which element is which.
        Person { others: vec![address("new", 0)], ..old.clone() },
        Person { undeclared: new.undeclared.clone(), ..old.clone() },
        old.clone(),
    ];
    assert_eq!(Person::table().rows().len(), 4);
    for (row, expected) in expected.into_iter().enumerate() {
        let mut adopted = old.clone();
        adopted.adopt(row, &mut new.clone());
        assert_eq!(adopted, expected, "row {row}");
    }
}

#[test]
fn a_nested_entity_that_was_not_there_keeps_nothing() {
    let mut adopted = Person { home: Home { address: None, cache: 1 }, ..person("old", 1) };
    adopted.adopt(1, &mut person("new", 0));
    assert_eq!(adopted.home, Home { address: Some(Box::new(address("new", 0))), cache: 1 });
}

#[test]
fn what_was_there_goes_to_the_other_value() {
    let (mut old, mut new) = (person("old", 1), person("new", 0));
    old.adopt(0, &mut new);
    assert_eq!((old.name.as_str(), new.name.as_str()), ("new", "old"));
}

#[test]
fn each_row_reads_its_field() {
    let read = |row, json: &str| {
        let mut adopted = person("old", 1);
        let is_read = adopted.adopt_json(row, json.as_bytes());
        (is_read, adopted)
    };
    let old = person("old", 1);
    assert_eq!(read(0, r#""new""#), (Some(true), Person { name: "new".to_owned(), ..old.clone() }));
    assert_eq!(read(0, "1"), (Some(false), old.clone()));
    // What serde skips stays where it was.
    let json = r#"{"address": {"street": "new"}}"#;
    assert_eq!(read(1, json), (Some(true), Person { home: home("new", 1), ..old.clone() }));
    assert_eq!(
        read(2, json),
        (Some(true), Person { raw: Home { address: Some(Box::new(address("new", 0))), cache: 0 }, ..old.clone() })
    );
    // The map, and a row that is not there.
    assert_eq!(read(4, "{}"), (None, old.clone()));
    assert_eq!(read(9, "{}"), (None, old));
    let mut address = address("old", 1);
    assert_eq!(address.adopt_json(1, b"2"), None);
    assert_eq!(address.computed, 1);
}
