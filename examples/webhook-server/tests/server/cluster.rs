//! A PostgreSQL of the tests' own: its own data folder and port, not as root, gone when the tests end.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::harness::PATIENCE;

/// Keeps a postmaster, does what it is told on standard input, and clears up when that ends: also where the tests panic.
const KEEPER: &str = r#"
set -u
trap '' INT TERM
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1); bin=${bin:-$(pg_config --bindir)}
dir=$(mktemp -d); as=
if [ "$(id -u)" = 0 ]; then chown postgres: "$dir"; as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
start() {
    $as "$bin/postgres" -D "$dir/data" -p "$1" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir" \
        -c max_connections=300 >>"$dir/log" 2>&1 </dev/null &
    postmaster=$!
}
$as "$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || cat "$dir/log" >&2
start "$1"
echo started
while read -r command; do
    kill -KILL "$postmaster"; wait "$postmaster"
    # Its children have to be gone before another can start.
    while start "$1"; sleep 0.3; ! kill -0 "$postmaster" 2>/dev/null; do :; done
    echo restarted
done
kill -INT "$postmaster"; wait "$postmaster"
rm -rf "$dir"
"#;

/// A running PostgreSQL.
pub struct Cluster {
    keeper: Child,
    commands: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
    port: u16,
}

static SHARED: OnceLock<Mutex<Cluster>> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// A new database of the PostgreSQL that all tests share.
pub fn new_database() -> String {
    SHARED.get_or_init(|| Mutex::new(Cluster::start())).lock().unwrap().new_database()
}

impl Cluster {
    pub fn start() -> Cluster {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let (commands, said) = (keeper.stdin.take(), BufReader::new(keeper.stdout.take().unwrap()));
        let mut cluster = Cluster { keeper, commands, said, port };
        cluster.wait();
        cluster
    }

    /// A new database, by its address.
    pub fn new_database(&self) -> String {
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        connect(&self.address("postgres")).batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.address(&name)
    }

    /// Ends it as a failing machine does, and starts it again.
    pub fn restart(&mut self) {
        writeln!(self.commands.as_mut().unwrap(), "restart").unwrap();
        self.wait();
    }

    fn address(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn wait(&mut self) {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "PostgreSQL does not start");
        let start = Instant::now();
        while postgres::Client::connect(&self.address("postgres"), postgres::NoTls).is_err() {
            assert!(start.elapsed() < PATIENCE, "PostgreSQL does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.keeper.wait();
    }
}

pub fn connect(address: &str) -> postgres::Client {
    let start = Instant::now();
    loop {
        match postgres::Client::connect(address, postgres::NoTls) {
            Ok(client) => return client,
            Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}
