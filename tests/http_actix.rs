//! The extractor for actix-web: which requests it refuses, in which order, and what it answers with.

use actix_web::{App, ResponseError, body::MessageBody, rt::System, test as actix, web};
use entity_patch::{
    Dialect,
    http::{ACCEPT_PATCH, ProblemDetails, Reply, Validators, actix_web::PatchRequest},
    superoffice::Webhook,
};

const STORED: &[u8] = br#"{"WebhookId":7,"Name":"old","State":"Active"}"#;

/// Answers a request as a server would whose one webhook has version 7.
async fn answer(request: PatchRequest) -> Result<Reply, ProblemDetails> {
    let mut dialect = Dialect::SUPEROFFICE;
    dialect.limits.body_bytes = 100;
    let request = if request.head().preferences().is_minimal() { request.required() } else { request };
    assert!(!format!("{request:?}").contains("name"));
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
    let rows: [Row<'_>; 13] = [
        (&[], &longest, 200),
        (&[("content-type", "application/json-patch+json"), ("content-encoding", "identity")], "[]", 200),
        (&[("if-match", r#""7""#)], r#"{"name":"new"}"#, 200),
        (&[("prefer", "return=minimal"), ("if-match", r#""7""#)], r#"{"name":"new"}"#, 204),
        (&[("prefer", "return=minimal")], r#"{"name":"new"}"#, 428),
        (&[("prefer", "handling=lenient")], r#"{"name":"new","nmae":1}"#, 200),
        (&[("content-type", "text/plain"), ("if-match", r#""6""#)], &long, 415),
        (&[("content-type", "application/json; charset=utf-16")], "{}", 415),
        (&[("content-encoding", "gzip")], "{}", 415),
        (&[("if-match", r#""6""#)], &long, 412),
        (&[], &long, 413),
        (&[], "{", 400),
        (&[], r#"{"WebhookId":8}"#, 422),
    ];
    System::new().block_on(async {
        let app = actix::init_service(App::new().route("/webhook", web::patch().to(answer))).await;
        for (headers, body, status) in rows {
            let mut request = actix::TestRequest::patch().uri("/webhook").set_payload(body.to_owned());
            for header in headers {
                request = request.insert_header(*header);
            }
            let response = actix::call_service(&app, request.to_request()).await;
            assert_eq!(response.status().as_u16(), status, "{headers:?} {body}");
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("etag"), (status < 300).then_some(r#""8""#), "{headers:?} {body}");
            assert_eq!(header("accept-patch"), (status == 415).then_some(ACCEPT_PATCH), "{headers:?} {body}");
            let preference = headers.iter().find(|(name, _)| *name == "prefer" && status < 300);
            assert_eq!(header("preference-applied"), preference.map(|(_, value)| *value), "{headers:?} {body}");
            let media_type = match status {
                200 => Some("application/json; charset=utf-8"),
                204 => None,
                _ => Some(ProblemDetails::MEDIA_TYPE),
            };
            assert_eq!(header("content-type"), media_type, "{headers:?} {body}");
            let body = actix::read_body(response).await;
            if status == 428 {
                let problem: ProblemDetails = serde_json::from_slice(&body).expect("problem details");
                assert_eq!((problem.status(), problem.code()), (428, "precondition-required"));
            }
        }
    });
}

#[test]
fn what_http_does_not_allow_is_not_sent() {
    System::new().block_on(async {
        let odd = async || {
            let problem = ProblemDetails::new(99, "own", "detail");
            problem.with_header("a b", "c").with_header("location", "/a\r\nSet-Cookie: b").with_header("allow", "GET")
        };
        let app = actix::init_service(App::new().route("/", web::get().to(odd))).await;
        let response = actix::call_service(&app, actix::TestRequest::get().uri("/").to_request()).await;
        assert_eq!(response.status().as_u16(), 500);
        let names: Vec<&str> = response.headers().keys().map(|name| name.as_str()).collect();
        assert!(!names.contains(&"location") && names.contains(&"allow"), "{names:?}");
        let problem: ProblemDetails =
            serde_json::from_slice(&actix::read_body(response).await).expect("problem details");
        assert_eq!(problem.code(), "own");

        // As an error of actix's own.
        let problem = ProblemDetails::new(409, "own", "detail");
        assert_eq!(problem.status_code(), 409);
        let response = problem.error_response();
        assert_eq!((response.status().as_u16(), response.headers().len()), (409, 1));
        assert!(!response.body().size().is_eof());
    });
}
