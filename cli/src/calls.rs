//! The library's functions as the commands use them. Where one works on trees, the result is proved on the texts: a tree
//! holds a number as a 64-bit float, a text holds all of its digits.

use entity_patch::{
    Arrays, Dialect, DiffOptions, Error, Format, Guard, Limits, MergePatch, ParseError, Patch, PatchDocument,
    diff_with, merge_diff, patch_json,
};
use serde_json::Value;

use crate::arguments::{DiffArguments, GuardName};

/// Reads a document by the library's own reader: what it accepts as a merge patch is any JSON text without a duplicate
/// name.
pub fn document(text: &[u8]) -> Result<Value, ParseError> {
    MergePatch::parse(text, &without_limits(Dialect::RFC)).map(MergePatch::into_value)
}

/// The operations that turn one document into another.
pub fn difference(from: &Value, to: &Value, arguments: &DiffArguments) -> Patch {
    let guard = match arguments.guard {
        Some(GuardName::Changes) => Guard::Changes,
        Some(GuardName::Containers) => Guard::Containers,
        None => Guard::None,
    };
    let arrays = arguments.key.as_ref().map_or(Arrays::ByPosition, Arrays::by_key);
    diff_with(from, to, &DiffOptions::default().moves(arguments.moves).arrays(arrays).guard(guard))
}

/// The merge patch that turns one document into another, if there is one.
pub fn merge_difference(from: &Value, to: &Value) -> Option<MergePatch> {
    merge_diff(from, to)
}

/// The merge patch that does what two of them do, if there is one: an object after a null or a scalar has none, since
/// nothing says "empty it first".
pub fn composition(first: &MergePatch, second: &MergePatch) -> Option<MergePatch> {
    first.then(second)
}

/// The patch that undoes a patch.
pub fn inverse(target: &mut Value, patch: &[u8], format: Format, dialect: &Dialect) -> Result<Patch, Error> {
    let document = PatchDocument::parse(patch, format, dialect)?;
    Ok(document.apply_with_inverse(target, dialect)?)
}

/// Whether a patch that the library made turns one text into another, to the last digit.
pub fn proves(from: &[u8], patch: &[u8], format: Format, dialect: &Dialect, to: &[u8]) -> bool {
    let patched = patch_json(from, patch, format, &without_limits(dialect.clone()));
    patched.is_ok_and(|patched| are_equal(&patched, to))
}

/// Whether two texts hold the same value, to the last digit.
pub fn are_equal(first: &[u8], second: &[u8]) -> bool {
    let test = [br#"[{"op":"test","path":"","value":"#, second, b"}]"].concat();
    patch_json(first, &test, Format::JsonPatch, &without_limits(Dialect::RFC)).is_ok()
}

/// A dialect for texts that the tool made, or that no client sent.
fn without_limits(mut dialect: Dialect) -> Dialect {
    let limits: &mut Limits = &mut dialect.limits;
    // Sums of two of them have to stay numbers.
    let largest = usize::MAX / 4;
    limits.body_bytes = largest;
    limits.operations = largest;
    limits.pointer_bytes = largest;
    limits.copied_bytes = largest;
    limits.work = largest;
    dialect
}
