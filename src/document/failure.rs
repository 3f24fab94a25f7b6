//! Why a patch does not fit a document: a kind to branch on, the path of the failure, and what would be accepted there.

use std::fmt;

use crate::patch::{
    operation::{FailurePlace, Shown},
    pointer::{IndexError, Pointer, Tokens},
};

/// A patch that does not fit the document.
///
/// Its message says which operation, which path and what would be accepted; it never shows a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchError {
    kind: PatchErrorKind,
    operation: Option<usize>,
    path: Pointer,
    message: Option<Box<str>>,
    expected: Option<Box<str>>,
    missing: Option<Box<MissingPart>>,
}

impl PatchError {
    pub(crate) fn new(kind: PatchErrorKind, operation: Option<usize>, path: Pointer) -> PatchError {
        PatchError { kind, operation, path, message: None, expected: None, missing: None }
    }

    /// What went wrong.
    pub fn kind(&self) -> &PatchErrorKind {
        &self.kind
    }

    /// The operation that failed, 0-based; `None` for a merge patch, whose list the client never saw.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }

    /// Where it failed: the operation's `path` or `from`, or the innermost place that refuses a value.
    pub fn path(&self) -> Option<&Pointer> {
        Some(&self.path)
    }

    /// What would be accepted there, in words that show no value, where an entity's type knows it.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// Turns it into the error of a list of operations that the client never saw.
    pub(crate) fn without_operation(mut self) -> PatchError {
        self.operation = None;
        self
    }
}

impl std::error::Error for PatchError {}

impl fmt::Display for PatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", FailurePlace { operation: self.operation, path: Some(&self.path) })?;
        match (&self.missing, &self.message) {
            (Some(missing), _) => missing.fmt(formatter),
            (None, Some(message)) => formatter.write_str(message),
            (None, None) => self.kind.fmt(formatter),
        }
    }
}

/// Why a patch does not fit a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchErrorKind {
    /// `test-failed` (RFC 6902 section 4.6).
    #[error("the value is not the expected one")]
    TestFailed,
    /// `not-found`: a part of the path is missing, or is not a container for the next one.
    #[error("the path does not exist")]
    NotFound,
    /// `index-out-of-bounds`.
    #[error("the index is beyond the end of the array")]
    IndexOutOfBounds,
    /// `not-an-index`: an element is named by `0`, by digits without a leading zero or, where one is put, by `-`.
    #[error("an element is named by 0, by digits without a leading zero or, where one is added, by `-`")]
    NotAnIndex,
    /// `ambiguous-name`: two or more members have this name.
    #[error("two or more members have this name")]
    AmbiguousName,
    /// `unsupported-operation`: the dialect has no `move` and no `copy`.
    #[error("`move` and `copy` are not supported")]
    UnsupportedOperation,
    /// `unknown-member`: the entity does not declare it.
    #[error("the entity has no such member")]
    UnknownMember,
    /// `duplicate-name`: one object has two names of one member.
    #[error("the object has two names of one member")]
    DuplicateName,
    /// `forbidden-member`: this caller may not change it.
    #[error("you may not change this member")]
    ForbiddenMember,
    /// `read-only`.
    #[error("the member is read-only")]
    ReadOnly,
    /// `invalid-value`: the member, or the entity, cannot hold it.
    #[error("the value has the wrong type, or is none of those that are allowed")]
    InvalidValue,
    /// `not-an-object`: the dialect takes only objects as merge patches.
    #[error("this is not an object")]
    NotAnObject,
    /// `root-removed`.
    #[error("the whole document cannot be removed")]
    RootRemoved,
    /// `move-into-itself` (RFC 6902 section 4.4).
    #[error("a value cannot be moved into itself")]
    MoveIntoItself,
    /// `too-deep`: the tokens of the path and the levels of the value are counted together.
    #[error("the value would be nested deeper than {limit} levels")]
    TooDeep {
        /// In levels of containers.
        limit: usize,
    },
    /// `copies-too-large`.
    #[error("the patch copies more than the limit: split the patch")]
    CopiesTooLarge,
    /// `too-much-work`.
    #[error("the patch shifts, searches or compares more than the limit: split the patch")]
    TooMuchWork,
}

impl From<IndexError> for PatchErrorKind {
    fn from(error: IndexError) -> PatchErrorKind {
        match error {
            IndexError::NotAnIndex => PatchErrorKind::NotAnIndex,
            IndexError::OutOfBounds => PatchErrorKind::IndexOutOfBounds,
            // `-` names nothing.
            IndexError::End => PatchErrorKind::NotFound,
        }
    }
}

/// The first part of a path that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingPart {
    pub(crate) path: Pointer,
    pub(crate) why: Absence,
}

/// Why a path ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absence {
    Missing,
    Null,
    /// A scalar, which has no members and no elements.
    Scalar,
}

impl fmt::Display for MissingPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", Shown(&self.path))?;
        formatter.write_str(match self.why {
            Absence::Missing => "is missing",
            Absence::Null => "is null",
            Absence::Scalar => "is neither an object nor an array",
        })
    }
}

/// Why a document does not answer a question, or take a value. Mostly the kind says it all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Plain(PatchErrorKind),
    Detailed(Box<Detail>),
}

/// What a refusal may know besides its kind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) kind: PatchErrorKind,
    /// The whole path of the failure, where that is not the path of the operation.
    pub(crate) path: Option<Pointer>,
    /// What is wrong, where more is known than the kind says.
    pub(crate) message: Option<Box<str>>,
    pub(crate) expected: Option<Box<str>>,
    pub(crate) missing: Option<Box<MissingPart>>,
}

impl PatchErrorKind {
    /// The refusal at a place that the path of the operation does not say.
    #[cold]
    pub(crate) fn there(self, path: Pointer) -> Refusal {
        let detail = Detail { kind: self, path: Some(path), message: None, expected: None, missing: None };
        Refusal::Detailed(Box::new(detail))
    }
}

impl Refusal {
    /// What is wrong at such a place, and what would be accepted there.
    #[cold]
    pub(crate) fn because(
        kind: PatchErrorKind,
        path: Pointer,
        message: Box<str>,
        expected: Option<Box<str>>,
    ) -> Refusal {
        let detail = Detail { kind, path: Some(path), message: Some(message), expected, missing: None };
        Refusal::Detailed(Box::new(detail))
    }

    /// Whether it says where it is by itself.
    pub(crate) fn has_path(&self) -> bool {
        match self {
            Refusal::Plain(_) => false,
            Refusal::Detailed(detail) => detail.path.is_some(),
        }
    }

    pub(crate) fn kind(&self) -> PatchErrorKind {
        match self {
            Refusal::Plain(kind) => *kind,
            Refusal::Detailed(detail) => detail.kind,
        }
    }

    #[inline]
    pub(crate) fn at(self, path: Tokens<'_>) -> Failure<'_> {
        Failure { refusal: self, path }
    }

    /// The error of an operation, or of a merge patch, at a path.
    #[cold]
    pub(crate) fn into_error(self, operation: Option<usize>, path: Pointer) -> PatchError {
        match self {
            Refusal::Plain(kind) => PatchError::new(kind, operation, path),
            Refusal::Detailed(detail) => {
                let Detail { kind, path: own, message, expected, missing } = *detail;
                PatchError { kind, operation, path: own.unwrap_or(path), message, expected, missing }
            }
        }
    }
}

impl From<PatchErrorKind> for Refusal {
    #[inline]
    fn from(kind: PatchErrorKind) -> Refusal {
        Refusal::Plain(kind)
    }
}

impl From<IndexError> for Refusal {
    fn from(error: IndexError) -> Refusal {
        Refusal::Plain(error.into())
    }
}

/// Why an operation failed, and which of its pointers leads to the place where it did.
#[derive(Debug)]
pub(crate) struct Failure<'p> {
    pub(crate) refusal: Refusal,
    pub(crate) path: Tokens<'p>,
}

impl PatchErrorKind {
    pub(crate) fn at(self, path: Tokens<'_>) -> Failure<'_> {
        Refusal::Plain(self).at(path)
    }
}

impl Failure<'_> {
    #[cold]
    pub(crate) fn of_operation(self, operation: Option<usize>) -> PatchError {
        self.refusal.into_error(operation, self.path.to_pointer())
    }
}
