use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Phone {
    #[serde(rename = "Id", alias = "id")]
    #[entity(key)]
    id: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Contact {
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
    #[entity(nested, by = "Id")]
    phone: Option<Phone>,
    #[entity(nested, by = "Id")]
    right: Vec<Phone>,
}

fn main() {}
