//! A table as lines of text.

use entity_patch::__private::{Entity, Table};

/// Checks the table of an entity. A row is its name in JSON and what it says beyond that: the field's name where it is
/// another one, aliases, access, `key`, what is inside. The last argument is what the table says besides its rows.
#[track_caller]
pub fn check<E: Entity>(rows: &[&str], besides: &str) {
    let (found, said) = described(E::table());
    assert_eq!(found, rows);
    assert_eq!(said, besides);
}

/// The rows of a table, and what it says besides.
pub fn described(table: &Table) -> (Vec<String>, String) {
    let rows = table.rows().iter().map(|row| described_row(&format!("{row:?}")));
    let table = format!("{table:?}");
    let (_, besides) = table.rsplit_once("], rest: ").expect("a table shows its rest after its rows");
    let (besides, values) = besides.split_once(", rest_row: ").expect("how an open map reads its values is last");
    let values = if values.starts_with("None") { "" } else { ", its values are read" };
    let besides = format!("rest: {besides}{values}");
    let besides = besides.replace("rest: Unknown", "").replace("output_only: []", "");
    let besides = besides.replace("rest_rust_name: None", "").replace(", , ", ", ");
    let besides = besides.replace("rest_rust_name: Some(\"", "in ").replace("\")", "");
    (rows.collect(), besides.trim_matches([',', ' ']).to_owned())
}

/// What the `Debug` of a row says, without what every row says.
fn described_row(row: &str) -> String {
    let (row, _field) = row.split_once(", field: ").expect("a row shows its field last");
    let mut rest = row.strip_prefix("Row { name: ").expect("a row shows its name first");
    let mut cut = |until: &str| {
        let (part, after) = rest.split_once(until).expect("a row shows all of its parts");
        rest = after;
        part.to_owned()
    };
    let unquoted = |name: String| serde_json::from_str::<String>(&name).expect("a name is a string");
    let name = unquoted(cut(", aliases: "));
    let aliases = cut(", rust_name: ");
    let rust_name = unquoted(cut(", access: "));
    let access = cut(", is_key: ");
    let is_key = cut(", inside: ") == "true";
    let parts = [
        (rust_name != name).then_some(rust_name),
        (aliases != "[]").then_some(aliases),
        (access != "Writable").then_some(access),
        is_key.then(|| "key".to_owned()),
        (rest != "Opaque").then(|| rest.to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.as_slice() {
        [] => name,
        parts if parts[0].starts_with('[') => format!("{name}, {}", parts.join(", ")),
        parts => format!("{name}: {}", parts.join(", ")),
    }
}
