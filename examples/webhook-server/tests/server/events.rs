//! A webhook whose events many clients add to, and what is left of that.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use entity_patch::superoffice::Webhook;

use crate::harness::{PATIENCE, Place, Server};

pub const WEBHOOK: &str = "/api/v1/Webhook/1";

/// Puts the webhook there, without events: version 1.
pub fn insert_webhook(place: &Place) {
    place.insert(&Webhook { webhook_id: 1, events: Some(Vec::new()), ..Webhook::default() }, 1);
}

/// The JSON Patch that adds an event.
pub fn add(event: &str) -> Vec<u8> {
    format!(r#"[{{"op":"add","path":"/Events/-","value":"{event}"}}]"#).into_bytes()
}

/// The stored events: each was written once, and as one version.
pub fn events(place: &Place) -> Vec<String> {
    let (json, version) = place.stored(1).expect("it is stored");
    let events = serde_json::from_str::<Webhook>(&json).expect("it is a webhook").events.expect("it has events");
    assert_eq!(version, 1 + events.len() as i64, "each write is one version");
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), events.len(), "nothing is written twice");
    events
}

/// Clients, in turns of the servers, that add events of their own. None is lost, and each client's are in its order.
pub fn add_at_once(servers: &[Server], clients: usize, each: usize) {
    let sent_again = AtomicUsize::new(0);
    thread::scope(|scope| {
        for client in 0..clients {
            let (server, sent_again) = (&servers[client % servers.len()], &sent_again);
            scope.spawn(move || {
                for event in 0..each {
                    let body = add(&format!("{client}.{event}"));
                    loop {
                        let answer = server.send("PATCH", WEBHOOK, &[("Prefer", "return=minimal")], &body);
                        match answer.status {
                            204 => break,
                            // Not written: the client is asked to come again.
                            503 => assert!(sent_again.fetch_add(1, Ordering::Relaxed) < clients * each),
                            _ => panic!("{}: {}", answer.status, answer.text()),
                        }
                    }
                }
            });
        }
    });
    let events = events(&servers[0]);
    assert_eq!(events.len(), clients * each);
    for client in 0..clients {
        let own = events.iter().filter(|event| event.starts_with(&format!("{client}.")));
        let sent: Vec<String> = (0..each).map(|event| format!("{client}.{event}")).collect();
        assert!(own.eq(sent.iter()), "in its order");
    }
}

/// Clients, in turns of the servers, that add events of their own while something happens, which is given a way to wait
/// until so many more are acknowledged. Returns what is known to be stored, and what nobody knows about: at most one event
/// of each client for each time that a server or a database ended.
pub fn add_while(
    servers: &[Server],
    clients: usize,
    round: usize,
    happens: impl FnOnce(&dyn Fn(usize)),
) -> (HashSet<String>, HashSet<String>) {
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let add_some = |client: usize| {
        let (mut kept, mut unknown) = (Vec::new(), Vec::new());
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let event = format!("{round}.{client}.{number}");
            match servers[client % servers.len()].try_send("PATCH", WEBHOOK, &[], &add(&event)) {
                Ok(answer) if answer.status == 200 => {
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    kept.push(event);
                }
                Ok(answer) if answer.status == 503 => thread::sleep(Duration::from_millis(20)),
                Ok(answer) => {
                    assert!(
                        answer.status == 500 && answer.text().contains("the connection broke"),
                        "{}",
                        answer.text()
                    );
                    unknown.push(event);
                }
                Err(_) => {
                    unknown.push(event);
                    break;
                }
            }
        }
        (kept, unknown)
    };
    let (kept, unknown): (Vec<_>, Vec<_>) = thread::scope(|scope| {
        let add_some = &add_some;
        let clients: Vec<_> = (0..clients).map(|client| scope.spawn(move || add_some(client))).collect();
        happens(&|more| {
            let (start, before) = (Instant::now(), acknowledged.load(Ordering::Relaxed));
            while acknowledged.load(Ordering::Relaxed) < before + more {
                if start.elapsed() > PATIENCE {
                    is_over.store(true, Ordering::Relaxed);
                    panic!("nothing is acknowledged any more");
                }
                thread::sleep(Duration::from_millis(1));
            }
        });
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).unzip()
    });
    (kept.into_iter().flatten().collect(), unknown.into_iter().flatten().collect())
}

/// What is stored: all that was acknowledged, and otherwise only what nobody knows about.
pub fn nothing_is_lost(place: &Place, kept: &HashSet<String>, unknown: &HashSet<String>) -> Vec<String> {
    let stored = events(place);
    let unique: HashSet<String> = stored.iter().cloned().collect();
    assert!(kept.is_subset(&unique), "lost: {:?}", kept.difference(&unique));
    assert!(unique.is_subset(&kept.union(unknown).cloned().collect()), "stored, but refused");
    stored
}
