//! No error shows a value, stored or sent: it may be the secret. Paths are shown.

use std::{collections::BTreeSet, error::Error, fmt::Debug, fs, path::Path};

use entity_patch::{
    Dialect, DiffOptions, Entity, Format, MemberWrite, PatchDocument, Pointer, Policy, UnknownMembers, Visible, apply,
    http::{self, PatchBody, ProblemDetails, Reply, RequestHead, Validators},
    merge, patch, patch_json, patch_stored, patch_stored_with, patch_with,
    superoffice::{Webhook, save},
    visible,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text and a number that occur in values only.
const MARKERS: [&str; 2] = ["marker", "918273645"];

const STORED: &str = r#"{"WebhookId":918273645,"Name":"marker","Events":["marker","marker"],"TargetUrl":"marker",
    "Secret":"marker","State":"Active","Type":"marker","Headers":{"X-Key":"marker","Y":"marker","y":"marker"},
    "Properties":{"a":"marker","b":{"c":918273645},"d":["marker"]},"Registered":"2021-01-15T18:25:51Z",
    "RegisteredAssociate":{"AssociateId":918273645,"Name":"marker"},"Updated":null,"UpdatedAssociate":null,
    "ErrorsEmail":"marker","Newer":"marker"}"#;

/// Stored texts that are malformed, or no webhook.
const MALFORMED: [&str; 16] = [
    r#""marker"#,
    r#"{"Secret":"marker"#,
    r#"{"Secret":"marker",}"#,
    r#"{"Secret":"marker" "x"}"#,
    r#"{"Secret":"marker\x"}"#,
    r#"{"Secret":"\ud800marker"}"#,
    r#"{"Secret":marker}"#,
    r#"{"Secret":918273645.}"#,
    r#"{"WebhookId":"marker","State":"Active"}"#,
    r#"{"WebhookId":1,"State":"marker"}"#,
    r#"{"WebhookId":1,"State":918273645}"#,
    r#"{"WebhookId":1,"State":"Active","Secret":918273645}"#,
    r#"{"WebhookId":1,"State":"Active","Headers":{"X":["marker"]}}"#,
    r#"{"WebhookId":1,"State":"Active","Registered":"marker"}"#,
    r#"{"WebhookId":1,"State":"Active","RegisteredAssociate":{"AssociateId":"marker"}}"#,
    r#"["marker",918273645]"#,
];

/// Bodies that fail, each in its own way, at one of the entry points or at all of them.
const BODIES: [&str; 47] = [
    "",
    r#""marker""#,
    r#"918273645"#,
    r#"{"Name":"marker"#,
    r#"{"Name":"marker",}"#,
    r#"{"Name":marker}"#,
    r#"{"Name":"marker\u12"}"#,
    r#"{"Name":918273645e999}"#,
    r#"{"Name":"marker","Name":"marker"}"#,
    r#"{"Name":{"a":"marker","A":"marker"}}"#,
    r#"["marker"]"#,
    r#"[918273645]"#,
    r#"[{"op":"marker","path":"/Name","value":"marker"}]"#,
    r#"[{"op":918273645,"path":"/Name"}]"#,
    r#"[{"op":"add","path":918273645,"value":"marker"}]"#,
    r#"[{"op":"add","path":"/Name","unknown":"marker"}]"#,
    r#"[{"op":"move","path":"/Name","from":["marker"]}]"#,
    r#"[{"op":"copy","path":"/Name","value":"marker"}]"#,
    r#"[{"op":"add","path":"/Name","value":"marker","value":"marker"}]"#,
    r#"[{"op":"add","path":"/~","value":"marker"}]"#,
    r#"[{"op":"test","path":"/Name","value":"marker2"}]"#,
    r#"[{"op":"test","path":"/Secret","value":918273645}]"#,
    r#"[{"op":"test","path":"","value":{"Secret":"marker"}}]"#,
    r#"[{"op":"test","path":"/Headers","value":{"X-Key":"marker"}}]"#,
    r#"[{"op":"replace","path":"/Nmae","value":"marker"}]"#,
    r#"[{"op":"replace","path":"/Properties/x","value":"marker"}]"#,
    r#"[{"op":"add","path":"/Events/3","value":"marker"}]"#,
    r#"[{"op":"add","path":"/Events/x","value":"marker"}]"#,
    r#"[{"op":"add","path":"/Name/x","value":"marker"}]"#,
    r#"[{"op":"replace","path":"/Headers/Y","value":918273645},{"op":"remove","path":""}]"#,
    r#"[{"op":"add","path":"/WebhookId","value":918273646},{"op":"remove","path":""}]"#,
    r#"[{"op":"replace","path":"/Name","value":{"x":"marker"}},{"op":"move","from":"/Properties","path":"/Properties/b"}]"#,
    r#"[{"op":"replace","path":"","value":"marker"}]"#,
    r#"[{"op":"replace","path":"","value":{"Secret":"marker"}}]"#,
    r#"[{"op":"replace","path":"/Name","value":918273645}]"#,
    r#"[{"op":"replace","path":"/State","value":"marker"}]"#,
    r#"[{"op":"replace","path":"/State","value":918273645}]"#,
    r#"[{"op":"replace","path":"/Headers/X-Key","value":["marker"]}]"#,
    r#"[{"op":"add","path":"/Events/-","value":918273645}]"#,
    r#"[{"op":"replace","path":"/RegisteredAssociate/Name","value":"marker2"}]"#,
    r#"[{"op":"replace","path":"/Newer","value":"marker2"}]"#,
    r#"[{"op":"copy","from":"/Secret","path":"/Nmae/x"}]"#,
    r#"{"WebhookId":918273646}"#,
    r#"{"Registered":"marker"}"#,
    r#"{"Secret":918273645,"Properties":"marker","Headers":["marker"]}"#,
    r#"{"Newer":"marker2","Nmae":"marker"}"#,
    r#"{"headers":{"X-KEY":{"x":"marker"}}}"#,
];

fn check_silent(what: &str, text: &str) {
    for marker in MARKERS {
        assert!(!text.contains(marker), "{what} shows a value: {text}");
    }
}

fn check_error(error: &(impl Error + 'static), body: &str) {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        for text in [format!("{error}"), format!("{error:#}"), format!("{error:?}"), format!("{error:#?}")] {
            check_silent(body, &text);
        }
        cause = error.source();
    }
}

/// Checks a failure, and notes its code.
fn check<T, E: Error + 'static>(
    result: Result<T, E>,
    code: fn(&E) -> &'static str,
    body: &str,
    codes: &mut BTreeSet<&'static str>,
) {
    if let Err(error) = result {
        check_error(&error, body);
        codes.insert(code(&error));
    }
}

#[test]
fn no_error_shows_a_value() {
    let webhook: Webhook = serde_json::from_str(STORED).expect("a webhook");
    let tree: Value = serde_json::from_str(STORED).expect("JSON");
    let mut codes = BTreeSet::new();
    let mut tight = Dialect::RFC;
    tight.limits.depth = 1;
    tight.limits.copied_bytes = 1;
    tight.limits.work = 0;
    let mut short = Dialect::SUPEROFFICE;
    short.limits.body_bytes = 40;
    let mut few = Dialect::RFC;
    few.limits.operations = 1;
    few.limits.pointer_bytes = 6;
    let mut ignoring = Dialect::SUPEROFFICE;
    ignoring.unknown_members = UnknownMembers::Ignore;
    for dialect in [Dialect::RFC, Dialect::SUPEROFFICE, ignoring, tight, short, few] {
        for format in [Format::JsonPatch, Format::MergePatch, Format::ByShape] {
            for body in BODIES {
                let bytes = body.as_bytes();
                check(patch_json(STORED.as_bytes(), bytes, format, &dialect), |error| error.code(), body, &mut codes);
                for stored in MALFORMED.iter().chain([&STORED]) {
                    let stored = stored.as_bytes();
                    check(patch_json(stored, bytes, format, &dialect), |error| error.code(), body, &mut codes);
                    let result = patch_stored::<Webhook>(stored, bytes, format, &dialect);
                    check(result, |error| error.code(), body, &mut codes);
                }
                let document = match PatchDocument::parse(bytes, format, &dialect) {
                    Ok(document) => document,
                    Err(error) => {
                        check(Err::<(), _>(error), |error| error.code(), body, &mut codes);
                        continue;
                    }
                };
                check(patch(&webhook, &document, &dialect), |error| error.code(), body, &mut codes);
                let mut tree = tree.clone();
                let result = match &document {
                    PatchDocument::JsonPatch(patch) => apply(&mut tree, patch, &dialect),
                    PatchDocument::MergePatch(patch) => merge(&mut tree, patch, &dialect),
                };
                check(result, |error| error.code(), body, &mut codes);
            }
        }
    }
    assert!(codes.len() >= 22, "the requests reach few codes: {codes:?}");
}

#[test]
fn no_entity_shows_its_secrets() {
    let stored = STORED.replace("\"Name\":\"marker\"", "\"Name\":\"shown\"");
    let mut webhook: Webhook = serde_json::from_str(&stored).expect("a webhook");
    // Only what the contract hides: the rest of an entity is not secret.
    let hide = |webhook: &mut Webhook| {
        webhook.webhook_id = 1;
        webhook.events = None;
        webhook.target_url = None;
        webhook.type_ = None;
        webhook.properties = None;
        webhook.registered_associate = None;
        webhook.errors_email = None;
    };
    hide(&mut webhook);
    webhook.undeclared.insert("secret".to_owned(), "marker".into());
    let body = br#"{"Name":"new","Headers":{"New":"marker"}}"#;
    let document = PatchDocument::parse(body, Format::ByShape, &Dialect::SUPEROFFICE).expect("a patch");
    let patched = patch(&webhook, &document, &Dialect::SUPEROFFICE).expect("patched");
    let stored = patch_stored::<Webhook>(STORED.as_bytes(), body, Format::ByShape, &Dialect::SUPEROFFICE);
    let stored = stored.expect("patched");
    let shown = format!(
        "PatchedJson {{ json: {} bytes, changed: [\"Name\", \"Headers\"], ignored: [], changes: 2 places }}",
        stored.json.len(),
    );
    assert_eq!(format!("{stored:?}"), shown, "not even the numbers of its bytes");
    let saved =
        save::<Webhook>(br#"{"Name":"shown","Secret":"marker","Headers":{"X-Key":"marker"}}"#, &Dialect::SUPEROFFICE);
    check_silent("Debug", &format!("{:?}", saved.expect("a new webhook")));
    let shown: [&dyn Debug; 3] = [&webhook, &patched.entity, &patched];
    for debug in shown {
        for text in [format!("{debug:?}"), format!("{debug:#?}")] {
            check_silent("Debug", &text);
            assert!(text.contains("X-Key"), "the names of headers are no secret: {text}");
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Account {
    #[entity(read_only, key)]
    id: u64,
    owner: String,
    level: u8,
    #[serde(default)]
    #[entity(nested)]
    address: Option<Address>,
    #[serde(default)]
    #[entity(nested, by = "id")]
    phones: Vec<Phone>,
    #[serde(default)]
    #[entity(nested)]
    notes: std::collections::BTreeMap<String, Note>,
    #[serde(default)]
    choice: Choice,
    #[serde(default)]
    #[entity(hidden)]
    password: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Address {
    street: String,
    #[serde(default)]
    #[entity(read_only)]
    checked: Option<String>,
    /// It has no default.
    #[entity(hidden)]
    place: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Phone {
    #[serde(default)]
    id: Option<String>,
    number: u32,
    #[serde(default)]
    #[entity(hidden)]
    code: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Entity)]
struct Note {
    text: String,
    #[serde(default)]
    #[entity(hidden)]
    author: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Choice {
    #[default]
    None,
    Some(u8),
}

const ACCOUNT: &str = r#"{"id":918273645,"owner":"marker","level":1,
    "address":{"street":"marker","checked":"marker","place":"marker"},
    "phones":[{"id":"marker","number":918273645,"code":918273645},{"number":1,"code":918273645}],
    "notes":{"n":{"text":"marker","author":"marker"}},"choice":{"Some":1},"password":"marker"}"#;

/// Each is refused, or skipped.
const REFUSED: [&str; 32] = [
    r#"{"id":918273646}"#,
    r#"{"owner":918273645}"#,
    r#"{"level":918273645}"#,
    r#"{"level":"marker"}"#,
    r#"{"address":{"checked":"marker2"}}"#,
    r#"{"address":{"place":"marker"}}"#,
    r#"{"address":{"street":918273645}}"#,
    r#"{"address":"marker"}"#,
    r#"{"address":["marker","marker","marker"]}"#,
    r#"{"phones":["marker"]}"#,
    r#"{"phones":[{"id":"marker","number":"marker"}]}"#,
    r#"{"phones":[{"id":"marker","number":1},{"id":"marker","number":2}]}"#,
    r#"{"phones":[{"id":918273645,"number":1}]}"#,
    r#"{"phones":[{"id":"marker","number":1,"code":918273645}]}"#,
    r#"{"phones":[{"id":"marker","number":1,"nope":918273645}]}"#,
    r#"{"notes":{"n":{"text":["marker"]}}}"#,
    r#"{"notes":{"n":{"author":"marker"}}}"#,
    r#"{"notes":{"m":{"text":null}}}"#,
    r#"{"notes":"marker"}"#,
    r#"{"choice":"marker"}"#,
    r#"{"choice":{"Some":918273645}}"#,
    r#"{"choice":{"marker":1}}"#,
    r#"{"password":"marker"}"#,
    r#"[{"op":"test","path":"/password","value":"marker"}]"#,
    r#"[{"op":"test","path":"/address","value":{"street":"marker2","checked":"marker"}}]"#,
    r#"[{"op":"test","path":"/phones/0/number","value":918273646}]"#,
    r#"[{"op":"copy","from":"/address/place","path":"/owner"}]"#,
    r#"[{"op":"copy","from":"/phones/0","path":"/phones/1"}]"#,
    r#"[{"op":"copy","from":"/phones","path":"/owner"}]"#,
    r#"[{"op":"move","from":"/address","path":"/notes/n"}]"#,
    r#"[{"op":"replace","path":"/address","value":null},{"op":"add","path":"/address","value":{"street":"a"}}]"#,
    r#"[{"op":"add","path":"/phones/-","value":{"id":"x","number":-918273645}}]"#,
];

struct Nothing;

impl Policy<Account> for Nothing {
    fn may_write(&self, write: &MemberWrite<'_>) -> bool {
        check_silent("a write", &format!("{write:?} {}", write.path()));
        false
    }

    fn may_read(&self, path: &Pointer) -> bool {
        check_silent("a path", path.as_str());
        !path.as_str().starts_with("/address")
    }
}

#[test]
fn no_error_of_a_nested_member_shows_a_value() {
    let entity: Account = serde_json::from_str(ACCOUNT).expect("an account");
    let stored = ACCOUNT.as_bytes();
    let mut codes = BTreeSet::new();
    let ignoring = |dialect: &Dialect| {
        let mut ignoring = dialect.clone();
        ignoring.unknown_members = UnknownMembers::Ignore;
        ignoring
    };
    let mut moving = Dialect::SUPEROFFICE;
    moving.move_and_copy = true;
    for dialect in [&Dialect::RFC, &moving, &ignoring(&Dialect::RFC), &ignoring(&moving)] {
        for body in REFUSED {
            let bytes = body.as_bytes();
            let result = patch_stored::<Account>(stored, bytes, Format::ByShape, dialect);
            let is_strict = dialect.unknown_members == UnknownMembers::Reject;
            assert!(result.is_err() || !is_strict || body.contains("\"phones\",\"path\""), "{body} is patched");
            check(result, |error| error.code(), body, &mut codes);
            let result = patch_stored_with::<Account>(stored, bytes, Format::ByShape, dialect, &Nothing);
            check(result, |error| error.code(), body, &mut codes);
            check(http::put::<Account>(stored, bytes, dialect), |error| error.code(), body, &mut codes);
            check(http::put_with::<Account>(stored, bytes, dialect, &Nothing), |error| error.code(), body, &mut codes);
            let document = PatchDocument::parse(bytes, Format::ByShape, dialect).expect("a body");
            check(patch(&entity, &document, dialect).map(drop), |error| error.code(), body, &mut codes);
            check(patch_with(&entity, &document, dialect, &Nothing).map(drop), |error| error.code(), body, &mut codes);
        }
    }
    let rows = ["read-only", "invalid-value", "unknown-member", "forbidden-member", "test-failed"];
    assert!(rows.iter().all(|code| codes.contains(code)), "the requests reach few codes: {codes:?}");
    let shown = visible::<Account>(stored).expect("an object");
    let shown = String::from_utf8(shown).expect("UTF-8");
    let hidden = ["password", "place", "code", "author"];
    assert!(hidden.iter().all(|name| !shown.contains(&format!("\"{name}\""))), "{shown}");
}

/// The types that hold an entity, a body or an answer show nothing of it, though `Debug` of the entity itself shows all.
/// What holds a patch shows its values, and problem details and violations what the server puts into them.
#[test]
fn debug_shows_no_value() {
    let entity: Account = serde_json::from_str(ACCOUNT).expect("an account");
    assert!(MARKERS.iter().all(|marker| format!("{entity:?}").contains(marker)));
    let head = || RequestHead::from_headers([("content-type", &b"application/merge-patch+json"[..])]);
    let body =
        PatchBody::new(head(), br#"{"level":2,"owner":"marker2","choice":{"Some":2}}"#.to_vec()).expect("a patch");
    let patched = body.apply::<Account>(ACCOUNT.as_bytes(), &Dialect::RFC).expect("it is patched");
    let reply = body.respond_json(patched.json.clone(), &Validators::of_version(1));
    let answer = Reply::json(ACCOUNT.as_bytes().to_vec());
    let refused = body.apply::<Account>(br#"["marker",918273645]"#, &Dialect::RFC).expect_err("no account is stored");
    let unread = read_error(r#"{"owner":"marker","level":"marker","id":918273645}"#);
    let problem = ProblemDetails::from(&unread);
    let (changes, table) = (patched.changes().expect("few"), Account::table());
    assert!(body.bytes().len() > 20 && !reply.body().is_empty());
    let shown: [&dyn Debug; 14] = [
        &Visible(&entity),
        &patched,
        &changes,
        &body,
        &head(),
        &reply,
        &answer,
        &refused,
        &unread,
        &problem,
        table,
        &table.rows(),
        &Dialect::RFC,
        &DiffOptions::default(),
    ];
    for debug in shown {
        for text in [format!("{debug:?}"), format!("{debug:#?}")] {
            check_silent("Debug", &text);
        }
    }
    #[cfg(feature = "axum")]
    {
        let store = http::axum::MemoryStore::from([(7_u64, ACCOUNT.as_bytes().to_vec())]);
        let stored = store.stored(&7).expect("it is there");
        let shown = format!("{stored:?} {store:?}");
        check_silent("Debug", &shown);
        check_silent("Debug", &format!("{:?}", http::axum::Resource::<Account, _>::new(store, Dialect::RFC)));
    }
}

/// The error for a stored text that is not an account, though a policy has to look at it.
fn read_error(stored: &str) -> entity_patch::Error {
    struct Everything;

    impl Policy<Account> for Everything {}

    let body = br#"{"choice":"None"}"#;
    let result = patch_stored_with::<Account>(stored.as_bytes(), body, Format::ByShape, &Dialect::RFC, &Everything);
    result.expect_err("it is not an account")
}

/// What `Debug` of each public type shows. A new type has to be put somewhere here, and be looked at above where it may
/// hold a value of an entity or of a body.
const SHOWN: [(&str, &[&str]); 5] = [
    (
        "it holds values, and the tests above look at what it shows",
        &[
            "Error",
            "MemberWrite",
            "MemoryStore",
            "Misfit",
            "ParseError",
            "PatchBody",
            "PatchError",
            "PatchRequest",
            "Patched",
            "PatchedJson",
            "ReadFault",
            "Reply",
            "Resource",
            "Save",
            "Stored",
            "TargetError",
            "TypeRefusal",
            "Visible",
            "Webhook",
            "Why",
        ],
    ),
    ("a patch, which whoever prints it wants to see", &["MergePatch", "Operation", "Patch", "PatchDocument"]),
    (
        "what the server's own code put there, and parts of a webhook that are no secret",
        &[
            "Associate",
            "DateTime",
            "Links",
            "NameOrNumber",
            "ProblemDetails",
            "Violation",
            "Violations",
            "WebhookState",
        ],
    ),
    (
        "paths, names and headers",
        &[
            "EntityTag",
            "HttpDate",
            "Pointer",
            "Preconditions",
            "Preferences",
            "RequestHead",
            "Selection",
            "Token",
            "Tokens",
            "Validators",
        ],
    ),
    (
        "nothing that a request or an entity has",
        &[
            "Access",
            "ArrayKey",
            "Arrays",
            "ByPosition",
            "Dialect",
            "DiffOptions",
            "Field",
            "Format",
            "Guard",
            "HandlingPreference",
            "Inside",
            "JsonPatchOf",
            "Limits",
            "ListItem",
            "MalformedOperation",
            "MergePatchOf",
            "Missing",
            "Outcome",
            "Output",
            "ParseDateTimeError",
            "ParseEntityTagError",
            "ParseErrorKind",
            "ParseHttpDateError",
            "ParsePointerError",
            "ParseWebhookStateError",
            "PatchErrorKind",
            "PreconditionError",
            "Probe",
            "Purpose",
            "Reader",
            "Reading",
            "Rest",
            "ReturnPreference",
            "Row",
            "Shape",
            "SyntaxError",
            "Table",
            "UnknownMembers",
            "UnreadBody",
            "UnsupportedMediaType",
        ],
    ),
];

#[test]
fn every_public_type_is_known_here() {
    let mut declared = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).expect("a source file");
            let names = text.lines().filter_map(|line| {
                let name = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
                name.split(|letter: char| !letter.is_alphanumeric()).next()
            });
            declared.extend(names.map(str::to_owned));
        }
    }
    let known: BTreeSet<String> = SHOWN.iter().flat_map(|(_, names)| *names).map(|name| name.to_string()).collect();
    assert_eq!(declared, known);
}
