//! Which elements of two arrays are equal to one another, in order. Nothing here looks at a value.
//!
//! A match is a pair of indices, one in each array; a list of matches ascends on both sides. The work is bounded
//! whatever the arrays hold.

use std::ops::Range;

/// How many pairs of equal items are looked at; above that, only those that are nearest to their place.
const PAIRS: usize = 1 << 16;

/// What an item weighs at most, so that a list may weigh what it weighs.
const HEAVIEST: u32 = 1 << 12;

/// An index in the source and one in the target.
pub(super) type Match = (usize, usize);

/// A heaviest common subsequence (after Jacobson and Vo), or nearly the heaviest where [`PAIRS`] is exceeded. An item
/// weighs what it weighs in the target.
pub(super) fn common(source: &[u64], target: &[u64], weight: impl Fn(usize) -> u32) -> Vec<Match> {
    common_among(PAIRS, source, target, weight)
}

/// [`common`], of so many pairs of equal items at most, or of one for each item of the target.
fn common_among(pairs: usize, source: &[u64], target: &[u64], weight: impl Fn(usize) -> u32) -> Vec<Match> {
    let mut places: Vec<u32> = (0..source.len() as u32).collect();
    places.sort_unstable_by_key(|&index| (source[index as usize], index));
    let most = (pairs / target.len().max(1)).max(1);
    let candidates = target.iter().enumerate().flat_map(|(at, &item)| {
        let start = places.partition_point(|&index| source[index as usize] < item);
        let count = places[start..].partition_point(|&index| source[index as usize] == item);
        let equal = &places[start..start + count];
        // The product of two lengths may need 64 bits, the quotient does not.
        let expected = (at as u64 * source.len() as u64 / target.len() as u64) as usize;
        let before = equal.partition_point(|&index| (index as usize) < expected);
        equal[nearest(before, count, most)].iter().rev().map(move |&index| (index as usize, at))
    });
    heaviest_chain(source.len(), candidates, |(_, at)| weight(at))
}

/// Of so many places the ones that are nearest to one of them, or to the end, at most so many.
fn nearest(place: usize, count: usize, most: usize) -> Range<usize> {
    let first = place.saturating_sub(most / 2).min(count.saturating_sub(most));
    first..count.min(first + most)
}

/// The heaviest list of matches out of these, which come ascending in the target and, for one target, descending in the
/// source.
pub(super) fn heaviest_chain(
    source: usize,
    candidates: impl Iterator<Item = Match>,
    weight: impl Fn(Match) -> u32,
) -> Vec<Match> {
    /// The heaviest chain that ends with a match.
    struct Link {
        pair: (u32, u32),
        /// The number of the link before it, from 1 on.
        before: u32,
        weight: u32,
    }

    let mut links: Vec<Link> = vec![];
    // A Fenwick tree of maxima: for each index of the source the heaviest link up to there, counted from 1 on.
    let mut heaviest = vec![0_u32; source + 1];
    let weight_of = |links: &[Link], link: u32| (link as usize).checked_sub(1).map_or(0, |link| links[link].weight);
    for pair in candidates {
        let (mut end, mut before) = (pair.0, 0);
        while end > 0 {
            if weight_of(&links, heaviest[end]) > weight_of(&links, before) {
                before = heaviest[end];
            }
            end &= end - 1;
        }
        let total = weight_of(&links, before).saturating_add(weight(pair).clamp(1, HEAVIEST));
        links.push(Link { pair: (pair.0 as u32, pair.1 as u32), before, weight: total });
        let (link, mut place) = (links.len() as u32, pair.0 + 1);
        let mut is_used = false;
        while place <= source {
            if weight_of(&links, heaviest[place]) < total {
                heaviest[place] = link;
                is_used = true;
            }
            place += place & place.wrapping_neg();
        }
        if !is_used {
            links.pop();
        }
    }
    let mut best = 0;
    let mut end = source;
    while end > 0 {
        if weight_of(&links, heaviest[end]) > weight_of(&links, best) {
            best = heaviest[end];
        }
        end &= end - 1;
    }
    let mut chain = vec![];
    while let Some(link) = (best as usize).checked_sub(1).map(|link| &links[link]) {
        chain.push((link.pair.0 as usize, link.pair.1 as usize));
        best = link.before;
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(source: &[u64], target: &[u64]) -> Vec<Match> {
        common(source, target, |_| 1)
    }

    #[test]
    fn what_weighs_most_stays() {
        for (source, target, weights, expected) in [
            ([1, 2, 3], [3, 2, 1], [1, 1, 3], vec![(0, 2)]),
            ([1, 2, 3], [3, 2, 1], [1, 3, 1], vec![(1, 1)]),
            ([1, 2, 3], [2, 3, 1], [1, 1, 3], vec![(0, 2)]),
            ([1, 2, 3], [2, 3, 1], [1, 1, 1], vec![(1, 0), (2, 1)]),
            // Of two that are as good, the first.
            ([1, 2, 3], [1, 1, 4], [1, 1, 1], vec![(0, 0)]),
            ([1, 2, 3], [3, 1, 4], [1, 1, 1], vec![(2, 0)]),
        ] {
            assert_eq!(common(&source, &target, |at| weights[at]), expected, "{source:?}, {target:?}, {weights:?}");
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
        let mut longest_to = vec![0; target.len() + 1];
        for old in &source {
            let mut before = 0;
            for (at, new) in target.iter().enumerate() {
                let here = if old == new { before + 1 } else { longest_to[at].max(longest_to[at + 1]) };
                before = std::mem::replace(&mut longest_to[at + 1], here);
            }
        }
        assert_eq!(longest(&source, &target).len(), longest_to[target.len()]);
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
        assert_eq!(common_among(1, &[1; 6], &[1; 6], |_| 1), in_place);
    }

    #[test]
    fn many_equal_pairs_cost_no_more_than_the_bound() {
        let source: Vec<u64> = (0..100_000).map(|index| index % 2).collect();
        let target: Vec<u64> = [7].iter().chain(&source[..40_000]).chain(&source[40_001..]).copied().collect();
        assert!(longest(&source, &target).len() > 99_000);
    }
}
