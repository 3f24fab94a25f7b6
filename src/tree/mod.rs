//! A tree of `serde_json` values that is patched in place: `nodes` answers what the rules ask of it, `undo` takes back
//! what a patch did that fails, `inverse` makes a patch of that record. `recorder` lists what a merge patch would do. A
//! patch that would shift or search too much goes through the text engine (`as_text`).

mod apply;
mod as_text;
mod given;
mod inverse;
mod journal;
mod merging;
mod nodes;
mod recorder;
#[cfg(test)]
mod tests;
mod undo;

pub use self::{
    apply::{apply, check},
    inverse::apply_with_inverse,
    merging::{merge, merge_with_inverse},
};
pub(crate) use self::{
    given::{check as check_given, given},
    merging::check as check_merge,
};

use serde_json::Value;

use crate::{
    dialect::Dialect,
    document::PatchError,
    patch::{format::PatchDocument, operation::Patch},
};

impl PatchDocument {
    /// Applies the patch in place, as [`apply()`] or [`merge()`] does.
    ///
    /// ```
    /// use entity_patch::{Dialect, Format, PatchDocument};
    /// use serde_json::json;
    ///
    /// let mut target = json!({"Name": "old"});
    /// let document = PatchDocument::parse(br#"{"Name": "new"}"#, Format::ByShape, &Dialect::RFC)?;
    /// document.apply(&mut target, &Dialect::RFC)?;
    /// assert_eq!(target, json!({"Name": "new"}));
    /// # Ok::<(), entity_patch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As these.
    pub fn apply(&self, target: &mut Value, dialect: &Dialect) -> Result<(), PatchError> {
        match self {
            PatchDocument::JsonPatch(patch) => apply(target, patch, dialect),
            PatchDocument::MergePatch(patch) => merge(target, patch, dialect),
        }
    }

    /// Applies the patch and returns the one that undoes it, as [`apply_with_inverse`] and [`merge_with_inverse`] do.
    ///
    /// # Errors
    ///
    /// As these.
    pub fn apply_with_inverse(&self, target: &mut Value, dialect: &Dialect) -> Result<Patch, PatchError> {
        match self {
            PatchDocument::JsonPatch(patch) => apply_with_inverse(target, patch, dialect),
            PatchDocument::MergePatch(patch) => merge_with_inverse(target, patch, dialect),
        }
    }
}
