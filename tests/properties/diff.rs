//! The laws of the way back: what a diff, a merge diff and an inverse give when they are applied.

use entity_patch::{
    Dialect, DiffOptions, MergePatch, Operation, Patch, Pointer, apply, apply_with_inverse, diff, diff_with, merge,
    merge_diff, merge_with_inverse,
};
use serde_json::{Map, Value};

pub use super::model::equal as are_equal;
use super::text::is_held_by_a_tree;

/// Applying a diff gives the target; it holds no operation between equal values, and never more than it has to.
pub fn a_diff_gives_the_target(source: &Value, target: &Value, dialect: &Dialect) {
    let patch = diff(source, target);
    let mut patched = source.clone();
    apply(&mut patched, &patch, dialect).unwrap_or_else(|error| panic!("{patch} on {source}: {error}"));
    assert_equal(&patched, target, &patch);
    assert_eq!(patch.operations().is_empty(), are_equal(source, target), "{patch} from {source} to {target}");
    for operation in patch.operations() {
        assert!(matches!(operation.name(), "add" | "remove" | "replace"), "{patch}");
    }
    let text = patch.to_string();
    let again = Patch::parse(text.as_bytes(), dialect).unwrap_or_else(|error| panic!("{patch}: {error}"));
    if is_held_by_a_tree(&text) {
        assert_eq!(again, patch);
    }
}

/// One scalar that becomes another is one operation, where it is.
pub fn a_change_is_local(source: &Value, path: &Pointer, new: &Value) {
    let mut target = source.clone();
    *target.pointer_mut(path.as_str()).expect("a path of the source") = new.clone();
    let expected = Patch::new(vec![Operation::Replace { path: path.clone(), value: new.clone() }]);
    assert_eq!(diff(source, &target), expected);
}

/// So many edits between two arrays are found to be the fewest, whatever the arrays hold.
const FEW: usize = 63;

/// A diff of two arrays of scalars has no more operations than the least number of insertions, removals and
/// replacements, or, where that number is large, than a longest common subsequence leaves to remove and to add.
pub fn a_diff_of_arrays_is_the_shortest(source: &[Value], target: &[Value]) {
    let mut distances: Vec<usize> = (0..=target.len()).collect();
    let mut common = vec![0; target.len() + 1];
    for (index, old) in source.iter().enumerate() {
        let mut before = (std::mem::replace(&mut distances[0], index + 1), 0);
        for (at, new) in target.iter().enumerate() {
            let is_equal = are_equal(old, new);
            let (replaced, kept) = (before.0 + usize::from(!is_equal), before.1 + usize::from(is_equal));
            before = (distances[at + 1], common[at + 1]);
            distances[at + 1] = replaced.min(before.0 + 1).min(distances[at] + 1);
            common[at + 1] = kept.max(before.1).max(common[at]);
        }
    }
    let most = match distances[target.len()] {
        few @ ..=FEW => few,
        _ => source.len() + target.len() - 2 * common[target.len()],
    };
    let patch = diff(&Value::from(source), &Value::from(target));
    assert!(patch.operations().len() <= most, "{patch} from {source:?} to {target:?}");
}

/// A guarded diff fits the source. Another document it does not overwrite in silence: it is refused as a conflict, or
/// each value that it replaces or removes there is the one that it was made for.
pub fn a_guarded_diff_never_overwrites(source: &Value, target: &Value, other: &Value, dialect: &Dialect) {
    let patch = diff_with(source, target, DiffOptions { guarded: true });
    let mut patched = source.clone();
    apply(&mut patched, &patch, dialect).unwrap_or_else(|error| panic!("{patch} on {source}: {error}"));
    assert_equal(&patched, target, &patch);
    for (index, operation) in patch.operations().iter().enumerate() {
        assert!(is_guarded(operation, &patch.operations()[..index]), "operation {index} of {patch}");
    }

    let mut stale = other.clone();
    if let Err(error) = apply(&mut stale, &patch, dialect) {
        assert_eq!(error.status(), 409, "{error}");
        assert_eq!(stale, *other);
        return;
    }
    let (mut source, mut other) = (source.clone(), other.clone());
    for operation in patch.operations() {
        let path = operation.path().as_str();
        let is_element =
            path.rsplit_once('/').is_some_and(|(container, _)| source.pointer(container).is_some_and(Value::is_array));
        if !(operation.name() == "add" && is_element) {
            match (source.pointer(path), other.pointer(path)) {
                (Some(expected), Some(old)) => assert!(are_equal(expected, old), "{patch} overwrites {old}"),
                (None, None) => {}
                (_, old) => panic!("{patch} overwrites {old:?}"),
            }
        }
        let step = Patch::new(vec![operation.clone()]);
        apply(&mut source, &step, dialect).expect("it is part of what applies");
        apply(&mut other, &step, dialect).expect("it is part of what applies");
    }
}

/// Whether a test of the value that an operation changes stands right before it, or, where the operation adds, one of
/// the container somewhere before it.
fn is_guarded(operation: &Operation, before: &[Operation]) -> bool {
    match operation {
        Operation::Replace { path, .. } | Operation::Remove { path } => {
            matches!(before.last(), Some(Operation::Test { path: tested, .. }) if tested == path)
        }
        Operation::Add { path, .. } => {
            let mut container = path.clone();
            container.pop();
            before.iter().any(|other| other.name() == "test" && *other.path() == container)
        }
        Operation::Test { .. } => true,
        Operation::Move { .. } | Operation::Copy { .. } => false,
    }
}

/// A merge diff gives the target by the RFC's own pseudocode, and there is none where no merge patch does.
pub fn a_merge_diff_gives_the_target(source: &Value, target: &Value) {
    match merge_diff(source, target) {
        Some(patch) => {
            assert_equal(&merged(source, patch.as_value()), target, &patch);
            let mut patched = source.clone();
            merge(&mut patched, &patch, &Dialect::RFC).expect("a merge diff applies");
            assert_equal(&patched, target, &patch);
            assert!(!new_null(source, target), "{patch} cannot give {target}");
        }
        None => assert!(new_null(source, target), "there is a merge patch from {source} to {target}"),
    }
}

/// No merge patch of these gives the target and is shorter than the merge diff; where one gives it, there is a diff.
pub fn a_merge_diff_is_the_shortest(source: &Value, target: &Value, all: &[Value]) {
    let length = merge_diff(source, target).map(|patch| patch.to_string().len());
    for patch in all {
        if are_equal(&merged(source, patch), target) {
            let length = length.unwrap_or_else(|| panic!("{patch} turns {source} into {target}"));
            assert!(length <= patch.to_string().len(), "{patch} turns {source} into {target}");
        }
    }
}

/// A patch and then its inverse give the same document.
pub fn an_inverse_undoes(target: &Value, patch: &Patch, dialect: &Dialect) {
    let (mut patched, mut expected) = (target.clone(), target.clone());
    let applied = apply(&mut expected, patch, dialect);
    let inverse = match apply_with_inverse(&mut patched, patch, dialect) {
        Ok(inverse) => inverse,
        Err(error) => {
            assert_eq!(applied, Err(error));
            assert_eq!(patched, *target);
            return;
        }
    };
    assert_eq!(applied, Ok(()));
    assert_eq!(patched, expected, "{patch} with its inverse");
    undoes(target, patched, &inverse, dialect);
}

/// As [`an_inverse_undoes`], for a merge patch.
pub fn a_merge_inverse_undoes(target: &Value, patch: &MergePatch, dialect: &Dialect) {
    let (mut patched, mut expected) = (target.clone(), target.clone());
    let applied = merge(&mut expected, patch, dialect);
    match merge_with_inverse(&mut patched, patch, dialect) {
        Ok(inverse) => {
            assert_eq!(applied, Ok(()));
            assert_eq!(patched, expected, "{patch} with its inverse");
            undoes(target, patched, &inverse, dialect);
        }
        Err(error) => {
            assert_eq!(applied, Err(error));
            assert_eq!(patched, *target);
        }
    }
}

fn undoes(target: &Value, patched: Value, inverse: &Patch, dialect: &Dialect) {
    for operation in inverse.operations() {
        assert!(matches!(operation.name(), "add" | "remove" | "replace"), "{inverse}");
    }
    let mut restored = patched.clone();
    apply(&mut restored, inverse, dialect).unwrap_or_else(|error| panic!("{inverse} on {patched}: {error}"));
    assert_eq!(restored, *target, "{inverse} on {patched}");
}

/// RFC 7396 section 2, as it stands there.
pub fn merged(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut members = match target {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            let member = merged(members.get(name).unwrap_or(&Value::Null), value);
            members.insert(name.clone(), member);
        }
    }
    Value::Object(members)
}

/// Whether the target's objects hold a null that the source does not already have there.
fn new_null(source: &Value, target: &Value) -> bool {
    let Value::Object(target) = target else { return false };
    target.iter().any(|(name, new)| match source.get(name) {
        Some(Value::Null) => new_null(&Value::Null, new),
        Some(old) => new.is_null() || new_null(old, new),
        None => new.is_null() || new_null(&Value::Null, new),
    })
}

fn assert_equal(left: &Value, right: &Value, patch: &dyn std::fmt::Display) {
    assert!(are_equal(left, right), "{patch} gives {left}, not {right}");
}
