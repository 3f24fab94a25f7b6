//! A merge patch written straight into a tree, where it is certain that the list of operations that it stands for would
//! do the same, and could not fail. What is not certain is left to the list.

use std::{mem, vec};

use serde_json::{Map, Value};

use super::without_nulls;
use crate::{
    dialect::Dialect,
    document::tree,
    name::{self, Case, Found, NameIndex},
    value::{self, PRESERVES_ORDER},
};

/// Merges a patch that is within the depth limit, or leaves everything as it is and returns `false`.
pub(super) fn merge(target: &mut Value, patch: &Value, dialect: &Dialect) -> bool {
    let mut plan = Plan { case: dialect.case(), appends: dialect.merge_appends, places: Vec::new() };
    let is_certain = plan.is_certain_of(target, patch, dialect.limits.depth());
    if is_certain {
        Merging { appends: plan.appends, places: plan.places.into_iter() }.merge(target, patch);
    }
    is_certain
}

/// What a name of a patch stands for among the members of the target.
enum Place {
    /// The member of exactly this name.
    Exact,
    /// The only member whose name is equal under case folding.
    Folded,
    /// None: it is a new member.
    New,
}

/// The first pass, which changes nothing.
struct Plan {
    case: Case,
    appends: bool,
    /// For each name of the patch that is merged into an object, in the order in which they are met.
    places: Vec<Place>,
}

impl Plan {
    /// Whether a patch can be merged into a value that may have so many levels: no name is ambiguous, no two names of
    /// the patch stand for one member, nothing becomes too deep, and no object is so wide that looking at all of its
    /// names for one name would not pay.
    fn is_certain_of(&mut self, target: &Value, patch: &Value, levels: usize) -> bool {
        let (Value::Object(members), Value::Object(patch)) = (target, patch) else { return true };
        let is_wide = members.len().max(patch.len()) > NameIndex::<&str>::PAYS_FROM;
        for (name, value) in patch {
            let (place, member) = match members.get(name) {
                Some(member) => (Place::Exact, Some(member)),
                None if self.case == Case::Exact => (Place::New, None),
                None if is_wide || patch.keys().any(|other| other != name && name::equal_folded(other, name)) => {
                    return false;
                }
                None => match name::find(members.keys().map(String::as_str), name, self.case) {
                    Found::At(position) => (Place::Folded, members.values().nth(position)),
                    Found::Nothing => (Place::New, None),
                    Found::Ambiguous => return false,
                },
            };
            self.places.push(place);
            let is_certain = match (member, value) {
                (None, _) => true,
                (Some(_), Value::Null) => !(PRESERVES_ORDER && is_wide),
                // Behind the last element the object is one level further down.
                (Some(Value::Array(_)), Value::Object(_)) if self.appends => !value::is_deeper_than(value, levels - 2),
                (Some(member), value) => self.is_certain_of(member, value, levels - 1),
            };
            if !is_certain {
                return false;
            }
        }
        true
    }
}

/// The second pass, which cannot fail.
struct Merging {
    appends: bool,
    places: vec::IntoIter<Place>,
}

impl Merging {
    fn merge(&mut self, target: &mut Value, patch: &Value) {
        match (target, patch) {
            (Value::Object(members), Value::Object(patch)) => {
                for (name, value) in patch {
                    match self.places.next() {
                        Some(Place::Exact) => self.merge_member(members, name, value),
                        Some(Place::Folded) => {
                            let stored = members.keys().find(|other| name::equal_folded(other, name)).cloned();
                            stored.into_iter().for_each(|name| self.merge_member(members, &name, value));
                        }
                        Some(Place::New) if value.is_null() => {}
                        Some(Place::New) | None => {
                            members.insert(name.clone(), without_nulls(value));
                        }
                    }
                }
            }
            (target, patch @ Value::Object(_)) => value::discard(mem::replace(target, without_nulls(patch))),
            (target, patch) => {
                if !value::equal(target, patch) {
                    value::discard(mem::replace(target, patch.clone()));
                }
            }
        }
    }

    /// Merges a value into the member of exactly this name.
    fn merge_member(&mut self, members: &mut Map<String, Value>, name: &str, patch: &Value) {
        if patch.is_null() {
            let removed = tree::remove_exactly(members, name);
            return removed.into_iter().for_each(|removed| value::discard(removed.value));
        }
        match (tree::member(members, name), patch) {
            (Some(Value::Array(elements)), Value::Object(_)) if self.appends => elements.push(without_nulls(patch)),
            (Some(member), patch) => self.merge(member, patch),
            (None, _) => {}
        }
    }
}
