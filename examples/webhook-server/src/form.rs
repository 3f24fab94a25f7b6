//! `application/x-www-form-urlencoded` bodies, turned into the JSON that they stand for:
//! `Name=sales&Events=sale.sold&Events=sale.lost&Headers[X-Key]=k`.
//!
//! `Events` may be repeated, and one value is an array of one; a name in brackets is that of a header or a property;
//! an id and a state of digits are numbers. Everything else is a string. A name that is given twice is left for the
//! reader of the JSON to refuse.

use std::collections::HashMap;

use entity_patch::{http::declared_name, superoffice::Webhook};
use serde_json::Value;

/// Why a form cannot be read.
pub const MALFORMED: &str = "the body is not a form: a percent sign stands for no byte, or the bytes are not UTF-8";

/// The JSON text that a form stands for; `None` where it is malformed.
pub fn to_json(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut members = Members::default();
    for pair in text.trim_matches(['\r', '\n']).split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        let (outer, inner) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((outer, inner)) => (outer, Some(inner)),
            None => (name.as_str(), None),
        };
        match (declared_name::<Webhook>(outer), inner) {
            (Some(name @ "Events"), None) => members.at(name).push(String::new(), Value::from(value)),
            (Some(name @ ("Headers" | "Properties")), Some(inner)) => {
                members.at(name).push(inner.to_owned(), Value::from(value));
            }
            (Some("WebhookId" | "State"), None) => members.given.push((name, Given::One(scalar(value)))),
            _ => members.given.push((name, Given::One(Value::from(value)))),
        }
    }
    Some(members.to_json().into_bytes())
}

/// Digits are a number, and nothing is null.
fn scalar(text: String) -> Value {
    match text.parse::<u32>() {
        Ok(number) if text == number.to_string() => number.into(),
        _ if text.is_empty() => Value::Null,
        _ => text.into(),
    }
}

/// The members of the JSON, in the order in which they are first given; a name may stand there twice.
#[derive(Default)]
struct Members {
    given: Vec<(String, Given)>,
    /// Where those are that collect values.
    many: HashMap<&'static str, usize>,
}

enum Given {
    One(Value),
    /// Values of one member: names and values, or values alone where it is the array.
    Many(Vec<(String, Value)>),
}

impl Members {
    /// The member that collects the values of this name.
    fn at(&mut self, name: &'static str) -> &mut Given {
        let position = *self.many.entry(name).or_insert_with(|| {
            self.given.push((name.to_owned(), Given::Many(Vec::new())));
            self.given.len() - 1
        });
        &mut self.given[position].1
    }

    fn to_json(&self) -> String {
        let named = |name: &str, value: &str| format!("{}:{value}", Value::from(name));
        let members = self.given.iter().map(|(name, given)| match given {
            Given::One(value) => named(name, &value.to_string()),
            Given::Many(values) if name == "Events" => {
                let elements: Vec<String> = values.iter().map(|(_, value)| value.to_string()).collect();
                named(name, &format!("[{}]", elements.join(",")))
            }
            Given::Many(values) => {
                let members: Vec<String> = values.iter().map(|(name, value)| named(name, &value.to_string())).collect();
                named(name, &format!("{{{}}}", members.join(",")))
            }
        });
        format!("{{{}}}", members.collect::<Vec<String>>().join(","))
    }
}

impl Given {
    fn push(&mut self, name: String, value: Value) {
        if let Given::Many(values) = self {
            values.push((name, value));
        }
    }
}

/// A name or a value of a form or a query: `+` is a space.
pub fn decoded(text: &str) -> Option<String> {
    percent_decoded(&text.replace('+', " "))
}

/// `%41` is `A` (RFC 3986 section 2.1); `None` where the bytes are not UTF-8, or a `%` stands for none.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = match (first, behind) {
            (b'%', [high, low, behind @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? << 4 | digit(low)?).ok()?);
                behind
            }
            (b'%', _) => return None,
            (byte, behind) => {
                bytes.push(*byte);
                behind
            }
        };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_for_json() {
        let rows = [
            ("", Some("{}")),
            ("Name=a+b%26c&&", Some(r#"{"Name":"a b&c"}"#)),
            ("Events=one", Some(r#"{"Events":["one"]}"#)),
            ("events=one&Name=n&EVENTS=two", Some(r#"{"Events":["one","two"],"Name":"n"}"#)),
            ("Headers[X-Key]=k&headers%5BY%5D=l", Some(r#"{"Headers":{"X-Key":"k","Y":"l"}}"#)),
            ("Headers=k", Some(r#"{"Headers":"k"}"#)),
            ("WebhookId=7&State=2", Some(r#"{"WebhookId":7,"State":2}"#)),
            ("WebhookId=&State=Active", Some(r#"{"WebhookId":null,"State":"Active"}"#)),
            ("WebhookId=007", Some(r#"{"WebhookId":"007"}"#)),
            ("Name=a&Name=b", Some(r#"{"Name":"a","Name":"b"}"#)),
            ("Nmae=a&Secret", Some(r#"{"Nmae":"a","Secret":""}"#)),
            ("Name=%e2%82%ac\r\n", Some("{\"Name\":\"\u{20AC}\"}")),
            ("Name=%zz", None),
            ("Name=%4", None),
            ("Name=%ff", None),
        ];
        for (form, expected) in rows {
            let json = to_json(form.as_bytes()).map(|json| String::from_utf8(json).unwrap());
            assert_eq!(json.as_deref(), expected, "{form}");
        }
    }
}
