//! What any body looks like, whatever it is about, and what an error is answered with.

use serde_json::{Value, json};

use crate::{
    http::ProblemDetails,
    patch::{
        merge_patch::MergePatch,
        operation::{Operation, Patch},
        pointer::Pointer,
    },
    schema::{Definitions, Described, routes::KEY},
};

/// Any JSON.
pub(super) fn any() -> Value {
    json!({"type": ["object", "array", "string", "number", "boolean", "null"]})
}

/// One operation. Other members are ignored (RFC 6902 section 4).
pub(super) fn operation(names: &[&str], members: &[(&str, &Value)]) -> Value {
    let mut properties = serde_json::Map::from_iter([("op".to_owned(), json!({"type": "string", "enum": names}))]);
    properties.extend(members.iter().map(|&(name, schema)| (name.to_owned(), schema.clone())));
    let required: Vec<&str> = std::iter::once("op").chain(members.iter().map(|(name, _)| *name)).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

impl Described for Pointer {
    fn name() -> String {
        "JsonPointer".to_owned()
    }

    fn describe(_: &mut Definitions) -> Value {
        json!({
            "type": "string",
            "description": "A JSON Pointer (RFC 6901).",
            "pattern": format!("^(?:/{KEY})*$"),
        })
    }
}

impl Described for Operation {
    fn name() -> String {
        "JsonPatchOperation".to_owned()
    }

    fn describe(definitions: &mut Definitions) -> Value {
        let pointer = definitions.of::<Pointer>();
        json!({
            "description": "An operation of a JSON Patch (RFC 6902 section 4).",
            "anyOf": [
                operation(&["add", "replace", "test"], &[("path", &pointer), ("value", &any())]),
                operation(&["remove"], &[("path", &pointer)]),
                operation(&["move", "copy"], &[("from", &pointer), ("path", &pointer)]),
            ],
        })
    }
}

impl Described for Patch {
    fn name() -> String {
        "JsonPatch".to_owned()
    }

    fn describe(definitions: &mut Definitions) -> Value {
        json!({
            "type": "array",
            "description": "A JSON Patch: operations that are applied in order, all of them or none (RFC 6902).",
            "items": definitions.of::<Operation>(),
        })
    }
}

impl Described for MergePatch {
    fn name() -> String {
        "MergePatch".to_owned()
    }

    fn describe(_: &mut Definitions) -> Value {
        let mut schema = any();
        schema["description"] =
            "A JSON Merge Patch: null removes a member, and what is no object replaces (RFC 7396).".into();
        schema
    }
}

impl Described for ProblemDetails {
    fn name() -> String {
        "ProblemDetails".to_owned()
    }

    fn describe(definitions: &mut Definitions) -> Value {
        let pointer = definitions.of::<Pointer>();
        let text = |description: &str| json!({"type": "string", "description": description});
        json!({
            "type": "object",
            "description": "Problem details (RFC 9457).",
            "properties": {
                "type": text("A URI of the kind of problem."),
                "title": text("What this kind of problem is called."),
                "status": {"type": "integer", "minimum": 0, "maximum": u16::MAX, "description": "The HTTP status."},
                "detail": text("What happened, for people."),
                "instance": text("A URI of this occurrence."),
                "code": text("The name of the cause, for programs."),
                "operation": {"type": "integer", "minimum": 0, "description": "The operation that failed, 0-based."},
                "path": pointer,
                "expected": text("What would be accepted there."),
                "errors": {
                    "type": "array",
                    "description": "All that is wrong with the entity.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "path": pointer,
                            "code": text("What is wrong, for programs."),
                            "detail": text("What is wrong, for people."),
                        },
                        "required": ["path", "code", "detail"],
                    },
                },
            },
            "required": ["type", "detail", "code"],
        })
    }
}
