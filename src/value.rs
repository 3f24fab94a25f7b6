//! What the crate asks of a `serde_json::Value` as a whole: equality, depth, size, and an end without recursion.
//!
//! A value that came from elsewhere may be nested deeper than any stack: only what is bounded by a depth limit recurses.

use serde_json::{Map, Value};

use crate::number;

/// Whether serde_json keeps members in the order in which they were inserted (its feature `preserve_order`). Its
/// features are invisible to other crates, and another crate of the same build may turn this one on; what shows is
/// that a `Map` is then no longer a `BTreeMap`.
pub(crate) const PRESERVES_ORDER: bool =
    size_of::<Map<String, Value>>() != size_of::<std::collections::BTreeMap<String, Value>>();

/// Whether two JSON values are equal: member order is ignored, and numbers are equal when they are numerically equal.
/// Recurses as deep as the shallower of the two.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => number::equal(left, right),
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => equal_objects(left, right),
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => false,
    }
}

fn equal_objects(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    left.len() == right.len() && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
}

/// Whether a value is nested deeper than `limit` levels: a scalar has 0, `[]` has 1.
pub(crate) fn is_deeper_than(value: &Value, limit: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(_) | Value::Object(_) if limit == 0 => true,
        Value::Array(elements) => elements.iter().any(|element| is_deeper_than(element, limit - 1)),
        Value::Object(members) => members.values().any(|member| is_deeper_than(member, limit - 1)),
    }
}

/// The length of the value as compact JSON, in bytes, or `None` where it is above `limit`. The value is no deeper than
/// the depth limit.
pub(crate) fn size_within(value: &Value, limit: usize) -> Option<usize> {
    let mut counter = Counter { left: limit };
    serde_json::to_writer(&mut counter, value).ok()?;
    Some(limit - counter.left)
}

/// Counts what is written, and fails once it is too much.
struct Counter {
    left: usize,
}

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Drops a value of any depth without recursion.
pub(crate) fn discard(value: Value) {
    let mut containers = vec![];
    let mut next = Some(value);
    while let Some(value) = next {
        match value {
            Value::Array(elements) => containers.extend(elements.into_iter().filter(is_container)),
            Value::Object(members) => {
                containers.extend(members.into_iter().map(|(_, value)| value).filter(is_container))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        next = containers.pop();
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equality_ignores_member_order_and_spelling_of_numbers() {
        assert!(equal(&json!({"a": 1, "b": [2.0]}), &json!({"b": [2], "a": 1.0})));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!equal(&json!({"a": null}), &json!({"b": null})));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
        assert!(!equal(&json!(0), &json!(false)));
    }

    #[test]
    fn depth_counts_containers() {
        assert!(!is_deeper_than(&json!("a"), 0));
        assert!(is_deeper_than(&json!([]), 0));
        assert!(!is_deeper_than(&json!([{}]), 2));
        assert!(is_deeper_than(&json!([{}]), 1));
    }

    #[test]
    fn size_is_that_of_compact_json() {
        let value = json!({"a": [1, "b"]});
        assert_eq!(size_within(&value, 100), Some(value.to_string().len()));
        assert_eq!(size_within(&value, 5), None);
    }

    #[test]
    fn the_order_of_members_is_what_a_map_shows() {
        let map: Map<String, Value> = ["b", "a"].into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
        assert_eq!(PRESERVES_ORDER, map.keys().next().is_some_and(|name| name == "b"));
    }
}
