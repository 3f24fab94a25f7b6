//! Which of the elements that changed belong together, told by numbers that stand for what they are made of. Nothing
//! here looks at a value.
//!
//! The work is bounded whatever the arrays hold: beyond the bounds the pairs may fit less well than they could.

use std::{cmp::Reverse, ops::Range};

use super::script::{Match, longest_chain};

/// What a table of all pairs may cost, in items that are compared.
const STEPS: usize = 1 << 16;

/// Pairs up elements none of which are equal, so that what becomes what takes few changes. An element is given as what
/// it is made of, in ascending order; a scalar is made of nothing.
pub(super) fn alike(source: &[Vec<u64>], target: &[Vec<u64>]) -> Vec<Match> {
    let mut pairs = vec![];
    let mut start = (0, 0);
    let anchors = if is_small(source, target) { vec![] } else { sharing_what_is_unique(source, target) };
    for end in anchors.into_iter().chain([(source.len(), target.len())]) {
        pair_up(source, start.0..end.0, target, start.1..end.1, &mut pairs);
        if end != (source.len(), target.len()) {
            pairs.push(end);
        }
        start = (end.0 + 1, end.1 + 1);
    }
    pairs
}

/// Whether all pairs can be compared.
fn is_small(source: &[Vec<u64>], target: &[Vec<u64>]) -> bool {
    let items = |list: &[Vec<u64>]| list.iter().map(|content| content.len() + 1).sum::<usize>();
    let steps = items(source).saturating_mul(target.len()).saturating_add(items(target).saturating_mul(source.len()));
    steps <= STEPS
}

/// Matches of elements that share something which no other element on either side has, such as an id.
fn sharing_what_is_unique(source: &[Vec<u64>], target: &[Vec<u64>]) -> Vec<Match> {
    let (source, target) = (unique_items(source), unique_items(target));
    let mut shared = vec![];
    let mut rest = source.iter().peekable();
    for &(item, at) in &target {
        while rest.next_if(|&&(other, _)| other < item).is_some() {}
        if let Some(&(_, index)) = rest.next_if(|&&(other, _)| other == item) {
            shared.push((at, index));
        }
    }
    // Of the elements that share something with one, the one that shares most.
    shared.sort_unstable();
    let mut candidates: Vec<(usize, Match)> =
        shared.chunk_by(|left, right| left == right).map(|same| (same.len(), (same[0].1, same[0].0))).collect();
    candidates.sort_unstable_by_key(|&(count, (index, at))| (at, Reverse(count), index));
    candidates.dedup_by_key(|(_, (_, at))| *at);
    longest_chain(candidates.into_iter().map(|(_, pair)| pair))
}

/// What exactly one element is made of, in ascending order, each with the element's index.
fn unique_items(list: &[Vec<u64>]) -> Vec<(u64, usize)> {
    let mut items: Vec<(u64, usize)> =
        list.iter().enumerate().flat_map(|(index, content)| content.iter().map(move |&item| (item, index))).collect();
    items.sort_unstable();
    items.chunk_by(|left, right| left.0 == right.0).filter(|same| same.len() == 1).map(|same| same[0]).collect()
}

/// Pairs up what stands between two anchors: by likeness, or in order where it is too much or nothing can be alike.
fn pair_up(
    source: &[Vec<u64>],
    sources: Range<usize>,
    target: &[Vec<u64>],
    targets: Range<usize>,
    pairs: &mut Vec<Match>,
) {
    let offset = (sources.start, targets.start);
    let (source, target) = (&source[sources], &target[targets]);
    let have_content = |list: &[Vec<u64>]| list.iter().any(|content| !content.is_empty());
    let is_worth_it = (source.len() > 1 || target.len() > 1) && have_content(source) && have_content(target);
    if is_worth_it && is_small(source, target) {
        pairs.extend(cheapest(source, target).into_iter().map(|(index, at)| (index + offset.0, at + offset.1)));
    } else {
        pairs.extend((0..source.len().min(target.len())).map(|index| (index + offset.0, index + offset.1)));
    }
}

/// The pairs that make the cheapest way from one list to the other, by a table of all ways.
fn cheapest(source: &[Vec<u64>], target: &[Vec<u64>]) -> Vec<Match> {
    /// One operation that removes or adds an element.
    const ONE: usize = 200;
    /// An element that becomes another with which it shares nothing costs less than both, and more than one.
    const OTHER: usize = 300;

    let width = target.len() + 1;
    let change = |index: usize, at: usize| {
        let (left, right) = (&source[index], &target[at]);
        OTHER - OTHER * count_common(left, right) / left.len().max(right.len()).max(1)
    };
    // The cost of the way from the rest of the source, from an index on, to the rest of the target.
    let mut costs = vec![0; (source.len() + 1) * width];
    for index in (0..=source.len()).rev() {
        for at in (0..=target.len()).rev() {
            let here = index * width + at;
            costs[here] = match (index < source.len(), at < target.len()) {
                (false, false) => 0,
                (true, false) => ONE + costs[here + width],
                (false, true) => ONE + costs[here + 1],
                (true, true) => {
                    let apart = ONE + costs[here + width].min(costs[here + 1]);
                    apart.min(change(index, at) + costs[here + width + 1])
                }
            };
        }
    }
    let mut pairs = vec![];
    let (mut index, mut at) = (0, 0);
    // Where the target has ended, the rest of the source is removed.
    while index < source.len() {
        let here = index * width + at;
        if costs[here] == ONE + costs[here + width] {
            index += 1;
        } else if costs[here] == ONE + costs[here + 1] {
            at += 1;
        } else {
            pairs.push((index, at));
            (index, at) = (index + 1, at + 1);
        }
    }
    pairs
}

/// How many items two ascending lists have in common.
fn count_common(left: &[u64], right: &[u64]) -> usize {
    let mut rest = right.iter().peekable();
    let mut count = 0;
    for item in left {
        while rest.next_if(|&other| other < item).is_some() {}
        count += usize::from(rest.next_if(|&other| other == item).is_some());
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a word is made of, in ascending order; `-` is made of nothing.
    fn letters(word: &str) -> Vec<u64> {
        word.bytes().filter(|&letter| letter != b'-').map(u64::from).collect()
    }

    fn words(list: &str) -> Vec<Vec<u64>> {
        list.split(' ').map(letters).collect()
    }

    #[test]
    fn what_shares_most_belongs_together() {
        let rows = [
            ("abc", "xyz abd", vec![(0, 1)]),
            ("abc def", "dex", vec![(1, 0)]),
            ("abc def", "xyz abd", vec![(0, 1)]),
            ("a b", "c d", vec![(0, 0), (1, 1)]),
            ("- -", "- - -", vec![(0, 0), (1, 1)]),
            // Nothing is like an element that is made of nothing.
            ("ab cd", "- - -", vec![(0, 0), (1, 1)]),
            ("- -", "ab cd ef", vec![(0, 0), (1, 1)]),
            // Several elements have in common what each of them shares with its match.
            ("abc abd", "xyz abe abf", vec![(0, 1), (1, 2)]),
        ];
        for (source, target, expected) in rows {
            assert_eq!(alike(&words(source), &words(target)), expected, "{source} and {target}");
        }
    }

    #[test]
    fn what_is_unique_on_both_sides_is_an_anchor() {
        let rows = [
            ("ab cd", "xa yc", vec![(0, 0), (1, 1)]),
            ("ab cd", "ac", vec![(0, 0)]),
            // The one that shares most.
            ("a bc", "abc", vec![(1, 0)]),
            ("ab c", "abc", vec![(0, 0)]),
            // What several elements are made of tells none of them.
            ("ab ac", "ad", vec![]),
            ("ab cd", "dx bx", vec![(0, 1)]),
        ];
        for (source, target, expected) in rows {
            let anchors = sharing_what_is_unique(&words(source), &words(target));
            assert_eq!(anchors, expected, "{source} and {target}");
        }
    }

    #[test]
    fn what_two_lists_share_is_counted() {
        for (left, right, expected) in
            [("", "a", 0), ("ac", "abc", 2), ("abc", "ac", 2), ("ab", "cd", 0), ("aab", "ab", 2), ("c", "abc", 1)]
        {
            assert_eq!(count_common(&letters(left), &letters(right)), expected, "{left} and {right}");
        }
    }

    #[test]
    fn a_table_of_all_pairs_is_bounded() {
        // Two lists of scalars: each is looked at once for each on the other side.
        for (count, expected) in [(181, true), (182, false)] {
            let list = vec![vec![]; count];
            assert_eq!(is_small(&list, &list), expected, "{count}");
        }
    }

    #[test]
    fn in_long_lists_an_id_tells_what_belongs_together() {
        // Each element has an id and a version; every version changed, and one element came in at the head.
        let list = |ids: Range<u64>, version: u64| -> Vec<Vec<u64>> {
            ids.map(|id| vec![id + 100, id % 7 + version]).collect()
        };
        let (source, target) = (list(1..3_000, 0), list(0..3_000, 50));
        assert!(!is_small(&source, &target));
        let expected: Vec<Match> = (0..2_999).map(|index| (index, index + 1)).collect();
        assert_eq!(alike(&source, &target), expected);
    }

    #[test]
    fn what_stands_between_two_ids_is_paired_up_there() {
        // Between the elements with an id: one that is made of nothing, or two that are alike, beside a new one.
        let list = |version: u64, is_new: bool| -> Vec<Vec<u64>> {
            let group = |id: u64| match id % 2 {
                0 => vec![vec![version, id + 100], vec![]],
                _ => {
                    let alike = [vec![1, 2, version], vec![1, 3, version]];
                    let new = is_new.then(|| vec![4, 5]);
                    [vec![version, id + 100]].into_iter().chain(new).chain(alike).collect()
                }
            };
            (0..600).flat_map(group).collect()
        };
        let (source, target) = (list(50, false), list(60, true));
        assert!(!is_small(&source, &target));
        // A group of two and one of three are two groups with an element more in the target.
        let pairs = [(0, 0), (1, 1), (2, 2), (3, 4), (4, 5)];
        let expected: Vec<Match> =
            (0..300).flat_map(|at| pairs.map(|pair| (pair.0 + 5 * at, pair.1 + 6 * at))).collect();
        assert_eq!(alike(&source, &target), expected);
    }
}
