//! ArrayNodes and maps of an entity before and after a patch: elements are matched by their key or by what they are, members of
//! a map by their names.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    document::Refusal,
    entity::{
        judge::{ARRAY_FOR_STRUCT, Around, Judge, Judged, Owner},
        matching::{self, Partner},
        misfit::Misfit,
        places::{At, Step},
        table::Inside,
    },
    json::tape::Kind,
    text::{Slot, Version},
};

impl<'t> Judge<'_, 't> {
    /// Compares arrays element by element. Elements are matched by their key, or else by what they are.
    pub(super) fn elements(
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
            for (index, slot) in new.enumerate() {
                let place = self.places.push(at, Step::Element(index), Some(slot));
                self.value(owner, of, place, None, slot, around)?;
            }
            if self.counted() == counted {
                self.change(at, around);
            }
            return Ok(true);
        };
        let (old, new): (Vec<_>, Vec<_>) = (self.text.slots_of(before)?.collect(), new.collect());
        let (matched, repeated) = self.matched(of, by, at, (before, &old), (now, &new))?;
        let mut changed = false;
        for (index, (slot, partner)) in new.iter().zip(&matched).enumerate() {
            let Some(Partner { index: partner, keeps_hidden }) = *partner else {
                let place = self.places.push(at, Step::Element(index), Some(*slot));
                self.value(owner, of, place, None, *slot, around)?;
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
            if !is_changed {
                self.keep(place, *slot, version)?;
            }
            changed |= is_changed;
        }
        let mut is_used = vec![false; old.len()];
        matched.iter().flatten().for_each(|partner| is_used[partner.index] = true);
        let has_new = matched.iter().any(Option::is_none);
        for (index, slot) in old.iter().enumerate().filter(|(index, _)| !is_used[*index]) {
            let version = self.text.child_of(before, *slot)?;
            let place = self.places.push(at, Step::Element(index), Some(*slot));
            if has_new && self.is_array_for_struct(of, version) {
                self.misfits.push((place, Misfit::expected(ARRAY_FOR_STRUCT)));
            }
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
    pub(super) fn matched(
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
    pub(super) fn values(
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
            stored = slots.map(|slot| (self.text.name_of(slot), slot)).collect();
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
            if let (false, Some(version)) = (is_changed, version) {
                self.keep(place, slot, version)?;
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
    pub(super) fn gone(&mut self, inside: Inside, at: At, before: Version, around: Around) -> Result<(), Refusal> {
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
                for (index, slot) in self.text.slots_of(before)?.enumerate() {
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
}
