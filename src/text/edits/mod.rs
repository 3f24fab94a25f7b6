//! A JSON text that is patched as it lies: edits are notes on the record of its values, and the text itself is never
//! touched. A patch that fails just drops the notes.
//!
//! Three texts share one address space and one tape: the target, the request body after it, and what is added after
//! both.

mod equality;
mod lookup;
mod searches;
mod slots;
mod spot;
mod stored;
mod text;
mod write;

pub(super) use self::write::document;
pub(crate) use self::{
    slots::{Piece, Slot, ValueAt},
    spot::ObjectAt,
    stored::Version,
    text::Text,
};
