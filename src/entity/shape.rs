//! What the JSON of a type is, where that is known without serde: exactly what serde_json accepts for it.

use std::{borrow::Cow, fmt};

use crate::{
    entity::{
        misfit::{Misfit, Why},
        phrases::{ACCEPTED, whole_number},
        reader::{Cursor, Numeral, Outline, is_reserved},
    },
    json::string::unescape,
};

/// What the JSON of a type is, where that is known without serde. Whatever has the shape is written as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub(crate) kind: ShapeKind,
    pub(crate) or_null: bool,
}

/// What the JSON of a type is, but for null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShapeKind {
    /// Only serde knows.
    General,
    /// Any JSON, but for the names that serde_json keeps to itself.
    Any,
    Boolean,
    /// A number without a fraction and an exponent, and other than `-0`, between these.
    Integer {
        least: i128,
        most: i128,
    },
    String,
    /// An array, and what each element is.
    Array(&'static Shape),
    /// An object with any names, and what each value is.
    Object(&'static Shape),
}

impl Shape {
    /// Only serde knows.
    pub const GENERAL: Shape = Shape::new(ShapeKind::General);

    pub(crate) const fn new(kind: ShapeKind) -> Shape {
        Shape { kind, or_null: false }
    }

    /// The shape of an option of the type.
    pub(crate) const fn or_null(self) -> Shape {
        // An option of what only serde knows is read by serde.
        Shape { kind: self.kind, or_null: !matches!(self.kind, ShapeKind::General) }
    }

    /// Whether only serde knows.
    pub(crate) const fn is_general(&self) -> bool {
        matches!(self.kind, ShapeKind::General)
    }

    /// Whether valid JSON has the shape, which is not the general one. Then the type reads it, ignores nothing, and
    /// writes JSON that is equal. A number that no 64-bit float holds is in no body; a stored one stays where it is.
    pub fn check(&self, json: &[u8]) -> Result<(), Misfit> {
        // Most members are strings, and a scalar holds no name. Without a cursor, checking the strings of a webhook takes
        // a tenth of the time, and twenty operations on one take 1 % fewer instructions.
        match (&self.kind, json.first()) {
            (ShapeKind::String, Some(b'"')) => return Ok(()),
            (ShapeKind::Any, Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => return Ok(()),
            _ => {}
        }
        let text = std::str::from_utf8(json).unwrap_or_default();
        let mut path = Vec::new();
        self.take(&mut Cursor::new(text), &mut path).map_err(|words| {
            path.reverse();
            Misfit { path, why: Why::Expected(words) }
        })
    }

    /// Takes the next value. Otherwise says what would be accepted, and where: the innermost reference token first.
    fn take(&self, cursor: &mut Cursor<'_>, path: &mut Vec<String>) -> Result<(), Cow<'static, str>> {
        let first = cursor.peek();
        let is_taken = match &self.kind {
            _ if first == b'n' && self.or_null => cursor.literal("null"),
            ShapeKind::General => true,
            ShapeKind::Any => return take_any(cursor, path),
            ShapeKind::Boolean => cursor.literal("true") || cursor.literal("false"),
            ShapeKind::Integer { least, most } if matches!(first, b'-' | b'0'..=b'9') => {
                let number = match cursor.number() {
                    Numeral::Unsigned(number) => Some(i128::from(number)),
                    Numeral::Signed(number) => Some(i128::from(number)),
                    Numeral::Decimal(_) => None,
                };
                number.is_some_and(|number| (least..=most).contains(&&number))
            }
            ShapeKind::String if first == b'"' => {
                cursor.skip();
                true
            }
            ShapeKind::Array(element) if first == b'[' => return take_elements(element, cursor, path),
            ShapeKind::Object(value) if first == b'{' => return take_members(value, cursor, path),
            ShapeKind::Integer { .. } | ShapeKind::String | ShapeKind::Array(_) | ShapeKind::Object(_) => false,
        };
        if is_taken { Ok(()) } else { Err(self.expected()) }
    }

    /// What would be accepted: the words after "expected".
    pub(crate) fn expected(&self) -> Cow<'static, str> {
        match self.or_null {
            true => format!("{} or null", self.kind).into(),
            false => self.kind.to_string().into(),
        }
    }
}

impl ShapeKind {
    pub(crate) const fn integer(least: i128, most: i128) -> ShapeKind {
        ShapeKind::Integer { least, most }
    }
}

fn take_elements(element: &Shape, cursor: &mut Cursor<'_>, path: &mut Vec<String>) -> Result<(), Cow<'static, str>> {
    cursor.consume(b'[');
    let mut count = 0_usize;
    while cursor.peek() != b']' {
        element.take(cursor, path).inspect_err(|_| path.push(count.to_string()))?;
        count += 1;
        if !cursor.consume(b',') {
            break;
        }
    }
    cursor.consume(b']');
    Ok(())
}

fn take_members(value: &Shape, cursor: &mut Cursor<'_>, path: &mut Vec<String>) -> Result<(), Cow<'static, str>> {
    cursor.consume(b'{');
    while cursor.peek() == b'"' {
        let name = cursor.string();
        cursor.consume(b':');
        value.take(cursor, path).inspect_err(|_| path.push(name.into_owned()))?;
        cursor.consume(b',');
    }
    cursor.consume(b'}');
    Ok(())
}

/// Takes any value that serde_json takes for a `Value`.
fn take_any(cursor: &mut Cursor<'_>, path: &mut Vec<String>) -> Result<(), Cow<'static, str>> {
    let text = cursor.skipped();
    let Some(at) = reserved_name(text) else { return Ok(()) };
    path.extend(Outline::of(text).path_at(at).into_iter().rev());
    Err(Cow::Borrowed("a name that is not reserved"))
}

/// Where the first name is that serde_json does not take for a `Value`.
fn reserved_name(text: &str) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    loop {
        let first = cursor.peek();
        let at = cursor.at;
        match first {
            0 => return None,
            b'"' => {
                let name = cursor.raw_string();
                let may_be_reserved = name.starts_with(['$', '\\']) && cursor.peek() == b':';
                if may_be_reserved && is_reserved(&unescape(name.as_bytes())) {
                    return Some(at);
                }
            }
            _ => cursor.skip_scalar(),
        }
    }
}

impl fmt::Display for ShapeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeKind::General => formatter.write_str(ACCEPTED),
            ShapeKind::Any => formatter.write_str("any value"),
            ShapeKind::Boolean => formatter.write_str("true or false"),
            ShapeKind::Integer { least, most } => formatter.write_str(&whole_number(least, most)),
            ShapeKind::String => formatter.write_str("a string"),
            ShapeKind::Array(_) => formatter.write_str("an array"),
            ShapeKind::Object(_) => formatter.write_str("an object"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_says_where_and_what_would_be_accepted() {
        const ANY: Shape = Shape::new(ShapeKind::Any);
        const TEXT: Shape = Shape::new(ShapeKind::String);
        const FLAGS: Shape = Shape::new(ShapeKind::Array(&Shape::new(ShapeKind::Boolean)));
        const BYTE: Shape = Shape::new(ShapeKind::integer(0, 255)).or_null();
        const BYTES: Shape = Shape::new(ShapeKind::Array(&BYTE));
        const NAMED: Shape = Shape::new(ShapeKind::Object(&BYTES));
        for (shape, text, expected) in [
            (ANY, " [1.5, {\"a\": null}, -0, 12e3, true] ", ""),
            (ANY, "\"$serde_json::private::Number\"", ""),
            (FLAGS, "[true, false]", ""),
            (FLAGS, "[1]", "/0: expected true or false"),
            (TEXT, "\"\\\"\"", ""),
            (TEXT, "null", ": expected a string"),
            (BYTE, "null", ""),
            (BYTE, "256", ": expected a whole number from 0 to 255 or null"),
            (BYTE, "-0", ": expected a whole number from 0 to 255 or null"),
            (BYTE, "18446744073709551616", ": expected a whole number from 0 to 255 or null"),
            (BYTES, "[]", ""),
            (BYTES, "[1, null, 2]", ""),
            (BYTES, "[1, 1.0]", "/1: expected a whole number from 0 to 255 or null"),
            (BYTES, "{}", ": expected an array"),
            (NAMED, "{ \"a\" : [ 1 ] , \"b\" : [] }", ""),
            (NAMED, "{\"a\":[1],\"b\\n\":[true]}", "/b\n/0: expected a whole number from 0 to 255 or null"),
        ] {
            let said = shape.check(text.as_bytes()).map_err(|Misfit { path, why }| {
                format!("{}: {why}", path.iter().map(|token| format!("/{token}")).collect::<String>())
            });
            assert_eq!(said.err().unwrap_or_default(), expected, "{text}");
        }
    }
}
