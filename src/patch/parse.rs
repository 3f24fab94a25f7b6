//! From the bytes of a request body to operations or a merge patch. The body is read once, onto a tape, and operations
//! are taken from there one by one, with every limit checked on the way.
//!
//! After this nobody meets a path that is only text, an operation without its value, or a value that is too deep.

use std::{borrow::Cow, num::NonZeroUsize, ops::Range};

use crate::{
    dialect::Dialect,
    json::{
        check::Checks,
        decode,
        string::{name_at, unescape, unescaped},
        syntax::{Fault, Position, Problem, SyntaxError},
        tape::{Entry, Tape},
        token::{byte, depth, outside_strings, skip_blanks, word},
    },
    patch::{
        fault_path::path_to,
        format::{Format, PatchDocument},
        merge_patch::MergePatch,
        operation::{self, MalformedOperation, Op, Operation, OperationMembers, Patch},
        parse_error::{ParseError, ParseErrorKind, kind, refuse},
        pointer::{self, Pointer, PointerText},
    },
};

impl Patch {
    /// Reads the body of a JSON Patch (RFC 6902 section 3). Unknown members of an operation are skipped (section 4), and
    /// so is a byte order mark in front of the body.
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
    /// A syntax error comes first, wherever it is, then the first fault in the text:
    ///
    /// - 400: the body is empty, not JSON, not an array, or holds something that is not an operation; a path is
    ///   malformed; one object holds a name twice.
    /// - 413: the body, the list of operations or a pointer is longer than the dialect's limit.
    /// - 422: the dialect has no such operation, or a value would be nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<Patch, ParseError> {
        let mut tape = Tape::for_text(body.len());
        Body::record(&mut tape, body, 0, Format::JsonPatch, dialect)?.to_patch(&mut tape)
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
    /// A syntax error comes first, wherever it is, then the first fault in the text:
    ///
    /// - 400: the body is empty or not JSON, or one object holds a name twice; under a dialect that asks for an
    ///   object, the body is something else; under one that ignores case, two names differ only by case.
    /// - 413: the body is longer than the dialect's limit.
    /// - 422: the body is nested deeper than the limit.
    pub fn parse(body: &[u8], dialect: &Dialect) -> Result<MergePatch, ParseError> {
        let mut tape = Tape::for_text(body.len());
        Body::record(&mut tape, body, 0, Format::MergePatch, dialect)?.to_merge_patch(&mut tape)
    }
}

impl PatchDocument {
    /// Reads the body of a PATCH request.
    ///
    /// ```
    /// use entity_patch::{Dialect, Format, PatchDocument};
    ///
    /// let document = PatchDocument::parse(b"[]", Format::ByShape, &Dialect::RFC)?;
    /// assert!(matches!(document, PatchDocument::JsonPatch(_)));
    /// # Ok::<(), entity_patch::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Patch::parse`] and [`MergePatch::parse`]; by shape, a body that is neither an array nor an object is
    /// `not-an-object`.
    pub fn parse(body: &[u8], format: Format, dialect: &Dialect) -> Result<PatchDocument, ParseError> {
        let mut tape = Tape::for_text(body.len());
        let body = Body::record(&mut tape, body, 0, format, dialect)?;
        match body.is_json_patch() {
            true => body.to_patch(&mut tape).map(PatchDocument::JsonPatch),
            false => body.to_merge_patch(&mut tape).map(PatchDocument::MergePatch),
        }
    }
}

/// A body that is JSON, recorded on a tape.
pub(crate) struct Body<'b, 'd> {
    /// Without its byte order mark.
    pub(crate) text: &'b str,
    /// The address of its first byte.
    base: u32,
    /// Its place on the tape.
    root: usize,
    format: Format,
    dialect: &'d Dialect,
    checks: Checks,
}

impl<'b, 'd> Body<'b, 'd> {
    /// The levels around an operation in a JSON Patch, and around its value.
    const AROUND_OPERATION: usize = 1;
    const AROUND_VALUE: usize = 2;

    /// Validates a body and records it at an address. What is wrong with it besides its syntax is found later.
    pub(crate) fn record(
        tape: &mut Tape,
        body: &'b [u8],
        base: u32,
        format: Format,
        dialect: &'d Dialect,
    ) -> Result<Body<'b, 'd>, ParseError> {
        /// What an address space holds besides another text as long.
        const ADDRESSABLE: usize = 1 << 30;

        let limit = dialect.limits.body_bytes.min(ADDRESSABLE);
        if body.len() > limit {
            return Err(ParseErrorKind::BodyTooLarge { limit }.into());
        }
        // RFC 8259 section 8.1 lets a reader ignore a byte order mark.
        let text = body.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(body);
        let start = skip_blanks(text, 0);
        if start as usize == text.len() {
            return Err(ParseErrorKind::MissingBody.into());
        }
        let format = if format == Format::ByShape && byte(text, start) == b'[' { Format::JsonPatch } else { format };
        let mut checks = Checks::new(dialect.case());
        let mut limit = dialect.limits.depth();
        if format == Format::JsonPatch {
            limit += Self::AROUND_VALUE;
            checks.skip_objects_at(Self::AROUND_OPERATION);
        }
        let root = tape.record_body(text, base, limit, &mut checks).map_err(|fault| {
            let operation = if format == Format::JsonPatch { operation_at(&text[..fault.offset]) } else { None };
            refuse(fault, text, dialect).with(|details| details.operation = operation)
        })?;
        let invalid = |_| refuse(Fault::syntax(0, SyntaxError::InvalidUtf8), text, dialect);
        let text = simdutf8::basic::from_utf8(text).map_err(invalid)?;
        Ok(Body { text, base, root, format, dialect, checks })
    }

    /// Whether this is a JSON Patch, and no merge patch.
    pub(crate) fn is_json_patch(&self) -> bool {
        self.format == Format::JsonPatch
    }

    fn starts_with(&self, tape: &Tape, bracket: u8) -> bool {
        self.text.as_bytes()[(tape.entries()[self.root].start - self.base) as usize] == bracket
    }

    /// The operations of a JSON Patch.
    pub(crate) fn operations<'r>(&'r self, tape: &Tape) -> Result<Operations<'r, 'b, 'd>, ParseError> {
        match self.starts_with(tape, b'[') {
            true => Ok(Operations { body: self, places: tape.children(self.root), index: 0 }),
            false => Err(ParseErrorKind::NotAnArray.into()),
        }
    }

    /// The place of a merge patch on the tape.
    pub(crate) fn merge_patch(&self, tape: &mut Tape) -> Result<usize, ParseError> {
        let must_be_object = self.dialect.merge_objects_only || self.format == Format::ByShape;
        if must_be_object && !self.starts_with(tape, b'{') {
            return Err(ParseErrorKind::NotAnObject.into());
        }
        let folded = self.checks.folded_duplicate(0, self.text.len());
        let folded = folded.map(|offset| Fault { offset, problem: Problem::DuplicateName });
        match self.checks.fault.into_iter().chain(folded).min_by_key(|fault| fault.offset) {
            None => Ok(self.root),
            Some(fault) => Err(refuse(fault, self.text.as_bytes(), self.dialect).with(|details| {
                let is_duplicate = fault.problem == Problem::DuplicateName;
                details.path = is_duplicate.then(|| self.path_to(tape, self.root, fault.offset));
            })),
        }
    }

    fn to_patch(&self, tape: &mut Tape) -> Result<Patch, ParseError> {
        let mut read = self.operations(tape)?;
        let mut operations = Vec::with_capacity(read.places.len().min(self.dialect.limits.operations));
        loop {
            let recorded = tape.entries().len();
            match read.next(tape) {
                Ok(Some((_, operation))) => {
                    // What a body may hold, a tree holds.
                    let value = |place| decode::value(tape, self.text, self.base, place).unwrap_or_default();
                    operations.push(operation.map(|path| path.tokens().to_pointer(), value));
                }
                Ok(None) => return Ok(Patch::new(operations)),
                Err(error) => {
                    // Its values may be nested too deep for their own drop.
                    drop(Patch::new(operations));
                    return Err(error);
                }
            }
            tape.truncate(recorded);
        }
    }

    fn to_merge_patch(&self, tape: &mut Tape) -> Result<MergePatch, ParseError> {
        let root = self.merge_patch(tape)?;
        let value = decode::value(tape, self.text, self.base, root).unwrap_or_default();
        Ok(MergePatch::parsed(value, self.dialect))
    }
}

/// An operation whose value is a place on the tape.
pub(crate) type RecordedOperation<'b> = Operation<PointerText<'b>, usize>;

/// The operations of a JSON Patch that are still to come.
pub(crate) struct Operations<'r, 'b, 'd> {
    body: &'r Body<'b, 'd>,
    /// Where they are on the tape.
    places: Range<usize>,
    /// The number of those that came.
    index: usize,
}

impl<'b> Operations<'_, 'b, '_> {
    /// The next operation and its index, from the tape on which the body was recorded.
    ///
    /// # Errors
    ///
    /// The first fault of the body, unless it is in an operation that is still to come.
    #[inline(always)]
    pub(crate) fn next(&mut self, tape: &mut Tape) -> Result<Option<(usize, RecordedOperation<'b>)>, ParseError> {
        let Some(place) = self.places.next() else { return Ok(None) };
        let (index, limit) = (self.index, self.body.dialect.limits.operations);
        if index == limit {
            return Err(ParseErrorKind::TooManyOperations { limit }.into());
        }
        self.index += 1;
        let mut faults = Faults::default();
        match self.body.operation(tape, place, &mut faults) {
            Ok(operation) => Ok(Some((index, operation))),
            Err(path) => Err(self.body.refuse(faults, tape, place, index, path)),
        }
    }
}

/// The members of an operation, by their places on the tape. No value is at place 0.
#[derive(Default)]
struct MemberPlaces {
    op: Option<NonZeroUsize>,
    path: Option<NonZeroUsize>,
    from: Option<NonZeroUsize>,
    value: Option<NonZeroUsize>,
}

impl<'b> Body<'b, '_> {
    /// The operation at a place on the tape, or its path where that can be read.
    #[inline(always)]
    fn operation(
        &self,
        tape: &mut Tape,
        place: usize,
        faults: &mut Faults,
    ) -> Result<RecordedOperation<'b>, Option<PointerText<'b>>> {
        let (start, end) = self.span(tape, place);
        if let Some(fault) = self.checks.fault.filter(|fault| fault.offset < end) {
            faults.note(fault.offset, kind(fault, self.dialect));
        }
        if self.text.as_bytes()[start] != b'{' {
            faults.malformed(start, MalformedOperation::NotAnObject);
            return Err(None);
        }
        if tape.entries()[place].children == 0 {
            // What was validated can be recorded.
            let _ = tape.expand(self.text.as_bytes(), self.base, place);
        }
        let members = self.members(tape, tape.children(place), faults);
        let op = self.op(tape, members.op, end, faults);
        let path = members.path.and_then(|place| self.pointer(tape, "path", place, faults));
        let Some((op, op_start)) = op else { return Err(path) };
        let mut from = None;
        match op {
            Op::Add | Op::Replace => {
                if let (Some(path), Some(value)) = (&path, members.value) {
                    self.check_written(tape, path, members.path, value, faults);
                }
            }
            Op::Move | Op::Copy => {
                if !self.dialect.move_and_copy {
                    faults.note(op_start, ParseErrorKind::UnsupportedOperation);
                }
                from = self.from(tape, members.from, faults);
            }
            Op::Remove | Op::Test => {}
        }
        let value = members.value.map(NonZeroUsize::get);
        match operation::assemble(op, OperationMembers { path, from, value }) {
            Ok(operation) if faults.first.is_none() => Ok(operation),
            Ok(operation) => Err(Some(operation.path().clone())),
            Err((problem, members)) => {
                // If it is there and malformed, that comes earlier.
                faults.malformed(end, problem);
                Err(members.path)
            }
        }
    }

    /// Why the operation at a place on the tape is refused.
    #[cold]
    fn refuse(
        &self,
        faults: Faults,
        tape: &mut Tape,
        place: usize,
        operation: usize,
        path: Option<PointerText<'_>>,
    ) -> ParseError {
        // Nothing is refused without a fault.
        let unknown = ParseErrorKind::MalformedOperation(MalformedOperation::UnknownOp);
        let (offset, kind) = faults.first.unwrap_or((0, unknown));
        let is_about_json = matches!(kind, ParseErrorKind::MalformedJson(_) | ParseErrorKind::DuplicateName);
        ParseError::from(kind).with(|details| {
            details.operation = Some(operation);
            details.path = path.map(|path| path.tokens().to_pointer());
            details.position = is_about_json.then(|| Position::of(self.text.as_bytes(), offset));
            if let (ParseErrorKind::DuplicateName, Some(path)) = (kind, &mut details.path) {
                // Inside of the value, this is where the value goes, and from there.
                let place = self.path_to(tape, place, offset);
                let mut tokens = place.tokens();
                if tokens.next().is_some_and(|token| token.name() == "value") {
                    tokens.for_each(|token| path.push(&token.name()));
                }
            }
        })
    }

    fn path_to(&self, tape: &mut Tape, value: usize, offset: usize) -> Pointer {
        path_to(tape, self.text.as_bytes(), self.base, value, offset)
    }

    #[inline(always)]
    fn members(&self, tape: &Tape, places: Range<usize>, faults: &mut Faults) -> MemberPlaces {
        let first = places.start;
        let entries = &tape.entries()[places];
        let name = |entry: &Entry| word(self.text.as_bytes(), entry.key - self.base);
        let place = |index: usize| NonZeroUsize::new(first + index);
        let mut members = MemberPlaces::default();
        for (index, entry) in entries.iter().enumerate() {
            let name = name(entry);
            match () {
                () if starts_with(name, b"op\"") => members.op = place(index),
                () if starts_with(name, b"path\"") => members.path = place(index),
                () if starts_with(name, b"value\"") => members.value = place(index),
                () if starts_with(name, b"from\"") => members.from = place(index),
                () => self.other_member(entry, place(index), &mut members),
            }
        }
        let MemberPlaces { op, path, from, value } = &members;
        let known = [op, path, from, value].map(|member| usize::from(member.is_some()));
        // Others, or one of them twice.
        let is_known = known.iter().sum::<usize>() == entries.len();
        let duplicate = || self.checks.duplicate(self.text.as_bytes(), self.base, entries);
        if let Some(offset) = (!is_known).then(duplicate).flatten() {
            faults.note(offset, ParseErrorKind::DuplicateName);
        }
        members
    }

    #[cold]
    fn other_member(&self, entry: &Entry, place: Option<NonZeroUsize>, members: &mut MemberPlaces) {
        match unescape(name_at(&self.text.as_bytes()[(entry.key - self.base) as usize..])).as_ref() {
            "op" => members.op = place,
            "path" => members.path = place,
            "value" => members.value = place,
            "from" => members.from = place,
            _ => {}
        }
    }

    /// The name of an operation that ends at `end`, and where it is.
    #[inline(always)]
    fn op(&self, tape: &Tape, place: Option<NonZeroUsize>, end: usize, faults: &mut Faults) -> Option<(Op, usize)> {
        let Some(place) = place else {
            faults.malformed(end, MalformedOperation::Missing("op"));
            return None;
        };
        let (name, start) = self.string(tape, "op", place, faults)?;
        let op = Op::of(&name);
        if op.is_none() {
            faults.malformed(start, MalformedOperation::UnknownOp);
        }
        Some((op?, start))
    }

    /// A string, and where it is.
    #[inline(always)]
    fn string(
        &self,
        tape: &Tape,
        member: &'static str,
        place: NonZeroUsize,
        faults: &mut Faults,
    ) -> Option<(Cow<'b, str>, usize)> {
        let (start, end) = self.span(tape, place.get());
        if self.text.as_bytes()[start] != b'"' {
            faults.malformed(start, MalformedOperation::NotAString(member));
            return None;
        }
        let inside = &self.text[start + 1..end - 1];
        Some((if self.checks.has_escapes { unescaped(inside) } else { Cow::Borrowed(inside) }, start))
    }

    /// Where the value at a place on the tape starts and ends in the text.
    #[inline(always)]
    fn span(&self, tape: &Tape, place: usize) -> (usize, usize) {
        let entry = tape.entries()[place];
        ((entry.start - self.base) as usize, (entry.end - self.base) as usize)
    }

    #[inline(always)]
    fn pointer(
        &self,
        tape: &Tape,
        member: &'static str,
        place: NonZeroUsize,
        faults: &mut Faults,
    ) -> Option<PointerText<'b>> {
        let (text, start) = self.string(tape, member, place, faults)?;
        let limit = self.dialect.limits.pointer_bytes;
        if text.len() > limit {
            faults.note(start, ParseErrorKind::PointerTooLong { member, limit });
            return None;
        }
        match (pointer::check(&text, self.dialect.optional_slash), text) {
            (Ok(false), Cow::Borrowed(text)) => Some(PointerText::Plain(text)),
            (Ok(_), text) => Some(PointerText::Any(text)),
            (Err(problem), _) => {
                faults.note(start, ParseErrorKind::MalformedPath { member, problem });
                None
            }
        }
    }

    /// The source of an operation that has one.
    #[inline(never)]
    fn from(&self, tape: &Tape, place: Option<NonZeroUsize>, faults: &mut Faults) -> Option<PointerText<'b>> {
        self.pointer(tape, "from", place?, faults)
    }

    /// Checks a value that is written, together with its path: its depth, and names that differ only by case.
    #[inline(always)]
    fn check_written(
        &self,
        tape: &Tape,
        path: &PointerText<'_>,
        path_place: Option<NonZeroUsize>,
        value: NonZeroUsize,
        faults: &mut Faults,
    ) {
        let (start, end) = self.span(tape, value.get());
        let limit = self.dialect.limits.depth();
        // No value is deeper than the body.
        let most = self.checks.deepest.saturating_sub(Self::AROUND_VALUE);
        let tokens = path.tokens();
        if !tokens.fit(limit.saturating_sub(most)) {
            let levels = depth(&self.text.as_bytes()[start..end]);
            if !tokens.fit(limit.saturating_sub(levels)) {
                let path_start = path_place.map_or(0, |place| self.span(tape, place.get()).0);
                faults.note(start.max(path_start), ParseErrorKind::TooDeep { limit });
            }
        }
        if let Some(offset) = self.checks.folded_duplicate(start, end) {
            faults.note(offset, ParseErrorKind::DuplicateName);
        }
    }
}

/// Whether eight bytes of text, the first one lowest, start with at most eight.
#[inline(always)]
fn starts_with<const N: usize>(word: u64, bytes: &[u8; N]) -> bool {
    let mut expected = [0; 8];
    expected[..N].copy_from_slice(bytes);
    word << (64 - 8 * N) == u64::from_le_bytes(expected) << (64 - 8 * N)
}

/// What is wrong with an operation: the first fault in the order of the text.
#[derive(Default)]
struct Faults {
    /// With its offset.
    first: Option<(usize, ParseErrorKind)>,
}

impl Faults {
    #[cold]
    fn note(&mut self, offset: usize, kind: ParseErrorKind) {
        self.first = self.first.into_iter().chain([(offset, kind)]).min_by_key(|(offset, _)| *offset);
    }

    #[cold]
    fn malformed(&mut self, offset: usize, problem: MalformedOperation) {
        self.note(offset, ParseErrorKind::MalformedOperation(problem));
    }
}

/// The operation inside of which a JSON Patch ends early, given its text up to there.
#[cold]
fn operation_at(text: &[u8]) -> Option<usize> {
    if byte(text, skip_blanks(text, 0)) != b'[' {
        return None;
    }
    let (mut level, mut index, mut is_after) = (0_usize, 0, false);
    outside_strings(text, |byte| match byte {
        b'[' | b'{' => level += 1,
        b']' | b'}' => {
            level = level.saturating_sub(1);
            is_after = level == 1;
        }
        b',' if level == 1 => (index, is_after) = (index + 1, false),
        _ => {}
    });
    (level > 0 && !is_after).then_some(index)
}
