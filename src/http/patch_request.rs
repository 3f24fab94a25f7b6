//! A PATCH request of any framework, before its body is read.

use std::fmt;

use crate::http::{preconditions::Validators, problem::ProblemDetails, request::RequestHead};

/// A PATCH request whose body is not read yet, so that a server can refuse it before it is sent. `B` is the body of the
/// framework.
///
/// Extracting it never fails; [`check`](PatchRequest::check) and `read` refuse a request, in the order of the table in
/// [`http`](crate::http).
pub struct PatchRequest<B> {
    pub(super) head: RequestHead,
    pub(super) body: B,
}

impl<B> fmt::Debug for PatchRequest<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PatchRequest").field("head", &self.head).finish_non_exhaustive()
    }
}

impl<B> PatchRequest<B> {
    /// Makes a precondition required (428): see
    /// [`Preconditions::required`](crate::http::Preconditions::required).
    pub fn required(self) -> PatchRequest<B> {
        PatchRequest { head: self.head.required(), ..self }
    }

    /// What the header fields say.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    /// Whether the request goes on, given the entity as it is now.
    ///
    /// # Errors
    ///
    /// As [`RequestHead::check`]: 415, 412 and 428.
    pub fn check(&self, current: &Validators) -> Result<(), ProblemDetails> {
        self.head.check(current)
    }
}
