//! Stored texts and bodies for an entity, drawn up from a list of numbers: any list gives some, and a shorter list or
//! smaller numbers give simpler ones. Most lead to something that is there and has the type that it should.

use entity_patch::{Access, Dialect, Operation, Patch, Pointer};
use serde_json::{Map, Value, json};

use super::entities::{Member, Shape, Spec};

/// Numbers that are used up one after the other; after the last one, all are 0.
#[derive(Clone, Copy)]
pub struct Choices<'c>(pub &'c [u8]);

impl Choices<'_> {
    pub fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    pub fn below(&mut self, count: usize) -> usize {
        self.next() % count.max(1)
    }

    /// Whether something rare happens; it does not where nothing is left.
    pub fn is_rare(&mut self, one_in: usize) -> bool {
        self.next() % one_in == one_in - 1
    }

    fn sample(&mut self, samples: &[&str], valid_only: bool) -> Value {
        let count = if valid_only { samples.len().min(2) } else { samples.len() };
        serde_json::from_str(samples[self.below(count)]).expect("a sample is JSON")
    }
}

/// An entity as it may be stored: absent members, aliases, undeclared ones.
pub fn stored(spec: Spec, choices: &mut Choices<'_>, depth: usize) -> Value {
    match spec {
        Spec::Leaf(samples) => choices.sample(samples, true),
        Spec::List(of, _) => {
            let count = if depth > 3 { 0 } else { choices.below(4 - depth / 2) };
            (0..count).map(|_| stored(*of, choices, depth + 1)).collect()
        }
        Spec::Map(of) => {
            let count = choices.below(3);
            ["k", "x/y", "K~"][..count]
                .iter()
                .map(|name| ((*name).to_owned(), stored(*of, choices, depth + 1)))
                .collect::<Map<_, _>>()
                .into()
        }
        Spec::Object(shape) => {
            let shape = shape();
            let mut object = Map::new();
            for member in shape.members {
                let is_left_out = member.absent.is_some() && (choices.is_rare(4) || depth > 5);
                if is_left_out {
                    continue;
                }
                let is_null = member.absent == Some("null") && choices.is_rare(4);
                let value = if is_null { Value::Null } else { stored(member.spec, choices, depth + 1) };
                let name = member.alias.filter(|_| choices.is_rare(4)).unwrap_or(member.name);
                object.insert(name.to_owned(), value);
            }
            if choices.is_rare(4) {
                object.insert("other".to_owned(), json!({"a": [1]}));
            }
            if choices.is_rare(6) {
                // An undeclared member has the name of a hidden one in another case.
                let hidden = shape.members.iter().find(|member| member.access == Access::Hidden);
                object.extend(
                    hidden.map(|member| (member.name.to_ascii_uppercase(), stored(member.spec, choices, depth + 1))),
                );
            }
            object.into()
        }
    }
}

/// A value that a client may send for a place that has another one now.
fn sent(spec: Spec, now: Option<&Value>, choices: &mut Choices<'_>, depth: usize) -> Value {
    if choices.is_rare(24) {
        return [json!(null), json!([]), json!({}), json!("a"), json!(1), json!([null])][choices.below(6)].clone();
    }
    match spec {
        Spec::Leaf(samples) => {
            let valid_only = !choices.is_rare(5);
            choices.sample(samples, valid_only)
        }
        Spec::List(of, _) => {
            let own: &[Value] = now.and_then(Value::as_array).map_or(&[], Vec::as_slice);
            let mut list = Vec::new();
            for element in own {
                match choices.below(8) {
                    0..=3 => list.push(element.clone()),
                    4 | 5 => list.push(sent(*of, Some(element), choices, depth + 1)),
                    6 => list.insert(0, element.clone()),
                    _ => {}
                }
            }
            if depth < 4 && (own.is_empty() || choices.is_rare(3)) {
                list.push(sent(*of, None, choices, depth + 1));
            }
            list.into()
        }
        Spec::Map(of) => {
            let empty = Map::new();
            let mut map = Map::new();
            for (name, value) in now.and_then(Value::as_object).unwrap_or(&empty) {
                match choices.below(4) {
                    0 | 1 => drop(map.insert(name.clone(), value.clone())),
                    2 => drop(map.insert(name.clone(), sent(*of, Some(value), choices, depth + 1))),
                    _ => {}
                }
            }
            if choices.is_rare(3) {
                map.insert("n".to_owned(), sent(*of, None, choices, depth + 1));
            }
            map.into()
        }
        Spec::Object(shape) => {
            let shape = shape();
            let empty = Map::new();
            let own = now.and_then(Value::as_object).unwrap_or(&empty);
            if choices.is_rare(24) {
                // Serde reads a struct from an array, too.
                let value = |member: &Member| match own.get(member.name) {
                    Some(value) => value.clone(),
                    None if member.access == Access::Hidden => stored(member.spec, &mut Choices(&[]), 9),
                    None => member.absent_value(),
                };
                return shape.members.iter().map(value).collect();
            }
            let mut object = Map::new();
            for member in shape.members {
                let now = member.name_in(own).map(|name| &own[name]);
                let is_sent = match member.access {
                    Access::Hidden => choices.is_rare(24),
                    Access::ReadOnly => now.is_some() && choices.below(4) > 0,
                    Access::Writable => member.absent.is_none() || choices.below(4) > 0,
                };
                if !is_sent || (depth > 5 && member.absent.is_some()) {
                    continue;
                }
                let is_kept = now.is_some()
                    && (choices.below(3) > 0 || member.access == Access::ReadOnly)
                    && !choices.is_rare(12);
                let value = match now {
                    Some(now) if is_kept => now.clone(),
                    _ => sent(member.spec, now, choices, depth + 1),
                };
                let name = member.alias.filter(|_| choices.is_rare(6)).unwrap_or(member.name);
                object.insert(name.to_owned(), value);
            }
            let is_open = shape.is_open && choices.is_rare(2);
            if is_open || choices.is_rare(24) {
                object.insert("other".to_owned(), json!({"a": [choices.below(3)]}));
            }
            object.into()
        }
    }
}

/// Where an operation goes: down from the root, as far as it is told. What governs the place, and what is there.
fn aim<'v>(shape: fn() -> Shape, document: &'v Value, choices: &mut Choices<'_>) -> (Pointer, Spec, Option<&'v Value>) {
    let (mut path, mut spec, mut now) = (Pointer::ROOT, Spec::Object(shape), Some(document));
    while !path.as_str().is_empty() || !choices.is_rare(10) {
        if !path.as_str().is_empty() && choices.is_rare(3) {
            break;
        }
        match spec {
            Spec::Leaf(_) => {
                if choices.is_rare(24) {
                    path.push("0");
                    now = None;
                }
                break;
            }
            Spec::Object(shape) => {
                let shape = shape();
                if choices.is_rare(24) || (shape.is_open && choices.is_rare(3)) {
                    path.push("other");
                    (spec, now) = (Spec::Leaf(&["1", "2", "null"]), now.and_then(|now| now.get("other")));
                    break;
                }
                let any = &shape.members[choices.below(shape.members.len())];
                let is_aimed_at = match any.access {
                    Access::Writable => true,
                    Access::ReadOnly => choices.is_rare(4),
                    Access::Hidden => choices.is_rare(8),
                };
                let mut writable = shape.members.iter().filter(|member| member.access == Access::Writable);
                let member = if is_aimed_at { any } else { writable.next().unwrap_or(any) };
                let name = member.alias.filter(|_| choices.is_rare(8)).unwrap_or(member.name);
                path.push(name);
                (spec, now) = (member.spec, now.and_then(|now| now.get(member.name)));
            }
            Spec::List(of, _) => {
                let length = now.and_then(Value::as_array).map_or(0, Vec::len);
                match choices.below(8) {
                    0 => {
                        path.push("-");
                        now = None;
                    }
                    1 => {
                        path.push_index(length);
                        now = None;
                    }
                    choice => {
                        let index = if choice == 2 { 0 } else { choices.below(length) };
                        path.push_index(index);
                        now = now.and_then(|now| now.get(index));
                    }
                }
                spec = *of;
            }
            Spec::Map(of) => {
                let names: Vec<&String> =
                    now.and_then(Value::as_object).map(|map| map.keys().collect()).unwrap_or_default();
                let name = match choices.below(4) {
                    0 => "n",
                    _ => names.get(choices.below(names.len())).map_or("k", |name| name.as_str()),
                };
                path.push(name);
                (spec, now) = (*of, now.and_then(|now| now.get(name)));
            }
        }
        if now.is_none() {
            break;
        }
    }
    (path, spec, now)
}

/// A JSON Patch for a document, which is what a client sees. Each operation is aimed at what those before it left.
pub fn json_patch(shape: fn() -> Shape, document: &Value, choices: &mut Choices<'_>, moves: bool) -> Patch {
    let mut document = document.clone();
    let mut operations = Vec::new();
    for _ in 0..1 + choices.below(5) {
        let (path, spec, now) = aim(shape, &document, choices);
        let operation = match choices.below(if moves { 16 } else { 11 }) {
            0..=2 => Operation::Replace { path, value: sent(spec, now, choices, 0) },
            3..=5 => Operation::Add { path, value: sent(spec, now, choices, 0) },
            6..=8 => Operation::Remove { path },
            9 => Operation::Test { path, value: now.cloned().unwrap_or_default() },
            10 => Operation::Test { path, value: sent(spec, now, choices, 0) },
            11..=13 => Operation::Move { from: aim(shape, &document, choices).0, path },
            _ => Operation::Copy { from: aim(shape, &document, choices).0, path },
        };
        let patch = Patch::new(vec![operation.clone()]);
        match entity_patch::apply(&mut document, &patch, &Dialect::RFC) {
            Ok(()) => operations.push(operation),
            // One that fails says little about what comes after.
            Err(_) if choices.is_rare(4) => operations.push(operation),
            Err(_) => {}
        }
    }
    Patch::new(operations)
}

/// A merge patch for a value, which is what a client sees.
pub fn merge_patch(spec: Spec, now: Option<&Value>, choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut patch = Map::new();
    let empty = Map::new();
    let own = now.and_then(Value::as_object).unwrap_or(&empty);
    let mut add = |name: &str, spec: Spec, access: Access, choices: &mut Choices<'_>| {
        let now = own.get(name);
        let value = match (choices.below(8), access) {
            (0..=2, _) => return,
            (3 | 4, Access::ReadOnly) => now.cloned().unwrap_or_default(),
            (3, _) => Value::Null,
            (4, _) => sent(spec, now, choices, depth),
            (5, _) => now.cloned().unwrap_or_default(),
            _ if matches!(spec, Spec::Object(_) | Spec::Map(_)) => merge_patch(spec, now, choices, depth + 1),
            _ => sent(spec, now, choices, depth),
        };
        patch.insert(name.to_owned(), value);
    };
    match spec {
        Spec::Object(shape) => {
            let shape = shape();
            for member in shape.members {
                if member.access == Access::Writable || choices.is_rare(6) {
                    let name = member.alias.filter(|_| choices.is_rare(8)).unwrap_or(member.name);
                    add(name, member.spec, member.access, choices);
                }
            }
            if choices.is_rare(12) || (shape.is_open && choices.is_rare(2)) {
                add("other", Spec::Leaf(&["1", "2", "null"]), Access::Writable, choices);
            }
        }
        Spec::Map(of) => {
            for name in own.keys() {
                add(name, *of, Access::Writable, choices);
            }
            add("n", *of, Access::Writable, choices);
        }
        Spec::Leaf(_) | Spec::List(..) => return sent(spec, now, choices, depth),
    }
    patch.into()
}
