//! What the crate asks of a `serde_json::Value` as a whole: equality, depth, size, and an end without recursion.
//!
//! A value that came from elsewhere may be nested deeper than any stack: only what is bounded by a depth limit
//! recurses.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::json::number;

/// Whether serde_json keeps members in the order in which they were inserted (its feature `preserve_order`). Its
/// features are invisible to other crates, and another crate of the same build may turn this one on; what shows is
/// that a `Map` is then no longer a `BTreeMap`.
pub(crate) const PRESERVES_ORDER: bool =
    size_of::<Map<String, Value>>() != size_of::<std::collections::BTreeMap<String, Value>>();

/// Whether two JSON values are equal: member order is ignored, and numbers are equal when they are numerically equal.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    equal_within(left, right, &mut { usize::MAX }) == Some(true)
}

/// As [`equal`], or `None` where the numbers that a tree keeps as text are together longer than `work`, from which their
/// length is taken.
pub(crate) fn equal_within(left: &Value, right: &Value, work: &mut usize) -> Option<bool> {
    if !is_container(left) {
        return can_afford(left, work).then(|| are_equal_scalars(left, right));
    }
    let mut comparison = Comparison { opened: Vec::new(), work, is_exhausted: false };
    let mut is_equal = comparison.may_be_equal(left, right);
    while let Some(pair) = comparison.opened.pop().filter(|_| is_equal) {
        is_equal = match pair {
            (Value::Array(left), Value::Array(right)) => {
                left.iter().zip(right).all(|(left, right)| comparison.may_be_equal(left, right))
            }
            (Value::Object(left), Value::Object(right)) => comparison.have_equal_members(left, right),
            _ => false,
        };
    }
    (!comparison.is_exhausted).then_some(is_equal)
}

struct Comparison<'v, 'w> {
    /// The containers that have to be opened.
    opened: Vec<(&'v Value, &'v Value)>,
    work: &'w mut usize,
    is_exhausted: bool,
}

impl<'v> Comparison<'v, '_> {
    /// Whether two values are equal as far as they show without being opened: scalars are, and two containers of one
    /// kind and length are put on the list of those that have to be opened.
    fn may_be_equal(&mut self, left: &'v Value, right: &'v Value) -> bool {
        let are_containers = match (left, right) {
            (Value::Array(left), Value::Array(right)) => left.len() == right.len(),
            (Value::Object(left), Value::Object(right)) => left.len() == right.len(),
            _ => {
                self.is_exhausted = !can_afford(left, self.work);
                return !self.is_exhausted && are_equal_scalars(left, right);
            }
        };
        if are_containers {
            self.opened.push((left, right));
        }
        are_containers
    }

    /// Whether the members of two objects of one length may be equal.
    fn have_equal_members(&mut self, left: &'v Map<String, Value>, right: &'v Map<String, Value>) -> bool {
        // Both sides mostly have their names in one order, which spares the look-ups.
        left.iter().zip(right).all(|((name, left), (other, other_value))| {
            let member = if name == other { Some(other_value) } else { right.get(name) };
            member.is_some_and(|right| self.may_be_equal(left, right))
        })
    }
}

/// Accounts for a number that may be long, and be compared again and again.
fn can_afford(scalar: &Value, work: &mut usize) -> bool {
    let length = match scalar {
        Value::Number(number) => number::kept_length(number),
        _ => 0,
    };
    let left = work.checked_sub(length);
    *work = left.unwrap_or(0);
    left.is_some()
}

/// Whether two values are equal scalars. Most of what is compared is, and this is the short way to say so.
#[inline]
pub(crate) fn are_equal_scalars(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => number::equal(left, right),
        (Value::String(left), Value::String(right)) => left == right,
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => false,
    }
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

/// The length of the value as compact JSON, in bytes, or `None` where it is above `limit`.
pub(crate) fn size_within(value: &Value, limit: usize) -> Option<usize> {
    let mut counter = Counter::up_to(limit);
    counter.value(value)?;
    Some(limit - counter.left)
}

/// Counts what is written, and fails once it is too much.
pub(crate) struct Counter {
    left: usize,
}

impl Counter {
    pub(crate) fn up_to(limit: usize) -> Counter {
        Counter { left: limit }
    }

    pub(crate) fn value(&mut self, value: &Value) -> Option<()> {
        let mut opened = vec![];
        let mut next = Some(value);
        while let Some(value) = next {
            match value {
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.write(value)?,
                Value::Array(elements) => {
                    self.punctuation(elements.len(), 1)?;
                    opened.extend(elements);
                }
                Value::Object(members) => {
                    self.punctuation(members.len(), 2)?;
                    for (name, member) in members {
                        self.write(name)?;
                        opened.push(member);
                    }
                }
            }
            next = opened.pop();
        }
        Some(())
    }

    pub(crate) fn write(&mut self, json: &impl Serialize) -> Option<()> {
        serde_json::to_writer(self, json).ok()
    }

    /// The brackets of a container, and what comes between its items: a comma each but for the last, and a colon in
    /// each member.
    pub(crate) fn punctuation(&mut self, items: usize, each: usize) -> Option<()> {
        self.left = self.left.checked_sub((2 + items * each).saturating_sub(usize::from(items > 0)))?;
        Some(())
    }
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

/// Clones a value. Recurses for `levels` of its containers at most.
pub(crate) fn copy(value: &Value, levels: usize) -> Value {
    if is_deeper_than(value, levels) { copy_deep(value) } else { value.clone() }
}

/// Clones a value of any depth without recursion.
fn copy_deep(value: &Value) -> Value {
    let mut open = vec![];
    let mut copied = CopyFrame::begin(value, &mut open);
    while let Some(innermost) = open.last_mut() {
        if let Some(value) = copied.take() {
            innermost.put(value);
        }
        copied = match innermost.next() {
            Some(item) => CopyFrame::begin(item, &mut open),
            None => open.pop().map(CopyFrame::end),
        };
    }
    copied.unwrap_or_default()
}

/// A container that is being copied: what there is of the copy, and what is left to copy.
enum CopyFrame<'v> {
    Array(Vec<Value>, std::slice::Iter<'v, Value>),
    /// The name is that of the member that is being copied.
    Object(Map<String, Value>, &'v str, serde_json::map::Iter<'v>),
}

impl<'v> CopyFrame<'v> {
    /// Copies a scalar, or opens a container.
    fn begin(value: &'v Value, open: &mut Vec<CopyFrame<'v>>) -> Option<Value> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Some(value.clone()),
            Value::Array(elements) => open.push(CopyFrame::Array(Vec::with_capacity(elements.len()), elements.iter())),
            Value::Object(members) => open.push(CopyFrame::Object(Map::new(), "", members.iter())),
        }
        None
    }

    fn next(&mut self) -> Option<&'v Value> {
        match self {
            CopyFrame::Array(_, elements) => elements.next(),
            CopyFrame::Object(_, name, members) => {
                let (next, member) = members.next()?;
                *name = next;
                Some(member)
            }
        }
    }

    fn put(&mut self, value: Value) {
        match self {
            CopyFrame::Array(copied, _) => copied.push(value),
            CopyFrame::Object(copied, name, _) => {
                copied.insert((*name).to_owned(), value);
            }
        }
    }

    fn end(self) -> Value {
        match self {
            CopyFrame::Array(copied, _) => Value::Array(copied),
            CopyFrame::Object(copied, ..) => Value::Object(copied),
        }
    }
}

/// Drops a value of any depth without recursion.
pub(crate) fn discard(value: Value) {
    if !is_container(&value) {
        return;
    }
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

/// Whether a value is an array or an object, and not a scalar.
#[inline]
pub(crate) fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_size_is_that_of_the_compact_text() {
        for value in [
            json!(null),
            json!("a\n"),
            json!([]),
            json!({}),
            json!([1]),
            json!([1, [], 2]),
            json!({"a": [1, "b"]}),
            json!({"a": 1}),
            json!({"a": {}, "b\"": [1, 2, 3], "c": {"d": 1.5, "e": null}}),
        ] {
            let length = value.to_string().len();
            assert_eq!(size_within(&value, length), Some(length), "{value}");
            assert_eq!(size_within(&value, length + 100), Some(length), "{value}");
            assert_eq!(size_within(&value, length - 1), None, "{value}");
        }
    }

    #[test]
    fn a_depth_is_compared_with_its_limit() {
        for (value, depth) in [
            (json!("a"), 0),
            (json!(1), 0),
            (json!([]), 1),
            (json!([{}]), 2),
            (json!({"a": {"b": 1}, "c": 1}), 2),
            (json!([[], [[]]]), 3),
        ] {
            assert_eq!(is_container(&value), depth > 0, "{value}");
            for limit in 0..5 {
                assert_eq!(is_deeper_than(&value, limit), depth > limit, "{value}, {limit}");
                assert_eq!(copy(&value, limit), value);
            }
        }
    }

    #[test]
    fn equality_ignores_member_order_and_spelling_of_numbers() {
        assert!(equal(&json!({"a": 1, "b": [2.0]}), &json!({"b": [2], "a": 1.0})));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!equal(&json!({"a": null}), &json!({"b": null})));
        assert!(!equal(&json!([1, 2]), &json!([2, 1])));
        assert!(!equal(&json!(0), &json!(false)));
        let is_kept = number::ARBITRARY_PRECISION;
        assert_eq!(equal_within(&json!([1]), &json!([1]), &mut { 0 }), (!is_kept).then_some(true));
        assert_eq!(equal_within(&json!(1), &json!(1), &mut { 0 }), (!is_kept).then_some(true));
        assert_eq!(equal_within(&json!([1]), &json!([1.0]), &mut { 1 }), Some(true));
    }

    #[test]
    fn no_depth_is_too_much() {
        let nested = |inner| {
            (0..100_000).fold(inner, |value, level| match level % 2 {
                0 => Value::Array(vec![value, json!("end")]),
                _ => Value::Object([("a".to_owned(), value), ("b".to_owned(), json!([]))].into_iter().collect()),
            })
        };
        let (one, two) = (nested(json!(1)), nested(json!(2)));
        let copied = copy(&one, 127);
        assert!(equal(&copied, &one));
        assert!(!equal(&copied, &two));
        assert_eq!(size_within(&one, usize::MAX), Some(1 + 50_000 * (r#"[,"end"]"#.len() + r#"{"a":,"b":[]}"#.len())));
        [one, two, copied].into_iter().for_each(discard);
    }

    #[test]
    fn the_order_of_members_is_what_a_map_shows() {
        let map: Map<String, Value> = ["b", "a"].into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
        assert_eq!(PRESERVES_ORDER, map.keys().next().is_some_and(|name| name == "b"));
    }
}
