//! One call turns a stored entity and a PATCH body into the new entity, or into an error that knows its HTTP status.
//!
//! The body is a JSON Patch (RFC 6902) or a JSON Merge Patch (RFC 7396). An entity is a struct that serde already reads
//! and writes; `#[derive(Entity)]` says what a client may write.
//!
#![cfg_attr(feature = "derive", doc = "```")]
#![cfg_attr(not(feature = "derive"), doc = "```ignore")]
#![doc = include_str!("../examples/readme.rs")]
//! ```
//!
//! | you have | you call |
//! | --- | --- |
//! | an entity's stored JSON, or a struct | [`patch_stored`], [`patch()`] |
//! | an entity, for a caller with limited rights | [`patch_stored_with`], [`patch_with`] |
//! | any JSON text | [`patch_json`] |
//! | a `serde_json::Value` | [`apply`], [`merge()`], [`check`] |
//! | the same, and an undo button | [`apply_with_inverse`], [`merge_with_inverse`] |
//! | two versions of a `serde_json::Value` | [`diff()`], [`diff_with`], [`merge_diff`] |
//! | an entity to show | [`visible()`], [`Visible`] |
//!
//! [`Format`] says which kind of patch a media type means, [`Dialect`] which rules hold, [`Policy`] what a caller may do,
//! and [`Error`] which status a failure gets. The derive macro [`Entity`](macro@Entity) explains its attributes. [`http`]
//! has preconditions, PUT, problem details and the doors to web frameworks.
//!
//! # Features
//!
//! | feature | what it adds | Rust |
//! | --- | --- | --- |
//! | `derive`, on by default | `#[derive(Entity)]` | 1.85 |
//! | `superoffice`, on by default | the entities of the SuperOffice REST API | 1.85 |
//! | `http` | [`http`] over the types of the crate `http` | 1.85 |
//! | `axum` | an extractor, a response and a whole resource for axum | 1.85 |
//! | `actix-web` | an extractor and a response for actix-web | 1.89 |
//! | `schemars` | JSON Schemas of bodies and answers, for `schemars` | 1.85 |
//! | `utoipa` | the same for OpenAPI, by `utoipa` | 1.88 |
//! | `garde` | the reports of `garde` as [`Violations`] | 1.87 |
//! | `validator` | the errors of `validator` as [`Violations`] | 1.88 |
//!
//! # More
//!
//! [Rules](_rules) in full, [costs](_performance) in time and memory, and how to come
//! [from another library](_migrating).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod dialect;
mod diff;
mod document;
mod entity;
mod error;
pub mod http;
mod json;
mod patch;
#[cfg(any(feature = "schemars", feature = "utoipa"))]
pub mod schema;
#[cfg(feature = "superoffice")]
pub mod superoffice;
mod text;
mod tree;

#[cfg(all(doctest, feature = "derive"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(doc, any(not(doctest), feature = "superoffice")))]
#[doc = include_str!("../docs/rules.md")]
pub mod _rules {}

#[cfg(all(doc, any(not(doctest), feature = "superoffice")))]
#[doc = include_str!("../docs/performance.md")]
pub mod _performance {}

#[cfg(all(doc, any(not(doctest), feature = "superoffice")))]
#[doc = include_str!("../docs/migrating.md")]
pub mod _migrating {}

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
