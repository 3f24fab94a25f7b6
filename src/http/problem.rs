//! How an error is told (RFC 9457).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use crate::{
    Members,
    document::PatchError,
    entity::policy::{Violation, Violations},
    error::{Error, TargetError},
    http::{media_type::UnsupportedMediaType, preconditions::PreconditionError},
    patch::{parse_error::ParseError, pointer::Pointer},
};

/// Problem details (RFC 9457), sent as `application/problem+json`.
///
/// Programs branch on `code`; `operation` (0-based) and `path` say where, and `expected` what would be accepted. No
/// member shows a value, stored or sent. `type` is `about:blank` unless the server gives one, and `title` is then the
/// phrase of the status (section 4.2.1).
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use entity_patch::{Dialect, Format, http::ProblemDetails, patch_stored, superoffice::Webhook};
///
/// let stored = br#"{"WebhookId": 7, "State": "Active", "Secret": "hush"}"#;
/// let body = br#"[{"op": "test", "path": "secret", "value": "guess"}]"#;
/// let error = patch_stored::<Webhook>(stored, body, Format::JsonPatch, &Dialect::SUPEROFFICE).unwrap_err();
/// let problem = ProblemDetails::from(&error).with("ErrorSource", "example");
/// let json = serde_json::to_string(&problem).unwrap();
/// assert_eq!(
///     json,
///     concat!(
///         r#"{"type":"about:blank","title":"Conflict","status":409,"#,
///         r#""detail":"operation 0 at `/secret`: the value is not the expected one","#,
///         r#""code":"test-failed","operation":0,"path":"/secret","ErrorSource":"example"}"#,
///     ),
/// );
/// let read: ProblemDetails = serde_json::from_str(&json).unwrap();
/// assert_eq!(read, problem);
/// # }
/// ```
///
/// # Header fields
///
/// A refusal often needs a header field: `WWW-Authenticate` with 401, `Allow` with 405, `Retry-After` with 503. It is
/// given by [`with_header`](ProblemDetails::with_header), sent by whatever turns problem details into a response, and no
/// part of the JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProblemDetails(Box<Parts>);

/// Boxed, so that a `Result` with a problem stays small.
#[derive(Clone, Debug, Default, PartialEq)]
struct Parts {
    /// `None` is `about:blank`.
    kind: Option<String>,
    /// `None` is the phrase of the status, where the type is `about:blank`.
    title: Option<String>,
    status: u16,
    detail: String,
    instance: Option<String>,
    code: Cow<'static, str>,
    operation: Option<usize>,
    path: Option<Pointer>,
    expected: Option<String>,
    errors: Violations,
    extensions: Vec<(String, Value)>,
    headers: Vec<(&'static str, Cow<'static, str>)>,
}

const ABOUT_BLANK: &str = "about:blank";

/// The members that are not extensions.
const OWN_MEMBERS: [&str; 10] =
    ["type", "title", "status", "detail", "instance", "code", "operation", "path", "expected", "errors"];

impl ProblemDetails {
    /// `application/problem+json`.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// A problem of a server's own: `code` is for programs, `detail` for people.
    ///
    /// ```
    /// use entity_patch::http::ProblemDetails;
    ///
    /// let problem = ProblemDetails::new(401, "unauthorized", "the request needs a token")
    ///     .with_header("www-authenticate", "Bearer");
    /// assert_eq!(problem.title(), Some("Unauthorized"));
    /// ```
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> ProblemDetails {
        Parts { status, code: code.into(), detail: detail.into(), ..Parts::default() }.into()
    }

    /// Sets `type`, a URI (RFC 9457 section 3.1.1), and what this type is called (section 3.1.3).
    pub fn with_type(self, uri: impl Into<String>, title: impl Into<String>) -> ProblemDetails {
        Parts { kind: Some(uri.into()), title: Some(title.into()), ..*self.0 }.into()
    }

    /// Sets `instance`: a URI of this occurrence (RFC 9457 section 3.1.5).
    pub fn with_instance(self, uri: impl Into<String>) -> ProblemDetails {
        Parts { instance: Some(uri.into()), ..*self.0 }.into()
    }

    /// Sets `errors`: everything that is wrong, each at its path.
    pub fn with_errors(self, errors: Violations) -> ProblemDetails {
        Parts { errors, ..*self.0 }.into()
    }

    /// Adds a member of the server's own after the others (RFC 9457 section 3.2). The names of the
    /// others cannot be given again: such a member is left out.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> ProblemDetails {
        let name = name.into();
        if !OWN_MEMBERS.contains(&name.as_str()) {
            self.0.extensions.retain(|(given, _)| *given != name);
            self.0.extensions.push((name, value.into()));
        }
        self
    }

    /// Adds a header field to the response, by its name in lower case. A field that is given twice has
    /// the later value.
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> ProblemDetails {
        self.0.headers.retain(|(given, _)| *given != name);
        self.0.headers.push((name, value.into()));
        self
    }

    /// The URI of the problem's type.
    pub fn type_uri(&self) -> &str {
        self.0.kind.as_deref().unwrap_or(ABOUT_BLANK)
    }

    /// What this type of problem is called. Without a type it is the phrase of the status, where RFC 9110 has one.
    pub fn title(&self) -> Option<&str> {
        match (&self.0.title, &self.0.kind) {
            (Some(title), _) => Some(title),
            (None, None) => phrase(self.0.status),
            (None, Some(_)) => None,
        }
    }

    /// The HTTP status. What a client reads without one has 0.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What happened, for people.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The URI of this occurrence.
    pub fn instance(&self) -> Option<&str> {
        self.0.instance.as_deref()
    }

    /// The name of the cause, for programs.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The operation that failed, 0-based.
    pub fn operation(&self) -> Option<usize> {
        self.0.operation
    }

    /// Where it failed.
    pub fn path(&self) -> Option<&Pointer> {
        self.0.path.as_ref()
    }

    /// What would be accepted there.
    pub fn expected(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    /// What is wrong with an entity, all of it: the members of `errors`.
    pub fn errors(&self) -> &Violations {
        &self.0.errors
    }

    /// The members that are the server's own.
    pub fn extensions(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.extensions.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The header fields that go with the response.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.headers.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    pub(super) fn into_headers(self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        self.0.headers.into_iter()
    }
}

impl fmt::Display for ProblemDetails {
    /// The detail.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.detail)
    }
}

impl std::error::Error for ProblemDetails {}

fn phrase(status: u16) -> Option<&'static str> {
    PHRASES.iter().find(|(row, _)| *row == status).map(|&(_, phrase)| phrase)
}

/// RFC 9110 sections 15.5 and 15.6, and RFC 6585.
const PHRASES: [(u16, &str); 28] = [
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
];

impl From<Parts> for ProblemDetails {
    fn from(parts: Parts) -> ProblemDetails {
        ProblemDetails(Box::new(parts))
    }
}

impl From<&Error> for ProblemDetails {
    fn from(error: &Error) -> ProblemDetails {
        let problem = ProblemDetails::new(error.status(), error.code(), error.to_string());
        let errors = match error {
            Error::Invalid(violations) => violations.clone(),
            Error::Parse(_) | Error::Patch(_) | Error::Target(_) => Violations::default(),
        };
        Parts {
            operation: error.operation(),
            path: error.path().cloned(),
            expected: error.expected().map(str::to_owned),
            errors,
            ..*problem.0
        }
        .into()
    }
}

impl From<Error> for ProblemDetails {
    fn from(error: Error) -> ProblemDetails {
        ProblemDetails::from(&error)
    }
}

impl From<ParseError> for ProblemDetails {
    fn from(error: ParseError) -> ProblemDetails {
        Error::from(error).into()
    }
}

impl From<PatchError> for ProblemDetails {
    fn from(error: PatchError) -> ProblemDetails {
        Error::from(error).into()
    }
}

impl From<TargetError> for ProblemDetails {
    fn from(error: TargetError) -> ProblemDetails {
        Error::from(error).into()
    }
}

impl From<Violations> for ProblemDetails {
    fn from(violations: Violations) -> ProblemDetails {
        Error::from(violations).into()
    }
}

impl From<PreconditionError> for ProblemDetails {
    fn from(error: PreconditionError) -> ProblemDetails {
        ProblemDetails::new(error.status(), error.code(), error.to_string())
    }
}

impl From<UnsupportedMediaType> for ProblemDetails {
    /// With `Accept-Encoding` where the coding is the reason (RFC 9110 section 15.5.16). `Accept-Patch` is for the
    /// resources that take PATCH: [`RequestHead::check`](crate::http::RequestHead::check) adds it.
    fn from(error: UnsupportedMediaType) -> ProblemDetails {
        let problem = ProblemDetails::new(error.status(), error.code(), error.to_string());
        match error {
            UnsupportedMediaType::Coding => problem.with_header("accept-encoding", "identity"),
            UnsupportedMediaType::MediaType | UnsupportedMediaType::Charset => problem,
        }
    }
}

impl Serialize for ProblemDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.type_uri())?;
        if let Some(title) = self.title() {
            map.serialize_entry("title", title)?;
        }
        if self.0.status != 0 {
            map.serialize_entry("status", &self.0.status)?;
        }
        map.serialize_entry("detail", &self.0.detail)?;
        if let Some(instance) = &self.0.instance {
            map.serialize_entry("instance", instance)?;
        }
        map.serialize_entry("code", &self.0.code)?;
        if let Some(operation) = self.0.operation {
            map.serialize_entry("operation", &operation)?;
        }
        if let Some(path) = &self.0.path {
            map.serialize_entry("path", path)?;
        }
        if let Some(expected) = &self.0.expected {
            map.serialize_entry("expected", expected)?;
        }
        if !self.0.errors.is_empty() {
            map.serialize_entry("errors", &Errors(&self.0.errors))?;
        }
        for (name, value) in &self.0.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// `[{"path": "/email", "code": "empty", "detail": "…"}]`
struct Errors<'p>(&'p Violations);

impl Serialize for Errors<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'p> {
            path: &'p Pointer,
            code: &'p str,
            detail: &'p str,
        }

        serializer.collect_seq(self.0.iter().map(|violation| Shown {
            path: violation.path(),
            code: violation.code(),
            detail: violation.detail(),
        }))
    }
}

/// An element of `errors`, where it has the form that this crate writes.
fn violation(value: Value) -> Option<Violation> {
    let Value::Object(mut members) = value else { return None };
    let path = text(&mut members, "path")?.parse().ok()?;
    Some(Violation::new(path, text(&mut members, "code")?, text(&mut members, "detail")?))
}

/// A member that is a string, taken out.
fn text(members: &mut Members, name: &str) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for ProblemDetails {
    /// Reads any object: a member whose type is not the one that it should have is ignored (RFC 9457 section 3.1), and
    /// members of other names are [extensions](ProblemDetails::extensions).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ProblemDetails, D::Error> {
        deserializer.deserialize_map(ProblemVisitor)
    }
}

struct ProblemVisitor;

impl<'de> Visitor<'de> for ProblemVisitor {
    type Value = ProblemDetails;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("problem details")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ProblemDetails, A::Error> {
        let (mut own, mut problem) = (Members::new(), ProblemDetails::default());
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            if OWN_MEMBERS.contains(&name.as_str()) {
                own.insert(name, value);
            } else {
                problem = problem.with(name, value);
            }
        }
        let status = number(&mut own, "status").unwrap_or(0);
        let kind = text(&mut own, "type").filter(|kind| kind != ABOUT_BLANK);
        let own_title = if kind.is_none() { phrase(status) } else { None };
        let parts = Parts {
            title: text(&mut own, "title").filter(|title| Some(title.as_str()) != own_title),
            kind,
            status,
            detail: text(&mut own, "detail").unwrap_or_default(),
            instance: text(&mut own, "instance"),
            code: text(&mut own, "code").unwrap_or_default().into(),
            operation: number(&mut own, "operation"),
            path: text(&mut own, "path").and_then(|path| path.parse().ok()),
            expected: text(&mut own, "expected"),
            errors: match own.remove("errors") {
                Some(Value::Array(errors)) => errors.into_iter().filter_map(violation).collect(),
                _ => Violations::default(),
            },
            ..*problem.0
        };
        Ok(parts.into())
    }
}

/// A member that is a number of a type, taken out.
fn number<N: TryFrom<u64>>(members: &mut Members, name: &str) -> Option<N> {
    members.remove(name).and_then(|value| value.as_u64()).and_then(|number| N::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_is_read_back() {
        let own = ProblemDetails::new(422, "invalid-value", "no");
        let rows = [
            ProblemDetails::new(409, "test-failed", "detail"),
            ProblemDetails::new(599, "own", "detail").with("Own", json!({"a": [1]})).with("B", 1).with("A", 2),
            ProblemDetails::new(403, "own", "detail").with_type("https://example.org/no", "No").with_instance("/log/1"),
            Parts { title: Some("Other".to_owned()), ..*own.clone().0 }.into(),
            Parts {
                operation: Some(0),
                path: Some(Pointer::ROOT),
                expected: Some("a number".to_owned()),
                errors: [Violation::new(Pointer::ROOT, "one", "a"), Violation::new(Pointer::ROOT, "two", "b")]
                    .into_iter()
                    .collect(),
                ..*own.clone().0
            }
            .into(),
            Parts { kind: Some("https://example.org".to_owned()), ..*own.clone().0 }.into(),
        ];
        for problem in rows {
            let json = serde_json::to_string(&problem).expect("it is JSON");
            assert_eq!(serde_json::from_str::<ProblemDetails>(&json).expect("it was written"), problem, "{json}");
        }
        let with_header = own.clone().with_header("allow", "GET").with_header("allow", "PUT");
        assert_eq!(with_header.headers().collect::<Vec<_>>(), [("allow", "PUT")]);
        assert_eq!(serde_json::to_value(&with_header).ok(), serde_json::to_value(&own).ok());
    }

    #[test]
    fn every_member_is_written_and_can_be_asked_for() {
        let violations: Violations = [Violation::new(Pointer::ROOT, "one", "a")].into_iter().collect();
        let problem = ProblemDetails::new(403, "own", "detail")
            .with_type("https://example.org/no", "No")
            .with_instance("/log/1")
            .with_errors(violations.clone())
            .with("Own", 1);
        let json = json!({
            "type": "https://example.org/no", "title": "No", "status": 403, "detail": "detail", "instance": "/log/1",
            "code": "own", "errors": [{"path": "", "code": "one", "detail": "a"}], "Own": 1,
        });
        assert_eq!(json!(problem), json);
        assert_eq!((problem.type_uri(), problem.title()), ("https://example.org/no", Some("No")));
        assert_eq!((problem.instance(), problem.errors()), (Some("/log/1"), &violations));
        assert_eq!(problem.extensions().collect::<Vec<_>>(), [("Own", &json!(1))]);
        assert_eq!((problem.to_string(), ProblemDetails::default().instance()), ("detail".to_owned(), None));
        let problem = ProblemDetails::from(violations.clone());
        assert_eq!((problem.code(), problem.errors()), ("invalid-entity", &violations));
    }

    #[test]
    fn what_is_not_of_its_type_is_ignored() {
        let json = json!({
            "type": 1, "title": [], "status": "409", "detail": null, "instance": {}, "code": 7, "operation": -1,
            "path": "a", "expected": false, "errors": [1, {"path": "/a"}],
        });
        assert_eq!(serde_json::from_value::<ProblemDetails>(json).ok(), Some(ProblemDetails::default()));
        let json = json!({"status": 65536, "operation": 1.5, "other": 1});
        let read: ProblemDetails = serde_json::from_value(json).expect("an object");
        assert_eq!(read, ProblemDetails::default().with("other", 1));
        let error = serde_json::from_value::<ProblemDetails>(json!([])).expect_err("it is no object");
        assert!(error.to_string().ends_with("expected problem details"), "{error}");
    }

    #[test]
    fn a_member_of_the_rfc_is_not_given_twice() {
        let problem = ProblemDetails::new(404, "own", "detail").with("status", 1).with("a", 1).with("a", 2);
        let json = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"detail","code":"own","a":2}"#;
        assert_eq!(serde_json::to_string(&problem).ok().as_deref(), Some(json));
    }
}
