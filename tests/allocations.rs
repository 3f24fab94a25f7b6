//! What `patch_json` and `patch_stored` allocate, counted by the allocator: how often for a webhook as the API shows it,
//! and how much at one time for a large target.

#[path = "../benches/sample/large.rs"]
mod large;
#[path = "../benches/sample/mod.rs"]
mod sample;

use allocation_counter::measure;
use entity_patch::{Dialect, Format, patch_json};
#[cfg(feature = "superoffice")]
use entity_patch::{patch_stored, superoffice::Webhook};
use serde_json::json;

use large::large;
use sample::{WEBHOOK, operations};

#[test]
fn a_patch_of_a_webhook_allocates_a_few_times() {
    let webhook = WEBHOOK.as_bytes();
    for (count, limit) in [(1, 4), (4, 7), (20, 9)] {
        let body = operations(count);
        let allocations = measure(|| {
            let patched = patch_json(webhook, body.as_bytes(), Format::JsonPatch, &Dialect::SUPEROFFICE);
            assert!(patched.is_ok());
        });
        assert!(allocations.count_total <= limit, "{count} operations: {allocations:?}");
    }
}

/// What an entity's rules need besides: where the walk is, what was written, what changed and where.
#[cfg(feature = "superoffice")]
#[test]
fn a_patch_of_a_stored_entity_allocates_few_times_more() {
    let (webhook, dialect) = (WEBHOOK.as_bytes(), &Dialect::SUPEROFFICE);
    let merge = include_str!("../benches/sample/merge.json").to_owned();
    for (body, limit) in [(operations(1), 10), (operations(4), 17), (merge, 20)] {
        let allocations = measure(|| {
            let patched = patch_stored::<Webhook>(webhook, body.as_bytes(), Format::ByShape, dialect);
            assert!(patched.is_ok());
        });
        assert!(allocations.count_total <= limit, "{body}: {allocations:?}");
    }
}

#[test]
fn one_operation_on_a_large_target_takes_a_fifth_of_it_besides_the_result() {
    let target = large();
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
