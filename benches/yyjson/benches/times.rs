//! How long each row takes; `benches/ratios` makes a table of it.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use entity_patch_yyjson::Row;

fn rows(criterion: &mut Criterion) {
    for row in Row::all() {
        let mut group = criterion.benchmark_group(&row.name);
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        group.bench_function("peer", |bencher| bencher.iter_with_large_drop(|| black_box(&row).peer()));
        group.bench_function("superoffice", |bencher| bencher.iter_with_large_drop(|| black_box(&row).own()));
    }
}

criterion_group!(benches, rows);
criterion_main!(benches);
