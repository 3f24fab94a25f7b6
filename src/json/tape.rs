//! The record of a JSON text: for each value where it is, and where its children are recorded. `walk.rs` makes it; what
//! it is used for (pointers, operations, edits) is not here.

use std::{iter, ops::Range};

use super::walk::walk;
use crate::{dialect::Limits, json::scan::ScanError};

/// The `key` of a value that is not a member. No name starts at offset 0, where its object would have to start.
pub(crate) const NO_NAME: u32 = 0;

/// Texts up to this size are recorded in full in one pass.
///
/// A full record costs 15 % more time than the top level alone, at any size, and a second look at what was not recorded
/// 100 %. What a full record does cost is memory: 16 bytes for 18 bytes of a compact webhook.
const FULL: usize = 256 * 1024;

/// Containers of this size in a larger text are noted in the pass that validates it, so that they can be jumped over.
pub(crate) const LARGE: u32 = 4 * 1024;

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
    /// The first byte behind the value.
    pub(crate) end: u32,
    /// Where the children begin on the tape; 0 for a scalar and for a container whose children are not recorded.
    ///
    /// The slot in front of the first child is no value: its `key` is the number of children. All empty containers
    /// share the one in slot 0.
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The values of one or more texts. The children of a container stand together: an element by its index is one look, a
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
        // A webhook without white space needs a slot for each 18 bytes; what a patch brings needs a few more.
        Tape::with_capacity(if bytes <= FULL { bytes / 14 + 16 } else { 0 })
    }

    fn with_capacity(capacity: usize) -> Self {
        let mut entries = Vec::with_capacity(capacity + 1);
        entries.push(Entry { key: 0, start: 0, end: 0, children: 0 });
        Tape { entries, pending: Vec::new(), large: Vec::new(), escaped_names: false }
    }

    /// Validates a JSON text (RFC 8259) and records its values, the root last. Returns the root's place on the tape.
    ///
    /// `base` is the text's place in the address space; `base + text.len() + 8` must fit it. A text of more than 256
    /// KiB is validated as a whole, but only the root's children are recorded: [`expand`](Self::expand) records more on
    /// demand.
    ///
    /// White space around the value is part of the text. Numbers are checked by their grammar alone: any length, any
    /// exponent. A name that stands twice in an object is recorded twice.
    ///
    /// # Errors
    ///
    /// No value is recorded then. The first error in the text wins:
    ///
    /// - `[1, 2`: the text ends too early.
    /// - `[1, 2,]`, `[01]`, `{"a" 1}`, `{a: 1}`, `[True]`, `[1] 2`: not the grammar.
    /// - `"\x"`, `"\ud800"`: an unknown escape, half a surrogate pair.
    /// - a control character in a string, bytes that are not UTF-8.
    /// - more than `depth_limit`, or 127, containers inside each other.
    pub(crate) fn record(&mut self, text: &[u8], base: u32, depth_limit: usize) -> Result<usize, ScanError> {
        debug_assert!(u32::try_from(text.len() + 8).is_ok_and(|length| base.checked_add(length).is_some()));
        let root = self.walk(text, base, depth_limit.min(Limits::MAX_DEPTH), None)?;
        self.entries.push(root);
        Ok(self.entries.len() - 1)
    }

    /// Records the children of the container at `index`, unless that was done before, and says where they are. A scalar
    /// has none. `text` and `base` are what the container was recorded from.
    ///
    /// A container of up to 256 KiB is recorded in full, a larger one with its children only. However deep a walk goes,
    /// it reads no byte more than twice: what was jumped over at one level is what the next one reads.
    ///
    /// # Errors
    ///
    /// None for a container of a text that was validated. For any other, as [`record`](Self::record).
    pub(crate) fn expand(&mut self, text: &[u8], base: u32, index: usize) -> Result<Range<usize>, ScanError> {
        let Entry { start, end, children, .. } = self.entries[index];
        let from = (start - base) as usize;
        if children == 0 && matches!(text[from], b'[' | b'{') {
            let text = &text[from..(end - base) as usize];
            let jumps = self.large.binary_search_by_key(&start, |span| span.start).ok();
            self.entries[index].children =
                self.walk(text, start, Limits::MAX_DEPTH, jumps.map(|place| place + 1))?.children;
        }
        Ok(self.children(index))
    }

    /// Walks over a text with the record that its size asks for. Leaves the tape as it was if the text is malformed.
    fn walk(&mut self, text: &[u8], base: u32, limit: usize, jumps: Option<usize>) -> Result<Entry, ScanError> {
        let (entries, large) = (self.entries.len(), self.large.len());
        let walked = if text.len() <= FULL {
            self.pending.reserve(64);
            walk::<true>(self, text, base, limit, usize::MAX)
        } else {
            self.pending.reserve(Limits::MAX_DEPTH + 1);
            walk::<false>(self, text, base, limit, jumps.unwrap_or(usize::MAX))
        };
        if walked.is_err() {
            self.entries.truncate(entries);
            self.large.truncate(large);
            self.pending.clear();
        } else if self.large.len() > large {
            self.large.sort_unstable_by_key(|span| span.start);
        }
        walked
    }

    /// The children of each container, but the empty ones, of the text that was recorded last, in full, from this entry
    /// on.
    pub(crate) fn blocks(&self, start: usize) -> impl Iterator<Item = &[Entry]> {
        // The last entry is the root.
        let mut rest = self.entries[start..].split_last().map_or(&[][..], |(_, blocks)| blocks);
        iter::from_fn(move || {
            let (count, behind) = rest.split_first()?;
            let (children, others) = behind.split_at(count.key as usize);
            rest = others;
            Some(children)
        })
    }

    /// Where the recorded children of a value are on the tape, in the order of the text.
    #[inline]
    pub(crate) fn children(&self, index: usize) -> Range<usize> {
        match self.entries[index].children as usize {
            0 => 0..0,
            first => first..first + self.entries[first - 1].key as usize,
        }
    }

    /// The values, by their place on the tape. Slots in front of children are among them.
    #[inline]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same, to be edited.
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

    #[test]
    fn a_large_text_takes_little_memory() {
        let webhook = include_str!("../../examples/data/webhook_response.json");
        let text = format!("{{\"a\":[{}]}}", vec![webhook; 1_000].join(","));
        let mut tape = Tape::for_text(text.len());
        let root = tape.record(text.as_bytes(), 0, Limits::MAX_DEPTH).expect("JSON");
        let array = tape.children(root).start;
        let element = tape.expand(text.as_bytes(), 0, array).expect("JSON").end - 1;
        assert_eq!(tape.expand(text.as_bytes(), 0, element).expect("JSON").len(), 14);
        let slots = tape.entries.capacity() + tape.pending.capacity();
        let bytes = slots * size_of::<Entry>() + tape.large.capacity() * size_of::<Span>();
        assert!(bytes < text.len() / 20, "{bytes} of {}", text.len());
    }
}
