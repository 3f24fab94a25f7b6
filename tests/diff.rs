//! The way back: diffs, merge diffs and inverses, by law and by example.

mod properties;

use std::time::{Duration, Instant};

use entity_patch::{
    Arrays, Dialect, DiffOptions, Guard, MergePatch, Operation, Patch, Pointer, apply, apply_with_inverse, diff,
    diff_with, merge_diff, merge_with_inverse,
};
use properties::diff as laws;
use proptest::{collection, prelude::*, sample};
use serde_json::{Map, Value, json};

#[test]
fn a_diff_holds_what_changed() {
    let texts: Vec<Value> = (0..10).map(|number| json!(format!("a text of 25 letters, no{number}"))).collect();
    let numbers = (0..11).map(Value::from);
    let rows = [
        (json!(1), json!(1.0), json!([])),
        (json!({"a": [1, {"b": 2}]}), json!({"a": [1.0, {"b": 2.0}]}), json!([])),
        (json!(1), json!("1"), json!([{"op": "replace", "path": "", "value": "1"}])),
        (json!({"a": 1}), json!([]), json!([{"op": "replace", "path": "", "value": []}])),
        // Removals come first.
        (
            json!({"b": 1, "z": 2, "c": {"d": 3}}),
            json!({"a": 0, "b": 2, "c": {}}),
            json!([
                {"op": "remove", "path": "/z"},
                {"op": "add", "path": "/a", "value": 0},
                {"op": "replace", "path": "/b", "value": 2},
                {"op": "remove", "path": "/c/d"},
            ]),
        ),
        (json!({"": {"~/": null}}), json!({"": {"~/": 1}}), json!([{"op": "replace", "path": "//~0~1", "value": 1}])),
        // An element that was inserted, removed or changed is one operation.
        (json!([1, 2, 3]), json!([0, 1, 2, 3]), json!([{"op": "add", "path": "/0", "value": 0}])),
        (json!([1, 2]), json!([1, 2, 3]), json!([{"op": "add", "path": "/2", "value": 3}])),
        (json!([1, 2, 3]), json!([1, 3]), json!([{"op": "remove", "path": "/1"}])),
        (json!([1, 2, 3]), json!([1, 4, 3]), json!([{"op": "replace", "path": "/1", "value": 4}])),
        (
            json!(["a", "b", "c", "d", "e"]),
            json!(["b", "c", "x", "d", "e", "y"]),
            json!([
                {"op": "remove", "path": "/0"},
                {"op": "add", "path": "/2", "value": "x"},
                {"op": "add", "path": "/5", "value": "y"},
            ]),
        ),
        // A changed element is changed inside, also where another one came in beside it.
        (
            json!([{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]),
            json!([{"id": 1, "v": "a"}, {"id": 2, "v": "c"}]),
            json!([{"op": "replace", "path": "/1/v", "value": "c"}]),
        ),
        (
            json!([{"id": 1, "v": "a", "w": "a"}, {"id": 2, "v": "b", "w": "b"}]),
            json!([{"id": 3, "v": "x", "w": "x"}, {"id": 1, "v": "c", "w": "a"}, {"id": 2, "v": "b", "w": "b"}]),
            json!([
                {"op": "add", "path": "/0", "value": {"id": 3, "v": "x", "w": "x"}},
                {"op": "replace", "path": "/1/v", "value": "c"},
            ]),
        ),
        // Where that is shorter, it is replaced whole.
        (
            json!([{"a": 1, "b": 2}, 0, 0]),
            json!([{"a": 3, "b": 4}, 0, 0]),
            json!([{"op": "replace", "path": "/0", "value": {"a": 3, "b": 4}}]),
        ),
        (
            json!([{"id": 1, "v": "a", "w": "a"}, {"id": 2, "v": "b", "w": "b"}]),
            json!([{"id": 1, "v": "c", "w": "a"}, {"id": 3, "v": "x", "w": "x"}, {"id": 2, "v": "b", "w": "b"}]),
            json!([
                {"op": "replace", "path": "/0/v", "value": "c"},
                {"op": "add", "path": "/1", "value": {"id": 3, "v": "x", "w": "x"}},
            ]),
        ),
        // Where both are as long as each other, and where that is longer, it is not.
        (
            json!([1, {"a": 1, "b": 1, "c": "as long as both of them"}, 0, 0]),
            json!([2, {"a": "x1", "b": "x2", "c": "as long as both of them"}, 0, 0]),
            json!([
                {"op": "replace", "path": "/0", "value": 2},
                {"op": "replace", "path": "/1", "value": {"a": "x1", "b": "x2", "c": "as long as both of them"}},
            ]),
        ),
        (
            json!([1, {"a": 1, "b": 1, "c": "as long as both of them!"}, 0, 0]),
            json!([2, {"a": "x1", "b": "x2", "c": "as long as both of them!"}, 0, 0]),
            json!([
                {"op": "replace", "path": "/0", "value": 2},
                {"op": "replace", "path": "/1/a", "value": "x1"},
                {"op": "replace", "path": "/1/b", "value": "x2"},
            ]),
        ),
        (
            json!([1, {"a": 1, "b": 1, "c": "longer than both of the operations that change the others"}, 0, 0]),
            json!([2, {"a": "x1", "b": "x2", "c": "longer than both of the operations that change the others"}, 0, 0]),
            json!([
                {"op": "replace", "path": "/0", "value": 2},
                {"op": "replace", "path": "/1/a", "value": "x1"},
                {"op": "replace", "path": "/1/b", "value": "x2"},
            ]),
        ),
        // Nor is it for the sake of one operation.
        (
            json!({"a": 0, "b": [{"a name that is longer than its object": 1}, 0]}),
            json!({"a": 1, "b": [{}, 0]}),
            json!([
                {"op": "replace", "path": "/a", "value": 1},
                {"op": "remove", "path": "/b/0/a name that is longer than its object"},
            ]),
        ),
        // An empty array is as different from an empty object as from a text.
        (
            json!([[], 7, 8, 9]),
            json!(["a text", {}, 7, 8, 9]),
            json!([{"op": "replace", "path": "/0", "value": "a text"}, {"op": "add", "path": "/1", "value": {}}]),
        ),
        // Which is shorter depends on each digit of an index: eleven removals at `/10` are two bytes longer.
        (
            texts.iter().cloned().chain(numbers).collect(),
            json!(texts),
            json!([{"op": "replace", "path": "", "value": texts}]),
        ),
        // So is an array of which little stays, and no array of which half does.
        (json!({"a": [1, 2, 3]}), json!({"a": [4, 5]}), json!([{"op": "replace", "path": "/a", "value": [4, 5]}])),
        (
            json!({"a": [1, 2]}),
            json!({"a": [2, 3]}),
            json!([{"op": "remove", "path": "/a/0"}, {"op": "add", "path": "/a/1", "value": 3}]),
        ),
        // Of two that change places, the larger one stays.
        (
            json!([1, "a long text", 2, 3]),
            json!(["a long text", 1, 2, 3]),
            json!([{"op": "remove", "path": "/0"}, {"op": "add", "path": "/1", "value": 1}]),
        ),
        (
            json!([1, 2, "a long text", 3]),
            json!([1, "a long text", 2, 3]),
            json!([{"op": "remove", "path": "/1"}, {"op": "add", "path": "/2", "value": 2}]),
        ),
        (
            json!({"a": [1, 2, 3, 4, 5, 6]}),
            json!({"a": [7, 2, 8, 4, 9, 6]}),
            json!([
                {"op": "replace", "path": "/a/0", "value": 7},
                {"op": "replace", "path": "/a/2", "value": 8},
                {"op": "replace", "path": "/a/4", "value": 9},
            ]),
        ),
        // However many arrays are around it.
        (
            json!([[["a", "a text that makes the array longer than the operations that change it, so that it is not replaced whole", {"c": [1]}, {"c": [2]}]]]),
            json!([[["x", "a", "a text that makes the array longer than the operations that change it, so that it is not replaced whole", {"c": [1]}, {"c": [3]}, {"c": [2]}]]]),
            json!([
                {"op": "add", "path": "/0/0/0", "value": "x"},
                {"op": "add", "path": "/0/0/4", "value": {"c": [3]}},
            ]),
        ),
    ];
    for (source, target, expected) in rows {
        let patch = diff(&source, &target);
        assert_eq!(serde_json::to_value(&patch).expect("a patch is JSON"), expected, "{source} to {target}");
        laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
    }
}

#[test]
fn elements_that_only_look_equal_are_told_apart() {
    // One `f64` is nearest to both.
    let (odd, even) = (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0));
    let list = |from: i64, last: &Value| -> Value {
        let mut list: Vec<Value> = (from..from + 400).map(|number| json!([number])).collect();
        list.extend((0..400).map(|_| json!({"number": last})));
        list.into()
    };
    for from in [0, 10, 300] {
        let (mut patched, target) = (list(0, &odd), list(from, &even));
        let patch = diff(&patched, &target);
        apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(patched == target, "from {from}");
    }
}

/// Where an index gets a second digit, between ends that are equal.
#[test]
fn a_diff_of_short_arrays_is_the_shortest() {
    let elements = [json!(1), json!("two"), json!("a longer text")];
    for head in 7..10 {
        let mut lists = vec![vec![json!(0); head]];
        let mut start = 0;
        for _ in 0..3 {
            let end = lists.len();
            for index in start..end {
                lists.extend(
                    elements.each_ref().map(|element| [&lists[index][..], std::slice::from_ref(element)].concat()),
                );
            }
            start = end;
        }
        for source in &lists {
            for target in
                lists.iter().filter(|target| target.get(head) != source.get(head) && target.last() != source.last())
            {
                laws::a_diff_of_arrays_is_the_shortest(source, target);
            }
        }
    }
}

/// The shortest way between 64 elements and 64 others is not given up for long texts that are near to their place.
#[test]
fn a_diff_of_64_elements_is_the_shortest() {
    let (long, longer) = (json!("a long text, ".repeat(6)), json!("a longer text, ".repeat(9)));
    for count in [38, 58] {
        let list = |start: [&Value; 2], end: [i32; 2]| -> Vec<Value> {
            let middle = (0..count).map(|number| json!([number]));
            let start = start.into_iter().flat_map(|text| [text.clone(), text.clone()]);
            start.chain(middle).chain(end.map(Value::from)).collect()
        };
        let (source, target) = (list([&long, &longer], [-1, -2]), list([&longer, &long], [-3, -4]));
        laws::a_diff_of_arrays_is_the_shortest(&source, &target);
    }
}

/// Elements that all changed are known by what only they have, however many they are.
#[test]
fn elements_that_all_changed_are_changed_inside() {
    let record =
        |id: usize, seen: &str| json!({"id": id, "name": format!("name {}", id % 7), "tags": ["a"], "seen": seen});
    for count in [20, 100, 600] {
        let source: Vec<Value> = (0..count).map(|id| record(id, "today")).collect();
        let mut target: Vec<Value> = (0..count).map(|id| record(id, "a day ago")).collect();
        target.remove(count / 2);
        target.insert(3, record(count, "a day ago"));
        // Between the others there are two of which nothing is left but what many have.
        let unlike = count - 4..count - 2;
        target[unlike.clone()].iter_mut().for_each(|record| record["id"] = json!("another"));
        let expected: Vec<String> = (0..3)
            .map(|index| format!("/{index}/seen"))
            .chain(["/3".to_owned()])
            .chain((4..=count / 2).map(|index| format!("/{index}/seen")))
            .chain([format!("/{}", count / 2 + 1)])
            .chain((count / 2 + 1..count - 4).map(|index| format!("/{index}/seen")))
            .chain(unlike.map(|index| format!("/{index}")))
            .chain((count - 2..count).map(|index| format!("/{index}/seen")))
            .collect();
        let (source, target) = (Value::from(source), Value::from(target));
        let patch = diff(&source, &target);
        let paths: Vec<&str> = patch.operations().iter().map(|operation| operation.path().as_str()).collect();
        assert_eq!(paths, expected);
        laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
    }
}

/// So many elements differ, a dozen of which came in at once, that only equal ones are looked for.
#[test]
fn elements_stay_where_every_third_one_changed() {
    let list = |offset: i64| (0..600).map(move |number| json!(if number % 3 == 0 { offset + number } else { number }));
    let source: Vec<Value> = (0..3).map(|_| json!("head")).chain(list(1_000)).collect();
    let target: Vec<Value> =
        (0..3).map(|_| json!("head")).chain((0..12).map(|number| json!([number]))).chain(list(2_000)).collect();
    let patch = diff(&Value::from(source.clone()), &Value::from(target.clone()));
    assert_eq!(patch.operations().len(), 212);
    laws::a_diff_of_long_arrays_is_nearly_the_shortest(&source, &target);
}

/// What a diff of two wide objects has to keep within, to the last operation.
#[test]
fn the_limits_of_a_patch_are_those_of_a_diff() {
    let wide = |count: u64, value: u64| -> Value {
        (0..count).map(|index| (format!("n{index}"), json!(value))).collect::<Map<_, _>>().into()
    };
    let last = json!({"n8192": 1});
    for (source, target, expected) in [
        (wide(10_000, 1), wide(10_000, 2), 10_000),
        (wide(10_001, 1), wide(10_001, 2), 1),
        // So many removals in so wide an object are all the work that there may be; in a wider one they are more.
        (wide(8_192, 1), json!({}), 8_192),
        (wide(8_193, 1), last, 1),
    ] {
        let patch = diff(&source, &target);
        assert_eq!(patch.operations().len(), expected);
        let mut patched = source;
        apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(patched == target);
    }
    for (count, expected) in [(5_000, 10_000), (5_001, 2)] {
        let patch = diff_with(&wide(count, 1), &wide(count, 2), &guarded());
        assert_eq!(patch.operations().len(), expected);
    }
}

/// What a diff of two long arrays has to keep within.
#[test]
fn the_work_of_a_patch_is_bounded() {
    let list = |numbers: &mut dyn Iterator<Item = u64>| -> Value { numbers.map(Value::from).collect() };
    let by_value = DiffOptions::default().arrays(Arrays::by_key_of(|_, element| Some(element.clone())));
    let moves = by_value.clone().moves(true);
    let plain = DiffOptions::default();
    let (new, half) = (100_000..108_192, 8_192);
    for (options, source, target, expected) in [
        // So many elements are shifted by each addition that it is all the work that there may be; or by one more.
        (&plain, list(&mut (0..half + 2)), list(&mut (0..2).chain(new.clone()).chain(2..half + 2)), 8_192),
        (&plain, list(&mut (0..half + 3)), list(&mut (0..2).chain(new.clone()).chain(2..half + 3)), 1),
        (&plain, list(&mut (0..half)), list(&mut new.clone().chain(0..half)), 8_192),
        // Each removal shifts fewer.
        (&by_value, list(&mut (0..12_000)), list(&mut (8_192..12_000)), 8_192),
        (&by_value, list(&mut (0..14_000)), list(&mut (8_192..14_000)), 1),
        // A move is a removal and an addition.
        (&moves, list(&mut (0..8_000)), list(&mut (0..8_000).rev()), 7_999),
        (&moves, list(&mut (0..16_001)), list(&mut (8_000..16_001).chain(0..8_000)), 1),
    ] {
        let patch = diff_with(&source, &target, options);
        assert_eq!(patch.operations().len(), expected);
        let mut patched = source;
        apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(patched == target);
    }
}

#[test]
fn a_name_changes_its_case_under_every_dialect() {
    let (source, target) = (json!({"name": 1, "x": {"A": 1}}), json!({"NAME": 2, "x": {"a": 1}}));
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        laws::a_diff_gives_the_target(&source, &target, &dialect);
    }
}

#[test]
fn one_insertion_into_a_long_array_is_one_operation() {
    let source: Vec<Value> = (0..1_000).map(|id| json!({"id": id, "name": format!("name {}", id % 10)})).collect();
    for at in [0, 1, 500, 999, 1_000] {
        let mut target = source.clone();
        target.insert(at, json!({"id": -1}));
        let (source, target) = (Value::from(source.clone()), Value::from(target));
        assert_eq!(diff(&source, &target).operations().len(), 1, "at {at}");
        assert_eq!(diff(&target, &source).operations().len(), 1, "at {at}");
    }
}

#[test]
fn edits_that_are_far_apart_stay_local() {
    let source: Vec<Value> = (0..1_000).map(|id| json!({"id": id, "name": "n", "flags": [true, id % 3]})).collect();
    let mut target = source.clone();
    target[900]["name"] = json!("m");
    target.remove(700);
    target[400]["flags"][1] = json!("f");
    target.insert(300, json!({"id": 5_000}));
    target[10]["id"] = json!(0);
    let (source, target) = (Value::from(source), Value::from(target));
    let patch = diff(&source, &target);
    let paths: Vec<&str> = patch.operations().iter().map(|operation| operation.path().as_str()).collect();
    assert_eq!(paths, ["/10/id", "/300", "/401/flags/1", "/701", "/900/name"]);
    laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
}

/// What a task makes, and the least time that it took. One that took longer than expected has more attempts, since
/// something else may have had the processor.
fn timed<T>(task: impl Fn() -> T, expected: Duration) -> (T, Duration) {
    let mut least = Duration::MAX;
    let mut attempts = 0;
    loop {
        let start = Instant::now();
        let made = task();
        least = least.min(start.elapsed());
        attempts += 1;
        if least < expected || attempts == 5 {
            return (made, least);
        }
    }
}

/// The multiples of a number that is prime to the modulus come in an order that looks random.
fn shuffled(count: u64) -> Vec<Value> {
    (0..count).map(|index| json!(index * 7_919 % count)).collect()
}

#[test]
fn large_unlike_arrays_take_little_time() {
    let count = 20_000;
    let ascending: Vec<Value> = (0..count).map(Value::from).collect();
    let few: Vec<Value> =
        shuffled(count).into_iter().map(|value| json!(value.as_u64().unwrap_or_default() % 3)).collect();
    let objects = |values: Vec<Value>| -> Vec<Value> {
        values.into_iter().map(|value| json!({"id": value, "name": "n", "tags": [value, "t"]})).collect()
    };
    let rows = [
        (ascending.clone(), shuffled(count)),
        (few.clone(), few.iter().rev().cloned().collect()),
        (objects(ascending.clone()), objects(shuffled(count))),
        (ascending.clone(), vec![]),
        (ascending[..10_001].to_vec(), ascending[10_001..].to_vec()),
    ];
    for (source, target) in rows {
        let (source, target) = (Value::from(source), Value::from(target));
        for options in
            laws::all_options().into_iter().chain([DiffOptions::default().arrays(Arrays::by_key("id")).moves(true)])
        {
            let (patch, time) = timed(|| diff_with(&source, &target, &options), Duration::from_secs(2));
            assert!(time < Duration::from_secs(2), "it took {time:?} with {options:?}");
            let mut patched = source.clone();
            apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
            assert!(patched == target);
        }
        // One object between them does not change that.
        let target = json!({"list": target});
        assert!(diff(&json!({"list": source}), &target).operations().len() <= 10_000);
    }
}

#[test]
fn large_unlike_objects_take_little_work() {
    let object = |prefix: &str| -> Map<String, Value> {
        (0..12_000).map(|index| (format!("{prefix}{index}"), json!(index))).collect()
    };
    let (source, target) = (json!({"o": object("a")}), json!({"o": object("b")}));
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        let mut patched = source.clone();
        apply(&mut patched, &diff(&source, &target), &dialect).expect("a diff applies");
        assert_eq!(patched, target);
    }
}

#[test]
fn a_path_beyond_the_limit_is_not_written() {
    let (long, short, longest) = ("~".repeat(3_000), "n".repeat(3_000), "n".repeat(4_095));
    let (overlong, index) = ("m".repeat(4_096), "i".repeat(4_093));
    let rows = [
        (json!({&long: 1}), json!({&long: 2}), 0),
        (json!({"a": {&long: 1, "b": 1}}), json!({"a": {&long: 2, "b": 2}}), 1),
        (json!({&short: {&short: {"a": 1}}}), json!({&short: {&short: {"a": 2}}}), 1),
        (json!({&short: [{&short: {"a": 1}}]}), json!({&short: [{&short: {"a": 2}}, 1]}), 1),
        (json!({&long: 1}), json!({}), 0),
        // A member whose name is too long, beside an element that is replaced.
        (
            json!({"a": {&overlong: 1, "b": [{"c": 1, "d": 2}]}}),
            json!({"a": {&overlong: 2, "b": [{"c": 3, "d": 4}]}}),
            1,
        ),
        (
            json!({"a": {"b": [{"c": 1, "d": 2}], &overlong: 1}}),
            json!({"a": {"b": [{"c": 3, "d": 4}], &overlong: 2}}),
            1,
        ),
        (json!({&overlong: {"b": 1}, "a": 1}), json!({&overlong: {"b": 2}, "a": 2}), 0),
        (json!([{&overlong: 1}, [{"c": 1, "d": 2}]]), json!([{&overlong: 2}, [{"c": 3, "d": 4}]]), 0),
        (json!({}), json!({&overlong: 1}), 0),
        (json!({&short: {"a": [1, 2]}}), json!({&short: {"a": [1, 2, 3]}}), 3),
        // An index is longer before the others are removed.
        (
            json!({&index: [1, 2, 3, 4, 5, 6, 7, 8, "x", "z", "moved"]}),
            json!({&index: ["moved", 1, 2, 3, 4, 5, 6, 7, 8]}),
            2,
        ),
        // The longest that is written, and what stays beside a longer one.
        (json!({&longest: 1}), json!({&longest: 2}), 1),
        (json!({"a": {&long: 1, "\u{7F}": [1]}}), json!({"a": {&long: 2, "\u{7F}": [1]}}), 1),
    ];
    for (source, target, tokens) in rows {
        laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
        laws::any_diff_gives_the_target(&source, &target, &Dialect::RFC);
        assert!(
            diff(&source, &target).operations().iter().all(|operation| operation.path().tokens().count() >= tokens)
        );
    }
}

/// A value inside so many arrays and objects in turn.
fn nested(levels: usize, inner: Value) -> Value {
    (0..levels).fold(inner, |value, level| match level % 3 {
        0 => Value::Array(vec![json!(level), value, json!("end")]),
        1 => Value::Object([("a".to_owned(), value)].into_iter().collect()),
        _ => Value::Array(vec![value]),
    })
}

/// Drops a value without recursion.
fn discard(value: Value) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(elements) => rest.extend(elements),
            Value::Object(members) => rest.extend(members.into_iter().map(|(_, member)| member)),
            _ => {}
        }
    }
}

fn guarded() -> DiffOptions {
    DiffOptions::default().guard(Guard::Changes)
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn the_deepest_change_is_written_where_it_is() {
    on_a_small_stack(|| {
        for options in [DiffOptions::default(), guarded()] {
            for levels in [100, 126, 127] {
                let (source, target) = (nested(levels, json!(1)), nested(levels, json!(2)));
                let patch = diff_with(&source, &target, &options);
                assert_eq!(patch.operations().len(), 1 + usize::from(options.guard != Guard::None));
                assert_eq!(patch.operations()[0].path().tokens().count(), levels);
                let mut patched = source.clone();
                apply(&mut patched, &patch, &Dialect::RFC).expect("a diff applies");
                assert!(patched == target);
            }
            // What lies deeper is replaced at the last level that a path may lead to, whatever it is.
            for levels in [128, 129, 130] {
                let patch = diff_with(&nested(levels, json!(1)), &nested(levels, json!(2)), &options);
                assert_eq!(patch.operations()[0].path().tokens().count(), 127);
            }
        }
    });
}

#[test]
fn no_depth_overflows_the_stack() {
    on_a_small_stack(|| {
        for (levels, inner) in [(128, json!([])), (200, json!(1)), (20_000, json!(2))] {
            let (source, target) = (nested(levels, json!(1)), nested(levels, inner));
            drop(diff(&source, &target));
            drop(diff_with(&source, &target, &guarded()));
            drop(diff(&json!({"a": 1}), &target));
            drop(diff(&target, &Value::Null));
            drop(merge_diff(&source, &target));
            // What is equal stays as it is, however deep.
            let (mut more, mut less) = (json!([0, 1, 2]), json!([1, 2, 3, 4]));
            more[1] = source;
            less[0] = nested(levels, json!(1));
            assert_eq!(diff(&more, &less).operations().len(), 3);
            [target, more, less].into_iter().for_each(discard);
        }
        let objects = |levels, inner| {
            (0..levels).fold(inner, |value, _| Value::Object([("a".to_owned(), value)].into_iter().collect()))
        };
        let [one, two, null] = [json!(1), json!(2), Value::Null].map(|inner| objects(50_000, inner));
        assert!(merge_diff(&one, &two).is_some());
        assert!(merge_diff(&one, &null).is_none());
        // A part of the patch that is as deep as it gets goes with the rest.
        let (mut source, mut target) = (json!({"a": null}), json!({"a": null, "b": null}));
        (source["a"], target["a"]) = (one, two);
        assert!(merge_diff(&source, &target).is_none());
        let [more, less] = [1_000_000, 999_999].map(|levels| objects(levels, json!(1)));
        assert_eq!(diff(&more, &less).operations().len(), 1);
        [source, target, null, more, less].into_iter().for_each(discard);
    });
}

#[test]
fn a_target_that_can_be_stored_is_reached_from_any_depth() {
    on_a_small_stack(|| {
        let mut source = nested(1_000, json!(1));
        let target = nested(127, json!(2));
        let patch = diff(&source, &target);
        apply(&mut source, &patch, &Dialect::RFC).expect("a diff applies");
        assert!(source == target);
    });
}

#[test]
fn equal_parts_of_nested_arrays_are_walked_once() {
    // Around a large equal part: an array for each level, whose other elements all changed.
    let layers = |levels: usize, mark: &str| {
        let blob: Vec<Value> = (0..20_000).map(|index| json!({"id": index})).collect();
        let blob = json!([mark, blob, mark]);
        (0..levels).fold(blob, |value, _| Value::Array(vec![json!([mark]), value, json!(mark)]))
    };
    let time = |levels, expected| {
        let (source, target) = (layers(levels, "a"), layers(levels, "b"));
        let (patch, time) = timed(|| diff(&source, &target), expected);
        assert_eq!(patch.operations().len(), 2 * levels + 2);
        time
    };
    let few = time(4, Duration::ZERO);
    let limit = 8 * few + Duration::from_millis(50);
    let many = time(100, limit);
    assert!(many < limit, "4 levels took {few:?}, 100 took {many:?}");
}

#[test]
fn a_merge_diff_names_what_changed() {
    let rows = [
        (json!({"a": 1}), json!({"a": 1.0}), Some(json!({}))),
        (
            json!({"a": {"b": 1, "c": 2}, "d": 3}),
            json!({"a": {"b": 1}, "e": {}}),
            Some(json!({"a": {"c": null}, "d": null, "e": {}})),
        ),
        (json!({"a": null}), json!({"a": null, "b": 1}), Some(json!({"b": 1}))),
        (json!({"a": {"b": null}}), json!({"a": {"b": null, "c": 1}}), Some(json!({"a": {"c": 1}}))),
        (json!({"a": 1}), json!({"a": null}), None),
        (json!({}), json!({"a": {"b": {"c": null}}}), None),
        (json!([{"b": null}]), json!({"b": null}), None),
        (json!({}), json!({"a": [null, {"b": null}]}), Some(json!({"a": [null, {"b": null}]}))),
        (json!({"a": 1}), json!(null), Some(json!(null))),
        (json!([1]), json!([1]), Some(json!([1]))),
        (json!("a"), json!({}), Some(json!({}))),
    ];
    for (source, target, expected) in rows {
        let patch = merge_diff(&source, &target);
        assert_eq!(patch.as_ref().map(MergePatch::as_value), expected.as_ref(), "{source} to {target}");
        laws::a_merge_diff_gives_the_target(&source, &target);
    }
}

/// Every document of one member name, one or two levels deep, over a few scalars.
fn small_documents() -> Vec<Value> {
    let scalars = [json!(null), json!(1), json!([]), json!([null])];
    let objects = |values: &[Value]| -> Vec<Value> {
        let optional: Vec<Option<&Value>> = values.iter().map(Some).chain([None]).collect();
        let pairs = optional.iter().flat_map(|a| optional.iter().map(move |b| (*a, *b)));
        let member = |name: &str, value: Option<&Value>| value.map(|value| (name.to_owned(), value.clone()));
        pairs.map(|(a, b)| Value::Object(member("a", a).into_iter().chain(member("b", b)).collect())).collect()
    };
    let inner = objects(&scalars[..2]);
    let values: Vec<Value> = scalars.iter().cloned().chain(inner).collect();
    scalars.iter().cloned().chain(objects(&values)).collect()
}

#[test]
fn no_merge_patch_is_shorter_than_the_merge_diff() {
    let all = small_documents();
    for source in &all {
        for target in &all {
            laws::a_merge_diff_gives_the_target(source, target);
        }
    }
    for source in all.iter().step_by(3) {
        for target in all.iter().step_by(5) {
            laws::a_merge_diff_is_the_shortest(source, target, &all);
        }
    }
}

#[test]
fn an_inverse_takes_every_operation_back() {
    let target = json!({"a": {"x": [1, 2, 3]}, "b": {"y": 1}, "list": [{"p": 1}, {"q": [0]}]});
    let rows = [
        (json!([{"op": "add", "path": "/a/x/-", "value": 4}]), json!([{"op": "remove", "path": "/a/x/3"}])),
        (json!([{"op": "add", "path": "/a/x/0", "value": 4}]), json!([{"op": "remove", "path": "/a/x/0"}])),
        (json!([{"op": "add", "path": "/c", "value": 4}]), json!([{"op": "remove", "path": "/c"}])),
        (json!([{"op": "add", "path": "/b", "value": 4}]), json!([{"op": "replace", "path": "/b", "value": {"y": 1}}])),
        (json!([{"op": "remove", "path": "/b/y"}]), json!([{"op": "add", "path": "/b/y", "value": 1}])),
        (json!([{"op": "remove", "path": "/a/x/1"}]), json!([{"op": "add", "path": "/a/x/1", "value": 2}])),
        (
            json!([{"op": "replace", "path": "/b/y", "value": 2}]),
            json!([{"op": "replace", "path": "/b/y", "value": 1}]),
        ),
        (json!([{"op": "copy", "from": "/b", "path": "/a/x/1"}]), json!([{"op": "remove", "path": "/a/x/1"}])),
        (
            json!([{"op": "move", "from": "/b", "path": "/a/b"}]),
            json!([{"op": "remove", "path": "/a/b"}, {"op": "add", "path": "/b", "value": {"y": 1}}]),
        ),
        (json!([{"op": "test", "path": "/b/y", "value": 1}, {"op": "move", "from": "/b", "path": "/b"}]), json!([])),
    ];
    for (patch, expected) in rows {
        let patch: Patch = serde_json::from_value(patch).expect("a patch");
        let inverse = apply_with_inverse(&mut target.clone(), &patch, &Dialect::RFC).expect("it applies");
        assert_eq!(serde_json::to_value(&inverse).expect("a patch is JSON"), expected, "{patch}");
        laws::an_inverse_undoes(&target, &patch, &Dialect::RFC);
    }
    let rows = [
        // Through what is moved, over it, around it and beside it.
        json!([{"op": "move", "from": "/list/0", "path": "/list/0/q/0"}, {"op": "replace", "path": "/list/0/q/0/p", "value": 5}]),
        json!([{"op": "move", "from": "/list/1/q", "path": "/list/1"}]),
        json!([{"op": "move", "from": "/list/1/q", "path": "/list/0"}]),
        json!([{"op": "move", "from": "/list/0", "path": "/list/-"}, {"op": "remove", "path": "/list/1/p"}]),
        json!([{"op": "move", "from": "/a/x", "path": "/a"}, {"op": "move", "from": "/a/0", "path": ""}]),
        json!([{"op": "move", "from": "/a/x/2", "path": "/a/x/0"}, {"op": "remove", "path": "/a/x"}]),
        json!([{"op": "copy", "from": "", "path": "/b/y"}, {"op": "move", "from": "/b/y/a", "path": "/a"}]),
        json!([{"op": "replace", "path": "", "value": 1}, {"op": "add", "path": "", "value": [2]}]),
        json!([{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/nothing"}]),
        // What leaves all as it was: in one member, in one element, around a member, and next to each other.
        json!([{"op": "add", "path": "/c", "value": 1}, {"op": "remove", "path": "/c"}]),
        json!([{"op": "replace", "path": "/b/y", "value": 2}, {"op": "replace", "path": "/b/y", "value": 1}]),
        json!([{"op": "add", "path": "/a/x/0", "value": 1}, {"op": "remove", "path": "/a/x/1"}]),
        json!([{"op": "remove", "path": "/b/y"}, {"op": "replace", "path": "/b", "value": {"y": 1}}]),
        json!([{"op": "move", "from": "/a/x/0", "path": "/a/x/2"}, {"op": "move", "from": "/a/x/2", "path": "/a/x/0"}]),
        // What changes one of two places.
        json!([{"op": "add", "path": "/c", "value": 1}, {"op": "remove", "path": "/c"}, {"op": "remove", "path": "/b"}]),
        json!([{"op": "replace", "path": "/b", "value": {"y": 2}}, {"op": "replace", "path": "/b/y", "value": 3}]),
    ];
    for patch in rows {
        let patch: Patch = serde_json::from_value(patch).expect("a patch");
        laws::an_inverse_undoes(&target, &patch, &Dialect::RFC);
    }
}

#[test]
fn an_inverse_is_spelt_as_the_document_is() {
    let target = json!({"Headers": {"X-Key": "1"}, "Events": []});
    let patch: Patch = serde_json::from_value(json!([
        {"op": "replace", "path": "/headers/x-key", "value": "2"},
        {"op": "add", "path": "/HEADERS/new", "value": "3"},
        {"op": "add", "path": "/events/-", "value": "4"},
        {"op": "remove", "path": "/headers/X-KEY"},
    ]))
    .expect("a patch");
    let inverse = apply_with_inverse(&mut target.clone(), &patch, &Dialect::SUPEROFFICE).expect("it applies");
    let paths: Vec<&str> = inverse.operations().iter().map(|operation| operation.path().as_str()).collect();
    assert_eq!(paths, ["/Headers/X-Key", "/Events/0", "/Headers/new", "/Headers/X-Key"]);
    laws::an_inverse_undoes(&target, &patch, &Dialect::SUPEROFFICE);

    // Another member answers to the name of the one that was removed.
    let namesakes = json!({"Name": 1, "NAME": 2, "b": {"name": 3}});
    let folded = folded_with_moves();
    for patch in [
        json!([{"op": "remove", "path": "/Name"}]),
        json!([{"op": "move", "from": "/Name", "path": "/name/x"}]),
        json!([{"op": "move", "from": "/Name", "path": "/b/Name"}, {"op": "remove", "path": "/name"}]),
    ] {
        let patch: Patch = serde_json::from_value(patch).expect("a patch");
        laws::an_inverse_undoes(&namesakes, &patch, &folded);
    }
}

/// Where two names of a merge patch are one, it does what its list of operations does, and so does its inverse.
#[test]
fn a_merge_patch_with_namesakes_is_undone() {
    for (target, patch) in [
        (json!({"a": 1}), json!({"A": null, "a": 2})),
        (json!({"x": {"a": 1}}), json!({"x": {"A": null, "a": 2}})),
        (json!({"a": {"z": 1}}), json!({"A": {"x": 1}, "a": {"z": null}})),
    ] {
        laws::a_merge_inverse_undoes(&target, &MergePatch::new(patch), &Dialect::SUPEROFFICE);
    }
    // Paths may be as long as what is copied; where they are longer, the whole document is put back.
    for (copied_bytes, path) in [(4, ""), (5, "/aa/b")] {
        let mut dialect = Dialect::SUPEROFFICE;
        dialect.limits.copied_bytes = copied_bytes;
        let (mut target, patch) = (json!({"aa": {"b": 1}}), MergePatch::new(json!({"AA": {"B": 2}})));
        laws::a_merge_inverse_undoes(&target, &patch, &dialect);
        let inverse = merge_with_inverse(&mut target, &patch, &dialect).expect("it merges");
        let paths: Vec<&str> = inverse.operations().iter().map(|operation| operation.path().as_str()).collect();
        assert_eq!(paths, [path]);
    }
}

#[test]
fn no_limit_refuses_an_inverse() {
    let mut dialect = Dialect::RFC;
    dialect.limits.copied_bytes = 10;
    dialect.limits.work = 50;
    let object: Map<String, Value> = (0..30).map(|index| (format!("m{index}"), json!(index))).collect();
    let target = json!({"large": "0123456789", "o": object, "list": []});
    let moves = json!([{"op": "move", "from": "/large", "path": "/o/large"}]);
    let adds: Vec<Value> =
        (0..40).map(|index| json!({"op": "add", "path": format!("/o/n{index}"), "value": 1})).collect();
    let pushes: Vec<Value> = (0..60).map(|_| json!({"op": "add", "path": "/list/-", "value": 1})).collect();
    for patch in [moves, Value::from(adds), Value::from(pushes)] {
        let patch: Patch = serde_json::from_value(patch).expect("a patch");
        assert!(apply(&mut target.clone(), &patch, &dialect).is_ok(), "{patch}");
        laws::an_inverse_undoes(&target, &patch, &dialect);
    }
}

/// Up to which sizes an inverse is one operation for each change, and from which on it is one for the whole document.
#[test]
fn an_inverse_is_local_within_the_limits() {
    let text = "x".repeat(20);
    let target = json!({
        "list": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "a": text, "b": text, "c": text, "d": text, "to": {},
    });
    let moves = |count: usize| -> Vec<Value> {
        let names = ["a", "b", "c", "d"].into_iter().take(count);
        names.map(|name| json!({"op": "move", "from": format!("/{name}"), "path": format!("/to/{name}")})).collect()
    };
    let additions = ["x", "y"].map(|name| json!({"op": "add", "path": format!("/to/{name}"), "value": 1})).to_vec();
    let removal = |index: usize| vec![json!({"op": "remove", "path": format!("/list/{index}")})];
    for (operations, copied_bytes, work, is_local) in [
        // A copy of each value that was moved, of 22 bytes.
        (moves(3), 66, 1_000, true),
        (moves(4), 66, 1_000, false),
        // The paths of the inverse, of five bytes each.
        (additions.clone(), 10, 1_000, true),
        (additions, 9, 1_000, false),
        // An element shifts as many as it comes back as it did when it was removed.
        (removal(9), 66, 2, true),
        (removal(8), 66, 4, true),
    ] {
        let mut dialect = Dialect::RFC;
        (dialect.limits.copied_bytes, dialect.limits.work) = (copied_bytes, work);
        let patch: Patch = serde_json::from_value(operations.into()).expect("a patch");
        let inverse = apply_with_inverse(&mut target.clone(), &patch, &dialect).expect("it applies");
        let is_whole = inverse.operations().len() == 1 && inverse.operations()[0].path().is_root();
        assert_eq!(is_whole, !is_local, "{patch} gives {inverse}");
        laws::an_inverse_undoes(&target, &patch, &dialect);
    }
}

/// Whether an object may hold names that differ only by case.
#[derive(Clone, Copy, PartialEq)]
enum Namesakes {
    Allowed,
    None,
}

/// Values of a tiny alphabet, so that parts of two of them are often equal.
fn values(namesakes: Namesakes) -> impl Strategy<Value = Value> + Clone {
    let names = sample::select(vec!["a", "A", "b", "B", "c", "0", "~/", ""]).prop_map(str::to_owned);
    let scalars = prop_oneof![
        3 => (0..3).prop_map(Value::from),
        1 => Just(json!(1.0)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => sample::select(vec!["", "x", "ß"]).prop_map(Value::from),
    ];
    scalars.prop_recursive(4, 40, 6, move |inner| {
        let members = collection::vec((names.clone(), inner.clone()), 0..5);
        prop_oneof![
            collection::vec(inner, 0..7).prop_map(Value::Array),
            members.prop_map(move |members| {
                let mut object = Map::new();
                for (name, value) in members {
                    let is_namesake = |other: &String| other.eq_ignore_ascii_case(&name);
                    if namesakes == Namesakes::Allowed || !object.keys().any(is_namesake) {
                        object.insert(name, value);
                    }
                }
                Value::Object(object)
            }),
        ]
    })
}

/// Changes a value here and there; each seed leads to one place and one change.
fn edited(mut value: Value, seeds: &[u32]) -> Value {
    for &seed in seeds {
        edit(&mut value, seed);
    }
    value
}

fn edit(value: &mut Value, seed: u32) {
    let (choice, rest) = (seed as usize % 5, seed / 5);
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            let index = rest as usize % elements.len();
            match choice {
                0 => elements.insert(index, json!(rest % 4)),
                1 => drop(elements.remove(index)),
                2 => elements.reverse(),
                _ => edit(&mut elements[index], rest / 7),
            }
        }
        Value::Object(members) if !members.is_empty() => {
            let name = members.keys().nth(rest as usize % members.len()).cloned().unwrap_or_default();
            match choice {
                0 => drop(members.insert("new".to_owned(), json!(rest % 4))),
                1 => drop(members.remove(&name)),
                2 => {
                    if let Some(member) = members.remove(&name) {
                        members.insert(name.to_uppercase(), member);
                    }
                }
                _ => edit(&mut members[&name], rest / 7),
            }
        }
        other => *other = json!(rest % 4),
    }
}

/// Whether an object holds two names that differ only by case.
fn has_namesakes(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(has_namesakes),
        Value::Object(members) => {
            let names: Vec<String> = members.keys().map(|name| name.to_lowercase()).collect();
            names.iter().enumerate().any(|(index, name)| names[..index].contains(name))
                || members.values().any(has_namesakes)
        }
        _ => false,
    }
}

/// A dialect under which names are equal in any case, and moves are allowed.
fn folded_with_moves() -> Dialect {
    let mut dialect = Dialect::SUPEROFFICE;
    dialect.move_and_copy = true;
    dialect
}

/// Objects that mostly have a key, in arrays and in each other.
fn keyed_values() -> impl Strategy<Value = Value> {
    let element = (0..9_u8, 0..3, values(Namesakes::None)).prop_map(|(key, kind, value)| match kind {
        0 => json!({"a": key, "b": value}),
        1 => json!({"a": key, "b": {"c": value, "0": "a text that is long enough to be copied"}}),
        _ => json!({"a": key.to_string(), "c": [value, 1]}),
    });
    let elements = collection::vec(element, 0..8);
    (elements.clone(), elements).prop_map(|(left, right)| json!({"b": left, "c": {"b": right}}))
}

fn pointers() -> impl Strategy<Value = Pointer> + Clone {
    let tokens = sample::select(vec!["a", "A", "b", "c", "0", "1", "2", "-", "", "~/"]);
    collection::vec(tokens, 0..4).prop_map(|tokens| {
        let mut pointer = Pointer::ROOT;
        tokens.into_iter().for_each(|token| pointer.push(token));
        pointer
    })
}

fn operations() -> impl Strategy<Value = Patch> {
    let operation =
        (0..5, pointers(), pointers(), values(Namesakes::None)).prop_map(|(op, from, path, value)| match op {
            0 => Operation::Add { path, value },
            1 => Operation::Remove { path },
            2 => Operation::Replace { path, value },
            3 => Operation::Move { from, path },
            _ => Operation::Copy { from, path },
        });
    collection::vec(operation, 0..4).prop_map(Patch::new)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_of_any_two_values_gives_the_target(source in values(Namesakes::None), target in values(Namesakes::None)) {
        laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
        laws::a_diff_gives_the_target(&source, &target, &Dialect::SUPEROFFICE);
        laws::any_diff_gives_the_target(&source, &target, &folded_with_moves());
    }

    #[test]
    fn a_diff_of_two_versions_gives_the_target(
        source in values(Namesakes::None),
        seeds in collection::vec(any::<u32>(), 0..6),
    ) {
        let target = edited(source.clone(), &seeds);
        laws::a_diff_gives_the_target(&source, &target, &Dialect::RFC);
        laws::any_diff_gives_the_target(&source, &target, &Dialect::RFC);
        if !has_namesakes(&target) {
            laws::a_diff_gives_the_target(&source, &target, &Dialect::SUPEROFFICE);
            laws::any_diff_gives_the_target(&source, &target, &folded_with_moves());
        }
    }

    #[test]
    fn a_diff_by_key_gives_the_target(source in keyed_values(), seeds in collection::vec(any::<u32>(), 0..8)) {
        laws::any_diff_gives_the_target(&source, &edited(source.clone(), &seeds), &Dialect::RFC);
    }

    #[test]
    fn a_diff_keeps_what_it_skips(
        source in values(Namesakes::None),
        seeds in collection::vec(any::<u32>(), 0..6),
        skip in collection::vec(pointers(), 0..4),
    ) {
        laws::a_diff_keeps_what_it_skips(&source, &edited(source.clone(), &seeds), &skip);
    }

    #[test]
    fn a_change_of_one_scalar_is_local(source in values(Namesakes::Allowed), choices in collection::vec(0..9_usize, 9)) {
        let mut path = Pointer::ROOT;
        let mut value = &source;
        for choice in choices {
            value = match value {
                Value::Array(elements) if !elements.is_empty() => {
                    path.push(&(choice % elements.len()).to_string());
                    &elements[choice % elements.len()]
                }
                Value::Object(members) if !members.is_empty() => {
                    let (name, member) = members.iter().nth(choice % members.len()).expect("it is below the length");
                    path.push(name);
                    member
                }
                _ => break,
            };
        }
        laws::a_change_is_local(&source, &path, &json!("changed"));
    }

    #[test]
    fn a_diff_of_any_two_arrays_is_the_shortest(
        source in collection::vec((0..4).prop_map(Value::from), 0..9),
        target in collection::vec((0..4).prop_map(Value::from), 0..9),
    ) {
        laws::a_diff_of_arrays_is_the_shortest(&source, &target);
    }

    #[test]
    fn a_guarded_diff_never_overwrites_in_silence(
        source in values(Namesakes::None),
        seeds in collection::vec(any::<u32>(), 0..6),
        others in collection::vec(any::<u32>(), 0..4),
    ) {
        let (target, other) = (edited(source.clone(), &seeds), edited(source.clone(), &others));
        laws::a_guarded_diff_never_overwrites(&source, &target, &other, &Dialect::RFC);
    }

    #[test]
    fn a_merge_diff_of_two_versions_gives_the_target(
        source in values(Namesakes::None),
        target in values(Namesakes::None),
        seeds in collection::vec(any::<u32>(), 0..6),
    ) {
        laws::a_merge_diff_gives_the_target(&source, &target);
        laws::a_merge_diff_gives_the_target(&source, &edited(source.clone(), &seeds));
    }

    #[test]
    fn an_inverse_undoes_any_patch(target in values(Namesakes::Allowed), patch in operations()) {
        laws::an_inverse_undoes(&target, &patch, &Dialect::RFC);
        laws::an_inverse_undoes(&target, &patch, &folded_with_moves());
    }

    #[test]
    fn a_merge_inverse_undoes_any_merge_patch(target in values(Namesakes::None), patch in values(Namesakes::None)) {
        let patch = MergePatch::new(patch);
        laws::a_merge_inverse_undoes(&target, &patch, &Dialect::RFC);
        laws::a_merge_inverse_undoes(&target, &patch, &Dialect::SUPEROFFICE);
    }
}

proptest! {
    // The law looks at each pair of elements.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_of_long_arrays_is_nearly_the_shortest(
        source in collection::vec(0..4, 300..400),
        changes in collection::vec((any::<sample::Index>(), 0..3, 0..4), 30..120),
    ) {
        let mut target = source.clone();
        for (place, change, new) in changes {
            let at = place.index(target.len());
            match change {
                0 => { target.remove(at); }
                1 => target.insert(at, new),
                _ => target[at] = new,
            }
        }
        let [source, target] = [source, target].map(|list| list.into_iter().map(Value::from).collect::<Vec<_>>());
        laws::a_diff_of_long_arrays_is_nearly_the_shortest(&source, &target);
    }
}
