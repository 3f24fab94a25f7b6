//! What the body of a request must not hold although it is JSON (RFC 8259): two members of one name in an object, a
//! number beyond an `f64`, containers below the depth limit. A stored text may hold the first two.
//!
//! The walker reports what it meets and goes on, since a syntax error further on comes first.

use super::{
    bytes,
    name::{self, CASE, Case},
    number,
    string::{name_at, unescape},
    syntax::{Fault, Problem, SyntaxError},
    tape::Entry,
};

/// What was found in a body so far.
#[derive(Debug)]
pub(crate) struct Checks {
    /// Whether names that differ only by case are looked for.
    case: Case,
    /// Objects with so many containers around them are checked by who reads them.
    skipped_level: usize,
    /// The most containers that are open at one time.
    pub(crate) deepest: usize,
    /// Whether there may be a backslash in a string.
    pub(crate) has_escapes: bool,
    /// The first fault of the text. A duplicate is where the name occurs for the second time.
    pub(crate) fault: Option<Fault>,
    /// Where names are that only differ by case from an earlier one of their object: the first of each object, in the
    /// order of the text once it was walked.
    folded: Vec<u32>,
}

impl Checks {
    pub(crate) fn new(case: Case) -> Checks {
        let skipped_level = usize::MAX;
        Checks { case, skipped_level, deepest: 0, has_escapes: false, fault: None, folded: Vec::new() }
    }

    /// Leaves objects with so many containers around them to who reads them and calls [`duplicate`](Self::duplicate).
    pub(crate) fn skip_objects_at(&mut self, level: usize) {
        self.skipped_level = level;
    }

    /// The first name that an earlier one of these members of an object has exactly.
    pub(crate) fn duplicate(&self, text: &[u8], base: u32, members: &[Entry]) -> Option<usize> {
        if !self.has_escapes && are_distinct(text, base, members) {
            return None;
        }
        first_duplicate(text, base, members, Case::Exact).map(|offset| offset as usize)
    }

    /// The first name from `start` up to `end` that only differs by case from an earlier one of its object.
    #[inline]
    pub(crate) fn folded_duplicate(&self, start: usize, end: usize) -> Option<usize> {
        if self.folded.is_empty() { None } else { self.folded_among(start, end) }
    }

    fn folded_among(&self, start: usize, end: usize) -> Option<usize> {
        let first = self.folded.partition_point(|&offset| (offset as usize) < start);
        self.folded.get(first).map(|&offset| offset as usize).filter(|&offset| offset < end)
    }

    #[cold]
    fn note(&mut self, offset: u32, problem: Problem) {
        Fault { offset: offset as usize, problem }.note(&mut self.fault);
    }

    /// A container starts below the depth limit.
    #[cold]
    pub(super) fn too_deep(&mut self, offset: u32) {
        self.note(offset, Problem::TooDeep);
    }

    /// A number may be rounded, but not to infinity.
    pub(super) fn number(&mut self, text: &[u8], start: u32, end: u32) {
        let is_in_range = std::str::from_utf8(&text[start as usize..end as usize]).is_ok_and(number::is_in_range);
        if !is_in_range {
            self.note(start, Problem::Syntax(SyntaxError::NumberOutOfRange));
        }
    }

    /// An object that so many containers are around has these members.
    #[inline]
    pub(super) fn object(&mut self, level: usize, text: &[u8], base: u32, members: &[Entry], has_escapes: bool) {
        if level == self.skipped_level {
            return;
        }
        if has_escapes || !are_distinct(text, base, members) {
            self.look_closer(text, base, members);
        }
    }

    #[cold]
    fn look_closer(&mut self, text: &[u8], base: u32, members: &[Entry]) {
        let duplicate = first_duplicate(text, base, members, self.case);
        match (duplicate, self.case) {
            (None, _) => {}
            (Some(offset), Case::Exact) => self.note(offset, Problem::DuplicateName),
            (Some(offset), Case::Folded) => {
                self.folded.push(offset);
                if let Some(offset) = first_duplicate(text, base, members, Case::Exact) {
                    self.note(offset, Problem::DuplicateName);
                }
            }
        }
    }

    /// The whole text was walked.
    pub(super) fn finish(&mut self, has_escapes: bool) {
        self.has_escapes = has_escapes;
        self.folded.sort_unstable();
    }
}

/// Whether a look at the start of each name tells that no two of them are equal, in any case. Only for names without
/// escapes.
fn are_distinct(text: &[u8], base: u32, members: &[Entry]) -> bool {
    /// In a wider object comparing every pair takes longer than sorting.
    const FEW: usize = 16;

    let mut starts = [0; FEW];
    if members.len() > FEW {
        return false;
    }
    for (index, member) in members.iter().enumerate() {
        let Some(start) = folded_start(text, (member.key - base) as usize) else { return false };
        if starts[..index].contains(&start) {
            return false;
        }
        starts[index] = start;
    }
    true
}

/// The first eight bytes of a name, or fewer with the quote after it: one number for names of ASCII that are equal
/// under case folding. `None` if one of the bytes is beyond ASCII, or the text ends there.
#[inline(always)]
fn folded_start(text: &[u8], at: usize) -> Option<u64> {
    let word = bytes::word(text.get(at..at + 8)?.first_chunk()?);
    let quote = bytes::first(word, b'"');
    // Up to the quote, if it is among them.
    let name = word & (quote | quote.wrapping_sub(1));
    (bytes::above_ascii(name) == 0).then_some(name | CASE)
}

/// The offset of the first name that an earlier member has. It takes as much time as sorting the names, and 16 bytes a
/// member.
fn first_duplicate(text: &[u8], base: u32, members: &[Entry], case: Case) -> Option<u32> {
    let name = |offset: u32| unescape(name_at(&text[offset as usize..]));
    let hashed = members.iter().map(|member| member.key - base).map(|offset| (name::hash(&name(offset), case), offset));
    let mut hashed: Vec<(u64, u32)> = hashed.collect();
    hashed.sort_unstable();
    let mut first = None;
    // Equal names have one hash, and others hardly ever.
    for same in hashed.chunk_by_mut(|left, right| left.0 == right.0) {
        same.sort_by(|left, right| name::compare(&name(left.1), &name(right.1), case));
        for pair in same.windows(2).filter(|pair| name::compare(&name(pair[0].1), &name(pair[1].1), case).is_eq()) {
            first = Some(first.map_or(pair[1].1, |first: u32| first.min(pair[1].1)));
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tape::Tape;

    /// The faults of a text that is JSON, at most three levels deep.
    fn check(text: &str, case: Case) -> Checks {
        let mut checks = Checks::new(case);
        Tape::new().record_body(text.as_bytes(), 100, 3, &mut checks).expect("JSON");
        checks
    }

    #[test]
    fn the_first_fault_of_a_text_is_noted() {
        let duplicate = Some(Problem::DuplicateName);
        let range = Some(Problem::Syntax(SyntaxError::NumberOutOfRange));
        let rows: &[(&str, usize, Option<Problem>)] = &[
            (r#"{"a":1,"b":1e308,"A":[]}"#, 0, None),
            (r#"{"a":1,"b":2,"a":[]}"#, 14, duplicate),
            (r#"{"a":1,"b":2,"\u0061":[]}"#, 14, duplicate),
            (r#"{"a":1,"b":{"c":1,"c":2},"a":[]}"#, 19, duplicate),
            (r#"{"a":1,"a":{"c":1,"c":2},"b":[]}"#, 8, duplicate),
            (r#"{"a":1e400,"a":2}"#, 5, range),
            (r#"{"a":2,"a":1e400}"#, 8, duplicate),
            (r#"[[[[1e400]]]]"#, 3, Some(Problem::TooDeep)),
            (r#"[[[-1.8e308,[]]]]"#, 3, range),
            (r#"[1e-400,0e400,-0E99999999999]"#, 0, None),
            (r#"[[[{"x":[[]]},{"a":1,"a":2}]],{"b":1,"b":2}]"#, 3, Some(Problem::TooDeep)),
        ];
        for &(text, offset, problem) in rows {
            let expected = problem.map(|problem| Fault { offset, problem });
            // Wherever it is, in a text that is recorded in full and in one that is not.
            for (before, behind) in [(0, 0), (60, 0), (2_045, 3), (0, 300_000), (300_000, 0)] {
                let text = format!("{}{text}{}", " ".repeat(before), " ".repeat(behind));
                let expected = expected.map(|fault| Fault { offset: fault.offset + before, ..fault });
                for case in [Case::Exact, Case::Folded] {
                    assert_eq!(check(&text, case).fault, expected, "{}", text.trim());
                }
            }
        }
        for (length, is_fault) in [(300, false), (309, false), (310, true), (100_000, true)] {
            assert_eq!(check(&format!("1{}", "0".repeat(length - 1)), Case::Exact).fault.is_some(), is_fault);
        }
    }

    #[test]
    fn names_that_differ_by_case_are_found_in_their_part_of_the_text() {
        let text = r#"[{"a":1,"A":{"k":1,"\u212a":2}},{"b":1},{"ss":1,"\u00df":2},{"c":{"d":1,"D":2}}]"#;
        let checks = check(text, Case::Folded);
        assert_eq!(checks.fault, None);
        let places: Vec<usize> =
            ["A\"", "\\u212a", "\\u00df", "D\""].map(|name| text.find(name).expect("a name")).into();
        assert_eq!(checks.folded.iter().map(|&offset| offset as usize).collect::<Vec<_>>(), places);
        assert_eq!(checks.folded_duplicate(0, text.len()), Some(places[0]));
        assert_eq!(checks.folded_duplicate(places[0], text.len()), Some(places[0]));
        assert_eq!(checks.folded_duplicate(places[0] + 1, text.len()), Some(places[1]));
        assert_eq!(checks.folded_duplicate(places[1] + 1, places[2]), None);
        assert!(check(text, Case::Exact).folded.is_empty());
    }

    #[test]
    fn objects_are_left_to_who_reads_them() {
        let text = br#"[{"a":1,"a":2},{"a":{"b":1,"b":2}}]"#;
        for (level, offset, found) in [(0, Some(9), Some(9)), (1, Some(28), Some(9)), (2, Some(9), Some(9))] {
            let (mut checks, mut tape) = (Checks::new(Case::Exact), Tape::new());
            checks.skip_objects_at(level);
            let root = tape.record_body(text, 0, 3, &mut checks).expect("JSON");
            assert_eq!(checks.fault.map(|fault| fault.offset), offset, "{level}");
            let members = tape.children(tape.children(root).start);
            assert_eq!(checks.duplicate(text, 0, &tape.entries()[members]), found);
        }
    }

    #[test]
    fn a_look_at_the_starts_of_names_tells_them_apart() {
        let are_distinct = |names: &[String]| {
            let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":\"\u{e9}\"")).collect();
            let text = format!("{{{}}}        ", members.join(","));
            let mut tape = Tape::new();
            let root = tape.record(text.as_bytes(), 100, 1).expect("JSON");
            are_distinct(text.as_bytes(), 100, &tape.entries()[tape.children(root)])
        };
        for (count, expected) in [(1, true), (2, true), (16, true), (17, false)] {
            let names: Vec<String> = (0..count).map(|number| format!("member{number:02}")).collect();
            assert_eq!(are_distinct(&names), expected, "{count}");
        }
        for (one, other, expected) in [
            ("a", "b", true),
            ("a", "aa", true),
            ("", "a", true),
            ("a", "a", false),
            ("Name", "nAME", false),
            ("members: 1", "members: 2", false),
            ("a\u{e9}", "b", false),
            ("longer than that\u{e9}", "another", true),
        ] {
            assert_eq!(are_distinct(&[one.to_owned(), other.to_owned()]), expected, "{one} and {other}");
        }
    }

    #[test]
    fn few_and_many_names_have_the_same_duplicates() {
        for count in [3, 16, 17, 100] {
            for (extra, exact, folded) in [
                ("Name1x", false, false),
                ("member01", true, true),
                ("MEMBER02", false, true),
                ("membe\u{17F}", false, false),
            ] {
                let mut names: Vec<String> =
                    (0..count).map(|number| format!("\"member{number:02}\":{number}")).collect();
                names.push(format!("\"{extra}\":[]"));
                for place in [1, count] {
                    names.swap(count, place);
                    let text = format!("{{{}}}", names.join(","));
                    let checks = check(&text, Case::Folded);
                    assert_eq!(checks.fault.is_some(), exact, "{extra} among {count}");
                    assert_eq!(!checks.folded.is_empty(), folded, "{extra} among {count}");
                    assert_eq!(check(&text, Case::Exact).fault.is_some(), exact, "{extra} among {count}");
                    names.swap(count, place);
                }
            }
        }
    }
}
