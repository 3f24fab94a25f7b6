use entity_patch::Entity;
use serde::{Deserialize, Serialize};

use std::borrow::Cow;

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Names {
    #[serde(rename(serialize = "written", deserialize = "read"))]
    both: u8,
    #[serde(default, rename(serialize = "written_only"))]
    one: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"))]
struct Rules {
    same: u8,
    not_same: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Borrowed<'a> {
    text: &'a str,
    bytes: &'a [u8],
    #[serde(borrow)]
    cow: Cow<'a, str>,
    owned: Cow<'a, str>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[entity(output_only = "_links")]
struct Unwritten {
    #[serde(skip_serializing)]
    password: String,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(deny_unknown_fields)]
struct Unread {
    #[serde(skip_deserializing)]
    total: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Unknown {
    #[serde(skp)]
    misspelt: u8,
}

fn main() {}
