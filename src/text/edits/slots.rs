//! What the notes on a text are made of: places of values, lists of children, and values on their way into the text.

use crate::text::sequence::Sequence;

/// Marks on the `children` of an [`Entry`]; what is left below them is a place on the tape or in `lists`.
pub(super) const REPLACED: u32 = 1 << 31;
pub(super) const REMOVED: u32 = 1 << 30;
pub(super) const LISTED: u32 = 1 << 29;
pub(super) const EDITED: u32 = 1 << 28;
pub(super) const INDEX: u32 = EDITED - 1;

/// Where a value is: the place on the tape that was recorded for it first, or was made for a new child. What
/// is there may be [`REPLACED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(pub(super) u32);

impl Slot {
    pub(in crate::text) fn at(index: u32) -> Slot {
        Slot(index)
    }

    /// Its place on the tape.
    pub(crate) fn index(self) -> u32 {
        self.0
    }
}

/// A value: a place on the tape that is not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ValueAt(pub(super) u32);

impl ValueAt {
    pub(super) fn recorded(index: usize) -> ValueAt {
        ValueAt(index as u32)
    }
}

/// The children of a container that got new ones, or whose elements were shifted.
pub(super) struct List {
    /// The children that the text has: the first one, and how many.
    pub(super) first: u32,
    pub(super) count: u32,
    /// All elements of an array; of an object only the new members, since a member that goes is marked as removed.
    pub(super) slots: Sequence<Slot>,
}

/// A value on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A copy, or a value that the text got: where it starts and ends in the address space.
    Span(u32, u32),
    /// A value of the patch, or one that was taken out of the text, with what was changed in it.
    Taken(ValueAt),
    /// A value of a merge patch: in its objects, nulls name nothing.
    Merged(ValueAt),
}

impl Piece {
    /// A value of the patch, by its place on the tape. It is written to one place only.
    pub(crate) fn recorded(index: usize) -> Piece {
        Piece::Taken(ValueAt::recorded(index))
    }
}
