//! A merge patch of a tree: the list of operations that it stands for, and the merge in place.

use std::borrow::Cow;

use serde_json::{Map, Value, map};

use crate::{
    dialect::Dialect,
    document::{
        PatchError, PatchErrorKind,
        merge::{Merge, Merging, Target},
    },
    json::{
        name::{self, Ambiguous, Case, Found, NameIndex},
        value,
    },
    patch::{
        merge_patch::MergePatch,
        operation::{Operation, Patch},
        pointer::Pointer,
    },
    tree::{self, in_place},
};

impl MergePatch {
    /// The operations that this patch stands for at `target`: only those that change something.
    ///
    /// Applying them gives what the pseudocode of RFC 7396 section 2 gives. A member that exists is written by the
    /// name that is stored.
    ///
    /// # Errors
    ///
    /// - 400: the dialect wants an object.
    /// - 409: the dialect ignores case, and two or more members have a name that is equal to one in the patch.
    /// - 422: the patch is nested deeper than the limit.
    pub fn to_patch(&self, target: &Value, dialect: &Dialect) -> Result<Patch, PatchError> {
        Ok(Patch::new(self.operations(target, dialect)?))
    }

    fn operations(&self, target: &Value, dialect: &Dialect) -> Result<Vec<Operation>, PatchError> {
        self.check(dialect)?;
        let mut merge = Merge::new(Trees { case: dialect.case() }, dialect);
        merge.document(self.as_value(), target)?;
        Ok(merge.into_steps())
    }

    /// What a dialect allows, whatever the target is.
    fn check(&self, dialect: &Dialect) -> Result<(), PatchError> {
        let limit = dialect.limits.depth();
        if value::is_deeper_than(self.as_value(), limit) {
            return Err(PatchError::new(PatchErrorKind::TooDeep { limit }, None, Pointer::ROOT));
        }
        if dialect.merge_objects_only && !self.as_value().is_object() {
            return Err(PatchError::new(PatchErrorKind::NotAnObject, None, Pointer::ROOT));
        }
        Ok(())
    }
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
/// As [`MergePatch::to_patch`], and 422 where a value would be nested deeper than the limit.
pub fn merge(target: &mut Value, patch: &MergePatch, dialect: &Dialect) -> Result<(), PatchError> {
    if in_place::merge(target, patch.as_value(), dialect) {
        return Ok(());
    }
    // Whatever is refused, the list knows why.
    let operations = patch.operations(target, dialect)?;
    tree::apply_operations(target, &operations, dialect).map_err(PatchError::without_operation)
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
    let operations = patch.operations(target, dialect)?;
    tree::apply_operations_with_inverse(target, &operations, dialect).map_err(PatchError::without_operation)
}

/// A merge of two trees.
pub(crate) struct Trees {
    pub(crate) case: Case,
}

/// An object of a tree. Where many names in another case are looked up in a wide one, they are indexed.
pub(crate) struct TreeObject<'m> {
    members: &'m Map<String, Value>,
    searches: usize,
    index: Option<NameIndex<&'m str>>,
    /// The name of the member that was found last.
    found: &'m str,
}

impl<'m> Merging<'m> for Trees {
    type Patch = &'m Value;
    type Target = &'m Value;
    type Object = TreeObject<'m>;
    type Value = Value;
    type Members = map::Iter<'m>;

    fn is_null(&self, patch: &Value) -> bool {
        patch.is_null()
    }

    fn members(&mut self, patch: &'m Value) -> Result<Option<map::Iter<'m>>, PatchErrorKind> {
        Ok(patch.as_object().map(Map::iter))
    }

    fn next(&self, members: &mut map::Iter<'m>) -> Option<(Cow<'m, str>, &'m Value)> {
        members.next().map(|(name, value)| (Cow::Borrowed(name.as_str()), value))
    }

    fn target(&mut self, target: &'m Value) -> Result<Target<TreeObject<'m>>, PatchErrorKind> {
        Ok(match target {
            Value::Object(members) => Target::Object(TreeObject { members, searches: 0, index: None, found: "" }),
            Value::Array(_) => Target::Array,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Target::Scalar,
        })
    }

    fn find(&mut self, object: &mut TreeObject<'m>, name: &str) -> Result<Option<&'m Value>, PatchErrorKind> {
        let found = object.find(name, self.case)?;
        Ok(found.map(|(name, value)| {
            object.found = name;
            value
        }))
    }

    fn found_name(&self, object: &TreeObject<'m>) -> Cow<'m, str> {
        Cow::Borrowed(object.found)
    }

    fn equals(&mut self, target: &'m Value, value: &Value) -> Result<bool, PatchErrorKind> {
        Ok(value::equal(target, value))
    }

    fn without_nulls(&mut self, patch: &'m Value) -> Result<Value, PatchErrorKind> {
        Ok(without_nulls(patch))
    }
}

impl<'m> TreeObject<'m> {
    fn find(&mut self, name: &str, case: Case) -> Result<Option<(&'m String, &'m Value)>, PatchErrorKind> {
        let members = self.members;
        let exact = members.get_key_value(name);
        if exact.is_some() || case == Case::Exact {
            return Ok(exact);
        }
        self.searches += 1;
        if self.searches < 3 || members.len() <= NameIndex::<&str>::PAYS_FROM {
            return match name::find(members.keys().map(String::as_str), name, case) {
                Found::At(position) => Ok(members.iter().nth(position)),
                Found::Nothing => Ok(None),
                Found::Ambiguous => Err(PatchErrorKind::AmbiguousName),
            };
        }
        let index = self.index.get_or_insert_with(|| {
            let mut index = NameIndex::new(Case::Folded);
            members.keys().for_each(|name| index.insert(name, name.as_str()));
            index
        });
        let stored = index.find(name).map_err(|Ambiguous| PatchErrorKind::AmbiguousName)?;
        Ok(stored.and_then(|name| members.get_key_value(name)))
    }
}

pub(super) fn without_nulls(patch: &Value) -> Value {
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
