use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Inner {
    #[entity(key)]
    id: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Outer {
    #[entity(read_only, hidden)]
    both: u8,
    #[entity(nested, opaque)]
    contrary: Inner,
    #[entity(by = "id")]
    by_alone: Vec<u8>,
    #[entity(open)]
    open_alone: u8,
    #[entity(key, hidden)]
    hidden_key: u8,
    #[entity(nested, key)]
    nested_key: Inner,
    #[entity(key)]
    third_key: u8,
    #[entity(output_only)]
    written: u8,
    #[serde(skip)]
    #[entity(read_only)]
    skipped: u8,
    #[serde(skip)]
    #[entity(output_only, read_only)]
    server_only: u8,
    #[serde(skip_deserializing)]
    #[entity(eq, message)]
    unread: u8,
}

fn main() {}
