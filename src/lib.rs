//! One call turns *stored entity + request body + media type* into *the new entity*, or into an error that knows its
//! HTTP status.

mod build;
mod date_time;
mod dialect;
mod document;
mod entity;
mod error;
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

#[doc(hidden)]
pub use crate::entity::__private;

/// Members by their names, in the order that serde_json keeps.
pub type Members = serde_json::Map<String, serde_json::Value>;

pub use crate::{
    date_time::{DateTime, ParseDateTimeError},
    dialect::{Dialect, Limits, UnknownMembers},
    document::{PatchError, PatchErrorKind, tree::apply},
    entity::{Access, Entity, Member, Patched, PatchedJson, patch, patch_stored},
    error::{Error, TargetError},
    merge::{MergePatch, merge},
    operation::{MalformedOperation, Operation, Patch},
    parse::{ParseError, ParseErrorKind},
    pointer::{ParsePointerError, Pointer, Token, Tokens},
    request::{Format, PatchDocument},
    scan::SyntaxError,
    text::patch_json,
};
