//! JSON text written as XML, in one pass and in the order of the text.

use std::fmt;

use entity_patch::{http::declared_name, webhook::Webhook};
use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::xml::{Natural, ROOT, is_char, name};

/// The XML of a webhook's JSON text.
pub fn from_json(json: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = String::with_capacity(2 * json.len());
    out.push_str(r#"<?xml version="1.0" encoding="utf-8"?>"#);
    let root = Element { out: &mut out, name: ROOT, natural: Natural::Object, is_root: true };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    root.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(out.into_bytes())
}

/// An element to be written, once its value is met.
struct Element<'o> {
    out: &'o mut String,
    /// A name of XML.
    name: &'o str,
    natural: Natural,
    /// Its members are those of a webhook.
    is_root: bool,
}

impl Element<'_> {
    /// `<name>`; the type is told where it is not the one that a reader expects.
    fn open(&mut self, type_: &str, is_told: bool) {
        self.out.push('<');
        self.out.push_str(self.name);
        if is_told {
            self.out.push_str(" type=\"");
            self.out.push_str(type_);
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn close(self) {
        self.out.push_str("</");
        self.out.push_str(self.name);
        self.out.push('>');
    }

    /// `<name/>`, the element standing open and empty.
    fn close_empty(self) {
        self.out.pop();
        self.out.push_str("/>");
    }

    fn leaf(mut self, type_: &str, is_told: bool, text: &str) {
        self.open(type_, is_told);
        if text.is_empty() {
            return self.close_empty();
        }
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                // A reader would take it for a line feed.
                '\r' => self.out.push_str("&#13;"),
                _ => self.out.push(character),
            }
        }
        self.close();
    }

    fn number(self, text: &str) {
        let is_told = self.natural != Natural::Number;
        self.leaf("number", is_told, text);
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.leaf("null", true, "");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.leaf("boolean", true, if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.number(&value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.number(&value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.number(&serde_json::Value::from(value).to_string());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if !value.chars().all(is_char) {
            self.leaf("json", true, &serde_json::Value::from(value).to_string());
            return Ok(());
        }
        let is_told = match self.natural {
            Natural::Text | Natural::ByShape => false,
            Natural::Name => value.bytes().all(|byte| byte.is_ascii_digit()),
            Natural::Number | Natural::Strings | Natural::Object => true,
        };
        self.leaf("string", is_told, value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let is_told = self.natural != Natural::Strings;
        self.open("array", is_told);
        let empty = self.out.len();
        let (name, natural) = if is_told { ("item", Natural::ByShape) } else { ("string", Natural::Text) };
        while elements.next_element_seed(Element { out: self.out, name, natural, is_root: false })?.is_some() {}
        if self.out.len() == empty {
            self.close_empty()
        } else {
            self.close()
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut next = members.next_key::<String>()?;
        let is_told = match self.natural {
            Natural::Object => false,
            Natural::ByShape => next.is_none(),
            Natural::Text | Natural::Number | Natural::Name | Natural::Strings => true,
        };
        self.open("object", is_told);
        let empty = self.out.len();
        while let Some(member) = next {
            let natural = match self.is_root {
                true => Natural::of_member(declared_name::<Webhook>(&member)),
                false => Natural::ByShape,
            };
            let name = name::encode(&member);
            members.next_value_seed(Element { out: self.out, name: &name, natural, is_root: false })?;
            next = members.next_key()?;
        }
        if self.out.len() == empty {
            self.close_empty()
        } else {
            self.close()
        }
        Ok(())
    }
}
