//! A merge patch (RFC 7396), and the list of operations that it stands for at the document at hand. Where that
//! list could not fail, a tree is merged without one, by `in_place`.

mod in_place;

use std::{borrow::Cow, fmt, mem};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, map};

use crate::{
    dialect::Dialect,
    document::{PatchError, PatchErrorKind, tree},
    name::{self, Ambiguous, Case, Found, NameIndex},
    operation::{Operation, Patch, Step},
    pointer::Pointer,
    value,
};

/// A merge patch (RFC 7396): a null removes, an object is merged, anything else replaces.
///
/// ```
/// use entity_patch::{Dialect, MergePatch};
/// use serde_json::json;
///
/// let merge = MergePatch::new(json!({"ErrorsEmail": null, "Name": "new"}));
/// let patch = merge.to_patch(&json!({"Name": "old", "ErrorsEmail": "a@example.com"}), &Dialect::RFC)?;
/// assert_eq!(
///     serde_json::to_value(&patch).unwrap(),
///     json!([{"op": "remove", "path": "/ErrorsEmail"}, {"op": "replace", "path": "/Name", "value": "new"}]),
/// );
/// # Ok::<(), entity_patch::PatchError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MergePatch {
    value: Value,
}

impl MergePatch {
    /// A merge patch of this document. What a dialect allows is checked when it meets its target.
    pub fn new(value: Value) -> MergePatch {
        MergePatch { value }
    }

    /// The merge patch as it was sent.
    pub fn as_value(&self) -> &Value {
        &self.value
    }

    /// The same, given away.
    pub fn into_value(mut self) -> Value {
        mem::take(&mut self.value)
    }

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
        merge.document(&self.value, target)?;
        Ok(merge.into_steps().into_iter().map(Operation::from).collect())
    }

    /// What a dialect allows, whatever the target is.
    fn check(&self, dialect: &Dialect) -> Result<(), PatchError> {
        let limit = dialect.limits.depth();
        if value::is_deeper_than(&self.value, limit) {
            return Err(PatchError::new(PatchErrorKind::TooDeep { limit }, None, Pointer::ROOT));
        }
        if dialect.merge_objects_only && !self.value.is_object() {
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
    if in_place::merge(target, &patch.value, dialect) {
        return Ok(());
    }
    // Whatever is refused, the list knows why.
    let mut operations = patch.operations(target, dialect)?;
    tree::apply_owned(target, &mut operations, dialect).map_err(PatchError::without_operation)
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

impl Drop for MergePatch {
    /// A merge patch may be nested deeper than any stack.
    fn drop(&mut self) {
        value::discard(mem::take(&mut self.value));
    }
}

impl Serialize for MergePatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl fmt::Display for MergePatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

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
    steps: Vec<Step<Pointer, V>>,
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
            Change::Replace(_, value) => Step::Replace { path, value },
            Change::Remove(_) => Step::Remove { path },
            Change::Insert(_, value) | Change::Append(_, value) => Step::Add { path, value },
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

    pub(crate) fn into_steps(self) -> Vec<Step<Pointer, M::Value>> {
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
