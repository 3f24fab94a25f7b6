//! From the record of a text to a `serde_json::Value`.

use std::{mem, ops::Range};

use serde_json::{Map, Value};

use super::{
    number,
    string::{name_at, unescape, unescaped},
    tape::{Entry, Kind, Tape},
};

/// The value of a text that is JSON, or `None` where an `f64` cannot reach one of its numbers.
pub(crate) fn read(text: &[u8]) -> Option<Value> {
    let mut tape = Tape::for_text(text.len());
    let root = tape.record(text, 0, usize::MAX).ok()?;
    value(&mut tape, std::str::from_utf8(text).ok()?, 0, root)
}

/// The value at a place of the tape, or `None` where an `f64` cannot reach one of its numbers. `text` and `base` are
/// what it was recorded from. Of two members of one name the last one counts.
///
/// It does not recurse. What is not recorded yet is recorded part by part, and forgotten again.
pub(crate) fn value(tape: &mut Tape, text: &str, base: u32, place: usize) -> Option<Value> {
    let entry = tape.entries()[place];
    let own = |entry: Entry| &text[(entry.start - base) as usize..(entry.end - base) as usize];
    match scalar(own(entry)) {
        Scalar::Is(value) => return Some(value),
        Scalar::OutOfRange => return None,
        Scalar::Not => {}
    }
    let mut open = vec![ReadFrame::new(tape, text, base, entry)];
    while let Some(innermost) = open.last_mut() {
        let Some(place) = innermost.places.next() else {
            if let Some(from) = innermost.next.take() {
                tape.truncate(innermost.recorded);
                (innermost.places, innermost.next) =
                    tape.record_some(text.as_bytes(), base, innermost.entry, from).ok()?;
            } else {
                tape.truncate(innermost.recorded);
                let done = open.pop()?.value;
                match open.last_mut() {
                    Some(around) => around.put(done),
                    None => return Some(done),
                }
            }
            continue;
        };
        let entry = tape.entries()[place];
        if let Value::Object(_) = innermost.value {
            let name = name_at(&text.as_bytes()[(entry.key - base) as usize..]);
            innermost.name = unescape(name).into_owned();
        }
        match scalar(own(entry)) {
            Scalar::Is(value) => innermost.put(value),
            Scalar::OutOfRange => return None,
            Scalar::Not => open.push(ReadFrame::new(tape, text, base, entry)),
        }
    }
    None
}

/// What the text of a value is.
enum Scalar {
    Is(Value),
    OutOfRange,
    Not,
}

#[inline(always)]
fn scalar(text: &str) -> Scalar {
    Scalar::Is(match Kind::of(text.as_bytes()[0]) {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(text.starts_with('t')),
        Kind::Number => match number::parse(text) {
            Some(number) => Value::Number(number),
            None => return Scalar::OutOfRange,
        },
        Kind::String => Value::String(unescaped(&text[1..text.len() - 1]).into_owned()),
        Kind::Array | Kind::Object => return Scalar::Not,
    })
}

/// A container that is being read.
struct ReadFrame {
    value: Value,
    /// The name of the member that is being read.
    name: String,
    /// The children that are still to come, as far as they are recorded, and where the others start in the text.
    places: Range<usize>,
    next: Option<u32>,
    entry: Entry,
    /// How long the tape was before they were recorded.
    recorded: usize,
}

impl ReadFrame {
    fn new(tape: &Tape, text: &str, base: u32, entry: Entry) -> ReadFrame {
        let places = tape.children_at(entry.children);
        let value = match text.as_bytes()[(entry.start - base) as usize] {
            b'[' => Value::Array(Vec::with_capacity(places.len())),
            _ => Value::Object(Map::new()),
        };
        let next = (entry.children == 0).then_some(entry.start);
        ReadFrame { value, name: String::new(), places, next, entry, recorded: tape.entries().len() }
    }

    fn put(&mut self, child: Value) {
        match &mut self.value {
            Value::Array(elements) => elements.push(child),
            Value::Object(members) => {
                members.insert(mem::take(&mut self.name), child);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_serde_json_reads() {
        let webhook = include_str!("../../examples/data/webhook_response.json");
        let list = format!("[{}0]", "{\"a\":[1,\"\\n\"],\"b\":-1.5e3,\"\\u0061\":{}},".repeat(9_000));
        let (nested, large) =
            (format!("{}0{}", "[1,".repeat(127), "]".repeat(127)), format!("[{webhook},{list},[{list}]]"));
        for text in
            ["null", " true", "false", "\"\"", "\"a\\u00e9\"", "-0", "[ ]", "{ }", webhook, &list, &nested, &large]
        {
            assert_eq!(read(text.as_bytes()), serde_json::from_str(text).ok(), "{}", &text[..text.len().min(99)]);
        }
        for text in ["[1e400]", "[1", ""] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_was_recorded_for_a_value_is_forgotten() {
        for text in ["-1", r#"{"a":[1,"\n"],"b":{}}"#, &format!("[[{}0],1]", "[7],\"b\",".repeat(40_000))] {
            let mut tape = Tape::new();
            let root = tape.record(text.as_bytes(), 7, 127).expect("JSON");
            let length = tape.entries().len();
            assert_eq!(value(&mut tape, text, 7, root), serde_json::from_str(text).ok());
            assert_eq!(tape.entries().len(), length);
        }
    }
}
