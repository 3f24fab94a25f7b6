//! Laws of reading a body.

use entity_patch::{Dialect, MergePatch, Patch};
use serde_json::Value;

use super::text::is_held_by_a_tree;

/// A body is what serde_json reads, but for what it takes and this crate refuses: a duplicate name, a number
/// that an `f64` cannot reach (under `arbitrary_precision`), an operation's member that is deeper than a limit. A byte
/// order mark in front of it is ignored (RFC 8259 section 8.1).
pub fn a_body_is_what_serde_json_reads(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        assert_eq!(MergePatch::parse(bytes, &Dialect::RFC).expect_err("it is no text").code(), "malformed-json");
        return;
    };
    // Under `arbitrary_precision` serde_json hands an object with this name to every reader as a number.
    if text.contains("$serde_json::private::") || text.contains("\\u") {
        return;
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let read = serde_json::from_str::<Value>(text);
    let is_refused_alone = |code| matches!(code, "duplicate-name" | "too-deep") || !is_held_by_a_tree(text);
    match (MergePatch::parse(bytes, &Dialect::RFC), &read) {
        (Ok(patch), Ok(read)) => assert_eq!(serde_json::to_value(patch).expect("a merge patch is JSON"), *read),
        (Err(error), _) if is_refused_alone(error.code()) => {}
        (Err(error), Err(_)) => assert!(matches!(error.code(), "malformed-json" | "missing-body"), "{error}: {text}"),
        (patch, read) => panic!("{patch:?} and not {read:?}: {text}"),
    }
    // What serde_json skips it does not read: whether there is an operation to compare, a value has to say.
    let (Ok(_), read) = (read, serde_json::from_str::<Patch>(text)) else { return };
    match (Patch::parse(bytes, &Dialect::RFC), read) {
        (Ok(patch), Ok(read)) => assert_eq!(patch, read, "{text}"),
        (Err(error), _) if is_refused_alone(error.code()) => {}
        (Err(error), Ok(read)) => {
            assert!(matches!(error.code(), "pointer-too-long" | "too-many-operations"), "{error} and not {read}");
        }
        (Err(error), Err(_)) => assert!((400..500).contains(&error.status()), "{error}"),
        (Ok(patch), Err(error)) => panic!("{patch} and not {error}"),
    }
}
