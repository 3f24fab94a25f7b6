//! Which element of one array becomes which of another, so that the operations for it are short. Elements are known by
//! their fingerprints; nothing here looks at a value.
//!
//! The work is bounded whatever the arrays hold: beyond the bounds the pairs may fit less well than they could.

use std::{cmp::Reverse, ops::Range};

use super::{
    chain::{Match, heaviest_chain},
    edit::operation_length,
    fingerprint::Print,
};

/// How large the table of all ways from one list to the other may be, in cells of four bytes.
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
pub(super) struct Tariff {
    /// The length of the array's path.
    pub(super) path: usize,
    /// The index of the first element of the target.
    pub(super) at: usize,
    /// What is replaced or removed is tested.
    pub(super) is_guarded: bool,
    /// What is removed and added elsewhere is moved.
    pub(super) moves: bool,
}

/// Whether two lists of these lengths can be aligned.
pub(super) fn fits(source: usize, target: usize) -> bool {
    (source + 1).saturating_mul(target + 1) <= CELLS
}

/// The pairs of elements that stay or become each other on the shortest way from one list to the other.
pub(super) fn shortest(source: &[Item], target: &[Item], tariff: Tariff) -> Vec<Match> {
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
    tariff: Tariff,
    /// What removing an element costs besides its index.
    remove: Vec<u32>,
    /// What adding each element costs.
    add: Vec<u32>,
    /// What replacing an element costs besides the index and the new value.
    replace: Vec<u32>,
    /// What one change inside an element costs besides the index and the value.
    inside: u32,
    looks_inside: bool,
}

impl<'i> Costs<'i> {
    fn new(source: &'i [Item], target: &'i [Item], tariff: Tariff) -> Costs<'i> {
        let length = |op, has_value| operation_length(op, tariff.path + 1, has_value) as u32;
        let test = |item: &Item| if tariff.is_guarded { length("test", true) + size(item) } else { 0 };
        let mut hashes: Vec<u64> =
            if tariff.moves { source.iter().map(|item| item.print.hash).collect() } else { vec![] };
        hashes.sort_unstable();
        let add = |(at, item): (usize, &Item)| {
            let index = digits(tariff.at + at);
            match hashes.binary_search(&item.print.hash) {
                // With the removal it comes to one `move`.
                Ok(_) => (operation_length("move", 2 * tariff.path, false) as u32 + 10 + index)
                    .saturating_sub(length("remove", false)),
                Err(_) => length("add", true) + index + size(item),
            }
        };
        let items = |list: &[Item]| list.iter().map(|item| item.content.len() + 1).sum::<usize>();
        let steps =
            (items(source).saturating_mul(target.len())).saturating_add(items(target).saturating_mul(source.len()));
        Costs {
            source,
            target,
            tariff,
            remove: source.iter().map(|item| test(item) + length("remove", false)).collect(),
            add: target.iter().enumerate().map(add).collect(),
            replace: source.iter().map(|item| test(item) + length("replace", true)).collect(),
            // A slash and a name of some letters.
            inside: length("replace", true) + if tariff.is_guarded { length("test", true) } else { 0 } + 8,
            looks_inside: steps <= STEPS,
        }
    }

    fn remove(&self, index: usize, at: usize) -> u32 {
        self.remove[index] + digits(self.tariff.at + at)
    }

    /// What it costs that one element becomes another: nothing if they are equal.
    fn change(&self, index: usize, at: usize) -> u32 {
        let (old, new) = (&self.source[index], &self.target[at]);
        if old.print.hash == new.print.hash {
            return 0;
        }
        let replaced = (self.replace[index] + digits(self.tariff.at + at)).saturating_add(size(new));
        if !self.looks_inside || old.kind != new.kind || old.kind == ItemKind::Scalar {
            return replaced;
        }
        let (lost, gained) = (Leftover::of(&old.content, &new.content), Leftover::of(&new.content, &old.content));
        let tested = if self.tariff.is_guarded { lost.size } else { 0 };
        let changes = lost.count.max(gained.count).saturating_mul(self.inside + digits(self.tariff.at + at));
        replaced.min(changes.saturating_add(gained.size).saturating_add(tested))
    }
}

/// The size of an element as far as it counts.
fn size(item: &Item) -> u32 {
    item.print.size.min(1 << 16)
}

fn digits(index: usize) -> u32 {
    1 + index.checked_ilog10().unwrap_or(0)
}

/// What one list has and another has not; both ascend.
struct Leftover {
    count: u32,
    size: u32,
}

impl Leftover {
    fn of(list: &[Print], other: &[Print]) -> Leftover {
        let mut rest = Leftover { count: 0, size: 0 };
        let mut others = other.iter().peekable();
        for item in list {
            while others.next_if(|other| other.hash < item.hash).is_some() {}
            if others.next_if(|other| other.hash == item.hash).is_none() {
                rest.count += 1;
                rest.size = rest.size.saturating_add(item.size.min(1 << 16));
            }
        }
        rest
    }
}

/// Pairs up elements none of which are equal, in lists too long for a table of all ways: around those that share
/// something which no other element on either side has, such as an id.
pub(super) fn around_what_is_unique(source: &[Item], target: &[Item], tariff: Tariff) -> Vec<Match> {
    let mut pairs = vec![];
    let mut start = (0, 0);
    let anchors = sharing_what_is_unique(source, target);
    for end in anchors.into_iter().chain([(source.len(), target.len())]) {
        pair_up(source, start.0..end.0, target, start.1..end.1, tariff, &mut pairs);
        if end != (source.len(), target.len()) {
            pairs.push(end);
        }
        start = (end.0 + 1, end.1 + 1);
    }
    pairs
}

/// Pairs up what is between two anchors, in order where that is too much.
fn pair_up(
    source: &[Item],
    sources: Range<usize>,
    target: &[Item],
    targets: Range<usize>,
    tariff: Tariff,
    pairs: &mut Vec<Match>,
) {
    let offset = (sources.start, targets.start);
    let (source, target) = (&source[sources], &target[targets]);
    if source.len() == 1 && target.len() == 1 || !fits(source.len(), target.len()) {
        pairs.extend((0..source.len().min(target.len())).map(|index| (index + offset.0, index + offset.1)));
    } else {
        let tariff = Tariff { at: tariff.at + offset.1, ..tariff };
        let found = shortest(source, target, tariff).into_iter();
        pairs.extend(found.map(|(index, at)| (index + offset.0, at + offset.1)));
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
    heaviest_chain(source.len(), candidates.into_iter().map(|(_, pair)| pair), |_| 1)
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
