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
//! # The house
//!
//! Imports point one way, from the left to the right:
//!
//! ```text
//! webhook -> http -> entity -> text -> error -> merge -> document (tree) -> operation -> pointer, name, number, value
//!                                  parse -> build -> scan       (the bytes of a body -> operations)
//! ```
//!
//! - `pointer`: a path and its tokens. `name`: which member a name stands for. `number`: when two numbers are equal.
//! - `operation`: an operation and a patch, to build, to read and to show.
//! - `document`: the rules of the six operations over the questions that they ask; `document/tree` answers them for a
//!   `serde_json::Value` and keeps what undoes each change, of which it also makes a patch.
//! - `scan`, `build`, `parse`: from the bytes of a body to a patch, with every limit checked on the way.
//! - `merge`: from a merge patch to the operations that it stands for.
//! - `diff`: from two versions of a document to the patch between them (beside, on top of `merge`).
//! - `error`: the table of statuses.
//! - `text`: the same questions answered for JSON text that is patched as it lies.
//! - `entity`: the table of an entity, and the patch that it governs; `webhook`: the first entity.
//! - `http`: what a server asks besides: preconditions, `$select`, links, problem details, PUT and save.

mod build;
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
