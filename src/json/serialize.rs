//! From a value that serde writes to its JSON text and the record of that text, in one pass: the text is not walked over
//! again. What the text looks like is serde_json's decision, and what is rare is left to it.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct},
};

use super::{
    print::quoted,
    tape::{EMPTY, Entry, FULL, NO_NAME, Tape},
    walk::settle,
};

/// The text of a value, and its record with the root's place on the tape. A text of more than 256 KiB has no record.
pub(crate) struct Serialized {
    pub(crate) text: Vec<u8>,
    pub(crate) record: Option<(Tape, usize)>,
}

/// Writes a value as compact JSON text.
///
/// `None` where serde_json has to write it: a variant with data, the name of a member that is not a string, a number of
/// 128 bits, bytes, what has a meaning for serde_json alone; a value of more than `depth_limit` levels, or one that
/// cannot be written.
pub(crate) fn serialize(value: &impl Serialize, depth_limit: usize) -> Option<Serialized> {
    // Room for an entity.
    let text = Vec::with_capacity(2_048);
    let mut tape = Tape::for_text(1_024);
    tape.pending.reserve(64);
    let mut serializer = TextSerializer { text, tape, key: NO_NAME, levels_left: depth_limit };
    value.serialize(&mut serializer).ok()?;
    let TextSerializer { text, mut tape, .. } = serializer;
    let root = tape.pending.pop()?;
    tape.entries.push(root);
    let place = tape.entries.len() - 1;
    Some(Serialized { record: (text.len() <= FULL).then_some((tape, place)), text })
}

/// Somebody else has to write this.
#[derive(Debug, thiserror::Error)]
#[error("the value is unusual")]
struct Unusual;

impl ser::Error for Unusual {
    fn custom<T: fmt::Display>(_message: T) -> Unusual {
        Unusual
    }
}

/// What is written so far.
struct TextSerializer {
    text: Vec<u8>,
    /// Containers that are still open wait among the pending values, each followed by its children.
    tape: Tape,
    /// The name of the member whose value comes next.
    key: u32,
    levels_left: usize,
}

impl TextSerializer {
    /// Writes a scalar.
    #[inline]
    fn scalar(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Unusual> {
        let start = self.text.len() as u32;
        write(&mut self.text);
        let key = std::mem::replace(&mut self.key, NO_NAME);
        self.tape.pending.push(Entry { key, start, end: self.text.len() as u32, children: 0 });
        Ok(())
    }

    #[inline]
    fn literal(&mut self, text: &[u8]) -> Result<(), Unusual> {
        self.scalar(|written| written.extend_from_slice(text))
    }

    fn integer(&mut self, is_negative: bool, mut absolute: u64) -> Result<(), Unusual> {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (absolute % 10) as u8;
            absolute /= 10;
            if absolute == 0 {
                break;
            }
        }
        self.scalar(|text| {
            text.extend(is_negative.then_some(b'-'));
            text.extend_from_slice(&digits[start..]);
        })
    }

    fn float(&mut self, float: impl Serialize) -> Result<(), Unusual> {
        self.scalar(|text| serde_json::to_writer(text, &float).expect("a number is JSON, and a vector takes it"))
    }

    fn open(&mut self, bracket: u8) -> Result<ContainerSerializer<'_>, Unusual> {
        self.levels_left = self.levels_left.checked_sub(1).ok_or(Unusual)?;
        let open = self.tape.pending.len();
        self.literal(&[bracket])?;
        Ok(ContainerSerializer { serializer: self, open })
    }
}

/// A container that is being written, by its place among the pending values.
struct ContainerSerializer<'r> {
    serializer: &'r mut TextSerializer,
    open: usize,
}

impl ContainerSerializer<'_> {
    #[inline]
    fn comma(&mut self) {
        if self.serializer.tape.pending.len() > self.open + 1 {
            self.serializer.text.push(b',');
        }
    }

    #[inline]
    fn name(&mut self, name: &str) {
        self.comma();
        let TextSerializer { text, tape, key, .. } = &mut *self.serializer;
        *key = text.len() as u32 + 1;
        tape.escaped_names |= !quoted(name, text);
        text.push(b':');
    }

    fn close(self, bracket: u8) -> Result<(), Unusual> {
        let TextSerializer { text, tape, levels_left, .. } = self.serializer;
        text.push(bracket);
        *levels_left += 1;
        let children = match tape.pending.len() - self.open {
            1 => EMPTY,
            _ => settle(&mut tape.entries, &tape.pending[self.open..]),
        };
        let container = &mut tape.pending[self.open];
        (container.end, container.children) = (text.len() as u32, children);
        tape.pending.truncate(self.open + 1);
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, value: $type) -> Result<(), Unusual> {
            self.integer(i128::from(value) < 0, value.abs_diff(0).into())
        })*
    };
}

impl<'r> Serializer for &'r mut TextSerializer {
    type Ok = ();
    type Error = Unusual;
    type SerializeSeq = ContainerSerializer<'r>;
    type SerializeTuple = ContainerSerializer<'r>;
    type SerializeTupleStruct = ContainerSerializer<'r>;
    type SerializeTupleVariant = Impossible<(), Unusual>;
    type SerializeMap = ContainerSerializer<'r>;
    type SerializeStruct = ContainerSerializer<'r>;
    type SerializeStructVariant = Impossible<(), Unusual>;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unusual> {
        self.literal(if value { b"true" } else { b"false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unusual> {
        self.float(value)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unusual> {
        self.float(value)
    }

    fn serialize_char(self, value: char) -> Result<(), Unusual> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unusual> {
        self.scalar(|text| {
            quoted(value, text);
        })
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_none(self) -> Result<(), Unusual> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unusual> {
        self.literal(b"null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unusual> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Unusual> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<ContainerSerializer<'r>, Unusual> {
        self.open(b'[')
    }

    fn serialize_tuple(self, _length: usize) -> Result<ContainerSerializer<'r>, Unusual> {
        self.open(b'[')
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<ContainerSerializer<'r>, Unusual> {
        self.open(b'[')
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), Unusual>, Unusual> {
        Err(Unusual)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<ContainerSerializer<'r>, Unusual> {
        self.open(b'{')
    }

    fn serialize_struct(self, name: &'static str, _length: usize) -> Result<ContainerSerializer<'r>, Unusual> {
        // serde_json gives a number of any length, and a raw value, away by such a name.
        if name.starts_with('$') { Err(Unusual) } else { self.open(b'{') }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), Unusual>, Unusual> {
        Err(Unusual)
    }
}

/// serde has a trait for each kind of what has elements.
macro_rules! elements {
    ($($kind:ident::$method:ident)*) => {
        $(impl $kind for ContainerSerializer<'_> {
            type Ok = ();
            type Error = Unusual;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unusual> {
                self.comma();
                value.serialize(&mut *self.serializer)
            }

            fn end(self) -> Result<(), Unusual> {
                self.close(b']')
            }
        })*
    };
}

elements! { SerializeSeq::serialize_element SerializeTuple::serialize_element SerializeTupleStruct::serialize_field }

impl SerializeStruct for ContainerSerializer<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unusual> {
        self.name(name);
        value.serialize(&mut *self.serializer)
    }

    fn end(self) -> Result<(), Unusual> {
        self.close(b'}')
    }
}

impl SerializeMap for ContainerSerializer<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Unusual> {
        name.serialize(NameSerializer(self))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unusual> {
        value.serialize(&mut *self.serializer)
    }

    fn end(self) -> Result<(), Unusual> {
        self.close(b'}')
    }
}

/// Takes the name of a member.
struct NameSerializer<'n, 'r>(&'n mut ContainerSerializer<'r>);

macro_rules! no_names {
    ($($method:ident($($type:ty),*) -> $answer:ty;)*) => {
        $(fn $method(self, $(_: $type),*) -> Result<$answer, Unusual> {
            Err(Unusual)
        })*
    };
}

impl Serializer for NameSerializer<'_, '_> {
    type Ok = ();
    type Error = Unusual;
    type SerializeSeq = Impossible<(), Unusual>;
    type SerializeTuple = Impossible<(), Unusual>;
    type SerializeTupleStruct = Impossible<(), Unusual>;
    type SerializeTupleVariant = Impossible<(), Unusual>;
    type SerializeMap = Impossible<(), Unusual>;
    type SerializeStruct = Impossible<(), Unusual>;
    type SerializeStructVariant = Impossible<(), Unusual>;

    fn serialize_str(self, name: &str) -> Result<(), Unusual> {
        self.0.name(name);
        Ok(())
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Unusual> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _value: &T) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Unusual> {
        Err(Unusual)
    }

    no_names! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::json::number::ARBITRARY_PRECISION;

    #[derive(Serialize)]
    struct EveryKind {
        unit: (),
        unit_struct: Nothing,
        tuple: (i8, u64, i64, char),
        floats: [f64; 4],
        short: f32,
        option: Option<Box<EveryKind>>,
        nothing: Option<u8>,
        kind: UnitOrData,
        #[serde(rename = "a \"name\"\n")]
        text: &'static str,
        newtype: OneText,
        empty: [BTreeMap<String, ()>; 2],
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[derive(Serialize)]
    struct Nothing;

    #[derive(Serialize)]
    struct OneText(&'static str);

    #[derive(Serialize)]
    enum UnitOrData {
        Unit,
        Data(u8),
    }

    struct Bytes;

    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"bytes")
        }
    }

    /// An object with one member.
    struct Member<N>(N);

    impl<N: Serialize> Serialize for Member<N> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, true)])
        }
    }

    /// It is written as serde_json does, and recorded as the walker does.
    fn agrees(value: &impl Serialize) {
        let Serialized { text, record } = serialize(value, 127).expect("nothing unusual");
        assert_eq!(String::from_utf8(text.clone()).ok(), serde_json::to_string(value).ok());
        assert_eq!(record.is_none(), text.len() > FULL);
        if let Some((tape, root)) = record {
            let mut walked = Tape::new();
            assert_eq!(walked.record(&text, 0, 127), Ok(root));
            assert_eq!((tape.entries, tape.escaped_names), (walked.entries, walked.escaped_names));
        }
    }

    fn all(option: Option<Box<EveryKind>>, kind: UnitOrData) -> EveryKind {
        EveryKind {
            unit: (),
            unit_struct: Nothing,
            tuple: (i8::MIN, u64::MAX, i64::MIN, '"'),
            floats: [0.1, -0.0, 1e300, f64::NAN],
            short: 0.1,
            option,
            nothing: None,
            kind,
            text: "\u{1}\\ é / \u{7f}\t",
            newtype: OneText(""),
            empty: Default::default(),
            rest: BTreeMap::from([("x".to_owned(), json!([[], {}, [1, {"a": [null, true, false]}]]))]),
        }
    }

    #[test]
    fn a_value_is_written_as_serde_json_does_and_recorded_as_the_walker_does() {
        let value = |_| all(Some(Box::new(all(None, UnitOrData::Unit))), UnitOrData::Unit);
        let values: Vec<EveryKind> = (0..1_000).map(value).collect();
        for values in [&values[..1], &values[..20], &values[..]] {
            // Under `arbitrary_precision` serde_json gives its numbers a meaning of its own.
            match ARBITRARY_PRECISION {
                true => assert!(serialize(&values, 127).is_none()),
                false => agrees(&values),
            }
        }
        agrees(&Member("a \"name\"\n"));
        agrees(&Member('a'.to_string()));
        agrees(&Member(OneText("a")));
        agrees(&Member(UnitOrData::Unit));
    }

    #[test]
    fn what_is_unusual_is_left_to_serde_json() {
        assert!(serialize(&all(None, UnitOrData::Data(1)), 127).is_none());
        assert!(serialize(&BTreeMap::from([(1, 2)]), 127).is_none());
        assert!(serialize(&u128::MAX, 127).is_none());
        assert!(serialize(&[Bytes], 127).is_none());
        assert!(serialize(&Member(Some("a")), 127).is_none());
        assert!(serialize(&Member(UnitOrData::Data(1)), 127).is_none());
        let nested = |levels: usize| (0..levels).fold(json!("a"), |value, _| json!([value]));
        assert_eq!((serialize(&nested(127), 127).is_some(), serialize(&nested(128), 127).is_some()), (true, false));
    }
}
