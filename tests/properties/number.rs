//! Laws of numbers.

use entity_patch::{Dialect, Format, Patch, PatchDocument, apply, merge, patch, patch_json, superoffice::Webhook};
use serde_json::{Value, json};

/// A finite double that is printed, sent and written is the same double, and equal to what it was read from: as an
/// operation and as a merge patch, on a tree, on a text and in an entity, under every feature of serde_json.
pub fn a_double_stays_what_it_is(double: f64) {
    let printed = serde_json::to_string(&double).expect("a finite double is JSON");
    let stored = format!("{{\"a\":{printed},\"b\":[0]}}");
    let is_same = |value: &Value| value.as_f64().map(f64::to_bits) == Some(double.to_bits());
    let test = format!("[{{\"op\":\"test\",\"path\":\"/a\",\"value\":{printed}}}]");
    let replace = format!("[{{\"op\":\"replace\",\"path\":\"/b/0\",\"value\":{printed}}}]");
    let merged = format!("{{\"b\":[{printed}]}}");
    let tree: Value = serde_json::from_str(&stored).expect("JSON");
    assert!(is_same(&tree["a"]), "serde_json reads {printed}");
    for body in [&test, &replace, &merged] {
        let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, &Dialect::RFC).expect("a patch");
        let mut patched = tree.clone();
        let result = match &document {
            PatchDocument::JsonPatch(patch) => apply(&mut patched, patch, &Dialect::RFC),
            PatchDocument::MergePatch(patch) => merge(&mut patched, patch, &Dialect::RFC),
        };
        assert_eq!(result, Ok(()), "{body}");
        let text = patch_json(stored.as_bytes(), body.as_bytes(), Format::ByShape, &Dialect::RFC).expect("it applies");
        let read: Value = serde_json::from_slice(&text).expect("JSON");
        let is_test = body == &test;
        assert!(is_test || is_same(&patched["b"][0]) && is_same(&read["b"][0]), "{body}: {patched} and {read}");
        assert!(is_same(&patched["a"]) && is_same(&read["a"]), "{body}: {patched} and {read}");

        let webhook = Webhook {
            properties: Some(std::iter::once(("x".to_owned(), tree.clone())).collect()),
            ..Webhook::default()
        };
        let body = match &document {
            PatchDocument::MergePatch(_) => format!("{{\"Properties\":{{\"x\":{body}}}}}"),
            PatchDocument::JsonPatch(_) => body.replace("\"path\":\"", "\"path\":\"/Properties/x"),
        };
        let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, &Dialect::RFC).expect("a patch");
        let entity = patch(&webhook, &document, &Dialect::RFC).expect("it applies").entity;
        let properties = entity.properties.expect("they stay");
        assert!(is_same(&properties["x"]["a"]) && (is_test || is_same(&properties["x"]["b"][0])), "{body}");
    }
    let patch = Patch::parse(replace.as_bytes(), &Dialect::RFC).expect("a patch");
    assert_eq!(serde_json::from_str::<Patch>(&replace).expect("a patch"), patch);
    assert_eq!(json!(patch).to_string(), json!(serde_json::from_str::<Value>(&replace).expect("JSON")).to_string());
}
