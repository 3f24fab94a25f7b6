//! Stored JSON text, patched as it lies.

use serde_json::Value;

use crate::{
    build,
    dialect::Dialect,
    document::tree,
    error::{Error, TargetError, TargetProblem},
    merge,
    name::Case,
    request::{Format, PatchDocument},
    scan::{Position, Problem, ScanError, Scanner},
};

/// Applies a request body to stored JSON text: bytes in, bytes out.
///
/// ```
/// use entity_patch::{Dialect, Format, patch_json};
///
/// let stored = br#"{"Events":[],"Name":"old"}"#;
/// let json = patch_json(stored, br#"{"name": "new"}"#, Format::ByShape, &Dialect::SUPEROFFICE)?;
/// assert_eq!(json, br#"{"Events":[],"Name":"new"}"#);
/// # Ok::<(), entity_patch::Error>(())
/// ```
///
/// # Errors
///
/// Those of the body first, as [`PatchDocument::parse`]; then 500 where the target is not JSON or nested deeper than
/// the limit; then those of [`apply`](crate::apply) and [`merge`](crate::merge()).
pub fn patch_json(target: &[u8], body: &[u8], format: Format, dialect: &Dialect) -> Result<Vec<u8>, Error> {
    let document = PatchDocument::parse(body, format, dialect)?;
    let mut tree = read(target)?;
    match &document {
        PatchDocument::JsonPatch(patch) => tree::apply(&mut tree, patch, dialect)?,
        PatchDocument::MergePatch(patch) => merge::merge(&mut tree, patch, dialect)?,
    }
    Ok(tree.to_string().into_bytes())
}

/// Reads a stored text into a tree.
pub(crate) fn read(target: &[u8]) -> Result<Value, TargetError> {
    let refuse = |ScanError { offset, problem }: ScanError| {
        let position = Position::of(target, offset);
        TargetError::from(match problem {
            Problem::Syntax(syntax) => TargetProblem::Syntax { syntax, position },
            Problem::DuplicateName => TargetProblem::DuplicateName { position },
            Problem::TooDeep => TargetProblem::TooDeep { position },
        })
    };
    let mut scanner = Scanner::new(target).map_err(refuse)?;
    let read = build::value(&mut scanner, crate::dialect::Limits::DEFAULT.depth(), Case::Exact).map_err(refuse)?;
    scanner.end().map_err(refuse)?;
    Ok(read.value.into())
}
