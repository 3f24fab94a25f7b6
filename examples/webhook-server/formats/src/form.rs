//! `application/x-www-form-urlencoded` bodies, turned into the JSON that they represent:
//! `Name=sales&Events=sale.sold&Events=sale.lost&Headers[X-Key]=k`.
//!
//! A list is its name repeated, or with `[]` or `[0]` after it. Elsewhere names in brackets are those of members, at any
//! depth. An id and a state of digits are numbers, and everything else is a string. A name that is given twice is left
//! for the reader of the JSON to refuse.

use std::{collections::HashMap, fmt};

use entity_patch::{http::declared_name, superoffice::Webhook};
use serde_json::Value;

use crate::{TOO_DEEP, natural::Natural};

/// Why a body is not the form of a webhook, and at which parameter. It shows no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    problem: &'static str,
    name: Option<String>,
}

impl FormError {
    /// The status, and the code: it is nested too deeply, or malformed.
    pub fn cause(&self) -> (u16, &'static str) {
        if self.problem == TOO_DEEP { (422, "too-deep") } else { (400, "malformed-form") }
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the body is not the form of a webhook: ")?;
        match &self.name {
            Some(name) => write!(formatter, "the name `{}`: {}", name.escape_debug(), self.problem),
            None => formatter.write_str(self.problem),
        }
    }
}

/// The JSON text that a form represents, nested at most `depth` levels.
pub fn to_json(body: &[u8], depth: usize) -> Result<Vec<u8>, FormError> {
    let malformed = || FormError { problem: "a `%` is no byte, or the bytes are not UTF-8", name: None };
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut root = Members::default();
    for pair in text.trim_matches(['\r', '\n']).split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = decoded(name).zip(decoded(value)).ok_or_else(malformed)?;
        root.place(&name, value, depth).map_err(|problem| FormError { problem, name: Some(name) })?;
    }
    Ok(root.to_json().into_bytes())
}

enum Given {
    One(Value),
    List(Vec<Value>),
    Object(Members),
}

/// The members of an object, in the order in which they are first given; one that is given twice is there twice.
#[derive(Default)]
struct Members {
    given: Vec<(String, Given)>,
    /// Where each name is first.
    first: HashMap<String, usize>,
}

impl Members {
    fn place(&mut self, name: &str, value: String, depth: usize) -> Result<(), &'static str> {
        let (outer, keys) = split(name)?;
        let outer = declared_name::<Webhook>(outer).unwrap_or(outer);
        match (Natural::of_member(outer), &keys[..]) {
            (Natural::Strings, keys) => return self.list(outer).push(keys, value),
            (Natural::Number | Natural::Name, []) => self.add(outer, Given::One(scalar(value))),
            (_, []) => self.add(outer, Given::One(value.into())),
            (Natural::Object, keys) if keys.len() >= depth => return Err(TOO_DEEP),
            (Natural::Object, keys) => return self.object(outer).set(keys, value),
            _ => return Err("it takes no name in brackets"),
        };
        Ok(())
    }

    fn add(&mut self, name: &str, given: Given) -> &mut Given {
        let position = self.given.len();
        self.first.entry(name.to_owned()).or_insert(position);
        self.given.push((name.to_owned(), given));
        &mut self.given[position].1
    }

    fn find(&self, name: &str) -> Option<&Given> {
        self.first.get(name).map(|&position| &self.given[position].1)
    }

    /// The member of this name, where it is one that collects values; otherwise a new one.
    fn slot(&mut self, name: &str, new: Given) -> &mut Given {
        match self.first.get(name) {
            Some(&position) if !matches!(self.given[position].1, Given::One(_)) => &mut self.given[position].1,
            _ => self.add(name, new),
        }
    }

    fn list(&mut self, name: &str) -> &mut Given {
        self.slot(name, Given::List(Vec::new()))
    }

    fn object(&mut self, name: &str) -> &mut Given {
        self.slot(name, Given::Object(Members::default()))
    }

    fn to_json(&self) -> String {
        let members = self.given.iter().map(|(name, given)| {
            let value = match given {
                Given::One(value) => value.to_string(),
                Given::List(values) => Value::from(values.as_slice()).to_string(),
                Given::Object(members) => members.to_json(),
            };
            format!("{}:{value}", Value::from(name.as_str()))
        });
        format!("{{{}}}", members.collect::<Vec<String>>().join(","))
    }
}

impl Given {
    /// The next element of a list. An index may be told, and has to be the one that it gets.
    fn push(&mut self, keys: &[&str], value: String) -> Result<(), &'static str> {
        let Given::List(values) = self else { return Err("it is no list") };
        match keys {
            [] | [""] => {}
            [index] if *index == values.len().to_string() => {}
            [_] => return Err("the indices of a list have to count from 0"),
            _ => return Err("an element of this list takes no name in brackets"),
        }
        values.push(value.into());
        Ok(())
    }

    fn set(&mut self, keys: &[&str], value: String) -> Result<(), &'static str> {
        let Given::Object(members) = self else { return Err("it is no object") };
        match keys {
            [] => Err("it has no name in brackets"),
            ["", ..] => Err("a name in brackets is empty"),
            [key, ..] if key.contains('"') => Err("a name in brackets has no quotes"),
            [key] => match members.find(key) {
                Some(Given::Object(_) | Given::List(_)) => Err("it is an object elsewhere"),
                Some(Given::One(_)) | None => {
                    members.add(key, Given::One(value.into()));
                    Ok(())
                }
            },
            [key, ..] if matches!(members.find(key), Some(Given::One(_))) => Err("it is text elsewhere"),
            [key, keys @ ..] => members.object(key).set(keys, value),
        }
    }
}

/// `a[b][c]` is `a` with `b` and `c`.
fn split(name: &str) -> Result<(&str, Vec<&str>), &'static str> {
    let Some((outer, rest)) = name.split_once('[') else { return Ok((name, Vec::new())) };
    let keys = rest.strip_suffix(']').ok_or("a bracket is not closed")?;
    let keys: Vec<&str> = keys.split("][").collect();
    match keys.iter().any(|key| key.contains(['[', ']'])) {
        true => Err("its brackets do not belong together"),
        false => Ok((outer, keys)),
    }
}

/// Digits are a number, and nothing is null.
fn scalar(text: String) -> Value {
    match text.parse::<u32>() {
        Ok(number) if text == number.to_string() => number.into(),
        _ if text.is_empty() => Value::Null,
        _ => text.into(),
    }
}

/// A name or a value of a form or a query: `+` is a space.
pub fn decoded(text: &str) -> Option<String> {
    percent_decoded(&text.replace('+', " "))
}

/// `%41` is `A` (RFC 3986 section 2.1); `None` where the bytes are not UTF-8, or a `%` has no digits after it.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? << 4 | digit(low)?).ok()?);
                after
            }
            (b'%', _) => return None,
            (byte, after) => {
                bytes.push(*byte);
                after
            }
        };
    }
    String::from_utf8(bytes).ok()
}
