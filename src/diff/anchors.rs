//! Long runs of equal elements, found by comparing elements at nearly the same place. Where two versions of an array
//! differ here and there, they are all that has to be known, and no fingerprint is taken.

use serde_json::Value;

use super::chain::Match;

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

/// How distinctive a run has to be, so that it is not one by chance.
const DISTINCTIVE: usize = 64;

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
                weight += distinctiveness(&source[index]);
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

/// How unlikely it is that a value is equal to another one by chance, about in bytes.
fn distinctiveness(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 2,
        Value::Number(number) => match number.as_i64() {
            Some(number) => 2 + number.unsigned_abs().checked_ilog10().unwrap_or(0) as usize,
            None => 8,
        },
        Value::String(text) => 2 + text.len(),
        Value::Array(elements) if elements.is_empty() => 2,
        Value::Object(members) if members.is_empty() => 2,
        Value::Array(_) | Value::Object(_) => DISTINCTIVE / 2,
    }
}
