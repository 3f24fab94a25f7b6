//! A PATCH request: what its header fields ask for, and its body.

use std::fmt;

use crate::{
    dialect::Dialect,
    entity::{
        nested::Entity,
        patch::{PatchedJson, patch_stored, patch_stored_with},
        policy::Policy,
        visible::visible,
    },
    error::{Error, TargetError},
    http::{
        media_type::{ACCEPT_PATCH, BodyType, UnsupportedMediaType},
        preconditions::{Preconditions, Validators},
        prefer::{self, Preferences},
        problem::ProblemDetails,
        reply::Reply,
    },
    patch::{
        format::{Format, PatchDocument},
        parse_error::ParseError,
    },
    text::patch_json,
};

/// What the header fields of a request say about a change: the format of its body, its preconditions and its
/// preferences.
///
/// ```
/// use entity_patch::{Format, http::{RequestHead, Validators}};
///
/// let head = RequestHead::from_headers([
///     ("content-type", &b"application/merge-patch+json"[..]),
///     ("if-match", &b"\"7\""[..]),
/// ]);
/// assert_eq!(head.format(), Ok(Format::MergePatch));
/// assert_eq!(head.check(&Validators::of_version(8)).map_err(|problem| problem.status()), Err(412));
/// ```
#[derive(Clone, Debug)]
pub struct RequestHead {
    format: Result<Format, UnsupportedMediaType>,
    preconditions: Preconditions,
    preferences: Preferences,
}

impl RequestHead {
    /// Reads header lines, names in any case, values as they came. Other fields are skipped.
    pub fn from_headers<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> RequestHead {
        let mut body_type = BodyType::default();
        let mut preconditions = Preconditions::default();
        let mut preferences = prefer::PreferenceLines::default();
        for (name, value) in headers {
            body_type.read(name, value);
            preconditions.read(name, value);
            if name.eq_ignore_ascii_case("prefer") {
                std::str::from_utf8(value).ok().into_iter().for_each(|line| preferences.read(line));
            }
        }
        RequestHead { format: body_type.format(), preconditions, preferences: preferences.preferences() }
    }

    /// Makes a precondition required: see [`Preconditions::required`].
    pub fn required(self) -> RequestHead {
        RequestHead { preconditions: self.preconditions.required(), ..self }
    }

    /// The format of the body, [`Format::ByShape`] where the request names none.
    ///
    /// # Errors
    ///
    /// The body carries no patch, is not in UTF-8 or is compressed.
    pub fn format(&self) -> Result<Format, UnsupportedMediaType> {
        self.format
    }

    /// The preconditions.
    pub fn preconditions(&self) -> &Preconditions {
        &self.preconditions
    }

    /// The preferences.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// Whether a PATCH request goes on, given the entity as it is now: the checks that come before its body.
    ///
    /// # Errors
    ///
    /// - 415: the body carries no patch, is not in UTF-8 or is compressed.
    /// - 412: a precondition does not hold.
    /// - 428: the server requires one, and there is none.
    pub fn check(&self, current: &Validators) -> Result<(), ProblemDetails> {
        self.patch_format()?;
        Ok(self.preconditions.check(current)?)
    }

    /// The format, for a resource that takes PATCH: 415 carries `Accept-Patch` (RFC 5789 section 2.2).
    fn patch_format(&self) -> Result<Format, ProblemDetails> {
        self.format.map_err(|error| ProblemDetails::from(error).with_header("accept-patch", ACCEPT_PATCH))
    }
}

/// A PATCH request with its body. It can be applied more than once, where another write comes first.
///
/// `Debug` shows how long the body is, and nothing of it.
///
/// ```
/// use entity_patch::{Dialect, http::{PatchBody, ProblemDetails, RequestHead, Validators}};
///
/// let head = RequestHead::from_headers([("content-type", &b"application/merge-patch+json"[..])]);
/// let patch = PatchBody::new(head, br#"{"name": "new"}"#.to_vec())?;
/// let json = patch.apply_json(br#"{"id": 7, "name": "old"}"#, &Dialect::RFC)?;
/// let reply = patch.respond_json(json, &Validators::of_version(8));
/// assert_eq!((reply.status(), reply.body()), (200, &br#"{"id": 7, "name": "new"}"#[..]));
/// # Ok::<(), ProblemDetails>(())
/// ```
#[derive(Clone)]
pub struct PatchBody {
    format: Format,
    preconditions: Preconditions,
    preferences: Preferences,
    bytes: Vec<u8>,
}

impl fmt::Debug for PatchBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PatchBody")
            .field("format", &self.format)
            .field("preconditions", &self.preconditions)
            .field("preferences", &self.preferences)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .finish()
    }
}

impl PatchBody {
    /// A request with its body.
    ///
    /// # Errors
    ///
    /// 415: the body carries no patch, is not in UTF-8 or is compressed.
    pub fn new(head: RequestHead, bytes: Vec<u8>) -> Result<PatchBody, ProblemDetails> {
        let format = head.patch_format()?;
        Ok(PatchBody { format, preconditions: head.preconditions, preferences: head.preferences, bytes })
    }

    /// Sets another body: a framework's extractor has refused the request before it reads one.
    #[cfg(any(feature = "axum", feature = "actix-web"))]
    pub(super) fn with_bytes(self, bytes: Vec<u8>) -> PatchBody {
        PatchBody { bytes, ..self }
    }

    /// The format of the body.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The preferences of the request.
    pub fn preferences(&self) -> &Preferences {
        &self.preferences
    }

    /// Whether the request goes on, given the entity as it is now.
    ///
    /// # Errors
    ///
    /// - 412: a precondition does not hold.
    /// - 428: the server requires one, and there is none.
    pub fn check(&self, current: &Validators) -> Result<(), ProblemDetails> {
        Ok(self.preconditions.check(current)?)
    }

    /// The patch that the body holds.
    ///
    /// # Errors
    ///
    /// As [`PatchDocument::parse`].
    pub fn document(&self, dialect: &Dialect) -> Result<PatchDocument, ParseError> {
        PatchDocument::parse(&self.bytes, self.format, dialect)
    }

    /// Applies the body to a stored entity, handled as the request prefers.
    ///
    /// # Errors
    ///
    /// As [`patch_stored`].
    pub fn apply<E: Entity>(&self, stored: &[u8], dialect: &Dialect) -> Result<PatchedJson, Error> {
        patch_stored::<E>(stored, &self.bytes, self.format, &self.preferences.dialect(dialect))
    }

    /// As [`PatchBody::apply`], with what the server decides for this request.
    ///
    /// # Errors
    ///
    /// As [`patch_stored_with`].
    pub fn apply_with<E: Entity>(
        &self,
        stored: &[u8],
        dialect: &Dialect,
        policy: &(impl Policy<E> + ?Sized),
    ) -> Result<PatchedJson, Error> {
        patch_stored_with(stored, &self.bytes, self.format, &self.preferences.dialect(dialect), policy)
    }

    /// Applies the body to a stored JSON text that has no table.
    ///
    /// # Errors
    ///
    /// As [`patch_json`].
    pub fn apply_json(&self, stored: &[u8], dialect: &Dialect) -> Result<Vec<u8>, Error> {
        patch_json(stored, &self.bytes, self.format, dialect)
    }

    /// The answer, whose body is what a client may see of the stored entity: 200, or 204 where the request prefers
    /// `return=minimal`. Its `ETag` is the first of the tags.
    ///
    /// # Errors
    ///
    /// As [`visible`]: the stored text is not a JSON object.
    pub fn respond<E: Entity>(&self, stored: &[u8], current: &Validators) -> Result<Reply, TargetError> {
        Ok(self.respond_json(visible::<E>(stored)?, current))
    }

    /// As [`PatchBody::respond`], for JSON that has no table: all of it is shown.
    pub fn respond_json(&self, json: Vec<u8>, current: &Validators) -> Reply {
        self.respond_with(Reply::json(json), current)
    }

    /// Any answer with what the request asks for besides the body: validators, and the preferences that were applied.
    pub fn respond_with(&self, reply: Reply, current: &Validators) -> Reply {
        reply.with_validators(current).with_preferences(&self.preferences)
    }
}
