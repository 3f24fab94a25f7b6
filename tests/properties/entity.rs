//! Laws of patches on an entity.

use entity_patch::{
    Access, Dialect, Entity, Error, Format, PatchDocument, Patched, patch, patch_json, patch_stored,
    superoffice::Webhook,
};
use serde_json::Value;

use super::{
    model, seen,
    text::{has_duplicate, is_held_by_a_tree},
};

fn apply(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) -> Result<Patched<Webhook>, Error> {
    let document = PatchDocument::parse(body.as_bytes(), format, dialect)?;
    patch(webhook, &document, dialect)
}

fn members(webhook: &Webhook) -> serde_json::Map<String, Value> {
    match serde_json::to_value(webhook) {
        Ok(Value::Object(members)) => members,
        other => panic!("a webhook is an object and not {other:?}"),
    }
}

/// A member, or the null that an absent one reads as.
fn held<'m>(members: &'m serde_json::Map<String, Value>, name: &str) -> &'m Value {
    members.get(name).unwrap_or(&Value::Null)
}

/// Whatever a client sends, a read-only member and one that the entity does not declare stay as they are.
pub fn read_only_members_never_change(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let Ok(patched) = apply(webhook, body, format, dialect) else { return };
    let (before, after) = (members(webhook), members(&patched.entity));
    for member in Webhook::table().rows().iter().filter(|member| member.access() == Access::ReadOnly) {
        let name = member.name();
        assert!(model::equal(held(&before, name), held(&after, name)), "{name} after {body}");
    }
    let is_declared = |name: &str| Webhook::table().rows().iter().any(|member| member.name() == name);
    let undeclared = |members: serde_json::Map<String, Value>| {
        members.into_iter().filter(|(name, _)| !is_declared(name)).collect::<Vec<_>>()
    };
    assert_eq!(undeclared(before), undeclared(after), "{body}");
}

/// `changed` are the declared members that are different, in the order of the table; `changes` says where inside.
pub fn changed_is_what_differs(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let Ok(patched) = apply(webhook, body, format, dialect) else { return };
    let (before, after) = (members(webhook), members(&patched.entity));
    let names = Webhook::table().rows().iter().map(|member| member.name());
    let different: Vec<&str> = names.filter(|name| !model::equal(held(&before, name), held(&after, name))).collect();
    assert_eq!(patched.changed, different, "{body}");
    let mut places = Vec::new();
    for name in &different {
        seen::differences(held(&before, name), held(&after, name), &format!("/{name}"), &mut places);
    }
    let pointers = patched.changes().expect("few pointers");
    let mut pointers: Vec<String> = pointers.iter().map(ToString::to_string).collect();
    pointers.sort_unstable();
    places.sort_unstable();
    assert_eq!(pointers, places, "{body}");
}

/// The result is an entity that is read back as it is, where serde_json reads its own numbers back.
pub fn a_patched_entity_is_read_back(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let Ok(patched) = apply(webhook, body, format, dialect) else { return };
    let text = serde_json::to_string(&patched.entity).expect("an entity is JSON");
    if !is_held_by_a_tree(&text) {
        return;
    }
    let read: Webhook = serde_json::from_str(&text).expect("an entity is read back");
    assert_eq!(read, patched.entity, "{text}");
}

/// The inverse of a patch gives the entity back as it was.
pub fn the_inverse_undoes_a_patch(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let Ok(patched) = apply(webhook, body, format, dialect) else { return };
    let inverse = patched.inverse(webhook);
    assert_eq!(inverse.operations().is_empty(), patched.changed.is_empty(), "{body}");
    let mut undone = Value::Object(members(&patched.entity));
    entity_patch::apply(&mut undone, &inverse, &Dialect::RFC).expect("the inverse applies");
    assert!(model::equal(&undone, &Value::Object(members(webhook))), "{body}");
}

/// A patch on the stored text of an entity gives what it gives on the entity, or fails in the same way.
pub fn stored_agrees_with_typed(webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let text = serde_json::to_string(webhook).expect("an entity is JSON");
    if is_held_by_a_tree(&text) && is_held_by_a_tree(body) {
        text_agrees_with_typed(&text, webhook, body, format, dialect);
    }
}

/// The same for a text that somebody else wrote: in another order, with members that are absent or unknown. Nothing is
/// asked about texts that a struct cannot hold: a duplicate name, a number that is rounded.
pub fn any_stored_text_agrees_with_typed(text: &str, body: &str, format: Format, dialect: &Dialect) {
    let Ok(webhook) = serde_json::from_str(text) else { return };
    if !is_held_by_a_tree(text) || !is_held_by_a_tree(body) || has_duplicate(text) {
        return;
    }
    match patch_stored::<Webhook>(text.as_bytes(), body.as_bytes(), format, dialect) {
        // A struct does not know how deep what it skipped was.
        Err(error) if error.code() == "malformed-target" && serde_json::from_str::<Value>(text).is_err() => {}
        _ => text_agrees_with_typed(text, &webhook, body, format, dialect),
    }
}

/// Whatever is stored, the result is the stored text but for the members that changed.
pub fn what_did_not_change_keeps_its_bytes(text: &str, body: &str, format: Format, dialect: &Dialect) {
    let Ok(patched) = patch_stored::<Webhook>(text.as_bytes(), body.as_bytes(), format, dialect) else { return };
    let blanks = patched.changed.iter().map(|name| format!(r#"{{"op":"add","path":"/{name}","value":0}}"#));
    let blanks = format!("[{}]", blanks.collect::<Vec<_>>().join(","));
    let blanked = |text: &[u8]| {
        let blanked = patch_json(text, blanks.as_bytes(), Format::JsonPatch, &Dialect::RFC);
        String::from_utf8(blanked.expect("no changed name occurs twice")).expect("the result is text")
    };
    assert_eq!(blanked(&patched.json), blanked(text.as_bytes()), "{body} on {text}");
}

fn text_agrees_with_typed(text: &str, webhook: &Webhook, body: &str, format: Format, dialect: &Dialect) {
    let typed = apply(webhook, body, format, dialect);
    let stored = |body: &str| patch_stored::<Webhook>(text.as_bytes(), body.as_bytes(), format, dialect);
    // A tree may hold members in another order, and of several names that nobody knows another one comes first then.
    let in_order =
        || serde_json::from_str::<Value>(body).map_or_else(|_| stored(body), |tree| stored(&tree.to_string()));
    match (&stored(body), &typed) {
        (Ok(stored), Ok(typed)) => {
            let json = String::from_utf8_lossy(&stored.json);
            let read: Webhook = serde_json::from_str(&json).expect("the result is a webhook");
            let (read, expected) = (members(&read), members(&typed.entity));
            assert!(model::equal(&Value::Object(read), &Value::Object(expected)), "{body} on {text}: {json}");
            assert_eq!(stored.changed, typed.changed, "{body} on {text}");
            if stored.ignored != typed.ignored {
                assert_eq!(in_order().map(|stored| stored.ignored).as_ref(), Ok(&typed.ignored), "{body} on {text}");
            }
            if stored.changed.is_empty() {
                assert_eq!(json, text, "{body} changes nothing");
            }
        }
        (Err(error), _) if error.code() == "too-much-work" => {}
        (_, Err(error)) if error.code() == "too-much-work" => {}
        (Err(error), Err(expected)) => {
            let told = |error: &Error| (error.status(), error.code(), error.operation(), error.path().cloned());
            if told(error) != told(expected) {
                let in_order = in_order().map(|stored| stored.changed).map_err(|error| told(&error));
                assert_eq!(in_order, Err(told(expected)), "{body} on {text}");
            }
        }
        (stored, typed) => panic!("{stored:?} and not {typed:?}: {body} on {text}"),
    }
}

/// A client may send an entity back as it read it, with its links, as a merge patch and as the whole document.
pub fn an_entity_may_be_sent_back(webhook: &Webhook, dialect: &Dialect) {
    let mut whole = members(webhook);
    whole.insert("_Links".to_owned(), serde_json::json!({"Self": "https://example.com/api/v1/Webhook/1"}));
    let replace = serde_json::json!([{"op": "replace", "path": "", "value": whole}]).to_string();
    // In a merge patch, null removes what it finds: nothing but a member that is null can be sent back as null.
    let has_null = |value: &Value| value.to_string().contains("null");
    let merged = Value::Object(whole.clone()).to_string();
    // What a tree rounds, serde_json may read as another number than the one that it wrote.
    if !is_held_by_a_tree(&merged) {
        return;
    }
    let can_be_merged = whole.values().all(|value| value.is_null() || !has_null(value));
    for body in [Some(replace), can_be_merged.then_some(merged)].into_iter().flatten() {
        match apply(webhook, &body, Format::ByShape, dialect) {
            Ok(patched) => {
                assert!(patched.changed.is_empty(), "{:?}: {body}", patched.changed);
                assert_eq!(&patched.entity, webhook);
                let ignored: Vec<&str> = patched.ignored.iter().map(|path| path.as_str()).collect();
                assert_eq!(ignored, ["/_Links"], "{body}");
            }
            // Names that differ only by case cannot be sent at all under such a dialect.
            Err(error) => assert!(matches!(error.code(), "duplicate-name" | "ambiguous-name"), "{error}: {body}"),
        }
    }
}
