//! What the small public types say of themselves: their parts, their texts, what they are made from. Each table is one
//! type; what patches do is in `conformance.rs`.

use entity_patch::{
    Dialect, Entity, Error, Format, Limits, MergePatch, Operation, Patch, PatchDocument, Pointer, apply,
    http::{
        EntityTag, HttpDate, Outcome, PatchBody, Preconditions, Preferences, ProblemDetails, Purpose, Reply,
        RequestHead, Validators, declared_name, put,
    },
    merge, patch, patch_json, patch_stored,
    superoffice::{Associate, DateTime, Save, Webhook, WebhookState, save},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[test]
fn pointers() {
    // The pointer that a text is with its leading slash required, and with it optional.
    for (text, strict, lenient) in [
        ("", Ok(""), Ok("")),
        ("/", Ok("/"), Ok("/")),
        ("/a/~0~1", Ok("/a/~0~1"), Ok("/a/~0~1")),
        ("a/b", Err(0), Ok("/a/b")),
        ("/a/~", Err(3), Err(3)),
        ("a~1~2", Err(0), Err(3)),
    ] {
        let owned = |result: Result<&str, usize>| result.map(str::to_owned);
        let parsed = |result: Result<Pointer, entity_patch::ParsePointerError>| {
            result.map(|pointer| pointer.to_string()).map_err(|error| error.offset())
        };
        assert_eq!(parsed(Pointer::parse(text)), owned(strict), "{text}");
        assert_eq!(parsed(text.parse()), owned(strict), "{text}");
        assert_eq!(parsed(Pointer::parse_optional_slash(text)), owned(lenient), "{text}");
        assert_eq!(parsed(text.try_into()), owned(strict), "{text}");
        assert_eq!(parsed(text.to_owned().try_into()), owned(strict), "{text}");
        if let Ok(pointer) = Pointer::parse(text) {
            assert_eq!(Pointer::from(&pointer), pointer);
            assert_eq!((pointer.is_root(), format!("{pointer:?}")), (text.is_empty(), format!("{text:?}")));
        }
    }
    let mut pointer = Pointer::ROOT;
    pointer.push("a/b");
    pointer.push_index(10);
    assert_eq!(pointer.as_str(), "/a~1b/10");
}

#[test]
fn patches() {
    let operations = vec![
        Operation::Remove { path: Pointer::ROOT },
        Operation::Test { path: Pointer::ROOT, value: json!({"a": [1]}) },
    ];
    let patch = Patch::new(operations.clone());
    assert_eq!(patch.operations(), operations);
    let (remove, test) = (r#"{"op":"remove","path":""}"#, r#"{"op":"test","path":"","value":{"a":[1]}}"#);
    for (patch, line, lines) in [
        (Patch::default(), "[]".to_owned(), "[]".to_owned()),
        (patch.clone(), format!("[{remove},{test}]"), format!("[\n  {remove},\n  {test}\n]")),
    ] {
        assert_eq!((format!("{patch}"), format!("{patch:#}")), (line, lines));
    }
    assert_eq!(PatchDocument::from(patch.clone()), PatchDocument::JsonPatch(patch.clone()));
    assert_eq!(patch.into_operations(), operations);
    let merge = MergePatch::new(json!({"a": null}));
    assert_eq!(PatchDocument::from(merge.clone()), PatchDocument::MergePatch(merge.clone()));
    assert_eq!(merge.into_value(), json!({"a": null}));
    // As a `Value` is read; the body of a request goes through `Patch::parse`.
    let twice = r#"[{"op":"add","path":"/a","value":{"b":1,"b":2}}]"#;
    let read: Patch = serde_json::from_str(twice).expect("a patch");
    assert_eq!(read.to_string(), r#"[{"op":"add","path":"/a","value":{"b":2}}]"#);
    assert_eq!(Patch::parse(twice.as_bytes(), &Dialect::RFC).map_err(|error| error.code()), Err("duplicate-name"));
    // The message of serde's own says what was expected.
    let error = serde_json::from_value::<Patch>(json!([1])).expect_err("it is no operation");
    assert!(error.to_string().contains("an operation of a JSON Patch"), "{error}");
}

/// What no body brings in, a patch that is built by hand may.
/// What was read under one dialect holds the limits and the rules of another one as well.
#[test]
fn merge_patches_are_used_under_another_dialect() {
    let parse = |body: &str, dialect| match PatchDocument::parse(body.as_bytes(), Format::MergePatch, dialect) {
        Ok(PatchDocument::MergePatch(patch)) => patch,
        other => panic!("{other:?}"),
    };
    let mut shallow = Dialect::RFC;
    shallow.limits.depth = 2;
    for (depth, expected) in [(1, None), (2, None), (3, Some("too-deep"))] {
        let body = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        let merged = merge(&mut json!({}), &parse(&body, &Dialect::RFC), &shallow);
        assert_eq!(merged.err().map(|error| error.code()), expected, "{body}");
    }
    // Two names that are one where case is ignored are written one after the other.
    let twins = r#"{"a":{"x":1},"A":{"y":2}}"#;
    let mut target = json!({"a": {"z": 0}});
    merge(&mut target, &parse(twins, &Dialect::RFC), &Dialect::SUPEROFFICE).expect("it merges");
    assert_eq!(target, json!({"a": {"x": 1, "y": 2, "z": 0}}));
    assert!(PatchDocument::parse(twins.as_bytes(), Format::MergePatch, &Dialect::SUPEROFFICE).is_err());
    assert_ne!(parse(twins, &Dialect::RFC), MergePatch::new(json!({"a": {"x": 1}})));
    // Without such names, or where case tells them apart, no path is written that counts.
    let mut exact = Dialect::RFC;
    let mut folded = Dialect::SUPEROFFICE;
    (exact.limits.copied_bytes, folded.limits.copied_bytes) = (0, 0);
    for (body, dialect) in [(r#"{"a":{"x":1},"A":null}"#, exact), (r#"{"A":{"X":1}}"#, folded)] {
        let mut target = json!({"a": {"x": 0}});
        merge(&mut target, &parse(body, &Dialect::RFC), &dialect).expect("it merges");
        assert_eq!(target, json!({"a": {"x": 1}}));
    }
    let mut none = Dialect::SUPEROFFICE;
    none.limits.copied_bytes = 0;
    assert!(merge(&mut json!({"a": {"z": 0}}), &parse(twins, &Dialect::RFC), &none).is_err(), "with them some are");
}

/// They may hold what is deeper than the stack of the thread that drops them.
#[test]
fn deep_patches_are_dropped() {
    let deep = || (0..100_000).fold(json!(1), |value, _| Value::Array(vec![value]));
    drop(Patch::new(vec![Operation::Test { path: Pointer::ROOT, value: deep() }]));
    drop(MergePatch::new(deep()));
}

#[test]
fn patches_that_are_built_by_hand() {
    let [a, b] = ["/a", "/b"].map(|path| path.parse::<Pointer>().expect("a pointer"));
    let target = json!({"a": 1});
    for operation in [Operation::Move { from: a.clone(), path: b.clone() }, Operation::Copy { from: a, path: b }] {
        let patch = Patch::new(vec![operation]);
        for (dialect, expected) in [(Dialect::RFC, None), (Dialect::SUPEROFFICE, Some((422, "unsupported-operation")))]
        {
            let mut tree = target.clone();
            let error = apply(&mut tree, &patch, &dialect).err();
            assert_eq!(error.as_ref().map(|error| (error.status(), error.code())), expected, "{patch}");
            assert_eq!(error.map(|error| ProblemDetails::from(error).status()), expected.map(|(status, _)| status));
            assert_eq!(tree == target, expected.is_some(), "{patch}");
        }
    }
    // No value of an operation is deeper than the limit, not even one that is only compared.
    let deep = (0..128).fold(json!(1), |value, _| json!([value]));
    for value in [deep.clone(), json!(1)] {
        let is_deep = value.is_array();
        let patch = Patch::new(vec![Operation::Test { path: "/a".parse().expect("a pointer"), value }]);
        let code = apply(&mut target.clone(), &patch, &Dialect::RFC).err().map(|error| error.code());
        assert_eq!(code, is_deep.then_some("too-deep"), "{patch}");
    }
    let merged = merge(&mut target.clone(), &MergePatch::new(json!({"a": deep.clone()})), &Dialect::RFC);
    assert_eq!(merged.err().map(|error| error.code()), Some("too-deep"));
    let deep_object = (0..128).fold(json!({}), |value, _| json!({"a": value}));
    for (target, patch, dialect, expected) in [
        (json!(1), &deep, Dialect::RFC, "too-deep"),
        (json!({}), &deep_object, Dialect::RFC, "too-deep"),
        (json!({"a": 1}), &deep_object, Dialect::SUPEROFFICE, "too-deep"),
        (json!({"a": 1}), &json!([]), Dialect::SUPEROFFICE, "not-an-object"),
        (json!(1), &json!(2), Dialect::SUPEROFFICE, "not-an-object"),
    ] {
        let mut merged = target.clone();
        let error = merge(&mut merged, &MergePatch::new(patch.clone()), &dialect).expect_err(expected);
        assert_eq!((error.code(), merged), (expected, target));
    }
    let webhook = Webhook::default();
    let [name, secret, inner] = ["/Name", "/Secret", "/Properties/x"].map(|path| path.parse().expect("a pointer"));
    let deep = (0..127).fold(json!(1), |value, _| json!([value]));
    for (document, expected) in [
        (
            PatchDocument::JsonPatch(Patch::new(vec![Operation::Move { from: name, path: secret }])),
            "unsupported-operation",
        ),
        (PatchDocument::JsonPatch(Patch::new(vec![Operation::Add { path: inner, value: deep.clone() }])), "too-deep"),
        (PatchDocument::MergePatch(MergePatch::new(json!({"Properties": {"x": deep.clone()}}))), "too-deep"),
        // What no member would take, too.
        (PatchDocument::MergePatch(MergePatch::new(json!({"Other": deep}))), "too-deep"),
    ] {
        let error = patch(&webhook, &document, &Dialect::SUPEROFFICE).expect_err(expected);
        assert_eq!((error.status(), error.code()), (422, expected));
    }
    // No body brings two names of one member; by hand they are applied one after the other.
    for (target, expected) in [(json!({}), json!({"NAME": 3})), (json!({"name": 1}), json!({"name": 3}))] {
        let mut merged = target.clone();
        let patch = MergePatch::new(json!({"NAME": 2, "Name": 3}));
        merge(&mut merged, &patch, &Dialect::SUPEROFFICE).expect("it applies");
        assert_eq!(merged, expected, "{patch} on {target}");
    }
    let patch = MergePatch::new(json!({"a": null, "b": [1]}));
    assert_eq!(patch.to_string(), r#"{"a":null,"b":[1]}"#);
    assert_eq!((Dialect::default(), Limits::default()), (Dialect::RFC, Limits::DEFAULT));
    let Limits { body_bytes, operations, pointer_bytes, depth, copied_bytes, work, .. } = Limits::DEFAULT;
    assert_eq!((body_bytes, operations, pointer_bytes), (1_048_576, 10_000, 4096));
    assert_eq!((depth, copied_bytes, work), (127, 4_194_304, 67_108_864));
}

#[test]
fn dates() {
    for (text, seconds) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T05:45:00+05:45", 0),
        ("1969-12-31T18:13:00.1234567-05:47", 0),
        ("2021-01-15T18:25:51", 1_610_735_151),
    ] {
        let date: DateTime = text.parse().expect("a date-time");
        assert_eq!((date.to_string(), format!("{date:?}")), (text.to_owned(), format!("{text:?}")));
        let date = HttpDate::try_from(&date).expect("a year of four digits");
        assert_eq!(date.unix_seconds(), seconds, "{text}");
    }
    let date = HttpDate::from_unix_seconds(1_610_735_151).expect("a date");
    assert_eq!(date.to_string(), "Fri, 15 Jan 2021 18:25:51 GMT");
}

#[test]
fn entity_tags() {
    for (text, is_weak) in [(r#""7""#, false), (r#"W/"7""#, true), (r#""""#, false)] {
        let tag: EntityTag = text.parse().expect("a tag");
        assert_eq!((tag.is_weak(), tag.to_string()), (is_weak, text.to_owned()));
    }
    assert_eq!(EntityTag::of_version(7).to_string(), r#""7""#);
    assert_eq!(Validators::of_version(7).tags, [EntityTag::of_version(7)]);
}

#[test]
fn preconditions() {
    let current = Validators::of_version(7);
    for (header, tag, read, write) in [
        ("If-None-Match", r#""7""#, Outcome::NotModified, Outcome::Failed),
        ("If-None-Match", r#""6""#, Outcome::Proceed, Outcome::Proceed),
        ("If-Match", r#""6""#, Outcome::Failed, Outcome::Failed),
    ] {
        let preconditions = Preconditions::from_headers([(header, tag.as_bytes())]);
        assert_eq!(preconditions.evaluate(Purpose::Read, Some(&current)), read, "{header}: {tag}");
        assert_eq!(preconditions.evaluate(Purpose::Write, Some(&current)), write, "{header}: {tag}");
    }
    let preconditions = Preconditions::from_headers([("If-Match", &b"\"6\""[..])]);
    let failed = preconditions.check(&current).expect_err("it is another version");
    assert_eq!((failed.status(), failed.code()), (412, "precondition-failed"));
    let problem = ProblemDetails::from(failed);
    assert_eq!((problem.status(), problem.code(), problem.title()), (412, failed.code(), Some("Precondition Failed")));
}

#[test]
fn replies() {
    let head = RequestHead::from_headers([("prefer", &b"return=minimal"[..])]);
    let patch = PatchBody::new(head, b"{}".to_vec()).expect("a patch");
    let preferences = Preferences::from_lines(["return=minimal"]);
    assert_eq!(patch.preferences(), &preferences);

    let reply = Reply::json(b"{}".to_vec()).with_header("location", "/7");
    assert_eq!((reply.status(), reply.body()), (200, &b"{}"[..]));
    assert_eq!((reply.header("location"), reply.header("Location")), (Some("/7"), None));
    let minimal = Reply::new(204).with_header("location", "/7").with_header("preference-applied", "return=minimal");
    assert_eq!(reply.clone().with_preferences(&preferences), minimal);
    assert_eq!(reply.clone().with_preferences(&Preferences::default()), reply);
}

#[test]
fn problems() {
    let error: Error = patch_json(b"{}", br#"[{"op":"test","path":"/a","value":1}]"#, Format::ByShape, &Dialect::RFC)
        .expect_err("the path does not exist");
    let problem = ProblemDetails::from(&error);
    assert_eq!((problem.status(), problem.code(), problem.title()), (409, "not-found", Some("Conflict")));
    assert_eq!((problem.detail(), problem.operation()), ("operation 0 at `/a`: `/a` is missing", Some(0)));
    assert_eq!(problem.path().map(Pointer::as_str), Some("/a"));
    let problem = ProblemDetails::new(599, "own", "detail");
    assert_eq!((problem.status(), problem.code(), problem.title()), (599, "own", None));
    assert_eq!((problem.detail(), problem.operation(), problem.path()), ("detail", None, None));

    let problem = problem.with("ErrorSource", "example");
    let json = r#"{"type":"about:blank","status":599,"detail":"detail","code":"own","ErrorSource":"example"}"#;
    assert_eq!(serde_json::to_string(&problem).expect("a problem is JSON"), json);

    for text in ["{", "[]", "{\n \"State\": 01}"] {
        let patched = patch_stored::<Webhook>(text.as_bytes(), b"[]", Format::ByShape, &Dialect::RFC);
        let put = put::<Webhook>(text.as_bytes(), b"{}", &Dialect::RFC);
        let (Err(Error::Target(error)), Err(other)) = (patched, put) else { panic!("{text} is not an entity") };
        assert_eq!(Error::from(error.clone()), other);
        assert_eq!((error.status(), error.code()), (500, "malformed-target"), "{text}");
        assert_eq!(ProblemDetails::from(error.clone()).title(), Some("Internal Server Error"));
    }
}

/// A PUT carries an entity, whatever the dialect makes of a merge patch.
#[test]
fn entity_bodies() {
    let stored = br#"{"WebhookId":7,"Name":"a","State":1}"#;
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        for (body, expected) in
            [("[]", Some("not-an-object")), ("1", Some("not-an-object")), ("", Some("missing-body"))]
        {
            let code = put::<Webhook>(stored, body.as_bytes(), &dialect).err().map(|error| error.code());
            assert_eq!(code, expected, "{body}");
        }
    }
    // What was stored by other rules is kept, and goes where it is replaced.
    let twice = b"{\"WebhookId\":7,\"State\":1,\"Properties\":{\"a\":1,\"a\":2}}";
    let put = put::<Webhook>(twice, br#"{"State":1}"#, &Dialect::RFC).expect("a duplicate name is no obstacle");
    let json = String::from_utf8_lossy(&put.json);
    assert_eq!(json, r#"{"WebhookId":7,"State":1,"Properties":null}"#);
    let created =
        save::<Webhook>(br#"{"WebhookId":0,"Name":"a","State":2,"Updated":"x"}"#, &Dialect::RFC).expect("an entity");
    let Save::Create(created) = created else { panic!("the id is 0") };
    let created: Webhook = serde_json::from_slice(&created.json).expect("a webhook");
    assert_eq!((created.webhook_id, created.name.as_deref(), created.state), (0, Some("a"), WebhookState::Stopped));
    let updated = save::<Webhook>(br#"{"WebhookId":5.0}"#, &Dialect::RFC);
    assert!(matches!(updated, Ok(Save::Update(5))), "{updated:?}");
}

/// A member of each type that takes JSON as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Record {
    any: Value,
    any_or_null: Option<Value>,
    object: Map<String, Value>,
    object_or_null: Option<Map<String, Value>>,
}

#[test]
fn members_of_any_json() {
    let record = Record { any_or_null: Some(json!([2])), object_or_null: Some(Map::new()), ..Record::default() };
    for (name, value, is_valid) in [
        ("Any", json!([1]), true),
        ("Any", json!({}), true),
        ("Any", json!(null), true),
        ("AnyOrNull", json!("a"), true),
        ("AnyOrNull", json!({"b": [1.5]}), true),
        ("AnyOrNull", json!(null), true),
        ("Object", json!({"a": null}), true),
        ("Object", json!(null), false),
        ("Object", json!([]), false),
        ("ObjectOrNull", json!({"a": {}}), true),
        ("ObjectOrNull", json!(null), true),
        ("ObjectOrNull", json!(1), false),
    ] {
        let path = Pointer::parse(&format!("/{name}")).expect("a pointer");
        let document = PatchDocument::JsonPatch(Patch::new(vec![Operation::Replace { path, value: value.clone() }]));
        let mut expected = serde_json::to_value(&record).expect("an object");
        expected[name] = value.clone();
        let patched = patch(&record, &document, &Dialect::RFC).map(|patched| patched.entity);
        match patched {
            Ok(patched) => {
                assert!(is_valid, "{name}: {value}");
                assert_eq!(patched, serde_json::from_value(expected).expect("a record"), "{name}: {value}");
                assert!(patched.any_or_null != Some(Value::Null), "{name}: {value}");
            }
            Err(error) => assert_eq!((is_valid, error.code()), (false, "invalid-value"), "{name}: {value}"),
        }
    }
}

/// Writes whatever it reads as a string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value")]
struct Shown(String);

impl From<Value> for Shown {
    fn from(value: Value) -> Shown {
        match value {
            Value::String(string) => Shown(string),
            other => Shown(other.to_string()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase")]
struct Sign {
    shown: Shown,
}

#[test]
fn a_stored_value_is_spelt_by_its_type() {
    for value in [json!(true), json!(false), json!({"a": [1, null, {}, "b"]}), json!([[], false])] {
        let body = format!(r#"[{{"op":"replace","path":"/Shown","value":{value}}}]"#);
        let patched = patch_stored::<Sign>(br#"{"Shown":1}"#, body.as_bytes(), Format::JsonPatch, &Dialect::RFC);
        let json = patched.expect("it takes any value").json;
        let json: Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(json, json!({"Shown": value.to_string()}));
    }
}

#[test]
fn webhooks() {
    for (name, expected) in [("EVENTS", Some("Events")), ("webhookid", Some("WebhookId")), ("event", None)] {
        assert_eq!(declared_name::<Webhook>(name), expected, "{name}");
    }
    let states = [WebhookState::Active, WebhookState::Stopped, WebhookState::TooManyErrors];
    assert_eq!(states.map(|state| state.to_string()), ["Active", "Stopped", "TooManyErrors"]);
    for (json, expected) in [
        ("true", "or 0 to 3"),
        ("{}", "or 0 to 3"),
        ("-1", "or 0 to 3"),
        ("2.5", "or 0 to 3"),
        ("\"Paused\"", "one of `Unknown`, `Active`"),
    ] {
        let error = serde_json::from_str::<WebhookState>(json).expect_err(json).to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
    let shown = format!("{:?}", Webhook { secret: Some("s3cret".to_owned()), ..Webhook::default() });
    assert!(shown.contains("secret: Some(") && !shown.contains("s3cret"), "{shown}");

    let json = json!({"AssociateId": 5, "FullName": "Ann", "Newer": true});
    let associate: Associate = serde_json::from_value(json).expect("an associate");
    assert_eq!((associate.associate_id(), associate.full_name()), (Some(5), Some("Ann")));
    assert_eq!((associate.get("Newer"), associate.get("newer")), (Some(&json!(true)), None));
}

/// A merge patch that searches a lot goes through the text of its target.
#[test]
fn a_merge_in_another_case_of_a_wide_object() {
    let wide = |prefix: &str, value: i32| -> Value {
        Value::Object((0..3_000).map(|number| (format!("{prefix}{number}"), json!(value))).collect())
    };
    let mut target = json!({"wide": wide("name", 1), "zero": -0.0});
    let patch = MergePatch::new(json!({"WIDE": wide("NAME", 2)}));
    merge(&mut target, &patch, &Dialect::SUPEROFFICE).expect("it merges");
    assert_eq!(target.to_string(), json!({"wide": wide("name", 2), "zero": -0.0}).to_string());
    // One that fails leaves no mark.
    let mut object = wide("name", 3);
    object["Twice"] = json!(1);
    object["TWICE"] = json!(2);
    let before = object.clone();
    let patch = MergePatch::new(json!({"NAME1": null, "name2": {"x": 1}, "new": 1, "twice": 3, "zzz": 1}));
    let error = merge(&mut object, &patch, &Dialect::SUPEROFFICE).expect_err("a name is ambiguous");
    assert_eq!((error.code(), error.path().map(Pointer::as_str)), ("ambiguous-name", Some("/twice")));
    assert_eq!(object.to_string(), before.to_string());
}

#[test]
fn patches_are_written_by_hand() {
    let mut patch = Patch::from_iter([Operation::add("/a/-", 1).expect("a pointer")]);
    patch.extend([
        Operation::copy_from("/a", "/b").expect("a pointer"),
        Operation::test("/b", json!([1])).expect("a pointer"),
    ]);
    assert!(!patch.is_empty() && Patch::default().is_empty());
    assert_eq!((&patch).into_iter().map(Operation::name).collect::<Vec<_>>(), ["add", "copy", "test"]);
    assert_eq!(patch.clone().into_iter().collect::<Patch>(), patch);
    assert!(Operation::replace("a", 1).is_err() && Operation::move_from("/a", "b").is_err());
    let target = json!({"a": []});
    assert_eq!(entity_patch::check(&target, &patch, &Dialect::RFC), Ok(()));
    let error = entity_patch::check(&target, &patch, &Dialect::SUPEROFFICE).expect_err("it has no copy");
    assert_eq!((error.code(), error.operation(), error.expected()), ("unsupported-operation", Some(1), None));

    let pointer = Pointer::from_tokens(["a/b", "~", "0"]);
    assert_eq!(pointer.as_str(), "/a~1b/~0/0");
    assert_eq!(pointer.resolve(&json!({"a/b": {"~": [7]}})), Some(&json!(7)));
    for absent in ["/a~1b/~0/1", "/a~1b/~0/-", "/a~1b/~0/00", "/a~1b/~0/0/x", "/x"] {
        assert_eq!(Pointer::parse(absent).expect("a pointer").resolve(&json!({"a/b": {"~": [7]}})), None, "{absent}");
    }
    let mut around = vec![pointer.clone()];
    while let Some(parent) = around.last().and_then(Pointer::parent) {
        assert!(pointer.starts_with(&parent) && !parent.starts_with(&pointer));
        around.push(parent);
    }
    assert_eq!(around.iter().map(Pointer::as_str).collect::<Vec<_>>(), ["/a~1b/~0/0", "/a~1b/~0", "/a~1b", ""]);
    assert_eq!(around[1], Pointer::parse("/a~1b/~0").expect("a pointer"));
}
