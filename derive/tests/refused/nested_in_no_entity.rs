use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Plain {
    id: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Outer {
    #[entity(nested)]
    number: u64,
    #[entity(nested)]
    list: Vec<Option<Plain>>,
    #[entity(nested)]
    array: [Inner; 2],
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Inner {
    id: u64,
}

fn main() {}
