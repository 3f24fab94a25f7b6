//! The places of a text, which answer what the rules ask of a document. What is written there is a note.

use std::borrow::Cow;

use super::{
    slots::{Piece, REMOVED, REPLACED, Slot, ValueAt},
    text::Text,
};
use crate::{
    document::{
        ArrayNodes, Change, Container, Context, Document, Member, Nodes, ObjectNodes, OpenedNode, PatchErrorKind,
        Refusal, Removed, nest,
    },
    json::tape::Kind,
    patch::pointer::Tokens,
};

impl<'t> Text<'t> {
    /// A place to which the last slots of a trail of this length lead.
    #[inline]
    pub(super) fn spot(&mut self, slot: Slot, level: usize) -> Spot<'_, 't> {
        self.trail.truncate(level);
        self.trail.push(slot);
        Spot { text: self, slot, level }
    }

    /// The whole text.
    #[inline]
    pub(crate) fn whole(&mut self) -> Spot<'_, 't> {
        self.spot(self.root, 0)
    }

    /// Takes a member out of an object.
    pub(super) fn take_member(&mut self, object: ValueAt, slot: Slot) -> Piece {
        let taken = self.detached_piece(slot);
        self.unindex_member(object, slot);
        self.entry_mut(slot.0).children |= REMOVED;
        taken
    }
}

impl<'p, 't> Document<'p> for Text<'t> {
    type Nodes = Text<'t>;

    #[inline(always)]
    fn start(&mut self) -> Spot<'_, 't> {
        self.whole()
    }

    fn nest(&mut self, _place: Tokens<'p>, below: Tokens<'p>, value: Piece) -> Result<Piece, Refusal> {
        nest(below, value, |name, value| Ok(self.wrapped(name.as_deref(), value)?))
    }

    /// The notes of a patch that fails are dropped as a whole.
    #[inline(always)]
    fn record(&mut self, _path: Tokens<'p>, _change: Change, _old: Option<Piece>) {}
}

/// A place in a text.
pub(crate) struct Spot<'d, 't> {
    text: &'d mut Text<'t>,
    slot: Slot,
    /// How many slots of the trail lead here; the next one is this slot.
    level: usize,
}

pub(crate) struct ObjectAt<'d, 't> {
    pub(in crate::text) text: &'d mut Text<'t>,
    value: ValueAt,
    /// How many slots of the trail lead into it.
    level: usize,
}

pub(crate) struct ArrayAt<'d, 't> {
    text: &'d mut Text<'t>,
    value: ValueAt,
    length: usize,
    /// How many slots of the trail lead into it.
    level: usize,
}

impl<'t> Nodes for Text<'t> {
    type Value = Piece;
    type Node<'n>
        = Spot<'n, 't>
    where
        't: 'n;
    type Object<'n>
        = ObjectAt<'n, 't>
    where
        't: 'n;
    type Array<'n>
        = ArrayAt<'n, 't>
    where
        't: 'n;

    #[inline(always)]
    fn open<'n>(node: Self::Node<'n>) -> Result<OpenedNode<'n, Self>, Refusal> {
        let Spot { text, slot, level } = node;
        let value = text.value(slot);
        let level = level + 1;
        Ok(match text.kind(value) {
            Kind::Object => {
                text.expand(value)?;
                Container::Object(ObjectAt { text, value, level })
            }
            Kind::Array => {
                text.expand(value)?;
                let length = match text.list(value) {
                    Some(list) => list.slots.len(),
                    None => text.recorded(value).1 as usize,
                };
                Container::Array(ArrayAt { text, value, length, level })
            }
            Kind::Null => Container::Null,
            Kind::Boolean | Kind::Number | Kind::String => Container::Scalar,
        })
    }

    fn reborrow<'a>(node: &'a mut Spot<'_, 't>) -> Spot<'a, 't> {
        Spot { text: node.text, slot: node.slot, level: node.level }
    }

    #[inline]
    fn set(Spot { text, slot, level }: Spot<'_, 't>, piece: Cow<'_, Piece>) -> Result<Piece, Refusal> {
        let old = text.value(slot);
        let value = text.place(*piece)?;
        text.entry_mut(slot.0).children = REPLACED | value.0;
        text.mark_trail(level);
        Ok(Piece::Taken(old))
    }

    /// A text has a budget of its own for it, since it also compares where no operation is at work.
    fn equals(node: &mut Spot<'_, 't>, piece: &Piece, _context: &mut Context) -> Result<bool, Refusal> {
        Ok(node.equals(*piece)?)
    }

    fn is_deeper_than(node: &Spot<'_, 't>, limit: usize, context: &mut Context) -> Result<bool, Refusal> {
        Ok(node.text.is_value_deeper_than(node.text.value(node.slot), limit, context)?)
    }

    fn copy_within(node: &mut Spot<'_, 't>, limit: usize) -> Result<Option<(Piece, usize)>, Refusal> {
        Ok(node.text.copy_value(node.text.value(node.slot), limit))
    }
}

impl Spot<'_, '_> {
    pub(crate) fn equals(&mut self, piece: Piece) -> Result<bool, PatchErrorKind> {
        let value = self.text.value(self.slot);
        let other = self.text.place(piece)?;
        self.text.equal(value, other)
    }
}

impl<'t> ObjectNodes for Text<'t> {
    fn reborrow_object<'a>(object: &'a mut ObjectAt<'_, 't>) -> ObjectAt<'a, 't> {
        ObjectAt { text: object.text, value: object.value, level: object.level }
    }

    fn find(object: &mut ObjectAt<'_, 't>, name: &str, context: &mut Context) -> Result<Option<usize>, Refusal> {
        Ok(object.text.lookup(object.value, name, context.case)?.map(|slot| slot.0 as usize))
    }

    #[inline(always)]
    fn member<'n>(
        object: Self::Object<'n>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Self::Node<'n>>, Refusal> {
        let ObjectAt { text, value, level } = object;
        Ok(text.lookup(value, name, context.case)?.map(|slot| text.spot(slot, level)))
    }

    #[inline(always)]
    fn entry<T, E: From<Refusal>>(
        object: ObjectAt<'_, 't>,
        name: &str,
        context: &mut Context,
        act: impl for<'a> FnOnce(Member<Spot<'a, 't>, ObjectAt<'a, 't>>, &mut Context) -> Result<T, E>,
    ) -> Result<T, E> {
        match object.text.lookup(object.value, name, context.case).map_err(Refusal::from)? {
            Some(slot) => act(Member::Occupied(object.text.spot(slot, object.level)), context),
            None => act(Member::Vacant(object), context),
        }
    }

    fn insert(
        ObjectAt { text, value, level }: ObjectAt<'_, 't>,
        name: &str,
        piece: Cow<'_, Piece>,
    ) -> Result<(), Refusal> {
        let slot = text.new_member(name, *piece)?;
        let slots = &mut text.list_mut(value).slots;
        slots.insert(slots.len(), slot);
        text.index_member(value, slot);
        text.mark_trail(level);
        Ok(())
    }

    fn remove(
        ObjectAt { text, value, level }: ObjectAt<'_, 't>,
        name: &str,
        context: &mut Context,
    ) -> Result<Option<Removed<Piece>>, Refusal> {
        let Some(slot) = text.lookup(value, name, context.case)? else { return Ok(None) };
        text.mark_trail(level);
        let value = text.take_member(value, slot);
        Ok(Some(Removed { value, name: String::new(), position: 0 }))
    }
}

impl<'t> ArrayNodes for Text<'t> {
    fn length(array: &ArrayAt<'_, 't>) -> usize {
        array.length
    }

    fn shifted(_array: &ArrayAt<'_, 't>, _index: usize) -> usize {
        0
    }

    fn element<'n>(array: Self::Array<'n>, index: usize) -> Result<Self::Node<'n>, Refusal> {
        let ArrayAt { text, value, level, .. } = array;
        let slot = match text.list(value) {
            Some(_) => *text.list_mut(value).slots.get_mut(index),
            None => Slot(text.recorded(value).0 + index as u32),
        };
        Ok(text.spot(slot, level))
    }

    fn insert_element(
        ArrayAt { text, value, level, .. }: ArrayAt<'_, 't>,
        index: usize,
        piece: Cow<'_, Piece>,
    ) -> Result<(), Refusal> {
        let slot = text.new_element(*piece)?;
        text.list_mut(value).slots.insert(index, slot);
        text.mark_trail(level);
        Ok(())
    }

    fn remove_element(ArrayAt { text, value, level, .. }: ArrayAt<'_, 't>, index: usize) -> Result<Piece, Refusal> {
        let slot = text.list_mut(value).slots.remove(index);
        text.mark_trail(level);
        Ok(Piece::Taken(text.value(slot)))
    }
}
