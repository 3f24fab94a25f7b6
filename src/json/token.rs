//! The tokens outside of strings: white space, literals and numbers, eight bytes at a time where that pays.

use crate::json::{
    bytes::{self, eight},
    scan::{ScanError, SyntaxError},
};

/// The error for a byte that cannot stand at `at`.
#[cold]
pub(crate) fn unexpected(text: &[u8], at: u32, reason: SyntaxError) -> ScanError {
    ScanError::syntax(at as usize, if (at as usize) < text.len() { reason } else { SyntaxError::UnexpectedEnd })
}

/// The byte at `at`; behind the text a zero, which stands nowhere in JSON.
#[inline(always)]
pub(crate) fn byte(text: &[u8], at: u32) -> u8 {
    text.get(at as usize).copied().unwrap_or(0)
}

/// Eight bytes from `at` on, the first one lowest; zeros behind the text.
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
    let rest = text.get(at as usize..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The offset of the first byte from `at` on that is no white space (RFC 8259 section 2).
#[inline(never)]
pub(crate) fn skip_blanks(text: &[u8], at: u32) -> u32 {
    let mut at = skip_line_start(text, at);
    while let b' ' | b'\n' | b'\r' | b'\t' = byte(text, at) {
        at = skip_line_start(text, at + 1);
    }
    at
}

/// The same for a new line and any spaces, the usual white space, by words. There may be more behind it.
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
pub(crate) fn literal(text: &[u8], at: u32, literal: &'static [u8]) -> Result<u32, ScanError> {
    if text[at as usize..].starts_with(literal) {
        Ok(at + literal.len() as u32)
    } else {
        Err(no_literal(text, at, literal))
    }
}

#[cold]
fn no_literal(text: &[u8], at: u32, literal: &'static [u8]) -> ScanError {
    let same = text[at as usize..].iter().zip(literal).take_while(|(one, other)| one == other).count();
    unexpected(text, at + same as u32, SyntaxError::ExpectedValue)
}

/// The end of the number at `at`, which starts with 1 to 9. Most have one to seven digits: one look at a word tells.
#[inline(always)]
pub(crate) fn number(text: &[u8], at: u32) -> Result<u32, ScanError> {
    let word = word(text, at);
    let others = no_digits(word);
    let bits = others.trailing_zeros() & 56;
    let behind = (word >> bits) as u8;
    if others != 0 && behind != b'.' && behind | 0x20 != b'e' { Ok(at + bits / 8) } else { any_number(text, at) }
}

/// The same for any number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?` (RFC 8259 section 6).
#[inline(never)]
pub(crate) fn any_number(text: &[u8], at: u32) -> Result<u32, ScanError> {
    let first = at + u32::from(byte(text, at) == b'-');
    let end = skip_digits(text, first);
    if end == first || byte(text, first) == b'0' && end > first + 1 {
        return Err(no_number(text, first));
    }
    match byte(text, end) {
        b'.' | b'e' | b'E' => fraction(text, end),
        _ => Ok(end),
    }
}

/// The end of the number whose integer part ends at `at`.
fn fraction(text: &[u8], mut at: u32) -> Result<u32, ScanError> {
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
fn skip_more_digits(text: &[u8], at: u32) -> Result<u32, ScanError> {
    let end = skip_digits(text, at);
    if end > at { Ok(end) } else { Err(unexpected(text, at, SyntaxError::InvalidNumber)) }
}

/// The error for a number without a digit at `at`, or with a zero in front of the others.
#[cold]
fn no_number(text: &[u8], at: u32) -> ScanError {
    let zeros = u32::from(byte(text, at) == b'0');
    unexpected(text, at + zeros, SyntaxError::InvalidNumber)
}

/// The offset of the first byte from `at` on that is no digit, eight at a time.
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

/// The top bit of the first byte that is no digit; what is above it means nothing.
#[inline(always)]
fn no_digits(word: u64) -> u64 {
    // A digit is 0 to 9 now, and adding 0x76 makes a top bit of everything above. Only what is above can carry.
    let values = word ^ eight(b'0');
    (values | values.wrapping_add(eight(0x76))) & eight(0x80)
}
