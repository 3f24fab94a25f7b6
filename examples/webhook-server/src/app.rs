//! How requests are answered. The checks come in the order of `entity_patch::http`: 401, 404, 405, 406, 415, 412, and
//! then what the body deserves.

use std::{
    borrow::Cow,
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use axum::{
    body::Body,
    extract::{FromRequest, Request, State},
    http::{Method, request::Parts},
};
use entity_patch::{
    Dialect, Entity, Error, Format, PatchedJson,
    http::{
        ACCEPT_PATCH, EntityTag, HttpDate, Outcome, PreconditionError, ProblemDetails, Purpose, Reply, RequestHead,
        Validators,
        axum::{PatchRequest, read_body},
        put as put_entity,
    },
    patch_json,
    superoffice::{Links, Save, Selection, Webhook, WebhookState, represent, save},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{sync::Mutex, task::block_in_place};
use webhook_formats::{form, xml};

use crate::{
    clock,
    media::{self, READABLE, READABLE_FILTERS, Sent, Shown},
    options::Options,
    origin, page,
    storage::{Database, PAGE, Stored, too_busy},
    target::{ARCHIVE, Query, Target},
    users::{User, Users},
};

/// How often a change is applied to a newer version, before the client is asked to come back later.
const ATTEMPTS: usize = 50;

/// How much JSON a list of webhooks may be.
const LIST_BYTES: usize = 64 << 20;

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// What all requests share.
pub struct App<D> {
    database: D,
    dialect: Dialect,
    users: Users,
    body_timeout: Duration,
    entity_limit: usize,
    /// The address that the server listens at, for requests that name no host.
    address: SocketAddr,
    /// Whoever lost a swap takes this before the next attempt, so that the losers do not make each other lose again:
    /// with 8 writers of one webhook a write takes 2 attempts on average, 10 at most in a run of 1,600, and not 8.
    turn: Mutex<()>,
    /// Of this process, and how many requests it has had: together they are the id of a request.
    process: u32,
    requests: AtomicU64,
}

impl<D: Database> App<D> {
    pub fn new(database: D, options: &Options, users: Users, address: SocketAddr) -> App<D> {
        let mut dialect = Dialect::SUPEROFFICE;
        dialect.unknown_members = options.unknown_members.into();
        App {
            database,
            dialect,
            users,
            body_timeout: options.body_timeout,
            entity_limit: options.entity_limit,
            address,
            turn: Mutex::new(()),
            process: clock::process_id(),
            requests: AtomicU64::new(0),
        }
    }
}

/// Answers a request and logs one line: what it was about and how it ended, nothing that a client sent but the id.
pub async fn answer<D: Database>(State(app): State<Arc<App<D>>>, request: Request) -> Reply {
    let start = Instant::now();
    let id = format!("{:08x}-{}", app.process, app.requests.fetch_add(1, Ordering::Relaxed));
    let method = METHODS.iter().find(|method| *method == request.method()).map_or("-", Method::as_str);
    let target = Target::of(request.uri().path());
    let (code, reply) = match app.handle(target, request).await {
        Ok(reply) => ("ok".to_owned(), reply),
        Err(problem) => (problem.code().to_owned(), dressed(problem)),
    };
    let target = target.map_or_else(|| "-".to_owned(), |target| target.to_string());
    let ms = (start.elapsed().as_secs_f64() * 1e5).round() / 100.0;
    tracing::info!(request = id, method, target, status = reply.status(), code, ms);
    reply.with_header("x-request-id", id)
}

/// The API's own names of causes.
const ERROR_TYPES: [(u16, &str); 17] = [
    (400, "SoBadRequestException"),
    (401, "SoUnauthorizedException"),
    (403, "SoForbiddenException"),
    (404, "SoNotFoundException"),
    (405, "SoMethodNotAllowedException"),
    (406, "SoNotAcceptableException"),
    (408, "SoTimeoutException"),
    (409, "SoConflictException"),
    (412, "SoPreconditionFailedException"),
    (413, "SoContentTooLargeException"),
    (415, "SoUnsupportedMediaTypeException"),
    (421, "SoMisdirectedRequestException"),
    (422, "SoValidationException"),
    (500, "SoInternalException"),
    (501, "SoNotImplementedException"),
    (503, "SoUnavailableException"),
    (507, "SoStorageFullException"),
];

/// Problem details that carry the API's own members, too.
fn dressed(problem: ProblemDetails) -> Reply {
    let error_type = ERROR_TYPES.iter().find(|(status, _)| *status == problem.status());
    let message = problem.detail().to_owned();
    problem
        .with("Error", true)
        .with("ErrorType", error_type.map_or("SoException", |(_, name)| name))
        .with("ErrorMessage", message)
        .with("ErrorSource", "entity-patch")
        .into()
}

fn no_such_webhook(id: impl fmt::Display) -> ProblemDetails {
    ProblemDetails::new(404, "no-such-entity", format!("Webhook id {id} not found"))
}

/// The key of a webhook; 404 for an id that none can have.
fn key(id: i64) -> Result<i32, ProblemDetails> {
    i32::try_from(id).map_err(|_| no_such_webhook(id))
}

/// The tags of the JSON and of the XML of a version.
fn tags(stored: &Stored) -> [EntityTag; 2] {
    let xml = format!("\"{}-xml\"", stored.version);
    [EntityTag::of_version(stored.version), xml.parse().expect("digits and letters are what a tag may hold")]
}

/// What a write may name: any of the representations.
fn validators(stored: &Stored) -> Validators {
    Validators::new(tags(stored), stored.last_modified.and_then(HttpDate::from_system_time))
}

impl<D: Database> App<D> {
    async fn handle(&self, target: Option<Target>, request: Request) -> Result<Reply, ProblemDetails> {
        let (parts, body) = request.into_parts();
        let host = origin::host(&parts)?;
        origin::check_coding(&parts)?;
        if self.users.are_all_welcome() {
            origin::check_local(host)?;
        }
        let host = host.map_or_else(|| self.address.to_string(), str::to_owned);
        let is_open = matches!(target, Some(Target::Page | Target::Description));
        let caller = if is_open { None } else { self.users.caller(&parts.headers).await? };
        let target = target.ok_or_else(|| ProblemDetails::new(404, "no-such-path", "this API has no such path"))?;
        let stored = match target {
            Target::Webhook(id) => Some((key(id)?, self.stored(key(id)?).await?)),
            _ => None,
        };
        if !target.allow().split(", ").any(|method| method == parts.method.as_str()) {
            let problem = ProblemDetails::new(405, "method-not-allowed", format!("the methods are {}", target.allow()));
            return Err(problem.with_header("allow", target.allow()));
        }
        if parts.method == Method::OPTIONS {
            let reply = Reply::new(204).with_header("allow", target.allow());
            let takes_patch = stored.is_some();
            return Ok(if takes_patch { reply.with_header("accept-patch", ACCEPT_PATCH) } else { reply });
        }
        origin::check_page(&parts, &host)?;
        match target {
            Target::Page => return Ok(page::page()),
            Target::Description => return Ok(page::description()),
            _ => {}
        }
        let query = Query::read(parts.uri.query())?;
        let (shown, selection, head) =
            (media::shown(&parts.headers)?, query.selection(), RequestHead::from(&parts.headers));
        let call = Call { app: self, caller, shown, selection, origin: format!("http://{host}"), head };
        match (target, stored, &parts.method) {
            (_, Some((id, stored)), &Method::PATCH) => call.patch(id, stored, parts, body).await,
            (_, Some((id, stored)), &Method::PUT) => call.put(id, stored, &parts, body).await,
            (_, Some((id, _)), &Method::DELETE) => call.delete(id).await,
            (_, Some((id, stored)), _) => call.get(id, &stored),
            (Target::Archive, ..) => call.create(&parts, body).await,
            (Target::Get, ..) => {
                let stored = self.stored(key(query.webhook_id()?)?).await?;
                Ok(call.respond(call.body(&stored, None)?))
            }
            (Target::GetAll, ..) => call.list(&parts, body).await,
            (Target::Save, ..) => call.save(&parts, body).await,
            (Target::Delete, ..) => call.delete(key(query.webhook_id()?)?).await,
            _ => call.default(),
        }
    }

    /// 404 where there is none of this id.
    async fn stored(&self, id: i32) -> Result<Stored, ProblemDetails> {
        self.database.get(&id).await?.ok_or_else(|| no_such_webhook(id))
    }

    async fn read(&self, body: Body) -> Result<Vec<u8>, ProblemDetails> {
        self.in_time(read_body(body, self.dialect.limits.body_bytes)).await
    }

    async fn in_time<T>(&self, reading: impl Future<Output = Result<T, ProblemDetails>>) -> Result<T, ProblemDetails> {
        let late = |_| ProblemDetails::new(408, "request-timeout", "the body did not arrive in time");
        tokio::time::timeout(self.body_timeout, reading).await.map_err(late)?
    }
}

/// A request, as far as its body does not matter.
struct Call<'a, D> {
    app: &'a App<D>,
    caller: Option<&'a User>,
    shown: Shown,
    selection: Selection,
    origin: String,
    head: RequestHead,
}

/// What a list of webhooks is narrowed down by; null is everything.
#[derive(Clone, Default, Serialize, Deserialize, Entity)]
#[serde(rename_all = "PascalCase", default)]
struct Filters {
    name_filter: Option<String>,
    event_filter: Option<String>,
    status_filter: Option<WebhookState>,
}

impl Filters {
    fn fit(&self, json: &[u8]) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        #[derive(Default)]
        struct Listed {
            name: Option<String>,
            events: Option<Vec<String>>,
            state: WebhookState,
        }

        let listed: Listed = serde_json::from_slice(json).unwrap_or_default();
        let is_named = self.name_filter.is_none() || self.name_filter == listed.name;
        let is_told = |event: &String| listed.events.is_some_and(|events| events.contains(event));
        let status = self.status_filter.filter(|status| *status != WebhookState::Unknown);
        is_named && self.event_filter.as_ref().is_none_or(is_told) && status.is_none_or(|status| status == listed.state)
    }
}

impl<D: Database> Call<'_, D> {
    /// The body that shows a webhook.
    fn body(&self, stored: &Stored, links: Option<&Links>) -> Result<Vec<u8>, ProblemDetails> {
        self.written(represent(&stored.json, &self.selection, links).map_err(Error::from)?)
    }

    /// JSON in the format of the answer.
    fn written(&self, json: Vec<u8>) -> Result<Vec<u8>, ProblemDetails> {
        let malformed = |_| ProblemDetails::new(500, "malformed-target", "the stored entity is malformed");
        if self.shown.is_xml { xml::from_json(&json).map_err(malformed) } else { Ok(json) }
    }

    fn links(&self, id: i32) -> Links {
        Links::new(&self.origin, ARCHIVE, id)
    }

    fn respond(&self, body: Vec<u8>) -> Reply {
        self.told(Reply::new(200).with_body(body, self.shown.content_type))
    }

    /// For caches: what it depends on, and that it is out of date at any time. Of what changed long ago a browser would
    /// guess otherwise (RFC 9111 section 4.2.2).
    fn told(&self, reply: Reply) -> Reply {
        reply.with_header("vary", "Accept").with_header("cache-control", "no-cache")
    }

    /// What the shown representation is told by.
    fn validators(&self, stored: &Stored) -> Validators {
        let [json, xml] = tags(stored);
        // A stamp that is still to come is not told as a date (RFC 9110 section 8.8.2.1).
        let last_modified = stored.last_modified.filter(|date| *date <= SystemTime::now());
        let tag = if self.shown.is_xml { xml } else { json };
        Validators::new([tag], last_modified.and_then(HttpDate::from_system_time))
    }

    fn get(&self, id: i32, stored: &Stored) -> Result<Reply, ProblemDetails> {
        let validators = self.validators(stored);
        let reply = match self.head.preconditions().evaluate(Purpose::Read, Some(&validators)) {
            Outcome::Proceed => self.respond(self.body(stored, Some(&self.links(id)))?),
            Outcome::NotModified => self.told(Reply::new(304)),
            Outcome::Failed | Outcome::Required => return Err(PreconditionError::Failed.into()),
        };
        Ok(reply.with_validators(&validators))
    }

    /// A webhook that is not stored, for a client to fill in.
    fn default(&self) -> Result<Reply, ProblemDetails> {
        let webhook = Webhook { type_: Some("webhook".to_owned()), ..Webhook::default() };
        let json = serde_json::to_vec(&webhook).expect("a webhook of texts can be written");
        Ok(self.respond(self.body(&Stored { json, version: 0, last_modified: None }, None)?))
    }

    async fn patch(&self, id: i32, stored: Stored, parts: Parts, body: Body) -> Result<Reply, ProblemDetails> {
        let Ok(request) = PatchRequest::from_request(Request::from_parts(parts, body), &()).await;
        request.check(&validators(&stored))?;
        let dialect = &self.app.dialect;
        let patch = self.app.in_time(request.read(dialect)).await?;
        let stored = self.update(id, |stored| Ok(patch.apply::<Webhook>(&stored.json, dialect)?)).await?;
        let reply = self.respond(self.body(&stored, Some(&self.links(id)))?);
        Ok(patch.respond_with(reply, &self.validators(&stored)))
    }

    async fn put(&self, id: i32, stored: Stored, parts: &Parts, body: Body) -> Result<Reply, ProblemDetails> {
        let sent = media::sent(&parts.headers, READABLE)?;
        self.head.preconditions().check(&validators(&stored))?;
        let bytes = self.app.read(body).await?;
        let (json, dialect) = self.to_json(sent, &bytes)?;
        let stored = self.update(id, |stored| put(stored, &json, &dialect, sent)).await?;
        let links = self.links(id);
        let reply = self.respond(self.body(&stored, Some(&links))?);
        let whole = Call { selection: Selection::ALL, origin: String::new(), head: self.head.clone(), ..*self };
        // Validators only where the body is now what a GET would answer, byte by byte (RFC 9110 section 9.3.4).
        let is_as_sent = self.shown.is_xml == (sent == Sent::Xml) && whole.body(&stored, Some(&links))? == bytes;
        let validators = if is_as_sent { self.validators(&stored) } else { Validators::default() };
        Ok(reply.with_validators(&validators).with_preferences(self.head.preferences()))
    }

    /// SaveWebhook. Its preconditions are about the webhook that the body names.
    async fn save(&self, parts: &Parts, body: Body) -> Result<Reply, ProblemDetails> {
        let sent = media::sent(&parts.headers, READABLE)?;
        let bytes = self.app.read(body).await?;
        let (json, dialect) = self.to_json(sent, &bytes)?;
        let stored = match save::<Webhook>(&json, &dialect).map_err(|error| refuse(error, sent, WEBHOOK))? {
            Save::Create(created) => self.insert(created.json).await?.1,
            Save::Update(id) => self.update(key(id)?, |stored| put(stored, &json, &dialect, sent)).await?,
        };
        Ok(self.respond(self.body(&stored, None)?))
    }

    /// POST of a webhook to the list.
    async fn create(&self, parts: &Parts, body: Body) -> Result<Reply, ProblemDetails> {
        let sent = media::sent(&parts.headers, READABLE)?;
        let bytes = self.app.read(body).await?;
        let (json, dialect) = self.to_json(sent, &bytes)?;
        let Save::Create(created) = save::<Webhook>(&json, &dialect).map_err(|error| refuse(error, sent, WEBHOOK))?
        else {
            let detail = "the server gives a new webhook its id: at `/WebhookId`: the member is read-only";
            return Err(ProblemDetails::new(422, "read-only", detail));
        };
        let (id, stored) = self.insert(created.json).await?;
        let links = self.links(id);
        let reply = self.told(Reply::new(201).with_body(self.body(&stored, Some(&links))?, self.shown.content_type));
        let reply = reply.with_header("location", links.itself);
        Ok(reply.with_validators(&self.validators(&stored)))
    }

    async fn delete(&self, id: i32) -> Result<Reply, ProblemDetails> {
        for _ in 0..ATTEMPTS {
            let stored = self.app.stored(id).await?;
            self.head.preconditions().check(&validators(&stored))?;
            if self.app.database.delete(id, stored.version).await? {
                return Ok(Reply::new(204));
            }
        }
        Err(too_busy("too many others write this webhook at the same time"))
    }

    async fn list(&self, parts: &Parts, body: Body) -> Result<Reply, ProblemDetails> {
        media::sent(&parts.headers, READABLE_FILTERS)?;
        let bytes = self.app.read(body).await?;
        let json = if bytes.trim_ascii().is_empty() { &b"{}"[..] } else { &bytes };
        let filters = put_entity::<Filters>(b"{}", json, &self.app.dialect)
            .map_err(|error| refuse(error, Sent::Json, FILTERS))?;
        let filters: Filters = serde_json::from_slice(&filters.json).unwrap_or_default();
        let (mut shown, mut length, mut last) = (Vec::new(), 0, 0);
        loop {
            let page = self.app.database.page(last).await?;
            last = page.last().map_or(last, |(id, _)| *id);
            let is_last = (page.len() as i64) < PAGE;
            for (_, stored) in page.iter().filter(|(_, stored)| filters.fit(&stored.json)) {
                shown.push(self.body(stored, None)?);
                length += shown.last().map_or(0, Vec::len);
            }
            if length > LIST_BYTES {
                let detail = "the webhooks are too many: narrow the filters";
                return Err(ProblemDetails::new(422, "list-too-large", detail));
            }
            if is_last {
                let body =
                    if self.shown.is_xml { xml::list(&shown) } else { [b"[", &*shown.join(&b','), b"]"].concat() };
                return Ok(self.respond(body));
            }
        }
    }

    /// The JSON of a body, and the dialect by which it is judged: one that was made out of another format may be longer
    /// than the body was.
    fn to_json<'b>(&self, sent: Sent, bytes: &'b [u8]) -> Result<(Cow<'b, [u8]>, Dialect), ProblemDetails> {
        let mut dialect = self.head.preferences().dialect(&self.app.dialect);
        let depth = dialect.limits.depth;
        let unreadable =
            |(status, code), error: &dyn fmt::Display| ProblemDetails::new(status, code, error.to_string());
        let json = match sent {
            _ if bytes.trim_ascii().is_empty() => return Ok((Cow::Borrowed(b""), dialect)),
            Sent::Json => return Ok((Cow::Borrowed(bytes), dialect)),
            Sent::Xml => xml::to_json(bytes, depth).map_err(|error| unreadable(error.cause(), &error))?,
            Sent::Form => form::to_json(bytes, depth).map_err(|error| unreadable(error.cause(), &error))?,
        };
        dialect.limits.body_bytes = usize::MAX;
        Ok((Cow::Owned(json), dialect))
    }

    /// Stores a new webhook with its id and its stamps.
    async fn insert(&self, json: Vec<u8>) -> Result<(i32, Stored), ProblemDetails> {
        if self.head.preconditions().evaluate(Purpose::Write, None) != Outcome::Proceed {
            return Err(PreconditionError::Failed.into());
        }
        let (now, associate) = (clock::stamp(None), self.caller.map(User::associate));
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let limit = self.app.entity_limit;
        let stamped = move |id| {
            let _ = sender.send(id);
            let stamps = [
                ("WebhookId", Some(json!(id))),
                ("Registered", Some(json!(now))),
                ("RegisteredAssociate", associate.clone()),
                ("Updated", Some(json!(now))),
                ("UpdatedAssociate", associate),
            ];
            stamped(&json, stamps, limit)
        };
        let stored = self.app.database.insert(stamped).await?;
        Ok((receiver.recv().unwrap_or_default(), stored))
    }

    /// Changes a stored webhook: reads it, applies the change, and swaps the result in unless somebody was faster; then
    /// all of it again with the newer version, its preconditions included. A change that changes nothing writes nothing.
    async fn update(
        &self,
        id: i32,
        change: impl Fn(&Stored) -> Result<PatchedJson, ProblemDetails>,
    ) -> Result<Stored, ProblemDetails> {
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let stored = self.app.stored(id).await?;
            self.head.preconditions().check(&validators(&stored))?;
            let patched = block_in_place(|| change(&stored))?;
            if patched.changed.is_empty() {
                return Ok(stored);
            }
            let updated = clock::stamp(clock::updated(&stored.json).as_ref());
            let stamps = [("Updated", Some(json!(updated))), ("UpdatedAssociate", self.caller.map(User::associate))];
            let json = block_in_place(|| stamped(&patched.json, stamps, self.app.entity_limit))?;
            if let Some(swapped) = self.app.database.swap(&id, stored.version, json).await? {
                return Ok(swapped);
            }
            if turn.is_none() {
                turn = Some(self.app.turn.lock().await);
            }
        }
        Err(too_busy("too many others write this webhook at the same time"))
    }
}

fn put(stored: &Stored, json: &[u8], dialect: &Dialect, sent: Sent) -> Result<PatchedJson, ProblemDetails> {
    put_entity::<Webhook>(&stored.json, json, dialect).map_err(|error| refuse(error, sent, WEBHOOK))
}

/// What is sent where it has to be an object.
const WEBHOOK: &str = "a webhook is sent as an object, such as {\"Name\": \"sales\"}";
const FILTERS: &str = "filters are sent as an object, such as {\"NameFilter\": \"sales\"}";

/// The error of a body; where that was not JSON, without the place in the JSON that it was turned into.
fn refuse(error: Error, sent: Sent, what: &str) -> ProblemDetails {
    let detail = match (&error, sent) {
        _ if error.code() == "not-an-object" => what.to_owned(),
        (Error::Parse(parse), Sent::Xml | Sent::Form) => parse.kind().to_string(),
        _ => return error.into(),
    };
    ProblemDetails::new(error.status(), error.code(), detail)
}

/// The JSON text with what the server writes itself; 422 where it is longer than the limit.
fn stamped<const N: usize>(
    json: &[u8],
    stamps: [(&str, Option<Value>); N],
    limit: usize,
) -> Result<Vec<u8>, ProblemDetails> {
    let stamps = stamps
        .into_iter()
        .filter_map(|(name, value)| Some(json!({ "op": "add", "path": format!("/{name}"), "value": value? })));
    let patch = Value::from_iter(stamps).to_string();
    let json = patch_json(json, patch.as_bytes(), Format::JsonPatch, &Dialect::RFC)?;
    let too_large = || ProblemDetails::new(422, "entity-too-large", format!("a webhook may be {limit} bytes long"));
    if json.len() > limit { Err(too_large()) } else { Ok(json) }
}
