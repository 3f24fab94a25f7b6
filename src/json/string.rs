//! Reads and compares what is between the quotes of a validated string. Which spelling of a member's name matches which
//! is decided in `name`.

use std::borrow::Cow;

use super::bitmap::code_unit;
use crate::json::bytes;

/// The text that `raw` means: the bytes between the quotes of a validated string (RFC 8259 section 7).
///
/// Bytes that no validated string has turn into U+FFFD; there is no panic.
pub(crate) fn unescape(raw: &[u8]) -> Cow<'_, str> {
    if !has_escapes(raw) {
        return std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
    }
    Cow::Owned(without_escapes(raw))
}

/// As [`unescape`], for a string that is known to be UTF-8.
#[inline]
pub(crate) fn unescaped(raw: &str) -> Cow<'_, str> {
    if has_escapes(raw.as_bytes()) { Cow::Owned(without_escapes(raw.as_bytes())) } else { Cow::Borrowed(raw) }
}

fn without_escapes(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    pieces(raw, |piece| {
        match piece {
            StringPart::Plain(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
            StringPart::Escaped(character) => text.push(character),
        }
        true
    });
    text
}

/// Whether the text of a validated string has an escape.
#[inline]
pub(crate) fn has_escapes(raw: &[u8]) -> bool {
    bytes::any(raw, |word| bytes::first(word, b'\\'))
}

/// Whether `raw`, the bytes between the quotes of a validated string, means `wanted`. Allocates nothing.
pub(crate) fn name_eq_escaped(raw: &[u8], wanted: &str) -> bool {
    // An escape is never shorter than the UTF-8 of its character.
    if raw.len() < wanted.len() {
        return false;
    }
    let mut rest = wanted.as_bytes();
    let agrees = pieces(raw, |piece| {
        let mut buffer = [0; 4];
        let expected = match piece {
            StringPart::Plain(bytes) => bytes,
            StringPart::Escaped(character) => character.encode_utf8(&mut buffer).as_bytes(),
        };
        match rest.strip_prefix(expected) {
            Some(behind) => {
                rest = behind;
                true
            }
            None => false,
        }
    });
    agrees && rest.is_empty()
}

/// Whether a text can have a name without an escape. If not, [`starts_with_name`] must not be asked: `a":1,"b`
/// is not a name of `{"a":1,"b":2}`.
#[inline]
pub(crate) fn is_plain(name: &str) -> bool {
    !bytes::any(name.as_bytes(), bytes::first_special)
}

/// Whether a text starts with `name`, which [is plain](is_plain), and the quote that ends it.
#[inline]
pub(crate) fn starts_with_name(text: &[u8], name: &str) -> bool {
    text.get(name.len()) == Some(&b'"')
        && text.get(..name.len()).is_some_and(|start| bytes::same(start, name.as_bytes()))
}

/// The name that starts at the first byte of `text`, inside its quotes, with its escapes.
pub(crate) fn name_at(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(chunk) = rest.first_chunk() {
        let word = bytes::word(chunk);
        let special = bytes::first(word, b'"') | bytes::first(word, b'\\');
        rest = &rest[bytes::before(special)..];
        if special != 0 {
            break;
        }
    }
    let plain = text.len() - rest.len();
    let mut escaped = false;
    let end = rest.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    &text[..end.map_or(text.len(), |end| plain + end)]
}

/// A part of a string: plain bytes, or one escape.
enum StringPart<'t> {
    Plain(&'t [u8]),
    Escaped(char),
}

/// Hands the pieces of `raw` to `each` until it answers false. Returns its last answer.
fn pieces<'t>(mut raw: &'t [u8], mut each: impl FnMut(StringPart<'t>) -> bool) -> bool {
    while let Some(at) = raw.iter().position(|&byte| byte == b'\\') {
        let (character, length) = escape(&raw[at..]);
        if !each(StringPart::Plain(&raw[..at])) || !each(StringPart::Escaped(character)) {
            return false;
        }
        raw = raw.get(at + length..).unwrap_or_default();
    }
    each(StringPart::Plain(raw))
}

/// The character of the escape that `raw` starts with, and the escape's length.
fn escape(raw: &[u8]) -> (char, usize) {
    let character = match raw.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{C}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return code_point(raw),
        Some(&byte) => char::from(byte),
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, 2)
}

/// As above, for `\uXXXX`, or for two of them that make a pair.
fn code_point(raw: &[u8]) -> (char, usize) {
    let units = [code_unit(raw, 0), code_unit(raw, 6)].map(|unit| unit.unwrap_or(0xFFFD));
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => (character, 6 * character.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_compared_by_meaning() {
        let rows = [
            ("", ""),
            ("plain", "plain"),
            (r"\u0041b", "Ab"),
            (r"a\u0062", "ab"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
            (r"\uD83D\uDE00!", "\u{1F600}!"),
            (r"\ud83d\ude00\u20aC", "\u{1F600}\u{20AC}"),
            ("é\\u00e9é", "ééé"),
            (r"\\u0041", "\\u0041"),
            (r"\u0000", "\0"),
        ];
        for (raw, meaning) in rows {
            assert_eq!(unescape(raw.as_bytes()), meaning);
            assert_eq!(matches!(unescape(raw.as_bytes()), Cow::Borrowed(_)), !raw.contains('\\'));
            assert!(name_eq_escaped(raw.as_bytes(), meaning));
            assert!(!name_eq_escaped(raw.as_bytes(), &format!("{meaning}x")));
            assert!(!name_eq_escaped(format!("{raw}x").as_bytes(), meaning));
            assert!(!name_eq_escaped(format!("x{raw}").as_bytes(), meaning));
        }
    }

    #[test]
    fn a_plain_name_is_spelt_without_escapes() {
        for (name, expected) in [("", true), ("a b", true), ("\u{7F}é", true), ("a\":1,\"b", false), ("a\\", false)] {
            assert_eq!(is_plain(name), expected, "{name}");
        }
    }

    #[test]
    fn what_was_never_validated_does_not_panic() {
        for raw in [&b"\\"[..], b"\\u", b"\\u12", b"\\uD800", b"\\uDC00x", b"\\uD800\\u0041", b"\xFF\\n", b"\\\xFF"] {
            let _ = unescape(raw);
            assert!(!name_eq_escaped(raw, "wanted"));
        }
    }
}
