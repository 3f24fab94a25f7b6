//! The record of a JSON text: for each value where it is, and where its children are recorded. `record` makes it, and
//! other modules know what it is used for (pointers, operations, edits).

use std::ops::Range;

/// The `key` of a value that is not a member. No name starts at offset 0, where its object would have to start.
pub(crate) const NO_NAME: u32 = 0;

/// Texts up to this size, 256 KiB, are recorded in full in one pass.
///
/// A full record costs 15 % more time than the top level alone, at any size, and a second look at what was not recorded
/// 100 %. What a full record does cost is memory: 16 bytes for 18 bytes of a compact webhook.
pub(super) const FULL: usize = 262_144;

/// Containers of this size in a larger text are noted in the pass that validates it, so that they can be jumped over.
pub(crate) const LARGE: u32 = 4_096;

/// Smaller ones from this size on are noted, too, while there are no more than one for each [`NOTED`] bytes of text: a
/// note takes 8 bytes, and deep in each other there may be many.
pub(crate) const MEDIUM: u32 = 512;
pub(crate) const NOTED: usize = 128;

/// A value of a text. All offsets are in one address space of `u32`: a text's own offset plus its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The first byte of the member's name, inside its quotes; [`NO_NAME`] for an element and for the root.
    pub(crate) key: u32,
    /// The first byte of the value.
    pub(crate) start: u32,
    /// The first byte after the value.
    pub(crate) end: u32,
    /// Where the children begin on the tape; 0 for a scalar and for a container whose children are not recorded.
    ///
    /// The slot before the first child is not a value: its `key` is the number of children. All empty containers share
    /// slot 0.
    pub(crate) children: u32,
}

/// The `children` of every empty container: slot 0 of a tape says that there are none.
pub(crate) const EMPTY: u32 = 1;

/// What a value is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// The kind of a validated value with this first byte.
    #[inline]
    pub(crate) fn of(first: u8) -> Kind {
        match first {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::String,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            _ => Kind::Number,
        }
    }
}

/// A container of at least [`LARGE`] bytes, or of [`MEDIUM`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The values of one or more texts. The children of a container are adjacent: an element by its index is one look, a
/// member by its name a linear search over the text itself.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    pub(crate) entries: Vec<Entry>,
    /// The walker's stack: containers that are still open, each followed by the children that it has so far.
    pub(crate) pending: Vec<Entry>,
    /// The large containers of the texts that are not recorded in full, by their start.
    pub(crate) large: Vec<Span>,
    pub(crate) escaped_names: bool,
}

impl Default for Tape {
    fn default() -> Self {
        Tape::new()
    }
}

impl Tape {
    /// A tape with no values.
    pub(crate) fn new() -> Self {
        Tape::with_capacity(0)
    }

    /// A tape with room for the full record of a text of `bytes` bytes, as entities go.
    pub(crate) fn for_text(bytes: usize) -> Self {
        // A webhook without white space needs a slot for each 18 bytes, short operations one for each 13.
        Tape::with_capacity(if bytes <= FULL { bytes / 12 + 16 } else { 0 })
    }

    fn with_capacity(capacity: usize) -> Self {
        let mut entries = Vec::with_capacity(capacity + 1);
        entries.push(Entry { key: 0, start: 0, end: 0, children: 0 });
        Tape { entries, pending: Vec::new(), large: Vec::new(), escaped_names: false }
    }

    /// Where the recorded children of a value are on the tape, in the order of the text.
    #[inline]
    pub(crate) fn children(&self, index: usize) -> Range<usize> {
        self.children_at(self.entries[index].children)
    }

    /// As above, from the `children` of an entry.
    #[inline]
    pub(crate) fn children_at(&self, first: u32) -> Range<usize> {
        match first as usize {
            0 => 0..0,
            first => first..first + self.entries[first - 1].key as usize,
        }
    }

    /// The values, by their place on the tape. Slots in front of children are among them.
    #[inline]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries, to be edited.
    #[inline]
    pub(crate) fn entries_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.entries
    }

    /// Whether a recorded name has an escape. If not, names are equal only if their bytes are.
    #[inline]
    pub(crate) fn has_escaped_names(&self) -> bool {
        self.escaped_names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_byte_tells_the_kind() {
        for (text, kind) in [
            ("{}", Kind::Object),
            ("[]", Kind::Array),
            ("\"\"", Kind::String),
            ("true", Kind::Boolean),
            ("false", Kind::Boolean),
            ("null", Kind::Null),
            ("-1", Kind::Number),
            ("0", Kind::Number),
        ] {
            assert_eq!(Kind::of(text.as_bytes()[0]), kind, "{text}");
        }
    }
}
