//! Diffs beside those of `json-patch` in one run: of the API's own sample, 1,310 bytes of compact JSON, and of 1 MB of
//! them. Drop is outside the clock. `benches/ratios` makes a table of it.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use entity_patch::{DiffOptions, diff, diff_with, merge_diff};
use serde_json::{Value, json};

/// Two versions of a document, by what changed between them.
fn versions() -> Vec<(&'static str, Value, Value)> {
    let webhook: Value =
        serde_json::from_str(include_str!("../examples/data/webhook_response.json")).expect("the sample is JSON");
    let mut changed = webhook.clone();
    changed["Name"] = json!("another name");
    changed["Headers"]["Headers3"] = json!("more");
    changed["UpdatedAssociate"]["Rank"] = json!(1);

    let numbered = |id| {
        let mut webhook = webhook.clone();
        webhook["WebhookId"] = json!(id);
        webhook
    };
    let large: Vec<Value> = (0..800).map(numbered).collect();
    let mut two_members = large.clone();
    two_members[250]["Name"] = json!("another name");
    two_members[550]["UpdatedAssociate"]["Rank"] = json!(1);
    let mut two_elements = large.clone();
    two_elements.remove(550);
    two_elements.insert(250, numbered(-1));
    let mut many = large.clone();
    for index in 0..20 {
        many.remove(40 * index);
        many[35 * index]["Name"] = json!("another name");
    }
    let [large, two_members, two_elements, many] =
        [large, two_members, two_elements, many].map(|webhooks| json!({"Webhooks": webhooks}));

    vec![
        ("equal", webhook.clone(), webhook.clone()),
        ("3 changes", webhook, changed),
        ("1 MB, 2 members", large.clone(), two_members),
        ("1 MB, 2 elements", large.clone(), two_elements),
        ("1 MB, 40 changes", large, many),
    ]
}

fn diffs(criterion: &mut Criterion) {
    for (name, source, target) in versions() {
        let mut group = criterion.benchmark_group(format!("diff/{name}"));
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        group.bench_function("peer", |bencher| {
            bencher.iter_with_large_drop(|| json_patch::diff(black_box(&source), black_box(&target)));
        });
        group.bench_function("diff", |bencher| {
            bencher.iter_with_large_drop(|| diff(black_box(&source), black_box(&target)));
        });
        group.bench_function("guarded", |bencher| {
            let options = DiffOptions { guarded: true };
            bencher.iter_with_large_drop(|| diff_with(black_box(&source), black_box(&target), options));
        });
        group.bench_function("merge", |bencher| {
            bencher.iter_with_large_drop(|| merge_diff(black_box(&source), black_box(&target)));
        });
        group.finish();
    }
}

criterion_group!(benches, diffs);
criterion_main!(benches);
