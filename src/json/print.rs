//! A value as compact JSON text, to the letter: a number as the tree holds it, and no name with a meaning of its own.

use std::{io::Write, slice};

use serde_json::{Value, map};

use super::string::is_plain;

/// A value as compact JSON text.
pub(crate) fn compact(value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    print(value, &mut text);
    text
}

/// Appends a value as compact JSON text, without recursion.
pub(crate) fn print(value: &Value, text: &mut Vec<u8>) {
    let mut open = Vec::new();
    let mut next = Some(value);
    loop {
        match next {
            Some(Value::Array(elements)) => {
                text.push(b'[');
                open.push(PrintFrame::Array(elements.iter()));
            }
            Some(Value::Object(members)) => {
                text.push(b'{');
                open.push(PrintFrame::Object(members.iter()));
            }
            Some(Value::Null) => text.extend(b"null"),
            Some(Value::Bool(true)) => text.extend(b"true"),
            Some(Value::Bool(false)) => text.extend(b"false"),
            // Under `arbitrary_precision` its `Serialize` would write an object with a name of serde_json's own.
            Some(Value::Number(number)) => write!(text, "{number}").expect("a vector takes what is written"),
            Some(Value::String(content)) => {
                quoted(content, text);
            }
            None => {}
        }
        let Some(innermost) = open.last_mut() else { return };
        next = innermost.next(text);
        if next.is_none() {
            open.pop();
        }
    }
}

/// A container that is being written, and what is left of it.
enum PrintFrame<'v> {
    Array(slice::Iter<'v, Value>),
    Object(map::Iter<'v>),
}

impl<'v> PrintFrame<'v> {
    /// Writes up to the next value and returns that, or writes the end of the container.
    fn next(&mut self, text: &mut Vec<u8>) -> Option<&'v Value> {
        // No value ends with one of these.
        let is_first = matches!(text.last(), Some(b'[' | b'{'));
        let comma = |text: &mut Vec<u8>| text.extend((!is_first).then_some(b','));
        match self {
            PrintFrame::Array(elements) => match elements.next() {
                Some(element) => {
                    comma(text);
                    Some(element)
                }
                None => {
                    text.push(b']');
                    None
                }
            },
            PrintFrame::Object(members) => match members.next() {
                Some((name, member)) => {
                    comma(text);
                    quoted(name, text);
                    text.push(b':');
                    Some(member)
                }
                None => {
                    text.push(b'}');
                    None
                }
            },
        }
    }
}

/// Appends a string as JSON text. Returns whether it has no escapes.
#[inline]
pub(super) fn quoted(content: &str, text: &mut Vec<u8>) -> bool {
    if !is_plain(content) {
        serde_json::to_writer(text, content).expect("a string is JSON, and a vector takes it");
        return false;
    }
    text.push(b'"');
    text.extend_from_slice(content.as_bytes());
    text.push(b'"');
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_printed_as_serde_json_does() {
        for value in [
            json!(null),
            json!([true, false, -1, 1.5, -0.0, 1e300, u64::MAX]),
            json!("\"\\\u{1}é\n[{"),
            json!([[], {}, [[]], {"a": {}, "b": [{"": 1}, "["]}]),
        ] {
            assert_eq!(String::from_utf8(compact(&value)), Ok(value.to_string()));
        }
    }
}
