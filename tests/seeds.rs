//! Replays `fuzz/seeds`: what the fuzz targets start from, and what they found. Those of `ELSEWHERE` have tests of their
//! own.

mod properties;

use std::{collections::BTreeSet, fs, path::Path};

use properties::{
    cost::{COUNTER, Count, unfolded},
    input::{ELSEWHERE, TARGETS},
};

/// The names in a folder of the fuzz targets, without their extensions.
fn names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

/// Counts what a call allocates.
fn count(run: &mut dyn FnMut()) -> Count {
    let info = allocation_counter::measure(run);
    Count { peak: info.bytes_max, total: info.bytes_total }
}

#[test]
fn every_seed_keeps_the_laws() {
    COUNTER.get_or_init(|| count);
    for (target, check) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let names = names(&format!("seeds/{target}"));
        assert!(names.len() >= 10, "{target} has only {names:?}");
        for name in names {
            // Shown where the seed fails.
            println!("{target}/{name}");
            check(&fs::read(folder.join(format!("{name}.txt"))).expect("a seed"));
        }
    }
}

#[test]
fn every_target_has_its_seeds() {
    let targets = TARGETS.iter().map(|(name, _)| *name).chain(ELSEWHERE);
    let targets: BTreeSet<String> = targets.map(str::to_owned).collect();
    assert_eq!(names("fuzz_targets"), targets);
    assert_eq!(names("seeds"), targets);
}

#[test]
fn parts_are_repeated() {
    for (text, expected) in [("[*3(#,)9]", "[0,1,2,9]"), ("*2(a)*1(b)", "aab"), ("a*b", "a*b"), ("*2a", "*2a")] {
        assert_eq!(unfolded(text, 1_000).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(unfolded("*100(aaaaaaaaaa)", 1_000), None);
}
