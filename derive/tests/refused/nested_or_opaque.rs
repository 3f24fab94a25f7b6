use entity_patch::Entity;
use serde::{Deserialize, Serialize};

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, VecDeque},
};

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

/// `nested` is not for these.
#[derive(Clone, Serialize, Deserialize, Entity)]
struct Elsewhere {
    numbered: BTreeMap<u32, Inner>,
    queue: VecDeque<Inner>,
    pair: [Inner; 2],
    slice: Box<[Inner]>,
    cell: Option<RefCell<Vec<Inner>>>,
    #[entity(opaque)]
    said: VecDeque<Inner>,
}

fn main() {}
