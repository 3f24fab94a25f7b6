//! A request: its media type, its pointers and operations, and how they are read from the bytes of a body.

mod fault_path;
pub(crate) mod format;
pub(crate) mod merge_patch;
pub(crate) mod operation;
pub(crate) mod parse;
pub(crate) mod parse_error;
pub(crate) mod pointer;
