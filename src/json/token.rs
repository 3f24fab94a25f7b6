//! The tokens outside of strings: white space, literals and numbers, eight bytes at a time where that pays.

use super::{
    bytes::{self, eight},
    check::Checks,
    syntax::{Fault, SyntaxError},
};

/// The error for a byte that is not allowed at `at`.
#[cold]
pub(crate) fn unexpected(text: &[u8], at: u32, reason: SyntaxError) -> Fault {
    Fault::syntax(at as usize, if (at as usize) < text.len() { reason } else { SyntaxError::UnexpectedEnd })
}

/// The byte at `at`; after the end of the text a zero, which no JSON has.
#[inline(always)]
pub(crate) fn byte(text: &[u8], at: u32) -> u8 {
    text.get(at as usize).copied().unwrap_or(0)
}

/// Eight bytes from `at` on, the first one lowest; zeros after the end of the text.
#[inline(always)]
pub(crate) fn word(text: &[u8], at: u32) -> u64 {
    // In this form a bounds check is one comparison: a `u32` plus 8 cannot overflow.
    match text.get(at as usize..at as usize + 8).and_then(<[u8]>::first_chunk) {
        Some(bytes) => bytes::word(bytes),
        None => last_word(text, at),
    }
}

#[cold]
fn last_word(text: &[u8], at: u32) -> u64 {
    bytes::padded(text.get(at as usize..).unwrap_or_default())
}

/// The offset of the first byte from `at` on that is not white space (RFC 8259 section 2).
#[inline(always)]
pub(crate) fn skip_blanks(text: &[u8], at: u32) -> u32 {
    if byte(text, at) <= b' ' { skip_more_blanks(text, at) } else { at }
}

/// The same where the byte at `at` may be white space, which was looked at already.
#[inline(never)]
pub(super) fn skip_more_blanks(text: &[u8], mut at: u32) -> u32 {
    if at as usize >= text.len() {
        return at;
    }
    at = skip_line_start(text, at);
    while let b' ' | b'\n' | b'\r' | b'\t' = byte(text, at) {
        at = skip_line_start(text, at + 1);
    }
    at
}

/// The offset after a new line and any spaces, the usual white space, found by words. More white space may follow.
#[inline(always)]
pub(crate) fn skip_line_start(text: &[u8], mut at: u32) -> u32 {
    let mut expected = u64::from_le_bytes(*b"\n       ");
    loop {
        let others = word(text, at) ^ expected;
        at += others.trailing_zeros() / 8;
        if others != 0 {
            return at;
        }
        expected = eight(b' ');
    }
}

/// The end of the literal at `at`, whose first byte is there.
#[inline(never)]
pub(crate) fn literal(text: &[u8], at: u32, literal: &'static [u8]) -> Result<u32, Fault> {
    if text[at as usize..].starts_with(literal) {
        Ok(at + literal.len() as u32)
    } else {
        Err(no_literal(text, at, literal))
    }
}

#[cold]
fn no_literal(text: &[u8], at: u32, literal: &'static [u8]) -> Fault {
    let same = text[at as usize..].iter().zip(literal).take_while(|(one, other)| one == other).count();
    unexpected(text, at + same as u32, SyntaxError::ExpectedValue)
}

/// The end of the number at `at`, which starts with 1 to 9. Most have one to seven digits: one look at a word tells.
#[inline(always)]
pub(crate) fn number(text: &[u8], at: u32, checks: &mut Option<&mut Checks>) -> Result<u32, Fault> {
    let word = word(text, at);
    let others = no_digits(word);
    let bits = others.trailing_zeros() & 56;
    let behind = (word >> bits) as u8;
    if others != 0 && behind != b'.' && behind | 0x20 != b'e' {
        Ok(at + bits / 8)
    } else {
        any_number(text, at, checks)
    }
}

/// Any number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?` (RFC 8259 section 6).
#[inline(never)]
pub(crate) fn any_number(text: &[u8], at: u32, checks: &mut Option<&mut Checks>) -> Result<u32, Fault> {
    let first = at + u32::from(byte(text, at) == b'-');
    let mut end = skip_digits(text, first);
    if end == first || byte(text, first) == b'0' && end > first + 1 {
        return Err(no_number(text, first));
    }
    if let b'.' | b'e' | b'E' = byte(text, end) {
        end = fraction(text, end)?;
    }
    if let Some(checks) = checks {
        checks.number(text, at, end);
    }
    Ok(end)
}

/// The end of the number whose integer part ends at `at`.
fn fraction(text: &[u8], mut at: u32) -> Result<u32, Fault> {
    if byte(text, at) == b'.' {
        at = skip_more_digits(text, at + 1)?;
    }
    if let b'e' | b'E' = byte(text, at) {
        at += 1;
        if let b'+' | b'-' = byte(text, at) {
            at += 1;
        }
        at = skip_more_digits(text, at)?;
    }
    Ok(at)
}

/// The end of the digits at `at`, of which there must be one.
fn skip_more_digits(text: &[u8], at: u32) -> Result<u32, Fault> {
    let end = skip_digits(text, at);
    if end > at { Ok(end) } else { Err(unexpected(text, at, SyntaxError::InvalidNumber)) }
}

/// The error for a number without a digit at `at`, or with a zero in front of the others.
#[cold]
fn no_number(text: &[u8], at: u32) -> Fault {
    let zeros = u32::from(byte(text, at) == b'0');
    unexpected(text, at + zeros, SyntaxError::InvalidNumber)
}

/// The offset of the first byte from `at` on that is not a digit, eight at a time.
#[inline(always)]
fn skip_digits(text: &[u8], mut at: u32) -> u32 {
    loop {
        let others = no_digits(word(text, at));
        at += others.trailing_zeros() / 8;
        if others != 0 {
            return at;
        }
    }
}

/// The top bit of the first byte that is not a digit; what is above it means nothing.
#[inline(always)]
fn no_digits(word: u64) -> u64 {
    // A digit is 0 to 9 now, and adding 0x76 makes a top bit of everything above. Only what is above can carry.
    let values = word ^ eight(b'0');
    (values | values.wrapping_add(eight(0x76))) & eight(0x80)
}

/// Hands over the bytes of a validated text that are in no string, the quotes among them. The text may end anywhere.
pub(crate) fn outside_strings(text: &[u8], mut each: impl FnMut(u8)) {
    let mut bytes = text.iter();
    let mut is_inside = false;
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => {
                is_inside = !is_inside;
                each(byte);
            }
            b'\\' => {
                bytes.next();
            }
            byte if !is_inside => each(byte),
            _ => {}
        }
    }
}

/// How deep a value is nested, given its text: a scalar has 0 levels, `[]` has 1.
pub(crate) fn depth(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'[' | b'{')) {
        return 0;
    }
    let (mut level, mut deepest) = (0_usize, 0);
    outside_strings(text, |byte| match byte {
        b'[' | b'{' => {
            level += 1;
            deepest = deepest.max(level);
        }
        b']' | b'}' => level -= 1,
        _ => {}
    });
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_line_and_its_spaces_are_skipped() {
        for spaces in 0..40 {
            for rest in ["", "x", "\n x", "\t  "] {
                let text = format!("a\n{}{rest}", " ".repeat(spaces));
                assert_eq!(skip_line_start(text.as_bytes(), 1), 2 + spaces as u32, "{text:?}");
            }
        }
    }
}
