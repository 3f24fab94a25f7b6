//! The shortest merge patch between two versions of a document.

use std::mem;

use serde_json::{Map, Value, map};

use crate::{dialect::Limits, json::value, patch::merge_patch::MergePatch};

/// The shortest merge patch that turns `source` into `target` (RFC 7396 section 2), or `None` where no merge patch
/// does: where an object of the target holds a null that the source does not have there already. (Nulls in arrays are
/// no obstacle, for arrays are replaced whole.)
///
/// It names only what changes; equal values are left out, and between two equal objects it is `{}`. It is a merge patch
/// by the RFC's rules: a dialect with `merge_appends` reads an object that is sent for an array in another way.
///
/// ```
/// use entity_patch::merge_diff;
/// use serde_json::json;
///
/// let source = json!({"Name": "old", "State": "Active", "Secret": "s", "Headers": {"A": "1", "B": "2"}});
/// let target = json!({"Name": "new", "State": "Active", "Headers": {"A": "1", "B": "3"}});
/// let merge = merge_diff(&source, &target).expect("no new null");
/// assert_eq!(*merge.as_value(), json!({"Name": "new", "Secret": null, "Headers": {"B": "3"}}));
///
/// assert_eq!(merge_diff(&json!({}), &json!({"Name": null})), None);
/// ```
pub fn merge_diff(source: &Value, target: &Value) -> Option<MergePatch> {
    match (source, target) {
        (Value::Object(source), Value::Object(target)) => objects(source, target).map(MergePatch::new),
        _ => whole(target).map(MergePatch::new),
    }
}

/// An object of both documents, while its part of the merge patch is made.
struct OpenPair<'v> {
    /// The name in the object around it.
    name: &'v str,
    source: &'v Map<String, Value>,
    targets: map::Iter<'v>,
    patch: Map<String, Value>,
}

impl<'v> OpenPair<'v> {
    fn new(name: &'v str, source: &'v Map<String, Value>, target: &'v Map<String, Value>) -> OpenPair<'v> {
        let removed = source.keys().filter(|name| !target.contains_key(*name));
        let patch = removed.map(|name| (name.clone(), Value::Null)).collect();
        OpenPair { name, source, targets: target.iter(), patch }
    }
}

impl Drop for OpenPair<'_> {
    /// What there is of the patch may be nested deeper than any stack.
    fn drop(&mut self) {
        value::discard(Value::Object(mem::take(&mut self.patch)));
    }
}

fn objects(source: &Map<String, Value>, target: &Map<String, Value>) -> Option<Value> {
    let mut around = vec![];
    let mut open = OpenPair::new("", source, target);
    loop {
        match open.targets.next() {
            Some((name, new)) => match (open.source.get(name), new) {
                (Some(Value::Object(source)), Value::Object(target)) => {
                    around.push(mem::replace(&mut open, OpenPair::new(name, source, target)));
                }
                (Some(old), new) if value::equal(old, new) => {}
                (_, Value::Null) => return None,
                (_, new) => {
                    open.patch.insert(name.clone(), whole(new)?);
                }
            },
            None => {
                let done = mem::take(&mut open.patch);
                let name = open.name;
                match around.pop() {
                    None => return Some(Value::Object(done)),
                    Some(outer) => open = outer,
                }
                if !done.is_empty() {
                    open.patch.insert(name.to_owned(), Value::Object(done));
                }
            }
        }
    }
}

/// The merge patch that puts a whole value where there is nothing to merge it into.
fn whole(target: &Value) -> Option<Value> {
    let mut objects = vec![target];
    while let Some(value) = objects.pop() {
        if let Value::Object(members) = value {
            for member in members.values() {
                match member {
                    Value::Null => return None,
                    Value::Object(_) => objects.push(member),
                    Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
                }
            }
        }
    }
    Some(value::copy(target, Limits::DEFAULT.depth()))
}
