//! Requests that are meant to cost: each ends at once, with an error or a result, on a small stack.

use std::{
    thread,
    time::{Duration, Instant},
};

use entity_patch::{
    Dialect, Format, MergePatch, Operation, ParseError, Patch, PatchDocument, Pointer, UnknownMembers, apply,
    apply_with_inverse, merge, patch_json, patch_stored, superoffice::Webhook,
};
use serde_json::{Map, Value, json};

/// What a refused body may need of a stack.
const SMALL: usize = 64 << 10;
/// What a tree may need. (Without optimisation the frames of serde_json's own `clone` are larger.)
const MEDIUM: usize = if cfg!(debug_assertions) { 512 << 10 } else { 256 << 10 };
/// What a patch on text may need: no more than a refused body, since nothing builds a tree.
const TEXT: usize = SMALL;

/// Runs on a stack of its own, and checks that it does not run for long. (An unoptimised build takes tens of times
/// longer than what a server runs; what is looked for here is the square of 100,000.)
fn on_stack<T: Send>(size: usize, run: impl FnOnce() -> T + Send) -> T {
    let start = Instant::now();
    let result = thread::scope(|scope| {
        let handle = thread::Builder::new().stack_size(size).spawn_scoped(scope, run).expect("a thread");
        handle.join()
    });
    assert!(start.elapsed() < Duration::from_secs(20), "it takes {:?}", start.elapsed());
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A dialect that refuses nothing for its length.
fn long(mut dialect: Dialect) -> Dialect {
    let limits = &mut dialect.limits;
    (limits.body_bytes, limits.operations, limits.pointer_bytes) = (usize::MAX, usize::MAX, usize::MAX);
    dialect
}

/// The code with which a body is refused, by every way in that sees it.
fn refused(body: &str, format: Format, dialect: &Dialect) -> &'static str {
    on_stack(SMALL, || {
        let error = PatchDocument::parse(body.as_bytes(), format, dialect).expect_err("it is refused");
        for stored in ["{\"a\":1}", ""] {
            let same = patch_json(stored.as_bytes(), body.as_bytes(), format, dialect).expect_err("it is refused");
            assert_eq!((same.code(), same.operation()), (error.code(), error.operation()));
        }
        error.code()
    })
}

/// The code of the failure of a patch on text, or `ok`.
fn on_text(target: &str, body: &str, dialect: &Dialect) -> &'static str {
    on_stack(TEXT, || {
        let result = patch_json(target.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
        result.map_or_else(|error| error.code(), |_| "ok")
    })
}

/// The code of the failure of a patch on a tree, or `ok`.
fn on_tree(target: &mut Value, patch: &Patch, dialect: &Dialect) -> &'static str {
    on_stack(MEDIUM, || apply(target, patch, dialect).map_or_else(|error| error.code(), |()| "ok"))
}

/// `levels` arrays around nothing, built without recursion.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |value, _| Value::Array(vec![value]))
}

/// Ends a value of any depth without recursion.
fn end(mut value: Value) {
    while let Value::Array(elements) = &mut value {
        let inner = elements.pop();
        value = inner.unwrap_or_default();
    }
}

fn pointer(text: &str) -> Pointer {
    text.parse().expect("a pointer")
}

/// Every `copy` doubles the depth: after 14 there would be 16,384 levels.
fn copies_that_double_the_depth() -> Vec<Operation> {
    (0..14).map(|step| Operation::Copy { from: pointer(""), path: pointer(&"/a".repeat(1 << step)) }).collect()
}

#[test]
fn fourteen_copies_that_double_the_depth() {
    let patch = Patch::new(copies_that_double_the_depth());
    let body = patch.to_string();
    assert!((33_000..34_000).contains(&body.len()), "{}", body.len());
    assert_eq!(refused(&body, Format::JsonPatch, &Dialect::RFC), "pointer-too-long");
    assert_eq!(on_text("{\"a\":1}", &body, &long(Dialect::RFC)), "too-deep");
    let mut target = json!({"a": 1});
    assert_eq!(on_tree(&mut target, &patch, &Dialect::RFC), "too-deep");
    assert_eq!(target, json!({"a": 1}));
}

#[test]
fn adds_that_stack_up() {
    const LEVELS: usize = 118;
    let value = (0..LEVELS).fold(json!({}), |value, _| json!({"a": value}));
    let operations: Vec<Operation> = (0..110)
        .map(|step| Operation::Add { path: pointer(&"/a".repeat(1 + step * LEVELS)), value: value.clone() })
        .collect();
    let patch = Patch::new(operations);
    let body = patch.to_string();
    assert!((1_400_000..1_700_000).contains(&body.len()), "{}", body.len());
    assert_eq!(refused(&body, Format::JsonPatch, &Dialect::RFC), "body-too-large");
    assert_eq!(refused(&body, Format::JsonPatch, &long(Dialect::RFC)), "too-deep");
    assert_eq!(on_tree(&mut json!({}), &patch, &Dialect::RFC), "too-deep");
}

#[test]
fn adds_that_stack_up_to_what_can_be_read_back() {
    // Path and value together reach the limit of 127 levels, and no level more.
    for (tokens, levels, expected) in [(1, 126, "ok"), (1, 127, "too-deep"), (64, 63, "ok"), (64, 64, "too-deep")] {
        let mut document = (1..tokens).fold(json!({}), |value, _| json!({"a": value}));
        let text = document.to_string();
        let patch = Patch::new(vec![Operation::Add { path: pointer(&"/a".repeat(tokens)), value: nested(levels) }]);
        assert_eq!(on_text(&text, &patch.to_string(), &Dialect::RFC), expected, "{tokens} and {levels}");
        assert_eq!(on_tree(&mut document, &patch, &Dialect::RFC), expected, "{tokens} and {levels}");
        let read = serde_json::from_str::<Value>(&document.to_string());
        assert!(read.is_ok_and(|read| read == document), "{tokens} and {levels}");
    }
}

#[test]
fn a_hundred_levels_and_a_copy() {
    let mut target = (0..99).fold(json!({}), |value, _| json!({"a": value}));
    let text = target.to_string();
    for (levels, expected) in [(27, "ok"), (28, "too-deep")] {
        let path = pointer(&format!("{}/b", "/a".repeat(levels - 1)));
        let patch = Patch::new(vec![Operation::Copy { from: pointer(""), path }]);
        assert_eq!(on_text(&text, &patch.to_string(), &Dialect::RFC), expected, "{levels}");
        assert_eq!(on_tree(&mut target.clone(), &patch, &Dialect::RFC), expected, "{levels}");
    }
    let down = Patch::new(vec![Operation::Move { from: pointer("/a/a"), path: pointer(&"/b".repeat(30)) }]);
    assert_eq!(on_tree(&mut target, &down, &Dialect::RFC), "too-deep");
}

#[test]
fn a_million_levels_in_a_body() {
    let levels = 1_000_000;
    let mut bodies =
        vec!["[".repeat(levels), "[".repeat(levels / 2) + &"]".repeat(levels / 2), "{\"a\":".repeat(levels / 5)];
    for start in ["[{\"op\":\"add\",\"path\":\"/a\",\"value\":", "[{\"op\":\"test\",\"value\":", "[{\"unknown\":"] {
        bodies.push(format!("{start}{}", "[".repeat(levels)));
        bodies.push(format!("{start}{}{}}}]", "[".repeat(levels / 2), "]".repeat(levels / 2)));
    }
    for body in &bodies {
        for format in [Format::JsonPatch, Format::MergePatch, Format::ByShape] {
            for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
                let code = refused(body, format, &dialect);
                let is_expected = matches!(
                    code,
                    "too-deep" | "malformed-json" | "malformed-operation" | "not-an-array" | "not-an-object"
                );
                assert!(is_expected, "{code} for {}", &body[..40]);
            }
        }
    }
}

#[test]
fn a_million_levels_in_a_stored_text() {
    let stored = "[".repeat(500_000) + &"]".repeat(500_000);
    for body in ["[]", "{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":1}]"] {
        let code = on_text(&stored, body, &Dialect::RFC);
        assert!(matches!(code, "malformed-target" | "ok"), "{code}");
        let code = on_stack(MEDIUM, || {
            let result = patch_stored::<Webhook>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(code, "malformed-target");
    }
}

#[test]
fn a_million_levels_built_by_hand() {
    for levels in [128, 1_000_000] {
        let dialects = [Dialect::RFC, Dialect::SUPEROFFICE];
        for dialect in dialects {
            for operation in [
                Operation::Add { path: pointer("/a"), value: nested(levels) },
                Operation::Replace { path: pointer("/a"), value: nested(levels) },
                Operation::Test { path: pointer("/a"), value: nested(levels) },
            ] {
                let mut target = json!({"a": 1});
                let patch = Patch::new(vec![operation]);
                let code = on_tree(&mut target, &patch, &dialect);
                assert!(matches!(code, "too-deep" | "test-failed"), "{code}");
                assert_eq!(target, json!({"a": 1}));
                for operation in patch.into_operations() {
                    match operation {
                        Operation::Add { value, .. } | Operation::Replace { value, .. } => end(value),
                        Operation::Test { value, .. } => end(value),
                        Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } => {}
                    }
                }
            }
        }
        let operations = [
            Operation::Add { path: pointer("/a"), value: nested(levels) },
            Operation::Remove { path: pointer("/a") },
            Operation::Test { path: pointer("/a"), value: nested(levels) },
        ];
        on_stack(SMALL, move || drop(Patch::new(Vec::from(operations))));
        on_stack(SMALL, move || drop(MergePatch::new(nested(levels))));
        // What is stored may be as deep as it likes; a patch can still look at it, move in it and end it.
        let mut target = json!({"a": [], "b": 1});
        target["a"] = nested(levels);
        let operations = |operation| Patch::new(vec![operation]);
        let copy = operations(Operation::Copy { from: pointer("/a"), path: pointer("/c") });
        assert_eq!(on_tree(&mut target, &copy, &Dialect::RFC), "too-deep");
        let test = operations(Operation::Test { path: pointer("/a"), value: json!([[1]]) });
        assert_eq!(on_tree(&mut target, &test, &Dialect::RFC), "test-failed");
        let fails = Patch::new(vec![
            Operation::Remove { path: pointer("/a") },
            Operation::Remove { path: pointer("/nothing") },
        ]);
        assert_eq!(on_tree(&mut target, &fails, &Dialect::RFC), "not-found");
        let merged =
            on_stack(MEDIUM, || merge(&mut target, &MergePatch::new(json!({"a": {"x": null}})), &Dialect::RFC));
        assert_eq!(merged, Ok(()));
        assert_eq!(target, json!({"a": {}, "b": 1}));
    }
}

#[test]
fn forty_thousand_operations() {
    let body = format!("[{}]", vec!["{\"op\":\"remove\",\"path\":\"\"}"; 40_000].join(","));
    let code = refused(&body, Format::JsonPatch, &Dialect::RFC);
    assert!(matches!(code, "too-many-operations" | "body-too-large"), "{code}");
    let mut wide = Dialect::RFC;
    wide.limits.body_bytes = usize::MAX;
    assert_eq!(refused(&body, Format::JsonPatch, &wide), "too-many-operations");
    wide.limits.operations = 40_000;
    assert_eq!(on_text("{}", &body, &wide), "root-removed");
}

#[test]
fn twenty_two_copies_that_double_the_size() {
    let target = json!({"a": ["x".repeat(1000)]});
    let operation = Operation::Copy { from: pointer("/a"), path: pointer("/a/-") };
    let patch = Patch::new(vec![operation; 22]);
    assert_eq!(on_tree(&mut target.clone(), &patch, &Dialect::RFC), "copies-too-large");
    assert_eq!(on_text(&target.to_string(), &patch.to_string(), &Dialect::RFC), "copies-too-large");
    let properties = Some(Map::from_iter([("p".to_owned(), target)]));
    let webhook = Webhook { properties, ..Webhook::default() };
    let operation = Operation::Copy { from: pointer("/Properties/p/a"), path: pointer("/Properties/p/a/-") };
    let document = PatchDocument::JsonPatch(Patch::new(vec![operation; 22]));
    let code = on_stack(MEDIUM, || {
        entity_patch::patch(&webhook, &document, &Dialect::RFC).map_err(|error| error.code()).err()
    });
    assert_eq!(code, Some("copies-too-large"));
}

#[test]
fn a_hundred_thousand_tokens() {
    let path = "/a".repeat(100_000);
    let body =
        |operation: &str| format!("[{{\"op\":\"{operation}\",\"path\":\"{path}\",\"from\":\"{path}\",\"value\":1}}]");
    for operation in ["add", "remove", "replace", "test"] {
        for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
            assert_eq!(refused(&body(operation), Format::JsonPatch, &dialect), "pointer-too-long");
        }
    }
    let wide = long(Dialect::RFC);
    for operation in ["add", "replace"] {
        assert_eq!(refused(&body(operation), Format::JsonPatch, &wide), "too-deep");
    }
    for (operation, expected) in
        [("remove", "not-found"), ("test", "not-found"), ("copy", "not-found"), ("move", "not-found")]
    {
        assert_eq!(on_text("{\"a\":{\"a\":{}}}", &body(operation), &wide), expected, "{operation}");
    }
    let superoffice = long(Dialect::SUPEROFFICE);
    assert_eq!(on_text("{\"A\":{\"a\":{}}}", &body("remove"), &superoffice), "not-found");
}

#[test]
fn head_inserts_into_a_long_array() {
    let operation = Operation::Add { path: pointer("/0"), value: json!(1) };
    let patch = Patch::new(vec![operation; 10_000]);
    let mut target = Value::Array(vec![json!(0); 200_000]);
    let text = target.to_string();
    assert_eq!(on_tree(&mut target, &patch, &Dialect::RFC), "ok");
    assert_eq!(target.as_array().map(Vec::len), Some(210_000));
    assert_eq!(on_text(&text, &patch.to_string(), &Dialect::RFC), "ok");
}

#[test]
fn removals_from_a_wide_object() {
    let mut dialect = Dialect::SUPEROFFICE;
    // What a search costs without optimisation does not concern this test.
    dialect.limits.work = 1 << 20;
    let members: Map<String, Value> = (0..20_000).map(|number| (format!("n{number}"), json!(1))).collect();
    let mut target = Value::Object(members);
    let text = target.to_string();
    for prefix in ["n", "N"] {
        let operations = (0..10_000).map(|number| Operation::Remove { path: pointer(&format!("/{prefix}{number}")) });
        let patch = Patch::new(operations.collect());
        let mut patched = target.clone();
        assert_eq!(on_tree(&mut patched, &patch, &dialect), "ok");
        assert_eq!(patched.as_object().map(Map::len), Some(10_000));
        assert_eq!(on_text(&text, &patch.to_string(), &dialect), "ok");
        // All of them come back, each to its place.
        let mut operations = patch.into_operations();
        operations.push(Operation::Remove { path: pointer("/nothing") });
        let mut patched = target.clone();
        assert_eq!(on_tree(&mut patched, &Patch::new(operations), &dialect), "not-found");
        assert_eq!(patched.to_string(), text);
    }
    let names = (0..10_000).map(|number| (format!("N{number}"), json!(2)));
    let merged = MergePatch::new(Value::Object(names.collect()));
    assert_eq!(on_text(&text, &json!(merged).to_string(), &Dialect::SUPEROFFICE), "ok");
    assert_eq!(on_stack(MEDIUM, || merge(&mut target, &merged, &Dialect::SUPEROFFICE)), Ok(()));
    assert_eq!((&target["n9999"], &target["n10000"]), (&json!(2), &json!(1)));
}

#[test]
fn names_come_and_go_in_a_wide_object() {
    let mut members: Map<String, Value> = (0..100).map(|number| (format!("n{number}"), json!(number))).collect();
    let target = Value::Object(members.clone()).to_string();
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        let mut body = Vec::new();
        for number in 0..10 {
            members.remove(&format!("n{number}"));
            members.insert(format!("m{number}"), json!([]));
            body.push(format!(r#"{{"op":"remove","path":"/n{number}"}}"#));
            body.push(format!(r#"{{"op":"add","path":"/m{number}","value":{number}}}"#));
            body.push(format!(r#"{{"op":"replace","path":"/m{number}","value":[]}}"#));
        }
        let patched = |last: &str, expected: &str| {
            let body = format!("[{}{last}]", body.join(","));
            let mut tree: Value = serde_json::from_str(&target).expect("JSON");
            let patch = Patch::parse(body.as_bytes(), &dialect).expect("a patch");
            assert_eq!(on_tree(&mut tree, &patch, &dialect), expected, "{last}");
            assert_eq!(on_text(&target, &body, &dialect), expected, "{last}");
            let text = patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &dialect);
            text.ok().map(|text| serde_json::from_slice::<Value>(&text).expect("JSON"))
        };
        assert_eq!(patched("", "ok"), Some(Value::Object(members.clone())));
        assert_eq!(patched(r#",{"op":"remove","path":"/n0"}"#, "not-found"), None);
        assert_eq!(patched(r#",{"op":"remove","path":"/m0"},{"op":"remove","path":"/m0"}"#, "not-found"), None);
        let again = patched(r#",{"op":"remove","path":"/m0"},{"op":"add","path":"/m0","value":[]}"#, "ok");
        assert_eq!(again, Some(Value::Object(members.clone())));
    }
}

/// The tree is patched as text for the elements that are shifted; the wide object gets the member from which on its names are
/// indexed.
#[test]
fn a_long_patch_that_fails_leaves_what_it_found_in_another_case() {
    let wide: Map<String, Value> = (0..64).map(|number| (format!("m{number}"), json!(0))).collect();
    let target = json!({"list": vec![0; 3_000], "wide": wide});
    let shifts = (0..100).map(|_| Operation::Add { path: pointer("/list/0"), value: json!(1) });
    let rest = [
        Operation::Replace { path: pointer("/wide/M0"), value: json!(1) },
        Operation::Add { path: pointer("/wide/new"), value: json!(1) },
        Operation::Test { path: pointer("/list/0"), value: json!("another") },
    ];
    let patch = Patch::new(shifts.chain(rest).collect());
    let mut patched = target.clone();
    assert_eq!(on_tree(&mut patched, &patch, &Dialect::SUPEROFFICE), "test-failed");
    assert!(patched == target, "{}", patched["wide"]);
}

#[test]
fn the_way_back_of_a_long_patch() {
    let array = Value::Array(vec![json!(0); 100_000]);
    let object = Value::Object((0..20_000).map(|number| (format!("n{number}"), json!(1))).collect());
    let inserts = |number: usize| Operation::Add { path: pointer("/0"), value: json!(number) };
    let removals = |number| Operation::Remove { path: pointer(&format!("/n{number}")) };
    for (target, operation) in [(array, &inserts as &dyn Fn(usize) -> Operation), (object, &removals)] {
        let mut operations: Vec<Operation> = (0..10_000).map(operation).collect();
        let patch = Patch::new(operations.clone());
        for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
            let mut patched = target.clone();
            let inverse = on_stack(MEDIUM, || apply_with_inverse(&mut patched, &patch, &dialect));
            let mut expected = target.clone();
            assert_eq!(on_tree(&mut expected, &patch, &dialect), "ok");
            assert!(patched == expected);
            assert_eq!(on_tree(&mut patched, &inverse.expect("it applies"), &dialect), "ok");
            assert!(patched == target);
        }
        operations.push(Operation::Remove { path: pointer("/nothing") });
        let patch = Patch::new(operations);
        let mut patched = target.clone();
        let failed = on_stack(MEDIUM, || apply_with_inverse(&mut patched, &patch, &Dialect::SUPEROFFICE));
        assert!(failed.is_err());
        assert_eq!(patched.to_string(), target.to_string());
    }
}

#[test]
fn an_inverse_of_any_depth_is_read_back() {
    for levels in [1, 125, 126, 127] {
        let mut target = nested(levels);
        let patch = Patch::new(vec![Operation::Replace { path: pointer(""), value: json!(1) }]);
        let inverse = apply_with_inverse(&mut target, &patch, &Dialect::RFC).expect("it applies");
        let text = inverse.to_string();
        assert_eq!(Patch::parse(text.as_bytes(), &Dialect::RFC).as_ref(), Ok(&inverse), "{levels}");
        // serde_json counts the levels of the patch and of the operation, too.
        assert_eq!(serde_json::from_str::<Patch>(&text).is_ok(), levels <= 125, "{levels}");
    }
}

#[test]
fn names_that_differ_only_by_case_among_many() {
    let mut names: Vec<String> = (0..20_000).map(|number| format!("\"n{number}\":1")).collect();
    names.push("\"N12345\":1".to_owned());
    let body = format!("{{{}}}", names.join(","));
    assert_eq!(refused(&body, Format::MergePatch, &Dialect::SUPEROFFICE), "duplicate-name");
}

#[test]
fn numbers_with_huge_exponents() {
    for number in ["1e1000000000", "-1e1000000000", "1e99999999999999999999", "123456789e310"] {
        let body = format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":{number}}}]");
        assert_eq!(refused(&body, Format::JsonPatch, &Dialect::RFC), "malformed-json", "{number}");
    }
    let digits = "1".repeat(400_000);
    let body = |number: &str| format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":{number}}}]");
    assert_eq!(refused(&body(&digits), Format::JsonPatch, &Dialect::RFC), "malformed-json");
    assert_eq!(on_text("{\"a\":1}", &body(&format!("0.{digits}")), &Dialect::RFC), "test-failed");
    let zeros = "0".repeat(400_000);
    assert_eq!(on_text("{\"a\":1}", &body(&format!("1.{zeros}")), &Dialect::RFC), "ok");
    let code = on_text("{\"a\":1e1000000000}", &body("1"), &Dialect::RFC);
    assert!(matches!(code, "test-failed" | "malformed-target"), "{code}");
}

#[test]
fn a_string_of_escapes() {
    let text = format!("{{\"a\":\"{}\"}}", "\\u0041".repeat(150_000));
    let body = format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":\"{}\"}}]", "A".repeat(150_000));
    assert_eq!(on_text(&text, &body, &Dialect::SUPEROFFICE), "ok");
}

/// The code of the failure of a patch on an entity, or `ok`, for the typed entity and for its text.
fn on_webhook(webhook: &Webhook, body: &str, dialect: &Dialect) -> &'static str {
    let text = serde_json::to_string(webhook).expect("a webhook is JSON");
    let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect).expect("a patch");
    let typed = on_stack(MEDIUM, || {
        entity_patch::patch(webhook, &document, dialect).map_or_else(|error| error.code(), |_| "ok")
    });
    let stored = on_stack(MEDIUM, || {
        let result = patch_stored::<Webhook>(text.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
        result.map_or_else(|error| error.code(), |_| "ok")
    });
    assert_eq!(typed, stored);
    typed
}

/// A smaller budget than the default, for what a build without optimisation is slow at.
fn few_copies() -> Dialect {
    let mut dialect = Dialect::RFC;
    dialect.limits.copied_bytes = 256 << 10;
    dialect
}

/// `count` operations, each of which is written with its number.
fn operations(count: usize, write: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..count).map(write).collect::<Vec<_>>().join(","))
}

/// A document that takes some time to look through.
fn wide(count: usize) -> Value {
    (0..count).map(|number| json!({"a": number})).collect()
}

/// A smaller budget than the default, for the same reason.
fn little_work() -> Dialect {
    let mut dialect = Dialect::RFC;
    dialect.limits.work = 1 << 20;
    dialect
}

#[test]
fn moves_of_what_is_wide() {
    let body = operations(9_000, |number| {
        let (from, path) = [("/a", "/b"), ("/b", "/a")][number % 2];
        format!(r#"{{"op":"move","from":"{from}","path":"{path}"}}"#)
    });
    let mut target = json!({"a": wide(20_000)});
    assert_eq!(on_text(&target.to_string(), &body, &little_work()), "too-much-work");
    let patch = Patch::parse(body.as_bytes(), &Dialect::RFC).expect("a patch");
    assert_eq!(on_tree(&mut target, &patch, &little_work()), "too-much-work");
    let properties = Some(Map::from_iter([("a".to_owned(), wide(20_000))]));
    let webhook = Webhook { properties, ..Webhook::default() };
    let body = body.replace("\"/", "\"/Properties/");
    assert_eq!(on_webhook(&webhook, &body, &little_work()), "too-much-work");
}

/// What moves is looked through, not what comes before it.
#[test]
fn moves_of_what_has_grown() {
    let moves = operations(9_000, |number| {
        let (from, path) = [("/a", "/b"), ("/b", "/a")][number % 2];
        format!(r#"{{"op":"move","from":"{from}","path":"{path}"}}"#)
    });
    for (count, expected) in [(8, "ok"), (20_000, "too-much-work")] {
        let (before, value) = (wide(20_000), wide(count));
        for (stored, added) in [(json!([]), value.clone()), (value, json!([]))] {
            let mut target = json!({"B": before, "a": stored});
            let body = format!(r#"[{{"op":"add","path":"/a/-","value":{added}}},{}"#, &moves[1..]);
            assert_eq!(on_text(&target.to_string(), &body, &little_work()), expected, "{count}");
            let patch = Patch::parse(body.as_bytes(), &Dialect::RFC).expect("a patch");
            assert_eq!(on_tree(&mut target, &patch, &little_work()), expected, "{count}");
        }
    }
}

/// What is in a large text is only looked at where a path leads.
#[test]
fn a_large_value_moves_before_it_is_opened() {
    let mut tree = json!({"A": 1, "B": "b", "c": {"d": 1, "x": wide(40_000)}});
    let target = tree.to_string();
    let body = r#"[{"op":"move","from":"/c","path":"/e"},{"op":"replace","path":"/e/x/39999/a","value":[]},
        {"op":"replace","path":"/B","value":2},{"op":"remove","path":"/A"},{"op":"replace","path":"/e/d","value":3}]"#;
    let patch = Patch::parse(body.as_bytes(), &Dialect::RFC).expect("a patch");
    assert_eq!(on_tree(&mut tree, &patch, &Dialect::RFC), "ok");
    let text = patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &Dialect::RFC).expect("it applies");
    assert!(serde_json::from_slice::<Value>(&text).expect("JSON") == tree);
}

#[test]
fn white_space_is_not_multiplied() {
    let blanks = " ".repeat(100_000);
    let target =
        format!("{{\"a\":[{blanks}],\"b\":[0,{blanks}1],\"c\" {blanks}:{blanks}{{\"d\" {blanks}:{blanks}1}}}}");
    for (operation, count) in [
        (r#"{"op":"copy","from":"/a","path":"/b/-"}"#, 100),
        (r#"{"op":"add","path":"/b/-","value":2}"#, 9_000),
        (r#"{"op":"add","path":"/b/0","value":2}"#, 9_000),
        (r#"{"op":"add","path":"/c/#","value":2}"#, 9_000),
        (r#"{"op":"copy","from":"/c","path":"/#"}"#, 50),
    ] {
        let body = operations(count, |number| operation.replace('#', &number.to_string()));
        let length = on_stack(TEXT, || {
            let json = patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &Dialect::RFC);
            json.map(|json| json.len())
        });
        assert!(length.as_ref().is_ok_and(|&length| length < 5_000_000), "{length:?} after {operation}");
    }
}

#[test]
fn writes_to_what_is_not_declared() {
    let mut webhook = Webhook::default();
    webhook.undeclared.insert("Newer".to_owned(), json!({"x": wide(20_000)}));
    let mut dialect = Dialect::RFC;
    dialect.unknown_members = UnknownMembers::Ignore;
    let body = operations(9_000, |number| format!(r#"{{"op":"add","path":"/Newer/y{number}","value":1}}"#));
    assert_eq!(on_webhook(&webhook, &body, &dialect), "ok");
}

#[test]
fn copies_of_a_whole_entity() {
    let properties = Some(Map::from_iter([("a".to_owned(), wide(2_000))]));
    let webhook = Webhook { properties, ..Webhook::default() };
    // Each copy is twice as large as the last one.
    let body = operations(40, |number| format!(r#"{{"op":"copy","from":"","path":"/Properties/b{number}"}}"#));
    assert_eq!(on_webhook(&webhook, &body, &few_copies()), "copies-too-large");
    // Every copy counts, also one onto itself; such a move changes nothing.
    for (operation, outcome) in [("copy", "copies-too-large"), ("move", "ok")] {
        let body = operations(4_000, |_| format!(r#"{{"op":"{operation}","from":"","path":""}}"#));
        assert_eq!(on_webhook(&webhook, &body, &Dialect::RFC), outcome);
    }
}

#[test]
fn copies_that_are_skipped_or_change_nothing() {
    let associate = json!({"Newer": wide(2_000)});
    let webhook = json!({
        "WebhookId": 1, "State": "Active", "RegisteredAssociate": associate, "UpdatedAssociate": associate,
    });
    let webhook: Webhook = serde_json::from_value(webhook).expect("a webhook");
    let mut dialect = few_copies();
    dialect.unknown_members = UnknownMembers::Ignore;
    for (from, path) in
        [("/RegisteredAssociate", "/Unknown"), ("/RegisteredAssociate", "/UpdatedAssociate"), ("", "/Unknown")]
    {
        let body = operations(4_000, |_| format!(r#"{{"op":"copy","from":"{from}","path":"{path}"}}"#));
        assert_eq!(on_webhook(&webhook, &body, &dialect), "copies-too-large", "{path}");
    }
}

#[test]
fn a_wide_entity_is_tested_and_sent_back() {
    let undeclared = Map::from_iter((0..20_000).map(|number| (format!("Newer{number}"), json!(number))));
    let webhook = Webhook { undeclared, ..Webhook::default() };
    // A whole that is as wide, and differs in its last member.
    let mut whole = serde_json::to_value(&webhook).expect("a webhook is JSON");
    whole["Newer9999"] = json!("another");
    for (value, count) in [(json!({}), 10_000), (whole, 1)] {
        let one = format!(r#"{{"op":"test","path":"","value":{value}}}"#);
        assert_eq!(on_webhook(&webhook, &operations(count, |_| one.clone()), &Dialect::RFC), "test-failed");
    }
    let body = operations(1_000, |number| format!(r#"{{"op":"replace","path":"/NEWER{number}","value":{number}}}"#));
    assert_eq!(on_webhook(&webhook, &body, &Dialect::SUPEROFFICE), "ok");
}

#[test]
fn a_wide_stored_entity_finds_its_own_names_exactly() {
    let others = (0..100).map(|number| format!(r#""Newer{number}":{number}"#)).collect::<Vec<_>>().join(",");
    let stored = format!(r#"{{"WebhookId":1,"State":"Active",{others},"NAME":"other"}}"#);
    let sent_back = (0..10).map(|number| format!(r#""newer{number}":{number}"#)).collect::<Vec<_>>().join(",");
    let body = format!(r#"{{{sent_back},"name":"n","type":"t"}}"#);
    let patched = patch_stored::<Webhook>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::SUPEROFFICE)
        .expect("what is sent back is no write");
    let expected = format!(r#"{},"Name":"n","Type":"t"}}"#, stored.trim_end_matches('}'));
    assert_eq!(String::from_utf8_lossy(&patched.json), expected);
}

/// A long body is only recorded as far as something of it is looked at, and checked as a short one is.
#[test]
fn a_long_body_is_read_as_a_short_one_is() {
    let element = |number: usize| format!("{{\"id\":{number},\"n\\u0061me\":[\"x\",{number}.5,{{}}]}}");
    let elements: Vec<String> = (0..12_000).map(element).collect();
    let large = format!("[{},[[{}]]]", elements.join(","), elements.join(" ,\n"));
    let mut operations: Vec<String> = (0..3_000)
        .map(|number| match number % 3 {
            0 => format!("{{\"op\":\"add\",\"path\":\"/a/-\",\"value\":{}}}", element(number)),
            1 => format!("{{\"value\":\"\\u00e9{number}\",\"path\":\"/b\",\"unknown\":[{{}}],\"op\":\"replace\"}}"),
            _ => format!("{{ \"op\":\"test\", \"path\":\"/a/{}\", \"value\":{} }}", number / 3, element(number - 2)),
        })
        .collect();
    operations.push(format!("{{\"op\":\"add\",\"path\":\"/c\",\"value\":{large}}}"));
    operations.push(format!("{{\"op\":\"test\",\"path\":\"/c\",\"value\":{large}}}"));
    operations.push("{\"op\":\"remove\",\"path\":\"/c/12000/0/7/name/0\"}".to_owned());
    let body = format!("[{}]", operations.join(","));
    let (rfc, superoffice) = (long(Dialect::RFC), long(Dialect::SUPEROFFICE));
    let target = json!({"a": [], "b": 1});

    let patch = Patch::parse(body.as_bytes(), &rfc).expect("a patch");
    assert_eq!(patch, serde_json::from_str(&body).expect("a patch"));
    let mut tree = target.clone();
    apply(&mut tree, &patch, &rfc).expect("it applies");
    let text = patch_json(target.to_string().as_bytes(), body.as_bytes(), Format::ByShape, &rfc).expect("it applies");
    assert_eq!(serde_json::from_slice::<Value>(&text).expect("JSON"), tree);

    let merged = format!("{{\"a\":{large},\"b\":{{\"c\":{large}}}}}");
    let document = MergePatch::parse(merged.as_bytes(), &superoffice).expect("a merge patch");
    assert_eq!(*document.as_value(), serde_json::from_str::<Value>(&merged).expect("JSON"));

    // In the last of the large values, in its last part.
    for (there, instead, code, folded) in [
        ("[\"x\",11999.5,{}]", "[1e400]", "malformed-json", "malformed-json"),
        ("[\"x\",11999.5,{}]", "1,\"\\u0069d\":2", "duplicate-name", "duplicate-name"),
        ("[\"x\",11999.5,{}]", "1,\"ID\":2", "", "duplicate-name"),
        ("[\"x\",11999.5,{}]", "tru", "malformed-json", "malformed-json"),
    ] {
        let replaced = |text: &str| {
            let at = text.rfind(there).expect("it is there");
            format!("{}{instead}{}", &text[..at], &text[at + there.len()..])
        };
        let (patch, merged) = (replaced(&body), replaced(&merged));
        let code_of = |error: ParseError| error.code();
        assert_eq!(Patch::parse(patch.as_bytes(), &rfc).map_or_else(code_of, |_| ""), code, "{instead}");
        assert_eq!(MergePatch::parse(merged.as_bytes(), &rfc).map_or_else(code_of, |_| ""), code, "{instead}");
        assert_eq!(
            MergePatch::parse(merged.as_bytes(), &superoffice).map_or_else(code_of, |_| ""),
            folded,
            "{instead}"
        );
        let json = patch_json(b"[", patch.as_bytes(), Format::ByShape, &rfc).expect_err("neither is right");
        assert_eq!(json.code(), if code.is_empty() { "malformed-target" } else { code }, "{instead}");
    }
}
