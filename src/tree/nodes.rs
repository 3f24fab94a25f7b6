//! The places of a tree, which are written at once.

use std::{borrow::Cow, mem};

use serde_json::{Map, Value};

use crate::{
    document::{
        ArrayNodes, Container, Context, Member, MemberEntry, Nodes, ObjectNodes, OpenedNode, PatchErrorKind, Refusal,
        Removed,
    },
    json::{
        name::{self, Case, Found},
        value::{self, PRESERVES_ORDER},
    },
};

/// The nodes of a tree.
pub(crate) struct TreeNodes;

impl Nodes for TreeNodes {
    type Value = Value;
    type Node<'n> = &'n mut Value;
    type Object<'n> = &'n mut Map<String, Value>;
    type Array<'n> = &'n mut Vec<Value>;

    #[inline]
    fn open<'n>(node: Self::Node<'n>) -> Result<OpenedNode<'n, TreeNodes>, Refusal> {
        Ok(match node {
            Value::Object(members) => Container::Object(members),
            Value::Array(elements) => Container::Array(elements),
            Value::Null => Container::Null,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Container::Scalar,
        })
    }

    fn reborrow<'a>(node: &'a mut &mut Value) -> &'a mut Value {
        node
    }

    #[inline]
    fn set(node: &mut Value, value: Cow<'_, Value>) -> Result<Value, Refusal> {
        Ok(mem::replace(node, value.into_owned()))
    }

    #[inline]
    fn equals(node: &mut &mut Value, value: &Value, context: &mut Context) -> Result<bool, Refusal> {
        value::equal_within(node, value, context.work_left()).ok_or(PatchErrorKind::TooMuchWork.into())
    }

    fn is_deeper_than(node: &&mut Value, limit: usize, context: &mut Context) -> Result<bool, Refusal> {
        Ok(is_deeper_than(node, limit, context)?)
    }

    fn copy_within(node: &mut &mut Value, limit: usize) -> Result<Option<(Value, usize)>, Refusal> {
        Ok(value::size_within(node, limit).map(|length| (Value::clone(node), length)))
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

impl ObjectNodes for TreeNodes {
    fn reborrow_object<'a>(object: &'a mut &mut Map<String, Value>) -> &'a mut Map<String, Value> {
        object
    }

    fn find(object: &mut &mut Map<String, Value>, name: &str, context: &mut Context) -> Result<Option<usize>, Refusal> {
        context.work(cost_of_search(object))?;
        Ok(position_of(name::find(object.keys().map(String::as_str), name, context.case))?)
    }

    #[inline]
    fn member<'n>(
        object: Self::Object<'n>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Self::Node<'n>>, Refusal> {
        if context.case == Case::Exact || object.contains_key(name) {
            return Ok(exact(object, name));
        }
        Ok(folded(object, name, context)?.and_then(|position| object.values_mut().nth(position)))
    }

    #[inline]
    fn entry<T, E: From<Refusal>>(
        object: &mut Map<String, Value>,
        name: &str,
        context: &mut Context,
        act: impl FnOnce(MemberEntry<'_, TreeNodes>, &mut Context) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(member) = object.get_mut(name) {
            return act(Member::Occupied(member), context);
        }
        let position = match context.case {
            Case::Exact => None,
            Case::Folded => folded(object, name, context).map_err(Refusal::from)?,
        };
        if let Some(member) = position.and_then(|position| object.values_mut().nth(position)) {
            return act(Member::Occupied(member), context);
        }
        act(Member::Vacant(object), context)
    }

    #[inline]
    fn insert(object: &mut Map<String, Value>, name: &str, value: Cow<'_, Value>) -> Result<(), Refusal> {
        object.insert(name.to_owned(), value.into_owned());
        Ok(())
    }

    fn remove(
        object: &mut Map<String, Value>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Removed<Value>>, Refusal> {
        if object.contains_key(name) {
            return Ok(remove(object, name, context)?);
        }
        let position = match context.case {
            Case::Exact => None,
            Case::Folded => folded(object, name, context)?,
        };
        match position.and_then(|position| object.keys().nth(position).cloned()) {
            Some(name) => Ok(remove(object, &name, context)?),
            None => Ok(None),
        }
    }
}

/// The member of exactly this name.
#[inline(always)]
pub(super) fn exact<'v>(members: &'v mut Map<String, Value>, name: &str) -> Option<&'v mut Value> {
    /// Telling so few names from each other, most of them by their length, is faster than a look-up.
    const FEW: usize = 16;

    match members.len() <= FEW {
        true => members.iter_mut().find(|(other, _)| *other == name).map(|(_, member)| member),
        false => members.get_mut(name),
    }
}

/// The position of the member that a name selects and that no member has exactly.
fn folded(members: &Map<String, Value>, name: &str, context: &mut Context) -> Result<Option<usize>, PatchErrorKind> {
    let (mut found, mut position, mut bytes) = (Found::Nothing, 0, 0);
    for other in members.keys() {
        bytes += other.len();
        if name::equal_folded(other, name) {
            found = found.or(position);
        }
        position += 1;
    }
    // Long names take longer to compare.
    context.work(members.len() + bytes)?;
    position_of(found)
}

/// What it takes to compare a name with all names of an object, as [`folded`] accounts for it.
pub(super) fn cost_of_search(members: &Map<String, Value>) -> usize {
    members.keys().map(|name| 1 + name.len()).sum()
}

fn position_of(found: Found) -> Result<Option<usize>, PatchErrorKind> {
    match found {
        Found::At(position) => Ok(Some(position)),
        Found::Nothing => Ok(None),
        Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
    }
}

/// Removes the member of exactly this name; the others keep their order.
fn remove(
    members: &mut Map<String, Value>,
    name: &str,
    context: &mut Context,
) -> Result<Option<Removed<Value>>, PatchErrorKind> {
    if !PRESERVES_ORDER {
        return Ok(members.remove_entry(name).map(|(name, value)| Removed { value, name, position: 0 }));
    }
    context.work(members.len())?;
    // `Map::remove` puts the last member where the removed one was; only `retain` keeps the order and is there with
    // and without serde_json's `preserve_order`.
    let Some(position) = members.keys().position(|key| key == name) else { return Ok(None) };
    let mut removed = Value::Null;
    members.retain(|key, value| {
        let stays = key != name;
        if !stays {
            removed = mem::take(value);
        }
        stays
    });
    Ok(Some(Removed { value: removed, name: name.to_owned(), position }))
}

/// Inserts a member so that it has this position, where members have one.
pub(super) fn insert_at(members: &mut Map<String, Value>, position: usize, name: String, value: Value) {
    if !PRESERVES_ORDER || position == members.len() {
        members.insert(name, value);
        return;
    }
    let mut rest = mem::take(members).into_iter();
    members.extend(rest.by_ref().take(position));
    members.insert(name, value);
    members.extend(rest);
}

impl ArrayNodes for TreeNodes {
    fn length(array: &&mut Vec<Value>) -> usize {
        array.len()
    }

    fn shifted(array: &&mut Vec<Value>, index: usize) -> usize {
        array.len() - index
    }

    fn element<'n>(array: Self::Array<'n>, index: usize) -> Result<Self::Node<'n>, Refusal> {
        Ok(&mut array[index])
    }

    fn insert_element(array: &mut Vec<Value>, index: usize, value: Cow<'_, Value>) -> Result<(), Refusal> {
        array.insert(index, value.into_owned());
        Ok(())
    }

    fn remove_element(array: &mut Vec<Value>, index: usize) -> Result<Value, Refusal> {
        Ok(array.remove(index))
    }
}
