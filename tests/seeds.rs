//! Replays `fuzz/seeds`: what the fuzz targets start from, and what they found.

mod properties;

use std::{collections::BTreeSet, fs, path::Path};

use properties::input::TARGETS;

/// The names in a folder of the fuzz targets, without their extensions.
fn names(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect()
}

#[test]
fn every_seed_keeps_the_laws() {
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
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("fuzz_targets"), targets);
    assert_eq!(names("seeds"), targets);
}
