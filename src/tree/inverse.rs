//! The patch that undoes another one, made of the record of what was changed in a tree.

use serde_json::Value;

use super::{Record, Tree, TreeOperation, Undo, apply_steps, borrowed, pays, run_noting};
use crate::{
    dialect::Dialect,
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
/// Applying the inverse to the result gives the document that was there before. It holds `add`, `remove` and `replace`
/// only, and its paths are spelt as the document's members are, with digits for every index: it is a patch for every
/// dialect, and no limit refuses it that let the patch pass, if the document was within the depth limit. A removed
/// member comes back as the last one of its object where serde_json preserves the order of members (its feature
/// `preserve_order`); JSON gives that order no meaning.
///
/// A stored inverse is read back by its `Deserialize`: [`Patch::parse`] keeps the limits of a request, and an inverse
/// may be longer than its patch, which need not hold the old values and moves one in one operation, not in two.
///
/// Of a value that was moved, the inverse holds a copy. Where these copies would exceed
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
pub(crate) fn apply_operations_with_inverse(
    target: &mut Value,
    operations: &[Operation],
    dialect: &Dialect,
) -> Result<Patch, PatchError> {
    let steps = || operations.iter().map(borrowed);
    let mut places = Places::new(dialect);
    let Some(Tree { undo, .. }) = run_noting(target, steps(), dialect, &mut places)? else {
        let path = Pointer::ROOT;
        let before = Operation::Replace { path, value: value::copy(target, dialect.limits.depth()) };
        apply_steps(target, steps(), dialect, pays)?;
        return Ok(Patch::new(vec![before]));
    };
    let changes = undo.first.into_iter().chain(undo.others).zip(places.list);
    let mut inverse: Vec<Operation> = changes.map(|(undo, place)| undo.into_operation(place)).collect();
    inverse.reverse();
    Ok(Patch::new(inverse))
}

impl Undo<'_, Value> {
    /// The operation that takes the change back.
    fn into_operation(self, place: Place) -> Operation {
        let Place { path, moved } = place;
        let old = self.old.or(moved).unwrap_or_default();
        match self.change {
            Change::Replaced => Operation::Replace { path, value: old },
            Change::InsertedMember | Change::InsertedElement { .. } => Operation::Remove { path },
            Change::RemovedMember(_) | Change::RemovedElement { .. } => Operation::Add { path, value: old },
        }
    }
}

/// Where each recorded change was made, noted while a patch is applied.
pub(super) struct Places {
    case: Case,
    list: Vec<Place>,
    /// The container out of which the step at hand takes a value.
    left: Option<Container>,
    copied_bytes_left: usize,
    work_left: usize,
    /// What it takes to look for the places.
    context: Context,
    /// Whether an operation for each change undoes the patch, within the limits.
    are_enough: bool,
}

#[derive(Default)]
struct Place {
    /// In the document's spelling.
    path: Pointer,
    /// A copy of the value that was moved away from here.
    moved: Option<Value>,
}

/// The container around a place.
struct Container {
    /// In the document's spelling.
    path: Pointer,
    /// How many members or elements it has.
    length: usize,
    /// How many of its members have the name of the place, but for its case, where case is ignored.
    namesakes: usize,
}

impl Places {
    fn new(dialect: &Dialect) -> Places {
        Places {
            case: dialect.case(),
            list: vec![],
            left: None,
            copied_bytes_left: dialect.limits.copied_bytes,
            work_left: dialect.limits.work,
            context: Context::new(dialect),
            are_enough: true,
        }
    }

    /// Whether the places undo the patch, and looking for them is worth it.
    pub(super) fn are_enough(&self) -> bool {
        self.are_enough && !pays(0, &self.context)
    }

    /// Looks at the tree before a step: once a value is moved, the path that led to it may lead elsewhere.
    pub(super) fn before(&mut self, root: &Value, step: &TreeOperation<'_>) {
        self.left = match *step {
            Operation::Remove { path } | Operation::Move { from: path, .. } => self.container(root, path),
            Operation::Add { .. } | Operation::Replace { .. } | Operation::Copy { .. } | Operation::Test { .. } => None,
        };
    }

    /// Notes where the last step made its changes: none, one, or two where it moved a value.
    pub(super) fn after(&mut self, root: &Value, undo: &Record<'_, Value>) {
        let noted = self.list.len();
        for Undo { path, change, .. } in undo.iter().skip(noted) {
            let place = self.place(root, *path, change);
            self.are_enough &= place.is_some();
            self.list.push(Place { path: place.unwrap_or_default(), moved: None });
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

    /// The path of a change, unless no operation takes it back there within the limits.
    fn place(&mut self, root: &Value, path: Tokens<'_>, change: &Change) -> Option<Pointer> {
        let container = match change {
            Change::Replaced => return self.resolve(root, path).map(|(path, _)| path),
            Change::InsertedMember | Change::InsertedElement { .. } => self.container(root, path)?,
            Change::RemovedMember(_) | Change::RemovedElement { .. } => self.left.take()?,
        };
        let Container { path: mut place, length, namesakes } = container;
        let work = match change {
            Change::Replaced => 0,
            Change::InsertedMember => {
                place.push(&path.split_last()?.1.name());
                length
            }
            // An `add` would find another member in place of the one that was removed.
            Change::RemovedMember(_) if namesakes > 1 => return None,
            Change::RemovedMember(member) => {
                place.push(&member.name);
                length
            }
            Change::InsertedElement { index } | Change::RemovedElement { index } => {
                place.push_index(*index);
                length - index
            }
        };
        self.work_left = self.work_left.checked_sub(work)?;
        Some(place)
    }

    fn container(&mut self, root: &Value, path: Tokens<'_>) -> Option<Container> {
        let (parents, last) = path.split_last()?;
        let (path, container) = self.resolve(root, parents)?;
        match container {
            Value::Object(members) => {
                let name = last.name();
                let namesakes = match self.case {
                    Case::Exact => 0,
                    Case::Folded => {
                        self.context.work(members.len()).ok()?;
                        members.keys().filter(|other| name::equal_folded(other, &name)).count()
                    }
                };
                Some(Container { path, length: members.len(), namesakes })
            }
            Value::Array(elements) => Some(Container { path, length: elements.len(), namesakes: 0 }),
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
                        context.work(members.len()).ok()?;
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
