//! What visitors take the elements, members and variants of a value from. On the way up a fault learns its path here.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
};

use super::{
    cursor::Cursor,
    fault::ReadFault,
    key::Name,
    kinds::{ONE_MEMBER, is_reserved},
    state::Reader,
};

/// The elements of an array.
pub(super) struct ElementAccess<'r, 'de> {
    reader: &'r mut Reader<'de>,
    count: usize,
}

impl<'r, 'de> ElementAccess<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> ElementAccess<'r, 'de> {
        ElementAccess { reader, count: 0 }
    }
}

impl<'de> SeqAccess<'de> for ElementAccess<'_, 'de> {
    type Error = ReadFault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadFault> {
        if !self.reader.has_next(self.count == 0, b']') {
            return Ok(None);
        }
        self.count += 1;
        let start = self.reader.cursor.at;
        let read = seed.deserialize(&mut *self.reader);
        read.map(Some).map_err(|fault| self.reader.inside(fault, start, || (self.count - 1).to_string()))
    }
}

/// The members of an object.
pub(super) struct MemberAccess<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_first: bool,
    /// Where the last name is.
    name: usize,
}

impl<'r, 'de> MemberAccess<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> MemberAccess<'r, 'de> {
        MemberAccess { reader, is_first: true, name: 0 }
    }
}

impl<'de> MapAccess<'de> for MemberAccess<'_, 'de> {
    type Error = ReadFault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadFault> {
        if !self.reader.has_next(self.is_first, b'}') {
            return Ok(None);
        }
        self.is_first = false;
        self.name = self.reader.cursor.at;
        let name = match self.reader.has_reserved_name() {
            true => Err(ReadFault::expected("not reserved")),
            false => self.reader.name(seed),
        };
        name.map(Some).map_err(|fault| match self.reader.asks {
            true => fault.inside_name(self.reader.name_at(self.name)),
            false => fault,
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadFault> {
        let start = self.reader.value_of_name();
        let read = seed.deserialize(&mut *self.reader);
        read.map_err(|fault| self.reader.inside(fault, start, || self.reader.name_at(self.name)))
    }
}

impl<'de> Reader<'de> {
    /// Whether a container has another element or member, which is then next.
    #[inline]
    fn has_next(&mut self, is_first: bool, end: u8) -> bool {
        let next = self.cursor.peek();
        if is_first {
            return next != end && next != 0;
        }
        // In text that is not valid the container ends here.
        let has_next = next == b',';
        self.cursor.at += usize::from(has_next);
        if has_next {
            self.cursor.peek();
        }
        has_next
    }

    /// Whether the next name makes serde_json read something else than an object, for a type that takes any JSON.
    #[inline]
    fn has_reserved_name(&self) -> bool {
        let first = self.cursor.text.as_bytes().get(self.cursor.at + 1);
        self.is_buffering && matches!(first, Some(b'$' | b'\\')) && is_reserved(&self.name_at(self.cursor.at))
    }

    /// Reads a name, which is next.
    fn name<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<K::Value, ReadFault> {
        if self.cursor.byte() != b'"' {
            return Err(ReadFault::kind());
        }
        seed.deserialize(Name::new(self))
    }

    /// Consumes the colon after a name. Returns where the value starts.
    fn value_of_name(&mut self) -> usize {
        self.cursor.consume(b':');
        self.cursor.peek();
        self.cursor.at
    }

    #[cold]
    fn name_at(&self, at: usize) -> String {
        let mut name = Cursor { at, ..self.cursor };
        if name.byte() == b'"' { name.string().into_owned() } else { String::new() }
    }

    /// What a fault is whose value starts at `start`, in a container.
    #[cold]
    fn inside(&self, fault: ReadFault, start: usize, token: impl FnOnce() -> String) -> ReadFault {
        match self.asks {
            true => self.settle_read(fault, start).inside(token()),
            false => fault,
        }
    }
}

/// A variant that is a name alone.
pub(super) struct UnitVariant<'r, 'de> {
    reader: &'r mut Reader<'de>,
}

impl<'r, 'de> UnitVariant<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> UnitVariant<'r, 'de> {
        UnitVariant { reader }
    }
}

impl<'de> EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = ReadFault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ReadFault> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for UnitVariant<'_, 'de> {
    type Error = ReadFault;

    fn unit_variant(self) -> Result<(), ReadFault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, ReadFault> {
        Err(ReadFault::expected(ONE_MEMBER))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, ReadFault> {
        Err(ReadFault::expected(ONE_MEMBER))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, ReadFault> {
        Err(ReadFault::expected(ONE_MEMBER))
    }
}

/// A variant that is the name of an object's only member, whose value is what the variant holds.
pub(super) struct TaggedVariant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    /// Where the name is.
    name: usize,
}

impl<'r, 'de> TaggedVariant<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>) -> TaggedVariant<'r, 'de> {
        TaggedVariant { reader, name: 0 }
    }

    fn value<T>(self, read: impl FnOnce(&mut Reader<'de>) -> Result<T, ReadFault>) -> Result<T, ReadFault> {
        let start = self.reader.value_of_name();
        read(self.reader).map_err(|fault| self.reader.inside(fault, start, || self.reader.name_at(self.name)))
    }
}

impl<'de> EnumAccess<'de> for TaggedVariant<'_, 'de> {
    type Error = ReadFault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(mut self, seed: V) -> Result<(V::Value, Self), ReadFault> {
        if !self.reader.has_next(true, b'}') {
            return Err(ReadFault::expected(ONE_MEMBER));
        }
        self.name = self.reader.cursor.at;
        Ok((self.reader.name(seed)?, self))
    }
}

impl<'de> VariantAccess<'de> for TaggedVariant<'_, 'de> {
    type Error = ReadFault;

    fn unit_variant(self) -> Result<(), ReadFault> {
        self.value(|reader| <()>::deserialize(reader))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ReadFault> {
        self.value(|reader| seed.deserialize(reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, ReadFault> {
        self.value(|reader| reader.deserialize_tuple(count, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadFault> {
        self.value(|reader| reader.deserialize_struct("", fields, visitor))
    }
}
