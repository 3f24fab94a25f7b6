//! Diffs with options, by example, and how long they are beside those of others.

mod properties;
#[path = "../benches/sample/versions.rs"]
mod versions;

use entity_patch::{Arrays, Dialect, DiffOptions, Guard, apply, diff_with};
use properties::diff as laws;
use serde_json::{Map, Value, json};

fn guarded() -> DiffOptions {
    DiffOptions::default().guard(Guard::Changes)
}

#[test]
fn a_diff_is_as_short_as_those_of_others() {
    for case in versions::versions() {
        let length = |options: &DiffOptions| diff_with(&case.source, &case.target, options).to_string().len();
        let (plain, moves) = (length(&DiffOptions::default()), length(&DiffOptions::default().moves(true)));
        assert!(plain <= case.without_moves, "{}: {plain} and not {}", case.name, case.without_moves);
        assert!(10 * moves <= 11 * case.with_moves, "{}: {moves} and not {}", case.name, case.with_moves);
        laws::any_diff_gives_the_target(&case.source, &case.target, &Dialect::RFC);
    }
}

/// What each option writes.
#[test]
fn a_diff_holds_what_was_asked_for() {
    let moves = DiffOptions::default().moves(true);
    let by_id = DiffOptions::default().arrays(Arrays::by_key("id"));
    let moves_by_id = by_id.clone().moves(true);
    let by_text = moves.clone().arrays(Arrays::by_key_of(|_, element| Some(json!(element.to_string()))));
    let by_first =
        moves.clone().arrays(Arrays::by_key_of(
            |array, element| {
                if array.as_str() == "/list" { element.get(0).cloned() } else { None }
            },
        ));
    let containers = DiffOptions::default().guard(Guard::Containers);
    let element = |id: u32, name: &str| json!({"id": id, "name": name});
    let (a, b, c, d) = (element(1, "a"), element(2, "b"), element(3, "c"), element(4, "d"));
    let (long, name) = ("a text that is longer than the pointer to it", "n".repeat(2_000));
    let by_name = DiffOptions::default().arrays(Arrays::by_key(&*name));
    let rows = [
        // An element, a member, and what goes from one container to another.
        (&moves, json!([1, 2, 3, 4]), json!([2, 3, 4, 1]), json!([{"op": "move", "from": "/0", "path": "/3"}])),
        // Two moves take as many bytes as the whole array does; or six more.
        (
            &moves,
            json!([["axxxxxxx"], ["bxxxxxxx"], ["cxxxxxxx"]]),
            json!([["cxxxxxxx"], ["bxxxxxxx"], ["axxxxxxx"]]),
            json!([{"op": "move", "from": "/0", "path": "/2"}, {"op": "move", "from": "/0", "path": "/1"}]),
        ),
        (
            &moves,
            json!([["axxxxx"], ["bxxxxx"], ["cxxxxx"]]),
            json!([["cxxxxx"], ["bxxxxx"], ["axxxxx"]]),
            json!([{"op": "replace", "path": "", "value": [["cxxxxx"], ["bxxxxx"], ["axxxxx"]]}]),
        ),
        (
            &moves,
            json!({"list": [1, [a, b], 3, 4, [c, d], 6]}),
            json!({"list": [1, [c, d], 3, 4, [a, b], 6]}),
            json!([
                {"op": "move", "from": "/list/1", "path": "/list/4"},
                {"op": "move", "from": "/list/3", "path": "/list/1"},
            ]),
        ),
        (
            &moves,
            json!({"old": {"x": 1}}),
            json!({"new": {"x": 1.0}}),
            json!([{"op": "move", "from": "/old", "path": "/new"}]),
        ),
        (
            &moves,
            json!({"doing": [b, c], "done": [d], "todo": [a]}),
            json!({"doing": [c], "done": [b, d], "todo": [a]}),
            json!([{"op": "move", "from": "/doing/0", "path": "/done/0"}]),
        ),
        (
            &moves,
            json!({"a": [{"x": [1, 2], "z": "stays"}, 0, 0], "b": {}}),
            json!({"a": [7, {"z": "stays"}, 0, 0], "b": {"y": [1, 2]}}),
            json!([
                {"op": "add", "path": "/a/0", "value": 7},
                {"op": "move", "from": "/a/1/x", "path": "/b/y"},
            ]),
        ),
        // An array is only replaced where that is also shorter than moves.
        (
            &moves,
            json!([[long, 1], [long, 2], [long, 3], [long, 4], [long, 5]]),
            json!([[long, 5], [long, 4], [long, 3], [long, 2], [long, 1]]),
            json!([
                {"op": "move", "from": "/0", "path": "/4"},
                {"op": "move", "from": "/0", "path": "/3"},
                {"op": "move", "from": "/0", "path": "/2"},
                {"op": "move", "from": "/0", "path": "/1"},
            ]),
        ),
        (
            &moves,
            json!([["one", 1, 1], ["two", 2, 2], ["three", 3, 3], ["four", 4, 4], ["five", 5, 5], ["six", 6, 6]]),
            json!([["six", 6, 6], ["five", 5, 5], ["four", 4, 4], ["three", 3, 3], ["two", 2, 2], ["one", 1, 1]]),
            json!([{"op": "replace", "path": "", "value": [["six", 6, 6], ["five", 5, 5], ["four", 4, 4], ["three", 3, 3], ["two", 2, 2], ["one", 1, 1]]}]),
        ),
        // One pointer begins as another one does.
        (
            &moves,
            json!([0, "moved", 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            json!([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, "moved", 11]),
            json!([{"op": "move", "from": "/1", "path": "/10"}]),
        ),
        // What comes after it takes its place, so that it would be moved into itself.
        (
            &moves,
            json!({"a": [long, {"k": 1, "l": long}, 3, 4]}),
            json!({"a": [{"k": 1, "l": long, "x": long}, 3, 4]}),
            json!([{"op": "remove", "path": "/a/0"}, {"op": "add", "path": "/a/0/x", "value": long}]),
        ),
        // Elements that differ by their keys alone.
        (&by_text, json!({"list": [[1], 2]}), json!({"list": [[1.0], 2]}), json!([])),
        (
            &by_first,
            json!({"list": [["a", 1], ["b", 2]], "other": [["a", 1], ["b", 2]]}),
            json!({"list": [["b", 2], ["a", 3]], "other": [["b", 2], ["a", 3]]}),
            json!([
                {"op": "move", "from": "/list/0", "path": "/list/1"},
                {"op": "replace", "path": "/list/1/1", "value": 3},
                {"op": "remove", "path": "/other/0"},
                {"op": "add", "path": "/other/1", "value": ["a", 3]},
            ]),
        ),
        // A name that changes its case is free before it is written.
        (
            &moves,
            json!({"name": 1}),
            json!({"NAME": 1}),
            json!([{"op": "remove", "path": "/name"}, {"op": "add", "path": "/NAME", "value": 1}]),
        ),
        // A copy, where that is shorter.
        (
            &moves,
            json!({"a": [{"text": long}]}),
            json!({"a": [{"text": long}], "b": long, "c": {"text": long}, "d": 1}),
            json!([
                {"op": "copy", "from": "/a/0/text", "path": "/b"},
                {"op": "copy", "from": "/a/0", "path": "/c"},
                {"op": "add", "path": "/d", "value": 1},
            ]),
        ),
        (
            &moves,
            json!({"o": {"x": long}}),
            json!({"o": {"x": long}, "b": {"x": long}}),
            json!([{"op": "copy", "from": "/o", "path": "/b"}]),
        ),
        (
            &moves,
            json!({"a": long, "o": {"x": 1}}),
            json!({"a": long, "o": {"x": 1}, "z": long}),
            json!([{"op": "copy", "from": "/a", "path": "/z"}]),
        ),
        // Not where the pointer is as long as the text, nor for a text of 16 letters.
        (
            &moves,
            json!({"fifteen letters": "of seventeen bytes"[..17], "sixteen letters.": "seventeen letters"}),
            json!({"fifteen letters": "of seventeen bytes"[..17], "sixteen letters.": "seventeen letters", "a": "of seventeen bytes"[..17], "b": "seventeen letters"}),
            json!([
                {"op": "copy", "from": "/fifteen letters", "path": "/a"},
                {"op": "add", "path": "/b", "value": "seventeen letters"},
            ]),
        ),
        (
            &moves,
            json!({"a": "a short text.", "n".repeat(60): long}),
            json!({"a": "a short text.", "n".repeat(60): long, "b": "a short text.", "c": "sixteen letters.", "d": "sixteen letters.", "e": long}),
            json!([
                {"op": "add", "path": "/b", "value": "a short text."},
                {"op": "add", "path": "/c", "value": "sixteen letters."},
                {"op": "add", "path": "/d", "value": "sixteen letters."},
                {"op": "add", "path": "/e", "value": long},
            ]),
        ),
        // Nor from where something else changes.
        (
            &moves,
            json!({"a": [{"text": long, "x": 1}, 1], "b": {"text": long, "x": 2}}),
            json!({"a": [{"text": long, "x": 3}, 1], "b": {"text": long, "x": 4}, "c": {"text": long, "x": 1}, "d": {"text": long, "x": 2}}),
            json!([
                {"op": "replace", "path": "/a/0/x", "value": 3},
                {"op": "replace", "path": "/b/x", "value": 4},
                {"op": "add", "path": "/c", "value": {"text": long, "x": 1}},
                {"op": "add", "path": "/d", "value": {"text": long, "x": 2}},
            ]),
        ),
        (
            &moves,
            json!([]),
            json!([[long, 1], 2, [long, 1]]),
            json!([{"op": "replace", "path": "", "value": [[long, 1], 2, [long, 1]]}]),
        ),
        (
            &moves,
            json!({}),
            json!({"a": long, "b": long}),
            json!([{"op": "add", "path": "/a", "value": long}, {"op": "copy", "from": "/a", "path": "/b"}]),
        ),
        // By key: a changed field, an insertion, a removal, and an order.
        (
            &by_id,
            json!([a, b, c]),
            json!([d, a, {"id": 2, "name": "x"}]),
            json!([
                {"op": "add", "path": "/0", "value": d},
                {"op": "replace", "path": "/2/name", "value": "x"},
                {"op": "remove", "path": "/3"},
            ]),
        ),
        (
            &by_id,
            json!([a, b, c]),
            json!([c, a, b]),
            json!([{"op": "add", "path": "/0", "value": c}, {"op": "remove", "path": "/3"}]),
        ),
        (
            &moves_by_id,
            json!([a, b, c, d]),
            json!([c, {"id": 1, "name": "x"}, d, {"id": 2, "name": "y"}]),
            json!([
                {"op": "move", "from": "/0", "path": "/2"},
                {"op": "replace", "path": "/2/name", "value": "x"},
                {"op": "move", "from": "/0", "path": "/3"},
                {"op": "replace", "path": "/3/name", "value": "y"},
            ]),
        ),
        // What is copied before the element that it is in is moved.
        (
            &moves_by_id,
            json!([{"id": 1}, {"id": 2}, {"id": 3, "text": {"x": long}}]),
            json!([{"id": 3, "text": {"x": long}, "y": 1}, {"id": 4, "text": {"x": long}}, {"id": 1}, {"id": 2}]),
            json!([
                {"op": "move", "from": "/2", "path": "/0"},
                {"op": "add", "path": "/0/y", "value": 1},
                {"op": "add", "path": "/1", "value": {"id": 4, "text": {"x": long}}},
            ]),
        ),
        (
            &moves_by_id,
            json!([{"id": 3, "text": {"x": long}}, {"id": 1}, {"id": 2}]),
            json!([{"id": 1, "new": long}, {"id": 2}, {"id": 3, "text": {"x": long}}]),
            json!([
                {"op": "copy", "from": "/0/text/x", "path": "/1/new"},
                {"op": "move", "from": "/0", "path": "/2"},
            ]),
        ),
        // One element becomes no other, however short that would be.
        (
            &by_id,
            json!([{"id": 1}]),
            json!([{"id": 2}]),
            json!([{"op": "remove", "path": "/0"}, {"op": "add", "path": "/0", "value": {"id": 2}}]),
        ),
        // Without a key for each, by position.
        (
            &by_id,
            json!([a, a, b]),
            json!([a, a, {"id": 2, "name": "x"}]),
            json!([{"op": "replace", "path": "/2/name", "value": "x"}]),
        ),
        (&by_id, json!([a, 1, b]), json!([a, 2, b]), json!([{"op": "replace", "path": "/1", "value": 2}])),
        // What is guarded.
        (
            &guarded(),
            json!({"a": 1, "list": [1, 2, 3]}),
            json!({"b": 2, "list": [1, 4, 5, 2, 3, 6]}),
            json!([
                {"op": "test", "path": "/a", "value": 1},
                {"op": "remove", "path": "/a"},
                {"op": "add", "path": "/b", "value": 2},
                {"op": "test", "path": "/list/1", "value": 2},
                {"op": "add", "path": "/list/1", "value": 4},
                {"op": "add", "path": "/list/2", "value": 5},
                {"op": "test", "path": "/list/4", "value": 3},
                {"op": "add", "path": "/list/5", "value": 6},
            ]),
        ),
        (
            &guarded(),
            json!({"list": []}),
            json!({"list": [1]}),
            json!([{"op": "test", "path": "/list", "value": []}, {"op": "add", "path": "/list/0", "value": 1}]),
        ),
        (
            &moves.clone().guard(Guard::Changes),
            json!([1, 2, 3]),
            json!([2, 3, 1]),
            json!([{"op": "test", "path": "/0", "value": 1}, {"op": "move", "from": "/0", "path": "/2"}]),
        ),
        (
            &by_id.clone().guard(Guard::Changes),
            json!({&name: [a, b]}),
            json!({&name: [a, {"id": 2, "name": "x"}]}),
            json!([
                {"op": "test", "path": format!("/{name}/1/id"), "value": 2},
                {"op": "test", "path": format!("/{name}/1/name"), "value": "b"},
                {"op": "replace", "path": format!("/{name}/1/name"), "value": "x"},
            ]),
        ),
        // The key has a name that is longer than the path to its element.
        (
            &by_name.clone().guard(Guard::Changes),
            json!([{&name: 1, "a": 1}, {&name: 2, "a": 1}]),
            json!([{&name: 1, "a": 1}, {&name: 2, "a": 2}]),
            json!([
                {"op": "test", "path": format!("/1/{name}"), "value": 2},
                {"op": "test", "path": "/1/a", "value": 1},
                {"op": "replace", "path": "/1/a", "value": 2},
            ]),
        ),
        // It is not replaced for the sake of one change.
        (
            &guarded(),
            json!([{&name: 1, "b": 2}, 0]),
            json!([{"b": 2}, 0]),
            json!([
                {"op": "test", "path": format!("/0/{name}"), "value": 1},
                {"op": "remove", "path": format!("/0/{name}")},
            ]),
        ),
        (
            &containers,
            json!({"a": {"x": 1}, "list": [1]}),
            json!({"a": {"x": 1, "y": 2}, "list": [1, 2]}),
            json!([
                {"op": "test", "path": "/a", "value": {"x": 1}},
                {"op": "add", "path": "/a/y", "value": 2},
                {"op": "test", "path": "/list", "value": [1]},
                {"op": "add", "path": "/list/1", "value": 2},
            ]),
        ),
        (
            &DiffOptions::default().arrays(Arrays::Whole),
            json!({"a": [1, 2, 3, 4, 5, 6, 7, 8]}),
            json!({"a": [1, 2, 3, 4, 5, 6, 7]}),
            json!([{"op": "replace", "path": "/a", "value": [1, 2, 3, 4, 5, 6, 7]}]),
        ),
    ];
    for (options, source, target, expected) in rows {
        let patch = diff_with(&source, &target, options);
        assert_eq!(serde_json::to_value(&patch).expect("a patch is JSON"), expected, "{source} to {target}");
        laws::any_diff_gives_the_target(&source, &target, &Dialect::RFC);
    }
}

#[test]
fn a_guarded_diff_is_refused_where_the_source_changed() {
    let source = json!({"Name": "a", "Events": ["x", "y"], "Headers": {"H": "1"}});
    let containers = DiffOptions::default().guard(Guard::Containers);
    let rows = [
        (&guarded(), json!({"Name": "b", "Events": ["x", "y"], "Headers": {"H": "1"}}), "/Name", json!("c")),
        (&guarded(), json!({"Name": "a", "Headers": {"H": "1"}}), "/Events/0", json!("z")),
        (
            &guarded(),
            json!({"Name": "a", "Events": ["x", "z", "y"], "Headers": {"H": "1"}}),
            "/Events",
            json!(["x", "w", "y"]),
        ),
        // Someone else added the member in the meantime.
        (
            &containers,
            json!({"Name": "a", "Events": ["x", "y"], "Headers": {"H": "1", "K": "2"}}),
            "/Headers",
            json!({"H": "1", "K": "3"}),
        ),
    ];
    for (options, target, path, change) in rows {
        let patch = diff_with(&source, &target, options);
        let mut stale = source.clone();
        *stale.pointer_mut(path).expect("it is there") = change;
        let error = apply(&mut stale.clone(), &patch, &Dialect::SUPEROFFICE).expect_err("the source changed");
        assert_eq!((error.status(), error.code()), (409, "test-failed"), "{patch} on {stale}");
        laws::a_guarded_diff_never_overwrites(&source, &target, &stale, &Dialect::SUPEROFFICE);
        laws::a_guarded_diff_never_overwrites(&source, &target, &stale, &Dialect::RFC);
    }
}

#[test]
fn the_pointers_of_a_diff_are_bounded() {
    // 4 KiB a pointer, and 4 MiB for all of them.
    let wide = |count: u64, value: u64| -> Value {
        let members: Map<_, _> = (0..count).map(|index| (format!("{index:04}"), json!(value))).collect();
        json!({"a": {"n".repeat(4_088): members}})
    };
    for (count, operations) in [(1_024, 1_024), (1_025, 1), (60_000, 1)] {
        for options in [DiffOptions::default(), DiffOptions::default().moves(true), guarded()] {
            let (mut source, target) = (wide(count, 1), wide(count, 2));
            let patch = diff_with(&source, &target, &options);
            let length: usize = patch.operations().iter().map(|operation| operation.path().as_str().len()).sum();
            assert!(length <= 4 << 20);
            if options.guard == Guard::None {
                assert_eq!(patch.operations().len(), operations);
            }
            apply(&mut source, &patch, &Dialect::RFC).expect("a diff applies");
            assert!(source == target);
        }
    }
}

/// The pointers of a copy are two, and what it copies counts.
#[test]
fn the_copies_of_a_diff_are_bounded() {
    let moves = DiffOptions::default().moves(true);
    let (name, text) = ("n".repeat(3_900), "x".repeat(4_000));
    let copied = |count: usize| -> Value {
        let members: Map<_, _> = (0..=count).map(|index| (format!("{index}"), json!(text))).collect();
        json!({&name: members})
    };
    let large = |count: usize| Value::from(vec![json!("x".repeat(3 << 19)); count]);
    for (source, target, names) in [
        (copied(0), copied(500), ["copy"; 500].to_vec()),
        (copied(0), copied(600), ["add"; 600].to_vec()),
        (
            json!({"a": large(1)}),
            json!({"a": large(1), "b": large(1), "c": large(1), "d": large(1)}),
            vec!["copy", "copy", "add"],
        ),
    ] {
        let patch = diff_with(&source, &target, &moves);
        assert!(patch.operations().iter().map(|operation| operation.name()).eq(names));
        let mut patched = source;
        apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(patched == target);
    }
}

/// A path has 127 tokens at most, also one that is copied from.
#[test]
fn what_lies_too_deep_is_not_copied() {
    let text = json!("x".repeat(400));
    for (levels, name) in [(126, "copy"), (127, "add")] {
        let deep = (0..levels).fold(text.clone(), |value, _| json!([value, 1]));
        let (source, target) = (json!({"a": deep}), json!({"a": deep, "b": text}));
        let patch = diff_with(&source, &target, &DiffOptions::default().moves(true));
        assert_eq!(patch.operations().iter().map(|operation| operation.name()).collect::<Vec<_>>(), [name]);
        let mut patched = source;
        apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(patched == target);
    }
}
