//! The extractor for axum: which requests it refuses, in which order, and what it answers with.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request},
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use entity_patch::{
    Dialect, Format, PatchDocument,
    http::{
        ACCEPT_PATCH, EntityTag, HttpDate, ProblemDetails, Reply, Validators,
        axum::{PatchRequest, read_body},
    },
    superoffice::Webhook,
};
use http_body::Frame;
use http_body_util::Limited;

const STORED: &[u8] = br#"{"WebhookId":7,"Name":"old","State":"Active"}"#;

/// Polls a future that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits"),
    }
}

fn request(headers: &[(&str, &str)], body: &str) -> PatchRequest {
    let mut request = Request::new(Body::from(body.to_owned()));
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).unwrap();
        request.headers_mut().append(name, HeaderValue::try_from(*value).unwrap());
    }
    let Ok(request) = now(PatchRequest::from_request(request, &()));
    request
}

/// A body that does not say how long it is: so many bytes, one by one, and then perhaps an error.
struct Bits {
    left: usize,
    fails: bool,
}

impl HttpBody for Bits {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(self.fails.then(|| Err(io::ErrorKind::ConnectionReset.into())));
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

/// Answers a request as a server would whose one webhook has version 7.
async fn answer(request: PatchRequest) -> Result<Reply, ProblemDetails> {
    let mut dialect = Dialect::SUPEROFFICE;
    dialect.limits.body_bytes = 100;
    request.check(&Validators::of_version(7))?;
    let patch = request.read(&dialect).await?;
    let patched = patch.apply::<Webhook>(STORED, &dialect)?;
    Ok(patch.respond_json(patched.json, &Validators::of_version(8)))
}

#[test]
fn requests_are_answered_in_the_order_of_the_checks() {
    /// Headers and body, and the status that they get.
    type Row<'r> = (&'r [(&'r str, &'r str)], &'r str, u16);

    let long = " ".repeat(101);
    let longest = format!("{:>100}", r#"{"name":"new"}"#);
    let rows: [Row<'_>; 19] = [
        (&[], &longest, 200),
        (&[], r#"{"name":"new"}"#, 200),
        (&[("content-type", "application/json-patch+json"), ("content-encoding", "identity")], "[]", 200),
        (&[("content-encoding", "")], "[]", 200),
        (&[("if-match", r#""7""#)], r#"{"name":"new"}"#, 200),
        (&[("prefer", "return=minimal")], r#"{"name":"new"}"#, 204),
        (&[("prefer", "handling=lenient")], r#"{"name":"new","nmae":1}"#, 200),
        (&[("prefer", "handling=strict")], r#"{"name":"new","nmae":1}"#, 422),
        (&[("content-type", "text/plain"), ("if-match", r#""6""#)], &long, 415),
        (&[("content-type", "application/json; charset=utf-16")], "{}", 415),
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
        let response = now(answer(request(headers, body))).into_response();
        assert_eq!(response.status(), status, "{headers:?} {body}");
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("etag"), (status < 300).then_some(r#""8""#), "{headers:?} {body}");
        assert_eq!(header("accept-patch"), (status == 415).then_some(ACCEPT_PATCH), "{headers:?} {body}");
        let is_coded = status == 415 && headers[0].0 == "content-encoding";
        assert_eq!(header("accept-encoding"), is_coded.then_some("identity"), "{headers:?} {body}");
        let preference = headers.iter().find(|(name, _)| *name == "prefer" && status < 300);
        assert_eq!(header("preference-applied"), preference.map(|(_, value)| *value), "{headers:?} {body}");
        let media_type = match status {
            200 => Some("application/json; charset=utf-8"),
            204 => None,
            _ => Some(ProblemDetails::MEDIA_TYPE),
        };
        assert_eq!(header("content-type"), media_type, "{headers:?} {body}");
    }
}

#[test]
fn a_body_is_read_up_to_the_limit() {
    let read = |body| now(read_body(body, 10)).map_err(|problem| (problem.status(), problem.code().to_owned()));
    let too_large = Err((413, "body-too-large".to_owned()));
    assert_eq!(read(Body::new(Bits { left: 10, fails: false })), Ok(b"xxxxxxxxxx".to_vec()));
    assert_eq!(read(Body::new(Bits { left: 11, fails: false })), too_large);
    assert_eq!(read(Body::from("x".repeat(11))), too_large);
    // A layer around the handler has a limit of its own.
    assert_eq!(read(Body::new(Limited::new(Bits { left: 6, fails: false }, 5))), too_large);
    let ended_early = Err((400, "incomplete-body".to_owned()));
    assert_eq!(read(Body::new(Bits { left: 2, fails: true })), ended_early);
}

#[test]
fn a_server_may_require_a_precondition() {
    for (headers, status) in [(&[][..], 428), (&[("if-match", r#""7""#)], 200), (&[("if-match", r#""6""#)], 412)] {
        let response = now(answer(request(headers, "{}").required())).into_response();
        assert_eq!(response.status(), status, "{headers:?}");
    }
}

#[test]
fn a_request_goes_from_thread_to_thread_and_shows_no_body() {
    fn is_shared<T: Send + Sync + std::fmt::Debug>(_: &T) {}

    let request = request(&[], r#"{"name":"hush"}"#);
    is_shared(&request);
    let shown = format!("{request:?}");
    let patch = now(request.read(&Dialect::RFC)).unwrap();
    is_shared(&patch);
    let reply = patch.respond_json(b"hush".to_vec(), &Validators::of_version(7));
    is_shared(&reply);
    for shown in [shown, format!("{patch:?}"), format!("{reply:?}")] {
        assert!(!shown.contains("hush") && !shown.contains("104, 117"), "{shown}");
    }
}

#[test]
fn a_refusal_says_what_it_is_about() {
    for (header, value, expected) in [
        ("content-type", "text/plain", ACCEPT_PATCH),
        ("content-type", "text/json;charset=latin1", "charset"),
        ("content-encoding", "gzip", "compressed"),
    ] {
        let problem = now(answer(request(&[(header, value)], "{}"))).unwrap_err();
        assert!(problem.detail().contains(expected), "{}", problem.detail());
    }
}

#[test]
fn a_body_that_was_read_is_asked_again_and_answered_in_any_format() {
    let patch = now(request(&[("if-match", "\"7\"")], "[]").read(&Dialect::RFC)).unwrap();
    assert_eq!((patch.bytes(), patch.format()), (&b"[]"[..], Format::ByShape));
    assert!(
        matches!(patch.document(&Dialect::RFC), Ok(PatchDocument::JsonPatch(patch)) if patch.operations().is_empty())
    );
    assert_eq!(patch.apply_json(b"[ 1 ]", &Dialect::RFC).unwrap(), b"[ 1 ]");
    for (version, expected) in [(7, true), (8, false)] {
        assert_eq!(patch.check(&Validators::of_version(version)).is_ok(), expected);
    }
    let current = Validators::new([EntityTag::of_version(7)], HttpDate::from_unix_seconds(1_704_067_200));
    let reply = Reply::new(200).with_body(b"<Webhook/>".to_vec(), "application/xml");
    let response = patch.respond_with(reply, &current).into_response();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/xml");
    assert_eq!(response.headers()[header::LAST_MODIFIED], "Mon, 01 Jan 2024 00:00:00 GMT");
    assert_eq!(now(read_body(response.into_body(), 10)).unwrap(), b"<Webhook/>");
}
