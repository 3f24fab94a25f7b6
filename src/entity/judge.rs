//! What a patch changed, and whether it may: the stored entity and the patched one, compared member by member under the
//! tables, wherever something was touched. How it was changed does not matter here.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{PatchErrorKind, Refusal},
    entity::{
        compare,
        matching::{self, Partner},
        misfit::{Misfit, Reading},
        names::Named,
        places::{At, Places, Step},
        table::{Access, Inside, Rest, Row, Table},
    },
    json::{
        name::{self, Case},
        tape::Kind,
    },
    patch::pointer::Pointer,
    text::{Slot, Text, Version},
};

/// What is known so far of a patched entity.
pub(super) struct Judge<'s, 't> {
    pub(super) text: &'s mut Text<'t>,
    dialect: &'s Dialect,
    /// How many more bytes types may read to find out what they ignore.
    work: &'s mut usize,
    pub(super) places: Places,
    /// The first place that changed though it must not.
    pub(super) locked: Vec<At>,
    /// The deepest places whose value came, went or changed.
    pub(super) changes: Vec<At>,
    /// The values that their types do not take.
    pub(super) misfits: Vec<(At, Misfit)>,
    /// Members around values that are not what their table expects: their types have to look at them as a whole.
    doubts: Vec<(At, &'static Row, Slot)>,
    /// Where a name was written that is lost.
    pub(super) unknown: Option<At>,
    /// Names that were written and are lost.
    pub(super) ignored: Vec<Pointer>,
}

/// What holds around a value.
#[derive(Clone, Copy)]
struct Around {
    /// A member around it is read-only.
    is_locked: bool,
    /// What replaced an object is that object still, so that it keeps its hidden members.
    keeps_hidden: bool,
    /// It was moved here within its map, hidden members and all. No client can have written them.
    is_moved: bool,
}

/// A declared member and where it is: what a value inside of it belongs to.
#[derive(Clone, Copy)]
struct Owner {
    row: &'static Row,
    at: At,
    slot: Option<Slot>,
}

type Judged = Result<bool, Refusal>;

impl<'s, 't> Judge<'s, 't> {
    pub(super) fn new(text: &'s mut Text<'t>, dialect: &'s Dialect, work: &'s mut usize) -> Judge<'s, 't> {
        let places = Places::new(text.root());
        let (locked, changes, misfits) = (Vec::new(), Vec::new(), Vec::new());
        Judge {
            text,
            dialect,
            work,
            places,
            locked,
            changes,
            misfits,
            doubts: Vec::new(),
            unknown: None,
            ignored: Vec::new(),
        }
    }

    /// Compares the whole entity. The top-level members that changed are in the order of the table.
    pub(super) fn entity(&mut self, table: &'static Table) -> Judged {
        let root = self.text.root();
        let (before, now) = (self.text.before(root)?, self.text.now(root));
        if self.text.kind_of(now) != Kind::Object {
            self.misfits.push((Places::ROOT, Misfit::expected("an object")));
            return Ok(true);
        }
        let around = Around { is_locked: false, keeps_hidden: true, is_moved: false };
        let changed = self.object(table, Places::ROOT, before, now, around)?;
        self.settle_doubts()?;
        Ok(changed)
    }

    /// Notes that the value at a place is another one.
    fn change(&mut self, at: At, around: Around) {
        if around.is_locked { self.locked.push(at) } else { self.changes.push(at) }
    }

    fn counted(&self) -> usize {
        self.changes.len() + self.locked.len()
    }

    /// Compares two objects under a table.
    fn object(&mut self, table: &'static Table, at: At, before: Version, now: Version, around: Around) -> Judged {
        if self.text.is_one(before, now) {
            return Ok(false);
        }
        match self.text.is_edited_in_place(before, now) {
            true => self.edited_object(table, at, before, now, around),
            false => self.replaced_object(table, at, before, now, around),
        }
    }

    /// An object of which some members were touched.
    fn edited_object(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        let object = self.text.value_of(now);
        let mut rows: Vec<(usize, &'static Row)> = Vec::new();
        let mut others = Vec::new();
        for slot in self.text.touched_slots(object) {
            let name = self.text.name_of(slot);
            match table.find_exactly(&name) {
                Some(row) => {
                    let order = table.order(row);
                    if rows.iter().all(|(known, _)| *known != order) {
                        rows.push((order, row));
                    }
                }
                None => others.push(slot),
            }
        }
        rows.sort_unstable_by_key(|(order, _)| *order);
        let mut changed = false;
        for (_, row) in rows {
            let (old, new) = (self.member(before, row)?, self.member(now, row)?);
            changed |= self.row(row, at, before, old, new, around)?;
        }
        for slot in others {
            let is_recorded = self.text.is_recorded_in(object, slot);
            let is_there = self.text.is_there(slot);
            let old = if is_recorded { Some(self.text.before(slot)?) } else { None };
            // A name that was removed and added again is there twice.
            let again =
                if is_recorded && !is_there { self.text.member_of(now, &self.text.name_of(slot))? } else { None };
            let new = if is_there { Some(slot) } else { again };
            if !is_recorded && self.text.member_of(before, &self.text.name_of(slot))?.is_some() {
                continue;
            }
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            if !self.has_equal(old, new)? {
                self.change(place, around);
                changed = true;
            } else if is_recorded && is_there {
                self.text.restore(slot);
            }
        }
        Ok(changed)
    }

    /// An object that another one replaced.
    fn replaced_object(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        let mut changed = self.others(table, at, before, now, around)?;
        for row in table.rows {
            let old = self.member(before, row)?;
            if row.is_hidden() {
                match around.keeps_hidden {
                    true => self.keep_hidden(row, at, old, before, now)?,
                    false => self.new_hidden(row, at, now, around)?,
                }
                continue;
            }
            self.fill(row, at, now)?;
            let new = self.member(now, row)?;
            changed |= self.row(row, at, before, old, new, around)?;
        }
        Ok(changed)
    }

    /// Compares a member that is there before or after.
    fn row(
        &mut self,
        row: &'static Row,
        parent: At,
        container: Version,
        old: Option<Slot>,
        new: Option<Slot>,
        around: Around,
    ) -> Judged {
        let before = match old {
            Some(slot) => self.text.child_of(container, slot)?,
            None => self.absent(row)?,
        };
        let at = self.places.push(parent, Step::Row(row), new.or(old));
        let around = Around { is_locked: around.is_locked || row.access == Access::ReadOnly, ..around };
        let owner = Owner { row, at, slot: new };
        let changed = match new {
            Some(slot) => self.value(owner, row.inside, at, Some(before), slot, around)?,
            None => self.missing(owner, before, old.is_some(), around)?,
        };
        let is_in_place = self.places.slot(parent).is_some_and(|slot| {
            let object = self.text.value(slot);
            self.text.value_of(container) == object
        });
        match (changed, old, new) {
            // An equal value of another object takes the bytes that are stored.
            (false, Some(_), Some(new)) if !is_in_place => self.keep(at, new, before)?,
            (false, Some(old), new) => self.restore(parent, old, new),
            // What was absent stays absent, where that reads the same.
            (false, None, Some(new)) => self.restore_absence(parent, new),
            (true, ..) | (false, None, None) => {}
        }
        Ok(changed)
    }

    /// Gives a slot the value that it is equal to.
    fn keep(&mut self, at: At, slot: Slot, before: Version) -> Result<(), PatchErrorKind> {
        let piece = self.text.piece_of(before);
        self.text.put_raw(slot, piece)?;
        self.mark_around(at);
        Ok(())
    }

    /// Gives an object that is edited in place the bytes of a member back that did not change.
    fn restore(&mut self, parent: At, old: Slot, new: Option<Slot>) {
        let Some(object) = self.places.slot(parent).map(|slot| self.text.value(slot)) else { return };
        if !self.text.is_recorded_in(object, old) {
            return;
        }
        if let Some(new) = new.filter(|new| *new != old) {
            self.text.remove_raw(object, new);
        }
        if !self.text.is_untouched(old) || !self.text.is_there(old) {
            self.text.restore(old);
        }
    }

    /// Removes a member from an object that did not have it.
    fn restore_absence(&mut self, parent: At, new: Slot) {
        let Some(object) = self.places.slot(parent).map(|slot| self.text.value(slot)) else { return };
        self.text.remove_raw(object, new);
        self.mark_around(parent);
    }

    /// A declared member that is not there any more.
    fn missing(&mut self, owner: Owner, before: Version, was_there: bool, around: Around) -> Judged {
        let Owner { row, at, .. } = owner;
        let absent = self.absent(row)?;
        if self.text.are_equal(before, absent)? {
            return Ok(false);
        }
        if !compare::may_be_absent(row) && was_there {
            let parent = self.places.parent(at);
            self.misfits.push((parent, Misfit::missing(row.name)));
        }
        match self.text.kind_of(before) {
            Kind::Object | Kind::Array => self.gone(row.inside, at, before, around)?,
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String => self.change(at, around),
        }
        Ok(true)
    }

    /// Compares the value in a slot with the one before it; `None` where it is new.
    fn value(
        &mut self,
        owner: Owner,
        inside: Inside,
        at: At,
        before: Option<Version>,
        slot: Slot,
        around: Around,
    ) -> Judged {
        let now = self.text.now(slot);
        if before.is_some_and(|before| self.text.is_one(before, now)) {
            return Ok(false);
        }
        let expected = match inside {
            Inside::Opaque => return self.leaf(owner, before, slot, around),
            Inside::Object(_) | Inside::Values { .. } => Kind::Object,
            Inside::Elements { .. } => Kind::Array,
        };
        let was = before.filter(|before| self.text.kind_of(*before) == expected);
        if self.text.kind_of(now) == expected {
            return match (inside, was) {
                (Inside::Object(table), Some(before)) => self.object(table(), at, before, now, around),
                (Inside::Object(table), None) => self.new_object(table(), at, now, around),
                (Inside::Elements { of, by }, before) => self.elements(owner, (*of, by), at, before, now, around),
                (Inside::Values { of }, before) => self.values(owner, *of, at, before, now, around),
                (Inside::Opaque, _) => Ok(false),
            };
        }
        if let Some(before) = before {
            if self.text.are_equal(before, now)? {
                return Ok(false);
            }
        }
        match self.text.kind_of(now) {
            // Only the type knows whether it takes null.
            Kind::Null => self.doubt(owner),
            // Serde would read a struct from an array, too, whatever its table says.
            Kind::Boolean | Kind::Number | Kind::String | Kind::Array | Kind::Object => {
                let words = if expected == Kind::Array { "an array" } else { "an object" };
                self.misfits.push((at, Misfit::expected(words)));
            }
        }
        match was {
            Some(before) => self.gone(inside, at, before, around)?,
            None => self.change(at, around),
        }
        Ok(true)
    }

    /// Compares values that their type alone knows.
    fn leaf(&mut self, owner: Owner, before: Option<Version>, slot: Slot, around: Around) -> Judged {
        let Owner { row, at, .. } = owner;
        let now = self.text.now(slot);
        let (is_new, before) = match before {
            Some(before) => (false, before),
            None => (true, self.absent(row)?),
        };
        if !is_new && self.text.are_equal(before, now)? {
            return Ok(false);
        }
        match self.read(row, now) {
            Ok(None) => {}
            Ok(Some(reading)) => {
                self.report_ignored(row, at, before, &reading)?;
                if !is_new && self.is_spelled_alike(row, before, now, &reading)? {
                    return Ok(false);
                }
                let written = self.text.added_version(&reading.json)?;
                if self.align(slot, written)? {
                    self.mark_around(at);
                }
            }
            Err(misfit) => self.misfits.push((at, misfit)),
        }
        self.change(at, around);
        Ok(true)
    }

    /// Whether a type writes two values as one, or calls them equal.
    fn is_spelled_alike(
        &mut self,
        row: &'static Row,
        before: Version,
        now: Version,
        reading: &Reading,
    ) -> Result<bool, Refusal> {
        let written = self.text.added_version(&reading.json)?;
        if self.text.are_equal(before, written)? {
            return Ok(true);
        }
        if let Ok(Some(old)) = self.read(row, before) {
            let old = self.text.added_version(&old.json)?;
            if self.text.are_equal(old, written)? {
                return Ok(true);
            }
        }
        Ok(row.field.equal.is_some_and(|equal| equal(&self.text.json_of(before), &self.text.json_of(now))))
    }

    /// What a type makes of a value; nothing where it writes what it reads.
    fn read(&mut self, row: &'static Row, version: Version) -> Result<Option<Reading>, Misfit> {
        compare::read(self.text, row, version, self.work)
    }

    /// What an absent member reads as.
    fn absent(&mut self, row: &'static Row) -> Result<Version, PatchErrorKind> {
        compare::absent(self.text, row)
    }

    fn member(&mut self, object: Version, row: &'static Row) -> Result<Option<Slot>, Refusal> {
        compare::member(self.text, object, row)
    }

    fn has_equal(&mut self, old: Option<Version>, new: Option<Slot>) -> Judged {
        Ok(match (old, new) {
            (Some(old), Some(new)) => {
                let new = self.text.now(new);
                self.text.are_equal(old, new)?
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        })
    }

    /// Compares the members that a table does not declare, of an object that another one replaced.
    fn others(&mut self, table: &'static Table, at: At, before: Version, now: Version, around: Around) -> Judged {
        if table.rest == Rest::Unknown {
            return Ok(false);
        }
        let mut stored = self.undeclared(table, before)?;
        let mut changed = false;
        for slot in self.undeclared_now(table, now)? {
            let name = self.text.name_of(slot);
            let old = stored.iter().position(|(other, _)| *other == name).or_else(|| {
                let is_equal = |(other, _): &(Cow<'_, str>, Slot)| name::equal_folded(other, &name);
                stored.iter().position(is_equal).filter(|_| self.dialect.case() == Case::Folded)
            });
            let old = old.map(|index| stored.swap_remove(index).1);
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            let version = old.map(|slot| self.text.child_of(before, slot)).transpose()?;
            if self.has_equal(version, Some(slot))? {
                continue;
            }
            if table.rest == Rest::Open {
                self.change(place, around);
                changed = true;
                continue;
            }
            self.lost(place, self.places.pointer(place, self.text))?;
            let object = self.text.value_of(now);
            self.text.remove_raw(object, slot);
            self.mark_around(at);
            if let Some(old) = old {
                self.copy_member(at, before, old, now)?;
            }
        }
        for (_, slot) in stored {
            match table.rest {
                Rest::Open => {
                    let place = self.places.push(at, Step::Member(slot), Some(slot));
                    self.change(place, around);
                    changed = true;
                }
                Rest::Kept | Rest::Unknown => self.copy_member(at, before, slot, now)?,
            }
        }
        Ok(changed)
    }

    fn undeclared(&mut self, table: &Table, object: Version) -> Result<Vec<(Cow<'t, str>, Slot)>, Refusal> {
        let slots = self.text.slots_of(object)?;
        let named = slots.into_iter().map(|slot| (self.text.name_of(slot), slot));
        Ok(named.filter(|(name, _)| matches!(table.find(name, Case::Exact), Named::Undeclared)).collect())
    }

    fn undeclared_now(&mut self, table: &Table, object: Version) -> Result<Vec<Slot>, Refusal> {
        Ok(self.undeclared(table, object)?.into_iter().map(|(_, slot)| slot).collect())
    }

    /// Copies a member of the object that was there before, in its own bytes.
    fn copy_member(&mut self, at: At, before: Version, slot: Slot, now: Version) -> Result<(), Refusal> {
        let (name, version) = (self.text.name_of(slot), self.text.child_of(before, slot)?);
        let piece = self.text.piece_of(version);
        self.text.insert_raw(self.text.value_of(now), &name, piece)?;
        self.mark_around(at);
        Ok(())
    }

    /// Keeps a hidden member as it was, whatever the object that replaced the other one has.
    fn keep_hidden(
        &mut self,
        row: &'static Row,
        at: At,
        old: Option<Slot>,
        before: Version,
        now: Version,
    ) -> Result<(), Refusal> {
        self.remove_hidden(row, at, now)?;
        match old {
            Some(old) => self.copy_member(at, before, old, now),
            None => Ok(()),
        }
    }

    fn remove_hidden(&mut self, row: &'static Row, at: At, now: Version) -> Result<(), Refusal> {
        if let Some(slot) = self.member(now, row)? {
            self.text.remove_raw(self.text.value_of(now), slot);
            self.mark_around(at);
        }
        Ok(())
    }

    /// Starts a hidden member at its default.
    fn new_hidden(&mut self, row: &'static Row, at: At, now: Version, around: Around) -> Result<(), Refusal> {
        match around.is_moved {
            true if self.member(now, row)?.is_some() => return Ok(()),
            true => {}
            false => self.remove_hidden(row, at, now)?,
        }
        if compare::may_be_absent(row) {
            return self.fill(row, at, now);
        }
        // What is missing is not said: to a client it does not exist.
        self.misfits.push((at, Misfit::expected("no new value here")));
        Ok(())
    }

    /// Writes a member that is absent from a new object, as its type writes it.
    fn fill(&mut self, row: &'static Row, at: At, now: Version) -> Result<(), Refusal> {
        if self.member(now, row)?.is_none() && compare::fill(self.text, self.text.value_of(now), row, self.work)? {
            self.mark_around(at);
        }
        Ok(())
    }

    /// An object where none was before.
    fn new_object(&mut self, table: &'static Table, at: At, now: Version, around: Around) -> Judged {
        let counted = self.counted();
        for slot in self.undeclared_now(table, now)? {
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            if table.rest == Rest::Open {
                self.change(place, around);
                continue;
            }
            // Nobody wrote what is stored in an element that lost its key.
            if self.text.is_stored(slot) && self.text.is_untouched(slot) {
                continue;
            }
            self.lost(place, self.places.pointer(place, self.text))?;
            self.text.remove_raw(self.text.value_of(now), slot);
            self.mark_around(at);
        }
        for row in table.rows {
            if row.is_hidden() {
                self.new_hidden(row, at, now, around)?;
                continue;
            }
            self.fill(row, at, now)?;
            match self.member(now, row)? {
                Some(slot) => {
                    let place = self.places.push(at, Step::Row(row), Some(slot));
                    let is_locked = around.is_locked || row.access == Access::ReadOnly;
                    let owner = Owner { row, at: place, slot: Some(slot) };
                    // What may not be absent is new, whatever it is: no null stands for it.
                    let absent = if compare::may_be_absent(row) { Some(self.absent(row)?) } else { None };
                    self.value(owner, row.inside, place, absent, slot, Around { is_locked, ..around })?;
                }
                None if !compare::may_be_absent(row) => self.misfits.push((at, Misfit::missing(row.name))),
                None => {}
            }
        }
        if self.counted() == counted {
            self.change(at, around);
        }
        Ok(true)
    }

    /// Compares arrays element by element. Elements are matched by their key, or else by what they are.
    fn elements(
        &mut self,
        owner: Owner,
        (of, by): (Inside, Option<&'static str>),
        at: At,
        before: Option<Version>,
        now: Version,
        around: Around,
    ) -> Judged {
        let new = self.text.slots_of(now)?;
        let Some(before) = before else {
            let counted = self.counted();
            for (index, slot) in new.into_iter().enumerate() {
                let place = self.places.push(at, Step::Element(index), Some(slot));
                self.value(owner, of, place, None, slot, around)?;
            }
            if self.counted() == counted {
                self.change(at, around);
            }
            return Ok(true);
        };
        let old = self.text.slots_of(before)?;
        let (matched, repeated) = self.matched(of, by, at, (before, &old), (now, &new))?;
        let mut changed = false;
        for (index, (slot, partner)) in new.iter().zip(&matched).enumerate() {
            let Some(Partner { index: partner, keeps_hidden }) = *partner else {
                let place = self.places.push(at, Step::Element(index), Some(*slot));
                self.value(owner, of, place, None, *slot, Around { keeps_hidden: false, ..around })?;
                changed = true;
                continue;
            };
            let version = self.text.child_of(before, old[partner])?;
            if self.text.is_one(version, self.text.now(*slot)) {
                continue;
            }
            let place = self.places.push(at, Step::Element(index), Some(*slot));
            let around = Around { keeps_hidden, ..around };
            let is_changed = self.value(owner, of, place, Some(version), *slot, around)?;
            match (is_changed, *slot == old[partner]) {
                (false, true) if !self.text.is_untouched(*slot) => self.text.restore(*slot),
                (false, false) => self.keep(place, *slot, version)?,
                (true, _) | (false, true) => {}
            }
            changed |= is_changed;
        }
        let mut is_used = vec![false; old.len()];
        matched.iter().flatten().for_each(|partner| is_used[partner.index] = true);
        for (index, slot) in old.iter().enumerate().filter(|(index, _)| !is_used[*index]) {
            let version = self.text.child_of(before, *slot)?;
            let place = self.places.push(at, Step::Element(index), Some(*slot));
            self.gone(of, place, version, around)?;
            changed = true;
        }
        let is_in_order = matched.iter().flatten().map(|partner| partner.index).is_sorted();
        if !is_in_order {
            self.change(at, around);
        }
        // Elements with one key may all be one that is stored.
        changed |= !is_in_order || new.len() != old.len();
        if changed {
            let misfit = |place| (place, Misfit::expected("a key that no other element has"));
            self.misfits.extend(repeated.into_iter().map(misfit));
        }
        Ok(changed)
    }

    /// Which stored element each element is, and the places of the keys that another element has.
    fn matched(
        &mut self,
        of: Inside,
        by: Option<&'static str>,
        at: At,
        old: (Version, &[Slot]),
        new: (Version, &[Slot]),
    ) -> Result<(Vec<Option<Partner>>, Vec<At>), Refusal> {
        let key = match (by, of) {
            (Some(by), Inside::Object(table)) => table().find_exactly(by),
            _ => None,
        };
        let Some(key) = key else {
            return Ok((matching::by_content(self.text, of, old, new, self.work)?, Vec::new()));
        };
        let (partners, repeated) = matching::by_key(self.text, of, key, old, new, self.work)?;
        let place = |index| {
            let element = self.places.push(at, Step::Element(index), Some(new.1[index]));
            self.places.push(element, Step::Row(key), None)
        };
        Ok((partners, repeated.into_iter().map(place).collect()))
    }

    /// Compares maps by their names.
    fn values(
        &mut self,
        owner: Owner,
        of: Inside,
        at: At,
        before: Option<Version>,
        now: Version,
        around: Around,
    ) -> Judged {
        let counted = self.counted();
        let mut changed = before.is_none();
        let mut stored: HashMap<Cow<'t, str>, Slot> = HashMap::new();
        if let Some(before) = before {
            let slots = self.text.slots_of(before)?;
            stored = slots.into_iter().map(|slot| (self.text.name_of(slot), slot)).collect();
        }
        for slot in self.text.slots_of(now)? {
            let old = stored.remove(&self.text.name_of(slot));
            let version = before.zip(old).map(|(before, old)| self.text.child_of(before, old)).transpose()?;
            if version.is_some_and(|version| self.text.is_one(version, self.text.now(slot))) {
                continue;
            }
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            let now = self.text.now(slot);
            let has_come = before.is_some_and(|before| self.text.was_stored_in(before, now));
            let is_moved = around.is_moved || (old.is_none() && has_come);
            let is_changed = self.value(owner, of, place, version, slot, Around { is_moved, ..around })?;
            match (is_changed, old, version) {
                (false, Some(old), _) if old == slot => self.restore(at, old, Some(slot)),
                (false, _, Some(version)) => self.keep(place, slot, version)?,
                (true, ..) | (false, ..) => {}
            }
            changed |= is_changed;
        }
        let mut gone: Vec<Slot> = stored.into_values().collect();
        gone.sort_unstable();
        for slot in gone {
            let Some(before) = before else { continue };
            let version = self.text.child_of(before, slot)?;
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            self.gone(of, place, version, around)?;
            changed = true;
        }
        if before.is_none() && self.counted() == counted {
            self.change(at, around);
        }
        Ok(changed)
    }

    /// Notes the deepest members of a container that went.
    fn gone(&mut self, inside: Inside, at: At, before: Version, around: Around) -> Result<(), Refusal> {
        let counted = self.counted();
        match (inside, self.text.kind_of(before)) {
            (Inside::Object(table), Kind::Object) => {
                for row in table().rows.iter().filter(|row| !row.is_hidden()) {
                    let Some(slot) = self.member(before, row)? else { continue };
                    let (version, absent) = (self.text.child_of(before, slot)?, self.absent(row)?);
                    if !self.text.are_equal(version, absent)? {
                        let place = self.places.push(at, Step::Row(row), Some(slot));
                        self.gone(row.inside, place, version, around)?;
                    }
                }
            }
            (Inside::Elements { of, .. }, Kind::Array) => {
                for (index, slot) in self.text.slots_of(before)?.into_iter().enumerate() {
                    let version = self.text.child_of(before, slot)?;
                    let place = self.places.push(at, Step::Element(index), Some(slot));
                    self.gone(*of, place, version, around)?;
                }
            }
            (Inside::Values { of }, Kind::Object) => {
                for slot in self.text.slots_of(before)? {
                    let version = self.text.child_of(before, slot)?;
                    let place = self.places.push(at, Step::Member(slot), Some(slot));
                    self.gone(*of, place, version, around)?;
                }
            }
            _ => {}
        }
        if self.counted() == counted {
            self.change(at, around);
        }
        Ok(())
    }

    /// Has the member around a value read as a whole: only its type knows whether it takes what is there.
    fn doubt(&mut self, owner: Owner) {
        let is_new = self.doubts.last().is_none_or(|(at, ..)| *at != owner.at);
        if let Some(slot) = owner.slot.filter(|_| is_new) {
            self.doubts.push((owner.at, owner.row, slot));
        }
    }

    fn settle_doubts(&mut self) -> Result<(), Refusal> {
        for (at, row, slot) in std::mem::take(&mut self.doubts) {
            let now = self.text.now(slot);
            if let Err(misfit) = self.read(row, now) {
                self.misfits.push((at, misfit));
            }
        }
        Ok(())
    }

    /// A written name that no table declares, or that a type ignores.
    fn lost(&mut self, at: At, path: Pointer) -> Result<(), Refusal> {
        self.unknown = Some(at);
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.there(path)),
            UnknownMembers::Ignore => {
                self.ignored.push(path);
                Ok(())
            }
        }
    }

    /// Refuses or reports the names that a type ignored, but for those that were stored already.
    fn report_ignored(&mut self, row: &'static Row, at: At, before: Version, reading: &Reading) -> Result<(), Refusal> {
        if reading.ignored.is_empty() {
            return Ok(());
        }
        let stored: HashSet<_> = match self.read(row, before) {
            Ok(Some(stored)) => stored.ignored.into_iter().collect(),
            Ok(None) | Err(_) => HashSet::new(),
        };
        for tokens in reading.ignored.iter().filter(|tokens| !stored.contains(*tokens)) {
            let mut path = self.places.pointer(at, self.text);
            tokens.iter().for_each(|token| path.push(token));
            self.lost(at, path)?;
        }
        Ok(())
    }

    /// Gives a written value the spelling of its type, but for what is stored and was not touched. Returns whether
    /// anything was respelled.
    fn align(&mut self, slot: Slot, written: Version) -> Judged {
        if self.text.is_stored(slot) && self.text.is_untouched(slot) {
            return Ok(false);
        }
        let now = self.text.now(slot);
        let kind = self.text.kind_of(now);
        if kind == self.text.kind_of(written) {
            match kind {
                Kind::Object => return self.align_members(now, written),
                Kind::Array => {
                    let (own, others) = (self.text.slots_of(now)?, self.text.slots_of(written)?);
                    if own.len() == others.len() {
                        let mut is_respelled = false;
                        for (own, other) in own.into_iter().zip(others) {
                            let other = self.text.now(other);
                            is_respelled |= self.align(own, other)?;
                        }
                        return Ok(self.marked(now, is_respelled));
                    }
                }
                Kind::Null | Kind::Boolean | Kind::Number | Kind::String => {
                    if self.text.are_equal(now, written)? {
                        return Ok(false);
                    }
                }
            }
        }
        let piece = self.text.piece_of(written);
        self.text.put_raw(slot, piece)?;
        Ok(true)
    }

    fn align_members(&mut self, now: Version, written: Version) -> Judged {
        let object = self.text.value_of(now);
        let others = self.text.slots_of(written)?;
        let mut others: HashMap<Cow<'t, str>, (usize, Slot)> =
            others.into_iter().enumerate().map(|(order, slot)| (self.text.name_of(slot), (order, slot))).collect();
        let mut is_respelled = false;
        for slot in self.text.slots_of(now)? {
            match others.remove(&self.text.name_of(slot)) {
                Some((_, other)) => {
                    let other = self.text.now(other);
                    is_respelled |= self.align(slot, other)?;
                }
                None if self.text.is_stored(slot) && self.text.is_untouched(slot) => {}
                None => {
                    self.text.remove_raw(object, slot);
                    is_respelled = true;
                }
            }
        }
        let mut added: Vec<_> = others.into_iter().collect();
        added.sort_unstable_by_key(|(_, (order, _))| *order);
        for (name, (_, slot)) in added {
            let piece = self.text.piece_of(self.text.now(slot));
            self.text.insert_raw(object, &name, piece)?;
            is_respelled = true;
        }
        Ok(self.marked(now, is_respelled))
    }

    fn marked(&mut self, container: Version, is_respelled: bool) -> bool {
        if is_respelled {
            self.text.mark(self.text.value_of(container));
        }
        is_respelled
    }

    /// Marks the containers around a place as edited, up to the first one that is.
    fn mark_around(&mut self, mut at: At) {
        while at != Places::ROOT {
            at = self.places.parent(at);
            let Some(value) = self.places.slot(at).map(|slot| self.text.value(slot)) else { return };
            if self.text.is_edited(value) {
                return;
            }
            self.text.mark(value);
        }
    }
}
