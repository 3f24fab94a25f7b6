use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
#[entity(output_only = "NAME")]
struct Clashes {
    name: u8,
    #[serde(rename = "Name")]
    other: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Aliases {
    #[serde(alias = "mail")]
    email: u8,
    #[serde(alias = "MAIL")]
    post: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase")]
struct Folded {
    strasse: u8,
    #[serde(rename = "Stra\u{df}e")]
    street: u8,
    // Serde makes `K` of it.
    _k: u8,
    #[serde(rename = "\u{212A}")]
    kelvin: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct ServerOnly {
    links: u8,
    #[serde(default, skip_serializing, rename = "Links")]
    #[entity(output_only)]
    all_links: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[entity(output_only = "VERSION", output_only = "version")]
struct Skipped {
    #[serde(skip)]
    #[entity(output_only)]
    version: u8,
    #[serde(skip)]
    #[entity(output_only)]
    r#Version: u8,
}

fn main() {}
