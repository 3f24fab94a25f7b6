//! The module [`http`](crate::http) for servers on axum: an extractor for PATCH requests, a response, and problem
//! details as a response. Behind the feature `axum`.
//!
//! What is left for a server is where its entities are:
//!
//! ```
//! use std::sync::{Arc, Mutex, MutexGuard};
//!
//! use axum::{Router, extract::State, routing};
//! use entity_patch::{
//!     Dialect,
//!     http::{ProblemDetails, Validators, axum::{PatchRequest, PatchResponse}},
//!     superoffice::Webhook,
//! };
//!
//! /// One webhook: its version and its JSON text.
//! type Store = Arc<Mutex<(u64, Vec<u8>)>>;
//!
//! fn lock(store: &Store) -> MutexGuard<'_, (u64, Vec<u8>)> {
//!     store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
//! }
//!
//! async fn patch(State(store): State<Store>, request: PatchRequest) -> Result<PatchResponse, ProblemDetails> {
//!     // Before the body is read, and again under the lock, since another write may have come first.
//!     request.check(&Validators::of_version(lock(&store).0))?;
//!     let patch = request.read(&Dialect::SUPEROFFICE).await?;
//!     let mut stored = lock(&store);
//!     patch.check(&Validators::of_version(stored.0))?;
//!     let patched = patch.apply::<Webhook>(&stored.1, &Dialect::SUPEROFFICE)?;
//!     if !patched.changed.is_empty() {
//!         *stored = (stored.0 + 1, patched.json);
//!     }
//!     Ok(patch.respond(stored.1.clone(), &Validators::of_version(stored.0)))
//! }
//!
//! let stored = br#"{"WebhookId": 7, "Name": "sales", "State": "Active"}"#.to_vec();
//! let store = Store::new(Mutex::new((1, stored)));
//! let app: Router = Router::new().route("/webhook", routing::patch(patch)).with_state(store);
//! # let _ = app;
//! ```

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use ::axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{
    Dialect, Entity, Error, Format, ParseError, ParseErrorKind, PatchedJson,
    http::{ACCEPT_PATCH, PreconditionFailed, Preconditions, ProblemDetails, Validators, prefers_minimal},
    patch_stored,
};

/// A PATCH request whose body is not read yet, so that a server can refuse it before it is sent.
///
/// Extracting it never fails; [`PatchRequest::check`] and [`PatchRequest::read`] refuse what is to be refused, in the
/// order of the table in [`http`](crate::http).
#[derive(Debug)]
pub struct PatchRequest {
    head: Head,
    format: Result<Format, Unsupported>,
    /// Nobody locks it: it makes the request `Sync`, which a body is not.
    body: Mutex<Body>,
}

/// Why a body cannot be read (415).
#[derive(Clone, Copy, Debug)]
enum Unsupported {
    MediaType,
    Encoding,
}

impl From<Unsupported> for ProblemDetails {
    fn from(unsupported: Unsupported) -> ProblemDetails {
        let detail = match unsupported {
            Unsupported::MediaType => format!("a patch has one of the types {ACCEPT_PATCH}"),
            Unsupported::Encoding => {
                "a body must not be encoded: Content-Encoding names more than `identity`".to_owned()
            }
        };
        ProblemDetails::new(415, "unsupported-media-type", detail)
    }
}

/// What is known of a request without its body.
#[derive(Clone, Debug)]
struct Head {
    preconditions: Preconditions,
    wants_minimal: bool,
}

impl<S: Send + Sync> FromRequest<S> for PatchRequest {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<PatchRequest, Infallible> {
        let (parts, body) = request.into_parts();
        let head = Head { preconditions: preconditions(&parts.headers), wants_minimal: wants_minimal(&parts.headers) };
        Ok(PatchRequest { head, format: format(&parts.headers), body: Mutex::new(body) })
    }
}

impl PatchRequest {
    /// Whether the request goes on, given the entity as it is now.
    ///
    /// # Errors
    ///
    /// - 415: the media type carries no patch, or the body is compressed.
    /// - 412: a precondition does not hold.
    pub fn check(&self, current: &Validators) -> Result<(), ProblemDetails> {
        self.format?;
        Ok(self.head.preconditions.check(current)?)
    }

    /// Reads the body, and stops at the dialect's limit.
    ///
    /// # Errors
    ///
    /// - 415: the media type carries no patch, or the body is compressed.
    /// - 413: the body is longer than the limit.
    /// - 400: the body breaks off.
    pub async fn read(self, dialect: &Dialect) -> Result<PatchBody, ProblemDetails> {
        let format = self.format?;
        let body = self.body.into_inner().unwrap_or_else(PoisonError::into_inner);
        let bytes = read_body(body, dialect.limits.body_bytes).await?;
        Ok(PatchBody { head: self.head, format, bytes })
    }
}

/// A PATCH request with its body. It can be applied more than once, where another write comes first.
#[derive(Clone, Debug)]
pub struct PatchBody {
    head: Head,
    format: Format,
    bytes: Bytes,
}

impl PatchBody {
    /// Whether the request goes on, given the entity as it is now.
    ///
    /// # Errors
    ///
    /// 412: a precondition does not hold.
    pub fn check(&self, current: &Validators) -> Result<(), PreconditionFailed> {
        self.head.preconditions.check(current)
    }

    /// Applies the body to a stored entity.
    ///
    /// # Errors
    ///
    /// As [`patch_stored`].
    pub fn apply<E: Entity>(&self, stored: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
        patch_stored::<E>(stored, &self.bytes, self.format, dialect)
    }

    /// The answer, whose body is the entity as it is to be shown: 200, or 204 where the request prefers
    /// `return=minimal`. Its `ETag` is the first of the tags.
    pub fn respond(&self, json: Vec<u8>, current: &Validators) -> PatchResponse {
        let wants_minimal = self.head.wants_minimal;
        PatchResponse { body: json, content_type: APPLICATION_JSON, current: current.clone(), wants_minimal }
    }
}

const APPLICATION_JSON: &str = "application/json; charset=utf-8";

/// The answer to a PATCH request that was carried out, made by [`PatchBody::respond`].
#[derive(Clone, Debug)]
pub struct PatchResponse {
    body: Vec<u8>,
    content_type: &'static str,
    current: Validators,
    wants_minimal: bool,
}

impl PatchResponse {
    /// The same answer in another format than JSON.
    pub fn with_body(self, body: Vec<u8>, content_type: &'static str) -> PatchResponse {
        PatchResponse { body, content_type, ..self }
    }
}

impl IntoResponse for PatchResponse {
    fn into_response(self) -> Response {
        let mut response = if self.wants_minimal {
            (StatusCode::NO_CONTENT, [(PREFERENCE_APPLIED, "return=minimal")]).into_response()
        } else {
            ([(header::CONTENT_TYPE, self.content_type)], self.body).into_response()
        };
        insert_validators(response.headers_mut(), &self.current);
        response
    }
}

/// RFC 7240 section 3.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// RFC 5789 section 3.1.
const ACCEPT_PATCH_NAME: HeaderName = HeaderName::from_static("accept-patch");

/// Puts the first tag and the date into the headers of a response: `ETag` and `Last-Modified`.
pub fn insert_validators(headers: &mut HeaderMap, current: &Validators) {
    let tag = current.tags.first().map(|tag| HeaderValue::try_from(tag.to_string()));
    if let Some(Ok(tag)) = tag {
        headers.insert(header::ETAG, tag);
    }
    let date = current.last_modified.map(|date| HeaderValue::try_from(date.to_string()));
    if let Some(Ok(date)) = date {
        headers.insert(header::LAST_MODIFIED, date);
    }
}

/// The preconditions of a request.
pub fn preconditions(headers: &HeaderMap) -> Preconditions {
    Preconditions::from_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
}

/// Whether a request prefers `return=minimal`.
pub fn wants_minimal(headers: &HeaderMap) -> bool {
    prefers_minimal(headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()))
}

/// The format of a request, where its body can be read: by shape where it names none, and not where it names two.
fn format(headers: &HeaderMap) -> Result<Format, Unsupported> {
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Unsupported::Encoding);
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) => Ok(Format::ByShape),
        (Some(value), None) => {
            let format = value.to_str().ok().and_then(Format::from_content_type);
            format.ok_or(Unsupported::MediaType)
        }
        (Some(_), Some(_)) => Err(Unsupported::MediaType),
    }
}

/// Reads a body, and stops where it is longer than the limit.
///
/// # Errors
///
/// - 413 `body-too-large`: it is longer than `limit` bytes, or says so.
/// - 400 `incomplete-body`: it breaks off.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, ProblemDetails> {
    let too_large = || ProblemDetails::from(ParseError::from(ParseErrorKind::BodyTooLarge { limit }));
    if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limit) {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error)
            if error.is::<LengthLimitError>() || error.source().is_some_and(|it| it.is::<LengthLimitError>()) =>
        {
            Err(too_large())
        }
        Err(_) => Err(ProblemDetails::new(400, "incomplete-body", "the body breaks off")),
    }
}

impl IntoResponse for ProblemDetails {
    /// `application/problem+json`; with `Accept-Patch` where the status is 415.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, ProblemDetails::MEDIA_TYPE)], body).into_response();
        if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            response.headers_mut().insert(ACCEPT_PATCH_NAME, HeaderValue::from_static(ACCEPT_PATCH));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;
    use crate::{Limits, http::HttpDate, superoffice::Webhook};

    const STORED: &[u8] = br#"{"WebhookId":7,"Name":"old","State":"Active"}"#;

    /// Polls a future that waits for nothing.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the future waits"),
        }
    }

    /// Answers a request as a server would whose one webhook has version 7.
    async fn answer(headers: &[(&str, &str)], body: &str) -> Result<PatchResponse, ProblemDetails> {
        let mut request = Request::new(Body::from(body.to_owned()));
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            request.headers_mut().append(name, HeaderValue::try_from(*value).unwrap());
        }
        let limits = Limits { body_bytes: 100, ..Limits::DEFAULT };
        let dialect = Dialect { limits, ..Dialect::SUPEROFFICE };
        let Ok(request) = PatchRequest::from_request(request, &()).await;
        request.check(&Validators::of_version(7))?;
        let patch = request.read(&dialect).await?;
        let patched = patch.apply::<Webhook>(STORED, &dialect)?;
        Ok(patch.respond(patched.json, &Validators::of_version(8)))
    }

    #[test]
    fn requests_are_answered_in_the_order_of_the_checks() {
        /// Headers and body, and the status that they get.
        type Row<'r> = (&'r [(&'r str, &'r str)], &'r str, u16);

        let long = " ".repeat(101);
        let longest = format!("{:>100}", r#"{"name":"new"}"#);
        let rows: [Row<'_>; 15] = [
            (&[], &longest, 200),
            (&[], r#"{"name":"new"}"#, 200),
            (&[("content-type", "application/json-patch+json"), ("content-encoding", "identity")], "[]", 200),
            (&[("if-match", r#""7""#)], r#"{"name":"new"}"#, 200),
            (&[("prefer", "return=minimal")], r#"{"name":"new"}"#, 204),
            (&[("content-type", "text/plain"), ("if-match", r#""6""#)], &long, 415),
            (&[("content-type", "application/json"), ("content-type", "application/json")], "{}", 415),
            (&[("content-encoding", "gzip")], "{}", 415),
            (&[("if-match", r#""6""#)], &long, 412),
            (&[], &long, 413),
            (&[], "", 400),
            (&[], "{", 400),
            (&[], r#"[{"op":"test","path":"/Name","value":"new"}]"#, 409),
            (&[], r#"{"WebhookId":8}"#, 422),
            (&[("content-type", "application/merge-patch+json")], "[]", 400),
        ];
        for (headers, body, status) in rows {
            let response = now(answer(headers, body)).into_response();
            assert_eq!(response.status(), status, "{headers:?} {body}");
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("etag"), (status < 300).then_some(r#""8""#), "{headers:?} {body}");
            assert_eq!(header("accept-patch"), (status == 415).then_some(ACCEPT_PATCH), "{headers:?} {body}");
            assert_eq!(header("preference-applied"), (status == 204).then_some("return=minimal"));
            let media_type = match status {
                200 => Some(APPLICATION_JSON),
                204 => None,
                _ => Some(ProblemDetails::MEDIA_TYPE),
            };
            assert_eq!(header("content-type"), media_type, "{headers:?} {body}");
        }
    }

    #[test]
    fn a_request_goes_from_thread_to_thread() {
        fn is_shared<T: Send + Sync + std::fmt::Debug>() {}
        is_shared::<PatchRequest>();
        is_shared::<PatchBody>();
        is_shared::<PatchResponse>();
    }

    #[test]
    fn a_refusal_says_what_it_is_about() {
        for (header, value, expected) in
            [("content-type", "text/plain", ACCEPT_PATCH), ("content-encoding", "gzip", "Content-Encoding")]
        {
            let problem = now(answer(&[(header, value)], "{}")).unwrap_err();
            assert!(problem.detail().contains(expected), "{}", problem.detail());
        }
    }

    #[test]
    fn a_body_that_was_read_is_asked_again_and_answered_in_any_format() {
        let mut request = Request::new(Body::from("[]"));
        request.headers_mut().insert(header::IF_MATCH, HeaderValue::from_static("\"7\""));
        let Ok(request) = now(PatchRequest::from_request(request, &()));
        let patch = now(request.read(&Dialect::RFC)).unwrap();
        for (version, expected) in [(7, true), (8, false)] {
            assert_eq!(patch.check(&Validators::of_version(version)).is_ok(), expected);
        }
        let modified = HttpDate::from_unix_seconds(1_704_067_200);
        let response =
            patch.respond(STORED.to_vec(), &Validators { last_modified: modified, ..Validators::of_version(7) });
        let response = response.with_body(b"<Webhook/>".to_vec(), "application/xml").into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/xml");
        assert_eq!(response.headers()[header::LAST_MODIFIED], "Mon, 01 Jan 2024 00:00:00 GMT");
        assert_eq!(now(read_body(response.into_body(), 10)).unwrap(), "<Webhook/>");
    }
}
