//! Fingerprints of values: equal values have equal ones, and unequal values mostly do not. Whoever matches by them
//! looks at the values afterwards, so that a collision makes a diff longer and never wrong.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use serde_json::{Map, Number, Value};

use crate::json::{bytes, number};

/// What a value is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) hash: u64,
    /// About how long the value is as JSON, in bytes: the escapes of a text are not counted.
    pub(super) size: u32,
}

/// From this size on a container's fingerprint is kept: an entry takes about as much, and a smaller one is soon taken
/// again.
const KEPT: u32 = 64;

/// The fingerprints of the containers that were met, each of them taken once but for small ones.
#[derive(Default)]
pub(super) struct Fingerprints {
    /// By the address of the value.
    containers: HashMap<usize, Print, BuildHasherDefault<AddressHasher>>,
}

impl Fingerprints {
    /// The fingerprint of a value, of which `levels` of containers are opened.
    pub(super) fn of(&mut self, value: &Value, levels: usize) -> Print {
        let (seed, opened) = match value {
            Value::Null => return Print { hash: mix(1, 0), size: 4 },
            Value::Bool(value) => return Print { hash: mix(2, u64::from(*value)), size: 5 - u32::from(*value) },
            Value::Number(number) => return Print { hash: mix(3, number::fingerprint(number)), size: digits(number) },
            Value::String(text) => return Print { hash: of_text(4, text), size: length(text) },
            Value::Array(_) => (5, levels > 0),
            Value::Object(_) => (6, levels > 0),
        };
        if !opened {
            return Print { hash: seed, size: 2 };
        }
        let address = std::ptr::from_ref(value).addr();
        if let Some(&known) = self.containers.get(&address) {
            return known;
        }
        let mut print = Print { hash: seed, size: 2 };
        match value {
            Value::Array(elements) => elements.iter().for_each(|element| {
                let element = self.of(element, levels - 1);
                print.hash = mix(print.hash, element.hash);
                print.size = print.size.saturating_add(element.size).saturating_add(1);
            }),
            Value::Object(members) => {
                print.hash = mix(seed, members.len() as u64);
                members.iter().for_each(|(name, member)| {
                    let member = self.of_member(name, member, levels - 1);
                    print.hash = print.hash.wrapping_add(member.hash);
                    print.size = print.size.saturating_add(member.size);
                });
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        if print.size >= KEPT {
            self.containers.insert(address, print);
        }
        print
    }

    /// What a container is made of: a fingerprint for each member or element, in ascending order.
    pub(super) fn of_content(&mut self, value: &Value, levels: usize) -> Vec<Print> {
        let mut content: Vec<Print> = match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return vec![],
            Value::Array(elements) => elements.iter().map(|element| self.of(element, levels)).collect(),
            Value::Object(members) => self.of_members(members, levels).collect(),
        };
        content.sort_unstable_by_key(|print| print.hash);
        content
    }

    fn of_members(&mut self, members: &Map<String, Value>, levels: usize) -> impl Iterator<Item = Print> {
        members.iter().map(move |(name, member)| self.of_member(name, member, levels))
    }

    fn of_member(&mut self, name: &str, member: &Value, levels: usize) -> Print {
        let Print { hash, size } = self.of(member, levels);
        Print { hash: of_text(hash, name), size: size.saturating_add(length(name)).saturating_add(2) }
    }
}

/// The length of a text with its quotes.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_add(2)
}

/// The length of a number.
fn digits(number: &Number) -> u32 {
    match (number.as_u64(), number.as_i64()) {
        (Some(value), _) => 1 + value.checked_ilog10().unwrap_or(0),
        (None, Some(value)) => 2 + value.unsigned_abs().checked_ilog10().unwrap_or(0),
        (None, None) => number.to_string().len() as u32,
    }
}

fn of_text(seed: u64, text: &str) -> u64 {
    let (words, rest) = bytes::chunks(text.as_bytes());
    let state = words.fold(mix(seed, text.len() as u64), |state, word| mix(state, bytes::word(word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state, u64::from_le_bytes(last))
}

/// One step of a multiplicative hash: both halves of the product, folded.
fn mix(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ 0x9E37_79B9_7F4A_7C15) * u128::from(word ^ 0xD1B5_4A32_D192_ED03);
    (product as u64) ^ ((product >> 64) as u64).rotate_left(23)
}

/// Spreads addresses over a table; they are all different and no one chooses them.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |state, &byte| mix(state, u64::from(byte)));
    }

    fn write_usize(&mut self, address: usize) {
        self.0 = mix(self.0, address as u64);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::number::ARBITRARY_PRECISION;

    #[test]
    fn equal_values_have_equal_fingerprints() {
        let rows = [
            (json!({"a": 1, "b": [2.0]}), json!({"b": [2], "a": 1.0}), true),
            (json!({"a": 1, "b": 2}), json!({"a": 2, "b": 1}), false),
            (json!({"a": {"b": 1}}), json!({"b": {"a": 1}}), false),
            (json!([1, 2]), json!([2, 1]), false),
            (json!([[], 1]), json!([[1]]), false),
            (json!([]), json!({}), false),
            (json!([null]), json!([]), false),
            (json!("12345678"), json!("12345678\0"), false),
            (json!(0.0), json!(-0.0), true),
            // Integers that one `f64` is nearest to, which is all that is looked at where the tree keeps texts.
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64), ARBITRARY_PRECISION),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992.0), ARBITRARY_PRECISION),
            (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_992.0), true),
            (json!(u64::MAX), json!(u64::MAX - 1), ARBITRARY_PRECISION),
            (json!(u64::MAX), json!(-1), false),
            (json!(i64::MIN), json!(i64::MIN as f64), true),
            (json!(i64::MIN), json!(i64::MIN + 1), ARBITRARY_PRECISION),
        ];
        for (left, right, expected) in rows {
            let [left_print, right_print] = [&left, &right].map(|value| Fingerprints::default().of(value, 127).hash);
            assert_eq!(left_print == right_print, expected, "{left} and {right}");
        }
    }

    #[test]
    fn what_lies_deeper_is_not_looked_at() {
        for (left, right) in [(json!({"a": {"b": 1}}), json!({"a": {"b": 2}})), (json!([[[1]], 3]), json!([[[2]], 3]))]
        {
            let are_equal = |levels| {
                let [left, right] = [&left, &right].map(|value| Fingerprints::default().of(value, levels).hash);
                left == right
            };
            assert!(are_equal(0) && are_equal(1) && !are_equal(3), "{left} and {right}");
            assert_eq!(are_equal(2), left.is_array(), "{left} and {right}");
        }
    }

    #[test]
    fn a_size_is_about_the_length_of_the_text() {
        for value in
            [json!(0), json!(-7), json!(-120), json!(1.5), json!("text"), json!(null), json!(true), json!(false)]
        {
            assert_eq!(Fingerprints::default().of(&value, 127).size as usize, value.to_string().len(), "{value}");
        }
        let value = json!({"a": [1, 2, {"b": "text"}], "c": {}});
        let (size, length) = (Fingerprints::default().of(&value, 127).size as usize, value.to_string().len());
        assert!((length..=length + 5).contains(&size), "{size} and not {length}");
    }
}
