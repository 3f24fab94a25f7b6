//! Brings a value that a client wrote under the tables that govern its place: names get the tables' spelling, and what no
//! table declares is refused or reported.

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{PatchErrorKind, Refusal},
    entity::{
        compare,
        ignored::Ignored,
        names::Named,
        table::{Inside, Rest, Row, Table},
    },
    json::tape::Kind,
    patch::pointer::Pointer,
    text::{Slot, Text, Version},
};

/// A written value on its way under the tables.
pub(super) struct Conform<'c, 't> {
    pub(super) text: &'c mut Text<'t>,
    pub(super) dialect: &'c Dialect,
    /// The path to the value that is looked at, in the tables' spelling.
    pub(super) path: Pointer,
    pub(super) ignored: &'c mut Ignored,
    /// An object for a list is an element of it.
    pub(super) appends: bool,
    /// It is a merge patch, whose nulls remove members, but for those inside of arrays.
    pub(super) merges: bool,
}

impl Conform<'_, '_> {
    /// Brings a value under what governs it. Returns whether anything in it was edited.
    pub(super) fn value(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let length = self.path.len();
        let is_edited = match (inside, self.text.kind_of(value)) {
            (Inside::Object(table), Kind::Object) => self.members(table(), value)?,
            (Inside::Elements { of, .. }, Kind::Array) => {
                let (mut is_edited, merges) = (false, std::mem::replace(&mut self.merges, false));
                for (index, slot) in self.text.slots_of(value)?.into_iter().enumerate() {
                    self.path.push_index(index);
                    is_edited |= self.value(*of, self.text.now(slot))?;
                    self.path.truncate(length);
                }
                self.merges = merges;
                is_edited
            }
            (Inside::Elements { of, .. }, Kind::Object) if self.appends => {
                self.path.push("-");
                let is_edited = self.value(*of, value)?;
                self.path.truncate(length);
                is_edited
            }
            (Inside::Values { of }, Kind::Object) => {
                let mut is_edited = false;
                for slot in self.text.slots_of(value)? {
                    self.path.push(&self.text.name_of(slot));
                    is_edited |= self.value(*of, self.text.now(slot))?;
                    self.path.truncate(length);
                }
                is_edited
            }
            _ => false,
        };
        if is_edited {
            self.text.mark(self.text.value_of(value));
        }
        Ok(is_edited)
    }

    fn members(&mut self, table: &'static Table, object: Version) -> Result<bool, Refusal> {
        let mut seen = vec![false; table.rows.len()];
        let (mut is_edited, mut is_renamed) = (false, false);
        let length = self.path.len();
        for slot in self.text.slots_of(object)? {
            let name = self.text.name_of(slot);
            match table.find(&name, self.dialect.case()) {
                Named::Row(row) if !row.is_hidden() => {
                    self.path.push(row.name);
                    if std::mem::replace(&mut seen[table.order(row)], true) {
                        return Err(PatchErrorKind::DuplicateName.there(self.path.clone()));
                    }
                    // Where a type takes no null, null means its default, as an absent member does.
                    let is_null = !self.merges && self.text.kind_of(self.text.now(slot)) == Kind::Null;
                    if is_null && !row.field.takes_null() && compare::may_be_absent(row) {
                        self.text.remove_raw(self.text.value_of(object), slot);
                        is_edited = true;
                        self.path.truncate(length);
                        continue;
                    }
                    // Members after one that got another name are written anew, so that they keep their order.
                    is_renamed |= name != row.name;
                    let slot = if is_renamed { self.rename(object, slot, row)? } else { slot };
                    is_edited |= self.value(row.inside, self.text.now(slot))?;
                    self.path.truncate(length);
                }
                Named::Undeclared if table.rest != Rest::Unknown => {}
                named => {
                    self.path.push(&name);
                    match (named, self.dialect.unknown_members) {
                        (Named::OutputOnly, _) | (_, UnknownMembers::Ignore) => self.ignored.push(self.path.clone())?,
                        (_, UnknownMembers::Reject) => {
                            return Err(PatchErrorKind::UnknownMember.there(self.path.clone()));
                        }
                    }
                    self.text.remove_raw(self.text.value_of(object), slot);
                    is_edited = true;
                    self.path.truncate(length);
                }
            }
        }
        Ok(is_edited || is_renamed)
    }

    fn rename(&mut self, object: Version, slot: Slot, row: &Row) -> Result<Slot, Refusal> {
        let (piece, object) = (self.text.piece_of(self.text.now(slot)), self.text.value_of(object));
        self.text.remove_raw(object, slot);
        Ok(self.text.insert_raw(object, row.name, piece)?)
    }
}
