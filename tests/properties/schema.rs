//! Laws of the schemas of bodies: a validator of JSON Schema and the crate are asked the same.

use std::sync::OnceLock;

use entity_patch::{
    Access, Dialect, Entity, Error, Format, Operation, Patch, PatchDocument, Pointer, patch_stored,
    schema::{JsonPatchOf, MergePatchOf},
};
use jsonschema::Validator;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use unicase::UniCase;

use super::{
    choices::Choices,
    entities::{Comment, Company, Directory, Member, Odd, Page, Profile, Settings, Shape, Spec, Subject},
    governed::{self, Case},
};

/// Members of which only serde knows what they take, and what is inside of them.
const GENERAL: [&str; 6] = ["font-size", "sizes", "when", "choice", "is-dark", "other"];

/// What is expected of a value because of what else is there: a hidden member that a new object cannot have, a key.
const OF_STORED: [&str; 2] = ["no new value here", "a key that no other element has"];

pub fn schema<T: JsonSchema>() -> Value {
    SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

pub fn validator<T: JsonSchema>() -> Validator {
    jsonschema::draft202012::new(&schema::<T>()).expect("a schema")
}

/// The member of an object that has this name in the table.
fn member(spec: Spec, name: &str) -> Option<Member> {
    let Spec::Object(shape) = spec else { return None };
    shape().members.iter().find(|member| member.name == name).copied()
}

/// Where a path leads, if each member on its way is writable, or undeclared in an open map.
fn writable(mut spec: Spec, path: &Pointer) -> Option<Spec> {
    for token in path.tokens() {
        let name = token.name();
        spec = match spec {
            Spec::Leaf(_) => spec,
            Spec::List(of, _) | Spec::Map(of) => *of,
            Spec::Object(shape) => match member(spec, &name) {
                Some(member) if member.access == Access::Writable => member.spec,
                None if shape().is_open && !is_alias(spec, &name) => Spec::Leaf(&[]),
                Some(_) | None => return None,
            },
        };
    }
    Some(spec)
}

fn is_alias(spec: Spec, name: &str) -> bool {
    let Spec::Object(shape) = spec else { return false };
    shape().members.iter().any(|member| member.alias == Some(name))
}

/// Whether a value names only writable members.
fn names_writable(spec: Spec, value: &Value) -> bool {
    match (spec, value) {
        (Spec::List(of, _), Value::Array(list)) => list.iter().all(|value| names_writable(*of, value)),
        (Spec::Map(of), Value::Object(map)) => map.values().all(|value| names_writable(*of, value)),
        (Spec::Object(_), Value::Object(object)) => object.iter().all(|(name, value)| {
            let path = Pointer::from_tokens([name]);
            writable(spec, &path).is_some_and(|below| names_writable(below, value))
        }),
        _ => true,
    }
}

fn operation_names_writable(spec: Spec, operation: &Operation) -> bool {
    let at = |path: &Pointer| writable(spec, path);
    match operation {
        Operation::Add { path, value } | Operation::Replace { path, value } | Operation::Test { path, value } => {
            at(path).is_some_and(|spec| names_writable(spec, value))
        }
        Operation::Remove { path } => at(path).is_some(),
        Operation::Move { from, path } | Operation::Copy { from, path } => at(from).is_some() && at(path).is_some(),
    }
}

/// Whether the crate takes a body, and each of the patches that it begins with.
fn is_taken<E: Entity>(stored: &str, document: &PatchDocument) -> bool {
    let takes = |body: Value| {
        let body = body.to_string();
        let result = patch_stored::<E>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
        result.is_ok_and(|patched| patched.ignored.is_empty())
    };
    match document {
        PatchDocument::MergePatch(patch) => takes(patch.as_value().clone()),
        PatchDocument::JsonPatch(patch) => {
            let operations = patch.operations();
            (1..=operations.len()).all(|count| takes(json!(operations[..count])))
        }
    }
}

/// Whether a number is an integer to JSON Schema, and none to a type of Rust.
fn has_whole_decimal(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64() && number.as_f64().is_some_and(|number| number.fract() == 0.0),
        Value::Array(list) => list.iter().any(has_whole_decimal),
        Value::Object(members) => members.values().any(has_whole_decimal),
        _ => false,
    }
}

/// Whether what is refused is what the body itself is, and not what is stored.
fn is_about_shape(writes_writable: bool, body: &Value, error: &Error) -> bool {
    let carries = body.as_array().is_some_and(|list| list.iter().any(|one| one["op"] == "move" || one["op"] == "copy"));
    let tokens: Vec<String> =
        error.path().map(|path| path.tokens().map(|token| token.name().into_owned()).collect()).unwrap_or_default();
    let is_general = tokens.iter().any(|token| GENERAL.contains(&token.as_str()));
    let last = tokens.last().map_or("", String::as_str);
    // Where other names can be, the schema does not tell the declared ones that are not for clients.
    let folded = |text: &str| UniCase::unicode(text).to_folded_case();
    let (text, name) = (folded(&body.to_string()), folded(last));
    let is_untold =
        ["stamp", "secret", "marker"].iter().any(|untold| *untold == name || text.contains(&format!("\"{untold}\"")));
    match error.code() {
        "test-failed" | "not-found" | "index-out-of-bounds" => false,
        "unknown-member" => !is_general && !is_untold && !carries,
        "read-only" => !carries && !is_untold && !writes_writable && body.to_string().contains(last),
        "invalid-value" => !carries && !is_general && error.expected().is_some_and(|words| !OF_STORED.contains(&words)),
        "not-an-index" => !carries && !is_general,
        "move-into-itself" => false,
        _ => true,
    }
}

/// What came of a body.
#[derive(Default)]
pub struct Told {
    pub is_valid: bool,
    /// The crate takes it, and it names only what is writable.
    pub is_taken: bool,
}

/// What the schema takes, the crate does not refuse for its shape; and what the crate takes of a body that names only
/// writable members, the schema takes.
fn the_schema_is_what_the_crate_takes<E: Subject>(kind: &Kind, stored: &str, body: &str) -> Told {
    let spec = Spec::Object(E::shape);
    let Ok(entity) = serde_json::from_str::<E>(stored) else { return Told::default() };
    let stored = serde_json::to_string(&entity).expect("an entity is JSON");
    let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, &Dialect::RFC);
    let (Ok(document), Ok(value)) = (document, serde_json::from_str::<Value>(body)) else { return Told::default() };
    let are_writable = |patch: &Patch, are_tests_left_out: bool| {
        let mut operations = patch.operations().iter();
        operations.all(|operation| {
            (are_tests_left_out && operation.name() == "test") || operation_names_writable(spec, operation)
        })
    };
    let (validator, names_writable, writes_writable) = match &document {
        PatchDocument::MergePatch(patch) => {
            let are_writable = names_writable(spec, patch.as_value());
            (&kind.merge, are_writable, are_writable)
        }
        PatchDocument::JsonPatch(document) => {
            (&kind.patch, are_writable(document, false), are_writable(document, true))
        }
    };
    let is_valid = validator.is_valid(&value);
    let is_taken = is_taken::<E>(&stored, &document);
    if is_taken && names_writable {
        assert!(
            is_valid,
            "taken, but not by the schema:\n{stored}\n{body}\n{}",
            validator.validate(&value).unwrap_err()
        );
    }
    let result = patch_stored::<E>(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC);
    if let (true, false, Err(error)) = (is_valid, has_whole_decimal(&value), result) {
        assert!(
            !is_about_shape(writes_writable, &value, &error),
            "refused, but not by the schema: {error}:\n{stored}\n{body}"
        );
    }
    Told { is_valid, is_taken: is_taken && names_writable }
}

/// A kind of entity: its name, its schemas, and the laws on a stored text and a body.
struct Kind {
    name: &'static str,
    shape: fn() -> Shape,
    merge: Validator,
    patch: Validator,
    check: fn(&Kind, &str, &str) -> Told,
}

impl Kind {
    fn of<E: Subject>(name: &'static str) -> Kind {
        Kind {
            name,
            shape: E::shape,
            merge: validator::<MergePatchOf<E>>(),
            patch: validator::<JsonPatchOf<E>>(),
            check: the_schema_is_what_the_crate_takes::<E>,
        }
    }

    fn all() -> &'static [Kind] {
        static ALL: OnceLock<Vec<Kind>> = OnceLock::new();
        ALL.get_or_init(|| {
            vec![
                Kind::of::<Company>("company"),
                Kind::of::<Comment>("comment"),
                Kind::of::<Directory>("directory"),
                Kind::of::<Page<Settings>>("page"),
                Kind::of::<Settings>("settings"),
                Kind::of::<Profile>("profile"),
                Kind::of::<Odd>("odd"),
            ]
        })
    }
}

/// Draws up a stored text and a body, and checks the laws on them.
pub fn check(choices: &[u8]) -> Told {
    let mut choices = Choices(choices);
    let kinds = Kind::all();
    let kind = &kinds[choices.below(kinds.len())];
    let Case { stored, body, .. } = governed::draw(kind.shape, &mut choices);
    (kind.check)(kind, &stored, &body)
}

/// Checks the laws on texts for the kind of entity that a word names.
pub fn check_texts<'w>(mut words: impl Iterator<Item = &'w str>, stored: &str, body: &str) {
    if let Some(kind) = words.find_map(|word| Kind::all().iter().find(|kind| kind.name == word)) {
        (kind.check)(kind, stored, body);
    }
}
