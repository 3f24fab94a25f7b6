//! Starts servers, speaks to them, and looks into their databases.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use ureq::{Agent, http};

use crate::cluster;

/// How long anything may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The databases that the same tests are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The tests of a module on both databases. Those on PostgreSQL start one, which not every machine can.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(crate::harness::Kind::Sqlite); })+
        }

        mod postgres {
            $(#[test] #[ignore = "needs PostgreSQL"] fn $name() { super::$name(crate::harness::Kind::Postgres); })+
        }
    };
}

pub(crate) use on_both;

/// Where a server keeps its webhooks.
#[derive(Clone)]
pub struct Place {
    /// It runs here.
    pub directory: Arc<TempDir>,
    /// The address of a PostgreSQL; otherwise it is a file in the directory.
    pub address: Option<String>,
}

impl Place {
    pub fn new(kind: Kind) -> Place {
        let directory = Arc::new(TempDir::new().expect("there is a directory for temporary files"));
        Place { directory, address: (kind == Kind::Postgres).then(cluster::new_database) }
    }

    /// A file of SQLite in a directory where other files are, too.
    pub fn in_directory(directory: &Arc<TempDir>) -> Place {
        Place { directory: Arc::clone(directory), address: None }
    }

    pub fn file(&self) -> PathBuf {
        self.directory.path().join("webhooks.db")
    }

    fn connect(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.file()).expect("the server made it");
        connection.busy_timeout(PATIENCE).unwrap();
        connection
    }

    /// Runs statements, as another process would.
    pub fn execute(&self, statements: &str) {
        match &self.address {
            Some(address) => cluster::connect(address).batch_execute(statements).unwrap(),
            None => self.connect().execute_batch(statements).unwrap(),
        }
    }

    /// Puts a webhook there, every member in the order of the table.
    pub fn insert(&self, webhook: &entity_patch::superoffice::Webhook, version: i64) {
        self.insert_json(webhook.webhook_id, &serde_json::to_string(webhook).unwrap(), version);
    }

    pub fn insert_json(&self, id: i32, json: &str, version: i64) {
        const INSERT: &str = "INSERT INTO webhook (id, entity, version) VALUES ($1, $2, $3)";
        match &self.address {
            Some(address) => cluster::connect(address).execute(INSERT, &[&id, &json, &version]).map(|_| ()).unwrap(),
            None => self.connect().execute(INSERT, (id, json, version)).map(|_| ()).unwrap(),
        }
    }

    /// The JSON text and the version of a webhook.
    pub fn stored(&self, id: i32) -> Option<(String, i64)> {
        const SELECT: &str = "SELECT entity, version FROM webhook WHERE id = $1";
        match &self.address {
            Some(address) => {
                let row = cluster::connect(address).query_opt(SELECT, &[&id]).unwrap();
                row.map(|row| (row.get(0), row.get(1)))
            }
            None => self.connect().query_row(SELECT, [id], |row| Ok((row.get(0)?, row.get(1)?))).ok(),
        }
    }

    /// What SQLite finds when it checks the whole database: `ok`.
    pub fn integrity(&self) -> String {
        match &self.address {
            Some(_) => "ok".to_owned(),
            None => self.connect().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap(),
        }
    }

    pub fn journal_mode(&self) -> String {
        self.connect().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
    }
}

/// A running server. It is killed when this is dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:49152`
    pub address: String,
    log: Arc<Mutex<String>>,
    agent: Agent,
    place: Place,
}

impl std::ops::Deref for Server {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("the server sends ASCII"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the server sends UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// The program, with options, in a directory.
pub fn command(directory: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_webhook-server"));
    command.args(options).current_dir(directory).stdin(Stdio::null());
    command
}

impl Server {
    /// Starts a server on a free port, with a new file of SQLite.
    pub fn start(options: &[&str]) -> Server {
        Server::on(Kind::Sqlite, options)
    }

    /// Starts a server on a free port, with a new database.
    pub fn on(kind: Kind, options: &[&str]) -> Server {
        Server::start_in(Place::new(kind), options)
    }

    /// Starts a server with a database that others use, or have used.
    pub fn start_in(place: Place, options: &[&str]) -> Server {
        let database = place.address.as_deref().unwrap_or("webhooks.db");
        let options = [&["--listen", "127.0.0.1:0", "--database", database], options].concat();
        let child = command(place.directory.path(), &options);
        Server::run(child, place)
    }

    /// Starts a server by a command.
    pub fn run(mut command: Command, place: Place) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program is built");
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let collected = Arc::clone(&log);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                collected.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let ready = receiver.recv_timeout(PATIENCE);
        let address =
            ready.ok().and_then(|line| Some(line.strip_prefix("webhook-server listening on http://")?.to_owned()));
        let Some(address) = address else {
            let _ = child.kill();
            panic!("the server is not ready: {}", log.lock().unwrap());
        };
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_idle_connections_per_host(16)
            .build()
            .into();
        Server { child, address, log, agent, place }
    }

    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends a request; an empty body is none.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request = http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body.is_empty() && matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE" | "TRACE") {
            true => self.agent.run(request.body(())?)?,
            false => self.agent.run(request.body(body)?)?,
        };
        let (parts, mut body) = response.into_parts();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.read_to_vec()? })
    }

    /// Sends bytes as they are, and reads until the server closes the connection.
    pub fn send_raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(bytes).expect("the server reads");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// SIGKILL: the process gets no chance to do anything.
    #[cfg(unix)]
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// How it ended, in bounded time.
    pub fn ended(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a process, in bounded time.
pub fn wait(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("the process does not end");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The names of the members of a JSON object, in the order of the text.
pub fn names(json: &str) -> Vec<String> {
    struct Names(Vec<String>);

    impl<'de> serde::de::Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(mut self, mut members: A) -> Result<Vec<String>, A::Error> {
            while let Some((name, _)) = members.next_entry::<String, serde::de::IgnoredAny>()? {
                self.0.push(name);
            }
            Ok(self.0)
        }
    }

    serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_str(json), Names(Vec::new()))
        .unwrap_or_else(|error| panic!("{error}: {json}"))
}
