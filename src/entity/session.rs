//! The rules of a patch on an entity, written once over the few questions that they ask of its members: a name is
//! resolved against the table alone, a read-only member is written by nothing, what is not declared is reported.
//!
//! Where the members live, and what their types make of what was written, is not here: [`Members`] answers for a tree
//! (`tree`) and for a stored text (`text`).

use std::{borrow::Cow, iter, mem};

use crate::{
    dialect::{Dialect, UnknownMembers},
    document::{
        Change, Context, Document, Failure, Node, Operand, PatchError, PatchErrorKind, copied, execute, leaves_equal,
    },
    entity::{
        Access, Entity,
        table::{Named, Rows, resolve},
    },
    json::name::Case,
    patch::{
        operation::Operation,
        pointer::{Pointer, Tokens},
    },
};

/// The members of an entity while a patch works on them.
pub(super) trait Members {
    type Entity: Entity;
    /// A value on its own.
    type Value;
    /// A value that an operation gives.
    type Given<'p>: Operand<Self::Value>;
    /// Where a value is among the members.
    type Place: Copy;
    type Node<'d>: Node<Value = Self::Value>
    where
        Self: 'd;

    /// The member of a row; null where it is absent.
    fn declared(&mut self, row: usize) -> Result<Self::Place, PatchErrorKind>;

    /// The only member that is not declared and has this name. Nothing writes it.
    fn undeclared(&mut self, name: &str, context: &mut Context) -> Result<Option<Self::Place>, PatchErrorKind>;

    /// A copy of the whole entity, with what was written so far.
    fn whole(&mut self) -> Result<Self::Place, PatchErrorKind>;

    /// Whether a value is equal to the whole entity. It is spelt as [`Members::respelt`] spells it.
    fn is_whole(&mut self, value: &Self::Given<'_>) -> Result<bool, PatchErrorKind>;

    fn node(&mut self, place: Self::Place) -> Result<Self::Node<'_>, PatchErrorKind>;

    fn is_null(&mut self, place: Self::Place) -> Result<bool, PatchErrorKind>;

    /// Takes a value out, and leaves null.
    fn take(&mut self, place: Self::Place) -> Result<Self::Value, PatchErrorKind>;

    /// Lets a value go that another one has displaced.
    fn discard(old: Self::Value);

    fn given<'p>(value: Self::Value) -> Self::Given<'p>;

    /// Refuses a value of a merge patch that is too deep for its place, if such a one may be given.
    fn check_depth(&self, path: Tokens<'_>, value: &Self::Given<'_>, context: &Context) -> Result<(), PatchErrorKind>;

    /// Refuses what a parsed patch does not contain, if another one may be given.
    fn check(&self, step: &OperationOn<'_, '_, Self>, context: &Context) -> Result<(), PatchErrorKind>;

    /// The members of a value that is given, if it is an object, in the order of a tree.
    fn members_of<'v>(
        &mut self,
        value: &'v Self::Given<'_>,
    ) -> Result<Option<Vec<GivenMember<'v, Self>>>, PatchErrorKind>;

    /// The operations that a merge patch of a member stands for.
    fn merged(
        &mut self,
        place: Self::Place,
        name: &str,
        patch: &Self::Given<'_>,
        dialect: &Dialect,
    ) -> Result<Vec<Operation<Pointer, Self::Value>>, PatchError>;

    /// A value as the member of this row is spelt, where its row says so.
    fn respelt<'p>(&mut self, row: usize, value: Self::Given<'p>) -> Self::Given<'p>;

    /// Spells the member itself so.
    fn respell(&mut self, row: usize) -> Result<(), PatchErrorKind>;

    /// Reads a member that was written by its type.
    fn settle(&mut self, row: usize) -> Result<Settled, PatchErrorKind>;
}

/// An operation, with a value for these members.
pub(super) type OperationOn<'p, 'v, M> = Operation<Tokens<'p>, <M as Members>::Given<'v>>;

/// A member of a value that is given, with its name.
pub(super) type GivenMember<'v, M> = (Cow<'v, str>, <M as Members>::Given<'v>);

/// What became of a member that was written.
pub(super) enum Settled {
    /// Its value is equal to what it was.
    Unchanged,
    Changed,
    /// Its type has no such value.
    Invalid,
}

/// A patch at work on an entity.
pub(super) struct Session<'d, M> {
    pub(super) members: M,
    dialect: &'d Dialect,
    context: Context,
    /// The operation at work, and none for a merge patch.
    operation: Option<usize>,
    /// How many writes there were.
    writes: usize,
    /// The last write to each row that was written.
    written: Rows<Write>,
    ignored: Vec<Pointer>,
}

/// The last write to a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Write {
    /// Counts the operations that were applied, so that of two invalid members the one written first is reported.
    order: usize,
    operation: Option<usize>,
}

/// What a patch came to.
pub(super) struct Finished<M> {
    pub(super) members: M,
    pub(super) changed: Vec<&'static str>,
    pub(super) ignored: Vec<Pointer>,
}

/// The members as one document. Which value a path starts at was found out before, where there is only one path.
struct View<'m, M: Members> {
    members: &'m mut M,
    start: Start<M::Place>,
    case: Case,
}

/// Where the paths of an operation start.
enum Start<P> {
    /// At the whole entity.
    Whole(P),
    /// At a member: the first token is its name.
    Member(P),
    /// At the declared member that the first token stands for.
    Named,
}

impl<'p, M: Members> Document<'p> for View<'_, M> {
    type Value = M::Value;
    type Node<'d>
        = M::Node<'d>
    where
        Self: 'd;

    fn start(&mut self, path: Tokens<'p>) -> Result<(M::Node<'_>, Tokens<'p>), PatchErrorKind> {
        let (place, tokens) = self.place(path)?;
        Ok((self.members.node(place)?, tokens))
    }

    /// A declared member is always there: removed, it is null.
    fn remove_start(&mut self, path: Tokens<'p>) -> Result<(Change, M::Value), PatchErrorKind> {
        let (place, _) = self.place(path)?;
        Ok((Change::Replaced, self.members.take(place)?))
    }

    /// What the members were read from is not touched, so that there is nothing to undo.
    fn record(&mut self, _path: Tokens<'p>, _change: Change, old: Option<M::Value>) {
        old.into_iter().for_each(M::discard);
    }
}

impl<M: Members> View<'_, M> {
    fn place<'p>(&mut self, path: Tokens<'p>) -> Result<(M::Place, Tokens<'p>), PatchErrorKind> {
        let mut tokens = path;
        let first = match self.start {
            Start::Whole(place) => return Ok((place, path)),
            Start::Member(_) | Start::Named => tokens.next().ok_or(PatchErrorKind::NotFound)?,
        };
        match self.start {
            Start::Whole(place) | Start::Member(place) => Ok((place, tokens)),
            Start::Named => match resolve::<M::Entity>(&first.name(), self.case)? {
                Named::Declared(row) => Ok((self.members.declared(row)?, tokens)),
                Named::OutputOnly | Named::Undeclared => Err(PatchErrorKind::NotFound),
            },
        }
    }
}

/// Whether a path is that of a whole member.
fn is_member(path: Tokens<'_>) -> bool {
    path.split_last().is_some_and(|(parents, _)| parents.is_root())
}

impl<'d, M: Members> Session<'d, M> {
    pub(super) fn new(members: M, dialect: &'d Dialect) -> Session<'d, M> {
        Session {
            members,
            dialect,
            context: Context::new(dialect),
            operation: None,
            writes: 0,
            written: Rows::new(),
            ignored: Vec::new(),
        }
    }

    /// Carries out the operation of a JSON Patch that has this index.
    pub(super) fn json_patch_operation(
        &mut self,
        index: usize,
        step: OperationOn<'_, '_, M>,
    ) -> Result<(), PatchError> {
        self.operation = Some(index);
        self.operation(step)
    }

    /// Each top-level name is looked up in the table before equal values are dropped, so that a mistyped name is not
    /// lost in silence.
    pub(super) fn merge_patch(&mut self, patch: M::Given<'_>) -> Result<(), PatchError> {
        let members = self.members.members_of(&patch).map_err(|kind| self.refuse(kind, Pointer::ROOT))?;
        let Some(members) = members else {
            let kind = match self.dialect.merge_objects_only {
                true => PatchErrorKind::NotAnObject,
                false => PatchErrorKind::InvalidValue,
            };
            return Err(self.refuse(kind, Pointer::ROOT));
        };
        for (name, patch) in members {
            self.merge_member(&name, patch)?;
        }
        Ok(())
    }

    fn merge_member(&mut self, name: &str, patch: M::Given<'_>) -> Result<(), PatchError> {
        let path = Pointer::to_member(name);
        self.members
            .check_depth(path.tokens(), &patch, &self.context)
            .map_err(|kind| self.refuse(kind, path.clone()))?;
        match resolve::<M::Entity>(name, self.context.case).map_err(|kind| self.refuse(kind, path.clone()))? {
            Named::Declared(row) => self.merge_declared(row, patch),
            Named::OutputOnly => {
                self.ignored.push(path);
                Ok(())
            }
            Named::Undeclared => {
                if self.merges_into_equal(name, &patch)? {
                    return Ok(());
                }
                self.unknown(path.tokens()).map_err(|failure| failure.of_operation(None))
            }
        }
    }

    fn merge_declared(&mut self, row: usize, patch: M::Given<'_>) -> Result<(), PatchError> {
        let member = &M::Entity::MEMBERS[row];
        let refuse = |kind: PatchErrorKind| PatchError::new(kind, None, Pointer::to_member(member.name));
        let place = self.members.declared(row).map_err(refuse)?;
        // A client may send back what it read, nulls included, though a null would remove what it names.
        if member.access == Access::ReadOnly && self.equals(place, &patch).map_err(refuse)? {
            return Ok(());
        }
        for step in self.members.merged(place, member.name, &patch, self.dialect)? {
            match step {
                Operation::Add { path, value } => {
                    self.operation(Operation::Add { path: path.tokens(), value: M::given(value) })?;
                }
                Operation::Replace { path, value } => {
                    self.operation(Operation::Replace { path: path.tokens(), value: M::given(value) })?;
                }
                Operation::Remove { path } => self.operation(Operation::Remove { path: path.tokens() })?,
                // A merge patch does nothing else.
                Operation::Move { .. } | Operation::Copy { .. } | Operation::Test { .. } => {}
            }
        }
        Ok(())
    }

    /// Whether a merge patch of a member that is not declared changes nothing there.
    fn merges_into_equal(&mut self, name: &str, patch: &M::Given<'_>) -> Result<bool, PatchError> {
        let refuse = |kind: PatchErrorKind| PatchError::new(kind, None, Pointer::to_member(name));
        let Some(place) = self.members.undeclared(name, &mut self.context).map_err(refuse)? else { return Ok(false) };
        // What is sent as it is stored is no write, though a null in it would remove what it names.
        Ok(self.equals(place, patch).map_err(refuse)?
            || self.members.merged(place, name, patch, self.dialect)?.is_empty())
    }

    fn equals(&mut self, place: M::Place, value: &M::Given<'_>) -> Result<bool, PatchErrorKind> {
        self.members.node(place)?.equals(value.get())
    }

    fn refuse(&self, kind: PatchErrorKind, path: Pointer) -> PatchError {
        PatchError::new(kind, self.operation, path)
    }

    /// Carries one operation out.
    fn operation(&mut self, step: OperationOn<'_, '_, M>) -> Result<(), PatchError> {
        let operation = self.operation;
        let refuse = |failure: Failure<'_>| failure.of_operation(operation);
        self.members.check(&step, &self.context).map_err(|kind| refuse(kind.at(*step.path())))?;
        let step = match step.source().copied() {
            Some(_) => self.without_root_source(step).map_err(refuse)?,
            None => step,
        };
        if step.path().is_root() { self.apply_to_whole(step) } else { self.apply(step).map_err(refuse) }
    }

    /// An operation on one member.
    fn apply<'p>(&mut self, step: OperationOn<'p, '_, M>) -> Result<(), Failure<'p>> {
        let path = *step.path();
        let name = { path }.next().map(|token| token.name()).unwrap_or_default();
        if let Some(from) = step.source().copied() {
            self.check_source(from)?;
        }
        match resolve::<M::Entity>(&name, self.context.case).map_err(|kind| kind.at(path))? {
            Named::Declared(row) => self.apply_to_member(step, row),
            Named::OutputOnly | Named::Undeclared if matches!(step, Operation::Test { .. }) => {
                Err(self.absent().at(path))
            }
            Named::OutputOnly => {
                self.ignored.push(path.to_pointer());
                Ok(())
            }
            Named::Undeclared if self.is_no_write(&name, &step)? => Ok(()),
            Named::Undeclared => self.unknown(path),
        }
    }

    /// The same operation with a value of its own, where it takes the whole entity or gives to the whole entity.
    fn without_root_source<'p, 'v>(
        &mut self,
        step: OperationOn<'p, 'v, M>,
    ) -> Result<OperationOn<'p, 'v, M>, Failure<'p>> {
        let (from, path) = match step {
            Operation::Move { from, path } if from.is_root() && !path.is_root() => {
                return Err(PatchErrorKind::MoveIntoItself.at(path));
            }
            // Onto itself.
            Operation::Move { from, path } | Operation::Copy { from, path } if from.is_root() && path.is_root() => {
                return Ok(step);
            }
            Operation::Move { from, path } | Operation::Copy { from, path } if from.is_root() || path.is_root() => {
                (from, path)
            }
            // A declared member is always there: moving it leaves null behind, and moving null changes nothing there.
            Operation::Move { from, path } if self.is_null_member(from) => return Ok(Operation::Copy { from, path }),
            step => return Ok(step),
        };
        let start = if from.is_root() {
            Start::Whole(self.members.whole().map_err(|kind| kind.at(from))?)
        } else {
            self.check_source(from)?;
            Start::Named
        };
        let (mut document, context) = self.document(start);
        let value = copied(&mut document, from, path, context)?;
        Ok(Operation::Add { path, value: M::given(value) })
    }

    /// The members as a document, and what holds while they are patched.
    fn document(&mut self, start: Start<M::Place>) -> (View<'_, M>, &mut Context) {
        let case = self.context.case;
        (View { members: &mut self.members, start, case }, &mut self.context)
    }

    /// Whether the path is that of a declared member which is null.
    fn is_null_member(&mut self, path: Tokens<'_>) -> bool {
        is_member(path) && self.row(path).is_some_and(|row| self.is_null(row).is_ok_and(|is_null| is_null))
    }

    fn is_null(&mut self, row: usize) -> Result<bool, PatchErrorKind> {
        let place = self.members.declared(row)?;
        self.members.is_null(place)
    }

    /// Where a value is taken from is always a declared member.
    fn check_source<'p>(&self, from: Tokens<'p>) -> Result<(), Failure<'p>> {
        let name = { from }.next().map(|token| token.name()).unwrap_or_default();
        match resolve::<M::Entity>(&name, self.context.case).map_err(|kind| kind.at(from))? {
            Named::Declared(_) => Ok(()),
            Named::OutputOnly | Named::Undeclared => Err(self.absent().at(from)),
        }
    }

    /// What a `test` of something that is not declared meets: it is never skipped.
    fn absent(&self) -> PatchErrorKind {
        match self.dialect.unknown_members {
            UnknownMembers::Reject => PatchErrorKind::UnknownMember,
            UnknownMembers::Ignore => PatchErrorKind::NotFound,
        }
    }

    /// A write to a member that the entity does not declare.
    fn unknown<'p>(&mut self, path: Tokens<'p>) -> Result<(), Failure<'p>> {
        match self.dialect.unknown_members {
            UnknownMembers::Reject => Err(PatchErrorKind::UnknownMember.at(path)),
            UnknownMembers::Ignore => {
                self.ignored.push(path.to_pointer());
                Ok(())
            }
        }
    }

    /// Whether a write to a member that is not declared leaves it as it was read.
    fn is_no_write<'p>(&mut self, name: &str, step: &OperationOn<'p, '_, M>) -> Result<bool, Failure<'p>> {
        let path = *step.path();
        let copy = match *step {
            Operation::Move { from, path } | Operation::Copy { from, path } => {
                let (mut document, context) = self.document(Start::Named);
                let value = copied(&mut document, from, path, context)?;
                Some(Operation::Add { path, value: M::given(value) })
            }
            Operation::Add { .. } | Operation::Remove { .. } | Operation::Replace { .. } | Operation::Test { .. } => {
                None
            }
        };
        if matches!(step, Operation::Move { .. }) {
            return Ok(false);
        }
        let stored = self.members.undeclared(name, &mut self.context).map_err(|kind| kind.at(path))?;
        let Some(stored) = stored else { return Ok(false) };
        let (mut document, context) = self.document(Start::Member(stored));
        match &copy {
            Some(copy) => leaves_equal(&mut document, copy, context),
            None => leaves_equal(&mut document, step, context),
        }
    }

    fn apply_to_member<'p>(&mut self, step: OperationOn<'p, '_, M>, row: usize) -> Result<(), Failure<'p>> {
        let path = *step.path();
        let step = self.respelt(step, row);
        let start = match step.source().copied() {
            None => Start::Member(self.members.declared(row).map_err(|kind| kind.at(path))?),
            Some(_) => Start::Named,
        };
        if matches!(step, Operation::Test { .. }) {
            let (mut document, context) = self.document(start);
            return execute(&mut document, step, context);
        }
        // The rows that are written, and by which path.
        let left = match step {
            Operation::Move { from, .. } => self.row(from).map(|row| (row, from)),
            Operation::Add { .. }
            | Operation::Remove { .. }
            | Operation::Replace { .. }
            | Operation::Copy { .. }
            | Operation::Test { .. } => None,
        };
        let written = || iter::once((row, path)).chain(left);
        let is_read_only = |row: usize| M::Entity::MEMBERS[row].access == Access::ReadOnly;
        if let Some((_, path)) = written().find(|&(row, _)| is_read_only(row)) {
            return match self.leaves_equal(&step, start)? {
                true => Ok(()),
                false => Err(PatchErrorKind::ReadOnly.at(path)),
            };
        }
        let is_given = step.source().copied().is_none();
        let (mut document, context) = self.document(start);
        execute(&mut document, step, context)?;
        for (row, _) in written() {
            // What is given is spelt already, and what is inside a member has no spelling of its own.
            if !is_given && is_member(path) {
                self.members.respell(row).map_err(|kind| kind.at(path))?;
            }
            self.writes += 1;
            self.written.insert(row, Write { order: self.writes, operation: self.operation });
        }
        Ok(())
    }

    fn leaves_equal<'p>(&mut self, step: &OperationOn<'p, '_, M>, start: Start<M::Place>) -> Result<bool, Failure<'p>> {
        if let Operation::Remove { path } = *step {
            return Ok(self.is_null_member(path));
        }
        let (mut document, context) = self.document(start);
        leaves_equal(&mut document, step, context)
    }

    fn row(&self, path: Tokens<'_>) -> Option<usize> {
        let name = { path }.next()?;
        match resolve::<M::Entity>(&name.name(), self.context.case) {
            Ok(Named::Declared(row)) => Some(row),
            Ok(Named::OutputOnly | Named::Undeclared) | Err(_) => None,
        }
    }

    /// A step whose value is the whole member of a row, as that member is spelt.
    fn respelt<'p, 'v>(&mut self, step: OperationOn<'p, 'v, M>, row: usize) -> OperationOn<'p, 'v, M> {
        if !M::Entity::MEMBERS[row].is_respelt || !is_member(*step.path()) {
            return step;
        }
        match step {
            Operation::Add { path, value } => Operation::Add { path, value: self.members.respelt(row, value) },
            Operation::Replace { path, value } => Operation::Replace { path, value: self.members.respelt(row, value) },
            Operation::Test { path, value } => Operation::Test { path, value: self.members.respelt(row, value) },
            Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } => step,
        }
    }

    /// An operation on the whole entity.
    fn apply_to_whole(&mut self, step: OperationOn<'_, '_, M>) -> Result<(), PatchError> {
        let kind = match step {
            Operation::Add { value, .. } | Operation::Replace { value, .. } => match self.members.members_of(&value) {
                Ok(Some(members)) => return self.assign(members),
                Ok(None) => PatchErrorKind::InvalidValue,
                Err(kind) => kind,
            },
            Operation::Test { value, .. } => match self.members.is_whole(&value) {
                Ok(true) => return Ok(()),
                Ok(false) => PatchErrorKind::TestFailed,
                Err(kind) => kind,
            },
            Operation::Remove { .. } => PatchErrorKind::RootRemoved,
            // The root is moved or copied onto itself.
            Operation::Move { .. } | Operation::Copy { .. } => return Ok(()),
        };
        Err(self.refuse(kind, Pointer::ROOT))
    }

    /// Writes every declared member: what the object gives it, null otherwise.
    fn assign(&mut self, members: Vec<GivenMember<'_, M>>) -> Result<(), PatchError> {
        let mut is_given = vec![false; M::Entity::MEMBERS.len()];
        for (name, value) in members {
            let mut path = Pointer::to_member(&name);
            if let Some(row) = self.row(path.tokens()) {
                path = Pointer::to_member(M::Entity::MEMBERS[row].name);
                if mem::replace(&mut is_given[row], true) {
                    return Err(self.refuse(PatchErrorKind::AmbiguousName, path));
                }
            }
            self.operation(Operation::Replace { path: path.tokens(), value })?;
        }
        for (member, _) in M::Entity::MEMBERS.iter().zip(is_given).filter(|(_, is_given)| !is_given) {
            self.operation(Operation::Remove { path: Pointer::to_member(member.name).tokens() })?;
        }
        Ok(())
    }

    /// Reads what was written by the members' types.
    pub(super) fn finish(mut self) -> Result<Finished<M>, PatchError> {
        let mut changed = Vec::new();
        let mut invalid: Option<(Write, &'static str)> = None;
        for (row, write) in self.written {
            let name = M::Entity::MEMBERS[row].name;
            let refuse = |kind| PatchError::new(kind, write.operation, Pointer::to_member(name));
            match self.members.settle(row).map_err(refuse)? {
                Settled::Unchanged => {}
                Settled::Changed => changed.push(name),
                Settled::Invalid => {
                    invalid = Some(invalid.map_or((write, name), |first| first.min((write, name))));
                }
            }
        }
        match invalid {
            None => Ok(Finished { members: self.members, changed, ignored: self.ignored }),
            Some((write, name)) => {
                Err(PatchError::new(PatchErrorKind::InvalidValue, write.operation, Pointer::to_member(name)))
            }
        }
    }
}
