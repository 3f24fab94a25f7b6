//! What the rules say, written a second time and as plainly as they read: over clones, without undo, without budgets,
//! and the pseudocode of RFC 7396. The laws hold the crate against it.

use entity_patch::{Dialect, Operation, Patch, Pointer};
use serde_json::{Map, Value, json};
use unicase::UniCase;

/// The operation that fails, 0-based, and the code of its failure.
pub type Failure = (usize, &'static str);

/// RFC 6902 section 5: all operations in order, or the first that fails.
pub fn apply(target: &Value, patch: &Patch, dialect: &Dialect) -> Result<Value, Failure> {
    let mut document = target.clone();
    for (index, operation) in patch.operations().iter().enumerate() {
        document = execute(document, operation, dialect).map_err(|code| (index, code))?;
    }
    Ok(document)
}

fn execute(mut document: Value, operation: &Operation, dialect: &Dialect) -> Result<Value, &'static str> {
    let limit = dialect.limits.depth.min(127);
    match operation {
        Operation::Add { path, value } => {
            check_depth(path, value, limit)?;
            let tokens = match dialect.create_parents {
                true => create_parents(&mut document, &tokens(path), dialect)?,
                false => tokens(path),
            };
            add(&mut document, &tokens, value.clone(), dialect)?;
        }
        Operation::Remove { path } => match remove(&mut document, &tokens(path), dialect) {
            Err("not-found" | "index-out-of-bounds") if dialect.ignore_missing => {}
            removed => removed?,
        },
        Operation::Replace { path, value } => {
            check_depth(path, value, limit)?;
            *find(&mut document, &tokens(path), dialect)? = value.clone();
        }
        Operation::Test { path, value } => {
            if !equal(find(&mut document, &tokens(path), dialect)?, value) {
                return Err("test-failed");
            }
        }
        Operation::Move { .. } | Operation::Copy { .. } if !dialect.move_and_copy => {
            return Err("unsupported-operation");
        }
        Operation::Move { from, path } => {
            let (from, to) = (tokens(from), tokens(path));
            let value = find(&mut document, &from, dialect)?.clone();
            check_depth(path, &value, limit)?;
            let source = places(&document, &from, dialect);
            if to.len() >= from.len() && places(&document, &to[..from.len()], dialect) == source {
                return if to.len() == from.len() { Ok(document) } else { Err("move-into-itself") };
            }
            remove(&mut document, &from, dialect)?;
            add(&mut document, &to, value, dialect)?;
        }
        Operation::Copy { from, path } => {
            let value = find(&mut document, &tokens(from), dialect)?.clone();
            check_depth(path, &value, limit)?;
            add(&mut document, &tokens(path), value, dialect)?;
        }
    }
    Ok(document)
}

fn tokens(path: &Pointer) -> Vec<String> {
    path.as_str().split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

fn check_depth(path: &Pointer, value: &Value, limit: usize) -> Result<(), &'static str> {
    if tokens(path).len() + depth(value) > limit { Err("too-deep") } else { Ok(()) }
}

/// Levels of containers.
pub fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The stored spelling of a name, if a member has it.
fn stored(members: &Map<String, Value>, name: &str, dialect: &Dialect) -> Result<Option<String>, &'static str> {
    if members.contains_key(name) {
        return Ok(Some(name.to_owned()));
    }
    let folded: Vec<&String> =
        members.keys().filter(|key| dialect.ignore_case && UniCase::unicode(key) == UniCase::unicode(&name)).collect();
    match folded[..] {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        _ => Err("ambiguous-name"),
    }
}

/// An index: `0`, or digits without a leading zero.
fn index(token: &str) -> Result<usize, &'static str> {
    let is_index = token == "0" || (!token.starts_with('0') && !token.is_empty());
    if is_index && token.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(token.parse().unwrap_or(usize::MAX))
    } else {
        Err("not-an-index")
    }
}

fn find<'v>(value: &'v mut Value, tokens: &[String], dialect: &Dialect) -> Result<&'v mut Value, &'static str> {
    let Some((token, rest)) = tokens.split_first() else { return Ok(value) };
    let next = match value {
        Value::Object(members) => {
            let name = stored(members, token, dialect)?.ok_or("not-found")?;
            members.get_mut(&name).ok_or("not-found")?
        }
        Value::Array(_) if token == "-" => return Err("not-found"),
        Value::Array(elements) => elements.get_mut(index(token)?).ok_or("index-out-of-bounds")?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err("not-found"),
    };
    find(next, rest, dialect)
}

/// Creates what is missing or null on the way to a place. Its tokens are those that lead there now: what was the end of
/// an array has an index.
fn create_parents(value: &mut Value, tokens: &[String], dialect: &Dialect) -> Result<Vec<String>, &'static str> {
    let [token, rest @ ..] = tokens else { return Ok(Vec::new()) };
    if value.is_null() {
        *value = if matches!(token.as_str(), "-" | "0") { json!([]) } else { json!({}) };
    }
    if rest.is_empty() {
        return Ok(vec![token.clone()]);
    }
    let (token, next) = match value {
        Value::Object(members) => {
            let name = stored(members, token, dialect)?.unwrap_or_else(|| token.clone());
            (name.clone(), members.entry(name).or_insert(Value::Null))
        }
        Value::Array(elements) => {
            let index = if token == "-" { elements.len() } else { index(token)? };
            if index == elements.len() {
                elements.push(Value::Null);
            }
            (index.to_string(), elements.get_mut(index).ok_or("index-out-of-bounds")?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err("not-found"),
    };
    Ok([vec![token], create_parents(next, rest, dialect)?].concat())
}

/// The positions of the members and elements that lead to a place, as far as they exist.
fn places(value: &Value, tokens: &[String], dialect: &Dialect) -> Vec<usize> {
    let Some((token, rest)) = tokens.split_first() else { return Vec::new() };
    let step = match value {
        Value::Object(members) => stored(members, token, dialect)
            .ok()
            .flatten()
            .and_then(|name| Some((members.keys().position(|key| *key == name)?, members.get(&name)?))),
        Value::Array(elements) => index(token).ok().and_then(|index| Some((index, elements.get(index)?))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    // What does not exist is not a place; no other sequence ends so.
    let Some((position, next)) = step else { return vec![usize::MAX] };
    let mut places = vec![position];
    places.extend(self::places(next, rest, dialect));
    places
}

fn add(document: &mut Value, tokens: &[String], value: Value, dialect: &Dialect) -> Result<(), &'static str> {
    let Some((last, parents)) = tokens.split_last() else {
        *document = value;
        return Ok(());
    };
    match find(document, parents, dialect)? {
        Value::Object(members) => {
            let name = stored(members, last, dialect)?.unwrap_or_else(|| last.clone());
            members.insert(name, value);
        }
        Value::Array(elements) => {
            let index = if last == "-" { elements.len() } else { index(last)? };
            if index > elements.len() {
                return Err("index-out-of-bounds");
            }
            elements.insert(index, value);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err("not-found"),
    }
    Ok(())
}

fn remove(document: &mut Value, tokens: &[String], dialect: &Dialect) -> Result<(), &'static str> {
    let Some((last, parents)) = tokens.split_last() else { return Err("root-removed") };
    match find(document, parents, dialect)? {
        Value::Object(members) => {
            let name = stored(members, last, dialect)?.ok_or("not-found")?;
            members.retain(|key, _| *key != name);
        }
        Value::Array(_) if last == "-" => return Err("not-found"),
        Value::Array(elements) => {
            let index = index(last)?;
            if index >= elements.len() {
                return Err("index-out-of-bounds");
            }
            elements.remove(index);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err("not-found"),
    }
    Ok(())
}

/// JSON equality: numbers by their value, members in any order.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let integer = |number: &serde_json::Number| {
                number.as_i64().map(i128::from).or(number.as_u64().map(i128::from)).or_else(|| {
                    let float = number.as_f64()?;
                    (float.fract() == 0.0 && float.abs() < 1e30).then_some(float as i128)
                })
            };
            match (integer(left), integer(right)) {
                (None, None) => left.as_f64() == right.as_f64(),
                (left, right) => left == right,
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        (left, right) => left == right,
    }
}

/// The pseudocode of RFC 7396 section 2. Under a dialect that ignores case, names are resolved as everywhere else;
/// under one that appends, an object that meets the array of a member is appended to it; and one that takes only
/// objects refuses every other patch.
pub fn merge(target: Value, patch: &Value, dialect: &Dialect) -> Result<Value, &'static str> {
    if dialect.merge_objects_only && !patch.is_object() {
        return Err("not-an-object");
    }
    merge_value(target, patch, dialect)
}

fn merge_value(target: Value, patch: &Value, dialect: &Dialect) -> Result<Value, &'static str> {
    let Value::Object(patch) = patch else { return Ok(patch.clone()) };
    let mut members = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        let name = stored(&members, name, dialect)?.unwrap_or_else(|| name.clone());
        if value.is_null() {
            members.retain(|key, _| *key != name);
            continue;
        }
        match (members.get_mut(&name), value) {
            (Some(Value::Array(elements)), Value::Object(_)) if dialect.merge_appends => {
                elements.push(merge_value(Value::Null, value, dialect)?);
            }
            (Some(member), _) => *member = merge_value(member.take(), value, dialect)?,
            (None, _) => {
                members.insert(name, merge_value(Value::Null, value, dialect)?);
            }
        }
    }
    Ok(Value::Object(members))
}

/// Whether two names of one object, at any depth, differ only by case.
pub fn has_folded_duplicate(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let folded: std::collections::BTreeSet<UniCase<&String>> = members.keys().map(UniCase::unicode).collect();
            folded.len() < members.len() || members.values().any(has_folded_duplicate)
        }
        Value::Array(elements) => elements.iter().any(has_folded_duplicate),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The same value with every name folded, so that two spellings of one document are equal.
pub fn folded(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (UniCase::unicode(name).to_folded_case(), folded(value))).collect(),
        ),
        Value::Array(elements) => Value::Array(elements.iter().map(folded).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
