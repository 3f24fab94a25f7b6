//! One call turns *stored entity + request body + media type* into *the new entity*, or into an error that knows its
//! HTTP status.
//!
//! A REST server keeps entities, and clients change them with a JSON Patch (RFC 6902) or a JSON Merge Patch (RFC 7396).
//!
//! ```
//! use entity_patch::{Dialect, Format, PatchDocument, patch, superoffice::Webhook};
//!
//! let webhook: Webhook = serde_json::from_str(r#"{"WebhookId": 7, "Name": "sales", "State": "Active"}"#).unwrap();
//! let json_patch = br#"[{"op": "replace", "path": "name", "value": "Sales"}]"#;
//! let merge_patch = br#"{"name": "Sales"}"#;
//! for (body, content_type) in [
//!     (&json_patch[..], "application/json-patch+json"),
//!     (&merge_patch[..], "application/merge-patch+json; charset=utf-8"),
//! ] {
//!     let format = Format::from_content_type(content_type).expect("otherwise the answer is 415");
//!     let document = PatchDocument::parse(body, format, &Dialect::SUPEROFFICE)?;
//!     let patched = patch(&webhook, &document, &Dialect::SUPEROFFICE)?;
//!     assert_eq!(patched.entity.name.as_deref(), Some("Sales"));
//!     assert_eq!(patched.changed, ["Name"]);
//! }
//! # Ok::<(), entity_patch::Error>(())
//! ```
//!
//! | you have | you call |
//! | --- | --- |
//! | an entity, a struct with a table of its members | [`patch()`] |
//! | the entity's stored JSON text | [`patch_stored`] |
//! | any JSON text | [`patch_json`] |
//! | any `serde_json::Value` | [`apply`], [`merge()`] |
//! | the same, and a way back | [`apply_with_inverse`], [`merge_with_inverse`] |
//! | two versions of a `serde_json::Value` | [`diff()`], [`merge_diff`] |
//!
//! [`Dialect`] says which rules hold, [`Format`] what a media type means, [`Error`] which status a failure gets, and
//! [`entity!`] makes an entity of a struct.
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
//! | `patch` | 1.1 | 15 | 9 | 115 | 17 |
//! | `patch_stored` | 3 | 14 | 26 | 35 | 43 |
//! | `http::put` | 5 | 15 | 15 | 35 | 43 |
//! | `http::save` | 3 | 14 | 10 | 100 | 18 |
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

mod dialect;
mod diff;
mod document;
mod entity;
mod error;
pub mod http;
mod json;
mod patch;
pub mod superoffice;
mod text;
mod tree;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc(hidden)]
pub use crate::entity::__private;

/// Members by their names, in the order that serde_json keeps.
pub type Members = serde_json::Map<String, serde_json::Value>;

pub use crate::{
    dialect::{Dialect, Limits, UnknownMembers},
    diff::{DiffOptions, diff, diff_with, merge_diff},
    document::{PatchError, PatchErrorKind},
    entity::{Access, Entity, Member, Patched, PatchedJson, patch, patch_stored},
    error::{Error, TargetError},
    json::scan::SyntaxError,
    patch::{
        format::{Format, PatchDocument},
        merge_patch::MergePatch,
        operation::{MalformedOperation, Operation, Patch},
        parse::{ParseError, ParseErrorKind},
        pointer::{ParsePointerError, Pointer, Token, Tokens},
    },
    text::patch_json,
    tree::{
        apply, apply_with_inverse,
        merge::{merge, merge_with_inverse},
    },
};
