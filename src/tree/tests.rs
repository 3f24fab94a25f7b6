//! A tree is patched in place as it is through its text, wherever that begins.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value, json};

use super::{apply::apply_operations, merge};
use crate::{
    dialect::{Dialect, Limits},
    document::PatchError,
    json::value,
    patch::{merge_patch::MergePatch, operation::Operation, pointer::Pointer},
};

const NAMES: [&str; 12] = ["a", "A", "b", "B", "", "k", "\u{212A}", "\u{DF}", "ss", "0", "1", "-"];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![Just(json!(null)), (0..3).prop_map(Value::from), name().prop_map(Value::from)];
    let value = scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            (vec((name(), inner), 0..6), prop_oneof![8 => Just(0), 2 => 58..71]).prop_map(|(members, others)| {
                // From 65 on their names are indexed.
                let others = (0..others).map(|number| (format!("n{number}"), json!(number)));
                members.into_iter().chain(others).collect::<Map<_, _>>().into()
            }),
        ]
    });
    value.prop_filter("a container", value::is_container)
}

/// A tree that is deeper than any limit comes back, too.
#[test]
fn what_is_deep_is_put_back() {
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    let target = json!({"a": deep, "b": 1});
    let [a, b] = ["/a", "/b"].map(|path| path.parse::<Pointer>().expect("a pointer"));
    let operations = [Operation::Remove { path: a }, Operation::Test { path: b, value: json!(2) }];
    for is_apart in [false, true] {
        let mut tree = target.clone();
        let result = apply_operations(&mut tree, &operations, &Dialect::RFC, |_, _| is_apart);
        assert!(result.is_err() && tree == target, "{is_apart}");
    }
}

type Draft = (u8, Index, Index, Option<String>, bool, Value);

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let further = prop_oneof![2 => Just(None), 3 => name().prop_map(Some)];
    vec((0..14_u8, any::<Index>(), any::<Index>(), further, any::<bool>(), document()), 1..10)
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

/// Another value, which differs in one place only.
fn unlike(mut value: Value) -> Value {
    match &mut value {
        Value::Array(elements) if elements.len() % 2 == 1 => drop(elements.pop()),
        Value::Array(elements) => elements.push(Value::Null),
        Value::Object(members) => match members.values_mut().last() {
            Some(member) => *member = json!(["another"]),
            None => drop(members.insert("a".to_owned(), Value::Null)),
        },
        scalar => *scalar = json!(["another"]),
    }
    value
}

/// Applies operations to a copy, as text once so many of them are done, and shows what is there then, in its order.
fn apply_from(
    target: &Value,
    operations: &[Operation],
    dialect: &Dialect,
    start: usize,
) -> (Result<(), PatchError>, String) {
    let mut tree = target.clone();
    let result = apply_operations(&mut tree, operations, dialect, |index, _| index >= start);
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
            6..=8 => Operation::Copy { from, path },
            9..=11 => Operation::Test { path, value: found.map(unlike).unwrap_or(value) },
            _ => Operation::Test { path, value: found.unwrap_or(value) },
        };
        let done = apply_operations(&mut document, std::slice::from_ref(&operation), dialect, |_, _| false);
        if done.is_ok() || operations.len() > 1 {
            operations.push(operation);
        }
    }
    operations
}

proptest! {
    // A failure is written down as a row of `tests/data`, not as a seed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_goes_through_its_text_at_any_time(
        target in document(),
        drafts in drafts(),
        ignore_case: bool,
        (depth, copied_bytes) in prop_oneof![Just((127, usize::MAX)), (3..7_usize, 5..60_usize)],
    ) {
        let limits = Limits { depth, copied_bytes, ..Limits::DEFAULT };
        let dialect = Dialect { ignore_case, limits, ..Dialect::RFC };
        let operations = operations(&target, drafts, &dialect);
        let before = target.to_string();
        let expected = apply_from(&target, &operations, &dialect, usize::MAX);
        prop_assert!(expected.0.is_ok() || expected.1 == before);
        for start in 0..=operations.len() {
            prop_assert_eq!(&apply_from(&target, &operations, &dialect, start), &expected, "as text from {}", start);
        }
    }
}

/// Names are indexed from the 65th member of an object on; here that is one that a rollback takes back first.
#[test]
fn what_was_found_in_any_case_is_found_again_on_the_way_back() {
    let wide: Map<String, Value> = (0..64).map(|number| (format!("m{number}"), json!(0))).collect();
    let target = json!({"wide": wide});
    let pointer = |path: &str| path.parse::<Pointer>().expect("a pointer");
    let operations = [
        Operation::Test { path: pointer("/wide/m0"), value: json!(0) },
        Operation::Replace { path: pointer("/WIDE/M0"), value: json!(1) },
        Operation::Add { path: pointer("/wide/new"), value: json!(1) },
        Operation::Test { path: Pointer::ROOT, value: json!("another") },
    ];
    for start in 0..operations.len() {
        let (result, left) = apply_from(&target, &operations, &Dialect::SUPEROFFICE, start);
        assert_eq!(result.map_err(|error| error.status()), Err(409));
        assert_eq!(left, target.to_string(), "as text from {start}");
    }
}

/// A member that went is not in the index any more, and one that came is.
#[test]
fn an_index_knows_the_members_that_are_there() {
    let wide: Map<String, Value> = (0..70).map(|number| (format!("m{number}"), json!(number))).collect();
    let target = Value::Object(wide);
    let pointer = |path: &str| path.parse::<Pointer>().expect("a pointer");
    let test = |path: &str, value: u8| Operation::Test { path: pointer(path), value: json!(value) };
    let remove = |path: &str| Operation::Remove { path: pointer(path) };
    let add = |path: &str, value: u8| Operation::Add { path: pointer(path), value: json!(value) };
    // The first few names are looked for one after the other.
    let start = (0..8).map(|number| test(&format!("/m{number}"), number));
    let changes = [remove("/m8"), add("/m8", 1), test("/m8", 1), add("/new", 2), remove("/new"), remove("/m9")];
    let operations: Vec<Operation> = start.chain(changes).chain([remove("/m9")]).collect();
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        for count in 0..=operations.len() {
            let expected = apply_from(&target, &operations[..count], &dialect, usize::MAX);
            assert_eq!(expected.0.is_ok(), count < operations.len());
            assert_eq!(apply_from(&target, &operations[..count], &dialect, 0), expected, "{count} operations");
        }
    }
}

/// What a patch removes from a tree that is patched as text, or a failed one had put there, may be of any depth.
#[test]
fn what_leaves_a_tree_is_dropped_without_recursion() {
    let deep = || (0..20_000).fold(Value::Null, |value, _| Value::Array(vec![value]));
    let [root, first, second] = ["", "/a/0", "/a/1"].map(|path| path.parse::<Pointer>().expect("a pointer"));
    let remove = |path: &Pointer| Operation::Remove { path: path.clone() };
    let replace = |path: &Pointer| Operation::Replace { path: path.clone(), value: json!(1) };
    // A member that another operation has opened, an element, and all that is left.
    let rows = [vec![remove(&first), remove(&first)], vec![replace(&second), replace(&root)], vec![replace(&root)]];
    let run = move || {
        for start in [0, usize::MAX] {
            for operations in &rows {
                let mut target = json!({"a": [1, 2, 3]});
                (target["a"][0], target["a"][2]) = (deep(), deep());
                // The first one has the tree patched as text.
                let operations =
                    [vec![Operation::Test { path: second.clone(), value: json!(2) }], operations.clone()].concat();
                apply_operations(&mut target, &operations, &Dialect::RFC, |index, _| index >= start)
                    .expect("it applies");
                value::discard(target);
            }
        }
        // A merge replaces a member, and removes one.
        let mut target = json!({"a": 1, "b": 2});
        (target["a"], target["b"]) = (deep(), deep());
        merge(&mut target, &MergePatch::new(json!({"a": 1, "b": null})), &Dialect::RFC).expect("it merges");
        assert_eq!(target, json!({"a": 1}));
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread").join().expect("no panic");
}

/// What was opened is compared as what was not, place by place.
#[test]
fn what_was_opened_is_compared_in_full() {
    let target = json!({"a": [[1], 2], "b": {"c": {"d": 1}, "e": 2}});
    let test = |path: &str, value: Value| Operation::Test { path: path.parse::<Pointer>().expect("a pointer"), value };
    let opened = [test("/a/0/0", json!(1)), test("/b/c/d", json!(1))];
    for (path, value) in [
        ("/a", json!([[1], 2])),
        ("/a", json!([[1]])),
        ("/a", json!([[1], 2, 3])),
        ("/a", json!([[2], 2])),
        ("/a", json!([[1], 3])),
        ("/a", json!({"0": [1]})),
        ("/b", json!({"e": 2, "c": {"d": 1}})),
        ("/b", json!({"c": {"d": 1}})),
        ("/b", json!({"c": {"d": 1}, "e": 2, "f": 3})),
        ("/b", json!({"c": {"d": 2}, "e": 2})),
        ("/b", json!({"c": {"d": 1}, "f": 2})),
        ("/b", json!([])),
        ("", target.clone()),
    ] {
        let operations = [&opened[..], &[test(path, value)]].concat();
        let expected = apply_from(&target, &operations, &Dialect::RFC, usize::MAX);
        assert_eq!(apply_from(&target, &operations, &Dialect::RFC, 0), expected, "{:?}", operations[2]);
    }
}

/// What is copied or moved out of what was opened is as deep and as long as it was, to the last level and byte.
#[test]
fn limits_of_depth_and_copies_are_those_of_a_tree() {
    let target = json!({"a": {"b": [["c"]], "d": {"e": {"f": 1}}}, "g": {}, "h": 1});
    let pointer = |path: &str| path.parse::<Pointer>().expect("a pointer");
    let test = |path: &str, value: Value| Operation::Test { path: pointer(path), value };
    let copy = |from: &str, path: &str| Operation::Copy { from: pointer(from), path: pointer(path) };
    let operations = [
        test("/a/b/0/0", json!("c")),
        test("/a/d/e/f", json!(1)),
        copy("/a", "/g/x"),
        copy("/a/b", "/a/b/0/0"),
        Operation::Move { from: pointer("/a/b"), path: pointer("/g/x/b/0/0") },
        Operation::Remove { path: pointer("/g/x/d") },
        test("/g", json!({"x": {"b": [[[[[["c"]], "c"]], "c"]]}})),
        copy("/g", "/g/y"),
    ];
    let mut passed = 0;
    for (depth, copied_bytes) in (0..14).flat_map(|depth| (0..150).map(move |bytes| (depth, bytes))) {
        let limits = Limits { depth, copied_bytes, ..Limits::DEFAULT };
        let dialect = Dialect { limits, ..Dialect::RFC };
        let expected = apply_from(&target, &operations, &dialect, usize::MAX);
        assert_eq!(apply_from(&target, &operations, &dialect, 0), expected, "{depth} levels and {copied_bytes} bytes");
        passed += usize::from(expected.0.is_ok());
    }
    assert!(passed > 0, "{:?}", apply_from(&target, &operations, &Dialect::RFC, 0));
}

/// What a text could read as something else, or not at all, comes back as it was.
#[test]
fn every_value_survives_its_text() {
    let deep = |levels: usize| (1..levels).fold(json!([]), |value, _| json!([value]));
    let mut target = json!({
        "numbers": [-0.0, 0.0, 1.0, 5e-324, 1.7976931348623157e308, 117.63331139400017, u64::MAX, i64::MIN, -1],
        "names": {"b": 1, "a": 2, "": 3, "\u{1}\"\\/~\u{2028}": 4, "$serde_json::private::Number": "12"},
        "raw": {"$serde_json::private::RawValue": "[1,"},
        "text": "\u{0}\u{1f}\u{7f}\u{ffff}\u{10ffff}",
        "deep": deep(126),
    });
    if let Ok(long) = serde_json::from_str("[1.10, 123456789012345678901234567890, 1e400, -0]") {
        // Under `arbitrary_precision` a tree keeps all digits; a number that no text gives back keeps it a tree.
        let long: Value = long;
        target["long"] = long;
    }
    let pointer = |path: &str| path.parse::<Pointer>().expect("a pointer");
    let operations = [
        Operation::Test { path: Pointer::ROOT, value: target.clone() },
        Operation::Add { path: pointer("/numbers/0"), value: json!(-0.0) },
        Operation::Remove { path: pointer("/names/a") },
        Operation::Add { path: pointer("/names/z"), value: target["names"].clone() },
        Operation::Test { path: pointer("/deep"), value: deep(126) },
    ];
    for levels in [126, 127, 1_000] {
        let mut target = target.clone();
        target["deeper"] = deep(levels);
        let expected = apply_from(&target, &operations[1..], &Dialect::RFC, usize::MAX);
        assert!(expected.0.is_ok(), "{:?}", expected.0);
        assert_eq!(apply_from(&target, &operations[1..], &Dialect::RFC, 0), expected, "{levels} levels");
        value::discard(target);
    }
}
