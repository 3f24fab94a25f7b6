//! An entity's text that is being patched, and the walk along a path: which member or element a token selects, and what
//! governs it there.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{PatchError, PatchErrorKind, Refusal},
    entity::{
        compare,
        governed::Governed,
        ignored::Ignored,
        names::Named,
        places::{Step, pointer_of},
        policy::MemberWrite,
        table::{Inside, Rest, Row, Table},
        write_log::WriteLog,
    },
    error::{Error, TargetError, TargetProblem},
    json::tape::Kind,
    patch::pointer::{Pointer, Tokens},
    text::{Opened, Piece, Slot, Text, ValueAt, Version},
};

/// What a caller may do, whatever the type of the entity.
pub(super) struct Caller<'c> {
    pub(super) may_write: &'c dyn Fn(&MemberWrite<'_>) -> bool,
    pub(super) may_read: &'c dyn Fn(&Pointer) -> bool,
}

/// What the operation at work does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperationTask {
    Test,
    Copy,
    Move,
    /// Any other write, or a merge patch.
    Write,
}

/// A patch at work on the text of an entity.
pub(super) struct Session<'t, 'd> {
    pub(super) text: &'d mut Text<'t>,
    pub(super) dialect: &'d Dialect,
    pub(super) root: Governed,
    pub(super) caller: Option<Caller<'d>>,
    pub(super) operation: Option<usize>,
    pub(super) task: OperationTask,
    pub(super) log: WriteLog,
    /// Declared members that the text does not have, with the object that they belong to. They are linked when something
    /// is written there.
    pub(super) unlinked: UnlinkedMembers,
    /// How the path being walked leads from the root to where it is, a step for each slot of the text's trail but the
    /// first.
    pub(super) steps: Vec<Step>,
    /// The operation at work met a member that only a server writes.
    pub(super) met_output_only: bool,
    /// A merge patch is at work.
    pub(super) is_merge: bool,
    /// The container out of which a `move` took its value, and what governed that.
    pub(super) moved_from: Option<(ValueAt, Inside)>,
    pub(super) ignored: Ignored,
    /// How many more bytes types may read to find out what they ignore.
    pub(super) work: usize,
}

/// A declared member that an object does not have.
#[derive(Clone, Copy)]
pub(super) struct Unlinked {
    pub(super) object: ValueAt,
    pub(super) table: &'static Table,
    pub(super) row: &'static Row,
    pub(super) slot: Slot,
}

/// Such members. A merge patch may look at one in each of many objects.
#[derive(Default)]
pub(super) struct UnlinkedMembers {
    by_slot: BTreeMap<Slot, Unlinked>,
    /// By the names of their rows.
    by_row: BTreeMap<(ValueAt, &'static str), Slot>,
}

impl UnlinkedMembers {
    fn insert(&mut self, member: Unlinked) {
        self.by_row.insert((member.object, member.row.name), member.slot);
        self.by_slot.insert(member.slot, member);
    }

    fn of_row(&self, object: ValueAt, row: &'static Row) -> Option<Slot> {
        self.by_row.get(&(object, row.name)).copied()
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        self.by_slot.contains_key(&slot)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_slot.is_empty()
    }

    pub(super) fn take(&mut self, slot: Slot) -> Option<Unlinked> {
        let member = self.by_slot.remove(&slot)?;
        self.by_row.remove(&(member.object, member.row.name));
        Some(member)
    }
}

impl<'t, 'd> Session<'t, 'd> {
    pub(super) fn new(
        text: &'d mut Text<'t>,
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
            task: OperationTask::Write,
            log: WriteLog::default(),
            unlinked: UnlinkedMembers::default(),
            steps: Vec::new(),
            met_output_only: false,
            is_merge: false,
            moved_from: None,
            ignored: Ignored::new(dialect),
            work: dialect.limits.work,
        }
    }

    /// The JSON of a member of the whole entity, or of what an absent one reads as.
    pub(super) fn json_of_row(&mut self, row: &'static Row) -> Option<Vec<u8>> {
        let root = self.text.now(self.text.root());
        let version = match compare::member(self.text, root, row).ok()? {
            Some(slot) => self.text.now(slot),
            None => compare::absent(self.text, row).ok()?,
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

    /// A session on a stored entity, and the object that the body is.
    pub(super) fn of_object(
        opened: &'d mut Opened<'t, '_>,
        table: fn() -> &'static Table,
        dialect: &'d Dialect,
        caller: Option<Caller<'d>>,
    ) -> Result<(Session<'t, 'd>, Version), Error> {
        let Opened { text, body, target } = opened;
        let piece = Piece::recorded(body.merge_patch(text.tape())?);
        target.clone()?;
        let session = Session::new(text, table, dialect, caller);
        session.check_object()?;
        let sent = session.text.version_of(piece).map_err(|kind| PatchError::new(kind, None, Pointer::ROOT))?;
        Ok((session, sent))
    }

    pub(super) fn table(&self) -> Option<&'static Table> {
        self.root.table()
    }

    /// Goes to a member of the whole entity.
    pub(super) fn go_to(&mut self, row: &'static Row) -> Result<(Slot, Governed), Refusal> {
        let (root, governed) = self.start_walk();
        let object = self.text.value(root);
        self.text.expand(object)?;
        self.declared(object, governed, row)
    }

    /// Goes where a path leads to, if it leads anywhere.
    pub(super) fn follow(&mut self, path: Tokens<'_>) -> Result<Option<(Slot, Governed)>, Refusal> {
        let (mut slot, mut governed) = self.start_walk();
        for token in path {
            let value = self.text.value(slot);
            self.text.expand(value)?;
            let next = match self.text.kind(value) {
                kind if !governed.inside.fits(kind) => None,
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

    /// Goes to a child of the container that is looked at.
    pub(super) fn descend(&mut self, step: Step, slot: Slot) {
        self.steps.push(step);
        self.text.descend(slot);
    }

    /// Goes to the member that a name selects, if there is one.
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
    pub(super) fn undeclared(&mut self, table: &Table, object: ValueAt, name: &str) -> Result<Option<Slot>, Refusal> {
        let found = match self.text.lookup(object, name, self.dialect.case()) {
            Err(PatchErrorKind::AmbiguousName) => None,
            found => found?,
        };
        // An object may have a name of the table in another case, which its type does not read.
        Ok(found.filter(|slot| table.is_undeclared(&self.text.name_of(*slot))))
    }

    /// Goes to a declared member; one that is absent is what it reads as.
    #[inline(always)]
    pub(super) fn declared(
        &mut self,
        object: ValueAt,
        governed: Governed,
        row: &'static Row,
    ) -> Result<(Slot, Governed), Refusal> {
        let version = self.text.version(object);
        let stored = compare::member(self.text, version, row)?;
        let slot = match (stored, governed.table()) {
            (Some(slot), _) => slot,
            (None, Some(table)) => self.absent(object, table, row)?,
            (None, None) => return Err(PatchErrorKind::NotFound.into()),
        };
        self.descend(Step::Row(row), slot);
        Ok((slot, Governed { inside: row.inside, row: Some(row), ..governed }))
    }

    pub(super) fn absent(
        &mut self,
        object: ValueAt,
        table: &'static Table,
        row: &'static Row,
    ) -> Result<Slot, Refusal> {
        if let Some(known) = self.unlinked.of_row(object, row) {
            return Ok(known);
        }
        let absent = compare::absent(self.text, row)?;
        let piece = self.text.piece_of(absent);
        let slot = self.text.unlinked_member(row.name, piece)?;
        self.unlinked.insert(Unlinked { object, table, row, slot });
        Ok(slot)
    }

    /// Goes to an element, whose index is below the length.
    pub(super) fn element(&mut self, array: ValueAt, governed: Governed, index: usize) -> (Slot, Governed) {
        let slot = self.text.element_slot(array, index);
        self.descend(Step::Element(index), slot);
        (slot, governed.child())
    }

    /// The path to what is looked at, in the tables' spelling.
    pub(super) fn pointer(&self) -> Pointer {
        pointer_of(&self.steps, self.text)
    }

    /// Whether what names an unknown member is skipped and reported, and not refused.
    pub(super) fn skips_unknown(&self) -> bool {
        self.met_output_only || self.dialect.unknown_members == UnknownMembers::Ignore
    }
}
