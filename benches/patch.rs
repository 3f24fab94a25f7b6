//! Every row beside `json-patch` with serde_json in one run, over the same data: the response body of the API's own
//! sample, 1,310 bytes of compact JSON. Set-up and drop are outside the clock. `benches/ratios` makes a table of it.

#[path = "sample/large.rs"]
mod large;
mod sample;

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use entity_patch::{
    Dialect, Format, MergePatch, Patch, PatchDocument, apply, merge, patch, patch_json, patch_stored,
    superoffice::Webhook,
};
use serde_json::Value;

use large::large;
use sample::{WEBHOOK, operations};

const MERGE: &str = include_str!("sample/merge.json");
/// 20 operations that differ, two of which test inside of read-only members.
const VARIED: &str = include_str!("sample/varied.json");

fn peer_patch(target: &[u8], body: &[u8]) -> Vec<u8> {
    let mut target: Value = serde_json::from_slice(target).expect("the target is JSON");
    let patch: json_patch::Patch = serde_json::from_slice(body).expect("the body is a patch");
    json_patch::patch(&mut target, &patch).expect("the patch applies");
    serde_json::to_vec(&target).expect("a value is JSON")
}

fn bytes_to_bytes(criterion: &mut Criterion) {
    let pretty = include_str!("../examples/data/webhook_response.json");
    let mut rows = vec![];
    for count in [1, 4, 20] {
        rows.push((format!("{count}"), WEBHOOK.clone(), operations(count)));
    }
    rows.push(("pretty".to_owned(), pretty.to_owned(), operations(1)));
    rows.push(("20 varied".to_owned(), WEBHOOK.clone(), VARIED.to_owned()));
    for (name, target, body) in rows {
        let (target, body) = (target.as_bytes(), body.as_bytes());
        let mut group = group(criterion, &format!("bytes/{name}"));
        group.bench_function("peer", |bencher| bencher.iter_with_large_drop(|| peer_patch(black_box(target), body)));
        for (name, dialect) in [("rfc", Dialect::RFC), ("superoffice", Dialect::SUPEROFFICE)] {
            group.bench_function(name, |bencher| {
                bencher.iter_with_large_drop(|| patch_json(black_box(target), body, Format::JsonPatch, &dialect));
            });
        }
        group.bench_function("stored", |bencher| {
            bencher.iter_with_large_drop(|| {
                patch_stored::<Webhook>(black_box(target), body, Format::JsonPatch, &Dialect::SUPEROFFICE)
            });
        });
    }
    let mut group = group(criterion, "bytes/merge");
    group.bench_function("peer", |bencher| {
        bencher.iter_with_large_drop(|| {
            let mut target: Value = serde_json::from_str(black_box(&WEBHOOK)).expect("the target is JSON");
            json_patch::merge(&mut target, &serde_json::from_str(MERGE).expect("the body is JSON"));
            serde_json::to_vec(&target)
        });
    });
    group.bench_function("superoffice", |bencher| {
        bencher.iter_with_large_drop(|| {
            patch_json(black_box(WEBHOOK.as_bytes()), MERGE.as_bytes(), Format::MergePatch, &Dialect::SUPEROFFICE)
        });
    });
    group.bench_function("stored", |bencher| {
        bencher.iter_with_large_drop(|| {
            let (target, body) = (black_box(WEBHOOK.as_bytes()), MERGE.as_bytes());
            patch_stored::<Webhook>(target, body, Format::MergePatch, &Dialect::SUPEROFFICE)
        });
    });
}

fn large_targets(criterion: &mut Criterion) {
    let target = large();
    let top = br#"[{"op":"replace","path":"/Name","value":"some of them"}]"#;
    let inside = br#"[{"op":"replace","path":"/Webhooks/4000/Name","value":"one of them"}]"#;
    for (name, body) in [("top", &top[..]), ("inside", &inside[..])] {
        let mut group = group(criterion, &format!("10MB/{name}"));
        group.sample_size(10);
        group.bench_function("peer", |bencher| bencher.iter_with_large_drop(|| peer_patch(target.as_bytes(), body)));
        group.bench_function("superoffice", |bencher| {
            bencher
                .iter_with_large_drop(|| patch_json(target.as_bytes(), body, Format::JsonPatch, &Dialect::SUPEROFFICE));
        });
    }
}

fn trees(criterion: &mut Criterion) {
    let target: Value = serde_json::from_str(&WEBHOOK).expect("the target is JSON");
    let mut rows: Vec<(String, String)> = [1, 4, 20].map(|count| (format!("{count}"), operations(count))).into();
    let failing = r#",{"op":"test","path":"/Name","value":"another one"}]"#;
    rows.push(("20 and a failing test".to_owned(), operations(20).trim_end_matches(']').to_owned() + failing));
    for (name, body) in rows {
        let mut group = group(criterion, &format!("tree/{name}"));
        let peer: json_patch::Patch = serde_json::from_str(&body).expect("the body is a patch");
        group.bench_function("peer", |bencher| {
            bencher.iter_batched_ref(
                || target.clone(),
                |target| json_patch::patch(black_box(target), &peer),
                BatchSize::SmallInput,
            );
        });
        let own = Patch::parse(body.as_bytes(), &Dialect::SUPEROFFICE).expect("the body is a patch");
        group.bench_function("superoffice", |bencher| {
            bencher.iter_batched_ref(
                || target.clone(),
                |target| apply(black_box(target), &own, &Dialect::SUPEROFFICE),
                BatchSize::SmallInput,
            );
        });
    }
    let mut group = group(criterion, "tree/merge");
    let peer: Value = serde_json::from_str(MERGE).expect("the body is JSON");
    group.bench_function("peer", |bencher| {
        bencher.iter_batched_ref(
            || target.clone(),
            |target| json_patch::merge(black_box(target), &peer),
            BatchSize::SmallInput,
        );
    });
    let own = MergePatch::parse(MERGE.as_bytes(), &Dialect::SUPEROFFICE).expect("the body is a merge patch");
    group.bench_function("superoffice", |bencher| {
        bencher.iter_batched_ref(
            || target.clone(),
            |target| merge(black_box(target), &own, &Dialect::SUPEROFFICE),
            BatchSize::SmallInput,
        );
    });
}

fn parsing(criterion: &mut Criterion) {
    for count in [1, 4, 20] {
        let body = operations(count);
        let mut group = group(criterion, &format!("parse/{count}"));
        group.bench_function("peer", |bencher| {
            bencher.iter_with_large_drop(|| serde_json::from_str::<json_patch::Patch>(black_box(&body)));
        });
        group.bench_function("superoffice", |bencher| {
            bencher.iter_with_large_drop(|| Patch::parse(black_box(body.as_bytes()), &Dialect::SUPEROFFICE));
        });
    }
}

fn typed(criterion: &mut Criterion) {
    let webhook: Webhook = serde_json::from_str(&WEBHOOK).expect("the target is a webhook");
    for count in [1, 4] {
        let body = operations(count);
        let mut group = group(criterion, &format!("typed/{count}"));
        let peer: json_patch::Patch = serde_json::from_str(&body).expect("the body is a patch");
        group.bench_function("peer", |bencher| {
            bencher.iter_with_large_drop(|| {
                let mut value = serde_json::to_value(black_box(&webhook)).expect("a webhook is JSON");
                json_patch::patch(&mut value, &peer).expect("the patch applies");
                serde_json::from_value::<Webhook>(value)
            });
        });
        let own = Patch::parse(body.as_bytes(), &Dialect::SUPEROFFICE).expect("the body is a patch");
        let own = PatchDocument::JsonPatch(own);
        group.bench_function("superoffice", |bencher| {
            bencher.iter_with_large_drop(|| patch(black_box(&webhook), &own, &Dialect::SUPEROFFICE));
        });
    }
}

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    group
}

criterion_group!(benches, bytes_to_bytes, large_targets, trees, parsing, typed);
criterion_main!(benches);
