//! Laws of patches on a tree.

use entity_patch::{Dialect, MergePatch, Operation, Patch, apply, merge};
use serde_json::Value;

use super::{model, text::is_held_by_a_tree};

/// A patch that fails leaves the document as it was, byte for byte; the operations before the one that it names work,
/// and that one fails by itself.
pub fn atomicity(target: &Value, patch: &Patch, dialect: &Dialect) {
    let mut tree = target.clone();
    let Err(error) = apply(&mut tree, patch, dialect) else { return };
    assert_eq!(compact(&tree), compact(target), "{error} leaves a mark: {patch}");
    let index = error.operation().expect("an operation of a JSON Patch fails");
    let start = |count: usize| Patch::new(patch.operations()[..count].to_vec());
    assert!(apply(&mut tree, &start(index), dialect).is_ok(), "an operation before {index} of {patch} fails");
    let mut tree = target.clone();
    assert_eq!(apply(&mut tree, &start(index + 1), dialect), Err(error), "without what follows {index} in {patch}");
}

/// Every operation does what the model does, or fails as it does.
pub fn agrees_with_the_model(target: &Value, patch: &Patch, dialect: &Dialect) {
    let mut tree = target.clone();
    let result = apply(&mut tree, patch, dialect);
    if matches!(&result, Err(error) if is_a_budget(error.code())) {
        return;
    }
    match (&result, model::apply(target, patch, dialect)) {
        (Ok(()), Ok(expected)) => assert_eq!(tree, expected, "{patch} on {target}"),
        (Err(error), Err(expected)) => {
            assert_eq!((error.operation(), error.code()), (Some(expected.0), expected.1), "{patch} on {target}");
        }
        (result, expected) => panic!("{result:?} and not {expected:?}: {patch} on {target}"),
    }
}

/// Whether a failure says that a patch costs too much, which nothing that the crate is held against looks at.
fn is_a_budget(code: &str) -> bool {
    matches!(code, "copies-too-large" | "too-much-work")
}

/// Crate `json-patch` gives the same, where it is right. It is not asked about a `test` of floats (it takes 1 and 1.0
/// for two numbers), about a `move` of the root (it refuses one to the root, too), nor to roll back (after a `move`
/// that fails, it panics).
pub fn agrees_with_json_patch_where_it_is_right(target: &Value, patch: &Patch) {
    let is_asked = |operation: &Operation| match operation {
        Operation::Test { path: _, value } => !has_float(value),
        Operation::Move { from, path: _ } => !from.is_root(),
        Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } | Operation::Copy { .. } => true,
    };
    let text = patch.to_string();
    if has_float(target) || !is_held_by_a_tree(&text) || !patch.operations().iter().all(is_asked) {
        return;
    }
    let theirs: json_patch::Patch = serde_json::from_str(&text).expect("a patch of ours is a patch of theirs");
    let mut tree = target.clone();
    let result = apply(&mut tree, patch, &Dialect::RFC);
    // It would go as deep as the stack, and copy as much as there is memory.
    if matches!(&result, Err(error) if error.code() == "too-deep" || is_a_budget(error.code())) {
        return;
    }
    let mut expected = target.clone();
    let expectation = json_patch::patch_unsafe(&mut expected, &theirs);
    match (&result, &expectation) {
        (Ok(()), Ok(())) => assert_eq!(tree, expected, "{patch} on {target}"),
        (Err(_), Err(_)) => {}
        _ => panic!("{result:?} and not {expectation:?}: {patch} on {target}"),
    }
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_i64() && !number.is_u64(),
        Value::Array(elements) => elements.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// What serde_json can read, it can read after every patch: no patch makes a document deeper than its readers go.
pub fn result_reparses(target: &Value, patch: &Patch, dialect: &Dialect) {
    let mut tree = target.clone();
    if model::depth(target) > 127 || apply(&mut tree, patch, dialect).is_err() {
        return;
    }
    let text = tree.to_string();
    let read: Value = serde_json::from_str(&text).expect("the result is read back");
    if is_held_by_a_tree(&text) {
        assert_eq!(compact(&read), text);
    }
}

/// A merge patch gives what the pseudocode gives, numbers compared by their value; and so does the list of operations
/// that it represents, which names nothing that stays.
pub fn merge_is_the_pseudocode(target: &Value, patch: &Value, dialect: &Dialect) {
    let document = MergePatch::new(patch.clone());
    let mut tree = target.clone();
    let result = merge(&mut tree, &document, dialect);
    let expected = match model::merge(target.clone(), patch, dialect) {
        Ok(expected) => expected,
        Err(code) => {
            let error = result.expect_err("the model fails");
            assert_eq!((error.code(), error.operation()), (code, None), "{patch} on {target}");
            assert_eq!(compact(&tree), compact(target), "{error} leaves a mark: {patch}");
            return;
        }
    };
    assert_eq!(result, Ok(()), "{patch} on {target}");
    assert!(model::equal(&tree, &expected), "{patch} on {target}: {tree} and not {expected}");

    let list = document.to_patch(target, dialect).expect("what merges is a list");
    let mut step = target.clone();
    for operation in list.operations() {
        let before = step.clone();
        apply(&mut step, &Patch::new(vec![operation.clone()]), dialect).expect("each operation of the list works");
        assert!(!model::equal(&before, &step), "an operation of {list} changes nothing: {patch} on {target}");
    }
    assert_eq!(compact(&step), compact(&tree), "{list} is not {patch} on {target}");

    // Where case is ignored, a name may select another member once the one that it selected is gone.
    if !dialect.ignore_case && !dialect.merge_appends {
        let again = document.to_patch(&tree, dialect).expect("the same patch fits its own result");
        assert!(again.operations().is_empty(), "{patch} on its own result {tree} gives {again}");
    }
}

/// Two merge patches in one do what they do one after the other.
pub fn two_merge_patches_are_composed(target: &Value, first: &Value, next: &Value) {
    let (first, next) = (MergePatch::new(first.clone()), MergePatch::new(next.clone()));
    let Some(both) = first.then(&next) else { return };
    let mut expected = target.clone();
    merge(&mut expected, &first, &Dialect::RFC).expect("it merges");
    merge(&mut expected, &next, &Dialect::RFC).expect("it merges");
    let mut merged = target.clone();
    merge(&mut merged, &both, &Dialect::RFC).expect("it merges");
    assert!(
        model::equal(&merged, &expected),
        "{first} and {next} are {both}: {merged} and not {expected}, of {target}"
    );
}

/// A patch is what it writes.
pub fn patch_serialises_and_parses_back(patch: &Patch) {
    let mut unlimited = Dialect::RFC;
    let limits = &mut unlimited.limits;
    (limits.body_bytes, limits.operations, limits.pointer_bytes) = (usize::MAX, usize::MAX, usize::MAX);
    let text = serde_json::to_string(patch).expect("a patch is JSON");
    if !is_held_by_a_tree(&text) {
        return;
    }
    assert_eq!(Patch::parse(text.as_bytes(), &unlimited).as_ref(), Ok(patch), "{text}");
    assert_eq!(patch.to_string(), text);
    let pretty = format!("{patch:#}");
    assert_eq!(Patch::parse(pretty.as_bytes(), &unlimited).as_ref(), Ok(patch), "{pretty}");
    // Under `arbitrary_precision` serde_json hands an object with this name to every reader as a number.
    if !text.contains("$serde_json::private::") {
        let read: Patch = serde_json::from_str(&text).expect("serde reads what serde wrote");
        assert_eq!(&read, patch, "{text}");
    }
}

/// The bytes of a document, the order of its members included.
pub fn compact(value: &Value) -> String {
    value.to_string()
}
