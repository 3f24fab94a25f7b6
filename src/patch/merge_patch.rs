//! A merge patch (RFC 7396), to build, to read and to show.

use std::{fmt, mem};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{
    dialect::{Dialect, Limits},
    json::value,
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
#[derive(Clone, Debug)]
pub struct MergePatch {
    value: Value,
    /// What its parser has seen to.
    proof: Option<Proof>,
}

/// What is known of a merge patch that was read and not built.
#[derive(Clone, Copy, Debug)]
struct Proof {
    /// It has no more levels.
    depth: usize,
    /// No two names of one object differ only by case.
    has_distinct_names: bool,
}

impl MergePatch {
    /// A merge patch of this document. What a dialect allows is checked when it meets its target.
    pub fn new(value: Value) -> MergePatch {
        MergePatch { value, proof: None }
    }

    /// A merge patch that was read under a dialect.
    pub(crate) fn parsed(value: Value, dialect: &Dialect) -> MergePatch {
        let proof = Proof { depth: dialect.limits.depth(), has_distinct_names: dialect.ignore_case };
        MergePatch { value, proof: Some(proof) }
    }

    /// Whether it may be nested deeper than `limit` levels.
    pub(crate) fn is_deeper_than(&self, limit: usize) -> bool {
        self.proof.is_none_or(|proof| proof.depth > limit) && value::is_deeper_than(&self.value, limit)
    }

    /// Whether two names of one of its objects may differ only by case.
    pub(crate) fn may_have_twins(&self) -> bool {
        self.proof.is_none_or(|proof| !proof.has_distinct_names)
    }

    /// The merge patch that does what merging this one and then `next` does, for every target (RFC 7396 section 2).
    ///
    /// `None` where no merge patch does that: an object follows a null or another value that is not an object, at the
    /// root or for one member. No merge patch says "empty it first".
    ///
    /// ```
    /// use entity_patch::MergePatch;
    /// use serde_json::json;
    ///
    /// let first = MergePatch::new(json!({"a": 1, "b": {"c": null}}));
    /// let next = MergePatch::new(json!({"a": null, "b": {"d": 2}}));
    /// let both = MergePatch::new(json!({"a": null, "b": {"c": null, "d": 2}}));
    /// assert_eq!(first.then(&next), Some(both));
    /// assert_eq!(first.then(&MergePatch::new(json!({"a": {"x": 1}}))), None);
    /// ```
    pub fn then(&self, next: &MergePatch) -> Option<MergePatch> {
        let mut both = MergePatch::new(value::copy(&self.value, Limits::MAX_DEPTH));
        // Each is a member of both; the first one may be nested deeper than any stack.
        let mut pairs = vec![(&mut both.value, &next.value)];
        while let Some(pair) = pairs.pop() {
            match pair {
                (Value::Object(first), Value::Object(next)) => {
                    for (name, value) in next {
                        // Composed with itself, a merge patch stays what it is.
                        if !first.contains_key(name) {
                            first.insert(name.clone(), value::copy(value, Limits::MAX_DEPTH));
                        }
                    }
                    pairs.extend(first.iter_mut().filter_map(|(name, value)| Some((value, next.get(name)?))));
                }
                (_, Value::Object(_)) => return None,
                (first, next) => value::discard(mem::replace(first, value::copy(next, Limits::MAX_DEPTH))),
            }
        }
        Some(both)
    }

    /// The merge patch as it was sent.
    pub fn as_value(&self) -> &Value {
        &self.value
    }

    /// As `as_value`, by value.
    pub fn into_value(mut self) -> Value {
        mem::take(&mut self.value)
    }
}

impl PartialEq for MergePatch {
    fn eq(&self, other: &MergePatch) -> bool {
        self.value == other.value
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

impl<'de> Deserialize<'de> for MergePatch {
    /// As a [`Value`] is read: of a duplicate name the last one counts. For the body of a request use
    /// [`MergePatch::parse`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MergePatch, D::Error> {
        Value::deserialize(deserializer).map(MergePatch::new)
    }
}

impl fmt::Display for MergePatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}
