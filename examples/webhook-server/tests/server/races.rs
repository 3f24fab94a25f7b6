//! Writers that meet, and a server that is killed: nothing that was acknowledged is lost.

use std::{collections::HashSet, sync::Barrier, thread};

use serde_json::Value;

use crate::{
    events::{WEBHOOK, add, add_at_once, add_while, events, insert_webhook, nothing_is_lost},
    harness::{Kind, Server, on_both},
};

on_both!(
    eight_clients_that_add_200_events_each_end_with_1600,
    of_two_writes_with_one_if_match_exactly_one_wins,
    a_write_that_never_gets_its_turn_is_asked_to_come_again,
    a_change_that_meets_a_newer_version_is_applied_to_that,
    a_change_of_nothing_does_not_write,
    a_killed_server_has_kept_what_it_acknowledged,
    webhooks_that_are_created_at_once_get_ids_of_their_own,
);

fn server_with_a_webhook(kind: Kind) -> Server {
    let server = Server::on(kind, &[]);
    insert_webhook(&server);
    server
}

fn eight_clients_that_add_200_events_each_end_with_1600(kind: Kind) {
    add_at_once(&[server_with_a_webhook(kind)], 8, 200);
}

fn of_two_writes_with_one_if_match_exactly_one_wins(kind: Kind) {
    const ROUNDS: usize = 40;

    let server = server_with_a_webhook(kind);
    let requests: [(&str, &[u8]); 3] = [
        ("PATCH", br#"{"Name":"left"}"#),
        ("PATCH", br#"[{"op":"add","path":"/Name","value":"right"}]"#),
        ("PUT", b"{}"),
    ];
    for round in 0..ROUNDS {
        let reset = server.send("PATCH", WEBHOOK, &[], format!(r#"{{"Name":"round {round}"}}"#).as_bytes());
        let tag = reset.header("etag").expect("it has one").to_owned();
        let (left, right) = (requests[round % 3], requests[(round + 1) % 3]);
        let start = Barrier::new(2);
        let statuses = thread::scope(|scope| {
            let race = |(method, body): (&'static str, &'static [u8])| {
                let (server, start, tag) = (&server, &start, &tag);
                scope.spawn(move || {
                    start.wait();
                    server.send(method, WEBHOOK, &[("If-Match", tag)], body).status
                })
            };
            let (left, right) = (race(left), race(right));
            [left.join().unwrap(), right.join().unwrap()]
        });
        assert!(matches!(statuses, [200, 412] | [412, 200]), "round {round}: {statuses:?}");
        let (_, version) = server.stored(1).unwrap();
        assert_eq!(tag, format!("\"{}\"", version - 1), "round {round}");
    }
}

fn a_write_that_never_gets_its_turn_is_asked_to_come_again(kind: Kind) {
    let server = server_with_a_webhook(kind);
    let before = server.stored(1).unwrap();
    // Each swap finds another version, as it were.
    server.execute(match kind {
        Kind::Sqlite => "CREATE TRIGGER busy BEFORE UPDATE ON webhook BEGIN SELECT RAISE(IGNORE); END",
        Kind::Postgres => {
            "CREATE FUNCTION busy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER busy BEFORE UPDATE ON webhook FOR EACH ROW EXECUTE FUNCTION busy()"
        }
    });
    for (method, body) in [("PATCH", &b"{\"Name\":\"new\"}"[..]), ("PUT", b"{\"Name\":\"new\"}")] {
        let answer = server.send(method, WEBHOOK, &[], body);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", answer.text());
        assert_eq!(answer.json()["ErrorType"], "SoUnavailableException");
    }
    assert_eq!(server.stored(1).unwrap(), before);
    assert_eq!(server.send("GET", WEBHOOK, &[], b"").status, 200);
    server.execute(match kind {
        Kind::Sqlite => "DROP TRIGGER busy",
        Kind::Postgres => "DROP TRIGGER busy ON webhook",
    });
    assert_eq!(server.send("PATCH", WEBHOOK, &[], br#"{"Name":"new"}"#).status, 200);
}

fn a_change_that_meets_a_newer_version_is_applied_to_that(kind: Kind) {
    let server = server_with_a_webhook(kind);
    // The first swap comes too late by one version: it loses, and meets the version that won.
    server.execute(match kind {
        Kind::Sqlite => {
            "CREATE TABLE late (times INTEGER); INSERT INTO late VALUES (1);
             CREATE TRIGGER late BEFORE UPDATE ON webhook WHEN (SELECT times FROM late) > 0 BEGIN
                 UPDATE late SET times = times - 1;
                 SELECT RAISE(IGNORE);
             END"
        }
        Kind::Postgres => {
            "CREATE TABLE late (times integer); INSERT INTO late VALUES (1);
             CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS '
                 BEGIN
                     UPDATE late SET times = times - 1 WHERE times > 0;
                     IF FOUND THEN RETURN NULL; END IF;
                     RETURN NEW;
                 END';
             CREATE TRIGGER late BEFORE UPDATE ON webhook FOR EACH ROW EXECUTE FUNCTION late()"
        }
    });
    let answer = server.send("PATCH", WEBHOOK, &[], &add("once"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(events(&server), ["once"]);
}

fn a_change_of_nothing_does_not_write(kind: Kind) {
    let server = server_with_a_webhook(kind);
    server.execute(match kind {
        Kind::Sqlite => "CREATE TRIGGER read_only BEFORE UPDATE ON webhook BEGIN SELECT RAISE(ABORT, 'written'); END",
        Kind::Postgres => {
            "CREATE FUNCTION read_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''written''; END';
             CREATE TRIGGER read_only BEFORE UPDATE ON webhook FOR EACH ROW EXECUTE FUNCTION read_only()"
        }
    });
    let nothing: [(&str, &[u8]); 4] = [
        ("PATCH", b"{}"),
        ("PATCH", b"[]"),
        ("PATCH", br#"{"state":1,"events":[]}"#),
        ("PUT", br#"{"Events":[],"WebhookId":1}"#),
    ];
    for (method, body) in nothing {
        let answer = server.send(method, WEBHOOK, &[], body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(server.send("PATCH", WEBHOOK, &[], &add("x")).status, 500, "the trigger works");
    assert!(!server.log().contains("written"));
}

fn a_killed_server_has_kept_what_it_acknowledged(kind: Kind) {
    const ROUNDS: usize = 3;
    const WRITERS: usize = 4;
    const ACKNOWLEDGED: usize = 150;

    let mut servers = [server_with_a_webhook(kind)];
    let (mut kept, mut unknown) = (HashSet::new(), HashSet::new());
    for round in 0..ROUNDS {
        let told = add_while(&servers, WRITERS, round, |wait_for| {
            wait_for(ACKNOWLEDGED);
            servers[0].signal("KILL");
        });
        servers[0].kill();
        kept.extend(told.0);
        unknown.extend(told.1);
        servers = [Server::start_in(servers[0].place(), &[])];
        assert_eq!(servers[0].integrity(), "ok");
        let stored = nothing_is_lost(&servers[0], &kept, &unknown);
        assert_eq!(servers[0].send("GET", WEBHOOK, &[], b"").json()["Events"], Value::from(stored));
    }
    assert!(kept.len() >= ROUNDS * ACKNOWLEDGED, "{}", kept.len());
    assert!(unknown.len() <= ROUNDS * WRITERS, "{}", unknown.len());
}

fn webhooks_that_are_created_at_once_get_ids_of_their_own(kind: Kind) {
    let server = Server::on(kind, &[]);
    let ids: Vec<Value> = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let server = &server;
                scope.spawn(move || {
                    let body = format!(r#"{{"Name":"{client}"}}"#);
                    let created = server.send("POST", "/api/v1/Agents/Webhook/SaveWebhook", &[], body.as_bytes());
                    assert_eq!((created.status, &created.json()["Name"]), (200, &Value::from(client.to_string())));
                    created.json()["WebhookId"].clone()
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let mut ids: Vec<i64> = ids.iter().filter_map(Value::as_i64).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
}
