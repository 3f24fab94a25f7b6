//! Several servers on one PostgreSQL.

use std::{sync::Barrier, thread};

use crate::{
    cluster::Cluster,
    events::{WEBHOOK, add, add_at_once, add_while, insert_webhook, nothing_is_lost},
    harness::{Kind, Place, Server},
};

const SERVERS: usize = 3;
const CLIENTS: usize = 24;

fn servers(place: &Place) -> Vec<Server> {
    // All at once: each may find no table.
    let servers: Vec<Server> = thread::scope(|scope| {
        let starting: Vec<_> = (0..SERVERS).map(|_| scope.spawn(|| Server::start_in(place.clone(), &[]))).collect();
        starting.into_iter().map(|server| server.join().unwrap()).collect()
    });
    insert_webhook(place);
    servers
}

#[test]
#[ignore = "needs PostgreSQL"]
fn twenty_four_clients_that_add_100_events_each_end_with_2400() {
    let place = Place::new(Kind::Postgres);
    add_at_once(&servers(&place), CLIENTS, 100);
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
    let (kept, unknown) = add_while(&servers, CLIENTS, 0, |wait_for| {
        wait_for(ACKNOWLEDGED);
        servers[0].signal("KILL");
        wait_for(ACKNOWLEDGED);
        cluster.restart();
        wait_for(ACKNOWLEDGED);
    });
    assert!(kept.len() >= 3 * ACKNOWLEDGED, "{}", kept.len());
    let stored = nothing_is_lost(&place, &kept, &unknown);
    // Whoever was not killed goes on, and finds the same.
    assert_eq!(servers[2].send("PATCH", WEBHOOK, &[], &add("last")).status, 200);
    assert_eq!(servers[1].send("GET", WEBHOOK, &[], b"").json()["Events"].as_array().unwrap().len(), stored.len() + 1);
}
