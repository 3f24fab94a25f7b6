//! What each entry point takes besides what it is given and what it gives back: the table of memory in
//! `docs/performance.md`, which is read here. Memory is counted by the allocator, so that this is a crate of its own;
//! what hostile requests cost in all is in `hostile.rs`.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    hint::black_box,
    sync::{Mutex, PoisonError},
};

use entity_patch::{
    Dialect, Format, MergePatch, Patch, PatchDocument, apply, diff, http, merge, merge_diff, patch, patch_json,
    patch_stored,
    superoffice::{self, Selection, Webhook},
};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// How long the texts are: just longer than a power of two, where what was doubled as it grew is emptiest.
const LENGTH: usize = 300 << 10;

/// One test at a time: what another one builds would be counted, too.
static ALONE: Mutex<()> = Mutex::new(());

/// The columns of the table: JSON texts of some length, from the one with the fewest values to the one with the most.
const SHAPES: [&str; 5] = ["a string", "records", "a wide object", "small objects", "digits"];

fn shape(name: &str, length: usize) -> String {
    match name {
        "a string" => format!("\"{}\"", "one line\\n".repeat(length / 10)),
        "records" => list(length, ['[', ']'], |number| {
            format!("{{\"Id\":{number},\"Name\":\"element {number}\",\"Tags\":[\"a\",\"b\"],\"Rank\":0.5}}")
        }),
        "a wide object" => list(length, ['{', '}'], |number| format!("\"name{number}\":1")),
        "small objects" => list(length, ['[', ']'], |_| "{\"\":0}".to_owned()),
        "digits" => list(length, ['[', ']'], |_| "0".to_owned()),
        other => panic!("no shape {other}"),
    }
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
fn cost<T, E: fmt::Debug>(run: impl FnOnce() -> Result<T, E>) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = black_box(run().expect("the call succeeds"));
    let (peak, after) = (ALLOCATOR.peak_usage(), ALLOCATOR.current_usage());
    drop(result);
    peak - before.max(after)
}

/// What each row of the table takes of a text: of all its calls, the most.
fn costs(name: &str, text: &str) -> BTreeMap<&'static str, usize> {
    let long = |mut dialect: Dialect| {
        dialect.limits.body_bytes = usize::MAX;
        dialect
    };
    let (rfc, superoffice) = (&long(Dialect::RFC), &long(Dialect::SUPEROFFICE));
    let mut costs = BTreeMap::new();
    let mut row = |row: &'static str, cost: usize| {
        let most = costs.entry(row).or_insert(cost);
        *most = cost.max(*most);
    };
    let operation = |op: &str| format!("[{{\"op\":\"{op}\",\"path\":\"/a\",\"value\":{text}}}]");
    let (add, test, object) = (operation("add"), operation("test"), format!("{{\"a\":{text}}}"));
    let tree: Value = serde_json::from_str(&object).expect("an object");

    row("`Patch::parse`", cost(|| Patch::parse(add.as_bytes(), rfc)));
    for dialect in [rfc, superoffice] {
        row("`MergePatch::parse`", cost(|| MergePatch::parse(object.as_bytes(), dialect)));
    }

    let patches = [&add, &test].map(|body| Patch::parse(body.as_bytes(), rfc).expect("a patch"));
    for patch in &patches {
        let mut target = tree.clone();
        row("`apply`", cost(|| apply(&mut target, patch, rfc)));
    }
    let document = MergePatch::parse(object.as_bytes(), rfc).expect("a merge patch");
    for target in [&tree, &json!({"a": {}}), &json!({"a": [tree]}), &Value::Null] {
        for dialect in [rfc, superoffice] {
            let mut target = target.clone();
            row("`merge`", cost(|| merge(&mut target, &document, dialect)));
        }
    }

    let patched = |target: &str, body: &str, dialect| {
        cost(|| patch_json(target.as_bytes(), body.as_bytes(), Format::ByShape, dialect))
    };
    row("`patch_json`, a member of the root", patched(&object, "[{\"op\":\"add\",\"path\":\"/b\",\"value\":1}]", rfc));
    let path = match name {
        "a string" => "",
        "records" => "/9/Name",
        "a wide object" => "/name9",
        "small objects" => "/9/",
        _ => "/9",
    };
    let replace = |path: &str| format!("[{{\"op\":\"replace\",\"path\":\"{path}\",\"value\":1}}]");
    if !path.is_empty() {
        row("`patch_json`, a value in the text", patched(&object, &replace(&format!("/a{path}")), rfc));
    }
    row("`patch_json`, the text in a patch", patched("{}", &add, rfc));
    row("`patch_json`, the text in a patch", patched(&object, &test, rfc));
    row("`patch_json`, the text in a merge patch", patched(&object, &object, rfc));
    row("`patch_json`, the text in a merge patch", patched(&object, &object, superoffice));

    let property = |op: &str| format!("[{{\"op\":\"{op}\",\"path\":\"/Properties\",\"value\":{object}}}]");
    let stored = format!("{{\"WebhookId\":7,\"State\":\"Active\",\"Properties\":{object}}}");
    let (empty, whole) = ("{\"WebhookId\":7,\"State\":\"Active\"}", format!("{{\"Properties\":{object}}}"));
    let inside = replace(&format!("/Properties/a{path}"));
    let (add, test) = (property("add"), property("test"));
    let (name, member) = ("{\"Name\":\"b\"}", "{\"Properties\":{\"z\":1}}");
    let bodies = [name, member, &whole, &add, &test, &inside].map(|body| (&*stored, body));
    for (stored, body) in bodies.into_iter().chain([(empty, &*whole), (empty, &*add)]) {
        let webhook: Webhook = serde_json::from_str(stored).expect("a webhook");
        for dialect in [rfc, superoffice] {
            let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect).expect("a patch");
            row("`patch`", cost(|| patch(&webhook, &document, dialect)));
            let (stored, body) = (stored.as_bytes(), body.as_bytes());
            row("`patch_stored`", cost(|| patch_stored::<Webhook>(stored, body, Format::ByShape, dialect)));
        }
    }
    row("`http::put`", cost(|| http::put::<Webhook>(stored.as_bytes(), stored.as_bytes(), rfc)));
    row("`superoffice::save`", cost(|| superoffice::save::<Webhook>(whole.as_bytes(), rfc)));
    for list in ["", "name,properties/a"] {
        let selection = Selection::parse(list);
        row("`superoffice::represent`", cost(|| superoffice::represent(stored.as_bytes(), &selection, None)));
    }

    let (mut near, mut far) = (tree.clone(), tree.clone());
    match (&mut near["a"], &mut far["a"]) {
        (Value::Array(near), Value::Array(far)) => {
            near.insert(0, Value::Null);
            near.pop();
            far.iter_mut().zip(0..).for_each(|(element, number)| *element = Value::from(number));
        }
        (Value::Object(near), Value::Object(far)) => {
            near.remove("name9");
            near.insert("other".to_owned(), Value::Null);
            far.values_mut().for_each(|value| *value = Value::Bool(true));
        }
        (near, far) => (*near, *far) = (Value::Null, Value::from("y")),
    }
    for target in [&tree, &near, &far] {
        row("`diff`", cost(|| Ok::<_, ()>(diff(&tree, target))));
        row("`merge_diff`", cost(|| Ok::<_, ()>(merge_diff(&tree, target))));
    }
    costs
}

/// The rows of the table in the documentation: how much memory each may take, in times the length of the text, for each
/// shape of it; `-` where there is nothing to ask.
fn table() -> BTreeMap<&'static str, Vec<Option<f64>>> {
    let lines = include_str!("../docs/performance.md").lines();
    let section = lines.skip_while(|line| *line != "## Memory").filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.trim_end_matches(" |").split(" | ");
        Some((cells.next()?, cells.collect::<Vec<_>>()))
    });
    let mut rows = section.skip_while(|(_, cells)| *cells != SHAPES);
    assert!(rows.next().is_some() && rows.next().is_some(), "the table has a head");
    rows.map(|(row, cells)| {
        let limit = |cell: &&str| (*cell != "-").then(|| cell.parse().expect("a figure"));
        (row, cells.iter().map(limit).collect())
    })
    .collect()
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
    let table = table();
    for (column, name) in SHAPES.into_iter().enumerate() {
        let text = shape(name, LENGTH);
        let costs = costs(name, &text);
        for (row, limits) in &table {
            let Some(limit) = limits[column] else {
                assert!(!costs.contains_key(row), "{row}, {name}");
                continue;
            };
            let is_about_text = ["patch_", "put", "represent"].iter().any(|name| row.contains(name));
            let limit = if is_about_text { limit } else { limit * factor + more };
            let (cost, length) = (costs[row] as f64, text.len() as f64);
            println!("{row}, {name}: {:.3} of {limit}", cost / length);
            // What does not grow with the text.
            let more = if *row == "`diff`" { 2 << 20 } else { 16 << 10 };
            assert!(cost <= limit * length + f64::from(more), "{row}, {name}: {} and not {limit} times", cost / length);
        }
        assert!(costs.keys().all(|row| table.contains_key(row)), "the table has all rows");
    }
}

/// One operation on 10 MB of records, which is far from what a body may be: nothing grows with the target where the
/// member of the root is written; where an array is entered, its elements are recorded.
#[test]
fn ten_megabytes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let target = format!("{{\"a\":{}}}", shape("records", 10 << 20));
    for (path, limit) in [("/b", 0.001), ("/a/99999", 1.2)] {
        let body = format!("[{{\"op\":\"add\",\"path\":\"{path}\",\"value\":1}}]");
        let cost = cost(|| patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &Dialect::RFC));
        let actual = cost as f64 / target.len() as f64;
        println!("{path}: {actual}");
        assert!(actual <= limit, "{path}: {actual} and not {limit} times the target");
    }
}
