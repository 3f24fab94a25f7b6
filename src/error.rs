//! What went wrong, for every entry point: the codes with their HTTP statuses, and the union of the crate's errors.
//!
//! A body's error lives beside its parser and a patch's beside the operations; the table of statuses lives here alone.

use crate::{
    document::{PatchError, PatchErrorKind},
    entity::policy::Violations,
    json::syntax::{Fault, Position, Problem, SyntaxError},
    patch::{
        operation::FailurePlace,
        parse_error::{ParseError, ParseErrorKind},
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
    /// The policy finds the patched entity invalid.
    #[error(transparent)]
    Invalid(#[from] Violations),
}

impl Error {
    /// The HTTP status that a server answers.
    pub fn status(&self) -> u16 {
        self.answer().status
    }

    /// The name of the cause, for programs: `test-failed`.
    pub fn code(&self) -> &'static str {
        self.answer().code
    }

    /// The operation that failed, 0-based; `None` for a merge patch, whose list the client never saw.
    pub fn operation(&self) -> Option<usize> {
        match self {
            Error::Parse(error) => error.operation(),
            Error::Patch(error) => error.operation(),
            Error::Target(_) | Error::Invalid(_) => None,
        }
    }

    /// The path at which it failed, where there is one.
    pub fn path(&self) -> Option<&Pointer> {
        match self {
            Error::Parse(error) => error.path(),
            Error::Patch(error) => error.path(),
            Error::Target(_) | Error::Invalid(_) => None,
        }
    }

    /// What would be accepted there, in words that show no value.
    pub fn expected(&self) -> Option<&str> {
        match self {
            Error::Parse(error) => error.expected(),
            Error::Patch(error) => error.expected(),
            Error::Target(_) | Error::Invalid(_) => None,
        }
    }

    fn answer(&self) -> Answer {
        match self {
            Error::Parse(error) => error.answer(),
            Error::Patch(error) => error.answer(),
            Error::Target(error) => error.answer(),
            Error::Invalid(_) => answer(FailureKind::Invalid),
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
    #[error("a name occurs twice in one object ({position})")]
    DuplicateName { position: Position },
    #[error("with the body it is longer than 2 GiB, or has more than a hundred million values")]
    TooLarge,
    #[error("it is not an object")]
    NotAnObject,
    #[error("{}its type does not read it", FailurePlace { operation: None, path: Some(.path) })]
    NotAnEntity { path: Pointer },
    #[error("its type does not write it as JSON")]
    NotWritten,
}

impl From<TargetProblem> for TargetError {
    fn from(problem: TargetProblem) -> TargetError {
        TargetError { problem }
    }
}

/// What is wrong with a stored text, and where.
pub(crate) fn malformed_target(error: Fault, target: &[u8]) -> TargetError {
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
        self.answer().status
    }

    /// `malformed-target`.
    pub fn code(&self) -> &'static str {
        self.answer().code
    }

    /// The line in the stored text, and the byte in that line, both 1-based, where the text itself is at fault.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self.problem {
            TargetProblem::Syntax { position, .. }
            | TargetProblem::TooDeep { position }
            | TargetProblem::DuplicateName { position } => Some(position.line_and_column()),
            TargetProblem::TooLarge
            | TargetProblem::NotAnObject
            | TargetProblem::NotAnEntity { .. }
            | TargetProblem::NotWritten => None,
        }
    }
}

impl ParseError {
    /// The HTTP status that a server answers: 400, 413 or 422.
    pub fn status(&self) -> u16 {
        self.answer().status
    }

    /// The name of the cause, for programs: `malformed-json`.
    pub fn code(&self) -> &'static str {
        self.answer().code
    }
}

impl PatchError {
    /// The HTTP status that a server answers: 409 or 422, and 400 for a merge patch that has to be an object.
    pub fn status(&self) -> u16 {
        self.answer().status
    }

    /// The name of the cause, for programs: `test-failed`.
    pub fn code(&self) -> &'static str {
        self.answer().code
    }
}

/// What a server answers: an HTTP status, and the name of the cause for programs.
struct Answer {
    status: u16,
    code: &'static str,
}

impl ParseError {
    fn answer(&self) -> Answer {
        answer(FailureKind::Parse(self.kind()))
    }
}

impl PatchError {
    fn answer(&self) -> Answer {
        answer(FailureKind::Patch(self.kind()))
    }
}

impl TargetError {
    fn answer(&self) -> Answer {
        answer(FailureKind::Target)
    }
}

/// Every kind of failure.
enum FailureKind<'k> {
    Parse(&'k ParseErrorKind),
    Patch(&'k PatchErrorKind),
    Invalid,
    Target,
}

/// The table of statuses and codes: one row a cause. A kind that has no row does not compile.
fn answer(kind: FailureKind<'_>) -> Answer {
    use FailureKind::{Invalid, Parse, Patch, Target};
    use ParseErrorKind as P;
    use PatchErrorKind as D;

    let (status, code) = match kind {
        // The body is malformed.
        Parse(P::MalformedJson(_)) => (400, "malformed-json"),
        Parse(P::MalformedOperation(_)) => (400, "malformed-operation"),
        Parse(P::MalformedPath { .. }) => (400, "malformed-path"),
        Parse(P::DuplicateName) | Patch(D::DuplicateName) => (400, "duplicate-name"),
        Parse(P::NotAnArray) => (400, "not-an-array"),
        Parse(P::NotAnObject) | Patch(D::NotAnObject) => (400, "not-an-object"),
        Parse(P::MissingBody) => (400, "missing-body"),
        // This caller may not.
        Patch(D::ForbiddenMember) => (403, "forbidden-member"),
        // It does not hold for the entity as it is now (RFC 5789 section 2.2).
        Patch(D::TestFailed) => (409, "test-failed"),
        Patch(D::NotFound) => (409, "not-found"),
        Patch(D::IndexOutOfBounds) => (409, "index-out-of-bounds"),
        Patch(D::NotAnIndex) => (409, "not-an-index"),
        Patch(D::AmbiguousName) => (409, "ambiguous-name"),
        // The request is too large.
        Parse(P::BodyTooLarge { .. }) => (413, "body-too-large"),
        Parse(P::TooManyOperations { .. }) => (413, "too-many-operations"),
        Parse(P::PointerTooLong { .. }) => (413, "pointer-too-long"),
        // It can never hold for this entity.
        Parse(P::UnsupportedOperation) | Patch(D::UnsupportedOperation) => (422, "unsupported-operation"),
        Patch(D::UnknownMember) => (422, "unknown-member"),
        Patch(D::ReadOnly) => (422, "read-only"),
        Patch(D::InvalidValue) => (422, "invalid-value"),
        Invalid => (422, "invalid-entity"),
        Patch(D::RootRemoved) => (422, "root-removed"),
        Patch(D::MoveIntoItself) => (422, "move-into-itself"),
        Parse(P::TooDeep { .. }) | Patch(D::TooDeep { .. }) => (422, "too-deep"),
        Patch(D::CopiesTooLarge) => (422, "copies-too-large"),
        Patch(D::TooMuchWork) => (422, "too-much-work"),
        // The stored entity itself is malformed.
        Target => (500, "malformed-target"),
    };
    Answer { status, code }
}
