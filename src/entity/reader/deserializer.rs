//! What a type is given for each kind of value that it asks for.

use std::borrow::Cow;

use serde::{Deserializer, de::Visitor};

use super::{
    access::{ElementAccess, MemberAccess, TaggedVariant, UnitVariant},
    fault::ReadFault,
    kinds::{
        ONE_MEMBER, RESERVED, basic, visit_double, visit_long_signed, visit_long_unsigned, visit_number, visit_single,
    },
    raw::Raw,
    state::Reader,
};
use crate::{
    entity::phrases::{self, Phrase},
    json::number::ARBITRARY_PRECISION,
};

impl<'de> Reader<'de> {
    fn bytes<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        if self.cursor.byte() == b'[' {
            return self.array(visitor);
        }
        match self.cursor.string() {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_bytes(text.as_bytes()),
        }
    }

    fn null<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        match self.cursor.literal("null") {
            true => visitor.visit_unit(),
            false => Err(ReadFault::kind()),
        }
    }

    fn boolean<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        match (self.cursor.literal("true"), self.cursor.literal("false")) {
            (true, _) => visitor.visit_bool(true),
            (_, true) => visitor.visit_bool(false),
            _ => Err(ReadFault::kind()),
        }
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        visit_number(self.cursor.number(), visitor)
    }

    fn double<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        visit_double(self.cursor.number(), visitor)
    }

    fn single<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        visit_single(self.cursor.number(), visitor)
    }

    fn long_signed<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        visit_long_signed(self.cursor.number_text(), visitor)
    }

    fn long_unsigned<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        visit_long_unsigned(self.cursor.number_text(), visitor)
    }

    /// A number for a type that takes any JSON.
    fn any_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        if !ARBITRARY_PRECISION {
            return self.number(visitor);
        }
        // serde_json hands over the text of the number in a way that only its own types know.
        let text = self.cursor.number_text();
        let mut reader = serde_json::Deserializer::from_str(text);
        Deserializer::deserialize_any(&mut reader, visitor).map_err(serde::de::Error::custom)
    }

    fn array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        let asked = self.ask(&visitor);
        self.elements(visitor, asked)
    }

    /// An array for a type that takes this many elements.
    fn tuple<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value, ReadFault> {
        match self.cursor.peek() {
            b'[' => {
                let asked = self.asks.then(|| phrases::elements(count));
                self.elements(visitor, asked)
            }
            _ => self.deserialize_seq(visitor),
        }
    }

    fn elements<V: Visitor<'de>>(&mut self, visitor: V, asked: Option<Phrase>) -> Result<V::Value, ReadFault> {
        let start = self.cursor.at;
        self.enter()?;
        let value = visitor.visit_seq(ElementAccess::new(self));
        let end = self.leave(b']');
        value.and_then(|value| end.map(|()| value)).map_err(|fault| self.settle_container(fault, start, asked))
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, ReadFault> {
        let asked = self.ask(&visitor);
        let start = self.cursor.at;
        self.enter()?;
        let value = visitor.visit_map(MemberAccess::new(self));
        let end = self.leave(b'}');
        value.and_then(|value| end.map(|()| value)).map_err(|fault| self.settle_container(fault, start, asked))
    }
}

/// Methods that read one kind of JSON: what its first byte is, who reads it, and the words for it.
macro_rules! kinds {
    ($($method:ident: $first:pat => $read:expr, $basic:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
            let asked = self.ask(&visitor);
            let read = match self.cursor.peek() {
                $first => $read(self, visitor),
                _ => Err(ReadFault::kind()),
            };
            read.map_err(|fault| fault.settle_scalar(asked, basic::$basic))
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = ReadFault;

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

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        let asked = self.ask(&visitor);
        let first = self.cursor.peek();
        let is_outermost = !self.is_buffering;
        if is_outermost {
            self.buffered.push(self.cursor.at);
            self.is_buffering = true;
        }
        let (read, basic) = match first {
            b'"' => (self.string(visitor), basic::STRING),
            b'{' => (self.object(visitor), basic::OBJECT),
            b'[' => (self.array(visitor), basic::ARRAY),
            b'-' | b'0'..=b'9' => (self.any_number(visitor), basic::NUMBER),
            b't' | b'f' => (self.boolean(visitor), basic::BOOLEAN),
            b'n' => (self.null(visitor), basic::NULL),
            _ => (Err(ReadFault::kind()), phrases::ACCEPTED),
        };
        self.is_buffering &= !is_outermost;
        read.map_err(|fault| fault.settle_scalar(asked, basic))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        match self.cursor.peek() {
            b'n' if self.cursor.literal("null") => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadFault> {
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
    ) -> Result<V::Value, ReadFault> {
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
    ) -> Result<V::Value, ReadFault> {
        match self.cursor.peek() {
            b'"' => visitor.visit_enum(UnitVariant::new(self)),
            b'{' => {
                self.enter()?;
                let value = visitor.visit_enum(TaggedVariant::new(self))?;
                self.leave(b'}').map_err(|_| ReadFault::expected(ONE_MEMBER))?;
                Ok(value)
            }
            _ => Err(ReadFault::one_of(variants)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.cursor.peek();
        self.ignored.push(self.cursor.at);
        self.cursor.skip();
        visitor.visit_unit()
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadFault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, ReadFault> {
        self.tuple(count, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, ReadFault> {
        self.tuple(count, visitor)
    }
}
