//! What is measured here, and counted by `tests/allocations.rs`: the webhook of the API's own sample, and patches of
//! it.

use std::sync::LazyLock;

use serde_json::{Value, json};

/// The webhook as the sample has it, without white space: 1,310 bytes.
pub static WEBHOOK: LazyLock<String> =
    LazyLock::new(|| compact(include_str!("../../examples/data/webhook_response.json")));

/// A JSON Patch of so many operations, as a client sends it: it replaces, tests and adds in turn.
pub fn operations(count: usize) -> String {
    let operations: Vec<Value> = (0..count)
        .map(|index| match index % 5 {
            0 => json!({"op": "replace", "path": "/Name", "value": format!("Contact Created Webhook {index}")}),
            1 => json!({"op": "test", "path": "/State", "value": "Active"}),
            2 => json!({"op": "add", "path": "/Events/-", "value": format!("contact.created.{index}")}),
            3 => json!({"op": "replace", "path": "/Headers/Headers1", "value": format!("occaecati {index}")}),
            _ => json!({"op": "add", "path": format!("/Properties/field{index}"), "value": index}),
        })
        .collect();
    Value::Array(operations).to_string()
}

/// A JSON text without the white space between its tokens; nothing else changes.
fn compact(text: &str) -> String {
    let mut is_inside = false;
    let mut is_escaped = false;
    text.chars()
        .filter(|&character| {
            if character == '"' && !is_escaped {
                is_inside = !is_inside;
            }
            is_escaped = is_inside && character == '\\' && !is_escaped;
            is_inside || !character.is_whitespace()
        })
        .collect()
}
