//! What a patch does to a document, whatever the document is: `execute` has the rules of the six operations, `merge` those
//! of a merge patch. Both ask the questions of `target`, and both are written once.

mod context;
mod execute;
mod failure;
pub(crate) mod merge;
mod target;

pub use self::failure::{PatchError, PatchErrorKind};
pub(crate) use self::{
    context::Context,
    execute::execute,
    failure::{Failure, Refusal},
    target::*,
};
