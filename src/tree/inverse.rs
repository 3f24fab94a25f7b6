//! The patch that undoes another one, made of the record of what was changed in a tree.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    apply::{apply_operations, run},
    nodes::cost_of_search,
    undo::{Record, Tree, Undo},
};
use crate::{
    dialect::{Dialect, Limits},
    document::{Change, Context, PatchError},
    json::{
        name::{self, Case, Found},
        value,
    },
    patch::{
        operation::{Operation, Patch},
        pointer::{Pointer, Tokens},
    },
};

/// Applies a JSON Patch in place, as [`apply`](crate::apply), and hands back the patch that undoes it.
///
/// Applying the inverse to the result, under the same dialect, gives the document as it was. Under another dialect it may
/// not: where names differ only by case, a dialect that ignores case takes one member for another. The inverse has only
/// `add`, `remove` and `replace`, and its paths have the document's own names, with digits for every index. Limits that
/// accept the patch accept its inverse, if the document was within the depth limit. A removed member
/// comes back as the last one of its object where serde_json preserves the order of members (its feature
/// `preserve_order`); JSON gives that order no meaning.
///
/// The inverse of a patch that left everything equal is empty, so that a server can tell that nothing needs saving.
///
/// A stored inverse is read back by its `Deserialize`: [`Patch::parse`] keeps the limits of a request, and an inverse
/// may be longer than its patch, which need not hold the old values and moves one in one operation, not in two.
///
/// Of a value that was moved, the inverse holds a copy. Where these copies, or the paths of the inverse, would exceed
/// [`Limits::copied_bytes`](crate::Limits::copied_bytes), where applying the inverse would exceed
/// [`Limits::work`](crate::Limits::work), where the patch shifts or searches so much that a copy of the document is
/// cheap beside it, or where under a dialect that ignores case a member was removed and another stays whose name
/// differs only by case, the inverse is one `replace` of the whole document.
///
/// ```
/// use entity_patch::{Dialect, Patch, apply, apply_with_inverse};
/// use serde_json::json;
///
/// let mut target = json!({"Name": "old", "Events": ["sale.sold"]});
/// let body = br#"[{"op": "replace", "path": "name", "value": "new"}, {"op": "remove", "path": "events/0"}]"#;
/// let patch = Patch::parse(body, &Dialect::SUPEROFFICE)?;
/// let inverse = apply_with_inverse(&mut target, &patch, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Name": "new", "Events": []}));
/// assert_eq!(
///     inverse.to_string(),
///     r#"[{"op":"add","path":"/Events/0","value":"sale.sold"},{"op":"replace","path":"/Name","value":"old"}]"#,
/// );
///
/// apply(&mut target, &inverse, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Name": "old", "Events": ["sale.sold"]}));
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// As [`apply`](crate::apply).
pub fn apply_with_inverse(target: &mut Value, patch: &Patch, dialect: &Dialect) -> Result<Patch, PatchError> {
    apply_operations_with_inverse(target, patch.operations(), dialect)
}

/// Applies operations, all of them or none, and hands back the patch that undoes them.
pub(super) fn apply_operations_with_inverse(
    target: &mut Value,
    operations: &[Operation],
    dialect: &Dialect,
) -> Result<Patch, PatchError> {
    match apply_noting(target, operations, dialect)? {
        Some(inverse) if is_change(target, &inverse) => Ok(Patch::new(inverse)),
        Some(_) => Ok(Patch::default()),
        None => replaced_as_a_whole(target, dialect, |target| {
            apply_operations(target, operations, dialect, |_, context| context.is_worth_a_pass())
        }),
    }
}

/// Patches a tree, and hands back the replacement of the whole of it by what it was.
pub(super) fn replaced_as_a_whole(
    target: &mut Value,
    dialect: &Dialect,
    patch: impl FnOnce(&mut Value) -> Result<(), PatchError>,
) -> Result<Patch, PatchError> {
    // The patch lets go of its value, however deep that is.
    let value = value::copy(target, dialect.limits.depth());
    let before = Patch::new(vec![Operation::Replace { path: Pointer::ROOT, value }]);
    patch(target)?;
    let is_change = before.operations().iter().filter_map(Operation::value).any(|before| !value::equal(before, target));
    Ok(if is_change { before } else { Patch::default() })
}

/// Carries all operations out, or none, and lists what undoes them; or stops with everything as it was, where a list is
/// not enough for that, or costs more than a copy of the tree.
fn apply_noting(
    target: &mut Value,
    operations: &[Operation],
    dialect: &Dialect,
) -> Result<Option<Vec<Operation>>, PatchError> {
    let mut places = ChangePlaces::new(dialect);
    let mut context = Context::new(dialect);
    let mut tree = Tree { root: target, undo: Record::with_capacity(operations.len()) };
    for (index, operation) in operations.iter().enumerate() {
        places.before(tree.root, operation);
        if let Err(failure) = run(&mut tree, operation, &mut context) {
            tree.roll_back(context.case);
            return Err(failure.of_operation(Some(index)));
        }
        places.after(tree.root, &tree.undo);
        if !places.are_enough() || context.is_worth_a_pass() {
            tree.roll_back(context.case);
            return Ok(None);
        }
    }
    let changes = tree.undo.into_iter().rev().zip(places.list.into_iter().rev());
    Ok(Some(changes.filter_map(|(undo, place)| undo.into_operation(place)).collect()))
}

/// Whether the operations, each of which changes something, change the tree together.
fn is_change(target: &Value, operations: &[Operation]) -> bool {
    let paths: HashSet<&str> = operations.iter().map(|operation| operation.path().as_str()).collect();
    // An element that comes or goes is not a place of its own: it moves the others.
    let is_shift = |operation: &Operation| {
        let last = operation.path().tokens().split_last().map(|(_, last)| last.name());
        !matches!(operation, Operation::Replace { .. })
            && last.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_inside_another = |operation: &Operation| {
        let path = operation.path().as_str();
        path.match_indices('/').any(|(at, _)| paths.contains(&path[..at]))
    };
    let are_independent = paths.len() == operations.len()
        && !operations.iter().any(|operation| is_shift(operation) || is_inside_another(operation));
    if operations.len() < 2 || are_independent {
        return !operations.is_empty();
    }
    let mut before = value::copy(target, Limits::MAX_DEPTH);
    let mut tree = Tree { root: &mut before, undo: Record::with_capacity(operations.len()) };
    for operation in operations {
        let done = run(&mut tree, operation, &mut Context::unlimited(Case::Exact));
        debug_assert!(done.is_ok(), "an inverse applies");
    }
    tree.undo.discard();
    let is_change = !value::equal(&before, target);
    value::discard(before);
    is_change
}

impl Undo<'_> {
    /// The operation that takes the change back, if it was one.
    fn into_operation(self, place: ChangePlace) -> Option<Operation> {
        let ChangePlace { path, moved, is_change } = place;
        let old = self.old.or(moved).unwrap_or_default();
        if !is_change {
            value::discard(old);
            return None;
        }
        Some(match self.change {
            Change::Replaced => Operation::Replace { path, value: old },
            Change::InsertedMember | Change::InsertedElement { .. } => Operation::Remove { path },
            Change::RemovedMember(_) | Change::RemovedElement { .. } => Operation::Add { path, value: old },
        })
    }
}

/// Where each recorded change was made, noted while a patch is applied.
struct ChangePlaces {
    case: Case,
    list: Vec<ChangePlace>,
    /// The container out of which the next operation takes a value.
    left: Option<ParentContainer>,
    copied_bytes_left: usize,
    /// How long the paths of the inverse may still be together.
    path_bytes_left: usize,
    work_left: usize,
    /// What it takes to look for the places.
    context: Context,
    /// Whether an operation for each change undoes the patch, within the limits.
    are_enough: bool,
}

#[derive(Default)]
struct ChangePlace {
    /// In the document's spelling.
    path: Pointer,
    /// A copy of the value that was moved away from here.
    moved: Option<Value>,
    /// Whether another value is here now.
    is_change: bool,
}

/// The container around a place.
struct ParentContainer {
    /// In the document's spelling.
    path: Pointer,
    /// How many members or elements it has.
    length: usize,
    /// How many of its members have the name of the place, but for its case, where case is ignored.
    namesakes: usize,
}

impl ChangePlaces {
    fn new(dialect: &Dialect) -> ChangePlaces {
        ChangePlaces {
            case: dialect.case(),
            list: vec![],
            left: None,
            copied_bytes_left: dialect.limits.copied_bytes,
            path_bytes_left: dialect.limits.copied_bytes,
            work_left: dialect.limits.work,
            context: Context::new(dialect),
            are_enough: true,
        }
    }

    /// Whether the places undo the patch, and looking for them is worth it.
    fn are_enough(&self) -> bool {
        self.are_enough && !self.context.is_worth_a_pass()
    }

    /// Looks at the tree before an operation: once a value is moved, the path that led to it may lead elsewhere.
    fn before(&mut self, root: &Value, operation: &Operation) {
        self.left = match operation {
            Operation::Remove { path } | Operation::Move { from: path, .. } => self.container(root, path.tokens()),
            Operation::Add { .. } | Operation::Replace { .. } | Operation::Copy { .. } | Operation::Test { .. } => None,
        };
    }

    /// Notes where the last operation made its changes: none, one, or two where it moved a value.
    fn after(&mut self, root: &Value, undo: &Record<'_>) {
        let noted = self.list.len();
        for undo in undo.iter().skip(noted) {
            let place = self.place(root, undo);
            self.are_enough &= place.is_some();
            self.list.push(place.unwrap_or_default());
        }
        if let [from, to] = &mut self.list[noted..] {
            let moved = resolve(root, to.path.tokens(), Case::Exact, &mut self.context).map(|(_, value)| value);
            let length = moved.and_then(|value| value::size_within(value, self.copied_bytes_left));
            self.are_enough &= length.is_some();
            if let Some(length) = length {
                self.copied_bytes_left -= length;
                from.moved = moved.cloned();
            }
        }
    }

    /// The place of a change, unless no operation takes it back there within the limits.
    fn place(&mut self, root: &Value, Undo { path, change, old }: &Undo<'_>) -> Option<ChangePlace> {
        let mut is_change = true;
        let (place, work) = match change {
            Change::Replaced => {
                let (place, value) = self.resolve(root, *path)?;
                // A value that was moved here is none of the old ones.
                is_change = old.as_ref().is_none_or(|old| !value::equal(old, value));
                (place, 0)
            }
            Change::InsertedMember | Change::InsertedElement { .. } => {
                let ParentContainer { path: mut place, length, .. } = self.container(root, *path)?;
                match change {
                    Change::InsertedElement { index } => place.push_index(*index),
                    _ => place.push(&path.split_last()?.1.name()),
                }
                (place, length)
            }
            Change::RemovedMember(member) => {
                let ParentContainer { path: mut place, length, namesakes } = self.left.take()?;
                // An `add` would find another member in place of the one that was removed.
                if namesakes > 1 {
                    return None;
                }
                place.push(&member.name);
                (place, length)
            }
            Change::RemovedElement { index } => {
                let ParentContainer { path: mut place, length, .. } = self.left.take()?;
                place.push_index(*index);
                (place, length - index)
            }
        };
        self.work_left = self.work_left.checked_sub(work)?;
        self.path_bytes_left = self.path_bytes_left.checked_sub(place.len())?;
        Some(ChangePlace { path: place, moved: None, is_change })
    }

    fn container(&mut self, root: &Value, path: Tokens<'_>) -> Option<ParentContainer> {
        let (parents, last) = path.split_last()?;
        let (path, container) = self.resolve(root, parents)?;
        match container {
            Value::Object(members) => {
                let name = last.name();
                let namesakes = match self.case {
                    Case::Exact => 0,
                    Case::Folded => {
                        self.context.work(cost_of_search(members)).ok()?;
                        members.keys().filter(|other| name::equal_folded(other, &name)).count()
                    }
                };
                Some(ParentContainer { path, length: members.len(), namesakes })
            }
            Value::Array(elements) => Some(ParentContainer { path, length: elements.len(), namesakes: 0 }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }

    fn resolve<'v>(&mut self, root: &'v Value, path: Tokens<'_>) -> Option<(Pointer, &'v Value)> {
        resolve(root, path, self.case, &mut self.context)
    }
}

/// The value that tokens lead to, and its path in the document's spelling.
fn resolve<'v>(root: &'v Value, tokens: Tokens<'_>, case: Case, context: &mut Context) -> Option<(Pointer, &'v Value)> {
    let (mut path, mut value) = (Pointer::ROOT, root);
    for token in tokens {
        let name = token.name();
        value = match value {
            Value::Object(members) => {
                let (name, member) = match members.get_key_value(&*name) {
                    Some(member) => member,
                    None => {
                        context.work(cost_of_search(members)).ok()?;
                        match name::find(members.keys().map(String::as_str), &name, case) {
                            Found::At(position) => members.iter().nth(position)?,
                            Found::Nothing | Found::Ambiguous => return None,
                        }
                    }
                };
                path.push(name);
                member
            }
            Value::Array(elements) => {
                let index = token.existing_index(elements.len()).ok()?;
                path.push_index(index);
                &elements[index]
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
    }
    Some((path, value))
}
