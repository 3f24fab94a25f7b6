use entity_patch::{Dialect, Limits, Patch};

/// A patch is what it writes.
pub fn patch_serialises_and_parses_back(patch: &Patch) {
    let unlimited = Dialect {
        limits: Limits { body_bytes: usize::MAX, operations: usize::MAX, pointer_bytes: usize::MAX, ..Limits::DEFAULT },
        ..Dialect::RFC
    };
    let text = serde_json::to_string(patch).expect("a patch is JSON");
    assert_eq!(Patch::parse(text.as_bytes(), &unlimited).as_ref(), Ok(patch), "{text}");
    assert_eq!(patch.to_string(), text);
    let pretty = format!("{patch:#}");
    assert_eq!(Patch::parse(pretty.as_bytes(), &unlimited).as_ref(), Ok(patch), "{pretty}");
    // Under `arbitrary_precision` serde_json hands an object with this name to every reader as a number.
    if !text.contains("$serde_json::private::") {
        let read: Patch = serde_json::from_str(&text).expect("serde reads what serde wrote");
        assert_eq!(&read, patch, "{text}");
    }
}
