//! One call turns *stored entity + request body + media type* into *the new entity*, or into an error that knows its
//! HTTP status.
//!
//! A REST server keeps entities, and clients change them with a JSON Patch (RFC 6902) or a JSON Merge Patch (RFC 7396).
//!
//! ```
//! use entity_patch::{Dialect, Format, PatchDocument, patch, webhook::Webhook};
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
//! | `http::represent` | 3 | 0 | 0 | 0 | 0 |
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
//!
//! # The house
//!
//! Imports point one way, from the left to the right:
//!
//! ```text
//! webhook -> http -> entity -> text -> error, request -> parse -> merge -> document -> operation -> pointer, value
//!                    entity -> diff -> merge
//!                                      parse -> build -> scan  (the bytes of a body -> operations)
//! below all of them: dialect, name, number, bytes, sequence
//! in entity: patch -> tree (an entity), text (a stored one) -> session (the rules) -> table
//! ```
//!
//! - `dialect`: which rules and limits hold. `pointer`: a path and its tokens. `name`: which member a name stands for.
//!   `number`, `value`: when two of them are equal. `bytes`: short texts, eight bytes at a time.
//! - `operation`: an operation and a patch, to build, to read and to show.
//! - `document`: the rules of the six operations over the questions that they ask; `document/tree` answers them for a
//!   `serde_json::Value` and keeps what undoes each change, of which it also makes a patch.
//!   `sequence`: a long array into which elements are inserted.
//! - `scan`, `build`, `parse`: from the bytes of a body to a patch, with every limit checked on the way.
//! - `merge`: from a merge patch to the operations that it stands for, or straight into a tree (`merge/in_place`).
//! - `diff`: from two versions of a document to the patch between them (beside, on top of `merge`).
//! - `request`: what a media type means. `error`: the table of statuses.
//! - `text`: the same questions answered for JSON text that is patched as it lies.
//! - `entity`: the table of an entity, and the patch that it governs. `entity/session` has the rules over the questions
//!   that they ask of the members; `entity/tree` answers them for an entity, `entity/text` for a stored one, over
//!   `text`. `webhook`: the first entity; `date_time`: its dates.
//! - `http`: what a server asks besides: preconditions, `$select`, links, problem details, PUT and save.

mod build;
mod bytes;
mod date_time;
mod dialect;
mod diff;
mod document;
mod entity;
mod error;
pub mod http;
mod merge;
mod name;
mod number;
mod operation;
mod parse;
mod pointer;
mod request;
mod scan;
mod sequence;
mod text;
mod value;
pub mod webhook;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc(hidden)]
pub use crate::entity::__private;

/// Members by their names, in the order that serde_json keeps.
pub type Members = serde_json::Map<String, serde_json::Value>;

pub use crate::{
    date_time::{DateTime, ParseDateTimeError},
    dialect::{Dialect, Limits, UnknownMembers},
    diff::{DiffOptions, diff, diff_with, merge_diff},
    document::{
        PatchError, PatchErrorKind,
        tree::{apply, apply_with_inverse},
    },
    entity::{Access, Entity, Member, Patched, PatchedJson, patch, patch_stored},
    error::{Error, TargetError},
    merge::{MergePatch, merge, merge_with_inverse},
    operation::{MalformedOperation, Operation, Patch},
    parse::{ParseError, ParseErrorKind},
    pointer::{ParsePointerError, Pointer, Token, Tokens},
    request::{Format, PatchDocument},
    scan::SyntaxError,
    text::patch_json,
};
