//! What a type accepts, in plain words: a closed list for what serde and serde_json say, and what a visitor says before
//! it sees a value. Nothing here ever contains a value or the name of a Rust type.

use std::{
    borrow::Cow,
    fmt::{Display, Write},
};

use serde::de::Expected;

/// Where nothing better is known.
pub(crate) const ACCEPTED: &str = "a value that its type accepts";

pub(crate) type Phrase = Cow<'static, str>;

/// Texts of serde and serde_json that stay what they are, but for the words.
const FIXED: &[(&str, &str)] = &[
    ("a boolean", "true or false"),
    ("a borrowed byte array", "a string or an array of whole numbers from 0 to 255"),
    ("a borrowed path", "a string"),
    ("a borrowed string", "a string"),
    ("a character", "a string of one character"),
    ("a JSON number", "a number"),
    ("a map", "an object"),
    ("a sequence", "an array"),
    ("a string", "a string"),
    ("a string key", "a string"),
    ("an empty array", "an empty array"),
    ("byte array", "a string or an array of whole numbers from 0 to 255"),
    ("f32", "a number"),
    ("f64", "a number"),
    ("integer with support for saturating semantics", "a whole number"),
    ("IP address", "an IP address"),
    ("IPv4 address", "an IPv4 address"),
    ("IPv6 address", "an IPv6 address"),
    ("IPv4 socket address", "an IPv4 address with a port"),
    ("IPv6 socket address", "an IPv6 address with a port"),
    ("socket address", "an IP address with a port"),
    ("os string", "a string"),
    ("path string", "a string"),
    ("unit", "null"),
];

/// How serde's derive begins what it says about a Rust type, and what its JSON is.
const DERIVED: &[(&str, &str)] = &[
    ("struct variant ", "an object"),
    ("struct ", "an object"),
    ("internally tagged enum ", "an object"),
    ("adjacently tagged enum ", "an object"),
    ("tuple struct ", "an array"),
    ("tuple variant ", "an array"),
    ("unit struct ", "null"),
    ("unit variant ", "null"),
];

/// The words for what serde says. `None` for what is not on the list: it may contain anything.
pub(crate) fn of_serde(text: &str) -> Option<Phrase> {
    let fixed = FIXED.iter().find(|(serde, _)| *serde == text);
    fixed
        .map(|(_, words)| Cow::Borrowed(*words))
        .or_else(|| whole_number_of(text).map(Cow::Owned))
        .or_else(|| elements_of(text))
}

/// The words for what a visitor expects. It has not seen a value; `is_stateless` says that it cannot remember one.
#[cold]
pub(crate) fn of_visitor(visitor: &dyn Expected, is_stateless: bool, type_name: &str) -> Option<Phrase> {
    let mut text = String::new();
    write!(text, "{visitor}").ok()?;
    of_serde(&text)
        .or_else(|| DERIVED.iter().find(|(start, _)| text.starts_with(start)).map(|(_, words)| Cow::Borrowed(*words)))
        .or_else(|| (is_stateless && is_plain(&text, type_name)).then_some(Cow::Owned(text)))
}

/// Whether a text is for people: one line that names no Rust type.
fn is_plain(text: &str, type_name: &str) -> bool {
    let words = |text| str::split(text, |character: char| !character.is_alphanumeric() && character != '_');
    let is_type = |word: &str| {
        word.starts_with(char::is_uppercase) && (is_camel_case(word) || words(type_name).any(|name| name == word))
    };
    let starts_derived = ["enum ", "untagged enum ", "externally tagged enum ", "newtype "];
    !text.is_empty()
        && text.len() <= 200
        && !text.contains("::")
        && !text.contains(char::is_control)
        && !starts_derived.iter().any(|start| text.starts_with(start))
        && !words(text).any(is_type)
}

/// `DateTime`, but neither `ISO` nor `Monday`.
fn is_camel_case(word: &str) -> bool {
    word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// The words for `u8` and `a nonzero u8`.
fn whole_number_of(text: &str) -> Option<String> {
    let (name, is_nonzero) = text.strip_prefix("a nonzero ").map_or((text, false), |name| (name, true));
    macro_rules! range {
        ($($number:ident)*) => {
            match name {
                $(stringify!($number) => whole_number_without_zero($number::MIN, $number::MAX, is_nonzero, $number::MIN == 0),)*
                _ => return None,
            }
        };
    }
    Some(range!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize))
}

fn whole_number_without_zero(least: impl Display, most: impl Display, is_nonzero: bool, is_unsigned: bool) -> String {
    match (is_nonzero, is_unsigned) {
        (false, _) => whole_number(least, most),
        (true, true) => whole_number(1, most),
        (true, false) => format!("{} other than 0", whole_number(least, most)),
    }
}

/// The words for a range of whole numbers.
pub(crate) fn whole_number(least: impl Display, most: impl Display) -> String {
    format!("a whole number from {least} to {most}")
}

/// The words for `an array of length 3`, `a tuple of size 3` and `tuple struct Point with 3 elements`.
fn elements_of(text: &str) -> Option<Phrase> {
    let of_derive = || {
        let rest = DERIVED.iter().find_map(|(start, _)| text.strip_prefix(start))?;
        let (_, count) = rest.rsplit_once(" with ")?;
        count.strip_suffix(" elements").or_else(|| count.strip_suffix(" element"))
    };
    let count = text
        .strip_prefix("an array of length ")
        .or_else(|| text.strip_prefix("a tuple of size "))
        .or_else(of_derive)
        .filter(|count| count.len() <= 3)?;
    count.parse().ok().map(elements)
}

/// The words for an array of this length.
pub(crate) fn elements(count: usize) -> Phrase {
    match count {
        0 => Cow::Borrowed("an empty array"),
        1 => Cow::Borrowed("an array of 1 element"),
        count => Cow::Owned(format!("an array of {count} elements")),
    }
}

/// The words for a choice of names, which are not empty.
pub(crate) fn one_of(names: &[&str]) -> Phrase {
    match names {
        [] => Cow::Borrowed(ACCEPTED),
        [only] => Cow::Owned(format!("`{only}`")),
        names => Cow::Owned(format!("one of `{}`", names.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serde_says_is_put_in_plain_words() {
        for (text, expected) in [
            ("u8", Some("a whole number from 0 to 255")),
            ("i16", Some("a whole number from -32768 to 32767")),
            ("a nonzero u8", Some("a whole number from 1 to 255")),
            ("a nonzero i8", Some("a whole number from -128 to 127 other than 0")),
            ("u256", None),
            ("a nonzero ", None),
            ("a string", Some("a string")),
            ("a tuple of size 2", Some("an array of 2 elements")),
            ("an array of length 1", Some("an array of 1 element")),
            ("an array of length 0", Some("an empty array")),
            ("an array of length x", None),
            ("an array of length 12345", None),
            ("tuple struct Point with 3 elements", Some("an array of 3 elements")),
            ("tuple struct Point with 1 element", Some("an array of 1 element")),
            ("a secret", None),
        ] {
            assert_eq!(of_serde(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_a_visitor_says_is_shown_if_it_is_for_people() {
        for (text, is_stateless, type_name, expected) in [
            ("a date", true, "jiff::civil::Date", Some("a date")),
            ("a date", false, "jiff::civil::Date", None),
            ("an RFC 3339 Timestamp", true, "jiff::Timestamp", None),
            ("a string of a DateTime", true, "u8", None),
            ("a day such as Monday in ISO form", true, "Day", Some("a day such as Monday in ISO form")),
            ("struct User", true, "app::User", Some("an object")),
            ("enum Kind", true, "app::Kind", None),
            ("app::Kind", true, "u8", None),
            ("two\nlines", true, "u8", None),
            ("", true, "u8", None),
            ("unit", false, "()", Some("null")),
        ] {
            assert_eq!(of_visitor(&text, is_stateless, type_name).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_choice_is_named() {
        assert_eq!(one_of(&[]), ACCEPTED);
        assert_eq!(one_of(&["home"]), "`home`");
        assert_eq!(one_of(&["home", "work"]), "one of `home`, `work`");
    }
}
