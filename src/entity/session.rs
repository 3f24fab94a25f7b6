//! A patch at work on the text of an entity: its operations are applied first, on places that know the tables, and then
//! what they came to is judged.

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

use serde_json::Value;

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{Context, PatchError, PatchErrorKind, Refusal, execute, merge},
    entity::{
        compare::{self, Comparison},
        conform::Conform,
        judge::Judge,
        misfit::Misfit,
        names::Named,
        nodes::{EntityNode, EntityNodes},
        places::{At, Places, Step},
        policy::MemberWrite,
        sent::Sent,
        shape::ShapeKind,
        table::{Access, Inside, Rest, Row, Table},
        visible,
    },
    error::{Error, TargetError, TargetProblem},
    json::{name::Case, tape::Kind},
    patch::{
        format::Format,
        operation::Operation,
        pointer::{Pointer, Tokens},
    },
    text::{self, Opened, Piece, Slot, Text, ValueAt, Version},
};

/// What a caller may do, whatever the type of the entity.
pub(super) struct Caller<'c> {
    pub(super) may_write: &'c dyn Fn(&MemberWrite<'_>) -> bool,
    pub(super) may_read: &'c dyn Fn(&Pointer) -> bool,
}

/// What the operation at work does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Test,
    Copy,
    Move,
    /// Any other write, or a merge patch.
    Write,
}

/// A patch at work on the text of an entity.
pub(super) struct Session<'t, 'd> {
    pub(super) text: Text<'t>,
    dialect: &'d Dialect,
    root: Governed,
    caller: Option<Caller<'d>>,
    operation: Option<usize>,
    task: Task,
    log: Log,
    /// Declared members that the text does not have, with the object that they belong to. They are linked when something
    /// is written there.
    unlinked: Vec<Unlinked>,
    /// How the path being walked leads from the root to where it is, a step for each slot of the text's trail but the
    /// first.
    steps: Vec<Step>,
    /// The operation at work met a member that only a server writes.
    met_output_only: bool,
    /// A merge patch is at work.
    pub(super) is_merge: bool,
    /// The container out of which a `move` took its value, and what governed that.
    moved_from: Option<(ValueAt, Inside)>,
    pub(super) ignored: Vec<Pointer>,
    /// How many more bytes types may read to find out what they ignore.
    pub(super) work: usize,
}

/// A declared member that an object does not have.
#[derive(Clone, Copy)]
struct Unlinked {
    object: ValueAt,
    table: &'static Table,
    row: &'static Row,
    slot: Slot,
}

/// What was written by which operation: the slots that lead to it, from the root down.
#[derive(Default)]
struct Log {
    writes: Vec<(usize, usize)>,
    slots: Vec<Slot>,
}

/// What a patch came to.
#[derive(Default)]
pub(super) struct Finished {
    /// The rows of the table whose members changed.
    pub(super) rows: Vec<usize>,
    /// Whether members of an open map did.
    pub(super) has_other: bool,
}

/// What governs a place.
#[derive(Clone, Copy)]
pub(super) struct Governed {
    inside: Inside,
    /// The declared member that the place is as a whole.
    row: Option<&'static Row>,
    /// Nothing here may be written: no table declares it, but a flattened map keeps it.
    is_frozen: bool,
}

impl Governed {
    /// Whether the member is an array, where it is not null.
    pub(super) fn is_list(self) -> bool {
        let has_shape = |row: &Row| matches!(row.field.shape.kind, ShapeKind::Array(_));
        matches!(self.inside, Inside::Elements { .. }) || self.row.is_some_and(has_shape)
    }

    /// Whether the member is a map, where it is not null.
    fn is_map(self) -> bool {
        let has_shape = |row: &Row| matches!(row.field.shape.kind, ShapeKind::Object(_));
        matches!(self.inside, Inside::Values { .. }) || self.row.is_some_and(has_shape)
    }

    /// What governs a child.
    fn child(self) -> Governed {
        let inside = match self.inside {
            Inside::Elements { of, .. } | Inside::Values { of } => *of,
            Inside::Opaque | Inside::Object(_) => Inside::Opaque,
        };
        Governed { inside, row: None, ..self }
    }

    fn table(self) -> Option<&'static Table> {
        match self.inside {
            Inside::Object(table) => Some(table()),
            Inside::Opaque | Inside::Elements { .. } | Inside::Values { .. } => None,
        }
    }
}

impl<'t, 'd> Session<'t, 'd> {
    pub(super) fn new(
        text: Text<'t>,
        table: fn() -> &'static Table,
        dialect: &'d Dialect,
        caller: Option<Caller<'d>>,
    ) -> Session<'t, 'd> {
        Session {
            text,
            dialect,
            root: Governed { inside: Inside::Object(table), row: None, is_frozen: false },
            caller,
            operation: None,
            task: Task::Write,
            log: Log::default(),
            unlinked: Vec::new(),
            steps: Vec::new(),
            met_output_only: false,
            is_merge: false,
            moved_from: None,
            ignored: Vec::new(),
            work: dialect.limits.work,
        }
    }

    /// The JSON of a member of the whole entity, or of what an absent one reads as.
    pub(super) fn json_of_row(&mut self, row: &'static Row) -> Option<Vec<u8>> {
        let root = self.text.now(self.text.root());
        let version = match compare::member(&mut self.text, root, row).ok()? {
            Some(slot) => self.text.now(slot),
            None if compare::may_be_absent(row) => compare::absent(&mut self.text, row).ok()?,
            None => return None,
        };
        Some(self.text.json_of(version).into_owned())
    }

    /// Refuses a stored text that is not an object.
    pub(super) fn check_object(&self) -> Result<(), TargetError> {
        match self.text.kind(self.text.value(self.text.root())) {
            Kind::Object => Ok(()),
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String | Kind::Array => {
                Err(TargetProblem::NotAnObject.into())
            }
        }
    }

    /// A value of a patch that was not read from a body.
    pub(super) fn piece(&mut self, value: &Value) -> Result<Piece, PatchErrorKind> {
        self.text.json(value)
    }

    /// Goes to the root of the entity.
    pub(super) fn start_walk(&mut self) -> (Slot, Governed) {
        self.steps.clear();
        let root = self.text.root();
        self.text.begin(root);
        (root, self.root)
    }

    /// Goes back to where the walk had led through so many places.
    pub(super) fn rewind(&mut self, places: usize) {
        self.steps.truncate(places - 1);
        self.text.rewind(places);
    }

    /// A session on a stored entity, and the object that a body is.
    pub(super) fn of_object(
        stored: &'t [u8],
        body: &'t [u8],
        table: fn() -> &'static Table,
        dialect: &'d Dialect,
        caller: Option<Caller<'d>>,
    ) -> Result<(Session<'t, 'd>, Version), Error> {
        let objects = Dialect { merge_objects_only: true, ..dialect.clone() };
        let Opened { text, body, target } = text::open(stored, body, Format::MergePatch, &objects)?;
        let mut session = Session::new(text, table, dialect, caller);
        let piece = Piece::recorded(body.merge_patch(session.text.tape())?);
        target?;
        session.check_object()?;
        let sent = session.text.version_of(piece).map_err(|kind| PatchError::new(kind, None, Pointer::ROOT))?;
        Ok((session, sent))
    }

    pub(super) fn table(&self) -> Option<&'static Table> {
        self.root.table()
    }

    /// An object that stands for the whole entity, brought under its table.
    pub(super) fn conformed(&mut self, object: Version) -> Result<Version, Refusal> {
        self.start_walk();
        self.conformed_at(self.root.inside, object)
    }

    /// The same for what governs the place that is looked at. Nothing in it was edited.
    fn conformed_at(&mut self, inside: Inside, value: Version) -> Result<Version, Refusal> {
        if !self.conform_at(inside, value)? {
            return Ok(value);
        }
        let json = self.text.json_of(value).into_owned();
        Ok(self.text.added_version(&json)?)
    }

    /// Goes to a member of the whole entity.
    pub(super) fn go_to(&mut self, row: &'static Row) -> Result<(Slot, Governed), Refusal> {
        let (root, governed) = self.start_walk();
        let object = self.text.value(root);
        self.text.expand(object)?;
        self.declared(object, governed, row)
    }

    /// Whether a member of the whole entity holds a value.
    pub(super) fn holds_row(&mut self, row: &'static Row, sent: Version) -> Result<bool, Refusal> {
        let (slot, governed) = self.go_to(row)?;
        let now = self.text.now(slot);
        let mut comparison = Comparison { text: &mut self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(governed.row, governed.inside, now, sent)
    }

    /// Carries out an operation of a JSON Patch.
    pub(super) fn run<'p>(
        &mut self,
        index: usize,
        operation: Operation<Tokens<'p>, Piece>,
        context: &mut Context,
    ) -> Result<(), PatchError> {
        self.operation = Some(index);
        (self.met_output_only, self.moved_from) = (false, None);
        self.task = match operation {
            Operation::Test { .. } => Task::Test,
            Operation::Copy { .. } => Task::Copy,
            Operation::Move { .. } => Task::Move,
            Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } => Task::Write,
        };
        let path = *operation.path();
        // A value that is moved to where it is skipped stays where it is.
        if self.task == Task::Move && self.leads_to_unknown(path) && self.skips_unknown() {
            self.ignored.push(path.to_pointer());
            return Ok(());
        }
        let readable = match operation.source() {
            Some(from) => self.check_source(*from).map_err(|refusal| refusal.at(*from)),
            None => Ok(()),
        };
        let done = readable.and_then(|()| execute(self, operation.map(|path| path, Cow::Owned), context));
        let Err(failure) = done else { return Ok(()) };
        if failure.refusal.kind() != PatchErrorKind::UnknownMember || failure.refusal.has_path() {
            return Err(failure.of_operation(Some(index)));
        }
        let is_write = self.task != Task::Test && failure.path.to_pointer() == path.to_pointer();
        if is_write && self.skips_unknown() {
            self.ignored.push(path.to_pointer());
            return Ok(());
        }
        let kind = match self.dialect.unknown_members {
            UnknownMembers::Ignore if !is_write => PatchErrorKind::NotFound,
            UnknownMembers::Ignore | UnknownMembers::Reject => PatchErrorKind::UnknownMember,
        };
        Err(kind.at(failure.path).of_operation(Some(index)))
    }

    /// Whether a path leads to what nothing may be written to: no table knows it, or a flattened map keeps it.
    fn leads_to_unknown(&mut self, path: Tokens<'_>) -> bool {
        match self.follow(path) {
            Ok(Some((_, governed))) => governed.is_frozen,
            Ok(None) => false,
            Err(refusal) => refusal.kind() == PatchErrorKind::UnknownMember,
        }
    }

    /// Goes where a path leads to, if it leads anywhere.
    fn follow(&mut self, path: Tokens<'_>) -> Result<Option<(Slot, Governed)>, Refusal> {
        let (mut slot, mut governed) = self.start_walk();
        for token in path {
            let value = self.text.value(slot);
            self.text.expand(value)?;
            let next = match self.text.kind(value) {
                Kind::Object => self.member(value, governed, &token.name())?,
                Kind::Array => match token.existing_index(self.text.length_of(value)) {
                    Ok(index) => Some(self.element(value, governed, index)),
                    Err(_) => None,
                },
                Kind::Null | Kind::Boolean | Kind::Number | Kind::String => None,
            };
            let Some(next) = next else { return Ok(None) };
            (slot, governed) = next;
        }
        Ok(Some((slot, governed)))
    }

    /// Refuses to take a value from where this caller may not look.
    fn check_source(&mut self, from: Tokens<'_>) -> Result<(), Refusal> {
        match self.caller.is_some() {
            true => match self.follow(from)? {
                Some((slot, governed)) => self.check_readable(slot, governed),
                None => Ok(()),
            },
            false => Ok(()),
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
                None if governed.is_list() => (true, governed.child()),
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

    /// Merges a patch into the entity.
    pub(super) fn merge(&mut self, patch: Piece, context: &mut Context) -> Result<(), PatchError> {
        let refuse = |refusal: Refusal| refusal.into_error(None, Pointer::ROOT);
        (self.operation, self.is_merge, self.task) = (None, true, Task::Write);
        let mut patch = self.text.version_of(patch).map_err(|kind| refuse(kind.into()))?;
        if self.text.kind_of(patch) != Kind::Object {
            return Err(match self.dialect.merge_objects_only {
                true => refuse(PatchErrorKind::NotAnObject.into()),
                false => refuse(Misfit::expected("an object").in_member(Pointer::ROOT)),
            });
        }
        // Every name is known before a value is dropped because it is equal, or null.
        patch = self.conformed(patch).map_err(refuse)?;
        let (slot, governed) = self.start_walk();
        let sent = Sent::new(self, patch).map_err(refuse)?;
        let root = EntityNode { session: self, slot, governed, level: 1 };
        merge::merge::<EntityNodes<'t, 'd>, _, _>(root, sent, &mut merge::Forgotten, context)
    }

    /// Judges what the operations came to.
    pub(super) fn finish(&mut self) -> Result<Finished, PatchError> {
        self.judged().map_err(|(refusal, operation)| refusal.into_error(operation, Pointer::ROOT))
    }

    /// Goes to a child of the container that is looked at.
    fn descend(&mut self, step: Step, slot: Slot) {
        self.steps.push(step);
        self.text.descend(slot);
    }

    /// Goes to the member that a name stands for, if there is one.
    ///
    /// # Errors
    ///
    /// `unknown-member`, where a table governs and has no such name; `ambiguous-name`.
    pub(super) fn member(
        &mut self,
        object: ValueAt,
        governed: Governed,
        name: &str,
    ) -> Result<Option<(Slot, Governed)>, Refusal> {
        let case = self.dialect.case();
        let Some(table) = governed.table() else {
            let found = self.text.lookup(object, name, case)?;
            return Ok(found.map(|slot| {
                self.descend(Step::Member(slot), slot);
                (slot, governed.child())
            }));
        };
        match table.find(name, case) {
            Named::Row(row) if !row.is_hidden() => self.declared(object, governed, row).map(Some),
            Named::OutputOnly => {
                self.met_output_only = true;
                Err(PatchErrorKind::UnknownMember.into())
            }
            Named::Undeclared if table.rest != Rest::Unknown => {
                let found = self.undeclared(table, object, name)?;
                match found {
                    Some(slot) => {
                        self.descend(Step::Member(slot), slot);
                        let is_frozen = governed.is_frozen || table.rest == Rest::Kept;
                        Ok(Some((slot, Governed { inside: Inside::Opaque, row: None, is_frozen })))
                    }
                    None if table.rest == Rest::Open => Ok(None),
                    None => Err(PatchErrorKind::UnknownMember.into()),
                }
            }
            Named::Row(_) | Named::Undeclared => Err(PatchErrorKind::UnknownMember.into()),
        }
    }

    /// A member that a flattened map keeps. That two have the name in another case makes it no less undeclared.
    fn undeclared(&mut self, table: &Table, object: ValueAt, name: &str) -> Result<Option<Slot>, Refusal> {
        let found = match self.text.lookup(object, name, self.dialect.case()) {
            Err(PatchErrorKind::AmbiguousName) => None,
            found => found?,
        };
        // An object may have a name of the table in another case, which its type does not read.
        Ok(found.filter(|slot| matches!(table.find(&self.text.name_of(*slot), Case::Exact), Named::Undeclared)))
    }

    /// Goes to a declared member; one that is absent is what it reads as.
    fn declared(
        &mut self,
        object: ValueAt,
        governed: Governed,
        row: &'static Row,
    ) -> Result<(Slot, Governed), Refusal> {
        let version = self.text.version(object);
        let stored = compare::member(&mut self.text, version, row)?;
        let slot = match (stored, governed.table()) {
            (Some(slot), _) => slot,
            (None, Some(table)) => self.absent(object, table, row)?,
            (None, None) => return Err(PatchErrorKind::NotFound.into()),
        };
        self.descend(Step::Row(row), slot);
        Ok((slot, Governed { inside: row.inside, row: Some(row), ..governed }))
    }

    fn absent(&mut self, object: ValueAt, table: &'static Table, row: &'static Row) -> Result<Slot, Refusal> {
        let known = self.unlinked.iter().find(|known| known.object == object && std::ptr::eq(known.row, row));
        if let Some(known) = known {
            return Ok(known.slot);
        }
        let absent = compare::absent(&mut self.text, row)?;
        let piece = self.text.piece_of(absent);
        let slot = self.text.unlinked_member(row.name, piece)?;
        self.unlinked.push(Unlinked { object, table, row, slot });
        Ok(slot)
    }

    /// Whether a merge patch has nothing to do for a member that a client cannot write: it holds what was sent, nulls
    /// included, though a null would remove what it names; or it is unknown, and skipped.
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
                let piece = self.text.piece_of(sent);
                return self.assign_other_unless_merged(table, object, governed, name, piece);
            }
            Named::Row(_) | Named::OutputOnly | Named::Undeclared => return Ok(false),
        };
        let (slot, member) = self.declared(object, governed, row)?;
        let now = self.text.now(slot);
        let mut comparison = Comparison { text: &mut self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(member.row, member.inside, now, sent)
    }

    /// Whether a member that a flattened map keeps is what was sent, or is skipped. One that is an object is merged into.
    fn assign_other_unless_merged(
        &mut self,
        table: &'static Table,
        object: ValueAt,
        governed: Governed,
        name: &str,
        piece: Piece,
    ) -> Result<bool, Refusal> {
        let sent = self.text.version_of(piece)?;
        if let Some(slot) = self.undeclared(table, object, name)? {
            let now = self.text.now(slot);
            if !self.text.are_equal(now, sent)? && self.text.kind_of(sent) == Kind::Object {
                return Ok(false);
            }
        }
        self.assign_other(object, governed, name, piece).map(|()| true)
    }

    /// Goes to an element, whose index is below the length.
    pub(super) fn element(&mut self, array: ValueAt, governed: Governed, index: usize) -> (Slot, Governed) {
        let slot = self.text.element_slot(array, index);
        self.descend(Step::Element(index), slot);
        (slot, governed.child())
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
    fn assign(
        &mut self,
        table: &'static Table,
        object: ValueAt,
        governed: Governed,
        sent: Version,
    ) -> Result<(), Refusal> {
        let level = self.text.trail().len();
        for row in table.rows.iter().filter(|row| !row.is_hidden()) {
            let given = compare::member(&mut self.text, sent, row)?;
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
    fn unset(&mut self, slot: Slot, row: &'static Row) -> Result<(), Refusal> {
        let null = self.text.added_version(b"null")?;
        let may_be_null = compare::read(&mut self.text, row, null, &mut self.work).is_ok();
        if may_be_null || compare::may_be_absent(row) {
            return self.write_null(slot, row);
        }
        self.log.push(self.operation, self.text.trail(), None);
        if self.unlinked.iter().all(|unlinked| unlinked.slot != slot) {
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
                self.assign_other(object, governed, &name, piece)?;
                self.rewind(level);
                names.insert(name);
            }
        }
        if table.rest == Rest::Open {
            let now = self.text.version(object);
            for slot in self.text.slots_of(now)? {
                let name = self.text.name_of(slot);
                if table.find_exactly(&name).is_none() && !names.contains(&name) {
                    self.remove_member(object, governed, &name)?;
                    self.rewind(level);
                }
            }
        }
        Ok(())
    }

    fn assign_other(&mut self, object: ValueAt, governed: Governed, name: &str, piece: Piece) -> Result<(), Refusal> {
        let mut path = self.pointer();
        path.push(name);
        let is_known = match self.member(object, governed, name) {
            Ok(Some((slot, member))) if member.is_frozen => {
                let (now, sent) = (self.text.now(slot), self.text.version_of(piece)?);
                self.text.are_equal(now, sent)?
            }
            Ok(Some((slot, member))) => return self.set(slot, member, piece).map(|_| ()),
            Ok(None) => return self.insert_member(object, governed, name, piece),
            Err(refusal) if refusal.kind() == PatchErrorKind::UnknownMember => false,
            Err(refusal) => return Err(refusal),
        };
        if is_known {
            return Ok(());
        }
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.there(path)),
            UnknownMembers::Ignore => {
                self.ignored.push(path);
                Ok(())
            }
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
    fn skip_or_refuse(&mut self) -> Result<(), Refusal> {
        if !self.is_merge || self.dialect.unknown_members == UnknownMembers::Reject {
            return Err(PatchErrorKind::UnknownMember.into());
        }
        let path = self.pointer();
        self.ignored.push(path);
        Ok(())
    }

    /// Puts a value into the slot at the end of the trail.
    fn write(&mut self, slot: Slot, piece: Piece) -> Result<(), Refusal> {
        self.link_trail();
        self.text.write(slot, piece)?;
        self.log.push(self.operation, self.text.trail(), None);
        Ok(())
    }

    /// Makes members of the ones on the trail that the text did not have.
    fn link_trail(&mut self) {
        if self.unlinked.is_empty() {
            return;
        }
        let trail: Vec<Slot> = self.text.trail().to_vec();
        for slot in trail {
            if let Some(place) = self.unlinked.iter().position(|unlinked| unlinked.slot == slot) {
                let Unlinked { object, table, row, .. } = self.unlinked.swap_remove(place);
                let order = |row| table.order(row);
                let comes_after = |name: &str| table.find_exactly(name).is_none_or(|other| order(other) > order(row));
                self.text.link_before(object, slot, comes_after);
            }
        }
    }

    /// Sets a declared member to null where its type has a null, else to its default. What serde would leave out goes.
    fn write_null(&mut self, slot: Slot, row: &'static Row) -> Result<(), Refusal> {
        let null = self.text.added_version(b"null")?;
        let (written, is_left_out) = match compare::read(&mut self.text, row, null, &mut self.work) {
            Ok(reading) => (null, reading.is_some_and(|reading| reading.is_left_out)),
            Err(_) if compare::may_be_absent(row) => {
                let default = compare::absent(&mut self.text, row)?;
                let reading = compare::read(&mut self.text, row, default, &mut self.work);
                (default, reading.is_ok_and(|reading| reading.is_some_and(|reading| reading.is_left_out)))
            }
            // The type will refuse it, unless another value takes its place.
            Err(_) => (null, false),
        };
        if is_left_out {
            self.log.push(self.operation, self.text.trail(), None);
            if self.unlinked.iter().all(|unlinked| unlinked.slot != slot) {
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
            return self.skip_or_refuse();
        }
        let is_inside = self.moves_inside(object);
        let piece = if is_inside { piece } else { self.stripped(piece)? };
        self.link_trail();
        let slot = self.text.insert_into(object, name, piece)?;
        self.log.push(self.operation, self.text.trail(), Some(slot));
        let governed = if governed.table().is_some() { Inside::Opaque } else { governed.child().inside };
        self.steps.push(Step::Member(slot));
        if is_inside { Ok(()) } else { self.conform(governed, slot) }
    }

    /// Removes the member that a name stands for. A declared one becomes null.
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
        self.moved_from = Some((object, member.inside));
        if let Some(row) = member.row {
            let old = self.text.detached_piece(slot);
            let is_spelled = self.task == Task::Move && matches!(row.inside, Inside::Opaque);
            let old = if is_spelled { self.spelled(row, old)? } else { old };
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
        self.link_trail();
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
    fn begin_list(&mut self) -> Result<ValueAt, Refusal> {
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
        self.link_trail();
        let slot = self.text.element_slot(array, index);
        let piece = self.text.remove_at(array, index);
        self.log.push(self.operation, self.text.trail(), Some(slot));
        self.moved_from = Some((array, governed.child().inside));
        Ok(piece)
    }

    /// Whether the value at work is moved within one array or map, hidden members and all.
    fn moves_inside(&self, container: ValueAt) -> bool {
        self.task == Task::Move && self.moved_from.is_some_and(|(from, _)| from == container)
    }

    /// A value that is moved, as a client sees it. What is in it is not moved by itself.
    fn stripped(&mut self, piece: Piece) -> Result<Piece, Refusal> {
        match self.moved_from.take() {
            Some((_, inside)) if self.task == Task::Move && !matches!(inside, Inside::Opaque) => {
                self.as_seen(inside, piece)
            }
            _ => Ok(piece),
        }
    }

    /// A value of a member as its type spells it.
    fn spelled(&mut self, row: &'static Row, piece: Piece) -> Result<Piece, Refusal> {
        let value = self.text.version_of(piece)?;
        Ok(match compare::read(&mut self.text, row, value, &mut self.work) {
            Ok(Some(reading)) => {
                let written = self.text.added_version(&reading.json)?;
                if self.text.are_equal(value, written)? { piece } else { self.text.piece_of(written) }
            }
            Ok(None) | Err(_) => piece,
        })
    }

    /// A copy of a value as a client sees it.
    fn as_seen(&mut self, inside: Inside, piece: Piece) -> Result<Piece, Refusal> {
        let version = self.text.version_of(piece)?;
        let json = self.text.json_of(version).into_owned();
        self.work = self.work.checked_sub(json.len()).ok_or(PatchErrorKind::TooMuchWork)?;
        let copy = self.text.added_json(&json)?;
        let version = self.text.version_of(copy)?;
        self.spell_members(inside, version)?;
        visible::prune(&mut self.text, inside, version)?;
        Ok(self.text.piece_of(version))
    }

    /// Gives the members of a copy their own names and the spelling of their types, and those that are absent what they read as. Returns
    /// whether anything was edited.
    fn spell_members(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let object = self.text.value_of(value);
        let mut is_edited = false;
        match (inside, self.text.kind_of(value)) {
            (Inside::Object(table), Kind::Object) => {
                for row in table().rows.iter().filter(|row| !row.is_hidden()) {
                    let mut member = compare::member(&mut self.text, value, row)?;
                    if let Some(slot) = member.filter(|slot| self.text.name_of(*slot) != row.name) {
                        let piece = self.text.piece_of(self.text.now(slot));
                        self.text.remove_raw(object, slot);
                        member = Some(self.text.insert_raw(object, row.name, piece)?);
                        is_edited = true;
                    }
                    match member {
                        Some(slot) if matches!(row.inside, Inside::Opaque) => {
                            let piece = self.text.piece_of(self.text.now(slot));
                            let spelled = self.spelled(row, piece)?;
                            if spelled != piece {
                                self.text.put_raw(slot, spelled)?;
                                is_edited = true;
                            }
                        }
                        Some(slot) => is_edited |= self.spell_members(row.inside, self.text.now(slot))?,
                        None => is_edited |= compare::fill(&mut self.text, object, row, &mut self.work)?,
                    }
                }
            }
            (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => {
                for slot in self.text.slots_of(value)? {
                    is_edited |= self.spell_members(*of, self.text.now(slot))?;
                }
            }
            _ => {}
        }
        if is_edited {
            self.text.mark(object);
        }
        Ok(is_edited)
    }

    /// Brings what was just written into a slot under what governs it.
    fn conform(&mut self, inside: Inside, slot: Slot) -> Result<(), Refusal> {
        match inside {
            Inside::Opaque => Ok(()),
            Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. } => {
                self.conform_at(inside, self.text.now(slot)).map(|_| ())
            }
        }
    }

    /// Brings a value under what governs the place that is looked at. Returns whether it was edited.
    fn conform_at(&mut self, inside: Inside, value: Version) -> Result<bool, Refusal> {
        let path = self.pointer();
        let appends = self.is_merge && self.dialect.merge_appends;
        let mut conform =
            Conform { text: &mut self.text, dialect: self.dialect, path, ignored: &mut self.ignored, appends };
        conform.value(inside, value)
    }

    /// The path to what is looked at, in the tables' spelling.
    fn pointer(&self) -> Pointer {
        let mut pointer = Pointer::ROOT;
        for step in &self.steps {
            step.push_to(&mut pointer, &self.text);
        }
        pointer
    }

    /// Whether the value that is looked at is equal to one that a client sent, as the client sees it.
    pub(super) fn equals(&mut self, slot: Slot, governed: Governed, piece: Piece) -> Result<bool, Refusal> {
        if self.task == Task::Test {
            self.check_readable(slot, governed)?;
        }
        let (now, sent) = (self.text.now(slot), self.text.version_of(piece)?);
        let mut comparison = Comparison { text: &mut self.text, case: self.dialect.case(), work: &mut self.work };
        comparison.holds(governed.row, governed.inside, now, sent)
    }

    /// A copy of the value that is looked at, as a client sees it.
    pub(super) fn copy(&mut self, slot: Slot, governed: Governed) -> Result<ValueAt, Refusal> {
        let now = self.text.now(slot);
        match (governed.inside, governed.row) {
            (Inside::Opaque, None) => return Ok(self.text.value(slot)),
            (Inside::Opaque, Some(row)) => {
                let piece = self.text.piece_of(now);
                let spelled = self.spelled(row, piece)?;
                let version = self.text.version_of(spelled)?;
                return Ok(self.text.value_of(version));
            }
            (Inside::Object(_) | Inside::Elements { .. } | Inside::Values { .. }, _) => {}
        }
        let piece = self.text.piece_of(now);
        let copy = self.as_seen(governed.inside, piece)?;
        let version = self.text.version_of(copy)?;
        Ok(self.text.value_of(version))
    }

    /// Refuses to tell a caller what is here, if there is anything below that the caller may not learn.
    pub(super) fn check_readable(&mut self, slot: Slot, governed: Governed) -> Result<(), Refusal> {
        if self.caller.is_none() {
            return Ok(());
        }
        let mut path = Pointer::ROOT;
        let mut is_readable = self.may_read(&path);
        for step in self.steps.clone() {
            step.push_to(&mut path, &self.text);
            is_readable &= self.may_read(&path);
        }
        let now = self.text.now(slot);
        match is_readable && self.is_readable_below(governed.inside, now, &mut path)? {
            true => Ok(()),
            false => Err(PatchErrorKind::UnknownMember.into()),
        }
    }

    fn may_read(&self, path: &Pointer) -> bool {
        self.caller.as_ref().is_none_or(|caller| (caller.may_read)(path))
    }

    fn is_readable_below(&mut self, inside: Inside, value: Version, path: &mut Pointer) -> Result<bool, Refusal> {
        let mut children: Vec<(Step, Inside)> = Vec::new();
        match (inside, self.text.kind_of(value)) {
            (Inside::Object(table), Kind::Object) => {
                for slot in self.text.slots_of(value)? {
                    if let Some(row) = table().find_exactly(&self.text.name_of(slot)).filter(|row| !row.is_hidden()) {
                        children.push((Step::Row(row), row.inside));
                        path.push(row.name);
                        let below = self.text.now(slot);
                        let is_readable = self.may_read(path) && self.is_readable_below(row.inside, below, path)?;
                        path.pop();
                        if !is_readable {
                            return Ok(false);
                        }
                    }
                }
            }
            (Inside::Elements { of, .. }, Kind::Array) | (Inside::Values { of }, Kind::Object) => {
                let is_array = self.text.kind_of(value) == Kind::Array;
                for (index, slot) in self.text.slots_of(value)?.into_iter().enumerate() {
                    match is_array {
                        true => path.push_index(index),
                        false => path.push(&self.text.name_of(slot)),
                    }
                    let below = self.text.now(slot);
                    let is_readable = self.may_read(path) && self.is_readable_below(*of, below, path)?;
                    path.pop();
                    if !is_readable {
                        return Ok(false);
                    }
                }
            }
            _ => {}
        }
        Ok(true)
    }

    /// Judges what the operations came to.
    fn judged(&mut self) -> Result<Finished, (Refusal, Option<usize>)> {
        let Inside::Object(table) = self.root.inside else { return Ok(Finished::default()) };
        let table = table();
        let mut judge = Judge::new(&mut self.text, self.dialect, &mut self.work);
        if let Err(refusal) = judge.entity(table) {
            let at = judge.unknown.unwrap_or(Places::ROOT);
            return Err((refusal, self.log.last_writes().near(&judge.places, at)));
        }
        let Judge { places, locked, changes, misfits, ignored, .. } = judge;
        self.ignored.extend(ignored);
        let last_writes = OnceCell::new();
        let operation = |at: At| last_writes.get_or_init(|| self.log.last_writes()).near(&places, at);
        if let Some(at) = locked.into_iter().min_by_key(|at| operation(*at)) {
            return Err((PatchErrorKind::ReadOnly.there(places.pointer(at, &self.text)), operation(at)));
        }
        if let Some(caller) = &self.caller {
            for &at in &changes {
                let (path, member) = (places.pointer(at, &self.text), places.member(at));
                let operation = operation(at);
                if !(caller.may_write)(&MemberWrite { path: &path, member: &member, operation }) {
                    return Err((PatchErrorKind::ForbiddenMember.there(path), operation));
                }
            }
        }
        if let Some((at, misfit)) = misfits.into_iter().min_by_key(|(at, _)| operation(*at)) {
            return Err((misfit.in_member(places.pointer(at, &self.text)), operation(at)));
        }
        let mut finished = Finished::default();
        for at in changes {
            match places.top_row(at) {
                Step::Row(row) => finished.rows.push(table.order(row)),
                Step::Member(_) => finished.has_other = true,
                Step::Root | Step::Element(_) => {}
            }
        }
        finished.rows.sort_unstable();
        finished.rows.dedup();
        Ok(finished)
    }

    /// Whether what names an unknown member is skipped and reported, and not refused.
    pub(super) fn skips_unknown(&self) -> bool {
        self.met_output_only || self.dialect.unknown_members == UnknownMembers::Ignore
    }
}

impl Log {
    /// Notes a write by an operation: at the end of a trail, or at a slot below it.
    fn push(&mut self, operation: Option<usize>, trail: &[Slot], below: Option<Slot>) {
        let Some(operation) = operation else { return };
        self.writes.push((operation, self.slots.len()));
        self.slots.extend_from_slice(trail);
        self.slots.extend(below);
    }

    /// The last operations that wrote, by slots: at each, and at or below each.
    fn last_writes(&self) -> LastWrites {
        let mut last = LastWrites::default();
        let ends = self.writes.iter().skip(1).map(|(_, start)| *start).chain([self.slots.len()]);
        for (&(operation, start), end) in self.writes.iter().zip(ends) {
            let slots = &self.slots[start..end];
            last.within.extend(slots.iter().map(|&slot| (slot, operation)));
            last.at.extend(slots.last().map(|&slot| (slot, operation)));
        }
        last
    }
}

/// Which operations wrote where last.
#[derive(Default)]
struct LastWrites {
    at: HashMap<Slot, usize>,
    within: HashMap<Slot, usize>,
}

impl LastWrites {
    /// The last operation that wrote at, above or below a place; where none did, it is what is around that changed.
    fn near(&self, places: &Places, at: At) -> Option<usize> {
        let slots: Vec<Slot> = places.steps(at).into_iter().filter_map(|at| places.slot(at)).collect();
        let within = slots.last().and_then(|slot| self.within.get(slot));
        let near = slots.iter().filter_map(|slot| self.at.get(slot)).chain(within).max();
        near.or_else(|| slots.iter().rev().find_map(|slot| self.within.get(slot))).copied()
    }
}
