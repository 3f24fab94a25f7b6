//! One call turns *stored entity + request body + media type* into *the new entity*, or into an error that knows its
//! HTTP status.
//!
//! A REST server keeps entities, and clients change them with a JSON Patch (RFC 6902) or a JSON Merge Patch (RFC 7396).
//! An entity is a struct that serde already reads and writes, with `#[derive(Entity)]` beside it.
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use entity_patch::{Dialect, Entity, Format, http::ProblemDetails, patch_stored};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Serialize, Deserialize, Entity)]
//! struct User {
//!     #[entity(read_only, key)]
//!     id: u64,
//!     email: String,
//!     #[entity(nested)]
//!     address: Address,
//!     #[entity(hidden)]
//!     password_hash: String,
//! }
//!
//! #[derive(Clone, Serialize, Deserialize, Entity)]
//! struct Address {
//!     street: String,
//!     #[entity(read_only)]
//!     verified: bool,
//! }
//!
//! let stored = br#"{"id": 7, "email": "ann@example.com", "address": {"street": "A", "verified": true}, "password_hash": "x"}"#;
//!
//! let body = br#"[{"op": "test", "path": "/id", "value": 7}, {"op": "replace", "path": "/address/street", "value": "B"}]"#;
//! let patched = patch_stored::<User>(stored, body, Format::JsonPatch, &Dialect::RFC)?;
//! assert_eq!(patched.changed, ["address"]); // what to save, and nothing if it is empty
//!
//! let body = br#"{"address": {"verified": false}}"#;
//! let error = patch_stored::<User>(stored, body, Format::MergePatch, &Dialect::RFC).unwrap_err();
//! assert_eq!((error.status(), error.code()), (422, "read-only"));
//! let problem = serde_json::to_string(&ProblemDetails::from(&error)).unwrap();
//! assert!(problem.contains(r#""detail":"at `/address/verified`: the member is read-only""#));
//! # }
//! # Ok::<(), entity_patch::Error>(())
//! ```
//!
//! | you have | you call |
//! | --- | --- |
//! | an entity's stored JSON text | [`patch_stored`] |
//! | an entity, a struct | [`patch()`] |
//! | either, and a caller | [`patch_stored_with`], [`patch_with`] |
//! | any JSON text | [`patch_json`] |
//! | any `serde_json::Value` | [`apply`], [`merge()`], [`check`] |
//! | the same, and a way back | [`apply_with_inverse`], [`merge_with_inverse`] |
//! | two versions of a `serde_json::Value` | [`diff()`], [`diff_with`], [`merge_diff`] |
//! | an entity to show | [`visible()`], [`Visible`] |
//!
//! [`Format`] says what a media type means, [`Dialect`] which rules hold, [`Policy`] what a caller may do, and
//! [`Error`] which status a failure gets. `Entity` says what its attributes mean; [`http`] has preconditions, PUT and
//! problem details, and `superoffice` what the SuperOffice API adds.
//!
//! # What a call costs
//!
//! The most memory at one time, besides what a call is given and what it gives back, as a multiple of the length of the
//! text that it is about, or whose trees it is about; 16 KiB come on top, and up to 2 MiB for `diff`, which searches
//! that far for the shortest. The texts, from the fewest values to the most: a string; `{"Id":1,"Name":"element 1",
//! "Tags":["a","b"],"Rank":0.5}` again and again in an array; one object `{"name0":1,…}`; `{"":0}` in an array, the
//! smallest objects, which fill a hundred times their length as a tree; `0` in an array.
//!
//! | call | a string | records | a wide object | small objects | digits |
//! | --- | --- | --- | --- | --- | --- |
//! | `Patch::parse` | 1 | 0.1 | 0.1 | 0.1 | 17 |
//! | `MergePatch::parse` | 1 | 0.1 | 2 | 0.1 | 17 |
//! | `apply` | 1.1 | 15 | 9 | 115 | 17 |
//! | `merge` | 1.1 | 15 | 37 | 115 | 17 |
//! | `patch_json`, a member of the root | 0 | 0 | 0 | 0 | 0 |
//! | `patch_json`, a value in the text | - | 1.1 | 5 | 11 | 42 |
//! | `patch_json`, the text in a patch | 3 | 13 | 15 | 35 | 46 |
//! | `patch_json`, the text in a merge patch | 1 | 12 | 33 | 34 | 45 |
//! | `patch` | 6 | 18 | 22 | 110 | 65 |
//! | `patch_stored` | 3 | 14 | 26 | 35 | 43 |
//! | `http::put` | 5 | 15 | 15 | 35 | 43 |
//! | `superoffice::save` | 3 | 14 | 10 | 100 | 18 |
//! | `superoffice::represent` | 3 | 0 | 0 | 0 | 0 |
//! | `diff` | 0.1 | 4 | 0.1 | 15 | 35 |
//! | `merge_diff` | 0.1 | 1 | 0.1 | 7 | 0.1 |
//!
//! Under `serde_json/preserve_order`, where a value takes 72 bytes instead of 32, the calls that build trees (all but
//! `patch_json`, `patch_stored`, `put` and `represent`) take up to two and a half times that, and at least 6.
//! Preconditions, links and problem details take what their header values and paths are long.
//!
//! Time is linear in the texts, up to a logarithm for names that are compared with each other, and for operations in
//! what they touch together; [`Limits`] bounds that sum, the body and the copies. `tests/bounds.rs` holds the crate to
//! this table, `tests/hostile.rs` and `tests/large.rs` to the rest.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod dialect;
mod diff;
mod document;
mod entity;
mod error;
pub mod http;
mod json;
mod patch;
#[cfg(feature = "superoffice")]
pub mod superoffice;
mod text;
mod tree;

#[cfg(all(doctest, feature = "derive"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc(hidden)]
pub use crate::entity::private as __private;

#[cfg(feature = "derive")]
pub use entity_patch_derive::Entity;

/// Members by their names, in the order that serde_json keeps.
pub type Members = serde_json::Map<String, serde_json::Value>;

pub use crate::{
    dialect::{Dialect, Limits, UnknownMembers},
    diff::{ArrayKey, Arrays, DiffOptions, Guard, diff, diff_with, merge_diff},
    document::{PatchError, PatchErrorKind},
    entity::{
        field::Field,
        nested::{Entity, Nested},
        patch::{Patched, PatchedJson, patch, patch_stored, patch_stored_with, patch_with},
        policy::{MemberWrite, Policy, Violation, Violations},
        shape::Shape,
        table::{Access, Inside, Rest, Row, Table},
        visible::{Visible, visible, visible_to},
    },
    error::{Error, TargetError},
    json::syntax::SyntaxError,
    patch::{
        format::{Format, PatchDocument},
        merge_patch::MergePatch,
        operation::{MalformedOperation, Operation, Patch},
        parse_error::{ParseError, ParseErrorKind},
        pointer::{ParsePointerError, Pointer, Token, Tokens},
    },
    text::patch_json,
    tree::{apply, apply_with_inverse, check, merge, merge_with_inverse},
};
