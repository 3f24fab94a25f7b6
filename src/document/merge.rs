//! The rules of a merge patch (RFC 7396 section 2), written once over the questions that they ask of the patch and of its
//! target.

use std::borrow::Cow;

use crate::{
    dialect::Dialect,
    document::{PatchError, PatchErrorKind},
    patch::{operation::Operation, pointer::Pointer},
};

/// What a merge asks of the patch and of its target.
pub(crate) trait Merging<'m> {
    /// A value of the patch.
    type Patch: Copy;
    /// A value of the target.
    type Target: Copy;
    /// An object of the target, with what makes it quick to search.
    type Object;
    /// A value that an operation writes.
    type Value;
    /// The members of an object of the patch that are still to come.
    type Members;

    fn is_null(&self, patch: Self::Patch) -> bool;

    /// The members of the patch, if it is an object.
    fn members(&mut self, patch: Self::Patch) -> Result<Option<Self::Members>, PatchErrorKind>;

    fn next(&self, members: &mut Self::Members) -> Option<(Cow<'m, str>, Self::Patch)>;

    fn target(&mut self, target: Self::Target) -> Result<Target<Self::Object>, PatchErrorKind>;

    /// The member that a name stands for.
    fn find(&mut self, object: &mut Self::Object, name: &str) -> Result<Option<Self::Target>, PatchErrorKind>;

    /// The name, as it is stored, of the member that was found last.
    fn found_name(&self, object: &Self::Object) -> Cow<'m, str>;

    fn equals(&mut self, target: Self::Target, value: &Self::Value) -> Result<bool, PatchErrorKind>;

    /// What a value of a patch becomes where there is nothing to merge it into: in its objects, nulls name nothing.
    fn without_nulls(&mut self, patch: Self::Patch) -> Result<Self::Value, PatchErrorKind>;
}

/// What a value of a patch is merged into.
pub(crate) enum Target<O> {
    Object(O),
    Array,
    Scalar,
}

/// What becomes of the changes that a merge patch asks for.
pub(crate) trait Output<'m, M: Merging<'m>> {
    /// The changes that follow are inside the member of this name, or behind the last element of an array (`-`).
    fn enter<'n>(&mut self, name: impl FnOnce() -> Cow<'n, str>);

    /// The changes that follow are where they were before the last name was entered.
    fn leave(&mut self);

    /// The changes that follow are among the members of this object, until its end.
    fn begin(&mut self, sides: &mut M, object: &M::Object);

    fn end(&mut self, sides: &mut M);

    fn change(&mut self, sides: &mut M, change: Change<'_, 'm, M>) -> Result<(), PatchErrorKind>;

    /// The path to where the changes are.
    fn path(&self) -> Pointer;
}

/// A change that a merge patch asks for.
pub(crate) enum Change<'c, 'm, M: Merging<'m>> {
    /// This value of the target is replaced.
    Replace(M::Target, M::Value),
    /// This member goes.
    Remove(M::Target),
    /// The object at hand gets a member of this name.
    Insert(&'c str, M::Value),
    /// This array gets another element.
    Append(M::Target, M::Value),
}

/// Changes that are listed as operations.
pub(crate) struct Listed<V> {
    path: Pointer,
    steps: Vec<Operation<Pointer, V>>,
}

impl<'m, M: Merging<'m>> Output<'m, M> for Listed<M::Value> {
    fn enter<'n>(&mut self, name: impl FnOnce() -> Cow<'n, str>) {
        self.path.push(&name());
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn begin(&mut self, _sides: &mut M, _object: &M::Object) {}
    fn end(&mut self, _sides: &mut M) {}

    fn change(&mut self, _sides: &mut M, change: Change<'_, 'm, M>) -> Result<(), PatchErrorKind> {
        let path = self.path.clone();
        self.steps.push(match change {
            Change::Replace(_, value) => Operation::Replace { path, value },
            Change::Remove(_) => Operation::Remove { path },
            Change::Insert(_, value) | Change::Append(_, value) => Operation::Add { path, value },
        });
        Ok(())
    }

    fn path(&self) -> Pointer {
        self.path.clone()
    }
}

/// A merge patch on its way into a document.
pub(crate) struct Merge<'d, M, O> {
    sides: M,
    dialect: &'d Dialect,
    output: O,
}

impl<'d, 'm, M: Merging<'m>> Merge<'d, M, Listed<M::Value>> {
    /// The operations of a merge patch are collected.
    pub(crate) fn new(sides: M, dialect: &'d Dialect) -> Merge<'d, M, Listed<M::Value>> {
        Merge::into(sides, dialect, Listed { path: Pointer::ROOT, steps: Vec::new() })
    }

    pub(crate) fn into_steps(self) -> Vec<Operation<Pointer, M::Value>> {
        self.output.steps
    }
}

impl<'d, 'm, M: Merging<'m>, O: Output<'m, M>> Merge<'d, M, O> {
    pub(crate) fn into(sides: M, dialect: &'d Dialect, output: O) -> Merge<'d, M, O> {
        Merge { sides, dialect, output }
    }

    /// Merges a patch into a whole document.
    pub(crate) fn document(&mut self, patch: M::Patch, target: M::Target) -> Result<(), PatchError> {
        self.value(patch, target).map_err(|kind| self.refuse(kind))
    }

    /// Merges a value into the top-level member of this name.
    pub(crate) fn member(&mut self, name: &str, patch: M::Patch, target: M::Target) -> Result<(), PatchError> {
        self.output.enter(|| Cow::Borrowed(name));
        self.existing(patch, target).map_err(|kind| self.refuse(kind))?;
        self.output.leave();
        Ok(())
    }

    fn refuse(&self, kind: PatchErrorKind) -> PatchError {
        PatchError::new(kind, None, self.output.path())
    }

    fn change(&mut self, change: Change<'_, 'm, M>) -> Result<(), PatchErrorKind> {
        self.output.change(&mut self.sides, change)
    }

    /// Merges a value into the value at hand.
    fn value(&mut self, patch: M::Patch, target: M::Target) -> Result<(), PatchErrorKind> {
        if let Some(mut members) = self.sides.members(patch)?
            && let Target::Object(mut object) = self.sides.target(target)?
        {
            self.output.begin(&mut self.sides, &object);
            while let Some((name, patch)) = self.sides.next(&mut members) {
                match self.sides.find(&mut object, &name) {
                    Ok(Some(target)) => {
                        self.output.enter(|| self.sides.found_name(&object));
                        self.existing(patch, target)?;
                    }
                    Ok(None) => {
                        self.output.enter(|| Cow::Borrowed(&name));
                        if !self.sides.is_null(patch) {
                            let value = self.sides.without_nulls(patch)?;
                            self.change(Change::Insert(&name, value))?;
                        }
                    }
                    Err(kind) => {
                        self.output.enter(|| Cow::Borrowed(&name));
                        return Err(kind);
                    }
                }
                self.output.leave();
            }
            self.output.end(&mut self.sides);
            return Ok(());
        }
        let value = self.sides.without_nulls(patch)?;
        match self.sides.equals(target, &value)? {
            true => Ok(()),
            false => self.change(Change::Replace(target, value)),
        }
    }

    /// Merges a value into a member that exists.
    fn existing(&mut self, patch: M::Patch, target: M::Target) -> Result<(), PatchErrorKind> {
        if self.sides.is_null(patch) {
            return self.change(Change::Remove(target));
        }
        if self.dialect.merge_appends
            && let Target::Array = self.sides.target(target)?
            && self.sides.members(patch)?.is_some()
        {
            self.output.enter(|| Cow::Borrowed("-"));
            let value = self.sides.without_nulls(patch)?;
            self.change(Change::Append(target, value))?;
            self.output.leave();
            return Ok(());
        }
        self.value(patch, target)
    }
}
