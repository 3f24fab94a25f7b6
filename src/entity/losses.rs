//! What is lost between the JSON that was sent and the JSON that its type writes for it.
//!
//! A type that serde reads directly says itself what it ignores. What serde buffers (`untagged`, `tag`, `flatten`) is
//! tried out: a member that is not written back is ignored if nonsense in its place changes nothing.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    dialect::Limits,
    entity::{
        misfit::{TypeRefusal, Why},
        reader::{Outline, ReadFault, Reader},
    },
};

/// What a type writes for what it read.
pub(super) struct Written {
    pub(super) json: Vec<u8>,
    pub(super) is_left_out: bool,
}

/// Reads and writes, whatever the type is.
pub(super) type Pass<'p> = &'p dyn Fn(&mut Reader<'_>) -> Result<Written, ReadFault>;

/// What no type reads for another value. The second one is for a member that is the first one already, and differs from it
/// in more than the order of its elements.
const NONSENSE: [&str; 2] = ["[-0.5,\"\\u0000\"]", "[-1.5,\"\\u0000\"]"];

/// The places that a type ignores, as reference tokens: those that it says itself, and those in what was buffered.
/// `work` is how many more bytes may be read.
///
/// # Errors
///
/// A number is written as null, or no work is left.
pub(super) fn find(
    sent: &str,
    ignored: Vec<usize>,
    buffered: &[usize],
    written: &Written,
    work: &mut usize,
    pass: Pass<'_>,
) -> Result<Vec<Vec<String>>, TypeRefusal> {
    let text = std::str::from_utf8(&written.json).unwrap_or_default();
    let may_lose = !buffered.is_empty() || text.contains("null");
    if ignored.is_empty() && !may_lose {
        return Ok(Vec::new());
    }
    let outline = Outline::of(sent);
    let mut search = Search { sent: &outline, buffered, written, work, pass, ignored, suspects: Vec::new() };
    if may_lose {
        let twin = Outline::of(text);
        search.compare(&twin)?;
        let suspects = std::mem::take(&mut search.suspects);
        search.try_out(&suspects)?;
    }
    let Search { mut ignored, .. } = search;
    ignored.sort_unstable();
    ignored.dedup();
    let mut ignored = ignored.into_iter().peekable();
    let mut paths = Vec::new();
    for node in outline.nodes() {
        if ignored.next_if_eq(&outline.start(node)).is_some() {
            // One long name may be on the way to many values.
            let path = outline.path(node);
            *work = left(*work, LISTED * path.iter().map(String::len).sum::<usize>())?;
            paths.push(path);
        }
    }
    Ok(paths)
}

/// How much more a byte counts that is kept in a list than one that is read: as many times as there is by default more to
/// do than to copy.
const LISTED: usize = Limits::DEFAULT.work / Limits::DEFAULT.copied_bytes;

/// What is left of the work after some more of it.
fn left(work: usize, cost: usize) -> Result<usize, TypeRefusal> {
    work.checked_sub(cost).ok_or_else(|| TypeRefusal::new(Vec::new(), Why::TooMuchWork))
}

struct Search<'s> {
    sent: &'s Outline<'s>,
    /// Where buffered values start, in the order of the text.
    buffered: &'s [usize],
    written: &'s Written,
    work: &'s mut usize,
    pass: Pass<'s>,
    /// Where ignored values start.
    ignored: Vec<usize>,
    /// Members that are not written back.
    suspects: Vec<usize>,
}

impl Search<'_> {
    /// Compares what was sent with what is written.
    fn compare(&mut self, written: &Outline<'_>) -> Result<(), TypeRefusal> {
        let mut open = vec![(0, written.nodes().next(), false)];
        while let Some((node, twin, is_buffered)) = open.pop() {
            if node >= self.sent.nodes().end {
                continue;
            }
            let is_number = matches!(self.sent.first(node), b'-' | b'0'..=b'9');
            if is_number && twin.is_some_and(|twin| written.first(twin) == b'n') {
                return Err(TypeRefusal::expected(self.sent.path(node), "a number that its type can hold"));
            }
            let is_buffered = is_buffered || self.is_buffered(node);
            let first = self.sent.first(node);
            let twin = twin.filter(|&twin| written.first(twin) == first);
            let twins: Vec<usize> = twin.map(|twin| written.children(twin).collect()).unwrap_or_default();
            match first {
                b'{' => {
                    let mut names: HashMap<Cow<'_, str>, usize> =
                        twins.into_iter().filter_map(|twin| Some((written.name(twin)?, twin))).collect();
                    // Of two members of one name a type keeps the last one.
                    let children: Vec<usize> = self.sent.children(node).collect();
                    for child in children.into_iter().rev() {
                        let twin = self.sent.name(child).and_then(|name| names.remove(&name));
                        match twin {
                            None if is_buffered || self.is_buffered(child) => self.suspects.push(child),
                            twin => open.push((child, twin, is_buffered)),
                        }
                    }
                }
                b'[' => {
                    let sent_nulls = self.sent.children(node).filter(|&child| self.sent.first(child) == b'n').count();
                    let nulls = twins.iter().filter(|&&twin| written.first(twin) == b'n').count();
                    // A set has them elsewhere: a number became null where there are more of them than were sent.
                    let is_twin = |twin: &usize| nulls > sent_nulls || written.first(*twin) != b'n';
                    let mut twins = twins.into_iter();
                    let pairs =
                        self.sent.children(node).map(|child| (child, twins.next().filter(is_twin), is_buffered));
                    open.extend(pairs);
                }
                _ => {}
            }
        }
        self.suspects.sort_unstable();
        Ok(())
    }

    fn is_buffered(&self, node: usize) -> bool {
        self.buffered.binary_search(&self.sent.start(node)).is_ok()
    }

    /// Finds out which of the suspects, in the order of the text, are ignored: all at once, then in halves.
    fn try_out(&mut self, suspects: &[usize]) -> Result<(), TypeRefusal> {
        if suspects.is_empty() {
            return Ok(());
        }
        if self.changes_nothing(suspects)? {
            self.ignored.extend(suspects.iter().map(|&suspect| self.sent.start(suspect)));
            return Ok(());
        }
        match suspects {
            // The type reads it, by another name than it writes. What is in it may be ignored.
            [used] => {
                let inner = self.members_in(*used);
                self.try_out(&inner)
            }
            _ => {
                let (left, right) = suspects.split_at(suspects.len() / 2);
                self.try_out(left)?;
                self.try_out(right)
            }
        }
    }

    /// The outermost members in a value.
    fn members_in(&self, node: usize) -> Vec<usize> {
        let mut open = vec![node];
        let mut members = Vec::new();
        while let Some(node) = open.pop() {
            match self.sent.first(node) {
                b'{' => members.extend(self.sent.children(node)),
                b'[' => open.extend(self.sent.children(node)),
                _ => {}
            }
        }
        members.sort_unstable();
        members
    }

    /// Whether nonsense in place of all these changes nothing.
    fn changes_nothing(&mut self, suspects: &[usize]) -> Result<bool, TypeRefusal> {
        let mut text = String::new();
        let mut rest = self.sent.text(0);
        let mut at = self.sent.start(0);
        for &suspect in suspects {
            let value = self.sent.text(suspect);
            let Some((before, after)) = rest.split_at_checked(self.sent.start(suspect) - at) else { continue };
            text.push_str(before);
            text.push_str(NONSENSE[usize::from(value == NONSENSE[0])]);
            rest = after.get(value.len()..).unwrap_or_default();
            at = self.sent.start(suspect) + value.len();
        }
        text.push_str(rest);
        *self.work = left(*self.work, text.len())?;
        let again = (self.pass)(&mut Reader::new(&text));
        Ok(again.is_ok_and(|again| {
            again.is_left_out == self.written.is_left_out && is_alike(&again.json, &self.written.json)
        }))
    }
}

/// Whether two JSON texts are equal but for the order of members and elements: a `HashSet` has none.
pub(super) fn is_alike(left: &[u8], right: &[u8]) -> bool {
    let sorted = |text| {
        let outline = Outline::of(std::str::from_utf8(text).unwrap_or_default());
        (!outline.nodes().is_empty()).then(|| sorted(&outline, 0))
    };
    left == right || left.len() == right.len() && sorted(left) == sorted(right)
}

/// The text of a value with its members and elements in an order that does not depend on theirs.
fn sorted(outline: &Outline<'_>, node: usize) -> String {
    let mut children: Vec<String> = outline
        .children(node)
        .map(|child| match outline.name(child) {
            Some(name) => format!("{name:?}:{}", sorted(outline, child)),
            None => sorted(outline, child),
        })
        .collect();
    children.sort_unstable();
    match outline.first(node) {
        b'{' => format!("{{{}}}", children.join(",")),
        b'[' => format!("[{}]", children.join(",")),
        _ => outline.text(node).to_owned(),
    }
}
