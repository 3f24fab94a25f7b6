//! What a hostile body may cost: memory, counted by the allocator, and time, on a small stack. A crate of its own,
//! since the allocator counts for the whole process; what comes of such requests is checked in `large.rs`.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

#[path = "hostile/names.rs"]
mod names;

use entity_patch::{
    Dialect, Entity, Format, Limits, MemberWrite, MergePatch, Patch, PatchDocument, Policy, apply, merge, patch_json,
    patch_stored, patch_stored_with, superoffice::Webhook,
};
use peak_alloc::PeakAlloc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// One test at a time: what another one builds would be counted, too.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a text and a refused body may need of a stack.
const SMALL: usize = 64 << 10;
/// What a tree may need. (Without optimisation the frames of serde_json's own `clone` are larger.)
const MEDIUM: usize = if cfg!(debug_assertions) { 512 << 10 } else { 256 << 10 };

/// What any of these requests may take, on a machine that does other work too.
const TIME: Duration = Duration::from_secs(10);

/// How many operations a body has, and how many members a wide object.
const OPERATIONS: usize = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
const MEMBERS: usize = if cfg!(debug_assertions) { 10_000 } else { 50_000 };

/// What a patch may search. Without optimisation, a search takes tens of times longer than on a server.
const WORK: usize = if cfg!(debug_assertions) { Limits::DEFAULT.work >> 4 } else { Limits::DEFAULT.work };

struct Request {
    name: &'static str,
    target: String,
    body: String,
    dialect: Dialect,
    /// The code of the error with which a patch of the text ends, or `ok`.
    text: &'static str,
    /// The same on the tree, `-` where the target is too deep for one.
    tree: &'static str,
}

/// What a request may allocate, in bytes, at one time and besides the two texts: its result and what it reads, and so
/// much for each value that a text is recorded, indexed by its names or read into a tree, whose smallest object is
/// large.
fn memory(target: &str, body: &str) -> usize {
    let count = |byte| target.bytes().chain(body.bytes()).filter(|&other| other == byte).count();
    // A value is in the tree of the target and in that of the body; under `preserve_order` it is larger.
    let value = 336 + 2 * size_of::<serde_json::Value>();
    4 * (target.len() + body.len()) + value * (count(b',') + count(b'[')) + 1200 * count(b'{') + (128 << 10)
}

/// What a patch may take of what it copies: `0,` is two bytes of JSON and 32 of a tree.
fn memory_of_copies(request: &Request) -> usize {
    if request.body.contains("\"copy\"") { 32 * request.dialect.limits.copied_bytes } else { 0 }
}

/// Runs something on a stack of its own, and checks its time and how much memory it has at one time.
fn measured(what: &str, stack: usize, memory: usize, run: impl FnOnce() -> &'static str + Send) -> &'static str {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let code = thread::scope(|scope| {
        let handle = thread::Builder::new().stack_size(stack).spawn_scoped(scope, run).expect("a thread");
        handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let (time, peak) = (start.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
    println!("{what}: {code}, {time:?}, {peak} of {memory} bytes");
    assert!(time < TIME, "{what} takes {time:?}");
    assert!(peak <= memory, "{what} takes {peak} bytes and may take {memory}");
    code
}

fn check(request: &Request) {
    let Request { name, target, body, dialect, text, tree } = request;
    let memory = memory(target, body) + memory_of_copies(request);
    let dialect = &mut dialect.clone();
    dialect.limits.work = WORK;
    let dialect = &*dialect;
    let code = measured(&format!("{name}, text"), SMALL, memory, || {
        let result = patch_json(target.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
        result.map_or_else(|error| error.code(), |_| "ok")
    });
    assert_eq!(code, *text, "{name}, text");
    if *tree == "-" {
        return;
    }
    let mut value: Value = serde_json::from_str(target).expect("the target is JSON");
    let code = measured(&format!("{name}, tree"), MEDIUM, memory, || {
        let result = match PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect) {
            Ok(PatchDocument::JsonPatch(patch)) => apply(&mut value, &patch, dialect).map_err(|error| error.code()),
            Ok(PatchDocument::MergePatch(patch)) => merge(&mut value, &patch, dialect).map_err(|error| error.code()),
            Err(error) => Err(error.code()),
        };
        result.err().unwrap_or("ok")
    });
    assert_eq!(code, *tree, "{name}, tree");
}

/// A dialect that refuses nothing for its length.
fn long(mut dialect: Dialect) -> Dialect {
    let limits = &mut dialect.limits;
    (limits.body_bytes, limits.operations, limits.pointer_bytes) = (usize::MAX, usize::MAX, usize::MAX);
    dialect
}

/// A JSON Patch of this many operations.
fn operations(count: usize, operation: impl Fn(usize) -> String) -> String {
    let mut body = String::from("[");
    for index in 0..count {
        if index > 0 {
            body.push(',');
        }
        body.push_str(&operation(index));
    }
    body + "]"
}

/// An object of these members, each `1`.
fn object(names: impl Iterator<Item = String>) -> String {
    let mut text = String::from("{");
    for name in names {
        let separator = if text.len() > 1 { "," } else { "" };
        write!(text, "{separator}\"{name}\":1").expect("a string takes what is written");
    }
    text + "}"
}

/// Every spelling of a name under case folding: the bits of `choices` choose among two for each letter.
fn spelling(letters: &[(char, char)], choices: usize) -> String {
    letters.iter().enumerate().map(|(at, pair)| if choices >> at & 1 == 0 { pair.0 } else { pair.1 }).collect()
}

#[test]
fn depth() {
    let _alone = alone();
    let levels = 1_000_000;
    let deep = |text: &str| text.repeat(levels / text.len());
    for dialect in [Dialect::RFC, long(Dialect::RFC), long(Dialect::SUPEROFFICE)] {
        let is_long = dialect.limits.body_bytes > levels;
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        for (name, body, text) in [
            ("arrays that do not end", deep("["), "malformed-json"),
            ("objects that do not end", deep("{\"a\":"), "malformed-json"),
            (
                "a value that does not end",
                format!("[{{\"op\":\"add\",\"path\":\"/a\",\"value\":{}", deep("[")),
                "malformed-json",
            ),
            ("arrays", nested(levels / 2), "malformed-operation"),
            ("objects", format!("{}1{}", "{\"a\":".repeat(levels / 6), "}".repeat(levels / 6)), "too-deep"),
            ("a value", format!("[{{\"op\":\"add\",\"path\":\"/a\",\"value\":{}}}]", nested(levels / 2)), "too-deep"),
            (
                "an unknown member",
                format!("[{{\"op\":\"remove\",\"path\":\"/a\",\"x\":{}}}]", nested(levels / 2)),
                "too-deep",
            ),
            (
                "adds that stack up",
                operations(110, |step| {
                    let (path, open, close) = ("/a".repeat(1 + 118 * step), "{\"a\":".repeat(118), "}".repeat(118));
                    format!("{{\"op\":\"add\",\"path\":\"{path}\",\"value\":{open}{{}}{close}}}")
                }),
                "too-deep",
            ),
        ] {
            // An array is read as operations: the first level is not a value.
            let text = match (name, is_long, body.len() > dialect.limits.body_bytes) {
                (_, _, true) => "body-too-large",
                _ => text,
            };
            check(&Request { name, target: "{\"a\":1}".to_owned(), body, dialect: dialect.clone(), text, tree: text });
        }
        let target = "[".repeat(levels / 2) + &"]".repeat(levels / 2);
        for body in ["[]", "{\"a\":{\"b\":1}}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":1}]"] {
            let (name, target, body) = ("a stored text", target.clone(), body.to_owned());
            check(&Request { name, target, body, dialect: dialect.clone(), text: "malformed-target", tree: "-" });
        }
    }
}

#[test]
fn copies() {
    let _alone = alone();
    let add = |from: &str, path: &str| format!("{{\"op\":\"copy\",\"from\":\"{from}\",\"path\":\"{path}\"}}");
    for (name, target, body, code) in [
        (
            "copies that double the size",
            format!("{{\"a\":[\"{}\"]}}", "x".repeat(1000)),
            operations(22, |_| add("/a", "/a/-")),
            "copies-too-large",
        ),
        (
            "copies of one large value",
            format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)),
            { operations(OPERATIONS, |step| add("/a", &format!("/b{step}"))) },
            "copies-too-large",
        ),
        (
            "copies that double the depth",
            "{\"a\":1}".to_owned(),
            operations(14, |step| add("", &"/a".repeat(1 << step))),
            "too-deep",
        ),
    ] {
        check(&Request { name, target, body, dialect: long(Dialect::RFC), text: code, tree: code });
    }
    check(&Request {
        name: "copies of what is spaced out",
        target: format!("{{\"a\":[{}1]}}", " ".repeat(1 << 20)),
        body: operations(10_000, |step| add("/a", &format!("/b{step}"))),
        dialect: long(Dialect::RFC),
        text: "too-much-work",
        tree: "ok",
    });
}

#[test]
fn long_arrays() {
    let _alone = alone();
    let target = format!("[{}0]", "0,".repeat(199_999));
    for (name, operation) in [
        ("inserts at the head", "{\"op\":\"add\",\"path\":\"/0\",\"value\":1}"),
        ("inserts in the middle", "{\"op\":\"add\",\"path\":\"/100000\",\"value\":1}"),
        ("removals at the head", "{\"op\":\"remove\",\"path\":\"/0\"}"),
        ("moves from the head to the end", "{\"op\":\"move\",\"from\":\"/0\",\"path\":\"/-\"}"),
        ("replaces in the middle", "{\"op\":\"replace\",\"path\":\"/100000\",\"value\":[]}"),
        ("tests at the end", "{\"op\":\"test\",\"path\":\"/199999\",\"value\":0e9}"),
    ] {
        let body = operations(OPERATIONS, |_| operation.to_owned());
        check(&Request { name, target: target.clone(), body, dialect: Dialect::RFC, text: "ok", tree: "ok" });
    }
}

#[test]
fn paths() {
    let _alone = alone();
    let path = "/a".repeat(100_000);
    for operation in ["add", "remove", "replace", "test", "move", "copy"] {
        let body = format!("[{{\"op\":\"{operation}\",\"path\":\"{path}\",\"from\":\"{path}\",\"value\":1}}]");
        for (dialect, text) in [(Dialect::RFC, "pointer-too-long"), (long(Dialect::RFC), "not-found")] {
            let is_write = matches!(operation, "add" | "replace") && text == "not-found";
            let text = if is_write { "too-deep" } else { text };
            let target = "{\"a\":{\"a\":{}}}".to_owned();
            check(&Request { name: operation, target, body: body.clone(), dialect, text, tree: text });
        }
    }
}

#[test]
fn numbers() {
    let _alone = alone();
    let zeros = "0".repeat(400_000);
    for (name, number, code) in [
        ("a huge exponent", "1e1000000000", "malformed-json"),
        ("a tiny exponent", "1e-1000000000", "test-failed"),
        ("an exponent of 400,000 digits", &format!("1e{zeros}"), "ok"),
        ("a fraction of 400,000 digits", &format!("1.{zeros}"), "ok"),
        ("an integer of 400,001 digits", &format!("1{zeros}"), "malformed-json"),
    ] {
        let body = format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":{number}}}]");
        check(&Request { name, target: "{\"a\":1}".to_owned(), body, dialect: Dialect::RFC, text: code, tree: code });
    }
    // Under `arbitrary_precision` a tree keeps the text of a number, too.
    let is_kept = "1.00".parse().is_ok_and(|number: serde_json::Number| number.to_string() == "1.00");
    check(&Request {
        name: "a long number that is tested again and again",
        target: format!("{{\"a\":[1.{zeros}]}}"),
        body: operations(OPERATIONS, |_| "{\"op\":\"test\",\"path\":\"/a\",\"value\":[1]}".to_owned()),
        dialect: Dialect::RFC,
        text: "too-much-work",
        tree: if is_kept { "too-much-work" } else { "ok" },
    });
    for stored in ["1e1000000000", &format!("1{zeros}"), &format!("1e{zeros}9")] {
        let (name, target) = ("a stored number that no float reaches", format!("{{\"a\":{stored}}}"));
        let body = "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]".to_owned();
        check(&Request { name, target, body, dialect: Dialect::RFC, text: "test-failed", tree: "-" });
    }
}

#[test]
fn names_that_differ_only_by_case() {
    let _alone = alone();
    let cased: Vec<(char, char)> = ('a'..='p').map(|letter| (letter, letter.to_ascii_uppercase())).collect();
    // Letters that look alike, or fold alike: a Kelvin sign, a long s, a sharp s that is two of them.
    let confusable = [('k', '\u{212A}'), ('s', '\u{17F}'), ('K', 'k'), ('S', 's'), ('\u{1E9E}', '\u{DF}')].repeat(3);
    for (letters, count) in [(cased, MEMBERS), (confusable, MEMBERS / 2)] {
        let target = object((1..count).map(|choices| spelling(&letters, choices)));
        let absent = spelling(&letters, 0);
        let write = |_| format!("{{\"op\":\"add\",\"path\":\"/{absent}\",\"value\":1}}");
        for (name, body, dialect, text, tree) in [
            (
                "a name among its spellings",
                operations(1, write),
                Dialect::SUPEROFFICE,
                "ambiguous-name",
                "ambiguous-name",
            ),
            ("an exact name among its spellings", operations(10_000, write), Dialect::RFC, "ok", "ok"),
            (
                "a merge patch of a name's spellings",
                target.clone(),
                long(Dialect::SUPEROFFICE),
                "duplicate-name",
                "duplicate-name",
            ),
            ("a merge patch of the same members", target.clone(), long(Dialect::RFC), "ok", "ok"),
        ] {
            check(&Request { name, target: target.clone(), body, dialect, text, tree });
        }
    }
    // A Cyrillic a is not a Latin one, and equal to nothing here.
    check(&Request {
        name: "a letter that only looks the same",
        target: "{\"name\":1}".to_owned(),
        body: "[{\"op\":\"replace\",\"path\":\"/n\u{430}me\",\"value\":1}]".to_owned(),
        dialect: Dialect::SUPEROFFICE,
        text: "not-found",
        tree: "not-found",
    });
}

#[test]
fn names_that_stand_twice_at_depth() {
    let _alone = alone();
    for (open, close) in [("{\"a\":1,\"a\":", "}"), ("{\"a\":", ",\"\\u0061\":1}"), ("[{\"b\":", ",\"b\":2}]")] {
        let levels = if open.starts_with('[') { 60 } else { 120 };
        let body = open.repeat(levels) + "1" + &close.repeat(levels);
        for body in [body.clone(), format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":{body}}}]")] {
            let (code, name, target) = ("duplicate-name", "a duplicate name", "{\"a\":1}".to_owned());
            check(&Request { name, target, body, dialect: Dialect::RFC, text: code, tree: code });
        }
    }
}

#[test]
fn wide_objects() {
    let _alone = alone();
    let plain = object((0..MEMBERS).map(|number| format!("name{number}")));
    let escaped = object((0..MEMBERS).map(|number| format!("\\u006eame{number}")));
    for (name, target) in [("a wide object", plain), ("a wide object with escapes", escaped)] {
        for (prefix, dialect) in [
            ("name", Dialect::RFC),
            ("NAME", Dialect::SUPEROFFICE),
            ("other", Dialect::RFC),
            ("OTHER", Dialect::SUPEROFFICE),
        ] {
            let body = operations(OPERATIONS, |number| {
                format!("{{\"op\":\"add\",\"path\":\"/{prefix}{number}\",\"value\":[]}}")
            });
            check(&Request { name, target: target.clone(), body, dialect, text: "ok", tree: "ok" });
        }
        let body = operations(OPERATIONS, |number| format!("{{\"op\":\"remove\",\"path\":\"/name{number}\"}}"));
        let (text, tree) = ("not-found", "not-found");
        let fails = body.replace("]", ",{\"op\":\"remove\",\"path\":\"/name0\"}]");
        let dialect = long(Dialect::SUPEROFFICE);
        check(&Request {
            name: "removals that are taken back",
            target: target.clone(),
            body: fails,
            dialect,
            text,
            tree,
        });
        check(&Request { name, target: target.clone(), body, dialect: Dialect::SUPEROFFICE, text: "ok", tree: "ok" });
        let body = object((0..MEMBERS).map(|number| format!("Name{number}"))).replace(":1", ":2");
        let dialect = long(Dialect::SUPEROFFICE);
        check(&Request { name, target, body, dialect, text: "ok", tree: "ok" });
    }
}

#[test]
fn stored_entities() {
    let _alone = alone();
    let mut dialect = long(Dialect::SUPEROFFICE);
    dialect.limits.work = WORK;
    let webhook = |properties: &str| {
        format!("{{\"WebhookId\":1,\"State\":\"Active\",\"Events\":[],\"Properties\":{properties}}}")
    };
    let wide = object((0..MEMBERS).map(|number| format!("n{number}")));
    let inserts = operations(OPERATIONS, |_| "{\"op\":\"add\",\"path\":\"/events/0\",\"value\":\"e\"}".to_owned());
    let deep = "{\"a\":".repeat(125) + "1" + &"}".repeat(125);
    for (name, properties, body, stack, code) in [
        ("inserts into an array", "{}", &inserts, SMALL, "ok"),
        (
            "writes to a wide member",
            &wide,
            &operations(OPERATIONS, |number| {
                format!("{{\"op\":\"add\",\"path\":\"/PROPERTIES/N{number}\",\"value\":2}}")
            }),
            SMALL,
            "ok",
        ),
        ("a body as deep as it may be", "{}", &format!("{{\"Properties\":{deep}}}"), MEDIUM, "ok"),
        ("a stored text as deep as it may be", &deep, &"{\"name\":\"x\"}".to_owned(), MEDIUM, "ok"),
        (
            "a stored text that is too deep",
            &"[".repeat(500_000),
            &"{\"name\":\"x\"}".to_owned(),
            SMALL,
            "malformed-target",
        ),
        ("a body that does not end", "{}", &"{\"a\":".repeat(200_000), SMALL, "malformed-json"),
        (
            "a body that is too deep",
            "{}",
            &format!("{}1{}", "{\"a\":".repeat(150_000), "}".repeat(150_000)),
            SMALL,
            "too-deep",
        ),
    ] {
        let stored = webhook(properties);
        let memory = memory(&stored, body);
        let actual = measured(name, stack, memory, || {
            let result = patch_stored::<Webhook>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &dialect);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(actual, code, "{name}");
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Shelf {
    #[entity(nested)]
    items: Vec<Item>,
    #[serde(flatten)]
    #[entity(open)]
    rest: Map<String, Value>,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Item {
    name: String,
    #[entity(read_only)]
    made: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Rack {
    #[entity(nested)]
    shelves: BTreeMap<String, Shelf>,
}

struct Anyone;

impl Policy<Shelf> for Anyone {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        write.operation().is_some()
    }
}

/// Lists without a key, whose elements are distinguished by what is in them, and a map that keeps any member.
#[test]
fn lists_and_maps_of_entities() {
    let _alone = alone();
    let mut dialect = long(Dialect::RFC);
    dialect.limits.work = WORK;
    let items = |count: usize, item: &dyn Fn(usize) -> String| {
        let items: Vec<String> = (0..count).map(item).collect();
        format!("[{}]", items.join(","))
    };
    let alike = |count| items(count, &|_| r#"{"name":"a","made":1}"#.to_owned());
    let wide = object((0..MEMBERS).map(|number| format!("n{number}")));
    let shelf = |items: &str, wide: &str| format!(r#"{{"items":{items},{}"#, &wide[1..]);
    for (name, stored, body, code) in [
        (
            "a wide map is replaced",
            shelf("[]", &wide),
            format!(r#"[{{"op":"replace","path":"","value":{}}}]"#, shelf("[]", &wide.replace('n', "m"))),
            "ok",
        ),
        (
            "half of the elements, all alike, are sent back",
            shelf(&alike(MEMBERS), r#"{"a":1}"#),
            format!(r#"[{{"op":"replace","path":"/items","value":{}}}]"#, alike(MEMBERS / 2)),
            "ok",
        ),
        (
            "each element is edited",
            shelf(&alike(OPERATIONS), r#"{"a":1}"#),
            operations(OPERATIONS, |number| format!(r#"{{"op":"replace","path":"/items/{number}/name","value":"b"}}"#)),
            "ok",
        ),
        (
            "what the server writes is edited everywhere",
            shelf(&alike(OPERATIONS), r#"{"a":1}"#),
            operations(OPERATIONS, |number| format!(r#"{{"op":"replace","path":"/items/{number}/made","value":2}}"#)),
            "read-only",
        ),
    ] {
        let memory = memory(&stored, &body);
        let actual = measured(name, MEDIUM, memory, || {
            let result =
                patch_stored_with::<Shelf>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &dialect, &Anyone);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(actual, code, "{name}");
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Cellar {
    #[serde(default)]
    #[entity(opaque)]
    old: BTreeMap<String, Bottle>,
    #[serde(default)]
    #[entity(opaque)]
    new: BTreeMap<String, Bottle>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Bottle {
    name: String,
    year: u16,
}

/// What only a type can read is read again by every operation.
#[test]
fn what_types_read_again_and_again() {
    let _alone = alone();
    let mut dialect = long(Dialect::RFC);
    dialect.limits.work = WORK;
    let bottles: Vec<String> =
        (0..MEMBERS / 2).map(|number| format!(r#""n{number}":{{"name":"a","year":{number}}}"#)).collect();
    let stored = format!(r#"{{"old":{{{}}}}}"#, bottles.join(","));
    let body = |count| {
        operations(count, |number| match number % 2 {
            0 => r#"{"op":"move","from":"/old","path":"/new"}"#.to_owned(),
            _ => r#"{"op":"move","from":"/new","path":"/old"}"#.to_owned(),
        })
    };
    for (name, body, code) in [
        ("a map of structs is moved", body(1), "ok"),
        ("a map of structs is moved there and back", body(2), "ok"),
        ("a map of structs is moved to and fro", body(OPERATIONS), "too-much-work"),
    ] {
        let memory = memory(&stored, &body);
        let actual = measured(name, MEDIUM, memory, || {
            let result = patch_stored::<Cellar>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &dialect);
            result.map_or_else(|error| error.code(), |_| "ok")
        });
        assert_eq!(actual, code, "{name}");
    }
}

/// A map of entities is sent back as a whole, each with the members that no table declares in the opposite order.
#[test]
fn entities_with_wide_rests() {
    let _alone = alone();
    let mut dialect = long(Dialect::RFC);
    dialect.limits.work = WORK;
    let rack = |numbers: &mut dyn Iterator<Item = usize>| {
        let rest = object(numbers.map(|number| format!("n{number}")));
        format!(r#"{{"a":{{"items":[],{}}}"#, &rest[1..])
    };
    let stored = format!(r#"{{"shelves":{}}}"#, rack(&mut (0..MEMBERS)));
    let body = rack(&mut (0..MEMBERS).rev());
    let body = format!(r#"[{{"op":"replace","path":"/shelves","value":{body}}}]"#);
    let memory = memory(&stored, &body);
    let actual = measured("members in the opposite order", MEDIUM, memory, || {
        let result = patch_stored::<Rack>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &dialect);
        result.map_or_else(|error| error.code(), |patched| if patched.changed.is_empty() { "ok" } else { "changed" })
    });
    assert_eq!(actual, "ok");
}

/// A tree that is deeper than every limit, built by hand: it is patched, or not, without recursion.
#[test]
fn trees_that_are_deeper_than_the_limit() {
    let _alone = alone();
    let levels = 1_000_000;
    for (body, expected) in [
        ("[{\"op\":\"test\",\"path\":\"/a\",\"value\":[[[1]]]}]", "test-failed"),
        ("[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/b\"}]", "too-deep"),
        ("[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "too-deep"),
        ("[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"remove\",\"path\":\"/x\"}]", "not-found"),
        ("{\"A\":{\"b\":null}}", "ok"),
        ("[{\"op\":\"remove\",\"path\":\"/a\"}]", "ok"),
    ] {
        let mut target = serde_json::json!({"a": [], "b": 1});
        target["a"] = (1..levels).fold(Value::Array(Vec::new()), |value, _| Value::Array(vec![value]));
        let code = measured(body, MEDIUM, 64 * levels, || {
            let result = match body.starts_with('[') {
                true => {
                    let patch = Patch::parse(body.as_bytes(), &Dialect::RFC).expect("a patch");
                    apply(&mut target, &patch, &Dialect::RFC)
                }
                false => {
                    let patch = MergePatch::parse(body.as_bytes(), &Dialect::RFC).expect("a merge patch");
                    merge(&mut target, &patch, &Dialect::RFC)
                }
            };
            result.map_or_else(|error| error.code(), |()| "ok")
        });
        assert_eq!(code, expected, "{body}");
        // Its own drop would recurse.
        let mut value = target["a"].take();
        while let Value::Array(elements) = &mut value {
            let inner = elements.pop();
            value = inner.unwrap_or_default();
        }
    }
}

/// A struct whose default is much longer than what a client sends for it.
#[derive(Clone, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Line {
    text: String,
    notes: [Option<u8>; 16],
}

impl Default for Line {
    fn default() -> Line {
        Line { text: "a text of sixty-four bytes, which every line has by its default".to_owned(), notes: [None; 16] }
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Order {
    #[serde(default)]
    #[entity(nested)]
    lines: Vec<Line>,
    #[serde(default)]
    #[entity(opaque)]
    notes: Vec<Line>,
}

#[test]
fn defaults_do_not_grow_without_bounds() {
    /// What is read and written for a body, as a multiple of its length.
    const TIMES: usize = 250;

    let _alone = alone();
    for member in ["lines", "notes"] {
        for (count, expected) in [(1_000, "ok"), (200_000, "too-much-work")] {
            let body = format!("{{\"{member}\":[{}]}}", vec!["{}"; count].join(","));
            let memory = TIMES * body.len() + (8 << 20);
            let code = measured(&format!("{count} {member}"), MEDIUM, memory, || {
                let result = patch_stored::<Order>(b"{}", body.as_bytes(), Format::MergePatch, &Dialect::RFC);
                result.map_or_else(|error| error.code(), |_| "ok")
            });
            assert_eq!(code, expected, "{count} {member}");
        }
    }
}
