//! The kinds of JSON values that a type may ask for: their words, numbers of every size, and the names that serde_json keeps
//! to itself.

use serde::de::Visitor;
use serde_json::Value;

use super::{cursor::Numeral, fault::ReadFault};

pub(super) fn visit_number<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, ReadFault> {
    match number {
        Numeral::Unsigned(value) => visitor.visit_u64(value),
        Numeral::Signed(value) => visitor.visit_i64(value),
        Numeral::Decimal(text) => match text.parse() {
            Ok(value) if f64::is_finite(value) => visitor.visit_f64(value),
            _ => Err(ReadFault::kind()),
        },
    }
}

pub(super) fn visit_double<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, ReadFault> {
    match number {
        Numeral::Decimal(text) if !text.parse().is_ok_and(f64::is_finite) => {
            Err(ReadFault::expected("a number that a 64-bit float can hold"))
        }
        number => visit_number(number, visitor),
    }
}

pub(super) fn visit_single<'de, V: Visitor<'de>>(number: Numeral<'_>, visitor: V) -> Result<V::Value, ReadFault> {
    match number {
        Numeral::Decimal(text) => match text.parse() {
            // Not by way of an `f64`, which would round twice.
            Ok(value) if f32::is_finite(value) => visitor.visit_f64(value.into()),
            _ => Err(ReadFault::expected("a number that a 32-bit float can hold")),
        },
        number => visit_number(number, visitor),
    }
}

pub(super) fn visit_long_signed<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visitor.visit_i128(text.parse().map_err(|_| ReadFault::kind())?)
}

pub(super) fn visit_long_unsigned<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, ReadFault> {
    visitor.visit_u128(text.parse().map_err(|_| ReadFault::kind())?)
}

/// How the names begin that serde_json keeps to itself.
pub(super) const RESERVED: &str = "$serde_json::private::";

/// An enum that is not a string is an object of this kind.
pub(super) const ONE_MEMBER: &str = "an object with one member";

/// Whether serde_json gives an object with a member of this name a meaning of its own, so that it would be read as
/// something else than an object.
pub(crate) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
        && !serde_json::from_str::<Value>(&format!("{{{}:\"0\"}}", Value::from(name)))
            .is_ok_and(|read| read.is_object())
}

/// What kind of JSON a method asks for.
pub(super) mod basic {
    pub(in crate::entity::reader) const BOOLEAN: &str = "true or false";
    pub(in crate::entity::reader) const NUMBER: &str = "a number";
    pub(in crate::entity::reader) const WHOLE: &str = "a whole number";
    pub(in crate::entity::reader) const STRING: &str = "a string";
    pub(in crate::entity::reader) const BYTES: &str = "a string or an array of whole numbers from 0 to 255";
    pub(in crate::entity::reader) const NULL: &str = "null";
    pub(in crate::entity::reader) const ARRAY: &str = "an array";
    pub(in crate::entity::reader) const OBJECT: &str = "an object";
}
