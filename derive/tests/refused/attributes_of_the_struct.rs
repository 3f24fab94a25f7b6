use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(from = "u8", into = "u8")]
struct Converted {
    id: u8,
}

impl From<u8> for Converted {
    fn from(id: u8) -> Converted {
        Converted { id }
    }
}

impl From<Converted> for u8 {
    fn from(converted: Converted) -> u8 {
        converted.id
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(try_from = "u8")]
struct Checked {
    id: u8,
}

impl TryFrom<u8> for Checked {
    type Error = String;

    fn try_from(id: u8) -> Result<Checked, String> {
        Ok(Checked { id })
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(transparent)]
struct Transparent {
    id: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(rename_all = "camelCase", tag = "type")]
struct Tagged {
    id: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(untagged)]
struct Untagged {
    id: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(tag = "type", content = "value")]
struct Content {
    id: u8,
}

mod other {
    #[derive(Clone)]
    pub struct Remote {
        pub id: u8,
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(remote = "other::Remote")]
struct Remote {
    id: u8,
}

fn main() {}
