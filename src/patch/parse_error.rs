//! Why a request body is refused. `error` unites it with the crate's other errors.

use std::fmt;

use crate::{
    dialect::Dialect,
    json::syntax::{Fault, Position, Problem, SyntaxError},
    patch::{
        operation::{FailurePlace, MalformedOperation},
        pointer::{ParsePointerError, Pointer},
    },
};

/// A request body that is refused before any entity is looked at.
///
/// Its message says which operation, which path and where in the body; it shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// In a box of its own, so that the result of every step of a reader stays small.
    details: Box<Details>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Details {
    kind: ParseErrorKind,
    pub(super) operation: Option<usize>,
    pub(super) path: Option<Pointer>,
    pub(super) position: Option<Position>,
}

impl ParseError {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Details)) -> ParseError {
        change(&mut self.details);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &ParseErrorKind {
        &self.details.kind
    }

    /// The operation that is malformed, 0-based; `None` for a merge patch, and where it is the list.
    pub fn operation(&self) -> Option<usize> {
        self.details.operation
    }

    /// The path of that operation, where it can be read. Of a name that is in a value twice, and of one in a merge patch,
    /// it is the path of the member that has it.
    pub fn path(&self) -> Option<&Pointer> {
        self.details.path.as_ref()
    }

    /// What would be accepted instead, where that can be said in a few words.
    ///
    /// ```
    /// use entity_patch::{Dialect, Patch};
    ///
    /// let error = Patch::parse(br#"[{"op": "set", "path": "/a"}]"#, &Dialect::RFC).unwrap_err();
    /// assert_eq!(error.expected(), Some("one of `add`, `remove`, `replace`, `move`, `copy`, `test`"));
    /// ```
    pub fn expected(&self) -> Option<&str> {
        self.details.kind.expected()
    }

    /// The line in the body, and the byte in that line, both 1-based, where the text itself is at fault: its syntax, its
    /// depth or a duplicate name. `None` for what an operation says, and for the body as a whole.
    ///
    /// ```
    /// use entity_patch::{Dialect, Patch};
    ///
    /// let error = Patch::parse(b"[\n  ?]", &Dialect::RFC).unwrap_err();
    /// assert_eq!(error.position(), Some((2, 3)));
    /// ```
    pub fn position(&self) -> Option<(usize, usize)> {
        self.details.position.map(Position::line_and_column)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, operation, path, position } = &*self.details;
        let place = FailurePlace { operation: *operation, path: path.as_ref() };
        write!(formatter, "{place}{kind}")?;
        match position {
            Some(position) => write!(formatter, " ({position} of the body)"),
            None => Ok(()),
        }
    }
}

impl From<ParseErrorKind> for ParseError {
    fn from(kind: ParseErrorKind) -> ParseError {
        ParseError { details: Box::new(Details { kind, operation: None, path: None, position: None }) }
    }
}

/// What is wrong with a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// `body-too-large`.
    #[error("the body is longer than {limit} bytes")]
    BodyTooLarge {
        /// In bytes.
        limit: usize,
    },
    /// `missing-body`: nothing, or nothing but white space.
    #[error("the body is empty")]
    MissingBody,
    /// `malformed-json` (RFC 8259).
    #[error("the body is not valid JSON: {0}")]
    MalformedJson(SyntaxError),
    /// `not-an-array`.
    #[error("a JSON Patch is an array of operations")]
    NotAnArray,
    /// `not-an-object`.
    #[error("this is not an object")]
    NotAnObject,
    /// `too-many-operations`.
    #[error("the patch has more than {limit} operations")]
    TooManyOperations {
        /// How many are allowed.
        limit: usize,
    },
    /// `malformed-operation`.
    #[error("{0}")]
    MalformedOperation(MalformedOperation),
    /// `malformed-path` (RFC 6901 section 3).
    #[error("the member `{member}` is no JSON Pointer: {problem}")]
    MalformedPath {
        /// `path` or `from`.
        member: &'static str,
        /// What is wrong with it.
        problem: ParsePointerError,
    },
    /// `pointer-too-long`.
    #[error("the member `{member}` is longer than {limit} bytes")]
    PointerTooLong {
        /// `path` or `from`.
        member: &'static str,
        /// In bytes.
        limit: usize,
    },
    /// `duplicate-name`: at any depth.
    #[error("a name occurs twice in one object")]
    DuplicateName,
    /// `unsupported-operation`: the dialect has no `move` and no `copy`.
    #[error("`move` and `copy` are not supported")]
    UnsupportedOperation,
    /// `too-deep`: the tokens of the path and the levels of the value are counted together.
    #[error("the value would be nested deeper than {limit} levels")]
    TooDeep {
        /// In levels of containers.
        limit: usize,
    },
}

impl ParseErrorKind {
    fn expected(&self) -> Option<&'static str> {
        Some(match self {
            ParseErrorKind::NotAnArray => "an array of operations",
            ParseErrorKind::NotAnObject | ParseErrorKind::MalformedOperation(MalformedOperation::NotAnObject) => {
                "an object"
            }
            ParseErrorKind::MalformedOperation(MalformedOperation::NotAString(_)) => "a string",
            ParseErrorKind::MalformedOperation(MalformedOperation::UnknownOp) => {
                "one of `add`, `remove`, `replace`, `move`, `copy`, `test`"
            }
            ParseErrorKind::UnsupportedOperation => "one of `add`, `remove`, `replace`, `test`",
            ParseErrorKind::MalformedPath { .. } => "a JSON Pointer",
            ParseErrorKind::MissingBody | ParseErrorKind::MalformedJson(_) => "JSON",
            ParseErrorKind::MalformedOperation(MalformedOperation::Missing(_))
            | ParseErrorKind::BodyTooLarge { .. }
            | ParseErrorKind::TooManyOperations { .. }
            | ParseErrorKind::PointerTooLong { .. }
            | ParseErrorKind::DuplicateName
            | ParseErrorKind::TooDeep { .. } => return None,
        })
    }
}

/// What a fault of the text makes of a body.
pub(super) fn kind(fault: Fault, dialect: &Dialect) -> ParseErrorKind {
    match fault.problem {
        Problem::Syntax(syntax) => ParseErrorKind::MalformedJson(syntax),
        Problem::DuplicateName => ParseErrorKind::DuplicateName,
        Problem::TooDeep => ParseErrorKind::TooDeep { limit: dialect.limits.depth() },
    }
}

/// What is wrong with a body, and where.
pub(crate) fn refuse(fault: Fault, body: &[u8], dialect: &Dialect) -> ParseError {
    let position = Position::of(body, fault.offset);
    ParseError::from(kind(fault, dialect)).with(|details| details.position = Some(position))
}
