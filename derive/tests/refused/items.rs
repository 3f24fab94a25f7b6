use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
enum State {
    Active,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Pair(u8, u8);

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Wrapped(u8);

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Nothing;

#[derive(Clone, Copy, Entity)]
union Bits {
    integer: u32,
    float: f32,
}

#[derive(Clone, Copy, Serialize, Deserialize, Entity)]
#[repr(C, packed)]
struct Packed {
    id: u8,
}

fn main() {}
