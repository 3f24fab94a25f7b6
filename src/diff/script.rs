//! Which elements of two arrays are equal to one another, in order. Nothing here looks at a value.
//!
//! A match is a pair of indices, one in each array; a list of matches ascends on both sides. The work is bounded
//! whatever the arrays hold.

use std::ops::Range;

/// How far the edits between two lists are searched for.
#[derive(Clone, Copy)]
pub(super) struct Effort {
    /// How many edits there may be. The work and the memory grow with their square.
    pub(super) edits: usize,
    /// How many items may be found equal on the way, for each item that there is.
    pub(super) equal: usize,
}

/// How many pairs of equal items are looked at; above that, only those that are nearest to their place.
const PAIRS: usize = 1 << 20;

/// An index in the source and one in the target.
pub(super) type Match = (usize, usize);

/// Items that follow one another on both sides, each the match of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: Match,
    pub(super) length: usize,
}

impl Run {
    pub(super) fn of_one(start: Match) -> Run {
        Run { start, length: 1 }
    }

    pub(super) fn end(&self) -> Match {
        (self.start.0 + self.length, self.start.1 + self.length)
    }
}

/// The runs of equal items that the least number of insertions, removals and replacements leaves (after Ukkonen), if
/// they are found with so much effort.
pub(super) fn runs_between_few_edits(
    (source, target): Match,
    effort: Effort,
    mut are_equal: impl FnMut(usize, usize) -> bool,
) -> Option<Vec<Run>> {
    let mut equal_left = (source + target) * effort.equal;
    let mut furthest: Vec<Vec<Option<Way>>> = vec![];
    for edits in 0..=effort.edits {
        let diagonals = 2 * edits + 1;
        let mut ways = Vec::with_capacity(diagonals);
        for diagonal in 0..diagonals {
            let start = match furthest.last() {
                None => Some(((0, 0), 0)),
                Some(before) => next_edit(before, diagonal, (source, target)),
            };
            let way = match start {
                None => None,
                Some(((index, at), before)) => {
                    let pairs = (index..source).zip(at..target);
                    let length = pairs.take_while(|&(index, at)| are_equal(index, at)).count();
                    equal_left = equal_left.checked_sub(length)?;
                    Some(Way { run: Run { start: (index, at), length }, before })
                }
            };
            let has_arrived = way.as_ref().is_some_and(|way| way.run.end() == (source, target));
            ways.push(way);
            if has_arrived {
                furthest.push(ways);
                return Some(runs_back(&furthest, diagonal));
            }
        }
        furthest.push(ways);
    }
    None
}

/// The furthest that so many edits lead on one diagonal. Diagonals are counted from the lowest that the edits reach:
/// where the target's index is that much less ahead of the source's.
struct Way {
    /// What is equal after the last edit.
    run: Run,
    /// The diagonal before the last edit.
    before: usize,
}

/// Where the next edit leads on a diagonal, at the furthest, and the diagonal that it comes from.
fn next_edit(before: &[Option<Way>], diagonal: usize, limit: Match) -> Option<(Match, usize)> {
    // With one edit more, a diagonal's number is greater by one.
    let edits = [(0, (1, 0)), (1, (1, 1)), (2, (0, 1))];
    let starts = edits.into_iter().filter_map(|(shift, (removed, added))| {
        let from = diagonal.checked_sub(shift)?;
        let (index, at) = before.get(from)?.as_ref()?.run.end();
        let start = (index + removed, at + added);
        (start.0 <= limit.0 && start.1 <= limit.1).then_some((start, from))
    });
    starts.max_by_key(|(start, _)| start.0)
}

/// The runs on the way that ends on a diagonal.
fn runs_back(furthest: &[Vec<Option<Way>>], diagonal: usize) -> Vec<Run> {
    let mut runs = vec![];
    let mut diagonal = diagonal;
    for ways in furthest.iter().rev() {
        let Some(way) = &ways[diagonal] else { break };
        if way.run.length > 0 {
            runs.push(way.run);
        }
        diagonal = way.before;
    }
    runs.reverse();
    runs
}

/// A longest common subsequence (after Hunt and Szymanski), or nearly the longest where [`PAIRS`] is exceeded.
pub(super) fn common(source: &[u64], target: &[u64]) -> Vec<Match> {
    common_among(PAIRS, source, target)
}

/// The same, of so many pairs of equal items at most, or of one for each item of the target.
fn common_among(pairs: usize, source: &[u64], target: &[u64]) -> Vec<Match> {
    let mut places: Vec<(u64, usize)> = source.iter().enumerate().map(|(index, &item)| (item, index)).collect();
    places.sort_unstable();
    let most = (pairs / target.len().max(1)).max(1);
    longest_chain(target.iter().enumerate().flat_map(|(at, &item)| {
        let start = places.partition_point(|&(other, _)| other < item);
        let count = places[start..].partition_point(|&(other, _)| other == item);
        let equal = &places[start..start + count];
        let expected = at * source.len() / target.len();
        let before = equal.partition_point(|&(_, index)| index < expected);
        equal[nearest(before, count, most)].iter().rev().map(move |&(_, index)| (index, at))
    }))
}

/// Of so many places the ones that are nearest to one of them, or to the end, at most so many.
fn nearest(place: usize, count: usize, most: usize) -> Range<usize> {
    let first = place.saturating_sub(most / 2).min(count.saturating_sub(most));
    first..count.min(first + most)
}

/// The longest list of matches out of these, which come ascending in the target and, for one target, descending in the
/// source.
pub(super) fn longest_chain(candidates: impl Iterator<Item = Match>) -> Vec<Match> {
    struct Link {
        pair: Match,
        before: Option<usize>,
    }

    let mut links: Vec<Link> = vec![];
    // For each length, the link that ends a chain of that length with the lowest index in the source.
    let mut ends: Vec<usize> = vec![];
    for pair in candidates {
        let length = ends.partition_point(|&end| links[end].pair.0 < pair.0);
        let before = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) if links[*end].pair.0 == pair.0 => continue,
            Some(end) => *end = links.len(),
            None => ends.push(links.len()),
        }
        links.push(Link { pair, before });
    }
    let mut chain = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(link) = next.map(|index| &links[index]) {
        chain.push(link.pair);
        next = link.before;
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_subsequence_is_the_longest_one() {
        let rows: [(&[u64], &[u64], usize); 6] = [
            (&[], &[1], 0),
            (&[1, 2, 3], &[1, 2, 3], 3),
            (&[1, 2, 3, 4, 5], &[0, 1, 3, 4, 6, 5], 4),
            (&[1, 2, 3], &[3, 2, 1], 1),
            (&[1, 1, 2, 1], &[1, 2, 1, 1], 3),
            (&[1, 2, 1, 2, 1], &[2, 1, 2], 3),
        ];
        for (source, target, expected) in rows {
            let pairs = common(source, target);
            assert_eq!(pairs.len(), expected, "{source:?} and {target:?}: {pairs:?}");
            assert!(pairs.iter().all(|&(index, at)| source[index] == target[at]), "{pairs:?}");
            assert!(pairs.is_sorted_by(|left, right| left.0 < right.0 && left.1 < right.1), "{pairs:?}");
        }
    }

    #[test]
    fn ordinary_lists_have_all_their_pairs_looked_at() {
        let mut state = 1_u64;
        let mut item = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 62
        };
        let [source, target] = [400, 300].map(|length| (0..length).map(|_| item()).collect::<Vec<_>>());
        let mut longest = vec![0; target.len() + 1];
        for old in &source {
            let mut before = 0;
            for (at, new) in target.iter().enumerate() {
                let here = if old == new { before + 1 } else { longest[at].max(longest[at + 1]) };
                before = std::mem::replace(&mut longest[at + 1], here);
            }
        }
        assert_eq!(common(&source, &target).len(), longest[target.len()]);
    }

    #[test]
    fn of_many_equal_pairs_those_at_their_place_are_looked_at() {
        for (place, count, most, expected) in [
            (5, 10, 4, 3..7),
            (0, 10, 4, 0..4),
            (1, 10, 4, 0..4),
            (9, 10, 4, 6..10),
            (10, 10, 1, 9..10),
            (1, 3, 4, 0..3),
        ] {
            assert_eq!(nearest(place, count, most), expected, "{place} of {count}");
        }
        // One of them for each item is enough where nothing moved.
        let in_place: Vec<Match> = (0..6).map(|index| (index, index)).collect();
        assert_eq!(common_among(1, &[1; 6], &[1; 6]), in_place);
        // Of two that are as good, the first.
        assert_eq!(common(&[1], &[1, 1]), [(0, 0)]);
    }

    #[test]
    fn many_equal_pairs_cost_no_more_than_the_bound() {
        let source: Vec<u64> = (0..100_000).map(|index| index % 2).collect();
        let target: Vec<u64> = [7].iter().chain(&source[..40_000]).chain(&source[40_001..]).copied().collect();
        assert!(common(&source, &target).len() > 99_000);
    }

    #[test]
    fn few_edits_leave_the_longest_runs() {
        let runs = |source: &str, target: &str, equal| {
            let (left, right) = (source.as_bytes(), target.as_bytes());
            let effort = Effort { edits: 8, equal };
            let runs = runs_between_few_edits((left.len(), right.len()), effort, |index, at| left[index] == right[at])?;
            Some(runs.iter().map(|run| &source[run.start.0..run.end().0]).collect::<Vec<_>>().join(" "))
        };
        let rows = [
            ("", "", Some("")),
            ("", "ab", Some("")),
            ("abc", "abc", Some("abc")),
            ("abc", "axc", Some("a c")),
            ("abcdef", "bcdef", Some("bcdef")),
            ("abcdef", "xabcdef", Some("abcdef")),
            ("abcdef", "bcxdefy", Some("bc def")),
            ("abcdefgh", "ABCDEFGH", Some("")),
            ("abcdefghi", "ABCDEFGHI", None),
        ];
        for (source, target, expected) in rows {
            assert_eq!(runs(source, target, 1).as_deref(), expected, "{source} and {target}");
        }
        // Of ten letters twelve are found equal on the way.
        for (source, target, equal, is_found) in
            [("a", "a", 0, false), ("a", "a", 1, true), ("aaaa", "baaaaa", 1, false), ("aaaa", "baaaaa", 2, true)]
        {
            assert_eq!(runs(source, target, equal).is_some(), is_found, "{source} and {target} with {equal}");
        }
    }
}
