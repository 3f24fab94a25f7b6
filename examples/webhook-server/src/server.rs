//! How requests are answered. The checks come in the order of `entity_patch::http`: 401, 404, 405, 406, 415, 412, and
//! then what the body deserves.

use std::{
    borrow::Cow,
    io::Write,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts, uri::Authority},
    response::{IntoResponse, Response},
};
use entity_patch::{
    Dialect, Error, Format, PatchedJson,
    http::{
        ACCEPT_PATCH, EntityTag, HttpDate, Outcome, Preconditions, Preferences, ProblemDetails, Purpose,
        Reply as Answer, UnsupportedMediaType, Validators,
        axum::{PatchRequest, read_body},
        put as put_entity,
    },
    patch_json,
    superoffice::{DateTime, Links, Save, Selection, Webhook, represent, save},
};
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;

use crate::{
    clock, form,
    media::{self, Sent, Shown},
    options::Options,
    refusal::Refusal,
    store::{Store, Stored},
    target::{self, ARCHIVE, Target},
    xml,
};

/// How often a change is applied to a newer version, before the client is asked to come back later.
const ATTEMPTS: usize = 50;

/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(30);

const ACCEPT_PATCH_NAME: HeaderName = HeaderName::from_static("accept-patch");

/// What all requests share.
pub struct App {
    store: Store,
    dialect: Dialect,
    token: Option<String>,
    /// Whoever lost a swap takes this before the next attempt, so that the losers do not make each other lose again:
    /// with 8 writers of one webhook a write takes 2 attempts on average, 10 at most in a run of 1,600, and not 8.
    turn: Mutex<()>,
    /// The address that the server listens at, for requests that name no host.
    address: SocketAddr,
}

impl App {
    pub fn new(store: Store, options: Options, address: SocketAddr) -> App {
        let mut dialect = Dialect::SUPEROFFICE;
        dialect.unknown_members = options.unknown_members;
        App { store, dialect, token: options.token, turn: Mutex::new(()), address }
    }
}

/// Answers a request and logs one line: what it was about and how it ended, nothing that a client sent but the id.
pub async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let target = Target::of(request.uri().path());
    let (status, code, response) = match handle(&app, target, request).await {
        Ok(response) => (response.status().as_u16(), "ok".to_owned(), response),
        Err(refusal) => {
            let (status, code) = refusal.cause();
            (status, code, refusal.into_response())
        }
    };
    let target = match target {
        Some(Target::Webhook(id)) => format!("webhook {id}"),
        Some(Target::SaveWebhook) => "save".to_owned(),
        None => "-".to_owned(),
    };
    let method = if KNOWN_METHODS.contains(&method) { method.as_str() } else { "-" };
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let _ = writeln!(std::io::stderr(), "{method} {target} {status} {code} {milliseconds:.1} ms");
    response
}

const KNOWN_METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

async fn handle(app: &Arc<App>, target: Option<Target>, request: Request) -> Result<Response, Refusal> {
    authorize(app, request.headers())?;
    let target = target.ok_or_else(|| Refusal::new(404, "no-such-path", "this API has no such path"))?;
    let stored = match target {
        Target::Webhook(id) => Some(stored(app, id).await?),
        Target::SaveWebhook => None,
    };
    let not_allowed = || {
        let detail = format!("the methods here are {}", target.allow());
        Refusal::new(405, "method-not-allowed", detail).with_header("allow", target.allow())
    };
    let verb = match (target, stored, request.method()) {
        (Target::Webhook(id), Some(stored), &Method::GET | &Method::HEAD) => Verb::Get(id, stored),
        (Target::Webhook(id), Some(stored), &Method::PATCH) => Verb::Patch(id, stored),
        (Target::Webhook(id), Some(stored), &Method::PUT) => Verb::Put(id, stored),
        (Target::SaveWebhook, _, &Method::POST) => Verb::Save,
        (_, _, &Method::OPTIONS) => return Ok(options(target)),
        (Target::Webhook(_) | Target::SaveWebhook, _, _) => return Err(not_allowed()),
    };
    let shown = media::shown(request.headers()).ok_or_else(|| {
        Refusal::new(406, "not-acceptable", "answers are application/json, text/json, application/xml or text/xml")
    })?;
    let reply = Reply {
        app: Arc::clone(app),
        shown,
        selection: target::selection(request.uri().query()),
        origin: origin(app, &request),
    };
    match verb {
        Verb::Get(id, stored) => {
            let preconditions = Preconditions::from(request.headers());
            blocking(move || get(&reply, id, &stored, &preconditions)).await
        }
        Verb::Patch(id, stored) => patch(reply, id, stored, request).await,
        Verb::Put(id, stored) => put(reply, id, stored, request).await,
        Verb::Save => save_webhook(reply, request).await,
    }
}

/// What a request is about, once its path, its entity and its method are known.
enum Verb {
    Get(i32, Stored),
    Patch(i32, Stored),
    Put(i32, Stored),
    Save,
}

/// `Authorization: Bearer` with the token, where the server has one; compared in constant time.
fn authorize(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(token) = &app.token else { return Ok(()) };
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let credentials = match (given.next(), given.next()) {
        (Some(value), None) => value.as_bytes(),
        _ => b"",
    };
    let is_bearer = credentials.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    let is_token = is_bearer && bool::from(credentials[7..].trim_ascii().ct_eq(token.as_bytes()));
    if is_token {
        return Ok(());
    }
    let refusal =
        Refusal::new(401, "unauthorized", "the request needs `Authorization: Bearer` with the server's token");
    Err(refusal.with_header("www-authenticate", "Bearer"))
}

/// Runs what takes long or blocks where it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    let stopped = |_| Refusal::new(500, "stopped", "the server is stopping");
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

async fn stored(app: &Arc<App>, id: i32) -> Result<Stored, Refusal> {
    let app = Arc::clone(app);
    blocking(move || app.store.get(id)?.ok_or_else(|| Refusal::no_such_webhook(id))).await
}

/// The scheme and the host that the request was sent to.
fn origin(app: &App, request: &Request) -> String {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    match request.uri().authority().cloned().or(host) {
        // Without the credentials that it might name.
        Some(authority) => {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            format!("http://{host}")
        }
        None => format!("http://{}", app.address),
    }
}

fn options(target: Target) -> Response {
    let mut response = (StatusCode::NO_CONTENT, [(header::ALLOW, target.allow())]).into_response();
    match target {
        Target::Webhook(_) => {
            response.headers_mut().insert(ACCEPT_PATCH_NAME, HeaderValue::from_static(ACCEPT_PATCH));
        }
        Target::SaveWebhook => {}
    }
    response
}

/// How the answer to a request is to look.
#[derive(Clone)]
struct Reply {
    app: Arc<App>,
    shown: Shown,
    selection: Selection,
    origin: String,
}

impl Reply {
    /// The body that shows a webhook.
    fn body(&self, stored: &Stored, links: Option<&Links>) -> Result<Vec<u8>, Refusal> {
        body(stored, &self.selection, links, self.shown.is_xml)
    }

    fn links(&self, id: i32) -> Links {
        Links::new(&self.origin, ARCHIVE, id)
    }

    fn respond(&self, body: Vec<u8>) -> Response {
        ([(header::CONTENT_TYPE, self.shown.content_type), (header::VARY, "Accept")], body).into_response()
    }

    /// What the shown representation is told by.
    fn validators(&self, stored: &Stored) -> Validators {
        let [json, xml] = tags(stored);
        // A stamp that is still to come is not told as a date (RFC 9110 section 8.8.2.1).
        let last_modified = last_modified(stored).filter(|date| date.unix_seconds() <= clock::unix_seconds());
        Validators::new([if self.shown.is_xml { xml } else { json }], last_modified)
    }
}

fn body(stored: &Stored, selection: &Selection, links: Option<&Links>, is_xml: bool) -> Result<Vec<u8>, Refusal> {
    let json = represent(&stored.json, selection, links).map_err(Error::from)?;
    match is_xml {
        false => Ok(json),
        true => {
            xml::from_json(&json).map_err(|_| Refusal::new(500, "malformed-target", "the stored entity is malformed"))
        }
    }
}

/// The tags of the JSON and of the XML of a version.
fn tags(stored: &Stored) -> [EntityTag; 2] {
    let xml = format!("\"{}-xml\"", stored.version);
    [EntityTag::of_version(stored.version), xml.parse().expect("digits and letters are what a tag may hold")]
}

/// What a write may name: any of the representations.
fn validators(stored: &Stored) -> Validators {
    Validators::new(tags(stored), last_modified(stored))
}

fn last_modified(stored: &Stored) -> Option<HttpDate> {
    HttpDate::try_from(stored.updated.as_ref()?).ok()
}

fn get(reply: &Reply, id: i32, stored: &Stored, preconditions: &Preconditions) -> Result<Response, Refusal> {
    let validators = reply.validators(stored);
    let mut response = match preconditions.evaluate(Purpose::Read, Some(&validators)) {
        Outcome::Proceed => reply.respond(reply.body(stored, Some(&reply.links(id)))?),
        Outcome::NotModified => (StatusCode::NOT_MODIFIED, [(header::VARY, "Accept")]).into_response(),
        Outcome::Failed | Outcome::Required => return Err(precondition_failed()),
    };
    insert_validators(&mut response, &validators);
    Ok(response)
}

fn insert_validators(response: &mut Response, validators: &Validators) {
    let headers = Answer::new(200).with_validators(validators).into_response();
    response.headers_mut().extend(headers.headers().iter().map(|(name, value)| (name.clone(), value.clone())));
}

fn precondition_failed() -> Refusal {
    Refusal::new(412, "precondition-failed", "the webhook is not the one that the preconditions name")
}

async fn patch(reply: Reply, id: i32, stored: Stored, request: Request) -> Result<Response, Refusal> {
    let Ok(request) = PatchRequest::from_request(request, &()).await;
    request.check(&validators(&stored))?;
    let patch = in_time(request.read(&reply.app.dialect)).await?;
    blocking(move || {
        let stored = update(&reply.app, id, |stored| {
            patch.check(&validators(stored))?;
            Ok(patch.apply::<Webhook>(&stored.json, &reply.app.dialect)?)
        })?;
        let body = reply.body(&stored, Some(&reply.links(id)))?;
        let answer = Answer::new(200).with_body(body, reply.shown.content_type).with_header("vary", "Accept");
        Ok(patch.respond_with(answer, &reply.validators(&stored)).into_response())
    })
    .await
}

async fn put(reply: Reply, id: i32, stored: Stored, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let sent =
        media::sent(&head.headers).map_err(|error| unreadable(error).with_header("accept-patch", ACCEPT_PATCH))?;
    let preconditions = Preconditions::from(&head.headers);
    preconditions.check(&validators(&stored))?;
    let bytes = in_time(read_body(body, reply.app.dialect.limits.body_bytes)).await?;
    blocking(move || {
        let (json, dialect) = to_json(sent, &bytes, &reply.app.dialect)?;
        let stored = update(&reply.app, id, |stored| {
            preconditions.check(&validators(stored))?;
            put_entity::<Webhook>(&stored.json, &json, &dialect).map_err(|error| refuse(error, sent))
        })?;
        respond_to_put(&reply, id, &stored, &head, sent, &bytes)
    })
    .await
}

/// The answer to a PUT. It carries validators only where the body is now the representation that a GET would answer,
/// byte by byte (RFC 9110 section 9.3.4).
fn respond_to_put(
    reply: &Reply,
    id: i32,
    stored: &Stored,
    head: &Parts,
    sent: Sent,
    bytes: &[u8],
) -> Result<Response, Refusal> {
    let links = reply.links(id);
    let mut response = match Preferences::from(&head.headers).is_minimal() {
        true => {
            (StatusCode::NO_CONTENT, [("preference-applied", "return=minimal"), ("vary", "Accept")]).into_response()
        }
        false => reply.respond(reply.body(stored, Some(&links))?),
    };
    let is_shown_as_sent = match sent {
        Sent::Json => !reply.shown.is_xml,
        Sent::Xml => reply.shown.is_xml,
        Sent::Form => false,
    };
    if is_shown_as_sent && body(stored, &Selection::ALL, Some(&links), reply.shown.is_xml)? == bytes[..] {
        insert_validators(&mut response, &reply.validators(stored));
    }
    Ok(response)
}

/// SaveWebhook. Its preconditions are about the webhook that the body names.
async fn save_webhook(reply: Reply, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let sent = media::sent(&head.headers).map_err(unreadable)?;
    let preconditions = Preconditions::from(&head.headers);
    let bytes = in_time(read_body(body, reply.app.dialect.limits.body_bytes)).await?;
    blocking(move || {
        let (json, dialect) = to_json(sent, &bytes, &reply.app.dialect)?;
        let stored = match save::<Webhook>(&json, &dialect).map_err(|error| refuse(error, sent))? {
            Save::Create(created) => {
                let malformed = |_| Refusal::new(500, "malformed-target", "the new webhook cannot be read");
                create(&reply.app, &preconditions, serde_json::from_slice(&created.json).map_err(malformed)?)?
            }
            Save::Update(key) => {
                let id = i32::try_from(key).map_err(|_| Refusal::no_such_webhook(key))?;
                update(&reply.app, id, |stored| {
                    preconditions.check(&validators(stored))?;
                    put_entity::<Webhook>(&stored.json, &json, &dialect).map_err(|error| refuse(error, sent))
                })?
            }
        };
        Ok(reply.respond(reply.body(&stored, None)?))
    })
    .await
}

fn unreadable(error: UnsupportedMediaType) -> Refusal {
    match error {
        UnsupportedMediaType::MediaType => {
            let detail = format!("a webhook is sent as one of {}", media::READABLE);
            Refusal::new(error.status(), error.code(), detail)
        }
        error => error.into(),
    }
    .with_header("accept", media::READABLE)
}

async fn in_time<T>(reading: impl Future<Output = Result<T, ProblemDetails>>) -> Result<T, Refusal> {
    match tokio::time::timeout(BODY_TIME, reading).await {
        Ok(read) => Ok(read?),
        Err(_) => Err(Refusal::new(408, "request-timeout", "the body did not arrive in time")),
    }
}

/// The JSON of a body, and the dialect by which it is judged: one that was made out of another format may be longer
/// than the body was.
fn to_json<'b>(sent: Sent, bytes: &'b [u8], dialect: &Dialect) -> Result<(Cow<'b, [u8]>, Dialect), Refusal> {
    let json = match sent {
        _ if bytes.trim_ascii().is_empty() => return Ok((Cow::Borrowed(b""), dialect.clone())),
        Sent::Json => return Ok((Cow::Borrowed(bytes), dialect.clone())),
        Sent::Xml => xml::to_json(bytes, dialect.limits.depth).map_err(|error| match error.is_too_deep() {
            true => Refusal::new(422, "too-deep", error.to_string()),
            false => Refusal::new(400, "malformed-xml", error.to_string()),
        })?,
        Sent::Form => form::to_json(bytes).ok_or_else(|| Refusal::new(400, "malformed-form", form::MALFORMED))?,
    };
    let mut dialect = dialect.clone();
    dialect.limits.body_bytes = usize::MAX;
    Ok((Cow::Owned(json), dialect))
}

/// The error of a body; where that was not JSON, without the place in the JSON that it was turned into.
fn refuse(error: Error, sent: Sent) -> Refusal {
    match (&error, sent) {
        (Error::Parse(parse), Sent::Xml | Sent::Form) => {
            Refusal::new(error.status(), error.code(), parse.kind().to_string())
        }
        _ => error.into(),
    }
}

/// Stores a new webhook with its id and its stamps.
fn create(app: &App, preconditions: &Preconditions, mut webhook: Webhook) -> Result<Stored, Refusal> {
    if preconditions.evaluate(Purpose::Write, None) != Outcome::Proceed {
        return Err(precondition_failed());
    }
    let now = clock::stamp(None);
    webhook.registered = Some(now.clone());
    webhook.updated = Some(now.clone());
    app.store.insert(&now, |id| {
        webhook.webhook_id = id;
        serde_json::to_vec(&webhook).map_err(|_| Refusal::new(500, "storage-failed", "the webhook cannot be written"))
    })
}

/// Changes a stored webhook: reads it, applies the change, and swaps the result in unless somebody was faster; then
/// all of it again with the newer version, its preconditions included. A change that changes nothing writes nothing.
fn update(app: &App, id: i32, change: impl Fn(&Stored) -> Result<PatchedJson, Refusal>) -> Result<Stored, Refusal> {
    let mut turn = None;
    for _ in 0..ATTEMPTS {
        let stored = app.store.get(id)?.ok_or_else(|| Refusal::no_such_webhook(id))?;
        let patched = change(&stored)?;
        if patched.changed.is_empty() {
            return Ok(stored);
        }
        let updated = clock::stamp(stored.updated.as_ref());
        let json = stamped(&patched.json, &updated)?;
        if app.store.replace(id, stored.version, &json, &updated)? {
            return Ok(Stored { json, version: stored.version + 1, updated: Some(updated) });
        }
        turn.get_or_insert_with(|| app.turn.blocking_lock());
    }
    Err(Refusal::too_busy("too many others write this webhook at the same time"))
}

/// The JSON text with its new `Updated`, a member that clients cannot write.
fn stamped(json: &[u8], updated: &DateTime) -> Result<Vec<u8>, Refusal> {
    let patch = format!(r#"[{{"op":"add","path":"/Updated","value":"{updated}"}}]"#);
    Ok(patch_json(json, patch.as_bytes(), Format::JsonPatch, &Dialect::RFC)?)
}
