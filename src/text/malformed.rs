//! What is wrong with a JSON text, and where. Nothing here holds or shows a byte of the text: it may be a secret.

use std::error::Error;
use std::fmt;

/// A text that is not JSON: the offset of the first byte that cannot stand where it stands, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Counted in bytes from the start of the text; the text's length where the text ends too early.
    pub offset: usize,
    pub reason: Reason,
}

impl Malformed {
    pub(super) const fn new(offset: usize, reason: Reason) -> Self {
        Malformed { offset, reason }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.offset)
    }
}

impl Error for Malformed {}

/// Why a text is not JSON (RFC 8259).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    UnexpectedEnd,
    ExpectedValue,
    ExpectedName,
    ExpectedColon,
    ExpectedCommaOrEnd,
    InvalidLiteral,
    InvalidNumber,
    InvalidEscape,
    LoneSurrogate,
    ControlCharacter,
    InvalidUtf8,
    TrailingCharacters,
    TooDeep,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::UnexpectedEnd => "unexpected end of the text",
            Reason::ExpectedValue => "expected a value",
            Reason::ExpectedName => "expected a member name",
            Reason::ExpectedColon => "expected a colon",
            Reason::ExpectedCommaOrEnd => "expected a comma or the closing bracket",
            Reason::InvalidLiteral => "expected true, false or null",
            Reason::InvalidNumber => "invalid number",
            Reason::InvalidEscape => "invalid escape",
            Reason::LoneSurrogate => "lone surrogate",
            Reason::ControlCharacter => "control character in a string",
            Reason::InvalidUtf8 => "invalid utf-8",
            Reason::TrailingCharacters => "trailing characters",
            Reason::TooDeep => "nested too deeply",
        })
    }
}

impl From<Reason> for crate::scan::Problem {
    fn from(reason: Reason) -> Self {
        use crate::scan::{Problem, SyntaxError};
        Problem::Syntax(match reason {
            Reason::UnexpectedEnd => SyntaxError::UnexpectedEnd,
            Reason::ExpectedValue | Reason::InvalidLiteral => SyntaxError::ExpectedValue,
            Reason::ExpectedName => SyntaxError::ExpectedName,
            Reason::ExpectedColon => SyntaxError::ExpectedColon,
            Reason::ExpectedCommaOrEnd => SyntaxError::ExpectedComma,
            Reason::InvalidNumber => SyntaxError::InvalidNumber,
            Reason::InvalidEscape => SyntaxError::InvalidEscape,
            Reason::LoneSurrogate => SyntaxError::LoneSurrogate,
            Reason::ControlCharacter => SyntaxError::ControlCharacter,
            Reason::InvalidUtf8 => SyntaxError::InvalidUtf8,
            Reason::TrailingCharacters => SyntaxError::TrailingText,
            Reason::TooDeep => return Problem::TooDeep,
        })
    }
}
