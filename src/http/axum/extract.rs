//! The extractor of PATCH requests, and how replies are sent.

use std::{
    convert::Infallible,
    fmt,
    sync::{Mutex, PoisonError},
};

use ::axum::{
    body::{Body, HttpBody},
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{
    dialect::Dialect,
    http::{
        preconditions::Validators,
        problem::ProblemDetails,
        reply::Reply,
        request::{PatchBody, RequestHead},
    },
    patch::parse_error::{ParseError, ParseErrorKind},
};

/// A PATCH request whose body is not read yet, so that a server can refuse it before it is sent.
///
/// Extracting it never fails; [`PatchRequest::check`] and [`PatchRequest::read`] refuse a request, in the order of the
/// table in [`http`](crate::http). The front page of [`axum`](crate::http::axum) has an example.
pub struct PatchRequest {
    head: RequestHead,
    /// Nobody locks it: it makes the request `Sync`, which a body is not.
    body: Mutex<Body>,
}

impl fmt::Debug for PatchRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PatchRequest").field("head", &self.head).finish_non_exhaustive()
    }
}

impl<S: Send + Sync> FromRequest<S> for PatchRequest {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<PatchRequest, Infallible> {
        Ok(PatchRequest { head: RequestHead::from(request.headers()), body: Mutex::new(request.into_body()) })
    }
}

impl PatchRequest {
    /// Makes a precondition required (428): see
    /// [`Preconditions::required`](crate::http::Preconditions::required).
    pub fn required(self) -> PatchRequest {
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

    /// Reads the body, and stops at the dialect's limit.
    ///
    /// # Errors
    ///
    /// - 415: the body carries no patch, is not in UTF-8 or is compressed.
    /// - 413: the body is longer than the limit.
    /// - 400: the body ended early.
    pub async fn read(self, dialect: &Dialect) -> Result<PatchBody, ProblemDetails> {
        let patch = PatchBody::new(self.head, Vec::new())?;
        let body = self.body.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(patch.with_bytes(read_body(body, dialect.limits.body_bytes).await?))
    }
}

/// Reads a body, and stops where it is longer than the limit.
///
/// # Errors
///
/// - 413 `body-too-large`: it is longer than `limit` bytes, or says so.
/// - 400 `incomplete-body`: it ended early.
pub async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, ProblemDetails> {
    let too_large = || ProblemDetails::from(ParseError::from(ParseErrorKind::BodyTooLarge { limit }));
    if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limit) {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes().into()),
        // The second is the limit of a layer around the handler.
        Err(error)
            if error.is::<LengthLimitError>() || error.source().is_some_and(|it| it.is::<LengthLimitError>()) =>
        {
            Err(too_large())
        }
        Err(_) => Err(ProblemDetails::new(400, "incomplete-body", "the body ended early")),
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.into()
    }
}

impl IntoResponse for ProblemDetails {
    /// `application/problem+json`, with the header fields of the problem.
    fn into_response(self) -> Response {
        self.into()
    }
}
