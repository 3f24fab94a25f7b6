//! The sample requests of the API's documents, sent unchanged.

use entity_patch::superoffice::Webhook;

use crate::harness::{Kind, Server, names, on_both};

/// A sample of a document: its request line, its headers and its body.
struct Sample {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sample {
    /// The body is what follows from the first line that begins with a bracket: not every document has a blank line
    /// before it.
    fn read(text: &str) -> Sample {
        let is_body = |line: &&str| line.starts_with(['[', '{']);
        let mut lines = text.lines().take_while(|line| !is_body(line));
        let (method, path) = lines.next().and_then(|line| line.split_once(' ')).expect("a request line");
        let headers = lines.filter_map(|line| line.split_once(": "));
        let body: Vec<&str> = text.lines().skip_while(|line| !is_body(line)).collect();
        Sample {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.join("\n"),
        }
    }
}

/// The documented status and the documented members of a sample response.
fn documented(text: &str) -> (u16, Vec<String>) {
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    let start = text.find('{').expect("a body");
    (status, names(&text[start..]))
}

/// Sends a sample to a server that has a webhook of this id and version 3. The two documents that are older do not
/// document `ErrorsEmail`.
#[track_caller]
fn check(kind: Kind, request: &str, response: &str, id: i32, options: &[&str]) {
    let server = Server::on(kind, options);
    let updated = Some("2011-01-01T00:00:00Z".parse().unwrap());
    server.insert(&Webhook { webhook_id: id, updated, ..Webhook::default() }, 3);
    let sample = Sample::read(request);
    let path = sample.path.replace("{id}", &id.to_string());
    let headers: Vec<(&str, &str)> =
        sample.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = server.send(&sample.method, &path, &headers, sample.body.as_bytes());

    let (status, mut expected) = documented(response);
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    if !expected.iter().any(|name| name == "ErrorsEmail") {
        let place = expected.iter().position(|name| name == "UpdatedAssociate").expect("it is documented");
        expected.insert(place + 1, "ErrorsEmail".to_owned());
    }
    assert_eq!(names(answer.text()), expected);
    assert_eq!(answer.json()["WebhookId"], id);
    if sample.method == "PATCH" {
        assert_eq!(server.stored(id).unwrap().1, 3, "the sample writes nothing that is declared");
    } else {
        let sent: serde_json::Value = serde_json::from_str(&sample.body).unwrap();
        for name in ["Name", "Events", "TargetUrl", "Secret", "State", "Type", "Headers", "Properties"] {
            assert_eq!(answer.json()[name], sent[name], "{name}");
        }
        assert_ne!(answer.json()["Updated"], sent["Updated"], "the server stamps it");
        assert_eq!(answer.json()["Registered"], serde_json::Value::Null, "a client cannot write it");
        assert_eq!(server.stored(id).unwrap().1, 4);
    }
}

macro_rules! samples {
    ($($name:ident: $file:literal, $id:literal, $options:expr;)+) => {
        $(
            fn $name(kind: Kind) {
                check(
                    kind,
                    include_str!(concat!("../samples/", $file, ".request.http")),
                    include_str!(concat!("../samples/", $file, ".response.http")),
                    $id,
                    &$options,
                );
            }
        )+

        on_both!($($name),+);
    };
}

samples! {
    put_of_document_0: "000-put", 31, [];
    patch_of_document_1: "001-patch", 555, ["--unknown-members", "ignore"];
    save_of_document_2: "002-save", 419, [];
    patch_of_document_3: "003-patch", 109, ["--unknown-members", "ignore"];
    save_of_document_4: "004-save", 541, [];
}
