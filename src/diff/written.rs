//! From edits to the operations of a patch: where each node is when its edit applies, and what a guard tests there.

use serde_json::Value;

use super::{
    edit::{Edit, EditTree, Node, PathStep},
    options::Guard,
    versions::{LIMITS, Versions},
};
use crate::{
    json::value,
    patch::{operation::Operation, pointer::Pointer},
};

impl<'v> Versions<'v> {
    /// The operations, or `None` where moves and copies make their pointers exceed a limit: an index may be longer before
    /// a move than it is in the end, and a copy has two pointers. Without them the walk has kept the limits.
    pub(super) fn into_operations(self) -> Option<Vec<Operation>> {
        let moves = self.options.moves;
        let mut writer = PatchWriter {
            guard: self.options.guard,
            nodes: self.nodes,
            operations: Vec::with_capacity(self.edits.len()),
            steps: vec![],
            pointers: 0,
            longest: 0,
            added: None,
        };
        self.edits.into_iter().for_each(|edit| writer.write(edit));
        let fits = writer.longest <= LIMITS.pointer_bytes && writer.pointers <= LIMITS.copied_bytes;
        (fits || !moves).then_some(writer.operations)
    }

    /// Where the current values are.
    pub(super) fn pointer(&mut self) -> Pointer {
        let node = self.node();
        let mut steps = vec![];
        self.nodes.steps(node, &mut steps);
        to_pointer(&steps)
    }
}

struct PatchWriter<'v> {
    guard: Guard,
    nodes: EditTree<'v>,
    operations: Vec<Operation>,
    /// To the node of the last pointer.
    steps: Vec<PathStep<'v>>,
    /// The length of all pointers, and of the longest.
    pointers: usize,
    longest: usize,
    /// The array and the slot of an addition that was just written.
    added: Option<(Node, u32)>,
}

impl<'v> PatchWriter<'v> {
    fn write(&mut self, edit: Edit<'v>) {
        let added = self.added.take();
        match edit {
            Edit::Add { node, value } => {
                if let PathStep::Slot(slot) = self.nodes.step(node) {
                    let array = self.nodes.parent(node);
                    // Before the first of several.
                    if self.guard == Guard::Changes
                        && added.is_none_or(|(other, before)| (other, before + 1) != (array, slot))
                    {
                        self.test_neighbour(array, slot);
                    }
                    self.added = Some((array, slot));
                }
                let (path, value) = (self.pointer(node), self.copy(value));
                self.nodes.arrive(node);
                self.operations.push(Operation::Add { path, value });
            }
            Edit::Remove { node, old } => {
                self.guard(node, old);
                let path = self.pointer(node);
                self.nodes.leave(node);
                self.operations.push(Operation::Remove { path });
            }
            Edit::Replace { node, old, value } => {
                self.guard(node, old);
                let (path, value) = (self.pointer(node), self.copy(value));
                self.operations.push(Operation::Replace { path, value });
            }
            Edit::Move { from: node, node: to, old } => {
                self.guard(node, old);
                let from = self.pointer(node);
                self.nodes.leave(node);
                self.nodes.relocate(node, to);
                let path = self.pointer(node);
                self.nodes.arrive(node);
                let inside = path.as_str().strip_prefix(from.as_str());
                match inside {
                    // It is there already.
                    Some("") => {}
                    // The pointer goes through what comes after it (RFC 6902 section 4.4 forbids it nonetheless).
                    Some(inside) if inside.starts_with('/') => {
                        let value = self.copy(old);
                        self.operations.extend([Operation::Remove { path: from }, Operation::Add { path, value }]);
                    }
                    _ => self.operations.push(Operation::Move { from, path }),
                }
            }
            Edit::Copy { from, node } => {
                let (from, path) = (self.pointer(from), self.pointer(node));
                self.nodes.arrive(node);
                self.operations.push(Operation::Copy { from, path });
            }
            Edit::Test { node, old } => self.test(node, old),
            Edit::Joined => {}
        }
    }

    fn guard(&mut self, node: Node, old: &Value) {
        if self.guard != Guard::None {
            self.test(node, old);
        }
    }

    fn test(&mut self, node: Node, old: &Value) {
        let (path, value) = (self.pointer(node), self.copy(old));
        self.operations.push(Operation::Test { path, value });
    }

    /// Tests the element before which one is added, or the last one, or that there is none.
    fn test_neighbour(&mut self, array: Node, slot: u32) {
        match self.nodes.slots(array).and_then(|slots| slots.neighbour(slot)) {
            Some((index, old)) => {
                let mut path = self.pointer(array);
                path.push_index(index as usize);
                let value = self.copy(old);
                self.operations.push(Operation::Test { path, value });
            }
            None => {
                let path = self.pointer(array);
                self.operations.push(Operation::Test { path, value: Value::Array(vec![]) });
            }
        }
    }

    fn pointer(&mut self, node: Node) -> Pointer {
        self.nodes.steps(node, &mut self.steps);
        let pointer = to_pointer(&self.steps);
        self.pointers += pointer.as_str().len();
        self.longest = self.longest.max(pointer.as_str().len());
        pointer
    }

    /// A copy of a value for an operation at the last pointer.
    fn copy(&self, value: &Value) -> Value {
        value::copy(value, LIMITS.depth().saturating_sub(self.steps.len()))
    }
}

fn to_pointer(steps: &[PathStep<'_>]) -> Pointer {
    let mut pointer = Pointer::with_capacity(steps.iter().map(PathStep::length).sum());
    for step in steps {
        match *step {
            PathStep::Name(name) => pointer.push(name),
            PathStep::Slot(index) => pointer.push_index(index as usize),
        }
    }
    pointer
}
