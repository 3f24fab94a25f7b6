//! A tree that is only read: what a merge patch would write there becomes a list of operations.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value};

use crate::{
    document::{
        ArrayNodes, Container, Context, Member, Nodes, ObjectNodes, OpenedNode, PatchErrorKind, Refusal, Removed,
    },
    json::{
        name::{self, Ambiguous, Case, Found, NameIndex},
        value,
    },
    patch::{operation::Operation, pointer::Pointer},
};

/// What is written, and what makes names quick to find.
pub(super) struct Recorder<'v> {
    /// The path of the member or element that was entered last.
    path: Pointer,
    operations: Vec<Operation>,
    /// How many bytes the paths of the list may still take together.
    bytes_left: usize,
    /// The names of the wide objects that are open, by the level of each.
    indexes: BTreeMap<usize, NameIndex<&'v str>>,
}

/// A place in the tree.
pub(super) struct RecordedNode<'n, 'v, T> {
    here: T,
    recorder: &'n mut Recorder<'v>,
    /// How many tokens lead here.
    level: usize,
    /// How long their pointer is.
    length: usize,
}

impl<'v> Recorder<'v> {
    /// Lists operations whose paths are together at most so many bytes long.
    pub(super) fn new(bytes: usize) -> Recorder<'v> {
        Recorder { path: Pointer::ROOT, operations: Vec::new(), bytes_left: bytes, indexes: BTreeMap::new() }
    }

    pub(super) fn root(&mut self, root: &'v Value) -> RecordedNode<'_, 'v, &'v Value> {
        RecordedNode { here: root, recorder: self, level: 0, length: 0 }
    }

    pub(super) fn into_operations(self) -> Vec<Operation> {
        self.operations
    }
}

impl<'n, 'v, T> RecordedNode<'n, 'v, T> {
    /// The same place as another type.
    fn with<U>(self, here: U) -> RecordedNode<'n, 'v, U> {
        RecordedNode { here, recorder: self.recorder, level: self.level, length: self.length }
    }

    fn reborrow(&mut self) -> RecordedNode<'_, 'v, T>
    where
        T: Copy,
    {
        RecordedNode { here: self.here, recorder: self.recorder, level: self.level, length: self.length }
    }

    /// A place below this one.
    fn enter<U>(self, name: &str, here: U) -> RecordedNode<'n, 'v, U> {
        let path = &mut self.recorder.path;
        path.truncate(self.length);
        path.push(name);
        let length = path.len();
        RecordedNode { here, recorder: self.recorder, level: self.level + 1, length }
    }

    /// Lists an operation on this place.
    fn record(self, operation: impl FnOnce(Pointer) -> Operation) -> Result<(), Refusal> {
        let Recorder { path, operations, bytes_left, .. } = self.recorder;
        path.truncate(self.length);
        *bytes_left = bytes_left.checked_sub(self.length).ok_or(PatchErrorKind::TooMuchWork)?;
        operations.push(operation(path.clone()));
        Ok(())
    }
}

impl<'v> RecordedNode<'_, 'v, &'v Map<String, Value>> {
    /// The member that a name selects, by its stored name. Where many names in another case are looked up in a wide
    /// object, they are indexed.
    fn search(&mut self, name: &str, context: &Context) -> Result<Option<(&'v String, &'v Value)>, PatchErrorKind> {
        let members = self.here;
        let exact = members.get_key_value(name);
        if exact.is_some() || context.case == Case::Exact {
            return Ok(exact);
        }
        if members.len() > NameIndex::<&str>::PAYS_FROM {
            return self.search_wide(name);
        }
        match name::find_folded(members.keys().map(String::as_str), name) {
            Found::At(position) => Ok(members.iter().nth(position)),
            Found::Nothing => Ok(None),
            Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
        }
    }

    /// Finds a member over an index.
    #[cold]
    fn search_wide(&mut self, name: &str) -> Result<Option<(&'v String, &'v Value)>, PatchErrorKind> {
        let members = self.here;
        let index = self.recorder.indexes.entry(self.level).or_insert_with(|| {
            let mut index = NameIndex::new(Case::Folded);
            members.keys().for_each(|name| index.insert(name, name.as_str()));
            index
        });
        let stored = index.find(name).map_err(|Ambiguous| PatchErrorKind::AmbiguousName)?;
        Ok(stored.and_then(|name| members.get_key_value(name)))
    }
}

impl<'v> Nodes for Recorder<'v> {
    type Value = Value;
    type Node<'n>
        = RecordedNode<'n, 'v, &'v Value>
    where
        'v: 'n;
    type Object<'n>
        = RecordedNode<'n, 'v, &'v Map<String, Value>>
    where
        'v: 'n;
    type Array<'n>
        = RecordedNode<'n, 'v, &'v Vec<Value>>
    where
        'v: 'n;

    fn open<'n>(node: Self::Node<'n>) -> Result<OpenedNode<'n, Self>, Refusal> {
        Ok(match node.here {
            Value::Object(members) => {
                // Those that are here or below are of objects that were left.
                node.recorder.indexes.split_off(&node.level);
                Container::Object(node.with(members))
            }
            Value::Array(elements) => Container::Array(node.with(elements)),
            Value::Null => Container::Null,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Container::Scalar,
        })
    }

    fn reborrow<'a>(node: &'a mut Self::Node<'_>) -> Self::Node<'a> {
        node.reborrow()
    }

    fn set(node: Self::Node<'_>, value: Cow<'_, Value>) -> Result<Value, Refusal> {
        node.record(|path| Operation::Replace { path, value: value.into_owned() })?;
        Ok(Value::Null)
    }

    fn equals(node: &mut Self::Node<'_>, value: &Value, context: &mut Context) -> Result<bool, Refusal> {
        value::equal_within(node.here, value, context.work_left()).ok_or(PatchErrorKind::TooMuchWork.into())
    }

    fn is_deeper_than(node: &Self::Node<'_>, limit: usize, _context: &mut Context) -> Result<bool, Refusal> {
        Ok(value::is_deeper_than(node.here, limit))
    }

    fn copy_within(node: &mut Self::Node<'_>, limit: usize) -> Result<Option<(Value, usize)>, Refusal> {
        Ok(value::size_within(node.here, limit).map(|length| (node.here.clone(), length)))
    }
}

impl<'v> ObjectNodes for Recorder<'v> {
    fn reborrow_object<'a>(object: &'a mut Self::Object<'_>) -> Self::Object<'a> {
        object.reborrow()
    }

    fn find(object: &mut Self::Object<'_>, name: &str, context: &mut Context) -> Result<Option<usize>, Refusal> {
        let found = object.search(name, context)?;
        Ok(found.and_then(|(name, _)| object.here.keys().position(|other| other == name)))
    }

    fn member<'n>(
        mut object: Self::Object<'n>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Self::Node<'n>>, Refusal> {
        Ok(object.search(name, context)?.map(|(name, value)| object.enter(name, value)))
    }

    fn entry<T, E: From<Refusal>>(
        mut object: Self::Object<'_>,
        name: &str,
        context: &mut Context,
        act: impl for<'a> FnOnce(
            Member<RecordedNode<'a, 'v, &'v Value>, RecordedNode<'a, 'v, &'v Map<String, Value>>>,
            &mut Context,
        ) -> Result<T, E>,
    ) -> Result<T, E> {
        match object.search(name, context).map_err(Refusal::from)? {
            Some((name, value)) => act(Member::Occupied(object.enter(name, value)), context),
            None => act(Member::Vacant(object), context),
        }
    }

    fn insert(object: Self::Object<'_>, name: &str, value: Cow<'_, Value>) -> Result<(), Refusal> {
        object.enter(name, ()).record(|path| Operation::Add { path, value: value.into_owned() })
    }

    fn remove(
        mut object: Self::Object<'_>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Removed<Value>>, Refusal> {
        if let Some((name, _)) = object.search(name, context)? {
            object.enter(name, ()).record(|path| Operation::Remove { path })?;
        }
        Ok(None)
    }
}

impl<'v> ArrayNodes for Recorder<'v> {
    fn length(array: &Self::Array<'_>) -> usize {
        array.here.len()
    }

    fn shifted(array: &Self::Array<'_>, index: usize) -> usize {
        array.here.len() - index
    }

    fn element<'n>(array: Self::Array<'n>, index: usize) -> Result<Self::Node<'n>, Refusal> {
        let element = &array.here[index];
        Ok(array.enter(&index.to_string(), element))
    }

    fn insert_element(array: Self::Array<'_>, index: usize, value: Cow<'_, Value>) -> Result<(), Refusal> {
        let name = if index == array.here.len() { "-".to_owned() } else { index.to_string() };
        array.enter(&name, ()).record(|path| Operation::Add { path, value: value.into_owned() })
    }

    fn remove_element(array: Self::Array<'_>, index: usize) -> Result<Value, Refusal> {
        array.enter(&index.to_string(), ()).record(|path| Operation::Remove { path })?;
        Ok(Value::Null)
    }
}
