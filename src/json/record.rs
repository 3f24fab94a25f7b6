//! How a text gets on the tape: in full while it is small, else as far as something of it is looked at.

use std::ops::Range;

use super::{
    check::Checks,
    syntax::Fault,
    tape::{Entry, FULL, NO_NAME, Tape},
    walk::{Task, walk},
};

/// How much of a container [`Tape::record_some`] records at one time, in bytes of text.
const PART: u32 = 2 * 1024;

impl Tape {
    /// Validates a JSON text (RFC 8259) and records its values, the root last. Returns the root's place on the tape.
    ///
    /// `base` is the text's place in the address space; `base + text.len() + 8` must fit it. A text of more than 256
    /// KiB is validated as a whole, but only the root's children are recorded: [`expand`](Self::expand) records more on
    /// demand.
    ///
    /// White space around the value is part of the text. Numbers are checked by their grammar alone: any length, any
    /// exponent. A duplicate name is recorded twice.
    ///
    /// # Errors
    ///
    /// No value is recorded then. The first error in the text wins:
    ///
    /// - `[1, 2`: the text ends too early.
    /// - `[1, 2,]`, `[01]`, `{"a" 1}`, `{a: 1}`, `[True]`, `[1] 2`: not the grammar.
    /// - `"\x"`, `"\ud800"`: an unknown escape, half a surrogate pair.
    /// - a control character in a string, bytes that are not UTF-8.
    /// - more than `depth_limit` containers inside each other.
    pub(crate) fn record(&mut self, text: &[u8], base: u32, depth_limit: usize) -> Result<usize, Fault> {
        self.record_root(text, base, Task::validate(depth_limit))
    }

    /// Records the body of a request like [`record`](Self::record), and checks what a body must not hold besides. That
    /// is not an error here, nor is its depth: the first such fault is in `checks` then.
    ///
    /// # Errors
    ///
    /// The text is not JSON.
    pub(crate) fn record_body(
        &mut self,
        text: &[u8],
        base: u32,
        depth_limit: usize,
        checks: &mut Checks,
    ) -> Result<usize, Fault> {
        let root = self.record_root(text, base, Task { checks: Some(checks), ..Task::validate(depth_limit) })?;
        if text.len() > FULL {
            // The names of a wide object waited there.
            self.pending = Vec::new();
        }
        Ok(root)
    }

    fn record_root(&mut self, text: &[u8], base: u32, task: Task<'_>) -> Result<usize, Fault> {
        debug_assert!(u32::try_from(text.len() + 8).is_ok_and(|length| base.checked_add(length).is_some()));
        let root = self.walk(text, base, task)?;
        self.entries.push(root);
        Ok(self.entries.len() - 1)
    }

    /// Records the children of the container at `index`, unless that was done before, and returns where they are. A
    /// scalar has none. `text` and `base` are what the container was recorded from.
    ///
    /// A container of up to 256 KiB is recorded in full, a larger one with its children only. However deep a walk goes,
    /// it reads no byte more than twice: what was jumped over at one level is what the next one reads.
    ///
    /// # Errors
    ///
    /// None for a container of a text that was validated. For any other, as [`record`](Self::record).
    pub(crate) fn expand(&mut self, text: &[u8], base: u32, index: usize) -> Result<Range<usize>, Fault> {
        let Entry { start, end, children, .. } = self.entries[index];
        let from = (start - base) as usize;
        if children == 0 && matches!(text[from], b'[' | b'{') {
            let text = &text[from..(end - base) as usize];
            let jump = self.large.binary_search_by_key(&start, |span| span.start).ok();
            let task = Task { jump: jump.map_or(usize::MAX, |place| place + 1), ..Task::validate(usize::MAX) };
            self.entries[index].children = self.walk(text, start, task)?.children;
        }
        Ok(self.children(index))
    }

    /// Records some of the children of a container, those that start in the next two kilobytes, at the end of the tape,
    /// and returns where they are and where the next ones start. What is noted as large is jumped over,
    /// everything else is recorded in full. `from` is where the last call stopped, at first the container's start.
    ///
    /// # Errors
    ///
    /// As [`expand`](Self::expand).
    pub(crate) fn record_some(
        &mut self,
        text: &[u8],
        base: u32,
        container: Entry,
        from: u32,
    ) -> Result<(Range<usize>, Option<u32>), Fault> {
        let text = &text[..(container.end - base) as usize];
        let from = (from - base).max(container.start - base + 1);
        let jump = self.large.partition_point(|span| span.start < base + from);
        let closing = text[(container.start - base) as usize] + 2;
        self.pending.push(Entry { key: NO_NAME, start: container.start, end: 0, children: 0 });
        let task = Task { jump, inside: closing, from, until: from + PART, ..Task::validate(usize::MAX) };
        let (part, next) = walk::<true, true>(self, text, base, task)?;
        self.entries.push(part);
        let children = self.children(self.entries.len() - 1);
        Ok((children, (next < text.len() as u32).then_some(base + next)))
    }

    /// Forgets what was recorded from this place of the tape on.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.entries.truncate(length);
    }

    /// Walks over a text with the record that its size asks for. Leaves the tape as it was if the text is malformed.
    fn walk(&mut self, text: &[u8], base: u32, task: Task<'_>) -> Result<Entry, Fault> {
        /// Room for the containers that are open in a text that is not recorded in full.
        const LEVELS: usize = 128;

        let (entries, large) = (self.entries.len(), self.large.len());
        let walked = if text.len() <= FULL {
            self.pending.reserve(64);
            walk::<true, false>(self, text, base, task)
        } else {
            self.pending.reserve(LEVELS);
            walk::<false, false>(self, text, base, task)
        };
        if walked.is_err() {
            self.entries.truncate(entries);
            self.large.truncate(large);
            self.pending.clear();
        } else if self.large.len() > large {
            self.large.sort_unstable_by_key(|span| span.start);
        }
        walked.map(|(root, _)| root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tape::Span;

    #[test]
    fn a_large_text_takes_little_memory() {
        let webhook = include_str!("../../examples/data/webhook_response.json");
        let text = format!("{{\"a\":[{}]}}", vec![webhook; 1_000].join(","));
        let mut tape = Tape::for_text(text.len());
        let root = tape.record(text.as_bytes(), 0, 127).expect("JSON");
        let array = tape.children(root).start;
        let element = tape.expand(text.as_bytes(), 0, array).expect("JSON").end - 1;
        assert_eq!(tape.expand(text.as_bytes(), 0, element).expect("JSON").len(), 14);
        let slots = tape.entries.capacity() + tape.pending.capacity();
        let bytes = slots * size_of::<Entry>() + tape.large.capacity() * size_of::<Span>();
        assert!(bytes < text.len() / 20, "{bytes} of {}", text.len());
    }

    #[test]
    fn the_parts_of_a_container_are_the_whole() {
        let part = |number: usize| match number % 4 {
            0 => format!("\"{}\"", "x".repeat(number % 700)),
            1 => number.to_string(),
            2 => format!("[{number}, {{\"a\": [{number}]}}]"),
            _ => format!("[{}0]", "[1,\"b\"] ,".repeat(number)),
        };
        let parts: Vec<String> = (0..1_000).map(part).collect();
        let members = parts.iter().enumerate().map(|(number, part)| format!("\"name {number}\" : {part}"));
        for (open, list, close) in [
            ("[", parts.join(",\n"), "]"),
            ("{ ", members.collect::<Vec<_>>().join(","), " }"),
            ("[", vec!["0"; 5_000].join(","), "]"),
            ("{\"a\":1,", vec!["\"a\":1"; 5_000].join(","), "}"),
        ] {
            let text = format!("[1, {open}{list}{close}]");
            let mut tape = Tape::new();
            let root = tape.record(text.as_bytes(), 7, 127).expect("JSON");
            let container = tape.entries()[tape.children(root).end - 1];
            let mut whole = Tape::new();
            whole.entries.push(Entry { children: 0, ..container });
            let expected = whole.expand(text.as_bytes(), 7, 1).expect("JSON");
            let expected: Vec<_> = whole.entries()[expected].iter().map(|it| (it.key, it.start, it.end)).collect();
            let (mark, mut from, mut found, mut parts) = (tape.entries().len(), container.start, Vec::new(), 0);
            loop {
                let (children, next) = tape.record_some(text.as_bytes(), 7, container, from).expect("JSON");
                found.extend(tape.entries()[children].iter().map(|it| (it.key, it.start, it.end)));
                tape.truncate(mark);
                parts += 1;
                match next {
                    Some(next) => from = next,
                    None => break,
                }
            }
            assert_eq!(found, expected);
            assert!(parts > 3 && parts <= 1 + text.len() / PART as usize, "{parts}");
        }
    }
}
