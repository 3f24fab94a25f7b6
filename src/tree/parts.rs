//! A tree that is taken apart where it is patched: for patches of many operations on what is long or wide. An element
//! is inserted or removed anywhere without shifting all that follow, and a name is looked up in an index.
//!
//! Each container is taken apart once, when a path first leads through it, and everything is put together again in the
//! end. Both cost about as much as a few dozen operations on a `Value`, which is when it pays.

use std::{iter, mem, vec};

use serde_json::{Map, Value};

use super::{Record, Restore, Subject, TreeOperation, Undo};
use crate::{
    document::{
        Array, Change, Container, Context, Document, Entry, Node, Object, Operand, PatchErrorKind, Removed, walk,
    },
    json::{
        name::{self, Ambiguous, Case, Found, NameIndex},
        value::{self, Counter},
    },
    patch::{operation::Operation, pointer::Tokens},
    text::sequence::{self, Sequence},
};

/// A value of which some containers are taken apart.
pub(super) enum Parts {
    Whole(Value),
    Array(Box<Sequence<Parts>>),
    Object(Box<Members>),
}

/// The members of an object.
#[derive(Default)]
pub(super) struct Members {
    /// In order; nothing where one was removed, so that each keeps its position.
    slots: Vec<Option<(String, Parts)>>,
    length: usize,
    /// The positions by their names, made once it pays.
    index: Option<NameIndex<usize>>,
}

/// A tree that is taken apart, and what was changed in it since then.
pub(super) struct PartsTree<'p> {
    pub(super) root: Parts,
    pub(super) undo: Record<'p, Parts>,
}

impl<'p> PartsTree<'p> {
    pub(super) fn new(root: Value, count: usize) -> PartsTree<'p> {
        PartsTree { root: Parts::Whole(root), undo: Record::with_capacity(count) }
    }
}

/// A step with a value of its own.
pub(super) fn owned<'p>(step: TreeOperation<'p>) -> Operation<Tokens<'p>, Parts> {
    step.map(|path| path, |value| Parts::Whole(value.into_owned()))
}

impl Operand<Parts> for Parts {
    fn get(&self) -> &Parts {
        self
    }

    fn into_value(self) -> Parts {
        self
    }
}

impl<'p> Document<'p> for PartsTree<'p> {
    type Value = Parts;
    type Node<'d>
        = &'d mut Parts
    where
        Self: 'd;

    fn start(&mut self, path: Tokens<'p>) -> Result<(&mut Parts, Tokens<'p>), PatchErrorKind> {
        Ok((&mut self.root, path))
    }

    fn record(&mut self, path: Tokens<'p>, change: Change, old: Option<Parts>) {
        self.undo.push(Undo { path, change, old });
    }
}

impl Default for Parts {
    fn default() -> Parts {
        Parts::Whole(Value::Null)
    }
}

impl Subject for Parts {
    fn visit<T>(&mut self, tokens: Tokens<'_>, context: &mut Context, act: impl FnOnce(&mut Parts) -> T) -> Option<T> {
        walk(self, tokens, context).ok().map(act)
    }

    fn discard(self) {
        let mut containers = vec![self];
        while let Some(parts) = containers.pop() {
            match parts {
                Parts::Whole(value) => value::discard(value),
                Parts::Array(elements) => containers.extend(elements.into_iter().filter_map(Parts::kept)),
                Parts::Object(members) => {
                    containers.extend(members.into_members().filter_map(|(_, value)| value.kept()));
                }
            }
        }
    }
}

impl Parts {
    /// A value that has to be discarded, or nothing.
    fn kept(self) -> Option<Parts> {
        match self {
            Parts::Whole(value) if !value::is_container(&value) => None,
            parts => Some(parts),
        }
    }

    /// Takes a container apart, by one level.
    fn take_apart(&mut self) {
        let Parts::Whole(value) = self else { return };
        *self = match value {
            Value::Array(elements) => {
                Parts::Array(Box::new(mem::take(elements).into_iter().map(Parts::Whole).collect()))
            }
            Value::Object(members) => {
                let length = members.len();
                let members = mem::take(members).into_iter();
                let slots = members.map(|(name, value)| Some((name, Parts::Whole(value)))).collect();
                Parts::Object(Box::new(Members { slots, length, index: None }))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return,
        };
    }

    /// Puts everything together again, however deep it was taken apart.
    pub(super) fn into_value(self) -> Value {
        let mut open: Vec<Open> = vec![];
        let mut next = Some(self);
        loop {
            let mut value = match next.take() {
                Some(Parts::Whole(value)) => Some(value),
                Some(Parts::Array(elements)) => {
                    open.push(Open::Array(Vec::with_capacity(elements.len()), elements.into_iter()));
                    None
                }
                Some(Parts::Object(members)) => {
                    open.push(Open::Object(Vec::with_capacity(members.length), String::new(), members.into_members()));
                    None
                }
                None => open.pop().map(Open::end),
            };
            let Some(innermost) = open.last_mut() else { return value.unwrap_or_default() };
            value.take().into_iter().for_each(|value| innermost.put(value));
            next = innermost.next();
        }
    }

    /// A copy of the whole, for a value that was found to be within the depth limit.
    fn to_value(&self) -> Value {
        match self {
            Parts::Whole(value) => value.clone(),
            Parts::Array(elements) => elements.iter().map(Parts::to_value).collect(),
            Parts::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), value.to_value())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// As [`value::equal_within`], with a value that is within the depth limit.
    fn equals_value(&self, other: &Value, work: &mut usize) -> Option<bool> {
        let mut is_affordable = true;
        let mut equal = |parts: &Parts, other: &Value| {
            let is_equal = parts.equals_value(other, work);
            is_affordable &= is_equal.is_some();
            is_equal == Some(true)
        };
        let is_equal = match (self, other) {
            (Parts::Whole(value), other) => return value::equal_within(value, other, work),
            (Parts::Array(elements), Value::Array(others)) => {
                elements.len() == others.len()
                    && elements.iter().zip(others).all(|(element, other)| equal(element, other))
            }
            (Parts::Object(members), Value::Object(others)) => {
                members.length == others.len()
                    && members.iter().all(|(name, member)| others.get(name).is_some_and(|other| equal(member, other)))
            }
            (Parts::Array(_) | Parts::Object(_), _) => false,
        };
        is_affordable.then_some(is_equal)
    }

    /// Counts the value as compact JSON.
    fn count(&self, counter: &mut Counter) -> Option<()> {
        match self {
            Parts::Whole(value) => counter.value(value),
            Parts::Array(elements) => {
                counter.punctuation(elements.len(), 1)?;
                elements.iter().try_for_each(|element| element.count(counter))
            }
            Parts::Object(members) => {
                counter.punctuation(members.length, 2)?;
                members.iter().try_for_each(|(name, value)| {
                    counter.write(name)?;
                    value.count(counter)
                })
            }
        }
    }
}

/// A container that is being put together: what there is of it, and what is left.
enum Open {
    Array(Vec<Value>, sequence::IntoIter<Parts>),
    /// The name is that of the member that is being put together.
    Object(Vec<(String, Value)>, String, IntoMembers),
}

impl Open {
    fn next(&mut self) -> Option<Parts> {
        match self {
            Open::Array(done, rest) => loop {
                match rest.next()? {
                    Parts::Whole(value) => done.push(value),
                    parts => return Some(parts),
                }
            },
            Open::Object(done, open, rest) => loop {
                match rest.next()? {
                    (name, Parts::Whole(value)) => done.push((name, value)),
                    (name, parts) => {
                        *open = name;
                        return Some(parts);
                    }
                }
            },
        }
    }

    fn put(&mut self, value: Value) {
        match self {
            Open::Array(done, _) => done.push(value),
            Open::Object(done, name, _) => done.push((mem::take(name), value)),
        }
    }

    fn end(self) -> Value {
        match self {
            Open::Array(done, _) => Value::Array(done),
            Open::Object(done, ..) => Value::Object(done.into_iter().collect()),
        }
    }
}

impl<'d> Node for &'d mut Parts {
    type Value = Parts;
    type Object = &'d mut Members;
    type Array = &'d mut Sequence<Parts>;

    fn open(self) -> Result<Container<Self::Object, Self::Array>, PatchErrorKind> {
        self.take_apart();
        Ok(match self {
            Parts::Whole(_) => Container::Scalar,
            Parts::Array(elements) => Container::Array(elements),
            Parts::Object(members) => Container::Object(members),
        })
    }

    fn equals_within(&mut self, other: &Parts, context: &mut Context) -> Result<bool, PatchErrorKind> {
        let is_equal = match other {
            Parts::Whole(other) => self.equals_value(other, context.work_left()),
            other => self.equals_value(&other.to_value(), context.work_left()),
        };
        is_equal.ok_or(PatchErrorKind::TooMuchWork)
    }

    fn is_deeper_than(&self, limit: usize, context: &mut Context) -> Result<bool, PatchErrorKind> {
        is_deeper_than(self, limit, context)
    }

    fn copy_within(&mut self, limit: usize) -> Option<(Parts, usize)> {
        let mut counter = Counter::up_to(limit);
        self.count(&mut counter)?;
        Some((Parts::Whole(self.to_value()), limit - counter.left()))
    }

    fn set(self, value: Parts) -> Parts {
        mem::replace(self, value)
    }
}

/// As the same for a tree.
fn is_deeper_than(parts: &Parts, limit: usize, context: &mut Context) -> Result<bool, PatchErrorKind> {
    let children: &mut dyn Iterator<Item = &Parts> = match parts {
        Parts::Whole(value) => return super::is_deeper_than(value, limit, context),
        Parts::Array(_) | Parts::Object(_) if limit == 0 => return Ok(true),
        Parts::Array(elements) => &mut elements.iter(),
        Parts::Object(members) => &mut members.iter().map(|(_, value)| value),
    };
    for child in children {
        context.work(1)?;
        if is_deeper_than(child, limit - 1, context)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The members that are left, with their names.
type IntoMembers = iter::Flatten<vec::IntoIter<Option<(String, Parts)>>>;

impl Members {
    fn iter(&self) -> impl Iterator<Item = &(String, Parts)> {
        self.slots.iter().flatten()
    }

    fn into_members(self) -> IntoMembers {
        self.slots.into_iter().flatten()
    }

    /// The position of the member that a name stands for.
    fn lookup(&mut self, name: &str, case: Case) -> Result<Option<usize>, PatchErrorKind> {
        if self.slots.len() > NameIndex::<usize>::PAYS_FROM {
            let found = self.index(case).find(name);
            return found.map_err(|Ambiguous| PatchErrorKind::AmbiguousName);
        }
        let names = || self.slots.iter().enumerate().filter_map(|(at, slot)| Some((at, slot.as_ref()?.0.as_str())));
        match name::find(names().map(|(_, name)| name), name, case) {
            Found::At(position) => Ok(names().nth(position).map(|(at, _)| at)),
            Found::Nothing => Ok(None),
            Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
        }
    }

    fn index(&mut self, case: Case) -> &mut NameIndex<usize> {
        self.index.get_or_insert_with(|| {
            let mut index = NameIndex::new(case);
            let slots = self.slots.iter().enumerate();
            slots.for_each(|(at, slot)| slot.iter().for_each(|(name, _)| index.insert(name, at)));
            index
        })
    }

    fn fill(&mut self, position: usize, name: String, value: Parts) {
        self.index.iter_mut().for_each(|index| index.insert(&name, position));
        self.length += 1;
        match self.slots.get_mut(position) {
            Some(slot) => *slot = Some((name, value)),
            None => self.slots.push(Some((name, value))),
        }
    }

    fn empty(&mut self, position: usize) -> Option<(String, Parts)> {
        let (name, value) = self.slots.get_mut(position)?.take()?;
        self.index.iter_mut().for_each(|index| index.remove(&name, position));
        self.length -= 1;
        Some((name, value))
    }
}

impl<'d> Object for &'d mut Members {
    type Value = Parts;
    type Node = &'d mut Parts;

    fn find(&mut self, name: &str, case: Case) -> Found {
        match self.lookup(name, case) {
            Ok(Some(position)) => Found::At(position),
            Ok(None) => Found::Nothing,
            Err(_) => Found::Ambiguous,
        }
    }

    fn entry(self, name: &str, context: &mut Context) -> Result<Entry<&'d mut Parts, Self>, PatchErrorKind> {
        let Some(position) = self.lookup(name, context.case)? else { return Ok(Entry::Vacant(self)) };
        let member = self.slots[position].as_mut().map(|(_, value)| Entry::Occupied(value));
        member.ok_or(PatchErrorKind::NotFound)
    }

    fn insert(self, name: &str, value: Parts) {
        self.fill(self.slots.len(), name.to_owned(), value);
    }

    fn remove(self, name: &str, context: &mut Context) -> Result<Option<Removed<Parts>>, PatchErrorKind> {
        let Some(position) = self.lookup(name, context.case)? else { return Ok(None) };
        Ok(self.empty(position).map(|(name, value)| Removed { value, name, position }))
    }
}

impl Restore<Parts> for &mut Members {
    fn take_back(self, name: &str) -> Option<Parts> {
        let position = match &self.index {
            Some(index) => index.find(name).ok()??,
            // None is made here: it would ignore no case, and what is looked up behind it may have to.
            None => self.slots.iter().rposition(|slot| slot.as_ref().is_some_and(|(other, _)| other == name))?,
        };
        self.empty(position).map(|(_, value)| value)
    }

    fn put_back(self, position: usize, name: String, value: Parts) {
        self.fill(position, name, value);
    }
}

impl<'d> Array for &'d mut Sequence<Parts> {
    type Value = Parts;
    type Node = &'d mut Parts;

    fn length(&self) -> usize {
        self.len()
    }

    fn shifted(&self, _index: usize) -> usize {
        0
    }

    fn element(self, index: usize) -> &'d mut Parts {
        self.get_mut(index)
    }

    fn insert(self, index: usize, value: Parts) {
        Sequence::insert(self, index, value);
    }

    fn remove(self, index: usize) -> Parts {
        Sequence::remove(self, index)
    }
}
