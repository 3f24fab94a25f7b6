use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
#[entity(output_only)]
#[entity(output_only = 3, bound = "T Clone", crate = "1")]
struct OnStruct {
    id: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct OnField {
    #[entity]
    bare: u8,
    #[entity = "read_only"]
    text: u8,
    #[entity(read_only = true)]
    with_a_value: u8,
    #[entity(nested(by = "id"))]
    in_parentheses: Vec<OnStruct>,
    #[entity(nested, by)]
    without_a_name: Vec<OnStruct>,
    #[entity(nested, by = id)]
    without_quotes: Vec<OnStruct>,
    #[entity(read_only, read_only)]
    twice: u8,
    #[entity(hidden)]
    #[entity(hidden)]
    twice_apart: u8,
}

fn main() {}
