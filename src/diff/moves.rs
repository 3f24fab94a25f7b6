//! Where a value is removed in one place and added in another, it is moved; where a long one is added that is elsewhere,
//! it is copied.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    edit::{Edit, EditTree, Node, PathStep},
    options::Guard,
    versions::{LIMITS, Versions, may_be_copied},
};
use crate::json::{
    name::{Case, NameIndex},
    value,
};

/// A removal or an addition: what its value is known by, the node around it, and the number of its edit.
type Candidate = (u64, Node, usize);

impl<'v> Versions<'v> {
    /// Joins removals and additions of equal values into moves, at the earlier of both. A name that changes its case is
    /// removed before it is added, also where a dialect ignores case; an object's removals come before its additions. A
    /// guard tests what is around a change, and only knows what happened to the same container.
    pub(super) fn join_moves(&mut self) {
        let (mut removed, mut added): (Vec<Candidate>, Vec<Candidate>) = (vec![], vec![]);
        let mut names: HashMap<Node, NameIndex<usize>> = HashMap::new();
        for (number, edit) in self.edits.iter().enumerate() {
            match *edit {
                Edit::Remove { node, old } => {
                    let around = self.nodes.parent(node);
                    removed.push((self.fingerprints.of(old, LIMITS.depth()).hash, around, number));
                    if let PathStep::Name(name) = self.nodes.step(node) {
                        names.entry(around).or_insert_with(|| NameIndex::new(Case::Folded)).insert(name, number);
                    }
                }
                Edit::Add { node, value } => {
                    let around = self.nodes.parent(node);
                    let is_recased = match (self.nodes.step(node), names.get(&around)) {
                        (PathStep::Name(name), Some(names)) => names.find(name) != Ok(None),
                        _ => false,
                    };
                    if !is_recased {
                        added.push((self.fingerprints.of(value, LIMITS.depth()).hash, around, number));
                    }
                }
                _ => {}
            }
        }
        removed.sort_unstable();
        added.sort_unstable();
        self.join(&removed, &added, |&(hash, around, _)| (hash, around));
        if self.options.guard == Guard::None {
            self.join(&removed, &added, |&(hash, ..)| (hash, 0));
        }
    }

    /// Joins candidates whose keys are equal, in order.
    fn join(&mut self, removed: &[Candidate], added: &[Candidate], key: impl Fn(&Candidate) -> (u64, Node)) {
        let mut removed = removed.iter().peekable();
        for candidate in added {
            let (wanted, Edit::Add { node: to, value }) = (key(candidate), self.edits[candidate.2]) else {
                continue;
            };
            while let Some(other) = removed.next_if(|other| key(other) <= wanted) {
                let Edit::Remove { node: from, old } = self.edits[other.2] else {
                    continue;
                };
                if key(other) == wanted && value::equal(old, value) {
                    self.edits[candidate.2.max(other.2)] = Edit::Joined;
                    self.edits[candidate.2.min(other.2)] = Edit::Move { from, node: to, old };
                    break;
                }
            }
        }
    }

    /// Makes copies of additions, where what is equal in both versions or was added before has the same value and a
    /// pointer that is shorter.
    pub(super) fn join_copies(&mut self) {
        let mut wanted = Wanted { additions: HashMap::new(), copied_bytes: LIMITS.copied_bytes };
        for (number, edit) in self.edits.iter().enumerate() {
            match *edit {
                Edit::Add { value, .. } if may_be_copied(value) => {
                    let hash = self.fingerprints.of(value, LIMITS.depth()).hash;
                    wanted.additions.entry(hash).or_default().push(number);
                }
                _ => {}
            }
        }
        let mut steps = vec![];
        for (around, step, value) in std::mem::take(&mut self.kept) {
            if wanted.additions.is_empty() {
                return;
            }
            self.nodes.steps(around, &mut steps);
            let length = steps.iter().map(|step| step.length()).sum();
            let levels = LIMITS.depth().saturating_sub(steps.len() + 1);
            self.copy_from(value, around, (&mut vec![step], length), levels, &mut wanted);
        }
        for (_, additions) in std::mem::take(&mut wanted.additions) {
            let Edit::Add { node, value, .. } = self.edits[additions[0]] else { continue };
            self.nodes.steps(node, &mut steps);
            let length = steps.iter().map(|step| step.length()).sum();
            let from = |_: &mut EditTree<'v>| node;
            self.copy_to(&additions[1..], value, length, from, &mut wanted);
        }
    }

    /// Looks for values that are wanted in one that is equal in both versions, where `path` leads to from `around`.
    fn copy_from(
        &mut self,
        value: &'v Value,
        around: Node,
        (path, length): (&mut Vec<PathStep<'v>>, usize),
        levels: usize,
        wanted: &mut Wanted,
    ) {
        if !may_be_copied(value) {
            return;
        }
        let length = length + path.last().map_or(0, PathStep::length);
        let hash = self.fingerprints.of(value, levels).hash;
        if let Some(additions) = wanted.additions.remove(&hash) {
            let from = |nodes: &mut EditTree<'v>| path.iter().fold(around, |node, step| nodes.add(node, *step));
            self.copy_to(&additions, value, length, from, wanted);
        }
        let Some(levels) = levels.checked_sub(1) else { return };
        let mut inside = |step, child| {
            path.push(step);
            self.copy_from(child, around, (path, length), levels, wanted);
            path.pop();
        };
        match value {
            Value::Array(elements) => (0..).zip(elements).for_each(|(slot, child)| inside(PathStep::Slot(slot), child)),
            Value::Object(members) => members.iter().for_each(|(name, child)| inside(PathStep::Name(name), child)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Makes copies of these additions, given the value that is copied and the length of its pointer.
    fn copy_to(
        &mut self,
        additions: &[usize],
        copied: &Value,
        length: usize,
        from: impl FnOnce(&mut EditTree<'v>) -> Node,
        wanted: &mut Wanted,
    ) {
        let Some(size) = value::size_within(copied, wanted.copied_bytes) else { return };
        // `copy` is two bytes longer than `add`, besides the value and the pointer to it.
        if size <= length + 2 {
            return;
        }
        let from = from(&mut self.nodes);
        for &number in additions {
            let Edit::Add { node, value, .. } = self.edits[number] else { continue };
            if size <= wanted.copied_bytes && value::equal(copied, value) {
                wanted.copied_bytes -= size;
                self.edits[number] = Edit::Copy { from, node };
            }
        }
    }
}

/// The additions that may become copies, by the fingerprints of their values.
struct Wanted {
    additions: HashMap<u64, Vec<usize>>,
    /// How much may still be copied.
    copied_bytes: usize,
}
