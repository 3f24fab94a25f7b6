//! A merge patch of a text: both it and its target stay text.

use std::{borrow::Cow, ops::Range};

use crate::{
    dialect::Dialect,
    document::{
        Context, PatchError, PatchErrorKind, Refusal,
        merge::{self, Forgotten, MergeSource},
    },
    json::tape::Kind,
    patch::pointer::Pointer,
    text::edits::{ObjectAt, Piece, Slot, Text, ValueAt},
};

/// Merges a patch, which is in the body, into the text. Where that fails, the text is of no more use.
pub(crate) fn merge<'t>(text: &mut Text<'t>, patch: Piece, dialect: &Dialect) -> Result<(), PatchError> {
    let refuse = |kind| PatchError::new(kind, None, Pointer::ROOT);
    let patch = text.place(patch).map_err(refuse)?;
    let patch = Recorded::new(text, patch).map_err(refuse)?;
    merge::merge::<Text<'t>, _, _>(text.whole(), patch, &mut Forgotten, &mut Context::new(dialect))
}

/// A value of a merge patch whose members are recorded.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'t> {
    text: &'t [u8],
    value: ValueAt,
    /// The members of an object: the first one, and how many.
    members: (u32, u32),
}

impl<'t> Recorded<'t> {
    pub(crate) fn new(text: &mut Text<'t>, value: ValueAt) -> Result<Recorded<'t>, PatchErrorKind> {
        let members = match text.kind(value) {
            Kind::Object => {
                text.expand(value)?;
                text.recorded(value)
            }
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String | Kind::Array => (0, 0),
        };
        Ok(Recorded { text: text.in_body(value), value, members })
    }
}

impl<'t> MergeSource<'t, Text<'t>> for Recorded<'t> {
    /// Their places on the tape: nothing changes among them.
    type Members = Range<u32>;

    fn is_null(self) -> bool {
        Kind::of(self.text[0]) == Kind::Null
    }

    fn members(self) -> Option<Range<u32>> {
        let (first, count) = self.members;
        (Kind::of(self.text[0]) == Kind::Object).then_some(first..first + count)
    }

    fn next(
        members: &mut Range<u32>,
        target: &mut ObjectAt<'_, 't>,
    ) -> Result<Option<(Cow<'t, str>, Recorded<'t>)>, Refusal> {
        let Some(slot) = members.next().map(Slot::at) else { return Ok(None) };
        let value = target.text.value(slot);
        Ok(Some((target.text.stored_name(slot), Recorded::new(target.text, value)?)))
    }

    fn value(self) -> Cow<'t, Piece> {
        Cow::Owned(Piece::Merged(self.value))
    }

    fn is_deeper_than(self, limit: usize) -> bool {
        crate::json::token::depth(self.text) > limit
    }
}
