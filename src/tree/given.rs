//! An operation of a patch, as a tree takes it.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    document::{Context, PatchErrorKind},
    json::value,
    patch::{
        operation::Operation,
        pointer::{Pointer, Tokens},
    },
};

/// An operation whose value is only copied once its place is found.
pub(crate) type Given<'p> = Operation<Tokens<'p>, Cow<'p, Value>>;

#[inline(always)]
pub(crate) fn given(operation: &Operation) -> Given<'_> {
    operation.as_ref().map(Pointer::tokens, Cow::Borrowed)
}

/// What a parsed patch cannot contain, and one that was built by hand can.
#[inline(always)]
pub(crate) fn check(operation: &Given<'_>, context: &Context) -> Result<(), PatchErrorKind> {
    match *operation {
        Operation::Add { path, ref value } | Operation::Replace { path, ref value } => {
            if !value::is_container(value) && path.fit(context.depth) {
                return Ok(());
            }
            context.check_depth(path, |levels| value::is_deeper_than(value, levels))
        }
        Operation::Test { ref value, .. } => {
            context.check_depth(Tokens::ROOT, |levels| value::is_deeper_than(value, levels))
        }
        Operation::Move { .. } | Operation::Copy { .. } if !context.move_and_copy => {
            Err(PatchErrorKind::UnsupportedOperation)
        }
        Operation::Move { .. } | Operation::Copy { .. } | Operation::Remove { .. } => Ok(()),
    }
}
