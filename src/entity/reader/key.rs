//! A member's name, read as whatever the keys of a map are: a number or a boolean is between quotes, as for serde_json.

use serde::{Deserializer, de::Visitor, forward_to_deserialize_any};

use super::{
    cursor::{Cursor, is_number},
    fault::ReadFault,
    kinds::{RESERVED, basic, visit_double, visit_long_signed, visit_long_unsigned, visit_number, visit_single},
    raw::Raw,
    state::Reader,
};

/// A name, at whose opening quote the reader is.
pub(super) struct Name<'r, 'de> {
    reader: &'r mut Reader<'de>,
}

impl<'r, 'de> Name<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> Name<'r, 'de> {
        Name { reader }
    }
}

/// Methods that read a number or a boolean, as it is written between the quotes.
macro_rules! quoted {
    ($($method:ident: $is_valid:expr, $visit:expr, $basic:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
            let asked = self.reader.ask(&visitor);
            let text = self.reader.cursor.raw_string();
            let read = match $is_valid(text) {
                true => $visit(text, visitor),
                false => Err(ReadFault::kind()),
            };
            read.map_err(|fault| fault.settle_scalar(asked, basic::$basic))
        })*
    };
}

fn number<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visit_number(Cursor::new(text).number(), visitor)
}

fn single<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visit_single(Cursor::new(text).number(), visitor)
}

fn double<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visit_double(Cursor::new(text).number(), visitor)
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

fn boolean<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visitor.visit_bool(text == "true")
}

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = ReadFault;

    quoted! {
        deserialize_bool: is_boolean, boolean, BOOLEAN;
        deserialize_i8: is_number, number, WHOLE;
        deserialize_i16: is_number, number, WHOLE;
        deserialize_i32: is_number, number, WHOLE;
        deserialize_i64: is_number, number, WHOLE;
        deserialize_i128: is_number, visit_long_signed, WHOLE;
        deserialize_u8: is_number, number, WHOLE;
        deserialize_u16: is_number, number, WHOLE;
        deserialize_u32: is_number, number, WHOLE;
        deserialize_u64: is_number, number, WHOLE;
        deserialize_u128: is_number, visit_long_unsigned, WHOLE;
        deserialize_f32: is_number, single, NUMBER;
        deserialize_f64: is_number, double, NUMBER;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        let asked = self.reader.ask(&visitor);
        self.reader.string(visitor).map_err(|fault| fault.settle_scalar(asked, basic::STRING))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadFault> {
        match name.starts_with(RESERVED) {
            true => visitor.visit_map(Raw::new(name, self.reader.cursor.skipped())),
            false => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadFault> {
        self.reader.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.reader.deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        self.reader.deserialize_bytes(visitor)
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
