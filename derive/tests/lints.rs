//! What the derive writes sets off none of the lints that a strict crate turns on.

#![forbid(deprecated, private_bounds, unsafe_code, unused_imports)]
#![deny(
    elided_lifetimes_in_paths,
    missing_docs,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    unnameable_types,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::nursery,
    clippy::panic,
    clippy::pedantic,
    clippy::same_name_method,
    clippy::shadow_unrelated,
    clippy::single_match,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;

use entity_patch::Entity;
use serde::{Deserialize, Serialize};

/// An element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Entity)]
pub struct Inner {
    /// Its key.
    #[entity(key)]
    pub id: String,
}

/// Each kind of field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Entity)]
pub struct Outer {
    /// Elements.
    #[entity(nested, by = "id")]
    pub list: Vec<Inner>,
    /// One entity.
    #[serde(skip_deserializing)]
    #[entity(nested)]
    pub one: Option<Box<Inner>>,
    /// A default. The word `deprecated` in a comment means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[entity(eq)]
    pub option: Option<u8>,
    /// No member.
    #[serde(skip)]
    pub skipped: u8,
    /// The others.
    #[serde(flatten)]
    pub others: BTreeMap<String, u8>,
}

/// An entity with a parameter.
#[derive(Clone, Debug, Serialize, Deserialize, Entity)]
pub struct Page<T, const N: usize> {
    /// Elements.
    #[entity(nested)]
    pub items: Vec<T>,
}

#[test]
fn strict_crates_compile() {
    use entity_patch::__private::Entity as _;

    assert_eq!(Outer::table().rows().len(), 3);
    assert_eq!(Inner::table().rows().len(), 1);
    assert_eq!(Page::<Outer, 1>::table().rows().len(), 1);
}
