//! Stored JSON text, patched where it lies: target and body are recorded on one tape, without building a tree, and the
//! rules of the operations are those of every document.
//!
//! `edits` keeps what a patch changes and makes the new text of it, `merge_text` lets a merge patch change it, and
//! `white_space` is about white space.

mod edits;
mod merge_text;
pub(crate) mod sequence;
mod white_space;

use std::borrow::Cow;

pub(crate) use self::{
    edits::{Piece, Slot, Text, ValueAt, Version},
    merge_text::merge,
};
use crate::{
    dialect::{Dialect, Limits},
    document::{Context, PatchError, execute},
    error::{Error, TargetError, TargetProblem, malformed_target},
    json::tape::Tape,
    patch::{
        format::Format,
        operation::Operation,
        parse::{Body, Operations},
        parse_error::ParseError,
        pointer::{PointerText, Tokens},
    },
};

/// Applies a request body to stored JSON text: bytes in, bytes out.
///
/// What the patch does not touch keeps its bytes: white space, member order, escapes, the spelling of numbers. A value
/// that is written takes the patch's own spelling. A new member or element is laid out like its neighbours, and compact
/// in a container that was empty.
///
/// ```
/// use entity_patch::{Dialect, Format, patch_json};
///
/// let stored = br#"{ "a" : 1.50e2, "z":[1.0, 2e0 ] }"#;
/// let body = br#"[{"op": "replace", "path": "/z/1", "value": 3}]"#;
/// let json = patch_json(stored, body, Format::JsonPatch, &Dialect::RFC)?;
/// assert_eq!(json, br#"{ "a" : 1.50e2, "z":[1.0, 3 ] }"#);
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// Those of the body first, as [`PatchDocument::parse`](crate::PatchDocument::parse); then 500 where the target is not
/// JSON or nested deeper than 127 levels; then those of [`apply`](crate::apply) and [`merge`](crate::merge()). A path
/// that meets a duplicate name in the target is `ambiguous-name`.
pub fn patch_json(target: &[u8], body: &[u8], format: Format, dialect: &Dialect) -> Result<Vec<u8>, Error> {
    let mut opened = open(target, body, format, dialect);
    // Borrowed: what was opened is large.
    let Opened { text, body, target: opened } = opened.as_mut().map_err(|error| error.clone())?;
    if body.is_json_patch() {
        let operations = body.operations(text.tape())?;
        let mut context = Context::new(dialect);
        run(text, Text::tape, operations, opened.clone().map_err(Error::from), |text, index, operation| {
            execute(text, operation.map(|path| path, Cow::Owned), &mut context)
                .map_err(|failure| failure.of_operation(Some(index)))
        })?;
    } else {
        let patch = body.merge_patch(text.tape())?;
        opened.clone()?;
        merge(text, Piece::recorded(patch), dialect)?;
    }
    Ok(edits::document(text, target))
}

/// A target and a body on one tape.
pub(crate) struct Opened<'t, 'd> {
    pub(crate) text: Text<'t>,
    pub(crate) body: Body<'t, 'd>,
    /// Why the target is none. There is nothing in the text then, but what is wrong with the body comes first.
    pub(crate) target: Result<(), TargetError>,
}

/// Records a body and a target, and validates them as JSON. What else is wrong with the body is found as it is read.
pub(crate) fn open<'t, 'd>(
    target: &'t [u8],
    body: &'t [u8],
    format: Format,
    dialect: &'d Dialect,
) -> Result<Opened<'t, 'd>, ParseError> {
    let is_addressable = is_addressable(target, body);
    let target = if is_addressable { target } else { &[] };
    let mut tape = Tape::for_text(target.len() + body.len());
    let body = Body::record(&mut tape, body, target.len() as u32, format, dialect)?;
    let root = match is_addressable {
        true => record(&mut tape, target),
        false => Err(TargetProblem::TooLarge.into()),
    };
    let (root, target_error) = match root {
        Ok(root) => (root, Ok(())),
        Err(error) => (0, Err(error)),
    };
    let text = Text::new(target, body.text, tape, root, dialect.limits.work);
    Ok(Opened { text, body, target: target_error })
}

/// Carries out the operations of a body one by one, as they are read. The first that fails ends it, but the others are
/// read, since what is wrong with the body comes first; after that comes what was wrong before.
#[inline(always)]
pub(crate) fn run<S>(
    state: &mut S,
    tape: impl Fn(&mut S) -> &mut Tape,
    mut operations: Operations<'_, '_, '_>,
    mut result: Result<(), Error>,
    mut execute: impl FnMut(&mut S, usize, Operation<Tokens<'_>, Piece>) -> Result<(), PatchError>,
) -> Result<(), Error> {
    while let Some((index, operation)) = operations.next(tape(state))? {
        if result.is_ok() {
            let operation = operation.as_ref().map(PointerText::tokens, |place| Piece::recorded(*place));
            if let Err(error) = execute(state, index, operation) {
                result = Err(error.into());
            }
        }
    }
    result
}

/// Opens a target that no request body is about; what is added to it comes from trees. `body` is not read, but values of
/// it can be written. Strings and numbers of `work` bytes can be compared.
pub(crate) fn open_alone<'t>(target: &'t [u8], body: &'t str, work: usize) -> Result<Text<'t>, TargetError> {
    if !is_addressable(target, body.as_bytes()) {
        return Err(TargetProblem::TooLarge.into());
    }
    let mut tape = Tape::for_text(target.len());
    let root = record(&mut tape, target)?;
    Ok(Text::new(target, body, tape, root, work))
}

/// The same for the text of a value that serde writes, which is recorded as it is written.
pub(crate) fn open_serialized(
    target: &[u8],
    record: Option<(Tape, usize)>,
    work: usize,
) -> Result<Text<'_>, TargetError> {
    match record {
        Some((tape, root)) => Ok(Text::new(target, "", tape, root, work)),
        None => open_alone(target, "", work),
    }
}

/// Whether both texts, and what may be added to them, fit one address space.
fn is_addressable(target: &[u8], body: &[u8]) -> bool {
    u32::try_from(target.len().saturating_add(body.len()).saturating_mul(2)).is_ok()
}

/// Validates a target at address 0 and records it. There has to be room on the tape for what is looked at later.
fn record(tape: &mut Tape, target: &[u8]) -> Result<usize, TargetError> {
    let root = tape.record(target, 0, Limits::MAX_DEPTH).map_err(|fault| malformed_target(fault, target))?;
    if Text::has_room_beside(tape) { Ok(root) } else { Err(TargetProblem::TooLarge.into()) }
}
