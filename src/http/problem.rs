//! How an error is told: problem details (RFC 9457).

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{Error, ParseError, PatchError, Pointer, TargetError, http::PreconditionFailed};

/// Problem details (RFC 9457), sent as `application/problem+json`.
///
/// `type` is `about:blank`, which gives `title` the phrase of the status; programs branch on `code`, and `operation`
/// (0-based) and `path` say where. No member shows a value, stored or sent.
///
/// ```
/// use entity_patch::{Dialect, Format, http::ProblemDetails, patch_stored, superoffice::Webhook};
///
/// let stored = br#"{"WebhookId": 7, "State": "Active", "Secret": "hush"}"#;
/// let body = br#"[{"op": "test", "path": "secret", "value": "guess"}]"#;
/// let error = patch_stored::<Webhook>(stored, body, Format::JsonPatch, &Dialect::SUPEROFFICE).unwrap_err();
/// let problem = ProblemDetails::from(&error).with("ErrorSource", "example");
/// assert_eq!(
///     serde_json::to_string(&problem).unwrap(),
///     concat!(
///         r#"{"type":"about:blank","title":"Conflict","status":409,"#,
///         r#""detail":"operation 0 at `/secret`: the value is not the expected one","#,
///         r#""code":"test-failed","operation":0,"path":"/secret","ErrorSource":"example"}"#,
///     ),
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemDetails {
    status: u16,
    code: &'static str,
    detail: String,
    operation: Option<usize>,
    path: Option<Pointer>,
    extensions: Vec<(&'static str, Value)>,
}

impl ProblemDetails {
    /// `application/problem+json`.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// A problem of a server's own: `code` is for programs, `detail` for people.
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> ProblemDetails {
        ProblemDetails { status, code, detail: detail.into(), operation: None, path: None, extensions: Vec::new() }
    }

    /// The same problem with a member of the server's own after the others (RFC 9457 section 3.2).
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> ProblemDetails {
        self.extensions.push((name, value.into()));
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The phrase of the status; `None` where RFC 9110 has none.
    pub fn title(&self) -> Option<&'static str> {
        PHRASES.iter().find(|(status, _)| *status == self.status).map(|&(_, phrase)| phrase)
    }

    /// The name of the cause, for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What happened, for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The operation that failed, 0-based.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }

    /// Where it failed.
    pub fn path(&self) -> Option<&Pointer> {
        self.path.as_ref()
    }
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

impl From<&Error> for ProblemDetails {
    fn from(error: &Error) -> ProblemDetails {
        ProblemDetails {
            operation: error.operation(),
            path: error.path().cloned(),
            ..ProblemDetails::new(error.status(), error.code(), error.to_string())
        }
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

impl From<PreconditionFailed> for ProblemDetails {
    fn from(error: PreconditionFailed) -> ProblemDetails {
        ProblemDetails::new(error.status(), error.code(), error.to_string())
    }
}

impl Serialize for ProblemDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "about:blank")?;
        if let Some(title) = self.title() {
            map.serialize_entry("title", title)?;
        }
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("detail", &self.detail)?;
        map.serialize_entry("code", self.code)?;
        if let Some(operation) = self.operation {
            map.serialize_entry("operation", &operation)?;
        }
        if let Some(path) = &self.path {
            map.serialize_entry("path", path)?;
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
