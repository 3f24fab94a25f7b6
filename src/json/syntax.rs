//! What can be wrong with a JSON text, and where.

use std::fmt;

/// What is wrong with a text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// 0-based, in bytes.
    pub(crate) offset: usize,
    pub(crate) problem: Problem,
}

impl Fault {
    pub(crate) fn syntax(offset: usize, syntax: SyntaxError) -> Fault {
        Fault { offset, problem: Problem::Syntax(syntax) }
    }

    /// Notes this fault, unless one is noted that comes first.
    pub(crate) fn note(self, noted: &mut Option<Fault>) {
        *noted = noted.take().into_iter().chain([self]).min_by_key(|fault| fault.offset);
    }
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Syntax(SyntaxError),
    /// An object has two members of one name.
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
    /// A value was expected.
    #[error("expected a value")]
    ExpectedValue,
    /// The name of a member was expected.
    #[error("expected a name in quotes")]
    ExpectedName,
    /// A name has no colon after it.
    #[error("expected `:` after a name")]
    ExpectedColon,
    /// A value is followed by neither a comma nor the end of the array or object.
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

    pub(crate) fn line_and_column(self) -> (usize, usize) {
        (self.line, self.column)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, byte {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_bytes_from_one() {
        for (offset, line, column) in [(0, 1, 1), (1, 1, 2), (2, 2, 1), (4, 2, 3), (5, 3, 1), (7, 4, 1), (8, 4, 2)] {
            let position = Position::of("a\n\u{e9}\n\r\nb".as_bytes(), offset);
            assert_eq!(position.line_and_column(), (line, column), "{offset}");
            assert_eq!(position.to_string(), format!("line {line}, byte {column}"));
        }
    }
}
