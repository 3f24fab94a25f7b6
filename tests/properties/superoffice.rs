//! Laws of the SUPEROFFICE dialect: neither the case of a name nor the first slash of a path changes what a patch does.

use entity_patch::{Dialect, Operation, Patch, Pointer, apply};
use serde_json::{Value, json};

use super::model;

/// The same text in another case; the bits of `choices` say which characters change. A `k` may become a Kelvin sign
/// and an `s` a long s, which are equal to them under case folding.
pub fn recased(text: &str, choices: u64) -> String {
    let spell = |(position, character): (usize, char)| {
        let choice = choices.rotate_right(2 * position as u32) & 3;
        match (choice, character) {
            (1, 'a'..='z') => character.to_ascii_uppercase(),
            (1, 'A'..='Z') => character.to_ascii_lowercase(),
            (2, 'k' | 'K') => '\u{212A}',
            (2, 's' | 'S') => '\u{17F}',
            (2, '\u{212A}') => 'k',
            _ => character,
        }
    };
    text.chars().enumerate().map(spell).collect()
}

/// A patch whose paths are spelled in another case gives the same document, but for the spelling of new names, or fails
/// in the same way. Where two names of one object differ only by case, the exact spelling wins and case does matter.
pub fn recasing_changes_nothing(target: &Value, patch: &Patch, choices: u64) {
    let dialect = Dialect::SUPEROFFICE;
    let has_duplicate = |operation: &Operation| match operation {
        Operation::Add { value, .. } | Operation::Replace { value, .. } => model::has_folded_duplicate(value),
        Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } => false,
        // Names inside are exact, and so is what a client spelled itself before.
        Operation::Test { value, .. } => value.is_object() || value.is_array(),
    };
    if model::has_folded_duplicate(target) || patch.operations().iter().any(has_duplicate) {
        return;
    }
    let mut choices = choices;
    let mut recase = |path: &Pointer| {
        choices = choices.rotate_left(7);
        // The digits of an escape have no case.
        Pointer::parse(&recased(path.as_str(), choices)).expect("escapes stay")
    };
    let recased = patch.operations().iter().map(|operation| match operation {
        Operation::Add { path, value } => Operation::Add { path: recase(path), value: value.clone() },
        Operation::Remove { path } => Operation::Remove { path: recase(path) },
        Operation::Replace { path, value } => Operation::Replace { path: recase(path), value: value.clone() },
        Operation::Move { from, path } => Operation::Move { from: recase(from), path: recase(path) },
        Operation::Copy { from, path } => Operation::Copy { from: recase(from), path: recase(path) },
        Operation::Test { path, value } => Operation::Test { path: recase(path), value: value.clone() },
    });
    let recased = Patch::new(recased.collect());
    let (mut plain, mut other) = (target.clone(), target.clone());
    let expected = apply(&mut plain, patch, &dialect);
    let result = apply(&mut other, &recased, &dialect);
    match (&result, &expected) {
        (Ok(()), Ok(())) => {
            assert_eq!(model::folded(&other), model::folded(&plain), "{recased} is not {patch} on {target}");
        }
        (Err(error), Err(expected)) => assert_eq!(
            (error.operation(), error.code()),
            (expected.operation(), expected.code()),
            "{recased} is not {patch} on {target}"
        ),
        _ => panic!("{result:?} and not {expected:?}: {recased} is not {patch} on {target}"),
    }
}

/// A body whose paths come without their first slash is the same patch. A path that goes on with an empty token keeps
/// its slash: the next one would be taken for it.
pub fn dropping_the_slash_changes_nothing(patch: &Patch) {
    let dialect = Dialect::SUPEROFFICE;
    let bare = |path: &Pointer| match path.as_str().strip_prefix('/') {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => rest.to_owned(),
        _ => path.as_str().to_owned(),
    };
    let body: Vec<Value> = patch
        .operations()
        .iter()
        .map(|operation| {
            let path = bare(operation.path());
            match operation {
                Operation::Add { value, .. } | Operation::Replace { value, .. } | Operation::Test { value, .. } => {
                    json!({"op": operation.name(), "path": path, "value": value})
                }
                Operation::Move { from, .. } | Operation::Copy { from, .. } => {
                    json!({"op": operation.name(), "path": path, "from": bare(from)})
                }
                Operation::Remove { .. } => json!({"op": "remove", "path": path}),
            }
        })
        .collect();
    let body = Value::Array(body).to_string();
    let (with, without) =
        (Patch::parse(patch.to_string().as_bytes(), &dialect), Patch::parse(body.as_bytes(), &dialect));
    match (&with, &without) {
        (Ok(with), Ok(without)) => assert_eq!(with, without, "{body}"),
        (Err(with), Err(without)) => {
            assert_eq!(
                (with.code(), with.operation(), with.path()),
                (without.code(), without.operation(), without.path())
            );
        }
        _ => panic!("{with:?} and {without:?}: {body}"),
    }
}
