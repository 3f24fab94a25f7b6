//! A tree that operations work on, and the record that takes back what they did.

use std::{borrow::Cow, mem};

use serde_json::{Map, Value};

use super::nodes::{TreeNodes, exact, insert_at};
use crate::{
    document::{Change, Context, Document, End, MemberPlace, Refusal, nest, walk},
    json::{name::Case, value},
    patch::pointer::{Token, Tokens},
};

/// A tree, and what was changed in it.
pub(super) struct Tree<'t, 'p> {
    pub(super) root: &'t mut Value,
    pub(super) undo: Record<'p>,
}

/// What takes all changes back, in the order in which they were made. The first one lies here: a patch of one operation
/// is the most frequent one, and needs no memory for it elsewhere.
pub(super) struct Record<'p> {
    first: Option<Undo<'p>>,
    others: Vec<Undo<'p>>,
}

/// What takes one change back.
pub(super) struct Undo<'p> {
    pub(super) path: Tokens<'p>,
    pub(super) change: Change,
    /// The value that was there before; `None` where nothing was, or where the next change holds it because it moved.
    pub(super) old: Option<Value>,
}

impl<'p> Record<'p> {
    /// With room for this many changes, or for so many that making room for the others does not matter.
    pub(super) fn with_capacity(count: usize) -> Record<'p> {
        Record { first: None, others: Vec::with_capacity(count.saturating_sub(1).min(15)) }
    }

    fn push(&mut self, undo: Undo<'p>) {
        match self.first {
            None => self.first = Some(undo),
            Some(_) => self.others.push(undo),
        }
    }

    fn pop(&mut self) -> Option<Undo<'p>> {
        self.others.pop().or_else(|| self.first.take())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Undo<'p>> {
        self.first.iter().chain(&self.others)
    }

    pub(super) fn into_iter(self) -> impl DoubleEndedIterator<Item = Undo<'p>> {
        self.first.into_iter().chain(self.others)
    }

    /// Lets the old values go.
    pub(super) fn discard(self) {
        if let Some(Undo { old: Some(old), .. }) = self.first {
            value::discard(old);
        }
        for undo in self.others {
            undo.old.into_iter().for_each(value::discard);
        }
    }
}

impl Tree<'_, '_> {
    /// Takes every change back, the last one first. Each path is walked in the tree that its operation left, so that it
    /// leads to the same place again.
    pub(super) fn roll_back(&mut self, case: Case) {
        let mut context = Context::unlimited(case);
        // What the undone change had put in its place: on its way back, if it was moved.
        let mut displaced = Value::Null;
        while let Some(Undo { path, change, old }) = self.undo.pop() {
            let (container, last) = match (&change, path.split_last()) {
                (Change::Replaced, _) | (_, None) => (path, Cow::default()),
                (_, Some((parents, last))) => (parents, last.name()),
            };
            let old = old.unwrap_or_else(|| mem::take(&mut displaced));
            let restored = visit(self.root, container, End::Value, &mut context, |place, _, _| {
                place.ok().map(|place| restore(change, place, &last, old))
            });
            debug_assert!(restored.is_some(), "a change is undone in the tree that it left");
            value::discard(mem::replace(&mut displaced, restored.unwrap_or_default()));
        }
        value::discard(displaced);
    }
}

/// Takes a change back at its place: where a value was replaced, or in the container around it. Returns what the change
/// had put there.
pub(super) fn restore(change: Change, place: &mut Value, name: &str, old: Value) -> Value {
    match (change, place) {
        (Change::Replaced, place) => mem::replace(place, old),
        // The last member to be inserted is the first to go, which leaves the order of the others alone.
        (Change::InsertedMember, Value::Object(members)) => members.remove(name).unwrap_or_default(),
        (Change::InsertedElement { index }, Value::Array(elements)) => elements.remove(index),
        (Change::RemovedMember(at), Value::Object(members)) => {
            let MemberPlace { name, position } = *at;
            insert_at(members, position, name, old);
            Value::Null
        }
        (Change::RemovedElement { index }, Value::Array(elements)) => {
            elements.insert(index, old);
            Value::Null
        }
        // A container is still the one that the operation found there.
        (Change::InsertedMember | Change::RemovedMember(_), _) => Value::Null,
        (Change::InsertedElement { .. } | Change::RemovedElement { .. }, _) => Value::Null,
    }
}

impl<'p> Document<'p> for Tree<'_, 'p> {
    type Nodes = TreeNodes;

    fn start(&mut self) -> &mut Value {
        self.root
    }

    #[inline(always)]
    fn visit<T>(
        &mut self,
        path: Tokens<'p>,
        end: End,
        context: &mut Context,
        act: impl FnOnce(Result<&mut Value, Refusal>, Option<Token<'p>>, &mut Context) -> T,
    ) -> T {
        visit(self.root, path, end, context, act)
    }

    fn nest(&mut self, _place: Tokens<'p>, below: Tokens<'p>, value: Value) -> Result<Value, Refusal> {
        nest(below, value, |name, value| {
            Ok(match name {
                Some(name) => Value::Object(Map::from_iter([(name.into_owned(), value)])),
                None => Value::Array(vec![value]),
            })
        })
    }

    fn record(&mut self, path: Tokens<'p>, change: Change, old: Option<Value>) {
        self.undo.push(Undo { path, change, old });
    }
}

/// Resolves tokens from a place as far as `end` says, then calls `act` with the node or the reason why there is none.
fn visit<'p, T>(
    start: &mut Value,
    tokens: Tokens<'p>,
    end: End,
    context: &mut Context,
    act: impl FnOnce(Result<&mut Value, Refusal>, Option<Token<'p>>, &mut Context) -> T,
) -> T {
    let (tokens, last) = end.of(tokens);
    // Most names are spelled as they are stored: where all are, one look-up a token is enough. (`ObjectNodes::member`
    // takes two where case is ignored.)
    if let Some(place) = walk_exactly(start, tokens) {
        return act(Ok(place), last, context);
    }
    let place = walk::<TreeNodes>(start, tokens, context);
    act(place, last, context)
}

/// Follows tokens to a value, if every name is spelled as it is stored.
fn walk_exactly<'v>(start: &'v mut Value, tokens: Tokens<'_>) -> Option<&'v mut Value> {
    let mut value = start;
    for token in tokens {
        value = match value {
            Value::Object(members) => exact(members, &token.name())?,
            Value::Array(elements) => {
                let index = token.existing_index(elements.len()).ok()?;
                &mut elements[index]
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
    }
    Some(value)
}
