//! From two versions of a document to the operations that turn one into the other.
//!
//! One walk goes through both at once and writes a path only where something changed. Which elements of two arrays
//! belong together is decided in `script`, by fingerprints (`fingerprint`); merge patches are made in `merge`.

mod alike;
mod fingerprint;
mod merge;
mod script;

use std::ops::Range;

use serde_json::{Map, Value};

use self::{
    fingerprint::Fingerprints,
    script::{Effort, Run},
};
use crate::{
    dialect::Limits,
    json::value,
    patch::{
        operation::{Operation, Patch},
        pointer::Pointer,
    },
};

pub use self::merge::merge_diff;

/// The limits that a diff keeps, so that its operations are not refused where the defaults hold.
const LIMITS: Limits = Limits::DEFAULT;

/// In an array that is itself in fewer arrays than this, equal elements at the ends are found by comparing them, which
/// spares their fingerprints. Further in, elements that differ would be compared again for each array around them.
const COMPARED: usize = 2;

/// The operations that turn `source` into `target` (RFC 6902): `add`, `remove` and `replace` only, which every dialect
/// has.
///
/// Applying them to the source gives the target: under [`Dialect::RFC`](crate::Dialect::RFC) for any two values, and
/// under a dialect that ignores case where no object holds two names that differ only by case (in each object the
/// removals come first, so that a name may change its case). The source may be nested as deep as it likes; what is
/// written of the target has to keep the depth limit, 127 levels. Equal parts give no operation and keep the source's
/// spelling: `1` and `1.0` are equal.
///
/// ```
/// use entity_patch::{Dialect, apply, diff};
/// use serde_json::json;
///
/// let source = json!({"Events": ["sale.sold"], "Name": "old", "Secret": "s"});
/// let target = json!({"Events": ["sale.lost", "sale.sold"], "Name": "new"});
/// let patch = diff(&source, &target);
/// assert_eq!(
///     serde_json::to_value(&patch).unwrap(),
///     json!([
///         {"op": "remove", "path": "/Secret"},
///         {"op": "add", "path": "/Events/0", "value": "sale.lost"},
///         {"op": "replace", "path": "/Name", "value": "new"},
///     ]),
/// );
/// let mut patched = source;
/// apply(&mut patched, &patch, &Dialect::RFC)?;
/// assert_eq!(patched, target);
/// # Ok::<(), entity_patch::PatchError>(())
/// ```
///
/// It is local: a member or an element that changed is one operation, at its own path. In an array an element that was
/// inserted or removed is one operation too, and up to 63 insertions, removals and replacements are always the fewest;
/// where there are many more, the elements that stay are a longest common subsequence, or nearly the longest in long
/// arrays full of equal elements. An element that is itself an object or an array is changed inside, unless replacing
/// it whole is shorter.
///
/// A whole array or object is replaced where less than half of an array stays and that is shorter, and where smaller
/// operations would exceed one of the default limits: 10,000 operations, 4 KiB for a path, 127 levels, and the work
/// that applying them takes.
pub fn diff(source: &Value, target: &Value) -> Patch {
    diff_with(source, target, DiffOptions::default())
}

/// What a diff is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// A `test` of the old value stands before each change, so that a document which is not the source any more
    /// is answered with 409, and not overwritten in silence. An `add` has no old value of its own: before the changes
    /// of an object or an array to which something is added, a `test` compares all of it.
    pub guarded: bool,
}

/// As [`diff`], with options.
///
/// ```
/// use entity_patch::{Dialect, DiffOptions, apply, diff_with};
/// use serde_json::json;
///
/// let (source, target) = (json!({"Name": "old"}), json!({"Name": "new"}));
/// let patch = diff_with(&source, &target, DiffOptions { guarded: true });
/// assert_eq!(
///     serde_json::to_value(&patch).unwrap(),
///     json!([
///         {"op": "test", "path": "/Name", "value": "old"},
///         {"op": "replace", "path": "/Name", "value": "new"},
///     ]),
/// );
/// let mut changed_meanwhile = json!({"Name": "newer"});
/// let error = apply(&mut changed_meanwhile, &patch, &Dialect::RFC).unwrap_err();
/// assert_eq!((error.status(), error.code()), (409, "test-failed"));
/// ```
pub fn diff_with(source: &Value, target: &Value, options: DiffOptions) -> Patch {
    let mut walk = Walk::new(options);
    walk.value(source, target);
    Patch::new(walk.operations)
}

/// A walk through two versions of a document.
struct Walk<'v> {
    options: DiffOptions,
    /// The tokens that lead to the values at hand.
    path: Vec<Token<'v>>,
    /// The length of the path, as long as nothing in it is escaped.
    path_length: usize,
    /// How many arrays are around the values at hand.
    arrays: usize,
    operations: Vec<Operation>,
    written: Written,
    /// An operation was written whose path is longer than the limit.
    path_is_too_long: bool,
    fingerprints: Fingerprints,
}

#[derive(Clone, Copy)]
enum Token<'v> {
    Name(&'v str),
    Index(usize),
}

impl Token<'_> {
    /// In a path, with its slash, as long as nothing is escaped.
    fn length(self) -> usize {
        match self {
            Token::Name(name) => 1 + name.len(),
            Token::Index(index) => 2 + index.checked_ilog10().unwrap_or(0) as usize,
        }
    }
}

/// What was written up to a point.
#[derive(Clone, Copy, Default)]
struct Written {
    operations: usize,
    /// In bytes of JSON; only counted within arrays.
    length: usize,
    /// What the operations will cost of [`Limits::work`].
    work: usize,
}

/// How a value was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Not at all, or inside.
    Stays,
    Replaced,
}

impl<'v> Walk<'v> {
    fn new(options: DiffOptions) -> Walk<'v> {
        Walk {
            options,
            path: Vec::with_capacity(8),
            path_length: 0,
            arrays: 0,
            written: Written::default(),
            operations: vec![],
            path_is_too_long: false,
            fingerprints: Fingerprints::default(),
        }
    }

    fn value(&mut self, old: &'v Value, new: &'v Value) -> Outcome {
        let can_be_opened = self.path.len() < LIMITS.depth() && self.path_length <= LIMITS.pointer_bytes;
        match (old, new) {
            (Value::Object(source), Value::Object(target)) if can_be_opened => self.object(old, source, new, target),
            (Value::Array(source), Value::Array(target)) if can_be_opened => self.array(old, source, new, target),
            _ if value::equal(old, new) => Outcome::Stays,
            _ => {
                self.replace(old, new);
                Outcome::Replaced
            }
        }
    }

    fn object(
        &mut self,
        old: &'v Value,
        source: &'v Map<String, Value>,
        new: &'v Value,
        target: &'v Map<String, Value>,
    ) -> Outcome {
        let start = self.written();
        let (mut removed, mut added) = (vec![], 0);
        let (mut sources, mut targets) = (source.iter(), target.iter());
        let (mut left, mut right) = (sources.next(), targets.next());
        loop {
            match (left, right) {
                (Some((name, old)), Some((other, new))) if name == other => {
                    if !value::are_equal_scalars(old, new) {
                        self.child(Token::Name(name), old, new);
                    }
                    (left, right) = (sources.next(), targets.next());
                }
                (Some((name, old)), _) if !target.contains_key(name) => {
                    removed.push((name.as_str(), old));
                    left = sources.next();
                }
                (_, Some((name, new))) => {
                    match source.get(name) {
                        Some(old) => {
                            self.child(Token::Name(name), old, new);
                        }
                        None => {
                            self.add(Token::Name(name), new);
                            added += 1;
                        }
                    }
                    right = targets.next();
                }
                // It was met among the target's members, which have another order.
                (Some(_), None) => left = sources.next(),
                (None, None) => break,
            }
        }
        if self.operations.len() == start.operations && removed.is_empty() {
            return Outcome::Stays;
        }
        self.spend(removed.len(), source.len());
        self.spend(added, target.len());
        self.put_first(start, (added > 0).then_some(old), &removed);
        self.close(start, old, new, false)
    }

    fn array(&mut self, old: &'v Value, source: &'v [Value], new: &'v Value, target: &'v [Value]) -> Outcome {
        let start = self.written();
        self.arrays += 1;
        let (mut stay, mut index, mut at, mut has_added) = (0, 0, 0, false);
        for Match { run, is_equal } in self.matches(source, target) {
            has_added |= self.exchange(at, &source[index..], run.start.0 - index, &target[at..run.start.1]);
            (index, at) = run.start;
            for offset in 0..run.length {
                let outcome = match is_equal {
                    true => Outcome::Stays,
                    false => self.child(Token::Index(at + offset), &source[index + offset], &target[at + offset]),
                };
                stay += usize::from(outcome == Outcome::Stays);
            }
            (index, at) = run.end();
        }
        has_added |= self.exchange(at, &source[index..], source.len() - index, &target[at..]);
        self.put_first(start, has_added.then_some(old), &[]);
        let is_another = 2 * stay < source.len().max(target.len()) && self.is_shorter_whole(start, old, new);
        self.arrays -= 1;
        self.close(start, old, new, is_another)
    }

    /// Removes the first elements of the rest of an array, and adds others in their place. Returns whether it added
    /// any.
    fn exchange(&mut self, at: usize, rest: &[Value], removed: usize, added: &'v [Value]) -> bool {
        for old in &rest[..removed] {
            self.remove(Token::Index(at), old);
        }
        for (index, new) in added.iter().enumerate() {
            self.add(Token::Index(at + index), new);
        }
        self.spend(removed, rest.len());
        self.spend(added.len(), rest.len() - removed);
        !added.is_empty()
    }

    /// Goes into a member or an element. An element is changed inside, unless replacing it is shorter.
    fn child(&mut self, token: Token<'v>, old: &'v Value, new: &'v Value) -> Outcome {
        self.enter(token);
        let start = self.written();
        let mut outcome = self.value(old, new);
        if matches!(token, Token::Index(_)) && outcome == Outcome::Stays && self.is_shorter_whole(start, old, new) {
            outcome = self.replace_since(start, old, new);
        }
        self.leave();
        outcome
    }

    /// Which elements belong together, in order; what has no match is removed or added.
    fn matches(&mut self, source: &[Value], target: &[Value]) -> Vec<Match> {
        let few = if self.arrays > COMPARED { None } else { equal_runs(source, target) };
        let (equal, is_equal) = match few {
            Some(runs) => (runs, true),
            None => (self.fingerprint_runs(source, target), false),
        };
        let mut matches = vec![];
        let mut start = (0, 0);
        for run in equal {
            self.changed(source, start.0..run.start.0, target, start.1..run.start.1, &mut matches);
            matches.push(Match { run, is_equal });
            start = run.end();
        }
        self.changed(source, start.0..source.len(), target, start.1..target.len(), &mut matches);
        matches
    }

    /// The runs of elements that are equal by their fingerprints.
    fn fingerprint_runs(&mut self, source: &[Value], target: &[Value]) -> Vec<Run> {
        let levels = self.levels_below();
        let [source, target] =
            [source, target].map(|list| list.iter().map(|item| self.fingerprints.of(item, levels)).collect::<Vec<_>>());
        // Up to 63 edits reach 127 diagonals at most, none of them longer than the shorter list, which is at most half of
        // all items: so many are always found.
        let effort = Effort { edits: 256, equal: 64 };
        let lengths = (source.len(), target.len());
        script::runs_between_few_edits(lengths, effort, |index, at| source[index] == target[at])
            .unwrap_or_else(|| script::common(&source, &target).into_iter().map(Run::of_one).collect())
    }

    /// Matches elements none of which are equal.
    fn changed(
        &mut self,
        source: &[Value],
        sources: Range<usize>,
        target: &[Value],
        targets: Range<usize>,
        matches: &mut Vec<Match>,
    ) {
        let start = (sources.start, targets.start);
        let pairs = match (sources.len(), targets.len()) {
            (0, _) | (_, 0) => return,
            (1, 1) => vec![(0, 0)],
            _ => {
                let levels = self.levels_below().saturating_sub(1);
                let [source, target] = [&source[sources], &target[targets]]
                    .map(|list| list.iter().map(|item| self.fingerprints.of_content(item, levels)).collect::<Vec<_>>());
                alike::alike(&source, &target)
            }
        };
        matches.extend(pairs.into_iter().map(|(index, at)| {
            let run = Run::of_one((start.0 + index, start.1 + at));
            Match { run, is_equal: false }
        }));
    }

    /// How many levels of the values at hand may be opened.
    fn levels_below(&self) -> usize {
        LIMITS.depth().saturating_sub(self.path.len())
    }

    /// Ends the operations of a container: as they are, or by replacing it whole.
    fn close(&mut self, start: Written, old: &'v Value, new: &'v Value, is_another: bool) -> Outcome {
        let exceeds =
            self.path_is_too_long || self.written.work > LIMITS.work || self.operations.len() > LIMITS.operations;
        let has_changed = self.operations.len() > start.operations;
        if has_changed && (exceeds || is_another) { self.replace_since(start, old, new) } else { Outcome::Stays }
    }

    /// Accounts for operations that search or shift so many members or elements each, at most.
    fn spend(&mut self, operations: usize, items: usize) {
        self.written.work = self.written.work.saturating_add(operations.saturating_mul(items));
    }

    /// Whether replacing the container is shorter than the several changes that were written for it.
    fn is_shorter_whole(&self, start: Written, old: &Value, new: &Value) -> bool {
        let (one, before) = if self.options.guarded { (2, Some(old)) } else { (1, None) };
        if self.operations.len() - start.operations <= one {
            return false;
        }
        let left = self.written.length - start.length;
        let rest = before.into_iter().map(|old| ("test", old)).chain([("replace", new)]).try_fold(
            left,
            |left, (op, value)| {
                let left = left.checked_sub(length(op, self.path_length, true))?;
                Some(left - value::size_within(value, left)?)
            },
        );
        rest.is_some_and(|left| left > 0)
    }

    /// Takes back what was written since then, and replaces the values at hand.
    fn replace_since(&mut self, start: Written, old: &'v Value, new: &'v Value) -> Outcome {
        self.operations.drain(start.operations..).filter_map(Operation::into_value).for_each(value::discard);
        self.written = start;
        self.path_is_too_long = false;
        self.replace(old, new);
        Outcome::Replaced
    }

    fn written(&self) -> Written {
        Written { operations: self.operations.len(), ..self.written }
    }

    /// Goes one token further down.
    fn enter(&mut self, token: Token<'v>) {
        self.path.push(token);
        self.path_length += token.length();
    }

    /// Goes back up.
    fn leave(&mut self) {
        self.path_length -= self.path.pop().map_or(0, Token::length);
    }

    /// Puts what comes first in front of the operations that were written since then: where something is added, the
    /// guard of the whole container, and the removals of an object.
    fn put_first(&mut self, start: Written, whole: Option<&Value>, removed: &[(&'v str, &'v Value)]) {
        let length = self.operations.len();
        if let Some(old) = whole {
            self.guard(old);
        }
        for (name, old) in removed {
            self.remove(Token::Name(name), old);
        }
        let count = self.operations.len() - length;
        self.operations[start.operations..].rotate_right(count);
    }

    fn add(&mut self, token: Token<'v>, new: &Value) {
        self.enter(token);
        let (path, value) = (self.pointer(), self.copy(new));
        self.write(Operation::Add { path, value });
        self.leave();
    }

    fn remove(&mut self, token: Token<'v>, old: &Value) {
        self.enter(token);
        self.guard(old);
        let path = self.pointer();
        self.write(Operation::Remove { path });
        self.leave();
    }

    fn replace(&mut self, old: &Value, new: &Value) {
        self.guard(old);
        let (path, value) = (self.pointer(), self.copy(new));
        self.write(Operation::Replace { path, value });
    }

    /// Tests the old value, where that is asked for.
    fn guard(&mut self, old: &Value) {
        if self.options.guarded {
            let (path, value) = (self.pointer(), self.copy(old));
            self.write(Operation::Test { path, value });
        }
    }

    fn write(&mut self, operation: Operation) {
        if self.arrays > 0 {
            let value = operation.value().and_then(|value| value::size_within(value, usize::MAX));
            self.written.length += length(operation.name(), self.path_length, value.is_some()) + value.unwrap_or(0);
        }
        self.operations.push(operation);
    }

    /// Where the values at hand are.
    fn pointer(&mut self) -> Pointer {
        let mut pointer = Pointer::with_capacity(self.path_length);
        for token in &self.path {
            match *token {
                Token::Name(name) => pointer.push(name),
                Token::Index(index) => pointer.push_index(index),
            }
        }
        self.path_is_too_long |= pointer.as_str().len() > LIMITS.pointer_bytes;
        pointer
    }

    /// A copy of a value for an operation at the path at hand.
    fn copy(&self, value: &Value) -> Value {
        value::copy(value, LIMITS.depth().saturating_sub(self.path.len()))
    }
}

/// Elements that belong together.
struct Match {
    run: Run,
    /// They were compared, so that no one needs to look at them again.
    is_equal: bool,
}

/// The runs of elements that are equal, by comparing the elements, if there are few changes between them.
fn equal_runs(source: &[Value], target: &[Value]) -> Option<Vec<Run>> {
    let are_equal = |(old, new): &(&Value, &Value)| value::equal(old, new);
    let head = source.iter().zip(target).take_while(are_equal).count();
    if (head, head) == (source.len(), target.len()) {
        return Some(vec![Run { start: (0, 0), length: head }]);
    }
    let (source, target) = (&source[head..], &target[head..]);
    let tail = source.iter().rev().zip(target.iter().rev()).take_while(are_equal).count();
    let (source, target) = (&source[..source.len() - tail], &target[..target.len() - tail]);
    let mut runs = vec![Run { start: (0, 0), length: head }];
    let between = match (source, target) {
        // Two elements were replaced: no other edits are fewer.
        ([_, source @ .., _], [_, target @ .., _])
            if source.len() == target.len() && source.iter().zip(target).all(|pair| are_equal(&pair)) =>
        {
            vec![Run { start: (1, 1), length: source.len() }]
        }
        _ => {
            let effort = Effort { edits: 8, equal: 1 };
            let lengths = (source.len(), target.len());
            script::runs_between_few_edits(lengths, effort, |index, at| value::equal(&source[index], &target[at]))?
        }
    };
    runs.extend(between.into_iter().map(|run| Run { start: (run.start.0 + head, run.start.1 + head), ..run }));
    runs.push(Run { start: (head + source.len(), head + target.len()), length: tail });
    Some(runs)
}

/// The length of an operation as JSON, but for its value.
fn length(op: &str, path: usize, has_value: bool) -> usize {
    let value = if has_value { r#""value":"#.len() + 1 } else { 0 };
    r#"{"op":"","path":""},"#.len() + op.len() + path + value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_as_long_as_it_is_counted() {
        let path = || Pointer::to_member("name");
        for operation in [
            Operation::Remove { path: path() },
            Operation::Add { path: path(), value: json!([1, {"a": null}]) },
            Operation::Replace { path: Pointer::ROOT, value: json!("text") },
        ] {
            let value = operation.value().map(|value| value.to_string().len());
            let counted =
                length(operation.name(), operation.path().as_str().len(), value.is_some()) + value.unwrap_or(0);
            let text = serde_json::to_string(&operation).expect("an operation is JSON");
            assert_eq!(counted, text.len() + ",".len(), "{text}");
        }
    }

    #[test]
    fn the_work_of_an_exchange_is_that_of_its_operations() {
        let [rest, added] = [5, 3].map(|count| vec![Value::Null; count]);
        let mut walk = Walk::new(DiffOptions::default());
        assert!(walk.exchange(0, &rest, 2, &added));
        // Two removals among five elements, then three additions among the three that stay.
        assert_eq!((walk.operations.len(), walk.written.work), (5, 2 * 5 + 3 * 3));
    }

    #[test]
    fn a_token_is_as_long_as_it_is_counted() {
        for index in [0, 7, 9, 10, 99, 100, 12_345] {
            let mut path = Pointer::ROOT;
            path.push_index(index);
            assert_eq!(Token::Index(index).length(), path.as_str().len());
        }
        for name in ["", "a", "name"] {
            assert_eq!(Token::Name(name).length(), Pointer::to_member(name).as_str().len());
        }
    }
}
