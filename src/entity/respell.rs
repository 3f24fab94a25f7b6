//! The bytes of a patched entity: what did not change keeps the stored ones, what was written takes the spelling of its
//! type.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    document::PatchErrorKind,
    entity::{
        judge::{Judge, Judged},
        places::{At, Places},
        table::Row,
    },
    json::tape::Kind,
    text::{Slot, Version},
};

impl<'t> Judge<'_, 't> {
    /// Gives a slot the value that it is equal to.
    pub(super) fn keep(&mut self, at: At, slot: Slot, before: Version) -> Result<(), PatchErrorKind> {
        let piece = self.text.piece_of(before);
        self.text.put_raw(slot, piece)?;
        self.mark_around(at);
        Ok(())
    }

    /// Gives an object that is edited in place a member back that went and reads the same.
    pub(super) fn restore(&mut self, parent: At, old: Slot) {
        let Some(object) = self.places.slot(parent).map(|slot| self.text.value(slot)) else { return };
        if self.text.is_recorded_in(object, old) {
            self.text.restore(old);
        }
    }

    /// Removes a member from an object that did not have it.
    pub(super) fn restore_absence(&mut self, parent: At, new: Slot) {
        let Some(object) = self.places.slot(parent).map(|slot| self.text.value(slot)) else { return };
        self.text.remove_raw(object, new);
        self.mark_around(parent);
    }

    /// Gives a written value the spelling of its type, but for what is stored and was not touched. Returns whether
    /// anything was respelled.
    pub(super) fn align(&mut self, row: &'static Row, slot: Slot, written: Version) -> Judged {
        let mut keeps_unlike = false;
        let is_respelled = self.align_parts(slot, written, &mut keeps_unlike)?;
        // Parts are told by their places and names, and a type may change those: a set sorts its elements.
        if is_respelled && keeps_unlike && !self.reads_as(row, slot, written)? {
            let piece = self.text.piece_of(written);
            self.text.put_raw(slot, piece)?;
        }
        Ok(is_respelled)
    }

    /// Whether a type makes of a value what it wrote for another one.
    fn reads_as(&mut self, row: &'static Row, slot: Slot, written: Version) -> Judged {
        let Ok(Some(reading)) = self.read(row, self.text.now(slot)) else { return Ok(false) };
        let rewritten = self.text.added_version(&reading.json)?;
        Ok(self.text.are_equal(rewritten, written)?)
    }

    /// As [`align`](Self::align); `keeps_unlike` becomes true where something was kept that is not equal to what the type
    /// wrote.
    fn align_parts(&mut self, slot: Slot, written: Version, keeps_unlike: &mut bool) -> Judged {
        let now = self.text.now(slot);
        if self.text.is_stored(slot) && self.text.is_untouched(slot) {
            *keeps_unlike = *keeps_unlike || !self.text.are_equal(now, written)?;
            return Ok(false);
        }
        let kind = self.text.kind_of(now);
        if kind == self.text.kind_of(written) {
            match kind {
                Kind::Object => return self.align_members(now, written, keeps_unlike),
                Kind::Array => {
                    let (own, others) = (self.text.slots_of(now)?, self.text.slots_of(written)?);
                    if own.len() == others.len() {
                        let mut is_respelled = false;
                        for (own, other) in own.zip(others) {
                            let other = self.text.now(other);
                            is_respelled |= self.align_parts(own, other, keeps_unlike)?;
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

    fn align_members(&mut self, now: Version, written: Version, keeps_unlike: &mut bool) -> Judged {
        let object = self.text.value_of(now);
        let others = self.text.slots_of(written)?;
        let mut others: HashMap<Cow<'t, str>, (usize, Slot)> =
            others.enumerate().map(|(order, slot)| (self.text.name_of(slot), (order, slot))).collect();
        let mut is_respelled = false;
        for slot in self.text.slots_of(now)? {
            match others.remove(&self.text.name_of(slot)) {
                Some((_, other)) => {
                    let other = self.text.now(other);
                    is_respelled |= self.align_parts(slot, other, keeps_unlike)?;
                }
                None if self.text.is_stored(slot) && self.text.is_untouched(slot) => *keeps_unlike = true,
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

    pub(super) fn marked(&mut self, container: Version, is_respelled: bool) -> bool {
        if is_respelled {
            self.text.mark(self.text.value_of(container));
        }
        is_respelled
    }

    /// Marks the containers around a place as edited, up to the first one that is.
    pub(super) fn mark_around(&mut self, mut at: At) {
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
