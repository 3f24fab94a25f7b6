//! The vendor's client, npm `@superoffice/webapi`, against the server with its default options.

use std::{path::Path, process::Command};

use crate::harness::{Kind, Server};

fn check(kind: Kind) {
    let server = Server::on(kind, &[]);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/client");
    let run = Command::new("node")
        .args(["client.js", &format!("http://{}", server.address)])
        .current_dir(directory)
        .output()
        .expect("there is Node");
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{}", server.log());
    // Neither test is left out.
    assert!(said.contains("# pass 2"), "{said}");
}

#[test]
#[ignore = "needs Node, and `npm ci` in tests/client"]
fn the_vendors_client_works_on_sqlite() {
    check(Kind::Sqlite);
}

#[test]
#[ignore = "needs PostgreSQL and Node, and `npm ci` in tests/client"]
fn the_vendors_client_works_on_postgresql() {
    check(Kind::Postgres);
}
