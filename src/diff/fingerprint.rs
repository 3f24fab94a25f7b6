//! Fingerprints of values: equal values have equal ones, and unequal values mostly do not. Whoever matches by them
//! looks at the values afterwards, so that a collision makes a diff longer and never wrong.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use serde_json::{Map, Value};

use crate::json::number;

/// The fingerprints of the containers that were met, each of them taken once.
#[derive(Default)]
pub(super) struct Fingerprints {
    /// By the address of the value.
    containers: HashMap<usize, u64, BuildHasherDefault<AddressHasher>>,
}

impl Fingerprints {
    /// The fingerprint of a value, of which `levels` of containers are opened.
    pub(super) fn of(&mut self, value: &Value, levels: usize) -> u64 {
        let (seed, opened) = match value {
            Value::Null => return mix(1, 0),
            Value::Bool(value) => return mix(2, u64::from(*value)),
            Value::Number(number) => return mix(3, number::fingerprint(number)),
            Value::String(text) => return of_text(4, text),
            Value::Array(_) => (5, levels > 0),
            Value::Object(_) => (6, levels > 0),
        };
        if !opened {
            return seed;
        }
        let address = std::ptr::from_ref(value).addr();
        if let Some(&known) = self.containers.get(&address) {
            return known;
        }
        let fingerprint = match value {
            Value::Array(elements) => {
                elements.iter().fold(seed, |state, element| mix(state, self.of(element, levels - 1)))
            }
            Value::Object(members) => {
                self.of_members(members, levels - 1).fold(mix(seed, members.len() as u64), u64::wrapping_add)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => seed,
        };
        self.containers.insert(address, fingerprint);
        fingerprint
    }

    /// What a container is made of: a fingerprint for each member or element, in ascending order.
    pub(super) fn of_content(&mut self, value: &Value, levels: usize) -> Vec<u64> {
        let mut content: Vec<u64> = match value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return vec![],
            Value::Array(elements) => elements.iter().map(|element| self.of(element, levels)).collect(),
            Value::Object(members) => self.of_members(members, levels).collect(),
        };
        content.sort_unstable();
        content
    }

    fn of_members(&mut self, members: &Map<String, Value>, levels: usize) -> impl Iterator<Item = u64> {
        members.iter().map(move |(name, member)| of_text(self.of(member, levels), name))
    }
}

fn of_text(seed: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let state = words.iter().fold(mix(seed, text.len() as u64), |state, &word| mix(state, u64::from_le_bytes(word)));
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
        ];
        for (left, right, expected) in rows {
            let [left_print, right_print] = [&left, &right].map(|value| Fingerprints::default().of(value, 127));
            assert_eq!(left_print == right_print, expected, "{left} and {right}");
        }
    }

    #[test]
    fn what_lies_deeper_is_not_looked_at() {
        for (left, right) in [(json!({"a": {"b": 1}}), json!({"a": {"b": 2}})), (json!([[[1]], 3]), json!([[[2]], 3]))]
        {
            let are_equal = |levels| {
                let [left, right] = [&left, &right].map(|value| Fingerprints::default().of(value, levels));
                left == right
            };
            assert!(are_equal(0) && are_equal(1) && !are_equal(3), "{left} and {right}");
            assert_eq!(are_equal(2), left.is_array(), "{left} and {right}");
        }
    }
}
