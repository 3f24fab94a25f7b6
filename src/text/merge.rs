//! A merge patch of a text: both it and its target stay text.

use std::{borrow::Cow, ops::Range};

use crate::{
    dialect::Dialect,
    document::{Context, Failure, PatchError, PatchErrorKind},
    merge::{Change, Merge, Merging, Output, Target},
    operation::Step,
    pointer::Pointer,
    text::{
        document::{Piece, Slot, Text, ValueAt},
        tape::Kind,
    },
};

/// Merges a patch into the text without a list of operations. `false` where that fails: what it noted until then is no
/// patched text, and the list on a fresh one knows why.
pub(super) fn merge(text: &mut Text<'_>, patch: Piece, dialect: &Dialect) -> bool {
    let target = text.root();
    let patch = text.place(patch);
    Merge::into(Texts { text, dialect }, dialect, Noted).document(patch, target).is_ok()
}

/// The operations that a merge patch stands for at the text.
pub(super) fn steps(
    text: &mut Text<'_>,
    patch: Piece,
    dialect: &Dialect,
) -> Result<Vec<Step<Pointer, Piece>>, PatchError> {
    let target = text.root();
    let patch = text.place(patch);
    let mut merge = Merge::new(Texts { text, dialect }, dialect);
    merge.document(patch, target)?;
    Ok(merge.into_steps())
}

/// A merge of two texts.
struct Texts<'m, 't> {
    text: &'m mut Text<'t>,
    dialect: &'m Dialect,
}

/// An object of the target.
struct ObjectIn {
    value: ValueAt,
    /// The member that was found last.
    found: Option<Slot>,
}

impl<'t> Merging<'t> for Texts<'_, 't> {
    type Patch = ValueAt;
    type Target = Slot;
    type Object = ObjectIn;
    type Value = Piece;
    /// Where they stand on the tape: nothing was changed among them.
    type Members = Range<u32>;

    fn is_null(&self, patch: ValueAt) -> bool {
        self.text.kind(patch) == Kind::Null
    }

    fn members(&mut self, patch: ValueAt) -> Result<Option<Range<u32>>, PatchErrorKind> {
        if self.text.kind(patch) != Kind::Object {
            return Ok(None);
        }
        self.text.expand(patch)?;
        let (first, count) = self.text.recorded(patch);
        Ok(Some(first..first + count))
    }

    fn next(&self, members: &mut Range<u32>) -> Option<(Cow<'t, str>, ValueAt)> {
        let slot = Slot::at(members.next()?);
        Some((self.text.stored_name(slot), self.text.value(slot)))
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

/// Changes that are noted on the text at once. Those that cannot fail: a body is within the limits, and what it adds to
/// an array is the only thing that a merge puts deeper than it stands there.
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
        Texts { text, dialect }: &mut Texts<'_, 't>,
        change: Change<'_, 't, Texts<'_, 't>>,
    ) -> Result<(), PatchErrorKind> {
        match change {
            Change::Replace(slot, value) => text.replace(slot, value),
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
    pub(super) fn check_depth<'p>(&self, step: &'p Step<Pointer, Piece>, context: &Context) -> Result<(), Failure<'p>> {
        let (path, value) = match step {
            Step::Add { path, value } | Step::Replace { path, value } => (path.tokens(), *value),
            Step::Remove { .. } | Step::Move { .. } | Step::Copy { .. } | Step::Test { .. } => return Ok(()),
        };
        context.check_depth(path, |levels| self.is_piece_deeper_than(value, levels)).map_err(|kind| kind.at(path))
    }
}
