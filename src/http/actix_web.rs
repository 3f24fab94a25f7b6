//! The module [`http`](crate::http) for servers on actix-web (feature `actix-web`, Rust 1.89): an extractor for PATCH
//! requests, and replies and problem details as responses.
//!
//! ```
//! use std::sync::{Mutex, MutexGuard};
//!
//! use actix_web::{App, web};
//! use entity_patch::{Dialect, http::{ProblemDetails, Reply, Validators, actix_web::PatchRequest}};
//!
//! /// One document: its version and its JSON text.
//! type Store = Mutex<(u64, Vec<u8>)>;
//!
//! fn lock(store: &Store) -> MutexGuard<'_, (u64, Vec<u8>)> {
//!     store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
//! }
//!
//! async fn patch(store: web::Data<Store>, request: PatchRequest) -> Result<Reply, ProblemDetails> {
//!     // Before the body is read, and again under the lock, since another write may have come first.
//!     request.check(&Validators::of_version(lock(&store).0))?;
//!     let patch = request.read(&Dialect::RFC).await?;
//!     let mut stored = lock(&store);
//!     patch.check(&Validators::of_version(stored.0))?;
//!     let json = patch.apply_json(&stored.1, &Dialect::RFC)?;
//!     *stored = (stored.0 + 1, json.clone());
//!     Ok(patch.respond_json(json, &Validators::of_version(stored.0)))
//! }
//!
//! let store = web::Data::new(Store::new((1, br#"{"theme": "dark"}"#.to_vec())));
//! let app = App::new().app_data(store).route("/settings", web::patch().to(patch));
//! # let _ = app;
//! ```

use std::pin::Pin;

use ::actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    dev,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web,
};

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

/// A PATCH request of actix-web. It stays on its thread, as bodies of actix-web do.
pub type PatchRequest = patch_request::PatchRequest<web::Payload>;

impl FromRequest for PatchRequest {
    type Error = ::actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<PatchRequest, ::actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let lines = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let head = RequestHead::from_headers(lines);
        let body = web::Payload::from_request(request, payload);
        Box::pin(async { Ok(PatchRequest { head, body: body.await? }) })
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
        let limit = dialect.limits.body_bytes;
        match self.body.to_bytes_limited(limit).await {
            Ok(Ok(bytes)) => Ok(patch.with_bytes(bytes.into())),
            Ok(Err(_)) => Err(ProblemDetails::new(400, "incomplete-body", "the body ended early")),
            Err(_) => Err(ParseError::from(ParseErrorKind::BodyTooLarge { limit }).into()),
        }
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        response(self)
    }
}

impl Responder for ProblemDetails {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        response(self.into())
    }
}

impl ResponseError for ProblemDetails {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        response(self.clone().into())
    }
}

/// A header field that HTTP does not allow is left out, and a status that it does not have is 500.
fn response(reply: Reply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in reply.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.insert_header((name, value));
        }
    }
    response.body(reply.into_body())
}
