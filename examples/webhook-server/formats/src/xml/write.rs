//! JSON text written as XML, in one pass, in the order of the text and with its numbers as the text has them.
//!
//! The text is walked here, because serde_json has no reader that leaves numbers alone: its feature `raw_value` takes an
//! object with a certain name for something else, in the whole build.

use crate::{
    natural::Natural,
    xml::{LIST, ROOT, is_char, name},
};

/// The text is not the JSON of an entity.
#[derive(Debug)]
pub struct MalformedJson;

/// What every document begins with.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;

/// The XML of a webhook's JSON text. What is well-formed is for whoever made the text to know: what is not is refused
/// or becomes XML that is not what was meant, and nothing worse.
pub fn from_json(json: &[u8]) -> Result<Vec<u8>, MalformedJson> {
    let mut json = Json { text: std::str::from_utf8(json).map_err(|_| MalformedJson)?, at: 0 };
    let mut out = String::with_capacity(2 * json.text.len());
    out.push_str(DECLARATION);
    Element { out: &mut out, name: ROOT, natural: Natural::Object, levels_left: MAX_LEVELS }.write(&mut json)?;
    if json.peek().is_some() { Err(MalformedJson) } else { Ok(out.into_bytes()) }
}

/// One document of several.
pub fn list(documents: &[Vec<u8>]) -> Vec<u8> {
    let elements = documents.iter().flat_map(|document| &document[DECLARATION.len()..]);
    let (start, end) = (format!("{DECLARATION}<{LIST}>"), format!("</{LIST}>"));
    start.bytes().chain(elements.copied()).chain(end.bytes()).collect()
}

/// Levels of containers that an entity can have.
const MAX_LEVELS: usize = 128;

/// A place in a JSON text.
struct Json<'j> {
    text: &'j str,
    at: usize,
}

impl<'j> Json<'j> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn consume(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), MalformedJson> {
        if self.consume(byte) { Ok(()) } else { Err(MalformedJson) }
    }

    fn string(&mut self) -> Result<String, MalformedJson> {
        self.peek();
        let start = self.at;
        let mut bytes = self.text.as_bytes()[start..].iter().enumerate().skip(1);
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'\\' => {
                    bytes.next();
                }
                b'"' => {
                    self.at = start + offset + 1;
                    return serde_json::from_str(&self.text[start..self.at]).map_err(|_| MalformedJson);
                }
                _ => {}
            }
        }
        Err(MalformedJson)
    }

    /// A number or a word.
    fn word(&mut self) -> &'j str {
        let rest = &self.text[self.at..];
        let is_end = |byte: u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let length = rest.bytes().position(is_end).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

/// An element to be written.
struct Element<'o> {
    out: &'o mut String,
    /// A name of XML.
    name: &'o str,
    natural: Natural,
    /// Levels of containers that it may have.
    levels_left: usize,
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

    /// Writes a value, which is told by its first byte.
    fn write(self, json: &mut Json<'_>) -> Result<(), MalformedJson> {
        match json.peek().ok_or(MalformedJson)? {
            b'{' | b'[' if self.levels_left == 0 => return Err(MalformedJson),
            b'{' => return self.object(json),
            b'[' => return self.array(json),
            b'"' => {
                let text = json.string()?;
                self.string(&text);
            }
            b't' | b'f' => self.leaf("boolean", true, json.word()),
            b'n' => {
                json.word();
                self.leaf("null", true, "");
            }
            b'-' | b'0'..=b'9' => {
                let is_told = self.natural != Natural::Number;
                self.leaf("number", is_told, json.word());
            }
            _ => return Err(MalformedJson),
        }
        Ok(())
    }

    fn string(self, text: &str) {
        if !text.chars().all(is_char) {
            return self.leaf("json", true, &serde_json::Value::from(text).to_string());
        }
        let is_told = match self.natural {
            Natural::Text | Natural::ByShape => false,
            // A reader takes digits for a number.
            Natural::Name => text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace()),
            Natural::Number | Natural::Strings | Natural::Object => true,
        };
        self.leaf("string", is_told, text);
    }

    fn array(mut self, json: &mut Json<'_>) -> Result<(), MalformedJson> {
        json.expect(b'[')?;
        let is_told = self.natural != Natural::Strings;
        self.open("array", is_told);
        if json.consume(b']') {
            self.close_empty();
            return Ok(());
        }
        let (name, natural) = if is_told { ("item", Natural::ByShape) } else { ("string", Natural::Text) };
        loop {
            Element { out: self.out, name, natural, levels_left: self.levels_left - 1 }.write(json)?;
            if !json.consume(b',') {
                break;
            }
        }
        self.close();
        json.expect(b']')
    }

    fn object(mut self, json: &mut Json<'_>) -> Result<(), MalformedJson> {
        json.expect(b'{')?;
        let is_empty = json.consume(b'}');
        let is_told = match self.natural {
            Natural::Object => false,
            Natural::ByShape => is_empty,
            Natural::Text | Natural::Number | Natural::Name | Natural::Strings => true,
        };
        self.open("object", is_told);
        if is_empty {
            self.close_empty();
            return Ok(());
        }
        let is_root = self.levels_left == MAX_LEVELS;
        loop {
            let member = json.string()?;
            json.expect(b':')?;
            let natural = match is_root {
                true => Natural::of_member(&member),
                false => Natural::ByShape,
            };
            let name = name::encode(&member);
            Element { out: self.out, name: &name, natural, levels_left: self.levels_left - 1 }.write(json)?;
            if !json.consume(b',') {
                break;
            }
        }
        self.close();
        json.expect(b'}')
    }
}
