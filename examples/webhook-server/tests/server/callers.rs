//! Users, their passwords and their tokens.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    harness::{Answer, Kind, Place, Server, on_both},
    rows::{RENAME, webhook},
};

/// As `htpasswd -nbB tje TjeSecret1` wrote it, and what this server needs after it.
const TJE: &str = "tje:$2y$05$3JoU55esGZX0g1aLCi2ozOi/Ap0kq6jZ1KxFZ5jzRiy9MoZavCwMi:7:Terje Example";
const SAVE: &str = "/api/v1/Agents/Webhook/SaveWebhook";

on_both!(writes_are_stamped_with_who_made_them);

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn server(kind: Kind) -> Server {
    let place = Place::new(kind);
    let ann = format!("ann:{}:8:Ann Ex: Ample", bcrypt::hash("pass:word \u{e9}", 5).unwrap());
    std::fs::write(place.directory.path().join("users"), format!("# users\n{TJE}\n\n{ann}\n")).unwrap();
    std::fs::write(place.directory.path().join("tokens"), "correct-horse tje\n7T:abc ann\n").unwrap();
    Server::start_in(place, &["--users", "users", "--token-file", "tokens"])
}

fn writes_are_stamped_with_who_made_them(kind: Kind) {
    let server = server(kind);
    let tje = json!({ "AssociateId": 7, "Name": "tje", "FullName": "Terje Example" });
    let ann = json!({ "AssociateId": 8, "Name": "ann", "FullName": "Ann Ex: Ample" });
    let send = |method: &str, path: &str, authorization: &str, body: &str| -> Answer {
        let answer = server.send(method, path, &[("Authorization", authorization)], body.as_bytes());
        assert!(matches!(answer.status, 200 | 201), "{method} {authorization}: {}", answer.text());
        answer
    };
    let who =
        |answer: Answer| [&answer.json()["RegisteredAssociate"], &answer.json()["UpdatedAssociate"]].map(Value::clone);

    let created = send("POST", SAVE, &basic("tje", "TjeSecret1"), r#"{"UpdatedAssociate":{"Name":"x"}}"#);
    assert_eq!(who(created), [tje.clone(), tje.clone()]);
    let path = "/api/v1/Webhook/1";
    assert_eq!(who(send("PATCH", path, "SoTicket 7T:abc", RENAME)), [tje.clone(), ann.clone()]);
    assert_eq!(who(send("PUT", path, "Bearer correct-horse", "{}")), [tje.clone(), tje.clone()]);
    assert_eq!(who(send("PUT", path, &basic("ann", "pass:word \u{e9}"), RENAME)), [tje.clone(), ann.clone()]);
    // What changes nothing is not a write of theirs.
    assert_eq!(who(send("PATCH", path, &basic("tje", "TjeSecret1"), RENAME)), [tje.clone(), ann.clone()]);
    assert_eq!(who(send("POST", SAVE, "soticket 7T:abc", r#"{"WebhookId":1}"#)), [tje, ann.clone()]);
    assert_eq!(who(send("POST", "/api/v1/Webhook", "bearer 7T:abc", "{}")), [ann.clone(), ann]);
}

#[test]
fn whoever_is_not_known_is_told_all_schemes() {
    let server = server(Kind::Sqlite);
    server.insert(&webhook(1), 7);
    let rows = [
        (basic("tje", "TjeSecret1"), 200),
        ("Bearer correct-horse".to_owned(), 200),
        ("SOTICKET 7T:abc".to_owned(), 200),
        (basic("tje", "TjeSecret2"), 401),
        (basic("tje", ""), 401),
        (basic("ann", "TjeSecret1"), 401),
        (basic("TJE", "TjeSecret1"), 401),
        (basic("nobody", "TjeSecret1"), 401),
        // bcrypt repeats a password to the length of its key, with a NUL between.
        (basic("tje", "TjeSecret1\0TjeSecret1"), 401),
        (basic("tje", "TjeSecret1\n"), 401),
        (basic("tje\0", "TjeSecret1"), 401),
        (format!("Basic {}", STANDARD.encode(b"tje")), 401),
        (format!("Basic {}", STANDARD.encode(b"tje:\xff")), 401),
        (basic("tje", "TjeSecret1").trim_end_matches('=').to_owned(), 401),
        ("Basic !".to_owned(), 401),
        ("Basic".to_owned(), 401),
        ("Bearer 7T:ab".to_owned(), 401),
        ("Digest correct-horse".to_owned(), 401),
        (String::new(), 401),
    ];
    for (authorization, status) in rows {
        let answer = server.send("GET", "/api/v1/Webhook/1", &[("Authorization", &authorization)], b"");
        assert_eq!(answer.status, status, "{authorization}");
        let schemes = (status == 401).then_some("Basic realm=\"webhooks\", charset=\"UTF-8\", Bearer, SoTicket");
        assert_eq!(answer.header("www-authenticate"), schemes, "{authorization}");
    }
    let log = server.log();
    assert!(!["tje", "TjeSecret", "horse", "7T:abc"].iter().any(|secret| log.contains(secret)), "{log}");
    // The page and the description hold nothing that is stored.
    for path in ["/", "/openapi.json"] {
        assert_eq!(server.send("GET", path, &[], b"").status, 200, "{path}");
    }
}

/// The least of several times is the one that nothing else disturbed. They are taken in turns, so that what disturbs
/// disturbs all of them, and on a busy machine more than once.
#[test]
fn a_wrong_name_costs_what_a_wrong_password_costs() {
    let server = server(Kind::Sqlite);
    let requests = [basic("nobody", "TjeSecret1"), basic("tje", "wrong"), "Bearer wrong".to_owned()];
    let mut least = [Duration::MAX; 3];
    for round in 1.. {
        for _ in 0..15 {
            for (least, authorization) in least.iter_mut().zip(&requests) {
                let start = Instant::now();
                let answer = server.send("GET", "/api/v1/Webhook/1", &[("Authorization", authorization)], b"");
                assert_eq!(answer.status, 401);
                *least = start.elapsed().min(*least);
            }
        }
        let [name, password, none] = least.map(|time| time.as_secs_f64());
        // The password is what costs.
        if (0.8..1.25).contains(&(name / password)) && none * 2.0 < password {
            break;
        }
        assert!(round < 10, "{least:?}");
    }
}

#[test]
fn users_that_cannot_be_are_refused() {
    let hash = |cost: u32| bcrypt::hash("secret", cost).unwrap();
    let (four, five) = (hash(4), hash(5));
    let rows: [(String, &str, &str); 10] = [
        (String::new(), "", "there is no user in it"),
        ("ann:secret:1:Ann".to_owned(), "", "a line has to be a name"),
        (format!("ann:{four}"), "", "a line has to be a name"),
        (format!("ann:{four}:x:Ann"), "", "a line has to be a name"),
        (format!(":{four}:1:Ann"), "", "a line has to be a name"),
        (format!("ann:{four}:1:Ann\nbob:{five}:2:Bob"), "", "all hashes need the same cost"),
        (format!("ann:{four}:1:Ann\nann:{four}:2:Ann"), "", "a user is in it twice"),
        (format!("ann:{four}:1:Ann"), "secret ann\nsecret ann", "a token is in it twice"),
        (format!("ann:{four}:1:Ann"), "secret bob", "one of --users may follow"),
        (format!("ann:{four}:1:Ann"), "secret", "each token needs the name of its user"),
    ];
    for (users, tokens, expected) in rows {
        let directory = Arc::new(TempDir::new().unwrap());
        std::fs::write(directory.path().join("users"), &users).unwrap();
        std::fs::write(directory.path().join("tokens"), tokens).unwrap();
        let options: &[&str] = match tokens {
            "" => &["--users", "users"],
            _ => &["--users", "users", "--token-file", "tokens"],
        };
        let output = crate::harness::command(directory.path(), options).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{users}: {said}");
        assert!(said.contains(expected) && !said.contains("secret"), "{users}: {said}");
    }
}
