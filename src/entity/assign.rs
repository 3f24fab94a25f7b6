//! Writes to an entity: values are brought under the tables as they are assigned, and what stays equal keeps its bytes.

use std::collections::HashSet;

use crate::{
    dialect::UnknownMembers,
    document::{PatchErrorKind, Refusal},
    entity::{
        compare::{self, SeenComparison},
        conform::Conform,
        governed::Governed,
        names::Named,
        places::Step,
        session::{OperationTask, Session, Unlinked},
        table::{Access, Inside, Rest, Row, Table},
    },
    json::tape::Kind,
    patch::pointer::Tokens,
    text::{Piece, Slot, ValueAt, Version},
};

impl<'t, 'd> Session<'t, 'd> {
    /// An object that replaces the whole entity, brought under its table.
    pub(super) fn conformed(&mut self, object: Version) -> Result<Version, Refusal> {
        self.start_walk();
        self.conformed_at(self.root.inside, object)
    }

    /// As [`conformed`](Session::conformed), for what governs the place that is looked at. Nothing in it was edited.
    pub(super) fn conformed_at(&mut self, inside: Inside, value: Version) -> Result<Version, Refusal> {
        if !self.conform_at(inside, value)? {
            return Ok(value);
        }
        let json = self.text.json_of(value).into_owned();
        Ok(self.text.added_version(&json)?)
    }

    /// Whether a merge patch has nothing to do for a member that a client cannot write: a read-only one holds what was
    /// sent, nulls included, though a null would remove what it names; or it is unknown, and skipped.
    pub(super) fn settles(
        &mut self,
        object: ValueAt,
        governed: Governed,
        name: &str,
        sent: Version,
    ) -> Result<bool, Refusal> {
        let Some(table) = governed.table() else { return Ok(false) };
        let row = match table.find(name, self.dialect.case()) {
            Named::Row(row) if row.access == Access::ReadOnly => row,
            Named::Undeclared if table.rest == Rest::Kept => {
                return match self.undeclared(table, object, name)? {
                    Some(_) => Ok(false),
                    None => self.skip_or_refuse_name(name).map(|()| true),
                };
            }
            Named::Row(_) | Named::OutputOnly | Named::Undeclared => return Ok(false),
        };
        let (slot, member) = self.declared(object, governed, row)?;
        let now = self.text.now(slot);
        let mut comparison = SeenComparison { text: self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(member.row, member.inside, now, sent)
    }

    /// Replaces the value in the slot that is looked at, and hands the old one out.
    pub(super) fn set(&mut self, slot: Slot, governed: Governed, piece: Piece) -> Result<Piece, Refusal> {
        let old = self.text.now(slot);
        let old_piece = self.text.piece_of(old);
        if governed.is_frozen {
            let new = self.text.version_of(piece)?;
            return match self.text.are_equal(old, new)? {
                true => Ok(old_piece),
                false => self.skip_or_refuse().map(|()| old_piece),
            };
        }
        let piece = self.stripped(piece)?;
        if let Some(row) = governed.row.filter(|_| self.text.is_null(piece)) {
            self.write_null(slot, row)?;
            return Ok(old_piece);
        }
        if let Some(table) = governed.table().filter(|_| self.text.kind_of(old) == Kind::Object) {
            let sent = self.text.version_of(piece)?;
            if self.text.kind_of(sent) == Kind::Object {
                let sent = self.conformed_at(governed.inside, sent)?;
                self.assign(table, self.text.value_of(old), governed, sent)?;
                return Ok(old_piece);
            }
        }
        self.write(slot, piece)?;
        self.conform(governed.inside, slot)?;
        Ok(old_piece)
    }

    /// Replaces an object member by member, so that what stays equal keeps its bytes, and hidden members stay.
    pub(super) fn assign(
        &mut self,
        table: &'static Table,
        object: ValueAt,
        governed: Governed,
        sent: Version,
    ) -> Result<(), Refusal> {
        let level = self.text.trail().len();
        for row in table.rows.iter().filter(|row| !row.is_hidden()) {
            let given = compare::member(self.text, sent, row)?;
            let given = given.map(|slot| self.text.piece_of(self.text.now(slot)));
            let (slot, member) = self.declared(object, governed, row)?;
            match given {
                Some(piece) => drop(self.set(slot, member, piece)?),
                None => self.unset(slot, row)?,
            }
            self.rewind(level);
        }
        self.assign_others(table, object, governed, sent)
    }

    /// Leaves a declared member out of an object that is replaced.
    pub(super) fn unset(&mut self, slot: Slot, row: &'static Row) -> Result<(), Refusal> {
        let null = self.text.added_version(b"null")?;
        let may_be_null = compare::read(self.text, row, null, &mut self.work).is_ok();
        if may_be_null || compare::may_be_absent(row) {
            return self.write_null(slot, row);
        }
        self.log.push(self.operation, self.text.trail(), None);
        if !self.unlinked.contains(slot) {
            self.text.take_slot(slot);
        }
        Ok(())
    }

    /// Writes the members of an object that no row declares.
    pub(super) fn assign_others(
        &mut self,
        table: &'static Table,
        object: ValueAt,
        governed: Governed,
        sent: Version,
    ) -> Result<(), Refusal> {
        let level = self.text.trail().len();
        let mut names = HashSet::new();
        for slot in self.text.slots_of(sent)? {
            let name = self.text.name_of(slot);
            if table.find_exactly(&name).is_none() {
                let piece = self.text.piece_of(self.text.now(slot));
                self.assign_other(table, object, governed, &name, piece)?;
                self.rewind(level);
                names.insert(name);
            }
        }
        if table.rest == Rest::Open {
            let now = self.text.version(object);
            for slot in self.text.slots_of(now)? {
                let name = self.text.name_of(slot);
                if table.is_undeclared(&name) && !names.contains(&name) {
                    self.remove_member(object, governed, &name)?;
                    self.rewind(level);
                }
            }
        }
        Ok(())
    }

    /// Writes a member that no row declares.
    fn assign_other(
        &mut self,
        table: &'static Table,
        object: ValueAt,
        governed: Governed,
        name: &str,
        piece: Piece,
    ) -> Result<(), Refusal> {
        if table.rest == Rest::Open {
            return match self.member(object, governed, name)? {
                Some((slot, member)) => self.set(slot, member, piece).map(drop),
                None => self.insert_member(object, governed, name, piece),
            };
        }
        if let Some(slot) = self.undeclared(table, object, name)? {
            let (now, sent) = (self.text.now(slot), self.text.version_of(piece)?);
            if self.text.are_equal(now, sent)? {
                return Ok(());
            }
        }
        self.skip_or_refuse_name(name)
    }

    /// What becomes of a member that no table declares, of the object that is looked at.
    fn skip_or_refuse_name(&mut self, name: &str) -> Result<(), Refusal> {
        let mut path = self.pointer();
        path.push(name);
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.there(path)),
            UnknownMembers::Ignore => Ok(self.ignored.push(path)?),
        }
    }

    /// Puts a value that was brought under the tables already, hidden members and all, into the slot that is looked at.
    pub(super) fn put_at(&mut self, slot: Slot, governed: Governed, piece: Piece) -> Result<(), Refusal> {
        match governed.row {
            Some(row) if self.text.is_null(piece) => self.write_null(slot, row),
            _ => self.write(slot, piece),
        }
    }

    /// What becomes of a write to what a flattened map keeps: the rest of a merge patch goes on without it.
    pub(super) fn skip_or_refuse(&mut self) -> Result<(), Refusal> {
        if !self.is_merge || self.dialect.unknown_members == UnknownMembers::Reject {
            return Err(PatchErrorKind::UnknownMember.into());
        }
        let path = self.pointer();
        Ok(self.ignored.push(path)?)
    }

    /// Puts a value into the slot at the end of the trail.
    pub(super) fn write(&mut self, slot: Slot, piece: Piece) -> Result<(), Refusal> {
        self.link_trail()?;
        self.text.write(slot, piece)?;
        self.log.push(self.operation, self.text.trail(), None);
        Ok(())
    }

    /// Makes members of the ones on the trail that the text did not have.
    pub(super) fn link_trail(&mut self) -> Result<(), Refusal> {
        if self.unlinked.is_empty() {
            return Ok(());
        }
        for index in 0..self.text.trail().len() {
            let slot = self.text.trail()[index];
            if let Some(Unlinked { object, table, row, .. }) = self.unlinked.take(slot) {
                let order = |row| table.order(row);
                let comes_after = |name: &str| table.find_exactly(name).is_none_or(|other| order(other) > order(row));
                self.text.link_before(object, slot, comes_after)?;
            }
        }
        Ok(())
    }

    /// Sets a declared member to null where its type has a null, else to its default. What serde would leave out goes.
    pub(super) fn write_null(&mut self, slot: Slot, row: &'static Row) -> Result<(), Refusal> {
        let null = self.text.added_version(b"null")?;
        let (written, is_left_out) = match compare::read(self.text, row, null, &mut self.work) {
            Ok(reading) => (null, reading.is_some_and(|reading| reading.is_left_out)),
            // Without a default this is null again: the type will refuse it, unless another value takes its place.
            Err(_) => {
                let default = compare::absent(self.text, row)?;
                let reading = compare::read(self.text, row, default, &mut self.work);
                (default, reading.is_ok_and(|reading| reading.is_some_and(|reading| reading.is_left_out)))
            }
        };
        if is_left_out {
            self.log.push(self.operation, self.text.trail(), None);
            if !self.unlinked.contains(slot) {
                self.text.take_slot(slot);
            }
            return Ok(());
        }
        let piece = self.text.piece_of(written);
        self.write(slot, piece)
    }

    /// Inserts a member whose name the object does not have.
    pub(super) fn insert_member(
        &mut self,
        object: ValueAt,
        governed: Governed,
        name: &str,
        piece: Piece,
    ) -> Result<(), Refusal> {
        if governed.is_frozen {
            return match self.is_merge {
                true => self.skip_or_refuse_name(name),
                false => Err(PatchErrorKind::UnknownMember.into()),
            };
        }
        let is_inside = governed.table().is_none() && self.moves_inside(object);
        let piece = if is_inside { piece } else { self.stripped(piece)? };
        self.link_trail()?;
        let slot = self.text.insert_into(object, name, piece)?;
        self.log.push(self.operation, self.text.trail(), Some(slot));
        let governed = if governed.table().is_some() { Inside::Opaque } else { governed.child().inside };
        self.steps.push(Step::Member(slot));
        if is_inside { Ok(()) } else { self.conform(governed, slot) }
    }

    /// Removes the member that a name selects. A declared one becomes null.
    pub(super) fn remove_member(
        &mut self,
        object: ValueAt,
        governed: Governed,
        name: &str,
    ) -> Result<Option<Piece>, Refusal> {
        let Some((slot, member)) = self.member(object, governed, name)? else { return Ok(None) };
        if member.is_frozen {
            // A null that is sent back as it was read removes nothing.
            let is_echo = self.is_merge && self.text.kind_of(self.text.now(slot)) == Kind::Null;
            return if is_echo { Ok(None) } else { self.skip_or_refuse().map(|()| None) };
        }
        self.note_source(object, member.inside);
        if let Some(row) = member.row {
            let old = self.text.detached_piece(slot);
            let old = match row.inside {
                Inside::Opaque if self.task == OperationTask::Move => self.spelled(row, old)?,
                Inside::Opaque | Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. } => old,
            };
            self.write_null(slot, row)?;
            return Ok(Some(old));
        }
        self.log.push(self.operation, self.text.trail(), None);
        Ok(Some(self.text.take_slot(slot)))
    }

    /// Inserts an element; the index is at most the length.
    pub(super) fn insert_element(
        &mut self,
        array: ValueAt,
        governed: Governed,
        index: usize,
        piece: Piece,
    ) -> Result<(), Refusal> {
        if governed.is_frozen {
            return self.skip_or_refuse();
        }
        let is_inside = self.moves_inside(array);
        let piece = if is_inside { piece } else { self.stripped(piece)? };
        self.link_trail()?;
        let array = match self.text.kind(array) {
            Kind::Array => array,
            // A list that is null counts as empty.
            _ => self.begin_list()?,
        };
        let slot = self.text.insert_at(array, index, piece)?;
        self.log.push(self.operation, self.text.trail(), Some(slot));
        self.steps.push(Step::Element(index));
        if self.is_merge {
            // What is appended is one level deeper than it is in the patch.
            let limit = self.dialect.limits.depth();
            let levels = limit.checked_sub(self.steps.len()).filter(|levels| !self.text.is_nested_in(slot, *levels));
            levels.ok_or(PatchErrorKind::TooDeep { limit })?;
        }
        if is_inside { Ok(()) } else { self.conform(governed.child().inside, slot) }
    }

    /// Puts an empty array into the slot at the end of the trail.
    pub(super) fn begin_list(&mut self) -> Result<ValueAt, Refusal> {
        let empty = self.text.added_json(b"[]")?;
        let Some(&slot) = self.text.trail().last() else { return Err(PatchErrorKind::NotFound.into()) };
        self.text.write(slot, empty)?;
        let array = self.text.value(slot);
        self.text.expand(array)?;
        Ok(array)
    }

    /// Removes an element; the index is below the length.
    pub(super) fn remove_element(
        &mut self,
        array: ValueAt,
        governed: Governed,
        index: usize,
    ) -> Result<Piece, Refusal> {
        if governed.is_frozen {
            return Err(PatchErrorKind::UnknownMember.into());
        }
        self.link_trail()?;
        let slot = self.text.element_slot(array, index);
        let piece = self.text.remove_at(array, index);
        self.log.push(self.operation, self.text.trail(), Some(slot));
        self.note_source(array, governed.child().inside);
        Ok(piece)
    }

    /// Notes where a `move` takes its value from.
    fn note_source(&mut self, container: ValueAt, inside: Inside) {
        if self.task == OperationTask::Move {
            self.moved_from = Some((container, inside));
        }
    }

    /// Whether the value at work is moved within one container. If that is an array or a map, and not the object of a
    /// table, its hidden members come with it.
    fn moves_inside(&self, container: ValueAt) -> bool {
        self.moved_from.is_some_and(|(from, _)| from == container)
    }

    /// A value that is moved, as a client sees it. What is in it is not moved by itself.
    fn stripped(&mut self, piece: Piece) -> Result<Piece, Refusal> {
        match self.moved_from.take() {
            None | Some((_, Inside::Opaque)) => Ok(piece),
            Some((_, inside)) => self.as_seen(inside, piece),
        }
    }

    /// A value in the containers that lead from `place`, which is missing, down to it: of the kind that the member's type
    /// is, or an array where the token is `-` or `0`.
    pub(super) fn nest_at(&mut self, place: Tokens<'_>, below: Tokens<'_>, value: Piece) -> Result<Piece, Refusal> {
        let mut governed = self.root;
        let mut nested = Vec::new();
        for (index, token) in place.chain(below).enumerate() {
            let name = token.name();
            let (is_list, child) = match governed.table().map(|table| table.find(&name, self.dialect.case())) {
                Some(Named::Row(row)) => (false, Governed { inside: row.inside, row: Some(row), ..governed }),
                Some(Named::OutputOnly | Named::Undeclared) => (false, governed.child()),
                None if governed.is_map() => (false, governed.child()),
                None => (matches!(&*name, "-" | "0"), governed.child()),
            };
            governed = child;
            if index >= place.count() {
                nested.push(if is_list { None } else { Some(name) });
            }
        }
        let mut value = value;
        for name in nested.into_iter().rev() {
            value = self.text.wrapped(name.as_deref(), value)?;
        }
        Ok(value)
    }

    /// Brings what was just written into a slot under what governs it.
    pub(super) fn conform(&mut self, inside: Inside, slot: Slot) -> Result<(), Refusal> {
        match inside {
            Inside::Opaque => Ok(()),
            Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. } => {
                self.conform_at(inside, self.text.now(slot)).map(|_| ())
            }
        }
    }

    /// Brings a value under what governs the place that is looked at. Returns whether it was edited.
    pub(super) fn conform_at(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let appends = self.is_merge && self.dialect.merge_appends;
        let mut conform = Conform {
            text: self.text,
            dialect: self.dialect,
            steps: &mut self.steps,
            ignored: &mut self.ignored,
            appends,
            merges: self.is_merge,
        };
        conform.value(inside, value)
    }
}
