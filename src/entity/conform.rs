//! Brings a value that a client wrote under the tables that govern its place: names get the tables' spelling, and what no
//! table declares is refused or reported.

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{PatchErrorKind, Refusal},
    entity::{
        compare,
        ignored::Ignored,
        names::Named,
        places::{Step, pointer_of},
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
    /// How the path to the value that is looked at leads there from the root.
    pub(super) steps: &'c mut Vec<Step>,
    pub(super) ignored: &'c mut Ignored,
    /// An object for a list is an element of it.
    pub(super) appends: bool,
    /// It is a merge patch, whose nulls remove members, but for those inside of arrays.
    pub(super) merges: bool,
}

impl Conform<'_, '_> {
    /// Brings a value under what governs it. Returns whether anything in it was edited.
    pub(super) fn value(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let length = self.steps.len();
        let is_edited = match (inside, self.text.kind_of(value)) {
            (Inside::Object(table), Kind::Object) => self.members(table(), value)?,
            (Inside::Elements { of, .. }, Kind::Array) => {
                let (mut is_edited, merges) = (false, std::mem::replace(&mut self.merges, false));
                for (index, slot) in self.text.slots_of(value)?.enumerate() {
                    self.steps.push(Step::Element(index));
                    is_edited |= self.value(*of, self.text.now(slot))?;
                    self.steps.truncate(length);
                }
                self.merges = merges;
                is_edited
            }
            (Inside::Elements { of, .. }, Kind::Object) if self.appends => {
                self.steps.push(Step::End);
                let is_edited = self.value(*of, value)?;
                self.steps.truncate(length);
                is_edited
            }
            (Inside::Values { of }, Kind::Object) => {
                let mut is_edited = false;
                for slot in self.text.slots_of(value)? {
                    self.steps.push(Step::Member(slot));
                    is_edited |= self.value(*of, self.text.now(slot))?;
                    self.steps.truncate(length);
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
        let length = self.steps.len();
        for slot in self.text.slots_of(object)? {
            let name = self.text.name_of(slot);
            match table.find(&name, self.dialect.case()) {
                Named::Row(row) if !row.is_hidden() => {
                    self.steps.push(Step::Row(row));
                    if std::mem::replace(&mut seen[table.order(row)], true) {
                        return Err(PatchErrorKind::DuplicateName.there(self.path()));
                    }
                    // Where a type takes no null, null means its default, as an absent member does.
                    let is_null = !self.merges && self.text.kind_of(self.text.now(slot)) == Kind::Null;
                    if is_null && !row.field.takes_null() && compare::may_be_absent(row) {
                        self.text.remove_raw(self.text.value_of(object), slot);
                        is_edited = true;
                        self.steps.truncate(length);
                        continue;
                    }
                    // Members after one that got another name are written anew, so that they keep their order.
                    is_renamed |= name != row.name;
                    let slot = if is_renamed { self.rename(object, slot, row)? } else { slot };
                    is_edited |= self.value(row.inside, self.text.now(slot))?;
                    self.steps.truncate(length);
                }
                Named::Undeclared if table.rest != Rest::Unknown => {}
                named => {
                    self.steps.push(Step::Member(slot));
                    match (named, self.dialect.unknown_members) {
                        (Named::OutputOnly, _) | (_, UnknownMembers::Ignore) => self.ignored.push(self.path())?,
                        (_, UnknownMembers::Reject) => {
                            return Err(PatchErrorKind::UnknownMember.there(self.path()));
                        }
                    }
                    self.text.remove_raw(self.text.value_of(object), slot);
                    is_edited = true;
                    self.steps.truncate(length);
                }
            }
        }
        Ok(is_edited || is_renamed)
    }

    /// The path to the value that is looked at, in the tables' spelling.
    fn path(&self) -> Pointer {
        pointer_of(self.steps, self.text)
    }

    fn rename(&mut self, object: Version, slot: Slot, row: &Row) -> Result<Slot, Refusal> {
        let (piece, object) = (self.text.piece_of(self.text.now(slot)), self.text.value_of(object));
        self.text.remove_raw(object, slot);
        Ok(self.text.insert_raw(object, row.name, piece)?)
    }
}
