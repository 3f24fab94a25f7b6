//! Several servers on one PostgreSQL.

use std::{
    collections::HashSet,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use entity_patch::superoffice::Webhook;

use crate::{
    cluster::Cluster,
    harness::{Kind, PATIENCE, Place, Server},
};

const WEBHOOK: &str = "/api/v1/Webhook/1";
const SERVERS: usize = 3;
const CLIENTS: usize = 24;

fn servers(place: &Place) -> Vec<Server> {
    // All at once: each may find no table.
    let servers: Vec<Server> = thread::scope(|scope| {
        let starting: Vec<_> = (0..SERVERS).map(|_| scope.spawn(|| Server::start_in(place.clone(), &[]))).collect();
        starting.into_iter().map(|server| server.join().unwrap()).collect()
    });
    place.insert(&Webhook { webhook_id: 1, events: Some(Vec::new()), ..Webhook::default() }, 1);
    servers
}

fn add(event: &str) -> Vec<u8> {
    format!(r#"[{{"op":"add","path":"/Events/-","value":"{event}"}}]"#).into_bytes()
}

fn events(place: &Place) -> Vec<String> {
    let (json, version) = place.stored(1).expect("it is stored");
    let events = serde_json::from_str::<Webhook>(&json).expect("it is a webhook").events.expect("it has events");
    assert_eq!(version, 1 + events.len() as i64, "each write is one version");
    events
}

#[test]
#[ignore = "needs PostgreSQL"]
fn twenty_four_clients_that_add_100_events_each_end_with_2400() {
    const EVENTS: usize = 100;

    let place = Place::new(Kind::Postgres);
    let servers = servers(&place);
    let sent_again = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, sent_again) = (&servers[client % SERVERS], &sent_again);
            scope.spawn(move || {
                for event in 0..EVENTS {
                    let body = add(&format!("{client}.{event}"));
                    loop {
                        let answer = server.send("PATCH", WEBHOOK, &[("Prefer", "return=minimal")], &body);
                        match answer.status {
                            204 => break,
                            // Not written: the client is asked to come again.
                            503 => assert!(sent_again.fetch_add(1, Ordering::Relaxed) < CLIENTS * EVENTS),
                            _ => panic!("{}: {}", answer.status, answer.text()),
                        }
                    }
                }
            });
        }
    });
    let events = events(&place);
    assert_eq!(events.len(), CLIENTS * EVENTS);
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), CLIENTS * EVENTS);
    for client in 0..CLIENTS {
        let own = events.iter().filter(|event| event.starts_with(&format!("{client}.")));
        let sent: Vec<String> = (0..EVENTS).map(|event| format!("{client}.{event}")).collect();
        assert!(own.eq(sent.iter()), "in its order");
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn of_racing_writes_with_one_if_match_exactly_one_wins() {
    const ROUNDS: usize = 30;
    const RACERS: usize = 6;

    let place = Place::new(Kind::Postgres);
    let servers = servers(&place);
    for round in 0..ROUNDS {
        let tag = servers[round % SERVERS].send("GET", WEBHOOK, &[], b"").header("etag").unwrap().to_owned();
        let start = Barrier::new(RACERS);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|racer| {
                    let (server, start, tag) = (&servers[racer % SERVERS], &start, tag.as_str());
                    scope.spawn(move || {
                        start.wait();
                        let body = format!(r#"{{"Name":"{round}.{racer}"}}"#);
                        server.send("PATCH", WEBHOOK, &[("If-Match", tag)], body.as_bytes()).status
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let won = statuses.iter().filter(|status| **status == 200).count();
        let lost = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((won, lost), (1, RACERS - 1), "round {round}: {statuses:?}");
        assert_eq!(place.stored(1).unwrap().1, 2 + round as i64);
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn nothing_is_lost_where_a_server_is_killed_and_postgresql_restarts() {
    const ACKNOWLEDGED: usize = 300;

    let mut cluster = Cluster::start();
    let place = Place { address: Some(cluster.new_database()), ..Place::new(Kind::Sqlite) };
    let servers = servers(&place);
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wait_for = |count: usize| {
        let start = Instant::now();
        while acknowledged.load(Ordering::Relaxed) < count {
            assert!(start.elapsed() < PATIENCE, "nothing is acknowledged any more");
            thread::sleep(Duration::from_millis(5));
        }
    };
    // What each client was told is stored, and what nobody knows about.
    let (kept, unknown): (Vec<_>, Vec<_>) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (servers, acknowledged, is_over) = (&servers, &acknowledged, &is_over);
                scope.spawn(move || {
                    let (mut kept, mut unknown) = (Vec::new(), Vec::new());
                    for number in 0.. {
                        if is_over.load(Ordering::Relaxed) > 0 {
                            break;
                        }
                        let event = format!("{client}.{number}");
                        match servers[client % SERVERS].try_send("PATCH", WEBHOOK, &[], &add(&event)) {
                            Ok(answer) if answer.status == 200 => {
                                acknowledged.fetch_add(1, Ordering::Relaxed);
                                kept.push(event);
                            }
                            Ok(answer) if answer.status == 503 => thread::sleep(Duration::from_millis(20)),
                            Ok(answer) => {
                                assert_eq!(answer.status, 500, "{}", answer.text());
                                unknown.push(event);
                            }
                            Err(_) => {
                                unknown.push(event);
                                break;
                            }
                        }
                    }
                    (kept, unknown)
                })
            })
            .collect();
        wait_for(ACKNOWLEDGED);
        servers[0].signal("KILL");
        wait_for(acknowledged.load(Ordering::Relaxed) + ACKNOWLEDGED);
        cluster.restart();
        wait_for(acknowledged.load(Ordering::Relaxed) + ACKNOWLEDGED);
        is_over.store(1, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).unzip()
    });
    let (kept, unknown): (HashSet<_>, HashSet<_>) =
        (kept.into_iter().flatten().collect(), unknown.into_iter().flatten().collect());
    let events = events(&place);
    let unique: HashSet<String> = events.iter().cloned().collect();
    assert_eq!(unique.len(), events.len(), "nothing is written twice");
    assert!(kept.is_subset(&unique), "lost: {:?}", kept.difference(&unique));
    assert!(unique.is_subset(&kept.union(&unknown).cloned().collect()), "stored, but refused");
    assert!(kept.len() >= 3 * ACKNOWLEDGED, "{}", kept.len());
    // Whoever was not killed goes on, and finds the same.
    assert_eq!(servers[2].send("PATCH", WEBHOOK, &[], &add("last")).status, 200);
    assert_eq!(servers[1].send("GET", WEBHOOK, &[], b"").json()["Events"].as_array().unwrap().len(), events.len() + 1);
}
