//! The record of a JSON text: for each value where it is, and where its children are recorded. One pass validates
//! everything outside of strings and makes the record; `bitmap.rs` answers for the inside of strings. What the record
//! is used for (pointers, operations, edits) is not here.

use std::ops::Range;

use super::bitmap::{Closings, Strings};
use super::name::{is_plain, name_at, name_eq_escaped, starts_with_name};
use super::{Malformed, Reason};

/// The `key` of a value that is not a member. No name starts at offset 0, where its object would have to start.
pub const NO_NAME: u32 = 0;

/// The greatest depth: `serde_json` reads no deeper text back.
const DEEPEST: usize = 127;

/// Texts up to this size are recorded in full in one pass. 64 KiB is where the record of a full pass falls out
/// of the second-level cache and costs more than a second look at the few containers that are walked into.
const FULL: usize = 64 * 1024;

/// Containers of this size in a larger text are noted in the pass that validates it, so that they can be jumped over.
const LARGE: usize = 4 * 1024;

/// A value of a text. All offsets are in one address space of `u32`: a text's own offset plus its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The first byte of the member's name, inside its quotes; [`NO_NAME`] for an element and for the root.
    pub key: u32,
    /// The first byte of the value.
    pub start: u32,
    /// The first byte behind the value.
    pub end: u32,
    /// Where the children begin on the tape; 0 for a scalar and for a container whose children are not recorded.
    ///
    /// The slot in front of the first child is no value: its `key` is the number of children.
    pub children: u32,
}

/// The `children` of every empty container: slot 0 of a tape says that there are none.
const EMPTY: u32 = 1;

/// What a value is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
    pub fn of(first: u8) -> Kind {
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

/// A container of at least [`LARGE`] bytes.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// The values of one or more texts. The children of a container stand together: an element by its index is one look, a
/// member by its name a linear search over the text itself.
#[derive(Debug, Clone)]
pub struct Tape {
    entries: Vec<Entry>,
    /// The walker's stack: containers that are still open, each followed by the children that it has so far.
    pending: Vec<Entry>,
    /// The large containers of the texts that are not recorded in full, by their start.
    large: Vec<Span>,
    escaped_names: bool,
}

impl Default for Tape {
    fn default() -> Self {
        Tape::new()
    }
}

impl Tape {
    /// A tape with no values.
    pub fn new() -> Self {
        Tape::with_capacity(0)
    }

    /// A tape with room for the full record of a text of `bytes` bytes, as entities go.
    pub fn for_text(bytes: usize) -> Self {
        // A webhook has a value or a list of children for each 19 bytes, without white space.
        Tape::with_capacity(if bytes <= FULL { bytes / 16 } else { 0 })
    }

    fn with_capacity(capacity: usize) -> Self {
        let mut entries = Vec::with_capacity(capacity + 1);
        entries.push(Entry { key: 0, start: 0, end: 0, children: 0 });
        Tape { entries, pending: Vec::new(), large: Vec::new(), escaped_names: false }
    }

    /// Validates a JSON text (RFC 8259) and records its values, the root last. Returns the root's place on the tape.
    ///
    /// `base` is the text's place in the address space; `base + text.len()` must fit it. A text of more than 64 KiB is
    /// validated as a whole, but only the root's children are recorded: [`expand`](Self::expand) records more on demand.
    ///
    /// White space around the value is part of the text. Numbers are checked by their grammar alone: any length, any exponent.
    /// A name that stands twice in an object is recorded twice.
    ///
    /// # Errors
    ///
    /// The tape is then as before. The first error in the text wins:
    ///
    /// - `[1, 2`: the text ends too early.
    /// - `[1, 2,]`, `[01]`, `{"a" 1}`, `{a: 1}`, `[True]`, `[1] 2`: not the grammar.
    /// - `"\x"`, `"\ud800"`: an unknown escape, half a surrogate pair.
    /// - a control character in a string, bytes that are not UTF-8.
    /// - more than `depth_limit`, or 127, containers inside each other.
    pub fn record(&mut self, text: &[u8], base: u32, depth_limit: usize) -> Result<usize, Malformed> {
        debug_assert!(u32::try_from(text.len()).is_ok_and(|length| base.checked_add(length).is_some()));
        let root = self.walk(text, base, depth_limit.min(DEEPEST), None)?;
        self.entries.push(root);
        Ok(self.entries.len() - 1)
    }

    /// Records the children of the container at `index`, unless that was done before, and says where they are. A scalar
    /// has none. `text` and `base` are what the container was recorded from.
    ///
    /// A container of up to 64 KiB is recorded in full, a larger one with its children only. However deep a walk goes, it
    /// reads no byte more than twice: what was jumped over at one level is what the next one reads.
    ///
    /// # Errors
    ///
    /// None for a container of a text that was validated. For any other, as [`record`](Self::record).
    pub fn expand(&mut self, text: &[u8], base: u32, index: usize) -> Result<Range<usize>, Malformed> {
        let Entry { start, end, children, .. } = self.entries[index];
        let from = (start - base) as usize;
        if children == 0 && matches!(text[from], b'[' | b'{') {
            let text = &text[from..(end - base) as usize];
            let jumps = self.large.binary_search_by_key(&start, |span| span.start).ok();
            self.entries[index].children = self.walk(text, start, DEEPEST, jumps.map(|place| place + 1))?.children;
        }
        Ok(self.children(index))
    }

    /// Walks over a text with the record that its size asks for. Leaves the tape as it was if the text is malformed.
    fn walk(&mut self, text: &[u8], base: u32, limit: usize, jumps: Option<usize>) -> Result<Entry, Malformed> {
        let (entries, large) = (self.entries.len(), self.large.len());
        // A webhook without white space has 22 bytes a value, and at most half of them wait at once.
        let walked = if text.len() <= FULL {
            self.pending.reserve(64);
            walk::<true>(self, text, base, limit, usize::MAX)
        } else {
            self.pending.reserve(DEEPEST + 1);
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

    /// Where the recorded children of a value are on the tape, in the order of the text.
    #[inline]
    pub fn children(&self, index: usize) -> Range<usize> {
        match self.entries[index].children as usize {
            0 => 0..0,
            first => first..first + self.entries[first - 1].key as usize,
        }
    }

    /// The values, by their place on the tape. Slots in front of children are among them.
    #[inline]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same, to be edited.
    #[inline]
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.entries
    }

    /// Whether a recorded name has an escape. If not, names are equal only if their bytes are.
    #[inline]
    pub fn has_escaped_names(&self) -> bool {
        self.escaped_names
    }

    /// The members among `range` whose name means `name`, in order: a second one makes the name ambiguous. `text` and `base`
    /// are what they were recorded from.
    pub fn members<'a>(
        &'a self,
        text: &'a [u8],
        base: u32,
        range: Range<usize>,
        name: &'a str,
    ) -> impl Iterator<Item = usize> + 'a {
        let (first, plain) = (range.start, is_plain(name));
        self.entries[range].iter().enumerate().filter_map(move |(place, entry)| {
            let text = &text[(entry.key - base) as usize..];
            let is =
                plain && starts_with_name(text, name) || self.escaped_names && name_eq_escaped(name_at(text), name);
            is.then_some(first + place)
        })
    }
}

/// Walks over one value and the white space around it, validates what is outside of strings, and returns the value.
///
/// `RECORD_ALL` records the children of every container, otherwise only those of the outermost one. Then containers that
/// are large are noted, or, if they were noted before, jumped over: `jump` is the place of the first one that can be met.
fn walk<const RECORD_ALL: bool>(
    tape: &mut Tape,
    text: &[u8],
    base: u32,
    limit: usize,
    mut jump: usize,
) -> Result<Entry, Malformed> {
    let address = |offset: usize| (offset as u32).wrapping_add(base);
    let jumping = jump != usize::MAX;
    let mut jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
    let mut strings = Strings::new(text, 0);
    let mut closings = Closings::NONE;

    // The innermost open container: its closing bracket (0 outside of all), how many are open, and its place among the
    // pending values. There, `end` and `children` keep what these variables were before it was opened.
    let (mut closing, mut depth, mut open) = (0, 0, 0);
    let mut key = NO_NAME;
    let (mut first, mut at) = token(text, 0);

    'walk: loop {
        // A value starts here.
        let (start, mut children) = (at, 0);
        if first == b'"' {
            at = closings.next(&mut strings)? + 1;
        } else {
            match first {
                b'1'..=b'9' => at = number(text, at)?,
                b'-' | b'0' => at = any_number(text, at)?,
                b'{' | b'[' if !RECORD_ALL && address(at) == jump_start => {
                    at = (tape.large[jump].end - base) as usize;
                    (strings, closings) = (Strings::new(text, at), Closings::NONE);
                    jump += tape.large[jump..].partition_point(|span| span.start < address(at));
                    jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
                }
                b'{' | b'[' => {
                    if depth == limit {
                        return Err(Malformed::new(at, Reason::TooDeep));
                    }
                    // In ASCII both closing brackets are two behind the opening ones.
                    let bracket_closing = first + 2;
                    (first, at) = token(text, at + 1);
                    if first != bracket_closing {
                        tape.pending.push(Entry {
                            key,
                            start: address(start),
                            end: open as u32,
                            children: closing.into(),
                        });
                        open = tape.pending.len() - 1;
                        closing = bracket_closing;
                        depth += 1;
                        key = NO_NAME;
                        if closing == b'}' {
                            key = address(at + 1);
                            (first, at) = name(tape, text, &mut strings, &mut closings, first, at)?;
                        }
                        continue;
                    }
                    at += 1;
                    children = EMPTY;
                }
                b't' => at = literal(text, at, b"true")?,
                b'f' => at = literal(text, at, b"false")?,
                b'n' => at = literal(text, at, b"null")?,
                _ => return Err(unexpected(text, at, Reason::ExpectedValue)),
            }
        }
        // A value without children ends here.
        if RECORD_ALL || depth <= 1 {
            tape.pending.push(Entry { key, start: address(start), end: address(at), children });
        }

        // Behind a value: the next one, or the end of its container, which is a value, too.
        loop {
            // Members without white space that are strings, as most are, in a loop of their own with little to keep in mind.
            while closing == b'}' && starts_with(text, at, *b",\"") {
                let end = closings.next(&mut strings)?;
                if strings.backslashes && text[at + 2..end].contains(&b'\\') {
                    tape.escaped_names = true;
                }
                key = address(at + 2);
                if !starts_with(text, end, *b"\":\"") {
                    (first, at) = colon(text, end + 1)?;
                    continue 'walk;
                }
                let start = address(end + 2);
                at = closings.next(&mut strings)? + 1;
                if RECORD_ALL || depth <= 1 {
                    tape.pending.push(Entry { key, start, end: address(at), children: 0 });
                }
            }
            (first, at) = token(text, at);
            if first == b',' {
                if closing == b'}' {
                    (first, at) = token(text, at + 1);
                    key = address(at + 1);
                    (first, at) = name(tape, text, &mut strings, &mut closings, first, at)?;
                    continue 'walk;
                } else if closing == b']' {
                    (first, at) = token(text, at + 1);
                    continue 'walk;
                }
            }
            if closing == 0 {
                break 'walk;
            }
            if first != closing {
                return Err(unexpected(text, at, Reason::ExpectedCommaOrEnd));
            }
            at += 1;
            depth -= 1;
            let children = if RECORD_ALL || depth == 0 { settle(tape, open + 1) } else { 0 };
            let container = &mut tape.pending[open];
            let before = (container.end as usize, container.children as u8);
            (container.end, container.children) = (address(at), children);
            if !RECORD_ALL && !jumping && container.end - container.start >= LARGE as u32 {
                tape.large.push(Span { start: container.start, end: container.end });
            }
            tape.pending.truncate(if RECORD_ALL || depth <= 1 { open + 1 } else { open });
            (open, closing) = before;
            key = NO_NAME;
        }
    }
    match (at < text.len(), tape.pending.pop()) {
        (false, Some(root)) => Ok(root),
        _ => Err(Malformed::new(at, Reason::TrailingCharacters)),
    }
}

/// Moves the pending children from `first` on to where they stay, behind their number.
#[inline]
fn settle(tape: &mut Tape, first: usize) -> u32 {
    let children = &tape.pending[first..];
    tape.entries.push(Entry { key: children.len() as u32, start: 0, end: 0, children: 0 });
    let settled = tape.entries.len();
    tape.entries.extend_from_slice(children);
    settled as u32
}

/// Reads a member's name, whose `first` byte is at `at`, and the colon. Returns the value's first byte and offset.
#[inline(always)]
fn name(
    tape: &mut Tape,
    text: &[u8],
    strings: &mut Strings,
    closings: &mut Closings,
    first: u8,
    at: usize,
) -> Result<(u8, usize), Malformed> {
    if first != b'"' {
        return Err(unexpected(text, at, Reason::ExpectedName));
    }
    let end = closings.next(strings)?;
    if strings.backslashes && text[at + 1..end].contains(&b'\\') {
        tape.escaped_names = true;
    }
    colon(text, end + 1)
}

/// Reads the colon behind a name that ends at `at`. Returns the value's first byte and offset.
#[inline(always)]
fn colon(text: &[u8], at: usize) -> Result<(u8, usize), Malformed> {
    let (colon, at) = token(text, at);
    if colon != b':' {
        return Err(unexpected(text, at, Reason::ExpectedColon));
    }
    Ok(token(text, at + 1))
}

/// Whether `bytes` are at `at`.
#[inline(always)]
fn starts_with<const N: usize>(text: &[u8], at: usize, bytes: [u8; N]) -> bool {
    text.get(at..).and_then(<[u8]>::first_chunk) == Some(&bytes)
}

/// The error for a byte that cannot stand at `at`.
#[cold]
fn unexpected(text: &[u8], at: usize, reason: Reason) -> Malformed {
    Malformed::new(at, if at < text.len() { reason } else { Reason::UnexpectedEnd })
}

/// The byte at `at`; behind the text a zero, which stands nowhere in JSON.
#[inline(always)]
fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(0)
}

/// Eight bytes from `at` on, the first one lowest; zeros behind the text.
#[inline(always)]
fn word(text: &[u8], at: usize) -> u64 {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => last_word(text, at),
    }
}

#[cold]
fn last_word(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The first byte from `at` on that is no white space (RFC 8259, section 2), and its offset.
#[inline(always)]
fn token(text: &[u8], at: usize) -> (u8, usize) {
    match byte(text, at) {
        first if first > b' ' => (first, at),
        _ => {
            let at = skip_blanks(text, at);
            (byte(text, at), at)
        }
    }
}

/// Its offset alone. Lines are mostly indented by spaces: they go by words.
#[inline(never)]
fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while let b' ' | b'\n' | b'\r' | b'\t' = byte(text, at) {
        at += 1;
        loop {
            let others = word(text, at) ^ eight(b' ');
            at += (others.trailing_zeros() / 8) as usize;
            if others != 0 {
                break;
            }
        }
    }
    at
}

/// The end of the literal at `at`, whose first byte is there.
#[inline(never)]
fn literal(text: &[u8], at: usize, literal: &'static [u8]) -> Result<usize, Malformed> {
    if text[at..].starts_with(literal) { Ok(at + literal.len()) } else { Err(no_literal(text, at, literal)) }
}

#[cold]
fn no_literal(text: &[u8], at: usize, literal: &'static [u8]) -> Malformed {
    let same = text[at..].iter().zip(literal).take_while(|(one, other)| one == other).count();
    unexpected(text, at + same, Reason::InvalidLiteral)
}

/// The end of the number at `at` that starts with 1 to 9, of the grammar `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?` (RFC 8259, section 6).
///
/// Most numbers are one to seven digits; one look at eight bytes tells those.
#[inline(always)]
fn number(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let word = word(text, at);
    let others = no_digits(word);
    let bits = others.trailing_zeros() & !7;
    let behind = word.unbounded_shr(bits) as u8;
    if others != 0 && behind != b'.' && behind | 0x20 != b'e' {
        Ok(at + bits as usize / 8)
    } else {
        any_number(text, at)
    }
}

/// The same for any number.
#[inline(never)]
fn any_number(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let first = at + usize::from(byte(text, at) == b'-');
    let end = skip_digits(text, first);
    if end == first || byte(text, first) == b'0' && end > first + 1 {
        return Err(no_number(text, first));
    }
    match byte(text, end) {
        b'.' | b'e' | b'E' => fraction(text, end),
        _ => Ok(end),
    }
}

/// The end of the number whose integer part ends at `at`.
fn fraction(text: &[u8], mut at: usize) -> Result<usize, Malformed> {
    if byte(text, at) == b'.' {
        at = skip_more_digits(text, at + 1)?;
    }
    if let b'e' | b'E' = byte(text, at) {
        at += 1;
        if let b'+' | b'-' = byte(text, at) {
            at += 1;
        }
        at = skip_more_digits(text, at)?;
    }
    Ok(at)
}

/// The end of the digits at `at`, of which there must be one.
fn skip_more_digits(text: &[u8], at: usize) -> Result<usize, Malformed> {
    let end = skip_digits(text, at);
    if end > at { Ok(end) } else { Err(unexpected(text, at, Reason::InvalidNumber)) }
}

/// The error for a number without a digit at `at`, or with a zero in front of the others.
#[cold]
fn no_number(text: &[u8], at: usize) -> Malformed {
    let zeros = usize::from(byte(text, at) == b'0');
    unexpected(text, at + zeros, Reason::InvalidNumber)
}

/// The offset of the first byte from `at` on that is no digit, eight at a time.
#[inline(always)]
fn skip_digits(text: &[u8], mut at: usize) -> usize {
    loop {
        let others = no_digits(word(text, at));
        at += (others.trailing_zeros() / 8) as usize;
        if others != 0 {
            return at;
        }
    }
}

/// The top bit of the first byte that is no digit; what is above it means nothing.
#[inline(always)]
fn no_digits(word: u64) -> u64 {
    // A digit is 0 to 9 now, and adding 0x76 makes a top bit of everything above. Only what is above can carry.
    let values = word ^ eight(b'0');
    (values | values.wrapping_add(eight(0x76))) & eight(0x80)
}
