//! The paths of what a patch wrote and nobody keeps.

use crate::{dialect::Dialect, document::PatchErrorKind, patch::pointer::Pointer};

/// A list of paths that are together at most [`Limits::copied_bytes`](crate::Limits::copied_bytes) long: one long name
/// may be on the way to many of them.
#[derive(Debug)]
pub(super) struct Ignored {
    paths: Vec<Pointer>,
    bytes_left: usize,
}

impl Ignored {
    pub(super) fn new(dialect: &Dialect) -> Ignored {
        Ignored { paths: Vec::new(), bytes_left: dialect.limits.copied_bytes }
    }

    pub(super) fn push(&mut self, path: Pointer) -> Result<(), PatchErrorKind> {
        self.bytes_left = self.bytes_left.checked_sub(path.as_str().len()).ok_or(PatchErrorKind::TooMuchWork)?;
        self.paths.push(path);
        Ok(())
    }

    pub(super) fn into_paths(self) -> Vec<Pointer> {
        self.paths
    }
}
