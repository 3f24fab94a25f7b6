//! A serde deserializer over JSON text that is known to be valid: it reads what serde_json reads, and knows where a type
//! does not take it, what the type would take there, and what it ignores.
//!
//! The crate's own, since serde_json's errors quote values and have no path; wrappers around it that find out as much
//! take twice the time.

mod access;
mod cursor;
mod fault;
mod missing;
mod name;
mod outline;

use std::{any::type_name, borrow::Cow};

use serde::{Deserializer, de::Visitor};
use serde_json::Value;

use self::access::{Elements, Members, Raw, TaggedVariant, UnitVariant};
pub(crate) use self::{
    cursor::{Cursor, Numeral, is_equal_but_for_blanks},
    outline::Outline,
};
pub use self::{fault::Fault, missing::Missing};
use crate::{
    entity::phrases::{self, Phrase},
    json::number::ARBITRARY_PRECISION,
};

/// How deep a value may be nested, as for serde_json.
const MAX_LEVELS: u8 = 127;

/// Reads a JSON text.
pub struct Reader<'de> {
    cursor: Cursor<'de>,
    level: u8,
    /// Whether each visitor is asked what it expects before it sees a value: once a first reading has failed.
    asks: bool,
    /// Whether serde may buffer what is read, so that it does not say what the type ignores.
    is_buffering: bool,
    /// Where the values are that the type ignores.
    pub(crate) ignored: Vec<usize>,
    /// Where the values are that serde may have buffered, but for those in one another.
    pub(crate) buffered: Vec<usize>,
}

impl<'de> Reader<'de> {
    pub(crate) fn new(text: &'de str) -> Reader<'de> {
        let cursor = Cursor::new(text);
        Reader { cursor, level: 0, asks: false, is_buffering: false, ignored: Vec::new(), buffered: Vec::new() }
    }

    /// A reader that finds out why a type does not take a text. It takes its time.
    pub(crate) fn asking(text: &'de str) -> Reader<'de> {
        Reader { asks: true, ..Reader::new(text) }
    }

    /// Reads the whole text as one value.
    pub(crate) fn whole<T>(&mut self, read: impl FnOnce(&mut Reader<'de>) -> Result<T, Fault>) -> Result<T, Fault> {
        self.cursor.peek();
        let start = self.cursor.at;
        let value = read(self).map_err(|fault| self.settle_read(fault, start))?;
        match self.cursor.peek() {
            0 if self.cursor.at == self.cursor.text.len() => Ok(value),
            _ => Err(Fault::length()),
        }
    }

    /// What the visitor expects, if that is of interest.
    #[inline]
    fn ask<V: Visitor<'de>>(&self, visitor: &V) -> Option<Phrase> {
        match self.asks {
            true => phrases::of_visitor(visitor, size_of::<V>() == 0, type_name::<V::Value>()),
            false => None,
        }
    }

    /// Settles a fault of a value that was read to its end.
    #[cold]
    fn settle_read(&self, fault: Fault, start: usize) -> Fault {
        match self.asks {
            true => fault.settle_read(self.value_at(start), self.has_buffered(start)),
            false => fault,
        }
    }

    /// Settles a fault of a container's visitor.
    #[cold]
    fn settle_container(&self, fault: Fault, start: usize, asked: Option<Phrase>) -> Fault {
        match self.asks {
            true => fault.settle_container(asked, self.value_at(start), self.has_buffered(start)),
            false => fault,
        }
    }

    fn value_at(&self, start: usize) -> &'de str {
        Cursor { at: start, ..self.cursor }.skipped()
    }

    fn has_buffered(&self, start: usize) -> bool {
        self.buffered.last().is_some_and(|&last| last >= start)
    }

    fn string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        match self.cursor.string() {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        }
    }

    fn bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        if self.cursor.byte() == b'[' {
            return self.array(visitor);
        }
        match self.cursor.string() {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_bytes(text.as_bytes()),
        }
    }

    fn null<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        match self.cursor.literal("null") {
            true => visitor.visit_unit(),
            false => Err(Fault::kind()),
        }
    }

    fn boolean<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        match (self.cursor.literal("true"), self.cursor.literal("false")) {
            (true, _) => visitor.visit_bool(true),
            (_, true) => visitor.visit_bool(false),
            _ => Err(Fault::kind()),
        }
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        visit_number(self.cursor.number(), visitor)
    }

    fn double<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        visit_double(self.cursor.number(), visitor)
    }

    fn single<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        visit_single(self.cursor.number(), visitor)
    }

    fn long_signed<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        visit_long_signed(self.cursor.number_text(), visitor)
    }

    fn long_unsigned<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        visit_long_unsigned(self.cursor.number_text(), visitor)
    }

    /// A number for a type that takes any JSON.
    fn any_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        if !ARBITRARY_PRECISION {
            return self.number(visitor);
        }
        // serde_json hands over the text of the number in a way that only its own types know.
        let text = self.cursor.number_text();
        let mut reader = serde_json::Deserializer::from_str(text);
        Deserializer::deserialize_any(&mut reader, visitor).map_err(serde::de::Error::custom)
    }

    /// Where a container begins, one level down.
    fn enter(&mut self) -> Result<(), Fault> {
        if self.level == MAX_LEVELS {
            return Err(Fault::expected(format!("at most {MAX_LEVELS} levels")));
        }
        self.level += 1;
        self.cursor.at += 1;
        Ok(())
    }

    /// Where a container ends. The type may have left something in it.
    fn leave(&mut self, end: u8) -> Result<(), Fault> {
        self.level -= 1;
        if self.cursor.consume(end) { Ok(()) } else { Err(Fault::length()) }
    }

    fn array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let asked = self.ask(&visitor);
        self.elements(visitor, asked)
    }

    /// An array for a type that takes this many elements.
    fn tuple<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        match self.cursor.peek() {
            b'[' => {
                let asked = self.asks.then(|| phrases::elements(count));
                self.elements(visitor, asked)
            }
            _ => self.deserialize_seq(visitor),
        }
    }

    fn elements<V: Visitor<'de>>(&mut self, visitor: V, asked: Option<Phrase>) -> Result<V::Value, Fault> {
        let start = self.cursor.at;
        self.enter()?;
        let value = visitor.visit_seq(Elements::new(self));
        let end = self.leave(b']');
        value.and_then(|value| end.map(|()| value)).map_err(|fault| self.settle_container(fault, start, asked))
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let asked = self.ask(&visitor);
        let start = self.cursor.at;
        self.enter()?;
        let value = visitor.visit_map(Members::new(self));
        let end = self.leave(b'}');
        value.and_then(|value| end.map(|()| value)).map_err(|fault| self.settle_container(fault, start, asked))
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, Fault> {
    match number {
        Numeral::Unsigned(value) => visitor.visit_u64(value),
        Numeral::Signed(value) => visitor.visit_i64(value),
        Numeral::Decimal(text) => match text.parse() {
            Ok(value) if f64::is_finite(value) => visitor.visit_f64(value),
            _ => Err(Fault::kind()),
        },
    }
}

fn visit_double<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, Fault> {
    match number {
        Numeral::Decimal(text) if !text.parse().is_ok_and(f64::is_finite) => {
            Err(Fault::expected("a number that a 64-bit float can hold"))
        }
        number => visit_number(number, visitor),
    }
}

fn visit_single<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, Fault> {
    match number {
        Numeral::Decimal(text) => match text.parse() {
            // Not by way of an `f64`, which would round twice.
            Ok(value) if f32::is_finite(value) => visitor.visit_f64(value.into()),
            _ => Err(Fault::expected("a number that a 32-bit float can hold")),
        },
        number => visit_number(number, visitor),
    }
}

fn visit_long_signed<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Fault> {
    visitor.visit_i128(text.parse().map_err(|_| Fault::kind())?)
}

fn visit_long_unsigned<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Fault> {
    visitor.visit_u128(text.parse().map_err(|_| Fault::kind())?)
}

/// How the names begin that serde_json keeps to itself.
const RESERVED: &str = "$serde_json::private::";

/// An enum that is no string is an object of this kind.
const ONE_MEMBER: &str = "an object with one member";

/// Whether serde_json gives an object with a member of this name a meaning of its own, so that it would be read as
/// something else than an object.
pub(crate) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
        && !serde_json::from_str::<Value>(&format!("{{{}:\"0\"}}", Value::from(name)))
            .is_ok_and(|read| read.is_object())
}

/// What kind of JSON a method asks for.
mod basic {
    pub(super) const BOOLEAN: &str = "true or false";
    pub(super) const NUMBER: &str = "a number";
    pub(super) const WHOLE: &str = "a whole number";
    pub(super) const STRING: &str = "a string";
    pub(super) const BYTES: &str = "a string or an array of whole numbers from 0 to 255";
    pub(super) const NULL: &str = "null";
    pub(super) const ARRAY: &str = "an array";
    pub(super) const OBJECT: &str = "an object";
}

/// The words for a kind of JSON, by its first byte.
fn basic_of(first: u8) -> &'static str {
    match first {
        b'"' => basic::STRING,
        b't' | b'f' => basic::BOOLEAN,
        b'n' => basic::NULL,
        b'[' => basic::ARRAY,
        b'{' => basic::OBJECT,
        _ => basic::NUMBER,
    }
}

/// Methods that read one kind of JSON: what its first byte is, who reads it, and the words for it.
macro_rules! kinds {
    ($($method:ident: $first:pat => $read:expr, $basic:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let asked = self.ask(&visitor);
            let read = match self.cursor.peek() {
                $first => $read(self, visitor),
                _ => Err(Fault::kind()),
            };
            read.map_err(|fault| fault.settle_scalar(asked, basic::$basic))
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Fault;

    kinds! {
        deserialize_bool: b't' | b'f' => Reader::boolean, BOOLEAN;
        deserialize_i8: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_i16: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_i32: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_i64: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_i128: b'-' | b'0'..=b'9' => Reader::long_signed, WHOLE;
        deserialize_u8: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_u16: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_u32: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_u64: b'-' | b'0'..=b'9' => Reader::number, WHOLE;
        deserialize_u128: b'-' | b'0'..=b'9' => Reader::long_unsigned, WHOLE;
        deserialize_f32: b'-' | b'0'..=b'9' => Reader::single, NUMBER;
        deserialize_f64: b'-' | b'0'..=b'9' => Reader::double, NUMBER;
        deserialize_str: b'"' => Reader::string, STRING;
        deserialize_bytes: b'"' | b'[' => Reader::bytes, BYTES;
        deserialize_unit: b'n' => Reader::null, NULL;
        deserialize_seq: b'[' => Reader::array, ARRAY;
        deserialize_map: b'{' => Reader::object, OBJECT;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let asked = self.ask(&visitor);
        let first = self.cursor.peek();
        let is_outermost = !self.is_buffering;
        if is_outermost {
            self.buffered.push(self.cursor.at);
            self.is_buffering = true;
        }
        let read = match first {
            b'"' => self.string(visitor),
            b'{' => self.object(visitor),
            b'[' => self.array(visitor),
            b'-' | b'0'..=b'9' => self.any_number(visitor),
            b't' | b'f' => self.boolean(visitor),
            b'n' => self.null(visitor),
            _ => Err(Fault::kind()),
        };
        self.is_buffering &= !is_outermost;
        read.map_err(|fault| fault.settle_scalar(asked, basic_of(first)))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.cursor.peek() {
            b'n' if self.cursor.literal("null") => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        // What asks for a name that nobody else may have is serde_json's `RawValue`: it wants a map from that name to
        // the text.
        if name.starts_with(RESERVED) {
            return visitor.visit_map(Raw::new(name, self.cursor.skipped()));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.cursor.peek() {
            b'[' => self.array(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.cursor.peek() {
            b'"' => visitor.visit_enum(UnitVariant::new(self)),
            b'{' => {
                self.enter()?;
                let value = visitor.visit_enum(TaggedVariant::new(self))?;
                self.leave(b'}').map_err(|_| Fault::expected(ONE_MEMBER))?;
                Ok(value)
            }
            _ => Err(Fault::one_of(variants)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.cursor.peek();
        self.ignored.push(self.cursor.at);
        self.cursor.skip();
        visitor.visit_unit()
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        self.tuple(count, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.tuple(count, visitor)
    }
}
