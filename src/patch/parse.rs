//! From the bytes of a request body to operations or a merge patch: one pass, with every limit checked on the way.
//!
//! After this nobody meets a path that is only text, an operation without its value, or a value that is too deep.

use std::{borrow::Cow, fmt, ops::Range};

use serde_json::Value;

use crate::{
    dialect::Dialect,
    json::{
        build::{self, Read},
        name::{self, Case},
        scan::{Position, Problem, ScanError, Scanner, SyntaxError},
        value,
    },
    patch::merge_patch::MergePatch,
    patch::{
        operation::{self, MalformedOperation, Op, Operation, OperationMembers, Patch, Place},
        pointer::{self, ParsePointerError, Pointer, PointerText, Tokens},
    },
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
        Reader::new(body, dialect)?.patch::<Trees>().map(Patch::new)
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
        Reader::new(body, dialect)?.merge_patch::<Trees>().map(MergePatch::new)
    }
}

/// Where in the body a merge patch is.
pub(crate) fn merge_span(body: &[u8], dialect: &Dialect) -> Result<Range<usize>, ParseError> {
    Reader::new(body, dialect)?.merge_patch::<Spans>()
}

/// What a body is read as.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    JsonPatch,
    MergePatch,
}

/// What a body is by its shape.
pub(crate) fn shape(body: &[u8], dialect: &Dialect) -> Result<Shape, ParseError> {
    match first_byte(body, dialect)? {
        b'[' => Ok(Shape::JsonPatch),
        b'{' => Ok(Shape::MergePatch),
        _ => Err(Reader::new(body, dialect)?.other_shape(ParseErrorKind::NotAnObject)),
    }
}

/// The first byte of a body that is neither too large nor empty.
fn first_byte(body: &[u8], dialect: &Dialect) -> Result<u8, ParseError> {
    let limit = dialect.limits.body_bytes;
    if body.len() > limit {
        return Err(ParseErrorKind::BodyTooLarge { limit }.into());
    }
    let first = body.iter().find(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    first.copied().ok_or_else(|| ParseErrorKind::MissingBody.into())
}

/// An operation that stays text: its value is where it stands in the body.
pub(crate) type TextOperation<'b> = Operation<PointerText<'b>, Range<usize>>;

/// The operations of a JSON Patch whose paths and values stay text: the values by their place in the body.
pub(crate) fn steps<'b>(body: &'b [u8], dialect: &Dialect) -> Result<Vec<TextOperation<'b>>, ParseError> {
    Reader::new(body, dialect)?.patch::<Spans>()
}

/// The same, handed over one by one as they are read. An error may come after some of them.
#[inline(always)]
pub(crate) fn each_step<'b>(
    body: &'b [u8],
    dialect: &Dialect,
    mut each: impl FnMut(usize, &TextOperation<'b>),
) -> Result<(), ParseError> {
    Reader::new(body, dialect)?.each::<Spans>(|index, step| each(index, &step))
}

/// What operations are read into.
trait Form<'b> {
    type Path;
    type Value;
    type Operation;

    fn path(text: PointerText<'b>) -> Self::Path;
    fn tokens(path: &Self::Path) -> Tokens<'_>;
    fn value(scanner: &mut Scanner<'b>, depth_limit: usize, case: Case) -> Result<Read<Self::Value>, ScanError>;

    /// The value of a string without escapes.
    fn string(scanner: &Scanner<'b>, string: Range<usize>) -> Self::Value;
    fn operation(step: Operation<Self::Path, Self::Value>) -> Self::Operation;

    /// Drops what was read, on a small stack.
    fn discard(value: Self::Value);
    fn discard_operation(operation: Self::Operation);
}

/// Pointers and trees.
struct Trees;

impl<'b> Form<'b> for Trees {
    type Path = Pointer;
    type Value = Value;
    type Operation = Operation;

    fn path(text: PointerText<'b>) -> Pointer {
        text.tokens().to_pointer()
    }

    fn string(scanner: &Scanner<'b>, string: Range<usize>) -> Value {
        Value::String(scanner.inside(&string).to_owned())
    }

    fn tokens(path: &Pointer) -> Tokens<'_> {
        path.tokens()
    }

    fn value(scanner: &mut Scanner<'b>, depth_limit: usize, case: Case) -> Result<Read<Value>, ScanError> {
        build::value(scanner, depth_limit, case)
    }

    fn operation(step: Operation<Pointer, Value>) -> Operation {
        step
    }

    fn discard(value: Value) {
        value::discard(value);
    }

    fn discard_operation(operation: Operation) {
        value::discard(operation.into_value().unwrap_or_default());
    }
}

/// Text, as it stands in the body.
struct Spans;

impl<'b> Form<'b> for Spans {
    type Path = PointerText<'b>;
    type Value = Range<usize>;
    type Operation = TextOperation<'b>;

    fn path(text: PointerText<'b>) -> PointerText<'b> {
        text
    }

    fn string(_scanner: &Scanner<'b>, string: Range<usize>) -> Range<usize> {
        string
    }

    fn tokens<'p>(path: &'p PointerText<'b>) -> Tokens<'p> {
        path.tokens()
    }

    fn value(scanner: &mut Scanner<'b>, depth_limit: usize, case: Case) -> Result<Read<Range<usize>>, ScanError> {
        build::span(scanner, depth_limit, case)
    }

    fn operation(step: TextOperation<'b>) -> TextOperation<'b> {
        step
    }

    fn discard(_value: Range<usize>) {}
    fn discard_operation(_operation: TextOperation<'b>) {}
}

/// A member of an operation.
enum MemberName<'b> {
    Op,
    Path,
    From,
    Value,
    Unknown(Cow<'b, str>),
}

impl<'b> MemberName<'b> {
    fn of(name: Cow<'b, str>) -> MemberName<'b> {
        match name.as_ref() {
            "op" => MemberName::Op,
            "path" => MemberName::Path,
            "from" => MemberName::From,
            "value" => MemberName::Value,
            _ => MemberName::Unknown(name),
        }
    }

    /// The name that a text starts with, as it is usually spelt, and the length of that.
    fn known(text: &[u8]) -> Option<(MemberName<'b>, usize)> {
        let word = u64::from_le_bytes(*text.first_chunk()?);
        Some(match () {
            () if starts_with(word, b"\"op\"") => (MemberName::Op, 4),
            () if starts_with(word, b"\"path\"") => (MemberName::Path, 6),
            () if starts_with(word, b"\"value\"") => (MemberName::Value, 7),
            () => return None,
        })
    }
}

impl Op {
    /// The operation whose text starts here, if its name and its path come first and without white space; and the
    /// length of what stands before the path.
    #[inline]
    fn known_compact(text: &[u8]) -> Option<(Op, usize)> {
        const START: &[u8] = br#"{"op":""#;
        let behind = text.strip_prefix(START)?;
        let starts_with = |op: Op, name: &[u8]| behind.starts_with(name).then_some((op, START.len() + name.len()));
        starts_with(Op::Replace, br#"replace","path":"#)
            .or_else(|| starts_with(Op::Add, br#"add","path":"#))
            .or_else(|| starts_with(Op::Test, br#"test","path":"#))
            .or_else(|| starts_with(Op::Remove, br#"remove","path":"#))
    }

    /// The operation that a text starts with, as it is usually spelt, and the length of that.
    fn known(text: &[u8]) -> Option<(Op, usize)> {
        let word = u64::from_le_bytes(*text.first_chunk()?);
        Some(match () {
            () if starts_with(word, b"\"add\"") => (Op::Add, 5),
            () if starts_with(word, b"\"test\"") => (Op::Test, 6),
            () if starts_with(word, b"\"remove\"") => (Op::Remove, 8),
            () if starts_with(word, b"\"replace") && text.get(8) == Some(&b'"') => (Op::Replace, 9),
            () => return None,
        })
    }
}

/// Whether eight bytes of text, the first one lowest, start with at most eight.
#[inline(always)]
fn starts_with<const N: usize>(word: u64, bytes: &[u8; N]) -> bool {
    let mut expected = [0; 8];
    expected[..N].copy_from_slice(bytes);
    word << (64 - 8 * N) == u64::from_le_bytes(expected) << (64 - 8 * N)
}

/// The members of an operation besides its name, as far as they are met.
struct Members<'b, V> {
    path: Option<Cow<'b, str>>,
    /// `None` inside where it is no string, which matters to two operations only.
    from: Option<Option<Cow<'b, str>>>,
    value: Option<Read<V>>,
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

    fn patch<F: Form<'b>>(&mut self) -> Result<Vec<F::Operation>, ParseError> {
        // An operation without much of a value has about 48 bytes.
        let mut operations = Vec::with_capacity((self.body.len() / 48 + 1).min(self.dialect.limits.operations));
        match self.each::<F>(|_, operation| operations.push(operation)) {
            Ok(()) => Ok(operations),
            Err(error) => {
                operations.into_iter().for_each(F::discard_operation);
                Err(error)
            }
        }
    }

    /// Hands over one operation after the other, with its place in the list.
    #[inline(always)]
    fn each<F: Form<'b>>(&mut self, mut each: impl FnMut(usize, F::Operation)) -> Result<(), ParseError> {
        if !self.scanner.consume(b'[') {
            return Err(self.other_shape(ParseErrorKind::NotAnArray));
        }
        let limit = self.dialect.limits.operations;
        let mut has_another = !self.scanner.consume(b']');
        let mut index = 0;
        while has_another {
            if index == limit {
                return Err(ParseErrorKind::TooManyOperations { limit }.into());
            }
            self.operation = Some(index);
            let start = self.scanner.offset();
            if self.usual::<F>(|operation| each(index, operation)).is_none() {
                self.scanner.go_back(start);
                each(index, self.operation::<F>()?);
            }
            self.operation = None;
            index += 1;
            has_another = self.scanner.another(b']').map_err(|error| self.refuse(error))?;
        }
        self.end()
    }

    fn merge_patch<F: Form<'b>>(&mut self) -> Result<F::Value, ParseError> {
        if self.dialect.merge_objects_only && self.scanner.peek() != Some(b'{') {
            return Err(self.other_shape(ParseErrorKind::NotAnObject));
        }
        let Read { value, folded_duplicate, .. } = self.value::<F>(self.dialect.case())?;
        let end = match folded_duplicate {
            Some(offset) => Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName })),
            None => self.end(),
        };
        match end {
            Ok(()) => Ok(value),
            Err(error) => {
                F::discard(value);
                Err(error)
            }
        }
    }

    #[inline(never)]
    fn operation<F: Form<'b>>(&mut self) -> Result<F::Operation, ParseError> {
        if !self.scanner.consume(b'{') {
            return Err(self.other_shape(ParseErrorKind::MalformedOperation(MalformedOperation::NotAnObject)));
        }
        let mut op = None;
        let mut members = Members { path: None, from: None, value: None };
        let read = self.members::<F>(&mut op, &mut members).and_then(|()| match op {
            Some(Some(op)) => Ok(op),
            Some(None) => Err(self.malformed(MalformedOperation::UnknownOp)),
            None => Err(self.malformed(MalformedOperation::Missing("op"))),
        });
        match read {
            Ok(op) => self.assemble::<F>(op, members),
            Err(error) => Err(self.give_up::<F>(members, error)),
        }
    }

    /// An operation as it is usually written: `op`, `path` and perhaps `value`, in this order, without an escape and
    /// within the limits. Anything else, malformed or not, is none of these, and is read again from its start.
    #[inline(always)]
    fn usual<F: Form<'b>>(&mut self, found: impl FnOnce(F::Operation)) -> Option<()> {
        let scanner = &mut self.scanner;
        let op = match scanner.consume_known(Op::known_compact) {
            Some(op) => op,
            None => {
                scanner.skip(b"{")?;
                scanner.skip(b"\"op\":")?;
                let op = scanner.consume_known(Op::known)?;
                scanner.skip(b",")?;
                scanner.skip(b"\"path\":")?;
                op
            }
        };
        let path = scanner.plain_pointer()?;
        let path = scanner.inside(&path);
        let has_slash = self.dialect.optional_slash || matches!(path.as_bytes(), [] | [b'/', ..]);
        if !has_slash || path.len() > self.dialect.limits.pointer_bytes {
            return None;
        }
        let path = PointerText::Plain(path);
        if op == Op::Remove {
            let step = Operation::Remove { path: F::path(path) };
            return scanner.consume(b'}').then(|| found(F::operation(step)));
        }
        if scanner.skip(b",\"value\":").is_none() {
            scanner.skip(b",")?;
            scanner.skip(b"\"value\":")?;
        }
        let limit = self.dialect.limits.depth();
        let Read { value, depth, folded_duplicate } = match scanner.peek() {
            Some(b'"') => {
                let string = scanner.plain_string()?;
                Read { value: F::string(scanner, string), depth: 0, folded_duplicate: None }
            }
            _ => F::value(scanner, limit, self.dialect.case()).ok()?,
        };
        if !scanner.consume(b'}') || folded_duplicate.is_some() || !path.tokens().fit(limit - depth) {
            F::discard(value);
            return None;
        }
        let path = F::path(path);
        // Each is made where it is used: to copy one from place to place costs as much as to read it.
        match op {
            Op::Add => found(F::operation(Operation::Add { path, value })),
            Op::Replace => found(F::operation(Operation::Replace { path, value })),
            Op::Test => found(F::operation(Operation::Test { path, value })),
            Op::Remove | Op::Move | Op::Copy => {
                F::discard(value);
                return None;
            }
        }
        Some(())
    }

    /// Puts an operation together.
    fn assemble<F: Form<'b>>(&self, op: Op, mut members: Members<'b, F::Value>) -> Result<F::Operation, ParseError> {
        if let Err(error) = self.check(op, &members) {
            return Err(self.give_up::<F>(members, error));
        }
        if matches!(op, Op::Remove | Op::Move | Op::Copy)
            && let Some(read) = members.value.take()
        {
            F::discard(read.value);
        }
        let Members { path, from, value } = members;
        let found = OperationMembers {
            path: path.map(PointerText::Any).map(F::path),
            from: from.flatten().map(PointerText::Any).map(F::path),
            value: value.map(|read| read.value),
        };
        operation::assemble(op, found).map(F::operation).map_err(|(problem, found)| {
            if let Some(value) = found.value {
                F::discard(value);
            }
            let path = found.path.map(|path| F::tokens(&path).to_pointer());
            self.malformed(problem).with(|details| details.path = path)
        })
    }

    /// Whether the dialect has the operation, and what is there of it is within its rules.
    fn check<V>(&self, op: Op, members: &Members<'b, V>) -> Result<(), ParseError> {
        if matches!(op, Op::Move | Op::Copy) && !self.dialect.move_and_copy {
            return Err(self.fail(ParseErrorKind::UnsupportedOperation));
        }
        if let Some(path) = &members.path {
            self.check_pointer("path", path)?;
        }
        if let (Some(from), Op::Move | Op::Copy) = (&members.from, op) {
            let not_a_string = || self.malformed(MalformedOperation::NotAString("from"));
            self.check_pointer("from", from.as_ref().ok_or_else(not_a_string)?)?;
        }
        if let (Some(value), Op::Add | Op::Replace) = (&members.value, op) {
            let limit = self.dialect.limits.depth();
            let levels = limit - value.depth;
            if members.path.as_ref().is_some_and(|path| !PointerText::Plain(path).tokens().fit(levels)) {
                return Err(self.fail(ParseErrorKind::TooDeep { limit }));
            }
            if let Some(offset) = value.folded_duplicate {
                return Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName }));
            }
        }
        Ok(())
    }

    fn check_pointer(&self, member: &'static str, text: &str) -> Result<(), ParseError> {
        let limit = self.dialect.limits.pointer_bytes;
        if text.len() > limit {
            return Err(self.fail(ParseErrorKind::PointerTooLong { member, limit }));
        }
        let checked = pointer::check(text, self.dialect.optional_slash);
        checked.map(|_| ()).map_err(|problem| self.fail(ParseErrorKind::MalformedPath { member, problem }))
    }

    /// Drops what was read of an operation that is refused, and says which one it is.
    #[cold]
    fn give_up<F: Form<'b>>(&self, members: Members<'b, F::Value>, error: ParseError) -> ParseError {
        if let Some(read) = members.value {
            F::discard(read.value);
        }
        let path = members.path.filter(|text| self.check_pointer("path", text).is_ok());
        error.with(|details| details.path = path.map(|text| PointerText::Any(text).tokens().to_pointer()))
    }

    /// The members of an operation, the reader standing behind its opening brace.
    fn members<F: Form<'b>>(
        &mut self,
        op: &mut Option<Option<Op>>,
        members: &mut Members<'b, F::Value>,
    ) -> Result<(), ParseError> {
        let mut unknown = Vec::new();
        let mut has_another = !self.scanner.consume(b'}');
        while has_another {
            self.scanner.peek();
            let name_offset = self.scanner.offset();
            let is_duplicate = match self.name()? {
                MemberName::Op => op.replace(self.op()?).is_some(),
                MemberName::Path => members.path.replace(self.string("path")?).is_some(),
                MemberName::From => members.from.replace(self.any_string()?).is_some(),
                MemberName::Value => match members.value.replace(self.value::<F>(self.dialect.case())?) {
                    Some(first) => {
                        F::discard(first.value);
                        true
                    }
                    None => false,
                },
                MemberName::Unknown(name) => {
                    unknown.push(name);
                    self.value::<Spans>(Case::Exact)?;
                    false
                }
            };
            if is_duplicate {
                return Err(self.refuse(ScanError { offset: name_offset, problem: Problem::DuplicateName }));
            }
            has_another = self.scanner.another(b'}').map_err(|error| self.refuse(error))?;
        }
        if name::has_duplicate(&unknown, Case::Exact) {
            let offset = self.scanner.offset() - 1;
            return Err(self.refuse(ScanError { offset, problem: Problem::DuplicateName }));
        }
        Ok(())
    }

    /// The name of a member of an operation, and the colon behind it.
    #[inline]
    fn name(&mut self) -> Result<MemberName<'b>, ParseError> {
        let read = match self.scanner.consume_known(MemberName::known) {
            Some(name) => self.scanner.colon().map(|()| name),
            None => self.scanner.name().map(MemberName::of),
        };
        read.map_err(|error| self.refuse(error))
    }

    fn op(&mut self) -> Result<Option<Op>, ParseError> {
        match self.scanner.consume_known(Op::known) {
            Some(op) => Ok(Some(op)),
            None => Ok(Op::of(&self.string("op")?)),
        }
    }

    fn string(&mut self, member: &'static str) -> Result<Cow<'b, str>, ParseError> {
        if self.scanner.peek() != Some(b'"') {
            return Err(self.other_shape(ParseErrorKind::MalformedOperation(MalformedOperation::NotAString(member))));
        }
        self.scanner.string().map_err(|error| self.refuse(error))
    }

    /// A string, or nothing where another value is.
    fn any_string(&mut self) -> Result<Option<Cow<'b, str>>, ParseError> {
        match self.scanner.peek() {
            Some(b'"') => self.scanner.string().map(Some).map_err(|error| self.refuse(error)),
            _ => self.value::<Spans>(Case::Exact).map(|_| None),
        }
    }

    fn value<F: Form<'b>>(&mut self, case: Case) -> Result<Read<F::Value>, ParseError> {
        let limit = self.dialect.limits.depth();
        F::value(&mut self.scanner, limit, case).map_err(|error| self.refuse(error))
    }

    fn end(&mut self) -> Result<(), ParseError> {
        self.scanner.end().map_err(|error| self.refuse(error))
    }

    /// Refuses a value of the wrong shape, unless it is not even JSON.
    fn other_shape(&mut self, kind: ParseErrorKind) -> ParseError {
        match self.value::<Spans>(Case::Exact) {
            Ok(_) => self.fail(kind),
            Err(error) => error,
        }
    }

    fn malformed(&self, problem: MalformedOperation) -> ParseError {
        self.fail(ParseErrorKind::MalformedOperation(problem))
    }

    #[cold]
    fn fail(&self, kind: ParseErrorKind) -> ParseError {
        ParseError::from(kind).with(|details| details.operation = self.operation)
    }

    #[cold]
    fn refuse(&self, error: ScanError) -> ParseError {
        refuse(error, self.body, self.dialect).with(|details| details.operation = self.operation)
    }
}

/// What is wrong with a body, and where.
pub(crate) fn refuse(error: ScanError, body: &[u8], dialect: &Dialect) -> ParseError {
    let kind = match error.problem {
        Problem::Syntax(syntax) => ParseErrorKind::MalformedJson(syntax),
        Problem::DuplicateName => ParseErrorKind::DuplicateName,
        Problem::TooDeep => ParseErrorKind::TooDeep { limit: dialect.limits.depth() },
    };
    ParseError::from(kind).with(|details| details.position = Some(Position::of(body, error.offset)))
}

/// A request body that is refused before any entity is looked at.
///
/// Its message says which operation, which path and where in the body; it shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// In a box of its own, so that the result of every step of a reader stays small.
    details: Box<Details>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: ParseErrorKind,
    operation: Option<usize>,
    path: Option<Pointer>,
    position: Option<Position>,
}

impl ParseError {
    fn with(mut self, change: impl FnOnce(&mut Details)) -> ParseError {
        change(&mut self.details);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &ParseErrorKind {
        &self.details.kind
    }

    /// The operation that is malformed, 0-based, where it is one; `None` for a merge patch.
    pub fn operation(&self) -> Option<usize> {
        self.details.operation
    }

    /// The path of that operation, where it was read already.
    pub fn path(&self) -> Option<&Pointer> {
        self.details.path.as_ref()
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { kind, operation, path, position } = &*self.details;
        let place = Place { operation: *operation, path: path.as_ref() };
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
    #[error("a merge patch is an object")]
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
