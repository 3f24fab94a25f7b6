//! How the server starts and ends.

use std::{
    io::Read,
    process::{Child, Stdio},
    sync::Arc,
};

use tempfile::TempDir;
use webhook_server::storage::sqlite::Sqlite;

use crate::harness::{Place, Server, command, wait};

/// Starts a server that does not come up: how it ended, and what it said.
fn refused(options: &[&str]) -> (Option<i32>, String) {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("empty"), "\n").unwrap();
    std::fs::write(directory.path().join("two-words"), "top secret\n").unwrap();
    std::fs::write(directory.path().join("no-database"), "no database, but longer than a page header ".repeat(100))
        .unwrap();
    let mut child: Child =
        command(directory.path(), options).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let status = wait(&mut child);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.code(), said)
}

#[test]
fn what_cannot_work_is_refused() {
    let rows: [(&[&str], i32, &str); 15] = [
        (&["--listen", "0.0.0.0:0"], 2, "not a loopback address"),
        (&["--listen", "[::]:0"], 2, "not a loopback address"),
        (&["--listen", "192.0.2.1:0"], 2, "not a loopback address"),
        (&["--listen", "nonsense"], 2, "not an address with a port"),
        (&["--listen"], 2, "a value is required"),
        (&["--unknown-members", "maybe"], 2, "[possible values: reject, ignore]"),
        (&["--verbose"], 2, "Usage: webhook-server"),
        (&["--token-file", "missing"], 2, "'missing'"),
        (&["--token-file", "empty"], 2, "a token is one word"),
        (&["--token-file", "two-words"], 2, "a token is one word"),
        (&["--database", "no/such/directory/webhooks.db"], 1, "the database cannot be opened"),
        (&["--database", "no-database"], 1, "the database cannot be opened"),
        (&["--database", "mysql://ann:secret@127.0.0.1/x"], 1, "neither a file nor the address of a PostgreSQL"),
        (&["--database", "postgres://ann:secret@127.0.0.1:1/x"], 1, "cannot be opened: Connection refused"),
        (&["--database", "postgres://ann:secret@127.0.0.1:port/x"], 1, "its address cannot be read"),
    ];
    for (options, code, expected) in rows {
        let (status, said) = refused(options);
        assert_eq!(status, Some(code), "{options:?}: {said}");
        assert!(said.contains(expected), "{options:?}: {said}");
        assert!(!said.contains("secret"), "{options:?}: {said}");
    }
}

#[test]
fn a_port_that_is_taken_is_refused() {
    let server = Server::start(&[]);
    let (status, said) = refused(&["--listen", &server.address]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("it cannot listen"), "{said}");
}

#[test]
fn the_database_is_created_once_and_kept() {
    let server = Server::start(&[]);
    assert!(server.file().is_file());
    assert_eq!(server.journal_mode(), "wal");
    let created = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &[], br#"{"Name":"kept"}"#);
    assert_eq!(created.status, 200, "{}", created.text());
    let place = server.place();
    drop(server);
    let server = Server::start_in(place, &[]);
    assert_eq!(server.send("GET", "/api/v1/Webhook/1", &[], b"").json()["Name"], "kept");
}

#[cfg(unix)]
#[test]
fn the_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(&[]);
    assert_eq!(std::fs::metadata(server.file()).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn a_database_of_another_layout_is_refused() {
    let directory = Arc::new(TempDir::new().unwrap());
    let file = directory.path().join("newer.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let (status, said) = refused(&["--database", file.to_str().unwrap()]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("its layout is 2"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_cleanly() {
    for signal in ["INT", "TERM"] {
        let mut server = Server::start(&[]);
        let saved = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &[], br#"{"Name":"kept"}"#);
        assert_eq!(saved.status, 200);
        server.signal(signal);
        let status = server.ended();
        assert_eq!(status.code(), Some(0), "{signal}: {}", server.log());
        let log = server.file().with_extension("db-wal");
        assert!(!log.exists(), "{signal}: the log is not written back");
    }
}

#[test]
fn a_closed_database_has_its_log_written_back() {
    // Where connections are closed at the same time, each may leave the log to the other: a few rounds show that.
    const ROUNDS: usize = 100;

    let directory = TempDir::new().unwrap();
    for round in 0..ROUNDS {
        let file = directory.path().join(format!("{round}.db"));
        drop(Sqlite::open(&file).unwrap());
        assert!(!file.with_extension("db-wal").exists(), "round {round}");
    }
}

#[test]
fn with_a_token_every_request_needs_it() {
    let directory = Arc::new(TempDir::new().unwrap());
    std::fs::write(directory.path().join("token"), "correct-horse\n").unwrap();
    let server = Server::start_in(Place::in_directory(&directory), &["--token-file", "token"]);
    let rows: [(&[(&str, &str)], u16); 10] = [
        (&[("Authorization", "Bearer correct-horse")], 404),
        (&[("Authorization", "bearer  correct-horse")], 404),
        (&[], 401),
        (&[("Authorization", "Bearer correct-hors")], 401),
        (&[("Authorization", "Bearer correct-horse2")], 401),
        (&[("Authorization", "Bearer Correct-Horse")], 401),
        (&[("Authorization", "Bearer ")], 401),
        (&[("Authorization", "Basic correct-horse")], 401),
        (&[("Authorization", "correct-horse")], 401),
        (&[("Authorization", "Bearer correct-horse"), ("Authorization", "Bearer correct-horse")], 401),
    ];
    for (headers, status) in rows {
        for (method, path) in [("GET", "/api/v1/Webhook/1"), ("DELETE", "/elsewhere"), ("OPTIONS", "/api/v1/Webhook/1")]
        {
            let answer = server.send(method, path, headers, b"");
            assert_eq!(answer.status, status, "{method} {path} {headers:?}");
            let challenge = (status == 401).then_some("Bearer");
            assert_eq!(answer.header("www-authenticate"), challenge, "{method} {path} {headers:?}");
            if status == 401 {
                assert_eq!(answer.json()["ErrorType"], "SoUnauthorizedException");
            }
        }
    }
    assert!(!server.log().contains("horse"), "{}", server.log());
}

#[test]
fn beyond_loopback_it_listens_with_a_token() {
    let directory = Arc::new(TempDir::new().unwrap());
    std::fs::write(directory.path().join("token"), "correct-horse").unwrap();
    // The last option counts. Nothing is sent to the address but from here.
    let server = Server::start_in(Place::in_directory(&directory), &["--listen", "0.0.0.0:0", "--token-file", "token"]);
    assert!(server.address.starts_with("0.0.0.0:"), "{}", server.address);
}
