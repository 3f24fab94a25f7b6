//! A merge patch of a text: both it and its target stay text.

use std::borrow::Cow;

use crate::{
    dialect::Dialect,
    document::{Context, Failure, PatchError, PatchErrorKind},
    merge::{Merge, Merging, Target},
    operation::Step,
    pointer::Pointer,
    text::{
        document::{Piece, Text, ValueAt},
        tape::Kind,
        write,
    },
};

/// The operations that a merge patch stands for at the text.
pub(super) fn steps(
    text: &mut Text<'_>,
    patch: Piece,
    dialect: &Dialect,
) -> Result<Vec<Step<Pointer, Piece>>, PatchError> {
    let target = text.value(text.root());
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

impl<'t> Merging<'t> for Texts<'_, 't> {
    type Patch = ValueAt;
    type Target = ValueAt;
    type Object = ValueAt;
    type Value = Piece;
    type Members = std::vec::IntoIter<(Cow<'t, str>, ValueAt)>;

    fn is_null(&self, patch: ValueAt) -> bool {
        self.text.kind(patch) == Kind::Null
    }

    fn members(&mut self, patch: ValueAt) -> Result<Option<Self::Members>, PatchErrorKind> {
        if self.text.kind(patch) != Kind::Object {
            return Ok(None);
        }
        self.text.expand(patch)?;
        let text = &*self.text;
        let members: Vec<_> = text.children(patch).map(|slot| (text.stored_name(slot), text.value(slot))).collect();
        Ok(Some(members.into_iter()))
    }

    fn target(&mut self, target: ValueAt) -> Result<Target<ValueAt>, PatchErrorKind> {
        Ok(match self.text.kind(target) {
            Kind::Object => {
                self.text.expand(target)?;
                Target::Object(target)
            }
            Kind::Array => Target::Array,
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String => Target::Scalar,
        })
    }

    fn find(&mut self, object: &mut ValueAt, name: &str) -> Result<Option<(Cow<'t, str>, ValueAt)>, PatchErrorKind> {
        let slot = self.text.lookup(*object, name, self.dialect.case())?;
        Ok(slot.map(|slot| (self.text.stored_name(slot), self.text.value(slot))))
    }

    fn equals(&mut self, target: ValueAt, value: &Piece) -> Result<bool, PatchErrorKind> {
        let value = self.text.place(*value);
        self.text.equal(target, value)
    }

    fn without_nulls(&mut self, patch: ValueAt) -> Result<Piece, PatchErrorKind> {
        self.text.remove_null_members(patch)?;
        Ok(Piece::Taken(patch))
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
        let is_deeper_than = |levels| match value {
            Piece::Taken(value) => write::depth(&self.written(value)) > levels,
            Piece::Span(start, end) => write::depth(self.slice(start, end)) > levels,
        };
        context.check_depth(path, is_deeper_than).map_err(|kind| kind.at(path))
    }
}
