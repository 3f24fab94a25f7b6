//! Types that read JSON in every way that serde has.
#![allow(dead_code, reason = "they are read, and shown by `Debug`")]

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt,
    num::NonZeroU8,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plain {
    pub a: u8,
    #[serde(default)]
    pub b: Option<String>,
    #[serde(default, alias = "C")]
    pub c: Vec<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<Box<Plain>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strict {
    pub a: bool,
    #[serde(default)]
    pub b: f32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Exact {
    S(Strict),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// It passes on what another type says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Quoting<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Quoting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quoting<T>, D::Error> {
        T::deserialize(deserializer).map(Quoting).map_err(de::Error::custom)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Home,
    Work,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum External {
    A,
    B(u8),
    C(u8, String),
    X { a: bool, b: Option<f64> },
    N(Box<External>),
    U(()),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Internal {
    A,
    B { a: u8, b: Option<String> },
    C(Plain),
    X { x: f32, c: BTreeMap<String, i64> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
pub enum Adjacent {
    A,
    B(u8),
    C(u8, String),
    X { a: bool, b: Option<f64> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Untagged {
    Null,
    Whole(u8),
    Float(f64),
    Pair(u8, String),
    Named { a: u8, b: Option<String> },
    Kind(Kind),
    Text(String),
    List(Vec<Untagged>),
}

/// Serde buffers it, and knows each member by another name, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Renamed {
    Lists {
        #[serde(alias = "L")]
        l: Vec<Vec<Plain>>,
        #[serde(alias = "M")]
        m: Plain,
    },
    Free {
        #[serde(alias = "V")]
        v: Value,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inner {
    pub b: String,
    #[serde(default)]
    pub c: Option<f32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flattened {
    pub a: u8,
    #[serde(flatten)]
    pub inner: Inner,
    #[serde(flatten)]
    pub tagged: Internal,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub a: Option<i8>,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Newtype(pub Option<i64>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Triple(pub u8, pub Option<String>, pub [i8; 2]);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    #[serde(default)]
    pub a: i16,
    #[serde(default)]
    pub c: Vec<Tree>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub struct Borrowed<'s> {
    #[serde(borrow)]
    pub a: &'s str,
    #[serde(borrow)]
    pub b: Cow<'s, str>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Even(pub String);

impl TryFrom<String> for Even {
    type Error = String;
    fn try_from(text: String) -> Result<Even, String> {
        if text.len() % 2 == 0 { Ok(Even(text)) } else { Err(format!("{text} is odd, expected {text}x")) }
    }
}

impl From<Even> for String {
    fn from(even: Even) -> String {
        even.0
    }
}

/// Bytes, from whatever a format has for them, which names the format's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Bytes {
    Borrowed(Vec<u8>),
    Copied(Vec<u8>),
    Elements(Vec<u8>),
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct BytesVisitor;
        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("bytes")
            }
            fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Bytes, E> {
                Ok(Bytes::Borrowed(bytes.to_vec()))
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::Copied(bytes.to_vec()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Bytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = elements.next_element()? {
                    bytes.push(byte);
                }
                Ok(Bytes::Elements(bytes))
            }
        }
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

/// A string or a struct, by whatever comes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Loose(pub Plain);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Loose, D::Error> {
        struct LooseVisitor;
        impl<'de> Visitor<'de> for LooseVisitor {
            type Value = Loose;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name or an object")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Loose, E> {
                Ok(Loose(Plain { a: 0, b: Some(text.to_owned()), c: Vec::new(), x: None }))
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Loose, A::Error> {
                Plain::deserialize(MapAccessDeserializer::new(members)).map(Loose)
            }
        }
        deserializer.deserialize_any(LooseVisitor)
    }
}

/// A date, which says more than it should about what is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Date(pub u16, pub u8);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        struct DateVisitor;
        impl Visitor<'_> for DateVisitor {
            type Value = Date;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a year and a month such as 2024-12")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                let (year, month) = text.split_once('-').ok_or_else(|| {
                    de::Error::invalid_value(de::Unexpected::Str(text), &format!("{text}-01").as_str())
                })?;
                let year = year.parse().map_err(|error| E::custom(format!("{year}: {error}, expected {year}")))?;
                Ok(Date(year, month.parse().map_err(|_| E::custom(format!("{month} is no month")))?))
            }
        }
        deserializer.deserialize_str(DateVisitor)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04}-{:02}", self.0, self.1))
    }
}

/// Cents that are written as a decimal.
pub mod cents {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (whole, cents) = text.split_once('.').ok_or_else(|| D::Error::custom(format!("`{text}` has no point")))?;
        let number = |text: &str| text.parse::<u32>().map_err(D::Error::custom);
        Ok(number(whole)?.wrapping_mul(100).wrapping_add(number(cents)? % 100))
    }

    pub fn serialize<S: Serializer>(cents: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}.{:02}", cents / 100, cents % 100))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Priced {
    #[serde(with = "cents")]
    pub a: u32,
    pub b: Date,
    #[serde(default)]
    pub c: Option<Even>,
    #[serde(default)]
    pub x: Kinds,
}

pub type Kinds = BTreeMap<Kind, NonZeroU8>;

/// The key of a map that is a float.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct FloatKey(f64);

impl Eq for FloatKey {}

impl PartialOrd for FloatKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FloatKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct OptionKey(Option<i32>);

/// It asks for one kind of JSON, and refuses all of it: at once, or when it has read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refusing<const KIND: char, const LATE: bool>;

fn words_of(kind: char) -> &'static str {
    match kind {
        's' => "a string",
        'b' => "a boolean",
        'n' => "unit",
        'a' => "a sequence",
        'o' => "a map",
        _ => "a JSON number",
    }
}

impl<'de, const KIND: char, const LATE: bool> Deserialize<'de> for Refusing<KIND, LATE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Refusing<KIND, LATE>, D::Error> {
        struct RefusingVisitor<const KIND: char>;
        impl<const KIND: char> Visitor<'_> for RefusingVisitor<KIND> {
            type Value = ();
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(words_of(KIND))
            }
        }
        if LATE {
            Value::deserialize(deserializer)?;
            return Err(de::Error::invalid_value(de::Unexpected::Other("it"), &words_of(KIND)));
        }
        deserializer.deserialize_any(RefusingVisitor::<KIND>).map(|()| Refusing)
    }
}

/// The text of a value, as serde_json's `RawValue` asks for it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawText(pub String);

impl<'de> Deserialize<'de> for RawText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawText, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = RawText;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any value")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RawText, A::Error> {
                let member: Option<(String, String)> = members.next_entry()?;
                match member {
                    Some((name, text)) if name == RAW => Ok(RawText(text)),
                    Some(_) | None => Err(de::Error::custom("no text")),
                }
            }
        }
        const RAW: &str = "$serde_json::private::RawValue";
        deserializer.deserialize_newtype_struct(RAW, RawVisitor)
    }
}

/// What calls its argument with each type, and its name.
macro_rules! for_each_type {
    ($call:ident) => {
        $call!(
            Plain, Strict, Kind, External, Internal, Adjacent, Untagged, Inner, Flattened, Kept, Unit, Newtype, Triple,
            Tree, Borrowed<'_>, Even, Bytes, Loose, Date, Priced, Kinds,
            (), bool, u8, u16, u32, u64, usize, u128, i8, i16, i32, i64, i128, f32, f64, char, String, &str,
            NonZeroU8, NonZeroI16, (u8, String), [u8; 3], [bool; 0], Option<Option<u8>>, Vec<f32>, Vec<Option<bool>>,
            BTreeMap<u8, u8>, BTreeMap<bool, i64>, BTreeMap<i128, u8>, BTreeMap<u128, Value>, BTreeMap<char, u8>,
            BTreeMap<FloatKey, u8>, BTreeMap<OptionKey, String>, BTreeMap<String, Untagged>, BTreeMap<Option<Kind>, Value>,
            Box<str>, Cow<'_, str>, Cow<'_, [u8]>, PathBuf, CString, IpAddr, SocketAddr, Duration, Range<u8>, Bound<u8>, Result<u8, String>,
            Value, Map<String, Value>, Number, Vec<Number>, BTreeSet<Kind>, serde::de::IgnoredAny,
            Vec<External>, Vec<Internal>, Option<Adjacent>, Vec<Loose>, BTreeMap<String, Strict>
        );
    };
}
pub(crate) use for_each_type;

/// A set whose order differs from run to run.
pub type Unordered = HashMap<String, Vec<u8>>;
