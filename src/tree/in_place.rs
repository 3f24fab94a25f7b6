//! A merge patch written straight into a tree, where it is certain that the list of operations that it stands for would
//! do the same, and could not fail. What is not certain is left to the list.
//!
//! These are the rules of [`Merge`](crate::document::merge::Merge) once more. There each question names a value anew, which costs a list
//! and a text nothing, and a tree another look-up: a merge was half as slow again as one that is not atomic. Here the
//! tree is looked at first, and then written to, and the second pass knows where the first one found each name. The
//! rows of `tests/data` and the laws ask both.

use std::mem;

use serde_json::{Map, Value};

use super::merge::without_nulls;
use crate::{
    dialect::Dialect,
    json::{
        name::{self, Case, Found, NameIndex},
        value::{self, PRESERVES_ORDER},
    },
    tree::{self, FEW},
};

/// Merges a patch, or leaves everything as it is and returns `false`.
pub(super) fn merge(target: &mut Value, patch: &Value, dialect: &Dialect) -> bool {
    let depth = dialect.limits.depth();
    let (Value::Object(members), Value::Object(patch)) = (&mut *target, patch) else {
        let is_certain = !dialect.merge_objects_only && !value::is_deeper_than(patch, depth);
        if is_certain {
            replace(target, patch);
        }
        return is_certain;
    };
    // Room for most patches.
    let mut plan = Plan { case: dialect.case(), appends: dialect.merge_appends, members: Vec::with_capacity(FEW) };
    let is_certain = plan.is_certain_of(members, patch, depth);
    if is_certain {
        Writer { appends: plan.appends, members: &plan.members }.merge(members, patch.len());
    }
    is_certain
}

/// A member of a patch, and what its name stands for.
struct Planned<'p> {
    name: &'p str,
    value: &'p Value,
    place: Place,
}

/// The most bytes of names of a patch that are compared for one of them.
const LONG: usize = 16 * 1024;

/// What a name of a patch stands for among the members of the target.
#[derive(Clone, Copy)]
enum Place {
    /// The member at this position, 0-based.
    At(usize),
    /// The member of exactly this name, among many.
    Exact,
    /// None: it is a new member.
    New,
}

/// The first pass, which changes nothing.
struct Plan<'p> {
    case: Case,
    appends: bool,
    /// The members of each object that is merged into another one, in the order in which these are met.
    members: Vec<Planned<'p>>,
}

impl<'p> Plan<'p> {
    /// Whether an object can be merged into another one that may have so many levels: no name is ambiguous, no two
    /// names of the patch stand for one member, nothing becomes too deep, and no object is so wide that looking at all
    /// of its names for one name would not pay.
    fn is_certain_of(&mut self, target: &Map<String, Value>, patch: &'p Map<String, Value>, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return false };
        let first = self.members.len();
        self.members.extend(patch.iter().map(|(name, value)| Planned { name, value, place: Place::New }));
        let are_certain = match target.len() <= FEW {
            true => {
                // Telling them apart, most of them by their length, is faster than a look-up, once they are in a row.
                let mut row = [""; FEW];
                row.iter_mut().zip(target.keys()).for_each(|(place, name)| *place = name);
                let names = &row[..target.len()];
                let exact = |name: &str| names.iter().position(|other| *other == name).map(Place::At);
                self.find_all(first, target, exact, |name| name::find_folded(names.iter().copied(), name))
            }
            false => {
                let exact = |name: &str| target.contains_key(name).then_some(Place::Exact);
                let names = || target.keys().map(String::as_str);
                self.find_all(first, target, exact, |name| name::find_folded(names(), name))
            }
        };
        are_certain && (first..first + patch.len()).all(|index| self.is_certain_at(index, target, patch.len(), levels))
    }

    /// Finds out what the names of the last object stand for. `false` if that is not certain.
    fn find_all(
        &mut self,
        first: usize,
        target: &Map<String, Value>,
        exact: impl Fn(&str) -> Option<Place>,
        folded: impl Fn(&str) -> Found,
    ) -> bool {
        let members = &mut self.members[first..];
        (0..members.len()).all(|index| {
            let name = members[index].name;
            members[index].place = match exact(name) {
                Some(place) => place,
                None if self.case == Case::Exact => Place::New,
                // The list compares a name with those of the target alone, and not with each other.
                None if is_wide(target, members.len()) || name.len() * members.len() > LONG => return false,
                None if members.iter().any(|other| are_twins(other.name, name)) => return false,
                None => match folded(name) {
                    Found::At(position) => Place::At(position),
                    Found::Nothing => Place::New,
                    Found::Ambiguous => return false,
                },
            };
            true
        })
    }

    /// Whether a member whose place is known can be merged.
    fn is_certain_at(&mut self, index: usize, target: &Map<String, Value>, count: usize, levels: usize) -> bool {
        let Planned { name, value, place } = self.members[index];
        let patch = match value {
            Value::Null => return !PRESERVES_ORDER || matches!(place, Place::New) || !is_wide(target, count),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => return true,
            Value::Array(_) => return !value::is_deeper_than(value, levels),
            Value::Object(patch) => patch,
        };
        let member = match place {
            Place::At(position) => target.values().nth(position),
            Place::Exact => target.get(name),
            Place::New => None,
        };
        match member {
            Some(Value::Object(members)) => self.is_certain_of(members, patch, levels),
            // Behind the last element the object is one level further down.
            Some(Value::Array(_)) if self.appends => {
                levels.checked_sub(1).is_some_and(|levels| !value::is_deeper_than(value, levels))
            }
            _ => !value::is_deeper_than(value, levels),
        }
    }
}

/// Whether looking at all the names for one name would not pay.
fn is_wide(target: &Map<String, Value>, count: usize) -> bool {
    target.len().max(count) > NameIndex::<&str>::PAYS_FROM
}

/// Whether two names of one object differ only by case.
fn are_twins(left: &str, right: &str) -> bool {
    left != right && name::equal_folded(left, right)
}

/// The second pass, which cannot fail.
struct Writer<'p> {
    appends: bool,
    /// Those of the objects that are still to come.
    members: &'p [Planned<'p>],
}

impl Writer<'_> {
    /// Merges the next object, which has so many members.
    fn merge(&mut self, target: &mut Map<String, Value>, count: usize) {
        let (members, others) = self.members.split_at(count);
        self.members = others;
        // First what stays, as long as it has its position. Those of the patch mostly come in the same order.
        let mut come_or_go = false;
        let (mut values, mut next) = (target.values_mut(), 0);
        for &Planned { name, value, place } in members {
            match place {
                Place::New => come_or_go |= !value.is_null(),
                Place::At(_) | Place::Exact if value.is_null() => come_or_go = true,
                Place::At(position) => {
                    if position < next {
                        (values, next) = (target.values_mut(), 0);
                    }
                    if let Some(member) = values.nth(position - next) {
                        self.merge_member(member, value);
                    }
                    next = position + 1;
                }
                Place::Exact => {
                    if let Some(member) = target.get_mut(name) {
                        self.merge_member(member, value);
                    }
                    (values, next) = (target.values_mut(), 0);
                }
            }
        }
        if come_or_go {
            for Planned { name, value, place } in members {
                match place {
                    Place::At(_) | Place::Exact if value.is_null() => remove(target, name),
                    Place::New if !value.is_null() => drop(target.insert((*name).to_owned(), without_nulls(value))),
                    Place::At(_) | Place::Exact | Place::New => {}
                }
            }
        }
    }

    /// Merges a value that is not null into a member.
    fn merge_member(&mut self, member: &mut Value, patch: &Value) {
        match (member, patch) {
            (Value::Object(members), Value::Object(patch)) => self.merge(members, patch.len()),
            (Value::Array(elements), Value::Object(_)) if self.appends => elements.push(without_nulls(patch)),
            (member, patch) => replace(member, patch),
        }
    }
}

/// Replaces a value that is not merged into, unless it is equal.
fn replace(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::String(old), Value::String(new)) if old == new => {}
        // A text takes the room of the one before, unless that was much longer.
        (Value::String(old), Value::String(new)) if old.capacity() / 2 <= new.len() => old.clone_from(new),
        (target, patch) => {
            if !value::equal(target, patch) {
                value::discard(mem::replace(target, without_nulls(patch)));
            }
        }
    }
}

/// Removes the member that a name stands for.
fn remove(members: &mut Map<String, Value>, name: &str) {
    let removed = tree::remove_exactly(members, name).or_else(|| {
        let stored = members.keys().find(|other| name::equal_folded(other, name)).cloned();
        stored.and_then(|name| tree::remove_exactly(members, &name))
    });
    removed.into_iter().for_each(|removed| value::discard(removed.value));
}
