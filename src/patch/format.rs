//! What a request carries: the format that its media type names, and the patch that its body holds.

use crate::patch::{merge_patch::MergePatch, operation::Patch};

/// The format of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 6902, `application/json-patch+json`.
    JsonPatch,
    /// RFC 7396, `application/merge-patch+json`.
    MergePatch,
    /// An array is a JSON Patch, an object a merge patch, and anything else is `not-an-object`.
    ByShape,
}

/// The patch that a request carries.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchDocument {
    /// RFC 6902.
    JsonPatch(Patch),
    /// RFC 7396.
    MergePatch(MergePatch),
}

impl From<Patch> for PatchDocument {
    fn from(patch: Patch) -> PatchDocument {
        PatchDocument::JsonPatch(patch)
    }
}

impl From<MergePatch> for PatchDocument {
    fn from(patch: MergePatch) -> PatchDocument {
        PatchDocument::MergePatch(patch)
    }
}
