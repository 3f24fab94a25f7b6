//! What `patch_json` allocates, counted by the allocator: how often for a webhook as the API shows it, and how much at
//! one time for a large target.

use allocation_counter::measure;
use entity_patch::{Dialect, Format, patch_json};
use serde_json::{Value, json};

/// The response body of the API's own sample, 1,310 bytes.
fn webhook() -> Vec<u8> {
    let webhook: Value = serde_json::from_str(include_str!("../examples/data/webhook_response.json")).expect("JSON");
    webhook.to_string().into_bytes()
}

/// Of each kind of operation that `SUPEROFFICE` has, as the benchmarks have them.
fn operations(count: usize) -> Vec<u8> {
    let operations: Vec<Value> = (0..count)
        .map(|index| match index % 5 {
            0 => json!({"op": "replace", "path": "/Name", "value": format!("Contact Created Webhook {index}")}),
            1 => json!({"op": "test", "path": "/State", "value": "Active"}),
            2 => json!({"op": "add", "path": "/Events/-", "value": format!("contact.created.{index}")}),
            3 => json!({"op": "replace", "path": "/Headers/Headers1", "value": format!("occaecati {index}")}),
            _ => json!({"op": "add", "path": format!("/Properties/field{index}"), "value": index}),
        })
        .collect();
    Value::Array(operations).to_string().into_bytes()
}

#[test]
fn a_patch_of_a_webhook_allocates_a_few_times() {
    let webhook = webhook();
    for (count, limit) in [(1, 6), (4, 8), (20, 14)] {
        let body = operations(count);
        let allocations = measure(|| {
            let patched = patch_json(&webhook, &body, Format::JsonPatch, &Dialect::SUPEROFFICE);
            assert!(patched.is_ok());
        });
        assert!(allocations.count_total <= limit, "{count} operations: {allocations:?}");
    }
}

#[test]
fn one_operation_on_a_large_target_takes_a_fifth_of_it_besides_the_result() {
    let webhook = String::from_utf8(webhook()).expect("UTF-8");
    let webhooks = vec![webhook.as_str(); 10_000_000 / webhook.len()].join(",");
    let target = format!(r#"{{"Count":7632,"Webhooks":[{webhooks}],"Name":"all of them"}}"#);
    for path in ["/Name", "/Webhooks/4000/Name", "/Webhooks/-", "/Webhooks/7000/Headers/Headers1"] {
        let body = json!([{"op": "add", "path": path, "value": "another one"}]).to_string();
        let allocations = measure(|| {
            let patched = patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &Dialect::SUPEROFFICE);
            assert!(patched.is_ok_and(|patched| patched.len() > 10_000_000));
        });
        let besides = allocations.bytes_max.saturating_sub(target.len() as u64);
        assert!(besides <= target.len() as u64 / 5, "{path}: {besides} bytes besides the result");
    }
}
