//! A merge patch of a text: both it and its target stay text.

use std::{borrow::Cow, ops::Range, vec};

use crate::{
    dialect::Dialect,
    document::{
        Context, Failure, PatchError, PatchErrorKind,
        merge::{Change, Merge, Merging, Output, Target},
    },
    json::{tape::Kind, value::PRESERVES_ORDER},
    patch::{operation::Operation, pointer::Pointer},
    text::edits::{Piece, Slot, Text, ValueAt},
};

/// Merges a patch into the text without a list of operations. `false` where that fails: what it noted until then is no
/// patched text, and the list on a fresh one knows why.
pub(super) fn merge(text: &mut Text<'_>, patch: ValueAt, dialect: &Dialect) -> bool {
    let target = text.root();
    Merge::into(Texts { text, dialect, is_sorted: false }, dialect, Noted).document(patch, target).is_ok()
}

/// The operations that a merge patch stands for at the text.
pub(super) fn steps(
    text: &mut Text<'_>,
    patch: ValueAt,
    dialect: &Dialect,
) -> Result<Vec<Operation<Pointer, Piece>>, PatchError> {
    let target = text.root();
    let mut merge = Merge::new(Texts { text, dialect, is_sorted: false }, dialect);
    merge.document(patch, target)?;
    Ok(merge.into_steps())
}

impl Text<'_> {
    /// The operations that a merge patch of one member of the root stands for. Its members are taken in the order of a
    /// tree, so that of two that are refused it is the same one that is reported.
    pub(crate) fn merged(
        &mut self,
        name: &str,
        patch: Piece,
        target: Slot,
        dialect: &Dialect,
    ) -> Result<Vec<Operation<Pointer, Piece>>, PatchError> {
        let patch = self.place(patch);
        let mut merge = Merge::new(Texts { text: self, dialect, is_sorted: !PRESERVES_ORDER }, dialect);
        merge.member(name, patch, target)?;
        Ok(merge.into_steps())
    }
}

/// A merge of two texts.
struct Texts<'m, 't> {
    text: &'m mut Text<'t>,
    dialect: &'m Dialect,
    /// Whether members are taken in the order of their names, and not as they stand in the text.
    is_sorted: bool,
}

/// An object of the target.
struct ObjectIn {
    value: ValueAt,
    /// The member that was found last.
    found: Option<Slot>,
}

/// The members of an object of the patch that are still to come.
enum PatchMembers<'t> {
    /// Where they stand on the tape: nothing was changed among them.
    Recorded(Range<u32>),
    Sorted(vec::IntoIter<(Cow<'t, str>, ValueAt)>),
}

impl<'t> Merging<'t> for Texts<'_, 't> {
    type Patch = ValueAt;
    type Target = Slot;
    type Object = ObjectIn;
    type Value = Piece;
    type Members = PatchMembers<'t>;

    fn is_null(&self, patch: ValueAt) -> bool {
        self.text.kind(patch) == Kind::Null
    }

    fn members(&mut self, patch: ValueAt) -> Result<Option<PatchMembers<'t>>, PatchErrorKind> {
        if self.text.kind(patch) != Kind::Object {
            return Ok(None);
        }
        self.text.expand(patch)?;
        Ok(Some(match self.is_sorted {
            true => {
                let members =
                    self.text.children(patch).map(|slot| (self.text.stored_name(slot), self.text.value(slot)));
                let mut members: Vec<_> = members.collect();
                members.sort_by(|(left, _), (right, _)| left.cmp(right));
                PatchMembers::Sorted(members.into_iter())
            }
            false => {
                let (first, count) = self.text.recorded(patch);
                PatchMembers::Recorded(first..first + count)
            }
        }))
    }

    fn next(&self, members: &mut PatchMembers<'t>) -> Option<(Cow<'t, str>, ValueAt)> {
        match members {
            PatchMembers::Sorted(members) => members.next(),
            PatchMembers::Recorded(places) => {
                let slot = Slot::at(places.next()?);
                Some((self.text.stored_name(slot), self.text.value(slot)))
            }
        }
    }

    fn target(&mut self, target: Slot) -> Result<Target<ObjectIn>, PatchErrorKind> {
        let value = self.text.value(target);
        Ok(match self.text.kind(value) {
            Kind::Object => {
                self.text.expand(value)?;
                Target::Object(ObjectIn { value, found: None })
            }
            Kind::Array => Target::Array,
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String => Target::Scalar,
        })
    }

    fn find(&mut self, object: &mut ObjectIn, name: &str) -> Result<Option<Slot>, PatchErrorKind> {
        object.found = self.text.lookup(object.value, name, self.dialect.case())?;
        Ok(object.found)
    }

    fn found_name(&self, object: &ObjectIn) -> Cow<'t, str> {
        object.found.map_or(Cow::Borrowed(""), |slot| self.text.stored_name(slot))
    }

    fn equals(&mut self, target: Slot, value: &Piece) -> Result<bool, PatchErrorKind> {
        let value = self.text.place(*value);
        self.text.equal(self.text.value(target), value)
    }

    fn without_nulls(&mut self, patch: ValueAt) -> Result<Piece, PatchErrorKind> {
        if self.text.kind(patch) == Kind::Object {
            self.text.remove_null_members(patch)?;
        }
        Ok(Piece::Taken(patch))
    }
}

/// Changes that are noted on the text at once. Only what is appended to an array can be too deep: it is one level
/// deeper there than it is in the patch, whose depth was checked.
struct Noted;

impl<'t> Output<'t, Texts<'_, 't>> for Noted {
    fn enter<'n>(&mut self, _name: impl FnOnce() -> Cow<'n, str>) {}
    fn leave(&mut self) {}

    fn begin(&mut self, sides: &mut Texts<'_, 't>, object: &ObjectIn) {
        sides.text.enter(object.value);
    }

    fn end(&mut self, sides: &mut Texts<'_, 't>) {
        sides.text.leave();
    }

    fn change(
        &mut self,
        Texts { text, dialect, .. }: &mut Texts<'_, 't>,
        change: Change<'_, 't, Texts<'_, 't>>,
    ) -> Result<(), PatchErrorKind> {
        match change {
            Change::Replace(slot, value) => text.replace_member(slot, value),
            Change::Remove(slot) => text.remove_member(slot),
            Change::Insert(name, value) => text.insert_member(name, value),
            Change::Append(slot, value) => return text.append_element(slot, value, dialect.limits.depth()),
        }
        Ok(())
    }

    fn path(&self) -> Pointer {
        Pointer::ROOT
    }
}

impl Text<'_> {
    /// Refuses a value that would be nested too deep at its place: what appends to an array leads one level further
    /// down than the patch does.
    pub(super) fn check_depth<'p>(
        &self,
        step: &'p Operation<Pointer, Piece>,
        context: &Context,
    ) -> Result<(), Failure<'p>> {
        let (path, value) = match step {
            Operation::Add { path, value } | Operation::Replace { path, value } => (path.tokens(), *value),
            Operation::Remove { .. } | Operation::Move { .. } | Operation::Copy { .. } | Operation::Test { .. } => {
                return Ok(());
            }
        };
        context.check_depth(path, |levels| self.is_deeper_than(value, levels)).map_err(|kind| kind.at(path))
    }
}
