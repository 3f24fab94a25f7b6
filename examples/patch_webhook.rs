//! Patches one of the API's own samples twice: with a JSON Patch, and with a merge patch that makes the same change.

use std::{
    error::Error,
    io::{self, Write},
};

use entity_patch::{Dialect, Format, Patch, PatchDocument, Patched, patch, superoffice::Webhook};

const WEBHOOK: &[u8] = include_bytes!("data/webhook.json");
const JSON_PATCH: &[u8] = include_bytes!("data/changes.json");
const MERGE_PATCH: &[u8] = include_bytes!("data/changes.merge.json");

fn main() -> Result<(), Box<dyn Error>> {
    show(&mut io::stdout())
}

/// Writes each patch, its operations and the entity that it makes.
pub fn show(output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let webhook: Webhook = serde_json::from_slice(WEBHOOK)?;
    let samples = [("a JSON Patch", JSON_PATCH, Format::JsonPatch), ("a merge patch", MERGE_PATCH, Format::MergePatch)];
    for (name, body, format) in samples {
        writeln!(output, "# {name}\n{}", String::from_utf8_lossy(body))?;
        let document = PatchDocument::parse(body, format, &Dialect::SUPEROFFICE)?;
        let Patched { entity, changed, .. } = patch(&webhook, &document, &Dialect::SUPEROFFICE)?;
        writeln!(output, "operations:\n{:#}\n", operations(&webhook, document)?)?;
        writeln!(output, "changed: {}\n", changed.join(", "))?;
        writeln!(output, "the new entity:\n{}\n", serde_json::to_string_pretty(&entity)?)?;
    }
    Ok(())
}

/// The client's own operations, or those that its merge patch represents.
fn operations(webhook: &Webhook, document: PatchDocument) -> Result<Patch, Box<dyn Error>> {
    Ok(match document {
        PatchDocument::JsonPatch(patch) => patch,
        PatchDocument::MergePatch(merge) => merge.to_patch(&serde_json::to_value(webhook)?, &Dialect::SUPEROFFICE)?,
    })
}
