//! A merge patch on its way into an entity.

use std::borrow::Cow;

use crate::{
    document::{Refusal, merge::MergeSource},
    entity::{
        entity_nodes::{EntityContainer, EntityNodes},
        session::Session,
    },
    json::tape::Kind,
    text::{Piece, ValueAt, Version},
};

/// A value of a merge patch that was brought under the tables.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    value: ValueAt,
    kind: Kind,
    /// How many members an object has.
    count: usize,
}

/// The members of an object that are still to come.
pub(super) struct SentMembers {
    object: ValueAt,
    next: usize,
    count: usize,
}

impl Sent {
    pub(super) fn new(session: &mut Session<'_, '_>, version: Version) -> Result<Sent, Refusal> {
        let (value, kind) = (session.text.value_of(version), session.text.kind_of(version));
        let count = match kind {
            Kind::Object => {
                session.text.expand(value)?;
                session.text.length_of(value)
            }
            Kind::Null | Kind::Boolean | Kind::Number | Kind::String | Kind::Array => 0,
        };
        Ok(Sent { value, kind, count })
    }
}

impl<'t, 'd> MergeSource<'t, EntityNodes<'t, 'd>> for Sent {
    type Members = SentMembers;

    fn is_null(self) -> bool {
        self.kind == Kind::Null
    }

    fn members(self) -> Option<SentMembers> {
        (self.kind == Kind::Object).then_some(SentMembers { object: self.value, next: 0, count: self.count })
    }

    fn next(
        members: &mut SentMembers,
        target: &mut EntityContainer<'_, 't, 'd>,
    ) -> Result<Option<(Cow<'t, str>, Sent)>, Refusal> {
        while members.next < members.count {
            let slot = target.session.text.recorded_slot(members.object, members.next);
            members.next += 1;
            let name = target.session.text.name_of(slot);
            let version = target.session.text.now(slot);
            if !target.settles(&name, version)? {
                return Ok(Some((name, Sent::new(target.session, version)?)));
            }
        }
        Ok(None)
    }

    fn value(self) -> Cow<'t, Piece> {
        Cow::Owned(Piece::Merged(self.value))
    }

    /// The session looks at what is appended itself.
    fn is_deeper_than(self, _limit: usize) -> bool {
        false
    }
}
