//! What a diff changes, before it is written: edits at the nodes of the document, in the order in which they apply.
//!
//! A node is a place by identity: its path is only found when its edit is written. So an edit can be moved to an earlier
//! one, which joins a removal and an addition into a `move`, without a look at the edits between them.

use serde_json::Value;

/// The number of a node in its [`EditTree`].
pub(super) type Node = u32;

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum PathStep<'v> {
    Name(&'v str),
    /// In an array with [`Slots`] a slot, in any other the index.
    Slot(u32),
}

impl PathStep<'_> {
    /// The length of the step in a pointer, with its slash.
    pub(super) fn length(&self) -> usize {
        match *self {
            PathStep::Name(name) => 1 + name.len() + name.bytes().filter(|byte| matches!(byte, b'~' | b'/')).count(),
            PathStep::Slot(index) => 2 + index.checked_ilog10().unwrap_or(0) as usize,
        }
    }
}

/// The length of an index in a pointer, with its slash.
pub(super) fn index_length(index: usize) -> usize {
    PathStep::Slot(index as u32).length()
}

/// A change of one node.
#[derive(Clone, Copy)]
pub(super) enum Edit<'v> {
    Add {
        node: Node,
        value: &'v Value,
    },
    Remove {
        node: Node,
        old: &'v Value,
    },
    Replace {
        node: Node,
        old: &'v Value,
        value: &'v Value,
    },
    Move {
        from: Node,
        node: Node,
        old: &'v Value,
    },
    Copy {
        from: Node,
        node: Node,
    },
    Test {
        node: Node,
        old: &'v Value,
    },
    /// It became a part of another edit.
    Joined,
}

/// The nodes that edits are about, and those around them.
pub(super) struct EditTree<'v> {
    list: Vec<EditPlace<'v>>,
    /// The slots of the arrays whose elements come or go.
    slots: Vec<Slots<'v>>,
}

struct EditPlace<'v> {
    parent: Node,
    step: PathStep<'v>,
    /// The number of its slots, from 1 on; 0 is none.
    slots: u32,
}

impl<'v> EditTree<'v> {
    pub(super) const ROOT: Node = 0;

    pub(super) fn new() -> EditTree<'v> {
        let root = EditPlace { parent: EditTree::ROOT, step: PathStep::Name(""), slots: 0 };
        let mut list = Vec::with_capacity(8);
        list.push(root);
        EditTree { list, slots: vec![] }
    }

    pub(super) fn add(&mut self, parent: Node, step: PathStep<'v>) -> Node {
        self.list.push(EditPlace { parent, step, slots: 0 });
        (self.list.len() - 1) as Node
    }

    pub(super) fn parent(&self, node: Node) -> Node {
        self.list[node as usize].parent
    }

    /// The steps from the root to a node; a slot as the index that it has now.
    pub(super) fn steps(&self, node: Node, steps: &mut Vec<PathStep<'v>>) {
        steps.clear();
        let mut next = node;
        while next != EditTree::ROOT {
            let EditPlace { parent, step, .. } = self.list[next as usize];
            steps.push(match step {
                PathStep::Slot(slot) => PathStep::Slot(self.slots(parent).map_or(slot, |slots| slots.index(slot))),
                name @ PathStep::Name(_) => name,
            });
            next = parent;
        }
        steps.reverse();
    }

    pub(super) fn set_slots(&mut self, node: Node, slots: Slots<'v>) {
        self.slots.push(slots);
        self.list[node as usize].slots = self.slots.len() as u32;
    }

    pub(super) fn slots(&self, node: Node) -> Option<&Slots<'v>> {
        let number = self.list[node as usize].slots.checked_sub(1)?;
        self.slots.get(number as usize)
    }

    /// The array around a node with its slots, and the node's slot.
    fn element(&mut self, node: Node) -> Option<(&mut Slots<'v>, u32)> {
        let EditPlace { parent, step: PathStep::Slot(slot), .. } = self.list[node as usize] else { return None };
        let number = self.list[parent as usize].slots.checked_sub(1)?;
        self.slots.get_mut(number as usize).map(|slots| (slots, slot))
    }

    pub(super) fn step(&self, node: Node) -> PathStep<'v> {
        self.list[node as usize].step
    }

    /// The node is taken out of its array.
    pub(super) fn leave(&mut self, node: Node) {
        if let Some((slots, slot)) = self.element(node) {
            slots.change(slot, u32::wrapping_sub);
        }
    }

    /// The node is put into its array.
    pub(super) fn arrive(&mut self, node: Node) {
        if let Some((slots, slot)) = self.element(node) {
            slots.change(slot, u32::wrapping_add);
        }
    }

    /// What is at one node is at the place of another from now on.
    pub(super) fn relocate(&mut self, from: Node, to: Node) {
        let EditPlace { parent, step, .. } = self.list[to as usize];
        let place = &mut self.list[from as usize];
        (place.parent, place.step) = (parent, step);
    }
}

/// All elements that an array has at any time, in order: where elements of both versions are between the same two
/// others, those that go come first. Which of them are there is counted in a Fenwick tree: an index is the number of
/// elements before it.
pub(super) struct Slots<'v> {
    counts: Vec<u32>,
    present: u32,
    /// Before and after their edits, in the order of the slots; empty where nobody asks.
    values: Vec<[&'v Value; 2]>,
}

impl<'v> Slots<'v> {
    /// The slots of which some are filled at first.
    pub(super) fn new(filled: impl Iterator<Item = bool>, values: Vec<[&'v Value; 2]>) -> Slots<'v> {
        let mut counts: Vec<u32> = filled.map(u32::from).collect();
        let present = counts.iter().sum();
        for slot in 0..counts.len() {
            let next = slot | (slot + 1);
            if next < counts.len() {
                counts[next] += counts[slot];
            }
        }
        Slots { counts, present, values }
    }

    /// How many elements are before a slot.
    fn index(&self, slot: u32) -> u32 {
        let (mut count, mut end) = (0, slot as usize);
        while end > 0 {
            count += self.counts[end - 1];
            end &= end - 1;
        }
        count
    }

    fn change(&mut self, slot: u32, change: impl Fn(u32, u32) -> u32) {
        self.present = change(self.present, 1);
        let mut slot = slot as usize;
        while slot < self.counts.len() {
            self.counts[slot] = change(self.counts[slot], 1);
            slot |= slot + 1;
        }
    }

    /// The slot that has this index.
    fn at(&self, index: u32) -> usize {
        let (mut slot, mut left) = (0, index + 1);
        let mut size = self.counts.len().next_power_of_two();
        while size > 0 {
            if let Some(count) = self.counts.get(slot + size - 1).filter(|&&count| count < left) {
                slot += size;
                left -= count;
            }
            size /= 2;
        }
        slot
    }

    /// The element that is where a slot would be filled, or the last one: its index and its value. Before the slot all
    /// edits are made, after it none is.
    pub(super) fn neighbour(&self, slot: u32) -> Option<(u32, &'v Value)> {
        let index = self.index(slot);
        let last = self.present.checked_sub(1)?;
        let [before, after] = self.values[self.at(index.min(last))];
        Some(if index <= last { (index, before) } else { (last, after) })
    }
}

/// The length of an operation as JSON with the comma after it, but for its value; `path` is the length of its pointers.
pub(super) fn operation_length(op: &str, path: usize, has_value: bool) -> usize {
    let more = match (op, has_value) {
        (_, true) => r#","value":"#.len(),
        ("move" | "copy", false) => r#","from":"""#.len(),
        (_, false) => 0,
    };
    r#"{"op":"","path":""},"#.len() + op.len() + path + more
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::patch::{operation::Operation, pointer::Pointer};

    #[test]
    fn an_operation_is_as_long_as_it_is_counted() {
        let (path, from) = (|| Pointer::from_tokens(["name"]), || Pointer::from_tokens(["other"]));
        for (operation, paths, value) in [
            (Operation::Remove { path: path() }, 5, None),
            (Operation::Add { path: path(), value: json!([1, {"a": null}]) }, 5, Some(r#"[1,{"a":null}]"#)),
            (Operation::Replace { path: Pointer::ROOT, value: json!("text") }, 0, Some(r#""text""#)),
            (Operation::Move { from: from(), path: path() }, 11, None),
            (Operation::Copy { from: from(), path: path() }, 11, None),
        ] {
            let counted = operation_length(operation.name(), paths, value.is_some()) + value.map_or(0, str::len);
            let text = serde_json::to_string(&operation).expect("an operation is JSON");
            assert_eq!(counted, text.len() + ",".len(), "{text}");
        }
    }
}
