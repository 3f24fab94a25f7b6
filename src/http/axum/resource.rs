//! A whole resource: entities of one type at `/{key}`, with the methods that read and change them.

use std::{fmt, sync::Arc};

use ::axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, Path, Request},
    http::{Method, header, request::Parts},
    routing::any,
};
use serde::de::DeserializeOwned;

use crate::{
    dialect::Dialect,
    entity::{
        nested::Entity,
        patch::PatchedJson,
        policy::Policy,
        put::{put, put_with},
        visible::{visible, visible_to},
    },
    http::{
        axum::{
            extract::read_body,
            store::{Store, Stored},
        },
        date::HttpDate,
        entity_tag::EntityTag,
        media_type::{ACCEPT_PATCH, UnsupportedMediaType, accepted},
        preconditions::{Outcome, PreconditionError, Purpose, Validators},
        problem::ProblemDetails,
        reply::Reply,
        request::{PatchBody, RequestHead},
    },
    patch::format::Format,
};

/// How often a change is applied to a newer version before the client is asked to come back. Every round has a winner,
/// so that of this many writers at the same time each gets through.
const ATTEMPTS: usize = 32;

const ALLOW: &str = "GET, HEAD, PUT, PATCH, OPTIONS";

/// What a PUT reads, for the `Accept` of a 415 (RFC 9110 section 15.5.16).
const ACCEPT_PUT: &str = "application/json, text/json";

/// Another caller may see something else, and a browser would guess from the date how long it stays as it is (RFC 9111
/// section 4.2.2).
const CACHING: &str = "private, no-cache";

/// The media types of an answer.
const OFFERS: [&str; 1] = ["application/json"];

/// Entities of one type in a server's [`Store`], read and changed over HTTP: GET, HEAD, PUT, PATCH and OPTIONS at
/// `/{key}`.
///
/// ```
/// # #[cfg(feature = "superoffice")] {
/// use axum::{Router, http::request::Parts};
/// use entity_patch::{
///     Dialect, MemberWrite, Policy,
///     http::{ProblemDetails, axum::{MemoryStore, Resource}},
///     superoffice::Webhook,
/// };
///
/// struct Caller {
///     is_admin: bool,
/// }
///
/// impl Policy<Webhook> for Caller {
///     fn may_write(&self, write: &MemberWrite<'_>) -> bool {
///         self.is_admin || !write.is_within("/Secret")
///     }
/// }
///
/// fn caller_of(parts: &Parts) -> Result<Caller, ProblemDetails> {
///     match parts.headers.get("authorization").map(|value| value.as_bytes()) {
///         Some(b"Bearer admin") => Ok(Caller { is_admin: true }),
///         Some(b"Bearer user") => Ok(Caller { is_admin: false }),
///         _ => Err(ProblemDetails::new(401, "unauthorized", "the request needs a token")
///             .with_header("www-authenticate", "Bearer")),
///     }
/// }
///
/// let store = MemoryStore::from([(7, br#"{"WebhookId": 7, "Name": "sales", "State": "Active"}"#.to_vec())]);
/// let webhooks = Resource::<Webhook, _>::new(store, Dialect::SUPEROFFICE).policy(|parts: &Parts| caller_of(parts));
/// let app: Router = Router::new().nest("/webhooks", webhooks.router());
/// # let _ = app;
/// # }
/// ```
///
/// # What it answers
///
/// The checks come in the order of the table in [`http`](crate::http): 401 and whatever else the policy says, 404, 405,
/// 406, 415, 412 and 428, and then what the body deserves.
///
/// - A read and a change answer with the entity as the caller may see it: [`visible`], without what
///   [`Policy::may_read`] refuses. `ETag` is the version, `Last-Modified` the date of the store, and a read that has
///   this version already gets 304 (RFC 9110 section 15.4.5). A read has `Cache-Control: private, no-cache`, so that a
///   cache asks each time; a layer of the server's own can say otherwise.
/// - PATCH applies a JSON Patch or a merge patch (RFC 5789), PUT replaces the entity ([`http::put`](crate::http::put())).
///   `Prefer` says whether the answer has a body, and whether unknown members are skipped (RFC 7240).
/// - The answer to a PUT carries validators only where the body is now what a GET would answer, byte by byte (RFC 9110
///   section 9.3.4).
/// - A change that changes nothing writes nothing. One that loses a race is checked and applied again, to the newer
///   version; after 32 lost races the answer is 503 with `Retry-After`.
/// - Who may not read a member cannot keep it in a PUT either, which sets every writable member: let `may_write` refuse
///   it, too.
pub struct Resource<E, S> {
    store: S,
    dialect: Dialect,
    is_guarded: bool,
    /// `None` allows everything.
    policy: Option<Decide<E>>,
}

/// What the server decides for a request, or how it refuses it.
type Decide<E> = Box<dyn Fn(&Parts) -> Result<Box<dyn Policy<E> + Send>, ProblemDetails> + Send + Sync>;

impl<E, S: fmt::Debug> fmt::Debug for Resource<E, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Resource")
            .field("store", &self.store)
            .field("dialect", &self.dialect)
            .field("is_guarded", &self.is_guarded)
            .finish_non_exhaustive()
    }
}

impl<E: Entity + 'static, S: Store> Resource<E, S> {
    /// A resource whose clients may do everything that the entity's table allows.
    pub fn new(store: S, dialect: Dialect) -> Resource<E, S> {
        Resource { store, dialect, is_guarded: false, policy: None }
    }

    /// What the server decides for each request, before anything else is looked at: who the caller is, and what this
    /// caller may do. A refusal is sent as it is; 401 names a scheme in `www-authenticate` (RFC 9110 section 11.6.1).
    pub fn policy<P: Policy<E> + Send + 'static>(
        self,
        decide: impl Fn(&Parts) -> Result<P, ProblemDetails> + Send + Sync + 'static,
    ) -> Resource<E, S> {
        let decide =
            move |parts: &Parts| -> Result<Box<dyn Policy<E> + Send>, ProblemDetails> { Ok(Box::new(decide(parts)?)) };
        Resource { policy: Some(Box::new(decide)), ..self }
    }

    /// Requires a precondition for a change: without one it is 428 (RFC 6585 section 3).
    pub fn require_preconditions(self) -> Resource<E, S> {
        Resource { is_guarded: true, ..self }
    }

    /// The routes, to be nested or merged into a server's own under any state.
    ///
    /// A list, POST and DELETE are routes of your own, at the same path or below it. Share the store with them:
    ///
    /// ```
    /// # #[cfg(feature = "superoffice")] {
    /// use std::sync::Arc;
    ///
    /// use axum::{Router, extract::Path, routing};
    /// use entity_patch::{Dialect, http::axum::{MemoryStore, Resource}, superoffice::Webhook};
    ///
    /// let store = Arc::new(MemoryStore::from([(7_u64, br#"{"WebhookId": 7}"#.to_vec())]));
    /// let webhooks = Resource::<Webhook, _>::new(Arc::clone(&store), Dialect::SUPEROFFICE);
    ///
    /// let version = async move |Path(key): Path<u64>| match store.stored(&key) {
    ///     Some(stored) => stored.version.to_string(),
    ///     None => "none".to_owned(),
    /// };
    /// let routes = webhooks.router().route("/{key}/version", routing::get(version));
    /// let routes = routes.route("/{key}", routing::delete(async || "deleting is yours to write"));
    /// let app: Router = Router::new().nest("/webhooks", routes);
    /// # let _ = app;
    /// # }
    /// ```
    pub fn router<T: Clone + Send + Sync + 'static>(self) -> Router<T> {
        let resource = Arc::new(self);
        let answer = move |request: Request| {
            let resource = Arc::clone(&resource);
            async move { resource.answer(request).await.unwrap_or_else(Reply::from) }
        };
        Router::new().route("/{key}", any(answer))
    }

    async fn answer(&self, request: Request) -> Result<Reply, ProblemDetails> {
        let (mut parts, body) = request.into_parts();
        let policy = self.policy.as_ref().map(|decide| decide(&parts)).transpose()?;
        let key = key_of(&mut parts).await?;
        let stored = self.stored(&key).await?;
        let head = RequestHead::from(&parts.headers);
        let verb = match parts.method {
            Method::GET | Method::HEAD => None,
            Method::PUT => Some(Verb::Put),
            Method::PATCH => Some(Verb::Patch),
            Method::OPTIONS => {
                return Ok(Reply::new(204).with_header("allow", ALLOW).with_header("accept-patch", ACCEPT_PATCH));
            }
            _ => {
                let problem = ProblemDetails::new(405, "method-not-allowed", format!("the methods are {ALLOW}"));
                return Err(problem.with_header("allow", ALLOW));
            }
        };
        let accept = parts.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        if accepted(accept, &OFFERS).is_none() {
            return Err(ProblemDetails::new(406, "not-acceptable", format!("answers are {}", OFFERS[0])));
        }
        match verb {
            None => read(&stored, &head, policy.as_deref()),
            Some(verb) => self.write(&key, stored, verb, head, body, policy).await,
        }
    }

    async fn stored(&self, key: &S::Key) -> Result<Stored, ProblemDetails> {
        self.store.get(key).await.map_err(Into::into)?.ok_or_else(no_such_entity)
    }

    async fn write(
        &self,
        key: &S::Key,
        mut stored: Stored,
        verb: Verb,
        head: RequestHead,
        body: Body,
        policy: Option<Box<dyn Policy<E> + Send>>,
    ) -> Result<Reply, ProblemDetails> {
        let head = if self.is_guarded { head.required() } else { head };
        verb.check(&head, &validators(&stored))?;
        let bytes = read_body(body, self.dialect.limits.body_bytes).await?;
        let change = WriteRequest { verb, body: PatchBody::new(head, bytes)? };
        for _ in 0..ATTEMPTS {
            let patched = change.apply(&stored, &self.dialect, policy.as_deref())?;
            if patched.changed.is_empty() {
                return change.respond(&stored, policy.as_deref());
            }
            match self.store.swap(key, stored.version, patched.json).await.map_err(Into::into)? {
                Some(swapped) => return change.respond(&swapped, policy.as_deref()),
                None => stored = self.stored(key).await?,
            }
            change.body.check(&validators(&stored))?;
        }
        let problem = ProblemDetails::new(503, "too-busy", "others changed the entity again and again");
        Err(problem.with_header("retry-after", "1"))
    }
}

/// A policy of one request, or none.
type Decided<'p, E> = Option<&'p (dyn Policy<E> + Send)>;

/// The methods that change an entity.
#[derive(Clone, Copy)]
enum Verb {
    Put,
    Patch,
}

impl Verb {
    /// The checks that come before the body: 415, 412 and 428.
    fn check(self, head: &RequestHead, current: &Validators) -> Result<(), ProblemDetails> {
        let problem = match (self, head.format()) {
            (Verb::Patch, _) => return head.check(current),
            (Verb::Put, Ok(Format::ByShape)) => return Ok(head.preconditions().check(current)?),
            (Verb::Put, Ok(Format::JsonPatch | Format::MergePatch) | Err(UnsupportedMediaType::MediaType)) => {
                let error = UnsupportedMediaType::MediaType;
                ProblemDetails::new(error.status(), error.code(), format!("the body has to be one of {ACCEPT_PUT}"))
            }
            (Verb::Put, Err(error)) => error.into(),
        };
        Err(problem.with_header("accept", ACCEPT_PUT))
    }
}

/// A request that changes an entity, with its body.
struct WriteRequest {
    verb: Verb,
    body: PatchBody,
}

impl WriteRequest {
    fn apply<E: Entity>(
        &self,
        stored: &Stored,
        dialect: &Dialect,
        policy: Decided<'_, E>,
    ) -> Result<PatchedJson, ProblemDetails> {
        let json = &stored.json;
        let put_dialect = || self.body.preferences().dialect(dialect);
        Ok(match (self.verb, policy) {
            (Verb::Patch, None) => self.body.apply::<E>(json, dialect),
            (Verb::Patch, Some(policy)) => self.body.apply_with(json, dialect, policy),
            (Verb::Put, None) => put::<E>(json, self.body.bytes(), &put_dialect()),
            (Verb::Put, Some(policy)) => put_with(json, self.body.bytes(), &put_dialect(), policy),
        }?)
    }

    fn respond<E: Entity>(&self, stored: &Stored, policy: Decided<'_, E>) -> Result<Reply, ProblemDetails> {
        let json = shown(stored, policy)?;
        let is_told_by_validators = match self.verb {
            Verb::Patch => true,
            // RFC 9110 section 9.3.4.
            Verb::Put => json == self.body.bytes(),
        };
        let current = if is_told_by_validators { validators(stored) } else { Validators::default() };
        Ok(self.body.respond_json(json, &current))
    }
}

fn read<E: Entity>(stored: &Stored, head: &RequestHead, policy: Decided<'_, E>) -> Result<Reply, ProblemDetails> {
    let current = validators(stored);
    let reply = match head.preconditions().evaluate(Purpose::Read, Some(&current)) {
        Outcome::Proceed => Reply::json(shown(stored, policy)?),
        Outcome::NotModified => Reply::new(304),
        Outcome::Failed | Outcome::Required => return Err(PreconditionError::Failed.into()),
    };
    Ok(reply.with_validators(&current).with_header("cache-control", CACHING))
}

/// What the caller may see.
fn shown<E: Entity>(stored: &Stored, policy: Decided<'_, E>) -> Result<Vec<u8>, ProblemDetails> {
    Ok(match policy {
        None => visible::<E>(&stored.json)?,
        Some(policy) => visible_to(&stored.json, policy)?,
    })
}

fn validators(stored: &Stored) -> Validators {
    let last_modified = stored.last_modified.and_then(HttpDate::from_system_time);
    Validators::new([EntityTag::of_version(stored.version)], last_modified)
}

fn no_such_entity() -> ProblemDetails {
    ProblemDetails::new(404, "no-such-entity", "there is no entity of this key")
}

/// The key in the path. One that cannot be read is the key of no entity; a type of key that cannot hold the path's
/// parameters is the server's fault.
async fn key_of<K: DeserializeOwned + Send>(parts: &mut Parts) -> Result<K, ProblemDetails> {
    match Path::<K>::from_request_parts(parts, &()).await {
        Ok(Path(key)) => Ok(key),
        Err(rejection) if rejection.status().is_server_error() => {
            Err(ProblemDetails::new(500, "unreadable-key", "the type of the key does not fit the route"))
        }
        Err(_) => Err(no_such_entity()),
    }
}
