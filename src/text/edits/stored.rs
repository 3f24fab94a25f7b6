//! A text as it was stored beside the text as it is now, and edits that no operation asks for. The rules of an entity
//! need both.

use std::{
    borrow::Cow,
    hash::{BuildHasher, RandomState},
    ops::Range,
};

use super::{
    equality,
    lookup::Sought,
    searches::Searched,
    slots::{EDITED, LISTED, Piece, REMOVED, REPLACED, Slot, ValueAt},
    text::Text,
};
use serde_json::Value;

use crate::{
    document::{Context, PatchErrorKind},
    json::{
        decode,
        name::Case,
        print,
        string::unescape,
        tape::{Entry, Kind},
        token,
    },
    text::white_space,
};

/// A value as it was stored, or as it is now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version {
    value: ValueAt,
    /// Edits of the value's children do not count.
    is_stored: bool,
}

/// The children of a container. Recorded ones are adjacent, so that a range is enough for them.
pub(crate) struct Slots {
    recorded: Range<u32>,
    edited: std::vec::IntoIter<Slot>,
}

impl Iterator for Slots {
    type Item = Slot;

    #[inline]
    fn next(&mut self) -> Option<Slot> {
        self.recorded.next().map(Slot).or_else(|| self.edited.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.recorded.len() + self.edited.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for Slots {}

impl<'t> Text<'t> {
    /// What is in a slot now.
    pub(crate) fn now(&self, slot: Slot) -> Version {
        Version { value: self.value(slot), is_stored: false }
    }

    /// What the stored text has in a slot of its own.
    pub(crate) fn before(&mut self, slot: Slot) -> Result<Version, PatchErrorKind> {
        let Entry { start, end, children, .. } = self.entry(slot);
        Ok(match children & REPLACED {
            0 => Version { value: ValueAt(slot.0), is_stored: self.is_edited(ValueAt(slot.0)) },
            _ => Version { value: self.place(Piece::Span(start, end))?, is_stored: false },
        })
    }

    /// What a slot held before, even if its value has been replaced since then.
    pub(crate) fn still(&mut self, before: Version, slot: Slot) -> Result<Version, PatchErrorKind> {
        let is_replaced = before.value.0 == slot.0 && self.entry(slot).children & REPLACED != 0;
        if is_replaced { self.before(slot) } else { Ok(before) }
    }

    /// A value that is not in the text, as a version of its own.
    pub(crate) fn version_of(&mut self, piece: Piece) -> Result<Version, PatchErrorKind> {
        Ok(Version { value: self.place(piece)?, is_stored: false })
    }

    /// Whether two versions are one value that nobody edited.
    pub(crate) fn is_one(&self, before: Version, now: Version) -> bool {
        before.value == now.value && !self.is_edited(now.value)
    }

    /// Whether the value now is the one that was stored, perhaps edited inside.
    pub(crate) fn is_edited_in_place(&self, before: Version, now: Version) -> bool {
        before.value == now.value
    }

    pub(crate) fn value_of(&self, version: Version) -> ValueAt {
        version.value
    }

    pub(crate) fn kind_of(&self, version: Version) -> Kind {
        self.kind(version.value)
    }

    /// The children of a container, in order, as they are before any of them is changed.
    pub(crate) fn slots_of(&mut self, version: Version) -> Result<Slots, PatchErrorKind> {
        self.expand(version.value)?;
        let slots = match version.is_stored || !self.is_edited(version.value) {
            true => Slots { recorded: self.recorded_slots(version.value), edited: Vec::new().into_iter() },
            false => Slots { recorded: 0..0, edited: self.children(version.value).collect::<Vec<_>>().into_iter() },
        };
        self.charge(slots.len())?;
        Ok(slots)
    }

    /// The children of a container that was edited, as they are now, in order.
    pub(crate) fn edited_children(&self, version: Version) -> Option<impl Iterator<Item = Version>> {
        let is_edited = !version.is_stored && self.is_edited(version.value);
        is_edited.then(|| self.children(version.value).map(|slot| self.now(slot)))
    }

    /// How many elements an array has.
    pub(crate) fn count_of(&mut self, version: Version) -> Result<usize, PatchErrorKind> {
        self.expand(version.value)?;
        Ok(match version.is_stored {
            true => self.recorded_slots(version.value).len(),
            false => self.length_of(version.value),
        })
    }

    pub(super) fn recorded_slots(&self, value: ValueAt) -> Range<u32> {
        let (first, count) = self.recorded(value);
        first..first + count
    }

    /// A child of a version, as it is or was in that version.
    pub(crate) fn child_of(&mut self, parent: Version, slot: Slot) -> Result<Version, PatchErrorKind> {
        match parent.is_stored {
            true => self.before(slot),
            false => Ok(self.now(slot)),
        }
    }

    /// The member of an object that has exactly this name.
    pub(crate) fn member_of(&mut self, object: Version, name: &str) -> Result<Option<Slot>, PatchErrorKind> {
        self.expand(object.value)?;
        if !object.is_stored {
            return self.lookup(object.value, name, Case::Exact);
        }
        let sought = Sought::of(name, Case::Exact);
        self.search_any(object.value, Searched::Stored, &sought)
    }

    /// An element of an array, if it has one of this index, 0-based.
    pub(crate) fn element_of(&mut self, array: Version, index: usize) -> Result<Option<Slot>, PatchErrorKind> {
        let is_there = index < self.count_of(array)?;
        Ok(is_there.then(|| match array.is_stored {
            true => self.recorded_slot(array.value, index),
            false => self.element_slot(array.value, index),
        }))
    }

    /// The name of a member.
    pub(crate) fn name_of(&self, slot: Slot) -> Cow<'t, str> {
        self.stored_name(slot)
    }

    /// A version as JSON text.
    pub(crate) fn json_of(&self, version: Version) -> Cow<'_, [u8]> {
        match version.is_stored {
            true => Cow::Borrowed(self.text(version.value)),
            false => self.written(version.value),
        }
    }

    /// Whether two versions are equal as JSON values.
    pub(crate) fn are_equal(&mut self, left: Version, right: Version) -> Result<bool, PatchErrorKind> {
        if left.value == right.value {
            return Ok(left.is_stored == right.is_stored || self.is_as_stored(left.value)?);
        }
        let (left, right) = (self.detached(left)?, self.detached(right)?);
        self.equal(left, right)
    }

    /// A value that holds what a version does.
    fn detached(&mut self, version: Version) -> Result<ValueAt, PatchErrorKind> {
        let (start, end) = self.span(version.value);
        if version.is_stored { self.place(Piece::Span(start, end)) } else { Ok(version.value) }
    }

    /// Whether a value is equal to what the text has for it, though it may have been edited inside. Only what was
    /// touched is compared.
    fn is_as_stored(&mut self, value: ValueAt) -> Result<bool, PatchErrorKind> {
        if !self.is_edited(value) {
            return Ok(true);
        }
        let recorded = self.recorded_slots(value);
        // Mostly something came or went, and nothing has to be compared.
        if self.children(value).count() != recorded.len() {
            return Ok(false);
        }
        let is_whole = self.list(value).is_none_or(|list| match self.kind(value) {
            Kind::Array => list.slots.iter().copied().eq(recorded.map(Slot)),
            _ => list.slots.iter().all(|&slot| self.is_removed(slot)),
        });
        if !is_whole {
            let (start, end) = self.span(value);
            let stored = self.place(Piece::Span(start, end))?;
            return self.equal(stored, value);
        }
        let mut rest = self.recorded_slots(value);
        while let Some(slot) = self.first_touched(rest.clone()) {
            rest.start = slot.0 + 1;
            let (before, now) = (self.before(slot)?, self.now(slot));
            if !self.are_equal(before, now)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_removed(&self, slot: Slot) -> bool {
        self.entry(slot).children & REMOVED != 0
    }

    /// The children that an object or array has now and that differ from those that it was stored with, as far as marks
    /// tell: those of the text that were removed, replaced or edited, and new ones.
    pub(crate) fn touched_slots(&self, value: ValueAt) -> impl Iterator<Item = Slot> {
        let mut rest = self.recorded_slots(value);
        let recorded = std::iter::from_fn(move || {
            let slot = self.first_marked(rest.clone(), REMOVED | REPLACED | LISTED | EDITED)?;
            rest.start = slot.0 + 1;
            Some(slot)
        });
        let listed = self.list(value).into_iter().flat_map(|list| list.slots.iter().copied());
        recorded.chain(listed.filter(|&slot| !self.is_removed(slot)))
    }

    /// Whether a slot is one that a container was stored with.
    pub(crate) fn is_recorded_in(&self, value: ValueAt, slot: Slot) -> bool {
        self.recorded_slots(value).contains(&slot.0)
    }

    /// Whether a member is there now.
    pub(crate) fn is_there(&self, slot: Slot) -> bool {
        !self.is_removed(slot)
    }

    /// Gives a slot the bytes back that the text has for it.
    pub(crate) fn restore(&mut self, slot: Slot) {
        self.entry_mut(slot.0).children = 0;
    }

    /// Puts another value into a slot, whoever looks at it. What is around is marked by the caller.
    pub(crate) fn put_raw(&mut self, slot: Slot, piece: Piece) -> Result<(), PatchErrorKind> {
        let value = self.place(piece)?;
        self.entry_mut(slot.0).children = REPLACED | value.0;
        Ok(())
    }

    /// Marks a container as edited.
    pub(crate) fn mark(&mut self, value: ValueAt) {
        self.entry_mut(value.0).children |= EDITED;
    }

    /// Appends a member to an object, which has none of this name.
    pub(crate) fn insert_raw(&mut self, object: ValueAt, name: &str, piece: Piece) -> Result<Slot, PatchErrorKind> {
        self.expand(object)?;
        let slot = self.new_member(name, piece)?;
        self.link(object, slot);
        Ok(slot)
    }

    /// Links a member that was made before to an object.
    pub(crate) fn link(&mut self, object: ValueAt, slot: Slot) {
        let slots = &mut self.list_mut(object).slots;
        slots.insert(slots.len(), slot);
        self.index_member(object, slot);
        self.mark(object);
    }

    /// Removes a member of an object.
    pub(crate) fn remove_raw(&mut self, object: ValueAt, slot: Slot) {
        self.unindex_member(object, slot);
        self.entry_mut(slot.0).children |= REMOVED;
        self.mark(object);
    }

    /// A member that no object has until it is [linked](Text::link).
    pub(crate) fn unlinked_member(&mut self, name: &str, piece: Piece) -> Result<Slot, PatchErrorKind> {
        self.new_member(name, piece)
    }

    /// JSON text that is added to the address space.
    pub(crate) fn added_json(&mut self, json: &[u8]) -> Result<Piece, PatchErrorKind> {
        let (start, end) = self.add(|added| added.extend_from_slice(json))?;
        Ok(Piece::Span(start, end))
    }

    /// As [`added_json`](Text::added_json), as a version of its own.
    pub(crate) fn added_version(&mut self, json: &[u8]) -> Result<Version, PatchErrorKind> {
        let piece = self.added_json(json)?;
        self.version_of(piece)
    }

    /// A version as a piece that can be put elsewhere.
    pub(crate) fn piece_of(&self, version: Version) -> Piece {
        let (start, end) = self.span(version.value);
        if version.is_stored { Piece::Span(start, end) } else { Piece::Taken(version.value) }
    }

    /// The slots that the path being walked led through, from the root down.
    pub(crate) fn trail(&self) -> &[Slot] {
        &self.trail
    }

    /// Whether a slot that was not touched is one that the stored text has.
    pub(crate) fn is_stored(&self, slot: Slot) -> bool {
        self.target.get(self.entry(slot).start as usize).is_some()
    }

    /// The place among an array's stored elements of the one that is now elsewhere, or edited inside; 0-based.
    pub(crate) fn recorded_index(&self, before: Version, now: Version) -> Option<usize> {
        let recorded = self.recorded_slots(before.value);
        recorded.contains(&now.value.0).then(|| (now.value.0 - recorded.start) as usize)
    }

    /// Whether a value is one that a container was stored with, perhaps edited inside and under another name.
    pub(crate) fn was_stored_in(&self, before: Version, now: Version) -> bool {
        let (recorded, (start, end)) = (self.recorded_slots(before.value), self.span(now.value));
        let entries = &self.tape.entries()[recorded.start as usize..recorded.end as usize];
        let found = entries.binary_search_by_key(&start, |entry| entry.start);
        found.is_ok_and(|at| entries[at].end == end)
    }

    /// A scalar, so that strings that are spelled with and without escapes are the same bytes.
    pub(crate) fn canonical(&self, version: Version) -> Vec<u8> {
        let json = self.json_of(version);
        match self.kind_of(version) {
            Kind::String => [b"\"", unescape(equality::inside(&json)).as_bytes()].concat(),
            Kind::Null | Kind::Boolean | Kind::Number | Kind::Array | Kind::Object => json.into_owned(),
        }
    }

    /// A number that equal values share. The order of members does not count.
    pub(crate) fn fingerprint(&mut self, version: Version, hasher: &RandomState) -> Result<u64, PatchErrorKind> {
        let kind = self.kind_of(version);
        Ok(match kind {
            Kind::Null => hasher.hash_one(kind as u8),
            Kind::Boolean | Kind::String => hasher.hash_one(self.canonical(version)),
            Kind::Number => {
                let json = self.json_of(version);
                let float: f64 = std::str::from_utf8(&json).ok().and_then(|json| json.parse().ok()).unwrap_or_default();
                // Equal numbers round to one float; a zero may have a sign.
                hasher.hash_one((float + 0.0).to_bits())
            }
            Kind::Array => {
                let mut prints = Vec::new();
                for slot in self.slots_of(version)? {
                    let child = self.child_of(version, slot)?;
                    prints.push(self.fingerprint(child, hasher)?);
                }
                hasher.hash_one((kind as u8, prints))
            }
            Kind::Object => {
                let mut sum = hasher.hash_one(kind as u8);
                for slot in self.slots_of(version)? {
                    let (name, child) = (self.name_of(slot), self.child_of(version, slot)?);
                    let print = self.fingerprint(child, hasher)?;
                    sum = sum.wrapping_add(hasher.hash_one((name, print)));
                }
                sum
            }
        })
    }

    pub(crate) fn version(&self, value: ValueAt) -> Version {
        Version { value, is_stored: false }
    }

    /// Starts a walk at a slot.
    pub(crate) fn begin(&mut self, slot: Slot) {
        self.trail.clear();
        self.trail.push(slot);
    }

    /// Goes to a child of where the walk is.
    pub(crate) fn descend(&mut self, slot: Slot) {
        self.trail.push(slot);
    }

    /// Replaces the value in the slot at the end of the walk.
    pub(crate) fn write(&mut self, slot: Slot, piece: Piece) -> Result<(), PatchErrorKind> {
        self.put_raw(slot, piece)?;
        self.mark_trail(self.trail.len() - 1);
        Ok(())
    }

    /// Takes the member at the end of the walk out of its object.
    pub(crate) fn take_slot(&mut self, slot: Slot) -> Piece {
        self.trail.pop();
        let Some(&object) = self.trail.last() else { return Piece::Taken(self.value(slot)) };
        let taken = self.take_member(self.value(object), slot);
        self.mark_trail(self.trail.len());
        taken
    }

    /// Inserts a member into the object at the end of the walk.
    pub(crate) fn insert_into(&mut self, object: ValueAt, name: &str, piece: Piece) -> Result<Slot, PatchErrorKind> {
        let slot = self.new_member(name, piece)?;
        self.link(object, slot);
        self.mark_trail(self.trail.len());
        Ok(slot)
    }

    /// The slot of an element of the array at the end of the walk.
    pub(crate) fn element_slot(&mut self, array: ValueAt, index: usize) -> Slot {
        match self.list(array) {
            Some(_) => *self.list_mut(array).slots.get_mut(index),
            None => Slot(self.recorded(array).0 + index as u32),
        }
    }

    pub(crate) fn insert_at(&mut self, array: ValueAt, index: usize, piece: Piece) -> Result<Slot, PatchErrorKind> {
        let slot = self.new_element(piece)?;
        self.list_mut(array).slots.insert(index, slot);
        self.mark_trail(self.trail.len());
        Ok(slot)
    }

    pub(crate) fn remove_at(&mut self, array: ValueAt, index: usize) -> Piece {
        let slot = self.list_mut(array).slots.remove(index);
        self.mark_trail(self.trail.len());
        Piece::Taken(self.value(slot))
    }

    /// Goes back to where the walk was when it had so many steps.
    pub(crate) fn rewind(&mut self, steps: usize) {
        self.trail.truncate(steps);
    }

    /// How many elements an array has.
    pub(crate) fn length_of(&self, array: ValueAt) -> usize {
        self.list(array).map_or_else(|| self.recorded(array).1 as usize, |list| list.slots.len())
    }

    /// A child that a container was recorded with, 0-based.
    pub(crate) fn recorded_slot(&self, value: ValueAt, index: usize) -> Slot {
        Slot(self.recorded(value).0 + index as u32)
    }

    /// Whether a value is nested deeper than `limit` levels. What is looked through for it is accounted for.
    pub(crate) fn is_value_deeper_than(
        &self,
        value: ValueAt,
        limit: usize,
        context: &mut Context,
    ) -> Result<bool, PatchErrorKind> {
        /// Bytes that are looked through in the time in which an element is shifted or searched.
        const BYTES: usize = 4;

        let (start, end) = self.span(value);
        context.work((end - start) as usize / BYTES)?;
        let written = self.written(value);
        context.work(written.len().saturating_sub((end - start) as usize) / BYTES)?;
        Ok(token::depth(&written) > limit)
    }

    /// A copy of a value, and its length as compact JSON, if that is at most `limit` bytes.
    pub(crate) fn copy_value(&mut self, value: ValueAt, limit: usize) -> Option<(Piece, usize)> {
        /// A copy keeps its white space while that is at most so many times as long as the rest: the limit counts
        /// compact JSON, and a megabyte of white space can be copied 10,000 times.
        const LAYOUT: usize = 4;

        let written = self.written(value);
        let length = white_space::compact_length(&written);
        if length > limit {
            return None;
        }
        let is_laid_out = written.len() / LAYOUT <= length;
        let span = match written {
            Cow::Borrowed(_) if is_laid_out => Ok(self.span(value)),
            Cow::Borrowed(_) => {
                let mut copy = Vec::with_capacity(length);
                white_space::compact(&written, &mut copy);
                self.add(|added| added.extend(copy))
            }
            Cow::Owned(copy) => self.add(|added| match is_laid_out {
                true => added.extend(copy),
                false => white_space::compact(&copy, added),
            }),
        };
        let (start, end) = span.ok()?;
        Some((Piece::Span(start, end), length))
    }

    /// A value as the only one in an array, or as a member of an object of its own. It is not copied, however many
    /// containers are put around it.
    pub(crate) fn wrapped(&mut self, name: Option<&str>, piece: Piece) -> Result<Piece, PatchErrorKind> {
        let value = self.place(piece)?;
        let empty = self.added_json(if name.is_some() { b"{}" } else { b"[]" })?;
        let container = self.place(empty)?;
        match name {
            Some(name) => {
                self.insert_raw(container, name, Piece::Taken(value))?;
            }
            None => {
                self.expand(container)?;
                let slot = self.new_element(Piece::Taken(value))?;
                self.list_mut(container).slots.insert(0, slot);
            }
        }
        Ok(Piece::Taken(container))
    }

    /// Whether the value in a slot is nested deeper than `levels`.
    pub(crate) fn is_nested_in(&self, slot: Slot, levels: usize) -> bool {
        token::depth(&self.written(self.value(slot))) > levels
    }

    /// As [`link`](Text::link), before the first new member that comes after it.
    pub(crate) fn link_before(
        &mut self,
        object: ValueAt,
        slot: Slot,
        comes_after: impl Fn(&str) -> bool,
    ) -> Result<(), PatchErrorKind> {
        self.link(object, slot);
        let last = self.list_mut(object).slots.len() - 1;
        self.charge(last)?;
        let mut others = self.list(object).into_iter().flat_map(|list| list.slots.iter().take(last));
        let place = others.position(|other| comes_after(&self.name(*other)));
        if let Some(place) = place {
            let slots = &mut self.list_mut(object).slots;
            slots.remove(last);
            slots.insert(place, slot);
        }
        Ok(())
    }

    /// Whether a value is null.
    pub(crate) fn is_null(&self, piece: Piece) -> bool {
        match piece {
            Piece::Taken(value) | Piece::Merged(value) => self.kind(value) == Kind::Null,
            Piece::Span(start, _) => Kind::of(self.bytes(start)[0]) == Kind::Null,
        }
    }

    /// A value that is added to the text.
    pub(crate) fn json(&mut self, value: &Value) -> Result<Piece, PatchErrorKind> {
        self.added_json(&print::compact(value))
    }

    /// The tree of the text as it is now. No tree holds a number that an `f64` cannot reach.
    pub(crate) fn tree(&self) -> Option<Value> {
        decode::read(&self.written(self.value(self.root)))
    }

    /// The body as a whole, where it is a value.
    pub(crate) fn whole_body(&self) -> Piece {
        let base = self.target.len() as u32;
        Piece::Span(base, base + self.body.len() as u32)
    }
}
