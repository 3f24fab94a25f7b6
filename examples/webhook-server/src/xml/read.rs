//! XML read into the JSON text that it represents. What the members may hold, and whether one is given twice, is for
//! the reader of the JSON to judge.

use std::fmt;

use entity_patch::{http::declared_name, superoffice::Webhook};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use serde_json::Value;

use crate::xml::{Natural, ROOT, is_char, name};

/// Attributes of one element. Only `type` and `nil` have a meaning; a few namespaces may be declared.
const MAX_ATTRIBUTES: usize = 8;

/// Why a body is not the XML of a webhook, and where: a 0-based byte offset. It shows nothing of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlError {
    problem: &'static str,
    offset: u64,
}

impl XmlError {
    /// The status, and the code: it is nested too deeply, in another encoding, or malformed.
    pub fn cause(&self) -> (u16, &'static str) {
        match self.problem {
            TOO_DEEP => (422, "too-deep"),
            ENCODING => (415, "unsupported-media-type"),
            _ => (400, "malformed-xml"),
        }
    }
}

impl fmt::Display for XmlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the body is not the XML of a webhook: {} (byte {} of the body)", self.problem, self.offset)
    }
}

const MALFORMED: &str = "it is not well-formed";
const TOO_DEEP: &str = "it is nested deeper than the limit";
const ENCODING: &str = "its encoding has to be UTF-8 or US-ASCII, and it is another one";
const MIXED: &str = "an element holds text between elements";
const OTHER_TYPE: &str = "an element does not hold what its type says";
const TYPE: &str = "a `type` is none of null, boolean, number, string, json, array and object";
const NIL: &str = "a `nil` is neither true nor false";
const ATTRIBUTE: &str = "an element has an attribute other than `type`, `nil` and `xmlns`";

/// The JSON text of a body, whose values may be nested `depth` levels.
pub fn to_json(body: &[u8], depth: usize) -> Result<Vec<u8>, XmlError> {
    let refuse = |problem, offset| XmlError { problem, offset };
    // UTF-16, with its mark or without, begins with one of these.
    if [&b"\xFE\xFF"[..], b"\xFF\xFE", b"<\0", b"\0<"].iter().any(|start| body.starts_with(start)) {
        return Err(refuse(ENCODING, 0));
    }
    let (text, error) = match std::str::from_utf8(body) {
        Ok(text) => (text, None),
        Err(error) => (str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Ok(Event::Decl(declaration)) = Reader::from_str(text).read_event() {
        let is_known = |encoding: &str| ["utf-8", "us-ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known));
        match declaration.encoding() {
            None => {}
            Some(Ok(encoding)) if is_known(&encoding) => {}
            Some(_) => return Err(refuse(ENCODING, 0)),
        }
    }
    if let Some(error) = error {
        return Err(refuse("it is not UTF-8", error.valid_up_to() as u64));
    }
    let root = read(text, depth)?;
    if root.name != ROOT {
        return Err(root.refuse("the outermost element is not `Webhook`"));
    }
    let mut json = String::with_capacity(body.len());
    root.write(Natural::Object, true, &mut json)?;
    Ok(json.into_bytes())
}

struct Element {
    name: String,
    /// The attribute `type`, or `null` where the element is nil.
    type_: Option<Type>,
    text: String,
    children: Vec<Element>,
    offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Number,
    String,
    Json,
    Array,
    Object,
}

const TYPES: [(&str, Type); 7] = [
    ("null", Type::Null),
    ("boolean", Type::Boolean),
    ("number", Type::Number),
    ("string", Type::String),
    ("json", Type::Json),
    ("array", Type::Array),
    ("object", Type::Object),
];

/// The outermost element. Its depth is bounded, so that nothing below needs to fear recursion.
fn read(text: &str, depth: usize) -> Result<Element, XmlError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let offset = reader.buffer_position();
        let refuse = |problem| XmlError { problem, offset };
        let event = reader.read_event().map_err(|_| refuse(MALFORMED))?;
        let piece = match event {
            // A scalar is one level deeper than the container that holds it.
            Event::Start(_) if open.len() > depth => return Err(refuse(TOO_DEEP)),
            Event::Start(_) if root.is_some() => return Err(refuse("there is more than one outermost element")),
            Event::Start(start) => {
                open.push(Element::read(&start, offset)?);
                continue;
            }
            Event::End(_) => {
                // The reader has checked that it ends the innermost element.
                let element = open.pop().ok_or_else(|| refuse(MALFORMED))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => root = Some(element),
                }
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => resolve(&reference).ok_or_else(|| refuse("an entity is not defined"))?,
            Event::DocType(_) => return Err(refuse("it has a document type")),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
            Event::Empty(_) => return Err(refuse(MALFORMED)),
            Event::Eof => break,
        };
        match open.last_mut() {
            _ if !piece.chars().all(is_char) => return Err(refuse("it holds a character that XML has not")),
            Some(element) => element.text.push_str(&piece),
            None if is_blank(&piece) => {}
            None => return Err(refuse("there is text outside the outermost element")),
        }
    }
    let end = XmlError { problem: "it ends too early", offset: reader.buffer_position() };
    if open.is_empty() { root.ok_or(end) } else { Err(end) }
}

/// A character, or one of the five entities that XML predefines.
fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok()?.map(String::from);
    }
    let text = match reference.as_ref() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return None,
    };
    Some(text.to_owned())
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

impl Element {
    fn read(start: &BytesStart<'_>, offset: u64) -> Result<Element, XmlError> {
        let refuse = |problem| XmlError { problem, offset };
        let element_name = start.name();
        if element_name.prefix().is_some() {
            return Err(refuse("an element has a prefix"));
        }
        let mut type_ = None;
        for (index, attribute) in start.attributes().enumerate() {
            if index == MAX_ATTRIBUTES {
                return Err(refuse("an element has too many attributes"));
            }
            let attribute = attribute.map_err(|_| refuse(MALFORMED))?;
            let told = match (attribute.key.as_ref(), attribute.value.as_ref()) {
                ("type", value) => TYPES.iter().find(|(name, _)| *name == value).map(|&(_, type_)| type_).ok_or(TYPE),
                ("nil" | "xsi:nil" | "i:nil", "true" | "1") => Ok(Type::Null),
                ("nil" | "xsi:nil" | "i:nil", "false" | "0") => continue,
                ("nil" | "xsi:nil" | "i:nil", _) => Err(NIL),
                (key, _) if key == "xmlns" || key.starts_with("xmlns:") => continue,
                _ => Err(ATTRIBUTE),
            };
            let told = told.map_err(refuse)?;
            if type_.replace(told).is_some() {
                return Err(refuse("an element has two types"));
            }
        }
        let name = name::decode(element_name.as_ref());
        Ok(Element { name, type_, text: String::new(), children: Vec::new(), offset })
    }

    fn refuse(&self, problem: &'static str) -> XmlError {
        XmlError { problem, offset: self.offset }
    }

    fn write(&self, natural: Natural, is_root: bool, json: &mut String) -> Result<(), XmlError> {
        if !self.children.is_empty() && !is_blank(&self.text) {
            return Err(self.refuse(MIXED));
        }
        let holds_elements = !self.children.is_empty();
        let type_ = self.type_.unwrap_or(match natural {
            Natural::Text => Type::String,
            Natural::Number => Type::Number,
            Natural::Name if is_digits(&self.text) => Type::Number,
            Natural::Name => Type::String,
            Natural::Strings => Type::Array,
            Natural::Object => Type::Object,
            Natural::ByShape if holds_elements => Type::Object,
            Natural::ByShape => Type::String,
        });
        match type_ {
            Type::Array => self.write_array(natural, json),
            Type::Object => self.write_object(is_root, json),
            Type::Null | Type::Boolean | Type::Number | Type::String | Type::Json if holds_elements => {
                Err(self.refuse(OTHER_TYPE))
            }
            Type::Null | Type::Boolean | Type::Number | Type::String | Type::Json => {
                let scalar = self.scalar(type_).ok_or_else(|| self.refuse(OTHER_TYPE))?;
                json.push_str(&scalar);
                Ok(())
            }
        }
    }

    /// The JSON of a value without elements.
    fn scalar(&self, type_: Type) -> Option<String> {
        let trimmed = self.text.trim_matches([' ', '\t', '\r', '\n']);
        match type_ {
            Type::Null => trimmed.is_empty().then(|| "null".to_owned()),
            Type::Boolean => matches!(trimmed, "true" | "false").then(|| trimmed.to_owned()),
            Type::Number => serde_json::from_str::<serde_json::Number>(trimmed).is_ok().then(|| trimmed.to_owned()),
            Type::String => Some(Value::from(self.text.as_str()).to_string()),
            Type::Json => serde_json::from_str::<String>(trimmed).ok().map(|text| Value::from(text).to_string()),
            Type::Array | Type::Object => None,
        }
    }

    fn write_array(&self, natural: Natural, json: &mut String) -> Result<(), XmlError> {
        let (name, natural) = match natural {
            Natural::Strings => ("string", Natural::Text),
            _ => ("item", Natural::ByShape),
        };
        if !is_blank(&self.text) {
            return Err(self.refuse(MIXED));
        }
        json.push('[');
        for (index, child) in self.children.iter().enumerate() {
            if child.name != name {
                return Err(child.refuse("an element of an array is neither `string` nor `item`, as it has to be"));
            }
            if index > 0 {
                json.push(',');
            }
            child.write(natural, false, json)?;
        }
        json.push(']');
        Ok(())
    }

    fn write_object(&self, is_root: bool, json: &mut String) -> Result<(), XmlError> {
        if !is_blank(&self.text) {
            return Err(self.refuse(MIXED));
        }
        json.push('{');
        for (index, child) in self.children.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&Value::from(child.name.as_str()).to_string());
            json.push(':');
            let natural = match is_root {
                true => Natural::of_member(declared_name::<Webhook>(&child.name)),
                false => Natural::ByShape,
            };
            child.write(natural, false, json)?;
        }
        json.push('}');
        Ok(())
    }
}

fn is_digits(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
