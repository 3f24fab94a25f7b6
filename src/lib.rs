//! One call turns *stored entity + request body + media type* into *the new entity*, or into an error that knows its
//! HTTP status.

mod build;
mod dialect;
mod document;
mod error;
mod merge;
mod name;
mod number;
mod operation;
mod parse;
mod pointer;
mod request;
mod scan;
mod text;
mod value;

pub use crate::{
    dialect::{Dialect, Limits, UnknownMembers},
    document::{PatchError, PatchErrorKind, tree::apply},
    error::{Error, TargetError},
    merge::{MergePatch, merge},
    operation::{MalformedOperation, Operation, Patch},
    parse::{ParseError, ParseErrorKind},
    pointer::{ParsePointerError, Pointer, Token, Tokens},
    request::{Format, PatchDocument},
    scan::SyntaxError,
    text::patch_json,
};
