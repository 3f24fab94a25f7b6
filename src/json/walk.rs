//! The walker: one pass over a text that validates the grammar outside of strings, asks `bitmap.rs` where the strings
//! end, and puts on the tape what is there. It has no recursion: what is open waits in a vector.

use super::bitmap::{Closings, Strings};
use super::tape::{EMPTY, Entry, LARGE, MEDIUM, NO_NAME, NOTED, Span, Tape};
use super::token::{any_number, byte, literal, number, skip_blanks, skip_line_start, unexpected, word};
use crate::json::scan::{Problem, ScanError, SyntaxError};

/// Walks over one value and the white space around it, validates what is outside of strings, and returns the value.
///
/// `RECORD_ALL` records the children of every container, otherwise only those of the outermost one. Then containers
/// that are large are noted, or, if they were noted before, jumped over: `jump` is the place of the first one that can
/// be met.
pub(crate) fn walk<const RECORD_ALL: bool>(
    tape: &mut Tape,
    text: &[u8],
    base: u32,
    limit: usize,
    mut jump: usize,
) -> Result<Entry, ScanError> {
    let address = |offset: u32| offset.wrapping_add(base);
    let jumping = jump != usize::MAX;
    let medium_limit = tape.large.len() + text.len() / NOTED;
    let mut jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
    let mut strings = Strings::new(text, 0);
    let mut closings = Closings::NONE;

    // The innermost open container: its closing bracket (0 outside of all), how many are open, and its place among the
    // pending values. There, `end` and `children` keep what these variables were before it was opened.
    let (mut closing, mut depth, mut open) = (0, 0, 0);
    let mut at = 0;

    'walk: loop {
        'value: {
            let mut key = NO_NAME;
            if closing == b'}' {
                at = expect(text, at, b'"', SyntaxError::ExpectedName)?;
                // Most members are strings or short numbers: this loop is for them, and keeps little in registers.
                loop {
                    key = address(at);
                    let end = closings.next(&mut strings)?;
                    if strings.backslashes && text[at as usize..end as usize].contains(&b'\\') {
                        tape.escaped_names = true;
                    }
                    let (mut start, mut first) = (end + 2, (word(text, end) >> 16) as u8);
                    if word(text, end) as u16 != u16::from_le_bytes(*b"\":") {
                        start = expect(text, end + 1, b':', SyntaxError::ExpectedColon)?;
                        first = byte(text, start);
                    }
                    if first == b' ' {
                        start += 1;
                        first = byte(text, start);
                    }
                    at = match first {
                        b'"' => closings.next(&mut strings)? + 1,
                        b'1'..=b'9' => number(text, start)?,
                        _ => {
                            at = start;
                            break;
                        }
                    };
                    if RECORD_ALL || depth == 1 {
                        tape.pending.push(Entry { key, start: address(start), end: address(at), children: 0 });
                    }
                    at = match word(text, at).to_le_bytes() {
                        [b',', b'"', ..] => at + 2,
                        [b',', ..] => expect_behind_blanks(text, at + 1, b'"', SyntaxError::ExpectedName)?,
                        _ => break 'value,
                    };
                }
            }

            // A value of any kind, but a member of the above.
            if byte(text, at) <= b' ' {
                at = skip_blanks(text, at);
            }
            let (start, mut children) = (at, 0);
            match byte(text, at) {
                b'"' => at = closings.next(&mut strings)? + 1,
                b'1'..=b'9' => at = number(text, at)?,
                b'-' | b'0' => at = any_number(text, at)?,
                b't' => at = literal(text, at, b"true")?,
                b'f' => at = literal(text, at, b"false")?,
                b'n' => at = literal(text, at, b"null")?,
                b'{' | b'[' if !RECORD_ALL && address(at) == jump_start => {
                    at = tape.large[jump].end - base;
                    (strings, closings) = (Strings::new(text, at as usize), Closings::NONE);
                    jump += tape.large[jump..].partition_point(|span| span.start < address(at));
                    jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
                }
                bracket @ (b'{' | b'[') => {
                    if depth == limit {
                        return Err(ScanError { offset: at as usize, problem: Problem::TooDeep });
                    }
                    at += 1;
                    if byte(text, at) <= b' ' {
                        at = skip_blanks(text, at);
                    }
                    // In ASCII both closing brackets are two behind the opening ones.
                    if byte(text, at) != bracket + 2 {
                        tape.pending.push(Entry {
                            key,
                            start: address(start),
                            end: open as u32,
                            children: closing.into(),
                        });
                        (open, closing) = (tape.pending.len() - 1, bracket + 2);
                        depth += 1;
                        continue 'walk;
                    }
                    at += 1;
                    children = EMPTY;
                }
                _ => return Err(unexpected(text, at, SyntaxError::ExpectedValue)),
            }
            if RECORD_ALL || depth <= 1 {
                tape.pending.push(Entry { key, start: address(start), end: address(at), children });
            }
        }

        // Behind a value: the next one, or the end of its container, which is a value, too.
        loop {
            let mut found = byte(text, at);
            if found <= b' ' {
                at = skip_blanks(text, at);
                found = byte(text, at);
            }
            if closing == 0 {
                break 'walk;
            }
            if found == b',' {
                at += 1;
                continue 'walk;
            }
            if found != closing {
                return Err(unexpected(text, at, SyntaxError::ExpectedComma));
            }
            at += 1;
            depth -= 1;
            let settled = if RECORD_ALL || depth == 0 { settle(&mut tape.entries, &tape.pending[open..]) } else { 0 };
            let Some(container) = tape.pending.get_mut(open) else {
                // The bracket would close nothing.
                return Err(unexpected(text, at, SyntaxError::ExpectedComma));
            };
            let before = (container.end as usize, container.children as u8);
            container.end = address(at);
            container.children = settled;
            let length = container.end - container.start;
            if !RECORD_ALL && !jumping && (length >= LARGE || length >= MEDIUM && tape.large.len() < medium_limit) {
                tape.large.push(Span { start: container.start, end: container.end });
            }
            tape.pending.truncate(if RECORD_ALL || depth <= 1 { open + 1 } else { open });
            (open, closing) = before;
        }
    }
    match (text.get(at as usize), tape.pending.pop()) {
        (None, Some(root)) => Ok(root),
        _ => Err(ScanError::syntax(at as usize, SyntaxError::TrailingText)),
    }
}

/// Copies the children of a container, who stand behind it, to where they stay, behind their number. Returns the place
/// of the first.
#[inline]
fn settle(entries: &mut Vec<Entry>, pending: &[Entry]) -> u32 {
    let first = entries.len() + 1;
    entries.extend_from_slice(pending);
    if let Some(number) = entries.get_mut(first - 1) {
        *number = Entry { key: pending.len().saturating_sub(1) as u32, start: 0, end: 0, children: 0 };
    }
    first as u32
}

/// The offset behind the `wanted` byte at `at`, in front of which there may be white space.
#[inline(always)]
fn expect(text: &[u8], at: u32, wanted: u8, reason: SyntaxError) -> Result<u32, ScanError> {
    if byte(text, at) == wanted { Ok(at + 1) } else { expect_behind_blanks(text, at, wanted, reason) }
}

#[inline(never)]
fn expect_behind_blanks(text: &[u8], at: u32, wanted: u8, reason: SyntaxError) -> Result<u32, ScanError> {
    let start = skip_line_start(text, at);
    if byte(text, start) == wanted {
        return Ok(start + 1);
    }
    let start = skip_blanks(text, start);
    if byte(text, start) == wanted { Ok(start + 1) } else { Err(unexpected(text, start, reason)) }
}
