//! A JSON Patch on a tree: all of its operations or none.

use std::mem;

use serde_json::Value;

use super::{
    as_text,
    given::{self, given},
    undo::{Record, Tree},
};
use crate::{
    dialect::Dialect,
    document::{Context, Failure, PatchError, execute},
    json::value,
    patch::operation::{Operation, Patch},
};

/// Applies a JSON Patch in place (RFC 6902). All operations are applied, or none: after a failure the target holds the
/// same members in the same order.
///
/// ```
/// use entity_patch::{Dialect, Patch, apply};
/// use serde_json::json;
///
/// let mut target = json!({"Events": ["sale.sold"]});
/// let patch = Patch::parse(br#"[{"op": "add", "path": "events/-", "value": "sale.lost"}]"#, &Dialect::SUPEROFFICE)?;
/// apply(&mut target, &patch, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Events": ["sale.sold", "sale.lost"]}));
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 409: a `test` fails, a path does not exist, or a name is ambiguous.
/// - 422: the dialect has no such operation, the root would be removed, a value would be moved into itself or nested
///   deeper than the limit, or the patch copies or shifts more than the limits.
pub fn apply(target: &mut Value, patch: &Patch, dialect: &Dialect) -> Result<(), PatchError> {
    apply_operations(target, patch.operations(), dialect, |_, context| context.is_worth_a_pass())
}

/// Carries all operations out, or none. Those after the one at an index for which it `pays` are carried out on the text
/// of the tree.
pub(super) fn apply_operations(
    target: &mut Value,
    operations: &[Operation],
    dialect: &Dialect,
    pays: impl Fn(usize, &Context) -> bool,
) -> Result<(), PatchError> {
    let mut context = Context::new(dialect);
    let mut tree = Tree { root: target, undo: Record::with_capacity(operations.len()) };
    let mut can_be_text = true;
    let last = operations.len().saturating_sub(1);
    for (index, operation) in operations.iter().enumerate() {
        if let Err(failure) = run(&mut tree, operation, &mut context) {
            tree.roll_back(context.case);
            return Err(failure.of_operation(Some(index)));
        }
        if can_be_text && index < last && pays(index, &context) {
            match as_text::apply(tree.root, operations, index + 1, &context) {
                Some(Ok(patched)) => {
                    value::discard(mem::replace(tree.root, patched));
                    break;
                }
                Some(Err(error)) => {
                    tree.roll_back(context.case);
                    return Err(error);
                }
                None => can_be_text = false,
            }
        }
    }
    tree.undo.discard();
    Ok(())
}

/// Carries one operation out.
#[inline]
pub(super) fn run<'p>(
    tree: &mut Tree<'_, 'p>,
    operation: &'p Operation,
    context: &mut Context,
) -> Result<(), Failure<'p>> {
    let operation = given(operation);
    given::check(&operation, context).map_err(|kind| kind.at(*operation.path()))?;
    execute(tree, operation, context)
}

/// Whether a JSON Patch would apply. Nothing is changed.
///
/// ```
/// use entity_patch::{Dialect, Operation, Patch, check};
/// use serde_json::json;
///
/// let patch = Patch::from_iter([Operation::remove("/Name")?]);
/// assert!(check(&json!({"Name": "old"}), &patch, &Dialect::RFC).is_ok());
/// assert_eq!(check(&json!({}), &patch, &Dialect::RFC).unwrap_err().code(), "not-found");
/// # Ok::<(), entity_patch::ParsePointerError>(())
/// ```
///
/// # Errors
///
/// As [`apply`].
pub fn check(target: &Value, patch: &Patch, dialect: &Dialect) -> Result<(), PatchError> {
    let mut copy = value::copy(target, dialect.limits.depth());
    let applied = apply(&mut copy, patch, dialect);
    value::discard(copy);
    applied
}
