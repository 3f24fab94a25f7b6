//! Long runs of equal elements, found by comparing elements at nearly the same place. Where two versions of an array
//! differ here and there, they are all that has to be known, and no fingerprint is taken.

use serde_json::Value;

use super::chain::Match;
use crate::json::value;

/// Elements that follow one another on both sides, each equal to its match.
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

    /// Whether there are elements after it on both sides.
    fn fits(&self, source: &[Value], target: &[Value]) -> bool {
        self.end().0 < source.len() && self.end().1 < target.len()
    }
}

/// How many elements may have come or gone where two versions differ.
const REACH: usize = 8;

/// How many elements may differ before they are equal again.
const AHEAD: usize = 64;

/// How long a run has to be as JSON, so that it is not one by chance.
const DISTINCTIVE: usize = 64;

/// How much of that one element may be.
const ALONE: usize = 32;

/// The runs between which two lists differ, as far as they are found with few comparisons; what is after the last one
/// is not known. Nothing before the first run is equal at one place.
pub(super) fn anchors(source: &[Value], target: &[Value], mut are_equal: impl FnMut(usize, usize) -> bool) -> Vec<Run> {
    let mut comparisons = 8 * (source.len() + target.len());
    let mut runs = vec![];
    let mut place = (0, 0);
    while let Some(mut run) = next_run(source, target, place, &mut comparisons, &mut are_equal) {
        while run.fits(source, target) && are_equal(run.end().0, run.end().1) {
            run.length += 1;
        }
        runs.push(run);
        place = run.end();
    }
    runs
}

/// The start of the nearest distinctive run after a place.
fn next_run(
    source: &[Value],
    target: &[Value],
    place: Match,
    comparisons: &mut usize,
    are_equal: &mut impl FnMut(usize, usize) -> bool,
) -> Option<Run> {
    let shifts = (0..=REACH).flat_map(|shift| [(0, shift), (shift, 0)]).skip(1);
    let mut nearest: Option<Run> = None;
    for shift in shifts {
        let from = (place.0 + shift.0, place.1 + shift.1);
        let mut run = Run { start: from, length: 0 };
        let mut weight = 0;
        // Up to where another run is nearer.
        let ahead = nearest.map_or(AHEAD, |run| (run.start.0 - place.0).max(run.start.1 - place.1));
        while run.fits(source, target) && (run.start.0 - place.0).max(run.start.1 - place.1) < ahead {
            let (index, at) = run.end();
            *comparisons = comparisons.checked_sub(1)?;
            if are_equal(index, at) {
                run.length += 1;
                weight += value::size_within(&source[index], ALONE).unwrap_or(ALONE);
                if weight >= DISTINCTIVE {
                    nearest = Some(run);
                    break;
                }
            } else {
                run = Run { start: (index + 1, at + 1), length: 0 };
                weight = 0;
            }
        }
        // Elements that changed where they are need no further search.
        if shift == (0, 0) && nearest.is_some_and(|run| run.start.0 - place.0 <= REACH) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs of two lists and the number of comparisons; each item is an element of 16 bytes.
    fn found(source: &[u32], target: &[u32]) -> (Vec<(Match, usize)>, usize) {
        let [left, right] =
            [source, target].map(|list| list.iter().map(|item| Value::from(format!("{item:14}"))).collect::<Vec<_>>());
        let mut comparisons = 0;
        let runs = anchors(&left, &right, |index, at| {
            comparisons += 1;
            source[index] == target[at]
        });
        (runs.into_iter().map(|run| (run.start, run.length)).collect(), comparisons)
    }

    #[test]
    fn runs_are_found_near_their_place() {
        // From 1,000 and 2,000 on they are in one of the lists only.
        let [others, more] = [1_000, 2_000].map(|first| (first..first + 70).collect::<Vec<u32>>());
        let same: Vec<u32> = (10..20).collect();
        let list = |parts: &[&[u32]]| parts.concat();
        for (source, target, expected) in [
            (list(&[&[1, 2, 3, 4, 5]]), list(&[&more[..1], &[1, 2, 3, 4, 5]]), vec![((0, 1), 5)]),
            (list(&[&others[..1], &[1, 2, 3, 4, 5]]), list(&[&[1, 2, 3, 4, 5]]), vec![((1, 0), 5)]),
            // Four elements are distinctive, and three are not.
            (list(&[&others[..1], &[1, 2, 3, 4]]), list(&[&more[..1], &[1, 2, 3, 4]]), vec![((1, 1), 4)]),
            (list(&[&others[..1], &[1, 2, 3]]), list(&[&more[..1], &[1, 2, 3]]), vec![]),
            (
                list(&[&others[..1], &[1, 2, 3], &others[1..2], &[4, 5, 6, 7]]),
                list(&[&more[..1], &[1, 2, 3], &more[1..2], &[4, 5, 6, 7]]),
                vec![((5, 5), 4)],
            ),
            // The reach in one direction, and that ahead.
            (list(&[&[1, 2, 3, 4]]), list(&[&more[..8], &[1, 2, 3, 4]]), vec![((0, 8), 4)]),
            (list(&[&[1, 2, 3, 4]]), list(&[&more[..9], &[1, 2, 3, 4]]), vec![]),
            (list(&[&others[..63], &[1, 2, 3, 4]]), list(&[&more[..63], &[1, 2, 3, 4]]), vec![((63, 63), 4)]),
            (list(&[&others[..64], &[1, 2, 3, 4]]), list(&[&more[..64], &[1, 2, 3, 4]]), vec![]),
            // From the end of one run on, the next is looked for in the same way.
            (
                list(&[&others[..2], &[1, 2, 3, 4], &others[2..5], &[5, 6, 7, 8, 9]]),
                list(&[&more[..1], &[1, 2, 3, 4], &more[1..2], &[5, 6, 7, 8, 9]]),
                vec![((2, 1), 4), ((9, 6), 5)],
            ),
            // The nearest one is taken, also where another is at the same place in both.
            (
                list(&[&others[..10], &[5, 6, 7, 8], &[1, 2, 3, 4]]),
                list(&[&more[..1], &[1, 2, 3, 4], &more[1..6], &[5, 6, 7, 8]]),
                vec![((10, 10), 4)],
            ),
            (
                list(&[&[1, 2, 3, 4], &others[..8], &[5, 6, 7, 8]]),
                list(&[&more[..2], &[1, 2, 3, 4], &more[2..8], &[5, 6, 7, 8]]),
                vec![((0, 2), 4), ((12, 12), 4)],
            ),
            // Near to the end of the last run, not to the start.
            (
                list(&[&others[..1], &same, &[1, 2, 3, 4], &others[1..9], &[5, 6, 7, 8]]),
                list(&[&more[..1], &same, &more[1..3], &[1, 2, 3, 4], &more[3..5], &[5, 6, 7, 8]]),
                vec![((1, 1), 10), ((11, 13), 4), ((23, 19), 4)],
            ),
        ] {
            assert_eq!(found(&source, &target).0, expected, "{source:?} and {target:?}");
        }
    }

    #[test]
    fn few_elements_are_compared() {
        // Where elements changed here and there, each is compared with the one at its place, and these twice.
        let source: Vec<u32> = (0..1_000).collect();
        let target: Vec<u32> = source.iter().map(|&item| if item % 50 < 2 { 5_000 + item } else { item }).collect();
        let (runs, comparisons) = found(&source, &target);
        assert_eq!((runs.len(), comparisons), (20, 1_019));
        // Eight elements go before every four that stay, which takes a long search each time.
        let source: Vec<u32> = (0..12_000).collect();
        let target: Vec<u32> = source.iter().copied().filter(|item| item % 12 >= 8).collect();
        let (runs, comparisons) = found(&source, &target);
        assert!(runs.len() > 100);
        let bound = 8 * (source.len() + target.len());
        assert!((bound..bound + source.len()).contains(&comparisons), "{comparisons} and not {bound}");
    }
}
