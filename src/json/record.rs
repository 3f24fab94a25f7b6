//! How a text gets on the tape: in full while it is small, else as far as something of it is looked at.

use std::ops::Range;

use super::{
    check::Checks,
    syntax::Fault,
    tape::{Entry, FULL, NO_NAME, Tape},
    walk::{Task, walk},
};

/// How much of a container [`Tape::record_some`] records at one time, in bytes of text.
const PART: u32 = 2_048;

/// Room for the containers that are open in an entity, and for their members.
const PENDING: usize = 64;

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
        // The names of a wide object waited there.
        self.pending.shrink_to(PENDING);
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
            self.pending.reserve(PENDING);
            walk::<true, false>(self, text, base, task)
        } else {
            self.pending.reserve(LEVELS);
            walk::<false, false>(self, text, base, task)
        };
        if walked.is_err() {
            self.entries.truncate(entries);
            self.large.truncate(large);
            self.pending.clear();
        } else if self.large.len() != large {
            self.large.sort_unstable_by_key(|span| span.start);
        }
        walked.map(|(root, _)| root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{
        name::Case,
        tape::{EMPTY, LARGE, MEDIUM, NOTED, Span},
    };

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
    fn large_containers_are_noted() {
        let sized = |size: usize| format!("[\"{}\"]", "x".repeat(size - 4));
        let nested = |levels: usize| "[1,".repeat(levels) + &sized(MEDIUM as usize) + &"]".repeat(levels);
        let mut parts = [MEDIUM, LARGE].map(|size| [size - 1, size, size + 1]).concat();
        parts.extend(MEDIUM..MEDIUM + 9);
        let parts: Vec<String> = parts.into_iter().map(|size| sized(size as usize)).chain([nested(100)]).collect();
        let text = format!("[{{\"a\":[{0}]}},{1},{0}]", parts.join(","), vec![nested(120); 10].join(","));
        let mut tape = Tape::new();
        tape.record(text.as_bytes(), 7, 127).expect("JSON");
        let mut expected: Vec<Span> = vec![];
        let mut containers: Vec<&Entry> = tape.entries().iter().filter(|entry| entry.children > EMPTY).collect();
        containers.sort_by_key(|container| container.end);
        for &Entry { start, end, .. } in containers {
            if end - start >= LARGE || end - start >= MEDIUM && expected.len() < text.len() / NOTED {
                expected.push(Span { start, end });
            }
        }
        assert!(expected.len() > text.len() / NOTED);
        // As if the text were larger; and once more, after another one.
        for times in 1..3 {
            walk::<false, false>(&mut tape, text.as_bytes(), 7, Task::validate(127)).expect("JSON");
            assert_eq!(tape.large.len(), times * expected.len());
            assert_eq!(tape.large[(times - 1) * expected.len()..], expected);
        }
    }

    #[test]
    fn what_is_noted_is_jumped_over() {
        let part = format!("[[\"{}\"],{{\"a\":[]}}]", "x".repeat(LARGE as usize));
        let list = format!("[{}1]", format!("{part},1, [2],").repeat(70));
        let text = format!("[{{\"a\":[{part}]}},{list},{part}]");
        let mut tape = Tape::new();
        let root = tape.record(text.as_bytes(), 7, 127).expect("JSON");
        let noted = tape.large.len();
        let place = tape.children(root).start + 1;
        let container = tape.entries()[place];
        let children = tape.clone().expand(text.as_bytes(), 7, place).expect("JSON");
        assert_eq!(children.len(), 211);

        // What is jumped over need not even be JSON.
        let mut garbled = text.clone().into_bytes();
        for span in tape.large.iter().filter(|span| span.start > container.start && span.end < container.end) {
            garbled[(span.start + 1 - 7) as usize..(span.end - 7) as usize].fill(b'?');
        }
        let (mark, mut from, mut found) = (tape.entries().len(), Some(container.start), vec![]);
        while let Some(start) = from {
            let (children, next) = tape.record_some(&garbled, 7, container, start).expect("JSON");
            found.extend(tape.entries()[children].iter().map(|child| (child.start, child.end)));
            tape.truncate(mark);
            from = next;
        }
        let children = tape.expand(&garbled, 7, place).expect("JSON");
        assert_eq!(tape.expand(&garbled, 7, place), Ok(children.clone()));
        assert_eq!(tape.entries()[children].iter().map(|child| (child.start, child.end)).collect::<Vec<_>>(), found);
        assert_eq!((found.len(), tape.large.len()), (211, noted));
    }

    #[test]
    fn only_members_with_names_to_compare_are_kept() {
        for (open, item, close, is_checked) in [
            ("[[", "1", "]]", true),
            ("[[", "[1]", "]]", true),
            ("[[{", "\"a\":true", "}]]", false),
            ("[[{", "\"a\":[1]", "}]]", false),
        ] {
            let text = format!("{open}{}{close}", vec![item; 10_000].join(","));
            let (mut tape, mut checks) = (Tape::new(), Checks::new(Case::Exact));
            let task = Task { checks: is_checked.then_some(&mut checks), ..Task::validate(127) };
            walk::<false, false>(&mut tape, text.as_bytes(), 0, task).expect("JSON");
            assert!(tape.pending.capacity() < 100, "{item}");
        }
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
                let until = from.max(container.start + 1) + PART;
                let (children, next) = tape.record_some(text.as_bytes(), 7, container, from).expect("JSON");
                let starts =
                    tape.entries()[children.clone()].iter().map(|it| if it.key > 0 { it.key - 1 } else { it.start });
                assert!(starts.max().is_some_and(|last| last < until));
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
