//! A tree that is taken apart is patched as one that is not, whenever that begins.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::json;

use super::*;
use crate::pointer::Pointer;

const NAMES: [&str; 12] = ["a", "A", "b", "B", "", "k", "\u{212A}", "\u{DF}", "ss", "0", "1", "-"];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![Just(json!(null)), (0..3).prop_map(Value::from), name().prop_map(Value::from)];
    let value = scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            (vec((name(), inner), 0..6), prop::bool::weighted(0.2)).prop_map(|(members, is_wide)| {
                // So many that their names are indexed.
                let others = (0..if is_wide { 70 } else { 0 }).map(|number| (format!("n{number}"), json!(number)));
                members.into_iter().chain(others).collect::<Map<_, _>>().into()
            }),
        ]
    });
    value.prop_filter("a container", value::is_container)
}

type Draft = (u8, Index, Index, Option<String>, bool, Value);

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let further = prop_oneof![2 => Just(None), 3 => name().prop_map(Some)];
    vec((0..8_u8, any::<Index>(), any::<Index>(), further, any::<bool>(), document()), 1..10)
}

/// Where the values of a document are.
fn note_places(value: &Value, path: &mut Pointer, places: &mut Vec<Pointer>) {
    places.push(path.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(elements) => elements.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, child) in children {
        path.push(&name);
        note_places(child, path, places);
        path.pop();
    }
}

/// Applies operations to a copy that is taken apart once so many of them are done, and shows what is there then, in its
/// order.
fn apply_from(
    target: &Value,
    operations: &[Operation],
    dialect: &Dialect,
    start: usize,
) -> (Result<(), PatchError>, String) {
    let mut tree = target.clone();
    let result = apply_steps(&mut tree, operations.iter().map(Step::of), dialect, |index, _| index >= start);
    (result, tree.to_string())
}

/// The drafts as operations, each of them aimed at the document that those before it left.
fn operations(target: &Value, drafts: Vec<Draft>, dialect: &Dialect) -> Vec<Operation> {
    let mut document = target.clone();
    let mut operations = Vec::new();
    for (kind, path, from, further, is_upper, value) in drafts {
        let mut list = Vec::new();
        note_places(&document, &mut Pointer::default(), &mut list);
        let from = path.get(&list).clone().min(from.get(&list).clone());
        let mut path = path.get(&list).clone();
        let found = document.pointer(path.as_str()).cloned();
        further.into_iter().for_each(|name| path.push(&name));
        if is_upper && let Ok(upper) = Pointer::parse(&path.as_str().to_uppercase()) {
            path = upper;
        }
        let operation = match kind {
            0 | 1 => Operation::Add { path, value },
            2 | 3 => Operation::Remove { path },
            4 => Operation::Replace { path, value },
            5 => Operation::Move { from, path },
            6 => Operation::Copy { from, path },
            _ => Operation::Test { path, value: found.unwrap_or(value) },
        };
        let done = apply_steps(&mut document, [Step::of(&operation)].into_iter(), dialect, |_, _| false);
        if done.is_ok() || operations.len() > 3 {
            operations.push(operation);
        }
    }
    operations
}

proptest! {
    // A failure is written down as a row of `tests/data`, not as a seed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_is_taken_apart_at_any_time(target in document(), drafts in drafts(), ignore_case: bool) {
        let dialect = Dialect { ignore_case, ..Dialect::RFC };
        let operations = operations(&target, drafts, &dialect);
        let before = target.to_string();
        let expected = apply_from(&target, &operations, &dialect, usize::MAX);
        prop_assert!(expected.0.is_ok() || expected.1 == before);
        for start in 0..=operations.len() {
            prop_assert_eq!(&apply_from(&target, &operations, &dialect, start), &expected, "apart from {}", start);
        }
    }
}
