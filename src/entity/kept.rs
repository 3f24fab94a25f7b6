//! What an object that another one replaced keeps, since no client may write it: members that only a flattened map has, and
//! hidden ones.

use std::{borrow::Cow, collections::BTreeSet};

use crate::{
    document::Refusal,
    entity::{
        compare,
        judge::{Around, Judge, Judged},
        misfit::Misfit,
        places::{At, Step},
        table::{Rest, Row, Table},
    },
    json::name::NameIndex,
    text::{Slot, Version},
};

impl<'t> Judge<'_, 't> {
    /// Compares the members that a table does not declare, of an object that another one replaced.
    pub(super) fn others(
        &mut self,
        table: &'static Table,
        at: At,
        before: Version,
        now: Version,
        around: Around,
    ) -> Judged {
        if table.rest == Rest::Unknown {
            return Ok(false);
        }
        if around.keeps_hidden {
            self.keep_unseen(table, at, before, now)?;
        }
        let mut stored = NameIndex::new(self.dialect.case());
        let mut gone = BTreeSet::new();
        for (name, slot) in self.undeclared(table, before)? {
            stored.insert(&name, slot);
            gone.insert(slot);
        }
        let mut changed = false;
        for slot in self.undeclared_now(table, now)? {
            let name = self.text.name_of(slot);
            let old = stored.find(&name).unwrap_or_default();
            if let Some(old) = old {
                stored.remove(&self.text.name_of(old), old);
                gone.remove(&old);
            }
            let place = self.places.push(at, Step::Member(slot), Some(slot));
            let version = old.map(|slot| self.text.child_of(before, slot)).transpose()?;
            if table.rest == Rest::Open {
                changed |= self.undeclared_value(table, place, version, slot, around)?;
                continue;
            }
            if self.has_equal(version, slot)? {
                continue;
            }
            self.lost(place, self.places.pointer(place, |slot| self.text.name_of(slot)))?;
            let object = self.text.value_of(now);
            self.text.remove_raw(object, slot);
            self.mark_around(at);
            if let Some(old) = old {
                self.copy_member(at, before, old, now)?;
            }
        }
        for slot in gone {
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

    pub(super) fn undeclared(&mut self, table: &Table, object: Version) -> Result<Vec<(Cow<'t, str>, Slot)>, Refusal> {
        let slots = self.text.slots_of(object)?;
        let named = slots.map(|slot| (self.text.name_of(slot), slot));
        Ok(named.filter(|(name, _)| table.is_undeclared(name)).collect())
    }

    pub(super) fn undeclared_now(&mut self, table: &Table, object: Version) -> Result<Vec<Slot>, Refusal> {
        Ok(self.undeclared(table, object)?.into_iter().map(|(_, slot)| slot).collect())
    }

    /// Keeps the members whose names no client sees, and that no row declares. An element that took the key of another
    /// one has its own, which go.
    fn keep_unseen(&mut self, table: &Table, at: At, before: Version, now: Version) -> Result<(), Refusal> {
        for slot in self.text.slots_of(now)? {
            if table.is_unseen(&self.text.name_of(slot)) {
                self.text.remove_raw(self.text.value_of(now), slot);
                self.mark_around(at);
            }
        }
        for slot in self.text.slots_of(before)? {
            if table.is_unseen(&self.text.name_of(slot)) {
                self.copy_member(at, before, slot, now)?;
            }
        }
        Ok(())
    }

    /// Copies a member of the object that was there before, in its own bytes.
    pub(super) fn copy_member(&mut self, at: At, before: Version, slot: Slot, now: Version) -> Result<(), Refusal> {
        let (name, version) = (self.text.name_of(slot), self.text.child_of(before, slot)?);
        let piece = self.text.piece_of(version);
        self.text.insert_raw(self.text.value_of(now), &name, piece)?;
        self.mark_around(at);
        Ok(())
    }

    /// Keeps a hidden member as it was, whatever the object that replaced the other one has.
    pub(super) fn keep_hidden(
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

    pub(super) fn remove_hidden(&mut self, row: &'static Row, at: At, now: Version) -> Result<(), Refusal> {
        if let Some(slot) = self.member(now, row)? {
            self.text.remove_raw(self.text.value_of(now), slot);
            self.mark_around(at);
        }
        Ok(())
    }

    /// Starts a hidden member at its default.
    pub(super) fn new_hidden(
        &mut self,
        row: &'static Row,
        at: At,
        now: Version,
        around: Around,
    ) -> Result<(), Refusal> {
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
    pub(super) fn fill(&mut self, row: &'static Row, at: At, now: Version) -> Result<(), Refusal> {
        if self.member(now, row)?.is_none() && compare::fill(self.text, self.text.value_of(now), row, self.work)? {
            self.mark_around(at);
        }
        Ok(())
    }
}
