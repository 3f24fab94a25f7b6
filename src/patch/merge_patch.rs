//! A merge patch (RFC 7396), to build, to read and to show.

use std::{fmt, mem};

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::json::value;

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
