//! Stored JSON text, patched as it lies: a validating scanner records where the values are, without building a tree;
//! the rules of the operations are those of every document.
//!
//! `walk` and `token` read the text and `bitmap` finds its strings, `tape` is the record, `body` puts a merge patch on
//! it, `name` reads what is between quotes; `document` keeps what a patch changes (its `lookup` finds a member by its
//! name, its `members` are for an entity), `merge` lets a merge patch change it, and `write` makes the new text of it.

mod body;
mod edits;
mod merge;
pub(crate) mod sequence;
#[cfg(test)]
mod tests;
mod write;

use self::edits::ValueAt;
pub(crate) use self::edits::{Piece, Slot, Spot, Text};
pub(crate) use crate::json::tape::Kind;
use crate::json::tape::Tape;
use crate::{
    dialect::{Dialect, Limits},
    document::{Context, execute},
    error::{Error, TargetError, TargetProblem, malformed_target},
    patch::{
        format::Format,
        operation::Operation,
        parse::{self, Shape},
        pointer::{Pointer, PointerText, Tokens},
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
/// that meets a name which stands twice in the target is `ambiguous-name`.
pub fn patch_json(target: &[u8], body: &[u8], format: Format, dialect: &Dialect) -> Result<Vec<u8>, Error> {
    match format.shape(body, dialect)? {
        Shape::JsonPatch => apply_json(target, body, dialect),
        Shape::MergePatch => merge_json(target, body, dialect),
    }
}

fn apply_json(target: &[u8], body: &[u8], dialect: &Dialect) -> Result<Vec<u8>, Error> {
    let mut text = open(target, body, &dialect.limits);
    let mut context = Context::new(dialect);
    let mut failed = None;
    // Each operation is carried out as soon as it is read; but what is wrong with the body comes first.
    parse::each_step(body, dialect, |index, step| {
        if let (Ok(text), None) = (&mut text, &failed) {
            let done = execute(text, located(step, text), &mut context);
            failed = done.map_err(|failure| failure.of_operation(Some(index))).err();
        }
    })?;
    let text = text?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(write::document(&text, target)),
    }
}

fn merge_json(target: &[u8], body: &[u8], dialect: &Dialect) -> Result<Vec<u8>, Error> {
    let (mut text, patch) = open_with_patch(target, body, dialect)?;
    if merge::merge(&mut text, patch, dialect) {
        return Ok(write::document(&text, target));
    }
    let (mut text, patch) = open_with_patch(target, body, dialect)?;
    let mut context = Context::new(dialect);
    for step in merge::steps(&mut text, patch, dialect)? {
        let done = text
            .check_depth(&step, &context)
            .and_then(|()| execute(&mut text, step.as_ref().map(Pointer::tokens, |piece| *piece), &mut context));
        done.map_err(|failure| failure.of_operation(None))?;
    }
    Ok(write::document(&text, target))
}

/// Validates a merge patch and its target and records them.
fn open_with_patch<'t>(target: &'t [u8], body: &'t [u8], dialect: &Dialect) -> Result<(Text<'t>, ValueAt), Error> {
    if is_addressable(target, body) {
        let mut tape = Tape::for_text(target.len() + body.len());
        if let Some(patch) = body::record(&mut tape, body, target.len() as u32, dialect) {
            let root = record(&mut tape, target)?;
            return Ok((Text::new(target, body, tape, root, dialect.limits.work), ValueAt::recorded(patch)));
        }
    }
    let span = parse::merge_span(body, dialect)?;
    let mut text = open(target, body, &dialect.limits)?;
    let patch = text.piece(span);
    let patch = text.place(patch);
    Ok((text, patch))
}

/// Whether both texts, and what may be added to them, fit one address space.
fn is_addressable(target: &[u8], body: &[u8]) -> bool {
    u32::try_from(target.len().saturating_add(body.len()).saturating_mul(2)).is_ok()
}

/// Validates a target at address 0 and records it. There has to be room on the tape for what is looked at later.
fn record(tape: &mut Tape, target: &[u8]) -> Result<usize, TargetError> {
    let root = tape.record(target, 0, Limits::MAX_DEPTH).map_err(|error| malformed_target(error, target))?;
    if Text::has_room_beside(tape) { Ok(root) } else { Err(TargetProblem::TooLarge.into()) }
}

/// Opens a target, which is validated and recorded.
pub(crate) fn open<'t>(target: &'t [u8], body: &'t [u8], limits: &Limits) -> Result<Text<'t>, TargetError> {
    if !is_addressable(target, body) {
        return Err(TargetProblem::TooLarge.into());
    }
    let mut tape = Tape::for_text(target.len());
    let root = record(&mut tape, target)?;
    Ok(Text::new(target, body, tape, root, limits.work))
}

/// The step with its paths as tokens and its value in the text's address space.
#[inline(always)]
pub(crate) fn located<'p>(step: &'p parse::TextOperation<'_>, text: &Text<'_>) -> Operation<Tokens<'p>, Piece> {
    step.as_ref().map(PointerText::tokens, |span| text.piece(span.clone()))
}
