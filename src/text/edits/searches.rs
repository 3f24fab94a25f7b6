//! What is kept of searches for a member, so that the next one takes less.

use super::slots::{Slot, ValueAt};
use crate::json::name::{Case, NameIndex};

/// How many members that were found are remembered.
pub(super) const RECENT: usize = 32;

/// A member that was found by a name without an escape, as the text spells it.
#[derive(Clone, Copy)]
pub(super) struct Recent {
    pub(super) object: ValueAt,
    pub(super) slot: Slot,
    /// That of the name, in bytes.
    pub(super) length: u32,
}

impl Recent {
    pub(super) const NONE: Recent = Recent { object: ValueAt(u32::MAX), slot: Slot(0), length: 0 };
}

/// Which members of an object are searched.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Searched {
    /// Those that are there now.
    Now(Case),
    /// Those that it was stored with, by their exact names.
    Stored,
}

/// An object with many members.
#[derive(Default)]
pub(super) struct Wide {
    pub(super) searches: usize,
    /// Made once it pays.
    pub(super) index: Option<NameIndex<Slot>>,
}
