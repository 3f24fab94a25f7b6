use entity_patch::Entity;
use serde::{Deserialize, Serialize};

use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Inner {
    id: u64,
}

type Alias = Option<Inner>;

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Outer {
    one: Inner,
    #[serde(default)]
    maybe: Option<Inner>,
    #[entity(read_only)]
    list: Vec<Inner>,
    map: BTreeMap<String, Vec<Inner>>,
    hashed: HashMap<String, Box<Inner>>,
    aliased: Alias,
    itself: Option<Box<Outer>>,
    #[entity(opaque)]
    said: Inner,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Flattened {
    #[serde(flatten)]
    others: BTreeMap<String, Inner>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Generic<T> {
    any: T,
    one: Inner,
}

fn main() {}
