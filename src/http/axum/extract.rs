//! The extractor of PATCH requests, and how replies are sent.

use std::{
    convert::Infallible,
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
        patch_request,
        problem::ProblemDetails,
        reply::Reply,
        request::{PatchBody, RequestHead},
    },
    patch::parse_error::{ParseError, ParseErrorKind},
};

/// A PATCH request of axum. The front page of [`axum`](crate::http::axum) has an example.
pub type PatchRequest = patch_request::PatchRequest<UnreadBody>;

/// A body that is not read yet.
///
/// Nobody locks it: the lock makes it `Sync`, which axum's own is not.
pub struct UnreadBody(Mutex<Body>);

impl<S: Send + Sync> FromRequest<S> for PatchRequest {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<PatchRequest, Infallible> {
        Ok(PatchRequest {
            head: RequestHead::from(request.headers()),
            body: UnreadBody(Mutex::new(request.into_body())),
        })
    }
}

impl PatchRequest {
    /// Reads the body, and stops at the dialect's limit.
    ///
    /// # Errors
    ///
    /// - 415: the body carries no patch, is not in UTF-8 or is compressed.
    /// - 413: the body is longer than the limit.
    /// - 400: the body ended early.
    pub async fn read(self, dialect: &Dialect) -> Result<PatchBody, ProblemDetails> {
        let patch = PatchBody::new(self.head, Vec::new())?;
        let body = self.body.0.into_inner().unwrap_or_else(PoisonError::into_inner);
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
