//! What a request costs, counted and not timed: the most memory at one time, where the crate that includes this counts
//! it, and the bytes that are allocated in all, which is as much as work leaves behind.

use std::sync::OnceLock;

use entity_patch::{
    Dialect, Format, PatchDocument, apply_with_inverse, diff, http, merge_diff, merge_with_inverse, patch_json,
    patch_stored, superoffice::Webhook, visible,
};
use serde_json::Value;

/// What a call allocates, in bytes.
#[derive(Clone, Copy)]
pub struct Count {
    /// The most at one time, its result included.
    pub peak: u64,
    /// In all.
    pub total: u64,
}

/// Runs a call, and says what it allocates.
pub type Counter = fn(&mut dyn FnMut()) -> Count;

/// The counter, where there is one.
pub static COUNTER: OnceLock<Counter> = OnceLock::new();

/// What calls may take for each byte that they are given: the most that the table of memory says, and what it takes a text
/// to have room for a tree. A tree needs this for a text of its smallest values.
const PEAK: usize = 400;
/// What calls may take whatever they are given; a diff looks for a short patch.
const FIXED: usize = 4 << 20;
/// What they may allocate in all, for each byte that they are given: a tree is built, written and read a few times.
const TOTAL: usize = 4_000;

/// Whether a call keeps to what it may take of the texts that it is given, and of what it may copy.
fn costs<T>(name: &str, length: usize, copied: usize, mut run: impl FnMut() -> T) {
    let Some(count) = COUNTER.get() else {
        drop(run());
        return;
    };
    let Count { peak, total } = count(&mut || drop(run()));
    let most = (PEAK * length + FIXED + copied) as u64;
    assert!(peak <= most, "{name}: {peak} bytes at one time, and it may take {most} for {length}");
    let most = (TOTAL * length + 4 * FIXED + 4 * copied) as u64;
    assert!(total <= most, "{name}: {total} bytes in all, and it may take {most} for {length}");
}

/// Every call that takes such a request keeps to what it may take.
pub fn every_call_is_linear(target: &str, body: &str, format: Format, dialect: &Dialect) {
    let mut dialect = dialect.clone();
    // Small, so that what they do not bound shows.
    (dialect.limits.copied_bytes, dialect.limits.work) = (16 << 10, 256 << 10);
    let dialect = &dialect;
    let (bytes, length) = (body.as_bytes(), target.len() + body.len());
    // A byte of JSON is up to 115 of a tree.
    let copied = 128 * dialect.limits.copied_bytes;
    costs("patch_json", length, copied, || patch_json(target.as_bytes(), bytes, format, dialect));
    costs("patch_stored", length, copied, || patch_stored::<Webhook>(target.as_bytes(), bytes, format, dialect));
    costs("put", length, copied, || http::put::<Webhook>(target.as_bytes(), bytes, dialect));
    costs("visible", length, copied, || visible::<Webhook>(target.as_bytes()));
    let Ok(mut tree) = serde_json::from_str::<Value>(target) else { return };
    let source = tree.clone();
    let mut document = None;
    costs("parse", length, copied, || document = PatchDocument::parse(bytes, format, dialect).ok());
    match &document {
        Some(PatchDocument::JsonPatch(patch)) => {
            costs("apply_with_inverse", length, copied, || apply_with_inverse(&mut tree, patch, dialect));
        }
        Some(PatchDocument::MergePatch(patch)) => {
            costs("to_patch", length, copied, || patch.to_patch(&tree, dialect));
            costs("merge_with_inverse", length, copied, || merge_with_inverse(&mut tree, patch, dialect));
        }
        None => {}
    }
    costs("diff", length, copied, || diff(&source, &tree));
    costs("merge_diff", length, copied, || merge_diff(&source, &tree));
    if let Ok(other) = serde_json::from_str::<Value>(body) {
        costs("diff of any two", length, copied, || diff(&source, &other));
    }
}

/// A short text for a long one: `*3(part)` is the part three times, and a `#` in it the number of each, 0-based. `None`
/// where it is longer than `limit` bytes.
pub fn unfolded(text: &str, limit: usize) -> Option<String> {
    let mut unfolded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('*') {
        let (before, after) = rest.split_at(at);
        unfolded.push_str(before);
        let digits = after[1..].bytes().take_while(u8::is_ascii_digit).count();
        let part = after[1 + digits..].strip_prefix('(').and_then(|part| part.split_once(')'));
        let (Ok(times), Some((part, behind))) = (after[1..1 + digits].parse::<usize>(), part) else {
            unfolded.push('*');
            rest = &after[1..];
            continue;
        };
        if times.checked_mul(part.len() + 8)? > limit.checked_sub(unfolded.len())? {
            return None;
        }
        for number in 0..times {
            unfolded.push_str(&part.replace('#', &number.to_string()));
        }
        rest = behind;
    }
    unfolded.push_str(rest);
    (unfolded.len() <= limit).then_some(unfolded)
}
