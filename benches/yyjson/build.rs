//! Builds yyjson, patches included, from the source that the package `yyjson-sys` brings along.

use std::{env, path::Path, process::Command};

use serde_json::Value;

fn main() {
    println!("cargo::rerun-if-changed=peer.c");
    let cargo = env::var("CARGO").expect("cargo says where it is");
    let metadata = Command::new(cargo).args(["metadata", "--format-version=1"]).output().expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages.iter().find(|package| package["name"] == "yyjson-sys").expect("it is a dependency");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a manifest has a path"));
    let source = manifest.with_file_name("yyjson").join("src");
    cc::Build::new().include(&source).file(source.join("yyjson.c")).file("peer.c").compile("yyjson");
}
