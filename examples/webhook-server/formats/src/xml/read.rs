//! XML read into the JSON text that it represents. What the members may hold, and whether one is given twice, is for
//! the reader of the JSON to judge.

use std::fmt;

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};
use serde_json::Value;

use crate::{
    TOO_DEEP,
    natural::Natural,
    xml::{ROOT, is_char, name},
};

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
const ENCODING: &str = "its encoding has to be UTF-8 or US-ASCII, and it is another one";
const OUTSIDE: &str = "there is text outside the outermost element";
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
        if !declaration.version().is_ok_and(|version| version.starts_with("1.")) {
            return Err(refuse(MALFORMED, 0));
        }
    }
    if let Some(error) = error {
        return Err(refuse("it is not UTF-8", error.valid_up_to() as u64));
    }
    read(text, depth).map(String::into_bytes)
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

/// Writes the JSON while it reads. What an element holds is known when the next one begins, or when it ends.
fn read(text: &str, depth: usize) -> Result<String, XmlError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut json = String::with_capacity(text.len());
    let mut open: Vec<Element> = Vec::new();
    loop {
        let offset = reader.buffer_position();
        let refuse = |problem| XmlError { problem, offset };
        let piece = match reader.read_event().map_err(|_| refuse(MALFORMED))? {
            // A scalar is one level deeper than the container that holds it.
            Event::Start(_) if open.len() > depth => return Err(refuse(TOO_DEEP)),
            Event::Start(_) if open.is_empty() && !json.is_empty() => {
                return Err(refuse("there is more than one outermost element"));
            }
            Event::Start(start) => {
                let is_root_open = open.len() == 1;
                let (name, mut element) = Element::read(&start, offset)?;
                match open.last_mut() {
                    Some(parent) => element.natural = parent.begin(&name, is_root_open, &mut json)?,
                    None if name == ROOT => {}
                    None => return Err(refuse("the outermost element is not `Webhook`")),
                }
                open.push(element);
                continue;
            }
            Event::End(_) => {
                // The reader has checked that it ends the innermost element.
                open.pop().ok_or_else(|| refuse(MALFORMED))?.end(&mut json)?;
                continue;
            }
            Event::CData(_) | Event::GeneralRef(_) if open.is_empty() => return Err(refuse(OUTSIDE)),
            Event::Text(text) if text.contains("]]>") => return Err(refuse(MALFORMED)),
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => resolve(&reference).ok_or_else(|| refuse("an entity is not defined"))?,
            Event::DocType(_) => return Err(refuse("it has a document type")),
            // A declaration comes first, and nothing else has its name in any case.
            Event::Decl(_) if offset == 0 => continue,
            Event::PI(instruction) if !instruction.target().eq_ignore_ascii_case("xml") => continue,
            Event::Comment(_) => continue,
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) => return Err(refuse(MALFORMED)),
            Event::Eof if open.is_empty() && !json.is_empty() => return Ok(json),
            Event::Eof => return Err(refuse("it ends too early")),
        };
        match open.last_mut() {
            _ if !piece.chars().all(is_char) => return Err(refuse("it holds a character that XML has not")),
            Some(element) => element.text.push_str(&piece),
            None if is_blank(&piece) => {}
            None => return Err(refuse(OUTSIDE)),
        }
    }
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

/// An element that has not ended.
struct Element {
    natural: Natural,
    /// The attribute `type`, or `null` where the element is nil.
    type_: Option<Type>,
    text: String,
    holds_elements: bool,
    offset: u64,
}

impl Element {
    fn read(start: &BytesStart<'_>, offset: u64) -> Result<(String, Element), XmlError> {
        let refuse = |problem| XmlError { problem, offset };
        let name = start.name();
        if name.prefix().is_some() {
            return Err(refuse("an element has a prefix"));
        }
        if !name::is_name(name.as_ref()) {
            return Err(refuse(MALFORMED));
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
            if type_.replace(told.map_err(refuse)?).is_some() {
                return Err(refuse("an element has two types"));
            }
        }
        let element = Element { natural: Natural::Object, type_, text: String::new(), holds_elements: false, offset };
        Ok((name::decode(name.as_ref()), element))
    }

    fn refuse(&self, problem: &'static str) -> XmlError {
        XmlError { problem, offset: self.offset }
    }

    fn type_(&self) -> Type {
        self.type_.unwrap_or(match self.natural {
            Natural::Text => Type::String,
            Natural::Number => Type::Number,
            Natural::Name if is_digits(&self.text) => Type::Number,
            Natural::Name => Type::String,
            Natural::Strings => Type::Array,
            Natural::Object => Type::Object,
            Natural::ByShape if self.holds_elements => Type::Object,
            Natural::ByShape => Type::String,
        })
    }

    /// Writes what comes before the value of an element inside this one, and tells what that holds.
    fn begin(&mut self, name: &str, is_root: bool, json: &mut String) -> Result<Natural, XmlError> {
        let is_first = !std::mem::replace(&mut self.holds_elements, true);
        let is_mixed = !is_blank(&std::mem::take(&mut self.text));
        let natural = match self.type_() {
            _ if is_mixed => return Err(self.refuse(MIXED)),
            Type::Array => {
                let (expected, natural) = match self.natural {
                    Natural::Strings => ("string", Natural::Text),
                    _ => ("item", Natural::ByShape),
                };
                if name != expected {
                    return Err(self.refuse("an element of an array is neither `string` nor `item`, as it has to be"));
                }
                json.push(if is_first { '[' } else { ',' });
                return Ok(natural);
            }
            Type::Object if is_root => Natural::of_member(name),
            Type::Object => Natural::ByShape,
            Type::Null | Type::Boolean | Type::Number | Type::String | Type::Json => {
                return Err(self.refuse(OTHER_TYPE));
            }
        };
        json.push(if is_first { '{' } else { ',' });
        json.push_str(&Value::from(name).to_string());
        json.push(':');
        Ok(natural)
    }

    /// Writes the value, or the end of it.
    fn end(self, json: &mut String) -> Result<(), XmlError> {
        let trimmed = self.text.trim_matches([' ', '\t', '\r', '\n']);
        let scalar = match self.type_() {
            Type::Array | Type::Object if !trimmed.is_empty() => return Err(self.refuse(MIXED)),
            Type::Array => Some(if self.holds_elements { "]" } else { "[]" }.to_owned()),
            Type::Object => Some(if self.holds_elements { "}" } else { "{}" }.to_owned()),
            Type::Null => trimmed.is_empty().then(|| "null".to_owned()),
            Type::Boolean => matches!(trimmed, "true" | "false").then(|| trimmed.to_owned()),
            Type::Number => serde_json::from_str::<serde_json::Number>(trimmed).is_ok().then(|| trimmed.to_owned()),
            Type::String => Some(Value::from(self.text.as_str()).to_string()),
            Type::Json => serde_json::from_str::<String>(trimmed).ok().map(|text| Value::from(text).to_string()),
        };
        json.push_str(&scalar.ok_or_else(|| self.refuse(OTHER_TYPE))?);
        Ok(())
    }
}

fn is_digits(text: &str) -> bool {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
