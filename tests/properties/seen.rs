//! What an entity holds, read from its JSON by its description alone, as naively as it can be written.

use entity_patch::{Access, superoffice::DateTime};
use serde_json::{Map, Value};
use unicase::UniCase;

use super::{
    choices::{self, Choices},
    entities::{Member, Shape, Spec},
    model,
};

/// Whether a name is declared, exactly.
fn member_of(shape: &Shape, name: &str) -> Option<&'static Member> {
    shape.members.iter().find(|member| member.name == name || member.alias == Some(name))
}

/// A value with the names of the table, and every absent member as what it reads as. A hidden member without a default
/// that is absent stays so.
pub fn whole(spec: Spec, value: &Value) -> Value {
    match (spec, value) {
        (Spec::Object(shape), Value::Object(object)) => {
            let shape = shape();
            let mut result = Map::new();
            for member in shape.members {
                match member.name_in(object) {
                    Some(name) => drop(result.insert(member.name.to_owned(), whole(member.spec, &object[name]))),
                    None if member.absent.is_some() => {
                        result.insert(member.name.to_owned(), whole(member.spec, &member.absent_value()));
                    }
                    None => {}
                }
            }
            for (name, value) in object.iter().filter(|(name, _)| shape.keeps && member_of(&shape, name).is_none()) {
                result.insert(name.clone(), value.clone());
            }
            result.into()
        }
        (Spec::List(of, _), Value::Array(list)) => list.iter().map(|value| whole(*of, value)).collect(),
        (Spec::Map(of), Value::Object(map)) => {
            map.iter().map(|(name, value)| (name.clone(), whole(*of, value))).collect::<Map<_, _>>().into()
        }
        (_, value) => value.clone(),
    }
}

/// What a client sees of a value that was written: what was left out, or is null where its type takes none, is the default;
/// and each member is spelled as its type writes it. What its type does not read stays as it is.
pub fn settled(spec: Spec, value: &Value) -> Value {
    match (spec, value) {
        (Spec::Object(of), Value::Object(object)) => {
            let shape = of();
            let mut result = Map::new();
            for member in shape.members.iter().filter(|member| member.access != Access::Hidden) {
                let written = member.name_in(object).map(|name| &object[name]).filter(|value| !value.is_null());
                let value = settled(member.spec, &written.cloned().unwrap_or_else(|| member.absent_value()));
                result.insert(member.name.to_owned(), spelled(of, member, value));
            }
            for (name, value) in object.iter().filter(|(name, _)| shape.keeps && member_of(&shape, name).is_none()) {
                if !is_unseen(&shape, name) {
                    result.insert(name.clone(), value.clone());
                }
            }
            result.into()
        }
        (Spec::List(of, _), Value::Array(list)) => list.iter().map(|value| settled(*of, value)).collect(),
        (Spec::Map(of), Value::Object(map)) => {
            map.iter().map(|(name, value)| (name.clone(), settled(*of, value))).collect::<Map<_, _>>().into()
        }
        (_, value) => value.clone(),
    }
}

/// The value of a leaf as its type writes it, in the simplest entity that has it. One that is equal stays as it is.
fn spelled(of: fn() -> Shape, member: &Member, value: Value) -> Value {
    let Spec::Leaf(_) = member.spec else { return value };
    let mut object = choices::stored(Spec::Object(of), &mut Choices(&[]), 9);
    object[member.name] = value.clone();
    match (of().rewritten)(&object).and_then(|object| object.get(member.name).cloned()) {
        Some(written) if !model::equal(&written, &value) => written,
        _ => value,
    }
}

/// What of a value a client sees, whatever it is spelled like: nothing that has the name of a hidden member, in any case.
pub fn shown(spec: Spec, value: &Value) -> Value {
    edited(spec, value, &|member, value| {
        let is_shown = member.is_some_and(|member| member.access != Access::Hidden);
        is_shown.then(|| value.clone())
    })
}

/// Whether no client sees an undeclared member of this name: a hidden one has it in another case.
fn is_unseen(shape: &Shape, name: &str) -> bool {
    let mut hidden = shape.members.iter().filter(|member| member.access == Access::Hidden);
    hidden.any(|member| {
        member.alias.into_iter().chain([member.name]).any(|own| UniCase::unicode(own) == UniCase::unicode(name))
    })
}

/// A value in which each declared member is another one, or none; and so is each undeclared one that no client sees, of
/// which no member is known.
pub fn edited(spec: Spec, value: &Value, edit: &dyn Fn(Option<&Member>, &Value) -> Option<Value>) -> Value {
    match (spec, value) {
        (Spec::Object(shape), Value::Object(object)) => {
            let shape = shape();
            let mut result = Map::new();
            for (name, value) in object {
                match member_of(&shape, name) {
                    Some(member) => {
                        if let Some(value) = edit(Some(member), value) {
                            result.insert(name.clone(), edited(member.spec, &value, edit));
                        }
                    }
                    None if shape.keeps && is_unseen(&shape, name) => {
                        result.extend(edit(None, value).map(|value| (name.clone(), value)));
                    }
                    None if shape.keeps => drop(result.insert(name.clone(), value.clone())),
                    None => {}
                }
            }
            result.into()
        }
        (Spec::List(of, _), Value::Array(list)) => list.iter().map(|value| edited(*of, value, edit)).collect(),
        (Spec::Map(of), Value::Object(map)) => {
            let members = map.iter().map(|(name, value)| (name.clone(), edited(*of, value, edit)));
            members.collect::<Map<_, _>>().into()
        }
        (_, value) => value.clone(),
    }
}

/// Whether two values of a member are equal to its type.
fn equal(member: &Member, old: &Value, new: &Value) -> bool {
    let date = |value: &Value| serde_json::from_value::<DateTime>(value.clone()).ok();
    model::equal(old, new) || (member.is_date && date(old).is_some() && date(old) == date(new))
}

/// Whether all values are equal, at every depth, to their types.
pub fn all_equal(spec: Spec, old: &Value, new: &Value) -> bool {
    let mut changes = Vec::new();
    changed(spec, old, new, "", &mut changes);
    changes.is_empty()
}

/// Where two whole values differ: members, at their deepest; the path of an array where any of its elements does.
pub fn changed(spec: Spec, old: &Value, new: &Value, path: &str, changes: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match (spec, old, new) {
        (Spec::Object(shape), Value::Object(old), Value::Object(new)) => {
            let shape = shape();
            for member in shape.members {
                let place = format!("{path}/{}", escaped(member.name));
                match (old.get(member.name), new.get(member.name)) {
                    (Some(old), Some(new)) if equal(member, old, new) => {}
                    (Some(old), Some(new)) => changed(member.spec, old, new, &place, changes),
                    (None, None) => {}
                    _ => changes.push(place),
                }
            }
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            for name in names.filter(|name| shape.keeps && member_of(&shape, name).is_none()) {
                let is_equal =
                    matches!((old.get(name), new.get(name)), (Some(old), Some(new)) if model::equal(old, new));
                if !is_equal {
                    changes.push(format!("{path}/{}", escaped(name)));
                }
            }
        }
        (Spec::Map(of), Value::Object(old), Value::Object(new)) => {
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                let place = format!("{path}/{}", escaped(name));
                match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => changed(*of, old, new, &place, changes),
                    _ => changes.push(place),
                }
            }
        }
        (Spec::List(of, _), Value::Array(old), Value::Array(new)) => {
            let is_equal = |(old, new)| all_equal(*of, old, new);
            if old.len() != new.len() || !old.iter().zip(new).all(is_equal) {
                changes.push(path.to_owned());
            }
        }
        _ if model::equal(old, new) => {}
        _ => changes.push(path.to_owned()),
    }
}

/// Where two values differ that no table governs: members, and elements of arrays that are as long as each other.
pub fn differences(old: &Value, new: &Value, path: &str, places: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
                let place = format!("{path}/{}", escaped(name));
                match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => differences(old, new, &place, places),
                    _ => places.push(place),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let pairs = old.iter().zip(new).enumerate();
            pairs.for_each(|(index, (old, new))| differences(old, new, &format!("{path}/{index}"), places));
        }
        _ if model::equal(old, new) => {}
        _ => places.push(path.to_owned()),
    }
}

/// The paths of all that is in a value.
pub fn places(value: &Value, path: &str, places: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        Value::Object(object) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            object.iter().map(|(name, value)| (escaped(name), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    for (name, value) in children {
        let place = format!("{path}/{name}");
        self::places(value, &place, places);
        places.push(place);
    }
}

/// Whether nothing differs that only the server writes. Both are whole; `None` is what was not there before.
pub fn keeps_what_is_protected(spec: Spec, old: Option<&Value>, new: &Value, may_forget: bool) -> bool {
    match (spec, new) {
        (Spec::Object(shape), Value::Object(new)) => {
            let shape = shape();
            let empty = Map::new();
            let was = old.and_then(Value::as_object);
            let own = was.unwrap_or(&empty);
            let is_kept = shape.members.iter().all(|member| {
                let absent = member.absent.map(|_| whole(member.spec, &member.absent_value()));
                let now = new.get(member.name).cloned().unwrap_or_default();
                let before = match was {
                    Some(_) => own.get(member.name).cloned().or(absent.clone()),
                    None => absent.clone(),
                };
                let is_new =
                    |now: &Value| now.is_null() || absent.as_ref().is_some_and(|absent| model::equal(absent, now));
                match member.access {
                    Access::Writable => keeps_what_is_protected(member.spec, own.get(member.name), &now, may_forget),
                    Access::ReadOnly => {
                        before.is_some_and(|before| all_equal(member.spec, &before, &now))
                            || (was.is_none() && is_new(&now))
                    }
                    Access::Hidden if was.is_none() || may_forget => {
                        absent.as_ref().is_some_and(|absent| model::equal(absent, &now))
                            || was.is_some_and(|was| {
                                was.get(member.name).is_some_and(|before| model::equal(before, &now))
                            })
                    }
                    Access::Hidden => before.unwrap_or_default() == now,
                }
            });
            let undeclared = |object: &Map<String, Value>, are_unseen: bool| -> Map<String, Value> {
                let all = object.iter().filter(|(name, _)| member_of(&shape, name).is_none());
                let all = all.filter(|(name, _)| is_unseen(&shape, name) == are_unseen);
                all.map(|(name, value)| (name.clone(), value.clone())).collect()
            };
            let are_equal =
                |are_unseen| model::equal(&undeclared(own, are_unseen).into(), &undeclared(new, are_unseen).into());
            let are_forgotten = (was.is_none() || may_forget) && undeclared(new, true).is_empty();
            is_kept && (!shape.keeps || ((shape.is_open || are_equal(false)) && (are_forgotten || are_equal(true))))
        }
        (Spec::Map(of), Value::Object(new)) => {
            let empty = Map::new();
            let own = old.and_then(Value::as_object).unwrap_or(&empty);
            let gone: Vec<&Value> =
                own.iter().filter(|(name, _)| !new.contains_key(*name)).map(|(_, old)| old).collect();
            new.iter().all(|(name, new)| match own.get(name) {
                Some(old) => keeps_what_is_protected(*of, Some(old), new, may_forget),
                // A value that is moved to another name takes its hidden members along.
                None => {
                    keeps_what_is_protected(*of, None, new, may_forget)
                        || gone.iter().any(|old| keeps_what_is_protected(*of, Some(old), new, may_forget))
                }
            })
        }
        (Spec::List(of, by), Value::Array(new)) => {
            let own: Vec<&Value> = old.and_then(Value::as_array).map_or_else(Vec::new, |own| own.iter().collect());
            match by {
                Some(by) => keyed_are_kept(*of, by, &own, new, may_forget),
                None => unkeyed_are_kept(*of, own, new),
            }
        }
        _ => true,
    }
}

fn keyed_are_kept(of: Spec, by: &str, own: &[&Value], new: &[Value], may_forget: bool) -> bool {
    let key = |value: &Value| value.get(by).filter(|key| !key.is_null()).cloned();
    let are_kept = new.iter().all(|new| {
        let Some(name) = key(new) else { return true };
        let has_key = |old: &&&Value| key(old).is_some_and(|other| model::equal(&other, &name));
        let mut partners = own.iter().filter(has_key).peekable();
        match partners.peek() {
            Some(_) => partners.any(|old| keeps_what_is_protected(of, Some(old), new, may_forget)),
            None => keeps_what_is_protected(of, None, new, may_forget),
        }
    });
    // Without a key it is new, or one that had none.
    let unkeyed: Vec<Value> = new.iter().filter(|new| key(new).is_none()).cloned().collect();
    let own: Vec<&Value> = own.iter().copied().filter(|old| key(old).is_none()).collect();
    are_kept && unkeyed_are_kept(of, own, &unkeyed)
}

/// Whether each element may be one of the stored ones, each used once, or else is new.
fn unkeyed_are_kept(of: Spec, own: Vec<&Value>, new: &[Value]) -> bool {
    let needs_one = new.iter().filter(|new| !keeps_what_is_protected(of, None, new, true));
    let candidates = |new: &Value| -> Vec<usize> {
        (0..own.len()).filter(|index| keeps_what_is_protected(of, Some(own[*index]), new, true)).collect()
    };
    let needs: Vec<Vec<usize>> = needs_one.map(candidates).collect();
    can_be_given(&needs, &mut vec![false; own.len()])
}

fn can_be_given(needs: &[Vec<usize>], is_given: &mut [bool]) -> bool {
    let Some((first, rest)) = needs.split_first() else { return true };
    first.iter().any(|index| {
        let is_free = !std::mem::replace(&mut is_given[*index], true);
        let fits = is_free && can_be_given(rest, is_given);
        is_given[*index] &= !is_free;
        fits
    })
}

/// The values of a member, wherever arrays and maps lead, but for those that are null or its default.
pub fn values_of(spec: Spec, value: &Value, names: &[&str], values: &mut Vec<String>) {
    match (spec, value) {
        (Spec::List(of, _), Value::Array(list)) => list.iter().for_each(|value| values_of(*of, value, names, values)),
        (Spec::Map(of), Value::Object(map)) => map.values().for_each(|value| values_of(*of, value, names, values)),
        (Spec::Object(shape), Value::Object(object)) => {
            let Some((name, rest)) = names.split_first() else { return };
            let shape = shape();
            let Some(member) = member_of(&shape, name) else { return };
            let Some(value) = object.get(member.name) else { return };
            if !rest.is_empty() {
                values_of(member.spec, value, rest, values);
            } else if !value.is_null() && !model::equal(value, &whole(member.spec, &member.absent_value())) {
                values.push(shown(member.spec, value).to_string());
            }
        }
        _ => {}
    }
}
