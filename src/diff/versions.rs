//! One walk through two versions of a document, which notes what changed. How arrays are walked is in `arrays`.

use serde_json::{Map, Value};

use super::{
    edit::{Edit, EditTree, Node, PathStep, operation_length},
    fingerprint::Fingerprints,
    options::{DiffOptions, Guard},
};
use crate::{dialect::Limits, json::value};

/// The limits that a diff keeps, so that its operations are not refused where the defaults hold.
pub(super) const LIMITS: Limits = Limits::DEFAULT;

/// A walk through two versions of a document.
pub(super) struct Versions<'v> {
    pub(super) options: &'v DiffOptions,
    /// Copies are written. A guard would have to test what is copied, which is longer than adding it.
    pub(super) copies: bool,
    /// What leads to the current values.
    path: Vec<Entered<'v>>,
    /// The length of the path as a pointer.
    pub(super) path_length: usize,
    /// How many arrays are around the current values.
    pub(super) arrays: usize,
    pub(super) edits: Vec<Edit<'v>>,
    pub(super) nodes: EditTree<'v>,
    written: Checkpoint,
    pub(super) fingerprints: Fingerprints,
    /// What is equal in both versions and may be copied from, where copies are written.
    pub(super) kept: Vec<(Node, PathStep<'v>, &'v Value)>,
}

/// A step that was entered.
struct Entered<'v> {
    step: PathStep<'v>,
    /// Its length in a pointer, with its slash.
    length: usize,
    /// Once there is an edit in it.
    node: Option<Node>,
}

/// What was written up to a point.
#[derive(Clone, Copy, Default)]
pub(super) struct Checkpoint {
    pub(super) edits: usize,
    pub(super) kept: usize,
    operations: usize,
    /// In bytes of JSON; only counted within arrays.
    length: usize,
    /// What the operations will cost of [`Limits::work`].
    work: usize,
    /// The length of all pointers.
    pointers: usize,
    /// The pointers that are longer than the limit.
    long_pointers: usize,
}

/// How a value was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueChange {
    /// Not at all, or inside.
    Stays,
    Replaced,
}

impl<'v> Versions<'v> {
    pub(super) fn new(options: &'v DiffOptions) -> Versions<'v> {
        Versions {
            options,
            copies: options.moves && options.guard == Guard::None,
            path: Vec::with_capacity(8),
            path_length: 0,
            arrays: 0,
            edits: vec![],
            nodes: EditTree::new(),
            written: Checkpoint::default(),
            fingerprints: Fingerprints::default(),
            kept: vec![],
        }
    }

    pub(super) fn value(&mut self, old: &'v Value, new: &'v Value) -> ValueChange {
        let can_be_opened = self.path.len() < LIMITS.depth() && self.path_length <= LIMITS.pointer_bytes;
        match (old, new) {
            (Value::Object(source), Value::Object(target)) if can_be_opened => self.object(old, source, new, target),
            (Value::Array(source), Value::Array(target)) if can_be_opened && self.opens_arrays() => {
                self.array(old, source, new, target)
            }
            _ if value::equal(old, new) => ValueChange::Stays,
            _ => {
                self.replace(old, new);
                ValueChange::Replaced
            }
        }
    }

    fn object(
        &mut self,
        old: &'v Value,
        source: &'v Map<String, Value>,
        new: &'v Value,
        target: &'v Map<String, Value>,
    ) -> ValueChange {
        let start = self.written();
        let (mut removed, mut added) = (vec![], 0);
        let (mut sources, mut targets) = (source.iter(), target.iter());
        let (mut left, mut right) = (sources.next(), targets.next());
        loop {
            match (left, right) {
                (Some((name, old)), Some((other, new))) if name == other => {
                    if value::are_equal_scalars(old, new) {
                        self.keep(PathStep::Name(name), old);
                    } else if self.member(name, old, new) {
                        break;
                    }
                    (left, right) = (sources.next(), targets.next());
                }
                (Some((name, old)), _) if !target.contains_key(name) => {
                    removed.push((name.as_str(), old));
                    left = sources.next();
                }
                (_, Some((name, new))) => {
                    let exceeds = match source.get(name) {
                        Some(old) => self.member(name, old, new),
                        None => {
                            self.add(PathStep::Name(name), PathStep::Name(name).length(), new);
                            added += 1;
                            self.exceeds()
                        }
                    };
                    if exceeds {
                        break;
                    }
                    right = targets.next();
                }
                // It was met among the target's members, which have another order.
                (Some(_), None) => left = sources.next(),
                (None, None) => break,
            }
        }
        if self.edits.len() == start.edits && removed.is_empty() {
            return ValueChange::Stays;
        }
        self.spend(removed.len(), source.len());
        self.spend(added, target.len());
        self.put_first(start, (added > 0).then_some(old), &removed);
        self.close(start, old, new, false)
    }

    /// Goes into a member. Returns whether a limit is exceeded, so that nothing more needs to be written.
    fn member(&mut self, name: &'v str, old: &'v Value, new: &'v Value) -> bool {
        self.enter(PathStep::Name(name), PathStep::Name(name).length(), None);
        let start = self.written();
        self.value(old, new);
        self.leave();
        if self.edits.len() > start.edits {
            return self.exceeds();
        }
        self.kept.truncate(start.kept);
        self.keep(PathStep::Name(name), old);
        false
    }

    /// Goes into an element, which is changed inside, or replaced.
    pub(super) fn enter(&mut self, step: PathStep<'v>, length: usize, node: Option<Node>) {
        self.path.push(Entered { step, length, node });
        self.path_length += length;
    }

    pub(super) fn leave(&mut self) {
        self.path_length -= self.path.pop().map_or(0, |entered| entered.length);
    }

    /// The node of the current values.
    pub(super) fn node(&mut self) -> Node {
        let known = self.path.iter().rposition(|entered| entered.node.is_some());
        let mut node = known.and_then(|last| self.path[last].node).unwrap_or(EditTree::ROOT);
        for entered in &mut self.path[known.map_or(0, |last| last + 1)..] {
            node = self.nodes.add(node, entered.step);
            entered.node = Some(node);
        }
        node
    }

    /// How many levels of the current values may be opened.
    pub(super) fn levels_below(&self) -> usize {
        LIMITS.depth().saturating_sub(self.path.len())
    }

    /// Ends the edits of a container: as they are, or by replacing it whole.
    pub(super) fn close(&mut self, start: Checkpoint, old: &'v Value, new: &'v Value, is_another: bool) -> ValueChange {
        if self.exceeds() || is_another { self.replace_since(start, old, new) } else { ValueChange::Stays }
    }

    /// Whether what was written exceeds a limit, so that a container around it has to be replaced.
    pub(super) fn exceeds(&self) -> bool {
        let Checkpoint { operations, work, pointers, long_pointers, .. } = self.written;
        operations > LIMITS.operations || work > LIMITS.work || pointers > LIMITS.copied_bytes || long_pointers > 0
    }

    /// Accounts for operations that search or shift so many members or elements each, at most.
    pub(super) fn spend(&mut self, operations: usize, items: usize) {
        self.written.work = self.written.work.saturating_add(operations.saturating_mul(items));
    }

    /// Whether replacing the container is shorter than the several changes that were written for it, of whose length
    /// some will be saved.
    pub(super) fn is_shorter_whole(&self, start: Checkpoint, old: &Value, new: &Value, saved: usize) -> bool {
        let before = (self.options.guard != Guard::None).then_some(old);
        if self.written.operations - start.operations <= 1 + usize::from(before.is_some()) {
            return false;
        }
        let left = (self.written.length - start.length).saturating_sub(saved);
        let rest = before.into_iter().map(|old| ("test", old)).chain([("replace", new)]).try_fold(
            left,
            |left, (op, value)| {
                let left = left.checked_sub(operation_length(op, self.path_length, true))?;
                Some(left - value::size_within(value, left)?)
            },
        );
        rest.is_some_and(|left| left > 0)
    }

    /// Takes back what was written since then, and replaces the current values.
    pub(super) fn replace_since(&mut self, start: Checkpoint, old: &'v Value, new: &'v Value) -> ValueChange {
        self.edits.truncate(start.edits);
        self.kept.truncate(start.kept);
        self.written = start;
        self.replace(old, new);
        ValueChange::Replaced
    }

    pub(super) fn written(&self) -> Checkpoint {
        Checkpoint { edits: self.edits.len(), kept: self.kept.len(), ..self.written }
    }

    /// Puts what comes first in front of the edits that were written since then: where something is added, the guard
    /// of the whole container, and the removals of an object.
    pub(super) fn put_first(&mut self, start: Checkpoint, whole: Option<&'v Value>, removed: &[(&'v str, &'v Value)]) {
        let length = self.edits.len();
        if let Some(old) = whole.filter(|_| self.options.guard == Guard::Containers) {
            self.test(old);
        }
        for (name, old) in removed {
            self.remove(PathStep::Name(name), PathStep::Name(name).length(), old);
        }
        let count = self.edits.len() - length;
        self.edits[start.edits..].rotate_right(count);
    }

    pub(super) fn add(&mut self, step: PathStep<'v>, length: usize, value: &'v Value) {
        let around = self.node();
        let node = self.nodes.add(around, step);
        let path = self.path_length + length;
        if self.options.guard == Guard::Changes && matches!(step, PathStep::Slot(_)) {
            self.account("test", path, path, None);
        }
        self.account("add", path, path, Some(value));
        self.edits.push(Edit::Add { node, value });
    }

    pub(super) fn remove(&mut self, step: PathStep<'v>, length: usize, old: &'v Value) {
        let around = self.node();
        let node = self.nodes.add(around, step);
        let path = self.path_length + length;
        self.account_guard(path, old);
        self.account("remove", path, path, None);
        self.edits.push(Edit::Remove { node, old });
    }

    /// Moves an element of the current array; it is at a node from then on.
    pub(super) fn move_element(
        &mut self,
        from: (PathStep<'v>, usize),
        to: (PathStep<'v>, usize),
        old: &'v Value,
    ) -> Node {
        let around = self.node();
        let [from_node, node] = [from, to].map(|(step, _)| self.nodes.add(around, step));
        let paths = [from, to].map(|(_, length)| self.path_length + length);
        self.account_guard(paths[0], old);
        self.account("move", paths[0].max(paths[1]), paths[0] + paths[1], None);
        self.edits.push(Edit::Move { from: from_node, node, old });
        from_node
    }

    pub(super) fn replace(&mut self, old: &'v Value, new: &'v Value) {
        let node = self.node();
        self.account_guard(self.path_length, old);
        self.account("replace", self.path_length, self.path_length, Some(new));
        self.edits.push(Edit::Replace { node, old, value: new });
    }

    /// Tests the current value.
    fn test(&mut self, old: &'v Value) {
        let node = self.node();
        self.account("test", self.path_length, self.path_length, Some(old));
        self.edits.push(Edit::Test { node, old });
    }

    /// Tests a member of the current value before the edits from there on.
    pub(super) fn test_member(&mut self, name: &'v str, old: &'v Value, before: usize) {
        let path = self.path_length + PathStep::Name(name).length();
        self.account("test", path, path, Some(old));
        let around = self.node();
        let node = self.nodes.add(around, PathStep::Name(name));
        self.edits.insert(before, Edit::Test { node, old });
    }

    fn account_guard(&mut self, path: usize, old: &Value) {
        if self.options.guard != Guard::None {
            self.account("test", path, path, Some(old));
        }
    }

    /// Accounts for an operation, given its longest pointer and the length of all of them.
    fn account(&mut self, op: &str, longest: usize, pointers: usize, value: Option<&Value>) {
        self.written.operations += 1;
        self.written.pointers += pointers;
        self.written.long_pointers += usize::from(longest > LIMITS.pointer_bytes);
        if self.arrays != 0 {
            let size = value.and_then(|value| value::size_within(value, usize::MAX)).unwrap_or(0);
            self.written.length += operation_length(op, pointers, value.is_some()) + size;
        }
    }

    /// Notes that a child of the current values is equal in both versions.
    #[inline(always)]
    pub(super) fn keep(&mut self, step: PathStep<'v>, value: &'v Value) {
        if self.copies {
            self.keep_to_copy(step, value);
        }
    }

    fn keep_to_copy(&mut self, step: PathStep<'v>, value: &'v Value) {
        if may_be_copied(value) {
            let node = self.node();
            self.kept.push((node, step, value));
        }
    }
}

/// Whether a value may be longer than the pointer to another one.
pub(super) fn may_be_copied(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.len() > 16,
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}
