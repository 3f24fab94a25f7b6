//! What holds for any bytes at all.

use entity_patch::{
    Dialect, Format, PatchDocument, Pointer, apply, merge, patch, patch_json, patch_stored, superoffice::Webhook,
};
use serde_json::{Value, json};

use super::text::is_held_by_a_tree;

/// Any body is a patch or a client's error, and any stored text is a document or a server's error. Nothing panics.
pub fn any_bytes_give_ok_or_a_client_error(bytes: &[u8]) {
    let webhook = Webhook::default();
    let stored = serde_json::to_vec(&webhook).expect("a webhook is JSON");
    let targets = [json!({"a": [1, {"b": null}], "k": {"A": 1.5}}), json!([[], {}, "x"]), json!(null)];
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
        for format in [Format::JsonPatch, Format::MergePatch, Format::ByShape] {
            match PatchDocument::parse(bytes, format, &dialect) {
                Ok(document) => {
                    for target in &targets {
                        let mut tree = target.clone();
                        let result = match &document {
                            PatchDocument::JsonPatch(patch) => apply(&mut tree, patch, &dialect),
                            PatchDocument::MergePatch(patch) => merge(&mut tree, patch, &dialect),
                        };
                        if let Err(error) = result {
                            assert!(matches!(error.status(), 409 | 422), "{error}");
                            assert_eq!(&tree, target, "{error}");
                        }
                    }
                    if let Err(error) = patch(&webhook, &document, &dialect) {
                        assert!(matches!(error.status(), 409 | 422), "{error}");
                    }
                }
                Err(error) => assert!(matches!(error.status(), 400 | 413 | 422), "{error}"),
            }
            for target in &targets {
                match patch_json(target.to_string().as_bytes(), bytes, format, &dialect) {
                    Ok(json) => drop(serde_json::from_slice::<Value>(&json).expect("the result is JSON")),
                    Err(error) => assert!((400..500).contains(&error.status()), "{error}"),
                }
            }
            match patch_stored::<Webhook>(&stored, bytes, format, &dialect) {
                Ok(patched) => drop(serde_json::from_slice::<Webhook>(&patched.json).expect("the result is a webhook")),
                Err(error) => assert!((400..500).contains(&error.status()), "{error}"),
            }
        }
        match patch_json(bytes, b"[]", Format::JsonPatch, &dialect) {
            Ok(json) if std::str::from_utf8(bytes).is_ok_and(is_held_by_a_tree) => {
                let read = |json: &[u8]| serde_json::from_slice::<Value>(json).ok();
                assert_eq!(read(&json), read(bytes), "an empty patch");
            }
            Ok(_) => {}
            Err(error) => {
                assert_eq!((error.status(), error.code()), (500, "malformed-target"), "{error}");
            }
        }
        if let Err(error) = patch_stored::<Webhook>(bytes, b"[]", Format::JsonPatch, &dialect) {
            assert_eq!((error.status(), error.code()), (500, "malformed-target"), "{error}");
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        Format::from_content_type(text);
        if let Ok(pointer) = Pointer::parse_optional_slash(text) {
            assert_eq!(Pointer::parse(pointer.as_str()).as_ref(), Ok(&pointer));
            let mut built = Pointer::ROOT;
            pointer.tokens().for_each(|token| built.push(&token.name()));
            assert_eq!(built, pointer);
        }
    }
}
