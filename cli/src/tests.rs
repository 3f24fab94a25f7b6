//! The laws, for what fuzzing starts from and what it found, and for bodies that are wrong in every way one byte can make
//! them.

use std::{fs, path::Path};

use entity_patch::{Dialect, Format};

use crate::{files::Input, laws};

#[test]
fn every_error_has_a_place_in_the_body() {
    let target = br#"{"a": {"b": [1, 2]}, "A": 3}"#;
    let bodies = [
        "[{\"op\": \"test\", \"path\": \"/a/b/0\", \"value\": [\"\\\"\\\\\", {}]},\n {\"from\": \"/a\\/x\", \"op\": \"move\", \"path\": \"/c~1\"}]",
        "{\"a\": {\"b\": null, \"\\u00e9\u{e9}\": [{}, -1.5e3]}, \"x\": \"\"}",
    ];
    for body in bodies.map(str::as_bytes) {
        for dialect in [Dialect::RFC, Dialect::SUPEROFFICE] {
            let check = |body: &[u8]| {
                let body = Input::new("body".to_owned(), body.to_vec());
                laws::a_place_is_in_the_body(target, &body, Format::ByShape, &dialect);
            };
            for at in 0..body.len() {
                check(&body[..at]);
                check(&body[at..]);
                for byte in *b"\"\\[]{},:~0 \n\xff" {
                    let mut changed = body.to_vec();
                    changed[at] = byte;
                    check(&changed);
                    changed.insert(at, byte);
                    check(&changed);
                }
            }
        }
    }
}

#[test]
fn every_seed_keeps_the_laws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/tool");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    assert!(paths.len() >= 10, "only {paths:?}");
    for path in paths {
        // Shown where the seed fails.
        println!("{}", path.display());
        laws::check(&fs::read(path).expect("a seed"));
    }
}
