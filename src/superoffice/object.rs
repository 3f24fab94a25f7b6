//! The members of an object in a text that stays text: their names, and where their values are.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use crate::json::{
    string::{name_at, unescape},
    syntax::{Fault, SyntaxError},
    tape::Tape,
};

/// A member of an object.
pub(super) struct ObjectMember<'s> {
    pub(super) name: Cow<'s, str>,
    /// Where its value is in the text.
    pub(super) value: Range<usize>,
    /// Where its value is on the tape.
    pub(super) place: usize,
}

/// The members of the object at a place on the tape, where the text was recorded at address 0.
pub(super) fn members<'s>(tape: &mut Tape, text: &'s [u8], place: usize) -> Result<Vec<ObjectMember<'s>>, Fault> {
    let start = tape.entries()[place].start as usize;
    if text[start] != b'{' {
        return Err(Fault::syntax(start, SyntaxError::ExpectedValue));
    }
    let places = tape.expand(text, 0, place)?;
    let entries = &tape.entries()[places.clone()];
    let members = places.zip(entries).map(|(place, entry)| ObjectMember {
        name: unescape(name_at(&text[entry.key as usize..])),
        value: entry.start as usize..entry.end as usize,
        place,
    });
    Ok(members.collect())
}

/// Writes a string as JSON.
pub(super) fn write_string(string: &str, json: &mut Vec<u8>) {
    json.extend_from_slice(Value::from(string).to_string().as_bytes());
}
