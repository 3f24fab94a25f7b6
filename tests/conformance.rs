//! Runs every row of `tests/data` through every entry point that applies to it, and reports all rows that fail.
//!
//! A row is a request: rules, a target, a body, and what comes of it. Anything that can be said as a row belongs there;
//! what needs a generator is in `large.rs`, what holds for every request in `laws.rs`.

mod properties;

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use entity_patch::{
    Dialect, Error, Format, MergePatch, ParseError, PatchDocument, PatchError, UnknownMembers, apply, patch,
    patch_json, patch_stored, superoffice::Webhook,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The table of section 8: every code, and its status.
const CODES: [(&str, u16); 25] = [
    ("malformed-json", 400),
    ("malformed-operation", 400),
    ("malformed-path", 400),
    ("duplicate-name", 400),
    ("not-an-array", 400),
    ("not-an-object", 400),
    ("missing-body", 400),
    ("test-failed", 409),
    ("not-found", 409),
    ("index-out-of-bounds", 409),
    ("not-an-index", 409),
    ("ambiguous-name", 409),
    ("body-too-large", 413),
    ("too-many-operations", 413),
    ("pointer-too-long", 413),
    ("unsupported-operation", 422),
    ("unknown-member", 422),
    ("read-only", 422),
    ("invalid-value", 422),
    ("root-removed", 422),
    ("move-into-itself", 422),
    ("too-deep", 422),
    ("copies-too-large", 422),
    ("too-much-work", 422),
    ("malformed-target", 500),
];

/// A file of `tests/data`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    /// What a row says where it says nothing else.
    defaults: Map<String, Value>,
    rows: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// The section that the row is about: of the RFC in the file's name, else of the contract.
    #[serde(default, rename = "rule")]
    _rule: String,
    /// The library that fails it.
    #[serde(default, rename = "peer")]
    _peer: String,
    #[serde(default, rename = "note")]
    _note: String,
    /// Why the row fails for now. It has to fail, so that the day on which it passes is noticed.
    known_failure: Option<String>,

    dialect: String,
    #[serde(default)]
    dialect_fields: DialectFields,
    #[serde(default)]
    limits: Limits,
    unknown_members: Option<String>,
    format: String,
    /// `tree` or `text`, for a row that makes sense for one of them only.
    entry: Option<String>,
    /// `webhook`: the target is a stored entity, not any document.
    entity: Option<String>,

    /// The target is one of these two. A target as text is taken to the letter.
    target: Option<Value>,
    target_text: Option<String>,
    /// Members of the target that are another or absent.
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    unset: Vec<String>,

    /// The body is one of these three. The last is a `replace` of the whole document by the target with these members.
    body: Option<Value>,
    body_text: Option<String>,
    body_root: Option<Map<String, Value>>,

    /// What comes of it is one of these four. The third are the members of the target that are another.
    expect: Option<Value>,
    expect_text: Option<String>,
    expect_changes: Option<Map<String, Value>>,
    error: Option<Map<String, Value>>,

    /// A tree's members are in the order of `expect_text`, where a tree has an order.
    #[serde(default)]
    ordered: bool,
    /// The operations that a merge patch represents.
    to_patch: Option<Vec<Value>>,
    #[serde(default)]
    to_patch_order: Order,
    changed: Option<Vec<String>>,
    #[serde(default)]
    ignored: Vec<String>,
    #[serde(default)]
    ignored_order: Order,
    /// The error's path may be spelled as the client did, or as it is stored.
    #[serde(default)]
    path_in_any_case: bool,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Given,
    Any,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectFields {
    move_and_copy: Option<bool>,
    optional_slash: Option<bool>,
    create_parents: Option<bool>,
    ignore_missing: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    body_bytes: Option<usize>,
    operations: Option<usize>,
    pointer_bytes: Option<usize>,
    depth: Option<usize>,
    copied_bytes: Option<usize>,
    work: Option<usize>,
}

/// An error as the contract sees it.
#[derive(Clone, Debug, PartialEq)]
struct Failure {
    status: u16,
    code: &'static str,
    operation: Option<usize>,
    path: Option<String>,
    /// The line and the byte of what is wrong with a text.
    position: Option<(usize, usize)>,
    message: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Failure {
        Failure {
            status: error.status(),
            code: error.code(),
            operation: error.operation(),
            path: error.path().map(|path| path.as_str().to_owned()),
            position: match error {
                Error::Parse(error) => error.position(),
                Error::Target(error) => error.position(),
                _ => None,
            },
            message: error.to_string(),
        }
    }
}

impl From<&ParseError> for Failure {
    fn from(error: &ParseError) -> Failure {
        Failure {
            status: error.status(),
            code: error.code(),
            operation: error.operation(),
            path: error.path().map(|path| path.as_str().to_owned()),
            position: error.position(),
            message: error.to_string(),
        }
    }
}

impl From<&PatchError> for Failure {
    fn from(error: &PatchError) -> Failure {
        Failure {
            status: error.status(),
            code: error.code(),
            operation: error.operation(),
            path: error.path().map(|path| path.as_str().to_owned()),
            position: None,
            message: error.to_string(),
        }
    }
}

impl Row {
    fn dialect(&self) -> Dialect {
        let mut dialect = match self.dialect.as_str() {
            "rfc" => Dialect::RFC,
            "superoffice" => Dialect::SUPEROFFICE,
            other => panic!("no dialect {other}"),
        };
        dialect.unknown_members = match self.unknown_members.as_deref() {
            None | Some("reject") => UnknownMembers::Reject,
            Some("ignore") => UnknownMembers::Ignore,
            Some(other) => panic!("no unknown members {other}"),
        };
        let DialectFields { move_and_copy, optional_slash, create_parents, ignore_missing } = self.dialect_fields;
        dialect.create_parents = create_parents.unwrap_or(dialect.create_parents);
        dialect.ignore_missing = ignore_missing.unwrap_or(dialect.ignore_missing);
        dialect.move_and_copy = move_and_copy.unwrap_or(dialect.move_and_copy);
        dialect.optional_slash = optional_slash.unwrap_or(dialect.optional_slash);
        let Limits { body_bytes, operations, pointer_bytes, depth, copied_bytes, work } = self.limits;
        let limits = &mut dialect.limits;
        limits.body_bytes = body_bytes.unwrap_or(limits.body_bytes);
        limits.operations = operations.unwrap_or(limits.operations);
        limits.pointer_bytes = pointer_bytes.unwrap_or(limits.pointer_bytes);
        limits.depth = depth.unwrap_or(limits.depth);
        limits.copied_bytes = copied_bytes.unwrap_or(limits.copied_bytes);
        limits.work = work.unwrap_or(limits.work);
        dialect
    }

    /// The format, and `ByShape` where the shape of the body says the same.
    fn formats(&self) -> Vec<Format> {
        let first = self.body().trim_start().chars().next();
        match (self.format.as_str(), first) {
            ("json-patch", Some('[')) => vec![Format::JsonPatch, Format::ByShape],
            ("merge-patch", Some('{')) => vec![Format::MergePatch, Format::ByShape],
            ("json-patch", _) => vec![Format::JsonPatch],
            ("merge-patch", _) => vec![Format::MergePatch],
            ("by-shape", Some('[')) => vec![Format::ByShape, Format::JsonPatch],
            ("by-shape", Some('{')) => vec![Format::ByShape, Format::MergePatch],
            ("by-shape", _) => vec![Format::ByShape],
            (other, _) => panic!("no format {other}"),
        }
    }

    fn target(&self) -> String {
        match (&self.target, &self.target_text) {
            (_, Some(text)) => text.clone(),
            (Some(Value::Object(target)), None) => Value::Object(self.adjusted(target)).to_string(),
            (Some(target), None) => target.to_string(),
            (None, None) => panic!("no target"),
        }
    }

    fn adjusted(&self, target: &Map<String, Value>) -> Map<String, Value> {
        let mut target = target.clone();
        target.extend(self.set.clone());
        target.retain(|name, _| !self.unset.contains(name));
        target
    }

    fn target_object(&self) -> Map<String, Value> {
        match &self.target {
            Some(Value::Object(target)) => self.adjusted(target),
            _ => panic!("the target is no object"),
        }
    }

    fn body(&self) -> String {
        match (&self.body, &self.body_text, &self.body_root) {
            (Some(body), None, None) => body.to_string(),
            (None, Some(text), None) => text.clone(),
            (None, None, Some(members)) => {
                let mut whole = self.target_object();
                whole.extend(members.clone());
                json!([{"op": "replace", "path": "", "value": whole}]).to_string()
            }
            _ => panic!("one of body, body_text and body_root"),
        }
    }

    /// The document that the row expects, as text, or `None` for an error.
    fn expected(&self) -> Option<String> {
        match (&self.expect, &self.expect_text, &self.expect_changes, &self.error) {
            (Some(value), None, None, None) => Some(value.to_string()),
            (None, Some(text), None, None) => Some(text.clone()),
            (None, None, Some(changes), None) => {
                let mut target = self.target_object();
                target.extend(changes.clone());
                Some(Value::Object(target).to_string())
            }
            (None, None, None, Some(_)) => None,
            _ => panic!("one of expect, expect_text, expect_changes and error"),
        }
    }

    /// Compares what the row says about an error with the error.
    fn check_failure(&self, entry: &str, failure: &Failure) -> Result<(), String> {
        let Some(expected) = &self.error else { return Err(format!("{entry}: fails with {failure:?}")) };
        let actual = json!({
            "status": failure.status,
            "code": failure.code,
            "operation": failure.operation,
            "path": failure.path,
            "position": failure.position,
            "message": failure.message,
        });
        for (name, expected) in expected {
            let actual = &actual[name];
            let is_equal = match (expected, actual) {
                (Value::String(expected), Value::String(actual)) if name == "path" && self.path_in_any_case => {
                    expected.eq_ignore_ascii_case(actual)
                }
                (expected, actual) => expected == actual,
            };
            if !is_equal {
                return Err(format!("{entry}: {name} is {actual} and not {expected}, in {failure:?}"));
            }
        }
        match CODES.iter().find(|(code, _)| *code == failure.code) {
            Some((_, status)) if *status == failure.status => Ok(()),
            _ => Err(format!("{entry}: {failure:?} is not in the table")),
        }
    }

    fn check_document(&self) -> Result<(), String> {
        let (dialect, target, body) = (self.dialect(), self.target(), self.body());
        let mut failures = BTreeSet::new();
        for format in self.formats() {
            let document = PatchDocument::parse(body.as_bytes(), format, &dialect);
            if let Ok(PatchDocument::JsonPatch(patch)) = &document {
                properties::document::patch_serialises_and_parses_back(patch);
            }
            if self.entry.as_deref() != Some("text") {
                let result = match &document {
                    Ok(document) => self.on_tree(&target, document, &dialect)?,
                    Err(error) => Err(Failure::from(error)),
                };
                failures.extend(result.err().map(|failure| format!("{failure:?}")));
            }
            if self.entry.as_deref() != Some("tree") {
                let result = patch_json(target.as_bytes(), body.as_bytes(), format, &dialect);
                match (&result, &self.expected()) {
                    (Ok(json), Some(expected)) => {
                        let text = String::from_utf8(json.clone()).map_err(|_| "text: not UTF-8")?;
                        // Taken to the letter, a text needs no second reader, which may refuse its numbers.
                        let is_expected = match self.expect_text {
                            Some(_) => text == *expected,
                            None => parse(&text)? == parse(expected)?,
                        };
                        if !is_expected {
                            return Err(format!("text: {text}"));
                        }
                    }
                    (Ok(json), None) => return Err(format!("text: Ok, {}", String::from_utf8_lossy(json))),
                    (Err(error), _) => {
                        self.check_failure("text", &error.into())?;
                        failures.insert(format!("{:?}", Failure::from(error)));
                    }
                }
                if let Err(error) = &document {
                    // Whatever is stored, the body's errors come first.
                    for stored in ["", "{", "1", "[[[[", "{\"a\":1,\"a\":2}"] {
                        let other = patch_json(stored.as_bytes(), body.as_bytes(), format, &dialect);
                        if other.as_ref().map_err(Failure::from) != Err(error.into()) {
                            return Err(format!("text: on {stored}, {other:?} and not {error:?}"));
                        }
                    }
                }
            }
        }
        match failures.len() {
            0 | 1 => Ok(()),
            _ => Err(format!("the entry points disagree: {failures:?}")),
        }
    }

    fn on_tree(
        &self,
        target: &str,
        document: &PatchDocument,
        dialect: &Dialect,
    ) -> Result<Result<(), Failure>, String> {
        let before = parse(target)?;
        let mut tree = before.clone();
        let result = document.apply(&mut tree, dialect);
        let mut again = before.clone();
        match (&result, document.apply_with_inverse(&mut again, dialect)) {
            (Ok(()), Ok(inverse)) if compact(&again) == compact(&tree) => {
                // What was there may be deeper than what may be written.
                let mut dialect = dialect.clone();
                dialect.limits.depth = usize::MAX;
                apply(&mut again, &inverse, &dialect).map_err(|error| format!("inverse: {error}, in {inverse}"))?;
                if !properties::model::equal(&again, &before) {
                    return Err(format!("inverse: {inverse} gives {again}"));
                }
            }
            (Err(error), Err(same)) if *error == same => {}
            (_, inverse) => return Err(format!("tree: with its inverse {inverse:?}, it is {again}")),
        }
        match (&result, self.expected()) {
            (Ok(()), Some(expected)) => {
                if tree != parse(&expected)? || (self.ordered && keeps_order() && compact(&tree) != expected) {
                    return Err(format!("tree: {tree}"));
                }
                if let PatchDocument::MergePatch(patch) = document {
                    self.check_to_patch(before, patch, &tree, dialect)?;
                }
            }
            (Ok(()), None) => return Err(format!("tree: Ok, {tree}")),
            (Err(error), _) => {
                self.check_failure("tree", &error.into())?;
                if compact(&tree) != compact(&before) {
                    return Err(format!("tree: left {tree}"));
                }
            }
        }
        Ok(result.map_err(|error| Failure::from(&error)))
    }

    /// What a merge patch represents gives what the merge patch gives.
    fn check_to_patch(
        &self,
        mut target: Value,
        patch: &MergePatch,
        merged: &Value,
        dialect: &Dialect,
    ) -> Result<(), String> {
        let list = patch.to_patch(&target, dialect).map_err(|error| format!("to_patch: {error}"))?;
        if let Some(expected) = &self.to_patch {
            let mut expected: Vec<String> = expected.iter().map(|operation| sorted(operation).to_string()).collect();
            let mut actual: Vec<String> = list
                .operations()
                .iter()
                .map(|operation| serde_json::to_value(operation).map(|operation| sorted(&operation).to_string()))
                .collect::<Result<_, _>>()
                .map_err(|error| error.to_string())?;
            if self.to_patch_order == Order::Any {
                expected.sort();
                actual.sort();
            }
            if expected != actual {
                return Err(format!("to_patch: {list}"));
            }
        }
        let mut without_moves = dialect.clone();
        without_moves.move_and_copy = false;
        apply(&mut target, &list, &without_moves).map_err(|error| format!("to_patch: {error}, in {list}"))?;
        if target == *merged { Ok(()) } else { Err(format!("to_patch: {list} gives {target}")) }
    }

    fn check_webhook(&self) -> Result<(), String> {
        let (dialect, target, body) = (self.dialect(), self.target(), self.body());
        let is_for_text = self.entry.as_deref() == Some("text");
        let stored: Option<Webhook> = serde_json::from_str(&target).ok().filter(|_| !is_for_text);
        // A text that is taken to the letter may be one that no webhook is read from.
        let expected = match self.expected() {
            None => None,
            Some(text) => match serde_json::from_str::<Webhook>(&text) {
                Ok(webhook) => Some(Some(webhook)),
                Err(_) if self.expect_text.is_some() => Some(None),
                Err(error) => return Err(format!("no webhook: {error}")),
            },
        };
        let changed = self.changed.clone().unwrap_or_else(|| {
            let changes = self.expect_changes.iter().flatten();
            changes.map(|(name, _)| name.clone()).collect()
        });
        let mut failures = BTreeSet::new();
        for format in self.formats() {
            if let Some(stored) = &stored {
                let result = PatchDocument::parse(body.as_bytes(), format, &dialect)
                    .map_err(Error::from)
                    .and_then(|document| patch(stored, &document, &dialect));
                match (&result, &expected) {
                    (Ok(patched), Some(expected)) => {
                        if expected.as_ref() != Some(&patched.entity) {
                            return Err(format!("typed: {}", json!(patched.entity)));
                        }
                        let ignored = patched.ignored.iter().map(|path| path.as_str().to_owned()).collect();
                        self.check_lists("typed", &patched.changed, &changed, ignored)?;
                    }
                    (Ok(patched), None) => return Err(format!("typed: Ok, {}", json!(patched.entity))),
                    (Err(error), _) => {
                        self.check_failure("typed", &error.into())?;
                        failures.insert(format!("{:?}", Failure::from(error)));
                    }
                }
            }
            // The row's own text, and the text that the entity itself writes.
            let canonical = stored.as_ref().and_then(|stored| serde_json::to_string(stored).ok());
            for text in [Some(&target), canonical.as_ref()].into_iter().flatten() {
                let result = patch_stored::<Webhook>(text.as_bytes(), body.as_bytes(), format, &dialect);
                match (&result, &expected) {
                    (Ok(patched), Some(expected)) => {
                        let json = String::from_utf8_lossy(&patched.json);
                        let to_the_letter = self.expect_text.as_ref().filter(|_| std::ptr::eq(text, &target));
                        match (to_the_letter, serde_json::from_str::<Webhook>(&json)) {
                            (Some(expected), _) if *expected == json => {}
                            (None, Ok(webhook)) if expected.as_ref() == Some(&webhook) => {}
                            (_, result) => return Err(format!("stored: {json}, {result:?}")),
                        }
                        if patched.changed.is_empty() && Some(text) == canonical.as_ref() && json != *text {
                            return Err(format!("stored: nothing changed, and {json} is written for {text}"));
                        }
                        let ignored = patched.ignored.iter().map(|path| path.as_str().to_owned()).collect();
                        self.check_lists("stored", &patched.changed, &changed, ignored)?;
                    }
                    (Ok(patched), None) => {
                        return Err(format!("stored: Ok, {}", String::from_utf8_lossy(&patched.json)));
                    }
                    (Err(error), _) => {
                        self.check_failure("stored", &error.into())?;
                        failures.insert(format!("{:?}", Failure::from(error)));
                    }
                }
            }
        }
        match failures.len() {
            0 | 1 => Ok(()),
            _ => Err(format!("the entry points disagree: {failures:?}")),
        }
    }

    fn check_lists(
        &self,
        entry: &str,
        changed: &[&'static str],
        expected: &[String],
        mut ignored: Vec<String>,
    ) -> Result<(), String> {
        let is_equal = match &self.changed {
            Some(expected) => changed.iter().eq(expected),
            // The table's order is for rows that say it, and for a law.
            None => {
                let names: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
                changed.len() == names.len() && changed.iter().all(|name| names.contains(name))
            }
        };
        if !is_equal {
            return Err(format!("{entry}: changed is {changed:?}"));
        }
        let mut expected = self.ignored.clone();
        if self.ignored_order == Order::Any {
            expected.sort();
            ignored.sort();
        }
        if ignored == expected { Ok(()) } else { Err(format!("{entry}: ignored is {ignored:?}")) }
    }

    fn check(&self) -> Result<(), String> {
        let checked = catch_unwind(AssertUnwindSafe(|| match self.entity.as_deref() {
            None => self.check_document(),
            Some("webhook") => self.check_webhook(),
            Some(other) => Err(format!("no entity {other}")),
        }));
        let result = checked.unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().cloned();
            Err(format!(
                "panics: {}",
                message.or(panic.downcast_ref().map(|text: &&str| text.to_string())).unwrap_or_default()
            ))
        });
        match (&self.known_failure, result) {
            (None, result) => result,
            (Some(_), Err(_)) => Ok(()),
            // Where serde_json keeps more, a row may pass for its sake.
            (Some(_), Ok(())) if keeps_order() || keeps_numbers() => Ok(()),
            (Some(reason), Ok(())) => Err(format!("passes now; no longer a known failure ({reason})")),
        }
    }
}

/// Whether serde_json keeps members in the order of the text.
fn keeps_order() -> bool {
    parse("{\"b\":1,\"a\":2}").is_ok_and(|value| compact(&value).starts_with("{\"b\""))
}

/// Whether serde_json keeps the text of numbers.
fn keeps_numbers() -> bool {
    parse("1.00").is_ok_and(|value| compact(&value) == "1.00")
}

/// The bytes of a value, the order of its members included.
fn compact(value: &Value) -> String {
    value.to_string()
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{error} in {text}"))
}

/// The same value with its members in alphabetical order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// A row that says the least `work` that it needs is two: one with that limit, and one with less, which fails.
fn at_its_limits(mut row: Map<String, Value>) -> Vec<Map<String, Value>> {
    let Some(least) = row.remove("least_work").and_then(|least| least.as_u64()) else { return vec![row] };
    let mut refused = row.clone();
    refused.retain(|name, _| !name.starts_with("expect"));
    let name = refused.get("name").and_then(Value::as_str).unwrap_or_default();
    let others = json!({
        "name": format!("{name}, and it has less"),
        "limits": {"work": least - 1},
        "error": {"status": 422, "code": "too-much-work"},
    });
    refused.extend(others.as_object().cloned().unwrap_or_default());
    row.insert("limits".to_owned(), json!({"work": least}));
    vec![row, refused]
}

/// The rows of every file, each with its place.
fn rows() -> Vec<(String, Row)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut rows = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path).expect("readable");
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (index, row) in file.rows.into_iter().enumerate() {
            let mut members = file.defaults.clone();
            if row.contains_key("target_text") {
                members.remove("target");
            }
            members.extend(row);
            let place = format!("{name} row {index}");
            for members in at_its_limits(members) {
                let row: Row =
                    serde_json::from_value(Value::Object(members)).unwrap_or_else(|error| panic!("{place}: {error}"));
                rows.push((format!("{place} ({})", row.name), row));
            }
        }
    }
    rows
}

#[test]
fn every_row_of_data() {
    let rows = rows();
    let failures: Vec<String> =
        rows.iter().filter_map(|(place, row)| row.check().err().map(|problem| format!("{place}: {problem}"))).collect();
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

#[test]
fn every_code_is_reached_by_a_row() {
    let rows = rows();
    let reached: BTreeSet<&str> = rows
        .iter()
        .filter(|(_, row)| row.known_failure.is_none())
        .filter_map(|(_, row)| row.error.as_ref()?.get("code")?.as_str())
        .collect();
    let missing: Vec<&str> = CODES.iter().map(|(code, _)| *code).filter(|code| !reached.contains(code)).collect();
    assert!(missing.is_empty(), "no row reaches {missing:?}");
}

#[test]
fn names_of_rows_are_unique_within_a_file() {
    let mut names = BTreeSet::new();
    for (place, row) in rows() {
        let file = place.split(' ').next().unwrap_or_default();
        assert!(names.insert(format!("{file} {} {}", row._rule, row.name)), "{place} has the name of another row");
    }
}
