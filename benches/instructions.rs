//! How many instructions the rows of the speed table take.

#[path = "sample/counted.rs"]
mod counted;
mod sample;

use entity_patch::{
    Dialect, Format, MergePatch, Patch, PatchDocument, apply, diff, merge, patch, patch_json, patch_stored,
    superoffice::Webhook,
};
use serde_json::Value;

use counted::Row;
use sample::{WEBHOOK, operations};

const MERGE: &str = include_str!("sample/merge.json");
/// 20 operations that differ, two of which test inside of read-only members.
const VARIED: &str = include_str!("sample/varied.json");
const DIALECT: Dialect = Dialect::SUPEROFFICE;

fn read<'t, T: serde::Deserialize<'t>>(text: &'t str) -> T {
    serde_json::from_str(text).expect("the sample is JSON of this type")
}

fn peer_patch(target: &str, body: &str) -> Vec<u8> {
    let mut target: Value = read(target);
    json_patch::patch(&mut target, &read::<json_patch::Patch>(body)).expect("the patch applies");
    serde_json::to_vec(&target).expect("a value is JSON")
}

fn peer_merge() -> Vec<u8> {
    let mut target: Value = read(&WEBHOOK);
    json_patch::merge(&mut target, &read(MERGE));
    serde_json::to_vec(&target).expect("a value is JSON")
}

/// From text to text.
fn bytes(rows: &mut Vec<Row>) {
    let webhook = || WEBHOOK.clone();
    let pretty = || include_str!("../examples/data/webhook_response.json").to_owned();
    for (name, target, count) in
        [("1", webhook(), 1), ("4", webhook(), 4), ("20", webhook(), 20), ("pretty", pretty(), 1)]
    {
        let body = operations(count);
        for (kind, dialect) in [("bytes", DIALECT), ("bytes, rfc", Dialect::RFC)] {
            let (target, body, same) = (target.clone(), body.clone(), (target.clone(), body.clone()));
            rows.push(Row::new(
                format!("{kind}/{name}"),
                move || patch_json(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &dialect),
                move || peer_patch(&same.0, &same.1),
            ));
        }
        let same = (target.clone(), body.clone());
        rows.push(Row::new(
            format!("stored/{name}"),
            move || patch_stored::<Webhook>(target.as_bytes(), body.as_bytes(), Format::JsonPatch, &DIALECT),
            move || peer_patch(&same.0, &same.1),
        ));
    }
    rows.push(Row::new(
        "stored/20 varied",
        || patch_stored::<Webhook>(WEBHOOK.as_bytes(), VARIED.as_bytes(), Format::JsonPatch, &DIALECT),
        || peer_patch(&WEBHOOK, VARIED),
    ));
    rows.push(Row::new(
        "bytes/merge",
        || patch_json(WEBHOOK.as_bytes(), MERGE.as_bytes(), Format::MergePatch, &DIALECT),
        peer_merge,
    ));
    rows.push(Row::new(
        "stored/merge",
        || patch_stored::<Webhook>(WEBHOOK.as_bytes(), MERGE.as_bytes(), Format::MergePatch, &DIALECT),
        peer_merge,
    ));
}

fn trees(rows: &mut Vec<Row>) {
    let target: Value = read(&WEBHOOK);
    let failing = r#",{"op":"test","path":"/Name","value":"another one"}]"#;
    let bodies = [
        ("1", operations(1)),
        ("4", operations(4)),
        ("20", operations(20)),
        ("20 and a failing test", operations(20).trim_end_matches(']').to_owned() + failing),
    ];
    for (name, body) in bodies {
        let [target, same, around] = [(); 3].map(|()| target.clone());
        let own = Patch::parse(body.as_bytes(), &DIALECT).expect("the body is a patch");
        let peer: json_patch::Patch = read(&body);
        rows.push(Row::around(
            format!("tree/{name}"),
            move || {
                let mut target = target.clone();
                (apply(&mut target, &own, &DIALECT).is_ok(), target)
            },
            move || {
                let mut target = same.clone();
                (json_patch::patch(&mut target, &peer).is_ok(), target)
            },
            move || around.clone(),
        ));
    }
    let [same, around] = [(); 2].map(|()| target.clone());
    let own = MergePatch::parse(MERGE.as_bytes(), &DIALECT).expect("the body is a merge patch");
    let peer: Value = read(MERGE);
    rows.push(Row::around(
        "tree/merge",
        move || {
            let mut target = target.clone();
            (merge(&mut target, &own, &DIALECT).is_ok(), target)
        },
        move || {
            let mut target = same.clone();
            json_patch::merge(&mut target, &peer);
            target
        },
        move || around.clone(),
    ));
}

fn parsing(rows: &mut Vec<Row>) {
    for count in [1, 4, 20] {
        let (body, same) = (operations(count), operations(count));
        rows.push(Row::new(
            format!("parse/{count}"),
            move || Patch::parse(body.as_bytes(), &DIALECT),
            move || read::<json_patch::Patch>(&same),
        ));
    }
}

fn typed(rows: &mut Vec<Row>) {
    for count in [1, 4] {
        let (webhook, same): (Webhook, Webhook) = (read(&WEBHOOK), read(&WEBHOOK));
        let body = operations(count);
        let own = Patch::parse(body.as_bytes(), &DIALECT).expect("the body is a patch");
        let own = PatchDocument::JsonPatch(own);
        let peer: json_patch::Patch = read(&body);
        rows.push(Row::new(
            format!("typed/{count}"),
            move || patch(&webhook, &own, &DIALECT),
            move || {
                let mut value = serde_json::to_value(&same).expect("a webhook is JSON");
                json_patch::patch(&mut value, &peer).expect("the patch applies");
                serde_json::from_value::<Webhook>(value)
            },
        ));
    }
}

fn diffs(rows: &mut Vec<Row>) {
    let source: Value = read(&WEBHOOK);
    let mut target = source.clone();
    target["Name"] = "another name".into();
    target["UpdatedAssociate"]["Rank"] = 1.into();
    let (same, other) = (source.clone(), target.clone());
    rows.push(Row::new("diff/2 changes", move || diff(&source, &target), move || json_patch::diff(&same, &other)));
}

fn main() {
    let mut rows = vec![];
    for add in [bytes, trees, parsing, typed, diffs] {
        add(&mut rows);
    }
    counted::run(&rows);
}
