//! The first example of the README: an entity, a change, and a refused one.

use entity_patch::{Dialect, Entity, Format, http::ProblemDetails, patch_stored};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Serialize, Deserialize, Entity)]
struct User {
    #[entity(read_only, key)]
    id: u64,
    name: String,
    #[entity(nested)]
    address: Address,
    #[entity(hidden)]
    password_hash: String,
}

#[derive(Clone, Serialize, Deserialize, Entity)]
struct Address {
    street: String,
    #[entity(read_only)]
    verified: bool,
}

fn main() -> Result<(), entity_patch::Error> {
    let stored = br#"{"id": 7, "name": "Ada", "address": {"street": "Elm", "verified": true}, "password_hash": "x"}"#;
    let body = br#"[{"op": "replace", "path": "/address/street", "value": "Oak"}]"#;
    let patched = patch_stored::<User>(stored, body, Format::JsonPatch, &Dialect::RFC)?;
    assert_eq!(patched.changed, ["address"]); // save `patched.json`, unless this is empty

    let body = br#"{"address": {"verified": false}}"#;
    let error = patch_stored::<User>(stored, body, Format::MergePatch, &Dialect::RFC).unwrap_err();
    let detail = "at `/address/verified`: the member is read-only";
    let problem = json!({"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": detail,
                         "code": "read-only", "path": "/address/verified"});
    assert_eq!(json!(ProblemDetails::from(&error)), problem);
    Ok(())
}
