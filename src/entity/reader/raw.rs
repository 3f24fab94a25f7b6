//! How serde_json's `RawValue` is read.

use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, value::BorrowedStrDeserializer};

use super::fault::ReadFault;

/// The text of a value under the name that serde_json's `RawValue` asks for.
pub(super) struct Raw<'de> {
    name: Option<&'static str>,
    text: &'de str,
}

impl<'de> Raw<'de> {
    pub(super) fn new(name: &'static str, text: &'de str) -> Raw<'de> {
        Raw { name: Some(name), text }
    }
}

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = ReadFault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadFault> {
        match self.name.take() {
            Some(name) => seed.deserialize(name.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadFault> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text))
    }
}
