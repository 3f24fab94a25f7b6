//! What a server answers: a status, header fields and a body, for any framework.

use std::{borrow::Cow, fmt};

use crate::http::{preconditions::Validators, prefer::Preferences, problem::ProblemDetails};

/// The answer to a request, for a framework to send. With the features `http`, `axum` and `actix-web` it turns into
/// their responses.
///
/// `Debug` shows how long the body is, and nothing of it.
///
/// ```
/// use entity_patch::http::{Reply, Validators};
///
/// let reply = Reply::json(br#"{"Id":7}"#.to_vec()).with_validators(&Validators::of_version(7));
/// assert_eq!(reply.status(), 200);
/// assert_eq!(reply.header("etag"), Some(r#""7""#));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    body: Vec<u8>,
}

impl Reply {
    /// An answer without a body.
    pub fn new(status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: Vec::new() }
    }

    /// 200 with JSON.
    pub fn json(json: Vec<u8>) -> Reply {
        Reply::new(200).with_body(json, "application/json; charset=utf-8")
    }

    /// Sets the body.
    pub fn with_body(self, body: Vec<u8>, content_type: impl Into<Cow<'static, str>>) -> Reply {
        Reply { body, ..self }.with_header("content-type", content_type)
    }

    /// Adds a header field, by its name in lower case. A field that is given twice has the later value.
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Reply {
        self.headers.retain(|(given, _)| *given != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the first tag as `ETag` and the date as `Last-Modified` (RFC 9110 section 8.8).
    pub fn with_validators(self, current: &Validators) -> Reply {
        let reply = match current.tags.first() {
            Some(tag) => self.with_header("etag", tag.to_string()),
            None => self,
        };
        match current.last_modified {
            Some(date) => reply.with_header("last-modified", date.to_string()),
            None => reply,
        }
    }

    /// Adds `Preference-Applied` (RFC 7240 section 3), and leaves the body out where the client prefers that.
    pub fn with_preferences(self, preferences: &Preferences) -> Reply {
        let reply = match (preferences.is_minimal(), self.status) {
            (true, 200) => self.without_body(),
            _ => self,
        };
        match preferences.applied() {
            Some(applied) => reply.with_header("preference-applied", applied),
            None => reply,
        }
    }

    /// 204, and the header fields that are not about a body.
    fn without_body(mut self) -> Reply {
        self.headers.retain(|(name, _)| *name != "content-type");
        Reply { status: 204, body: Vec::new(), ..self }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The header fields, with their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    /// A header field, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, taken out.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl From<ProblemDetails> for Reply {
    /// `application/problem+json`, with the header fields of the problem. A status that HTTP does not have is 500.
    fn from(problem: ProblemDetails) -> Reply {
        let status = if (100..1000).contains(&problem.status()) { problem.status() } else { 500 };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let reply = Reply::new(status).with_body(body, ProblemDetails::MEDIA_TYPE);
        problem.into_headers().fold(reply, |reply, (name, value)| reply.with_header(name, value))
    }
}
