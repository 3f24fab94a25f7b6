//! The derive names a struct that is deprecated, and types that are, without a warning of its own.

#![deny(deprecated)]

mod common;

use common::check;
use entity_patch::Entity;
use serde::{Deserialize, Serialize};

#[test]
fn deprecated_structs_and_types_keep_their_tables() {
    #[deprecated]
    #[derive(Clone, Serialize, Deserialize, Entity)]
    struct Old {
        name: String,
    }
    #[derive(Clone, Serialize, Deserialize, Entity)]
    #[allow(deprecated, reason = "a type is deprecated to see what the derive says of it")]
    struct OfTheStruct {
        #[entity(nested)]
        old: Old,
    }
    #[allow(deprecated, reason = "a type is deprecated to see what the derive says of it")]
    let check_old = || check::<Old>(&["name"], "");
    check_old();
    check::<OfTheStruct>(&["old: Object"], "");
}
