//! SQLite. Threads own the connections, one for writes and several for reads, and requests wait without a thread of
//! their own: a write that another process holds up keeps no read waiting.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Instant,
};

use entity_patch::http::{ProblemDetails, axum::Store};
use rusqlite::{Connection, Error, ErrorCode, OptionalExtension, Row, TransactionBehavior};
use tokio::sync::oneshot;

use crate::storage::{Database, LAYOUT, PAGE, PATIENCE, Stored, failed, full, stored, too_busy};

/// Threads that read.
const READERS: usize = 4;

/// An open database.
///
/// The fields are dropped in their order: SQLite writes the log back when the last connection is closed, but not where
/// two are closed at the same time, so that each waits for the other's lock.
pub struct Sqlite {
    readers: Worker,
    writer: Worker,
}

impl Sqlite {
    /// Opens a database, or creates it, readable by its owner alone, since it holds secrets.
    pub fn open(file: &Path) -> Result<Sqlite, String> {
        create_private(file);
        let open = || connect(file).map_err(|error| error.to_string());
        let writer = open()?;
        let layout: i64 =
            writer.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|error| error.to_string())?;
        match layout.to_string() {
            _ if layout == 0 => writer
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE;
                     CREATE TABLE IF NOT EXISTS webhook (
                         id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
                         entity TEXT NOT NULL,
                         version INTEGER NOT NULL
                     ) STRICT;
                     PRAGMA user_version = {LAYOUT};
                     COMMIT;"
                ))
                .map_err(|error| error.to_string())?,
            layout if layout == LAYOUT => {}
            layout => return Err(format!("its layout is {layout}, and not {LAYOUT}")),
        }
        let readers = (0..READERS).map(|_| open()).collect::<Result<_, _>>()?;
        Ok(Sqlite { readers: Worker::start(readers), writer: Worker::start(vec![writer]) })
    }
}

impl Store for Sqlite {
    type Key = i32;
    type Error = ProblemDetails;

    async fn get(&self, &id: &i32) -> Result<Option<Stored>, ProblemDetails> {
        let read = move |connection: &mut Connection| {
            let mut statement = connection.prepare_cached("SELECT entity, version FROM webhook WHERE id = ?1")?;
            statement.query_row([id], |row| row_at(row, 0)).optional()
        };
        self.readers.run(move |connection| read(connection).map_err(problem)).await
    }

    async fn swap(&self, &id: &i32, version: u64, json: Vec<u8>) -> Result<Option<Stored>, ProblemDetails> {
        const SWAP: &str = "UPDATE webhook SET entity = CAST(?3 AS TEXT), version = version + 1
                            WHERE id = ?1 AND version = ?2";
        let write = move |connection: &mut Connection| {
            let mut statement = connection.prepare_cached(SWAP)?;
            let written = statement.execute((id, version.cast_signed(), &json))?;
            Ok((written == 1).then(|| stored(json, version + 1)))
        };
        self.writer.run(move |connection| write(connection).map_err(problem)).await
    }
}

impl Database for Sqlite {
    async fn insert<F>(&self, json: F) -> Result<Stored, ProblemDetails>
    where
        F: FnOnce(i32) -> Result<Vec<u8>, ProblemDetails> + Send + 'static,
    {
        const INSERT: &str = "INSERT INTO webhook (entity, version) VALUES ('', 1) RETURNING id";
        const FILL: &str = "UPDATE webhook SET entity = CAST(?2 AS TEXT) WHERE id = ?1";
        let write = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(problem)?;
            let id = transaction.query_row(INSERT, [], |row| row.get(0)).map_err(|error| {
                match error.sqlite_error_code() {
                    // The next id is above those that the table takes.
                    Some(ErrorCode::ConstraintViolation) => full(),
                    _ => problem(error),
                }
            })?;
            let json = json(id)?;
            transaction.execute(FILL, (id, &json)).map_err(problem)?;
            transaction.commit().map_err(problem)?;
            Ok(stored(json, 1))
        };
        self.writer.run(write).await
    }

    async fn delete(&self, id: i32, version: u64) -> Result<bool, ProblemDetails> {
        const DELETE: &str = "DELETE FROM webhook WHERE id = ?1 AND version = ?2";
        let write = move |connection: &mut Connection| connection.execute(DELETE, (id, version.cast_signed()));
        Ok(self.writer.run(move |connection| write(connection).map_err(problem)).await? == 1)
    }

    async fn page(&self, after: i32) -> Result<Vec<(i32, Stored)>, ProblemDetails> {
        const SELECT: &str = "SELECT id, entity, version FROM webhook WHERE id > ?1 ORDER BY id LIMIT ?2";
        let read = move |connection: &mut Connection| {
            let mut statement = connection.prepare_cached(SELECT)?;
            let rows = statement.query_map((after, PAGE), |row| Ok((row.get(0)?, row_at(row, 1)?)))?;
            rows.collect::<Result<Vec<_>, Error>>()
        };
        self.readers.run(move |connection| read(connection).map_err(problem)).await
    }
}

/// What begins at a column: the entity and its version.
fn row_at(row: &Row<'_>, column: usize) -> Result<Stored, Error> {
    let (json, version): (String, i64) = (row.get(column)?, row.get(column + 1)?);
    Ok(stored(json.into_bytes(), version.unsigned_abs()))
}

/// A connection on which a commit is durable when it returns: WAL with full synchronisation.
fn connect(file: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Creates the file if there is none; whether that worked, opening it will tell.
fn create_private(file: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(file);
}

fn problem(error: Error) -> ProblemDetails {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => too_busy("another process holds the database"),
        Some(code) => failed(format_args!("SQLite says {code:?}")),
        None => failed("a row does not have the types of the layout"),
    }
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Threads that share a queue of jobs. They finish it before this is dropped, and close their connections.
struct Worker {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    fn start(connections: Vec<Connection>) -> Worker {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = connections.into_iter().map(|mut connection| {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    job(&mut connection);
                }
            })
        });
        Worker { jobs: Some(jobs), threads: threads.collect() }
    }

    /// Runs a job in its turn, and not at all where its turn comes too late.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, ProblemDetails> + Send + 'static,
    ) -> Result<T, ProblemDetails> {
        let (sender, receiver) = oneshot::channel();
        let deadline = Instant::now() + PATIENCE;
        let job = move |connection: &mut Connection| {
            let is_late = Instant::now() > deadline;
            let answer = if is_late { Err(too_busy("too many wait for the database")) } else { job(connection) };
            let _ = sender.send(answer);
        };
        let stopped = || failed("its thread has ended");
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Box::new(job)).map_err(|_| stopped())?;
        receiver.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
