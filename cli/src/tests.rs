//! Places of errors in bodies that are wrong in every way one byte can make them.

use entity_patch::{Dialect, Error, Format, patch_json};

use crate::{excerpt::Excerpt, locate};

/// Looks an error up and shows its place; the place is in the body.
fn check(body: &[u8], dialect: &Dialect) {
    let target = br#"{"a": {"b": [1, 2]}, "A": 3}"#;
    let Err(error) = patch_json(target, body, Format::ByShape, dialect) else { return };
    let place = match &error {
        Error::Parse(error) => locate::parse_error(body, error),
        Error::Patch(error) => Some(locate::patch_error(body, error).expect("an operation has a place")),
        _ => None,
    };
    if let Some(offset) = place {
        assert!(offset <= body.len(), "{}", String::from_utf8_lossy(body));
        let excerpt = Excerpt::at(body, offset);
        let (line, caret) = excerpt.lines();
        assert!(excerpt.line > 0 && excerpt.column > 0 && !line.contains(char::is_control) && caret.ends_with('^'));
    }
}

#[test]
fn every_error_has_a_place_in_the_body() {
    let bodies = [
        "[{\"op\": \"test\", \"path\": \"/a/b/0\", \"value\": [\"\\\"\\\\\", {}]},\n {\"from\": \"/a\\/x\", \"op\": \"move\", \"path\": \"/c~1\"}]",
        "{\"a\": {\"b\": null, \"\\u00e9\u{e9}\": [{}, -1.5e3]}, \"x\": \"\"}",
    ];
    for body in bodies.map(str::as_bytes) {
        for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
            for at in 0..body.len() {
                check(&body[..at], &dialect);
                check(&body[at..], &dialect);
                for byte in *b"\"\\[]{},:~0 \n\xff" {
                    let mut changed = body.to_vec();
                    changed[at] = byte;
                    check(&changed, &dialect);
                    changed.insert(at, byte);
                    check(&changed, &dialect);
                }
            }
        }
    }
}
