//! What slow, silent and many clients, and a full disk, cannot do.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use entity_patch::superoffice::Webhook;
use serde_json::json;

use crate::{
    cluster,
    harness::{Kind, PATIENCE, Place, Server, command, on_both, wait},
    rows::{RENAME, webhook},
};

on_both!(reads_do_not_wait_for_writes);

/// The program, started by a shell that first runs something.
fn after(first: &str, place: &Place, options: &[&str]) -> Server {
    let options = [&["--listen", "127.0.0.1:0"], options].concat();
    let program = command(place.directory.path(), &options);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{first}; exec \"$@\""), "sh"]).arg(program.get_program()).args(program.get_args());
    shell.current_dir(place.directory.path()).stdin(Stdio::null());
    Server::run(shell, place.clone())
}

#[cfg(unix)]
#[test]
fn half_sent_requests_keep_nobody_out() {
    // More than it can have open.
    let server = after("ulimit -n 100", &Place::new(Kind::Sqlite), &["--header-timeout", "1"]);
    server.insert(&webhook(1), 7);
    let half_sent: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            let _ = stream.write_all(b"GET /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nX-Half");
            stream
        })
        .collect();
    let start = Instant::now();
    assert_eq!(server.send("GET", "/api/v1/Webhook/1", &[], b"").status, 200);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // The server has ended the first ones.
    for mut stream in half_sent.into_iter().take(50) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        assert!(read.is_ok() || read.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset));
    }
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let server = Server::start(&["--body-timeout", "0.5"]);
    server.insert(&webhook(1), 7);
    for method in ["PATCH", "PUT"] {
        let head = format!(
            "{method} /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{{"
        );
        let answer = server.send_raw(head.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("SoTimeoutException"), "{answer}");
    }
}

/// An answer is too long to wait in the buffers of the connection.
#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    const WEBHOOKS: i32 = 30;
    const LENGTH: usize = 1 << 20;

    let place = Place::new(Kind::Sqlite);
    let server = Server::start_in(place.clone(), &["--header-timeout", "0.5"]);
    for id in 1..=WEBHOOKS {
        server.insert(&Webhook { webhook_id: id, secret: Some("x".repeat(LENGTH)), ..Webhook::default() }, 1);
    }
    let ask = |server: &Server| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = "POST /api/v1/Agents/Webhook/GetAllWebhooks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                       Content-Length: 2\r\n\r\n{}";
        stream.write_all(request.as_bytes()).unwrap();
        // The answer has begun.
        assert_eq!(stream.peek(&mut [0]).unwrap(), 1);
        stream
    };
    let mut stream = ask(&server);
    thread::sleep(Duration::from_secs(4));
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read);
    assert!(read.starts_with(b"HTTP/1.1 200 ") && read.len() < WEBHOOKS as usize * LENGTH, "{} bytes", read.len());
    // Who reads gets all of it, though it takes longer than that.
    let server = Server::start_in(place, &["--header-timeout", "2"]);
    let mut stream = ask(&server);
    let (mut length, mut piece) = (0, vec![0; LENGTH]);
    let start = Instant::now();
    while let count @ 1.. = stream.read(&mut piece).unwrap() {
        length += count;
        thread::sleep(Duration::from_millis(100));
    }
    assert!(length > WEBHOOKS as usize * LENGTH, "{length} bytes");
    assert!(start.elapsed() > Duration::from_secs(2), "it was read at once");
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let place = Place::new(Kind::Sqlite);
    let read = Server::start_in(place.clone(), &[]);
    read.insert(&webhook(1), 7);
    let mut unread = command(place.directory.path(), &["--listen", "127.0.0.1:0"]);
    let mut unread = unread.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 64];
    let length = unread.stdout.as_mut().unwrap().read(&mut line).unwrap();
    let address = String::from_utf8_lossy(&line[..length]).trim().rsplit('/').next().unwrap().to_owned();
    // A pipe holds 64 KiB, and a line about 150 bytes.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = vec![0; 64 << 10];
    for number in 0..2000 {
        stream.write_all(b"HEAD /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let length = stream.read(&mut answer).unwrap();
        assert!(
            answer[..length].starts_with(b"HTTP/1.1 200 "),
            "{number}: {}",
            String::from_utf8_lossy(&answer[..length])
        );
    }
    #[cfg(unix)]
    {
        Command::new("kill").args(["-TERM", &unread.id().to_string()]).status().unwrap();
        assert_eq!(wait(&mut unread).code(), Some(0));
    }
    let _ = unread.kill();
}

fn reads_do_not_wait_for_writes(kind: Kind) {
    const WRITERS: usize = 600;

    let server = Server::on(kind, &[]);
    server.insert(&webhook(1), 7);
    // Another process holds the database, or the row.
    let (mut file, mut client);
    match &server.place().address {
        None => {
            file = rusqlite::Connection::open(server.file()).unwrap();
            file.execute_batch("BEGIN IMMEDIATE; UPDATE webhook SET version = version").unwrap();
            client = None;
        }
        Some(address) => {
            file = rusqlite::Connection::open_in_memory().unwrap();
            let mut held = cluster::connect(address);
            held.batch_execute("BEGIN; UPDATE webhook SET version = version").unwrap();
            client = Some(held);
        }
    }
    let request = format!(
        "PATCH /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{RENAME}",
        RENAME.len()
    );
    let mut writers: Vec<TcpStream> = (0..WRITERS)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_millis(300));
    for _ in 0..20 {
        let start = Instant::now();
        assert_eq!(server.send("GET", "/api/v1/Webhook/1", &[], b"").status, 200);
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
    match &mut client {
        None => file.execute_batch("ROLLBACK").unwrap(),
        Some(client) => client.batch_execute("ROLLBACK").unwrap(),
    }
    // Each is told what became of it; the name is the same for all, so that one write is enough.
    for writer in &mut writers {
        writer.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = String::new();
        writer.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], br#"{"Name":"after"}"#).status, 200);
    file = rusqlite::Connection::open_in_memory().unwrap();
    drop((file, client));
}

/// A database that is there and says nothing: its processes are stopped.
#[cfg(unix)]
#[test]
#[ignore = "needs PostgreSQL"]
fn a_database_that_says_nothing_keeps_nobody_waiting() {
    let server = Server::on(Kind::Postgres, &[]);
    server.insert(&webhook(1), 7);
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], RENAME.as_bytes()).status, 200);
    let mut client = cluster::connect(server.place().address.as_deref().unwrap());
    const PIDS: &str = "SELECT pid FROM pg_stat_activity WHERE application_name = 'webhook-server'
                        AND datname = current_database()";
    let pids: Vec<i32> = client.query(PIDS, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    let signal = |name: &str| {
        let pids = pids.iter().map(i32::to_string);
        assert!(Command::new("kill").arg(format!("-{name}")).args(pids).status().unwrap().success());
    };
    signal("STOP");
    let start = Instant::now();
    let read = server.send("GET", "/api/v1/Webhook/1", &[], b"");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    // The next one has a connection of its own to read by, and is told that nobody knows what became of its write.
    let written = server.send("PATCH", "/api/v1/Webhook/1", &[], br#"{"Name":"unknown"}"#);
    signal("CONT");
    assert_eq!((read.status, read.header("retry-after")), (503, Some("1")), "{}", read.text());
    assert_eq!(written.status, 500, "{}", written.text());
    assert!(written.text().contains("whether it was stored is not known"), "{}", written.text());
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], br#"{"Name":"known"}"#).json()["Name"], "known");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_grow_ends_no_server() {
    // In blocks of 512 bytes or of a kilobyte, as the shell counts.
    let server = after("ulimit -f 400", &Place::new(Kind::Sqlite), &[]);
    server.insert(&webhook(1), 7);
    let body = json!({ "Secret": "x".repeat(600_000) }).to_string();
    let refused = server.send("PATCH", "/api/v1/Webhook/1", &[], body.as_bytes());
    assert_eq!((refused.status, &refused.json()["code"]), (500, &json!("storage-failed")), "{}", refused.text());
    assert!(!refused.text().contains("xxx"));
    assert_eq!(server.send("GET", "/api/v1/Webhook/1", &[], b"").status, 200);
    assert_eq!(server.send("PATCH", "/api/v1/Webhook/1", &[], RENAME.as_bytes()).status, 200);
    assert_eq!(server.stored(1).unwrap().1, 8);
}

#[cfg(unix)]
#[test]
fn what_is_under_way_is_finished_before_it_stops() {
    let mut server = Server::start(&[]);
    server.insert(&webhook(1), 7);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let (first, rest) = RENAME.split_at(4);
    let head = "PATCH /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\n";
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{first}", RENAME.len()).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(&server.address).is_err(), "nobody else comes in");
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(server.ended().code(), Some(0));
    assert_eq!(server.stored(1).unwrap().1, 8);
}

#[cfg(unix)]
#[test]
fn a_request_that_never_ends_does_not_keep_it_from_stopping() {
    let mut server = Server::start(&["--grace", "0.5"]);
    server.insert(&webhook(1), 7);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(b"PATCH /api/v1/Webhook/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{").unwrap();
    thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn the_log_has_one_line_a_request_and_nothing_that_a_client_sent() {
    let server = Server::start(&["--log", "json"]);
    server.insert(&webhook(1), 7);
    let requests = [
        ("GET", "/api/v1/Webhook/1?$select=hush", "", 200, "ok", "webhook 1"),
        ("PATCH", "/api/v1/Webhook/1", r#"{"hush":1}"#, 422, "unknown-member", "webhook 1"),
        ("TRACE", "/hush", "", 404, "no-such-path", "-"),
        ("POST", "/api/v1/Agents/Webhook/SaveWebhook", r#"{"Name":"hush"}"#, 200, "ok", "SaveWebhook"),
    ];
    let mut ids = Vec::new();
    for (method, path, body, status, ..) in requests {
        let answer = server.send(method, path, &[("X-Hush", "hush"), ("User-Agent", "hush")], body.as_bytes());
        assert_eq!(answer.status, status);
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    let start = Instant::now();
    while server.log().lines().count() < requests.len() && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(10));
    }
    let log = server.log();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), requests.len(), "{log}");
    for ((method, _, _, status, code, target), (line, id)) in requests.iter().zip(lines.iter().zip(&ids)) {
        let method = if *method == "TRACE" { "-" } else { method };
        let expected = [json!(id), json!(method), json!(target), json!(status), json!(code)];
        let told = ["request", "method", "target", "status", "code"].map(|name| line[name].clone());
        assert_eq!(told, expected, "{line}");
        assert!(line["ms"].is_number() && line["timestamp"].is_string(), "{line}");
    }
    assert!(!log.contains("hush"), "{log}");
}
