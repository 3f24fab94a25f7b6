use entity_patch::Entity;
use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;
use serde_json::{Map, Value};

#[derive(Clone, Serialize, Deserialize)]
struct Common {
    created: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct OfAStruct {
    #[serde(flatten)]
    common: Common,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct OfAnOption {
    #[serde(flatten)]
    common: Option<Common>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct OfAList {
    #[serde(flatten)]
    pairs: Vec<(String, u8)>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Generic<T> {
    #[serde(flatten)]
    others: Vec<(String, T)>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Two {
    #[serde(flatten)]
    first: Map<String, Value>,
    #[serde(flatten)]
    second: BTreeMap<String, Value>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Words {
    #[serde(flatten)]
    #[entity(open, read_only)]
    others: Map<String, Value>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Unread {
    #[serde(flatten, skip_deserializing)]
    others: Map<String, Value>,
}

fn main() {}
