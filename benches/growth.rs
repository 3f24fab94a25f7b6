//! How the time of a patch grows: each kind of operation 25,000 times on 25,000 elements, and four times as often on
//! four times as many, on a tree and on its text, and some on an entity. Set-up and drop are outside the clock. `benches/ratios` prints by
//! what factor the time grows; linear would be 4, and at most 8 is promised.

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, SamplingMode, criterion_group, criterion_main};
use entity_patch::{
    Dialect, Format, Patch, PatchDocument, apply, patch, patch_json, patch_stored, superoffice::Webhook,
};
use serde_json::{Map, Value, json};

const SIZES: [usize; 2] = [25_000, 100_000];

/// A kind of operation: its name, whether it is one on an array, and the operation of a number among so many.
type Kind = (&'static str, bool, fn(usize, usize) -> Value);

const KINDS: [Kind; 13] = [
    ("add at the head", true, |number, _| json!({"op": "add", "path": "/0", "value": number})),
    (
        "add in the middle",
        true,
        |number, count| json!({"op": "add", "path": format!("/{}", count / 2), "value": number}),
    ),
    ("add at the end", true, |number, _| json!({"op": "add", "path": "/-", "value": number})),
    ("remove at the head", true, |_, _| json!({"op": "remove", "path": "/0"})),
    ("remove at the end", true, |number, count| json!({"op": "remove", "path": format!("/{}", count - 1 - number)})),
    ("replace by index", true, |number, _| json!({"op": "replace", "path": format!("/{number}"), "value": 1})),
    ("test by index", true, |number, _| json!({"op": "test", "path": format!("/{number}"), "value": 0})),
    ("add by name", false, |number, _| json!({"op": "add", "path": format!("/new{number}"), "value": 1})),
    ("replace by name", false, |number, _| json!({"op": "replace", "path": format!("/name{number}"), "value": 1})),
    ("remove by name", false, |number, _| json!({"op": "remove", "path": format!("/name{number}")})),
    ("test by name", false, |number, _| json!({"op": "test", "path": format!("/name{number}"), "value": 0})),
    (
        "replace in another case",
        false,
        |number, _| json!({"op": "replace", "path": format!("/NAME{number}"), "value": 1}),
    ),
    ("remove in another case", false, |number, _| json!({"op": "remove", "path": format!("/NAME{number}")})),
];

fn growth(criterion: &mut Criterion) {
    for (kind, is_array, operation) in KINDS {
        let mut group = criterion.benchmark_group(format!("growth/{kind}"));
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(1));
        for size in SIZES {
            let target: Value = match is_array {
                true => vec![0; size].into(),
                false => Value::Object((0..size).map(|number| (format!("name{number}"), json!(0))).collect()),
            };
            let body = Value::Array((0..size).map(|number| operation(number, size)).collect()).to_string();
            let text = target.to_string();
            for (name, mut dialect) in [("rfc", Dialect::RFC), ("superoffice", Dialect::SUPEROFFICE)] {
                if kind.ends_with("in another case") && !dialect.ignore_case {
                    continue;
                }
                (dialect.limits.body_bytes, dialect.limits.operations) = (usize::MAX, usize::MAX);
                let patch = Patch::parse(body.as_bytes(), &dialect).expect("the body is a patch");
                group.bench_function(format!("tree, {name}/{size}"), |bencher| {
                    bencher.iter_batched_ref(
                        || target.clone(),
                        |target| apply(black_box(target), &patch, &dialect).expect("the patch applies"),
                        BatchSize::PerIteration,
                    );
                });
                group.bench_function(format!("text, {name}/{size}"), |bencher| {
                    bencher.iter_with_large_drop(|| {
                        patch_json(black_box(text.as_bytes()), body.as_bytes(), Format::JsonPatch, &dialect)
                            .expect("the patch applies")
                    });
                });
            }
        }
    }
}

/// The same on a struct, whose table governs, and on its stored text.
fn governed(criterion: &mut Criterion) {
    const KINDS: [Kind; 3] = [
        ("add an element", true, |_, _| json!({"op": "add", "path": "/Events/0", "value": "sale.sold"})),
        ("remove an element", true, |_, _| json!({"op": "remove", "path": "/Events/0"})),
        (
            "add to a map",
            false,
            |number, _| json!({"op": "add", "path": format!("/Properties/new{number}"), "value": 1}),
        ),
    ];
    for (kind, _, operation) in KINDS {
        let mut group = criterion.benchmark_group(format!("growth/governed, {kind}"));
        group.sample_size(10).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(1));
        for size in SIZES {
            let properties: Map<String, Value> = (0..size).map(|number| (format!("name{number}"), json!(0))).collect();
            let webhook = json!({
                "WebhookId": 1, "State": "Active", "Events": vec!["sale.sold"; size], "Properties": properties,
            });
            let text = webhook.to_string();
            let webhook: Webhook = serde_json::from_value(webhook).expect("it is a webhook");
            let body = Value::Array((0..size).map(|number| operation(number, size)).collect()).to_string();
            let mut dialect = Dialect::SUPEROFFICE;
            (dialect.limits.body_bytes, dialect.limits.operations) = (usize::MAX, usize::MAX);
            let document = PatchDocument::parse(body.as_bytes(), Format::JsonPatch, &dialect).expect("it is a patch");
            group.bench_function(format!("typed/{size}"), |bencher| {
                bencher.iter_with_large_drop(|| patch(black_box(&webhook), &document, &dialect).expect("it applies"));
            });
            group.bench_function(format!("stored/{size}"), |bencher| {
                bencher.iter_with_large_drop(|| {
                    let (text, body) = (black_box(text.as_bytes()), body.as_bytes());
                    patch_stored::<Webhook>(text, body, Format::JsonPatch, &dialect).expect("it applies")
                });
            });
        }
    }
}

criterion_group!(benches, growth, governed);
criterion_main!(benches);
