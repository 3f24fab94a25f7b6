//! Laws of patches on stored text.

use entity_patch::{Dialect, Format, Operation, Patch, PatchDocument, Pointer, apply, merge, patch_json};
use serde_json::Value;

use super::model;

/// A patch on a text gives what it gives on the tree of that text, or fails in the same way. Nothing is asked about
/// texts that a tree cannot hold: a duplicate name, a number that is rounded.
pub fn text_agrees_with_tree(target: &str, body: &str, format: Format, dialect: &Dialect) {
    let Ok(mut tree) = serde_json::from_str::<Value>(target) else { return };
    if !is_held_by_a_tree(target) || !is_held_by_a_tree(body) || has_duplicate(target) {
        return;
    }
    let result = patch_json(target.as_bytes(), body.as_bytes(), format, dialect);
    let document = match PatchDocument::parse(body.as_bytes(), format, dialect) {
        Ok(document) => document,
        Err(error) => {
            assert_eq!(result, Err(error.into()), "{body} on {target}");
            return;
        }
    };
    let expected = match &document {
        PatchDocument::JsonPatch(patch) => apply(&mut tree, patch, dialect),
        PatchDocument::MergePatch(patch) => merge(&mut tree, patch, dialect),
    };
    match (&result, &expected) {
        (Ok(json), Ok(())) => {
            let read: Value = serde_json::from_slice(json).expect("the result is JSON");
            let text = String::from_utf8_lossy(json);
            assert!(model::equal(&read, &tree), "{body} on {target}: {text} and not {tree}");
        }
        // Each way in has a budget for what is work to it.
        (Err(error), _) if error.code() == "too-much-work" => {}
        (_, Err(error)) if error.code() == "too-much-work" => {}
        (Err(error), Err(expected)) => assert_eq!(
            (error.status(), error.code(), error.operation(), error.path()),
            (expected.status(), expected.code(), expected.operation(), expected.path()),
            "{body} on {target}"
        ),
        _ => panic!("{result:?} and not {expected:?}: {body} on {target}"),
    }
}

/// A document inside of another one is patched as by itself, and what is around it keeps its bytes.
pub fn what_stands_around_keeps_its_bytes(target: &str, patch: &Patch, dialect: &Dialect) {
    let around = |text: &str| format!("{{\"\\u0061\": [ 1.50e0 ,{{}}],\"x\" :{text},\n\"after\":null }}");
    let inside = |path: &Pointer| Pointer::parse(&format!("/x{path}")).expect("a pointer");
    let operations = patch.operations().iter().map(|operation| match operation {
        Operation::Add { path, value } => Operation::Add { path: inside(path), value: value.clone() },
        Operation::Remove { path } => Operation::Remove { path: inside(path) },
        Operation::Replace { path, value } => Operation::Replace { path: inside(path), value: value.clone() },
        Operation::Move { from, path } => Operation::Move { from: inside(from), path: inside(path) },
        Operation::Copy { from, path } => Operation::Copy { from: inside(from), path: inside(path) },
        Operation::Test { path, value } => Operation::Test { path: inside(path), value: value.clone() },
    });
    let patched = |target: &str, patch: &Patch| {
        let json = patch_json(target.as_bytes(), patch.to_string().as_bytes(), Format::JsonPatch, dialect)?;
        Ok(String::from_utf8(json).expect("the result is text"))
    };
    let alone: Result<String, entity_patch::Error> = patched(target, patch);
    let result: Result<String, entity_patch::Error> = patched(&around(target), &Patch::new(operations.collect()));
    match (&result, &alone) {
        (Ok(json), Ok(alone)) => {
            assert_eq!(*json, around(alone), "{patch} on {target}");
            if patch.operations().iter().all(|operation| matches!(operation, Operation::Test { .. })) {
                assert_eq!(alone, target, "{patch} writes nothing");
            }
        }
        // The document is a level deeper there, its paths are longer, and it is a member that can be removed.
        (Err(error), _) if matches!(error.code(), "too-deep" | "pointer-too-long" | "body-too-large") => {}
        (_, Err(error)) if matches!(error.code(), "too-much-work" | "root-removed" | "malformed-target") => {}
        (Err(error), Err(alone)) => {
            assert_eq!((error.code(), error.operation()), (alone.code(), alone.operation()), "{patch} on {target}");
            assert_eq!(error.path().cloned(), alone.path().map(inside), "{patch} on {target}");
        }
        _ => panic!("{result:?} and not {alone:?}: {patch} on {target}"),
    }
}

/// Whether every number of a text is one that a tree gives back: an integer of 64 bits, a decimal that is short enough
/// for an `f64`, or what an `f64` is printed as.
pub fn is_held_by_a_tree(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut is_string) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => is_string = !is_string,
            b'\\' if is_string => at += 1,
            b'-' | b'0'..=b'9' if !is_string => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|byte| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .count();
                let number = &text[at..at + length];
                let is_zero =
                    !number.split(['e', 'E']).take(1).any(|digits| digits.contains(|digit| matches!(digit, '1'..='9')));
                let is_held = number.parse::<f64>().is_ok_and(|float| {
                    let is_short = number.len() <= 15 && (is_zero || (1e-290..1e290).contains(&float.abs()));
                    is_short || serde_json::to_string(&float).is_ok_and(|printed| printed == number)
                });
                if !is_held && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
                    return false;
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// Whether an object of a text has a duplicate name.
pub fn has_duplicate(text: &str) -> bool {
    PatchDocument::parse(text.as_bytes(), Format::MergePatch, &Dialect::RFC)
        .is_err_and(|error| error.code() == "duplicate-name")
}

/// Another spelling of a document: white space between its tokens, and escapes in its strings, as `choices` says.
pub fn respelt(value: &Value, choices: u64) -> String {
    let mut speller = Speller { choices, text: String::new() };
    speller.value(value);
    speller.text
}

struct Speller {
    choices: u64,
    text: String,
}

impl Speller {
    fn choice(&mut self, count: u64) -> u64 {
        // The constants of Knuth's MMIX generator; any that spread will do.
        self.choices = self.choices.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.choices >> 33) % count
    }

    fn space(&mut self) {
        for _ in 0..self.choice(3) {
            let space = [' ', '\n', '\r', '\t'][self.choice(4) as usize];
            self.text.push(space);
        }
    }

    fn token(&mut self, token: &str) {
        self.space();
        self.text.push_str(token);
        self.space();
    }

    fn string(&mut self, string: &str) {
        self.space();
        self.text.push('"');
        for character in string.chars() {
            let is_plain = character != '"' && character != '\\' && character >= ' ';
            match self.choice(4) {
                1 => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.text.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                2 if character == '/' => self.text.push_str("\\/"),
                _ if is_plain => self.text.push(character),
                _ => {
                    let escaped = Value::String(character.to_string()).to_string();
                    self.text.push_str(escaped.trim_start_matches('"').trim_end_matches('"'));
                    if character == '"' {
                        self.text.push('"');
                    }
                }
            }
        }
        self.text.push('"');
        self.space();
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => self.token(&value.to_string()),
            Value::String(string) => self.string(string),
            Value::Array(elements) => {
                self.token("[");
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        self.token(",");
                    }
                    self.value(element);
                }
                self.token("]");
            }
            Value::Object(members) => {
                self.token("{");
                for (index, (name, member)) in members.iter().enumerate() {
                    if index > 0 {
                        self.token(",");
                    }
                    self.string(name);
                    self.token(":");
                    self.value(member);
                }
                self.token("}");
            }
        }
    }
}
