//! A patch carried out on an entity: its operations are applied first, then what they came to is judged.

use std::{borrow::Cow, cell::OnceCell};

use crate::{
    dialect::UnknownMembers,
    document::{Context, PatchError, PatchErrorKind, Refusal, execute, merge},
    entity::{
        changes::{self, ChangedPlace, Changes},
        entity_nodes::{EntityNode, EntityNodes},
        judge::Judge,
        misfit::Misfit,
        places::{At, Places},
        policy::MemberWrite,
        sent::Sent,
        session::{OperationTask, Session},
        table::Inside,
    },
    json::tape::Kind,
    patch::{
        operation::Operation,
        pointer::{Pointer, Token, Tokens},
    },
    text::Piece,
};

impl<'t, 'd> Session<'t, 'd> {
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
            Operation::Test { .. } => OperationTask::Test,
            Operation::Copy { .. } => OperationTask::Copy,
            Operation::Move { .. } => OperationTask::Move,
            Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } => OperationTask::Write,
        };
        let path = *operation.path();
        // A value that is moved to where it is skipped stays where it is.
        if self.task == OperationTask::Move && self.leads_to_unknown(path) && self.skips_unknown() {
            return self.skip(path, index);
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
        let is_write = self.task != OperationTask::Test && failure.path.to_pointer() == path.to_pointer();
        if is_write && self.skips_unknown() {
            return self.skip(path, index);
        }
        let kind = match self.dialect.unknown_members {
            UnknownMembers::Ignore => PatchErrorKind::NotFound,
            UnknownMembers::Reject => PatchErrorKind::UnknownMember,
        };
        Err(kind.at(failure.path).of_operation(Some(index)))
    }

    /// Reports that an operation writes to no member.
    fn skip(&mut self, path: Tokens<'_>, index: usize) -> Result<(), PatchError> {
        self.ignored.push(path.to_pointer()).map_err(|kind| kind.at(path).of_operation(Some(index)))
    }

    /// Whether a path leads to what nothing may be written to: no table knows it, or a flattened map keeps it.
    pub(super) fn leads_to_unknown(&mut self, path: Tokens<'_>) -> bool {
        match self.follow(path) {
            Ok(Some((_, governed))) => governed.is_frozen,
            Ok(None) => path.split_last().is_some_and(|(around, last)| self.is_inserted_there(around, last)),
            Err(refusal) => refusal.kind() == PatchErrorKind::UnknownMember,
        }
    }

    /// Whether a token names a new member or element of what a flattened map keeps.
    fn is_inserted_there(&mut self, around: Tokens<'_>, last: Token<'_>) -> bool {
        let Ok(Some((slot, governed))) = self.follow(around) else { return false };
        let value = self.text.value(slot);
        governed.is_frozen
            && match self.text.kind(value) {
                Kind::Object => true,
                Kind::Array => last.insertion_index(self.text.length_of(value)).is_ok(),
                Kind::Null | Kind::Boolean | Kind::Number | Kind::String => false,
            }
    }

    /// Merges a patch into the entity.
    pub(super) fn merge(&mut self, patch: Piece, context: &mut Context) -> Result<(), PatchError> {
        let refuse = |refusal: Refusal| refusal.into_error(None, Pointer::ROOT);
        (self.operation, self.is_merge, self.task) = (None, true, OperationTask::Write);
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
    pub(super) fn finish(&mut self) -> Result<Changes, PatchError> {
        self.judged().map_err(|(refusal, operation)| refusal.into_error(operation, Pointer::ROOT))
    }

    /// Judges what the operations came to.
    pub(super) fn judged(&mut self) -> Result<Changes, (Refusal, Option<usize>)> {
        let Inside::Object(table) = self.root.inside else { return Ok(Changes::default()) };
        let table = table();
        let mut judge = Judge::new(self.text, self.dialect, &mut self.work, &mut self.ignored);
        if let Err(refusal) = judge.entity(table) {
            let at = judge.unknown.unwrap_or(Places::ROOT);
            return Err((refusal, self.log.last_writes().near(&judge.places, at)));
        }
        let Judge { mut places, locked, changes, misfits, .. } = judge;
        // What was found by then may be wrong.
        if self.text.is_exhausted() {
            return Err((PatchErrorKind::TooMuchWork.into(), None));
        }
        let last_writes = OnceCell::new();
        let operation = |at: At| last_writes.get_or_init(|| self.log.last_writes()).near(&places, at);
        if let Some(at) = locked.into_iter().min_by_key(|at| operation(*at)) {
            return Err((
                PatchErrorKind::ReadOnly.there(places.pointer(at, |slot| self.text.name_of(slot))),
                operation(at),
            ));
        }
        if let Some(caller) = &self.caller {
            for &ChangedPlace { at, .. } in &changes {
                let (path, member) = (places.pointer(at, |slot| self.text.name_of(slot)), places.member(at));
                let operation = operation(at);
                // One long name may be on the way to many changes.
                self.text.charge(path.len()).map_err(|kind| (kind.into(), operation))?;
                if !(caller.may_write)(&MemberWrite { path: &path, member: &member, operation }) {
                    return Err((PatchErrorKind::ForbiddenMember.there(path), operation));
                }
            }
        }
        if let Some((at, misfit)) = misfits.into_iter().min_by_key(|(at, _)| operation(*at)) {
            return Err((misfit.in_member(places.pointer(at, |slot| self.text.name_of(slot))), operation(at)));
        }
        let changes = changes::precise(changes, self.text, &mut places).map_err(|kind| (kind.into(), None))?;
        Ok(Changes::new(places, changes, self.dialect.limits.copied_bytes, self.text))
    }
}
