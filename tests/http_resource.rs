//! A resource for axum, asked over real HTTP on loopback: each row is a request and its answer.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, UNIX_EPOCH},
};

use axum::{Router, http::request::Parts};
use entity_patch::{
    Dialect, Entity, MemberWrite, Pointer, Policy, Violations,
    http::{
        ACCEPT_PATCH, ProblemDetails,
        axum::{MemoryStore, Resource, Store, Stored},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Serialize, Deserialize, Entity)]
struct User {
    #[entity(read_only, key)]
    id: u64,
    name: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    salary: Option<u32>,
    #[entity(hidden)]
    #[serde(default)]
    password: String,
}

const STORED: &str = r#"{"id":7,"name":"ada","tags":[],"salary":100,"password":"hush"}"#;
const SHOWN: &str = r#"{"id":7,"name":"ada","tags":[],"salary":100}"#;

/// Admins may do everything. Others neither change nor read a salary, and nobody is without a name.
struct Caller {
    is_admin: bool,
}

impl Policy<User> for Caller {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        self.is_admin || !write.is_within("/salary")
    }

    fn may_read(&self, path: &Pointer) -> bool {
        self.is_admin || !(path.as_str() == "/salary" || path.as_str() == "/tags/1")
    }

    fn validate(&self, _stored: &User, patched: &User) -> Result<(), Violations> {
        let mut violations = Violations::default();
        if patched.name.is_none() {
            violations.add("/name".parse().expect("a pointer"), "missing", "a user has a name");
        }
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

fn caller_of(parts: &Parts) -> Result<Caller, ProblemDetails> {
    match parts.headers.get("authorization").map(|value| value.as_bytes()) {
        Some(b"Bearer admin") => Ok(Caller { is_admin: true }),
        Some(b"Bearer user") => Ok(Caller { is_admin: false }),
        _ => {
            Err(ProblemDetails::new(401, "unauthorized", "a token is needed").with_header("www-authenticate", "Bearer"))
        }
    }
}

/// A store of dated users, which can lose races.
#[derive(Debug, Default)]
struct Users {
    stored: Mutex<HashMap<u64, Stored>>,
    swaps: AtomicUsize,
    /// How many swaps lose to somebody else, who changes the name.
    races: AtomicUsize,
    is_broken: bool,
}

/// A second of 2024, and a part of it.
const CHANGED: Duration = Duration::from_millis(1_704_067_200_900);
const CHANGED_TEXT: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
const BEFORE_TEXT: &str = "Sun, 31 Dec 2023 23:59:59 GMT";

impl Users {
    fn new(races: usize) -> Arc<Users> {
        let stored = Stored { json: STORED.into(), version: 1, last_modified: Some(UNIX_EPOCH + CHANGED) };
        let stored = Mutex::new(HashMap::from([(7, stored)]));
        Arc::new(Users { stored, races: races.into(), ..Users::default() })
    }

    fn current(&self) -> Stored {
        self.stored.lock().expect("no test panics with it")[&7].clone()
    }
}

impl Store for Users {
    type Key = u64;
    type Error = ProblemDetails;

    async fn get(&self, key: &u64) -> Result<Option<Stored>, ProblemDetails> {
        if self.is_broken {
            return Err(ProblemDetails::new(500, "storage-failed", "the store is away"));
        }
        Ok(self.stored.lock().expect("no test panics with it").get(key).cloned())
    }

    async fn swap(&self, key: &u64, version: u64, json: Vec<u8>) -> Result<Option<Stored>, ProblemDetails> {
        self.swaps.fetch_add(1, Ordering::SeqCst);
        let mut users = self.stored.lock().expect("no test panics with it");
        let Some(stored) = users.get_mut(key).filter(|stored| stored.version == version) else { return Ok(None) };
        let is_lost = self.races.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |races| races.checked_sub(1));
        if is_lost.is_ok() {
            let name = format!("other {version}");
            let mut value: Value = serde_json::from_slice(&stored.json).expect("it is JSON");
            value["name"] = name.into();
            *stored = Stored { json: value.to_string().into(), version: version + 1, ..stored.clone() };
            return Ok(None);
        }
        *stored = Stored { json, version: version + 1, last_modified: Some(UNIX_EPOCH + CHANGED) };
        Ok(Some(stored.clone()))
    }
}

/// Runs a server until the test ends.
fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("a listener can wait elsewhere");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, app).await.expect("it serves until the test ends");
        });
    });
    address
}

fn serve_users(
    users: &Arc<Users>,
    wrap: impl Fn(Resource<User, Arc<Users>>) -> Resource<User, Arc<Users>>,
) -> SocketAddr {
    let mut dialect = Dialect::RFC;
    dialect.limits.body_bytes = 200;
    let resource = Resource::new(Arc::clone(users), dialect);
    let router = Router::new().nest("/users", wrap(resource).router()).with_state("any state");
    serve(router)
}

/// An answer as it came over the wire.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn problem(&self) -> ProblemDetails {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: ProblemDetails = serde_json::from_str(&self.body).expect("problem details");
        assert_eq!(problem.status(), self.status, "{self:?}");
        problem
    }
}

/// One request on a connection of its own.
fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.expect("an answer has a status"),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
        body: body.to_owned(),
    }
}

const ALLOW: &str = "GET, HEAD, PUT, PATCH, OPTIONS";
const ADMIN: (&str, &str) = ("Authorization", "Bearer admin");
const USER: (&str, &str) = ("Authorization", "Bearer user");
const MERGE: (&str, &str) = ("Content-Type", "application/merge-patch+json");

#[test]
fn an_entity_is_read() {
    let address = serve_users(&Users::new(0), |resource| resource);
    let rows = [
        (&[][..], 200),
        (&[("Accept", "application/*;q=0.1")], 200),
        (&[("If-None-Match", "\"1\"")], 304),
        (&[("If-None-Match", "W/\"1\"")], 304),
        (&[("If-None-Match", "\"2\"")], 200),
        (&[("If-Modified-Since", CHANGED_TEXT)], 304),
        (&[("If-Modified-Since", BEFORE_TEXT)], 200),
        (&[("If-Modified-Since", CHANGED_TEXT), ("If-None-Match", "\"2\"")], 200),
        (&[("If-Match", "\"2\"")], 412),
        (&[("If-Unmodified-Since", BEFORE_TEXT)], 412),
        (&[("Accept", "text/html")], 406),
    ];
    for (headers, status) in rows {
        for method in ["GET", "HEAD"] {
            let answer = ask(address, method, "/users/7", headers, "");
            assert_eq!(answer.status, status, "{method} {headers:?}");
            let is_shown = matches!(status, 200 | 304);
            assert_eq!(answer.header("etag"), is_shown.then_some("\"1\""), "{headers:?}");
            assert_eq!(answer.header("last-modified"), is_shown.then_some(CHANGED_TEXT), "{headers:?}");
            assert_eq!(answer.header("cache-control"), is_shown.then_some("private, no-cache"), "{headers:?}");
            let body = if method == "GET" && status == 200 { SHOWN } else { "" };
            assert!(status > 304 || answer.body == body, "{method} {headers:?}: {}", answer.body);
            let length = SHOWN.len().to_string();
            assert!(status != 200 || answer.header("content-length") == Some(&length), "{answer:?}");
        }
    }
    for (method, path) in [("GET", "/users/8"), ("GET", "/users/x"), ("PATCH", "/users/-1"), ("BREW", "/users/9")] {
        assert_eq!(ask(address, method, path, &[], "{").problem().code(), "no-such-entity", "{path}");
    }
    let options = ask(address, "OPTIONS", "/users/7", &[], "");
    assert_eq!((options.status, options.header("allow")), (204, Some(ALLOW)));
    assert_eq!(options.header("accept-patch"), Some(ACCEPT_PATCH));
    for method in ["DELETE", "POST", "BREW"] {
        let answer = ask(address, method, "/users/7", &[("Accept", "text/html")], "");
        assert_eq!((answer.problem().code(), answer.header("allow")), ("method-not-allowed", Some(ALLOW)), "{method}");
    }
}

#[test]
fn checks_come_in_order() {
    let users = Users::new(0);
    let address = serve_users(&users, |resource| resource.policy(caller_of).require_preconditions());
    let long = " ".repeat(201);
    // Each request deserves the statuses of all the rows after it.
    type Row<'r> = (&'r str, &'r str, &'r [(&'r str, &'r str)], &'r str, u16, &'r str);
    let rows: [Row<'_>; 18] = [
        ("BREW", "/users/x", &[], "", 401, "unauthorized"),
        ("BREW", "/users/x", &[USER], "", 404, "no-such-entity"),
        ("BREW", "/users/8", &[USER], "", 404, "no-such-entity"),
        ("BREW", "/users/7", &[USER, ("Accept", "text/html")], "", 405, "method-not-allowed"),
        ("PATCH", "/users/7", &[USER, ("Accept", "a/b"), ("Content-Type", "a/b")], &long, 406, "not-acceptable"),
        ("PUT", "/users/7", &[USER, ("Accept", "a/b"), ("Content-Type", "a/b")], &long, 406, "not-acceptable"),
        (
            "PATCH",
            "/users/7",
            &[USER, ("Content-Type", "a/b"), ("If-Match", "\"0\"")],
            &long,
            415,
            "unsupported-media-type",
        ),
        ("PUT", "/users/7", &[USER, MERGE, ("If-Match", "\"0\"")], &long, 415, "unsupported-media-type"),
        ("PATCH", "/users/7", &[USER, ("If-Match", "\"0\"")], &long, 412, "precondition-failed"),
        ("PUT", "/users/7", &[USER, ("If-None-Match", "*")], &long, 412, "precondition-failed"),
        ("PATCH", "/users/7", &[USER], &long, 428, "precondition-required"),
        ("PUT", "/users/7", &[USER, ("If-Unmodified-Since", "today")], &long, 428, "precondition-required"),
        ("PATCH", "/users/7", &[USER, ("If-Match", "*")], &long, 413, "body-too-large"),
        ("PUT", "/users/7", &[USER, ("If-Match", "\"1\"")], "", 400, "missing-body"),
        ("PATCH", "/users/7", &[USER, ("If-Match", "\"1\""), MERGE], r#"{"id":8,"salary":1}"#, 422, "read-only"),
        ("PATCH", "/users/7", &[USER, ("If-Match", "\"1\""), MERGE], r#"{"salary":1}"#, 403, "forbidden-member"),
        ("PATCH", "/users/7", &[ADMIN, ("If-Match", "\"1\""), MERGE], r#"{"salary":"much"}"#, 422, "invalid-value"),
        ("PATCH", "/users/7", &[ADMIN, ("If-Match", "\"1\""), MERGE], r#"{"name":null}"#, 422, "invalid-entity"),
    ];
    for (method, path, headers, body, status, code) in rows {
        let answer = ask(address, method, path, headers, body);
        assert_eq!((answer.status, answer.problem().code()), (status, code), "{method} {path} {headers:?} {body}");
        let is_patch = method == "PATCH";
        assert_eq!(answer.header("www-authenticate"), (status == 401).then_some("Bearer"));
        assert_eq!(answer.header("accept-patch"), (status == 415 && is_patch).then_some(ACCEPT_PATCH));
        assert_eq!(answer.header("accept").is_some(), status == 415 && !is_patch);
    }
    // A PUT expects no patch.
    let missing = ask(address, "PUT", "/users/7", &[USER, ("If-Match", "*")], "").problem();
    assert_eq!(missing.expected(), Some("JSON"));
    let invalid = ask(address, "PATCH", "/users/7", &[ADMIN, ("If-Match", "*"), MERGE], r#"{"name":null}"#).problem();
    let errors: Vec<_> =
        invalid.errors().iter().map(|error| (error.path().as_str(), error.code(), error.detail())).collect();
    assert_eq!(errors, [("/name", "missing", "a user has a name")]);
    let expected = ask(address, "PATCH", "/users/7", &[ADMIN, ("If-Match", "*"), MERGE], r#"{"salary":-1}"#).problem();
    assert_eq!((expected.path().map(Pointer::as_str), expected.expected().is_some()), (Some("/salary"), true));
    assert_eq!((users.current().version, users.swaps.load(Ordering::SeqCst)), (1, 0));
    let coded = ask(address, "PATCH", "/users/7", &[ADMIN, ("Content-Encoding", "gzip")], "{}");
    assert_eq!((coded.status, coded.header("accept-encoding")), (415, Some("identity")));
}

#[test]
fn an_entity_is_changed() {
    let users = Users::new(0);
    let address = serve_users(&users, |resource| resource);
    let minimal = ("Prefer", "return=minimal, handling=lenient");
    // The request, and the answer: status, tag, body, and the stored version.
    type Row<'r> = (&'r str, &'r [(&'r str, &'r str)], &'r str, u16, Option<&'r str>, &'r str, u64);
    let rows: [Row<'_>; 10] = [
        // Nothing changes, and nothing is written.
        ("PATCH", &[MERGE], r#"{"name":"ada"}"#, 200, Some("\"1\""), SHOWN, 1),
        ("PUT", &[], STORED.split_at(STORED.len() - 1).0, 400, None, "", 1),
        ("PUT", &[], SHOWN, 200, Some("\"1\""), SHOWN, 1),
        (
            "PATCH",
            &[MERGE],
            r#"{"name":"eva"}"#,
            200,
            Some("\"2\""),
            r#"{"id":7,"name":"eva","tags":[],"salary":100}"#,
            2,
        ),
        ("PATCH", &[("If-Match", "\"1\"")], r#"[{"op":"add","path":"/tags/-","value":"x"}]"#, 412, None, "", 2),
        (
            "PATCH",
            &[("If-Match", "\"2\""), ("If-Unmodified-Since", BEFORE_TEXT)],
            r#"[{"op":"add","path":"/tags/-","value":"x"}]"#,
            200,
            Some("\"3\""),
            r#"{"id":7,"name":"eva","tags":["x"],"salary":100}"#,
            3,
        ),
        ("PATCH", &[minimal], r#"{"name":"ida","nmae":1}"#, 204, Some("\"4\""), "", 4),
        ("PATCH", &[], r#"{"password":"guess"}"#, 422, None, "", 4),
        // RFC 9110 section 9.3.4: what is stored is not what was sent.
        ("PUT", &[], r#"{"name":"ada"}"#, 200, None, r#"{"id":7,"name":"ada","tags":[],"salary":null}"#, 5),
        ("PUT", &[minimal], r#"{"id":7,"name":"eva","tags":["a","b"],"salary":null}"#, 204, Some("\"6\""), "", 6),
    ];
    for (method, headers, body, status, tag, shown, version) in rows {
        let answer = ask(address, method, "/users/7", headers, body);
        assert_eq!((answer.status, answer.header("etag")), (status, tag), "{method} {body}: {answer:?}");
        assert!(status >= 400 || answer.body == shown, "{method} {body}: {}", answer.body);
        let applied = (status == 204).then_some("return=minimal, handling=lenient");
        assert_eq!(answer.header("preference-applied"), applied, "{method} {body}");
        assert_eq!(users.current().version, version, "{method} {body}");
    }
    assert_eq!(users.swaps.load(Ordering::SeqCst), 5);
    let stored: Value = serde_json::from_slice(&users.current().json).expect("it is JSON");
    assert_eq!(stored, json!({"id": 7, "name": "eva", "tags": ["a", "b"], "salary": null, "password": "hush"}));
}

#[test]
fn a_caller_sees_what_the_policy_lets_it_read() {
    let users = Users::new(0);
    let address = serve_users(&users, |resource| resource.policy(caller_of));
    let body = r#"{"tags":["a","b","c"]}"#;
    let changed = ask(address, "PATCH", "/users/7", &[USER, MERGE], body);
    assert_eq!(changed.body, r#"{"id":7,"name":"ada","tags":["a","c"]}"#);
    assert_eq!(ask(address, "GET", "/users/7", &[USER], "").body, changed.body);
    assert_eq!(
        ask(address, "GET", "/users/7", &[ADMIN], "").body,
        r#"{"id":7,"name":"ada","tags":["a","b","c"],"salary":100}"#
    );
}

#[test]
fn a_lost_race_is_run_again_and_given_up_in_the_end() {
    for (races, status, swaps, name) in [(1, 200, 2, "other 1"), (31, 200, 32, "other 31"), (32, 503, 32, "other 32")] {
        let users = Users::new(races);
        let address = serve_users(&users, |resource| resource);
        let answer = ask(address, "PATCH", "/users/7", &[MERGE], r#"{"salary":5}"#);
        assert_eq!((answer.status, users.swaps.load(Ordering::SeqCst)), (status, swaps), "{races}");
        let stored: User = serde_json::from_slice(&users.current().json).expect("a user");
        assert_eq!((stored.name.as_deref(), stored.salary), (Some(name), Some(if status == 200 { 5 } else { 100 })));
        if status == 503 {
            assert_eq!((answer.problem().code(), answer.header("retry-after")), ("too-busy", Some("1")));
        }
    }
    // Whoever names a version loses to the one who was faster.
    let users = Users::new(1);
    let address = serve_users(&users, |resource| resource);
    let answer = ask(address, "PATCH", "/users/7", &[MERGE, ("If-Match", "\"1\"")], r#"{"salary":5}"#);
    assert_eq!((answer.status, users.swaps.load(Ordering::SeqCst)), (412, 1));
}

/// Eight clients add ten tags each to one entity at the same time, and none is lost.
#[test]
fn no_update_is_lost() {
    let address =
        serve(Router::new().nest(
            "/users",
            Resource::<User, _>::new(MemoryStore::from([(7_u64, STORED.into())]), Dialect::RFC).router(),
        ));
    let clients: Vec<_> = (0..8)
        .map(|client| {
            thread::spawn(move || {
                for round in 0..10 {
                    let body = format!(r#"[{{"op":"add","path":"/tags/-","value":"{client}-{round}"}}]"#);
                    // The others write 70 times, and a request is given up after 32.
                    let is_done = (0..3).any(|_| ask(address, "PATCH", "/users/7", &[], &body).status == 200);
                    assert!(is_done, "{body}");
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().expect("a client ends"));
    let user: User = serde_json::from_str::<Value>(&ask(address, "GET", "/users/7", &[], "").body)
        .and_then(serde_json::from_value)
        .expect("a user");
    let mut tags = user.tags;
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 80);
}

/// Of eight clients that name one version, one wins.
#[test]
fn of_racing_writes_one_wins() {
    let store = MemoryStore::from([(7_u64, STORED.into())]);
    let address = serve(Router::new().nest("/users", Resource::<User, _>::new(store, Dialect::RFC).router()));
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let body = format!(r#"{{"name":"{client}"}}"#);
            thread::spawn(move || ask(address, "PATCH", "/users/7", &[("If-Match", "\"1\"")], &body).status)
        })
        .collect();
    let mut statuses: Vec<u16> = clients.into_iter().map(|client| client.join().expect("a client ends")).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[test]
fn the_stores_own_errors_are_answered() {
    let mut users = Users::new(0);
    Arc::get_mut(&mut users).expect("nobody shares it yet").is_broken = true;
    let address = serve_users(&users, |resource| resource);
    let problem = ask(address, "GET", "/users/7", &[], "").problem();
    assert_eq!((problem.status(), problem.code()), (500, "storage-failed"));
    // A stored text that is not an entity is the server's fault, too.
    let store = MemoryStore::from([(7_u64, b"[]".to_vec())]);
    let resource = Resource::<User, _>::new(store, Dialect::RFC);
    let stored = Stored { json: b"hush".to_vec(), version: 1, last_modified: None };
    for shown in [format!("{resource:?}"), format!("{stored:?}"), format!("{:?}", MemoryStore::from([(7, vec![91])]))] {
        assert!(!["hush", "[91]", "104, 117"].iter().any(|body| shown.contains(body)), "{shown}");
    }
    let address = serve(Router::new().nest("/users", resource.router()));
    for (method, body) in [("GET", ""), ("PATCH", "{}"), ("PUT", "{}")] {
        assert_eq!(ask(address, method, "/users/7", &[], body).problem().code(), "malformed-target", "{method}");
    }
    // So is a key that cannot hold what the route has.
    let store = MemoryStore::from([(7_u64, STORED.into())]);
    let routes = Resource::<User, _>::new(store, Dialect::RFC).router();
    let address = serve(Router::new().nest("/{tenant}/users", routes));
    assert_eq!(ask(address, "GET", "/a/users/7", &[], "").problem().code(), "unreadable-key");
}
