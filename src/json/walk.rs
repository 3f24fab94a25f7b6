//! The walker: one pass over a text that validates the grammar outside of strings, asks `bitmap` where the strings end,
//! and puts on the tape what is there. It has no recursion: what is open waits in a vector.

use super::{
    bitmap::{Closings, Strings},
    check::Checks,
    syntax::{Fault, Problem, SyntaxError},
    tape::{EMPTY, Entry, LARGE, MEDIUM, NO_NAME, NOTED, Span, Tape},
    token::{any_number, byte, literal, number, skip_blanks, skip_line_start, skip_more_blanks, unexpected, word},
};

/// What a walk is for.
pub(super) struct Task<'c> {
    /// How many containers may be open at one time.
    pub(super) limit: usize,
    /// The first of the containers noted as large that can be met; `usize::MAX` where none were noted yet.
    pub(super) jump: usize,
    /// Checks a body besides, and goes on after what these find.
    pub(super) checks: Option<&'c mut Checks>,
    /// A walk that starts in a container has its closing bracket here; the container is pending.
    pub(super) inside: u8,
    /// Where the walk starts.
    pub(super) from: u32,
    /// Where a walk that started in a container stops, before the first child from here on.
    pub(super) until: u32,
}

impl Task<'_> {
    /// Over a whole text.
    pub(super) fn validate(limit: usize) -> Self {
        Task { limit, jump: usize::MAX, checks: None, inside: 0, from: 0, until: u32::MAX }
    }
}

/// Walks over one value and the white space around it, validates what is outside of strings, and returns the value and
/// where the walk ended.
///
/// `RECORD_ALL` records the children of every container, otherwise only those of the outermost one. Then containers
/// that are large are noted, or, if they were noted before, jumped over.
///
/// `SOME` starts in a container and stops early: what it returns is the container with some of its children.
pub(super) fn walk<const RECORD_ALL: bool, const SOME: bool>(
    tape: &mut Tape,
    text: &[u8],
    base: u32,
    task: Task<'_>,
) -> Result<(Entry, u32), Fault> {
    let Task { limit, mut jump, mut checks, inside, from, until } = task;
    let address = |offset: u32| offset.wrapping_add(base);
    let jumping = jump != usize::MAX;
    // Whether members are kept until their object ends, so that their names can be compared.
    let keeping = checks.is_some();
    let medium_limit = tape.large.len() + text.len() / NOTED;
    let mut jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
    let mut strings = Strings::new(text, from as usize);
    let mut closings = Closings::NONE;

    // The innermost open container: its closing bracket (0 outside of all), how many are open, and its place among the
    // pending values. There, `end` and `children` keep what these variables were before it was opened.
    let (mut closing, mut depth, mut open) = (inside, usize::from(inside != 0), 0);
    let mut at = from;

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
                    let (start, first) = match word(text, end).to_le_bytes() {
                        [b'"', b':', b' ', first, ..] => (end + 3, first),
                        [b'"', b':', first, ..] => (end + 2, first),
                        _ => {
                            let start = expect(text, end + 1, b':', SyntaxError::ExpectedColon)?;
                            (start, byte(text, start))
                        }
                    };
                    at = match first {
                        b'"' => closings.next(&mut strings)? + 1,
                        b'1'..=b'9' => number(text, start, &mut checks)?,
                        _ => {
                            at = start;
                            break;
                        }
                    };
                    if RECORD_ALL || depth == 1 || keeping {
                        tape.pending.push(Entry { key, start: address(start), end: address(at), children: 0 });
                    }
                    if SOME {
                        break 'value;
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
                at = skip_more_blanks(text, at);
            }
            let (start, mut children) = (at, 0);
            match byte(text, at) {
                b'"' => at = closings.next(&mut strings)? + 1,
                b'1'..=b'9' => at = number(text, at, &mut checks)?,
                b'-' | b'0' => at = any_number(text, at, &mut checks)?,
                b't' => at = literal(text, at, b"true")?,
                b'f' => at = literal(text, at, b"false")?,
                b'n' => at = literal(text, at, b"null")?,
                b'{' | b'[' if (!RECORD_ALL || SOME) && address(at) == jump_start => {
                    let end = tape.large[jump].end;
                    at = end - base;
                    (strings, closings) = (Strings::new(text, at as usize), Closings::NONE);
                    jump += tape.large[jump..].partition_point(|span| span.end <= end);
                    jump_start = tape.large.get(jump).map_or(u32::MAX, |span| span.start);
                }
                bracket @ (b'{' | b'[') => {
                    if let Some(checks) = &mut checks {
                        checks.deepest = checks.deepest.max(depth + 1);
                    }
                    if depth >= limit {
                        match &mut checks {
                            Some(checks) => checks.too_deep(at),
                            None => return Err(Fault { offset: at as usize, problem: Problem::TooDeep }),
                        }
                    }
                    at += 1;
                    if byte(text, at) <= b' ' {
                        at = skip_more_blanks(text, at);
                    }
                    // In ASCII both closing brackets are two after the opening ones.
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
            if RECORD_ALL || depth <= 1 || keeping && key != NO_NAME {
                tape.pending.push(Entry { key, start: address(start), end: address(at), children });
            }
        }

        // Behind a value: the next one, or the end of its container, which is a value, too.
        loop {
            let mut found = byte(text, at);
            if found <= b' ' {
                at = skip_more_blanks(text, at);
                found = byte(text, at);
            }
            if closing == 0 {
                break 'walk;
            }
            if found == b',' {
                at += 1;
                if SOME && depth == 1 && at >= until {
                    break 'walk;
                }
                continue 'walk;
            }
            if found != closing {
                return Err(unexpected(text, at, SyntaxError::ExpectedComma));
            }
            at += 1;
            depth -= 1;
            if let (Some(checks), b'}') = (&mut checks, closing) {
                let members = tape.pending.get(open + 1..).unwrap_or_default();
                checks.object(depth, text, base, members, tape.escaped_names);
            }
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
            let is_kept = RECORD_ALL || depth <= 1 || keeping && container.key != NO_NAME;
            tape.pending.truncate(if is_kept { open + 1 } else { open });
            (open, closing) = before;
        }
    }
    if let Some(checks) = checks {
        checks.finish(strings.any_backslashes);
    }
    if depth == 1 {
        let children = settle(&mut tape.entries, &tape.pending);
        tape.pending.clear();
        return Ok((Entry { key: NO_NAME, start: 0, end: 0, children }, at));
    }
    match (text.get(at as usize), tape.pending.pop()) {
        (None, Some(root)) => Ok((root, at)),
        _ => Err(Fault::syntax(at as usize, SyntaxError::TrailingText)),
    }
}

/// Copies a container's children, which follow it, to where they stay, after their number. Returns the place of the
/// first.
#[inline]
pub(super) fn settle(entries: &mut Vec<Entry>, pending: &[Entry]) -> u32 {
    let first = entries.len() + 1;
    entries.extend_from_slice(pending);
    if let Some(number) = entries.get_mut(first - 1) {
        *number = Entry { key: pending.len().saturating_sub(1) as u32, start: 0, end: 0, children: 0 };
    }
    first as u32
}

/// The offset after the `wanted` byte at `at`, before which there may be white space.
#[inline(always)]
fn expect(text: &[u8], at: u32, wanted: u8, reason: SyntaxError) -> Result<u32, Fault> {
    if byte(text, at) == wanted { Ok(at + 1) } else { expect_behind_blanks(text, at, wanted, reason) }
}

#[inline(never)]
fn expect_behind_blanks(text: &[u8], at: u32, wanted: u8, reason: SyntaxError) -> Result<u32, Fault> {
    let start = skip_line_start(text, at);
    if byte(text, start) == wanted {
        return Ok(start + 1);
    }
    let start = skip_blanks(text, start);
    if byte(text, start) == wanted { Ok(start + 1) } else { Err(unexpected(text, start, reason)) }
}
