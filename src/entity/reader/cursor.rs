//! The tokens of a JSON text that is known to be valid. Nothing is checked, and no text makes it panic or run on.

use std::borrow::Cow;

use crate::json::{bytes, string, token};

/// A position in a text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'de> {
    pub(super) text: &'de str,
    pub(crate) at: usize,
}

/// A number, by the classes that serde_json's reader has.
pub(crate) enum Numeral<'de> {
    Unsigned(u64),
    /// Below zero.
    Signed(i64),
    /// With a fraction or an exponent, too long for 64 bits, or `-0`.
    Decimal(&'de str),
}

impl<'de> Cursor<'de> {
    pub(crate) fn new(text: &'de str) -> Cursor<'de> {
        Cursor { text, at: 0 }
    }

    /// The next byte; after the text a zero, which is nowhere in JSON.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Skips white space. Returns the first byte of the next token.
    #[inline]
    pub(crate) fn peek(&mut self) -> u8 {
        match self.byte() {
            byte if byte > b' ' => byte,
            _ => self.peek_after_blanks(),
        }
    }

    #[inline(never)]
    fn peek_after_blanks(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Consumes `byte`, if it comes next.
    #[inline]
    pub(crate) fn consume(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        self.at += usize::from(is_next);
        is_next
    }

    /// Consumes a literal, whose first byte is next.
    #[inline]
    pub(crate) fn literal(&mut self, literal: &str) -> bool {
        let is_next = self.text.as_bytes()[self.at..].starts_with(literal.as_bytes());
        self.at += if is_next { literal.len() } else { 0 };
        is_next
    }

    /// A string, whose opening quote is next, without its escapes.
    #[inline]
    pub(crate) fn string(&mut self) -> Cow<'de, str> {
        let start = self.at + 1;
        let end = start + plain_length(&self.text.as_bytes()[start..]);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return Cow::Borrowed(&self.text[start..end]);
        }
        string::unescape(self.raw_string().as_bytes())
    }

    /// What is between the quotes of a string, as it is written. The opening quote is next.
    pub(crate) fn raw_string(&mut self) -> &'de str {
        let start = self.at + 1;
        self.skip_string();
        self.text.get(start..self.at - 1).unwrap_or_default()
    }

    /// A number, whose first byte is next.
    #[inline]
    pub(crate) fn number(&mut self) -> Numeral<'de> {
        let text = self.text.as_bytes();
        let is_negative = self.byte() == b'-';
        let first = self.at + usize::from(is_negative);
        let mut end = first;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = text.get(end) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            end += 1;
        }
        // A `u64` holds any 19 digits.
        if end - first > 19 || matches!(text.get(end), Some(b'.' | b'e' | b'E')) {
            return self.long_number();
        }
        if !is_negative {
            self.at = end;
            return Numeral::Unsigned(value);
        }
        match 0_i64.checked_sub_unsigned(value) {
            Some(negative @ ..0) => {
                self.at = end;
                Numeral::Signed(negative)
            }
            _ => self.long_number(),
        }
    }

    #[inline(never)]
    fn long_number(&mut self) -> Numeral<'de> {
        let text = self.number_text();
        match text.parse() {
            Ok(unsigned) => Numeral::Unsigned(unsigned),
            Err(_) => Numeral::Decimal(text),
        }
    }

    /// A number, whose first byte is next, as it is written.
    pub(crate) fn number_text(&mut self) -> &'de str {
        let start = self.at;
        while let b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' = self.byte() {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Skips the next value.
    pub(crate) fn skip(&mut self) {
        let mut level = 0_usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => self.skip_string(),
                b'{' | b'[' => {
                    self.at += 1;
                    level += 1;
                }
                b'}' | b']' if level == 0 => return,
                b'}' | b']' => {
                    self.at += 1;
                    level -= 1;
                }
                _ => self.skip_scalar(),
            }
            if level == 0 {
                return;
            }
        }
    }

    /// The text of the next value, which is skipped.
    pub(crate) fn skipped(&mut self) -> &'de str {
        self.peek();
        let start = self.at;
        self.skip();
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_string(&mut self) {
        let text = self.text.as_bytes();
        let mut end = self.at + 1;
        end += plain_length(&text[end..]);
        while let Some(b'\\') = text.get(end) {
            end = text.len().min(end + 2);
            end += plain_length(&text[end..]);
        }
        self.at = text.len().min(end + 1);
    }

    /// Consumes a number, a literal or one byte of punctuation.
    pub(crate) fn skip_scalar(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let is_end = |byte: &u8| matches!(byte, 0..=b' ' | b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}');
        self.at += rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
    }
}

/// Whether a text differs in white space alone from one that has none outside of its strings.
pub(crate) fn is_equal_but_for_blanks(text: &str, compact: &str) -> bool {
    if text.len() <= compact.len() {
        return text == compact;
    }
    let (mut text, mut compact) = (Cursor::new(text), Cursor::new(compact));
    loop {
        let byte = text.peek();
        if byte != compact.byte() {
            return false;
        }
        match byte {
            0 => return true,
            b'"' if text.raw_string() != compact.raw_string() => return false,
            b'"' => {}
            _ => {
                text.at += 1;
                compact.at += 1;
            }
        }
    }
}

/// Whether a text is a number (RFC 8259 section 6). A name between quotes need not be one.
pub(super) fn is_number(text: &str) -> bool {
    token::any_number(text.as_bytes(), 0, &mut None).is_ok_and(|end| end as usize == text.len())
}

/// How many bytes come before the first quote or backslash.
#[inline]
fn plain_length(text: &[u8]) -> usize {
    let find = |word| bytes::first(word, b'"') | bytes::first(word, b'\\');
    let mut length = 0;
    let (chunks, rest) = bytes::chunks(text);
    for chunk in chunks {
        let found = find(bytes::word(chunk));
        if found != 0 {
            return length + bytes::before(found);
        }
        length += 8;
    }
    length + bytes::before(find(bytes::padded(rest))).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_no_difference_outside_of_strings() {
        for (text, compact, expected) in [
            ("1", "1", true),
            (" 1", "1", true),
            ("1\n", "1", true),
            ("{ \"a b\" : [ 1 ,\t2 ] }\r\n", "{\"a b\":[1,2]}", true),
            ("[ \"a\\\" b\" ]", "[\"a\\\" b\"]", true),
            ("\"a  b\"", "\"a b\"", false),
            ("[1, 2]", "[1,3]", false),
            ("[1, 2]", "[1,2", false),
            ("[1,  2", "[1,2]", false),
            ("  1", "12", false),
            ("1.0 ", "1", false),
            (" \"\\u0061\"", "\"a\"", false),
        ] {
            assert_eq!(is_equal_but_for_blanks(text, compact), expected, "{text} and {compact}");
        }
    }

    #[test]
    fn a_number_is_told_by_its_grammar() {
        for text in ["0", "-0", "12", "1.5", "-1e9", "1E+2", "0.0e-0"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "-", "01", "1.", ".5", "1e", "+1", " 1", "1 ", "1x", "x"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["", "\"", "\"\\", "\"\\u", "\"é\\é", "[", "{\"", "\u{1}", "-", "\"a\\\"", "é", "]", ",:"] {
            let mut cursor = Cursor::new(text);
            cursor.skip();
            assert!(cursor.at <= text.len(), "{text}");
            for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)) {
                Cursor { text, at }.raw_string();
                Cursor { text, at }.string();
                Cursor { text, at }.number();
                Cursor { text, at }.literal("null");
            }
        }
    }
}
