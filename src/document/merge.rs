//! The rules of a merge patch (RFC 7396 section 2), and of an object that is sent for an array. They ask the target what
//! the operations ask it, and the patch through [`MergeSource`].

use std::borrow::Cow;

use super::{
    context::Context,
    failure::{PatchError, PatchErrorKind, Refusal},
    target::{ArrayNodes, Change, Container, Member, MemberPlace, Nodes, ObjectNodes, Removed},
};
use crate::patch::pointer::Pointer;

/// A value of a merge patch, for a document of these nodes.
pub(crate) trait MergeSource<'p, N: Nodes>: Copy {
    /// The members of an object that are still to come.
    type Members;

    fn is_null(self) -> bool;

    /// The members, if it is an object.
    fn members(self) -> Option<Self::Members>;

    /// The next member. What it takes to read it may be held by the target.
    fn next(members: &mut Self::Members, target: &mut N::Object<'_>) -> Result<Option<(Cow<'p, str>, Self)>, Refusal>;

    /// What it becomes where there is nothing to merge it into: in its objects, nulls name nothing.
    fn value(self) -> Cow<'p, N::Value>;

    /// Whether it is nested deeper than `limit` levels.
    fn is_deeper_than(self, limit: usize) -> bool;
}

/// What a merge did, for one who may have to undo it.
pub(crate) trait Journal<'p, V> {
    /// What follows is inside the member of this name.
    #[expect(clippy::ptr_arg, reason = "a name that is borrowed for `'p` is kept without a copy")]
    fn enter(&mut self, name: &Cow<'p, str>);

    fn leave(&mut self);

    /// The member of this name was changed, or without a name the value here. This is what was there before.
    fn record(&mut self, name: Option<&Cow<'p, str>>, change: Change, old: Option<V>);
}

/// Nothing is undone.
pub(crate) struct Forgotten;

impl<'p, V> Journal<'p, V> for Forgotten {
    fn enter(&mut self, _name: &Cow<'p, str>) {}
    fn leave(&mut self) {}
    fn record(&mut self, _name: Option<&Cow<'p, str>>, _change: Change, _old: Option<V>) {}
}

/// Merges a patch into a document. The patch as a whole is within the limit of depth. What was written before a failure
/// stays written.
pub(crate) fn merge<'p, N, S, J>(
    root: N::Node<'_>,
    patch: S,
    journal: &mut J,
    context: &mut Context,
) -> Result<(), PatchError>
where
    N: ObjectNodes + ArrayNodes,
    S: MergeSource<'p, N>,
    J: Journal<'p, N::Value>,
{
    let mut merge = Merge { journal, level: 0 };
    merge.value::<N, S>(root, patch, None, context).map_err(MergeFailure::into_error)
}

/// A merge on its way through the document.
struct Merge<'j, J> {
    journal: &'j mut J,
    /// How many tokens lead to the value that is merged.
    level: usize,
}

impl<J> Merge<'_, J> {
    /// Merges a value into the one at a node, which is the member of this name, if it is one.
    fn value<'p, N, S>(
        &mut self,
        mut node: N::Node<'_>,
        patch: S,
        name: Option<&Cow<'p, str>>,
        context: &mut Context,
    ) -> Result<(), MergeFailure>
    where
        N: ObjectNodes + ArrayNodes,
        S: MergeSource<'p, N>,
        J: Journal<'p, N::Value>,
    {
        if let Some(members) = patch.members() {
            match N::open(N::reborrow(&mut node))? {
                Container::Object(object) => {
                    return self.inside(name, |merge| merge.members::<N, S>(object, members, context));
                }
                Container::Array(array) if context.merge_appends && name.is_some() => {
                    return self.inside(name, |merge| merge.append::<N, S>(array, patch, context));
                }
                Container::Array(_) | Container::Null | Container::Scalar => {}
            }
        }
        let value = patch.value();
        if !N::equals(&mut node, &value, context)? {
            let old = N::set(node, value)?;
            self.journal.record(name, Change::Replaced, Some(old));
        }
        Ok(())
    }

    fn inside<'p, V>(
        &mut self,
        name: Option<&Cow<'p, str>>,
        merge: impl FnOnce(&mut Self) -> Result<(), MergeFailure>,
    ) -> Result<(), MergeFailure>
    where
        J: Journal<'p, V>,
    {
        let Some(name) = name else { return merge(self) };
        self.level += 1;
        self.journal.enter(name);
        merge(self)?;
        self.journal.leave();
        self.level -= 1;
        Ok(())
    }

    fn members<'p, N, S>(
        &mut self,
        mut object: N::Object<'_>,
        mut members: S::Members,
        context: &mut Context,
    ) -> Result<(), MergeFailure>
    where
        N: ObjectNodes + ArrayNodes,
        S: MergeSource<'p, N>,
        J: Journal<'p, N::Value>,
    {
        while let Some((name, patch)) = S::next(&mut members, &mut object)? {
            let object = N::reborrow_object(&mut object);
            self.member::<N, S>(object, &name, patch, context).map_err(|failure| failure.within(&name))?;
        }
        Ok(())
    }

    #[expect(clippy::ptr_arg, reason = "a name that is borrowed for `'p` is kept without a copy")]
    fn member<'p, N, S>(
        &mut self,
        object: N::Object<'_>,
        name: &Cow<'p, str>,
        patch: S,
        context: &mut Context,
    ) -> Result<(), MergeFailure>
    where
        N: ObjectNodes + ArrayNodes,
        S: MergeSource<'p, N>,
        J: Journal<'p, N::Value>,
    {
        if !patch.is_null() {
            return N::entry(object, name, context, |entry, context| match entry {
                Member::Occupied(member) => self.value::<N, S>(member, patch, Some(name), context),
                Member::Vacant(object) => {
                    N::insert(object, name, patch.value())?;
                    self.journal.record(Some(name), Change::InsertedMember, None);
                    Ok(())
                }
            });
        }
        if let Some(removed) = N::remove(object, name, context)? {
            let Removed { value, name: stored, position } = removed;
            let place = MemberPlace { name: stored, position };
            self.journal.record(Some(name), Change::RemovedMember(Box::new(place)), Some(value));
        }
        Ok(())
    }

    /// Appends an object to an array, where it is one level deeper than it is in the patch.
    fn append<'p, N, S>(&mut self, array: N::Array<'_>, patch: S, context: &mut Context) -> Result<(), MergeFailure>
    where
        N: ObjectNodes + ArrayNodes,
        S: MergeSource<'p, N>,
        J: Journal<'p, N::Value>,
    {
        let append = || {
            if patch.is_deeper_than(context.levels_below(self.level + 1)?) {
                return Err(Refusal::from(PatchErrorKind::TooDeep { limit: context.depth }));
            }
            let index = N::length(&array);
            N::insert_element(array, index, patch.value())?;
            self.journal.record(None, Change::InsertedElement { index }, None);
            Ok(())
        };
        append().map_err(|refusal| MergeFailure::from(refusal).within("-"))
    }
}

/// Why a merge failed, and where: the names that lead there, the innermost first.
struct MergeFailure(Box<(Refusal, Vec<String>)>);

impl From<Refusal> for MergeFailure {
    #[cold]
    fn from(refusal: Refusal) -> MergeFailure {
        MergeFailure(Box::new((refusal, Vec::new())))
    }
}

impl MergeFailure {
    #[cold]
    fn within(mut self, name: &str) -> MergeFailure {
        self.0.1.push(name.to_owned());
        self
    }

    fn into_error(self) -> PatchError {
        let (refusal, names) = *self.0;
        refusal.into_error(None, Pointer::from_tokens(names.iter().rev()))
    }
}
