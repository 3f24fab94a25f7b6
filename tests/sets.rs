//! Types that order what they read, such as sets: what a patch makes of them is what they read from the patched text.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet};

use entity_patch::{Dialect, Entity, Format, PatchDocument, patch, patch_json, patch_stored};
use proptest::{collection, prelude::*, sample};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Entity)]
#[serde(default)]
struct Sets {
    names: BTreeSet<String>,
    numbers: HashSet<u8>,
    pairs: BTreeSet<Pair>,
    #[serde(deserialize_with = "descending")]
    descending: Vec<u8>,
    #[serde(with = "lower")]
    lower: BTreeMap<String, Vec<f32>>,
    weights: Vec<f32>,
    maybe: BTreeSet<Option<u8>>,
    within: BTreeMap<String, BTreeSet<u8>>,
    inner: Option<Inner>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Inner {
    number: u8,
    #[serde(default)]
    roles: BTreeSet<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
struct Pair {
    name: String,
    tags: BTreeSet<u8>,
    weight: u8,
}

fn descending<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    Ok(BinaryHeap::<u8>::deserialize(deserializer)?.into_sorted_vec().into_iter().rev().collect())
}

/// Names are lower case.
mod lower {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<String, Vec<f32>>, to: S) -> Result<S::Ok, S::Error> {
        map.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Vec<f32>>, D::Error> {
        let map = BTreeMap::<String, Vec<f32>>::deserialize(from)?;
        Ok(map.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
    }
}

fn from_text(json: &[u8]) -> Value {
    serde_json::from_slice(json).expect("JSON")
}

/// Patches a stored entity, and says whether it is what its type reads from the patched text.
fn holds(stored: &Value, body: &Value, dialect: &Dialect) -> bool {
    let (stored, body) = (stored.to_string(), body.to_string());
    let Ok(entity) = serde_json::from_str::<Sets>(&stored) else { return false };
    let patched = patch_stored::<Sets>(stored.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
    let Ok(patched) = patched else { return false };
    let (before, now): (Value, Value) = (from_text(stored.as_bytes()), from_text(&patched.json));
    for place in patched.changes().expect("they are few") {
        let place = place.as_str();
        assert_ne!(before.pointer(place), now.pointer(place), "{place}: {body} on {stored}");
    }
    let result = String::from_utf8(patched.json).expect("UTF-8");
    let text = patch_json(stored.as_bytes(), body.as_bytes(), Format::ByShape, dialect).expect("it is no entity");
    let expected: Sets = serde_json::from_slice(&text).expect("it was patched");
    assert_eq!(serde_json::from_str::<Sets>(&result).ok(), Some(expected.clone()), "{body} on {stored}: {result}");

    // A struct holds its sets in its own order, so that a path may lead elsewhere.
    let document = PatchDocument::parse(body.as_bytes(), Format::ByShape, dialect).expect("it was read");
    let written = serde_json::to_string(&entity).expect("it was read");
    if let Ok(patched) = patch(&entity, &document, dialect) {
        let text = patch_json(written.as_bytes(), body.as_bytes(), Format::ByShape, dialect);
        // A set that is hashed is written in another order each time.
        if let (Ok(text), false) = (text, body.contains("/numbers/")) {
            let expected: Sets = serde_json::from_slice(&text).expect("it was patched");
            assert_eq!(patched.entity, expected, "{body} on {written}");
        }
    }
    true
}

#[test]
fn what_is_added_to_a_set_is_in_it() {
    let rows = [
        (json!({"names": ["x"]}), json!([{"op": "add", "path": "/names/-", "value": "admin"}])),
        (json!({"names": ["x", "y"]}), json!([{"op": "add", "path": "/names/-", "value": "admin"}])),
        (json!({"names": ["a"]}), json!([{"op": "add", "path": "/names/0", "value": "z"}])),
        (json!({"numbers": [1, 2, 3]}), json!([{"op": "add", "path": "/numbers/-", "value": 4}])),
        (json!({"descending": [3, 1]}), json!([{"op": "add", "path": "/descending/0", "value": 2}])),
        (
            json!({"pairs": [{"name": "k", "weight": 1}, {"name": "m", "weight": 2}]}),
            json!([{"op": "replace", "path": "/pairs/1/name", "value": "A"}]),
        ),
        (
            json!({"pairs": [{"name": "k", "tags": [1, 2]}, {"name": "m", "tags": [3, 4]}]}),
            json!([{"op": "add", "path": "/pairs/1/tags/-", "value": 0}]),
        ),
        (json!({"lower": {"A": [0.1], "b": [1]}}), json!([{"op": "add", "path": "/lower/b/-", "value": 0.2}])),
        (
            json!({"inner": {"number": 1, "roles": ["admin", "user"]}}),
            json!([{"op": "replace", "path": "/inner/roles/0", "value": "zed"}]),
        ),
        (
            json!({"inner": {"number": 1, "roles": ["admin", "user"]}}),
            json!([{"op": "add", "path": "/inner/roles/0", "value": "zed"}]),
        ),
        (json!({"within": {"k": [1, 2, 3]}}), json!([{"op": "replace", "path": "/within/k/0", "value": 7}])),
        (json!({"within": {"k": [1, 2, 3]}}), json!([{"op": "add", "path": "/within/k/0", "value": 7}])),
        (json!({"maybe": [1, null]}), json!([{"op": "add", "path": "/maybe/-", "value": 0}])),
        (json!({"maybe": [1]}), json!([{"op": "add", "path": "/maybe/-", "value": null}])),
    ];
    for (stored, body) in rows {
        assert!(holds(&stored, &body, &Dialect::RFC), "{body} on {stored} is refused");
    }
    let stored = br#"{"names":["b"], "weights":[0.10000000149011612, 1]}"#;
    let body = br#"[{"op":"add","path":"/names/-","value":"a"},{"op":"add","path":"/weights/-","value":0.2}]"#;
    let patched = patch_stored::<Sets>(stored, body, Format::JsonPatch, &Dialect::RFC).expect("it is patched");
    // What is stored keeps its bytes where the type has it in its place.
    let expected = r#"{"names":["a","b"], "weights":[0.10000000149011612, 1, 0.2]}"#;
    assert_eq!(String::from_utf8_lossy(&patched.json), expected);
}

fn operation() -> impl Strategy<Value = Value> {
    let sets = vec!["names", "numbers", "pairs", "descending", "maybe", "within/k", "inner/roles"];
    let place = (sample::select(sets), 0..4_usize, 0..5_usize);
    (place, 0..4_u8, any::<bool>()).prop_map(|((member, index, kind), small, is_long)| {
        let end = if kind == 4 { "-".to_owned() } else { index.to_string() };
        let value = match member {
            "names" | "inner/roles" => json!(["", "a", "m", "z"][usize::from(small)]),
            "pairs" => json!({"name": if is_long { "m" } else { "" }, "tags": [small, 1], "weight": small}),
            "maybe" if is_long => Value::Null,
            _ => json!(small * 60),
        };
        match (kind, member) {
            (0, _) => json!({"op": "remove", "path": format!("/{member}/{end}")}),
            (1, _) => json!({"op": "replace", "path": format!("/{member}/{end}"), "value": value}),
            (2, "pairs") => json!({"op": "replace", "path": format!("/pairs/{index}/weight"), "value": small}),
            (3, "pairs") => json!({"op": "add", "path": format!("/pairs/{index}/tags/0"), "value": small}),
            _ => json!({"op": "add", "path": format!("/{member}/{end}"), "value": value}),
        }
    })
}

fn stored() -> impl Strategy<Value = Value> {
    let numbers = || collection::vec(0..9_u8, 0..4);
    let names = collection::vec(sample::select(vec!["a", "b", "n", "y"]), 0..4);
    (names, numbers(), numbers(), numbers(), numbers()).prop_map(|(names, numbers, pairs, descending, maybe)| {
        let pairs: Vec<Value> =
            pairs.iter().map(|number| json!({"weight": number, "tags": [7, number], "name": "k"})).collect();
        let inner = json!({"number": 1, "roles": names});
        let within = json!({"k": numbers});
        json!({
            "names": names, "numbers": numbers, "pairs": pairs, "descending": descending, "maybe": maybe,
            "within": within, "inner": inner,
        })
    })
}

proptest! {
    #[test]
    fn a_set_is_what_its_type_reads(stored in stored(), operations in collection::vec(operation(), 1..4)) {
        holds(&stored, &Value::from(operations), &Dialect::RFC);
    }
}
