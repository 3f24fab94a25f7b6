//! How two versions of an array are walked: which elements are versions of each other, and what happens to the rest.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

use serde_json::Value;

use super::{
    alignment::{self, Item, ItemKind, Leftover, Tariff},
    anchors::{Run, anchors},
    chain::{self, Match},
    edit::{Edit, Node, PathStep, Slots, index_length, operation_length},
    fingerprint::{Fingerprints, Print},
    options::{Arrays, Guard, KeySource},
    versions::{Checkpoint, LIMITS, ValueChange, Versions},
};
use crate::{json::value, patch::pointer::Pointer};

/// In an array that is itself in fewer arrays than this, equal elements are found by comparing them, which spares their
/// fingerprints. Further in, elements that differ would be compared again for each array around them.
const COMPARED: usize = 2;

/// Up to so many pairs of elements no runs are looked for before the shortest way from one list to the other is.
const FEW: usize = 4_096;

/// Elements that are versions of each other, in order.
struct Pairs {
    run: Run,
    /// They were compared, so that no one needs to look at them again.
    are_equal: bool,
}

/// What is in one slot of an array: an element of the source, of the target, or of both.
#[derive(Clone, Copy)]
enum ArraySlot {
    Goes(usize),
    Comes(usize),
    Stays { index: usize, at: usize, is_equal: bool },
}

/// The elements that are at another place in the target.
#[derive(Default)]
struct Moved {
    /// The index in the source for one in the target.
    origins: HashMap<usize, usize>,
    /// The slots that they leave, by their index in the source.
    slots: HashMap<usize, u32>,
}

/// Which elements of two arrays have the same key.
struct Keyed<'v> {
    /// The pairs in the order of the target.
    pairs: Vec<Match>,
    /// For each element of the source the member that is its key.
    members: Vec<&'v Value>,
    name: Option<&'v str>,
}

impl<'v> Versions<'v> {
    pub(super) fn opens_arrays(&self) -> bool {
        !matches!(self.options.arrays, Arrays::Whole)
    }

    pub(super) fn array(
        &mut self,
        old: &'v Value,
        source: &'v [Value],
        new: &'v Value,
        target: &'v [Value],
    ) -> ValueChange {
        let (start, arrays) = (self.written(), self.arrays);
        self.arrays = arrays + 1;
        let keyed = self.keyed(source, target);
        let (pairs, moved) = match &keyed {
            Some(keyed) => self.in_order(keyed, source.len(), target),
            None => (self.pairs(source, target), Moved::default()),
        };
        let (stay, adds) = self.elements(source, target, &pairs, moved, keyed.as_ref());
        self.put_first(start, adds.then_some(old), &[]);
        let is_another = keyed.is_none() && 2 * stay < source.len().max(target.len()) && {
            let saved = if self.options.moves { self.saved_by_moves(start) } else { 0 };
            self.is_shorter_whole(start, old, new, saved)
        };
        self.arrays = arrays;
        self.close(start, old, new, is_another)
    }

    /// Writes what happens to the elements. Returns how many stay, and whether any are added.
    fn elements(
        &mut self,
        source: &'v [Value],
        target: &'v [Value],
        pairs: &[Pairs],
        mut moved: Moved,
        keyed: Option<&Keyed<'v>>,
    ) -> (usize, bool) {
        let kept: usize = pairs.iter().map(|pairs| pairs.run.length).sum();
        if (kept, kept) != (source.len(), target.len()) {
            self.set_slots(source, target, pairs, &mut moved);
        }
        let (mut stay, mut adds, mut at, mut left) = (0, false, 0, source.len());
        for (slot, place) in (0..).zip(slots(pairs, source.len(), target.len())) {
            if self.exceeds() {
                break;
            }
            let step = PathStep::Slot(slot);
            match place {
                ArraySlot::Stays { index, at: there, is_equal } => {
                    (at, left) = (there + 1, source.len() - index - 1);
                    let outcome = match is_equal {
                        true => {
                            self.keep(step, &source[index]);
                            ValueChange::Stays
                        }
                        false => {
                            let key = keyed.and_then(|keyed| Some((keyed.name?, keyed.members[index])));
                            let shortens = keyed.is_none();
                            self.element((step, None), (&source[index], &target[there]), there, shortens, key)
                        }
                    };
                    stay += usize::from(outcome == ValueChange::Stays);
                }
                // Once its new place is met.
                ArraySlot::Goes(index) if moved.slots.contains_key(&index) => {}
                ArraySlot::Goes(index) => {
                    self.remove(step, index_length(at), &source[index]);
                    left = source.len() - index;
                    self.spend(1, left);
                }
                ArraySlot::Comes(there) => match moved.origins.get(&there) {
                    Some(&index) => {
                        let from = (PathStep::Slot(moved.slots[&index]), index_length(index.max(there)));
                        let node = self.move_element(from, (step, index_length(there)), &source[index]);
                        self.spend(1, source.len() - index + left);
                        let versions = (&source[index], &target[there]);
                        self.element((step, Some(node)), versions, there, false, None);
                    }
                    None => {
                        adds = true;
                        self.add(step, index_length(there), &target[there]);
                        self.spend(1, left);
                    }
                },
            }
        }
        (stay, adds)
    }

    /// Gives the current array its slots.
    fn set_slots(&mut self, source: &'v [Value], target: &'v [Value], pairs: &[Pairs], moved: &mut Moved) {
        let places = || slots(pairs, source.len(), target.len());
        let values = |place| match place {
            ArraySlot::Goes(index) => [&source[index]; 2],
            ArraySlot::Comes(at) => [moved.origins.get(&at).map_or(&target[at], |&index| &source[index]), &target[at]],
            ArraySlot::Stays { index, at, .. } => [&source[index], &target[at]],
        };
        let values = if self.options.guard == Guard::Changes { places().map(values).collect() } else { vec![] };
        if !moved.origins.is_empty() {
            let leaving: HashSet<usize> = moved.origins.values().copied().collect();
            moved.slots = (0..)
                .zip(places())
                .filter_map(|(slot, place)| match place {
                    ArraySlot::Goes(index) if leaving.contains(&index) => Some((index, slot)),
                    _ => None,
                })
                .collect();
        }
        let node = self.node();
        self.nodes.set_slots(node, Slots::new(places().map(|place| !matches!(place, ArraySlot::Comes(_))), values));
    }

    /// Goes into an element, which is changed inside, or replaced where that is shorter.
    fn element(
        &mut self,
        (step, node): (PathStep<'v>, Option<Node>),
        (old, new): (&'v Value, &'v Value),
        at: usize,
        shortens: bool,
        key: Option<(&'v str, &'v Value)>,
    ) -> ValueChange {
        self.enter(step, index_length(at), node);
        let start = self.written();
        let mut outcome = self.value(old, new);
        let has_changed = self.edits.len() > start.edits;
        if shortens && self.is_shorter_whole(start, old, new, 0) {
            outcome = self.replace_since(start, old, new);
        }
        let is_guarded = self.options.guard != Guard::None && has_changed && outcome == ValueChange::Stays;
        if let Some((name, key)) = key.filter(|_| is_guarded) {
            self.test_member(name, key, start.edits);
        }
        self.leave();
        // A moved one is at another place before; what is in it is found through its node.
        if !has_changed && node.is_none() {
            self.kept.truncate(start.kept);
            self.keep(step, old);
        }
        outcome
    }

    /// How many bytes are saved where elements that this array loses are those that it gets.
    fn saved_by_moves(&mut self, start: Checkpoint) -> usize {
        let (mut lost, mut gained): (Vec<Print>, Vec<Print>) = (vec![], vec![]);
        for edit in &self.edits[start.edits..] {
            match *edit {
                Edit::Remove { old, .. } => lost.push(self.fingerprints.of(old, LIMITS.depth())),
                Edit::Add { value, .. } => gained.push(self.fingerprints.of(value, LIMITS.depth())),
                _ => {}
            }
        }
        lost.sort_unstable_by_key(|print| print.hash);
        gained.sort_unstable_by_key(|print| print.hash);
        let (all, added) = (Leftover::of(&gained, &[]), Leftover::of(&gained, &lost));
        let [remove, add, moved] = [("remove", false), ("add", true), ("move", false)]
            .map(|(op, has_value)| operation_length(op, 0, has_value));
        (remove + add - moved) * (all.count - added.count) as usize + (all.size - added.size) as usize
    }

    /// Which elements have the same key, if arrays are compared by key and each element of both has another one.
    fn keyed(&mut self, source: &'v [Value], target: &'v [Value]) -> Option<Keyed<'v>> {
        let Arrays::ByKey(key) = &self.options.arrays else { return None };
        let name = match &key.0 {
            KeySource::Member(name) => Some(name.as_str()),
            KeySource::Function(_) => None,
        };
        let path = if name.is_none() { self.pointer() } else { Pointer::ROOT };
        let key = |element: &'v Value| match &key.0 {
            KeySource::Member(name) => element.get(name).map(Cow::Borrowed),
            KeySource::Function(key) => key(&path, element).map(Cow::Owned),
        };
        let sources = source.iter().map(key).collect::<Option<Vec<_>>>()?;
        let targets = target.iter().map(key).collect::<Option<Vec<_>>>()?;
        // All these keys exist until the end, so that no address is met twice.
        let mut fingerprints = Fingerprints::default();
        let mut hash = |key: &Value| fingerprints.of(key, LIMITS.depth()).hash;
        let mut indices = HashMap::with_capacity(source.len());
        for (index, key) in sources.iter().enumerate() {
            if indices.insert(hash(key), index).is_some() {
                return None;
            }
        }
        let (mut pairs, mut seen) = (vec![], HashMap::with_capacity(target.len()));
        for (at, key) in targets.iter().enumerate() {
            let hash = hash(key);
            pairs.extend(indices.get(&hash).map(|&index| (index, at)));
            if seen.insert(hash, at).is_some() {
                return None;
            }
        }
        let members = sources.iter().filter_map(|key| if let Cow::Borrowed(key) = key { Some(*key) } else { None });
        Some(Keyed { pairs, members: members.collect(), name })
    }

    /// Which of the elements with the same key stay where they are, and which are moved.
    fn in_order(&mut self, keyed: &Keyed<'v>, source: usize, target: &'v [Value]) -> (Vec<Pairs>, Moved) {
        let as_pairs = |pair: &Match| Pairs { run: Run::of_one(*pair), are_equal: false };
        if keyed.pairs.is_sorted() {
            return (keyed.pairs.iter().map(as_pairs).collect(), Moved::default());
        }
        let levels = self.levels_below();
        let weights: Vec<u32> = match self.options.moves {
            true => vec![],
            false => target.iter().map(|element| self.fingerprints.of(element, levels).size).collect(),
        };
        let weight = |(_, at): Match| weights.get(at).copied().unwrap_or(1);
        let chain = chain::heaviest_chain(source, keyed.pairs.iter().copied(), weight);
        let mut moved = Moved::default();
        if self.options.moves {
            let mut staying = chain.iter().peekable();
            for &(index, at) in &keyed.pairs {
                if staying.next_if(|pair| **pair == (index, at)).is_none() {
                    moved.origins.insert(at, index);
                }
            }
        }
        (chain.iter().map(as_pairs).collect(), moved)
    }

    /// Which elements are versions of each other by their position, in order; what has no match is removed or added.
    fn pairs(&mut self, source: &'v [Value], target: &'v [Value]) -> Vec<Pairs> {
        let levels = self.levels_below();
        let hashes = (self.arrays > COMPARED).then(|| {
            [source, target]
                .map(|list| list.iter().map(|element| self.fingerprints.of(element, levels).hash).collect::<Vec<_>>())
        });
        let are_equal = |index: usize, at: usize| match &hashes {
            Some([source, target]) => source[index] == target[at],
            None => value::equal(&source[index], &target[at]),
        };
        let equal = |run| Pairs { run, are_equal: hashes.is_none() };
        let shortest = source.len().min(target.len());
        let head = (0..shortest).take_while(|&index| are_equal(index, index)).count();
        let mut pairs = vec![equal(Run { start: (0, 0), length: head })];
        if head == shortest {
            return pairs;
        }
        let last = |back: &usize| are_equal(source.len() - 1 - back, target.len() - 1 - back);
        let tail = (0..shortest - head).take_while(last).count();
        let (sources, targets) = (head..source.len() - tail, head..target.len() - tail);
        let mut start = (head, head);
        if sources.len().saturating_mul(targets.len()) > FEW {
            let between = (&source[sources.clone()], &target[targets.clone()]);
            for run in anchors(between.0, between.1, |index, at| are_equal(index + head, at + head)) {
                let run = Run { start: (run.start.0 + head, run.start.1 + head), ..run };
                self.between(source, start.0..run.start.0, target, start.1..run.start.1, &mut pairs);
                start = run.end();
                pairs.push(equal(run));
            }
        }
        self.between(source, start.0..sources.end, target, start.1..targets.end, &mut pairs);
        pairs.push(equal(Run { start: (sources.end, targets.end), length: tail }));
        pairs
    }

    /// Matches elements where two arrays differ.
    fn between(
        &mut self,
        source: &'v [Value],
        sources: Range<usize>,
        target: &'v [Value],
        targets: Range<usize>,
        pairs: &mut Vec<Pairs>,
    ) {
        if alignment::fits(sources.len(), targets.len()) {
            return self.align(source, sources, target, targets, pairs);
        }
        let levels = self.levels_below();
        let hashes = source[sources.clone()].iter().map(|element| self.fingerprints.of(element, levels).hash);
        let hashes = hashes.collect::<Vec<_>>();
        let (others, sizes): (Vec<u64>, Vec<u32>) = target[targets.clone()]
            .iter()
            .map(|element| self.fingerprints.of(element, levels))
            .map(|print| (print.hash, print.size))
            .unzip();
        let moves = self.options.moves;
        let mut start = (sources.start, targets.start);
        let common = chain::common(&hashes, &others, |at| if moves { 1 } else { sizes[at] });
        if hashes.len().max(others.len()).saturating_sub(common.len()) > LIMITS.operations {
            // So many changes exceed the limit anyhow.
            return;
        }
        for (index, at) in common {
            let pair = (index + sources.start, at + targets.start);
            self.align(source, start.0..pair.0, target, start.1..pair.1, pairs);
            pairs.push(Pairs { run: Run::of_one(pair), are_equal: false });
            start = (pair.0 + 1, pair.1 + 1);
        }
        self.align(source, start.0..sources.end, target, start.1..targets.end, pairs);
    }

    /// Matches elements so that the operations are short.
    fn align(
        &mut self,
        source: &'v [Value],
        sources: Range<usize>,
        target: &'v [Value],
        targets: Range<usize>,
        pairs: &mut Vec<Pairs>,
    ) {
        let start = (sources.start, targets.start);
        let found = match (sources.len(), targets.len()) {
            (0, _) | (_, 0) => return,
            (1, 1) => vec![(0, 0)],
            _ => {
                let levels = self.levels_below();
                let [source, target] = [&source[sources], &target[targets]]
                    .map(|list| list.iter().map(|element| self.item(element, levels)).collect::<Vec<_>>());
                let mut movable: Vec<u64> =
                    if self.options.moves { source.iter().map(|item| item.print.hash).collect() } else { vec![] };
                movable.sort_unstable();
                let tariff = Tariff {
                    path: self.path_length,
                    at: start.1,
                    is_guarded: self.options.guard != Guard::None,
                    movable: &movable,
                };
                alignment::pairs(&source, &target, tariff)
            }
        };
        pairs.extend(found.into_iter().map(|(index, at)| {
            let run = Run::of_one((start.0 + index, start.1 + at));
            Pairs { run, are_equal: false }
        }));
    }

    fn item(&mut self, element: &Value, levels: usize) -> Item {
        let kind = match element {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => ItemKind::Scalar,
            Value::Array(_) => ItemKind::Array,
            Value::Object(_) => ItemKind::Object,
        };
        let content = self.fingerprints.of_content(element, levels.saturating_sub(1));
        Item { print: self.fingerprints.of(element, levels), kind, content }
    }
}

/// The slots of an array, in order. Between two elements that stay, those that go come first.
fn slots(pairs: &[Pairs], source: usize, target: usize) -> impl Iterator<Item = ArraySlot> {
    let end = Pairs { run: Run { start: (source, target), length: 0 }, are_equal: true };
    let mut start = (0, 0);
    pairs.iter().map(|pairs| (pairs.run, pairs.are_equal)).chain([(end.run, end.are_equal)]).flat_map(
        move |(run, is_equal)| {
            let gap = (start.0..run.start.0).map(ArraySlot::Goes).chain((start.1..run.start.1).map(ArraySlot::Comes));
            start = run.end();
            let stays =
                move |offset| ArraySlot::Stays { index: run.start.0 + offset, at: run.start.1 + offset, is_equal };
            gap.chain((0..run.length).map(stays))
        },
    )
}
