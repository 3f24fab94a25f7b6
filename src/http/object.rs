//! The members of an object in a text that stays text: their names, and where their values stand.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use crate::{
    dialect::Limits,
    json::scan::{Handler, Problem, ScanError, Scanner, SyntaxError},
};

/// A member of an object.
pub(crate) struct Member<'s> {
    pub(crate) name: Cow<'s, str>,
    /// Where its value stands.
    pub(crate) value: Range<usize>,
}

/// The members of the object that comes next in a text, and stands `level` levels below the entity.
pub(crate) fn members<'s>(scanner: &mut Scanner<'s>, level: usize) -> Result<Vec<Member<'s>>, ScanError> {
    if !scanner.consume(b'{') {
        return Err(scanner.unexpected(SyntaxError::ExpectedValue));
    }
    let mut members = Vec::new();
    let mut has_another = !scanner.consume(b'}');
    while has_another {
        let name = scanner.name()?;
        scanner.peek();
        let start = scanner.offset();
        scanner.walk(&mut Skip, Limits::DEFAULT.depth().saturating_sub(level + 1))?;
        members.push(Member { name, value: start..scanner.offset() });
        has_another = scanner.another(b'}')?;
    }
    Ok(members)
}

/// Walks over a value without looking at it.
struct Skip;

impl<'t> Handler<'t> for Skip {
    fn begin_array(&mut self) {}
    fn end_array(&mut self) {}
    fn begin_object(&mut self) {}
    fn name(&mut self, _name: Cow<'t, str>) {}
    fn end_object(&mut self, _offset: usize) -> Result<(), Problem> {
        Ok(())
    }
    fn string(&mut self, _text: Cow<'t, str>) {}
    fn number(&mut self, _text: &'t str) -> Result<(), Problem> {
        Ok(())
    }
    fn boolean(&mut self, _value: bool) {}
    fn null(&mut self) {}
}

/// Writes a string as JSON.
pub(crate) fn write_string(string: &str, json: &mut Vec<u8>) {
    json.extend_from_slice(Value::from(string).to_string().as_bytes());
}
