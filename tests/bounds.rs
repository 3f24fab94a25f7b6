//! What each entry point takes besides what it is given and what it gives back: the table of memory in
//! `docs/performance.md`, which is read here. Memory is counted by the allocator, so that this is a crate of its own;
//! what hostile requests cost in all is in `hostile.rs`.
//!
//! `cargo test --release --test bounds -- --nocapture` prints the table as it should be.

use std::{
    collections::BTreeMap,
    fmt::Write,
    hint::black_box,
    sync::{Mutex, PoisonError},
};

use entity_patch::{
    Arrays, Dialect, DiffOptions, Format, Guard, MergePatch, Patch, PatchDocument, Pointer, Policy, Visible, apply,
    apply_with_inverse, check, diff, diff_with, http, merge, merge_diff, merge_with_inverse, patch, patch_json,
    patch_stored, patch_stored_with, patch_with,
    superoffice::{self, Selection, Webhook},
    visible, visible_to,
};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// How long the texts are: just longer than a power of two, where what was doubled as it grew is emptiest. One is recorded
/// as a whole, and of the other one, which is longer than 256 KiB, at first only the root.
const LENGTHS: &[usize] = if cfg!(debug_assertions) { &[75 << 10] } else { &[75 << 10, 300 << 10] };

/// One test at a time: what another one builds would be counted, too.
static ALONE: Mutex<()> = Mutex::new(());

/// The columns of the table: JSON texts of some length, from the one with the fewest values to the one with the most, and
/// those in which names are what costs.
const SHAPES: [&str; 11] = [
    "a string",
    "records",
    "a wide object",
    "a wide root",
    "small objects",
    "digits",
    "two values",
    "a long name",
    "long names",
    "escapes",
    "another case",
];

/// A document of some shape, and how it is patched.
struct Shape {
    /// The value that the shape is about.
    text: String,
    /// The object that holds it, or that it is.
    target: String,
    /// The same with its names in the case in which a body has them.
    body: String,
    /// The path to a value inside.
    path: String,
}

impl Shape {
    fn of(name: &str, length: usize) -> Shape {
        let long = "n".repeat(1_000);
        let (text, path) = match name {
            "a string" => (format!("\"{}\"", "one line\\n".repeat(length / 10)), String::new()),
            "records" => (records(length), "/9/Name".to_owned()),
            "a wide object" | "a wide root" | "another case" => {
                (list(length, ['{', '}'], |number| format!("\"name{number}\":1")), "/name9".to_owned())
            }
            "small objects" => (list(length, ['[', ']'], |_| "{\"\":0}".to_owned()), "/9/".to_owned()),
            "digits" => (list(length, ['[', ']'], |_| "0".to_owned()), "/9".to_owned()),
            // No period that a diff could find.
            "two values" => (list(length, ['[', ']'], |number| (number * number / 7 % 2).to_string()), "/9".to_owned()),
            "a long name" => {
                let (name, members) =
                    ("L".repeat(length * 4 / 5), list(length / 5, ['{', '}'], |it| format!("\"{it}\":1")));
                (format!("{{\"{name}\":{members}}}"), format!("/{name}/9"))
            }
            "long names" => {
                (list(length, ['{', '}'], |number| format!("\"{long}{number:04}\":[{number}]")), format!("/{long}0009"))
            }
            "escapes" => {
                let member = |number| format!("\"\\u006eame{number}\":\"\\u0061\\n{number}\"");
                (list(length, ['{', '}'], member), "/name9".to_owned())
            }
            other => panic!("no shape {other}"),
        };
        let is_root = name == "a wide root";
        let target = if is_root { text.clone() } else { format!("{{\"a\":{text}}}") };
        let body = if name == "another case" { target.to_uppercase() } else { target.clone() };
        let path = match path.is_empty() || is_root {
            true => path,
            false => format!("/a{path}"),
        };
        Shape { text, target, body, path }
    }
}

fn records(length: usize) -> String {
    list(length, ['[', ']'], |number| {
        format!("{{\"Id\":{number},\"Name\":\"element {number}\",\"Tags\":[\"a\",\"b\"],\"Rank\":0.5}}")
    })
}

fn list(length: usize, brackets: [char; 2], item: impl Fn(usize) -> String) -> String {
    let mut text = String::from(brackets[0]);
    for number in 0.. {
        write!(text, "{}", item(number)).expect("a string takes what is written");
        if text.len() > length {
            break;
        }
        text.push(',');
    }
    text.push(brackets[1]);
    text
}

/// How many bytes a call has at its peak, besides what was there before and what it leaves.
fn cost<T, E>(run: impl FnOnce() -> Result<T, E>) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = black_box(run());
    let (peak, after) = (ALLOCATOR.peak_usage(), ALLOCATOR.current_usage());
    drop(result);
    peak - before.max(after)
}

/// What a call gives that cannot fail.
fn infallible<T>(result: T) -> Result<T, ()> {
    Ok(result)
}

/// A policy that looks at everything, and at both entities.
struct Caller;

impl Policy<Webhook> for Caller {
    fn may_read(&self, path: &Pointer) -> bool {
        !path.as_str().ends_with("/hidden")
    }
}

/// What each row of the table takes of a text: of all its calls, the most.
fn costs(shape: &Shape) -> BTreeMap<&'static str, usize> {
    let Shape { text, target, body, path } = shape;
    let long = |mut dialect: Dialect| {
        (dialect.limits.body_bytes, dialect.limits.pointer_bytes) = (usize::MAX, usize::MAX);
        dialect
    };
    let (rfc, superoffice) = (&long(Dialect::RFC), &long(Dialect::SUPEROFFICE));
    let mut costs = BTreeMap::new();
    let mut row = |row: &'static str, cost: usize| {
        let most = costs.entry(row).or_insert(cost);
        *most = cost.max(*most);
    };
    let operation = |op: &str| format!("[{{\"op\":\"{op}\",\"path\":\"/a\",\"value\":{text}}}]");
    let replace = |path: &str| format!("[{{\"op\":\"replace\",\"path\":\"{path}\",\"value\":2}}]");
    let (add, test, replaced) = (operation("add"), operation("test"), replace(path));
    let tree: Value = serde_json::from_str(target).expect("JSON");

    row("`Patch::parse`", cost(|| Patch::parse(add.as_bytes(), rfc)));
    for dialect in [rfc, superoffice] {
        row("`MergePatch::parse`", cost(|| MergePatch::parse(body.as_bytes(), dialect)));
    }
    for body in [&add, &test, &replaced] {
        let patch = Patch::parse(body.as_bytes(), rfc).expect("a patch");
        for dialect in [rfc, superoffice] {
            let mut changed = tree.clone();
            row("`apply`", cost(|| apply(&mut changed, &patch, dialect)));
            row("`check`", cost(|| check(&tree, &patch, dialect)));
            let mut changed = tree.clone();
            row("`apply_with_inverse`", cost(|| apply_with_inverse(&mut changed, &patch, dialect)));
        }
    }
    let document = MergePatch::parse(body.as_bytes(), rfc).expect("a merge patch");
    let nothing = MergePatch::new(json!({"a": {"b": 1}}));
    row("`MergePatch::then`", cost(|| infallible(document.then(&nothing))));
    row("`MergePatch::then`", cost(|| infallible(nothing.then(&document))));
    for target in [&tree, &json!({"a": {}}), &json!({"a": [tree]}), &Value::Null] {
        for dialect in [rfc, superoffice] {
            let mut changed = target.clone();
            row("`merge`", cost(|| merge(&mut changed, &document, dialect)));
            let mut changed = target.clone();
            row("`merge_with_inverse`", cost(|| merge_with_inverse(&mut changed, &document, dialect)));
            row("`MergePatch::to_patch`", cost(|| document.to_patch(target, dialect)));
        }
    }

    let patched = |target: &str, body: &str, dialect| {
        cost(|| patch_json(target.as_bytes(), body.as_bytes(), Format::ByShape, dialect))
    };
    row("`patch_json`, a member of the root", patched(target, "[{\"op\":\"add\",\"path\":\"/b\",\"value\":1}]", rfc));
    for dialect in [rfc, superoffice] {
        row("`patch_json`, a value in the text", patched(target, &replaced, dialect));
        row("`patch_json`, the text in a merge patch", patched(target, body, dialect));
    }
    row("`patch_json`, the text in a patch", patched("{}", &add, rfc));
    row("`patch_json`, the text in a patch", patched(&format!("{{\"a\":{text}}}"), &test, rfc));

    let property = |op: &str| format!("[{{\"op\":\"{op}\",\"path\":\"/Properties\",\"value\":{body}}}]");
    let stored = format!("{{\"WebhookId\":7,\"State\":\"Active\",\"Properties\":{target}}}");
    let (empty, whole) = ("{\"WebhookId\":7,\"State\":\"Active\"}", format!("{{\"Properties\":{body}}}"));
    let inside = replace(&format!("/Properties{path}"));
    let (add, test) = (property("add"), property("test"));
    let (name, member) = ("{\"Name\":\"b\"}", "{\"Properties\":{\"z\":1}}");
    let bodies = [name, member, &whole, &add, &test, &inside].map(|body| (&*stored, body));
    for (stored, body) in bodies.into_iter().chain([(empty, &*whole), (empty, &*add)]) {
        let webhook: Webhook = serde_json::from_str(stored).expect("a webhook");
        for dialect in [rfc, superoffice] {
            let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect).expect("a patch");
            row("`patch`", cost(|| patch(&webhook, &document, dialect)));
            row("`patch_with`", cost(|| patch_with(&webhook, &document, dialect, &Caller)));
            if let Ok(patched) = patch(&webhook, &document, dialect) {
                row("`changes`", cost(|| patched.changes()));
                row("`inverse`", cost(|| infallible(patched.inverse(&webhook))));
            }
            let (stored, body, format) = (stored.as_bytes(), body.as_bytes(), Format::ByShape);
            row("`patch_stored`", cost(|| patch_stored::<Webhook>(stored, body, format, dialect)));
            let with = |policy: &dyn Policy<Webhook>| {
                cost(|| patch_stored_with::<Webhook>(stored, body, format, dialect, policy))
            };
            row("`patch_stored_with`", with(&Caller));
            if let Ok(patched) = patch_stored::<Webhook>(stored, body, format, dialect) {
                row("`changes`", cost(|| patched.changes()));
                row("`inverse`", cost(|| infallible(patched.inverse(stored))));
            }
        }
        let webhook = &webhook;
        row("`Visible`", cost(|| serde_json::to_vec(&Visible(webhook))));
    }
    let bytes = stored.as_bytes();
    for dialect in [rfc, superoffice] {
        for body in [bytes, whole.as_bytes(), empty.as_bytes()] {
            row("`http::put`", cost(|| http::put::<Webhook>(bytes, body, dialect)));
            row("`http::put_with`", cost(|| http::put_with::<Webhook>(bytes, body, dialect, &Caller)));
        }
        row("`superoffice::save`", cost(|| superoffice::save::<Webhook>(whole.as_bytes(), dialect)));
    }
    row("`visible`", cost(|| visible::<Webhook>(bytes)));
    row("`visible_to`", cost(|| visible_to::<Webhook>(bytes, &Caller)));
    for list in ["", "name,properties/a"] {
        let selection = Selection::parse(list);
        row("`superoffice::represent`", cost(|| superoffice::represent(bytes, &selection, None)));
    }

    let targets = [tree.clone(), near(&tree), far(&tree)];
    for target in &targets {
        row("`diff`", cost(|| infallible(diff(&tree, target))));
        row("`merge_diff`", cost(|| infallible(merge_diff(&tree, target))));
        for options in [
            DiffOptions::default().moves(true),
            DiffOptions::default().guard(Guard::Containers),
            DiffOptions::default().arrays(Arrays::Whole),
            DiffOptions::default().arrays(Arrays::by_key("Id")).moves(true),
        ] {
            row("`diff_with`", cost(|| infallible(diff_with(&tree, target, &options))));
        }
    }
    costs
}

/// The value in the document that a shape is about.
fn inside(tree: &mut Value) -> &mut Value {
    if tree.get("a").is_some() { &mut tree["a"] } else { tree }
}

/// A version of a document that differs in a member or two.
fn near(tree: &Value) -> Value {
    let mut near = tree.clone();
    match inside(&mut near) {
        Value::Array(elements) => {
            elements.insert(0, Value::Null);
            elements.pop();
        }
        Value::Object(members) => {
            members.remove("name9");
            members.insert("other".to_owned(), Value::Null);
        }
        value => *value = Value::Null,
    }
    near
}

/// One that differs everywhere.
fn far(tree: &Value) -> Value {
    let mut far = tree.clone();
    match inside(&mut far) {
        // Of two values, the other ones, in another order.
        Value::Array(elements) if elements.iter().any(|element| *element == 1) => {
            for (number, element) in elements.iter_mut().enumerate() {
                *element = Value::from(number * number / 11 % 2);
            }
        }
        Value::Array(elements) => {
            elements.iter_mut().zip(0..).for_each(|(element, number)| *element = Value::from(number))
        }
        Value::Object(members) => members.values_mut().for_each(|value| match value {
            Value::Object(members) => members.values_mut().for_each(|value| *value = Value::Bool(true)),
            value => *value = Value::Bool(true),
        }),
        value => *value = Value::from("y"),
    }
    far
}

/// The rows of the table in the documentation: how much memory each may take, in times the length of the text, for each
/// shape of it.
fn table() -> BTreeMap<&'static str, Vec<f64>> {
    let lines = include_str!("../docs/performance.md").lines();
    let section = lines.skip_while(|line| *line != "## Memory").filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.trim_end_matches(" |").split(" | ");
        Some((cells.next()?, cells.collect::<Vec<_>>()))
    });
    let mut rows = section.skip_while(|(_, cells)| *cells != SHAPES);
    assert!(rows.next().is_some() && rows.next().is_some(), "the table has a head");
    rows.map(|(row, cells)| (row, cells.iter().map(|cell| cell.parse().expect("a figure")).collect())).collect()
}

/// What grows with no text, in bytes.
const FIXED: usize = 16 << 10;
/// What a diff may take to look for a short patch.
const SEARCH: usize = 2 << 20;

fn fixed(row: &str) -> usize {
    if row.contains("diff") || row == "`inverse`" { SEARCH } else { FIXED }
}

/// A figure as the table has it: a twentieth more than was measured, in two digits.
fn figure(times: f64) -> String {
    match times * 1.05 {
        times if times < 0.05 => "0".to_owned(),
        times if times < 2.0 => format!("{:.1}", (times * 10.0).ceil() / 10.0),
        times => format!("{}", times.ceil()),
    }
}

#[test]
fn no_call_costs_more_than_the_table_says() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // The figures are those without a feature of serde_json. Under `preserve_order` a value takes 72 bytes instead of
    // 32, and the table of a map's names is there twice while it grows.
    let (factor, more) = match size_of::<Value>() {
        32 => (1.0, 0.0),
        size => (size as f64 / 32.0, 6.0),
    };
    let mut measured: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for (column, name) in SHAPES.into_iter().enumerate() {
        for &length in LENGTHS {
            let shape = Shape::of(name, length);
            for (row, cost) in costs(&shape) {
                let times = cost.saturating_sub(fixed(row)) as f64 / shape.text.len() as f64;
                let cells = measured.entry(row).or_insert_with(|| vec![0.0; SHAPES.len()]);
                cells[column] = times.max(cells[column]);
            }
        }
    }
    println!("| call | {} |", SHAPES.join(" | "));
    println!("| --- |{}", " --- |".repeat(SHAPES.len()));
    for (row, times) in &measured {
        let cells: Vec<String> = times.iter().map(|times| figure(*times)).collect();
        println!("| {row} | {} |", cells.join(" | "));
    }
    let table = table();
    assert!(table.keys().eq(measured.keys()), "the table has these rows: {:?}", measured.keys());
    for (row, limits) in &table {
        let is_about_text = ["patch_", "put", "represent", "visible"].iter().any(|name| row.contains(name));
        let is_about_text = is_about_text && !row.contains("_with");
        for ((shape, limit), actual) in SHAPES.iter().zip(limits).zip(&measured[row]) {
            let limit = if is_about_text { *limit } else { limit * factor + more };
            assert!(*actual <= limit + 0.05, "{row}, {shape}: {actual:.2} and not {limit} times");
            // The table does not say more than there is to say, either.
            let most = 2.0 * actual + 1.0;
            let is_exact = factor == 1.0 && !cfg!(debug_assertions);
            assert!(!is_exact || limit <= most, "{row}, {shape}: only {actual:.2}, and the table says {limit}");
        }
    }
}

/// Two arrays of a few kilobytes that have next to nothing in common but their values: what is most to search.
#[test]
fn short_arrays_of_two_values() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for length in [3 << 10, 30 << 10, 100 << 10] {
        let Shape { target, .. } = Shape::of("two values", length);
        let tree: Value = serde_json::from_str(&target).expect("JSON");
        let limit = table()["`diff`"][SHAPES.iter().position(|name| *name == "two values").expect("a shape")];
        for target in [near(&tree), far(&tree)] {
            let cost = cost(|| Ok::<_, ()>(diff(&tree, &target)));
            println!("{length}: {cost}");
            assert!(cost as f64 <= limit * length as f64 + SEARCH as f64, "{cost} for {length}");
        }
    }
}

/// One operation on 10 MB of records, which is far from what a body may be: nothing grows with the target where the
/// member of the root is written; where an array is entered, its elements are recorded.
#[test]
fn ten_megabytes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let target = format!("{{\"a\":{}}}", records(10 << 20));
    for (path, limit) in [("/b", 0.001), ("/a/99999", 1.2)] {
        let body = format!("[{{\"op\":\"add\",\"path\":\"{path}\",\"value\":1}}]");
        let cost = cost(|| patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &Dialect::RFC));
        let actual = cost as f64 / target.len() as f64;
        println!("{path}: {actual}");
        assert!(actual <= limit, "{path}: {actual} and not {limit} times the target");
    }
}
