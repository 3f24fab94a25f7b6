//! A text and the notes on it: what is where, and the notes that every edit is made of.

use std::{borrow::Cow, cell::Cell, collections::HashMap, ops::Range};

use super::{
    searches::{RECENT, Recent, Searched, Wide},
    slots::{EDITED, INDEX, LISTED, List, Piece, REMOVED, REPLACED, Slot, ValueAt},
};
use crate::{
    document::PatchErrorKind,
    json::{
        string::{name_at, unescape, unescaped},
        tape::{Entry, Kind, NO_NAME, Tape},
    },
    text::{
        sequence::{Iter, Sequence},
        white_space,
    },
};

/// A text, and what was changed in it.
pub(crate) struct Text<'t> {
    pub(super) target: &'t [u8],
    pub(super) body: &'t str,
    /// Names of new members, in quotes, and copies of values that were changed before.
    pub(super) added: Vec<u8>,
    pub(super) tape: Tape,
    pub(super) root: Slot,
    pub(super) lists: Vec<List>,
    /// The slots that the current path led through so far, from the root down.
    pub(super) trail: Vec<Slot>,
    /// Members that were found: a patch often leads through one name again and again.
    pub(super) recent: [Recent; RECENT],
    /// The objects with many members that were searched, by their value.
    pub(super) wide: HashMap<(ValueAt, Searched), Wide>,
    /// How many bytes types have read of it.
    pub(super) read: usize,
    /// How much may still be looked through and compared: children, and bytes of names, strings and numbers.
    pub(super) work_left: usize,
    /// More than that was asked for.
    pub(super) is_exhausted: bool,
    /// How many bytes of names the search at work compared.
    pub(super) compared: Cell<usize>,
}

impl<'t> Text<'t> {
    /// Notes on a target that was recorded on the tape at address 0, followed by the body.
    #[inline(always)]
    pub(in crate::text) fn new(target: &'t [u8], body: &'t str, tape: Tape, root: usize, work: usize) -> Text<'t> {
        Text {
            target,
            body,
            added: Vec::new(),
            tape,
            root: Slot(root as u32),
            lists: Vec::new(),
            trail: Vec::with_capacity(8),
            recent: [Recent::NONE; RECENT],
            wide: HashMap::new(),
            read: 0,
            work_left: work,
            is_exhausted: false,
            compared: Cell::new(0),
        }
    }

    /// Whether there is room for as many values again as a tape has, which nothing but a text of hundreds of megabytes
    /// takes.
    pub(in crate::text) fn has_room_beside(tape: &Tape) -> bool {
        tape.entries().len() <= INDEX as usize / 2
    }

    /// The tape of all texts.
    pub(crate) fn tape(&mut self) -> &mut Tape {
        &mut self.tape
    }

    /// How much longer than the target the patched text can be, without counting what moves around.
    pub(super) fn growth(&self) -> usize {
        self.body.len() + self.added.len()
    }

    pub(crate) fn root(&self) -> Slot {
        self.root
    }

    #[inline]
    pub(super) fn entry(&self, slot: Slot) -> Entry {
        self.tape.entries()[slot.0 as usize]
    }

    /// The value in a slot.
    #[inline]
    pub(crate) fn value(&self, slot: Slot) -> ValueAt {
        let mut at = slot.0;
        loop {
            let children = self.tape.entries()[at as usize].children;
            if children & REPLACED == 0 {
                return ValueAt(at);
            }
            at = children & INDEX;
        }
    }

    /// Whether the slot holds what the text has there, down to the last child.
    pub(crate) fn is_untouched(&self, slot: Slot) -> bool {
        self.entry(slot).children & (REPLACED | LISTED | EDITED) == 0
    }

    pub(crate) fn is_edited(&self, value: ValueAt) -> bool {
        self.entry(Slot(value.0)).children & (LISTED | EDITED) != 0
    }

    pub(super) fn span(&self, value: ValueAt) -> (u32, u32) {
        let entry = self.entry(Slot(value.0));
        (entry.start, entry.end)
    }

    #[inline]
    pub(crate) fn kind(&self, value: ValueAt) -> Kind {
        Kind::of(self.bytes(self.entry(Slot(value.0)).start)[0])
    }

    /// The text that holds an address, and the address of its first byte.
    pub(super) fn segment(&self, address: u32) -> (&[u8], u32) {
        let body = self.target.len() as u32;
        let added = body + self.body.len() as u32;
        if address < body {
            (self.target, 0)
        } else if address < added {
            (self.body.as_bytes(), body)
        } else {
            (&self.added, added)
        }
    }

    /// The text from an address on.
    #[inline]
    pub(super) fn bytes(&self, address: u32) -> &[u8] {
        if (address as usize) < self.target.len() {
            return &self.target[address as usize..];
        }
        let (text, base) = self.segment(address);
        &text[(address - base) as usize..]
    }

    pub(super) fn slice(&self, start: u32, end: u32) -> &[u8] {
        &self.bytes(start)[..(end - start) as usize]
    }

    /// The children that the text has: the first one, and how many.
    #[inline]
    pub(in crate::text) fn recorded(&self, value: ValueAt) -> (u32, u32) {
        let children = self.entry(Slot(value.0)).children;
        match children & INDEX {
            index if children & LISTED != 0 => {
                let List { first, count, .. } = self.lists[index as usize];
                (first, count)
            }
            0 => (0, 0),
            first => (first, self.tape.entries()[first as usize - 1].key),
        }
    }

    pub(super) fn list(&self, value: ValueAt) -> Option<&List> {
        let children = self.entry(Slot(value.0)).children;
        (children & LISTED != 0).then(|| &self.lists[(children & INDEX) as usize])
    }

    /// The children that come after those that the text has, where all of these are still there in their order.
    pub(super) fn appended(&self, value: ValueAt) -> Option<Children<'_>> {
        let entries = self.tape.entries();
        let (first, count) = self.recorded(value);
        let mut listed = self.list(value).map(|list| list.slots.iter());
        let is_whole = match &mut listed {
            Some(slots) if self.kind(value) == Kind::Array => {
                (first..first + count).all(|at| slots.next() == Some(&Slot(at)))
            }
            _ => entries[first as usize..(first + count) as usize].iter().all(|entry| entry.children & REMOVED == 0),
        };
        is_whole.then_some(Children { entries, recorded: 0..0, listed })
    }

    /// The first of some children that the text has that is not what it was.
    #[inline]
    pub(super) fn first_touched(&self, children: Range<u32>) -> Option<Slot> {
        self.first_marked(children, REPLACED | LISTED | EDITED)
    }

    /// The first of some children that the text has that has one of these marks.
    #[inline]
    pub(super) fn first_marked(&self, children: Range<u32>, marks: u32) -> Option<Slot> {
        let mut entries = self.tape.entries()[children.start as usize..children.end as usize].iter();
        let position = entries.position(|entry| entry.children & marks != 0)?;
        Some(Slot(children.start + position as u32))
    }

    /// The children of a container as they are now, in order.
    pub(super) fn children(&self, value: ValueAt) -> Children<'_> {
        let list = self.list(value);
        let (first, count) = match (list, self.kind(value)) {
            (Some(_), Kind::Array) => (0, 0),
            _ => self.recorded(value),
        };
        let listed = list.map(|list| list.slots.iter());
        Children { entries: self.tape.entries(), recorded: first..first + count, listed }
    }

    /// Records the children of a value, so that they can be looked at.
    #[inline]
    pub(crate) fn expand(&mut self, value: ValueAt) -> Result<(), PatchErrorKind> {
        if self.entry(Slot(value.0)).children == 0 { self.expand_unrecorded(value) } else { Ok(()) }
    }

    #[cold]
    fn expand_unrecorded(&mut self, value: ValueAt) -> Result<(), PatchErrorKind> {
        let entry = self.entry(Slot(value.0));
        let body = self.target.len() as u32;
        let added = body + self.body.len() as u32;
        let (text, base) = match entry.start {
            start if start < body => (self.target, 0),
            start if start < added => (self.body.as_bytes(), body),
            _ => (self.added.as_slice(), added),
        };
        // The text was validated before, so that only its size can be in the way.
        self.tape.expand(text, base, value.0 as usize).map_err(|_| PatchErrorKind::TooMuchWork)?;
        if self.tape.entries().len() > INDEX as usize { Err(PatchErrorKind::TooMuchWork) } else { Ok(()) }
    }

    /// The name of a member, as the text spells it.
    pub(super) fn raw_name(&self, slot: Slot) -> &[u8] {
        name_at(self.bytes(self.entry(slot).key))
    }

    /// The name of a new member, in quotes.
    pub(super) fn quoted_name(&self, slot: Slot) -> &[u8] {
        let Entry { key, end, .. } = self.entry(slot);
        self.slice(key - 1, end)
    }

    /// The text of a value that is in the body.
    pub(in crate::text) fn in_body(&self, value: ValueAt) -> &'t [u8] {
        let (start, end) = self.span(value);
        &self.body.as_bytes()[start as usize - self.target.len()..end as usize - self.target.len()]
    }

    /// The name of a member, for as long as the text is not changed.
    pub(crate) fn name(&self, slot: Slot) -> Cow<'_, str> {
        unescape(self.raw_name(slot))
    }

    /// The name of a member that the target or the body has, borrowed from there if it can be.
    pub(in crate::text) fn stored_name(&self, slot: Slot) -> Cow<'t, str> {
        let key = self.entry(slot).key as usize;
        match key.checked_sub(self.target.len()) {
            None => unescape(name_at(&self.target[key..])),
            Some(key) if key < self.body.len() => {
                let length = name_at(&self.body.as_bytes()[key..]).len();
                unescaped(&self.body[key..key + length])
            }
            Some(_) => Cow::Owned(self.name(slot).into_owned()),
        }
    }

    /// Removes the members that are null from the objects of a value, but from those in an array.
    pub(super) fn remove_null_members(&mut self, value: ValueAt) -> Result<(), PatchErrorKind> {
        // Each object with the place of the one around it in this list.
        let mut objects = vec![(value, 0)];
        let mut index = 0;
        while let Some(&(object, _)) = objects.get(index) {
            if self.kind(object) == Kind::Object {
                self.expand(object)?;
                let members: Vec<Slot> = self.children(object).collect();
                for slot in members {
                    let member = self.value(slot);
                    match self.kind(member) {
                        Kind::Object => objects.push((member, index)),
                        Kind::Null => {
                            self.entry_mut(slot.0).children |= REMOVED;
                            self.mark_around(&objects, index);
                        }
                        Kind::Boolean | Kind::Number | Kind::String | Kind::Array => {}
                    }
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// Notes that an object and those around it have changed.
    fn mark_around(&mut self, objects: &[(ValueAt, usize)], mut index: usize) {
        loop {
            let (object, around) = objects[index];
            let children = &mut self.entry_mut(object.0).children;
            if *children & EDITED != 0 {
                return;
            }
            *children |= EDITED;
            if index == 0 {
                return;
            }
            index = around;
        }
    }

    pub(super) fn entry_mut(&mut self, at: u32) -> &mut Entry {
        &mut self.tape.entries_mut()[at as usize]
    }

    /// Makes a value of a piece.
    pub(in crate::text) fn place(&mut self, piece: Piece) -> Result<ValueAt, PatchErrorKind> {
        /// What is made room for without asking: a slot for the value, and one for what it replaces.
        const ROOM: usize = 8;

        // Copies may be many where a server allows more than the default.
        if self.tape.entries().len() > INDEX as usize - ROOM {
            return Err(PatchErrorKind::TooMuchWork);
        }
        match piece {
            Piece::Taken(value) => Ok(value),
            Piece::Merged(value) => {
                if self.kind(value) == Kind::Object {
                    self.remove_null_members(value)?;
                }
                Ok(value)
            }
            Piece::Span(start, end) => Ok(ValueAt(self.push(Entry { key: NO_NAME, start, end, children: 0 }))),
        }
    }

    /// A slot for a new element.
    pub(super) fn new_element(&mut self, piece: Piece) -> Result<Slot, PatchErrorKind> {
        let value = self.place(piece)?;
        Ok(Slot(self.push(Entry { key: NO_NAME, start: 0, end: 0, children: REPLACED | value.0 })))
    }

    /// A slot for a new member. What ends there is its name: the value is elsewhere.
    pub(super) fn new_member(&mut self, name: &str, piece: Piece) -> Result<Slot, PatchErrorKind> {
        let (start, end) = self.add(|added| white_space::quoted(name, added))?;
        let value = self.place(piece)?;
        Ok(Slot(self.push(Entry { key: start + 1, start: 0, end, children: REPLACED | value.0 })))
    }

    /// What is in a slot, so that it lives on when something else is put there.
    pub(crate) fn detached_piece(&mut self, slot: Slot) -> Piece {
        let mut value = self.value(slot);
        if value.0 == slot.0 {
            let Entry { start, end, children, .. } = self.entry(slot);
            value = ValueAt(self.push(Entry { key: NO_NAME, start, end, children }));
        }
        Piece::Taken(value)
    }

    pub(super) fn push(&mut self, entry: Entry) -> u32 {
        let entries = self.tape.entries_mut();
        entries.push(entry);
        entries.len() as u32 - 1
    }

    /// Notes that something inside the containers on the trail has changed.
    pub(super) fn mark_trail(&mut self, length: usize) {
        for index in 0..length {
            let value = self.value(self.trail[index]);
            self.entry_mut(value.0).children |= EDITED;
        }
    }

    /// The list of a container's children, made where there is none yet.
    pub(super) fn list_mut(&mut self, value: ValueAt) -> &mut List {
        let children = self.entry(Slot(value.0)).children;
        let index = if children & LISTED != 0 {
            children & INDEX
        } else {
            let (first, count) = self.recorded(value);
            let slots = match self.kind(value) {
                Kind::Array => (first..first + count).map(Slot).collect(),
                _ => Sequence::new(),
            };
            self.lists.push(List { first, count, slots });
            let index = self.lists.len() as u32 - 1;
            self.entry_mut(value.0).children = children & !INDEX | LISTED | EDITED | index;
            index
        };
        &mut self.lists[index as usize]
    }

    /// Adds text to the address space, which may be full.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(u32, u32), PatchErrorKind> {
        /// Room for a few names.
        const ROOM: usize = 128;

        let base = self.target.len() + self.body.len();
        let start = base + self.added.len();
        if self.added.is_empty() {
            self.added.reserve(ROOM);
        }
        write(&mut self.added);
        let end = u32::try_from(base + self.added.len()).map_err(|_| PatchErrorKind::TooMuchWork)?;
        Ok((start as u32, end))
    }

    pub(super) fn text(&self, value: ValueAt) -> &[u8] {
        let (start, end) = self.span(value);
        self.slice(start, end)
    }
}

/// The children of a container as they are now.
pub(super) struct Children<'c> {
    entries: &'c [Entry],
    /// Those that the text has.
    recorded: Range<u32>,
    listed: Option<Iter<'c, Slot>>,
}

impl Iterator for Children<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let is_there = |&slot: &Slot| self.entries[slot.0 as usize].children & REMOVED == 0;
        let recorded = self.recorded.by_ref().map(Slot).find(is_there);
        recorded.or_else(|| self.listed.as_mut()?.copied().find(is_there))
    }
}
