//! Turns JSON text into a `serde_json::Value`, or into the place where it stands, in one pass, without recursion and
//! without a duplicate name at any depth.

use std::{borrow::Cow, ops::Range};

use serde_json::{Map, Value};

use crate::json::{
    name::{self, Case},
    number,
    scan::{Handler, Problem, ScanError, Scanner, SyntaxError},
    value,
};

/// A value that was read, and what its reader found out about it.
pub(crate) struct Read<V> {
    pub(crate) value: V,
    /// Levels of containers; a scalar has 0.
    pub(crate) depth: usize,
    /// The first object that holds two names which differ only by case: the offset of its end.
    pub(crate) folded_duplicate: Option<usize>,
}

/// Reads the next value of a text. `case` tells whether names that differ only by case are looked for.
pub(crate) fn value(scanner: &mut Scanner<'_>, depth_limit: usize, case: Case) -> Result<Read<Value>, ScanError> {
    // What most operations carry needs no walk.
    let scalar = match scanner.peek() {
        Some(b'"') => Some(Value::String(scanner.string()?.into_owned())),
        Some(b'-' | b'0'..=b'9') => {
            let offset = scanner.offset();
            let number = number::parse(scanner.number()?);
            Some(Value::Number(number.ok_or(ScanError::syntax(offset, SyntaxError::NumberOutOfRange))?))
        }
        _ => None,
    };
    if let Some(value) = scalar {
        return Ok(Read { value, depth: 0, folded_duplicate: None });
    }
    let mut builder = Builder { case, open: Vec::new(), done: Value::Null, duplicate: None, folded_duplicate: None };
    let depth = scanner.walk(&mut builder, depth_limit)?;
    let value = std::mem::take(&mut builder.done);
    Ok(Read { value, depth, folded_duplicate: builder.folded_duplicate })
}

/// Checks the next value of a text as [`value()`] does, and returns where it is.
pub(crate) fn span(scanner: &mut Scanner<'_>, depth_limit: usize, case: Case) -> Result<Read<Range<usize>>, ScanError> {
    let first = scanner.peek();
    let start = scanner.offset();
    let is_scalar = match first {
        Some(b'"') => scanner.string().map(|_| true)?,
        Some(b'-' | b'0'..=b'9') => match number::is_in_range(scanner.number()?) {
            true => true,
            false => return Err(ScanError::syntax(start, SyntaxError::NumberOutOfRange)),
        },
        _ => false,
    };
    if is_scalar {
        return Ok(Read { value: start..scanner.offset(), depth: 0, folded_duplicate: None });
    }
    let mut checker = Checker { case, names: Vec::new(), objects: Vec::new(), folded_duplicate: None };
    let depth = scanner.walk(&mut checker, depth_limit)?;
    Ok(Read { value: start..scanner.offset(), depth, folded_duplicate: checker.folded_duplicate })
}

struct Builder {
    case: Case,
    /// The containers around the place that is read, from the outside in.
    open: Vec<Container>,
    /// The last value that ended while no container was open.
    done: Value,
    /// How many containers were open where a name stood twice: the last of them is the object that holds it.
    duplicate: Option<usize>,
    folded_duplicate: Option<usize>,
}

enum Container {
    Array(Vec<Value>),
    /// The members, and the name whose value is being read.
    Object(Map<String, Value>, String),
}

impl Builder {
    fn put(&mut self, value: Value) {
        let levels = self.open.len();
        match self.open.last_mut() {
            None => self.done = value,
            Some(Container::Array(elements)) => elements.push(value),
            Some(Container::Object(members, name)) => {
                if let Some(first) = members.insert(std::mem::take(name), value) {
                    self.duplicate = Some(levels);
                    value::discard(first);
                }
            }
        }
    }
}

impl Drop for Builder {
    /// What was read before an error may be nested as deep as the limit allows, which is too deep for a small stack.
    fn drop(&mut self) {
        for container in self.open.drain(..) {
            match container {
                Container::Array(elements) => value::discard(Value::Array(elements)),
                Container::Object(members, _) => value::discard(Value::Object(members)),
            }
        }
    }
}

impl<'t> Handler<'t> for Builder {
    fn begin_array(&mut self) {
        self.open.push(Container::Array(Vec::new()));
    }

    fn end_array(&mut self) {
        if let Some(Container::Array(elements)) = self.open.pop() {
            self.put(Value::Array(elements));
        }
    }

    fn begin_object(&mut self) {
        self.open.push(Container::Object(Map::new(), String::new()));
    }

    fn name(&mut self, text: Cow<'t, str>) {
        if let Some(Container::Object(_, name)) = self.open.last_mut() {
            *name = text.into_owned();
        }
    }

    fn end_object(&mut self, offset: usize) -> Result<(), Problem> {
        // An object inside of one with such a name ends before it.
        if self.duplicate == Some(self.open.len()) {
            return Err(Problem::DuplicateName);
        }
        if let Some(Container::Object(members, _)) = self.open.pop() {
            if self.case == Case::Folded && self.folded_duplicate.is_none() && members.len() > 1 {
                let names: Vec<&String> = members.keys().collect();
                self.folded_duplicate = name::has_duplicate(&names, Case::Folded).then_some(offset);
            }
            self.put(Value::Object(members));
        }
        Ok(())
    }

    fn string(&mut self, text: Cow<'t, str>) {
        self.put(Value::String(text.into_owned()));
    }

    fn number(&mut self, text: &'t str) -> Result<(), Problem> {
        let number = number::parse(text).ok_or(Problem::Syntax(SyntaxError::NumberOutOfRange))?;
        self.put(Value::Number(number));
        Ok(())
    }

    fn boolean(&mut self, value: bool) {
        self.put(Value::Bool(value));
    }

    fn null(&mut self) {
        self.put(Value::Null);
    }
}

/// Keeps nothing but the names of the objects that are open.
struct Checker<'t> {
    case: Case,
    names: Vec<Cow<'t, str>>,
    /// Where the names of each open object begin.
    objects: Vec<usize>,
    folded_duplicate: Option<usize>,
}

impl<'t> Handler<'t> for Checker<'t> {
    fn begin_object(&mut self) {
        self.objects.push(self.names.len());
    }

    fn name(&mut self, name: Cow<'t, str>) {
        self.names.push(name);
    }

    fn end_object(&mut self, offset: usize) -> Result<(), Problem> {
        let start = self.objects.pop().unwrap_or_default();
        let names = &self.names[start..];
        if name::has_duplicate(names, Case::Exact) {
            return Err(Problem::DuplicateName);
        }
        if self.case == Case::Folded && self.folded_duplicate.is_none() && name::has_duplicate(names, Case::Folded) {
            self.folded_duplicate = Some(offset);
        }
        self.names.truncate(start);
        Ok(())
    }

    fn number(&mut self, text: &'t str) -> Result<(), Problem> {
        if number::is_in_range(text) { Ok(()) } else { Err(Problem::Syntax(SyntaxError::NumberOutOfRange)) }
    }

    fn begin_array(&mut self) {}
    fn end_array(&mut self) {}
    fn string(&mut self, _text: Cow<'t, str>) {}
    fn boolean(&mut self, _value: bool) {}
    fn null(&mut self) {}
}
