//! The places of an entity's text, for the rules of the operations and of a merge patch: places of a text that know what
//! governs them.

use std::{borrow::Cow, marker::PhantomData};

use crate::{
    document::{
        ArrayNodes, Change, Container, Context, Document, Member, NodeOf, Nodes, ObjectNodes, OpenedNode, Refusal,
        Removed,
    },
    entity::{governed::Governed, session::Session},
    json::tape::Kind,
    patch::pointer::Tokens,
    text::{Piece, Slot, ValueAt, Version},
};

/// The places of an entity's text.
pub(super) struct EntityNodes<'t, 'd>(PhantomData<&'d &'t ()>);

/// A place, and how far the session's walk is there.
pub(super) struct EntityNode<'n, 't, 'd> {
    pub(super) session: &'n mut Session<'t, 'd>,
    pub(super) slot: Slot,
    pub(super) governed: Governed,
    pub(super) level: usize,
}

/// An object or an array at such a place.
pub(super) struct EntityContainer<'n, 't, 'd> {
    pub(super) session: &'n mut Session<'t, 'd>,
    value: ValueAt,
    governed: Governed,
    level: usize,
    /// How many elements it has.
    length: usize,
}

impl<'t, 'd> EntityContainer<'_, 't, 'd> {
    fn rewind(&mut self) {
        self.session.rewind(self.level);
    }

    /// Whether a merge patch has nothing to do for a member.
    pub(super) fn settles(&mut self, name: &str, sent: Version) -> Result<bool, Refusal> {
        self.rewind();
        self.session.settles(self.value, self.governed, name, sent)
    }
}

impl<'t, 'd> Nodes for EntityNodes<'t, 'd> {
    type Value = Piece;
    type Node<'n>
        = EntityNode<'n, 't, 'd>
    where
        Self: 'n;
    type Object<'n>
        = EntityContainer<'n, 't, 'd>
    where
        Self: 'n;
    type Array<'n>
        = EntityContainer<'n, 't, 'd>
    where
        Self: 'n;

    #[inline(always)]
    fn open<'n>(node: Self::Node<'n>) -> Result<OpenedNode<'n, Self>, Refusal> {
        let EntityNode { session, slot, governed, level } = node;
        session.rewind(level);
        let value = session.text.value(slot);
        let kind = session.text.kind(value);
        let mut container = EntityContainer { session, value, governed, level, length: 0 };
        Ok(match kind {
            Kind::Object | Kind::Array if !governed.inside.fits(kind) => Container::Scalar,
            Kind::Object => {
                container.session.text.expand(value)?;
                Container::Object(container)
            }
            Kind::Array => {
                container.session.text.expand(value)?;
                container.length = container.session.text.length_of(value);
                Container::Array(container)
            }
            // In a merge patch, a list that is null counts as empty.
            Kind::Null if container.session.is_merge && governed.is_list() => Container::Array(container),
            Kind::Null => Container::Null,
            Kind::Boolean | Kind::Number | Kind::String => Container::Scalar,
        })
    }

    fn reborrow<'a>(node: &'a mut EntityNode<'_, 't, 'd>) -> EntityNode<'a, 't, 'd> {
        EntityNode { session: node.session, slot: node.slot, governed: node.governed, level: node.level }
    }

    fn set(node: EntityNode<'_, 't, 'd>, value: Cow<'_, Piece>) -> Result<Piece, Refusal> {
        node.session.rewind(node.level);
        node.session.set(node.slot, node.governed, *value)
    }

    fn equals(node: &mut EntityNode<'_, 't, 'd>, value: &Piece, _context: &mut Context) -> Result<bool, Refusal> {
        node.session.rewind(node.level);
        node.session.equals(node.slot, node.governed, *value)
    }

    fn is_deeper_than(node: &EntityNode<'_, 't, 'd>, limit: usize, context: &mut Context) -> Result<bool, Refusal> {
        let text = &node.session.text;
        Ok(text.is_value_deeper_than(text.value(node.slot), limit, context)?)
    }

    fn copy_within(node: &mut EntityNode<'_, 't, 'd>, limit: usize) -> Result<Option<(Piece, usize)>, Refusal> {
        let value = node.session.copy(node.slot, node.governed)?;
        Ok(node.session.text.copy_value(value, limit))
    }
}

impl<'t, 'd> ObjectNodes for EntityNodes<'t, 'd> {
    fn reborrow_object<'a>(object: &'a mut EntityContainer<'_, 't, 'd>) -> EntityContainer<'a, 't, 'd> {
        let EntityContainer { session, value, governed, level, length } = object;
        EntityContainer { session, value: *value, governed: *governed, level: *level, length: *length }
    }

    fn find(
        object: &mut EntityContainer<'_, 't, 'd>,
        name: &str,
        _context: &mut Context,
    ) -> Result<Option<usize>, Refusal> {
        object.rewind();
        let found = object.session.member(object.value, object.governed, name)?;
        Ok(found.map(|(slot, _)| slot.index() as usize))
    }

    fn member<'n>(
        mut object: Self::Object<'n>,
        name: &str,
        _context: &mut Context,
    ) -> Result<Option<Self::Node<'n>>, Refusal> {
        object.rewind();
        let found = object.session.member(object.value, object.governed, name)?;
        let level = object.level + 1;
        Ok(found.map(|(slot, governed)| EntityNode { session: object.session, slot, governed, level }))
    }

    fn entry<T, E: From<Refusal>>(
        mut object: EntityContainer<'_, 't, 'd>,
        name: &str,
        context: &mut Context,
        act: impl for<'a> FnOnce(Member<EntityNode<'a, 't, 'd>, EntityContainer<'a, 't, 'd>>, &mut Context) -> Result<T, E>,
    ) -> Result<T, E> {
        object.rewind();
        let entry = match object.session.member(object.value, object.governed, name)? {
            Some((slot, governed)) => {
                Member::Occupied(EntityNode { session: object.session, slot, governed, level: object.level + 1 })
            }
            None => Member::Vacant(object),
        };
        act(entry, context)
    }

    fn insert(mut object: EntityContainer<'_, 't, 'd>, name: &str, value: Cow<'_, Piece>) -> Result<(), Refusal> {
        object.rewind();
        object.session.insert_member(object.value, object.governed, name, *value)
    }

    fn remove(
        mut object: EntityContainer<'_, 't, 'd>,
        name: &str,
        _context: &mut Context,
    ) -> Result<Option<Removed<Piece>>, Refusal> {
        object.rewind();
        let removed = object.session.remove_member(object.value, object.governed, name)?;
        Ok(removed.map(|value| Removed { value, name: String::new(), position: 0 }))
    }
}

impl<'t, 'd> ArrayNodes for EntityNodes<'t, 'd> {
    fn length(array: &EntityContainer<'_, 't, 'd>) -> usize {
        array.length
    }

    fn shifted(_array: &EntityContainer<'_, 't, 'd>, _index: usize) -> usize {
        0
    }

    fn element<'n>(mut array: Self::Array<'n>, index: usize) -> Result<Self::Node<'n>, Refusal> {
        array.rewind();
        let (slot, governed) = array.session.element(array.value, array.governed, index);
        Ok(EntityNode { session: array.session, slot, governed, level: array.level + 1 })
    }

    fn insert_element(
        mut array: EntityContainer<'_, 't, 'd>,
        index: usize,
        value: Cow<'_, Piece>,
    ) -> Result<(), Refusal> {
        array.rewind();
        array.session.insert_element(array.value, array.governed, index, *value)
    }

    fn remove_element(mut array: EntityContainer<'_, 't, 'd>, index: usize) -> Result<Piece, Refusal> {
        array.rewind();
        array.session.remove_element(array.value, array.governed, index)
    }
}

impl<'p, 't, 'd> Document<'p> for Session<'t, 'd> {
    type Nodes = EntityNodes<'t, 'd>;

    fn start(&mut self) -> NodeOf<'_, 'p, Self> {
        let (slot, governed) = self.start_walk();
        EntityNode { session: self, slot, governed, level: 1 }
    }

    /// Nothing is undone in place: a text whose patch failed is dropped.
    fn record(&mut self, _path: Tokens<'p>, _change: Change, _old: Option<Piece>) {}

    fn nest(&mut self, place: Tokens<'p>, below: Tokens<'p>, value: Piece) -> Result<Piece, Refusal> {
        self.nest_at(place, below, value)
    }
}
