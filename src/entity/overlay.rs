//! What a PUT writes: the value that a client sent, with everything that only the server writes taken from what is
//! stored.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    document::Refusal,
    entity::{
        compare, matching,
        table::{Access, Inside, Table},
    },
    json::tape::Kind,
    text::{Slot, Text, Version},
};

/// Lays the values of clients over stored ones.
pub(super) struct Overlay<'o, 't> {
    pub(super) text: &'o mut Text<'t>,
    pub(super) work: &'o mut usize,
}

impl<'t> Overlay<'_, 't> {
    /// Gives a sent value the read-only and hidden members that are stored, at every depth that a table governs; what
    /// is new has none of them. Returns whether anything was edited.
    pub(super) fn value(&mut self, inside: Inside, stored: Option<Version>, sent: Version) -> Result<bool, Refusal> {
        let stored = stored.filter(|stored| self.text.kind_of(*stored) == self.text.kind_of(sent));
        let is_edited = match (inside, self.text.kind_of(sent)) {
            (Inside::Object(table), Kind::Object) => self.members(table(), stored, sent)?,
            (Inside::Elements { of, by }, Kind::Array) => self.elements(*of, by, stored, sent)?,
            (Inside::Values { of }, Kind::Object) => self.values(*of, stored, sent)?,
            _ => false,
        };
        if is_edited {
            self.text.mark(self.text.value_of(sent));
        }
        Ok(is_edited)
    }

    fn members(&mut self, table: &'static Table, stored: Option<Version>, sent: Version) -> Result<bool, Refusal> {
        let object = self.text.value_of(sent);
        let mut is_edited = false;
        for row in table.rows {
            let old = match stored {
                Some(stored) => compare::member(self.text, stored, row)?,
                None => None,
            };
            let version = stored.zip(old).map(|(stored, old)| self.text.child_of(stored, old)).transpose()?;
            let new = compare::member(self.text, sent, row)?;
            if row.access == Access::Writable {
                if let Some(new) = new {
                    is_edited |= self.value(row.inside, version, self.text.now(new))?;
                }
                continue;
            }
            if let Some(new) = new {
                self.text.remove_raw(object, new);
                is_edited = true;
            }
            if let (Some(old), Some(version)) = (old, version) {
                let (name, piece) = (self.text.name_of(old), self.text.piece_of(version));
                self.text.insert_raw(object, &name, piece)?;
                is_edited = true;
            }
        }
        Ok(is_edited)
    }

    fn elements(
        &mut self,
        of: Inside,
        by: Option<&'static str>,
        stored: Option<Version>,
        sent: Version,
    ) -> Result<bool, Refusal> {
        let new: Vec<_> = self.text.slots_of(sent)?.collect();
        let old: Vec<_> = match stored {
            Some(stored) => self.text.slots_of(stored)?.collect(),
            None => Vec::new(),
        };
        let key = match (by, of) {
            (Some(by), Inside::Object(table)) => table().find_exactly(by),
            _ => None,
        };
        let partners = match (stored, key) {
            (None, _) => vec![None; new.len()],
            (Some(stored), Some(key)) => {
                matching::by_key(self.text, of, key, (stored, &old), (sent, &new), self.work)?.0
            }
            (Some(stored), None) => matching::by_sight(self.text, of, (stored, &old), (sent, &new), self.work)?,
        };
        let mut is_edited = false;
        for (slot, partner) in new.into_iter().zip(partners) {
            let partner = stored
                .zip(partner)
                .map(|(stored, partner)| self.text.child_of(stored, old[partner.index]))
                .transpose()?;
            is_edited |= self.value(of, partner, self.text.now(slot))?;
        }
        Ok(is_edited)
    }

    fn values(&mut self, of: Inside, stored: Option<Version>, sent: Version) -> Result<bool, Refusal> {
        let mut old: HashMap<Cow<'t, str>, Slot> = HashMap::new();
        if let Some(stored) = stored {
            let slots = self.text.slots_of(stored)?;
            old = slots.map(|slot| (self.text.name_of(slot), slot)).collect();
        }
        let mut is_edited = false;
        for slot in self.text.slots_of(sent)? {
            let partner = stored.zip(old.get(&self.text.name_of(slot)).copied());
            let partner = partner.map(|(stored, slot)| self.text.child_of(stored, slot)).transpose()?;
            is_edited |= self.value(of, partner, self.text.now(slot))?;
        }
        Ok(is_edited)
    }
}
