//! Diffs beside those of `json-patch`: first how long they are, on cases that people meet, then the time, in one run. The
//! last column is the length of the shortest patch of any peer, without and with `move`.
//!
//! The time is that of the API's own sample, 1,310 bytes of compact JSON, of 1 MB of them, and of 1 MB of 7,600 records.
//! Drop is outside the clock. `benches/ratios` makes a table of it.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use entity_patch::{Arrays, DiffOptions, Guard, diff, diff_with, merge_diff};
use serde::Serialize;
use serde_json::{Value, json};

#[path = "sample/versions.rs"]
mod versions;

/// Two versions of a document, by what changed between them.
fn timed() -> Vec<(String, Value, Value)> {
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
    let mut rows = vec![
        ("equal".to_owned(), webhook.clone(), webhook.clone()),
        ("3 changes".to_owned(), webhook, changed),
        ("1 MB, 2 members".to_owned(), large.clone(), two_members),
        ("1 MB, 2 elements".to_owned(), large.clone(), two_elements),
        ("1 MB, 40 changes".to_owned(), large, many),
    ];

    let record = |id: usize| {
        json!({
            "id": id, "name": format!("element {id}"), "email": format!("{id}@example.com"), "tags": ["a", "b"],
            "rank": 0.5, "address": {"city": "Oslo", "street": format!("Street {}", id % 90)},
        })
    };
    let records: Vec<Value> = (0..7_600).map(record).collect();
    for (percent, every) in [(1, 100), (10, 10)] {
        let mut changed = records.clone();
        changed.iter_mut().step_by(every).for_each(|record| record["rank"] = json!(1));
        rows.push((format!("{percent} % of 7,600 elements changed"), json!(records), json!(changed)));
    }
    let mut moved = records.clone();
    for index in (0..7_600).step_by(100) {
        let record = moved.remove(index);
        moved.insert(index + 50, record);
    }
    rows.push(("1 % of 7,600 elements moved".to_owned(), json!(records), json!(moved)));
    rows
}

/// How many operations a patch has, and how long it is.
fn size(patch: &impl Serialize) -> String {
    let patch = serde_json::to_value(patch).expect("a patch is JSON");
    format!("{}/{}", patch.as_array().map_or(0, Vec::len), patch.to_string().len())
}

fn print_sizes() {
    let row =
        |name: &str, cells: [String; 6]| println!("{name:42}{}", cells.map(|cell| format!("{cell:>14}")).concat());
    let moves = DiffOptions::default().moves(true);
    row(
        "operations/bytes",
        ["diff", "moves", "guarded", "by key, moves", "json-patch", "best peers"].map(str::to_owned),
    );
    let cases = versions::versions().into_iter().map(|case| {
        let peers = format!("{}, {}", case.without_moves, case.with_moves);
        (case.name.to_owned(), case.source, case.target, peers)
    });
    let timed = timed().into_iter().map(|(name, source, target)| (name, source, target, String::new()));
    for (name, source, target, peers) in cases.chain(timed) {
        let with = |options: &DiffOptions| size(&diff_with(&source, &target, options));
        let key = if name.contains("containers") || name.contains("Kubernetes") { "name" } else { "id" };
        row(
            &name,
            [
                with(&DiffOptions::default()),
                with(&moves),
                with(&DiffOptions::default().guard(Guard::Changes)),
                with(&moves.clone().arrays(Arrays::by_key(key))),
                size(&json_patch::diff(&source, &target)),
                peers,
            ],
        );
    }
}

fn diffs(criterion: &mut Criterion) {
    print_sizes();
    for (name, source, target) in timed() {
        let mut group = criterion.benchmark_group(format!("diff/{name}"));
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        group.bench_function("peer", |bencher| {
            bencher.iter_with_large_drop(|| json_patch::diff(black_box(&source), black_box(&target)));
        });
        group.bench_function("diff", |bencher| {
            bencher.iter_with_large_drop(|| diff(black_box(&source), black_box(&target)));
        });
        for (name, options) in [
            ("guarded", DiffOptions::default().guard(Guard::Changes)),
            ("moves", DiffOptions::default().moves(true)),
            ("by key", DiffOptions::default().arrays(Arrays::by_key("id"))),
        ] {
            group.bench_function(name, |bencher| {
                bencher.iter_with_large_drop(|| diff_with(black_box(&source), black_box(&target), &options));
            });
        }
        group.bench_function("merge", |bencher| {
            bencher.iter_with_large_drop(|| merge_diff(black_box(&source), black_box(&target)));
        });
        group.finish();
    }
}

criterion_group!(benches, diffs);
criterion_main!(benches);
