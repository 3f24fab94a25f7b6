//! A tree that is patched as its text: that shifts nothing and searches over an index, so that the cost stays linear.
//! Writing the tree and reading it back costs about as much as a few dozen operations, which is when it pays.
//!
//! Every value survives: digits under serde_json's `arbitrary_precision`, the sign of a zero, names that serde_json takes
//! for a number, and the order of members.

use std::borrow::Cow;

use serde_json::Value;

use super::given::{self, given};
use crate::{
    dialect::{Dialect, Limits},
    document::{Context, PatchError, execute},
    json::{print, value},
    patch::operation::Operation,
    text::{self, Text},
};

/// The tree after the operations from one index on, or the error of one of them. `None` where text cannot carry the
/// tree: it is nested too deep, its text is too long, or it holds a number that no text gives back.
pub(super) fn apply(
    tree: &Value,
    operations: &[Operation],
    from: usize,
    context: &Context,
) -> Option<Result<Value, PatchError>> {
    let mut context = context.clone();
    let target = write(tree)?;
    let mut text = text::open_alone(&target, "", context.work_limit()).ok()?;
    for (index, operation) in operations.iter().enumerate().skip(from) {
        let operation = given(operation);
        let run = given::check(&operation, &context).map_err(|kind| kind.at(*operation.path())).and_then(|()| {
            let path = *operation.path();
            let operation = operation.try_map(|path| path, |value| text.json(&value).map(Cow::Owned));
            execute(&mut text, operation.map_err(|kind| kind.at(path))?, &mut context)
        });
        if let Err(failure) = run {
            return Some(Err(failure.of_operation(Some(index))));
        }
    }
    read(text).map(Ok)
}

/// The tree after a merge patch. `None` as above, or where the merge fails.
pub(super) fn merge(tree: &Value, patch: &Value, dialect: &Dialect) -> Option<Value> {
    let (target, patch) = (write(tree)?, String::from_utf8(write(patch)?).ok()?);
    let mut text = text::open_alone(&target, &patch, dialect.limits.work).ok()?;
    let patch = text.whole_body();
    text::merge(&mut text, patch, dialect).ok()?;
    read(text)
}

fn write(tree: &Value) -> Option<Vec<u8>> {
    (!value::is_deeper_than(tree, Limits::MAX_DEPTH)).then(|| print::compact(tree))
}

fn read(text: Text<'_>) -> Option<Value> {
    text.tree()
}
