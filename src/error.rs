//! What went wrong, for every entry point: the codes with their HTTP statuses, and the union of the crate's errors.
//!
//! A body's error lives beside its parser and a patch's beside the operations; the table of statuses lives here alone.

use crate::{
    document::{PatchError, PatchErrorKind},
    json::scan::{Position, Problem, ScanError, SyntaxError},
    patch::{
        parse::{ParseError, ParseErrorKind},
        pointer::Pointer,
    },
};

/// Why a request could not be answered with a new entity.
///
/// ```
/// use entity_patch::{Dialect, Format, patch_json};
///
/// let body = br#"[{"op": "test", "path": "/Name", "value": "old"}]"#;
/// let error = patch_json(br#"{"Name": "new"}"#, body, Format::JsonPatch, &Dialect::RFC).unwrap_err();
/// assert_eq!((error.status(), error.code(), error.operation()), (409, "test-failed", Some(0)));
/// assert_eq!(error.to_string(), "operation 0 at `/Name`: the value is not the expected one");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request body is refused before any entity is looked at.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The patch does not fit the entity.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The stored entity itself is malformed.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Error {
    /// The HTTP status that a server answers.
    pub fn status(&self) -> u16 {
        self.cause().status()
    }

    /// The name of the cause, for programs: `test-failed`.
    pub fn code(&self) -> &'static str {
        self.cause().as_str()
    }

    /// The operation that failed, 0-based; `None` for a merge patch, whose list the client never saw.
    pub fn operation(&self) -> Option<usize> {
        match self {
            Error::Parse(error) => error.operation(),
            Error::Patch(error) => error.operation(),
            Error::Target(_) => None,
        }
    }

    /// The path at which it failed, where there is one.
    pub fn path(&self) -> Option<&Pointer> {
        match self {
            Error::Parse(error) => error.path(),
            Error::Patch(error) => error.path(),
            Error::Target(_) => None,
        }
    }

    fn cause(&self) -> Code {
        match self {
            Error::Parse(error) => error.kind().cause(),
            Error::Patch(error) => error.kind().cause(),
            Error::Target(_) => Code::MalformedTarget,
        }
    }
}

/// The stored entity is not what the server should have stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored entity is malformed: {problem}")]
pub struct TargetError {
    problem: TargetProblem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetProblem {
    #[error("{syntax} ({position})")]
    Syntax { syntax: SyntaxError, position: Position },
    #[error("it is nested too deep ({position})")]
    TooDeep { position: Position },
    #[error("a name stands twice in one object ({position})")]
    DuplicateName { position: Position },
    #[error("with the body it is longer than 2 GiB, or has more than a hundred million values")]
    TooLarge,
    #[error("it is not an object")]
    NotAnObject,
}

impl From<TargetProblem> for TargetError {
    fn from(problem: TargetProblem) -> TargetError {
        TargetError { problem }
    }
}

/// What is wrong with a stored text, and where.
pub(crate) fn malformed_target(error: ScanError, target: &[u8]) -> TargetError {
    let position = Position::of(target, error.offset);
    TargetError::from(match error.problem {
        Problem::Syntax(syntax) => TargetProblem::Syntax { syntax, position },
        Problem::DuplicateName => TargetProblem::DuplicateName { position },
        Problem::TooDeep => TargetProblem::TooDeep { position },
    })
}

impl TargetError {
    /// 500.
    pub fn status(&self) -> u16 {
        Code::MalformedTarget.status()
    }

    /// `malformed-target`.
    pub fn code(&self) -> &'static str {
        Code::MalformedTarget.as_str()
    }
}

impl ParseError {
    /// The HTTP status that a server answers: 400, 413 or 422.
    pub fn status(&self) -> u16 {
        self.kind().cause().status()
    }

    /// The name of the cause, for programs: `malformed-json`.
    pub fn code(&self) -> &'static str {
        self.kind().cause().as_str()
    }
}

impl PatchError {
    /// The HTTP status that a server answers: 409 or 422, and 400 for a merge patch that has to be an object.
    pub fn status(&self) -> u16 {
        self.kind().cause().status()
    }

    /// The name of the cause, for programs: `test-failed`.
    pub fn code(&self) -> &'static str {
        self.kind().cause().as_str()
    }
}

impl ParseErrorKind {
    fn cause(&self) -> Code {
        match self {
            ParseErrorKind::BodyTooLarge { .. } => Code::BodyTooLarge,
            ParseErrorKind::MissingBody => Code::MissingBody,
            ParseErrorKind::MalformedJson(_) => Code::MalformedJson,
            ParseErrorKind::NotAnArray => Code::NotAnArray,
            ParseErrorKind::NotAnObject => Code::NotAnObject,
            ParseErrorKind::TooManyOperations { .. } => Code::TooManyOperations,
            ParseErrorKind::MalformedOperation(_) => Code::MalformedOperation,
            ParseErrorKind::MalformedPath { .. } => Code::MalformedPath,
            ParseErrorKind::PointerTooLong { .. } => Code::PointerTooLong,
            ParseErrorKind::DuplicateName => Code::DuplicateName,
            ParseErrorKind::UnsupportedOperation => Code::UnsupportedOperation,
            ParseErrorKind::TooDeep { .. } => Code::TooDeep,
        }
    }
}

impl PatchErrorKind {
    fn cause(&self) -> Code {
        match self {
            PatchErrorKind::TestFailed => Code::TestFailed,
            PatchErrorKind::NotFound => Code::NotFound,
            PatchErrorKind::IndexOutOfBounds => Code::IndexOutOfBounds,
            PatchErrorKind::NotAnIndex => Code::NotAnIndex,
            PatchErrorKind::AmbiguousName => Code::AmbiguousName,
            PatchErrorKind::UnsupportedOperation => Code::UnsupportedOperation,
            PatchErrorKind::UnknownMember => Code::UnknownMember,
            PatchErrorKind::ReadOnly => Code::ReadOnly,
            PatchErrorKind::InvalidValue => Code::InvalidValue,
            PatchErrorKind::NotAnObject => Code::NotAnObject,
            PatchErrorKind::RootRemoved => Code::RootRemoved,
            PatchErrorKind::MoveIntoItself => Code::MoveIntoItself,
            PatchErrorKind::TooDeep { .. } => Code::TooDeep,
            PatchErrorKind::CopiesTooLarge => Code::CopiesTooLarge,
            PatchErrorKind::TooMuchWork => Code::TooMuchWork,
        }
    }
}

/// Every cause of a failure, by the name that programs see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    MalformedJson,
    MalformedOperation,
    MalformedPath,
    DuplicateName,
    NotAnArray,
    NotAnObject,
    MissingBody,
    TestFailed,
    NotFound,
    IndexOutOfBounds,
    NotAnIndex,
    AmbiguousName,
    BodyTooLarge,
    TooManyOperations,
    PointerTooLong,
    UnsupportedOperation,
    UnknownMember,
    ReadOnly,
    InvalidValue,
    RootRemoved,
    MoveIntoItself,
    TooDeep,
    CopiesTooLarge,
    TooMuchWork,
    MalformedTarget,
}

impl Code {
    /// The status table.
    pub(crate) fn status(self) -> u16 {
        match self {
            // The body is malformed.
            Code::MalformedJson
            | Code::MalformedOperation
            | Code::MalformedPath
            | Code::DuplicateName
            | Code::NotAnArray
            | Code::NotAnObject
            | Code::MissingBody => 400,
            // It does not hold for the entity as it is now (RFC 5789 section 2.2).
            Code::TestFailed | Code::NotFound | Code::IndexOutOfBounds | Code::NotAnIndex | Code::AmbiguousName => 409,
            // The request is too large.
            Code::BodyTooLarge | Code::TooManyOperations | Code::PointerTooLong => 413,
            // It can never hold for this entity.
            Code::UnsupportedOperation
            | Code::UnknownMember
            | Code::ReadOnly
            | Code::InvalidValue
            | Code::RootRemoved
            | Code::MoveIntoItself
            | Code::TooDeep
            | Code::CopiesTooLarge
            | Code::TooMuchWork => 422,
            // The stored entity itself is malformed.
            Code::MalformedTarget => 500,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Code::MalformedJson => "malformed-json",
            Code::MalformedOperation => "malformed-operation",
            Code::MalformedPath => "malformed-path",
            Code::DuplicateName => "duplicate-name",
            Code::NotAnArray => "not-an-array",
            Code::NotAnObject => "not-an-object",
            Code::MissingBody => "missing-body",
            Code::TestFailed => "test-failed",
            Code::NotFound => "not-found",
            Code::IndexOutOfBounds => "index-out-of-bounds",
            Code::NotAnIndex => "not-an-index",
            Code::AmbiguousName => "ambiguous-name",
            Code::BodyTooLarge => "body-too-large",
            Code::TooManyOperations => "too-many-operations",
            Code::PointerTooLong => "pointer-too-long",
            Code::UnsupportedOperation => "unsupported-operation",
            Code::UnknownMember => "unknown-member",
            Code::ReadOnly => "read-only",
            Code::InvalidValue => "invalid-value",
            Code::RootRemoved => "root-removed",
            Code::MoveIntoItself => "move-into-itself",
            Code::TooDeep => "too-deep",
            Code::CopiesTooLarge => "copies-too-large",
            Code::TooMuchWork => "too-much-work",
            Code::MalformedTarget => "malformed-target",
        }
    }
}
