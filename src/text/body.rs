//! A merge patch that is recorded as it is, in the one pass that validates it. That is for those about which there can
//! be no question; any other is read by `parse`, which knows what is wrong with it.

use crate::{
    dialect::Dialect,
    json::{
        bytes,
        name::CASE,
        tape::{Entry, Kind, NO_NAME, Tape},
    },
};

/// A longer patch is read by `parse`.
const LONGEST: usize = 16 * 1024;

/// An object with more members is looked at by `parse`: here each name is compared with each.
const MOST_MEMBERS: usize = 16;

/// A number of so many bytes, without an exponent, is in the range of an `f64`.
const SHORT_NUMBER: usize = 18;

/// Records a merge patch at an address, and returns its place on the tape. `None`: it is not valid under the dialect,
/// or it takes a closer look to tell, and the tape is of no more use.
pub(super) fn record(tape: &mut Tape, body: &[u8], base: u32, dialect: &Dialect) -> Option<usize> {
    if body.len() > dialect.limits.body_bytes.min(LONGEST) {
        return None;
    }
    let start = tape.entries().len();
    let root = tape.record(body, base, dialect.limits.depth()).ok()?;
    let entry = tape.entries()[root];
    let text = |address: u32| &body[(address - base) as usize..];
    let is_plain = Kind::of(text(entry.start)[0]) == Kind::Object
        && !tape.has_escaped_names()
        && tape.blocks(start).all(|block| are_plain(block, text));
    is_plain.then_some(root)
}

/// Whether the children of a container are nothing that a patch may not hold: there are no two members whose names may
/// be equal under case folding, and no number may be beyond the range of an `f64`.
fn are_plain<'b>(children: &[Entry], text: impl Fn(u32) -> &'b [u8]) -> bool {
    let mut starts = [0; MOST_MEMBERS];
    let mut members = 0;
    for child in children {
        let value = &text(child.start)[..(child.end - child.start) as usize];
        if Kind::of(value[0]) == Kind::Number
            && (value.len() > SHORT_NUMBER || value.iter().any(|byte| byte | 0x20 == b'e'))
        {
            return false;
        }
        if child.key == NO_NAME {
            continue;
        }
        let (Some(start), true) = (folded_start(text(child.key)), members < MOST_MEMBERS) else { return false };
        if starts[..members].contains(&start) {
            return false;
        }
        starts[members] = start;
        members += 1;
    }
    true
}

/// The first eight bytes of a name, or fewer with the quote behind it: the same for names of ASCII that are equal under
/// case folding. `None` if one of them is beyond ASCII, or the text ends there.
fn folded_start(text: &[u8]) -> Option<u64> {
    let word = bytes::word(text.first_chunk()?);
    let quote = bytes::first(word, b'"');
    // Up to the quote, if it is among them.
    let name = word & (quote ^ quote.wrapping_sub(1));
    (bytes::above_ascii(name) == 0).then_some(name | CASE)
}
