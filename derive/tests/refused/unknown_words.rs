use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, Entity)]
#[entity(outputonly = "_links", crates = "x", read_only, key)]
struct OnStruct {
    id: u64,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct OnField {
    #[entity(readonly)]
    near: u8,
    #[entity(read_only, Hiden, opque, banana)]
    several: u8,
    #[entity(neste(by = "id"), ouput_only)]
    with_a_value: u8,
    #[entity(crate = "entity_patch", bound = "")]
    of_the_struct: u8,
    #[entity(xxopen, opxxen, openxx)]
    two_letters_too_many: u8,
    #[entity(k)]
    two_letters_missing: u8,
}

fn main() {}
