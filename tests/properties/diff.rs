//! The laws of the way back: what a diff, a merge diff and an inverse give when they are applied.

use entity_patch::{
    Arrays, Dialect, DiffOptions, Guard, MergePatch, Operation, Patch, Pointer, apply, apply_with_inverse, diff,
    diff_with, merge, merge_diff, merge_with_inverse,
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

/// Every choice of moves, arrays and guard.
pub fn all_options() -> Vec<DiffOptions> {
    let function = |array: &Pointer, element: &Value| match array.is_root() {
        true => Some(element.clone()),
        false => element.get(0).cloned(),
    };
    let mut all = vec![];
    for arrays in [Arrays::ByPosition, Arrays::by_key("a"), Arrays::by_key_of(function), Arrays::Whole] {
        for guard in [Guard::None, Guard::Changes, Guard::Containers] {
            let options = DiffOptions::default().arrays(arrays.clone()).guard(guard);
            all.extend([options.clone(), options.moves(true)]);
        }
    }
    all
}

/// Applying a diff gives the target, whatever was asked for; it holds no operation between equal values, and none that
/// was not asked for.
pub fn any_diff_gives_the_target(source: &Value, target: &Value, dialect: &Dialect) {
    for options in all_options() {
        if options.moves && !dialect.move_and_copy {
            continue;
        }
        let patch = diff_with(source, target, &options);
        let mut patched = source.clone();
        apply(&mut patched, &patch, dialect)
            .unwrap_or_else(|error| panic!("{patch} on {source} with {options:?}: {error}"));
        assert!(are_equal(&patched, target), "{patch} gives {patched}, not {target}, with {options:?}");
        assert_eq!(patch.operations().is_empty(), are_equal(source, target), "{patch} from {source} to {target}");
        for operation in patch.operations() {
            let is_asked_for = match operation {
                Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } => true,
                Operation::Move { .. } => options.moves,
                Operation::Copy { .. } => options.moves && options.guard == Guard::None,
                Operation::Test { .. } => options.guard != Guard::None,
            };
            assert!(is_asked_for, "{patch} with {options:?}");
        }
        Patch::parse(patch.to_string().as_bytes(), dialect).unwrap_or_else(|error| panic!("{patch}: {error}"));
        if matches!(options.arrays, Arrays::Whole) {
            let is_inside = |operation: &Operation| {
                (1..).map_while(|count| ancestor(operation.path(), count)).any(|path| {
                    source.pointer(path.as_str()).is_some_and(Value::is_array) && operation.name() != "test"
                })
            };
            assert!(!patch.operations().iter().any(is_inside), "{patch} from {source}");
        }
    }
}

/// The pointer to what is so many levels around.
fn ancestor(pointer: &Pointer, levels: usize) -> Option<Pointer> {
    let mut ancestor = pointer.clone();
    for _ in 0..levels {
        if ancestor.is_root() {
            return None;
        }
        ancestor.pop();
    }
    Some(ancestor)
}

/// What a diff skips is in the end as it was in the source, and all else is as in the target.
pub fn a_diff_keeps_what_it_skips(source: &Value, target: &Value, skip: &[Pointer]) {
    for options in all_options() {
        let options = options.skip(skip.iter().cloned());
        let patch = diff_with(source, target, &options);
        let mut patched = source.clone();
        apply(&mut patched, &patch, &Dialect::RFC)
            .unwrap_or_else(|error| panic!("{patch} on {source} with {options:?}: {error}"));
        let mut expected = target.clone();
        for pointer in skip {
            let kept = source.pointer(pointer.as_str());
            let (Some(parent), Some(token)) = (ancestor(pointer, 1), pointer.tokens().last()) else {
                expected = source.clone();
                continue;
            };
            match (expected.pointer_mut(parent.as_str()), kept) {
                (Some(Value::Object(members)), None) => drop(members.remove(&*token.name())),
                (Some(Value::Object(members)), Some(kept)) => {
                    drop(members.insert(token.name().into_owned(), kept.clone()));
                }
                (Some(Value::Array(_)), Some(kept)) => {
                    if let Some(element) = expected.pointer_mut(pointer.as_str()) {
                        *element = kept.clone();
                    }
                }
                _ => {}
            }
        }
        assert_equal(&patched, &expected, &patch);
        assert_eq!(patch.operations().is_empty(), are_equal(source, &expected), "{patch} from {source} to {target}");
    }
}

/// One scalar that becomes another is one operation, where it is.
pub fn a_change_is_local(source: &Value, path: &Pointer, new: &Value) {
    let mut target = source.clone();
    *target.pointer_mut(path.as_str()).expect("a path of the source") = new.clone();
    let expected = Patch::new(vec![Operation::Replace { path: path.clone(), value: new.clone() }]);
    assert_eq!(diff(source, &target), expected);
}

/// A diff of two arrays of scalars is no longer than the shortest list of insertions, removals and replacements.
pub fn a_diff_of_arrays_is_the_shortest(source: &[Value], target: &[Value]) {
    let (length, shortest) = lengths_of_a_diff(source, target);
    assert!(length <= shortest, "{length} and not {shortest} bytes from {source:?} to {target:?}");
}

/// A diff of two longer arrays of scalars, with a few changes, is at most a tenth longer than that.
pub fn a_diff_of_long_arrays_is_nearly_the_shortest(source: &[Value], target: &[Value]) {
    let (length, shortest) = lengths_of_a_diff(source, target);
    assert!(length <= shortest + shortest / 10, "{length} and not {shortest} bytes from {source:?} to {target:?}");
}

/// The length of a diff of two arrays of scalars in bytes, and that of the shortest one.
fn lengths_of_a_diff(source: &[Value], target: &[Value]) -> (usize, usize) {
    let index = |at: usize| at.to_string().len();
    let size = |value: &Value| value.to_string().len();
    let remove = |at| r#"{"op":"remove","path":"/"},"#.len() + index(at);
    let add = |at| r#"{"op":"add","path":"/","value":},"#.len() + index(at) + size(&target[at]);
    let replace = |at| r#"{"op":"replace","path":"/","value":},"#.len() + index(at) + size(&target[at]);
    let mut costs = vec![0];
    for at in 0..target.len() {
        costs.push(costs[at] + add(at));
    }
    for old in source {
        let mut before = costs[0];
        costs[0] += remove(0);
        for at in 0..target.len() {
            let change = if are_equal(old, &target[at]) { 0 } else { replace(at) };
            let here = (before + change).min(costs[at] + add(at)).min(costs[at + 1] + remove(at + 1));
            before = std::mem::replace(&mut costs[at + 1], here);
        }
    }
    let patch = diff(&Value::from(source), &Value::from(target));
    let length = patch.operations().iter().map(|operation| serde_json::to_string(operation).expect("JSON").len() + 1);
    (length.sum(), costs[target.len()])
}

/// A guarded diff fits the source. Another document it does not overwrite in silence: it is refused as a conflict, or
/// everything that it replaces, removes or moves there is what it was made for, and so is the element before which it
/// inserts one, or the last one. What may differ is what it does not touch, and whether a member that it adds is there
/// already; with [`Guard::Containers`] that may not differ, either.
pub fn a_guarded_diff_never_overwrites(source: &Value, target: &Value, other: &Value, dialect: &Dialect) {
    for options in all_options() {
        if options.guard != Guard::None && (dialect.move_and_copy || !options.moves) {
            guards(source, target, other, dialect, &options);
        }
    }
}

fn guards(source: &Value, target: &Value, other: &Value, dialect: &Dialect, options: &DiffOptions) {
    let patch = diff_with(source, target, options);
    let mut patched = source.clone();
    apply(&mut patched, &patch, dialect).unwrap_or_else(|error| panic!("{patch} on {source}: {error}"));
    assert_equal(&patched, target, &patch);

    let mut stale = other.clone();
    if let Err(error) = apply(&mut stale, &patch, dialect) {
        assert_eq!(error.status(), 409, "{error}");
        assert_eq!(stale, *other);
        return;
    }
    let (mut source, mut other) = (source.clone(), other.clone());
    for operation in patch.operations() {
        let at = |path: &Pointer| (source.pointer(path.as_str()), other.pointer(path.as_str()));
        let check = |path: &Pointer| match at(path) {
            (Some(expected), Some(old)) => assert!(are_equal(expected, old), "{patch} overwrites {old} at {path}"),
            (None, None) => {}
            (_, old) => panic!("{patch} overwrites {old:?} at {path}"),
        };
        match operation {
            Operation::Replace { path, .. } | Operation::Remove { path } | Operation::Move { from: path, .. } => {
                check(path);
            }
            Operation::Add { path, .. } => match ancestor(path, 1).map(|around| (at(&around), around)) {
                Some(((Some(Value::Array(elements)), Some(Value::Array(others))), around)) => {
                    let index: usize = path.tokens().last().expect("a token").name().parse().expect("an index");
                    match index.min(elements.len().saturating_sub(1)) {
                        // A later one of several.
                        _ if elements.is_empty() => assert!(others.is_empty(), "{patch}"),
                        neighbour => {
                            let mut path = around.clone();
                            path.push_index(neighbour);
                            check(&path);
                        }
                    }
                }
                Some(((Some(_), Some(_)), around)) if options.guard == Guard::Containers => {
                    // Changes of other members come in between, each of which has its own guard.
                    assert_eq!(at(path).0.is_some(), at(path).1.is_some(), "{patch} overwrites a member of {around}");
                }
                Some(_) => {}
                None => panic!("{patch} adds the root"),
            },
            Operation::Test { .. } => {}
            Operation::Copy { .. } => panic!("{patch} copies"),
        }
        let step = Patch::new(vec![operation.clone()]);
        apply(&mut source, &step, dialect).expect("it is part of what applies");
        apply(&mut other, &step, dialect).expect("it is part of what applies");
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
    assert_eq!(inverse.operations().is_empty(), are_equal(&patched, target), "{inverse} of {target} and {patched}");
    for operation in inverse.operations() {
        assert!(matches!(operation.name(), "add" | "remove" | "replace"), "{inverse}");
    }
    let mut restored = patched.clone();
    apply(&mut restored, inverse, dialect).unwrap_or_else(|error| panic!("{inverse} on {patched}: {error}"));
    // Where a patch wrote 1.0 for 1, it changed nothing that an inverse has to take back.
    assert!(are_equal(&restored, target), "{inverse} on {patched} gives {restored} and not {target}");
}

/// RFC 7396 section 2, word for word.
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
