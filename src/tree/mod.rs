//! A tree of `serde_json` values that is patched in place, and the record that undoes what was done to it. The patch
//! that undoes it is made of that record in `inverse`; a tree that is patched in many places of what is long or wide is
//! taken apart for it in `parts`.

mod in_place;
mod inverse;
pub(crate) mod merge;
mod parts;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, mem};

use serde_json::{Map, Value};

pub(crate) use self::inverse::apply_operations_with_inverse;
pub use self::inverse::apply_with_inverse;
use self::{
    inverse::Places,
    parts::{Parts, PartsTree},
};
use crate::{
    dialect::Dialect,
    document::{
        Array, Change, Container, Context, Document, End, Entry, Failure, Node, Object, Operand, PatchError,
        PatchErrorKind, Removed, Written, execute, walk,
    },
    json::{
        name::{self, Case, Found},
        value::{self, PRESERVES_ORDER},
    },
    patch::{
        operation::{Operation, Patch},
        pointer::{Pointer, Token, Tokens},
    },
};

/// Applies a JSON Patch in place (RFC 6902). All operations are applied, or none: after a failure the target holds the
/// same members in the same order.
///
/// ```
/// use entity_patch::{Dialect, Patch, apply};
/// use serde_json::json;
///
/// let mut target = json!({"Events": ["sale.sold"]});
/// let patch = Patch::parse(br#"[{"op": "add", "path": "events/-", "value": "sale.lost"}]"#, &Dialect::SUPEROFFICE)?;
/// apply(&mut target, &patch, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Events": ["sale.sold", "sale.lost"]}));
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// - 409: a `test` fails, a place does not exist, or a name is ambiguous.
/// - 422: the dialect has no such operation, the root would be removed, a value would be moved into itself or nested
///   deeper than the limit, or the patch copies or shifts more than the limits.
pub fn apply(target: &mut Value, patch: &Patch, dialect: &Dialect) -> Result<(), PatchError> {
    apply_steps(target, patch.operations().iter().map(borrowed), dialect, pays)
}

/// Applies a list of operations that was made for this target.
pub(crate) fn apply_operations(
    target: &mut Value,
    operations: &[Operation],
    dialect: &Dialect,
) -> Result<(), PatchError> {
    apply_steps(target, operations.iter().map(borrowed), dialect, pays)
}

/// Whether it pays to take a tree apart for the operations behind this one: as soon as those so far have shifted and
/// searched as much as it may cost, and before the budget ends.
fn pays(_index: usize, context: &Context) -> bool {
    is_cheap_beside(context) || context.worked() > context.work_left
}

/// Whether what was shifted and searched so far is as much as taking the tree apart may cost, which is a few dozen
/// times what one operation did at most.
fn is_cheap_beside(context: &Context) -> bool {
    /// What an array of some hundred elements costs for as many operations is not worth it.
    const LITTLE: usize = 1 << 16;
    const DOZENS: usize = 32;

    let worked = context.worked();
    worked > LITTLE && worked / DOZENS > context.most_at_once
}

/// Carries all steps out, or none. The tree is taken apart once it `pays` behind the step of this index.
fn apply_steps<'p>(
    target: &mut Value,
    steps: impl ExactSizeIterator<Item = TreeOperation<'p>>,
    dialect: &Dialect,
    pays: impl Fn(usize, &Context) -> bool,
) -> Result<(), PatchError> {
    let count = steps.len();
    let mut context = Context::new(dialect);
    let mut tree = Tree { root: target, undo: Record::with_capacity(count) };
    let mut steps = steps.enumerate();
    while let Some((index, step)) = steps.next() {
        if let Err(failure) = checked(&mut tree, step, &mut context) {
            tree.roll_back(context.case);
            return Err(failure.of_operation(Some(index)));
        }
        if pays(index, &context) {
            let done = apply_apart(tree.root, &mut steps, &mut context);
            if done.is_err() {
                tree.roll_back(context.case);
                return done;
            }
        }
    }
    tree.undo.discard();
    Ok(())
}

/// Carries all steps that are left out, or none of these, in a tree that is taken apart for it.
fn apply_apart<'p>(
    target: &mut Value,
    steps: &mut impl ExactSizeIterator<Item = (usize, TreeOperation<'p>)>,
    context: &mut Context,
) -> Result<(), PatchError> {
    let mut tree = PartsTree::new(mem::take(target), steps.len());
    let done = steps.try_for_each(|(index, step)| {
        let done = check(&step, context).map_err(|kind| kind.at(*step.path()));
        let done = done.and_then(|()| execute(&mut tree, parts::owned(step), context));
        done.map_err(|failure| failure.of_operation(Some(index)))
    });
    if done.is_err() {
        roll_back::<Parts>(&mut tree.root, &mut tree.undo, context.case);
    }
    *target = tree.root.into_value();
    tree.undo.discard();
    done
}

/// Carries all steps out, or none, and notes what was changed where; or stops with everything as it was, where that is
/// not enough to undo the patch, or costs more than a copy of the tree.
fn run_noting<'t, 'p>(
    target: &'t mut Value,
    steps: impl ExactSizeIterator<Item = TreeOperation<'p>>,
    dialect: &Dialect,
    places: &mut Places,
) -> Result<Option<Tree<'t, 'p>>, PatchError> {
    let mut context = Context::new(dialect);
    let mut tree = Tree { root: target, undo: Record::with_capacity(steps.len()) };
    for (index, step) in steps.enumerate() {
        places.before(tree.root, &step);
        if let Err(failure) = checked(&mut tree, step, &mut context) {
            tree.roll_back(context.case);
            return Err(failure.of_operation(Some(index)));
        }
        places.after(tree.root, &tree.undo);
        if !places.are_enough() || pays(index, &context) {
            tree.roll_back(context.case);
            return Ok(None);
        }
    }
    Ok(Some(tree))
}

#[inline]
fn checked<'p>(tree: &mut Tree<'_, 'p>, step: TreeOperation<'p>, context: &mut Context) -> Result<(), Failure<'p>> {
    check(&step, context).map_err(|kind| kind.at(*step.path()))?;
    execute(tree, step, context)
}

/// What a parsed patch cannot contain, and one that was built by hand can.
#[inline]
pub(crate) fn check(step: &TreeOperation<'_>, context: &Context) -> Result<(), PatchErrorKind> {
    match *step {
        Operation::Add { path, ref value } | Operation::Replace { path, ref value } => {
            if !value::is_container(value) && path.fit(context.depth) {
                return Ok(());
            }
            context.check_depth(path, |levels| value::is_deeper_than(value, levels))
        }
        Operation::Test { ref value, .. } if !value::is_container(value) => Ok(()),
        Operation::Test { ref value, .. } => {
            context.check_depth(Tokens::ROOT, |levels| value::is_deeper_than(value, levels))
        }
        Operation::Move { .. } | Operation::Copy { .. } if !context.move_and_copy => {
            Err(PatchErrorKind::UnsupportedOperation)
        }
        Operation::Move { .. } | Operation::Copy { .. } | Operation::Remove { .. } => Ok(()),
    }
}

/// An operation of a patch that outlives the tree's memory of it.
pub(crate) type TreeOperation<'p> = Operation<Tokens<'p>, Cow<'p, Value>>;

/// An operation of a patch as a tree takes it: a value is only copied once its place is found.
#[inline]
pub(crate) fn borrowed(operation: &Operation) -> TreeOperation<'_> {
    operation.as_ref().map(Pointer::tokens, Cow::Borrowed)
}

/// A tree, and what was changed in it.
struct Tree<'t, 'p> {
    root: &'t mut Value,
    undo: Record<'p, Value>,
}

/// What takes all changes back, in the order in which they were made. The first one lies here: a patch of one operation
/// is the most frequent one, and needs no memory for it elsewhere.
struct Record<'p, V> {
    first: Option<Undo<'p, V>>,
    others: Vec<Undo<'p, V>>,
}

/// What takes one change back.
struct Undo<'p, V> {
    path: Tokens<'p>,
    change: Change,
    /// The value that was there before; `None` where nothing was, or where the next change holds it because it moved.
    old: Option<V>,
}

impl<'p, V> Record<'p, V> {
    /// With room for this many changes, or for so many that making room for the others does not matter.
    fn with_capacity(count: usize) -> Record<'p, V> {
        Record { first: None, others: Vec::with_capacity(count.saturating_sub(1).min(15)) }
    }

    fn push(&mut self, undo: Undo<'p, V>) {
        match self.first {
            None => self.first = Some(undo),
            Some(_) => self.others.push(undo),
        }
    }

    fn pop(&mut self) -> Option<Undo<'p, V>> {
        self.others.pop().or_else(|| self.first.take())
    }

    fn iter(&self) -> impl Iterator<Item = &Undo<'p, V>> {
        self.first.iter().chain(&self.others)
    }
}

impl<V: Subject> Record<'_, V> {
    /// Lets the old values go.
    fn discard(self) {
        if let Some(Undo { old: Some(old), .. }) = self.first {
            old.discard();
        }
        for undo in self.others {
            undo.old.into_iter().for_each(V::discard);
        }
    }
}

/// A value in which changes are taken back.
trait Subject: Default {
    /// Goes where tokens lead to, and does something there.
    fn visit<T>(&mut self, tokens: Tokens<'_>, context: &mut Context, act: impl FnOnce(&mut Self) -> T) -> Option<T>;

    /// Drops a value of any depth without recursion.
    fn discard(self);
}

impl Subject for Value {
    fn visit<T>(&mut self, tokens: Tokens<'_>, context: &mut Context, act: impl FnOnce(&mut Value) -> T) -> Option<T> {
        visit(self, tokens, End::Value, context, |place, _, _| place.ok().map(act))
    }

    fn discard(self) {
        value::discard(self);
    }
}

/// An object in which changes are taken back.
trait Restore<V> {
    /// Removes the member that was inserted last.
    fn take_back(self, name: &str) -> Option<V>;

    /// Inserts a member that was removed at a position.
    fn put_back(self, position: usize, name: String, value: V);
}

/// Takes every change back, the last one first. Each path is walked in the tree that its operation left, so that it
/// leads to the same place again.
fn roll_back<V: Subject>(root: &mut V, undo: &mut Record<'_, V>, case: Case)
where
    for<'d> &'d mut V: Node<Value = V, Object: Restore<V>>,
{
    let mut context = Context::unlimited(case);
    // What the undone change had put in its place: on its way back, if it was moved.
    let mut displaced = V::default();
    while let Some(Undo { path, change, old }) = undo.pop() {
        let (container, last) = match (&change, path.split_last()) {
            (Change::Replaced, _) | (_, None) => (path, Cow::default()),
            (_, Some((parents, last))) => (parents, last.name()),
        };
        let old = old.unwrap_or_else(|| mem::take(&mut displaced));
        let restored = root.visit(container, &mut context, |place| change.restore(place, &last, old));
        debug_assert!(restored.is_some(), "a change is undone in the tree that it left");
        mem::replace(&mut displaced, restored.unwrap_or_default()).discard();
    }
    displaced.discard();
}

impl Change {
    /// Takes the change back at its place: where a value was replaced, or in the container around it. Returns what
    /// the change had put there.
    fn restore<N: Node<Value: Default, Object: Restore<N::Value>>>(
        self,
        place: N,
        name: &str,
        old: N::Value,
    ) -> N::Value {
        if let Change::Replaced = self {
            return place.set(old);
        }
        match (self, place.open()) {
            // The last member to be inserted is the first to go, which leaves the order of the others alone.
            (Change::InsertedMember, Ok(Container::Object(object))) => object.take_back(name).unwrap_or_default(),
            (Change::InsertedElement { index }, Ok(Container::Array(array))) => array.remove(index),
            (Change::RemovedMember(place), Ok(Container::Object(object))) => {
                object.put_back(place.position, place.name, old);
                N::Value::default()
            }
            (Change::RemovedElement { index }, Ok(Container::Array(array))) => {
                array.insert(index, old);
                N::Value::default()
            }
            // A container is still the one that the operation found there.
            (Change::Replaced | Change::InsertedMember | Change::RemovedMember(_), _) => N::Value::default(),
            (Change::InsertedElement { .. } | Change::RemovedElement { .. }, _) => N::Value::default(),
        }
    }
}

impl Restore<Value> for &mut Map<String, Value> {
    fn take_back(self, name: &str) -> Option<Value> {
        self.remove(name)
    }

    fn put_back(self, position: usize, name: String, value: Value) {
        insert_at(self, position, name, value);
    }
}

impl<'p> Document<'p> for Tree<'_, 'p> {
    type Value = Value;
    type Node<'d>
        = &'d mut Value
    where
        Self: 'd;

    fn start(&mut self, path: Tokens<'p>) -> Result<(&mut Value, Tokens<'p>), PatchErrorKind> {
        Ok((self.root, path))
    }

    fn visit<T>(
        &mut self,
        path: Tokens<'p>,
        end: End,
        context: &mut Context,
        act: impl FnOnce(Result<&mut Value, PatchErrorKind>, Option<Token<'p>>, &mut Context) -> T,
    ) -> T {
        visit(self.root, path, end, context, act)
    }

    fn record(&mut self, path: Tokens<'p>, change: Change, old: Option<Value>) {
        self.undo.push(Undo { path, change, old });
    }
}

/// Goes where tokens lead to from a place, and does something there, or with the reason why they lead nowhere.
pub(crate) fn visit<'p, T>(
    start: &mut Value,
    tokens: Tokens<'p>,
    end: End,
    context: &mut Context,
    act: impl FnOnce(Result<&mut Value, PatchErrorKind>, Option<Token<'p>>, &mut Context) -> T,
) -> T {
    let (tokens, last) = end.of(tokens);
    // Most names are spelt as they are stored: where all are, one look-up a token is enough.
    if let Some(place) = walk_exactly(start, tokens) {
        return act(Ok(place), last, context);
    }
    let place = walk(start, tokens, context);
    act(place, last, context)
}

/// Follows tokens to a value, if every name is spelt as it is stored.
fn walk_exactly<'v>(start: &'v mut Value, tokens: Tokens<'_>) -> Option<&'v mut Value> {
    let mut value = start;
    for token in tokens {
        value = match value {
            Value::Object(members) => member(members, &token.name())?,
            Value::Array(elements) => {
                let index = token.existing_index(elements.len()).ok()?;
                &mut elements[index]
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
    }
    Some(value)
}

/// Telling so few names apart, most of them by their length, is faster than a look-up.
pub(crate) const FEW: usize = 16;

/// The member of exactly this name.
pub(crate) fn member<'v>(members: &'v mut Map<String, Value>, name: &str) -> Option<&'v mut Value> {
    match members.len() <= FEW {
        true => members.iter_mut().find(|(other, _)| *other == name).map(|(_, member)| member),
        false => members.get_mut(name),
    }
}

impl Tree<'_, '_> {
    fn roll_back(&mut self, case: Case) {
        roll_back::<Value>(self.root, &mut self.undo, case);
    }
}

impl<'d> Node for &'d mut Value {
    type Value = Value;
    type Object = &'d mut Map<String, Value>;
    type Array = &'d mut Vec<Value>;

    fn open(self) -> Result<Container<Self::Object, Self::Array>, PatchErrorKind> {
        Ok(match self {
            Value::Object(members) => Container::Object(members),
            Value::Array(elements) => Container::Array(elements),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Container::Scalar,
        })
    }

    fn equals_within(&mut self, value: &Value, context: &mut Context) -> Result<bool, PatchErrorKind> {
        value::equal_within(self, value, context.work_left()).ok_or(PatchErrorKind::TooMuchWork)
    }

    fn is_deeper_than(&self, limit: usize, context: &mut Context) -> Result<bool, PatchErrorKind> {
        is_deeper_than(self, limit, context)
    }

    fn copy_within(&mut self, limit: usize) -> Option<(Value, usize)> {
        let length = value::size_within(self, limit)?;
        Some((Value::clone(self), length))
    }

    fn set(self, value: Value) -> Value {
        mem::replace(self, value)
    }
}

impl<'d> Object for &'d mut Map<String, Value> {
    type Value = Value;
    type Node = &'d mut Value;

    fn find(&mut self, name: &str, case: Case) -> Found {
        name::find(self.keys().map(String::as_str), name, case)
    }

    fn entry(self, name: &str, context: &mut Context) -> Result<Entry<&'d mut Value, Self>, PatchErrorKind> {
        let member = match lookup(self, name, context)? {
            Lookup::Exact => self.get_mut(name),
            Lookup::Folded(position) => self.values_mut().nth(position),
            Lookup::Nothing => return Ok(Entry::Vacant(self)),
        };
        member.map(Entry::Occupied).ok_or(PatchErrorKind::NotFound)
    }

    fn put<V: Operand<Value>>(
        self,
        name: &str,
        value: V,
        context: &mut Context,
    ) -> Result<Written<Value>, (PatchErrorKind, V)> {
        let position = if self.len() <= FEW {
            // One look at each of them tells both whether one has the name and whether one has it in another case.
            position(name::find(self.keys().map(String::as_str), name, context.case))
        } else if let Some(member) = self.get_mut(name) {
            return Ok((Change::Replaced, Some(mem::replace(member, value.into_value()))));
        } else {
            folded(self, name, context)
        };
        let position = match position {
            Ok(position) => position,
            Err(kind) => return Err((kind, value)),
        };
        match position.and_then(|position| self.values_mut().nth(position)) {
            Some(member) => Ok((Change::Replaced, Some(mem::replace(member, value.into_value())))),
            None => {
                Object::insert(self, name, value.into_value());
                Ok((Change::InsertedMember, None))
            }
        }
    }

    fn insert(self, name: &str, value: Value) {
        Map::insert(self, name.to_owned(), value);
    }

    fn remove(self, name: &str, context: &mut Context) -> Result<Option<Removed<Value>>, PatchErrorKind> {
        match lookup(self, name, context)? {
            Lookup::Exact => remove(self, name, context),
            Lookup::Folded(position) => match self.keys().nth(position).cloned() {
                Some(name) => remove(self, &name, context),
                None => Ok(None),
            },
            Lookup::Nothing => Ok(None),
        }
    }
}

/// As [`value::is_deeper_than`], with every child accounted for.
fn is_deeper_than(value: &Value, limit: usize, context: &mut Context) -> Result<bool, PatchErrorKind> {
    let children: &mut dyn Iterator<Item = &Value> = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(false),
        Value::Array(_) | Value::Object(_) if limit == 0 => return Ok(true),
        Value::Array(elements) => &mut elements.iter(),
        Value::Object(members) => &mut members.values(),
    };
    for child in children {
        context.work(1)?;
        if is_deeper_than(child, limit - 1, context)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the member of exactly this name; the others keep their order.
fn remove(
    members: &mut Map<String, Value>,
    name: &str,
    context: &mut Context,
) -> Result<Option<Removed<Value>>, PatchErrorKind> {
    if PRESERVES_ORDER {
        context.work(members.len())?;
    }
    Ok(remove_exactly(members, name))
}

/// The same, whatever it costs.
pub(crate) fn remove_exactly(members: &mut Map<String, Value>, name: &str) -> Option<Removed<Value>> {
    if !PRESERVES_ORDER {
        let (name, value) = members.remove_entry(name)?;
        return Some(Removed { value, name, position: 0 });
    }
    // `Map::remove` puts the last member where the removed one was; only `retain` keeps the order and is there with
    // and without serde_json's `preserve_order`.
    let position = members.keys().position(|key| key == name)?;
    let mut removed = Value::Null;
    members.retain(|key, value| {
        let stays = key != name;
        if !stays {
            removed = mem::take(value);
        }
        stays
    });
    Some(Removed { value: removed, name: name.to_owned(), position })
}

/// Inserts a member so that it has this position, where members have one.
fn insert_at(members: &mut Map<String, Value>, position: usize, name: String, value: Value) {
    if !PRESERVES_ORDER || position == members.len() {
        members.insert(name, value);
        return;
    }
    let mut rest = mem::take(members).into_iter();
    members.extend(rest.by_ref().take(position));
    members.insert(name, value);
    members.extend(rest);
}

impl<'d> Array for &'d mut Vec<Value> {
    type Value = Value;
    type Node = &'d mut Value;

    fn length(&self) -> usize {
        self.len()
    }

    fn shifted(&self, index: usize) -> usize {
        self.len() - index
    }

    fn element(self, index: usize) -> &'d mut Value {
        &mut self[index]
    }

    fn insert(self, index: usize, value: Value) {
        Vec::insert(self, index, value);
    }

    fn remove(self, index: usize) -> Value {
        Vec::remove(self, index)
    }
}

/// How a name is found among members.
enum Lookup {
    Exact,
    /// The only name that is equal to it under case folding has this position.
    Folded(usize),
    Nothing,
}

fn lookup(members: &Map<String, Value>, name: &str, context: &mut Context) -> Result<Lookup, PatchErrorKind> {
    if members.contains_key(name) {
        return Ok(Lookup::Exact);
    }
    Ok(folded(members, name, context)?.map_or(Lookup::Nothing, Lookup::Folded))
}

/// The position of the member that a name stands for which no member has exactly.
fn folded(members: &Map<String, Value>, name: &str, context: &mut Context) -> Result<Option<usize>, PatchErrorKind> {
    if context.case == Case::Exact {
        return Ok(None);
    }
    // Long names take longer to compare.
    let mut length = 0;
    let names = members.keys().inspect(|name| length += name.len().max(1)).map(String::as_str);
    let found = name::find_folded(names, name);
    context.work(length)?;
    position(found)
}

fn position(found: Found) -> Result<Option<usize>, PatchErrorKind> {
    match found {
        Found::At(position) => Ok(Some(position)),
        Found::Nothing => Ok(None),
        Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
    }
}
