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

/// How long anything may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. It is killed when this is dropped.
pub struct Server {
    child: Child,
    /// `127.0.0.1:49152`
    pub address: String,
    log: Arc<Mutex<String>>,
    agent: Agent,
    directory: Arc<TempDir>,
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
    /// Starts a server on a free port, with a new database.
    pub fn start(options: &[&str]) -> Server {
        let directory = TempDir::new().expect("there is a directory for temporary files");
        Server::start_in(Arc::new(directory), options)
    }

    /// Starts a server again with the same database.
    pub fn start_in(directory: Arc<TempDir>, options: &[&str]) -> Server {
        let options = [&["--listen", "127.0.0.1:0"], options].concat();
        let mut child = command(directory.path(), &options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program is built");
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
        Server { child, address, log, agent, directory }
    }

    pub fn directory(&self) -> Arc<TempDir> {
        Arc::clone(&self.directory)
    }

    pub fn database(&self) -> PathBuf {
        self.directory.path().join("webhooks.db")
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

    fn connect(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.database()).expect("the server made it");
        connection.busy_timeout(PATIENCE).unwrap();
        connection
    }

    /// Puts a webhook into the database, every member in the order of the table.
    pub fn insert(&self, webhook: &entity_patch::superoffice::Webhook, version: i64) {
        let updated = webhook.updated.as_ref().map(|updated| updated.as_str());
        let json = serde_json::to_string(webhook).unwrap();
        self.connect()
            .execute(
                "INSERT INTO webhook (id, entity, version, updated) VALUES (?1, ?2, ?3, ?4)",
                (webhook.webhook_id, json, version, updated),
            )
            .unwrap();
    }

    /// Runs statements on its database, as another process would.
    pub fn execute(&self, statements: &str) {
        self.connect().execute_batch(statements).unwrap();
    }

    /// The JSON text and the version of a webhook.
    pub fn stored(&self, id: i32) -> Option<(String, i64)> {
        let row = self
            .connect()
            .query_row("SELECT entity, version FROM webhook WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?)));
        row.ok()
    }

    /// What SQLite finds when it checks the whole database: `ok`.
    pub fn integrity(&self) -> String {
        self.connect().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
    }

    pub fn journal_mode(&self) -> String {
        self.connect().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
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
