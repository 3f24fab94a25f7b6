//! From two versions of a document to the operations that turn one into the other.
//!
//! One walk goes through both at once (`versions`, `arrays`) and notes edits at nodes (`edit`), which get their paths in
//! the end (`written`), after some became moves (`moves`). Which elements of two arrays belong together is decided by
//! comparing them (`anchors`), by fingerprints (`fingerprint`, `chain`) and by the length of the operations
//! (`alignment`). Merge patches are made in `merge_diff`.

mod alignment;
mod anchors;
mod arrays;
mod chain;
mod edit;
mod fingerprint;
mod merge_diff;
mod moves;
mod options;
mod versions;
mod written;

use serde_json::Value;

use self::versions::Versions;
pub use self::{
    merge_diff::merge_diff,
    options::{ArrayKey, Arrays, DiffOptions, Guard},
};
use crate::{json::value, patch::operation::Patch};

/// The operations that turn `source` into `target` (RFC 6902): `add`, `remove` and `replace` only, which every dialect
/// has.
///
/// Applying them to the source gives the target: under [`Dialect::RFC`](crate::Dialect::RFC) for any two values, and
/// under a dialect that ignores case where no object holds two names that differ only by case (in each object the
/// removals come first, so that a name may change its case). The source may be nested as deep as it likes; what is
/// written of the target has to keep the depth limit, 127 levels. Equal parts give no operation and keep the source's
/// spelling: `1` and `1.0` are equal.
///
/// ```
/// use entity_patch::{Dialect, apply, diff};
/// use serde_json::json;
///
/// let source = json!({"Events": ["sale.sold"], "Name": "old", "Secret": "s"});
/// let target = json!({"Events": ["sale.lost", "sale.sold"], "Name": "new"});
/// let patch = diff(&source, &target);
/// assert_eq!(
///     serde_json::to_value(&patch).unwrap(),
///     json!([
///         {"op": "remove", "path": "/Secret"},
///         {"op": "add", "path": "/Events/0", "value": "sale.lost"},
///         {"op": "replace", "path": "/Name", "value": "new"},
///     ]),
/// );
/// let mut patched = source;
/// apply(&mut patched, &patch, &Dialect::RFC)?;
/// assert_eq!(patched, target);
/// # Ok::<(), entity_patch::PatchError>(())
/// ```
///
/// It is local: a member or an element that changed is one operation, at its own path. In an array an element that was
/// inserted or removed is one operation too. The equal ends of two arrays stay as they are. Of all ways to get from one
/// array of scalars to another by such operations, the one whose JSON is shortest is taken, if the parts between the
/// ends have at most 4,096 pairs of elements. In longer arrays, long runs of elements that are equal at nearly the same
/// place stay; between them the same holds up to 262,144 pairs, and beyond that the elements that stay are a heaviest
/// common subsequence, or nearly the heaviest where many elements are equal to each other. An element that is itself an
/// object or an array is changed inside, unless replacing it whole is shorter; where there are many, the two that share
/// something which no other element has, such as an id, are versions of one.
///
/// A whole array is replaced where less than half of it stays and that is shorter. Arrays and objects are also replaced
/// where smaller operations would exceed one of the default limits: 10,000 operations, 4 KiB for a path, 4 MiB for all
/// of them, 127 levels, and the work that applying them takes.
///
/// The time is linear in what is equal, and bounded by a constant times what is not; 20,000 elements none of which are
/// equal take about a tenth of a second. Besides the patch, a diff takes memory for what changed: up to 2 MiB, and
/// about 40 bytes for each element of an array that has to be matched with others far away.
pub fn diff(source: &Value, target: &Value) -> Patch {
    diff_with(source, target, &DiffOptions::default())
}

/// The operations that turn `source` into `target`, as [`DiffOptions`] asks for them.
///
/// What [`diff`](fn@diff) promises holds with every option, but for the following:
///
/// - With [`moves`](DiffOptions::moves) there are `move` and `copy` operations, so that the dialect has to have them. An
///   array counts as shorter whole only if it is also shorter than with moves.
/// - With [`Arrays::ByKey`] elements are matched by their keys alone: what changes in one is changed inside, and an
///   array is never replaced for the sake of length.
/// - With a [`Guard`] there are `test` operations, and a value is moved within one array or object only.
/// - What is [skipped](DiffOptions::skip) is as in the source. This takes a copy of the target.
///
/// ```
/// use entity_patch::{Dialect, DiffOptions, Guard, apply, diff_with};
/// use serde_json::json;
///
/// let (source, target) = (json!({"Name": "old"}), json!({"Name": "new"}));
/// let patch = diff_with(&source, &target, &DiffOptions::default().guard(Guard::Changes));
/// assert_eq!(
///     serde_json::to_value(&patch).unwrap(),
///     json!([
///         {"op": "test", "path": "/Name", "value": "old"},
///         {"op": "replace", "path": "/Name", "value": "new"},
///     ]),
/// );
/// let mut changed_meanwhile = json!({"Name": "newer"});
/// let error = apply(&mut changed_meanwhile, &patch, &Dialect::RFC).unwrap_err();
/// assert_eq!((error.status(), error.code()), (409, "test-failed"));
/// ```
pub fn diff_with(source: &Value, target: &Value, options: &DiffOptions) -> Patch {
    if options.skip.is_empty() {
        return between(source, target, options);
    }
    let target = options.with_skipped(source, target);
    let patch = between(source, &target, options);
    value::discard(target);
    patch
}

fn between(source: &Value, target: &Value, options: &DiffOptions) -> Patch {
    let mut walk = Versions::new(options);
    walk.value(source, target);
    if options.moves {
        walk.join_moves();
        if walk.copies {
            walk.join_copies();
        }
    }
    match walk.into_operations() {
        Some(operations) => Patch::new(operations),
        None => between(source, target, &options.clone().moves(false)),
    }
}
