//! A merge patch (RFC 7396), and the list of operations that it stands for at the document at hand.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{
    dialect::Dialect,
    document::{PatchError, PatchErrorKind, tree},
    name::{Ambiguous, FoldedNames},
    operation::{Operation, Patch},
    pointer::Pointer,
    value,
};

/// A merge patch (RFC 7396): a null removes, an object is merged, anything else replaces.
///
/// ```
/// use entity_patch::{Dialect, MergePatch};
/// use serde_json::json;
///
/// let merge = MergePatch::new(json!({"Name": "new", "ErrorsEmail": null}));
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

    /// The operations that this patch stands for at `target`: only those that change something.
    ///
    /// Applying them gives what the pseudocode of RFC 7396 section 2 gives. A member that exists is written by the
    /// name that is stored.
    ///
    /// # Errors
    ///
    /// - 400: the dialect wants an object.
    /// - 409: the dialect ignores case, and two or more members have a name that is equal to one in the patch.
    pub fn to_patch(&self, target: &Value, dialect: &Dialect) -> Result<Patch, PatchError> {
        Ok(Patch::new(self.operations(target, dialect)?))
    }

    fn operations(&self, target: &Value, dialect: &Dialect) -> Result<Vec<Operation>, PatchError> {
        let mut path = Pointer::ROOT;
        let mut merge = Merge::new(dialect);
        let limit = dialect.limits.depth();
        if value::is_deeper_than(&self.value, limit) {
            return Err(PatchError::new(PatchErrorKind::TooDeep { limit }, None, path));
        }
        match (&self.value, target) {
            (Value::Object(patch), Value::Object(members)) => merge.object(patch, members, &mut path)?,
            (Value::Object(_), _) => merge.replace(&self.value, target, &path),
            _ if dialect.merge_objects_only => return Err(PatchError::new(PatchErrorKind::NotAnObject, None, path)),
            _ => merge.replace(&self.value, target, &path),
        }
        Ok(merge.operations)
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
    let mut operations = patch.operations(target, dialect)?;
    tree::apply_owned(target, &mut operations, dialect).map_err(PatchError::without_operation)
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

/// The operations of a merge patch while they are collected.
pub(crate) struct Merge<'m> {
    dialect: &'m Dialect,
    operations: Vec<Operation>,
}

impl<'m> Merge<'m> {
    pub(crate) fn new(dialect: &'m Dialect) -> Merge<'m> {
        Merge { dialect, operations: Vec::new() }
    }

    pub(crate) fn into_operations(self) -> Vec<Operation> {
        self.operations
    }

    /// Merges an object into the object at `path`.
    fn object(
        &mut self,
        patch: &Map<String, Value>,
        target: &Map<String, Value>,
        path: &mut Pointer,
    ) -> Result<(), PatchError> {
        let mut index = None;
        for (name, value) in patch {
            let stored = match target.get_key_value(name) {
                None if self.dialect.ignore_case && !target.is_empty() => {
                    let index = index.get_or_insert_with(|| FoldedNames::new(target.keys().map(String::as_str)));
                    match index.find(name) {
                        Ok(stored) => stored.and_then(|name| target.get_key_value(name)),
                        Err(Ambiguous) => {
                            path.push(name);
                            return Err(PatchError::new(PatchErrorKind::AmbiguousName, None, path.clone()));
                        }
                    }
                }
                stored => stored,
            };
            path.push(stored.map_or(name, |(stored, _)| stored));
            match stored {
                Some((_, target)) => self.member(value, target, path)?,
                None if value.is_null() => {}
                None => self.operations.push(Operation::Add { path: path.clone(), value: without_nulls(value) }),
            }
            path.pop();
        }
        Ok(())
    }

    /// Merges a value into the member at `path`, which exists.
    pub(crate) fn member(&mut self, patch: &Value, target: &Value, path: &mut Pointer) -> Result<(), PatchError> {
        match (patch, target) {
            (Value::Null, _) => self.operations.push(Operation::Remove { path: path.clone() }),
            (Value::Object(patch), Value::Object(target)) => self.object(patch, target, path)?,
            (Value::Object(_), Value::Array(_)) if self.dialect.merge_appends => {
                path.push("-");
                self.operations.push(Operation::Add { path: path.clone(), value: without_nulls(patch) });
                path.pop();
            }
            _ => self.replace(patch, target, path),
        }
        Ok(())
    }

    fn replace(&mut self, patch: &Value, target: &Value, path: &Pointer) {
        let value = without_nulls(patch);
        if !value::equal(&value, target) {
            self.operations.push(Operation::Replace { path: path.clone(), value });
        }
    }
}

/// What a value of a merge patch becomes where there is nothing to merge it into: in its objects, nulls name nothing.
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
