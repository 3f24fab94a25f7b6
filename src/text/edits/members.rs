//! The members of a text's root, for an entity that is patched as it is stored. What they are called and who may write
//! them is the entity's to know.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::lookup::Sought;
use super::{Piece, Slot, Spot, Text, ValueAt, inside, utf8};
use crate::{
    document::{Node, PatchErrorKind},
    json::{
        name::{Ambiguous, Case},
        number,
        string::unescape,
        tape::{Entry, Kind, NO_NAME},
        value::PRESERVES_ORDER,
    },
    text::write,
};

/// A member of a value of the patch, with its name.
type PatchMember<'t> = (Cow<'t, str>, Piece);

impl<'t> Text<'t> {
    /// Whether the whole text is an object.
    pub(crate) fn is_object(&self) -> bool {
        self.kind(self.value(self.root)) == Kind::Object
    }

    /// The member of the root that has exactly this name.
    pub(crate) fn member(&mut self, name: &str) -> Result<Option<Slot>, PatchErrorKind> {
        let root = self.value(self.root);
        self.expand(root)?;
        // Not over the index of a wide root, which is for the names of paths and may ignore their case.
        self.search(root, &Sought::of(name, Case::Exact)).map_err(|Ambiguous| PatchErrorKind::AmbiguousName)
    }

    /// The member of the root that a name in a path stands for.
    pub(crate) fn named(&mut self, name: &str, case: Case) -> Result<Option<Slot>, PatchErrorKind> {
        let root = self.value(self.root);
        self.expand(root)?;
        self.lookup(root, name, case)
    }

    /// The members of the root that the text has, with their names.
    pub(crate) fn members(&mut self) -> Result<Vec<(Cow<'t, str>, Slot)>, PatchErrorKind> {
        let root = self.value(self.root);
        self.expand(root)?;
        Ok(self.children(root).map(|slot| (self.stored_name(slot), slot)).collect())
    }

    /// A member that the text does not have, and that is only null until it is [appended](Text::append).
    pub(crate) fn absent_member(&mut self, name: &str) -> Slot {
        let null = self.null();
        self.new_member(name, null)
    }

    /// Makes a member of the root of one that was absent.
    pub(crate) fn append(&mut self, member: Slot) {
        let slots = &mut self.list_mut(self.value(self.root)).slots;
        slots.insert(slots.len(), member);
    }

    /// Gives a member the bytes back that the text has for it.
    pub(crate) fn restore(&mut self, member: Slot) {
        self.entry_mut(member.0).children = 0;
    }

    /// What the text has in a slot, whatever was written there.
    pub(crate) fn stored(&self, slot: Slot) -> Piece {
        let entry = self.entry(slot);
        Piece::Span(entry.start, entry.end)
    }

    /// A value that stands nowhere in the text.
    pub(crate) fn apart(&mut self, piece: Piece) -> Slot {
        self.new_element(piece)
    }

    pub(crate) fn null(&mut self) -> Piece {
        let (start, end) = self.add(|added| added.extend(b"null"));
        Piece::Span(start, end)
    }

    /// A value that is added to the text.
    pub(crate) fn json(&mut self, value: &Value) -> Piece {
        let text = value.to_string();
        let (start, end) = self.add(|added| added.extend(text.bytes()));
        Piece::Span(start, end)
    }

    /// An object that is added to the text: the members of these slots.
    pub(crate) fn object<'n>(&mut self, members: impl Iterator<Item = (&'n str, Slot)>) -> Piece {
        let mut object = vec![b'{'];
        for (name, slot) in members {
            if object.len() > 1 {
                object.push(b',');
            }
            write::quoted(name, &mut object);
            object.push(b':');
            object.extend_from_slice(&self.written(self.value(slot)));
        }
        object.push(b'}');
        let (start, end) = self.add(|added| added.extend(object));
        Piece::Span(start, end)
    }

    /// The place of a member of the root, or of a value apart.
    pub(crate) fn at(&mut self, slot: Slot) -> Spot<'_, 't> {
        self.trail.clear();
        self.trail.push(self.root);
        self.spot(slot)
    }

    /// Puts another value into a slot.
    pub(crate) fn replace(&mut self, slot: Slot, piece: Piece) {
        self.at(slot).set(piece);
    }

    /// Takes a value out of its slot, and leaves null.
    pub(crate) fn take(&mut self, slot: Slot) -> Piece {
        let mut value = self.value(slot);
        if value.0 == slot.0 {
            // What is put there is marked on the slot; what stood there lives on elsewhere.
            let Entry { start, end, children, .. } = self.entry(slot);
            value = ValueAt(self.push(Entry { key: NO_NAME, start, end, children }));
        }
        let null = self.null();
        self.replace(slot, null);
        Piece::Taken(value)
    }

    pub(crate) fn is_null_at(&self, slot: Slot) -> bool {
        self.kind_at(slot) == Kind::Null
    }

    pub(crate) fn kind_at(&self, slot: Slot) -> Kind {
        self.kind(self.value(slot))
    }

    /// Whether there is a container of this kind in a slot, and strings only in that.
    pub(crate) fn is_of_strings(&mut self, slot: Slot, kind: Kind) -> Result<bool, PatchErrorKind> {
        let value = self.value(slot);
        if self.kind(value) != kind {
            return Ok(false);
        }
        self.expand(value)?;
        Ok(self.children(value).all(|child| self.kind_at(child) == Kind::String))
    }

    /// Whether a value is spelt like the one in a slot, of which nothing was changed inside.
    pub(crate) fn has_bytes_of(&self, slot: Slot, piece: Piece) -> bool {
        let value = self.value(slot);
        match piece {
            Piece::Span(start, end) => !self.is_edited(value) && self.text(value) == self.slice(start, end),
            Piece::Taken(_) => false,
        }
    }

    pub(crate) fn equals(&mut self, slot: Slot, piece: Piece) -> Result<bool, PatchErrorKind> {
        self.at(slot).equals(&piece)
    }

    /// Whether a value is nested deeper than so many levels.
    pub(crate) fn is_deeper_than(&self, piece: Piece, levels: usize) -> bool {
        match piece {
            Piece::Taken(value) => write::depth(&self.written(value)) > levels,
            Piece::Span(start, end) => match Kind::of(self.bytes(start)[0]) {
                Kind::Array | Kind::Object => write::depth(self.slice(start, end)) > levels,
                Kind::Null | Kind::Boolean | Kind::Number | Kind::String => false,
            },
        }
    }

    /// The members of a value that is one of the patch's, if it is an object, in the order of a tree.
    pub(crate) fn members_of(&mut self, piece: Piece) -> Result<Option<Vec<PatchMember<'t>>>, PatchErrorKind> {
        let object = self.place(piece);
        if self.kind(object) != Kind::Object {
            return Ok(None);
        }
        self.expand(object)?;
        let members = self.children(object).map(|slot| (self.stored_name(slot), Piece::Taken(self.value(slot))));
        let mut members: Vec<_> = members.collect();
        if !PRESERVES_ORDER {
            members.sort_by(|(left, _), (right, _)| left.cmp(right));
        }
        Ok(Some(members))
    }

    /// The tree of what is in a slot; of a name that stands twice, the last member counts. No tree holds a number that
    /// an `f64` cannot reach.
    pub(crate) fn tree(&mut self, slot: Slot) -> Result<Option<Value>, PatchErrorKind> {
        self.tree_of(self.value(slot))
    }

    /// Recurses as deep as a text is nested, which is as deep as serde_json reads.
    fn tree_of(&mut self, value: ValueAt) -> Result<Option<Value>, PatchErrorKind> {
        let kind = self.kind(value);
        Ok(match kind {
            Kind::Null => Some(Value::Null),
            Kind::Boolean => Some(Value::Bool(self.text(value) == b"true")),
            Kind::Number => number::parse(&utf8(self.text(value))).map(Value::Number),
            Kind::String => Some(Value::String(unescape(inside(self.text(value))).into_owned())),
            Kind::Array | Kind::Object => {
                self.expand(value)?;
                let slots: Vec<Slot> = self.children(value).collect();
                let mut members = Map::new();
                let mut elements = Vec::new();
                for slot in slots {
                    let Some(child) = self.tree_of(self.value(slot))? else { return Ok(None) };
                    match kind {
                        Kind::Object => {
                            members.insert(self.name(slot).into_owned(), child);
                        }
                        _ => elements.push(child),
                    }
                }
                Some(if kind == Kind::Object { Value::Object(members) } else { Value::Array(elements) })
            }
        })
    }

    /// The text as it is now.
    pub(crate) fn into_json(self) -> Vec<u8> {
        write::document(&self, self.target)
    }
}
