//! The schemas of bodies, asked by a validator of JSON Schema and compared with what the crate does.

mod properties;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use entity_patch::{
    Dialect, Entity, Format, MergePatch, Operation, Patch, Pointer, Violations,
    http::ProblemDetails,
    patch_stored,
    schema::{JsonPatchOf, MergePatchOf},
    superoffice::Webhook,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use crate::properties::{
    entities::{Comment, Company, Extra, Odd, Page, Profile, Settings},
    input,
    schema::{self as laws, schema, validator},
};

#[test]
fn schemas_are_what_the_crate_takes() {
    let config = Config { failure_persistence: None, cases: 3500, ..Config::default() };
    let (mut valid, mut taken) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner = TestRunner::new(config);
    let result = runner.run(&prop::collection::vec(any::<u8>(), 0..300), |choices| {
        let told = laws::check(&choices);
        valid.set(valid.get() + u32::from(told.is_valid));
        taken.set(taken.get() + u32::from(told.is_taken));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    // The laws are worth little if they are mostly about nothing.
    let (valid, taken) = (*valid.get_mut(), *taken.get_mut());
    assert!(
        valid > 500 && taken > 300,
        "{valid} of 3500 bodies have the schema, {taken} are taken and name what is writable"
    );
}

#[test]
fn every_seed_keeps_the_laws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/schema");
    let seeds: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert!(seeds.len() >= 10, "there are only {seeds:?}");
    for seed in seeds {
        // Shown where the seed fails.
        println!("{}", seed.display());
        input::schema(&fs::read(seed).expect("a seed"));
    }
}

/// A schema says nothing of what a client cannot write, and of what is hidden in no place.
#[test]
fn a_schema_tells_nothing_of_what_is_not_for_clients() {
    let texts = [
        (
            schema::<MergePatchOf<Company>>(),
            &["companyId", "apiKey", "Opened", "Vault", "inspected", "door", "since", "pin"][..],
        ),
        (schema::<JsonPatchOf<Company>>(), &["apiKey", "Vault", "door", "pin"]),
        (schema::<MergePatchOf<Comment>>(), &["author", "score"]),
        (schema::<JsonPatchOf<Comment>>(), &["score"]),
        (schema::<MergePatchOf<Profile>>(), &["Marker", "Badges", "stamp", "secret"]),
        (schema::<JsonPatchOf<Profile>>(), &["Marker", "secret"]),
        (schema::<MergePatchOf<Webhook>>(), &["WebhookId", "Registered", "Updated", "_Links"]),
    ];
    for (schema, names) in texts {
        let text = schema.to_string();
        for name in names {
            assert!(!text.contains(name), "{name} is in {text}");
        }
    }
}

/// The schema of an entity as a client reads it.
#[test]
fn a_merge_patch_of_an_entity_is_described() {
    let office = json!({
        "type": "object",
        "properties": {
            "Code": {"type": ["string", "null"]},
            "City": {"type": "string"},
            "Rooms": {"type": ["array", "null"], "items": {"$ref": "#/$defs/MergePatchOf_Company_offices_Rooms"}},
            "Manager": {"anyOf": [{"$ref": "#/$defs/MergePatchOf_Company_offices_Manager"}, {"type": "null"}]},
        },
        "additionalProperties": false,
        "required": ["City"],
    });
    let schema = schema::<MergePatchOf<Company>>();
    assert_eq!(schema["properties"]["name"], json!({"type": "string"}));
    let reference = |name: &str| json!({"$ref": format!("#/$defs/MergePatchOf_Company_{name}")});
    assert_eq!(schema["properties"]["head"], reference("head_merged"));
    assert_eq!(schema["properties"]["offices"], json!({"type": ["array", "null"], "items": reference("offices")}));
    let defined = schema["$defs"].as_object().expect("definitions");
    let names: Vec<&str> = defined.keys().map(|name| name.trim_start_matches("MergePatchOf_Company_")).collect();
    assert_eq!(names, ["head_Manager_merged", "head_Rooms", "head_merged", "offices", "offices_Manager"]);
    let mut expected = office;
    expected["properties"]["Rooms"]["items"] = reference("head_Rooms");
    assert_eq!(defined["MergePatchOf_Company_offices"], expected);
}

/// Members of every type that the crate knows without serde, in each other, and some that it does not know.
#[derive(Clone, Default, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Kinds {
    flag: bool,
    byte: u8,
    signed: i64,
    text: String,
    any: Value,
    members: serde_json::Map<String, Value>,
    maybe: Option<Option<u8>>,
    bytes: Vec<Option<u8>>,
    maybe_bytes: Option<Vec<u8>>,
    rows: Vec<Vec<bool>>,
    named: BTreeMap<String, String>,
    maybe_named: HashMap<String, Option<Vec<u8>>>,
    maps: BTreeMap<String, BTreeMap<String, Option<u8>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<u8>,
    #[serde(default = "seven")]
    seven: u8,
    #[entity(nested)]
    inner: Option<Box<Kinds>>,
    #[entity(nested)]
    grid: Vec<Vec<Kinds>>,
    #[entity(nested)]
    tree: BTreeMap<String, Option<Kinds>>,
    float: f64,
    letter: char,
    pair: (u8, String),
    three: [u8; 3],
    unit: (),
    by_number: BTreeMap<u8, u8>,
    #[entity(opaque)]
    opaque: Option<Box<Kinds>>,
    #[serde(deserialize_with = "of_anything")]
    length: usize,
}

fn seven() -> u8 {
    7
}

/// Takes null, and whatever else there is.
fn of_anything<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(Value::deserialize(deserializer)?.to_string().len())
}

/// What only serde knows.
const UNKNOWN: [&str; 8] = ["float", "letter", "pair", "three", "unit", "by_number", "opaque", "length"];

/// Every value in every member, by every operation, on an entity that has everything.
#[test]
fn each_type_of_a_member_is_described() {
    let own = json!({"bytes": [1, null], "maybe_bytes": [1], "rows": [[true], []], "named": {"a": "b"},
        "maybe_named": {"a": [1], "b": null}, "maps": {"a": {"b": 1, "c": null}}, "any": {"a": [1]}, "members": {"a": 1},
        "pair": [1, "a"], "by_number": {"1": 1}, "maybe": 1});
    let mut stored = own.clone();
    (stored["inner"], stored["grid"], stored["tree"]) = (own.clone(), json!([[own], []]), json!({"a": own, "b": null}));
    stored["opaque"] = own;
    let stored = json!(serde_json::from_value::<Kinds>(stored).expect("an entity")).to_string();
    let names: Vec<String> = json!(Kinds::default()).as_object().expect("an object").keys().cloned().collect();
    let names = names.iter().map(String::as_str).chain(["skipped"]);
    let values = [
        "null",
        "true",
        "1",
        "300",
        "-1",
        "1.5",
        "\"a\"",
        "[]",
        "{}",
        "[null]",
        "[1]",
        "[[]]",
        "[[true]]",
        "[[{}]]",
        "[{}]",
        "{\"a\":null}",
        "{\"a\":1}",
        "{\"a\":\"b\"}",
        "{\"a\":[]}",
        "{\"a\":[1]}",
        "{\"a\":{}}",
        "{\"a\":{\"b\":null}}",
        "{\"a\":{\"text\":\"b\"}}",
        "{\"text\":\"b\"}",
        "{\"text\":null}",
        "{\"nope\":1}",
        "[1,\"a\"]",
        "[1,2,3]",
        "[[{\"text\":\"b\"}]]",
    ];
    let (merge, patch) = (validator::<MergePatchOf<Kinds>>(), validator::<JsonPatchOf<Kinds>>());
    let mut counts = [0, 0];
    let mut check = |name: &str, body: Value, is_about_shape: bool| {
        let result =
            patch_stored::<Kinds>(stored.as_bytes(), body.to_string().as_bytes(), Format::ByShape, &Dialect::RFC);
        let is_valid = if body.is_array() { patch.is_valid(&body) } else { merge.is_valid(&body) };
        assert!(is_valid || result.is_err(), "{body} is taken");
        // Whether free JSON has an array is stored.
        let is_free = ["any", "members"].contains(&name);
        let is_refused = result.as_ref().is_err_and(|error| match error.code() {
            "test-failed" | "not-found" | "index-out-of-bounds" => false,
            "not-an-index" => !is_free,
            _ => true,
        });
        let is_known = is_about_shape && !UNKNOWN.contains(&name);
        assert!(!is_known || !is_valid || !is_refused, "{body}: {}", result.map(|_| ()).expect_err("it is refused"));
        counts[usize::from(is_valid)] += 1;
    };
    for name in names {
        let paths =
            ["", "/a", "/0", "/-", "/0/0", "/0/-", "/a/b", "/a/0", "/b", "/text", "/a/text", "/0/0/text", "/a/tree/b"];
        let paths: Vec<String> = paths.iter().map(|path| format!("/{name}{path}")).collect();
        for value in values.iter().map(|value| serde_json::from_str::<Value>(value).expect("JSON")) {
            check(name, json!({name: value}), true);
            check(name, json!({"inner": {name: value}}), true);
            check(name, json!({"tree": {"a": {name: value}, "c": {name: value}}}), true);
            for path in &paths {
                for op in ["add", "replace", "test"] {
                    check(name, json!([{"op": op, "path": path, "value": value}]), true);
                }
                check(name, json!([{"op": "add", "path": format!("/grid/0/0{path}"), "value": value}]), true);
            }
        }
        for path in &paths {
            check(name, json!([{"op": "remove", "path": path}]), true);
            check(name, json!([{"op": "remove", "path": format!("/tree/a{path}")}]), true);
            // The body does not show what is carried.
            for op in ["move", "copy"] {
                check(name, json!([{"op": op, "from": path, "path": "/any"}]), false);
                check(name, json!([{"op": op, "from": "/any", "path": path}]), false);
                check(name, json!([{"op": op, "from": path, "path": path}]), false);
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5_000), "{counts:?}");
}

/// A member of each kind, and nothing that it needs not have.
#[derive(Clone, Serialize, Deserialize, Entity)]
struct Shelf {
    name: String,
    number: u64,
    note: Option<i8>,
    codes: Vec<Option<u8>>,
    tags: BTreeMap<String, Vec<String>>,
    #[entity(nested)]
    rows: Vec<Vec<Lid>>,
    #[entity(nested)]
    lids: BTreeMap<String, Option<Lid>>,
    #[entity(nested)]
    caps: BTreeMap<String, Lid>,
    #[entity(nested)]
    spare: Option<Extra>,
    #[entity(read_only)]
    id: u8,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Lid {
    color: String,
}

/// What the schemas say, one sentence each.
#[test]
fn a_body_has_the_schema_or_not() {
    let (merge, patch) = (validator::<MergePatchOf<Shelf>>(), validator::<JsonPatchOf<Shelf>>());
    let operation = |op: &str, path: &str, value: Option<Value>| {
        let mut operation = json!({"op": op, "path": path});
        if let Some(value) = value {
            operation["value"] = value;
        }
        json!([operation])
    };
    let with = |op: &str, path: &str, value: Value| operation(op, path, Some(value));
    for (body, is_taken) in [
        (json!({"name": "a", "number": u64::MAX, "note": -128, "codes": [255, null]}), true),
        (json!({"note": null, "spare": null, "lids": {"a": null, "b": {"color": "red"}}}), true),
        (json!({"name": null}), false),
        (json!({"number": -1}), false),
        (json!({"note": 128}), false),
        (json!({"codes": null}), false),
        (json!({"id": 1}), false),
        (json!({"lids": {"b": {}}}), true),
        (json!({"caps": {"b": {}, "c": null}}), true),
        (json!({"rows": [[{"color": "red"}]]}), true),
        (json!({"rows": [[{}]]}), false),
        (json!({"tags": {"a": null}}), true),
        (json!({"tags": {"a": [null]}}), false),
        (with("add", "/rows/0/-", json!({"color": "red"})), true),
        (with("add", "/rows/0/-", json!({})), false),
        (with("replace", "/rows/0/-", json!({"color": "red"})), false),
        (with("add", "/lids/a", json!(null)), true),
        (with("add", "/caps", json!({"a": {"color": "red"}})), true),
        (with("add", "/caps", json!({"a": null})), false),
        (with("add", "/lids/a/color", json!("red")), true),
        (with("add", "/codes/-", json!(null)), true),
        (with("add", "/tags/a/0", json!("b")), true),
        (with("add", "/tags/a/0", json!(1)), false),
        (with("add", "/id", json!(1)), false),
        (with("add", "/spare/any", json!([1])), true),
        (with("test", "/name", json!(1)), true),
        (with("test", "/id", json!(1)), true),
        (with("test", "/codes/0", json!(1)), true),
        (with("test", "/tags/a/0", json!(1)), true),
        (with("test", "/other", json!(1)), false),
        (with("test", "/spare/other", json!(1)), true),
        (with("test", "/spare", json!(null)), true),
        (with("test", "/lids", json!(null)), false),
        (with("test", "/lids/a", json!({})), true),
        (with("test", "/lids/a", json!(1)), false),
        (with("test", "/rows/0", json!([{}])), true),
        (with("test", "/rows", json!([[{"nope": 1}]])), false),
        (with("test", "", json!({"name": 1, "rows": [[{}]], "spare": {"other": 1}})), true),
        (with("test", "", json!({"other": 1})), false),
        (operation("remove", "/note", None), true),
        (operation("remove", "/name", None), false),
        (operation("remove", "/rows/0/0", None), true),
        (json!([{"op": "copy", "from": "/id", "path": "/note"}]), true),
        (json!([{"op": "move", "from": "/id", "path": "/note"}]), false),
        (json!([{"op": "move", "from": "/rows/0/0", "path": "/rows/1/-"}]), true),
    ] {
        let validator = if body.is_array() { &patch } else { &merge };
        assert_eq!(validator.is_valid(&body), is_taken, "{body}");
    }
    // Null is said once, whoever takes it.
    let lid = json!({"anyOf": [{"$ref": "#/$defs/MergePatchOf_Shelf_lids_merged"}, {"type": "null"}]});
    let schema = schema::<MergePatchOf<Shelf>>();
    assert_eq!(schema["properties"]["lids"], json!({"type": "object", "additionalProperties": lid}));
}

/// Two versions of an API, whose entities have the same names.
mod v1 {
    #[derive(Clone, serde::Serialize, serde::Deserialize, entity_patch::Entity)]
    pub(super) struct User {
        #[entity(nested)]
        address: Address,
    }

    #[derive(Clone, serde::Serialize, serde::Deserialize, entity_patch::Entity)]
    pub(super) struct Address {
        street: String,
    }
}

mod v2 {
    #[derive(Clone, serde::Serialize, serde::Deserialize, entity_patch::Entity)]
    pub(super) struct User {
        #[entity(nested)]
        address: Address,
    }

    #[derive(Clone, serde::Serialize, serde::Deserialize, entity_patch::Entity)]
    pub(super) struct Address {
        lines: Vec<String>,
    }
}

/// A type of a server's own that has the name of one of the crate's.
struct JsonPointer;

impl JsonSchema for JsonPointer {
    fn schema_name() -> Cow<'static, str> {
        "JsonPointer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "boolean"})
    }
}

/// Whatever one generator makes, in whatever order, each schema refers to its own definitions.
#[test]
fn schemas_of_one_name_are_kept_apart() {
    type Make = fn(&mut SchemaGenerator) -> schemars::Schema;
    // How a schema is made, a body that it takes, and one that it does not take.
    let rows: [(Make, Value, Value); 6] = [
        (
            |generator| generator.subschema_for::<MergePatchOf<v1::User>>(),
            json!({"address": {"street": "Elm"}}),
            json!({"address": {"lines": ["Elm"]}}),
        ),
        (
            |generator| generator.subschema_for::<MergePatchOf<v2::User>>(),
            json!({"address": {"lines": ["Elm"]}}),
            json!({"address": {"street": "Elm"}}),
        ),
        (
            |generator| generator.subschema_for::<JsonPatchOf<v1::User>>(),
            json!([{"op": "add", "path": "/address", "value": {"street": "Elm"}}]),
            json!([{"op": "add", "path": "/address", "value": {"lines": ["Elm"]}}]),
        ),
        (
            |generator| generator.subschema_for::<JsonPatchOf<v2::User>>(),
            json!([{"op": "add", "path": "/address", "value": {"lines": ["Elm"]}}]),
            json!([{"op": "add", "path": "/address", "value": {"street": "Elm"}}]),
        ),
        (
            |generator| generator.subschema_for::<Patch>(),
            json!([{"op": "remove", "path": "/a"}]),
            json!([{"op": "remove", "path": true}]),
        ),
        (|generator| generator.subschema_for::<JsonPointer>(), json!(true), json!("/a")),
    ];
    for first in 0..rows.len() {
        let mut generator = SchemaGenerator::new(SchemaSettings::draft07().with(|settings| {
            settings.definitions_path = "#/$defs/".into();
        }));
        let order = (0..rows.len()).map(|index| &rows[(first + index) % rows.len()]);
        // Making one again changes nothing.
        let made: Vec<_> = order.clone().chain(order).map(|(make, ..)| Value::from(make(&mut generator))).collect();
        let (made, again) = made.split_at(rows.len());
        assert_eq!(made, again);
        let definitions = Value::from(generator.take_definitions(true));
        for (index, reference) in made.iter().enumerate() {
            let (_, taken, refused) = &rows[(first + index) % rows.len()];
            let mut schema = reference.clone();
            schema["$defs"] = definitions.clone();
            let validator = jsonschema::draft202012::new(&schema).expect("a schema");
            assert!(validator.is_valid(taken), "{taken} by {schema:#}");
            assert!(!validator.is_valid(refused), "{refused} by {schema:#}");
        }
    }
}

/// Entities that all contain each other.
macro_rules! ring {
    ($($name:ident),*) => {
        ring!(@ ($($name)*) $($name)*);
    };
    (@ $all:tt $($name:ident)*) => {
        $(ring!(# $name $all);)*
    };
    (# $name:ident ($($member:ident)*)) => {
        #[derive(Clone, Default, Serialize, Deserialize, Entity)]
        #[serde(default)]
        #[allow(non_snake_case)]
        struct $name {
            $(#[entity(nested)]
            $member: Vec<$member>,)*
            text: String,
        }
    };
}

ring!(Ring1, Ring2, Ring3, Ring4, Ring5, Ring6, Ring7);

/// Exact patterns of all paths in such entities are megabytes long.
#[test]
fn entities_that_contain_each_other_have_a_short_schema() {
    let schema = schema::<JsonPatchOf<Ring1>>();
    assert!(schema.to_string().len() < 500_000, "{}", schema.to_string().len());
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    for (path, is_known) in [
        ("/text", true),
        ("/Ring4/0/text", true),
        ("/Ring2/0/Ring1/10/Ring7/0/Ring7/3/Ring2/1/text", true),
        ("/Ring2/0/Ring1/10/Ring7/0/Ring8/3/Ring2/1/text", false),
        ("/Ring2/Ring1/0/text", false),
        ("/Ring2/01/text", false),
    ] {
        let body = json!([{"op": "add", "path": path, "value": "a"}]);
        assert_eq!(validator.is_valid(&body), is_known, "{path}");
    }
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Open<V> {
    name: String,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, V>,
}

/// The values of an open map are described, where serde need not be asked.
#[test]
fn an_open_map_has_the_values_that_it_takes() {
    fn check<E: Entity>(is_exact: bool) {
        let stored = r#"{"name": "n", "a": [1]}"#;
        let (merge, patch) = (validator::<MergePatchOf<E>>(), validator::<JsonPatchOf<E>>());
        let values = ["1", "\"a\"", "null", "{}", "[]", "[2]", "[null]", "[\"a\"]"];
        let operation =
            |path: &'static str| move |value| format!(r#"[{{"op": "add", "path": "{path}", "value": {value}}}]"#);
        let bodies = values.iter().map(|value| format!(r#"{{"b": {value}}}"#));
        let bodies = bodies.chain(values.iter().map(operation("/b"))).chain(values.iter().map(operation("/a/-")));
        let bodies = bodies.chain(
            ["/a", "/a/0", "/a/x", "/name", "/name/x"].map(|path| format!(r#"[{{"op": "remove", "path": "{path}"}}]"#)),
        );
        let mut taken = 0;
        for body in bodies {
            let result = patch_stored::<E>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
            let validator = if body.starts_with('{') { &merge } else { &patch };
            let is_valid = validator.is_valid(&serde_json::from_str(&body).expect("JSON"));
            assert!(is_valid || result.is_err(), "{body} is taken");
            assert!(!is_exact || !is_valid || result.is_ok(), "{body}: {:?}", result.err());
            taken += u32::from(is_valid);
        }
        assert!(taken > 5, "{taken}");
    }
    check::<Numbers>(true);
    check::<Open<Vec<u8>>>(false);
    check::<Open<Value>>(false);
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Numbers {
    name: String,
    #[serde(flatten)]
    #[entity(open)]
    others: BTreeMap<String, Vec<u8>>,
}

/// Every operation that can be put together from these parts: the schema takes what the parser takes.
#[test]
fn an_operation_is_what_the_parser_takes() {
    let (operation, patch) = (validator::<Operation>(), validator::<Patch>());
    let names = [
        json!("add"),
        json!("remove"),
        json!("replace"),
        json!("move"),
        json!("copy"),
        json!("test"),
        json!("ADD"),
        json!(1),
    ];
    let paths =
        [None, Some(json!("")), Some(json!("/a/~0~1/-")), Some(json!("a")), Some(json!("/~2")), Some(json!(["/a"]))];
    let values = [None, Some(json!(null)), Some(json!({"a": [1]}))];
    for name in &names {
        for (path, from) in paths.iter().flat_map(|path| paths.iter().map(move |from| (path, from))) {
            for value in &values {
                let mut body = json!({"op": name, "other": 1});
                for (member, given) in [("path", path), ("from", from), ("value", value)] {
                    if let Some(given) = given {
                        body[member] = given.clone();
                    }
                }
                let list = json!([body]);
                let is_taken = Patch::parse(list.to_string().as_bytes(), &Dialect::RFC).is_ok();
                assert_eq!(operation.is_valid(&body), is_taken, "{body}");
                assert_eq!(patch.is_valid(&list), is_taken, "{list}");
            }
        }
    }
    for (body, is_patch) in [(json!([]), true), (json!({}), false), (json!([[]]), false), (json!(null), false)] {
        assert_eq!(patch.is_valid(&body), is_patch, "{body}");
        assert!(validator::<MergePatch>().is_valid(&body), "{body}");
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_pointer_is_what_the_parser_takes(text in "[/~01a\\n\u{e9}\u{1F600}-]{0,8}") {
        prop_assert_eq!(validator::<Pointer>().is_valid(&json!(text)), Pointer::parse(&text).is_ok());
    }

    #[test]
    fn problem_details_are_what_is_written(status: u16, parts in 0..64_u8, text in ".{0,8}") {
        let mut problem = ProblemDetails::new(status, text.clone(), text.clone());
        let has = |part: u8| parts & (1 << part) != 0;
        if has(0) {
            problem = problem.with_type(text.clone(), text.clone());
        }
        if has(1) {
            problem = problem.with_instance(text.clone());
        }
        if has(2) {
            let mut violations = Violations::default();
            violations.add(Pointer::from_tokens([&text]), text.clone(), text.clone());
            problem = problem.with_errors(violations);
        }
        if has(3) {
            problem = problem.with(text.clone(), json!([text]));
        }
        prop_assert!(validator::<ProblemDetails>().is_valid(&json!(problem)), "{}", json!(problem));
    }
}

#[test]
fn problem_details_of_errors_are_described() {
    let validator = validator::<ProblemDetails>();
    let stored = r#"{"author": "a", "text": "b"}"#;
    for body in [r#"{"text": 1}"#, r#"[{"op": "remove", "path": "/replies/7"}]"#, "{", r#"{"nope": 1}"#, "[1]"] {
        let error = patch_stored::<Comment>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
        let problem = json!(ProblemDetails::from(error.expect_err("it is refused")));
        assert!(validator.is_valid(&problem), "{problem}");
        assert!(problem["status"].as_u64() >= Some(400), "{problem}");
    }
    for problem in [json!({"type": 1, "detail": "", "code": ""}), json!({"type": "", "detail": ""}), json!([])] {
        assert!(!validator.is_valid(&problem), "{problem}");
    }
}

/// A document of an API, as the macros of `utoipa` write it.
#[allow(clippy::exhaustive_structs, dead_code, reason = "the macros write it")]
mod api {
    use super::*;

    type CommentPatch = JsonPatchOf<Comment>;
    type CommentMergePatch = MergePatchOf<Comment>;

    #[utoipa::path(
        patch,
        path = "/comments/{id}",
        request_body(content(
            (CommentPatch = "application/json-patch+json"),
            (CommentMergePatch = "application/merge-patch+json"),
        )),
        responses((status = 422, body = ProblemDetails, content_type = "application/problem+json"))
    )]
    fn change_comment() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(change_comment), components(schemas(Patch, MergePatch)))]
    pub(super) struct Api;
}

/// What `utoipa` has is what `schemars` has, but for where it is; and each reference of a document leads somewhere.
#[test]
fn utoipa_has_the_same_schemas() {
    fn same<T: JsonSchema + ToSchema>(name: &str) {
        assert_eq!((<T as ToSchema>::name(), <T as JsonSchema>::schema_name()), (name.into(), name.into()));
        let mut expected = schema::<T>();
        let members = expected.as_object_mut().expect("an object");
        let definitions = members.remove("$defs").unwrap_or_else(|| json!({}));
        members.remove("$schema");
        members.remove("title");
        let here = |value: &Value| -> Value {
            serde_json::from_str(&value.to_string().replace("#/$defs/", "#/components/schemas/")).expect("JSON")
        };
        assert_eq!(json!(<T as PartialSchema>::schema()), here(&expected), "{name}");
        let mut schemas = Vec::new();
        <T as ToSchema>::schemas(&mut schemas);
        let schemas: serde_json::Map<String, Value> =
            schemas.iter().map(|(name, schema)| (name.clone(), json!(schema))).collect();
        assert_eq!(Value::from(schemas), here(&definitions), "{name}");
    }
    same::<Pointer>("JsonPointer");
    same::<Operation>("JsonPatchOperation");
    same::<Patch>("JsonPatch");
    same::<MergePatch>("MergePatch");
    same::<ProblemDetails>("ProblemDetails");
    same::<JsonPatchOf<Company>>("JsonPatchOf_Company");
    same::<MergePatchOf<Company>>("MergePatchOf_Company");
    same::<JsonPatchOf<Comment>>("JsonPatchOf_Comment");
    same::<MergePatchOf<Comment>>("MergePatchOf_Comment");
    same::<JsonPatchOf<Page<Settings>>>("JsonPatchOf_Page_Settings");
    same::<MergePatchOf<Page<Settings>>>("MergePatchOf_Page_Settings");
    same::<JsonPatchOf<Profile>>("JsonPatchOf_Profile");
    same::<JsonPatchOf<Odd>>("JsonPatchOf_Odd");
    same::<MergePatchOf<Odd>>("MergePatchOf_Odd");
    same::<MergePatchOf<Webhook>>("MergePatchOf_Webhook");
    same::<JsonPatchOf<Webhook>>("JsonPatchOf_Webhook");

    let document = json!(<api::Api as utoipa::OpenApi>::openapi());
    let text = document.to_string();
    let references: Vec<&str> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 10, "{document:#}");
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference} leads nowhere in {document:#}");
    }
}
