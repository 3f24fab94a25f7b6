//! What holds for every text and every type: plain functions over plain data that assert.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ffi::CString,
    fmt::{self, Debug},
    net::{IpAddr, SocketAddr},
    num::{NonZeroI16, NonZeroU8},
    ops::{Bound, Range},
    path::PathBuf,
    time::Duration,
};

use entity_patch::__private::{Field, Probe, Reading, Shape, value};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::types::*;

/// Every type reads what serde_json reads, and refuses what it refuses.
pub fn reads_as_serde_json(text: &str) {
    // A name that serde_json keeps to itself is refused on purpose.
    if text.contains("serde_json::private::") || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return;
    }
    macro_rules! compare {
        ($($type:ty),* $(,)?) => {
            $(compare::<$type>(text, stringify!($type));)*
        };
    }
    for_each_type!(compare);
}

fn compare<'de, T: Deserialize<'de> + Debug>(text: &'de str, name: &str) {
    // By `from_slice`: with `from_str` serde_json takes half of a character of a boolean's name for a string.
    let expected = serde_json::from_slice::<T>(text.as_bytes()).map(|value| format!("{value:?}"));
    let read = value::<T>(text.as_bytes()).map(|value| format!("{value:?}"));
    match (&read, &expected) {
        (Ok(read), Ok(expected)) => assert_eq!(read, expected, "{name} from {text}"),
        (Err(_), Err(_)) => {}
        (Ok(read), Err(error)) => panic!("{name} from {text} is {read} and not {error}"),
        (Err(refusal), Ok(expected)) => panic!("{name} from {text} is {expected} and not {refusal:?}"),
    }
}

/// A shape holds for exactly what serde_json reads, and the type writes that as it was sent. A number that no 64-bit float
/// holds is in no body.
pub fn has_the_shape_of_what_it_reads(text: &str) {
    if serde_json::from_str::<Value>(text).is_err() {
        return;
    }
    macro_rules! check {
        ($($type:ty),* $(,)?) => {
            $(check_shape::<$type>(Probe::<$type>::SHAPE, text, stringify!($type));)*
        };
    }
    check!(
        bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, String, Option<String>, Option<bool>, Option<i32>,
        Vec<String>, Option<Vec<String>>, Vec<Option<u8>>, Vec<Vec<i8>>, Option<Option<u16>>, Value, Option<Value>,
        Map<String, Value>, Option<Map<String, Value>>, BTreeMap<String, String>, HashMap<String, Option<String>>,
        BTreeMap<String, Vec<Value>>, Vec<Map<String, Value>>,
    );
}

fn check_shape<T: DeserializeOwned + Serialize>(shape: Shape, text: &str, name: &str) {
    let has_shape = shape.check(text.as_bytes());
    let read = Field::of::<T>().read(text.as_bytes(), &mut 1_000_000);
    match (has_shape, read) {
        // Of two members of one name the type keeps the last one.
        (Ok(()), Ok(_)) if has_twins(text) => {}
        (Ok(()), Ok(reading)) => {
            assert_eq!(reading.ignored, [[""; 0]; 0], "{name} from {text}");
            let value = |json| serde_json::from_slice::<Value>(json).expect("JSON");
            if !text.contains("serde_json::private::") {
                assert_eq!(value(&reading.json), value(text.as_bytes()), "{name} from {text}");
            }
        }
        (Err(misfit), Err(other)) => assert_eq!(misfit.path, other.path, "{name} from {text}"),
        (Ok(()), Err(misfit)) => panic!("{name} from {text} has the shape, but {misfit:?}"),
        (Err(misfit), Ok(_)) => panic!("{name} from {text} is read, but {misfit:?}"),
    }
}

/// No type panics on any bytes.
pub fn takes_any_bytes(bytes: &[u8]) {
    macro_rules! take {
        ($($type:ty),* $(,)?) => {
            $(let _ = value::<$type>(bytes);)*
        };
    }
    for_each_type!(take);
    for (_, field) in fields() {
        let _ = field.read(bytes, &mut 100_000);
    }
    for shape in [Probe::<Value>::SHAPE, Probe::<Vec<u8>>::SHAPE, Probe::<BTreeMap<String, Vec<bool>>>::SHAPE] {
        let _ = shape.check(bytes);
    }
}

/// No type shows what it was given.
pub fn shows_no_value(text: &str, planted: &[&str]) {
    macro_rules! look {
        ($($type:ty),* $(,)?) => {
            $(if let Err(refusal) = value::<$type>(text.as_bytes()) {
                let shown = format!("{refusal:?}");
                for planted in planted {
                    assert!(!shown.contains(planted), "{} shows {planted} of {text}: {shown}", stringify!($type));
                }
            })*
        };
    }
    for_each_type!(look);
    for (name, field) in fields() {
        if let Err(misfit) = field.read(text.as_bytes(), &mut 100_000) {
            let shown = format!("{misfit:?} {}", misfit.why);
            for planted in planted {
                assert!(!shown.contains(planted), "{name} shows {planted} of {text}: {shown}");
            }
        }
    }
}

/// What a field writes reads back: to the same JSON, with nothing ignored. What it is said to ignore changes nothing.
pub fn writes_what_reads_back(text: &str) {
    if serde_json::from_str::<Value>(text).is_err() {
        return;
    }
    for (name, field) in fields() {
        let Ok(Reading { json, is_left_out, ignored }) = field.read(text.as_bytes(), &mut 1_000_000) else { continue };
        let shown = String::from_utf8_lossy(&json).into_owned();
        let again =
            field.read(&json, &mut 1_000_000).unwrap_or_else(|error| panic!("{name} of {text}: {shown} {error:?}"));
        // A map of some type may hold a name with which a tree would take it for a number.
        if serde_json::from_slice::<Value>(&json).is_err() {
            assert!(shown.contains("$serde_json::private::"), "{name} of {text}: {shown} is no JSON");
            assert_eq!(again.json, json, "{name} of {text}");
            continue;
        }
        let read = |json: &[u8]| {
            let mut value: Value = serde_json::from_slice(json).expect("a type writes JSON");
            if let ("HashSet < u8 >" | "HashSet<u8>", Value::Array(elements)) = (name, &mut value) {
                elements.sort_by_key(Value::as_u64);
            }
            value
        };
        assert_eq!(read(&again.json), read(&json), "{name} of {text}");
        assert!(is_left_out || again.ignored.is_empty(), "{name} of {text}: {shown}: {again:?}");
        let mut rest: Value = serde_json::from_str(text).expect("JSON");
        for path in &ignored {
            remove(&mut rest, path);
        }
        // A tree cannot hold duplicate names.
        if !ignored.is_empty() && !has_twins(text) {
            let rest = rest.to_string();
            let without = field.read(rest.as_bytes(), &mut 1_000_000);
            let without = without.unwrap_or_else(|error| panic!("{name} of {text} without {ignored:?}: {error:?}"));
            assert_eq!(read(&without.json), read(&json), "{name} of {text} without {ignored:?}");
        }
    }
}

/// Whether an object has two members of one name.
fn has_twins(text: &str) -> bool {
    struct Names;
    impl<'de> Deserialize<'de> for Names {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
            deserializer.deserialize_any(Names)
        }
    }
    impl<'de> Visitor<'de> for Names {
        type Value = Names;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("names that differ")
        }
        fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_str<E>(self, _: &str) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_unit<E>(self) -> Result<Names, E> {
            Ok(Names)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Names, A::Error> {
            while elements.next_element::<Names>()?.is_some() {}
            Ok(Names)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
            let is_arbitrary = std::mem::needs_drop::<Number>();
            let mut names = BTreeSet::new();
            while let Some(name) = members.next_key::<String>()? {
                let is_number = is_arbitrary && name == NUMBER;
                if !is_number && !names.insert(name) {
                    return Err(de::Error::custom("twins"));
                }
                let _: Option<Names> = members.next_value()?;
            }
            Ok(Names)
        }
    }
    /// How serde_json hands over a number under `arbitrary_precision`.
    const NUMBER: &str = "$serde_json::private::Number";
    serde_json::from_str::<Names>(text).is_err()
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    let parent = parents.iter().try_fold(value, |value, token| match value {
        Value::Array(elements) => elements.get_mut(token.parse::<usize>().ok()?),
        value => value.get_mut(token.as_str()),
    });
    if let Some(Value::Object(members)) = parent {
        members.remove(last);
    }
}

/// Fields of types that can be written.
pub fn fields() -> Vec<(&'static str, Field)> {
    macro_rules! fields {
        ($($type:ty),* $(,)?) => {
            vec![$((stringify!($type), Field::of::<$type>())),*]
        };
    }
    fields!(
        Plain, Strict, Kind, External, Internal, Adjacent, Untagged, Inner, Flattened, Kept, Unit, Newtype, Triple, Tree,
        Even, Date, Priced, Vec<Internal>, BTreeMap<String, Untagged>, Unordered, f32, Vec<f32>, Option<f64>, Value,
        Vec<Option<Kind>>, HashSet<u8>, (u8, Vec<Plain>), Duration, i128
    )
}
