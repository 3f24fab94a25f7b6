//! Which element of one array becomes which of another, so that the operations for it are short. Elements are known by
//! their fingerprints; nothing here looks at a value.
//!
//! The work is bounded whatever the arrays hold: beyond the bounds the pairs may fit less well than they could.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    chain::{Match, heaviest_chain},
    edit::{index_length, operation_length},
    fingerprint::Print,
};

/// How many pairs of elements the table of all ways from one list to the other may have, with four bytes for each.
const CELLS: usize = 1 << 18;

/// What comparing the contents of all pairs may cost, in members and elements.
const STEPS: usize = 1 << 16;

/// An element that may become another one.
pub(super) struct Item {
    pub(super) print: Print,
    pub(super) kind: ItemKind,
    /// The fingerprints of its members or elements, in ascending order.
    pub(super) content: Vec<Print>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemKind {
    Scalar,
    Array,
    Object,
}

/// What the operations on an array cost.
#[derive(Clone, Copy)]
pub(super) struct Tariff<'i> {
    /// The length of the array's path.
    pub(super) path: usize,
    /// The index of the first element of the target.
    pub(super) at: usize,
    /// What is replaced or removed is tested.
    pub(super) is_guarded: bool,
    /// The fingerprints of what is moved where it is removed and added elsewhere, in ascending order.
    pub(super) movable: &'i [u64],
}

/// Whether two lists of these lengths can be aligned.
pub(super) fn fits(source: usize, target: usize) -> bool {
    source.saturating_mul(target) <= CELLS
}

/// The pairs of elements that stay or become each other. Lists whose elements are too many to be compared with each
/// other are cut first, at those that share something which no other element on either side has, such as an id.
pub(super) fn pairs(source: &[Item], target: &[Item], tariff: Tariff<'_>) -> Vec<Match> {
    let are_few = fits(source.len(), target.len()) && may_look_inside(source, target);
    let anchors = if are_few { vec![] } else { sharing_what_is_unique(source, target) };
    let mut pairs = vec![];
    let mut start = (0, 0);
    for end in anchors {
        pair_up(&source[..end.0], &target[..end.1], start, tariff, &mut pairs);
        pairs.push(end);
        start = (end.0 + 1, end.1 + 1);
    }
    pair_up(source, target, start, tariff, &mut pairs);
    pairs
}

/// Pairs up what is left of two lists after a place, in order where that is too much.
fn pair_up(source: &[Item], target: &[Item], start: Match, tariff: Tariff<'_>, pairs: &mut Vec<Match>) {
    let (source, target) = (&source[start.0..], &target[start.1..]);
    let found = match fits(source.len(), target.len()) {
        true => shortest(source, target, tariff),
        false => (0..source.len()).zip(0..target.len()).collect(),
    };
    pairs.extend(found.into_iter().map(|(index, at)| (index + start.0, at + start.1)));
}

/// Whether comparing the contents of all pairs is little work.
fn may_look_inside(source: &[Item], target: &[Item]) -> bool {
    let items = |list: &[Item]| list.iter().map(|item| item.content.len()).sum::<usize>();
    let steps = (items(source).saturating_mul(target.len())).saturating_add(items(target).saturating_mul(source.len()));
    steps <= STEPS
}

/// The pairs of elements that stay or become each other on the shortest way from one list to the other.
fn shortest(source: &[Item], target: &[Item], tariff: Tariff<'_>) -> Vec<Match> {
    let way = Costs::new(source, target, tariff);
    let width = target.len() + 1;
    // The cost of the way from the rest of the source, from an index on, to the rest of the target.
    let mut costs = vec![0_u32; (source.len() + 1) * width];
    for index in (0..=source.len()).rev() {
        for at in (0..=target.len()).rev() {
            let here = index * width + at;
            let removed = || way.remove(index, at).saturating_add(costs[here + width]);
            let added = || way.add[at].saturating_add(costs[here + 1]);
            costs[here] = match (index < source.len(), at < target.len()) {
                (false, false) => 0,
                (true, false) => removed(),
                (false, true) => added(),
                (true, true) => {
                    let apart = removed().min(added());
                    apart.min(way.change(index, at).saturating_add(costs[here + width + 1]))
                }
            };
        }
    }
    let mut pairs = vec![];
    let (mut index, mut at) = (0, 0);
    // Where the target has ended, the rest of the source is removed.
    while index < source.len() && at < target.len() {
        let here = index * width + at;
        if costs[here] == way.change(index, at).saturating_add(costs[here + width + 1]) {
            pairs.push((index, at));
            (index, at) = (index + 1, at + 1);
        } else if costs[here] == way.remove(index, at).saturating_add(costs[here + width]) {
            index += 1;
        } else {
            at += 1;
        }
    }
    pairs
}

/// The costs of each step from one list to the other, in bytes of the patch.
struct Costs<'i> {
    source: &'i [Item],
    target: &'i [Item],
    tariff: Tariff<'i>,
    /// What removing an element costs besides its index.
    remove: Vec<u32>,
    /// What adding each element costs.
    add: Vec<u32>,
    /// What replacing an element costs besides the index and the new value.
    replace: Vec<u32>,
    /// About what one change inside an element costs besides the value.
    inside: u32,
    looks_inside: bool,
}

impl<'i> Costs<'i> {
    fn new(source: &'i [Item], target: &'i [Item], tariff: Tariff<'i>) -> Costs<'i> {
        let length = |op, has_value| operation_length(op, tariff.path, has_value) as u32;
        let test =
            |item: &Item| if tariff.is_guarded { length("test", true).saturating_add(item.print.size) } else { 0 };
        let add = |(at, item): (usize, &Item)| {
            let index = index_length(tariff.at + at) as u32;
            match tariff.movable.binary_search(&item.print.hash) {
                // With the removal it comes to one `move`.
                Ok(_) => operation_length("move", 2 * tariff.path, false) as u32 + index - length("remove", false),
                Err(_) => (length("add", true) + index).saturating_add(item.print.size),
            }
        };
        Costs {
            source,
            target,
            tariff,
            remove: source.iter().map(|item| test(item).saturating_add(length("remove", false))).collect(),
            add: target.iter().enumerate().map(add).collect(),
            replace: source.iter().map(|item| test(item).saturating_add(length("replace", true))).collect(),
            // An index and a name of some letters, with their slashes.
            inside: length("replace", true) + if tariff.is_guarded { length("test", true) } else { 0 } + 10,
            looks_inside: may_look_inside(source, target),
        }
    }

    fn remove(&self, index: usize, at: usize) -> u32 {
        self.remove[index].saturating_add(self.index(at))
    }

    /// The length of a target's index in a path.
    fn index(&self, at: usize) -> u32 {
        index_length(self.tariff.at + at) as u32
    }

    /// What it costs that one element becomes another: nothing if they are equal.
    fn change(&self, index: usize, at: usize) -> u32 {
        let (old, new) = (&self.source[index], &self.target[at]);
        if old.print.hash == new.print.hash {
            return 0;
        }
        let replaced = self.replace[index].saturating_add(self.index(at)).saturating_add(new.print.size);
        if !self.looks_inside || old.kind != new.kind || old.kind == ItemKind::Scalar {
            return replaced;
        }
        let (lost, gained) = (Leftover::of(&old.content, &new.content), Leftover::of(&new.content, &old.content));
        let tested = if self.tariff.is_guarded { lost.size } else { 0 };
        let changes = lost.count.max(gained.count).saturating_mul(self.inside);
        replaced.min(changes.saturating_add(gained.size).saturating_add(tested))
    }
}

/// What one list has and another has not; both ascend.
pub(super) struct Leftover {
    pub(super) count: u32,
    pub(super) size: u32,
}

impl Leftover {
    pub(super) fn of(list: &[Print], other: &[Print]) -> Leftover {
        let mut rest = Leftover { count: 0, size: 0 };
        let mut others = other.iter().peekable();
        for item in list {
            while others.next_if(|other| other.hash < item.hash).is_some() {}
            if others.next_if(|other| other.hash == item.hash).is_none() {
                rest.count += 1;
                rest.size = rest.size.saturating_add(item.size);
            }
        }
        rest
    }
}

/// Matches of elements that share something which no other element on either side has.
fn sharing_what_is_unique(source: &[Item], target: &[Item]) -> Vec<Match> {
    let (unique, others) = (unique_items(source), unique_items(target));
    let mut shared = vec![];
    let mut rest = unique.iter().peekable();
    for &(item, at) in &others {
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
    let count: HashMap<Match, usize> = candidates.iter().map(|&(count, pair)| (pair, count)).collect();
    heaviest_chain(source.len(), candidates.into_iter().map(|(_, pair)| pair), |pair| count[&pair] as u32)
}

/// What exactly one element is made of, in ascending order, each with the element's index.
fn unique_items(list: &[Item]) -> Vec<(u64, usize)> {
    let content = |(index, item): (usize, &'_ Item)| {
        item.content.iter().map(move |print| (print.hash, index)).collect::<Vec<_>>()
    };
    let mut items: Vec<(u64, usize)> = list.iter().enumerate().flat_map(content).collect();
    items.sort_unstable();
    items.chunk_by(|left, right| left.0 == right.0).filter(|same| same.len() == 1).map(|same| same[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_element_has_tells_which_it_is() {
        const ALL: u64 = 100;
        for (source, target, expected) in [
            // One was added, and what all elements have tells nothing.
            (
                &[&[1, 11, ALL][..], &[2, 12, ALL]][..],
                &[&[9, ALL][..], &[1, 21, ALL], &[2, 22, ALL]][..],
                &[(0, 1), (1, 2)][..],
            ),
            (&[&[1], &[1], &[2]], &[&[1], &[2]], &[(2, 1)]),
            (&[&[1], &[2]], &[&[1], &[1], &[2]], &[(1, 2)]),
            (&[&[3], &[4]], &[&[1], &[2]], &[]),
            // Of two that share something with it, the one that shares more, or else the first.
            (&[&[1], &[2, 3]], &[&[1, 2, 3]], &[(1, 0)]),
            (&[&[1], &[2]], &[&[1, 2]], &[(0, 0)]),
            // Where they change places, those that share most.
            (&[&[1], &[2, 3]], &[&[2, 3], &[1]], &[(1, 0)]),
            (&[&[1, 2], &[3]], &[&[3], &[1, 2]], &[(0, 1)]),
        ] {
            let [left, right] = [source, target].map(|list| {
                let item = |content: &&[u64]| {
                    let content = content.iter().map(|&hash| Print { hash, size: 8 }).collect();
                    Item { print: Print { hash: 0, size: 8 }, kind: ItemKind::Object, content }
                };
                list.iter().map(item).collect::<Vec<_>>()
            });
            assert_eq!(sharing_what_is_unique(&left, &right), expected, "{source:?} and {target:?}");
        }
    }
}
