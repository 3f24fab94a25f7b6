//! Reads JSON text (RFC 8259) once, from the front: a scanner for the tokens, and a walk over a whole value that never
//! recurses and reports what it meets to a [`Handler`].
//!
//! It is the crate's own because what serde_json's reader does depends on features that another crate may turn on,
//! and because it keeps the last of two duplicate names without a word and quotes values in its messages.

use std::{borrow::Cow, fmt, ops::Range};

use crate::json::bytes;

/// The deepest nesting that a walk can follow: one bit a level.
const MAX_LEVELS: usize = 128;

/// Why and where a text is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScanError {
    /// 0-based, in bytes.
    pub(crate) offset: usize,
    pub(crate) problem: Problem,
}

impl ScanError {
    pub(crate) fn syntax(offset: usize, syntax: SyntaxError) -> ScanError {
        ScanError { offset, problem: Problem::Syntax(syntax) }
    }
}

/// Why a text is refused while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Syntax(SyntaxError),
    /// One object holds two members of this name.
    DuplicateName,
    /// A value is nested deeper than the limit.
    TooDeep,
}

/// What is wrong with the grammar of a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SyntaxError {
    /// It ends too early.
    #[error("the text ends too early")]
    UnexpectedEnd,
    /// Something else stands where a value has to.
    #[error("expected a value")]
    ExpectedValue,
    /// Something else stands where a member's name has to.
    #[error("expected a name in quotes")]
    ExpectedName,
    /// A name without its colon.
    #[error("expected `:` after a name")]
    ExpectedColon,
    /// Neither a comma nor the end of the array or object.
    #[error("expected `,` or the end of the array or object")]
    ExpectedComma,
    /// Text after the value.
    #[error("expected nothing after the value")]
    TrailingText,
    /// Digits are missing (RFC 8259 section 6).
    #[error("a number is malformed")]
    InvalidNumber,
    /// `1e400`: a 64-bit float cannot reach it.
    #[error("a number is beyond the range of a 64-bit float")]
    NumberOutOfRange,
    /// `\x`, or `\u` without four hexadecimal digits.
    #[error("an escape in a string is malformed")]
    InvalidEscape,
    /// `\uD800` without its other half, or the other half alone.
    #[error("an escape in a string stands for half a surrogate pair")]
    LoneSurrogate,
    /// A byte below 0x20 inside a string.
    #[error("a control character in a string is not escaped")]
    ControlCharacter,
    /// RFC 8259 section 8.1.
    #[error("the text is not UTF-8")]
    InvalidUtf8,
}

/// Where in a text something is, for a person: 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    line: usize,
    column: usize,
}

impl Position {
    pub(crate) fn of(text: &[u8], offset: usize) -> Position {
        let before = &text[..offset.min(text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        Position { line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(), column: 1 + offset - line_start }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, byte {}", self.line, self.column)
    }
}

/// What a walk over a value meets, in the order of the text. Names and strings come without their escapes.
pub(crate) trait Handler<'t> {
    fn begin_array(&mut self);
    fn end_array(&mut self);
    fn begin_object(&mut self);
    fn name(&mut self, name: Cow<'t, str>);
    /// The end of an object, whose names are all known now; `offset` is that of its closing brace.
    fn end_object(&mut self, offset: usize) -> Result<(), Problem>;
    fn string(&mut self, text: Cow<'t, str>);
    fn number(&mut self, text: &'t str) -> Result<(), Problem>;
    fn boolean(&mut self, value: bool);
    fn null(&mut self);
}

/// A position in a text that is read from the front.
pub(crate) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Result<Scanner<'t>, ScanError> {
        let invalid = |offset| ScanError::syntax(offset, SyntaxError::InvalidUtf8);
        let text = simdutf8::compat::from_utf8(text).map_err(|error| invalid(error.valid_up_to()))?;
        Ok(Scanner { text, at: 0 })
    }

    /// Where the scanner stands, as a byte offset.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// Goes back to where the scanner stood before.
    pub(crate) fn go_back(&mut self, offset: usize) {
        self.at = offset;
    }

    /// Where a string without escapes is, its quotes included, if that comes next.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Option<Range<usize>> {
        self.string_without(bytes::first_special)
    }

    /// The same for a string without a `~`, which is an escape in a pointer.
    #[inline]
    pub(crate) fn plain_pointer(&mut self) -> Option<Range<usize>> {
        self.string_without(|word| bytes::first_special(word) | bytes::first(word, b'~'))
    }

    /// A string in which `find` finds nothing; it has to find whatever is special in every string.
    #[inline(always)]
    fn string_without(&mut self, find: impl Fn(u64) -> u64) -> Option<Range<usize>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 1..)?;
        let length = length_without(rest, find);
        if rest.get(length) != Some(&b'"') {
            return None;
        }
        self.at = start + length + 2;
        Some(start..self.at)
    }

    /// The text between the quotes of such a string.
    #[inline]
    pub(crate) fn inside(&self, string: &Range<usize>) -> &'t str {
        &self.text[string.start + 1..string.end - 1]
    }

    /// The next byte that is not white space, without consuming it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_blanks(),
        }
    }

    #[inline(never)]
    fn peek_behind_blanks(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                next => return next,
            }
        }
    }

    /// Consumes `byte` if it comes next, white space before it included.
    #[inline]
    pub(crate) fn consume(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Consumes what a quick look at the text, from its next token on, knows: `known` returns how many bytes that is.
    #[inline]
    pub(crate) fn consume_known<T>(&mut self, known: impl FnOnce(&[u8]) -> Option<(T, usize)>) -> Option<T> {
        self.peek();
        let (value, length) = known(&self.text.as_bytes()[self.at..])?;
        self.at += length;
        Some(value)
    }

    /// Consumes this text, if it comes next.
    #[inline(always)]
    pub(crate) fn skip<const N: usize>(&mut self, expected: &[u8; N]) -> Option<()> {
        self.consume_known(|text| text.starts_with(expected).then_some(((), N)))
    }

    /// A member's name and the colon behind it.
    pub(crate) fn name(&mut self) -> Result<Cow<'t, str>, ScanError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(SyntaxError::ExpectedName));
        }
        let name = self.string()?;
        self.colon()?;
        Ok(name)
    }

    /// The colon behind a name.
    #[inline]
    pub(crate) fn colon(&mut self) -> Result<(), ScanError> {
        if self.consume(b':') { Ok(()) } else { Err(self.unexpected(SyntaxError::ExpectedColon)) }
    }

    /// After a member or element: whether another one follows; otherwise `end` was there.
    #[inline]
    pub(crate) fn another(&mut self, end: u8) -> Result<bool, ScanError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(false)
            }
            _ => Err(self.unexpected(SyntaxError::ExpectedComma)),
        }
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), ScanError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error(SyntaxError::TrailingText)),
        }
    }

    /// A string, the scanner standing at its opening quote.
    pub(crate) fn string(&mut self) -> Result<Cow<'t, str>, ScanError> {
        self.at += 1;
        let start = self.at;
        self.at += plain_length(&self.text.as_bytes()[start..]);
        if self.byte() == Some(b'"') {
            let plain = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut unescaped = String::from(&self.text[start..self.at]);
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => unescaped.push(self.escape()?),
                Some(_) => return Err(self.error(SyntaxError::ControlCharacter)),
                None => return Err(self.error(SyntaxError::UnexpectedEnd)),
            }
            let plain = plain_length(&self.text.as_bytes()[self.at..]);
            unescaped.push_str(&self.text[self.at..self.at + plain]);
            self.at += plain;
        }
    }

    /// The character that an escape stands for, the scanner standing at its backslash.
    fn escape(&mut self) -> Result<char, ScanError> {
        let start = self.at;
        let refuse = |problem| ScanError::syntax(start, problem);
        let letter = self.text.as_bytes().get(start + 1).ok_or_else(|| self.end_error())?;
        self.at += 2;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.code_unit().ok_or(refuse(SyntaxError::InvalidEscape))?;
                let pair = match unit {
                    0xD800..0xDC00 if self.text[self.at..].starts_with("\\u") => {
                        self.at += 2;
                        [unit, self.code_unit().ok_or(refuse(SyntaxError::InvalidEscape))?]
                    }
                    _ => [unit, 0],
                };
                let units = &pair[..if self.at > start + 6 { 2 } else { 1 }];
                match char::decode_utf16(units.iter().copied()).next() {
                    Some(Ok(character)) => character,
                    Some(Err(_)) | None => return Err(refuse(SyntaxError::LoneSurrogate)),
                }
            }
            _ => return Err(refuse(SyntaxError::InvalidEscape)),
        })
    }

    /// Four hexadecimal digits.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let unit = digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))?;
        self.at += 4;
        u16::try_from(unit).ok()
    }

    /// A number, the scanner standing at its first byte (RFC 8259 section 6).
    pub(crate) fn number(&mut self) -> Result<&'t str, ScanError> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected(SyntaxError::InvalidNumber)) } else { Ok(()) }
    }

    fn literal(&mut self, literal: &str) -> Result<(), ScanError> {
        if self.text[self.at..].starts_with(literal) {
            self.at += literal.len();
            Ok(())
        } else {
            Err(self.error(SyntaxError::ExpectedValue))
        }
    }

    /// Walks over the next value, nested at most `depth_limit` levels, and returns how deep it is nested: a scalar has
    /// 0 levels, `[]` has 1.
    pub(crate) fn walk(&mut self, handler: &mut impl Handler<'t>, depth_limit: usize) -> Result<usize, ScanError> {
        // Bit n tells whether the container at level n is an object; the walk needs no more of a stack than this.
        let mut objects: u128 = 0;
        let mut level = 0;
        let mut deepest = 0;
        let limit = depth_limit.min(MAX_LEVELS);
        loop {
            let start = self.peek().map(|byte| (self.at, byte));
            let is_open = match start {
                Some((_, b'"')) => {
                    handler.string(self.string()?);
                    false
                }
                Some((offset, b'-' | b'0'..=b'9')) => {
                    let number = self.number()?;
                    handler.number(number).map_err(|problem| ScanError { offset, problem })?;
                    false
                }
                Some((offset, open @ (b'{' | b'['))) => {
                    if level == limit {
                        return Err(ScanError { offset, problem: Problem::TooDeep });
                    }
                    self.at += 1;
                    let is_object = open == b'{';
                    objects = objects & !(1 << level) | u128::from(is_object) << level;
                    level += 1;
                    deepest = deepest.max(level);
                    if is_object {
                        handler.begin_object()
                    } else {
                        handler.begin_array()
                    };
                    true
                }
                Some((_, b't')) => {
                    self.literal("true")?;
                    handler.boolean(true);
                    false
                }
                Some((_, b'f')) => {
                    self.literal("false")?;
                    handler.boolean(false);
                    false
                }
                Some((_, b'n')) => {
                    self.literal("null")?;
                    handler.null();
                    false
                }
                _ => return Err(self.unexpected(SyntaxError::ExpectedValue)),
            };
            // A value has ended, or a container has begun: up to where the next value starts.
            let mut is_first = is_open;
            loop {
                if level == 0 {
                    return Ok(deepest);
                }
                let is_object = objects >> (level - 1) & 1 == 1;
                let end = if is_object { b'}' } else { b']' };
                let has_another = if is_first { !self.consume(end) } else { self.another(end)? };
                if has_another {
                    if is_object {
                        handler.name(self.name()?);
                    }
                    break;
                }
                level -= 1;
                is_first = false;
                if is_object {
                    let offset = self.at - 1;
                    handler.end_object(offset).map_err(|problem| ScanError { offset, problem })?;
                } else {
                    handler.end_array();
                }
            }
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[cold]
    pub(crate) fn unexpected(&self, syntax: SyntaxError) -> ScanError {
        if self.at == self.text.len() { self.end_error() } else { self.error(syntax) }
    }

    #[cold]
    fn end_error(&self) -> ScanError {
        ScanError::syntax(self.text.len(), SyntaxError::UnexpectedEnd)
    }

    #[cold]
    fn error(&self, syntax: SyntaxError) -> ScanError {
        ScanError::syntax(self.at, syntax)
    }
}

/// How many bytes come before the first quote, backslash or control character.
#[inline]
fn plain_length(text: &[u8]) -> usize {
    length_without(text, bytes::first_special)
}

/// How many bytes come before the first one that is found in a word.
#[inline(always)]
fn length_without(text: &[u8], find: impl Fn(u64) -> u64) -> usize {
    let mut length = 0;
    let (chunks, rest) = text.as_chunks();
    for chunk in chunks {
        let found = find(bytes::word(chunk));
        if found != 0 {
            return length + bytes::before(found);
        }
        length += 8;
    }
    length + bytes::before(find(bytes::padded(rest))).min(rest.len())
}
