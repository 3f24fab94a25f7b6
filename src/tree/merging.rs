//! A merge patch on a tree: the list of operations that it represents, and the merge in place.

use std::{borrow::Cow, mem};

use serde_json::{Map, Value, map};

use super::{
    apply::apply,
    as_text,
    inverse::{apply_operations_with_inverse, replaced_as_a_whole},
    journal::UndoJournal,
    nodes::TreeNodes,
    recorder::Recorder,
};
use crate::{
    dialect::Dialect,
    document::{
        Context, Nodes, PatchError, PatchErrorKind, Refusal,
        merge::{self, Forgotten, MergeSource},
    },
    json::{
        name::{self, Case},
        value,
    },
    patch::{merge_patch::MergePatch, operation::Patch, pointer::Pointer},
};

impl MergePatch {
    /// The operations that this patch represents at `target`: only those that change something.
    ///
    /// Applying them gives what the pseudocode of RFC 7396 section 2 gives. A member that exists is written by the
    /// name that is stored.
    ///
    /// # Errors
    ///
    /// - 400: the dialect takes only an object.
    /// - 409: the dialect ignores case, and two or more members have a name that is equal to one in the patch.
    /// - 422: the patch is nested deeper than the limit, or the paths of the operations are together longer than
    ///   [`Limits::copied_bytes`](crate::Limits::copied_bytes).
    pub fn to_patch(&self, target: &Value, dialect: &Dialect) -> Result<Patch, PatchError> {
        check(self, dialect)?;
        let mut recorder = Recorder::new(dialect.limits.copied_bytes);
        let mut context = Context::new(dialect).with_work(usize::MAX);
        merge::merge::<Recorder<'_>, _, _>(recorder.root(target), self.as_value(), &mut Forgotten, &mut context)?;
        Ok(Patch::new(recorder.into_operations()))
    }
}

/// Refuses what the dialect takes at no target.
pub(crate) fn check(patch: &MergePatch, dialect: &Dialect) -> Result<(), PatchError> {
    let refuse = |kind| Err(PatchError::new(kind, None, Pointer::ROOT));
    let limit = dialect.limits.depth();
    if patch.is_deeper_than(limit) {
        return refuse(PatchErrorKind::TooDeep { limit });
    }
    if dialect.merge_objects_only && !patch.as_value().is_object() {
        return refuse(PatchErrorKind::NotAnObject);
    }
    Ok(())
}

/// Applies a merge patch in place (RFC 7396), all of it or nothing.
///
/// ```
/// use entity_patch::{Dialect, MergePatch, merge};
/// use serde_json::json;
///
/// let mut target = json!({"Name": "old", "ErrorsEmail": "a@example.com"});
/// let patch = MergePatch::parse(br#"{"name": "new", "ErrorsEmail": null}"#, &Dialect::SUPEROFFICE)?;
/// merge(&mut target, &patch, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Name": "new"}));
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// As [`MergePatch::to_patch`], but for the length of paths; and 422 where the patch searches or shifts more than the
/// limit.
pub fn merge(target: &mut Value, patch: &MergePatch, dialect: &Dialect) -> Result<(), PatchError> {
    check(patch, dialect)?;
    if dialect.ignore_case && patch.may_have_twins() && has_twins(patch.as_value()) {
        // Each name means what it does at the target as it is given, and is written one after the other.
        return apply(target, &patch.to_patch(target, dialect)?, dialect).map_err(PatchError::without_operation);
    }
    let budget = dialect.limits.work.min(AS_TEXT_FROM);
    match merge_within(target, patch, dialect, budget) {
        Err(error) if *error.kind() == PatchErrorKind::TooMuchWork => {}
        done => return done,
    }
    match as_text::merge(target, patch.as_value(), dialect) {
        Some(merged) => {
            value::discard(mem::replace(target, merged));
            Ok(())
        }
        None => merge_within(target, patch, dialect, dialect.limits.work),
    }
}

/// A merge that searches and shifts more than so many members goes through the text engine: a pass over a document of a
/// megabyte costs about as much.
const AS_TEXT_FROM: usize = 1_000_000;

/// Merges a patch, or leaves everything as it is.
fn merge_within(target: &mut Value, patch: &MergePatch, dialect: &Dialect, work: usize) -> Result<(), PatchError> {
    let mut context = Context::new(dialect).with_work(work);
    let mut journal = UndoJournal::with_capacity(patch.as_value().as_object().map_or(1, Map::len).min(16));
    let merged = merge::merge::<TreeNodes, _, _>(target, patch.as_value(), &mut journal, &mut context);
    match merged {
        Ok(()) => {
            journal.discard();
            Ok(())
        }
        Err(error) => {
            journal.roll_back(target, context.case);
            Err(error)
        }
    }
}

/// Whether two names of an object that is merged differ only by case.
fn has_twins(patch: &Value) -> bool {
    let Value::Object(members) = patch else { return false };
    let mut names: Vec<&String> = members.keys().collect();
    names.sort_unstable_by(|left, right| name::compare(left, right, Case::Folded));
    names.windows(2).any(|pair| name::equal_folded(pair[0], pair[1])) || members.values().any(has_twins)
}

/// As [`merge`], and hands back the patch that undoes it, as [`apply_with_inverse`](crate::apply_with_inverse) does.
///
/// ```
/// use entity_patch::{Dialect, MergePatch, apply, merge_with_inverse};
/// use serde_json::json;
///
/// let mut target = json!({"Name": "old", "ErrorsEmail": "a@example.com"});
/// let patch = MergePatch::new(json!({"name": "new", "ErrorsEmail": null}));
/// let inverse = merge_with_inverse(&mut target, &patch, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Name": "new"}));
///
/// apply(&mut target, &inverse, &Dialect::SUPEROFFICE)?;
/// assert_eq!(target, json!({"Name": "old", "ErrorsEmail": "a@example.com"}));
/// # Ok::<(), entity_patch::PatchError>(())
/// ```
///
/// # Errors
///
/// As [`merge`].
pub fn merge_with_inverse(target: &mut Value, patch: &MergePatch, dialect: &Dialect) -> Result<Patch, PatchError> {
    match patch.to_patch(target, dialect) {
        Ok(list) => {
            apply_operations_with_inverse(target, list.operations(), dialect).map_err(PatchError::without_operation)
        }
        // The list would be too long, or the merge fails as well.
        Err(_) => replaced_as_a_whole(target, dialect, |target| merge(target, patch, dialect)),
    }
}

impl<'p, N: Nodes<Value = Value>> MergeSource<'p, N> for &'p Value {
    type Members = map::Iter<'p>;

    fn is_null(self) -> bool {
        Value::is_null(self)
    }

    fn members(self) -> Option<map::Iter<'p>> {
        self.as_object().map(Map::iter)
    }

    fn next(
        members: &mut map::Iter<'p>,
        _target: &mut N::Object<'_>,
    ) -> Result<Option<(Cow<'p, str>, &'p Value)>, Refusal> {
        Ok(members.next().map(|(name, value)| (Cow::Borrowed(name.as_str()), value)))
    }

    fn value(self) -> Cow<'p, Value> {
        if has_null_member(self) { Cow::Owned(without_nulls(self)) } else { Cow::Borrowed(self) }
    }

    fn is_deeper_than(self, limit: usize) -> bool {
        value::is_deeper_than(self, limit)
    }
}

fn has_null_member(patch: &Value) -> bool {
    let Value::Object(members) = patch else { return false };
    members.values().any(|member| member.is_null() || has_null_member(member))
}

fn without_nulls(patch: &Value) -> Value {
    match patch {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => patch.clone(),
    }
}
