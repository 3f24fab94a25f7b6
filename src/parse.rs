//! From the bytes of a request body to operations or a merge patch: one pass, with every limit checked on the way.
//!
//! After this nobody meets a path that is only text, an operation without its value, or a value that is too deep.

use std::{borrow::Cow, fmt, ops::Range};

use crate::{
    build::{self, Built, Read},
    dialect::Dialect,
    merge::MergePatch,
    name::{self, Case},
    operation::{self, MalformedOperation, Operation, Patch, Place, Step, StepMembers},
    pointer::{self, ParsePointerError, Pointer, Tokens},
    scan::{Position, Problem, ScanError, Scanner, SyntaxError},
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
        let steps = Reader::new(body, dialect)?.patch(&Trees)?;
        Ok(Patch::new(steps.into_iter().map(Operation::from).collect()))
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
        let read = reader.value(&Trees, dialect.case())?;
        if let Some(offset) = read.folded_duplicate {
            return Err(reader.refuse(ScanError { offset, problem: Problem::DuplicateName }));
        }
        reader.end()?;
        Ok(MergePatch::new(read.value.into()))
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

/// An operation that stays text: its value is where it stands in the body.
pub(crate) type TextStep<'b> = Step<Cow<'b, str>, Range<usize>>;

/// The operations of a JSON Patch whose paths and values stay text: the values by their place in the body.
pub(crate) fn steps<'b>(body: &'b [u8], dialect: &Dialect) -> Result<Vec<TextStep<'b>>, ParseError> {
    Reader::new(body, dialect)?.patch(&Spans)
}

/// What the paths and the values of operations are read into.
trait Form<'b> {
    type Path;
    type Value;

    fn path(&self, text: Cow<'b, str>, optional_slash: bool) -> Result<Self::Path, ParsePointerError>;
    fn tokens(&self, path: &Self::Path) -> usize;
    fn pointer(&self, path: &Self::Path) -> Pointer;
    fn value(&self, scanner: &mut Scanner<'b>, depth_limit: usize, case: Case) -> Result<Read<Self::Value>, ScanError>;
}

/// Pointers, and trees that may be dropped on a small stack.
struct Trees;

impl<'b> Form<'b> for Trees {
    type Path = Pointer;
    type Value = Built;

    fn path(&self, text: Cow<'b, str>, optional_slash: bool) -> Result<Pointer, ParsePointerError> {
        if optional_slash { Pointer::parse_optional_slash(&text) } else { Pointer::parse(&text) }
    }

    fn tokens(&self, path: &Pointer) -> usize {
        path.tokens().count()
    }

    fn pointer(&self, path: &Pointer) -> Pointer {
        path.clone()
    }

    fn value(&self, scanner: &mut Scanner<'b>, depth_limit: usize, case: Case) -> Result<Read<Built>, ScanError> {
        build::value(scanner, depth_limit, case)
    }
}

/// Text, as it stands in the body.
struct Spans;

impl<'b> Form<'b> for Spans {
    type Path = Cow<'b, str>;
    type Value = Range<usize>;

    fn path(&self, text: Cow<'b, str>, optional_slash: bool) -> Result<Cow<'b, str>, ParsePointerError> {
        pointer::check(&text, optional_slash)?;
        Ok(text)
    }

    fn tokens(&self, path: &Cow<'b, str>) -> usize {
        Tokens::of(path).count()
    }

    fn pointer(&self, path: &Cow<'b, str>) -> Pointer {
        Tokens::of(path).to_pointer()
    }

    fn value(
        &self,
        scanner: &mut Scanner<'b>,
        depth_limit: usize,
        case: Case,
    ) -> Result<Read<Range<usize>>, ScanError> {
        build::span(scanner, depth_limit, case)
    }
}

type FormStep<'b, F> = Step<<F as Form<'b>>::Path, <F as Form<'b>>::Value>;

/// The members of an operation as they are met, in any order.
struct RawOperation<'b, V> {
    op: Option<Cow<'b, str>>,
    path: Option<Cow<'b, str>>,
    from: Option<Cow<'b, str>>,
    value: Option<Read<V>>,
    /// The names that no operation has.
    unknown: Vec<Cow<'b, str>>,
}

struct Reader<'b, 'd> {
    body: &'b [u8],
    dialect: &'d Dialect,
    scanner: Scanner<'b>,
    /// Which operation is being read.
    operation: Option<usize>,
}

impl<'b, 'd> Reader<'b, 'd> {
    fn new(body: &'b [u8], dialect: &'d Dialect) -> Result<Reader<'b, 'd>, ParseError> {
        first_byte(body, dialect)?;
        let scanner = Scanner::new(body).map_err(|error| refuse(error, body, dialect))?;
        Ok(Reader { body, dialect, scanner, operation: None })
    }

    fn patch<F: Form<'b>>(&mut self, form: &F) -> Result<Vec<FormStep<'b, F>>, ParseError> {
        if !self.scanner.consume(b'[') {
            return Err(self.other_shape(ParseErrorKind::NotAnArray));
        }
        let limit = self.dialect.limits.operations;
        let mut steps = Vec::new();
        let mut has_another = !self.scanner.consume(b']');
        while has_another {
            if steps.len() == limit {
                return Err(ParseErrorKind::TooManyOperations { limit }.into());
            }
            self.operation = Some(steps.len());
            steps.push(self.step(form)?);
            self.operation = None;
            has_another = self.scanner.another(b']').map_err(|error| self.refuse(error))?;
        }
        self.end()?;
        Ok(steps)
    }

    fn step<F: Form<'b>>(&mut self, form: &F) -> Result<FormStep<'b, F>, ParseError> {
        if !self.scanner.consume(b'{') {
            return Err(self.other_shape(ParseErrorKind::MalformedOperation(MalformedOperation::NotAnObject)));
        }
        let raw = self.members(form)?;
        let path = raw.path.clone();
        self.assemble(form, raw).map_err(|error| {
            let path = path.and_then(|text| self.pointer(form, text).ok()).map(|path| form.pointer(&path));
            ParseError { path, ..error }
        })
    }

    fn assemble<F: Form<'b>>(&self, form: &F, raw: RawOperation<'b, F::Value>) -> Result<FormStep<'b, F>, ParseError> {
        let op = raw.op.ok_or_else(|| self.malformed(MalformedOperation::Missing("op")))?;
        if matches!(op.as_ref(), "move" | "copy") && !self.dialect.move_and_copy {
            return Err(self.fail(ParseErrorKind::UnsupportedOperation));
        }
        let path = raw.path.map(|text| self.pointer(form, text)).transpose()?;
        let from = raw.from.map(|text| self.pointer(form, text)).transpose()?;
        if let (Some(value), "add" | "replace") = (&raw.value, op.as_ref()) {
            let limit = self.dialect.limits.depth();
            if value.depth + path.as_ref().map_or(0, |path| form.tokens(path)) > limit {
                return Err(self.fail(ParseErrorKind::TooDeep { limit }));
            }
            if let Some(offset) = value.folded_duplicate {
                return Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName }));
            }
        }
        let value = raw.value.map(|read| read.value);
        operation::assemble(&op, StepMembers { path, from, value }).map_err(|problem| self.malformed(problem))
    }

    /// The members of an operation, the reader standing behind its opening brace.
    fn members<F: Form<'b>>(&mut self, form: &F) -> Result<RawOperation<'b, F::Value>, ParseError> {
        let mut raw = RawOperation { op: None, path: None, from: None, value: None, unknown: Vec::new() };
        let mut has_another = !self.scanner.consume(b'}');
        while has_another {
            self.scanner.peek();
            let name_offset = self.scanner.offset();
            let name = self.scanner.name().map_err(|error| self.refuse(error))?;
            let is_duplicate = match name.as_ref() {
                "op" => raw.op.replace(self.string("op")?).is_some(),
                "path" => raw.path.replace(self.string("path")?).is_some(),
                "from" => raw.from.replace(self.string("from")?).is_some(),
                "value" => raw.value.replace(self.value(form, self.dialect.case())?).is_some(),
                _ => {
                    raw.unknown.push(name);
                    self.value(&Spans, Case::Exact)?;
                    false
                }
            };
            if is_duplicate {
                return Err(self.refuse(ScanError { offset: name_offset, problem: Problem::DuplicateName }));
            }
            has_another = self.scanner.another(b'}').map_err(|error| self.refuse(error))?;
        }
        if name::has_duplicate(&raw.unknown, Case::Exact) {
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

    fn value<F: Form<'b>>(&mut self, form: &F, case: Case) -> Result<Read<F::Value>, ParseError> {
        let limit = self.dialect.limits.depth();
        form.value(&mut self.scanner, limit, case).map_err(|error| self.refuse(error))
    }

    fn pointer<F: Form<'b>>(&self, form: &F, text: Cow<'b, str>) -> Result<F::Path, ParseError> {
        let limit = self.dialect.limits.pointer_bytes;
        if text.len() > limit {
            return Err(self.fail(ParseErrorKind::PointerTooLong { limit }));
        }
        let path = form.path(text, self.dialect.optional_slash);
        path.map_err(|error| self.fail(ParseErrorKind::MalformedPath(error)))
    }

    fn end(&mut self) -> Result<(), ParseError> {
        self.scanner.end().map_err(|error| self.refuse(error))
    }

    /// Refuses a value of the wrong shape, unless it is not even JSON.
    fn other_shape(&mut self, kind: ParseErrorKind) -> ParseError {
        match self.value(&Spans, Case::Exact) {
            Ok(_) => self.fail(kind),
            Err(error) => error,
        }
    }

    fn malformed(&self, problem: MalformedOperation) -> ParseError {
        self.fail(ParseErrorKind::MalformedOperation(problem))
    }

    fn fail(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { operation: self.operation, ..kind.into() }
    }

    fn refuse(&self, error: ScanError) -> ParseError {
        ParseError { operation: self.operation, ..refuse(error, self.body, self.dialect) }
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
