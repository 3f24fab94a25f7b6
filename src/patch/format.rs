//! What a request carries: the format that its media type names, and the patch that its body holds.

use crate::{
    dialect::Dialect,
    patch::merge_patch::MergePatch,
    patch::{
        operation::Patch,
        parse::{self, ParseError, Shape},
    },
};

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

impl Format {
    /// The format that a `Content-Type` header names; parameters and case are ignored. `None` is for the server to
    /// answer with 415, also for an empty value. A request without this header is [`Format::ByShape`].
    ///
    /// ```
    /// use entity_patch::Format;
    ///
    /// assert_eq!(Format::from_content_type("application/merge-patch+json"), Some(Format::MergePatch));
    /// assert_eq!(Format::from_content_type("Application/JSON; charset=utf-8"), Some(Format::ByShape));
    /// assert_eq!(Format::from_content_type("text/plain"), None);
    /// ```
    pub fn from_content_type(value: &str) -> Option<Format> {
        const MEDIA_TYPES: [(&str, Format); 4] = [
            ("application/json-patch+json", Format::JsonPatch),
            ("application/merge-patch+json", Format::MergePatch),
            ("application/json", Format::ByShape),
            ("text/json", Format::ByShape),
        ];
        let media_type = value.split(';').next().unwrap_or_default().trim();
        let row = MEDIA_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type));
        row.map(|&(_, format)| format)
    }

    /// What a body of this format is read as.
    pub(crate) fn shape(self, body: &[u8], dialect: &Dialect) -> Result<Shape, ParseError> {
        match self {
            Format::JsonPatch => Ok(Shape::JsonPatch),
            Format::MergePatch => Ok(Shape::MergePatch),
            Format::ByShape => parse::shape(body, dialect),
        }
    }
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

impl PatchDocument {
    /// Reads the body of a PATCH request.
    ///
    /// ```
    /// use entity_patch::{Dialect, Format, PatchDocument};
    ///
    /// let document = PatchDocument::parse(b"[]", Format::ByShape, &Dialect::RFC)?;
    /// assert!(matches!(document, PatchDocument::JsonPatch(_)));
    /// # Ok::<(), entity_patch::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Patch::parse`] and [`MergePatch::parse`]; by shape, a body that is neither an array nor an object is
    /// `not-an-object`.
    pub fn parse(body: &[u8], format: Format, dialect: &Dialect) -> Result<PatchDocument, ParseError> {
        match format.shape(body, dialect)? {
            Shape::JsonPatch => Patch::parse(body, dialect).map(PatchDocument::JsonPatch),
            Shape::MergePatch => MergePatch::parse(body, dialect).map(PatchDocument::MergePatch),
        }
    }
}
