//! From the bytes of a request body to operations or a merge patch: one pass, with every limit checked on the way.
//!
//! After this nobody meets a path that is only text, an operation without its value, or a value that is too deep.

use std::{borrow::Cow, fmt};

use crate::{
    build::{self, Built},
    dialect::Dialect,
    merge::MergePatch,
    name::{self, Case},
    operation::{self, MalformedOperation, Members, Operation, Patch, Place},
    pointer::{ParsePointerError, Pointer},
    scan::{Position, Problem, ScanError, Scanner, SyntaxError},
    value,
};

impl Patch {
    /// Reads the body of a JSON Patch (RFC 6902 section 3). Unknown members of an operation are skipped (section 4).
    ///
    /// ```
    /// use entity_patch::{Dialect, Patch};
    ///
    /// let body = br#"[{"op": "remove", "path": "ErrorsEmail"}]"#;
    /// let patch = Patch::parse(body, &Dialect::SUPEROFFICE)?;
    /// assert_eq!(patch.operations()[0].path().as_str(), "/ErrorsEmail");
    ///
    /// let error = Patch::parse(body, &Dialect::RFC).unwrap_err();
    /// assert_eq!((error.status(), error.code(), error.operation()), (400, "malformed-path", Some(0)));
    /// # Ok::<(), entity_patch::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - 400: the body is empty, not JSON, not an array, or holds something that is not an operation; a path is
    ///   malformed; one object holds a name twice.
    /// - 413: the body, the list of operations or a pointer is longer than the dialect's limit.
    /// - 422: the dialect has no such operation, or a value would be nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<Patch, ParseError> {
        let mut reader = Reader::new(body, dialect)?;
        if reader.scanner.consume(b'[') {
            reader.operations()
        } else {
            Err(reader.other_shape(ParseErrorKind::NotAnArray))
        }
    }
}

impl MergePatch {
    /// Reads the body of a merge patch (RFC 7396 section 2).
    ///
    /// ```
    /// use entity_patch::{Dialect, MergePatch};
    ///
    /// assert!(MergePatch::parse(br#"{"Name": "new"}"#, &Dialect::SUPEROFFICE).is_ok());
    /// let error = MergePatch::parse(br#"["new"]"#, &Dialect::SUPEROFFICE).unwrap_err();
    /// assert_eq!(error.code(), "not-an-object");
    /// ```
    ///
    /// # Errors
    ///
    /// - 400: the body is empty or not JSON, or one object holds a name twice; under a dialect that asks for an
    ///   object, the body is something else; under one that ignores case, two names differ only by case.
    /// - 413: the body is longer than the dialect's limit.
    /// - 422: the body is nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<MergePatch, ParseError> {
        let mut reader = Reader::new(body, dialect)?;
        if dialect.merge_objects_only && reader.scanner.peek() != Some(b'{') {
            return Err(reader.other_shape(ParseErrorKind::NotAnObject));
        }
        let read = reader.value(dialect.case())?;
        if let Some(offset) = read.folded_duplicate {
            return Err(reader.refuse(ScanError { offset, problem: Problem::DuplicateName }));
        }
        reader.end()?;
        Ok(MergePatch::new(read.into_value()))
    }
}

/// The first byte of a body that is neither too large nor empty, and so its shape.
pub(crate) fn first_byte(body: &[u8], dialect: &Dialect) -> Result<u8, ParseError> {
    let first = body.iter().find(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    match first {
        _ if body.len() > dialect.limits.body_bytes => {
            Err(ParseErrorKind::BodyTooLarge { limit: dialect.limits.body_bytes }.into())
        }
        Some(&byte) => Ok(byte),
        None => Err(ParseErrorKind::MissingBody.into()),
    }
}

/// Refuses a body that is neither an array nor an object, though it has to be one of them.
pub(crate) fn refuse_shape(body: &[u8], dialect: &Dialect) -> ParseError {
    match Reader::new(body, dialect) {
        Ok(mut reader) => reader.other_shape(ParseErrorKind::NotAnObject),
        Err(error) => error,
    }
}

/// Operations that were read so far. They may be dropped on a small stack.
#[derive(Default)]
struct Pending(Vec<Operation>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.drain(..).filter_map(Operation::into_value).for_each(value::discard);
    }
}

/// The members of an operation as they are met, in any order.
#[derive(Default)]
struct RawOperation<'b> {
    op: Option<Cow<'b, str>>,
    path: Option<Cow<'b, str>>,
    from: Option<Cow<'b, str>>,
    value: Option<Built>,
    /// The names that no operation has.
    unknown: Vec<Cow<'b, str>>,
}

struct Reader<'b> {
    body: &'b [u8],
    dialect: &'b Dialect,
    scanner: Scanner<'b>,
    /// Which operation is being read, and its path once that is known: where an error is.
    operation: Option<usize>,
    path: Option<Pointer>,
}

impl<'b> Reader<'b> {
    fn new(body: &'b [u8], dialect: &'b Dialect) -> Result<Reader<'b>, ParseError> {
        first_byte(body, dialect)?;
        let scanner = Scanner::new(body).map_err(|error| refuse(error, body, dialect))?;
        Ok(Reader { body, dialect, scanner, operation: None, path: None })
    }

    fn operations(&mut self) -> Result<Patch, ParseError> {
        let limit = self.dialect.limits.operations;
        let mut operations = Pending::default();
        let mut has_another = !self.scanner.consume(b']');
        while has_another {
            if operations.0.len() == limit {
                return Err(ParseErrorKind::TooManyOperations { limit }.into());
            }
            self.operation = Some(operations.0.len());
            let operation = self.operation()?;
            operations.0.push(operation);
            (self.operation, self.path) = (None, None);
            has_another = self.scanner.another(b']').map_err(|error| self.refuse(error))?;
        }
        self.end()?;
        Ok(Patch::new(std::mem::take(&mut operations.0)))
    }

    fn operation(&mut self) -> Result<Operation, ParseError> {
        if !self.scanner.consume(b'{') {
            return Err(self.other_shape(ParseErrorKind::MalformedOperation(MalformedOperation::NotAnObject)));
        }
        let raw = self.members()?;
        let op = raw.op.ok_or_else(|| self.malformed(MalformedOperation::Missing("op")))?;
        let path = raw.path.map(|text| self.pointer(&text)).transpose()?;
        self.path.clone_from(&path);
        if matches!(op.as_ref(), "move" | "copy") && !self.dialect.move_and_copy {
            return Err(self.fail(ParseErrorKind::UnsupportedOperation));
        }
        let from = raw.from.map(|text| self.pointer(&text)).transpose()?;
        if let (Some(value), "add" | "replace") = (&raw.value, op.as_ref()) {
            let limit = self.dialect.limits.depth();
            if value.depth + path.as_ref().map_or(0, |path| path.tokens().count()) > limit {
                return Err(self.fail(ParseErrorKind::TooDeep { limit }));
            }
            if let Some(offset) = value.folded_duplicate {
                return Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName }));
            }
        }
        let value = raw.value.map(Built::into_value);
        operation::assemble(&op, Members { path, from, value }).map_err(|problem| self.malformed(problem))
    }

    /// The members of an operation, the reader standing behind its opening brace.
    fn members(&mut self) -> Result<RawOperation<'b>, ParseError> {
        let mut raw = RawOperation::default();
        let mut has_another = !self.scanner.consume(b'}');
        while has_another {
            self.scanner.peek();
            let name_offset = self.scanner.offset();
            let name = self.scanner.name().map_err(|error| self.refuse(error))?;
            let is_duplicate = match name.as_ref() {
                "op" => raw.op.replace(self.string("op")?).is_some(),
                "path" => raw.path.replace(self.string("path")?).is_some(),
                "from" => raw.from.replace(self.string("from")?).is_some(),
                "value" => raw.value.replace(self.value(self.dialect.case())?).is_some(),
                _ => {
                    raw.unknown.push(name);
                    self.value(Case::Exact)?;
                    false
                }
            };
            if is_duplicate {
                return Err(self.refuse(ScanError { offset: name_offset, problem: Problem::DuplicateName }));
            }
            has_another = self.scanner.another(b'}').map_err(|error| self.refuse(error))?;
        }
        let mut unknown: Vec<&str> = raw.unknown.iter().map(Cow::as_ref).collect();
        if name::has_duplicate(&mut unknown, Case::Exact) {
            let offset = self.scanner.offset() - 1;
            return Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName }));
        }
        Ok(raw)
    }

    fn string(&mut self, member: &'static str) -> Result<Cow<'b, str>, ParseError> {
        if self.scanner.peek() != Some(b'"') {
            return Err(self.other_shape(ParseErrorKind::MalformedOperation(MalformedOperation::NotAString(member))));
        }
        self.scanner.string().map_err(|error| self.refuse(error))
    }

    fn value(&mut self, case: Case) -> Result<Built, ParseError> {
        build::value(&mut self.scanner, self.dialect.limits.depth(), case).map_err(|error| self.refuse(error))
    }

    fn pointer(&self, text: &str) -> Result<Pointer, ParseError> {
        let limit = self.dialect.limits.pointer_bytes;
        if text.len() > limit {
            return Err(self.fail(ParseErrorKind::PointerTooLong { limit }));
        }
        let pointer =
            if self.dialect.optional_slash { Pointer::parse_optional_slash(text) } else { Pointer::parse(text) };
        pointer.map_err(|error| self.fail(ParseErrorKind::MalformedPath(error)))
    }

    fn end(&mut self) -> Result<(), ParseError> {
        self.scanner.end().map_err(|error| self.refuse(error))
    }

    /// Refuses a value of the wrong shape, unless it is not even JSON.
    fn other_shape(&mut self, kind: ParseErrorKind) -> ParseError {
        match self.value(Case::Exact) {
            Ok(_) => self.fail(kind),
            Err(error) => error,
        }
    }

    fn malformed(&self, problem: MalformedOperation) -> ParseError {
        self.fail(ParseErrorKind::MalformedOperation(problem))
    }

    fn fail(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { kind, operation: self.operation, path: self.path.clone(), position: None }
    }

    fn refuse(&self, error: ScanError) -> ParseError {
        let error = refuse(error, self.body, self.dialect);
        ParseError { operation: self.operation, path: self.path.clone(), ..error }
    }
}

fn refuse(error: ScanError, body: &[u8], dialect: &Dialect) -> ParseError {
    let kind = match error.problem {
        Problem::Syntax(syntax) => ParseErrorKind::MalformedJson(syntax),
        Problem::DuplicateName => ParseErrorKind::DuplicateName,
        Problem::TooDeep => ParseErrorKind::TooDeep { limit: dialect.limits.depth() },
    };
    ParseError { position: Some(Position::of(body, error.offset)), ..kind.into() }
}

/// A request body that is refused before any entity is looked at.
///
/// Its message says which operation, which path and where in the body; it shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    operation: Option<usize>,
    path: Option<Pointer>,
    position: Option<Position>,
}

impl ParseError {
    /// What is wrong.
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }

    /// The operation that is malformed, 0-based, where it is one; `None` for a merge patch.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }

    /// The path of that operation, where it was read already.
    pub fn path(&self) -> Option<&Pointer> {
        self.path.as_ref()
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Place { operation: self.operation, path: self.path.as_ref() };
        write!(formatter, "{place}{}", self.kind)?;
        match self.position {
            Some(position) => write!(formatter, " ({position} of the body)"),
            None => Ok(()),
        }
    }
}

impl From<ParseErrorKind> for ParseError {
    fn from(kind: ParseErrorKind) -> ParseError {
        ParseError { kind, operation: None, path: None, position: None }
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
    #[error("the patch is not an object")]
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
    #[error("the path is malformed: {0}")]
    MalformedPath(ParsePointerError),
    /// `pointer-too-long`.
    #[error("a pointer is longer than {limit} bytes")]
    PointerTooLong {
        /// In bytes.
        limit: usize,
    },
    /// `duplicate-name`: at any depth.
    #[error("a name stands twice in one object")]
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
