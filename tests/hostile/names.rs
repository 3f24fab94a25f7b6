//! Requests in which names are what costs, and what hangs on them: paths, searches, and the places of an entity.

use std::{collections::BTreeMap, time::Instant};

use entity_patch::{
    Dialect, Entity, Error, Format, MergePatch, Operation, Patch, PatchError, Policy, UnknownMembers,
    apply_with_inverse, diff,
    http::{self, Outcome, Preconditions, Purpose, Validators},
    merge, merge_diff, merge_with_inverse, patch_json, patch_stored, patch_stored_with,
    superoffice::Webhook,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ALLOCATOR, MEDIUM, MEMBERS, OPERATIONS, Request, SMALL, TIME, WORK, alone, check, long, measured, memory, object,
    operations,
};

/// What a name of an object in a table may be compared with, and what hangs on one name.
#[test]
fn long_names() {
    let _alone = alone();
    let start = "n".repeat(if cfg!(debug_assertions) { 600 } else { 2_900 });
    let mut target = object((0..60).map(|number| format!("{start}{number:02}")));
    target.replace_range(2..3, "\\u006e");
    let adds = |start: &str| {
        operations(10_000, |number| format!("{{\"op\":\"add\",\"path\":\"/{start}{:02}\",\"value\":1}}", number % 2))
    };
    let upper = start.to_uppercase();
    for (name, body, dialect, text, tree) in [
        ("two of 60 names with one start", adds(&start), Dialect::RFC, "too-much-work", "ok"),
        ("the same where case is ignored", adds(&start), Dialect::SUPEROFFICE, "too-much-work", "ok"),
        ("the same in another case", adds(&upper), Dialect::SUPEROFFICE, "too-much-work", "too-much-work"),
    ] {
        check(&Request { name, target: target.clone(), body, dialect: long(dialect), text, tree });
    }
    let wide = object((0..MEMBERS).map(|number| format!("name{number}")));
    let body = operations(OPERATIONS, |number| {
        format!("{{\"op\":\"move\",\"from\":\"/NAME{number}\",\"path\":\"/OTHER{number}\"}}")
    });
    let mut dialect = Dialect::SUPEROFFICE;
    dialect.move_and_copy = true;
    let (name, text, tree) = ("moves in a wide object in another case", "ok", "ok");
    check(&Request { name, target: wide, body, dialect, text, tree });
    let mut dialect = long(Dialect::RFC);
    dialect.create_parents = true;
    let (name, target) = ("a long value below many absent parents", "{}".to_owned());
    let (path, value) = ("/a".repeat(120), "x".repeat(1 << 20));
    let body = format!("[{{\"op\":\"add\",\"path\":\"{path}\",\"value\":\"{value}\"}}]");
    check(&Request { name, target, body, dialect, text: "ok", tree: "ok" });
}

/// Every call that lists or looks at places, where they all are below one long name.
#[test]
fn many_members_below_a_long_name() {
    let _alone = alone();
    let (name, count) = ("L".repeat(if cfg!(debug_assertions) { 50_000 } else { 400_000 }), OPERATIONS * 4);
    let below = |members: String| format!("{{\"{name}\":{members}}}");
    let numbers = |value: usize| {
        let members: Vec<String> = (0..count).map(|number| format!("\"{number}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let (source, target, body) = (below("{}".to_owned()), below(numbers(0)), below(numbers(1)));
    let tree = |json: &str| serde_json::from_str::<Value>(json).expect("JSON");
    let dialect = &long(Dialect::RFC);
    let parsed = MergePatch::parse(body.as_bytes(), dialect).expect("a merge patch");
    let (from, to) = (tree(&target), tree(&body));
    let operations: Vec<Operation> = match &to[&name] {
        Value::Object(members) => members
            .iter()
            .map(|(number, value)| Operation::replace(format!("/{name}/{number}"), value.clone()).expect("a pointer"))
            .collect(),
        _ => Vec::new(),
    };
    let (few, memory) = (Patch::new(operations.into_iter().take(20).collect()), memory(&target, &body));
    let calls: [(&str, &dyn Fn() -> &'static str, &str); 8] = [
        ("merge", &|| code(merge(&mut from.clone(), &parsed, dialect)), "ok"),
        ("to_patch", &|| code(parsed.to_patch(&from, dialect)), "too-much-work"),
        ("merge_with_inverse", &|| code(merge_with_inverse(&mut from.clone(), &parsed, dialect)), "ok"),
        ("apply_with_inverse", &|| code(apply_with_inverse(&mut from.clone(), &few, dialect)), "ok"),
        ("diff", &|| code(Ok::<_, PatchError>(diff(&from, &to))), "ok"),
        ("merge_diff", &|| code(Ok::<_, PatchError>(merge_diff(&from, &to))), "ok"),
        ("patch_json", &|| code(patch_json(target.as_bytes(), body.as_bytes(), Format::ByShape, dialect)), "ok"),
        (
            "patch_json of nothing",
            &|| code(patch_json(source.as_bytes(), body.as_bytes(), Format::ByShape, dialect)),
            "ok",
        ),
    ];
    // Each operation of the patch that is given has the name.
    let memory = memory + 20 * 2 * name.len();
    for (call, run, expected) in calls {
        assert_eq!(measured_on_main(call, memory, run), expected, "{call}");
    }
}

/// As [`measured`], on the stack of the test.
fn measured_on_main(what: &str, memory: usize, run: &dyn Fn() -> &'static str) -> &'static str {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let code = run();
    let (time, peak) = (start.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
    println!("{what}: {code}, {time:?}, {peak} of {memory} bytes");
    assert!(time < TIME, "{what} takes {time:?}");
    assert!(peak <= memory, "{what} takes {peak} bytes and may take {memory}");
    code
}

fn code<T, E: Into<Error>>(result: Result<T, E>) -> &'static str {
    result.map_or_else(|error| error.into().code(), |_| "ok")
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Store {
    #[entity(nested)]
    #[serde(default)]
    bins: BTreeMap<String, Bin>,
    #[entity(nested, by = "id")]
    #[serde(default)]
    crates: Vec<Crate>,
    #[entity(opaque)]
    #[serde(default)]
    plain: BTreeMap<String, Plain>,
    #[entity(opaque)]
    #[serde(default)]
    other: BTreeMap<String, Plain>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Bin {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default)]
    counts: Vec<u32>,
    #[entity(nested)]
    #[serde(default)]
    within: BTreeMap<String, Bin>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Crate {
    id: u32,
    #[serde(flatten)]
    #[entity(open)]
    rest: Map<String, Value>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Plain {
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<u8>,
}

/// Maps of entities, members that no table declares, and what a type ignores.
#[test]
fn maps_of_entities() {
    let _alone = alone();
    let mut reject = long(Dialect::RFC);
    reject.limits.work = WORK;
    let mut ignore = reject.clone();
    ignore.unknown_members = UnknownMembers::Ignore;
    let list = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let long_name = "L".repeat(if cfg!(debug_assertions) { 50_000 } else { 400_000 });
    let unknown = list(4_000, &|number| format!("\"u{number}\":1"));
    let bins = format!("{{\"bins\":{{{}}}}}", list(MEMBERS, &|number| format!("\"b{number}\":{{}}")));
    let below = |members: &str| format!("{{\"bins\":{{\"{long_name}\":{{{members}}}}}}}");
    let deep = |value: usize| {
        let within = list(OPERATIONS, &|number| format!("\"w{number}\":{{\"note\":\"{value}\"}}"));
        below(&format!("\"within\":{{{within}}}"))
    };
    let plain = |members: &str| format!("{{\"plain\":{{\"{long_name}\":{{{members}}}}}}}");
    let large = format!("{{\"plain\":{{{}}}}}", list(MEMBERS, &|number| format!("\"p{number}\":{{\"a\":1}}")));
    let moves = operations(OPERATIONS, |number| {
        let (from, path) = if number % 2 == 0 { ("plain", "other") } else { ("other", "plain") };
        format!("{{\"op\":\"move\",\"from\":\"/{from}\",\"path\":\"/{path}\"}}")
    });
    for (name, stored, body, dialect, code) in [
        ("an absent member of each of many entities", &bins, bins.replace("{}", "{\"note\":null}"), &reject, "ok"),
        ("unknown members below a long name", &below(""), below(&unknown), &ignore, "too-much-work"),
        (
            "the same in an element",
            &below(""),
            below(&format!("\"within\":{{\"a\":{{{unknown}}}}}")),
            &ignore,
            "too-much-work",
        ),
        ("what a type ignores below a long name", &plain(""), plain(&unknown), &ignore, "too-much-work"),
        ("what a type ignores, refused", &plain(""), plain(&unknown), &reject, "too-much-work"),
        ("many changes below a long name, for a policy", &deep(1), deep(2), &reject, "too-much-work"),
        ("a large member is moved to and fro", &large, moves, &reject, "too-much-work"),
    ] {
        // What a type reads is there twice, and so are the members that it writes.
        let memory = 2 * memory(stored, &body) + 4 * dialect.limits.copied_bytes;
        let actual = measured(name, MEDIUM, memory, || {
            let result =
                patch_stored_with::<Store>(stored.as_bytes(), body.as_bytes(), Format::ByShape, dialect, &Caller);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(actual, code, "{name}");
    }
    let boxed = |name: &str| {
        let members = list(MEMBERS, &|number| format!("\"{name}{number}\":1"));
        format!("{{\"crates\":[{{\"id\":1,{members}}}]}}")
    };
    let (stored, body) = (boxed("a"), boxed("b"));
    let mut folded = reject.clone();
    folded.ignore_case = true;
    for dialect in [&reject, &folded] {
        let (name, memory) = ("other members of an element are put", memory(&stored, &body));
        let actual = measured(name, MEDIUM, memory, || {
            let result = http::put::<Store>(stored.as_bytes(), body.as_bytes(), dialect);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(actual, "ok");
    }
    // The member is stored, and is another one than is sent: nothing of it is compared but the lengths.
    let wide = object((0..MEMBERS).map(|number| format!("n{number}")));
    let stored = format!("{{\"WebhookId\":1,\"State\":\"Active\",\"u\":{wide}}}");
    let body = operations(OPERATIONS, |_| "{\"op\":\"add\",\"path\":\"/u\",\"value\":{}}".to_owned());
    let (name, memory) = ("a wide member that is skipped", memory(&stored, &body));
    let actual = measured(name, SMALL, memory, || {
        let result = patch_stored::<Webhook>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &ignore);
        result.map_or_else(|error| error.code(), |_| "ok")
    });
    assert_eq!(actual, "ok");
}

struct Caller;

impl Policy<Store> for Caller {
    fn validates(&self) -> bool {
        false
    }
}

/// The header fields of a request, as many as a server would let through.
#[test]
fn header_lines() {
    let _alone = alone();
    let lines: Vec<String> = (0..200_000).map(|number| format!("\"{number}\"")).collect();
    for field in ["If-Match", "If-None-Match"] {
        let memory = 200 * lines.len();
        let code = measured_on_main(field, memory, &|| {
            let headers = lines.iter().map(|line| (field, line.as_bytes()));
            let preconditions = Preconditions::from_headers(headers);
            match preconditions.evaluate(Purpose::Write, Some(&Validators::of_version(199_999))) {
                Outcome::Proceed => "proceed",
                Outcome::Failed => "failed",
                _ => "other",
            }
        });
        assert_eq!(code, if field == "If-Match" { "proceed" } else { "failed" });
    }
}
