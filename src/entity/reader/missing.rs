//! What a member that is absent reads as.

use serde::{
    Deserializer,
    de::{Error, Visitor},
    forward_to_deserialize_any,
};

use super::fault::ReadFault;

/// Takes the place of the value of an absent member: only an option reads from it, as with serde's derive.
#[allow(
    clippy::exhaustive_structs,
    reason = "only the code that the derive writes names it, and that is of the same version"
)]
pub struct Missing;

impl<'de> Deserializer<'de> for Missing {
    type Error = ReadFault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ReadFault> {
        Err(ReadFault::missing_field(""))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadFault> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
